//! Bounds how many connections are kept that nobody uses.
//!
//! reqwest keeps one for each host for a while, however many hosts there are. A pass over ten thousand
//! feeds without news asks thousands of hosts in that while; each connection takes memory, and one of
//! the open files that a process may have, often 1,024. So its clients are few requests old: the next one
//! begins with no connections, and those of the last are closed once its requests are answered.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// How many requests one client is for. Each leaves one connection at the most.
const REQUESTS: u32 = 128;

/// Clients of reqwest that are all built alike.
pub(super) struct Pool {
    build: Box<Build>,
    current: Mutex<Current>,
}

type Build = dyn Fn() -> reqwest::Result<reqwest::Client> + Send + Sync;

#[derive(Debug)]
struct Current {
    client: reqwest::Client,
    requests: u32,
}

impl Pool {
    /// Takes how a client is built.
    ///
    /// # Errors
    /// When none can be built.
    pub(super) fn new(
        build: impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static,
    ) -> reqwest::Result<Self> {
        let current = Mutex::new(Current { client: build()?, requests: 0 });
        Ok(Self { build: Box::new(build), current })
    }

    /// The client for one more request.
    pub(super) fn client(&self) -> reqwest::Client {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.requests >= REQUESTS {
            current.requests = 0;
            // What was built once can be built again, unless open files run out; the last one is as good.
            if let Ok(client) = (self.build)() {
                current.client = client;
            }
        }
        current.requests += 1;
        current.client.clone()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pool").field("current", &self.current).finish_non_exhaustive()
    }
}
