//! Notices that the file, or its log, was moved, deleted or replaced while it is open, and that the log
//! beside it is that of another.
//!
//! Whoever has it open then goes on with what nobody finds at its path any more. And the log stays there,
//! and the next process takes it for the log of the file that it does find: a copy that was put back is
//! destroyed by it. SQLite looks for that where it makes a rollback journal, and not where it keeps a log
//! (`databaseIsUnmoved` in its pager.c; <https://www.sqlite.org/howtocorrupt.html>, 1.4 and 2.5).
//!
//! What was written over in place is the same file, and is not noticed.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Result as IoResult};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Error, Result, ffi};

use super::log;
use crate::store::StoreError;

/// Where SQLite keeps in a file's head what may write it, and what stands there for "without a log"
/// (<https://www.sqlite.org/fileformat.html>, 1.3.3).
const WRITE_VERSION_AT: usize = 18;
const WITHOUT_LOG: u8 = 1;

/// Where the files of a database lie. One in memory has none.
#[derive(Debug, Default)]
pub(super) struct Location {
    file: Option<Spot>,
    log: Option<Spot>,
}

/// A path, and the file that it led to.
#[derive(Debug)]
struct Spot {
    path: PathBuf,
    was: Identity,
}

/// What a file is known by, whatever its name: its device, and its number there.
#[derive(Debug, PartialEq, Eq)]
struct Identity(u64, u64);

/// What a path leads to by now.
#[derive(Debug, PartialEq, Eq)]
enum Led {
    ThereStill,
    Elsewhere,
    Nowhere,
}

impl Location {
    /// Where the file that this path leads to now lies, and its log.
    ///
    /// # Errors
    /// When one of them is not there, or cannot be looked at.
    pub(super) fn of(path: &Path) -> IoResult<Self> {
        Ok(Self { log: Some(Spot::of(log::beside(path))?), ..Self::of_file(path)? })
    }

    /// Where the file alone lies, for whoever only reads: there may be no log.
    ///
    /// # Errors
    /// When it is not there, or cannot be looked at.
    pub(super) fn of_file(path: &Path) -> IoResult<Self> {
        Ok(Self { file: Some(Spot::of(path.to_owned())?), log: None })
    }

    /// Fails with `SQLITE_READONLY_DBMOVED` once a path leads to another file or to none.
    pub(super) fn check(&self) -> Result<()> {
        let spots = [&self.file, &self.log];
        if spots.into_iter().flatten().any(|spot| spot.leads() != Led::ThereStill) {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY_DBMOVED), None));
        }
        Ok(())
    }

    /// The same for a connection that writes: the log is written into the file that it belongs to,
    /// wherever that is now, and emptied. So nothing is missing there, and no other file is taken for
    /// the one that it belongs to.
    pub(super) fn check_or_settle(&self, writer: &Connection) -> Result<()> {
        self.check().inspect_err(|_| {
            // Where the file has another log by now, somebody writes it who does not know of this one.
            let is_moved = self.file.as_ref().is_some_and(|file| file.leads() != Led::ThereStill);
            let has_another = self.log.as_ref().is_some_and(|log| log.leads() == Led::Elsewhere);
            if is_moved || !has_another {
                // Beside somebody who still reads, the log stays as it is.
                drop(writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
            }
        })
    }
}

impl Spot {
    fn of(path: PathBuf) -> IoResult<Self> {
        Ok(Self { was: Identity::of(&path)?, path })
    }

    fn leads(&self) -> Led {
        match Identity::of(&self.path) {
            Ok(is) if is != self.was => Led::Elsewhere,
            Err(error) if error.kind() == ErrorKind::NotFound => Led::Nowhere,
            // A path that cannot be looked at proves nothing.
            Ok(_) | Err(_) => Led::ThereStill,
        }
    }
}

impl Identity {
    fn of(path: &Path) -> IoResult<Self> {
        let file = fs::metadata(path)?;
        Ok(Self(file.dev(), file.ino()))
    }
}

/// Whether two paths lead to one file.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let (one, other) = (Identity::of(one), Identity::of(other));
    one.is_ok_and(|one| other.is_ok_and(|other| one == other))
}

/// Refuses a file without a log that lies beside a log, before SQLite writes that into it: it is the log
/// of a file that was there before. A copy made by [`back_up`](super::back_up) has none, and a file that
/// has one says so before it is made.
///
/// # Errors
/// [`StoreError::ForeignLog`].
pub(super) fn refuse_foreign_log(path: &Path) -> std::result::Result<(), StoreError> {
    // The log first: another process may be making the file right now.
    let log = log::beside(path);
    if log::holds_some(&log) && write_version(path).is_ok_and(|version| version == WITHOUT_LOG) {
        let (path, log) = (path.display().to_string(), log.display().to_string());
        return Err(StoreError::ForeignLog { path, log });
    }
    Ok(())
}

fn write_version(path: &Path) -> IoResult<u8> {
    let mut head = [0; WRITE_VERSION_AT + 1];
    File::open(path)?.read_exact(&mut head)?;
    let [.., version] = head;
    Ok(version)
}

/// Whether this is what [`Location::check`] fails with.
pub(super) fn is_moved(error: &Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DBMOVED)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rusqlite::ErrorCode;

    use super::*;

    #[test]
    fn a_file_is_where_it_was_until_it_is_moved_deleted_or_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let path = at("news.sqlite");
        fs::write(&path, "one").unwrap();
        let location = Location::of_file(&path).unwrap();
        let is_there = || location.check().is_ok();
        assert!(is_there());
        fs::write(&path, "written over in place").unwrap();
        assert!(is_there());
        fs::rename(&path, at("elsewhere")).unwrap();
        assert!(!is_there());
        fs::write(&path, "another").unwrap();
        assert!(!is_there());
        fs::rename(at("elsewhere"), &path).unwrap();
        assert!(is_there());
        // A file that is named by a link is elsewhere once the link leads elsewhere.
        fs::rename(&path, at("elsewhere")).unwrap();
        symlink(at("elsewhere"), &path).unwrap();
        assert!(is_there());
        fs::remove_file(&path).unwrap();
        symlink(at("nowhere"), &path).unwrap();
        assert!(!is_there());
    }

    #[test]
    fn paths_lead_to_one_file_whatever_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("news"), "").unwrap();
        fs::write(at("other"), "").unwrap();
        fs::hard_link(at("news"), at("hard")).unwrap();
        symlink(at("news"), at("soft")).unwrap();
        for (one, other, is_same) in [
            ("news", "news", true),
            ("news", "./news", true),
            ("hard", "soft", true),
            ("news", "other", false),
            ("news", "nothing", false),
            ("nothing", "nothing", false),
        ] {
            assert_eq!(is_same_file(&at(one), &at(other)), is_same, "{one}, {other}");
        }
    }

    #[test]
    fn a_log_is_looked_for_beside_the_file_that_a_link_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["real.sqlite", "real.sqlite-wal"] {
            fs::write(at(name), name).unwrap();
        }
        symlink(at("real.sqlite"), at("news.sqlite")).unwrap();
        let location = Location::of(&at("news.sqlite")).unwrap();
        assert!(location.check().is_ok());
        fs::remove_file(at("real.sqlite-wal")).unwrap();
        assert!(location.check().is_err());
    }

    /// A database with a table, and a log with a row of it that is not in the file yet.
    fn with_a_log(path: &Path) -> (Connection, Location) {
        let db = Connection::open(path).unwrap();
        let make = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
                    CREATE TABLE news (title TEXT); PRAGMA wal_checkpoint;
                    INSERT INTO news VALUES ('late');";
        db.execute_batch(make).unwrap();
        let location = Location::of(path).unwrap();
        (db, location)
    }

    /// What stands in a file, whatever logs lie about.
    fn in_the_file_alone(path: &Path) -> i64 {
        let folder = tempfile::tempdir().unwrap();
        let alone = folder.path().join("alone.sqlite");
        fs::copy(path, &alone).unwrap();
        let db = Connection::open(&alone).unwrap();
        db.query_row("SELECT count(*) FROM news", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn the_log_of_a_file_that_was_moved_is_written_into_it_and_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("news"), folder.path().join("elsewhere"));
        let (db, location) = with_a_log(&path);
        fs::rename(&path, &elsewhere).unwrap();
        assert_eq!(in_the_file_alone(&elsewhere), 0);
        assert!(location.check_or_settle(&db).is_err());
        assert_eq!(in_the_file_alone(&elsewhere), 1);
        assert_eq!(fs::metadata(log::beside(&path)).unwrap().len(), 0);
    }

    #[test]
    fn a_log_that_was_deleted_is_written_into_its_file_unless_that_has_another() {
        for has_another in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("news");
            let (db, location) = with_a_log(&path);
            fs::remove_file(log::beside(&path)).unwrap();
            if has_another {
                fs::write(log::beside(&path), "another").unwrap();
            }
            assert!(location.check_or_settle(&db).is_err());
            assert_eq!(in_the_file_alone(&path), i64::from(!has_another));
        }
    }

    #[test]
    fn a_log_is_foreign_beside_a_file_that_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news");
        let is_refused = || refuse_foreign_log(&path).is_err();
        assert!(!is_refused(), "no file");
        let (db, _) = with_a_log(&path);
        assert!(!is_refused(), "its own log");
        let copy = folder.path().join("copy");
        Connection::open(&copy).unwrap().execute_batch("CREATE TABLE news (title)").unwrap();
        assert!(refuse_foreign_log(&copy).is_ok(), "no log");
        fs::rename(&copy, &path).unwrap();
        assert!(is_refused());
        fs::write(log::beside(&path), "").unwrap();
        assert!(!is_refused(), "an empty log");
        drop(db);
    }

    #[test]
    fn a_database_in_memory_is_never_moved() {
        assert!(Location::default().check().is_ok());
    }

    #[test]
    fn what_a_moved_file_fails_with_is_told_from_a_disk_that_is_read_only() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::of_file(folder.path()).unwrap();
        drop(folder);
        let moved = location.check().unwrap_err();
        assert_eq!(moved.sqlite_error_code(), Some(ErrorCode::ReadOnly));
        assert!(is_moved(&moved));
        assert!(!is_moved(&Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY), None)));
    }
}
