//! How a connection is set up.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Result};

use super::{library, log, search};

/// How many prepared statements each connection keeps; more than this program has.
const STATEMENTS_KEPT: usize = 256;

/// How much the connection that only reads beside the writer keeps, in KiB (negative, as SQLite wants
/// it): it looks up single rows, mostly of one feed.
const READER_CACHE_KIB: i64 = -4 * 1024;

/// Sets a connection up as all of ours are.
pub(super) fn set_up(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    search::set_up(connection)?;
    library::define_functions(connection)?;
    // Off by default in SQLite, and a setting of the connection, not of the file.
    connection.pragma_update(None, "foreign_keys", true)?;
    // See "Durability" in the module above this one.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Plans never depend on a bound value. Otherwise a value bound to a limit or a bound of a range has
    // SQLite prepare the statement anew at each use, which was a seventh of all work of admitting.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "wal_autocheckpoint", log::PAGES_MIN)?;
    // A log that grew while a reader kept it is cut back once it is written from its beginning again: to
    // twice what it is meant to be, so that it is not cut and lengthened in turn.
    let file_pages = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let kept_bytes = 2 * i64::from(log::pages_meant(file_pages)) * 4_096;
    connection.pragma_update(None, "journal_size_limit", kept_bytes)?;
    // 24 MiB: the inner pages of every index of a million articles.
    connection.pragma_update(None, "cache_size", -24 * 1024)?;
    // Sorting and materialising happens in memory; temporary files would need a writable folder.
    connection.pragma_update(None, "temp_store", "MEMORY")
}

/// Sets up the connection that reads while another writes.
pub(super) fn set_up_beside_writer(connection: &Connection) -> Result<()> {
    set_up(connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", READER_CACHE_KIB)
}

/// Sets up the connection that writes the log back, and nothing else.
pub(super) fn set_up_for_log(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Only a connection that has read knows that there is a log.
    connection.query_row("PRAGMA schema_version", [], |_| Ok(()))
}
