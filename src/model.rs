//! Names the things the program speaks of: feeds, entries, articles, sightings, verdicts.
//!
//! No I/O, no async, no clock. Every floor above may use these words.

mod breaker;
mod candidate;
mod document;
mod evidence;
mod feed;
mod google_news;
mod link;
mod search_query;
mod verdict;
mod waiting;

pub use breaker::{BUDGET_PERIOD, Breaker, BreakerEvent, Passage};
pub use candidate::{
    Candidate, Choice, ChoiceReason, Fingerprint, HoldReason, OwnAddress, Received, Removed,
    Standing, Text, TextSource,
};
pub use document::{
    Content, DocumentLink, Enclosure, Entry, EntryKey, FeedDocument, FeedFormat, Person, Source,
    Tag,
};
pub use evidence::{Comparison, Evidence, Reason};
pub use feed::{
    ArticleId, FeedId, FeedOrigin, FeedUrl, FeedUrlError, Freshness, Habits, SightingId,
    Validators, Whereabouts,
};
pub use link::{CanonicalUrl, Pending, UrlKey};
pub use search_query::{SearchQuery, SearchQueryError, Term};
pub use verdict::{
    Judgement, Known, NearArticle, StoredArticle, StoredSighting, TextHolder, TitledArticle,
    Verdict,
};
pub use waiting::{Asks, Mending, Waiting};
