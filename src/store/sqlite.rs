//! Keeps everything in one SQLite file, with one writer.
//!
//! # Locking
//! One connection writes, behind a mutex; another reads, and cannot write (`query_only`); a third writes
//! the log back into the file ([`log`]). Each
//! deed is one transaction on the writer's or the reader's thread ([`crate::threads`]). Whoever waits for a
//! connection waits as a task, in turn, and takes a thread only then. Writes begin with
//! `BEGIN IMMEDIATE`, because the command line is a second process beside the daemon: a transaction
//! that reads first and asks for the write lock later would fail at that moment instead of waiting at
//! its start.
//!
//! # Durability
//! WAL with `synchronous = NORMAL`: a crash of the program loses nothing that was reported as
//! stored; a power cut may lose the last few transactions, never the file's soundness. A lost
//! transaction is one poll of a feed with its validators, so the next poll brings it again.

mod admit;
mod clock;
mod connection;
mod corrections;
mod feed_list;
mod feeds;
mod group;
mod known;
mod library;
mod link_queue;
mod links;
mod log;
mod near;
mod pages;
mod read_only;
mod received;
mod retention;
mod rows;
mod schema;
mod search;
mod settle;
mod upkeep;

pub use upkeep::{back_up, examine, merge_search, vacuum};

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tracing::debug;

use self::group::Readings;
use self::log::Log;
use self::read_only::Opened;
use super::{
    Admission, Admitted, Arrival, Claim, ClaimedFeed, FeedDetails, FeedStatus, HeldPage, HeldPages,
    HostedText, Judge, KeptPage, LateEntry, ListedFeed, Reading, Removal, Store, StoreError,
    Switched, UncutRule,
};
use crate::config::DeclaredFeed;
use crate::model::{ArticleId, EntryKey, FeedId, FeedUrl, HoldReason};
use crate::threads::{on_log, on_reader, on_writer};

/// The store in one SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    path: Arc<str>,
    /// Guards the only connection that writes.
    writer: Arc<Mutex<Connection>>,
    /// What waits for the writer to be stored together.
    readings: Arc<Readings>,
    /// Held by whoever sorts fingerprints into the index of near texts.
    sorting: Arc<Mutex<()>>,
    /// Guards the only connection that reads; the writer's own for a store in memory, and for one that
    /// only reads.
    reader: Arc<Mutex<Connection>>,
    /// Guards the connection that writes the log back; a store in memory, and one that only reads, have
    /// none.
    writing_back: Option<Arc<Mutex<Connection>>>,
    log: Arc<Log>,
    /// Whether the file is taken for one that nobody writes.
    is_immutable: bool,
}

impl SqliteStore {
    /// Opens the file, creating and migrating it as needed.
    ///
    /// # Errors
    /// When the file is not ours, too new, locked, not writable or damaged.
    pub fn open(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        let name = path.display().to_string();
        let explain = |error| explained("opening the database", &name, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut writer = Connection::open_with_flags(path, flags).map_err(explain)?;
        writer.busy_timeout(busy_timeout).map_err(explain)?;
        schema::prepare(&mut writer, &name, busy_timeout)?;
        connection::set_up(&writer).map_err(explain)?;
        near::set_up(&mut writer).map_err(explain)?;
        let reader = Connection::open_with_flags(path, flags).map_err(explain)?;
        reader.busy_timeout(busy_timeout).map_err(explain)?;
        connection::set_up_beside_writer(&reader).map_err(explain)?;
        let log = Arc::new(Log::default());
        log.follow(&mut writer).map_err(explain)?;
        let writing_back = Connection::open_with_flags(path, flags).map_err(explain)?;
        connection::set_up_for_log(&writing_back).map_err(explain)?;
        Ok(Self {
            path: name.into(),
            writer: Arc::new(Mutex::new(writer)),
            readings: Arc::default(),
            sorting: Arc::default(),
            reader: Arc::new(Mutex::new(reader)),
            writing_back: Some(Arc::new(Mutex::new(writing_back))),
            log,
            is_immutable: false,
        })
    }

    /// Opens a file that is there for reading only: deeds that write fail.
    ///
    /// # Errors
    /// When there is no such file, or it is not ours, too new, locked, not readable or damaged.
    pub fn open_for_reading(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        let name = path.display().to_string();
        let Opened { connection, is_immutable } = read_only::open(path, busy_timeout)?;
        connection::set_up(&connection)
            .map_err(|error| explained("opening the database", &name, error))?;
        Ok(Self::on_one(&name, connection, is_immutable))
    }

    /// Opens an empty store in memory, gone when dropped.
    ///
    /// # Errors
    /// When memory is short.
    pub fn in_memory() -> Result<Self, StoreError> {
        let name = ":memory:";
        let explain = |error| explained("opening a database in memory", name, error);
        let mut connection = Connection::open_in_memory().map_err(explain)?;
        schema::prepare(&mut connection, name, Duration::ZERO)?;
        connection::set_up(&connection).map_err(explain)?;
        near::set_up(&mut connection).map_err(explain)?;
        Ok(Self::on_one(name, connection, false))
    }

    /// A store whose only connection writes, as far as that may be, and reads.
    fn on_one(path: &str, connection: Connection, is_immutable: bool) -> Self {
        let reader = Arc::new(Mutex::new(connection));
        let writer = Arc::clone(&reader);
        Self {
            path: path.into(),
            writer,
            readings: Arc::default(),
            sorting: Arc::default(),
            reader,
            writing_back: None,
            log: Arc::default(),
            is_immutable,
        }
    }

    /// Runs one write transaction.
    async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        deed: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write_or_rehearse(doing, false, deed).await
    }

    /// Runs one write transaction, and takes it back if it was only to be seen what it would do.
    async fn write_or_rehearse<T: Send + 'static>(
        &self,
        doing: &'static str,
        rehearse: bool,
        deed: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut connection = Arc::clone(&self.writer).lock_owned().await;
        let written = on_writer(move || {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = deed(&transaction)?;
            if rehearse { transaction.rollback() } else { transaction.commit() }?;
            Ok(done)
        });
        written.await.map_err(|error| explained(doing, &self.path, error))
    }

    /// Runs a deed that only reads.
    async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        deed: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.reader).lock_owned().await;
        let read = on_reader(move || deed(&connection));
        read.await.map_err(|error| explained(doing, &self.path, error))
    }

    /// Stores the readings that wait for the writer.
    async fn store_readings(
        &self,
        mut connection: OwnedMutexGuard<Connection>,
    ) -> Result<(), StoreError> {
        let readings = Arc::clone(&self.readings);
        let is_full = on_writer(move || {
            // A panic leaves those unanswered who waited, and its transaction undone.
            let store = AssertUnwindSafe(|| readings.store(&mut connection));
            catch_unwind(store).or(Ok(())).and_then(|()| near::is_full(&connection))
        });
        let is_full = is_full.await;
        if is_full.map_err(|error| explained("storing readings", &self.path, error))? {
            self.sort_in_near().await?;
        }
        self.write_log_back().await;
        Ok(())
    }

    /// Writes a long log back into the file, unless somebody is at it.
    async fn write_log_back(&self) {
        let Some(connection) = self.writing_back.as_ref().filter(|_| self.log.is_long()) else {
            return;
        };
        let Ok(connection) = Arc::clone(connection).try_lock_owned() else { return };
        let log = Arc::clone(&self.log);
        // What was stored stands in the log; a commit will say what hinders, if it cannot go on either.
        if let Err(error) = on_log(move || log.write_back(&connection)).await {
            debug!(%error, "log not written back");
        }
    }

    /// Sorts the fingerprints that were gathered into the index of near texts, in slices, so that
    /// nobody waits long for the writer.
    ///
    /// More readings are stored between the slices; who stores them leaves the sorting to who is at it.
    async fn sort_in_near(&self) -> Result<(), StoreError> {
        const DOING: &str = "extending the index of near texts";
        let Ok(_sorting) = self.sorting.try_lock() else { return Ok(()) };
        let mut last = i64::MAX;
        for slice in near::SLICES {
            // What was gathered after the first slice is in the later ones only.
            last = last.min(self.write(DOING, move |tx| near::sort_in(tx, slice)).await?);
        }
        self.write(DOING, move |tx| near::sorted_in(tx, last)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn declare_feeds(
        &self,
        feeds: Vec<DeclaredFeed>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write("declaring feeds", move |tx| feeds::declare(tx, &feeds, now)).await
    }

    async fn add_feeds(
        &self,
        urls: Vec<FeedUrl>,
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        self.write("adding feeds", move |tx| {
            urls.iter().map(|url| feeds::add(tx, url, now)).collect()
        })
        .await
    }

    async fn import_feeds(
        &self,
        feeds: Vec<ListedFeed>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Arrival>, StoreError> {
        self.write("importing feeds", move |tx| {
            feeds.iter().map(|feed| feed_list::import(tx, feed, now)).collect()
        })
        .await
    }

    async fn pause_feed(&self, url: &FeedUrl, now: DateTime<Utc>) -> Result<Switched, StoreError> {
        let url = url.clone();
        self.write("pausing a feed", move |tx| feed_list::pause(tx, &url, now)).await
    }

    async fn resume_feed(&self, url: &FeedUrl) -> Result<Switched, StoreError> {
        let url = url.clone();
        self.write("resuming a feed", move |tx| feed_list::resume(tx, &url)).await
    }

    async fn feed_details(&self, url: &FeedUrl) -> Result<Option<FeedDetails>, StoreError> {
        let url = url.clone();
        self.read("looking up a feed", move |db| feed_list::details(db, &url)).await
    }

    async fn remove_feed(&self, url: &FeedUrl, now: DateTime<Utc>) -> Result<Removal, StoreError> {
        let url = url.clone();
        self.write("removing a feed", move |tx| feeds::remove(tx, &url, now)).await
    }

    async fn feeds(&self) -> Result<Vec<FeedStatus>, StoreError> {
        self.read("listing feeds", |db| feeds::list(db, None)).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<ClaimedFeed>, StoreError> {
        self.write("claiming feeds", move |tx| feeds::claim(tx, &claim)).await
    }

    async fn renew_claims(&self, worker: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
        let worker = worker.to_owned();
        self.write("renewing claims", move |tx| feeds::renew_claims(tx, &worker, until)).await
    }

    async fn release_claims(&self, worker: &str) -> Result<(), StoreError> {
        let worker = worker.to_owned();
        self.write("releasing claims", move |tx| {
            feeds::release_claims(tx, &worker)?;
            link_queue::release_claims(tx, &worker)
        })
        .await
    }

    async fn give_back(&self, worker: &str, feeds: Vec<FeedId>) -> Result<(), StoreError> {
        let worker = worker.to_owned();
        self.write("giving back claims", move |tx| feeds::give_back(tx, &worker, &feeds)).await
    }

    async fn put_clock_right(&self, worker: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let (asking, worker) = (worker.to_owned(), worker.to_owned());
        let was_ahead = move |db: &Connection| clock::was_ahead(db, &asking, now);
        // Nobody is to wait for the lock of writers only to learn that all is well.
        if !self.read("looking for moments to come", was_ahead).await? {
            return Ok(false);
        }
        self.write("putting moments right", move |tx| clock::put_right(tx, &worker, now)).await?;
        Ok(true)
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read("looking for the next due feed", feeds::next_due).await
    }

    async fn settled(
        &self,
        feed: FeedId,
        entries: Vec<(EntryKey, String)>,
    ) -> Result<HashSet<EntryKey>, StoreError> {
        self.read("looking up known entries", move |db| known::settled(db, feed, entries)).await
    }

    async fn admit(&self, reading: Reading, judge: Judge) -> Result<Admission, StoreError> {
        const DOING: &str = "storing a reading";
        let reading = Arc::new(reading);
        let mut answered = self.readings.add(Arc::clone(&reading), judge);
        // Whoever has the writer stores what came first, which may leave its own reading for another turn.
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut answered => break answer,
                connection = Arc::clone(&self.writer).lock_owned() => {
                    self.store_readings(connection).await?;
                }
            }
        };
        match answer {
            Ok(stored) => stored.map_err(|error| explained(DOING, &self.path, error)),
            // One of those that were stored together panicked; whose fault it was, shows alone.
            Err(_) => self.write(DOING, move |tx| admit::reading(tx, &reading, judge)).await,
        }
    }

    async fn forget_near(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        self.write("shortening the index of near texts", move |tx| {
            near::forget_gathered(tx, before)
        })
        .await?;
        // The index is in the order of fingerprints, not of time, so it is read through: in slices,
        // so that nobody waits long for the writer.
        for slice in near::SLICES {
            self.write("shortening the index of near texts", move |tx| {
                near::forget(tx, slice, before)
            })
            .await?;
        }
        Ok(())
    }

    async fn index_for_search(&self) -> Result<bool, StoreError> {
        // Nobody is to wait for the lock of writers only to learn that there is nothing to write.
        if !self.read("looking for what is not indexed", search::is_waiting).await? {
            return Ok(false);
        }
        self.write("indexing for search", search::index).await
    }

    async fn kept_page(
        &self,
        feed: FeedId,
        entry: &EntryKey,
        link: Option<&str>,
    ) -> Result<Option<KeptPage>, StoreError> {
        let (entry, link) = (entry.clone(), link.map(str::to_owned));
        self.read("looking up a page", move |db| pages::kept(db, feed, &entry, link.as_deref()))
            .await
    }

    async fn take_held_pages(&self, wanted: HeldPages) -> Result<Vec<HeldPage>, StoreError> {
        self.write("taking held pages", move |tx| pages::take(tx, &wanted)).await
    }

    async fn admit_held_page(
        &self,
        page: &HeldPage,
        entry: LateEntry,
        judge: Judge,
    ) -> Result<Option<Admitted>, StoreError> {
        let page = page.clone();
        let deed = move |tx: &Transaction<'_>| pages::admit_held(tx, &page, &entry, judge);
        self.write("storing a held page", deed).await
    }

    async fn still_held(&self, page: &HeldPage, reason: HoldReason) -> Result<(), StoreError> {
        let page = page.clone();
        self.write("noting a held page", move |tx| pages::still_held(tx, &page, reason)).await
    }

    async fn texts_before(
        &self,
        article: ArticleId,
        at_most: usize,
    ) -> Result<Vec<HostedText>, StoreError> {
        self.read("reading texts", move |db| pages::texts_before(db, article, at_most)).await
    }

    async fn uncut_rules(&self) -> Result<Vec<UncutRule>, StoreError> {
        self.read("counting anchors", pages::uncut_rules).await
    }

    async fn forget_polls(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        self.write("shortening the log of polls", move |tx| feeds::forget_polls(tx, before)).await
    }

    async fn forget_received(
        &self,
        before: DateTime<Utc>,
        at_most: usize,
    ) -> Result<usize, StoreError> {
        self.write("forgetting received texts", move |tx| received::forget(tx, before, at_most))
            .await
    }
}

/// Sorts what SQLite says by what a person would do about it.
fn explained(doing: &'static str, path: &str, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotOurs { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::ReadOnly { path }
        }
        _ => StoreError::Failed { doing, path, source: error },
    }
}
