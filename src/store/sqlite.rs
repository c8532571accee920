//! Keeps everything in one SQLite file, with one writer.
//!
//! # Durability
//! WAL with `synchronous = NORMAL`: a crash of the program loses nothing that was reported as
//! stored; a power cut may lose the last few transactions, never the file's soundness. A lost
//! transaction is one poll of a feed with its validators, so the next poll brings it again.

mod admit;
mod clock;
mod connection;
mod connections;
mod corrections;
#[cfg(test)]
mod empty;
mod feed_list;
mod feeds;
mod group;
mod known;
mod library;
mod link_queue;
mod links;
mod location;
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

pub use location::is_same_file;
pub use upkeep::{back_up, examine, merge_search, vacuum};

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveTime, Utc};
use rusqlite::{Connection, Transaction};

use self::connections::{Connections, explained};
use super::{
    Admission, Admitted, Arrival, Claim, ClaimedFeed, FeedDetails, FeedStatus, FeedsDue, HeldPage,
    HeldPages, HostedText, Judge, KeptPage, LateEntry, ListedFeed, Reading, Removal, Store,
    StoreError, Switched, UncutRule,
};
use crate::config::DeclaredFeed;
use crate::model::{ArticleId, EntryKey, FeedId, FeedUrl, HoldReason};

/// The store in one SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    db: Connections,
    /// Whether the file is taken for one that nobody writes.
    is_immutable: bool,
}

impl SqliteStore {
    /// Opens the file, creating and migrating it as needed.
    ///
    /// # Errors
    /// When the file is not ours, too new, locked, not writable or damaged.
    pub fn open(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        Ok(Self { db: Connections::open(path, busy_timeout)?, is_immutable: false })
    }

    /// Opens a file that is there for reading only: deeds that write fail.
    ///
    /// # Errors
    /// When there is no such file, or it is not ours, too new, locked, not readable or damaged.
    pub fn open_for_reading(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        let (db, is_immutable) = Connections::open_for_reading(path, busy_timeout)?;
        Ok(Self { db, is_immutable })
    }

    /// Opens an empty store in memory, gone when dropped.
    ///
    /// # Errors
    /// When memory is short.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self { db: Connections::in_memory()?, is_immutable: false })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn declare_feeds(
        &self,
        feeds: Vec<DeclaredFeed>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.db.write("declaring feeds", move |tx| feeds::declare(tx, &feeds, now)).await
    }

    async fn add_feeds(
        &self,
        urls: Vec<FeedUrl>,
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        self.db
            .write("adding feeds", move |tx| {
                urls.iter().map(|url| feeds::add(tx, url, now)).collect()
            })
            .await
    }

    async fn import_feeds(
        &self,
        feeds: Vec<ListedFeed>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Arrival>, StoreError> {
        self.db
            .write("importing feeds", move |tx| {
                feeds.iter().map(|feed| feed_list::import(tx, feed, now)).collect()
            })
            .await
    }

    async fn pause_feed(&self, url: &FeedUrl, now: DateTime<Utc>) -> Result<Switched, StoreError> {
        let url = url.clone();
        self.db.write("pausing a feed", move |tx| feed_list::pause(tx, &url, now)).await
    }

    async fn resume_feed(&self, url: &FeedUrl) -> Result<Switched, StoreError> {
        let url = url.clone();
        self.db.write("resuming a feed", move |tx| feed_list::resume(tx, &url)).await
    }

    async fn feed_details(&self, url: &FeedUrl) -> Result<Option<FeedDetails>, StoreError> {
        let url = url.clone();
        self.db.read("looking up a feed", move |db| feed_list::details(db, &url)).await
    }

    async fn remove_feed(&self, url: &FeedUrl, now: DateTime<Utc>) -> Result<Removal, StoreError> {
        let url = url.clone();
        self.db.write("removing a feed", move |tx| feeds::remove(tx, &url, now)).await
    }

    async fn feeds(&self, only: Option<Vec<FeedUrl>>) -> Result<Vec<FeedStatus>, StoreError> {
        self.db.read("listing feeds", move |db| feeds::list(db, only.as_deref())).await
    }

    async fn feeds_due(&self, now: DateTime<Utc>) -> Result<FeedsDue, StoreError> {
        self.db.read("counting feeds", move |db| feeds::count_due(db, now)).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<ClaimedFeed>, StoreError> {
        self.db.write("claiming feeds", move |tx| feeds::claim(tx, &claim)).await
    }

    async fn renew_claims(
        &self,
        worker: &str,
        feeds: Vec<FeedId>,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let worker = worker.to_owned();
        self.db
            .write("renewing claims", move |tx| feeds::renew_claims(tx, &worker, &feeds, until))
            .await
    }

    async fn release_claims(&self, worker: &str) -> Result<(), StoreError> {
        let worker = worker.to_owned();
        self.db
            .write("releasing claims", move |tx| {
                feeds::release_claims(tx, &worker)?;
                link_queue::release_claims(tx, &worker)
            })
            .await
    }

    async fn give_back(&self, worker: &str, feeds: Vec<FeedId>) -> Result<(), StoreError> {
        let worker = worker.to_owned();
        self.db.write("giving back claims", move |tx| feeds::give_back(tx, &worker, &feeds)).await
    }

    async fn put_clock_right(&self, worker: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let (asking, worker) = (worker.to_owned(), worker.to_owned());
        let was_ahead = move |db: &Connection| clock::was_ahead(db, &asking, now);
        // Nobody is to wait for the lock of writers only to learn that all is well.
        if !self.db.read("looking for moments to come", was_ahead).await? {
            return Ok(false);
        }
        self.db
            .write("putting moments right", move |tx| clock::put_right(tx, &worker, now))
            .await?;
        Ok(true)
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.db.read("looking for the next due feed", feeds::next_due).await
    }

    async fn settled(
        &self,
        feed: FeedId,
        entries: Vec<(EntryKey, String)>,
    ) -> Result<HashSet<EntryKey>, StoreError> {
        self.db.read("looking up known entries", move |db| known::settled(db, feed, entries)).await
    }

    async fn admit(&self, reading: Reading, judge: Judge) -> Result<Admission, StoreError> {
        self.db.admit(reading, judge).await
    }

    async fn settle_down(&self) {
        self.db.settle_down().await;
    }

    async fn forget_near(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        const DOING: &str = "shortening the index of near texts";
        self.db.write(DOING, move |tx| near::forget_gathered(tx, before)).await?;
        // The index is in the order of fingerprints, not of time, so it is read through: for a whole day
        // at once, and in slices, so that nobody waits long for the writer.
        let before = before.date_naive().and_time(NaiveTime::MIN).and_utc();
        if !self.db.read(DOING, move |db| near::holds_older(db, before)).await? {
            return Ok(());
        }
        for slice in near::SLICES {
            self.db.write(DOING, move |tx| near::forget(tx, slice, before)).await?;
        }
        Ok(())
    }

    async fn index_for_search(&self) -> Result<bool, StoreError> {
        // Nobody is to wait for the lock of writers only to learn that there is nothing to write.
        if !self.db.read("looking for what is not indexed", search::is_waiting).await? {
            return Ok(false);
        }
        self.db.write("indexing for search", search::index).await
    }

    async fn kept_page(
        &self,
        feed: FeedId,
        entry: &EntryKey,
        link: Option<&str>,
    ) -> Result<Option<KeptPage>, StoreError> {
        let (entry, link) = (entry.clone(), link.map(str::to_owned));
        self.db
            .read("looking up a page", move |db| pages::kept(db, feed, &entry, link.as_deref()))
            .await
    }

    async fn take_held_pages(&self, wanted: HeldPages) -> Result<Vec<HeldPage>, StoreError> {
        self.db.write("taking held pages", move |tx| pages::take(tx, &wanted)).await
    }

    async fn admit_held_page(
        &self,
        page: &HeldPage,
        entry: LateEntry,
        judge: Judge,
    ) -> Result<Option<Admitted>, StoreError> {
        let page = page.clone();
        let deed = move |tx: &Transaction<'_>| pages::admit_held(tx, &page, &entry, judge);
        self.db.write("storing a held page", deed).await
    }

    async fn still_held(&self, page: &HeldPage, reason: HoldReason) -> Result<(), StoreError> {
        let page = page.clone();
        self.db.write("noting a held page", move |tx| pages::still_held(tx, &page, reason)).await
    }

    async fn texts_before(
        &self,
        article: ArticleId,
        at_most: usize,
    ) -> Result<Vec<HostedText>, StoreError> {
        self.db.read("reading texts", move |db| pages::texts_before(db, article, at_most)).await
    }

    async fn uncut_rules(&self) -> Result<Vec<UncutRule>, StoreError> {
        self.db.read("counting anchors", pages::uncut_rules).await
    }

    async fn forget_polls(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        self.db
            .write("shortening the log of polls", move |tx| feeds::forget_polls(tx, before))
            .await
    }

    async fn forget_received(
        &self,
        before: DateTime<Utc>,
        at_most: usize,
    ) -> Result<usize, StoreError> {
        self.db
            .write("forgetting received texts", move |tx| received::forget(tx, before, at_most))
            .await
    }
}
