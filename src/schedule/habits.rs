//! Reads in a feed's document how often it is worth asking for.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{FeedDocument, Habits};

/// How many dated entries it takes to speak of a pace.
const ENTRIES_MIN: usize = 4;

/// What a document tells of its feed's habits.
#[must_use]
pub fn habits(document: &FeedDocument, now: DateTime<Utc>) -> Habits {
    let dates = document.entries.iter().filter_map(|entry| entry.published.or(entry.updated));
    let (pace, span) = pace_and_span(dates.collect(), now);
    Habits { pace, span, ..document.habits }
}

/// The usual gap between two entries, and how long an entry stays in the document.
///
/// The usual gap is the median, counted with the silence since the newest entry: a feed that fell
/// silent slows down with it. Future dates are a publisher's mistake and tell nothing.
fn pace_and_span(
    mut dates: Vec<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (Option<Duration>, Option<Duration>) {
    dates.retain(|date| *date <= now);
    dates.sort_unstable();
    let (Some(oldest), Some(newest)) = (dates.first().copied(), dates.last().copied()) else {
        return (None, None);
    };
    if dates.len() < ENTRIES_MIN {
        return (None, None);
    }
    let mut gaps: Vec<TimeDelta> =
        dates.iter().zip(dates.iter().skip(1)).map(|(one, next)| *next - *one).collect();
    gaps.sort_unstable();
    let median = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
    let usual = median.max(now - newest);
    (usual.to_std().ok(), (newest - oldest).to_std().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hours_ago: &[i64], pace_h: Option<u64>, span_h: Option<u64>) {
        let now: DateTime<Utc> = "2026-04-07T12:00:00Z".parse().unwrap();
        let dates = hours_ago.iter().map(|hours| now - TimeDelta::hours(*hours)).collect();
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        assert_eq!(
            pace_and_span(dates, now),
            (pace_h.map(hours), span_h.map(hours)),
            "{hours_ago:?} hours ago"
        );
    }

    #[test]
    fn the_pace_is_the_usual_gap_or_the_present_silence() {
        check(&[0, 2, 4, 6, 8], Some(2), Some(8));
        check(&[8, 6, 4, 2, 0], Some(2), Some(8));
        check(&[1, 2, 3, 100], Some(1), Some(99));
        check(&[30, 31, 32, 33], Some(30), Some(3));
        check(&[0, 2, 4, 6, -500], Some(2), Some(6));
        check(&[0, 1, 2], None, None);
        check(&[], None, None);
    }
}
