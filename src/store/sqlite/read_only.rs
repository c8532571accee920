//! Opens a file for reading only, beside whoever writes it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use url::Url;

use super::schema::{self, Age};
use super::{SqliteStore, explained, location, log};
use crate::store::StoreError;

/// A file that is open for reading only.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// Whether it is taken for a file that nobody writes, so that changes are not seen.
    pub(super) is_immutable: bool,
}

/// A connection that cannot write. A file of an older schema is taken over first, as whenever one is
/// opened; where that is not allowed, the error says so.
pub(super) fn open(path: &Path, busy_timeout: Duration) -> Result<Opened, StoreError> {
    let name = path.display().to_string();
    if !path.exists() {
        return Err(StoreError::Missing { path: name });
    }
    location::refuse_foreign_log(path)?;
    let (opened, age) = connect(path, &name, busy_timeout)?;
    let Age::Older { found, known } = age else { return Ok(opened) };
    drop(opened);
    match SqliteStore::open(path, busy_timeout) {
        Ok(migrated) => drop(migrated),
        Err(StoreError::ReadOnly { path }) => {
            let remedy = "run a command as somebody who may write it, such as `ingest feeds list`";
            return Err(StoreError::Version { path, found, known, remedy });
        }
        Err(error) => return Err(error),
    }
    connect(path, &name, busy_timeout).map(|(opened, _)| opened)
}

fn connect(path: &Path, name: &str, busy_timeout: Duration) -> Result<(Opened, Age), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let shared = attempt(path, flags, busy_timeout);
    // A log that holds something is not read then, and the file lacks it.
    let is_immutable =
        shared.as_ref().is_err_and(needs_a_writable_folder) && !log::holds_some(&log::beside(path));
    let connection = if is_immutable {
        attempt(&immutable(path), flags | OpenFlags::SQLITE_OPEN_URI, busy_timeout)
    } else {
        shared
    };
    let connection = connection.map_err(|error| explained("opening the database", name, error))?;
    let age = schema::age(&connection, name)?;
    Ok((Opened { connection, is_immutable }, age))
}

/// Opens the file and reads its first page: only then SQLite looks at it.
fn attempt(path: &Path, flags: OpenFlags, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy_timeout)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Readers of a file in WAL mode share memory in a file beside it. Where nobody has it open and the
/// folder cannot be written, there is none and none can be made.
fn needs_a_writable_folder(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// The name that promises SQLite that nobody writes the file.
fn immutable(path: &Path) -> PathBuf {
    let named = std::path::absolute(path).ok().and_then(|path| Url::from_file_path(path).ok());
    named.map_or_else(
        || path.to_owned(),
        |mut url| {
            url.set_query(Some("immutable=1"));
            PathBuf::from(String::from(url))
        },
    )
}
