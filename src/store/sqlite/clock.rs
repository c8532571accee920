//! Puts right what was planned by a clock that has gone back since.
//!
//! A clock that was years ahead leaves moments in the file that do not come for years: feeds that are
//! not due, links and pages that wait, claims and breakers that stand. They are told from sound ones
//! by what they were counted from, which lies in the future, or by being further away than any plan
//! of ours. When something was seen or polled stays as it was written down: no clock says when it
//! really was.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, Result, Transaction};

use super::rows::moment;

/// How far ahead something may lie that has happened, and how far a claim may reach. Two clocks may
/// differ by less, and what is put off by less needs no mending.
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// The longest rests of a service that limits us and of a page, each with an hour to spare.
const BREAKER_AHEAD: TimeDelta = TimeDelta::hours(24 + 1);
const PAGE_AHEAD: TimeDelta = TimeDelta::hours(30 * 24 + 1);

/// What only a clock ahead of this one can have written (table and condition), and what is right;
/// `m` are the [`MOMENTS`].
const MENDED: [(&str, &str, &str); 8] = [
    (
        "feeds",
        "next_poll_at > m.now AND coalesce(last_poll_at, added_at) > m.ahead",
        "next_poll_at = m.now, next_poll_reason = 'the clock went back'",
    ),
    ("feeds", "claimed_until > m.ahead AND claimed_by IS NOT m.worker", "claimed_until = NULL"),
    ("feeds", "moving_since > m.ahead", "moving_since = m.now"),
    (
        "link_queue",
        "next_try_at > m.now AND coalesce(tried_at, queued_at) > m.ahead",
        "next_try_at = m.now",
    ),
    (
        "link_queue",
        "claimed_until > m.ahead AND claimed_by IS NOT m.worker",
        "claimed_until = NULL",
    ),
    ("resolved_links", "target IS NULL AND asked_at > m.ahead", "asked_at = m.now"),
    ("text_choices", "next_try_at > m.page", "next_try_at = m.now"),
    (
        "breakers",
        "counted_from > m.ahead OR open_until > m.breaker",
        "counted_from = min(counted_from, m.now), open_until = min(open_until, m.now)",
    ),
];

/// Every moment the statements speak of, and who asks, in one row, so that each may name only some.
const MOMENTS: &str = "(SELECT ?1 AS now, ?2 AS ahead, ?3 AS page, ?4 AS breaker, ?5 AS worker)";

/// What [`MOMENTS`] are, in their order.
fn moments(now: DateTime<Utc>, worker: &str) -> [String; 5] {
    let [now, ahead, page, breaker] =
        [TimeDelta::zero(), AHEAD, PAGE_AHEAD, BREAKER_AHEAD].map(|ahead| moment(now + ahead));
    [now, ahead, page, breaker, worker.to_owned()]
}

/// Whether the file holds anything that only a clock ahead of this one can have written.
pub(super) fn was_ahead(db: &Connection, worker: &str, now: DateTime<Utc>) -> Result<bool> {
    for (table, condition, _) in MENDED {
        if db
            .prepare_cached(&looking_in(table, condition))?
            .query_row(moments(now, worker), |row| row.get(0))?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn looking_in(table: &str, condition: &str) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM {table}, {MOMENTS} AS m WHERE {condition})")
}

/// Makes due what was put off until then, and lets go of what was held until then; what `worker` holds
/// it is at work on, and will renew.
pub(super) fn put_right(tx: &Transaction<'_>, worker: &str, now: DateTime<Utc>) -> Result<()> {
    for (table, condition, right) in MENDED {
        let mend = format!("UPDATE {table} SET {right} FROM {MOMENTS} AS m WHERE {condition}");
        tx.execute(&mend, moments(now, worker))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::empty::{database, plan_of};

    #[test]
    fn tables_that_grow_with_the_articles_are_not_gone_through() {
        let db = database();
        for (table, condition, _) in MENDED {
            let steps = plan_of(&db, &looking_in(table, condition));
            // Of feeds, of links that wait and of services there are few.
            let is_small = ["feeds", "link_queue", "breakers"].contains(&table);
            let goes_through = |step: &String| step.starts_with(&format!("SCAN {table}"));
            assert!(is_small || !steps.iter().any(goes_through), "{table}: {steps:?}");
        }
    }
}
