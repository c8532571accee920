//! Writes the write-ahead log back into the file, beside whoever adds to it.
//!
//! A log that grew long is written back so that it can begin anew. SQLite lets the connection do it
//! whose commit made the log too long, and while some thousands of pages go to the disk and are waited
//! for, nothing is stored. Here a connection of its own writes back most of the log while the writer
//! goes on, what was added meanwhile in less and less time; only the rest is left to a commit.
//!
//! That commit still waits for the disk, and in a larger file each article touches more pages, so a log
//! of the same length would be full sooner and have commits wait more often. The log may therefore be as
//! long as a part of its file.
//!
//! Nothing depends on it: where nobody writes back, each commit of a long log does, as it would in
//! SQLite.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, Result};

/// How many pages of 4 KiB the log of a small file may hold before they are written into the file. New
/// fingerprints fall on random pages of their index, so a larger log writes each of those once where a
/// small one writes it many times; 32 MiB is what that costs in disk, and what is added while it is
/// written back.
pub(super) const PAGES_MIN: i32 = 8_192;

/// How many pages the log of any file may hold: 96 MiB. A page that is read is looked for in every 4,096
/// pages of the log first, and a power cut may take back what is in the log only.
const PAGES_MAX: i32 = 24_576;

/// How many times as long as its log a file is, between the two.
const FILE_PER_LOG: i64 = 64;

/// How little may be left to a commit, in pages.
const LEFT: i32 = 512;

/// How often what was added meanwhile is written back as well.
const ROUNDS: usize = 6;

/// The log of a database file, beside the file that a link leads to.
pub(super) fn beside(database: &Path) -> PathBuf {
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    with_ending(&database, "-wal")
}

/// The name of a file beside another: the other's, and more behind it.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Whether transactions stand in a log, which its file may lack.
pub(super) fn holds_some(log: &Path) -> bool {
    log.metadata().is_ok_and(|log| log.len() > 0)
}

/// How many pages the log of a file of so many pages may hold before they are written into the file.
pub(super) fn pages_meant(file_pages: i64) -> i32 {
    let pages = i32::try_from(file_pages / FILE_PER_LOG).unwrap_or(PAGES_MAX);
    pages.clamp(PAGES_MIN, PAGES_MAX)
}

/// How long the log is, how long it may become, and how much of it is in the file already; in pages.
#[derive(Debug)]
pub(super) struct Log {
    pages: AtomicI32,
    meant: AtomicI32,
    written: AtomicI32,
    is_underway: AtomicBool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            pages: AtomicI32::default(),
            meant: AtomicI32::new(PAGES_MIN),
            written: AtomicI32::default(),
            is_underway: AtomicBool::default(),
        }
    }
}

impl Log {
    /// Takes the place of SQLite's own way to write back: each commit of this connection tells how long
    /// the log is, and writes it back where it is too long and nobody else is at it.
    pub(super) fn follow(self: &Arc<Self>, writer: &mut Connection) -> Result<()> {
        self.measure_file(writer)?;
        let log = Arc::clone(self);
        writer.wal_hook(Some(move |wal: &mut Wal, pages| {
            log.grew_to(pages);
            let is_too_long = pages >= log.meant.load(Ordering::Relaxed);
            if is_too_long && !log.is_underway.load(Ordering::Relaxed) {
                // What fails is tried again after the next commit; this one did not fail.
                if let Ok((_, written)) = wal.checkpoint_v2(CheckpointMode::PASSIVE) {
                    log.written.store(written, Ordering::Relaxed);
                }
            }
            Ok(())
        }))
    }

    /// Whether there is enough to write back: what is added meanwhile fills the log up.
    pub(super) fn is_long(&self) -> bool {
        self.left() >= self.meant.load(Ordering::Relaxed) / 4 * 3
    }

    /// Writes back what was committed, until little is left, however much is added meanwhile.
    ///
    /// # Errors
    /// When the file cannot be written; nothing is lost then.
    pub(super) fn write_back(&self, connection: &Connection) -> Result<()> {
        self.is_underway.store(true, Ordering::Relaxed);
        let written = self.in_rounds(connection).and_then(|()| self.measure_file(connection));
        self.is_underway.store(false, Ordering::Relaxed);
        written
    }

    fn measure_file(&self, connection: &Connection) -> Result<()> {
        let file_pages = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        self.meant.store(pages_meant(file_pages), Ordering::Relaxed);
        Ok(())
    }

    fn in_rounds(&self, connection: &Connection) -> Result<()> {
        for _ in 0..ROUNDS {
            let before = self.left();
            let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
            let written = connection.query_row(checkpoint, [], |row| row.get("checkpointed"))?;
            self.written.store(written, Ordering::Relaxed);
            // A reader in the middle of something keeps the rest.
            if !(LEFT..before).contains(&self.left()) {
                break;
            }
        }
        Ok(())
    }

    /// Takes note of the length after a commit. A log that is shorter than before has begun anew.
    fn grew_to(&self, pages: i32) {
        if pages < self.pages.swap(pages, Ordering::Relaxed) {
            self.written.store(0, Ordering::Relaxed);
        }
    }

    fn left(&self) -> i32 {
        self.pages.load(Ordering::Relaxed) - self.written.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::TransactionBehavior;

    use super::*;
    use crate::store::sqlite::{connection, schema};

    /// What is enough to write back, in a small file.
    const LONG: i32 = PAGES_MIN / 4 * 3;

    fn open(path: &Path) -> Connection {
        let mut connection = Connection::open(path).unwrap();
        schema::prepare(&mut connection, "test", Duration::ZERO).unwrap();
        connection::set_up(&connection).unwrap();
        connection
    }

    /// Adds pages to the log, in one commit.
    fn add(writer: &mut Connection, pages: i32) {
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        tx.execute("CREATE TABLE IF NOT EXISTS ballast (b BLOB)", []).unwrap();
        let mut insert = tx.prepare("INSERT INTO ballast VALUES (zeroblob(4000))").unwrap();
        (0..pages).for_each(|_| assert_eq!(insert.execute([]), Ok(1)));
        drop(insert);
        tx.commit().unwrap();
    }

    fn pages(log: &Log) -> i32 {
        log.pages.load(Ordering::Relaxed)
    }

    #[test]
    fn a_log_is_written_back_while_somebody_writes_and_then_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.sqlite");
        let (mut writer, beside) = (open(&path), open(&path));
        let log = Arc::new(Log::default());
        log.follow(&mut writer).unwrap();
        add(&mut writer, LONG);
        assert!(log.is_long());
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        tx.execute("INSERT INTO ballast VALUES (zeroblob(4000))", []).unwrap();
        log.write_back(&beside).unwrap();
        assert_eq!(log.left(), 0);
        tx.commit().unwrap();
        // What a commit finds too long it writes back itself, and the next begins the log anew.
        add(&mut writer, PAGES_MIN);
        assert_eq!(log.left(), 0);
        add(&mut writer, 1);
        assert!(pages(&log) < 10, "{}", pages(&log));
        assert_eq!(log.written.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_log_of_a_larger_file_may_be_longer_up_to_a_point() {
        let small = i64::from(PAGES_MIN) * FILE_PER_LOG;
        for (file, log) in [
            (0, PAGES_MIN),
            (small, PAGES_MIN),
            (small * 2, PAGES_MIN * 2),
            (small * 3, PAGES_MAX),
            (i64::MAX, PAGES_MAX),
        ] {
            assert_eq!(pages_meant(file), log, "{file}");
        }
    }

    #[test]
    fn how_long_a_log_may_be_is_measured_when_it_was_written_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.sqlite");
        let (mut writer, beside) = (open(&path), open(&path));
        let log = Arc::new(Log::default());
        log.follow(&mut writer).unwrap();
        log.meant.store(1, Ordering::Relaxed);
        add(&mut writer, 2);
        assert!(log.is_long());
        log.write_back(&beside).unwrap();
        assert_eq!(log.meant.load(Ordering::Relaxed), PAGES_MIN);
    }

    #[test]
    fn a_reader_in_the_middle_of_something_ends_the_writing_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.sqlite");
        let (mut writer, beside, mut reader) = (open(&path), open(&path), open(&path));
        let log = Arc::new(Log::default());
        log.follow(&mut writer).unwrap();
        add(&mut writer, LEFT);
        let reading = reader.transaction().unwrap();
        reading.query_row("SELECT count(*) FROM ballast", [], |_| Ok(())).unwrap();
        add(&mut writer, LONG);
        log.write_back(&beside).unwrap();
        assert!(log.left() >= LONG, "{}", log.left());
        reading.commit().unwrap();
        log.write_back(&beside).unwrap();
        assert_eq!(log.left(), 0);
    }
}
