//! The connections of a store, and what goes on beside its deeds.
//!
//! # Locking
//! One connection writes, behind a mutex; another reads, and cannot write (`query_only`); a third writes
//! the log back into the file ([`log`](super::log)). Each deed is one transaction on the writer's or the
//! reader's thread ([`crate::threads`]). Whoever waits for a connection waits as a task, in turn, and
//! takes a thread only then. Writes begin with `BEGIN IMMEDIATE`, because the command line is a second
//! process beside the daemon: a transaction that reads first and asks for the write lock later would
//! fail at that moment instead of waiting at its start.
//!
//! # Where the file lies
//! After each deed it is looked whether the file and its log are still where they were opened
//! ([`location`](super::location)): nobody is told that something is stored where it cannot be found.
//!
//! # Beside the deeds
//! Readings make work for later: fingerprints to be sorted in, a log to be written back. It is begun
//! after a reading and goes on by itself, so that whoever brought the reading waits for nothing more.
//! Nothing is lost with what is broken off, and what fails is tried again after the next reading.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::{JoinError, JoinSet};
use tracing::{debug, error, warn};

use super::group::Readings;
use super::location::{self, Location};
use super::log::Log;
use super::read_only::Opened;
use super::{admit, connection, near, read_only, schema};
use crate::store::{Admission, Judge, Reading, StoreError};
use crate::threads::{on_log, on_reader, on_writer};

/// The connections to one file, or to a database in memory.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    path: Arc<str>,
    location: Arc<Location>,
    /// Guards the only connection that writes.
    pub(super) writer: Arc<Mutex<Connection>>,
    /// What waits for the writer to be stored together.
    pub(super) readings: Arc<Readings>,
    /// Held while fingerprints are sorted into the index of near texts.
    sorting: Arc<Mutex<()>>,
    /// Guards the only connection that reads; the writer's own for a store in memory, and for one that
    /// only reads.
    reader: Arc<Mutex<Connection>>,
    /// Guards the connection that writes the log back; a store in memory, and one that only reads, have
    /// none.
    writing_back: Option<Arc<Mutex<Connection>>>,
    log: Arc<Log>,
    /// What was begun after readings and goes on beside them.
    beside: Arc<Mutex<JoinSet<()>>>,
}

impl Connections {
    /// Opens the file, creating and migrating it as needed.
    pub(super) fn open(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        location::refuse_foreign_log(path)?;
        let name = path.display().to_string();
        let explain = |error| explained("opening the database", &name, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut writer = Connection::open_with_flags(path, flags).map_err(explain)?;
        writer.busy_timeout(busy_timeout).map_err(explain)?;
        schema::prepare(&mut writer, &name, busy_timeout)?;
        connection::set_up(&writer).map_err(explain)?;
        let location = Location::of(path).map_err(|_| StoreError::Moved { path: name.clone() })?;
        near::set_up(&mut writer).map_err(explain)?;
        let reader = Connection::open_with_flags(path, flags).map_err(explain)?;
        reader.busy_timeout(busy_timeout).map_err(explain)?;
        connection::set_up_beside_writer(&reader).map_err(explain)?;
        let log = Arc::new(Log::default());
        log.follow(&mut writer).map_err(explain)?;
        let writing_back = Connection::open_with_flags(path, flags).map_err(explain)?;
        connection::set_up_for_log(&writing_back).map_err(explain)?;
        Ok(Self {
            reader: Arc::new(Mutex::new(reader)),
            writing_back: Some(Arc::new(Mutex::new(writing_back))),
            log,
            ..Self::of_one(&name, location, writer)
        })
    }

    /// Opens a file for reading only; says as well whether it is taken for one that nobody writes.
    pub(super) fn open_for_reading(
        path: &Path,
        busy_timeout: Duration,
    ) -> Result<(Self, bool), StoreError> {
        let name = path.display().to_string();
        let Opened { connection, is_immutable } = read_only::open(path, busy_timeout)?;
        let location =
            Location::of_file(path).map_err(|_| StoreError::Moved { path: name.clone() })?;
        connection::set_up(&connection)
            .map_err(|error| explained("opening the database", &name, error))?;
        Ok((Self::of_one(&name, location, connection), is_immutable))
    }

    /// Opens an empty database in memory.
    pub(super) fn in_memory() -> Result<Self, StoreError> {
        let name = ":memory:";
        let explain = |error| explained("opening a database in memory", name, error);
        let mut connection = Connection::open_in_memory().map_err(explain)?;
        schema::prepare(&mut connection, name, Duration::ZERO)?;
        connection::set_up(&connection).map_err(explain)?;
        near::set_up(&mut connection).map_err(explain)?;
        Ok(Self::of_one(name, Location::default(), connection))
    }

    /// The only connection writes, as far as that may be, and reads.
    fn of_one(path: &str, location: Location, connection: Connection) -> Self {
        let connection = Arc::new(Mutex::new(connection));
        Self {
            path: path.into(),
            location: Arc::new(location),
            writer: Arc::clone(&connection),
            readings: Arc::default(),
            sorting: Arc::default(),
            reader: connection,
            writing_back: None,
            log: Arc::default(),
            beside: Arc::default(),
        }
    }

    /// Runs one write transaction.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        deed: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write_or_rehearse(doing, false, deed).await
    }

    /// Runs one write transaction, and takes it back if it was only to be seen what it would do.
    pub(super) async fn write_or_rehearse<T: Send + 'static>(
        &self,
        doing: &'static str,
        rehearse: bool,
        deed: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut connection = Arc::clone(&self.writer).lock_owned().await;
        let location = Arc::clone(&self.location);
        let written = on_writer(move || {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = deed(&transaction)?;
            if rehearse { transaction.rollback() } else { transaction.commit() }?;
            location.check_or_settle(&connection)?;
            Ok(done)
        });
        written.await.map_err(|error| explained(doing, &self.path, error))
    }

    /// Runs a deed that only reads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        deed: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.reader).lock_owned().await;
        let location = Arc::clone(&self.location);
        let read = on_reader(move || {
            let read = deed(&connection)?;
            location.check()?;
            Ok(read)
        });
        read.await.map_err(|error| explained(doing, &self.path, error))
    }

    /// Stores a reading, together with others that wait for the writer.
    pub(super) async fn admit(
        &self,
        reading: Reading,
        judge: Judge,
    ) -> Result<Admission, StoreError> {
        const DOING: &str = "storing a reading";
        let reading = Arc::new(reading);
        let mut answered = self.readings.add(Arc::clone(&reading), judge);
        // Whoever has the writer stores what came first, which may leave its own reading for another turn.
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut answered => break answer,
                connection = Arc::clone(&self.writer).lock_owned() => {
                    self.store_readings(connection).await;
                }
            }
        };
        match answer {
            Ok(stored) => stored.map_err(|error| explained(DOING, &self.path, error)),
            // One of those that were stored together panicked; whose fault it was, shows alone.
            Err(_) => self.write(DOING, move |tx| admit::reading(tx, &reading, judge)).await,
        }
    }

    /// Stores the readings that wait for the writer, and begins what they left to be done.
    async fn store_readings(&self, mut connection: OwnedMutexGuard<Connection>) {
        let (readings, location) = (Arc::clone(&self.readings), Arc::clone(&self.location));
        let is_full = on_writer(move || {
            // A panic leaves those unanswered who waited, and its transaction undone.
            drop(catch_unwind(AssertUnwindSafe(|| readings.store(&mut connection, &location))));
            // Who cannot tell now can after the next reading.
            near::is_full(&connection).unwrap_or_default()
        });
        let is_full = is_full.await;
        let mut beside = self.beside.lock().await;
        while let Some(ended) = beside.try_join_next() {
            tell_of_faults(ended);
        }
        if is_full {
            self.begin_sorting_in(&mut beside);
        }
        self.begin_writing_back(&mut beside);
    }

    /// Waits for what was begun after readings and goes on beside them.
    pub(super) async fn settle_down(&self) {
        let mut beside = self.beside.lock().await;
        while let Some(ended) = beside.join_next().await {
            tell_of_faults(ended);
        }
    }

    /// Begins to write a long log back into the file, unless that is under way.
    fn begin_writing_back(&self, beside: &mut JoinSet<()>) {
        let Some(connection) = self.writing_back.as_ref().filter(|_| self.log.is_long()) else {
            return;
        };
        let Ok(connection) = Arc::clone(connection).try_lock_owned() else { return };
        let log = Arc::clone(&self.log);
        beside.spawn(async move {
            // What was stored stands in the log; a commit will say what hinders, if it cannot go on either.
            if let Err(error) = on_log(move || log.write_back(&connection)).await {
                debug!(%error, "log not written back");
            }
        });
    }

    /// Begins to sort the fingerprints that were gathered into the index of near texts, unless that is
    /// under way.
    fn begin_sorting_in(&self, beside: &mut JoinSet<()>) {
        let Ok(sorting) = Arc::clone(&self.sorting).try_lock_owned() else { return };
        let this = self.clone();
        beside.spawn(async move {
            if let Err(error) = this.sort_in().await {
                let error = &error as &dyn std::error::Error;
                warn!(error, "the index of near texts was not extended");
            }
            drop(sorting);
        });
    }

    /// Sorts fingerprints in, in slices: more readings are stored between them, so that nobody waits long
    /// for the writer.
    async fn sort_in(&self) -> Result<(), StoreError> {
        const DOING: &str = "extending the index of near texts";
        let mut last = i64::MAX;
        for slice in near::SLICES {
            // What was gathered after the first slice is in the later ones only.
            last = last.min(self.write(DOING, move |tx| near::sort_in(tx, slice)).await?);
        }
        self.write(DOING, move |tx| near::sorted_in(tx, last)).await
    }
}

fn tell_of_faults(ended: Result<(), JoinError>) {
    if let Err(fault) = ended {
        error!(%fault, "a fault of ours came to light while tidying the file; please report it");
    }
}

/// Sorts what SQLite says by what a person would do about it.
pub(super) fn explained(doing: &'static str, path: &str, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        _ if location::is_moved(&error) => StoreError::Moved { path },
        Some(ErrorCode::NotADatabase) => StoreError::NotOurs { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::ReadOnly { path }
        }
        Some(ErrorCode::DiskFull) => StoreError::Full { doing, path, source: error },
        Some(ErrorCode::SystemIoFailure) => StoreError::Disk { doing, path, source: error },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { doing, path, source: error },
        _ => StoreError::Failed { doing, path, source: error },
    }
}
