//! Puts right what keeps feeds from being claimed that should be: a clock that was wrong, and claims of
//! ours on what nobody reads any longer.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tracing::warn;

use super::STORE_RETRY;
use crate::model::FeedId;
use crate::pipeline::Pipeline;
use crate::store::StoreError;

/// A clock that goes back by more has not been set, it was wrong.
const CLOCK_SLACK: TimeDelta = TimeDelta::hours(1);

/// How often the file is looked through for what a wrong clock left, while that may still come: not for
/// each feed that is started.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is known of the clock, and of claims that nobody reads by.
pub(super) struct Mending {
    /// What the clock said last.
    told: DateTime<Utc>,
    /// Until when what was begun before the clock went back may still write by it.
    wary_until: Instant,
    /// When the file is looked through for that again.
    look_at: Instant,
    /// Feeds whose reading the store did not take. They are claimed still.
    lost: Vec<FeedId>,
    /// When they are given back: whatever fails again and again is to be asked no more often than that.
    lost_until: Instant,
}

impl Mending {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            // As if it had gone back: what a process before this one has left is looked through.
            told: DateTime::<Utc>::MAX_UTC,
            wary_until: now,
            look_at: now,
            lost: Vec::new(),
            lost_until: now,
        }
    }

    /// Puts right what there is; `now` is what the clock says.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn put_right(
        &mut self,
        pipeline: &Pipeline,
        worker: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let moment = Instant::now();
        // From above, so that no moment is too late for the sum.
        if now < self.told - CLOCK_SLACK {
            let longest = Duration::from_secs(pipeline.polling.feed_deadline_s);
            self.wary_until = moment + longest + STORE_RETRY;
            self.look_at = moment;
        }
        self.told = now;
        if moment < self.wary_until && self.look_at <= moment {
            self.look_at = moment + LOOK_EVERY;
            if pipeline.store.put_clock_right(worker, now).await? {
                warn!("the clock has gone back; what was put off or claimed by it is due now");
            }
        }
        if !self.lost.is_empty() && self.lost_until <= moment {
            pipeline.store.give_back(worker, self.lost.clone()).await?;
            self.lost.clear();
        }
        Ok(())
    }

    /// Takes note of a feed whose reading the store did not take, to be given back at a moment.
    pub(super) fn give_back(&mut self, feed: Option<FeedId>, at: Instant) {
        self.lost.extend(feed);
        self.lost_until = at;
    }
}
