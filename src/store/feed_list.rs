//! Names what is asked and answered about the list of feeds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::FeedStatus;
use crate::model::FeedUrl;

/// A feed as somebody's list names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFeed {
    /// What is polled.
    pub url: FeedUrl,
    /// What the list calls it.
    pub title: Option<String>,
    /// Where the list puts it: folders joined by `/`.
    pub category: Option<String>,
}

/// What became of a feed of an imported list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It was not wanted before and is now.
    Added,
    /// It was there, and is polled.
    AlreadyThere,
    /// It was there and stays paused, for this reason.
    Paused(String),
}

/// What pausing or resuming a feed did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switched {
    /// It was the other way and is no longer.
    Done,
    /// It was so already.
    Already,
    /// No such feed is wanted.
    Unknown,
}

/// Everything known of a feed.
#[derive(Debug, Clone, Serialize)]
pub struct FeedDetails {
    /// What the list of feeds tells.
    #[serde(flatten)]
    pub status: FeedStatus,
    /// Since when it is known.
    pub added_at: DateTime<Utc>,
    /// Since when it is paused, if so.
    pub paused_at: Option<DateTime<Utc>>,
    /// When it was last read, or said that nothing changed.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Until when a process may be reading it now; may have passed.
    pub claimed_until: Option<DateTime<Utc>>,
    /// Where it is asked for, if its server has moved it for good.
    pub address: Option<String>,
    /// Where permanent redirects lead that have not stood long enough to be believed.
    pub moving_to: Option<String>,
    /// The validators its server gave, by the names of their headers.
    pub validators: Vec<&'static str>,
    /// Its sightings by what each was when first judged.
    pub sightings_by_verdict: BTreeMap<String, u64>,
    /// Its last polls, the latest first.
    pub polls: Vec<PollRecord>,
}

/// One poll of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollRecord {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// `changed`, `not-modified` or `failed`.
    pub outcome: String,
    /// The status of the answer, if one came.
    pub http_status: Option<u16>,
    /// How large the document was, decoded.
    pub bytes: u64,
    /// How many entries it held.
    pub entries: u64,
    /// How many of them were articles nobody brought before.
    pub new_articles: u64,
    /// How many faults of the document were mended to read it.
    pub repaired: u64,
    /// What went wrong.
    pub error: Option<String>,
}
