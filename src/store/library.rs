//! Names what is asked and answered when a person looks into the file without changing it.

mod statistics;

pub use statistics::{DayCount, FeedCounts, Share, Statistics};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::StoreError;
use crate::model::{ArticleId, FeedId, FeedUrl, SearchQuery, SightingId, TextSource};

/// Looking into the file. No deed here writes, so each works on a file that is open for reading only.
#[async_trait]
pub trait Library {
    /// The number of a feed that is or was wanted.
    async fn feed_number(&self, url: &FeedUrl) -> Result<Option<FeedId>, StoreError>;

    /// An article with where it was seen.
    async fn article(&self, id: ArticleId) -> Result<Option<SeenArticle>, StoreError>;

    /// These articles in this order; those that are gone are left out.
    async fn articles(&self, ids: Vec<ArticleId>) -> Result<Vec<Article>, StoreError>;

    /// The last changes of articles, one each, by time.
    async fn changes(&self, wanted: Changes) -> Result<Vec<Change>, StoreError>;

    /// Counts what is in the file, as of now.
    async fn statistics(&self, now: DateTime<Utc>) -> Result<Statistics, StoreError>;

    /// Whether what others write will be seen; not where the file can only be read as it lies there.
    fn sees_changes(&self) -> bool;

    /// A number that differs from the last one when somebody else has written; cheap to ask for.
    async fn data_version(&self) -> Result<i64, StoreError>;

    /// The latest article and sighting; or those before the first ones seen since a moment.
    async fn marks(&self, since: Option<DateTime<Utc>>) -> Result<Marks, StoreError>;

    /// The articles that were stored after one of these marks and up to the other, the first first.
    async fn articles_between(
        &self,
        marks: (ArticleId, ArticleId),
        at_most: usize,
    ) -> Result<Vec<Article>, StoreError>;

    /// The sightings that were stored after one of these marks and up to the other, the first first.
    async fn sightings_between(
        &self,
        marks: (SightingId, SightingId),
        at_most: usize,
    ) -> Result<Vec<Sighting>, StoreError>;

    /// How many articles wait to be indexed for search, so that none finds them yet.
    async fn waiting_for_search(&self) -> Result<u64, StoreError>;

    /// The articles that answer a search.
    async fn search(&self, search: Search) -> Result<Vec<Hit>, StoreError>;
}

/// Which articles are wanted; `None` of anything means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those that this feed carried.
    pub feed: Option<FeedId>,
    /// Those whose address has this host, or one beneath it.
    pub host: Option<String>,
    /// Those of this language; `en` is `en-GB` too.
    pub language: Option<String>,
}

/// A search.
#[derive(Debug, Clone)]
pub struct Search {
    /// What is looked for in titles and bodies.
    pub query: SearchQuery,
    /// Among which articles.
    pub among: Selection,
    /// Among those first seen since this moment.
    pub since: Option<DateTime<Utc>>,
    /// Which come first.
    pub order: HitOrder,
    /// How many at most.
    pub at_most: u32,
}

/// Which hits come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitOrder {
    /// Those that answer best: words that are rare, found often, in the title or in a short text.
    Best,
    /// Those that were stored last.
    Newest,
}

/// An article that answers a search.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    /// Its number.
    pub id: ArticleId,
    /// The best address known.
    pub url: Option<String>,
    /// Its title.
    pub title: String,
    /// The declared language.
    pub language: Option<String>,
    /// When the publisher says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// How many feeds carried it.
    pub feeds: u64,
    /// How well it answers, the smaller the better (BM25).
    pub rank: f64,
    /// The title with what was looked for.
    #[serde(skip)]
    pub marked_title: Vec<Fragment>,
    /// The passage of the body that answers best; the body's beginning where only the title does.
    pub snippet: Vec<Fragment>,
}

/// A piece of a text in which something was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fragment {
    /// The piece.
    pub text: String,
    /// Whether it is what was looked for.
    #[serde(rename = "hit")]
    pub is_hit: bool,
}

/// Which changes are wanted.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Those of which articles.
    pub among: Selection,
    /// Those since this moment.
    pub since: Option<DateTime<Utc>>,
    /// Which come first.
    pub order: ChangeOrder,
    /// Those that come after this one in that order.
    pub beyond: Option<Change>,
    /// How many at most.
    pub at_most: u32,
}

/// Which changes come first. Those of one second come in the order of their articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeOrder {
    /// The earliest.
    Earliest,
    /// The latest.
    Latest,
}

/// That an article changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When, as it stands in the file, so that it is found again.
    pub at: String,
    /// The article.
    pub article: ArticleId,
}

/// How far somebody has read. Numbers are given in the order in which things are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// The last article.
    pub article: ArticleId,
    /// The last sighting.
    pub sighting: SightingId,
}

/// An article as it is read and handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Article {
    /// Its number.
    pub id: ArticleId,
    /// The best address known.
    pub url: Option<String>,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// The declared language.
    pub language: Option<String>,
    /// When the publisher says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When its text or address last changed.
    pub changed_at: DateTime<Utc>,
    /// How many words the body has.
    pub words: u64,
    /// Its text, one paragraph a line; `None` where it is held without one.
    pub body: Option<String>,
    /// What identifies the body exactly.
    pub body_sha256: Option<String>,
    /// Where the body was found.
    pub text_source: Option<TextSource>,
    /// Whether the body is known only from a copy.
    pub text_copied: bool,
    /// What a feed says of it, where there is no body.
    pub summary: Option<String>,
    /// Why there is no body.
    pub hold_reason: Option<String>,
    /// The addresses of the feeds that carried it, the first first.
    pub feeds: Vec<String>,
}

/// An article with where it was seen, and what it said before.
#[derive(Debug, Clone, Serialize)]
pub struct SeenArticle {
    /// The article.
    #[serde(flatten)]
    pub article: Article,
    /// The entries that carried it, the first first.
    pub sightings: Vec<Sighting>,
    /// Its earlier texts, the oldest first.
    pub revisions: Vec<Revision>,
}

/// An entry of a feed that carried an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// Its number.
    pub id: SightingId,
    /// The article it carried.
    pub article_id: ArticleId,
    /// The address of its feed.
    pub feed: String,
    /// The operator's title of the feed, else its own.
    pub feed_title: Option<String>,
    /// The entry's own title.
    pub title: String,
    /// The link as the feed gives it.
    pub link: Option<String>,
    /// Where the link leads; `None` while that is not known.
    pub target: Option<String>,
    /// What the entry was when it was first judged.
    pub verdict: String,
    /// When the entry was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When a document last listed it.
    pub last_seen_at: DateTime<Utc>,
}

/// An earlier text of an article.
#[derive(Debug, Clone, Serialize)]
pub struct Revision {
    /// The title then.
    pub title: String,
    /// The text then.
    pub body: String,
    /// When another text took its place.
    pub replaced_at: DateTime<Utc>,
}
