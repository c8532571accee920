//! Decides when a feed is asked again.
//!
//! The wish is one interval; a server may ask for more time (`max-age`, `Expires`, `ttl`,
//! `Retry-After`), never for less. After a failure the time doubles with each further one. Every
//! result lies between the shortest and the longest interval and carries its reason. A feed's
//! jitter depends on its number only, so feeds added together drift apart and stay apart.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::PollingConfig;
use crate::model::{FeedId, Freshness};
use crate::store::NextPoll;

/// The least time between two polls of a feed whose server gives no validators, so that each poll
/// costs it the whole document.
const UNCONDITIONAL_MIN: Duration = Duration::from_secs(3_600);

/// The jitter added at most: this part of the interval.
const JITTER_DIVISOR: u32 = 20;

/// How many doublings the wait after failures knows; the longest interval ends it sooner.
const DOUBLINGS_MAX: u32 = 10;

/// What a successful poll found out about the feed's wishes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// What the server said.
    pub freshness: Freshness,
    /// What the document said (`ttl`).
    pub ttl: Option<Duration>,
    /// Whether the next request can be conditional.
    pub conditional: bool,
    /// Whether entries were left over that should be taken up soon.
    pub left_over: bool,
}

/// When to ask again after an answer.
#[must_use]
pub fn after_success(
    feed: FeedId,
    wishes: Wishes,
    polling: &PollingConfig,
    now: DateTime<Utc>,
) -> NextPoll {
    let mut longest = (Duration::from_secs(polling.interval_s), "interval");
    if wishes.left_over {
        longest = (Duration::from_secs(polling.interval_min_s), "entries were left over");
    } else if !wishes.conditional && longest.0 < UNCONDITIONAL_MIN {
        longest = (UNCONDITIONAL_MIN, "interval of a feed without validators");
    }
    for (wish, reason) in [
        (wishes.freshness.fresh_for, "the server's max-age"),
        (wishes.ttl, "the feed's ttl"),
        (wishes.freshness.retry_after, "the server's Retry-After"),
    ] {
        if let Some(wish) = wish.filter(|wish| *wish > longest.0) {
            longest = (wish, reason);
        }
    }
    clamped(feed, longest.0, longest.1, polling, now)
}

/// When to ask again after the n-th failure in a row (1 for the first).
#[must_use]
pub fn after_failure(
    feed: FeedId,
    failures: u32,
    freshness: Freshness,
    polling: &PollingConfig,
    now: DateTime<Utc>,
) -> NextPoll {
    let doublings = failures.saturating_sub(1).min(DOUBLINGS_MAX);
    let wait = Duration::from_secs(polling.interval_s.saturating_mul(1 << doublings));
    match freshness.retry_after {
        Some(asked) if asked > wait => {
            clamped(feed, asked, "the server's Retry-After", polling, now)
        }
        _ => clamped(feed, wait, &format!("failure {failures} in a row"), polling, now),
    }
}

fn clamped(
    feed: FeedId,
    wait: Duration,
    reason: &str,
    polling: &PollingConfig,
    now: DateTime<Utc>,
) -> NextPoll {
    let least = Duration::from_secs(polling.interval_min_s);
    let most = Duration::from_secs(polling.interval_max_s);
    let (wait, reason) = if wait > most {
        (most, format!("{reason}, cut to the longest interval"))
    } else if wait < least {
        (least, format!("{reason}, raised to the shortest interval"))
    } else {
        (wait, reason.to_owned())
    };
    let wait = wait + jitter(feed, wait);
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
    NextPoll { at: now + wait, reason }
}

/// Fibonacci hashing: neighbouring numbers land far apart, evenly over the whole range.
fn jitter(feed: FeedId, wait: Duration) -> Duration {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let [.., high, higher] = feed.0.unsigned_abs().wrapping_mul(GOLDEN).to_le_bytes();
    let spread = u16::from_le_bytes([high, higher]);
    (wait / JITTER_DIVISOR).mul_f64(f64::from(spread) / f64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-04-07T12:00:00Z".parse().unwrap()
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn check(wishes: Wishes, expected_s: u64, reason: &str) {
        // Feed 0 has no jitter.
        let next = after_success(FeedId(0), wishes, &PollingConfig::default(), now());
        assert_eq!(next.at - now(), TimeDelta::seconds(i64::try_from(expected_s).unwrap()));
        assert_eq!(next.reason, reason);
    }

    #[test]
    fn the_longest_wish_wins_within_the_limits() {
        let known = Wishes { conditional: true, ..Wishes::default() };
        let with = |fresh_for, retry_after| Freshness { fresh_for, retry_after };
        check(known, 3_600, "interval");
        check(Wishes { freshness: with(Some(seconds(60)), None), ..known }, 3_600, "interval");
        check(
            Wishes { freshness: with(Some(seconds(7_200)), None), ..known },
            7_200,
            "the server's max-age",
        );
        check(
            Wishes { freshness: with(Some(seconds(7_200)), Some(seconds(9_000))), ..known },
            9_000,
            "the server's Retry-After",
        );
        check(Wishes { ttl: Some(seconds(5_400)), ..known }, 5_400, "the feed's ttl");
        check(
            Wishes { ttl: Some(seconds(10_000_000)), ..known },
            86_400,
            "the feed's ttl, cut to the longest interval",
        );
        check(Wishes { left_over: true, ..known }, 900, "entries were left over");
    }

    #[test]
    fn a_feed_without_validators_is_left_alone_for_an_hour() {
        let polling = PollingConfig { interval_s: 900, ..PollingConfig::default() };
        let next = after_success(FeedId(0), Wishes::default(), &polling, now());
        assert_eq!(next.at - now(), TimeDelta::hours(1));
    }

    #[test]
    fn failures_double_the_wait_up_to_the_longest_interval() {
        for (failures, hours) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (4_000, 24)] {
            let next = after_failure(
                FeedId(0),
                failures,
                Freshness::default(),
                &PollingConfig::default(),
                now(),
            );
            assert_eq!(next.at - now(), TimeDelta::hours(hours), "failure {failures}");
        }
    }

    proptest! {
        #[test]
        fn the_next_poll_is_never_early_and_never_forgotten(
            feed in any::<i64>(),
            failures in any::<u32>(),
            fresh_for in proptest::option::of(any::<u64>()),
            retry_after in proptest::option::of(any::<u64>()),
        ) {
            let polling = PollingConfig::default();
            let freshness = Freshness {
                fresh_for: fresh_for.map(Duration::from_secs),
                retry_after: retry_after.map(Duration::from_secs),
            };
            let wishes = Wishes { freshness, ..Wishes::default() };
            let least = TimeDelta::seconds(900);
            let most = TimeDelta::seconds(86_400 + 86_400 / 20);
            for next in [
                after_success(FeedId(feed), wishes, &polling, now()),
                after_failure(FeedId(feed), failures, freshness, &polling, now()),
            ] {
                prop_assert!((least..=most).contains(&(next.at - now())), "{next:?}");
            }
        }
    }
}
