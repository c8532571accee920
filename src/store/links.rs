//! Keeps what is known of wrapped links, and the queue of those that still wait.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Admitted, Judge, StoreError};
use crate::model::{
    ArticleId, Asks, Breaker, BreakerEvent, Candidate, CanonicalUrl, EntryKey, FeedId, FeedUrl,
    Mending, Passage, StoredArticle, UrlKey, Waiting,
};

/// An entry that was prepared anew outside a reading of its feed.
#[derive(Debug)]
pub struct LateEntry {
    /// Its feed.
    pub feed: FeedId,
    /// What the judge is asked about.
    pub candidate: Candidate,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Nearly equal texts are looked for among the articles first seen since this moment.
    pub near_since: DateTime<Utc>,
}

/// Decides between an article, one of whose links has been resolved, and the one that stands under
/// the address it leads to; pure, so it can run inside the write transaction.
pub type Mend = fn(&StoredArticle, Option<&StoredArticle>) -> Mending;

/// What a store does for wrapped links.
#[async_trait]
pub trait LinkStore {
    /// What is known of where a link leads: what a redirector said of it, or Google of a link with
    /// the same handle.
    async fn resolved_link(
        &self,
        link: &str,
        handle: Option<&str>,
    ) -> Result<Option<ResolvedLink>, StoreError>;

    /// Keeps where a link leads, or that it could not be said. A target once known stays.
    async fn remember_link(
        &self,
        link: &str,
        handle: Option<&str>,
        answer: ResolvedLink,
    ) -> Result<(), StoreError>;

    /// Claims waiting links for one worker, at most one for each handle, the newest first; nobody
    /// else gets these handles before the claim ends.
    async fn claim_links(&self, claim: LinkClaim) -> Result<Vec<QueuedLink>, StoreError>;

    /// Lets every link with this handle wait on.
    async fn postpone_links(
        &self,
        handle: &str,
        waiting: Waiting,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Mends every entry whose link has this handle, its article, and that which stands under the
    /// address already. Links whose article lacks its text wait for the page then; the others are done.
    async fn settle_links(
        &self,
        handle: &str,
        settled: SettledLink,
        mend: Mend,
        now: DateTime<Utc>,
    ) -> Result<Settlement, StoreError>;

    /// The entries behind a settled link whose articles lack their text, one for each article.
    async fn unread_entries(
        &self,
        link: &str,
        full_text_min_words: u64,
    ) -> Result<Vec<UnreadEntry>, StoreError>;

    /// Admits one entry that was prepared anew after its link was settled.
    async fn admit_late(&self, entry: LateEntry, judge: Judge) -> Result<Admitted, StoreError>;

    /// Takes a link off the queue.
    async fn finish_link(&self, link: &str) -> Result<(), StoreError>;

    /// Every link that waits, those that are tried next first.
    async fn waiting_links(&self) -> Result<Vec<WaitingLink>, StoreError>;

    /// Makes these links (or all) due as if they had never been tried; answers how many there are.
    async fn retry_links(
        &self,
        links: Option<BTreeSet<String>>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Hands an event to the breaker of a service, and answers whether it may be asked.
    async fn service_event(
        &self,
        service: &str,
        event: BreakerEvent,
        now: DateTime<Utc>,
    ) -> Result<Passage, StoreError>;

    /// What is known of a service that limits us.
    async fn breaker(&self, service: &str) -> Result<Breaker, StoreError>;
}

/// What was said of where a link leads, or failed to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedLink {
    /// Where the link leads; `None` while unknown.
    pub target: Option<String>,
    /// How often it was asked.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When it was last asked.
    pub asked_at: DateTime<Utc>,
}

/// Which waiting links a worker asks for.
#[derive(Debug, Clone)]
pub struct LinkClaim {
    /// Who asks; a name no other process has.
    pub worker: String,
    /// Those that wait for one of these.
    pub asks: Vec<Asks>,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// When the claim runs out.
    pub until: DateTime<Utc>,
    /// How many links at most.
    pub at_most: usize,
}

/// A link that this worker, and no other, is to follow now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedLink {
    /// The link as its entry gives it.
    pub link: String,
    /// Where it got stuck.
    pub handle: String,
    /// Whose answer it waits for.
    pub asks: Asks,
    /// How often in a row that was asked in vain.
    pub tries: u32,
}

/// Where a link has turned out to lead.
#[derive(Debug, Clone)]
pub struct SettledLink {
    /// The target as it was told.
    pub target: String,
    /// Its canonical spelling; `None` if it has none.
    pub url: Option<CanonicalUrl>,
    /// Its key, if it can be that of one article.
    pub key: Option<UrlKey>,
    /// From how many words on a feed's text counts as the full text; `None` if no page is read.
    pub full_text_min_words: Option<u64>,
}

/// What settling links came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settlement {
    /// How many links are settled.
    pub links: u64,
    /// How many articles turned out to be another.
    pub merged: u64,
}

/// An entry that is to be prepared anew, as far as the store knows it.
#[derive(Debug, Clone)]
pub struct UnreadEntry {
    /// Where its feed is asked for.
    pub feed_url: FeedUrl,
    /// Its feed.
    pub feed: FeedId,
    /// The feed's title.
    pub feed_title: Option<String>,
    /// The site the feed belongs to.
    pub site: Option<String>,
    /// What identifies it in its feed.
    pub key: EntryKey,
    /// SHA-256 of the entry as received.
    pub sha256: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its article's language.
    pub language: Option<String>,
    /// When it says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// Its link as the feed gave it.
    pub link: Option<String>,
    /// Whether other entries of its feed have the same link.
    pub link_is_shared: bool,
    /// The link to the original that stood in its boilerplate.
    pub source_link: Option<String>,
    /// What is kept of its text, cleaned already.
    pub text: String,
}

/// A waiting link, for people.
#[derive(Debug, Clone, Serialize)]
pub struct WaitingLink {
    /// The link as its entry gives it.
    pub link: String,
    /// What it waits for.
    #[serde(flatten)]
    pub waiting: Waiting,
    /// When it was tried last; `None` if never.
    pub tried_at: Option<DateTime<Utc>>,
    /// The article of an entry that has it.
    pub article: Option<ArticleId>,
    /// That article's title.
    pub title: Option<String>,
}
