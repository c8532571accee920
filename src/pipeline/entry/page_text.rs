//! Asks for an article's page and reads it: as it is now, or as it was kept if nothing changed.

use std::sync::Arc;

use tracing::debug;
use url::Url;

use super::super::Pipeline;
use super::super::clean::Rules;
use super::super::page::{self, Asked, PageError};
use super::on_page::{self, OnPage};
use crate::model::{HoldReason, Received, TextSource, Validators};
use crate::store::KeptPage;
use crate::text::html::essence;
use crate::text::html::selection::Selection;
use crate::text::{decode, packed};
use crate::threads::on_core;

/// A page as it was read.
#[derive(Debug)]
pub(in crate::pipeline) struct PageText {
    /// The article on it.
    pub(in crate::pipeline) on_page: OnPage,
    /// The page itself, if it is to be kept.
    pub(in crate::pipeline) received: Option<Received>,
    /// The address that answered.
    pub(in crate::pipeline) url: String,
}

/// What a feed calls an entry, and what its operator selected of its pages.
#[derive(Debug, Clone, Default)]
pub(in crate::pipeline) struct Wanted {
    pub(in crate::pipeline) title: String,
    pub(in crate::pipeline) selection: Selection,
}

/// Asks for the page at `url`, conditionally if it was kept, and reads the article on it.
///
/// # Errors
/// Why there is no page to read a text from.
pub(in crate::pipeline) async fn read(
    pipeline: &Pipeline,
    url: &Url,
    wanted: Wanted,
    kept: Option<KeptPage>,
) -> Result<PageText, HoldReason> {
    let validators = kept.as_ref().map(|kept| kept.validators.clone()).unwrap_or_default();
    let asked = page::article(&pipeline.http, url, &validators).await.map_err(|error| {
        debug!(%url, %error, "page not fetched");
        match error {
            PageError::Robots => HoldReason::PageRefused,
            _ => HoldReason::PageFailed,
        }
    })?;
    let rules = Arc::clone(&pipeline.rules);
    let is_kept = pipeline.text.keep_received_days > 0;
    let max_bytes = usize::try_from(pipeline.http.page_max_bytes()).unwrap_or(usize::MAX);
    on_core(move || {
        let page = Page::of(asked, kept, max_bytes)?;
        let on_page = page.read(&wanted, &rules)?;
        let received = is_kept.then(|| page.received()).flatten();
        Some(PageText { on_page, received, url: page.url })
    })
    .await
    .ok_or(HoldReason::PageUnreadable)
}

/// A page without what nobody reads.
struct Page {
    essence: String,
    url: String,
    validators: Validators,
}

impl Page {
    /// The page that came, or the one that was kept if nothing changed since.
    fn of(asked: Asked, kept: Option<KeptPage>, max_bytes: usize) -> Option<Self> {
        match asked {
            Asked::Page(page) => {
                let html = decode::page(&page.bytes, page.content_type.as_deref());
                let (essence, url) = (essence::of(&html), page.url.into());
                Some(Self { essence, url, validators: page.validators })
            }
            Asked::NotModified => {
                let kept = kept?;
                let unpacked = packed::unpack(&kept.frame, max_bytes);
                let essence = unpacked
                    .inspect_err(|error| debug!(url = kept.url, %error, "kept page not read"))
                    .ok()?;
                Some(Self { essence, url: kept.url, validators: kept.validators })
            }
        }
    }

    fn read(&self, wanted: &Wanted, rules: &Rules) -> Option<OnPage> {
        on_page::read(&self.essence, &self.url, &wanted.title, &wanted.selection, rules)
            .inspect_err(|error| debug!(url = self.url, %error, "page not read"))
            .ok()
    }

    fn received(&self) -> Option<Received> {
        let (url, validators) = (Some(self.url.clone()), self.validators.clone());
        received(TextSource::Page, &self.essence, url, validators)
    }
}

/// A text as it came, packed; `None` if there is none or it is too large to be kept.
pub(super) fn received(
    kind: TextSource,
    text: &str,
    url: Option<String>,
    validators: Validators,
) -> Option<Received> {
    if text.is_empty() {
        return None;
    }
    Some(Received { kind, url, text: packed::pack(text)?, validators })
}
