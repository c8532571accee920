//! Copies the file while others write it.
//!
//! One read transaction spans the whole copy, so it shows one moment and no writer makes it begin
//! again. Writers go on meanwhile; what they write stays in the log until the copy is done. The copy
//! is made beside its place under another name and moved there when it is whole and sound; the next
//! backup removes what a killed one left. It keeps no log of its own, so it can be read where nothing
//! may be written.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::{bytes, open};
use crate::store::sqlite::log::with_ending;
use crate::store::sqlite::{explained, is_same_file};
use crate::store::{BackupError, Progress};

/// How many pages are copied between two looks at whether to go on: 4 MiB, some milliseconds.
const PAGES_AT_ONCE: i32 = 1_024;

/// Copies a database to a place; answers how many bytes the copy has.
///
/// # Errors
/// When something is in its place that cannot or is not to be replaced, when either file fails or the
/// database is damaged, or when `progress` says to stop. Then nothing is left behind.
pub fn back_up(
    database: &Path,
    copy: &Path,
    replace: bool,
    busy_timeout: Duration,
    progress: Progress<'_>,
) -> Result<u64, BackupError> {
    if !replace && copy.exists() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let from = open(database, busy_timeout)?;
    if copy.exists() && (!copy.is_file() || is_same_file(copy, database)) {
        return Err(BackupError::Unfit(copy.to_owned()));
    }
    let partial = with_ending(copy, ".partial");
    clear_away(&partial)?;
    create(&partial)?;
    let written = copy_pages(database, &from, &partial, progress).and_then(|()| {
        // Asked again, because copying took its time.
        if !replace && copy.exists() {
            return Err(BackupError::Exists(copy.to_owned()));
        }
        fs::rename(&partial, copy).map_err(|error| unwritable(copy, error))
    });
    if written.is_err() {
        remove(&partial);
    }
    written.map(|()| bytes(copy))
}

/// Removes what a backup to this place left that was killed. One that is under way holds a lock on it.
fn clear_away(partial: &Path) -> Result<(), BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let locked = Connection::open_with_flags(partial, flags).and_then(|left| {
        left.busy_timeout(Duration::ZERO)?;
        left.execute_batch("BEGIN EXCLUSIVE")
    });
    if locked.is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)) {
        return Err(BackupError::UnderWay(partial.to_owned()));
    }
    remove(partial);
    Ok(())
}

/// Removes a database and what SQLite keeps beside it, as far as it is there.
fn remove(partial: &Path) {
    for ending in ["", "-journal", "-wal", "-shm"] {
        drop(fs::remove_file(with_ending(partial, ending)));
    }
}

/// Makes an empty file. SQLite would not say why it cannot, and would take one that is there.
fn create(partial: &Path) -> Result<(), BackupError> {
    let created = OpenOptions::new().write(true).create_new(true).open(partial);
    created.map(drop).map_err(|error| unwritable(partial, error))
}

fn copy_pages(
    database: &Path,
    from: &Connection,
    partial: &Path,
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let unreadable = |error| explained("copying", &database.display().to_string(), error);
    let unwritable = |error: rusqlite::Error| unwritable(partial, error);
    let mut to = Connection::open(partial).map_err(unwritable)?;
    // From its first page on until it is whole: who finds it unlocked may remove it.
    to.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(unwritable)?;
    from.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;").map_err(unreadable)?;
    let backup = Backup::new(from, &mut to).map_err(unwritable)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE).map_err(unwritable)?;
        let left = backup.progress();
        let count = |pages: i32| u64::try_from(pages).unwrap_or_default();
        if step == StepResult::Done {
            break;
        }
        if !progress(count(left.pagecount - left.remaining), count(left.pagecount)) {
            return Err(BackupError::Stopped);
        }
    }
    drop(backup);
    from.execute_batch("COMMIT").map_err(unreadable)?;
    check(&to).map_err(unreadable)?;
    to.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
        .and_then(|()| to.close().map_err(|(_, error)| error))
        .map_err(unwritable)
}

/// Fails if the copy is of a damaged file: it would take the place of a sound one.
fn check(copy: &Connection) -> rusqlite::Result<()> {
    let found: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(found)))
}

fn unwritable(
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> BackupError {
    BackupError::Unwritable { path: path.to_owned(), source: source.into() }
}
