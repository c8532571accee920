//! Leads one entry down its road: link, text, fingerprint, until it can be judged.
//!
//! ```text
//! the feed's text ─► clean ─► unwrap ─► resolve ─► canonicalize ─► the page, where the feed's text
//! is no full text ─► extract ─► clean ─► fingerprint
//! ```

mod address;
pub mod again;
mod body;
pub mod on_page;
pub(super) mod page_text;
mod publisher;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep_until};

use super::resolve::{self, Resolved};
use super::{Pipeline, canonicalize};
use crate::config::{DeclaredFeed, WantedText};
use crate::model::{
    Candidate, CanonicalUrl, Entry, EntryKey, FeedDocument, FeedId, FeedUrl, Source, UrlKey,
    Waiting,
};
use crate::store::{StoreError, UnreadEntry};
use crate::text::domain::host_of;
pub(super) use address::Address;
use body::InFeed;
pub(super) use publisher::Publisher;

/// How much text of one feed is held until it is stored, in bytes: as much as the largest feed brings
/// itself. Pages may be larger than their feed without a limit of its own; what does not fit is taken
/// up at the next poll, like what comes after the deadline.
const TEXT_HELD_MAX_BYTES: usize = 16 << 20;

/// How many texts of a feed are cleaned in one go: handing over one takes a tenth of the time that
/// cleaning one takes.
const READ_TOGETHER: usize = 16;

/// How often that is done at once for one feed.
const READ_AT_ONCE: usize = 2;

/// An entry at the end of its road.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What the judge is asked about.
    pub(super) candidate: Candidate,
    /// Its links that do not say yet where they lead.
    pub(super) waiting: Vec<(String, Waiting)>,
}

/// What is known of an entry before its link is followed.
#[derive(Debug)]
struct Known {
    key: EntryKey,
    sha256: String,
    title: Option<String>,
    author: Option<String>,
    language: Option<String>,
    published_at: Option<DateTime<Utc>>,
    link: Option<String>,
    link_is_shared: bool,
    /// Whether the feed gives its text for the content, and not for a summary.
    text_is_content: bool,
    /// The host of its feed's site.
    site: Option<String>,
    /// Where a feed of feeds took it from.
    source: Option<Source>,
    feed_title: Option<String>,
}

/// What the entries of one document have in common on their road.
pub(super) struct Road<'a> {
    pipeline: &'a Pipeline,
    feed: FeedId,
    /// What the operator declared of the feed.
    declared: Option<&'a DeclaredFeed>,
    now: DateTime<Utc>,
    /// How many pages may still be asked for.
    pages_left: AtomicU64,
    /// Where their links lead, as far as they were followed: all that a relay copied name the relay.
    links: Mutex<HashMap<String, Arc<OnceCell<Resolved>>>>,
}

impl<'a> Road<'a> {
    /// The road of a feed's entries.
    pub(super) fn new(
        pipeline: &'a Pipeline,
        feed: FeedId,
        url: &FeedUrl,
        now: DateTime<Utc>,
    ) -> Self {
        let pages_left = AtomicU64::new(pipeline.text.pages_per_poll);
        let declared = pipeline.declared.get(url);
        Self { pipeline, feed, declared, now, pages_left, links: Mutex::default() }
    }

    /// Which text the operator wants.
    fn wanted(&self) -> WantedText {
        self.pipeline.wanted_text(self.declared)
    }

    /// Whether one more page may be asked for at this poll.
    fn take_page(&self) -> bool {
        let one_less = |left: u64| left.checked_sub(1);
        self.pages_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }

    /// Follows a link, once for all entries that have it.
    async fn follow(&self, link: Option<&str>) -> Result<Option<Resolved>, StoreError> {
        let Some(link) = link else { return Ok(None) };
        let followed = {
            let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(links.entry(link.to_owned()).or_default())
        };
        let follow = || resolve::link(link, self.pipeline.means(self.now));
        followed.get_or_try_init(follow).await.cloned().map(Some)
    }
}

impl Pipeline {
    /// Which text of a feed the operator wants, who declared this of it.
    pub(super) fn wanted_text(&self, declared: Option<&DeclaredFeed>) -> WantedText {
        match declared.map(|feed| feed.text).unwrap_or_default() {
            WantedText::Auto if !self.text.fetch_pages => WantedText::Feed,
            wanted => wanted,
        }
    }

    /// What following a link needs.
    pub(crate) fn means(&self, now: DateTime<Utc>) -> resolve::Means<'_> {
        resolve::Means {
            wrappers: &self.wrappers,
            http: self.links.follow_redirectors.then_some(&*self.http),
            store: &*self.store,
            flights: &self.flights,
            hops_max: usize::try_from(self.links.hops_max).unwrap_or(usize::MAX),
            attempts_max: u32::try_from(self.links.attempts_max).unwrap_or(u32::MAX),
            now,
        }
    }
}

/// Walks entries down their road, a few at once, until a deadline or until they hold as much text as
/// may be held; those that came to its end by then are in their order.
///
/// # Errors
/// When the store fails.
pub(super) async fn all(
    road: &Road<'_>,
    entries: Vec<Entry>,
    document: &FeedDocument,
    deadline: Instant,
) -> Result<Vec<Prepared>, StoreError> {
    let at_once = usize::try_from(road.pipeline.text.entries_at_once).unwrap_or(1);
    let site = document.link.as_deref().and_then(host_of);
    let texts = entries.into_iter().map(|entry| known(entry, document, site.clone()));
    let ended = stream::iter(texts)
        .chunks(READ_TOGETHER)
        .map(|texts| body::in_feed(road.pipeline, texts))
        .buffered(READ_AT_ONCE)
        .flat_map(stream::iter)
        .enumerate()
        .map(async |(place, (known, in_feed))| {
            let source_link = in_feed.source_link().map(str::to_owned);
            (place, followed(road, known, in_feed, source_link).await)
        })
        .buffer_unordered(at_once)
        .take_until(sleep_until(deadline));
    let mut ended = pin!(ended);
    let mut prepared = Vec::new();
    let mut held = 0;
    while held < TEXT_HELD_MAX_BYTES
        && let Some((place, entry)) = ended.next().await
    {
        if let Some(entry) = entry? {
            held += entry.candidate.text.len();
            prepared.push((place, entry));
        }
    }
    prepared.sort_by_key(|(place, _)| *place);
    Ok(prepared.into_iter().map(|(_, entry)| entry).collect())
}

/// Walks an entry down its road anew that the store remembers, now that its link is settled; `None`
/// if it needs a page and none may be asked for.
///
/// # Errors
/// When the store fails.
pub(super) async fn again(
    pipeline: &Pipeline,
    entry: UnreadEntry,
    now: DateTime<Utc>,
) -> Result<Option<Prepared>, StoreError> {
    let road = Road::new(pipeline, entry.feed, &entry.feed_url, now);
    let known = Known {
        key: entry.key,
        sha256: entry.sha256,
        title: Some(entry.title).filter(|title| !title.is_empty()),
        author: None,
        language: entry.language,
        published_at: entry.published_at,
        link: entry.link,
        link_is_shared: entry.link_is_shared,
        text_is_content: false,
        site: entry.site.as_deref().and_then(host_of),
        source: None,
        feed_title: entry.feed_title,
    };
    let Some((known, in_feed)) = body::in_feed(pipeline, vec![(known, entry.text)]).await.pop()
    else {
        return Ok(None);
    };
    followed(&road, known, in_feed, entry.source_link).await
}

/// The canonical spelling of a link's target, and its key if it can be that of one article.
pub(super) fn address_of(
    pipeline: &Pipeline,
    target: &str,
) -> (Option<CanonicalUrl>, Option<UrlKey>) {
    let url = canonicalize::url(target, &pipeline.trackers).ok();
    let key = url.as_ref().filter(|url| address::identifies(url)).map(canonicalize::key);
    (url, key)
}

/// What a feed of a site says of an entry, and the text it gives.
fn known(entry: Entry, document: &FeedDocument, site: Option<String>) -> (Known, String) {
    let content = entry.content.into_iter().map(|content| content.value);
    let content = content.max_by_key(String::len).unwrap_or_default();
    let summary = entry.summary.unwrap_or_default();
    let text_is_content = content.len() >= summary.len();
    let known = Known {
        key: entry.key,
        sha256: entry.sha256,
        title: entry.title,
        author: entry.authors.into_iter().find_map(|author| author.name),
        language: entry.language.or_else(|| document.language.clone()),
        published_at: entry.published.or(entry.updated),
        link: entry.link,
        link_is_shared: entry.link_is_shared,
        text_is_content,
        site,
        source: entry.source,
        feed_title: document.title.clone(),
    };
    (known, if text_is_content { content } else { summary })
}

/// Follows an entry's link and finds its text; `None` if that needs a page more than may be asked
/// for at this poll.
///
/// A link that cannot be followed or a page that cannot be read leaves the entry as good as it can
/// be without.
async fn followed(
    road: &Road<'_>,
    known: Known,
    in_feed: InFeed,
    source_link: Option<String>,
) -> Result<Option<Prepared>, StoreError> {
    let pipeline = road.pipeline;
    let link = road.follow(known.link.as_deref()).await?;
    let source = road.follow(source_link.as_deref()).await?;
    let mut address = Address::of(
        link.as_ref(),
        source.as_ref(),
        known.link_is_shared,
        known.site.as_deref(),
        &pipeline.trackers,
    );
    let Some(best) = body::best(road, in_feed, &mut address, &known).await? else {
        return Ok(None);
    };
    let title = known.title.or(best.title).unwrap_or_default();
    let publisher = Publisher::of(&address, known.source, known.feed_title);
    let wrapped = [(&known.link, &link), (&source_link, &source)];
    let waiting = wrapped
        .into_iter()
        .filter_map(|(link, resolved)| Some((link.clone()?, resolved.as_ref()?.waiting.clone()?)));
    Ok(Some(Prepared {
        waiting: waiting.collect(),
        candidate: Candidate {
            entry_key: known.key,
            entry_sha256: known.sha256,
            headline: publisher.as_ref().and_then(|publisher| publisher.headline(&title)),
            title: publisher.map_or(title.clone(), |publisher| publisher.bare(&title)),
            author: known.author.or(best.author),
            language: known.language.or(best.language),
            published_at: known.published_at.or(best.published),
            link: known.link,
            target: link.filter(|link| link.waiting.is_none()).map(|link| link.target),
            url: address.url,
            url_keys: address.keys,
            standing: address.standing,
            copied: address.is_copy,
            own: address.own,
            source_link,
            text: best.text,
            removed: best.removed,
            rules_version: pipeline.rules.version().to_owned(),
            received: best.received,
            choice: best.choice,
        },
    }))
}
