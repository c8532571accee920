//! Copies, examines and shrinks a file, whatever its version, without migrating it.

mod backup;
mod examine;
mod vacuum;

pub use backup::back_up;
pub use examine::examine;
pub use vacuum::{merge_search, vacuum};

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{explained, location, schema};
use crate::store::StoreError;

/// Opens a file that is there and ours, and changes nothing.
fn open(database: &Path, busy_timeout: Duration) -> Result<Connection, StoreError> {
    let name = database.display().to_string();
    if !database.exists() {
        return Err(StoreError::Missing { path: name });
    }
    location::refuse_foreign_log(database)?;
    let explain = |error| explained("opening the database", &name, error);
    // SQLite opens for reading alone what may not be written.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags).map_err(explain)?;
    connection.busy_timeout(busy_timeout).map_err(explain)?;
    schema::age(&connection, &name)?;
    Ok(connection)
}

/// The size of a file; nought if there is none.
fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// The full-text indexes of a file.
fn full_text_indexes(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare(
            "SELECT name FROM sqlite_schema
             WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%' ORDER BY name",
        )?
        .query_map([], |row| row.get(0))?
        .collect()
}
