//! Tells what came of one poll: to the schedule, which decides the next, and to whoever watches.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::PollingConfig;
use crate::model::{FeedUrl, Freshness, Whereabouts};
use crate::schedule::{self, Wishes};
use crate::store::{Admission, ClaimedFeed, Counts, NextPoll, Outcome};

/// What came of one poll, for whoever watches.
#[derive(Debug, Clone)]
pub struct Report {
    /// The feed that was polled.
    pub feed: ClaimedFeed,
    /// What came of it.
    pub polled: Polled,
    /// When it is polled next.
    pub next_poll: NextPoll,
}

/// What came of one poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    /// A document was read and stored.
    Changed {
        /// What its entries turned out to be.
        counts: Counts,
        /// How many entries were left for the next poll, because the deadline had passed.
        left_over: usize,
        /// How many entries beyond the limit were not read at all.
        cut: usize,
    },
    /// The server says that nothing changed.
    NotModified,
    /// There is no document to read; why, in one line.
    Failed(String),
    /// Another process took the feed over meanwhile; nothing was written.
    ClaimLost,
}

/// What is noted on the way beside the outcome.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) http_status: Option<u16>,
    pub(super) freshness: Freshness,
    pub(super) moved_to: Option<FeedUrl>,
    pub(super) left_over: usize,
    pub(super) cut: usize,
    settled: u64,
    is_not_modified: bool,
    failure: Option<String>,
}

impl Notes {
    /// Notes how it ended; answers when the feed is asked again after that.
    pub(super) fn next_poll(
        &mut self,
        feed: &ClaimedFeed,
        outcome: &Outcome,
        interval: Option<Duration>,
        polling: &PollingConfig,
        now: DateTime<Utc>,
    ) -> NextPoll {
        let mut wishes = Wishes {
            freshness: self.freshness,
            habits: feed.habits,
            interval,
            conditional: true,
            left_over: self.left_over > 0,
        };
        match outcome {
            Outcome::Failed { error } => {
                self.failure = Some(error.clone());
                let failures = feed.failures.saturating_add(1);
                return schedule::after_failure(feed.id, failures, &wishes, polling, now);
            }
            Outcome::NotModified { .. } => self.is_not_modified = true,
            Outcome::Changed(delivery) => {
                self.settled = delivery.settled.len() as u64;
                wishes.habits = delivery.habits;
                wishes.conditional =
                    delivery.validators.as_ref().is_some_and(|received| !received.is_empty());
            }
        }
        schedule::after_success(feed.id, &wishes, polling, now)
    }

    /// Where the feed is after this.
    pub(super) fn whereabouts(&self, feed: &ClaimedFeed, now: DateTime<Utc>) -> Whereabouts {
        let before = &feed.whereabouts;
        self.http_status.map_or_else(
            || before.clone(),
            |status| schedule::whereabouts(before, status, self.moved_to.as_ref(), now),
        )
    }

    /// What came of a poll whose reading has been stored, for whoever watches.
    pub(super) fn polled(self, admission: &Admission) -> Polled {
        let admitted = match (admission, self.failure) {
            (Admission::ClaimLost, _) => return Polled::ClaimLost,
            (Admission::Stored(_), Some(error)) => return Polled::Failed(error),
            (Admission::Stored(_), None) if self.is_not_modified => return Polled::NotModified,
            (Admission::Stored(admitted), None) => admitted,
        };
        let mut counts = Counts { unchanged: self.settled, ..Counts::default() };
        for entry in admitted {
            counts.count(entry.verdict);
        }
        Polled::Changed { counts, left_over: self.left_over, cut: self.cut }
    }
}
