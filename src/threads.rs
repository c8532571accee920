//! Threads for work that would keep the tasks beside it waiting: work for a core, and the database's.
//!
//! They are few, and live as long as the program. The runtime's own threads for blocking work come and
//! go as many as are asked for at once, take turns, and each leaves the allocator a heap of its own.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::{Builder, available_parallelism};

use tokio::sync::oneshot;

/// The stack of each thread: extraction libraries recurse over the page's tree, whose depth the
/// guard bounds; with this they have ten times the room that depth needs.
pub(crate) const STACK_BYTES: usize = 8 << 20;

/// A thread for each core. More work at once would be done no sooner, and each piece holds its text
/// and its tree meanwhile.
static FOR_CORES: LazyLock<Threads> =
    LazyLock::new(|| Threads::new("work", available_parallelism().map_or(1, NonZero::get)));

/// One for who writes, one for who reads: a store does one of each at a time.
static FOR_DATABASE: LazyLock<Threads> = LazyLock::new(|| Threads::new("database", 2));

type Job = Box<dyn FnOnce() + Send>;

/// Some threads, and what waits for them, first come, first served.
struct Threads(Sender<Job>);

/// Does work that keeps a core busy once a core is free for it, and waits for it.
pub(crate) async fn on_core<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    FOR_CORES.run(work).await
}

/// Does work that waits for a disk or another process, and waits for it.
pub(crate) async fn on_database<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    FOR_DATABASE.run(work).await
}

impl Threads {
    fn new(name: &str, count: usize) -> Self {
        let (jobs, waiting) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..count {
            let waiting = Arc::clone(&waiting);
            Builder::new()
                .name(name.to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || work_off(&waiting))
                .expect("the system has room for a few threads");
        }
        Self(jobs)
    }

    /// Does a piece of work, even if nobody waits for it any more; a panic in it is the caller's.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = oneshot::channel();
        let job = move || {
            // Whoever does not wait any more does not want to know.
            drop(done.send(catch_unwind(AssertUnwindSafe(work))));
        };
        self.0.send(Box::new(job)).expect("the threads never end");
        match result.await.expect("a job always answers") {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// Does one job after the other.
fn work_off(waiting: &Mutex<Receiver<Job>>) {
    loop {
        // A job never panics, nor does waiting for one.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_the_callers_and_the_thread_goes_on() {
        let threads = Threads::new("test", 1);
        let work = threads.run(|| -> u8 { std::panic::resume_unwind(Box::new("no")) });
        let ended = futures_util::FutureExt::catch_unwind(AssertUnwindSafe(work)).await;
        assert!(ended.is_err());
        assert_eq!(threads.run(|| 7).await, 7);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_done_all_the_same() {
        let threads = Threads::new("test", 1);
        let (tell, told) = channel();
        let work = threads.run(move || tell.send(7));
        // Asked once, it is on its way.
        assert!(futures_util::FutureExt::now_or_never(work).is_none_or(|sent| sent.is_ok()));
        assert_eq!(told.recv(), Ok(7));
    }
}
