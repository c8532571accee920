//! Gives each host its turns: few requests at once, and a gap between their starts.
//!
//! One lock guards the table of hosts and is held for a look-up only, never across an await.
//! A host's place is dropped when nobody waits for it and its gap has passed, so the table stays
//! as small as the number of hosts being asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::Url;

/// From how many hosts on the idle ones are swept out.
const HOSTS_SWEPT_FROM: usize = 1_024;

#[derive(Debug)]
pub(super) struct Turns {
    at_once: usize,
    gap: Duration,
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug)]
struct Host {
    permits: Arc<Semaphore>,
    /// The earliest moment the next request may start.
    next_start: Instant,
}

/// The right to ask a host now; the next in line goes on when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(super) fn new(at_once: usize, gap: Duration) -> Self {
        Self { at_once, gap, hosts: Mutex::new(HashMap::new()) }
    }

    /// Waits until the host of `url` may be asked.
    pub(super) async fn wait(&self, url: &Url) -> Turn {
        let host = url.host_str().unwrap_or_default();
        // A closed semaphore is the only failure, and this one is never closed.
        let permit = self.permits(host).acquire_owned().await.ok();
        sleep_until(self.start(host)).await;
        Turn { _permit: permit }
    }

    fn permits(&self, name: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_SWEPT_FROM {
            let (now, all) = (Instant::now(), self.at_once);
            hosts.retain(|_, host| {
                host.next_start > now
                    || host.permits.available_permits() < all
                    || Arc::strong_count(&host.permits) > 1
            });
        }
        let host = hosts.entry(name.to_owned()).or_insert_with(|| Host {
            permits: Arc::new(Semaphore::new(self.at_once)),
            next_start: Instant::now(),
        });
        Arc::clone(&host.permits)
    }

    /// Takes the next start of this host and moves it on by the gap.
    fn start(&self, name: &str) -> Instant {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let Some(host) = hosts.get_mut(name) else { return now };
        let start = host.next_start.max(now);
        host.next_start = start + self.gap;
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_to_one_host_start_a_gap_apart() {
        let turns = Turns::new(8, Duration::from_secs(1));
        let begin = Instant::now();
        for expected in 0..4 {
            drop(turns.wait(&url("http://a.example/x")).await);
            assert_eq!(begin.elapsed(), Duration::from_secs(expected));
        }
        drop(turns.wait(&url("http://b.example/")).await);
        assert_eq!(begin.elapsed(), Duration::from_secs(3), "another host waits for nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_gets_no_more_requests_than_allowed_at_once() {
        let turns = Turns::new(2, Duration::ZERO);
        let first = turns.wait(&url("http://a.example/1")).await;
        let _second = turns.wait(&url("http://a.example/2")).await;
        let third_url = url("http://a.example/3");
        let third = turns.wait(&third_url);
        tokio::pin!(third);
        assert!(futures_util::poll!(&mut third).is_pending());
        drop(first);
        third.await;
    }

    #[tokio::test(start_paused = true)]
    async fn idle_hosts_are_forgotten() {
        let turns = Turns::new(1, Duration::ZERO);
        for number in 0..3 * HOSTS_SWEPT_FROM {
            drop(turns.wait(&url(&format!("http://h{number}.example/"))).await);
        }
        assert!(turns.hosts.lock().unwrap().len() <= HOSTS_SWEPT_FROM);
    }
}
