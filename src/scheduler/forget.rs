//! Drops what is older than it is to be kept: in a task of its own, in small transactions, so that
//! nobody waits for it.
//!
//! # Which clock is believed
//! To a clock that is years ahead everything is old. So nothing is dropped unless the file was in use
//! between two and sixteen days ago as well: a file in regular use always was, and one that a clock
//! leapt over was not. Whoever finds the clock wrong has two days to set it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{Rounds, Stop};
use crate::pipeline::Pipeline;
use crate::store::{Keep, StoreError};

/// How often old polls, texts and articles are dropped.
pub(super) const FORGET_EVERY: Duration = Duration::from_secs(6 * 3_600);

/// How many received texts are forgotten in one transaction: some megabytes, well below a second.
const TEXTS_AT_ONCE: usize = 500;

/// How many articles are forgotten in one transaction: each is taken out of every index.
const ARTICLES_AT_ONCE: usize = 100;

/// How many such transactions follow each other; what is left goes next time.
const TEXT_BATCHES: usize = 100;
const ARTICLE_BATCHES: usize = 500;

/// What is known of the days before the last ones shows that the clock is right.
const PROOF_DAYS: u64 = 14;

/// Articles of the last days stay, however small the file is meant to be: else one that is too small
/// for anything would be emptied.
const KEPT_DAYS: u64 = 2;

impl Rounds {
    /// Begins to forget, unless that is under way.
    pub(super) fn start_forgetting(&mut self, stop: &Stop) {
        if !self.forgetting.is_empty() {
            return;
        }
        let (pipeline, now, stop) =
            (Arc::clone(&self.pipeline), (self.clock)(), stop.drain.clone());
        self.forgetting.spawn(async move { forget(&pipeline, now, &stop).await });
    }

    /// Takes the end of forgetting. A fault of ours costs only this round.
    pub(super) fn finish_forgetting(&mut self, done: Result<Result<(), StoreError>, JoinError>) {
        match done {
            Ok(Err(error)) => {
                self.survive(error);
            }
            Err(fault) if fault.is_panic() => {
                error!("a fault of ours came to light while forgetting; please report it");
            }
            Ok(Ok(())) | Err(_) => {}
        }
    }
}

async fn forget(
    pipeline: &Pipeline,
    now: DateTime<Utc>,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let (store, storage) = (&pipeline.store, &pipeline.storage);
    if !is_believable(pipeline, now).await? {
        return Ok(());
    }
    if let Some(before) = days_before(now, storage.poll_log_days) {
        store.forget_polls(before).await?;
    }
    store.forget_near(pipeline.duplicates.near_since(now)).await?;
    if let Some(before) = days_before(now, pipeline.text.keep_received_days) {
        for _ in 0..TEXT_BATCHES {
            if stop.is_cancelled()
                || store.forget_received(before, TEXTS_AT_ONCE).await? < TEXTS_AT_ONCE
            {
                break;
            }
        }
    }
    forget_by_age(pipeline, now, stop).await?;
    forget_by_size(pipeline, now, stop).await
}

/// Whether the file knows of the days before the last ones, so that the clock cannot have leapt there.
async fn is_believable(pipeline: &Pipeline, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let until = days_before(now, KEPT_DAYS);
    let since = days_before(now, KEPT_DAYS + PROOF_DAYS);
    let Some((since, until)) = since.zip(until) else { return Ok(false) };
    match pipeline.store.last_use_before(until).await? {
        Some(last) if last < since => {
            warn!(
                last_use = %last.format("%Y-%m-%d"),
                "the file was not in use for weeks, or the clock is wrong; nothing old is deleted until the file has been in use for two days"
            );
            Ok(false)
        }
        // A file without anything older than two days has nothing to drop.
        last => Ok(last.is_some()),
    }
}

async fn forget_by_age(
    pipeline: &Pipeline,
    now: DateTime<Utc>,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let keep = kept(pipeline, now);
    let (mut after, mut articles) = (None, 0);
    for _ in 0..ARTICLE_BATCHES {
        if stop.is_cancelled() {
            break;
        }
        let round = pipeline.store.forget_articles(keep.clone(), after, ARTICLES_AT_ONCE).await?;
        articles += round.articles;
        after = round.next;
        if after.is_none() {
            break;
        }
    }
    if articles > 0 {
        info!(articles, "deleted what no feed keeps any longer");
    }
    Ok(())
}

async fn forget_by_size(
    pipeline: &Pipeline,
    now: DateTime<Utc>,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let (bytes_max, before) = (pipeline.storage.max_size_mb << 20, days_before(now, KEPT_DAYS));
    let Some(before) = before.filter(|_| bytes_max > 0) else { return Ok(()) };
    let mut articles = 0;
    for _ in 0..ARTICLE_BATCHES {
        let gone = pipeline.store.forget_oldest(bytes_max, before, ARTICLES_AT_ONCE).await?;
        articles += gone;
        if gone == 0 || stop.is_cancelled() {
            break;
        }
    }
    if articles > 0 {
        info!(articles, "deleted the oldest, because the file is larger than storage.max_size_mb");
    }
    if articles < ARTICLES_AT_ONCE * ARTICLE_BATCHES && !stop.is_cancelled() {
        let used = pipeline.store.bytes_used().await?;
        if used > bytes_max {
            warn!(
                used_mb = used >> 20,
                "the file is larger than storage.max_size_mb without any article older than two days; raise it"
            );
        }
    }
    Ok(())
}

/// Since when each feed's entries keep their articles.
fn kept(pipeline: &Pipeline, now: DateTime<Utc>) -> Keep {
    // Nought is for ever.
    let since = |days: u64| days_before(now, days).filter(|_| days > 0);
    let of_feed =
        |feed: &crate::config::DeclaredFeed| Some((feed.url.clone(), since(feed.keep_days?)));
    Keep {
        now,
        since: since(pipeline.storage.keep_articles_days),
        by_feed: pipeline.declared.values().filter_map(of_feed).collect(),
    }
}

fn days_before(now: DateTime<Utc>, days: u64) -> Option<DateTime<Utc>> {
    now.checked_sub_days(Days::new(days))
}
