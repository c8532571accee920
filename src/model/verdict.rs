//! Names what an entry turned out to be, and what the judge is told to decide it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{ArticleId, Evidence, HoldReason, Standing};

/// What an entry turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// An article nobody brought before.
    New,
    /// The same entry with another text.
    Revised,
    /// An article already known under this address.
    SameUrl,
    /// An article already known with exactly this text.
    SameText,
    /// An article already known with nearly this text.
    NearText,
    /// An article of this publisher with this headline, where one of the two has no text.
    SameTitle,
    /// The same entry with the same text.
    Unchanged,
    /// An article without a text: kept, never merged by text.
    Held,
    /// An article that was deleted: nothing is kept of the entry.
    Deleted,
}

impl Verdict {
    /// The word stored in the database and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Revised => "revised",
            Self::SameUrl => "same-url",
            Self::SameText => "same-text",
            Self::NearText => "near-text",
            Self::SameTitle => "same-title",
            Self::Unchanged => "unchanged",
            Self::Held => "held",
            Self::Deleted => "deleted",
        }
    }
}

/// What the store knows that bears on one candidate, looked up inside the write transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// The sighting of this very entry (same feed, same entry key).
    pub same_entry: Option<StoredSighting>,
    /// The articles that own one of the candidate's URL keys, oldest first.
    pub same_url: Vec<StoredArticle>,
    /// The article with the candidate's `body_sha256`.
    pub same_text: Option<TextHolder>,
    /// Articles that share near fingerprints with the candidate, most shared first. Looked up only
    /// when nothing above that was found has a text.
    pub near: Vec<NearArticle>,
    /// Articles seen under the candidate's headline, the latest first.
    pub same_title: Vec<TitledArticle>,
    /// Articles that a person keeps apart from the entry's own.
    pub apart: Vec<ArticleId>,
    /// Whether the candidate's text was found to be shared by several headlines of one publisher.
    pub text_is_shared: bool,
    /// The article at the address of the original that the candidate names, if the candidate's text has
    /// nothing of that article's: it is judged and stored as it is by itself then.
    pub belied: Option<ArticleId>,
    /// An article that stands at the candidate's own address because a copy named that as its original,
    /// and whose text has nothing of the candidate's; not among `same_url`, and no longer at that address.
    pub ousted: Option<ArticleId>,
    /// Whether the entry, its address or its text is of an article that was deleted.
    pub deleted: bool,
}

/// The article that holds a text, and what it was seen as.
#[derive(Debug, Clone, PartialEq)]
pub struct TextHolder {
    /// The article.
    pub article: StoredArticle,
    /// The different titles of its sightings, some of them.
    pub titles: Vec<String>,
}

/// An article proposed by near fingerprints.
#[derive(Debug, Clone, PartialEq)]
pub struct NearArticle {
    /// The article.
    pub article: StoredArticle,
    /// Its text, then the texts of copies of it that differ much from its own.
    pub texts: Vec<String>,
}

/// An article seen under a headline.
#[derive(Debug, Clone, PartialEq)]
pub struct TitledArticle {
    /// The article.
    pub article: StoredArticle,
    /// When it was published under that headline, as claimed; else when it was first seen.
    pub at: DateTime<Utc>,
    /// Whether the candidate's own feed lists it as another entry.
    pub is_listed_beside: bool,
}

/// A sighting as the store holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSighting {
    /// The article the entry carried when last read.
    pub article: StoredArticle,
    /// Whether a person said that it belongs there.
    pub is_decided: bool,
}

/// An article as the store holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredArticle {
    /// Its number.
    pub id: ArticleId,
    /// Its address, if any entry gave one.
    pub url: Option<String>,
    /// How good the witness of that address was.
    pub standing: Standing,
    /// Whether its text was taken from a copy of it.
    pub copied: bool,
    /// Its title.
    pub title: String,
    /// When the publisher says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// SHA-256 of its text's hash text; `None` for a held article, which has no text.
    pub body_sha256: Option<String>,
    /// How many words the text has; 0 for a held article.
    pub words: usize,
}

/// The judge's decision on one candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What the entry is.
    pub verdict: Verdict,
    /// The article it belongs to; `None` when a new one is to be stored.
    pub article: Option<ArticleId>,
    /// Other articles that this candidate proves to be the same one; merged into `article`.
    pub absorbs: Vec<ArticleId>,
    /// Whether the candidate's text takes the place of the stored one.
    pub takes_text: bool,
    /// Whether the candidate's address takes the place of the stored one.
    pub takes_url: bool,
    /// Whether the candidate's text is kept beside the article's, because it differs much from it.
    pub keeps_variant: bool,
    /// Why the candidate is held although it has a text, if so.
    pub held_for: Option<HoldReason>,
    /// An article whose text turned out to be no article's: it is held from now on.
    pub disowned: Option<ArticleId>,
    /// What the verdict rests on.
    pub evidence: Evidence,
}

impl Judgement {
    /// How alike the texts are, from 0 to 1, where that decided.
    #[must_use]
    pub fn similarity(&self) -> Option<f64> {
        let compared = self.evidence.comparison.filter(|_| self.verdict == Verdict::NearText);
        compared.map(|comparison| comparison.containment)
    }
}
