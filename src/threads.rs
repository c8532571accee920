//! Threads for work that would keep the tasks beside it waiting: work for a core, and the database's.
//!
//! They are few, and live as long as the program. The runtime's own threads for blocking work come and
//! go as many as are asked for at once, take turns, and each leaves the allocator a heap of its own.
//!
//! What was begun first goes first ([`in_turn`]). If all that is under way advanced alike, all of it
//! would be ready at once, and whoever takes it would be idle before and overrun after.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, available_parallelism};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use tokio::sync::oneshot;

/// The stack of each thread: extraction libraries recurse over the page's tree, whose depth the
/// guard bounds; with this they have ten times the room that depth needs.
const STACK_BYTES: usize = 8 << 20;

/// A thread for each core. More work at once would be done no sooner, and each piece holds its text
/// and its tree meanwhile. They step back for the others: where all cores are busy, what was prepared
/// waits for the one thread that stores it, and more of it would only wait longer.
static FOR_CORES: LazyLock<Threads> = LazyLock::new(|| {
    let count = available_parallelism().map_or(1, NonZero::get);
    Threads::new("work", count, step_back)
});

/// One for who writes, one for who reads: a store does one of each at a time. If they took turns, each
/// would leave the allocator a heap as large as the writer's.
static FOR_WRITING: LazyLock<Threads> = LazyLock::new(|| Threads::new("writer", 1, || ()));
static FOR_READING: LazyLock<Threads> = LazyLock::new(|| Threads::new("reader", 1, || ()));

/// One for who writes a database's log back.
static FOR_LOG: LazyLock<Threads> = LazyLock::new(|| Threads::new("log", 1, || ()));

/// The signals that somebody may listen to.
const SIGNALS: [Signal; 3] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP];

type Job = Box<dyn FnOnce() + Send>;

/// Some threads, and what waits for them.
struct Threads(Arc<Queue>);

/// Jobs by the turn of what they belong to, and of one turn in the order they came.
#[derive(Default)]
struct Queue {
    jobs: Mutex<BTreeMap<(u64, u64), Job>>,
    more: Condvar,
}

tokio::task_local! {
    static TURN: u64;
}

/// Counts turns and jobs.
fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Lets what these threads are asked for by something that begins now go before what is asked for by
/// whatever begins later. Work that belongs to nothing of the kind begins when it is asked for.
pub(crate) fn in_turn<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    TURN.scope(next(), work)
}

/// Does work that keeps a core busy once a core is free for it, and waits for it.
pub(crate) async fn on_core<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    FOR_CORES.run(work).await
}

/// Writes a database, or opens one, and waits for it.
pub(crate) async fn on_writer<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    FOR_WRITING.run(work).await
}

/// Reads a database, and waits for it.
pub(crate) async fn on_reader<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    FOR_READING.run(work).await
}

/// Writes a database's log back, and waits for it.
pub(crate) async fn on_log<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    FOR_LOG.run(work).await
}

/// Begins to listen to signals. One that comes meanwhile is held back until it is listened to: between the
/// system's way to take it and ours it would be lost. Threads for work hold signals back for good, so they
/// come to the thread that calls this, and to no other.
///
/// # Errors
/// When the system does not let signals be listened to.
pub(crate) fn listening<T>(begin: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let held_before = hold_signals_back()?;
    let listener = begin();
    held_before.thread_set_mask()?;
    listener
}

/// Keeps signals from this thread; answers which were kept from it before.
fn hold_signals_back() -> io::Result<SigSet> {
    Ok(SigSet::from_iter(SIGNALS).thread_swap_mask(SigmaskHow::SIG_BLOCK)?)
}

impl Threads {
    /// Threads that begin with what `set_up` does.
    fn new(name: &str, count: usize, set_up: fn()) -> Self {
        let queue = Arc::new(Queue::default());
        for _ in 0..count {
            let queue = Arc::clone(&queue);
            Builder::new()
                .name(name.to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || {
                    // A thread that takes signals works as well.
                    drop(hold_signals_back());
                    set_up();
                    loop {
                        queue.take()();
                    }
                })
                .expect("the system has room for a few threads");
        }
        Self(queue)
    }

    /// Does a piece of work, even if nobody waits for it any more; a panic in it is the caller's.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = oneshot::channel();
        let job = move || {
            // Whoever does not wait any more does not want to know.
            drop(done.send(catch_unwind(AssertUnwindSafe(work))));
        };
        self.0.add(Box::new(job));
        match result.await.expect("a job always answers") {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// Lets threads of usual priority go before this one, where threads have a priority of their own.
fn step_back() {
    #[cfg(target_os = "linux")]
    {
        /// A thirtieth of the weight of others.
        const NICE: i32 = 15;
        // A thread that may not step back works as well.
        rustix::process::setpriority_process(None, NICE).unwrap_or_default();
    }
}

impl Queue {
    fn add(&self, job: Job) {
        let came = next();
        let turn = TURN.try_with(|turn| *turn).unwrap_or(came);
        self.jobs().insert((turn, came), job);
        self.more.notify_one();
    }

    /// Waits for the job that comes next.
    fn take(&self) -> Job {
        let mut jobs = self.jobs();
        loop {
            if let Some((_, job)) = jobs.pop_first() {
                return job;
            }
            jobs = self.more.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<(u64, u64), Job>> {
        // Nothing panics while it is held; no job is done then.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use futures_util::FutureExt as _;
    use nix::sys::signal::raise;
    use tokio::signal::unix::{SignalKind, signal};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_the_callers_and_the_thread_goes_on() {
        let threads = Threads::new("test", 1, || ());
        let work = threads.run(|| -> u8 { std::panic::resume_unwind(Box::new("no")) });
        let ended = AssertUnwindSafe(work).catch_unwind().await;
        assert!(ended.is_err());
        assert_eq!(threads.run(|| 7).await, 7);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_done_all_the_same() {
        let threads = Threads::new("test", 1, || ());
        let (tell, told) = channel();
        let work = threads.run(move || tell.send(7));
        // Asked once, it is on its way.
        assert!(work.now_or_never().is_none_or(|sent| sent.is_ok()));
        assert_eq!(told.recv(), Ok(7));
    }

    #[tokio::test]
    async fn a_signal_that_comes_before_it_is_listened_to_waits() {
        let begin = || {
            raise(Signal::SIGHUP)?;
            signal(SignalKind::hangup())
        };
        assert_eq!(listening(begin).unwrap().recv().await, Some(()));
        assert!(!SigSet::thread_get_mask().unwrap().contains(Signal::SIGHUP));
    }

    #[tokio::test]
    async fn threads_for_work_take_no_signals() {
        let threads = Threads::new("test", 1, || ());
        let held = threads.run(|| SigSet::thread_get_mask().unwrap()).await;
        assert!(SIGNALS.iter().all(|signal| held.contains(*signal)));
    }

    #[tokio::test]
    async fn what_was_begun_first_goes_first() {
        let threads = Threads::new("test", 1, || ());
        let (go, wait) = channel::<()>();
        let (tell, told) = channel();
        let say = |word: &'static str| {
            let tell = tell.clone();
            threads.run(move || tell.send(word))
        };
        let busy = threads.run(move || wait.recv());
        let first = in_turn(async { say("first, last asked for").await });
        let second = in_turn(async { say("second").await });
        let (mut first, mut second) = (Box::pin(first), Box::pin(second));
        let mut busy = Box::pin(busy);
        assert!(busy.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        assert!(first.as_mut().now_or_never().is_none());
        go.send(()).unwrap();
        first.await.unwrap();
        second.await.unwrap();
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["first, last asked for", "second"]);
    }
}
