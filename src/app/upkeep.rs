//! Looks after the file: copies it, examines it, gives back its room. Nothing is migrated for this, no
//! feed is declared, and no pipeline is built.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::spawn_blocking;

use super::{now, signals};
use crate::config::StorageConfig;
use crate::store::{self, BackupError, Depth, Finding, Vacuumed};

/// What `vacuum` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Writes the file anew; writers wait meanwhile.
    Whole,
    /// Only what makes nobody wait.
    InPassing,
}

/// Copies the file while others use it; `progress` is told how many pages of how many are done.
/// Answers how many bytes the copy has.
///
/// # Errors
/// A [`BackupError`] or a [`store::StoreError`]; when signals cannot be listened for.
pub async fn back_up(
    storage: &StorageConfig,
    copy: PathBuf,
    replace: bool,
    progress: impl Fn(u64, u64) + Send + 'static,
) -> anyhow::Result<u64> {
    let stop = signals::stop_on_signals().context("listening for signals")?;
    on_file(storage, move |database, timeout| {
        let mut go_on = |done, all| {
            progress(done, all);
            !stop.drain.is_cancelled()
        };
        match store::back_up(database, &copy, replace, timeout, &mut go_on) {
            // The store's own faults are told as those of any command.
            Err(BackupError::Store(error)) => Err(error.into()),
            copied => Ok(copied?),
        }
    })
    .await
}

/// Looks at everything that can be wrong with the file.
///
/// # Errors
/// A [`store::StoreError`] when there is no such file or it is not ours.
pub async fn examine(storage: &StorageConfig, depth: Depth) -> anyhow::Result<Vec<Finding>> {
    let now = now();
    on_file(storage, move |database, timeout| Ok(store::examine(database, timeout, depth, now)?))
        .await
}

/// Gives the room of what was deleted back.
///
/// # Errors
/// A [`store::StoreError`]; when signals cannot be listened for.
pub async fn vacuum(storage: &StorageConfig, room: Room) -> anyhow::Result<Vacuumed> {
    let stop = signals::stop_on_signals().context("listening for signals")?;
    on_file(storage, move |database, timeout| {
        let merged =
            store::merge_search(database, timeout, &mut |_, _| !stop.drain.is_cancelled())?;
        if room == Room::InPassing || stop.drain.is_cancelled() {
            return Ok(merged);
        }
        let vacuumed = store::vacuum(database, timeout)?;
        Ok(Vacuumed { bytes_before: merged.bytes_before, ..vacuumed })
    })
    .await
}

async fn on_file<T: Send + 'static>(
    storage: &StorageConfig,
    work: impl FnOnce(&Path, Duration) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let database = PathBuf::from(&storage.database);
    let timeout = Duration::from_millis(storage.busy_timeout_ms);
    match spawn_blocking(move || work(&database, timeout)).await {
        Ok(result) => result,
        Err(fault) => std::panic::resume_unwind(fault.into_panic()),
    }
}
