//! Waits for events, and not for ever.

use std::future::Future;
use std::time::Duration;

/// Keeps a test that waits for what never comes from hanging; nothing is measured by it.
const HANG_GUARD: Duration = Duration::from_secs(120);

/// Waits for `event`, and fails the test if it never comes.
pub(crate) async fn eventually<T>(what: &str, event: impl Future<Output = T>) -> T {
    eventually_or_tell(|| what.to_owned(), event).await
}

/// The same where more is to be told of what never came.
pub(crate) async fn eventually_or_tell<T>(
    what: impl FnOnce() -> String,
    event: impl Future<Output = T>,
) -> T {
    let came = tokio::time::timeout(HANG_GUARD, event).await;
    came.unwrap_or_else(|_| panic!("waited in vain for {}", what()))
}
