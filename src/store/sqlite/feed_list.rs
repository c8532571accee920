//! Changes and shows single feeds of the list, as a person asks for it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, named_params};

use super::feeds::{self, LEFT_THE_FILE, NEVER_POLLED};
use super::rows::{get_moment, get_moment_if_any, moment};
use crate::model::FeedUrl;
use crate::store::{Arrival, FeedDetails, FeedStatus, ListedFeed, PollRecord, Switched};

/// Why a feed is paused that a person paused; reading the feeds file leaves it so.
const BY_HAND: &str = "by hand";

/// How many polls are shown.
const POLLS_SHOWN: i64 = 10;

pub(super) fn import(
    tx: &Transaction<'_>,
    feed: &ListedFeed,
    now: DateTime<Utc>,
) -> Result<Arrival> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO feeds
               (url, origin, own_title, category, added_at, next_poll_at, next_poll_reason)
             VALUES (:url, 'added', :title, :category, :now, :now, :never_polled)
             ON CONFLICT (url) DO UPDATE
             SET origin = 'added', removed_at = NULL, paused_at = NULL, pause_reason = NULL,
                 gone_days = 0, gone_on = NULL, own_title = coalesce(excluded.own_title, own_title),
                 category = coalesce(excluded.category, category)
             WHERE removed_at IS NOT NULL",
        )?
        .execute(named_params! {
            ":url": feed.url.as_str(),
            ":title": feed.title,
            ":category": feed.category,
            ":now": moment(now),
            ":never_polled": NEVER_POLLED,
        })?;
    if changed == 1 {
        return Ok(Arrival::Added);
    }
    let paused: Option<String> = tx
        .prepare_cached(
            "SELECT coalesce(pause_reason, '') FROM feeds WHERE url = :url AND paused_at IS NOT NULL",
        )?
        .query_row(named_params! { ":url": feed.url.as_str() }, |row| row.get(0))
        .optional()?;
    Ok(paused.map_or(Arrival::AlreadyThere, Arrival::Paused))
}

/// A feed that is paused because it left the feeds file is now paused by hand, so that it stays
/// paused when it comes back.
pub(super) fn pause(tx: &Transaction<'_>, url: &FeedUrl, now: DateTime<Utc>) -> Result<Switched> {
    let changed = tx.execute(
        "UPDATE feeds SET paused_at = coalesce(paused_at, :now), pause_reason = :by_hand
         WHERE url = :url AND removed_at IS NULL
           AND (paused_at IS NULL OR pause_reason = :left)",
        named_params! {
            ":url": url.as_str(),
            ":now": moment(now),
            ":by_hand": BY_HAND,
            ":left": LEFT_THE_FILE,
        },
    )?;
    switched(tx, url, changed)
}

/// A feed that left the feeds file is wanted by hand from now on: it would be paused again when
/// the file is read.
pub(super) fn resume(tx: &Transaction<'_>, url: &FeedUrl) -> Result<Switched> {
    let changed = tx.execute(
        "UPDATE feeds
         SET origin = CASE WHEN pause_reason = :left THEN 'added' ELSE origin END,
             paused_at = NULL, pause_reason = NULL, gone_days = 0, gone_on = NULL
         WHERE url = :url AND removed_at IS NULL AND paused_at IS NOT NULL",
        named_params! { ":url": url.as_str(), ":left": LEFT_THE_FILE },
    )?;
    switched(tx, url, changed)
}

fn switched(tx: &Transaction<'_>, url: &FeedUrl, changed: usize) -> Result<Switched> {
    if changed > 0 {
        return Ok(Switched::Done);
    }
    let is_wanted: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM feeds WHERE url = :url AND removed_at IS NULL)",
        named_params! { ":url": url.as_str() },
        |row| row.get(0),
    )?;
    Ok(if is_wanted { Switched::Already } else { Switched::Unknown })
}

pub(super) fn details(db: &Connection, url: &FeedUrl) -> Result<Option<FeedDetails>> {
    let Some(status) = feeds::list(db, Some(std::slice::from_ref(url)))?.pop() else {
        return Ok(None);
    };
    let (id, mut details) = db.query_row(
        "SELECT id, added_at, paused_at, last_success_at, claimed_until, address, moving_to,
                etag IS NOT NULL AS has_etag, last_modified IS NOT NULL AS has_last_modified
         FROM feeds WHERE url = :url",
        named_params! { ":url": url.as_str() },
        |row| beside(row, status),
    )?;
    details.sightings_by_verdict = verdicts(db, id)?;
    details.polls = polls(db, id)?;
    Ok(Some(details))
}

fn beside(row: &Row<'_>, status: FeedStatus) -> Result<(i64, FeedDetails)> {
    let mut validators = Vec::new();
    for (column, header) in [("has_etag", "ETag"), ("has_last_modified", "Last-Modified")] {
        if row.get(column)? {
            validators.push(header);
        }
    }
    let details = FeedDetails {
        status,
        added_at: get_moment(row, "added_at")?,
        paused_at: get_moment_if_any(row, "paused_at")?,
        last_success_at: get_moment_if_any(row, "last_success_at")?,
        claimed_until: get_moment_if_any(row, "claimed_until")?,
        address: row.get("address")?,
        moving_to: row.get("moving_to")?,
        validators,
        sightings_by_verdict: BTreeMap::new(),
        polls: Vec::new(),
    };
    Ok((row.get("id")?, details))
}

fn verdicts(db: &Connection, feed: i64) -> Result<BTreeMap<String, u64>> {
    db.prepare_cached(
        "SELECT verdict, count(*) AS sightings FROM sightings
         WHERE feed_id = :feed GROUP BY verdict",
    )?
    .query_map(named_params! { ":feed": feed }, |row| {
        Ok((row.get("verdict")?, number(row, "sightings")?))
    })?
    .collect()
}

fn polls(db: &Connection, feed: i64) -> Result<Vec<PollRecord>> {
    db.prepare_cached(
        "SELECT started_at, duration_ms, outcome, http_status, bytes, entries, new_articles,
                repaired, error
         FROM polls WHERE feed_id = :feed
         ORDER BY started_at DESC, id DESC LIMIT :shown",
    )?
    .query_map(named_params! { ":feed": feed, ":shown": POLLS_SHOWN }, |row| {
        Ok(PollRecord {
            started_at: get_moment(row, "started_at")?,
            duration_ms: number(row, "duration_ms")?,
            outcome: row.get("outcome")?,
            http_status: row.get("http_status")?,
            bytes: number(row, "bytes")?,
            entries: number(row, "entries")?,
            new_articles: number(row, "new_articles")?,
            repaired: number(row, "repaired")?,
            error: row.get("error")?,
        })
    })?
    .collect()
}

/// Sizes and times, which are never negative.
fn number(row: &Row<'_>, column: &str) -> Result<u64> {
    row.get::<_, i64>(column).map(|number| u64::try_from(number).unwrap_or_default())
}
