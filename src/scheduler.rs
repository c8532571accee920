//! Decides when which feeds are read: due ones, a bounded number at once, until told to stop.
//!
//! # Stopping
//! A stop claims nothing more and waits for the feeds under way until the drain deadline; what is
//! not done by then is aborted and awaited. An aborted feed has written nothing, and every claim is
//! given back, so the next run takes up exactly what this one left.
//!
//! # Links
//! Links that wait are followed between the feeds: by one task, which a pass starts once its feeds
//! are read, and a daemon whenever it looks for due feeds.
//!
//! # Sharing the file
//! Feeds are claimed before they are read, and the claims are renewed while they are. A process
//! that dies leaves claims that run out by themselves after [`CLAIM_LASTS`].

mod forget;
mod held;
mod mending;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use crate::model::{FeedId, FeedUrl};
use crate::pipeline::{LinksReport, Pipeline, Polled, Report, Retried, Shift};
use crate::schedule::{self, Wishes};
use crate::store::{Admission, Claim, ClaimedFeed, Outcome, Reading, StoreError, Wanted};
use crate::threads::in_turn;
use forget::FORGET_EVERY;
use held::HeldRound;
use mending::Mending;

/// How long a claim stands unless renewed: a crash keeps its feeds from others no longer.
pub const CLAIM_LASTS: TimeDelta = TimeDelta::seconds(120);

/// How often claims are renewed; several times before one could run out.
const RENEW_EVERY: Duration = Duration::from_secs(30);

/// How often the daemon looks for feeds that another process added or made due.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How long the daemon leaves feeds alone after the store failed, rather than reading what it
/// cannot keep.
const STORE_RETRY: Duration = Duration::from_secs(60);

/// How often the daemon asks again for pages that it asked for in vain.
const RETRY_EVERY: Duration = Duration::from_secs(60);

/// How often the daemon indexes for search what is new, unless so much is that it is indexed at once.
const INDEX_EVERY: Duration = Duration::from_secs(10);

/// How long it pauses between two batches, so that feeds are started and stored meanwhile.
const INDEX_PAUSE: Duration = Duration::from_millis(100);

/// Tells the time; the only clock below the command line.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How work ends before it is done.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Nothing new is begun; what is under way may finish until the drain deadline.
    pub drain: CancellationToken,
    /// What is under way is aborted at once.
    pub now: CancellationToken,
}

/// What is to be read.
#[derive(Debug, Clone)]
pub enum Work {
    /// Due feeds, for ever.
    Forever,
    /// Every due feed once, or every feed at all.
    OnePass {
        /// Whether feeds are read that are not due.
        force: bool,
        /// Only these feeds; `None` for all.
        urls: Option<Vec<FeedUrl>>,
    },
}

/// What is told to whoever watches.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    /// A feed was polled.
    Feed(&'a Report),
    /// Waiting links were followed.
    Links(&'a LinksReport),
}

/// Reads feeds until the work is done or a stop is asked for, and tells `watcher` of each.
///
/// # Errors
/// When the store fails in a single pass. For ever goes on, after a pause, unless the store's file was
/// moved, deleted or replaced.
pub async fn run(
    mut pipelines: watch::Receiver<Arc<Pipeline>>,
    worker: String,
    work: Work,
    clock: Clock,
    stop: Stop,
    watcher: &(dyn Fn(News<'_>) + Sync),
) -> Result<Retried, StoreError> {
    let pipeline = pipelines.borrow_and_update().clone();
    let mut rounds = Rounds {
        pipeline,
        worker,
        work,
        clock,
        running: JoinSet::new(),
        links: JoinSet::new(),
        links_at: Some(Instant::now()),
        forgetting: JoinSet::new(),
        feeds: HashMap::new(),
        waiting: VecDeque::new(),
        passed: FeedId(i64::MIN),
        failed: None,
        told_until: Instant::now(),
        mending: Mending::new(),
        held: HeldRound::default(),
    };
    let result = rounds.turn(&mut pipelines, &stop, watcher).await;
    rounds.abort().await;
    let result = match result {
        Ok(()) => rounds.index_what_waits(&stop).await,
        failed => failed,
    };
    let released = rounds.pipeline.store.release_claims(&rounds.worker).await;
    rounds.pipeline.store.settle_down().await;
    result.and(released).map(|()| rounds.held.retried)
}

/// The feeds under way and those claimed to come next.
struct Rounds {
    pipeline: Arc<Pipeline>,
    worker: String,
    work: Work,
    clock: Clock,
    running: JoinSet<Result<Report, StoreError>>,
    /// Follows waiting links; one task at most.
    links: JoinSet<Result<LinksReport, StoreError>>,
    /// When waiting links are looked for next; a pass does so once.
    links_at: Option<Instant>,
    /// Forgets what is old; one task at most.
    forgetting: JoinSet<Result<(), StoreError>>,
    feeds: HashMap<Id, ClaimedFeed>,
    waiting: VecDeque<ClaimedFeed>,
    /// The last feed that this pass has claimed.
    passed: FeedId,
    failed: Option<StoreError>,
    /// Until when it is known that the store fails: all feeds under way fail with it.
    told_until: Instant,
    /// What is put right before feeds are claimed.
    mending: Mending,
    /// The pages that are asked for again.
    held: HeldRound,
}

impl Rounds {
    async fn turn(
        &mut self,
        pipelines: &mut watch::Receiver<Arc<Pipeline>>,
        stop: &Stop,
        watcher: &(dyn Fn(News<'_>) + Sync),
    ) -> Result<(), StoreError> {
        let mut renewal = interval(RENEW_EVERY);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut forgetting = interval_at(Instant::now() + FORGET_EVERY, FORGET_EVERY);
        self.start_forgetting(stop);
        let mut retrying = interval(RETRY_EVERY);
        retrying.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut indexing = interval(INDEX_EVERY);
        indexing.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut drained_by: Option<Instant> = None;
        let mut look_at = Instant::now();
        loop {
            if drained_by.is_none() && self.failed.is_none() && look_at <= Instant::now() {
                look_at = self.fill().await;
            }
            let is_stopping = drained_by.is_some() || self.failed.is_some();
            if !is_stopping {
                self.start_links(stop);
            }
            if !is_stopping && self.is_one_pass() && self.running.is_empty() {
                // Of one pass; pages are asked for again once its feeds are read.
                self.retry_held(stop);
            }
            let is_over = is_stopping || self.is_one_pass();
            let is_idle = self.is_idle();
            if is_idle && is_over {
                return self.failed.take().map_or(Ok(()), Err);
            }
            tokio::select! {
                Some(done) = self.running.join_next_with_id() => {
                    look_at = self.finish(done, watcher).await.unwrap_or_else(Instant::now);
                }
                Some(done) = self.links.join_next() => self.finish_links(done, watcher),
                () = sleep_until(look_at), if drained_by.is_none() && self.failed.is_none() => {}
                Some(done) = self.held.task.join_next() => self.finish_held(done),
                _ = retrying.tick(), if !self.is_one_pass() && drained_by.is_none() => {
                    self.retry_held(stop);
                }
                _ = renewal.tick() => self.renew().await,
                _ = forgetting.tick(), if !is_over => self.start_forgetting(stop),
                Some(done) = self.forgetting.join_next() => self.finish_forgetting(done),
                _ = indexing.tick(), if !self.is_one_pass() => {
                    if self.index_batch().await {
                        indexing.reset_after(INDEX_PAUSE);
                    }
                }
                Ok(()) = pipelines.changed() => self.pipeline = pipelines.borrow_and_update().clone(),
                () = stop.drain.cancelled(), if drained_by.is_none() => {
                    let limit = Duration::from_secs(self.pipeline.polling.drain_deadline_s);
                    drained_by = Some(Instant::now() + limit);
                }
                () = stop.now.cancelled() => return Ok(()),
                () = sleep_until(drained_by.unwrap_or_else(Instant::now)), if drained_by.is_some() => {
                    warn!(feeds = self.running.len(), "the drain deadline has passed; aborting what is left");
                    return Ok(());
                }
            }
        }
    }

    /// Whether nothing is under way.
    fn is_idle(&self) -> bool {
        let is_reading = !self.running.is_empty() || !self.links.is_empty();
        !is_reading && self.held.is_done() && self.forgetting.is_empty()
    }

    fn is_one_pass(&self) -> bool {
        matches!(self.work, Work::OnePass { .. })
    }

    /// Starts as many feeds as there is room for, and says when to look again.
    async fn fill(&mut self) -> Instant {
        let at_once = usize::try_from(self.pipeline.polling.feeds_at_once).unwrap_or(1);
        let now = (self.clock)();
        if let Err(error) = self.mending.put_right(&self.pipeline, &self.worker, now).await {
            return self.survive(error);
        }
        while self.running.len() < at_once {
            if self.waiting.is_empty() {
                match self.claim(at_once).await {
                    Ok(feeds) => self.waiting.extend(feeds),
                    Err(error) => return self.survive(error),
                }
            }
            let Some(feed) = self.waiting.pop_front() else {
                let look = self.next_look().await;
                return look.unwrap_or_else(|error| self.survive(error));
            };
            self.start(feed);
        }
        // Full: the next feed that finishes makes room, and looks again.
        Instant::now() + LOOK_EVERY
    }

    async fn claim(&mut self, at_most: usize) -> Result<Vec<ClaimedFeed>, StoreError> {
        let now = (self.clock)();
        let (urls, wanted) = match &self.work {
            Work::Forever => (None, Wanted::Due),
            Work::OnePass { force: false, urls } => (urls.clone(), Wanted::DueAfter(self.passed)),
            Work::OnePass { force: true, urls } => (urls.clone(), Wanted::AllAfter(self.passed)),
        };
        let (worker, until) = (self.worker.clone(), now + CLAIM_LASTS);
        let claim = Claim { worker, now, until, at_most, urls, wanted };
        let mut feeds = self.pipeline.store.claim(claim).await?;
        feeds.sort_by_key(|feed| feed.id);
        // Where fewer came than were asked for, a pass has claimed its last.
        let last = feeds.last().filter(|_| feeds.len() == at_most);
        self.passed = last.map_or(FeedId(i64::MAX), |feed| feed.id);
        Ok(feeds)
    }

    fn start(&mut self, feed: ClaimedFeed) {
        let (pipeline, worker) = (Arc::clone(&self.pipeline), self.worker.clone());
        let (claimed, now) = (feed.clone(), (self.clock)());
        let poll = async move { pipeline.poll(claimed, &worker, now).await };
        let task = self.running.spawn(in_turn(poll));
        self.feeds.insert(task.id(), feed);
    }

    /// Starts following the links that wait, if it is time for that and nobody does.
    fn start_links(&mut self, stop: &Stop) {
        let is_time = self.links_at.is_some_and(|at| at <= Instant::now());
        let has_feeds = !self.running.is_empty();
        if !is_time || !self.links.is_empty() || (self.is_one_pass() && has_feeds) {
            return;
        }
        self.links_at = (!self.is_one_pass()).then(|| Instant::now() + LOOK_EVERY);
        let pipeline = Arc::clone(&self.pipeline);
        let (worker, now) = (self.worker.clone(), (self.clock)());
        let shift = Shift { worker, now, stop: stop.drain.clone() };
        self.links.spawn(async move { pipeline.work_off(&shift).await });
    }

    fn finish_links(
        &mut self,
        done: Result<Result<LinksReport, StoreError>, JoinError>,
        watcher: &(dyn Fn(News<'_>) + Sync),
    ) {
        match done {
            Ok(Ok(report)) => watcher(News::Links(&report)),
            Ok(Err(error)) => self.links_at = Some(self.survive(error)),
            Err(fault) => {
                error!(%fault, "a fault of ours came to light while following links; please report it");
                self.links_at = (!self.is_one_pass()).then(|| Instant::now() + STORE_RETRY);
            }
        }
    }

    /// When to look for due feeds again, with nothing left to claim now.
    async fn next_look(&self) -> Result<Instant, StoreError> {
        let most = Instant::now() + LOOK_EVERY;
        if self.is_one_pass() {
            return Ok(most);
        }
        let due = self.pipeline.store.next_due().await?;
        let wait = due.map(|due| (due - (self.clock)()).to_std().unwrap_or_default());
        // Never at once: what is due but not claimable is another process's.
        let least = Instant::now() + Duration::from_secs(1);
        Ok(wait.map_or(most, |wait| (Instant::now() + wait).clamp(least, most)))
    }

    /// Takes the end of a task; answers until when to pause, if the store failed.
    async fn finish(
        &mut self,
        done: Result<(Id, Result<Report, StoreError>), JoinError>,
        watcher: &(dyn Fn(News<'_>) + Sync),
    ) -> Option<Instant> {
        let id = done.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let feed = self.feeds.remove(&id);
        let number = feed.as_ref().map(|feed| feed.id);
        let report = match (done, feed) {
            (Ok((_, result)), _) => result,
            (Err(fault), Some(feed)) if fault.is_panic() => self.record_fault(feed).await,
            (Err(_), _) => return None,
        };
        match report {
            Ok(report) => {
                watcher(News::Feed(&report));
                None
            }
            Err(error) => {
                let again_at = self.survive(error);
                self.mending.give_back(number, again_at);
                Some(again_at)
            }
        }
    }

    /// Answers until when to pause: a failing store ends a pass, once what is under way has come to
    /// its end, while a daemon tries again later, unless its file is gone for good.
    fn survive(&mut self, error: StoreError) -> Instant {
        let again_at = Instant::now() + STORE_RETRY;
        if self.is_one_pass() || matches!(error, StoreError::Moved { .. }) {
            self.failed.get_or_insert(error);
            return again_at;
        }
        let error = &error as &dyn std::error::Error;
        if self.told_until <= Instant::now() {
            error!(error, "the store failed; pausing");
            self.told_until = again_at;
        } else {
            debug!(error, "the store failed again");
        }
        again_at
    }

    /// Keeps a feed that brought a fault of ours to light from bringing it again at once.
    async fn record_fault(&self, feed: ClaimedFeed) -> Result<Report, StoreError> {
        const FAULT: &str = "a fault of ours came to light while reading it; please report it";
        let (now, failures) = ((self.clock)(), feed.failures.saturating_add(1));
        let polling = &self.pipeline.polling;
        let wishes = Wishes::default();
        let next_poll = schedule::after_failure(feed.id, failures, &wishes, polling, now);
        let reading = Reading {
            feed: feed.id,
            worker: self.worker.clone(),
            now,
            duration_ms: 0,
            http_status: None,
            next_poll: next_poll.clone(),
            whereabouts: feed.whereabouts.clone(),
            near_since: now,
            outcome: Outcome::Failed { error: FAULT.to_owned() },
        };
        let admission = self.pipeline.store.admit(reading, crate::pipeline::judge::judge).await?;
        let polled = match admission {
            Admission::Stored(_) => Polled::Failed(FAULT.to_owned()),
            Admission::ClaimLost => Polled::ClaimLost,
        };
        Ok(Report { feed, polled, next_poll })
    }

    async fn renew(&mut self) {
        let feeds: Vec<FeedId> =
            self.feeds.values().chain(&self.waiting).map(|feed| feed.id).collect();
        if feeds.is_empty() {
            return;
        }
        let until = (self.clock)() + CLAIM_LASTS;
        if let Err(error) = self.pipeline.store.renew_claims(&self.worker, feeds, until).await {
            self.survive(error);
        }
    }

    /// Indexes for search a batch of what waits for it; answers whether more waits.
    async fn index_batch(&mut self) -> bool {
        let indexed = self.pipeline.store.index_for_search().await;
        indexed.unwrap_or_else(|error| {
            self.survive(error);
            false
        })
    }

    /// Indexes for search what waits for it; one batch of it if the work is to end early.
    async fn index_what_waits(&self, stop: &Stop) -> Result<(), StoreError> {
        while self.pipeline.store.index_for_search().await? && !stop.drain.is_cancelled() {}
        Ok(())
    }

    async fn abort(&mut self) {
        self.running.shutdown().await;
        self.links.shutdown().await;
        self.held.task.shutdown().await;
        self.forgetting.shutdown().await;
        self.feeds.clear();
        self.waiting.clear();
    }
}
