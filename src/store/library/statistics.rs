//! Names what is counted in a file.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// The feeds that are wanted.
    pub feeds: FeedCounts,
    /// How many articles there are.
    pub articles: u64,
    /// How many of these are held without a text.
    pub held: u64,
    /// How many entries were seen.
    pub sightings: u64,
    /// What these were when they were first judged.
    pub verdicts: BTreeMap<String, u64>,
    /// How many articles were first seen on each of the last days (UTC), the earliest first.
    pub new_by_day: Vec<DayCount>,
    /// The hosts with the most articles.
    pub top_hosts: Vec<Share>,
    /// The declared languages of the most articles; without a name: none declared.
    pub top_languages: Vec<Share>,
    /// The feeds with the most entries.
    pub top_feeds: Vec<Share>,
    /// The size of the file, without its write-ahead log.
    pub file_bytes: u64,
    /// How much of it is free to be used again.
    pub free_bytes: u64,
    /// The version of its schema.
    pub schema_version: i64,
}

/// How many feeds are wanted, and how they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FeedCounts {
    /// Those that were read, or said that nothing changed, when last asked.
    pub ok: u64,
    /// Those that could not be read.
    pub failing: u64,
    /// Those that are not polled at present.
    pub paused: u64,
    /// Those that were never polled.
    pub new: u64,
}

impl FeedCounts {
    /// All that are wanted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ok + self.failing + self.paused + self.new
    }
}

/// A day and how many articles were new on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayCount {
    /// The day, as in `2026-11-22`.
    pub day: String,
    /// How many articles.
    pub articles: u64,
}

/// How many there are of something that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Its name.
    pub name: Option<String>,
    /// How many.
    pub count: u64,
}
