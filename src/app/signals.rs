//! Turns the operating system's signals into wishes of the operator.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::scheduler::Stop;
use crate::threads::listening;

/// A stop that SIGTERM or SIGINT asks for; a second signal means: at once.
pub(super) fn stop_on_signals() -> io::Result<Stop> {
    let mut terminate = listening(|| signal(SignalKind::terminate()))?;
    let mut interrupt = listening(|| signal(SignalKind::interrupt()))?;
    let stop = Stop::default();
    let wish = stop.clone();
    listen(async move {
        either(&mut terminate, &mut interrupt).await;
        wish.drain.cancel();
        either(&mut terminate, &mut interrupt).await;
        wish.now.cancel();
    });
    Ok(stop)
}

/// One message for each SIGHUP.
pub(super) fn reloads() -> io::Result<Signal> {
    listening(|| signal(SignalKind::hangup()))
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it only waits for signals, as long as the process lives, and holds nothing to lose"
)]
fn listen(waiting: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(waiting));
}
