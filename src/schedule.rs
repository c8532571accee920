//! Decides when a feed is asked again.
//!
//! # The wish
//! The operator's interval for the feed, else the feed's own pace (half the usual gap between two
//! entries), else the configured interval.
//!
//! # The floor
//! A conditional request costs a server next to nothing, a full one the whole document, and
//! publishers say how often they want either: once an hour, once a day. More often only where the
//! server itself invites to it (`max-age`, `Expires`, `ttl`, `sy:updatePeriod`), or where entries
//! would otherwise leave the document unseen.
//!
//! # The server's word
//! Whoever asks for more time gets it: `max-age`, `Expires`, `ttl`, `sy:update*` up to the longest
//! interval (a year's `max-age` on a feed is a mistake), `Retry-After` up to a week. `skipHours` and
//! `skipDays` move the poll to the next hour that is not among them. After a failure the time
//! doubles with each further one.
//!
//! Every result carries its reason. A feed's jitter depends on its number only, so feeds added
//! together drift apart and stay apart.

mod habits;
mod pages;
mod whereabouts;

pub use habits::habits;
pub use pages::page_rest;
pub use whereabouts::{MOVES_AFTER, whereabouts};

use std::time::Duration;

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};

use crate::config::PollingConfig;
use crate::model::{FeedId, Freshness, Habits};
use crate::store::NextPoll;

const HOUR: Duration = Duration::from_secs(3_600);

/// The least time between two polls of a feed that can be asked conditionally.
const CONDITIONAL_MIN: Duration = HOUR;

/// The least time between two polls of a feed whose server gives no validators.
const UNCONDITIONAL_MIN: Duration = Duration::from_secs(24 * 3_600);

/// The longest `Retry-After` that is obeyed; longer ones have been typing errors.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(7 * 86_400);

/// The jitter added at most: this part of the interval.
const JITTER_DIVISOR: u32 = 20;

/// How many doublings the wait after failures knows; the longest interval ends it sooner.
const DOUBLINGS_MAX: u32 = 10;

/// What a poll found out about when the feed wants to be asked again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// What the server said.
    pub freshness: Freshness,
    /// What the document says, now or when it was last read.
    pub habits: Habits,
    /// The operator's interval for this feed.
    pub interval: Option<Duration>,
    /// Whether the next request can be conditional.
    pub conditional: bool,
    /// Whether entries were left over that should be taken up soon.
    pub left_over: bool,
}

/// When to ask again after an answer.
#[must_use]
pub fn after_success(
    feed: FeedId,
    wishes: &Wishes,
    polling: &PollingConfig,
    now: DateTime<Utc>,
) -> NextPoll {
    let mut wait = wish(wishes, polling);
    if let Some((floor, reason)) = floor(wishes).filter(|(floor, _)| *floor > wait.time) {
        wait = Wait { time: floor, reason: reason.to_owned() };
    }
    if wishes.left_over {
        wait = Wait::new(Duration::from_secs(polling.interval_min_s), "entries were left over");
    }
    let longest = Duration::from_secs(polling.interval_max_s);
    for (asked, reason) in [
        (wishes.freshness.fresh_for, "the server's max-age"),
        (wishes.habits.ttl, "the feed's ttl"),
        (wishes.habits.period, "the feed's update period"),
    ] {
        wait.lengthen(asked, longest, reason);
    }
    wait.clamp(polling);
    wait.lengthen(wishes.freshness.retry_after, RETRY_AFTER_MAX, "the server's Retry-After");
    wait.next(feed, wishes.habits, now)
}

/// When to ask again after the n-th failure in a row (1 for the first).
#[must_use]
pub fn after_failure(
    feed: FeedId,
    failures: u32,
    wishes: &Wishes,
    polling: &PollingConfig,
    now: DateTime<Utc>,
) -> NextPoll {
    let doublings = failures.saturating_sub(1).min(DOUBLINGS_MAX);
    let time = Duration::from_secs(polling.interval_s.saturating_mul(1 << doublings));
    let mut wait = Wait { time, reason: format!("failure {failures} in a row") };
    let longest = Duration::from_secs(polling.interval_max_s);
    wait.lengthen(wishes.freshness.fresh_for, longest, "the server's max-age");
    wait.clamp(polling);
    wait.lengthen(wishes.freshness.retry_after, RETRY_AFTER_MAX, "the server's Retry-After");
    wait.next(feed, wishes.habits, now)
}

fn wish(wishes: &Wishes, polling: &PollingConfig) -> Wait {
    if let Some(interval) = wishes.interval {
        return Wait::new(interval, "the feed's configured interval");
    }
    match wishes.habits.pace {
        Some(pace) => Wait::new(pace / 2, "the feed's pace"),
        None => Wait::new(Duration::from_secs(polling.interval_s), "interval"),
    }
}

/// The least time that publishers ask for, unless this one invites to less.
fn floor(wishes: &Wishes) -> Option<(Duration, &'static str)> {
    let Habits { ttl, period, span, .. } = wishes.habits;
    let invitation = [wishes.freshness.fresh_for, ttl, period].into_iter().flatten().max();
    let (floor, reason) = if wishes.conditional {
        (CONDITIONAL_MIN, "once an hour at most")
    } else {
        // Half of the time an entry stays in the document: the least that misses none.
        let kept = span.map_or(UNCONDITIONAL_MIN, |span| span / 2);
        (kept.clamp(HOUR, UNCONDITIONAL_MIN), "without validators, once a day at most")
    };
    invitation.is_none_or(|invitation| invitation > floor).then_some((floor, reason))
}

/// A time to wait, and why.
struct Wait {
    time: Duration,
    reason: String,
}

impl Wait {
    fn new(time: Duration, reason: &str) -> Self {
        Self { time, reason: reason.to_owned() }
    }

    /// Waits as long as was asked for, within reason, if that is longer.
    fn lengthen(&mut self, asked: Option<Duration>, most: Duration, reason: &str) {
        let Some(asked) = asked.filter(|asked| *asked > self.time) else { return };
        if asked > most {
            *self = Self { time: most.max(self.time), reason: format!("{reason}, cut short") };
        } else {
            *self = Self::new(asked, reason);
        }
    }

    fn clamp(&mut self, polling: &PollingConfig) {
        let least = Duration::from_secs(polling.interval_min_s);
        let most = Duration::from_secs(polling.interval_max_s);
        if self.time > most {
            self.reason.push_str(", cut to the longest interval");
        } else if self.time < least {
            self.reason.push_str(", raised to the shortest interval");
        }
        self.time = self.time.clamp(least, most.max(least));
    }

    fn next(self, feed: FeedId, habits: Habits, now: DateTime<Utc>) -> NextPoll {
        let wait = self.time + jitter(feed, self.time);
        let at = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
        match awake(at, habits) {
            later if later > at => NextPoll {
                at: later,
                reason: format!("{}, then the feed's skipHours/skipDays", self.reason),
            },
            _ => NextPoll { at, reason: self.reason },
        }
    }
}

/// The moment itself, or the beginning of the next hour that the feed does not skip. A feed that
/// skips every hour of the week means none.
fn awake(at: DateTime<Utc>, habits: Habits) -> DateTime<Utc> {
    let is_skipped = |at: DateTime<Utc>| {
        habits.skip_hours & (1 << at.hour()) != 0
            || habits.skip_days & (1 << at.weekday().num_days_from_monday()) != 0
    };
    if !is_skipped(at) {
        return at;
    }
    let into_the_hour = TimeDelta::seconds(i64::from(at.minute() * 60 + at.second()));
    let hour = at - into_the_hour;
    (1..=7 * 24)
        .map(|hours| hour + TimeDelta::hours(hours))
        .find(|at| !is_skipped(*at))
        .unwrap_or(at)
}

/// Fibonacci hashing: neighbouring numbers land far apart, evenly over the whole range.
fn jitter(feed: FeedId, wait: Duration) -> Duration {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let [.., high, higher] = feed.0.unsigned_abs().wrapping_mul(GOLDEN).to_le_bytes();
    let spread = u16::from_le_bytes([high, higher]);
    (wait / JITTER_DIVISOR).mul_f64(f64::from(spread) / f64::from(u16::MAX))
}

#[cfg(test)]
mod tests;
