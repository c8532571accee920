//! Names the parts of a feed document, whatever dialect it was written in.
//!
//! The same types are what `ingest inspect feed` prints: absent parts are left out, dates are
//! ISO-8601 UTC.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Habits;

/// The dialect a feed document was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedFormat {
    /// RSS 0.9x and 2.0, and CDF, which they grew out of.
    Rss,
    /// RSS 1.0 (RDF).
    Rdf,
    /// Atom.
    Atom,
    /// JSON Feed.
    Json,
}

/// A feed document: what the feed says of itself, and its entries in document order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedDocument {
    /// The dialect.
    #[serde(skip)]
    pub format: FeedFormat,
    /// The feed's own identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The feed's title, as plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The title as written, with its markup; `None` if that is the plain title.
    #[serde(skip)]
    pub title_written: Option<String>,
    /// The site the feed belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Every link of the feed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<DocumentLink>,
    /// The feed's subtitle or description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Who writes the feed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// When the feed says it last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<DateTime<Utc>>,
    /// When the feed says it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<DateTime<Utc>>,
    /// The declared language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The feed's categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// What the document says of when it is worth asking for.
    #[serde(skip)]
    pub habits: Habits,
    /// How many faults of the document were mended, cuts at a limit among them.
    #[serde(skip)]
    pub repaired: u64,
    /// How many entries the document held beyond the limit that was set for reading it.
    #[serde(skip)]
    pub entries_cut: usize,
    /// The entries.
    #[serde(skip)]
    pub entries: Vec<Entry>,
}

/// What identifies an entry inside its feed, from poll to poll.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct EntryKey(pub String);

/// One item of a feed document, as the feed gives it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// What identifies the entry in its feed: the id if usable, else the link, else a hash.
    pub key: EntryKey,
    /// The id or guid as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The title, as plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The title as written, with its markup; `None` if that is the plain title.
    #[serde(skip)]
    pub title_written: Option<String>,
    /// The link of the entry itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Every link of the entry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<DocumentLink>,
    /// The summary or description: HTML or text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The full content, where the feed carries it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Content>,
    /// Who wrote the entry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<DateTime<Utc>>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<DateTime<Utc>>,
    /// The entry's categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Attached media.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enclosures: Vec<Enclosure>,
    /// The page on which readers comment on the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
    /// The language tag of the entry, else of its feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where the entry was taken from (`<source>`), for feeds of feeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whether entries with other titles give the same link, so that it identifies none of them.
    #[serde(skip)]
    pub link_is_shared: bool,
    /// SHA-256, lower-case hex, of everything above that a reader sees: a changed entry has another.
    #[serde(skip)]
    pub sha256: String,
}

/// A link with its relation and media type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentLink {
    /// The address.
    pub href: String,
    /// The relation (`alternate`, `self`, `enclosure` …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
    /// The media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// A piece of content and its media type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// The content: HTML unless the type says `text/plain`.
    pub value: String,
    /// The media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// A person: at least one of the three is present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The term itself.
    pub term: String,
    /// The scheme or domain the term belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The term for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Enclosure {
    /// The address.
    pub href: String,
    /// The media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The length in bytes, as the feed claims it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

/// The feed or publisher an entry was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The home page or feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
