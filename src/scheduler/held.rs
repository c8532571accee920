//! Has pages asked for again that were asked for in vain: after the feeds of a pass, and from time
//! to time in the daemon.

use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};
use tracing::{error, info};

use super::{Rounds, Stop, Work};
use crate::pipeline::Retried;
use crate::store::StoreError;

/// The asking again: at most one at a time, and one in a pass.
#[derive(Debug, Default)]
pub(super) struct HeldRound {
    pub(super) task: JoinSet<Result<Retried, StoreError>>,
    /// What came of it so far.
    pub(super) retried: Retried,
    is_begun: bool,
}

impl HeldRound {
    /// Whether nothing is under way.
    pub(super) fn is_done(&self) -> bool {
        self.task.is_empty()
    }
}

impl Rounds {
    /// Begins to ask again, unless that is under way, or was done in this pass.
    pub(super) fn retry_held(&mut self, stop: &Stop) {
        let feeds = match &self.work {
            Work::Forever => None,
            Work::OnePass { .. } if self.held.is_begun => return,
            Work::OnePass { urls, .. } => urls.clone(),
        };
        if !self.held.is_done() {
            return;
        }
        self.held.is_begun = true;
        let (pipeline, now, stop) =
            (Arc::clone(&self.pipeline), (self.clock)(), stop.drain.clone());
        self.held.task.spawn(async move { pipeline.retry_held(feeds, now, &stop).await });
    }

    /// Takes the end of asking again. A fault of ours costs only this round: each page taken has
    /// been moved to its next time already.
    pub(super) fn finish_held(&mut self, done: Result<Result<Retried, StoreError>, JoinError>) {
        match done {
            Ok(Ok(retried)) => {
                self.held.retried += retried;
                if retried.asked > 0 {
                    info!(asked = retried.asked, found = retried.found, "asked again for pages");
                }
            }
            Ok(Err(error)) => {
                self.survive(error);
            }
            Err(fault) if fault.is_panic() => {
                error!(
                    "a fault of ours came to light while asking again for pages; please report it"
                );
            }
            Err(_) => {}
        }
    }
}
