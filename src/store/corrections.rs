//! What a person looks into and corrects: why entries are one article, which are two, and what the
//! rules of today make of what is stored.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Judge, StoreError};
use crate::model::{
    ArticleId, Candidate, Comparison, Evidence, Fingerprint, Removed, SightingId, Standing,
    TextSource, UrlKey,
};

/// Computes what identifies a text; `None` for one that identifies nothing. Pure, so it can run
/// inside the write transaction.
pub type Fingerprinter = fn(&str) -> Option<Fingerprint>;

/// Looking into articles, and correcting them.
///
/// What is changed here is a person's word: admitting never undoes it. A deed that takes `rehearse`
/// does everything, tells what it did, and takes it back when that is `true`.
#[async_trait]
pub trait Corrections {
    /// Everything known of an article, with its sightings from the first to the last.
    async fn article_details(&self, id: ArticleId) -> Result<Option<ArticleDetails>, StoreError>;

    /// The article a sighting belongs to.
    async fn article_of(&self, sighting: SightingId) -> Result<Option<ArticleId>, StoreError>;

    /// What little tells one article from another, of those of these that are there.
    async fn briefs(&self, ids: Vec<ArticleId>) -> Result<Vec<Brief>, StoreError>;

    /// The articles that were seen at an address, oldest first.
    async fn articles_at(&self, asked: Asked) -> Result<Vec<ArticleId>, StoreError>;

    /// What is left of articles deleted that were seen at an address.
    async fn burials_at(&self, asked: Asked) -> Result<Vec<Burial>, StoreError>;

    /// Whether a number was ever an article's.
    async fn was_given(&self, id: ArticleId) -> Result<bool, StoreError>;

    /// Gives a sighting an article of its own. `None` if its article has changed since it was
    /// looked at, and nothing was done.
    async fn split(&self, split: Split, rehearse: bool) -> Result<Option<SplitOff>, StoreError>;

    /// Makes an article another: the second becomes the first. `None` if one of them is not there.
    async fn merge(
        &self,
        into: ArticleId,
        absorbed: ArticleId,
        fingerprinter: Fingerprinter,
        now: DateTime<Utc>,
        rehearse: bool,
    ) -> Result<Option<Merged>, StoreError>;

    /// The last article that an unfinished redo by this recipe has done, and how many articles
    /// are left after it.
    async fn redo_progress(&self, recipe: &str) -> Result<(Option<ArticleId>, u64), StoreError>;

    /// The next articles after one. Of their sightings only those that gave the text or a variant of
    /// it (of a held article: all) have what they were read from.
    async fn to_redo(
        &self,
        after: ArticleId,
        at_most: usize,
    ) -> Result<Vec<ArticleDetails>, StoreError>;

    /// Articles before a number that near copies were found of, the latest first.
    async fn nearly_copied_before(
        &self,
        article: ArticleId,
        at_most: usize,
    ) -> Result<Vec<ArticleId>, StoreError>;

    /// Stores what the rules of today made of some articles, judges those whose text changed, and
    /// remembers how far it came.
    async fn redo(
        &self,
        fresh: Vec<Fresh>,
        by: Redoing,
        rehearse: bool,
    ) -> Result<Vec<Redone>, StoreError>;

    /// Forgets how far a redo came: it reached the end.
    async fn redo_finished(&self) -> Result<(), StoreError>;
}

/// How a redo writes.
#[derive(Debug, Clone)]
pub struct Redoing {
    /// The versions of the rules and of the program.
    pub recipe: String,
    /// Judges articles whose text changed.
    pub judge: Judge,
    /// Computes the near fingerprints of texts that move to another article.
    pub fingerprinter: Fingerprinter,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Nearly equal texts are looked for among, and of, the articles first seen since this moment.
    pub near_since: DateTime<Utc>,
}

/// An address as a person gave it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Its URL key, and those of what it leads to.
    pub keys: Vec<UrlKey>,
    /// How it may be written: as given, and canonically.
    pub spellings: Vec<String>,
}

/// An article as a person looks into it.
#[derive(Debug, Clone, Serialize)]
pub struct ArticleDetails {
    /// Its number.
    pub id: ArticleId,
    /// The best address known.
    pub url: Option<String>,
    /// How good the witness of that address was.
    pub url_standing: Standing,
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
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
    /// Its text.
    #[serde(skip)]
    pub body: Option<String>,
    /// What identifies the text exactly.
    pub body_sha256: Option<String>,
    /// How many words the text has.
    pub words: u64,
    /// Where the text was found.
    pub text_source: Option<TextSource>,
    /// Whether the text is known only from a copy.
    pub text_copied: bool,
    /// The version of the rules that cleaned the text.
    pub rules_version: String,
    /// Why it has no text.
    pub hold_reason: Option<String>,
    /// The articles that a person said are others.
    pub kept_apart_from: Vec<ArticleId>,
    /// Texts of copies that differ much.
    #[serde(skip)]
    pub variants: Vec<KeptText>,
    /// Earlier texts, the oldest first.
    #[serde(skip)]
    pub revisions: Vec<KeptText>,
    /// The entries that carried it.
    pub sightings: Vec<SightingDetails>,
}

/// A text that is kept beside an article's own.
#[derive(Debug, Clone)]
pub struct KeptText {
    /// The text.
    pub body: String,
    /// What identifies it exactly.
    pub body_sha256: String,
}

/// A sighting as a person looks into it.
#[derive(Debug, Clone, Serialize)]
pub struct SightingDetails {
    /// Its number.
    pub id: SightingId,
    /// The address of its feed.
    pub feed: String,
    /// The site the feed belongs to.
    #[serde(skip)]
    pub site: Option<String>,
    /// The feed's own title.
    pub feed_title: Option<String>,
    /// What identifies the entry in its feed.
    pub entry_key: String,
    /// The entry's title.
    pub title: String,
    /// The link as the feed gives it.
    pub link: Option<String>,
    /// Where the link leads.
    pub target: Option<String>,
    /// The link to the original that stood in a copy's boilerplate.
    pub source_link: Option<String>,
    /// The entry's own claim.
    pub published_at: Option<DateTime<Utc>>,
    /// What identifies its headline.
    #[serde(skip)]
    pub headline: Option<i64>,
    /// When a person put it where it is.
    pub decided_at: Option<DateTime<Utc>>,
    /// What the entry was when it was first judged.
    pub verdict: String,
    /// How alike the texts were.
    pub similarity: Option<f64>,
    /// What identifies the text it gave when last read.
    pub body_sha256: Option<String>,
    /// When the entry was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When a document last listed it.
    pub last_seen_at: DateTime<Utc>,
    /// What the verdict rests on.
    pub evidence: Evidence,
    /// How many lines cleaning removed, by rule.
    pub removed: Vec<(String, u64)>,
    /// From where its text is known to have been taken.
    #[serde(skip)]
    pub text_source: Option<TextSource>,
    /// What its text was read from, as far as it is kept.
    #[serde(skip)]
    pub received: Vec<ReceivedText>,
}

/// A text as it was received.
#[derive(Debug, Clone)]
pub struct ReceivedText {
    /// Whether it is the feed's field or the article's page.
    pub kind: TextSource,
    /// Of a page: the address that answered.
    pub url: Option<String>,
    /// A zstd frame.
    pub frame: Vec<u8>,
    /// How many bytes it holds.
    pub bytes: u64,
}

/// What tells one article from another.
#[derive(Debug, Clone, Serialize)]
pub struct Brief {
    /// Its number.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: Option<String>,
}

/// What is left of a deleted article.
#[derive(Debug, Clone, Serialize)]
pub struct Burial {
    /// `url` or `entry`.
    pub kind: String,
    /// The URL key; or the feed's number and the entry's key.
    pub key: String,
    /// When the article was deleted.
    pub deleted_at: DateTime<Utc>,
}

/// What becomes of a sighting and the article it leaves.
#[derive(Debug, Clone)]
pub struct Split {
    /// The sighting.
    pub sighting: SightingId,
    /// The article it was seen to belong to.
    pub from: ArticleId,
    /// The other sightings of that article, as they were seen.
    pub others: Vec<SightingId>,
    /// What the sighting is by itself. Its `url_keys` are those that no other sighting proves.
    pub own: Candidate,
    /// What the article falls back to.
    pub rest: Rest,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// What the article falls back to that one of its sightings leaves: the best of the remaining
/// sightings, where what stood was the sighting's alone; `None` where it stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Rest {
    /// Whose text is to be the article's.
    pub text: Option<Candidate>,
    /// Whose title and publication are.
    pub title: Option<Candidate>,
    /// Whose address is.
    pub url: Option<Candidate>,
}

/// What a split did.
#[derive(Debug, Clone, Serialize)]
pub struct SplitOff {
    /// The article the sighting has now.
    pub article: ArticleId,
    /// The one it left.
    pub from: ArticleId,
    /// How many addresses moved along.
    pub addresses_moved: u64,
}

/// What a merge did.
#[derive(Debug, Clone, Serialize)]
pub struct Merged {
    /// The article that remains.
    pub article: ArticleId,
    /// The one that became it.
    pub absorbed: ArticleId,
    /// How many sightings moved.
    pub sightings_moved: u64,
    /// What became of the absorbed article's text.
    pub text: MergedText,
    /// Whether the two had been kept apart until now.
    pub was_kept_apart: bool,
}

/// What the rules of today make of an article.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The article.
    pub article: ArticleId,
    /// Its text when it was looked at; a text that changed meanwhile is left alone.
    pub before_sha256: Option<String>,
    /// The article with its text read anew and who gave that text; or why it could not be read.
    pub read: Result<(SightingId, Candidate), RedoOutcome>,
    /// Headline keys of sightings that are others today.
    pub headlines: Vec<(SightingId, Option<i64>)>,
    /// Texts of much different copies that are others today.
    pub variants: Vec<FreshVariant>,
}

/// What the rules of today make of the text of a copy that is kept beside its article's.
#[derive(Debug, Clone)]
pub struct FreshVariant {
    /// What identified the text until now.
    pub before_sha256: String,
    /// Who gave it.
    pub sighting: SightingId,
    /// The text.
    pub body: String,
    /// What identifies it.
    pub fingerprint: Fingerprint,
    /// What cleaning took away.
    pub removed: Vec<Removed>,
}

/// What became of the text of an article that was merged into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MergedText {
    /// It had none.
    None,
    /// It was the other's.
    Same,
    /// The other had none, and has this one now.
    Taken,
    /// It is kept beside the other's.
    KeptAsVariant,
}

/// What a redo found of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedoOutcome {
    /// The rules of today make the same text.
    Unchanged,
    /// Its text changed, or it has one now.
    Changed,
    /// Its text changed, and is another article's.
    Merged,
    /// Its words stand under several headlines of one publisher: it is held now.
    SharedText,
    /// Left alone: what its text was read from is not kept (any more).
    NotKept,
    /// Left alone: the rules of today find no usable text in what was received.
    NothingUsable,
    /// Left alone: it changed while it was looked at, and so has a text of today.
    ChangedMeanwhile,
    /// It has no text, and still none.
    StillHeld,
}

/// What became of an article in a redo.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Redone {
    /// The article.
    pub article: ArticleId,
    /// What was found, and so done.
    pub outcome: RedoOutcome,
    /// Its title.
    pub title: String,
    /// How many words its text had.
    pub words_before: u64,
    /// How many it has.
    pub words_after: u64,
    /// The article that became another, and the one it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<(ArticleId, ArticleId)>,
    /// How the texts compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// How many headline keys changed.
    pub headlines: usize,
    /// How many texts of much different copies changed.
    pub variants: usize,
}
