//! Decides when a feed has moved for good, and when it is gone for good.
//!
//! A permanent redirect is believed once it has stood for a week: servers send them by mistake,
//! and hotel networks send them to their login pages. A 410 is believed on the third day it is
//! seen: it too is sent by mistake, but the word is final. Nothing else ever ends a feed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{FeedUrl, Whereabouts};

/// How long a permanent redirect has to stand before it is believed.
pub const MOVES_AFTER: TimeDelta = TimeDelta::days(7);

/// Where the feed is after an answer of `status`, which came over permanent redirects to `moved_to`
/// if that is given.
#[must_use]
pub fn whereabouts(
    before: &Whereabouts,
    status: u16,
    moved_to: Option<&FeedUrl>,
    now: DateTime<Utc>,
) -> Whereabouts {
    let mut after = before.clone();
    match status {
        410 => {
            let today = now.date_naive();
            if after.gone_on != Some(today) {
                after.gone_on = Some(today);
                after.gone_days += 1;
            }
        }
        200..=299 | 304 => {
            (after.gone_on, after.gone_days) = (None, 0);
            after.moving = match (moved_to, before.moving.as_ref()) {
                (None, _) => None,
                (Some(to), Some((known, since))) if to == known => Some((to.clone(), *since)),
                (Some(to), _) => Some((to.clone(), now)),
            };
            if let Some((to, _)) = after.moving.take_if(|(_, since)| now - *since >= MOVES_AFTER) {
                after.address = Some(to);
            }
        }
        _ => {}
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        let first: DateTime<Utc> = "2026-04-01T12:00:00Z".parse().unwrap();
        first + TimeDelta::days(day)
    }

    fn url(name: &str) -> FeedUrl {
        format!("https://{name}.example/feed").parse().unwrap()
    }

    /// The address after answers of a status and a permanent redirect on some days.
    fn after(answers: &[(i64, u16, Option<&str>)]) -> Whereabouts {
        answers.iter().fold(Whereabouts::default(), |before, (on, status, moved_to)| {
            whereabouts(&before, *status, moved_to.map(url).as_ref(), day(*on))
        })
    }

    #[test]
    fn a_feed_moves_once_its_permanent_redirect_has_stood_for_a_week() {
        let there = Some(url("new"));
        for (answers, expected) in [
            (&[(0, 200, Some("new"))][..], None),
            (&[(0, 200, Some("new")), (6, 304, Some("new"))], None),
            (&[(0, 200, Some("new")), (3, 500, None), (7, 304, Some("new"))], there),
            (&[(0, 200, Some("new")), (3, 200, None), (8, 200, Some("new"))], None),
            (&[(0, 200, Some("new")), (3, 200, Some("other")), (8, 200, Some("new"))], None),
        ] {
            assert_eq!(after(answers).address, expected, "{answers:?}");
        }
    }

    #[test]
    fn a_feed_is_gone_on_the_third_day_of_being_gone() {
        for (answers, expected) in [
            (&[(0, 410, None), (0, 410, None), (0, 410, None)][..], false),
            (&[(0, 410, None), (1, 410, None)], false),
            (&[(0, 410, None), (1, 410, None), (9, 410, None)], true),
            (&[(0, 410, None), (1, 200, None), (2, 410, None), (3, 410, None)], false),
            (&[(0, 410, None), (1, 503, None), (2, 410, None), (3, 410, None)], true),
        ] {
            assert_eq!(after(answers).is_gone(), expected, "{answers:?}");
        }
    }
}
