//! Wires the parts together, starts them, and stops them in order.

mod address;
mod corrections;
mod look;
mod signals;
mod upkeep;
mod viewer;

pub use address::Found;
pub use corrections::{Account, CopyText, Impossible, RedoSummary, SightingAccount, SplitDone};
pub use look::{Lookout, Seen};
pub use upkeep::{Room, back_up, examine, vacuum};
pub use viewer::{Event, Export, Exported, NoFeed, Unwatchable, Viewer};

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::config::links::{Answer, LinksFile, RedirectorRow};
use crate::config::{Config, DeclaredFeed, LinksConfig};
use crate::http::Client;
use crate::model::FeedUrl;
use crate::pipeline::canonicalize::Trackers;
use crate::pipeline::clean::Rules;
use crate::pipeline::resolve::unwrap::Wrappers;
use crate::pipeline::resolve::{Flights, google_news};
use crate::pipeline::{LinksReport, Pipeline, Polled, Report, Retried, Shift};
use crate::scheduler::{self, Clock, News, Work};
use crate::store::{Counts, SqliteStore, Store, StoreError};
use crate::threads::on_writer;

/// What the operator decided: the configuration, and the declared feeds if a file names them.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The configuration.
    pub config: Config,
    /// The declared feeds; `None` when no file speaks of them, which changes nothing.
    pub feeds: Option<Vec<DeclaredFeed>>,
    /// What is boilerplate.
    pub rules: Arc<Rules>,
}

/// The opened program: a store and a pipeline.
pub struct App {
    config: Config,
    store: Arc<dyn Store>,
    pipeline: Arc<Pipeline>,
    clock: Clock,
}

/// What one pass over the feeds came to.
#[derive(Debug, Clone, Default)]
pub struct PassSummary {
    /// Feeds whose document was read.
    pub changed: u64,
    /// Feeds whose server said that nothing changed.
    pub not_modified: u64,
    /// Feeds that could not be read, with the reason, in the order it was found out.
    pub failures: Vec<(FeedUrl, String)>,
    /// Feeds that another process took over.
    pub claims_lost: u64,
    /// What the entries turned out to be.
    pub counts: Counts,
    /// Entries left for the next poll.
    pub left_over: u64,
    /// Entries beyond the limit of a document.
    pub cut: u64,
    /// What came of links that had waited.
    pub links: LinksReport,
    /// What came of asking again for pages.
    pub retried: Retried,
    /// Whether a signal ended the pass early.
    pub interrupted: bool,
    /// How long it took.
    pub took: Duration,
}

impl App {
    /// Opens the store, lays down the declared feeds and builds the pipeline.
    ///
    /// # Errors
    /// A [`StoreError`] when the store is unavailable; else what could not be built.
    pub async fn open(decided: Decided) -> anyhow::Result<Self> {
        Self::open_at(decided, Arc::new(now)).await
    }

    /// Opens the program under another clock: days pass as fast as somebody turns it.
    ///
    /// # Errors
    /// As [`App::open`].
    pub async fn open_at(decided: Decided, clock: Clock) -> anyhow::Result<Self> {
        let Decided { config, feeds, rules } = decided;
        let store = open_store(&config).await?;
        if let Some(feeds) = feeds.clone() {
            store.declare_feeds(feeds, clock()).await?;
        }
        let pipeline = pipeline(&config, feeds.unwrap_or_default(), rules, Arc::clone(&store))?;
        Ok(Self { config, store, pipeline: Arc::new(pipeline), clock })
    }

    /// The store behind this program.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Polls every due feed once (or every feed, with `force`), or those of `urls` among them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn once(
        &self,
        force: bool,
        urls: Option<Vec<FeedUrl>>,
        watcher: &(dyn Fn(&Report) + Sync),
    ) -> anyhow::Result<PassSummary> {
        let began = Instant::now();
        let summary = Mutex::new(PassSummary::default());
        let (_sender, pipelines) = watch::channel(Arc::clone(&self.pipeline));
        let stop = signals::stop_on_signals().context("listening for signals")?;
        let count = |news: News<'_>| {
            summary.lock().unwrap_or_else(PoisonError::into_inner).add(news);
            if let News::Feed(report) = news {
                watcher(report);
            }
        };
        let work = Work::OnePass { force, urls };
        let (clock, stopping) = (Arc::clone(&self.clock), stop.clone());
        let retried = scheduler::run(pipelines, worker(), work, clock, stopping, &count).await?;
        let mut summary = summary.into_inner().unwrap_or_else(PoisonError::into_inner);
        summary.retried = retried;
        summary.interrupted = stop.drain.is_cancelled();
        summary.took = began.elapsed();
        Ok(summary)
    }

    /// Follows the links that wait and are due.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn follow_links(&self) -> anyhow::Result<LinksReport> {
        let stop = signals::stop_on_signals().context("listening for signals")?;
        let worker = worker();
        let shift = Shift { worker: worker.clone(), now: self.now(), stop: stop.drain };
        let report = self.pipeline.work_off(&shift).await;
        self.store.release_claims(&worker).await?;
        while self.store.index_for_search().await? {}
        Ok(report?)
    }

    /// Polls due feeds until SIGTERM or SIGINT; on SIGHUP asks `reload` what is decided now.
    ///
    /// # Errors
    /// When signals cannot be listened for, or the claims cannot be given back at the end.
    pub async fn daemon(
        &self,
        reload: &(dyn Fn() -> anyhow::Result<Decided> + Sync),
    ) -> anyhow::Result<()> {
        let (sender, pipelines) = watch::channel(Arc::clone(&self.pipeline));
        let stop = signals::stop_on_signals().context("listening for signals")?;
        let mut reloads = signals::reloads().context("listening for signals")?;
        let feeds = self.store.feeds_due(self.now()).await?.wanted;
        info!(
            version = env!("CARGO_PKG_VERSION"),
            feeds,
            database = self.config.storage.database,
            "started"
        );
        let reading = scheduler::run(
            pipelines,
            worker(),
            Work::Forever,
            Arc::clone(&self.clock),
            stop.clone(),
            &log,
        );
        tokio::pin!(reading);
        loop {
            tokio::select! {
                ended = &mut reading => {
                    info!("stopped");
                    return Ok(ended.map(drop)?);
                }
                () = stop.drain.cancelled() => {
                    info!("stopping once the feeds under way are stored");
                    let ended = reading.await;
                    info!("stopped");
                    return Ok(ended.map(drop)?);
                }
                Some(()) = reloads.recv() => match self.reloaded(reload).await {
                    Ok(pipeline) => {
                        sender.send_replace(Arc::new(pipeline));
                        info!("configuration read again");
                    }
                    Err(fault) => error!("configuration not changed: {fault:#}"),
                },
            }
        }
    }

    async fn reloaded(
        &self,
        reload: &(dyn Fn() -> anyhow::Result<Decided> + Sync),
    ) -> anyhow::Result<Pipeline> {
        let Decided { config, feeds, rules } = reload()?;
        let (was, is) = (&self.config.storage, &config.storage);
        if (&was.database, was.busy_timeout_ms) != (&is.database, is.busy_timeout_ms) {
            warn!(
                "which file, or how long it is waited for, changed; that takes effect at the next start"
            );
        }
        let declared = feeds.clone().unwrap_or_default();
        let pipeline = pipeline(&config, declared, rules, Arc::clone(&self.store))?;
        if let Some(feeds) = feeds {
            self.store.declare_feeds(feeds, self.now()).await?;
        }
        Ok(pipeline)
    }
}

impl PassSummary {
    fn add(&mut self, news: News<'_>) {
        let report = match news {
            News::Feed(report) => report,
            News::Links(report) => {
                self.links += report.clone();
                return;
            }
        };
        match &report.polled {
            Polled::Changed { counts, left_over, cut } => {
                self.changed += 1;
                self.counts += *counts;
                self.left_over += *left_over as u64;
                self.cut += *cut as u64;
            }
            Polled::NotModified => self.not_modified += 1,
            Polled::Failed(error) => self.failures.push((report.feed.url.clone(), error.clone())),
            Polled::ClaimLost => self.claims_lost += 1,
        }
    }

    /// How many feeds were polled.
    #[must_use]
    pub fn feeds(&self) -> u64 {
        self.changed + self.not_modified + self.failures.len() as u64 + self.claims_lost
    }
}

async fn open_store(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    let path = config.storage.database.clone();
    let timeout = Duration::from_millis(config.storage.busy_timeout_ms);
    let store = on_writer(move || SqliteStore::open(Path::new(&path), timeout)).await?;
    Ok(Arc::new(store))
}

fn pipeline(
    config: &Config,
    declared: Vec<DeclaredFeed>,
    rules: Arc<Rules>,
    store: Arc<dyn Store>,
) -> anyhow::Result<Pipeline> {
    let proxies = declared.iter().filter_map(|feed| feed.access.proxy.as_deref());
    let mut http = Client::new(&config.http, &config.user_agent(), proxies)?;
    if let Some(base) = config.links.google_news_address()
        && config.links.resolve_google_news
    {
        http = http.with_service(google_news::service(base));
    }
    let links = links_file(&config.links);
    Ok(Pipeline {
        http: Arc::new(http),
        store,
        rules,
        wrappers: Wrappers::compile(&links).context("reading links.redirector_hosts")?,
        trackers: Trackers::compile(&links).context("reading the table of links")?,
        flights: Flights::default(),
        declared: declared.into_iter().map(|feed| (feed.url.clone(), feed)).collect(),
        polling: config.polling.clone(),
        reading: config.reading.clone(),
        links: config.links.clone(),
        text: config.text.clone(),
        duplicates: config.duplicates.clone(),
        storage: config.storage.clone(),
    })
}

/// What is known of links: the built-in table and what the operator adds.
#[must_use]
pub fn links_file(config: &LinksConfig) -> LinksFile {
    let mut links = LinksFile::built_in();
    if !config.redirector_hosts.is_empty() {
        links.redirectors.push(RedirectorRow {
            id: "configured".to_owned(),
            hosts: config.redirector_hosts.clone(),
            paths: Vec::new(),
            answers: vec![Answer::MetaRefresh],
        });
    }
    links
}

/// Tells the daemon's log what there is to tell.
fn log(news: News<'_>) {
    match news {
        News::Feed(report) => log_feed(report),
        News::Links(LinksReport { settled, merged, texts, failed, held_back }) => {
            if settled + merged + texts + failed > 0 {
                info!(settled, merged, texts, failed, "followed waiting links");
                if let Some(why) = held_back {
                    info!("{why}");
                }
            }
        }
    }
}

/// Tells the daemon's log what came of a poll.
fn log_feed(report: &Report) {
    let feed = report.feed.url.as_str();
    let next = report.next_poll.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    match &report.polled {
        Polled::Changed { counts, left_over, cut } => {
            let Counts { new, held, duplicates, revised, unchanged } = counts;
            info!(feed, new, held, duplicates, revised, unchanged, next, "read");
            if *left_over > 0 {
                warn!(
                    feed,
                    left_over, "more than one poll may take; the rest is taken up at the next"
                );
            }
            if *cut > 0 {
                warn!(feed, cut, "more entries than reading.entries_max; the rest was not read");
            }
        }
        Polled::NotModified => info!(feed, next, "not modified"),
        Polled::Failed(error) => warn!(feed, error, next, "failed"),
        Polled::ClaimLost => warn!(feed, "another process took the feed over"),
    }
}

/// A name that no other process has, nor had: process numbers repeat, and are all 1 in containers.
fn worker() -> String {
    let started = now().timestamp_nanos_opt().unwrap_or_default();
    format!("{}-{started:x}", std::process::id())
}

#[expect(clippy::disallowed_methods, reason = "this is where the program reads the clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
