//! Lets days pass in a moment: the program runs under a clock that the test turns.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use ingest::app::{App, Decided, PassSummary};
use ingest::config::Config;
use ingest::pipeline::clean::Rules;

use crate::harness::{Ingest, Publisher, Reply, Request};

/// A publisher, the program, and the time between them.
pub(super) struct Simulation {
    pub(super) publisher: Publisher,
    pub(super) ingest: Ingest,
    now: Arc<Mutex<DateTime<Utc>>>,
}

/// A request and when it came.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) at: DateTime<Utc>,
    pub(super) request: Request,
}

impl Simulation {
    /// Begins on a Tuesday at noon with these feeds of one publisher.
    pub(super) async fn of(paths: &[&str]) -> Self {
        let publisher = Publisher::start().await;
        let begin: DateTime<Utc> = "2026-04-07T12:00:00Z".parse().unwrap();
        let simulation =
            Self { publisher, ingest: Ingest::new(), now: Arc::new(Mutex::new(begin)) };
        let urls = paths.iter().map(|path| simulation.publisher.url(path).parse().unwrap());
        let app = simulation.started().await;
        app.store().add_feeds(urls.collect(), simulation.now()).await.unwrap();
        simulation
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub(super) fn pass_time(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    /// Starts the program anew, as cron would, and lets it read what is due.
    pub(super) async fn pass(&self) -> PassSummary {
        self.started().await.once(false, None, &|_| {}).await.unwrap()
    }

    /// Turns the clock to the next due feed, proves that nothing is asked a second earlier, and
    /// reads it with `reply` at `path`.
    pub(super) async fn visit(&self, path: &str, reply: Reply) -> Visit {
        self.publisher.set(path, reply);
        let due = self.started().await.store().next_due().await.unwrap().unwrap();
        let early = due - TimeDelta::seconds(1);
        if early > self.now() {
            *self.now.lock().unwrap() = early;
            let before = self.publisher.requests().len();
            self.pass().await;
            assert_eq!(self.publisher.requests().len(), before, "asked before it was due");
        }
        *self.now.lock().unwrap() = due.max(self.now());
        self.pass().await;
        let request = self.publisher.requests_of(path).pop().expect("it was due and asked");
        Visit { at: self.now(), request }
    }

    async fn started(&self) -> App {
        let mut config = Config::default();
        config.storage.database = self.ingest.database().display().to_string();
        config.http.allow_private_networks = true;
        config.http.per_host_gap_ms = 0;
        config.http.contact = String::from("https://reader.example/about");
        let now = Arc::clone(&self.now);
        let clock = Arc::new(move || *now.lock().unwrap());
        App::open_at(Decided { config, feeds: None, rules: Arc::new(Rules::built_in()) }, clock)
            .await
            .unwrap()
    }
}
