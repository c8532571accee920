//! THE SPINE: what happens to a feed, first step to last.
//!
//! ```text
//! fetch ─► parse ─► drop what is settled ─► for each entry: [`entry`] ─► judge + admit
//! ```
//!
//! Links that could not be followed wait in a `queue` of their own.
//!
//! One feed is one task and one write transaction, the judge inside it. Nothing is locked while the
//! network is asked. A feed that fails costs its own poll and nothing else.

pub mod canonicalize;
pub mod clean;
pub mod entry;
pub mod extract;
pub mod fetch;
pub mod fingerprint;
mod held;
pub mod judge;
mod page;
pub mod parse;
pub mod propose;
mod queue;
mod report;
pub mod resolve;
mod stub;

pub use held::Retried;
pub use queue::{LinksReport, Shift};
pub use report::{Polled, Report};

use std::collections::{HashMap, HashSet};
use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::config::{
    DeclaredFeed, DuplicatesConfig, FeedAccess, LinksConfig, PollingConfig, ReadingConfig,
    StorageConfig, TextConfig,
};
use crate::http::Client;
use crate::model::{FeedDocument, FeedUrl};
use crate::schedule;
use crate::store::{ClaimedFeed, Delivery, Outcome, Reading, Store, StoreError};
use crate::threads::on_core;
use fetch::Fetched;
use report::Notes;

/// Everything a feed passes on its way, ready to be shared by all feeds.
#[derive(Debug)]
pub struct Pipeline {
    /// The outside: network.
    pub http: Arc<Client>,
    /// The outside: disk.
    pub store: Arc<dyn Store>,
    /// What is boilerplate.
    pub rules: Arc<clean::Rules>,
    /// Who wraps links.
    pub wrappers: resolve::unwrap::Wrappers,
    /// Which parameters only track.
    pub trackers: canonicalize::Trackers,
    /// What the operator declared of single feeds.
    pub declared: HashMap<FeedUrl, DeclaredFeed>,
    /// When feeds are read.
    pub polling: PollingConfig,
    /// How much of a document is read.
    pub reading: ReadingConfig,
    /// The links that are being asked for.
    pub flights: resolve::Flights,
    /// How links are followed.
    pub links: LinksConfig,
    /// Which text counts.
    pub text: TextConfig,
    /// How copies are looked for.
    pub duplicates: DuplicatesConfig,
    /// How long what is stored is kept.
    pub storage: StorageConfig,
}

impl Pipeline {
    /// Polls one feed that `worker` has claimed, and stores what came of it.
    ///
    /// # Errors
    /// When the store fails. Whatever else goes wrong is the feed's outcome.
    pub async fn poll(
        &self,
        feed: ClaimedFeed,
        worker: &str,
        now: DateTime<Utc>,
    ) -> Result<Report, StoreError> {
        let began = Instant::now();
        let mut notes = Notes::default();
        let outcome = self.read(&feed, began, now, &mut notes).await?;
        let interval = self.declared.get(&feed.url).and_then(|declared| declared.interval);
        let next_poll = notes.next_poll(&feed, &outcome, interval, &self.polling, now);
        let reading = Reading {
            feed: feed.id,
            worker: worker.to_owned(),
            now,
            duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            http_status: notes.http_status,
            next_poll: next_poll.clone(),
            whereabouts: notes.whereabouts(&feed, now),
            near_since: self.duplicates.near_since(now),
            outcome,
        };
        let admission = self.store.admit(reading, judge::judge).await?;
        Ok(Report { feed, polled: notes.polled(&admission), next_poll })
    }

    /// Asks the feed's server and reads what it sends.
    async fn read(
        &self,
        feed: &ClaimedFeed,
        began: Instant,
        now: DateTime<Utc>,
        notes: &mut Notes,
    ) -> Result<Outcome, StoreError> {
        let access = self.declared.get(&feed.url).map_or(FeedAccess::none(), |feed| &feed.access);
        let asked = fetch::feed(&self.http, feed, access, now).await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) => return Ok(Outcome::Failed { error: error.to_string() }),
        };
        notes.http_status = Some(answer.status);
        notes.freshness = answer.freshness;
        notes.moved_to = answer.moved_to;
        let (bytes, content_type, url, validators) = match answer.fetched {
            Fetched::Document { bytes, content_type, url, validators } => {
                (bytes, content_type, url, validators)
            }
            Fetched::NotModified { validators } => return Ok(Outcome::NotModified { validators }),
            Fetched::Refused { reason } => return Ok(Outcome::Failed { error: reason }),
        };
        let size = bytes.len() as u64;
        let limits = parse::Limits::from(&self.reading);
        let parsed = on_core(move || {
            parse::document(&bytes, content_type.as_deref(), url.as_str(), &limits)
        });
        match parsed.await {
            Err(error) => Ok(Outcome::Failed { error: error.to_string() }),
            Ok(document) => {
                let delivery = self.deliver(feed, document, began, now, notes).await?;
                let validators = (notes.left_over == 0).then_some(validators);
                let delivery = Delivery { validators, bytes: size, ..delivery };
                Ok(Outcome::Changed(Box::new(delivery)))
            }
        }
    }

    /// Prepares the entries of a document that need it, as many as the deadline and the number of
    /// pages allow.
    async fn deliver(
        &self,
        feed: &ClaimedFeed,
        mut document: FeedDocument,
        began: Instant,
        now: DateTime<Utc>,
        notes: &mut Notes,
    ) -> Result<Delivery, StoreError> {
        let habits = schedule::habits(&document, now);
        let mut entries = std::mem::take(&mut document.entries);
        let listed = entries.len();
        let settled = if feed.was_read {
            let seen = entries.iter().map(|entry| (entry.key.clone(), entry.sha256.clone()));
            self.store.settled(feed.id, seen.collect()).await?
        } else {
            HashSet::new()
        };
        entries.retain(|entry| !settled.contains(&entry.key));
        // Feeds list the newest first; articles are numbered as they were written.
        entries.reverse();
        let expected = entries.len();
        let deadline = began + Duration::from_secs(self.polling.feed_deadline_s);
        let road = entry::Road::new(self, feed.id, &feed.url, now);
        let prepared = entry::all(&road, entries, &document, deadline).await?;
        notes.left_over = expected - prepared.len();
        let (candidates, waiting): (Vec<_>, Vec<_>) =
            prepared.into_iter().map(|entry| (entry.candidate, entry.waiting)).unzip();
        notes.cut = document.entries_cut;
        Ok(Delivery {
            title: document.title,
            site: document.link,
            entries: listed,
            repaired: document.repaired,
            habits,
            settled: settled.into_iter().collect(),
            candidates,
            waiting: waiting.into_iter().flatten().collect(),
            ..Delivery::default()
        })
    }
}
