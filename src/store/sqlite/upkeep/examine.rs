//! Examines a file and what lies around it, and says what to do about what it finds.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Result, Row, params};

use super::{bytes, full_text_indexes, open};
use crate::store::sqlite::log::{self, pages_meant};
use crate::store::sqlite::rows::{get_number, moment};
use crate::store::sqlite::schema;
use crate::store::{Depth, Finding, Grade, StoreError};

/// How far a clock may be ahead of another without anything going wrong.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// For how long feeds may be due before it looks as if nobody polled them.
const DUE_TOLERANCE: TimeDelta = TimeDelta::days(1);

/// How many faults of one kind are told.
const TOLD_MAX: u32 = 5;

/// A disk with less room than so many logs may be full at the next commit.
const LEAST_ROOM_IN_LOGS: u64 = 2;

/// A log that is so many times as long as it is meant to be is being held by somebody.
const LOG_TOLERANCE: u64 = 4;

/// From which share of free pages on, and from which room, giving it back is worth the while.
const FREE_PERCENT: u64 = 25;
const FREE_BYTES: u64 = 64 << 20;

const RESTORE: &str = "stop every process and restore a backup; without one, try \
    `sqlite3 FILE .recover | sqlite3 NEW`";

/// Looks at everything that can be wrong with a file.
///
/// # Errors
/// When there is no such file, or it is not ours, or too new.
pub fn examine(
    database: &Path,
    busy_timeout: Duration,
    depth: Depth,
    now: DateTime<Utc>,
) -> std::result::Result<Vec<Finding>, StoreError> {
    let db = open(database, busy_timeout)?;
    let page_bytes = pragma(&db, "page_size").unwrap_or(4_096);
    let file_pages = db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap_or(0);
    let log_bytes = u64::from(pages_meant(file_pages).unsigned_abs()) * page_bytes;
    let checks: [(&'static str, Result<Found>); 9] = [
        ("schema", version(&db)),
        ("integrity", integrity(&db, depth)),
        ("foreign keys", foreign_keys(&db, depth)),
        ("search", search(&db)),
        ("disk", Ok(disk(database, log_bytes))),
        ("free pages", free_pages(&db, page_bytes)),
        ("log", Ok(log(database, log_bytes))),
        ("clock", clock(&db, now)),
        ("polling", polling(&db, now)),
    ];
    let mut findings: Vec<Finding> =
        checks.into_iter().map(|(check, found)| finding(check, found)).collect();
    findings.extend(feeds(&db).map_or_else(
        |error| vec![finding("feeds", Err(error))],
        |found| found.into_iter().map(|found| finding("feeds", Ok(found))).collect(),
    ));
    Ok(findings)
}

/// How serious it is, what was found, and what to do.
struct Found(Grade, String, Option<String>);

impl Found {
    fn well(found: impl Into<String>) -> Self {
        Self(Grade::Ok, found.into(), None)
    }

    fn warn(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self(Grade::Warn, found.into(), Some(remedy.into()))
    }

    fn fail(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self(Grade::Fail, found.into(), Some(remedy.into()))
    }
}

/// A check that the file does not let us finish has failed, unless somebody only held it.
fn finding(check: &'static str, found: Result<Found>) -> Finding {
    let Found(grade, found, remedy) =
        found.unwrap_or_else(|error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Found::warn("another process held the file", "ask again")
            }
            _ => Found::fail(error.to_string(), RESTORE),
        });
    Finding { check, grade, found, remedy }
}

fn version(db: &Connection) -> Result<Found> {
    let (found, known) = (schema::version(db)?, schema::known());
    Ok(if found == known {
        Found::well(format!("version {found}"))
    } else {
        let remedy = "take a backup; the next start of ingest brings it up to date";
        Found::warn(format!("version {found}, this program's is {known}"), remedy)
    })
}

fn integrity(db: &Connection, depth: Depth) -> Result<Found> {
    if depth == Depth::Quick {
        return Ok(Found::well("not looked at: it reads the whole file"));
    }
    let mut statement = db.prepare(&format!("PRAGMA integrity_check({TOLD_MAX})"))?;
    let lines: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
    if lines == ["ok"] {
        let pages = pragma(db, "page_count")?;
        return Ok(Found::well(format!("all {pages} pages, every index and search are sound")));
    }
    Ok(Found::fail(lines.join("; "), RESTORE))
}

fn foreign_keys(db: &Connection, depth: Depth) -> Result<Found> {
    if depth == Depth::Quick {
        return Ok(Found::well("not looked at: it reads every table"));
    }
    let of_table =
        |row: &Row<'_>| Ok(format!("{} of {}", row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
    let mut statement =
        db.prepare("SELECT count(*), \"table\" FROM pragma_foreign_key_check GROUP BY \"table\"")?;
    let rows: Vec<String> = statement.query_map([], of_table)?.collect::<Result<_>>()?;
    Ok(if rows.is_empty() {
        Found::well("every row has what it belongs to")
    } else {
        let found = format!("rows that belong to nothing: {}", rows.join(", "));
        Found::fail(
            found,
            "another tool deleted rows with foreign_keys off; delete these, too, or restore a backup",
        )
    })
}

/// Whether each article is in each full-text index, or waits for it. What the indexes say is part of
/// the integrity.
fn search(db: &Connection) -> Result<Found> {
    let has_queue = db.table_exists(None, "search_queue")?;
    let queued = if has_queue { "(SELECT count(*) FROM search_queue)" } else { "0" };
    let mut waiting = 0;
    for index in full_text_indexes(db)? {
        let sizes = format!("{index}_docsize");
        if !db.table_exists(None, sizes.as_str())? {
            continue;
        }
        // One statement sees one moment, whatever is written meanwhile.
        let (articles, indexed, queued): (i64, i64, i64) = db.query_row(
            &format!(
                "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM {sizes}), {queued}"
            ),
            [],
            |row| row.try_into(),
        )?;
        waiting = queued;
        if indexed + queued != articles {
            let found =
                format!("{indexed} of {articles} articles are indexed in `{index}`, {queued} wait");
            let empty = if has_queue { "; DELETE FROM search_queue" } else { "" };
            let remedy = format!(
                "stop every process, then: INSERT INTO {index} ({index}) VALUES ('rebuild'){empty}"
            );
            return Ok(Found::fail(found, remedy));
        }
    }
    Ok(Found::well(match waiting {
        0 => "every article is indexed".to_owned(),
        _ => format!("every article is indexed but {waiting}, which wait for it"),
    }))
}

fn disk(database: &Path, log_bytes: u64) -> Found {
    let folder = match database.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let room = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            return Found::warn(
                format!("it does not say how much is free: {error}"),
                "look at it with df",
            );
        }
    };
    let size = bytes(database);
    let found = format!("{} free, the file has {}", megabytes(room), megabytes(size));
    match room {
        _ if room < LEAST_ROOM_IN_LOGS * log_bytes => {
            Found::fail(found, "make room before the next articles come")
        }
        _ if room < size => Found::warn(
            found,
            "a backup beside it or `ingest vacuum` would not find room; keep the backup elsewhere",
        ),
        _ => Found::well(found),
    }
}

fn free_pages(db: &Connection, page_bytes: u64) -> Result<Found> {
    let (free, pages) = (pragma(db, "freelist_count")?, pragma(db, "page_count")?);
    let found = format!("{} of {}", megabytes(free * page_bytes), megabytes(pages * page_bytes));
    let is_much = free * 100 > pages * FREE_PERCENT && free * page_bytes > FREE_BYTES;
    Ok(if is_much {
        Found::warn(found, "they are used again; to give them back to the disk: `ingest vacuum`")
    } else {
        Found::well(found)
    })
}

fn log(database: &Path, meant: u64) -> Found {
    let log = bytes(&log::beside(database));
    let found = megabytes(log);
    if log > LOG_TOLERANCE * meant {
        let remedy =
            "a reader keeps a transaction open; end it, and the log is emptied at the next write";
        return Found::warn(found, remedy);
    }
    Found::well(found)
}

fn clock(db: &Connection, now: DateTime<Utc>) -> Result<Found> {
    let later = moment(now + CLOCK_TOLERANCE);
    let newest: Option<String> = db
        .query_row(
            "SELECT max(first_seen_at) FROM articles WHERE first_seen_at > ?1",
            params![later],
            |row| row.get(0),
        )
        .optional()?
        .flatten();
    Ok(match newest {
        Some(newest) => Found::warn(
            format!("an article was first seen at {newest}, and now it is {}", moment(now)),
            "the clock is wrong, or was; set it, and mend first_seen_at of such articles by hand",
        ),
        None => Found::well("no article is of the future"),
    })
}

fn polling(db: &Connection, now: DateTime<Utc>) -> Result<Found> {
    let (wanted, overdue, last): (i64, i64, Option<String>) = db.query_row(
        "SELECT count(*), coalesce(sum(next_poll_at < ?1), 0), max(last_poll_at)
         FROM feeds WHERE paused_at IS NULL AND removed_at IS NULL",
        params![moment(now - DUE_TOLERANCE)],
        |row| row.try_into(),
    )?;
    let last = last.unwrap_or_else(|| "never".to_owned());
    Ok(match (wanted, overdue) {
        (0, _) => Found::warn("there is no feed to poll", "`ingest feeds add URL`"),
        (_, 0) => Found::well(format!("{wanted} feeds, the last poll began {last}")),
        _ => Found::warn(
            format!(
                "{overdue} of {wanted} feeds have been due for over a day; the last poll began {last}"
            ),
            "start the daemon, or run `ingest --once` more often",
        ),
    })
}

/// Feeds that fail, and those that always have.
fn feeds(db: &Connection) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for (which, condition, remedy) in [
        (
            "never worked",
            "last_success_at IS NULL AND last_poll_at IS NOT NULL",
            "mend or remove them: `ingest feeds show URL`, `ingest feeds discover PAGE`",
        ),
        (
            "fail at present",
            "last_success_at IS NOT NULL AND failures > 0",
            "they are asked again by themselves; `ingest feeds list` says why they fail",
        ),
    ] {
        let mut statement = db.prepare(&format!(
            "SELECT url, coalesce(last_error, '') FROM feeds
             WHERE paused_at IS NULL AND removed_at IS NULL AND {condition}
             ORDER BY failures DESC, url"
        ))?;
        let told = |row: &Row<'_>| {
            Ok(format!("{} ({})", row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        };
        let urls: Vec<String> = statement.query_map([], told)?.collect::<Result<_>>()?;
        if urls.is_empty() {
            continue;
        }
        let more = if urls.len() > TOLD_MAX as usize { ", …" } else { "" };
        let first: Vec<&str> = urls.iter().take(TOLD_MAX as usize).map(String::as_str).collect();
        let count = urls.len();
        found.push(Found::warn(format!("{count} {which}: {}{more}", first.join(", ")), remedy));
    }
    if found.is_empty() {
        found.push(Found::well("none fails"));
    }
    Ok(found)
}

fn pragma(db: &Connection, name: &str) -> Result<u64> {
    db.pragma_query_value(None, name, |row| get_number(row, 0))
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20)
}
