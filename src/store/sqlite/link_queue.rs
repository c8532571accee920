//! Queues links that wait, and hands them to one worker at a time.

use std::collections::BTreeSet;

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

/// News is wanted fresh: what was queued last comes first, and what is older when there is room.
pub(super) fn claim(tx: &Transaction<'_>, claim: &LinkClaim) -> Result<Vec<QueuedLink>> {
    let asks: Vec<&str> = claim.asks.iter().map(|asks| asks.as_str()).collect();
    tx.prepare_cached(
        "UPDATE link_queue SET claimed_by = :worker, claimed_until = :until
         WHERE link IN (
           SELECT min(q.link) FROM link_queue AS q
           WHERE q.next_try_at <= :now
             AND q.asks IN (SELECT value FROM json_each(:asks))
             AND NOT EXISTS (SELECT 1 FROM link_queue AS c
                             WHERE c.handle = q.handle AND c.claimed_until > :now)
           GROUP BY q.handle
           ORDER BY max(q.queued_at) DESC, min(q.link)
           LIMIT :at_most)
         RETURNING link, handle, asks, tries",
    )?
    .query_map(
        named_params! {
            ":worker": claim.worker,
            ":until": moment(claim.until),
            ":now": moment(claim.now),
            ":asks": serde_json::to_string(&asks).expect("a list of strings is JSON"),
            ":at_most": i64::try_from(claim.at_most).unwrap_or(i64::MAX),
        },
        |row| {
            Ok(QueuedLink {
                link: row.get("link")?,
                handle: row.get("handle")?,
                asks: get_asks(row)?,
                tries: get_count(row, "tries")?,
            })
        },
    )?
    .collect()
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
