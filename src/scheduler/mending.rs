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

/// How long after the clock went back the file is looked through again for what was planned by it; then
/// after twice that, and so on while something may still come. Each look goes through all feeds.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What is known of the clock, and of claims that nobody reads by.
pub(super) struct Mending {
    /// What the clock said last.
    told: DateTime<Utc>,
    /// Until when what was begun before the clock went back may still write by it.
    wary_until: Instant,
    /// When the file is looked through for that; `None` where nothing can have come.
    look_at: Option<Instant>,
    /// How long after that it is looked through again.
    look_again_after: Duration,
    /// Feeds whose reading the store did not take. They are claimed still.
    lost: Vec<FeedId>,
    /// When they are given back: whatever fails again and again is to be asked no more often than that.
    lost_until: Instant,
}

impl Mending {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            told: DateTime::UNIX_EPOCH,
            wary_until: now,
            // What a process before this one has left is looked through once.
            look_at: Some(now),
            look_again_after: LOOK_AGAIN_AFTER,
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
        let longest = Duration::from_secs(pipeline.polling.feed_deadline_s) + STORE_RETRY;
        self.hear(now, moment, longest);
        if self.look_at.is_some_and(|at| at <= moment) {
            if pipeline.store.put_clock_right(worker, now).await? {
                warn!("the clock has gone back; what was put off or claimed by it is due now");
            }
            self.looked(moment);
        }
        if !self.lost.is_empty() && self.lost_until <= moment {
            pipeline.store.give_back(worker, self.lost.clone()).await?;
            self.lost.clear();
        }
        Ok(())
    }

    /// Takes note of what the clock says; what was begun before it went back is at its end after
    /// `longest`.
    fn hear(&mut self, now: DateTime<Utc>, moment: Instant, longest: Duration) {
        if now < self.told - CLOCK_SLACK {
            self.wary_until = moment + longest;
            self.look_at = Some(moment);
            self.look_again_after = LOOK_AGAIN_AFTER;
        }
        self.told = now;
    }

    /// Takes note of a look. The last one is when nothing more can come.
    fn looked(&mut self, moment: Instant) {
        let again_at = (moment + self.look_again_after).min(self.wary_until);
        self.look_at = (moment < self.wary_until).then_some(again_at);
        self.look_again_after *= 2;
    }

    /// Takes note of a feed whose reading the store did not take, to be given back at a moment.
    pub(super) fn give_back(&mut self, feed: Option<FeedId>, at: Instant) {
        self.lost.extend(feed);
        self.lost_until = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(10);

    /// After how many seconds the file is looked through, if the clock is asked each second.
    fn looks(mending: &mut Mending, clock: impl Fn(u32) -> i64) -> Vec<u32> {
        let began = Instant::now();
        let mut looks = Vec::new();
        for second in 0..60 {
            let moment = began + Duration::from_secs(second.into());
            let now = DateTime::from_timestamp(clock(second), 0).unwrap();
            mending.hear(now, moment, LONGEST);
            if mending.look_at.is_some_and(|at| at <= moment) {
                looks.push(second);
                mending.looked(moment);
            }
        }
        looks
    }

    #[test]
    fn the_file_is_looked_through_once_while_the_clock_goes_on() {
        let goes_on = |second: u32| 1_800_000_000 + i64::from(second);
        assert_eq!(looks(&mut Mending::new(), goes_on), [0]);
        let falters = |second: u32| 1_800_000_000 - i64::from(second % 2) * 3_599;
        assert_eq!(looks(&mut Mending::new(), falters), [0]);
    }

    #[test]
    fn a_clock_that_went_back_is_looked_after_until_nothing_more_can_come() {
        let goes_back = |second: u32| if second < 20 { 1_900_000_000 } else { 1_800_000_000 };
        assert_eq!(looks(&mut Mending::new(), goes_back), [0, 20, 21, 23, 27, 30]);
    }
}
