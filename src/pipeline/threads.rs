//! Runs work that keeps a core busy beside the tasks that wait for sockets.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// A turn for each core. More work at once would be done no sooner, and each piece holds its text, its
/// tree and a thread's heap meanwhile.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, NonZero::get)));

/// Runs `work` on a thread of its own once a core is free for it, and waits for it.
pub(super) async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let turn = TURNS.acquire().await;
    let work = move || {
        // Until the work is done, even if nobody waits for it any more.
        let _turn = turn;
        work()
    };
    match spawn_blocking(work).await {
        Ok(done) => done,
        // The work panicked, or the runtime is shutting down and nobody waits any more.
        Err(error) => resume_unwind(error.into_panic()),
    }
}
