//! Gives the room of what was deleted back to the disk, and puts the full-text index in order.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Result, params};

use super::{bytes, full_text_indexes, open};
use crate::store::sqlite::{explained, log};
use crate::store::{Progress, StoreError, Vacuumed};

/// How many pages of a full-text index are merged in one transaction: some milliseconds, so that
/// nobody waits for it.
const MERGED_AT_ONCE: i64 = 256;

/// Writes the whole file anew, without its free pages. Writers wait until it is done, readers do not.
///
/// # Errors
/// When the file is not ours, locked, or the disk has no room for a second one.
pub fn vacuum(database: &Path, busy_timeout: Duration) -> Result<Vacuumed, StoreError> {
    changed(database, busy_timeout, |db| {
        // The new file is put together on the disk: it may be larger than the memory.
        db.execute_batch("PRAGMA temp_store = FILE; VACUUM;")
    })
}

/// Merges the parts of the full-text index, a little in each transaction, until it is one or
/// `progress` (which is told how many such steps were done) says to stop.
///
/// # Errors
/// When the file is not ours or locked.
pub fn merge_search(
    database: &Path,
    busy_timeout: Duration,
    progress: Progress<'_>,
) -> Result<Vacuumed, StoreError> {
    changed(database, busy_timeout, |db| {
        let mut steps = 0;
        for index in full_text_indexes(db)? {
            let merge = format!("INSERT INTO {index} ({index}, rank) VALUES ('merge', ?1)");
            let mut merge = db.prepare(&merge)?;
            // A number below nought makes all parts candidates, as one that is above only does when
            // there are many of one size.
            let mut pages = -MERGED_AT_ONCE;
            loop {
                let before = db.total_changes();
                merge.execute(params![pages])?;
                pages = MERGED_AT_ONCE;
                steps += 1;
                // The statement itself counts as one change.
                if db.total_changes() - before < 2 || !progress(steps, 0) {
                    break;
                }
            }
        }
        Ok(())
    })
}

/// Does something to the file, empties its log, and measures both before and after.
fn changed(
    database: &Path,
    busy_timeout: Duration,
    deed: impl FnOnce(&Connection) -> Result<()>,
) -> Result<Vacuumed, StoreError> {
    let explain = |error| explained("giving back room", &database.display().to_string(), error);
    let size = || bytes(database) + bytes(&log::beside(database));
    let connection = open(database, busy_timeout)?;
    let bytes_before = size();
    deed(&connection).map_err(explain)?;
    // A reader that is in the middle of something keeps the log; the next checkpoint empties it.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(explain)?;
    Ok(Vacuumed { bytes_before, bytes_after: size() })
}
