//! Finds an entry's text: the feed's own where it is the full text, else the page's.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::debug;

use super::super::clean::{self, Cleaned, Context, Rules};
use super::super::page::{self, FetchedPage, PageError};
use super::super::threads::on_thread;
use super::super::{Pipeline, fingerprint};
use super::Address;
use super::on_page::{self, OnPage};
use crate::model::{
    Entry, FeedDocument, Fingerprint, HoldReason, Received, Removed, Text, TextSource,
};
use crate::text::shingles::Span;
use crate::text::tokens::tokens;
use crate::text::{decode, html, packed};

/// The text a feed gives of an entry, cleaned and measured.
#[derive(Debug)]
pub(super) struct InFeed {
    cleaned: Cleaned,
    fingerprint: Result<Fingerprint, HoldReason>,
    is_full: bool,
    received: Option<Received>,
}

/// The text chosen for an entry, and what its page said beside.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) text: Text,
    pub(super) removed: Vec<Removed>,
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) language: Option<String>,
    pub(super) published: Option<DateTime<Utc>>,
    /// What the text was read from, as far as it is kept.
    pub(super) received: Vec<Received>,
}

impl InFeed {
    /// The link to the original that stood in the boilerplate of a copy.
    pub(super) fn source_link(&self) -> Option<&str> {
        self.cleaned.source_link.as_deref()
    }
}

/// Reads the text that the feed itself gives of an entry.
pub(super) async fn in_feed(pipeline: &Pipeline, entry: &Entry, document: &FeedDocument) -> InFeed {
    let written = entry.content.iter().map(|content| &content.value).chain(&entry.summary);
    let written = written.max_by_key(|text| text.len()).cloned().unwrap_or_default();
    let entry_title = entry.title.clone().unwrap_or_default();
    let feed_title = document.title.clone();
    let link = entry.link.clone();
    let rules = Arc::clone(&pipeline.rules);
    let full_from = full_text_span(pipeline.text.full_text_min_words);
    let is_kept = pipeline.text.keep_received_days > 0;
    on_thread(move || {
        let context = Context {
            title: &entry_title,
            feed_title: feed_title.as_deref(),
            url: link.as_deref(),
        };
        let cleaned = clean_markup(&written, &context, &rules);
        let is_full = is_full(&cleaned.body, full_from);
        let received = received(TextSource::Feed, &written, None).filter(|_| is_kept);
        InFeed {
            fingerprint: fingerprint::of(&cleaned.body, fingerprint::ARTICLE),
            is_full,
            cleaned,
            received,
        }
    })
    .await
}

/// Chooses between the feed's text and the page's, asking for the page where it may help.
pub(super) async fn best(
    pipeline: &Pipeline,
    in_feed: InFeed,
    address: &mut Address,
    entry: &Entry,
) -> Body {
    if in_feed.is_full && in_feed.fingerprint.is_ok() {
        return Body::of_feed(in_feed, None);
    }
    let page_url = address.page.clone().filter(|_| pipeline.text.fetch_pages);
    let Some(url) = page_url else {
        let pending = address.is_pending.then_some(HoldReason::LinkPending);
        return Body::of_feed(in_feed, pending);
    };
    let page = match page::article(&pipeline.http, &url).await {
        Ok(page) => page,
        Err(error) => {
            debug!(%url, %error, "page not fetched");
            let reason = match error {
                PageError::Robots => HoldReason::PageRefused,
                _ => HoldReason::PageFailed,
            };
            return Body::of_feed(in_feed, Some(reason));
        }
    };
    let reached = page.url.to_string();
    let title = entry.title.clone().unwrap_or_default();
    let rules = Arc::clone(&pipeline.rules);
    let is_kept = pipeline.text.keep_received_days > 0;
    let Some((on_page, received)) = on_thread(move || read(&page, &title, &rules, is_kept)).await
    else {
        return Body::of_feed(in_feed, Some(HoldReason::PageUnreadable));
    };
    for declared in [Some(&reached), on_page.canonical.as_ref()].into_iter().flatten() {
        address.adopt(declared, &pipeline.trackers);
    }
    let mut body = Body::the_longer(in_feed, on_page);
    body.received.extend(received);
    body
}

/// Reads the article on a page, and packs the page if it is to be kept.
fn read(
    page: &FetchedPage,
    entry_title: &str,
    rules: &Rules,
    is_kept: bool,
) -> Option<(OnPage, Option<Received>)> {
    let html = html::essence::of(&decode::page(&page.bytes, page.content_type.as_deref()));
    let on_page = on_page::read(&html, page.url.as_str(), entry_title, rules)
        .inspect_err(|error| debug!(url = %page.url, %error, "page not read"))
        .ok()?;
    let received = is_kept.then(|| received(TextSource::Page, &html, Some(page))).flatten();
    Some((on_page, received))
}

/// A text as it came, packed; `None` if there is none or it is too large to be kept.
fn received(kind: TextSource, text: &str, page: Option<&FetchedPage>) -> Option<Received> {
    if text.is_empty() {
        return None;
    }
    Some(Received {
        kind,
        url: page.map(|page| page.url.to_string()),
        text: packed::pack(text)?,
        validators: page.map(|page| page.validators.clone()).unwrap_or_default(),
    })
}

impl Body {
    /// The feed's text. Without a usable one, `why_no_page` explains better than "short" does.
    fn of_feed(in_feed: InFeed, why_no_page: Option<HoldReason>) -> Self {
        let InFeed { cleaned, fingerprint, received, .. } = in_feed;
        let received = received.into_iter().collect();
        let text = match fingerprint {
            Ok(fingerprint) => {
                Text::Usable { body: cleaned.body, fingerprint, source: TextSource::Feed }
            }
            Err(reason) => {
                Text::Unusable { reason: why_no_page.unwrap_or(reason), summary: cleaned.body }
            }
        };
        let removed = cleaned.removed;
        Self { text, removed, title: None, author: None, language: None, published: None, received }
    }

    /// The page's text, unless the feed's is usable and longer.
    fn the_longer(in_feed: InFeed, on_page: OnPage) -> Self {
        let words = |found: &Result<Fingerprint, HoldReason>| {
            found.as_ref().map_or(0, |fingerprint| fingerprint.words)
        };
        let OnPage { title, author, language, published, .. } = on_page;
        let feed_is_longer = words(&in_feed.fingerprint) > words(&on_page.fingerprint);
        let chosen = match on_page.fingerprint {
            Ok(fingerprint) if !feed_is_longer => {
                let body = on_page.body;
                let text = Text::Usable { body, fingerprint, source: TextSource::Page };
                Self {
                    text,
                    removed: on_page.removed,
                    title: None,
                    author: None,
                    language: None,
                    published: None,
                    received: in_feed.received.into_iter().collect(),
                }
            }
            Ok(_) => Self::of_feed(in_feed, None),
            Err(_) => Self::of_feed(in_feed, Some(HoldReason::PageUnreadable)),
        };
        Self { title, author, language, published, ..chosen }
    }
}

/// A feed's field is HTML, or plain text with entities; only lines tell paragraphs of the latter.
pub(super) fn clean_markup(written: &str, context: &Context<'_>, rules: &Rules) -> Cleaned {
    if written.contains('<') {
        return clean::html(written, context, rules);
    }
    let lines: Vec<String> = written.lines().map(html::plain_text).collect();
    clean::text(&lines.join("\n"), context, rules)
}

fn full_text_span(words: u64) -> Span {
    let words = usize::try_from(words).unwrap_or(usize::MAX);
    // The proportion of the least usable body: 120 characters for 48 words.
    Span { words, characters: words.saturating_mul(5) / 2 }
}

/// Whether a text is long enough to be the whole article and does not break off.
fn is_full(body: &str, full_from: Span) -> bool {
    const BREAKS_OFF: [&str; 4] = ["…", "...", "[…]", "[...]"];
    let tokens = tokens(body);
    tokens.list().len() >= full_from.of(tokens.list())
        && !BREAKS_OFF.iter().any(|mark| body.trim_end().ends_with(mark))
}
