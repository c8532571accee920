//! Opens the file for a person who looks into it, and changes nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::now;
use crate::config::Config;
use crate::model::FeedUrl;
use crate::store::{Selection, SqliteStore, Store, StoreError};

/// The file, open for reading only: no feeds are declared, and nothing is polled. A daemon may write
/// meanwhile.
#[derive(Debug)]
pub struct Viewer {
    store: Arc<dyn Store>,
}

/// Somebody asked for what a feed carried that was never polled.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no feed here, nor was it one; `ingest feeds list` shows them")]
pub struct NoFeed(pub FeedUrl);

impl Viewer {
    /// Opens the file.
    ///
    /// # Errors
    /// A [`StoreError`] when it cannot be read.
    pub async fn open(config: Config) -> Result<Self, StoreError> {
        let timeout = Duration::from_millis(config.storage.busy_timeout_ms);
        let path = config.storage.database;
        let opened = tokio::task::spawn_blocking(move || {
            SqliteStore::open_for_reading(Path::new(&path), timeout)
        });
        match opened.await {
            Ok(store) => Ok(Self { store: Arc::new(store?) }),
            Err(fault) => std::panic::resume_unwind(fault.into_panic()),
        }
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
}
