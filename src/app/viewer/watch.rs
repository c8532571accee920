//! Tells of new articles as they come.
//!
//! Numbers are given in the order in which things are stored, times are not: a reading is dated by its
//! beginning. So what is new is known by its number.

use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tracing::info;

use super::Viewer;
use crate::app::signals;
use crate::scheduler::Stop;
use crate::store::{Article, Marks, Sighting};

/// How often the file is asked whether somebody has written; SQLite looks at shared memory for that.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How many articles or sightings are read together.
const READ_AT_ONCE: usize = 50;

/// Something new in the file.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// An article nobody had brought before.
    Article(Box<Article>),
    /// An entry that was not seen before, whatever article it carried.
    Sighting(Box<Sighting>),
}

/// The file cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error(
    "what is new cannot be seen: nobody has the file open, and its folder cannot be written; \
     start the daemon first, or watch it as somebody who may write the folder"
)]
pub struct Unwatchable;

impl Viewer {
    /// Tells of each new article (and sighting) from a moment on, or from now on, until SIGINT or
    /// SIGTERM. `tell` may end it with an error.
    ///
    /// # Errors
    /// [`Unwatchable`]; what `tell` says; a [`crate::store::StoreError`].
    pub async fn watch(
        &self,
        since: Option<DateTime<Utc>>,
        with_sightings: bool,
        tell: &mut dyn FnMut(Event) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if !self.store.sees_changes() {
            return Err(Unwatchable.into());
        }
        let stop = signals::stop_on_signals().context("listening for signals")?;
        let mut told = self.store.marks(since).await?;
        let mut version = None;
        info!("watching");
        while !stop.drain.is_cancelled() {
            let current = Some(self.store.data_version().await?);
            if current != version {
                version = current;
                told = self.tell_new(told, with_sightings, &stop, tell).await?;
            }
            tokio::select! {
                () = stop.drain.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        Ok(())
    }

    /// Tells what is new, articles before the sightings that may be theirs; answers up to where.
    async fn tell_new(
        &self,
        told: Marks,
        with_sightings: bool,
        stop: &Stop,
        tell: &mut dyn FnMut(Event) -> anyhow::Result<()>,
    ) -> anyhow::Result<Marks> {
        let latest = self.store.marks(None).await?;
        let mut last = told.article;
        while last < latest.article && !stop.drain.is_cancelled() {
            let page = self.store.articles_between((last, latest.article), READ_AT_ONCE).await?;
            last = page.last().map_or(latest.article, |article| article.id);
            for article in page {
                tell(Event::Article(Box::new(article)))?;
            }
        }
        // Numbers of sightings that were deleted may be given again.
        let mut last = told.sighting.min(latest.sighting);
        while with_sightings && last < latest.sighting && !stop.drain.is_cancelled() {
            let page = self.store.sightings_between((last, latest.sighting), READ_AT_ONCE).await?;
            last = page.last().map_or(latest.sighting, |sighting| sighting.id);
            for sighting in page {
                tell(Event::Sighting(Box::new(sighting)))?;
            }
        }
        Ok(latest)
    }
}
