//! Copies the file while others write it.
//!
//! One read transaction spans the whole copy, so it shows one moment and no writer makes it begin
//! again. Writers go on meanwhile; what they write stays in the log until the copy is done. The copy
//! is made beside its place under another name and moved there when it is whole and sound. It keeps
//! no log of its own, so it can be read where nothing may be written.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ffi};

use super::{bytes, open};
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
    let partial = partial(copy);
    let written = copy_pages(database, &from, &partial, progress).and_then(|()| {
        // Asked again, because copying took its time.
        if !replace && copy.exists() {
            return Err(BackupError::Exists(copy.to_owned()));
        }
        fs::rename(&partial, copy).map_err(|error| unwritable(copy, error))
    });
    if written.is_err() {
        // It may not have been made at all.
        drop(fs::remove_file(&partial));
    }
    written.map(|()| bytes(copy))
}

/// A name of this process alone, in the same folder, so that moving it is one step.
fn partial(copy: &Path) -> PathBuf {
    let mut name = copy.as_os_str().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    PathBuf::from(name)
}

fn copy_pages(
    database: &Path,
    from: &Connection,
    partial: &Path,
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let unreadable = |error| explained("copying", &database.display().to_string(), error);
    // SQLite would not say why it cannot make a file, and would take one that is there.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(partial)
        .map_err(|error| unwritable(partial, error))?;
    let mut to = Connection::open(partial).map_err(|error| unwritable(partial, error))?;
    from.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;").map_err(unreadable)?;
    let backup = Backup::new(from, &mut to).map_err(|error| unwritable(partial, error))?;
    loop {
        let step = backup.step(PAGES_AT_ONCE).map_err(|error| unwritable(partial, error))?;
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
        .map_err(|error| unwritable(partial, error))
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
