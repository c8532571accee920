use proptest::prelude::*;

use super::*;

/// A Tuesday.
fn now() -> DateTime<Utc> {
    "2026-04-07T12:00:00Z".parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "every wish is one that may be absent")]
const fn hours(hours: u64) -> Option<Duration> {
    Some(Duration::from_secs(hours * 3_600))
}

#[expect(clippy::unnecessary_wraps, reason = "every wish is one that may be absent")]
const fn minutes(minutes: u64) -> Option<Duration> {
    Some(Duration::from_secs(minutes * 60))
}

const KNOWN: Wishes = Wishes {
    freshness: Freshness { fresh_for: None, retry_after: None },
    habits: Habits::NONE,
    interval: None,
    conditional: true,
    left_over: false,
};

fn fresh(fresh_for: Option<Duration>, retry_after: Option<Duration>) -> Freshness {
    Freshness { fresh_for, retry_after }
}

fn habit(change: impl FnOnce(&mut Habits)) -> Wishes {
    let mut habits = Habits::NONE;
    change(&mut habits);
    Wishes { habits, ..KNOWN }
}

fn check(wishes: &Wishes, expected: Option<Duration>, reason: &str) {
    // Feed 0 has no jitter.
    let next = after_success(FeedId(0), wishes, &PollingConfig::default(), now());
    assert_eq!((next.at - now()).to_std().ok(), expected, "{wishes:?}");
    assert_eq!(next.reason, reason, "{wishes:?}");
}

#[test]
fn the_server_may_ask_for_more_time() {
    check(&KNOWN, hours(1), "interval");
    check(&Wishes { freshness: fresh(hours(2), None), ..KNOWN }, hours(2), "the server's max-age");
    check(
        &Wishes { freshness: fresh(hours(2), hours(3)), ..KNOWN },
        hours(3),
        "the server's Retry-After",
    );
    check(
        &Wishes { freshness: fresh(None, hours(72)), ..KNOWN },
        hours(72),
        "the server's Retry-After",
    );
    check(
        &Wishes { freshness: fresh(None, hours(9_999)), ..KNOWN },
        hours(7 * 24),
        "the server's Retry-After, cut short",
    );
    check(&habit(|habits| habits.ttl = hours(5)), hours(5), "the feed's ttl");
    check(&habit(|habits| habits.ttl = hours(5_000)), hours(24), "the feed's ttl, cut short");
    check(&habit(|habits| habits.period = hours(12)), hours(12), "the feed's update period");
}

#[test]
fn a_feed_is_asked_at_its_own_pace() {
    check(&habit(|habits| habits.pace = hours(6)), hours(3), "the feed's pace");
    check(
        &habit(|habits| habits.pace = hours(900)),
        hours(24),
        "the feed's pace, cut to the longest interval",
    );
    check(&habit(|habits| habits.pace = minutes(20)), hours(1), "once an hour at most");
}

#[test]
fn a_server_may_invite_to_ask_more_often() {
    let busy = habit(|habits| habits.pace = minutes(40));
    let invited = Wishes { freshness: fresh(minutes(10), None), ..busy };
    check(&invited, minutes(20), "the feed's pace");
    let quick = habit(|habits| (habits.pace, habits.ttl) = (minutes(4), minutes(5)));
    check(&quick, minutes(15), "the feed's ttl, raised to the shortest interval");
}

#[test]
fn a_feed_without_validators_is_asked_once_a_day_unless_entries_would_be_missed() {
    let dear = Wishes { conditional: false, ..KNOWN };
    check(&dear, hours(24), "without validators, once a day at most");
    let quick = Habits { span: hours(10), ..Habits::NONE };
    check(&Wishes { habits: quick, ..dear }, hours(5), "without validators, once a day at most");
    let rushing = Habits { span: minutes(20), ..Habits::NONE };
    check(&Wishes { habits: rushing, ..dear }, hours(1), "interval");
    let inviting = Habits { ttl: hours(2), ..Habits::NONE };
    check(&Wishes { habits: inviting, ..dear }, hours(2), "the feed's ttl");
}

#[test]
fn the_operators_interval_comes_before_the_pace_but_not_before_the_server() {
    let paced = habit(|habits| habits.pace = hours(20));
    check(&Wishes { interval: hours(2), ..paced }, hours(2), "the feed's configured interval");
    check(&Wishes { interval: minutes(30), ..paced }, hours(1), "once an hour at most");
    let asked = Wishes { interval: hours(2), freshness: fresh(hours(4), None), ..paced };
    check(&asked, hours(4), "the server's max-age");
}

#[test]
fn entries_left_over_are_taken_up_soon_unless_the_server_minds() {
    check(&Wishes { left_over: true, ..KNOWN }, minutes(15), "entries were left over");
    let minded = Wishes { left_over: true, freshness: fresh(hours(2), None), ..KNOWN };
    check(&minded, hours(2), "the server's max-age");
}

#[test]
fn skipped_hours_and_days_are_slept_through() {
    // The wish is 13:00 on a Tuesday.
    let skipping = "interval, then the feed's skipHours/skipDays";
    let hour = |hour: u32| 1_u32 << hour;
    check(&habit(|habits| habits.skip_hours = hour(12)), hours(1), "interval");
    check(&habit(|habits| habits.skip_hours = hour(13) | hour(14)), hours(3), skipping);
    check(&habit(|habits| habits.skip_days = 0b10), hours(12), skipping);
    check(&habit(|habits| habits.skip_days = 0b0111_1110), hours(12 + 5 * 24), skipping);
    check(&habit(|habits| habits.skip_hours = u32::MAX), hours(1), "interval");
}

#[test]
fn failures_double_the_wait_up_to_the_longest_interval() {
    for (failures, expected) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (4_000, 24)] {
        let next = after_failure(FeedId(0), failures, &KNOWN, &PollingConfig::default(), now());
        assert_eq!((next.at - now()).to_std().ok(), hours(expected), "failure {failures}");
    }
    let asked = Wishes { freshness: fresh(None, hours(48)), ..KNOWN };
    let next = after_failure(FeedId(0), 1, &asked, &PollingConfig::default(), now());
    assert_eq!((next.at - now()).to_std().ok(), hours(48));
}

prop_compose! {
    fn any_wishes()(
        fresh_for in option_of_time(),
        retry_after in option_of_time(),
        ttl in option_of_time(),
        period in option_of_time(),
        pace in option_of_time(),
        span in option_of_time(),
        interval in option_of_time(),
        skip_hours in any::<u32>(),
        skip_days in any::<u8>(),
        conditional in any::<bool>(),
        left_over in any::<bool>(),
    ) -> Wishes {
        let habits = Habits { ttl, period, skip_hours, skip_days, pace, span };
        Wishes { freshness: Freshness { fresh_for, retry_after }, habits, interval, conditional, left_over }
    }
}

fn option_of_time() -> impl Strategy<Value = Option<Duration>> {
    proptest::option::of(any::<u64>().prop_map(Duration::from_secs))
}

proptest! {
    #[test]
    fn the_next_poll_is_never_early_and_never_forgotten(
        feed in any::<i64>(),
        failures in any::<u32>(),
        wishes in any_wishes(),
    ) {
        let polling = PollingConfig::default();
        let least = TimeDelta::seconds(900);
        // A week asked for, its jitter, and a week of skipped hours.
        let most = TimeDelta::days(7) + TimeDelta::days(7) / 20 + TimeDelta::days(7);
        for next in [
            after_success(FeedId(feed), &wishes, &polling, now()),
            after_failure(FeedId(feed), failures, &wishes, &polling, now()),
        ] {
            prop_assert!((least..=most).contains(&(next.at - now())), "{next:?}");
        }
    }
}
