//! Says why a store did not do what it was asked to.

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file belongs to another program, or is no database at all.
    #[error("{path} is not a database of ingest; name another file with --database")]
    NotOurs {
        /// The file.
        path: String,
    },
    /// The file has a schema that cannot be read here.
    #[error("{path} has schema version {found}, and this program reads version {known}; {remedy}")]
    Version {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
        /// The version this program reads.
        known: i64,
        /// What to do about it.
        remedy: &'static str,
    },
    /// There is no file to read or to look after.
    #[error("there is no database at {path}; `ingest --once` makes one, --database names another")]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// Another process holds the file.
    #[error(
        "{path} is locked by another process, which did not let go in time; stop it or try again"
    )]
    Busy {
        /// The file.
        path: String,
    },
    /// The file cannot be created or written.
    #[error(
        "{path} cannot be opened for writing; check that its folder is there, the permissions of both, and that the disk is not mounted read-only"
    )]
    ReadOnly {
        /// The file.
        path: String,
    },
    /// The file that was opened, or its log, is not at its path any more.
    #[error(
        "{path}, or its log, was moved, deleted or replaced while it was in use; start again to go on with what is there now"
    )]
    Moved {
        /// Where it was.
        path: String,
    },
    /// A log lies beside the file that is not the file's own.
    #[error(
        "{log} is the log of another file, whose place {path} has taken; it would destroy {path}: move it away, with {path}-shm if that is there, and try again"
    )]
    ForeignLog {
        /// The file.
        path: String,
        /// The log.
        log: String,
    },
    /// There is no room for what is to be written.
    #[error(
        "no room is left for {path} or for temporary files, as {doing} showed; make room: what was stored is safe"
    )]
    Full {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the database said.
        #[source]
        source: rusqlite::Error,
    },
    /// The system failed to read or to write the file.
    #[error(
        "{path} cannot be read or written, as {doing} showed; a quota may be used up, or the disk may be failing: see `quota` and the system's log"
    )]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the database said.
        #[source]
        source: rusqlite::Error,
    },
    /// The file is damaged.
    #[error(
        "{path} is damaged, as {doing} showed; stop every process and restore a backup, or try `sqlite3 {path} .recover | sqlite3 NEW`"
    )]
    Damaged {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the database said.
        #[source]
        source: rusqlite::Error,
    },
    /// The file cannot be opened, or a statement failed.
    #[error("{doing} in {path}")]
    Failed {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the database said.
        #[source]
        source: rusqlite::Error,
    },
}
