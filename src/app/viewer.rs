//! Opens the file for a person who looks into it, and changes nothing that is in it.

mod export;
mod watch;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};

use super::address::{self, Found};
use super::{Impossible, links_file, now};
use crate::config::{Config, LinksConfig};
use crate::model::{ArticleId, FeedUrl};
use crate::pipeline::canonicalize::Trackers;
use crate::pipeline::resolve::unwrap::Wrappers;
use crate::pipeline::resolve::{Flights, Means};
use crate::store::{Asked, SeenArticle, Selection, SqliteStore, Store, StoreError};
use crate::threads::on_reader;

pub use export::{Export, Exported};
pub use watch::{Event, Unwatchable};

/// The file, open for reading only: no feeds are declared, and nothing is polled. A daemon may write
/// meanwhile.
#[derive(Debug)]
pub struct Viewer {
    store: Arc<dyn Store>,
    links: LinksConfig,
    /// How long after its beginning a reading may be stored.
    reading_max: TimeDelta,
}

/// Somebody asked for what a feed carried that was never polled.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no feed here, nor was it one; `ingest feeds list` shows them")]
pub struct NoFeed(pub FeedUrl);

impl Viewer {
    /// Opens the file. One of an older schema is taken over first, as by every command.
    ///
    /// # Errors
    /// A [`StoreError`] when it cannot be read.
    pub async fn open(config: Config) -> Result<Self, StoreError> {
        let timeout = Duration::from_millis(config.storage.busy_timeout_ms);
        let reading_max = Duration::from_secs(config.polling.feed_deadline_s) + timeout;
        let path = config.storage.database;
        let opening = move || SqliteStore::open_for_reading(Path::new(&path), timeout);
        Ok(Self {
            store: Arc::new(on_reader(opening).await?),
            links: config.links,
            reading_max: TimeDelta::from_std(reading_max).unwrap_or(TimeDelta::MAX),
        })
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        now()
    }

    /// Which articles a person wants: those of a feed, a host, a language.
    ///
    /// # Errors
    /// [`NoFeed`] when the feed is unknown; a [`StoreError`].
    pub async fn selection(
        &self,
        feed: Option<&FeedUrl>,
        host: Option<String>,
        language: Option<String>,
    ) -> anyhow::Result<Selection> {
        let feed = match feed {
            None => None,
            Some(url) => {
                let number = self.store.feed_number(url).await?;
                Some(number.ok_or_else(|| NoFeed(url.clone()))?)
            }
        };
        Ok(Selection { feed, host, language })
    }

    /// The article with a number.
    ///
    /// # Errors
    /// [`Impossible`] when there is none; a [`StoreError`].
    pub async fn article(&self, id: ArticleId) -> anyhow::Result<SeenArticle> {
        match self.store.article(id).await? {
            Some(article) => Ok(article),
            None => Err(Impossible::missing(id, self.store()).await?.into()),
        }
    }

    /// What was seen at an address: an article's, or that of an entry's link or target.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn at_address(&self, address: &str) -> anyhow::Result<Found<SeenArticle>> {
        let asked = self.asked(address).await?;
        address::look(asked, self.store(), async |id| Ok(self.store.article(id).await?)).await
    }

    async fn asked(&self, address: &str) -> anyhow::Result<Asked> {
        let tables = links_file(&self.links);
        let wrappers = Wrappers::compile(&tables).context("reading links.redirector_hosts")?;
        let trackers = Trackers::compile(&tables).context("reading the table of links")?;
        let means = Means {
            wrappers: &wrappers,
            http: None,
            store: self.store(),
            flights: &Flights::default(),
            hops_max: usize::try_from(self.links.hops_max).unwrap_or(usize::MAX),
            attempts_max: u32::try_from(self.links.attempts_max).unwrap_or(u32::MAX),
            now: self.now(),
        };
        Ok(address::asked(address, means, &trackers).await?)
    }
}
