//! Queues links that wait, and hands them to one worker at a time.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Row, Transaction, named_params};

use super::rows::{get_count, get_moment_if_any, moment};
use crate::model::{ArticleId, Asks, Waiting};
use crate::store::{LinkClaim, QueuedLink, WaitingLink};

/// Queues links; one that waits already keeps its place, unless it has been tried again meanwhile.
pub(super) fn add(
    tx: &Transaction<'_>,
    waiting: &[(String, Waiting)],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO link_queue (link, handle, asks, tries, error, queued_at, tried_at, next_try_at)
         VALUES (:link, :handle, :asks, :tries, :error, :now, CASE WHEN :tries > 0 THEN :now END,
                 :next_try_at)
         ON CONFLICT (link) DO UPDATE
         SET handle = excluded.handle, asks = excluded.asks, tries = excluded.tries,
             error = excluded.error, tried_at = excluded.tried_at,
             next_try_at = excluded.next_try_at
         WHERE excluded.tries > tries",
    )?;
    for (link, waiting) in waiting {
        insert.execute(named_params! {
            ":link": link,
            ":handle": waiting.handle,
            ":asks": waiting.asks.as_str(),
            ":tries": waiting.tries,
            ":error": waiting.error,
            ":now": moment(now),
            ":next_try_at": waiting.next_try_at.map(moment),
        })?;
    }
    Ok(())
}

/// How many links that are due are looked at for a claim. All may be a million, after days without a
/// network or where a service is asked slowly, and each claim takes some dozens.
const LOOKED_AT: i64 = 1_024;

/// Of the links that wait for somebody those that became due last; of what is claimed none with the same
/// handle.
const DUE: &str = "
    SELECT q.link, q.handle, q.queued_at FROM link_queue AS q
    WHERE q.asks = :asks AND q.next_try_at <= :now
      AND NOT EXISTS (SELECT 1 FROM link_queue AS c
                      WHERE c.handle = q.handle AND c.claimed_until > :now)
    ORDER BY q.next_try_at DESC LIMIT :at_most";

/// News is wanted fresh: of what became due last, what was queued last comes first, and what is older
/// when there is room. Of links with one handle one is claimed.
pub(super) fn claim(tx: &Transaction<'_>, claim: &LinkClaim) -> Result<Vec<QueuedLink>> {
    let mut latest = tx.prepare_cached(DUE)?;
    // Of each handle when the last of its links was queued, and the first of them.
    let mut by_handle: HashMap<String, (String, String)> = HashMap::new();
    for asks in &claim.asks {
        let mut rows = latest.query(named_params! {
            ":asks": asks.as_str(),
            ":now": moment(claim.now),
            ":at_most": LOOKED_AT,
        })?;
        while let Some(row) = rows.next()? {
            let (link, queued_at): (String, String) = (row.get("link")?, row.get("queued_at")?);
            let (last, first) = by_handle
                .entry(row.get("handle")?)
                .or_insert_with(|| (queued_at.clone(), link.clone()));
            if *last < queued_at {
                *last = queued_at;
            }
            if link < *first {
                *first = link;
            }
        }
    }
    let mut due: Vec<_> =
        by_handle.into_values().map(|(queued_at, link)| (Reverse(queued_at), link)).collect();
    due.sort_unstable();
    let mut take = tx.prepare_cached(
        "UPDATE link_queue SET claimed_by = :worker, claimed_until = :until WHERE link = :link
         RETURNING link, handle, asks, tries",
    )?;
    let mut claimed = Vec::new();
    for (_, link) in due.into_iter().take(claim.at_most) {
        let worker_and_link = named_params! {
            ":worker": claim.worker,
            ":until": moment(claim.until),
            ":link": link,
        };
        claimed.push(take.query_row(worker_and_link, |row| {
            Ok(QueuedLink {
                link: row.get("link")?,
                handle: row.get("handle")?,
                asks: get_asks(row)?,
                tries: get_count(row, "tries")?,
            })
        })?);
    }
    Ok(claimed)
}

pub(super) fn release_claims(tx: &Transaction<'_>, worker: &str) -> Result<()> {
    tx.prepare_cached("UPDATE link_queue SET claimed_until = NULL WHERE claimed_by = :worker")?
        .execute(named_params! { ":worker": worker })?;
    Ok(())
}

pub(super) fn postpone(
    tx: &Transaction<'_>,
    handle: &str,
    waiting: &Waiting,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE link_queue
         SET handle = :new_handle, asks = :asks, tries = :tries, error = :error, tried_at = :now,
             next_try_at = :next_try_at, claimed_until = NULL
         WHERE handle = :handle",
    )?
    .execute(named_params! {
        ":handle": handle,
        ":new_handle": waiting.handle,
        ":asks": waiting.asks.as_str(),
        ":tries": waiting.tries,
        ":error": waiting.error,
        ":now": moment(now),
        ":next_try_at": waiting.next_try_at.map(moment),
    })?;
    Ok(())
}

pub(super) fn finish(tx: &Transaction<'_>, link: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM link_queue WHERE link = :link")?
        .execute(named_params! { ":link": link })?;
    Ok(())
}

/// Lets a link wait for its page from now on.
pub(super) fn await_page(tx: &Transaction<'_>, link: &str, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE link_queue
         SET asks = :asks, tries = 0, error = NULL, next_try_at = :now, claimed_until = NULL
         WHERE link = :link",
    )?
    .execute(named_params! {
        ":link": link,
        ":asks": Asks::Page.as_str(),
        ":now": moment(now),
    })?;
    Ok(())
}

pub(super) fn list(db: &Connection) -> Result<Vec<WaitingLink>> {
    db.prepare_cached(
        "SELECT q.link, q.handle, q.asks, q.tries, q.error, q.tried_at, q.next_try_at, a.id, a.title
         FROM link_queue AS q
         LEFT JOIN articles AS a ON a.id = coalesce(
           (SELECT article_id FROM sightings WHERE link = q.link AND target IS NULL LIMIT 1),
           (SELECT article_id FROM sightings WHERE source_link = q.link LIMIT 1),
           (SELECT article_id FROM sightings
            WHERE link = q.link AND (target IS NULL OR target <> link) LIMIT 1))
         ORDER BY q.next_try_at IS NULL, q.next_try_at, q.queued_at, q.link",
    )?
    .query_map([], |row| {
        Ok(WaitingLink {
            link: row.get("link")?,
            waiting: Waiting {
                handle: row.get("handle")?,
                asks: get_asks(row)?,
                tries: get_count(row, "tries")?,
                error: row.get("error")?,
                next_try_at: get_moment_if_any(row, "next_try_at")?,
            },
            tried_at: get_moment_if_any(row, "tried_at")?,
            article: row.get::<_, Option<i64>>("id")?.map(ArticleId),
            title: row.get("title")?,
        })
    })?
    .collect()
}

/// Redirectors keep their own count of failures, which would hold them back.
pub(super) fn retry(
    tx: &Transaction<'_>,
    links: Option<&BTreeSet<String>>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let links = links.map(|links| serde_json::to_string(links).expect("strings are JSON"));
    tx.prepare_cached(
        "UPDATE resolved_links SET attempts = 0
         WHERE target IS NULL AND link IN (
           SELECT handle FROM link_queue
           WHERE :links IS NULL OR link IN (SELECT value FROM json_each(:links)))",
    )?
    .execute(named_params! { ":links": links })?;
    let due = tx
        .prepare_cached(
            "UPDATE link_queue SET tries = 0, next_try_at = :now
             WHERE :links IS NULL OR link IN (SELECT value FROM json_each(:links))",
        )?
        .execute(named_params! { ":links": links, ":now": moment(now) })?;
    Ok(due as u64)
}

fn get_asks(row: &Row<'_>) -> Result<Asks> {
    let word: String = row.get("asks")?;
    // The column's CHECK knows no other word.
    Ok(Asks::ALL.into_iter().find(|asks| asks.as_str() == word).unwrap_or(Asks::Redirector))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::store::sqlite::empty::{database, plan_without_sorting};

    /// A link and its handle, each by a number; in how many minutes it is due, and since when it waits.
    type Link = (u32, u32, Asks, i64, i64);

    fn now() -> DateTime<Utc> {
        "2026-04-07T12:00:00Z".parse().unwrap()
    }

    fn add_links(tx: &Transaction<'_>, links: &[Link]) {
        for (link, handle, asks, due, queued) in links {
            let waiting = Waiting {
                handle: format!("handle {handle}"),
                asks: *asks,
                tries: 0,
                error: None,
                next_try_at: Some(now() + TimeDelta::minutes(*due)),
            };
            let queued = now() + TimeDelta::minutes(*queued);
            add(tx, &[(format!("https://short.example/{link:05}"), waiting)], queued).unwrap();
        }
    }

    fn claim_links(
        tx: &Transaction<'_>,
        worker: &str,
        asks: &[Asks],
        at_most: usize,
    ) -> Vec<String> {
        let claimed = claim(
            tx,
            &LinkClaim {
                worker: worker.to_owned(),
                asks: asks.to_vec(),
                now: now(),
                until: now() + TimeDelta::minutes(10),
                at_most,
            },
        );
        claimed.unwrap().into_iter().map(|queued| queued.link).collect()
    }

    #[test]
    fn what_is_due_is_found_along_an_index() {
        let steps = plan_without_sorting(&database(), DUE);
        let by_next_try = "SEARCH q USING INDEX link_queue_by_next_try";
        assert!(steps.iter().any(|step| step.starts_with(by_next_try)), "{steps:?}");
    }

    #[test]
    fn however_many_are_due_each_is_claimed_and_the_latest_first() {
        let mut db = database();
        let tx = db.transaction().unwrap();
        let many: Vec<Link> = (0..)
            .zip((-3 * LOOKED_AT)..0)
            .map(|(number, due)| (number, number, Asks::Redirector, due, due))
            .collect();
        add_links(&tx, &many);
        let mut claimed = Vec::new();
        loop {
            let more = claim_links(&tx, "worker", &[Asks::Redirector], 500);
            if more.is_empty() {
                break;
            }
            claimed.extend(more);
        }
        let mut expected: Vec<String> =
            many.iter().map(|(link, ..)| format!("https://short.example/{link:05}")).collect();
        expected.reverse();
        assert_eq!(claimed, expected);
    }

    proptest! {
        #[test]
        fn a_claim_takes_what_going_through_all_would(
            links in prop::collection::vec(
                (0..40_u32, 0..12_u32, prop::sample::select(&Asks::ALL), -3..3_i64, -9..0_i64),
                0..40,
            ),
            asks in prop::sample::subsequence(&Asks::ALL, 0..=3),
            at_most in 0..9_usize,
            claimed_before in 0..3_usize,
        ) {
            let mut db = database();
            let tx = db.transaction().unwrap();
            add_links(&tx, &links);
            claim_links(&tx, "another", &Asks::ALL, claimed_before);
            let words: Vec<&str> = asks.iter().map(|asks| asks.as_str()).collect();
            let rows_max = i64::try_from(at_most).unwrap();
            let expected: Vec<String> = tx
                .prepare(
                    "SELECT min(q.link) FROM link_queue AS q
                     WHERE q.next_try_at <= ?1 AND q.asks IN (SELECT value FROM json_each(?2))
                       AND NOT EXISTS (SELECT 1 FROM link_queue AS c
                                       WHERE c.handle = q.handle AND c.claimed_until > ?1)
                     GROUP BY q.handle ORDER BY max(q.queued_at) DESC, min(q.link) LIMIT ?3",
                )
                .unwrap()
                .query_map(
                    (moment(now()), serde_json::to_string(&words).unwrap(), rows_max),
                    |row| row.get(0),
                )
                .unwrap()
                .collect::<Result<_>>()
                .unwrap();
            prop_assert_eq!(claim_links(&tx, "worker", &asks, at_most), expected);
        }
    }
}
