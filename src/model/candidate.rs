//! Names an entry at the end of its road: everything the judge and the store need of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{CanonicalUrl, EntryKey, UrlKey, Validators};
use crate::text::packed::Packed;
use crate::text::sketch::Sketch;

/// An entry whose link was followed and whose text was found, ready to be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What identifies the entry in its feed.
    pub entry_key: EntryKey,
    /// SHA-256 of the entry as received; equal means that nothing changed.
    pub entry_sha256: String,
    /// The entry's title, as plain text; empty if it has none.
    pub title: String,
    /// The author, if known.
    pub author: Option<String>,
    /// The language tag, if declared.
    pub language: Option<String>,
    /// When the publisher says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// The link exactly as the feed gave it; kept for ever.
    pub link: Option<String>,
    /// What the link led to, where that is known.
    pub target: Option<String>,
    /// The best address known for the article; `None` when the entry has no usable link.
    pub url: Option<CanonicalUrl>,
    /// The keys of every address this entry proves to be the article's; empty without a link.
    pub url_keys: Vec<UrlKey>,
    /// How good a witness of the article's address this entry is.
    pub standing: Standing,
    /// What identifies the headline among those of its publisher; `None` when the publisher is not
    /// known or the headline is too short to tell anything.
    pub headline: Option<i64>,
    /// The link to the original that stood in a copy's boilerplate.
    pub source_link: Option<String>,
    /// Whether the text is a copy's: it names another original, or its link is still wrapped.
    pub copied: bool,
    /// What the entry proves by its own link, where it names an original elsewhere: an address whose
    /// article may turn out to say something else.
    pub own: Option<OwnAddress>,
    /// The article's text, or why there is none.
    pub text: Text,
    /// What cleaning took away.
    pub removed: Vec<Removed>,
    /// The version of the rules that cleaned the text.
    pub rules_version: String,
    /// What the text was read from, as far as it is kept.
    pub received: Vec<Received>,
    /// Why this text was taken and not another.
    pub choice: Choice,
}

/// What an entry proves by its own link alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddress {
    /// As [`Candidate::url`].
    pub url: Option<CanonicalUrl>,
    /// As [`Candidate::url_keys`].
    pub url_keys: Vec<UrlKey>,
    /// As [`Candidate::standing`].
    pub standing: Standing,
    /// As [`Candidate::copied`].
    pub copied: bool,
}

/// Why a text was taken, and what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Why the feed's text or the page's, or why neither.
    pub reason: ChoiceReason,
    /// When the page is asked for again, because it was asked for in vain.
    pub next_try_at: Option<DateTime<Utc>>,
    /// The boilerplate rule whose anchor stands near the end of the text, although nothing was cut
    /// there: the best sign of a template that nobody has described yet.
    pub uncut_rule: Option<String>,
}

/// Why a text was taken and not another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceReason {
    /// The feed's text is the full text.
    FeedIsFull,
    /// The operator wants the feed's text only.
    FeedIsWanted,
    /// There is no page to ask for: no link, or one that is still wrapped.
    NoPage,
    /// The page was asked for in vain.
    PageNotHad,
    /// The page has less text than the feed, or none.
    PageHasLess,
    /// The feed's text is too short for the full text.
    FeedIsShort,
    /// The feed's text says itself that it goes on elsewhere.
    FeedBreaksOff,
    /// The operator wants the page's text.
    PageIsWanted,
}

impl ChoiceReason {
    /// The word stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FeedIsFull => "feed-is-full",
            Self::FeedIsWanted => "feed-is-wanted",
            Self::NoPage => "no-page",
            Self::PageNotHad => "page-not-had",
            Self::PageHasLess => "page-has-less",
            Self::FeedIsShort => "feed-is-short",
            Self::FeedBreaksOff => "feed-breaks-off",
            Self::PageIsWanted => "page-is-wanted",
        }
    }
}

/// A text as it came, before extraction and cleaning: with it both can be done again offline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Whether it is the feed's field or the article's page.
    pub kind: TextSource,
    /// Of a page: the address that answered.
    pub url: Option<String>,
    /// The text itself: HTML or plain, as it came; a page without what no extractor reads.
    pub text: Packed,
    /// What the page's server gave to ask again with.
    pub validators: Validators,
}

impl Text {
    /// Where the body was found, if there is a body.
    #[must_use]
    pub fn source(&self) -> Option<TextSource> {
        match self {
            Self::Usable { source, .. } => Some(*source),
            Self::Unusable { .. } => None,
        }
    }

    /// The body's exact fingerprint, if there is a body.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        match self {
            Self::Usable { fingerprint, .. } => Some(&fingerprint.sha256),
            Self::Unusable { .. } => None,
        }
    }
}

impl Candidate {
    /// The same entry without its text, which is kept as its summary.
    #[must_use]
    pub fn held(&self, reason: HoldReason) -> Self {
        let summary = match &self.text {
            Text::Usable { body, .. } => body.clone(),
            Text::Unusable { summary, .. } => summary.clone(),
        };
        Self { text: Text::Unusable { reason, summary }, ..self.clone() }
    }

    /// The same entry as if it named no original elsewhere. Whose headline it has is not known then.
    #[must_use]
    pub fn by_itself(&self) -> Self {
        let Some(OwnAddress { url, url_keys, standing, copied }) = self.own.clone() else {
            return self.clone();
        };
        Self { url, url_keys, standing, copied, headline: None, own: None, ..self.clone() }
    }
}

/// How good a witness of an article's own address an entry is; the greater wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// A copy whose original is not known, or a link that is still wrapped.
    Copy,
    /// The link of a feed's own entry.
    Feed,
    /// The publisher's page, reached through a wrapper or a redirect.
    Publisher,
}

/// The text of an entry, or why it has none that could be compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    /// The article's own text.
    Usable {
        /// Paragraphs separated by one newline.
        body: String,
        /// What identifies the body.
        fingerprint: Fingerprint,
        /// Where the body was found.
        source: TextSource,
    },
    /// No text that stands for the article.
    Unusable {
        /// Why.
        reason: HoldReason,
        /// What the feed said of the article in a line or two; may be empty.
        summary: String,
    },
}

impl Text {
    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Usable { body, .. } => body.len(),
            Self::Unusable { summary, .. } => summary.len(),
        }
    }

    /// Whether nothing is left of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where a body was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TextSource {
    /// In the feed's own entry.
    Feed,
    /// On the article's page.
    Page,
}

impl TextSource {
    /// The source of a stored word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Feed, Self::Page].into_iter().find(|source| source.as_str() == word)
    }

    /// The word stored in the database and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Page => "page",
        }
    }
}

/// Why an entry has no body that could stand for the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldReason {
    /// The feed gives no text and no page was asked for, or nothing was left after cleaning.
    Empty,
    /// Fewer words than identify an article.
    Short,
    /// The page could not be fetched.
    PageFailed,
    /// The site asks robots to leave the page alone.
    PageRefused,
    /// The page was not one that an article could be read from.
    PageUnreadable,
    /// The link is still wrapped, so there is no page to ask.
    LinkPending,
    /// The same words stood under several headlines of one publisher, so they are no article.
    SharedText,
    /// The page asks for consent to cookies and the like first.
    Consent,
    /// The page asks for a proof that no robot is reading, or turns robots away.
    Challenge,
    /// Only a teaser stands before a barrier for those who pay.
    Paywall,
    /// The page asks to log in.
    Login,
    /// The page says that there is nothing, whatever its status.
    NotFound,
    /// The page is empty until a script fills it.
    ScriptOnly,
}

impl HoldReason {
    /// The word stored in the database and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Short => "short",
            Self::PageFailed => "page-failed",
            Self::PageRefused => "page-refused",
            Self::PageUnreadable => "page-unreadable",
            Self::LinkPending => "link-pending",
            Self::SharedText => "shared-text",
            Self::Consent => "consent",
            Self::Challenge => "challenge",
            Self::Paywall => "paywall",
            Self::Login => "login",
            Self::NotFound => "not-found",
            Self::ScriptOnly => "script-only",
        }
    }
}

/// What identifies a body: exactly, and nearly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// SHA-256 of the hash text, lower-case hex.
    pub sha256: String,
    /// The near fingerprints: at most 16 numbers of 31 bits, distinct and ascending.
    pub near: Vec<u32>,
    /// Tells texts that have little in common.
    pub sketch: Sketch,
    /// How many words the body has (characters, for scripts without spaces).
    pub words: usize,
}

/// A line that cleaning took away, and the rule that did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// The line as it stood.
    pub line: String,
    /// The rule's id.
    pub rule: String,
}
