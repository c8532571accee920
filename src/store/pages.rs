//! Names what is kept of pages: those that were read, and those that are asked for again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{ArticleId, EntryKey, FeedId, FeedUrl, Standing, Validators};

/// A page as it was read last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPage {
    /// The address that answered.
    pub url: String,
    /// What to ask again with.
    pub validators: Validators,
    /// Its essence, packed.
    pub frame: Vec<u8>,
}

/// Whose held pages are asked for again; those of other feeds rest until theirs are.
#[derive(Debug, Clone)]
pub enum PagesOf {
    /// Those of all feeds but these.
    AllBut(Vec<FeedUrl>),
    /// Those of these feeds.
    Only(Vec<FeedUrl>),
}

/// Which held pages are asked for again.
#[derive(Debug, Clone)]
pub struct HeldPages {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Whose.
    pub feeds: PagesOf,
    /// How many at most.
    pub at_most: usize,
    /// After how many tries in vain a page is left alone.
    pub tries_max: u32,
    /// How long a page is left alone after so many tries in vain; always for some time, so that a pass
    /// takes each once.
    pub rest: fn(u32) -> TimeDelta,
}

/// A sighting whose page was asked for in vain.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldPage {
    /// What its feed calls itself.
    pub feed_title: Option<String>,
    /// The sighting's number.
    pub sighting: i64,
    /// The feed.
    pub feed: FeedId,
    /// The feed's address.
    pub feed_url: FeedUrl,
    /// What identifies the entry in its feed.
    pub entry_key: EntryKey,
    /// SHA-256 of the entry as received.
    pub entry_sha256: String,
    /// The entry's title.
    pub title: String,
    /// Its link as the feed gave it.
    pub link: Option<String>,
    /// What the link leads to.
    pub target: Option<String>,
    /// The link to the original that stood in a copy's boilerplate.
    pub source_link: Option<String>,
    /// When it says that it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// The article's address: the page to ask for.
    pub url: String,
    /// How good the witness of that address was.
    pub standing: Standing,
    /// Whether the article is known from a copy only.
    pub copied: bool,
    /// The article's author and language, if known.
    pub author: Option<String>,
    /// The language tag.
    pub language: Option<String>,
    /// How many words of text the article has until then.
    pub words: usize,
}

/// A text and the hosts that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedText {
    /// The article's number.
    pub article: ArticleId,
    /// The article's title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The addresses it was seen at: its own, and the links of its entries.
    pub urls: Vec<String>,
}

/// A boilerplate rule whose anchor stands near the end of texts, although nothing was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncutRule {
    /// The rule's id.
    pub rule: String,
    /// In how many texts.
    pub texts: u64,
    /// One of their articles.
    pub article: ArticleId,
}
