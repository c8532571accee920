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
    /// The file was written by a later version.
    #[error(
        "{path} has schema version {found}, but this program knows only up to {known}; use a newer ingest"
    )]
    Newer {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
        /// The latest version this program knows.
        known: i64,
    },
    /// There is no file to look after.
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
        "{path} cannot be opened for writing; check that its folder is there, and the permissions of both"
    )]
    ReadOnly {
        /// The file.
        path: String,
    },
    /// The file cannot be opened or is damaged, or a statement failed.
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
