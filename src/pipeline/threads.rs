//! Runs work that keeps a core busy beside the tasks that wait for sockets.

use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Runs `work` on a thread of its own and waits for it.
pub(super) async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        // The work panicked, or the runtime is shutting down and nobody waits any more.
        Err(error) => resume_unwind(error.into_panic()),
    }
}
