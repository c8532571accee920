//! Names what a verdict rests on, so that a person can follow it.

use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Serialize};

use super::ArticleId;

/// What a verdict rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// The article the candidate was compared with, or whose sign it bears.
    pub article: Option<ArticleId>,
    /// What decided: for a copy the rule that made it one, for a new article the one that kept it
    /// apart from the article most like it.
    pub reason: Option<Reason>,
    /// How the two texts compare, where texts were compared.
    pub comparison: Option<Comparison>,
}

/// A rule of the judge that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The same entry of the same feed.
    SameEntry,
    /// An address known to be the article's.
    SameAddress,
    /// Exactly the same words.
    SameWords,
    /// Most of the shorter text stands in the other, and they begin alike.
    Contained,
    /// Less of it does, but in whole passages: paragraphs were taken out or put in.
    Excerpt,
    /// A short text reworded in places, without a number among what differs.
    ShortReworded,
    /// One publisher's headline, of nearly the same time, over an entry or article without a text.
    SameHeadline,
    /// A person said that it is this article.
    Decided,
    /// Kept apart: a person said that it is another article.
    DecidedApart,
    /// Kept apart: too few shared words in a row; a quotation at most.
    TooLittleShared,
    /// Kept apart: too much of the shorter text is not in the other.
    NotContained,
    /// Kept apart: the texts share their later parts but begin with different stories.
    LeadsDiffer,
    /// Kept apart: each begins with words of its own before a text they share, as stubs do.
    SharedFrame,
    /// Kept apart: they differ in their numbers and names, like one template filled in twice.
    FilledInAnew,
    /// Kept apart: a headline that comes back day after day.
    RecurringHeadline,
    /// Kept apart: it names the article as its original, and has nothing of its text.
    OriginalDiffers,
    /// Kept without a text: the same words stood under several headlines of one publisher.
    SharedText,
    /// Not kept: the article was deleted.
    Deleted,
}

impl Reason {
    /// The word stored in the database and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameEntry => "same-entry",
            Self::SameAddress => "same-address",
            Self::SameWords => "same-words",
            Self::Contained => "contained",
            Self::Excerpt => "excerpt",
            Self::ShortReworded => "short-reworded",
            Self::SameHeadline => "same-headline",
            Self::Decided => "decided",
            Self::DecidedApart => "decided-apart",
            Self::TooLittleShared => "too-little-shared",
            Self::NotContained => "not-contained",
            Self::LeadsDiffer => "leads-differ",
            Self::SharedFrame => "shared-frame",
            Self::FilledInAnew => "filled-in-anew",
            Self::RecurringHeadline => "recurring-headline",
            Self::OriginalDiffers => "original-differs",
            Self::SharedText => "shared-text",
            Self::Deleted => "deleted",
        }
    }

    /// The rule of a word; `None` for one that no rule of today has.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
            word.into_deserializer();
        Self::deserialize(word).ok()
    }
}

/// How two texts compare. Counts are of distinct runs of five words (ten characters, in scripts
/// without spaces) unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// The share of the shorter text's runs that the other has too, from 0 to 1.
    pub containment: f64,
    /// How many runs both have.
    pub shared: usize,
    /// How many runs the one with fewer has.
    pub runs: usize,
    /// How much of one text's lead stands in the other, the better of both directions, 0 to 1.
    pub lead: f64,
    /// How many numbers stand against other numbers.
    pub conflicting_numbers: usize,
    /// How many names stand against other names.
    pub conflicting_names: usize,
}
