//! How long articles are kept.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreError;
use crate::model::{ArticleId, FeedUrl};

/// Deleting articles that are not wanted any longer. What is deleted leaves its tombstones, so that no
/// feed brings it back.
#[async_trait]
pub trait Retention {
    /// Deletes articles that no feed keeps: at most so many, of those that come after a place in the
    /// order of time.
    async fn forget_articles(
        &self,
        keep: Keep,
        after: Option<Place>,
        at_most: usize,
    ) -> Result<Forgotten, StoreError>;

    /// Deletes the oldest articles first seen before a moment, at most so many, if the file uses more
    /// bytes than these; answers how many went.
    async fn forget_oldest(
        &self,
        bytes_max: u64,
        before: DateTime<Utc>,
        at_most: usize,
    ) -> Result<usize, StoreError>;

    /// When, before a moment, the file was last in use: a feed was polled, or an article first seen.
    async fn last_use_before(
        &self,
        moment: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// How much of the file is in use, in bytes: without the pages that are free.
    async fn bytes_used(&self) -> Result<u64, StoreError>;
}

/// Since when entries keep their articles; `None`: for ever. An article goes when no entry of it keeps
/// it, and none that came into the file before it is kept: else its date is of a clock that was behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keep {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Entries of a feed that has no word of its own.
    pub since: Option<DateTime<Utc>>,
    /// Entries of these feeds.
    pub by_feed: Vec<(FeedUrl, Option<DateTime<Utc>>)>,
}

impl Keep {
    /// The moment before which an article must have been first seen for anything to let it go.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.by_feed.iter().filter_map(|(_, since)| *since).chain(self.since).max()
    }
}

/// An article's place in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// Its number.
    pub article: ArticleId,
}

/// What one round of forgetting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// How many articles were deleted.
    pub articles: usize,
    /// Where to go on; `None` at the end.
    pub next: Option<Place>,
}
