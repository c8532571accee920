//! Leads one entry down its road: link, text, fingerprint, until it can be judged.
//!
//! ```text
//! unwrap ─► resolve ─► canonicalize ─► the feed's text ─► clean ─► the page, where that is no full
//! text ─► extract ─► clean ─► fingerprint
//! ```

mod address;
mod body;
pub mod on_page;
pub(super) mod page_text;

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, sleep_until};

use super::{Pipeline, resolve};
use crate::config::{DeclaredFeed, WantedText};
use crate::model::{Candidate, Entry, FeedDocument, Standing};
use crate::store::{ClaimedFeed, StoreError};
pub(super) use address::Address;

/// What the entries of one document have in common on their road.
pub(super) struct Road<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) feed: &'a ClaimedFeed,
    pub(super) document: &'a FeedDocument,
    pub(super) now: DateTime<Utc>,
    /// How many pages may still be asked for.
    pages_left: AtomicU64,
}

impl<'a> Road<'a> {
    pub(super) fn new(
        pipeline: &'a Pipeline,
        feed: &'a ClaimedFeed,
        document: &'a FeedDocument,
        now: DateTime<Utc>,
    ) -> Self {
        let pages_left = AtomicU64::new(pipeline.text.pages_per_poll);
        Self { pipeline, feed, document, now, pages_left }
    }

    fn declared(&self) -> Option<&'a DeclaredFeed> {
        self.pipeline.declared.get(&self.feed.url)
    }

    /// Which text the operator wants.
    fn wanted(&self) -> WantedText {
        match self.declared().map(|feed| feed.text).unwrap_or_default() {
            WantedText::Auto if !self.pipeline.text.fetch_pages => WantedText::Feed,
            wanted => wanted,
        }
    }

    /// Whether one more page may be asked for at this poll.
    fn take_page(&self) -> bool {
        let one_less = |left: u64| left.checked_sub(1);
        self.pages_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }
}

/// Leads entries down their road, a few at once, until the deadline; answers those that came to
/// its end, in their order.
///
/// # Errors
/// When the store fails.
pub(super) async fn candidates(
    road: &Road<'_>,
    entries: Vec<Entry>,
    deadline: Instant,
) -> Result<Vec<Candidate>, StoreError> {
    let at_once = usize::try_from(road.pipeline.text.entries_at_once).unwrap_or(1);
    let prepared: Vec<_> = stream::iter(entries.into_iter().enumerate())
        .map(async |(place, entry)| (place, candidate(road, entry).await))
        .buffer_unordered(at_once)
        .take_until(sleep_until(deadline))
        .collect()
        .await;
    let mut candidates = Vec::with_capacity(prepared.len());
    for (place, candidate) in prepared {
        candidates.extend(candidate?.map(|candidate| (place, candidate)));
    }
    candidates.sort_by_key(|(place, _)| *place);
    Ok(candidates.into_iter().map(|(_, candidate)| candidate).collect())
}

/// Follows an entry's link and finds its text; `None` if that needs a page more than may be asked
/// for at this poll.
///
/// A link that cannot be followed or a page that cannot be read leaves the entry as good as it can
/// be without.
async fn candidate(road: &Road<'_>, entry: Entry) -> Result<Option<Candidate>, StoreError> {
    let Road { pipeline, document, now, .. } = *road;
    let means = resolve::Means {
        wrappers: &pipeline.wrappers,
        http: pipeline.links.follow_redirectors.then_some(&*pipeline.http),
        store: &*pipeline.store,
        hops_max: usize::try_from(pipeline.links.hops_max).unwrap_or(usize::MAX),
        now,
    };
    let in_feed = body::in_feed(pipeline, &entry, document).await;
    let source_link = in_feed.source_link().map(str::to_owned);
    let link = follow(entry.link.as_deref(), means).await?;
    let source = follow(source_link.as_deref(), means).await?;
    let mut address =
        Address::of(link.as_ref(), source.as_ref(), entry.link_is_shared, &pipeline.trackers);
    let Some(best) = body::best(road, in_feed, &mut address, &entry).await? else {
        return Ok(None);
    };
    Ok(Some(Candidate {
        entry_key: entry.key,
        entry_sha256: entry.sha256,
        title: entry.title.or(best.title).unwrap_or_default(),
        author: entry.authors.into_iter().find_map(|author| author.name).or(best.author),
        language: entry.language.or_else(|| document.language.clone()).or(best.language),
        published_at: entry.published.or(entry.updated).or(best.published),
        link: entry.link,
        target: link.filter(|link| link.pending.is_none()).map(|link| link.target),
        url: address.url,
        url_keys: address.keys,
        standing: address.standing,
        copied: source_link.is_some() || address.standing == Standing::Copy,
        source_link,
        text: best.text,
        removed: best.removed,
        rules_version: pipeline.rules.version().to_owned(),
        received: best.received,
        choice: best.choice,
    }))
}

async fn follow(
    link: Option<&str>,
    means: resolve::Means<'_>,
) -> Result<Option<resolve::Resolved>, StoreError> {
    match link {
        Some(link) => resolve::link(link, means).await.map(Some),
        None => Ok(None),
    }
}
