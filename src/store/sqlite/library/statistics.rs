//! Counts what is in the file.
//!
//! Counts that an index answers cost milliseconds. Languages and verdicts stand in none: for these the
//! tables are read through, though not the texts.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, Result};

use crate::store::sqlite::rows::get_number;
use crate::store::{DayCount, FeedCounts, Share, Statistics};

/// How many days are counted by themselves.
const DAYS: i64 = 14;

/// How many hosts, languages and feeds are named.
const NAMED: u32 = 10;

pub(super) fn count(db: &Connection, now: DateTime<Utc>) -> Result<Statistics> {
    // One moment of the file, so that the numbers fit each other.
    let db = db.unchecked_transaction()?;
    let number = |query: &str| db.query_row(query, [], |row| get_number(row, 0));
    let verdicts: BTreeMap<String, u64> = db
        .prepare_cached("SELECT verdict, count(*) FROM sightings GROUP BY verdict")?
        .query_map([], |row| Ok((row.get(0)?, get_number(row, 1)?)))?
        .collect::<Result<_>>()?;
    let articles = number("SELECT count(*) FROM articles")?;
    let with_text = number("SELECT count(*) FROM articles WHERE body_sha256 IS NOT NULL")?;
    let page_bytes = number("SELECT page_size FROM pragma_page_size")?;
    Ok(Statistics {
        feeds: feeds(&db)?,
        articles,
        held: articles.saturating_sub(with_text),
        sightings: verdicts.values().sum(),
        verdicts,
        new_by_day: new_by_day(&db, now)?,
        // The key of an address begins with its host, and an article may have several there.
        top_hosts: top(
            &db,
            "SELECT substr(url_key, 1, instr(url_key || '/', '/') - 1) AS name,
                    count(DISTINCT article_id) AS number
             FROM url_keys GROUP BY name ORDER BY number DESC, name LIMIT ?1",
        )?,
        top_languages: top(
            &db,
            "SELECT language AS name, count(*) AS number
             FROM articles GROUP BY language ORDER BY number DESC, name LIMIT ?1",
        )?,
        top_feeds: top(
            &db,
            "SELECT f.url AS name, s.number
             FROM (SELECT feed_id, count(*) AS number FROM sightings GROUP BY feed_id) AS s
             JOIN feeds AS f ON f.id = s.feed_id ORDER BY s.number DESC, name LIMIT ?1",
        )?,
        file_bytes: page_bytes * number("SELECT page_count FROM pragma_page_count")?,
        free_bytes: page_bytes * number("SELECT freelist_count FROM pragma_freelist_count")?,
        schema_version: db.query_row(
            "SELECT user_version FROM pragma_user_version",
            [],
            |row| row.get(0),
        )?,
    })
}

fn feeds(db: &Connection) -> Result<FeedCounts> {
    db.query_row(
        "SELECT coalesce(sum(state = 'ok'), 0), coalesce(sum(state = 'failing'), 0),
                coalesce(sum(state = 'paused'), 0), coalesce(sum(state = 'new'), 0)
         FROM (SELECT CASE WHEN paused_at IS NOT NULL THEN 'paused'
                           WHEN last_poll_at IS NULL THEN 'new'
                           WHEN failures > 0 THEN 'failing' ELSE 'ok' END AS state
               FROM feeds WHERE removed_at IS NULL)",
        [],
        |row| {
            Ok(FeedCounts {
                ok: get_number(row, 0)?,
                failing: get_number(row, 1)?,
                paused: get_number(row, 2)?,
                new: get_number(row, 3)?,
            })
        },
    )
}

fn new_by_day(db: &Connection, now: DateTime<Utc>) -> Result<Vec<DayCount>> {
    let days: Vec<String> = (0..DAYS)
        .rev()
        .map(|ago| (now - TimeDelta::days(ago)).format("%Y-%m-%d").to_string())
        .collect();
    let first = days.first().cloned().unwrap_or_default();
    let counted: BTreeMap<String, u64> = db
        .prepare_cached(
            "SELECT substr(first_seen_at, 1, 10) AS day, count(*) FROM articles
             WHERE first_seen_at >= ?1 GROUP BY day",
        )?
        .query_map([first], |row| Ok((row.get(0)?, get_number(row, 1)?)))?
        .collect::<Result<_>>()?;
    let articles = |day: &String| counted.get(day).copied().unwrap_or_default();
    Ok(days.into_iter().map(|day| DayCount { articles: articles(&day), day }).collect())
}

fn top(db: &Connection, query: &str) -> Result<Vec<Share>> {
    db.prepare_cached(query)?
        .query_map([NAMED], |row| Ok(Share { name: row.get(0)?, count: get_number(row, 1)? }))?
        .collect()
}
