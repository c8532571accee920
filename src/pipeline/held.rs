//! Asks again for pages that were asked for in vain, whether or not a feed still lists their
//! entries.

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::entry::page_text::{self, PageText, Wanted};
use super::entry::{Address, Publisher};
use super::{Pipeline, canonicalize, judge};
use crate::config::WantedText;
use crate::model::{
    Candidate, CanonicalUrl, Choice, ChoiceReason, FeedUrl, HoldReason, Text, TextSource,
};
use crate::schedule;
use crate::store::{HeldPage, HeldPages, LateEntry, PagesOf, StoreError};

/// How many pages are asked for at once; they are of many hosts.
const PAGES_AT_ONCE: usize = 16;

/// How many pages are taken from the queue in one go.
const TAKEN_AT_ONCE: usize = 64;

/// What came of asking again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retried {
    /// How many pages were asked for again.
    pub asked: u64,
    /// How many gave a text at last.
    pub found: u64,
}

impl std::ops::AddAssign for Retried {
    fn add_assign(&mut self, more: Self) {
        self.asked += more.asked;
        self.found += more.found;
    }
}

impl Pipeline {
    /// Asks again for pages whose time has come (of some feeds, or of all), at most
    /// `text.held_pages_per_pass`, until told to stop.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn retry_held(
        &self,
        feeds: Option<Vec<FeedUrl>>,
        now: DateTime<Utc>,
        stop: &CancellationToken,
    ) -> Result<Retried, StoreError> {
        let mut retried = Retried::default();
        let mut wanted = HeldPages {
            now,
            feeds: self.pages_of(feeds),
            at_most: TAKEN_AT_ONCE,
            tries_max: u32::try_from(self.text.page_tries).unwrap_or(u32::MAX),
            rest: schedule::page_rest,
        };
        let mut left = usize::try_from(self.text.held_pages_per_pass).unwrap_or(usize::MAX);
        while left > 0 && !stop.is_cancelled() {
            wanted.at_most = left.min(TAKEN_AT_ONCE);
            let pages = self.store.take_held_pages(wanted.clone()).await?;
            if pages.is_empty() {
                break;
            }
            left = left.saturating_sub(pages.len());
            retried.asked += pages.len() as u64;
            let mut asked = stream::iter(pages)
                .map(async |page| self.retry(page, now).await)
                .buffer_unordered(PAGES_AT_ONCE);
            while let Some(found) = asked.next().await {
                retried.found += u64::from(found?);
            }
        }
        Ok(retried)
    }

    /// Of feeds, or of all, those whose pages the operator still wants.
    fn pages_of(&self, feeds: Option<Vec<FeedUrl>>) -> PagesOf {
        let wants = |feed: &FeedUrl| self.wanted_text(self.declared.get(feed)) != WantedText::Feed;
        let declared = || self.declared.keys().cloned();
        match feeds {
            Some(feeds) => PagesOf::Only(feeds.into_iter().filter(wants).collect()),
            None if self.text.fetch_pages => {
                PagesOf::AllBut(declared().filter(|feed| !wants(feed)).collect())
            }
            None => PagesOf::Only(declared().filter(wants).collect()),
        }
    }

    /// Asks again for one page; answers whether it gave a text.
    async fn retry(&self, held: HeldPage, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let Ok(url) = Url::parse(&held.url) else { return Ok(false) };
        let selection = self.declared.get(&held.feed_url).map(|feed| feed.selection.clone());
        let wanted = Wanted { title: held.title.clone(), selection: selection.unwrap_or_default() };
        let page = match page_text::read(self, &url, wanted, None).await {
            Ok(page) => page,
            Err(reason) => return self.store.still_held(&held, reason).await.map(|()| false),
        };
        match &page.on_page.fingerprint {
            Err(reason) => {
                let reason = match reason {
                    HoldReason::Empty | HoldReason::Short => HoldReason::PageUnreadable,
                    other => *other,
                };
                self.store.still_held(&held, reason).await.map(|()| false)
            }
            Ok(fingerprint) if fingerprint.words < held.words => Ok(false),
            Ok(_) => {
                let late = LateEntry {
                    feed: held.feed,
                    candidate: self.late(&held, page),
                    now,
                    near_since: self.duplicates.near_since(now),
                };
                let admitted = self.store.admit_held_page(&held, late, judge::judge).await?;
                Ok(admitted.is_some())
            }
        }
    }

    /// The entry with the text that came late.
    fn late(&self, held: &HeldPage, page: PageText) -> Candidate {
        let url = CanonicalUrl::from_canonical(held.url.clone());
        let mut address = Address {
            keys: vec![canonicalize::key(&url)],
            url: Some(url),
            standing: held.standing,
            page: None,
            is_pending: false,
            is_copy: held.copied,
            own: None,
        };
        let PageText { on_page, received, url } = page;
        for declared in [Some(&url), on_page.canonical.as_ref()].into_iter().flatten() {
            address.adopt(declared, &self.trackers);
        }
        let uncut_rule = on_page.uncut;
        let text = match on_page.fingerprint {
            Ok(fingerprint) => {
                Text::Usable { body: on_page.body, fingerprint, source: TextSource::Page }
            }
            Err(reason) => Text::Unusable { reason, summary: String::new() },
        };
        let title = Some(held.title.clone()).filter(|title| !title.is_empty()).or(on_page.title);
        let title = title.unwrap_or_default();
        Candidate {
            entry_key: held.entry_key.clone(),
            entry_sha256: held.entry_sha256.clone(),
            headline: Publisher::of(&address, None, held.feed_title.clone())
                .and_then(|publisher| publisher.headline(&title)),
            title,
            author: held.author.clone().or(on_page.author),
            language: held.language.clone().or(on_page.language),
            published_at: held.published_at.or(on_page.published),
            link: held.link.clone(),
            target: held.target.clone(),
            url: address.url,
            url_keys: address.keys,
            standing: address.standing,
            copied: held.copied,
            own: None,
            source_link: held.source_link.clone(),
            text,
            removed: on_page.removed,
            rules_version: self.rules.version().to_owned(),
            received: received.into_iter().collect(),
            choice: Choice { reason: ChoiceReason::FeedIsShort, next_try_at: None, uncut_rule },
        }
    }
}
