//! Brings a file to the schema this program knows, or says why it cannot.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::explained;
use crate::store::StoreError;

/// Marks a file as ours in its header ("ings"); `file(1)` and we look for it.
const APPLICATION_ID: i64 = 0x696e_6773;

/// The migrations in order; the n-th brings the schema to version n. Merged ones are never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_feeds_and_articles.sql"),
    include_str!("../../../migrations/sqlite/0002_links.sql"),
    include_str!("../../../migrations/sqlite/0003_received_texts.sql"),
    include_str!("../../../migrations/sqlite/0004_judgements.sql"),
    include_str!("../../../migrations/sqlite/0005_redo.sql"),
    include_str!("../../../migrations/sqlite/0006_search.sql"),
    include_str!("../../../migrations/sqlite/0007_near_recent.sql"),
    include_str!("../../../migrations/sqlite/0008_views.sql"),
    include_str!("../../../migrations/sqlite/0009_sketches_and_merges.sql"),
    include_str!("../../../migrations/sqlite/0010_near_filters.sql"),
    include_str!("../../../migrations/sqlite/0011_checks.sql"),
    include_str!("../../../migrations/sqlite/0012_fewer_merges.sql"),
    include_str!("../../../migrations/sqlite/0013_failed_links.sql"),
];

/// How long to wait before asking again for the lock that a change to WAL needs.
const WAL_RETRY: Duration = Duration::from_millis(20);

/// Checks whose file this is, switches it to WAL and migrates it.
pub(super) fn prepare(
    connection: &mut Connection,
    path: &str,
    busy_timeout: Duration,
) -> Result<(), StoreError> {
    let explain = |error| explained("opening the database", path, error);
    age(connection, path)?;
    switch_to_wal(connection, busy_timeout).map_err(explain)?;
    for (version, sql) in (1_i64..).zip(MIGRATIONS) {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(explain)?;
        // Asked inside the transaction: another process may have migrated meanwhile.
        if self::version(&transaction).map_err(explain)? < version {
            transaction.execute_batch(sql).map_err(explain)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(explain)?;
            transaction.pragma_update(None, "user_version", version).map_err(explain)?;
            transaction.commit().map_err(explain)?;
        }
    }
    Ok(())
}

/// How a file's schema stands to the one this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Current,
    /// A new file's is the oldest.
    Older {
        found: i64,
        known: i64,
    },
}

/// Checks whose file this is, and how old.
pub(super) fn age(connection: &Connection, path: &str) -> Result<Age, StoreError> {
    let explain = |error| explained("opening the database", path, error);
    // One statement sees one moment: another process may be making the file right now.
    let (found, application, objects): (i64, i64, i64) = connection
        .query_row(
            "SELECT (SELECT user_version FROM pragma_user_version),
                    (SELECT application_id FROM pragma_application_id),
                    (SELECT count(*) FROM sqlite_schema)",
            [],
            |row| row.try_into(),
        )
        .map_err(explain)?;
    let empty = objects == 0 && found == 0 && application == 0;
    if !empty && application != APPLICATION_ID {
        return Err(StoreError::NotOurs { path: path.to_owned() });
    }
    let known = known();
    if found > known {
        let remedy = "use a newer ingest";
        return Err(StoreError::Version { path: path.to_owned(), found, known, remedy });
    }
    Ok(if found < known { Age::Older { found, known } } else { Age::Current })
}

/// Readers never wait for the writer, nor the writer for readers. The mode stays with the file.
fn switch_to_wal(connection: &Connection, busy_timeout: Duration) -> rusqlite::Result<()> {
    let begin = Instant::now();
    loop {
        let switched = connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
        match switched {
            // SQLite does not wait for the exclusive lock that this one statement needs.
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && begin.elapsed() < busy_timeout =>
            {
                std::thread::sleep(WAL_RETRY);
            }
            other => return other,
        }
    }
}

/// The schema version this program knows.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The schema version of a file.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    number(connection, "user_version")
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        prepare(&mut connection, ":memory:", Duration::ZERO).unwrap();
        connection
    }

    const ARTICLE: &str = "INSERT INTO articles
        (url_standing, title, first_seen_at, changed_at, words, text_copied, rules_version, hold_reason)
        VALUES (?1, '', '', '', 0, 0, '1', 'empty')";

    const SIGHTING: &str = "INSERT INTO sightings
        (feed_id, entry_key, article_id, title, entry_sha256, verdict, first_seen_at, last_seen_at)
        VALUES (1, ?1, 1, '', '', ?1, '', '')";

    #[test]
    fn words_of_a_column_are_those_that_the_program_knows() {
        for (insert, known, unknown) in [
            (ARTICLE, &["copy", "feed", "publisher"][..], "page"),
            (
                SIGHTING,
                &["new", "same-url", "same-text", "near-text", "same-title", "held"],
                "same-words",
            ),
        ] {
            let db = database();
            db.pragma_update(None, "foreign_keys", false).unwrap();
            for word in known {
                assert_eq!(db.execute(insert, [word]), Ok(1), "{word}");
            }
            assert!(db.execute(insert, [unknown]).is_err(), "{unknown}");
        }
    }

    #[test]
    fn no_table_is_made_to_check_a_row_of_those_that_grow_with_every_entry() {
        let db = database();
        for insert in [ARTICLE, SIGHTING] {
            let mut explained = db.prepare(&format!("EXPLAIN {insert}")).unwrap();
            let steps = explained.query_map(["new"], |row| row.get::<_, String>("opcode")).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).collect();
            assert!(steps.iter().any(|step| step == "Insert"), "{steps:?}");
            assert!(!steps.iter().any(|step| step == "OpenEphemeral"), "{steps:?}");
        }
    }
}
