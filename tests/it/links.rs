//! Promises of links that cannot be followed at once: they wait, and are followed at last.

mod breaker;
mod commands;
mod google;
mod mending;
mod running;
mod shorteners;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use ingest::app::{App, Decided, PassSummary};
use ingest::config::Config;

use crate::harness::{Google, Ingest, Item, Publisher, Reply, page, rss};
use crate::stories::Story;

/// The program, Google, a publisher, a redirector, and the time between passes.
struct World {
    google: Google,
    publisher: Publisher,
    redirector: Publisher,
    ingest: Ingest,
    config: Config,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl World {
    /// Begins on a Tuesday at noon, with no pauses between requests.
    async fn new() -> Self {
        let google = Google::start().await;
        let redirector = Publisher::at("127.0.0.3").await;
        let ingest = Ingest::new();
        let mut config = Config::default();
        config.storage.database = ingest.database().display().to_string();
        config.http.allow_private_networks = true;
        config.http.per_host_gap_ms = 0;
        config.links.resolve_google_news = true;
        config.links.google_news_base = google.root().to_owned();
        config.links.google_news_gap_ms = 0;
        config.links.redirector_hosts = vec!["127.0.0.3".to_owned()];
        let begin = "2026-04-07T12:00:00Z".parse().unwrap();
        let now = Arc::new(Mutex::new(begin));
        let publisher = Publisher::start().await;
        Self { google, publisher, redirector, ingest, config, now }
    }

    /// Serves a story's page, and answers its address.
    fn tell(&self, story: &Story) -> String {
        let path = format!("/{}", story.slug);
        self.publisher.set(&path, Reply::page(page(story.title, story.body)));
        self.publisher.url(&path)
    }

    /// Makes a feed bring these entries.
    async fn feed(&self, path: &str, items: &[Item]) {
        self.publisher.set(path, Reply::feed(rss("\"harbour\" - Google News", items)));
        let url = self.publisher.url(path).parse().unwrap();
        self.open().await.store().add_feeds(vec![url], self.now()).await.unwrap();
    }

    /// Starts the program anew, as cron would, and lets it do what is due.
    async fn pass(&self) -> PassSummary {
        self.open().await.once(false, None, &|_| {}).await.unwrap()
    }

    async fn open(&self) -> App {
        let now = Arc::clone(&self.now);
        let clock = Arc::new(move || *now.lock().unwrap());
        let rules = std::sync::Arc::new(ingest::pipeline::clean::Rules::built_in());
        let decided = Decided { config: self.config.clone(), feeds: None, rules };
        App::open_at(decided, clock).await.unwrap()
    }

    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    fn pass_hours(&self, hours: i64) {
        *self.now.lock().unwrap() += TimeDelta::hours(hours);
    }

    /// Links that wait: who is asked, how often it was in vain, whether it is tried again, and why not.
    fn queue(&self) -> Vec<(String, i64, bool, Option<String>)> {
        self.ingest.rows(
            "SELECT asks, tries, next_try_at IS NOT NULL, error FROM link_queue
             ORDER BY queued_at, link",
        )
    }

    /// Address, standing and whether there is a text, of every article.
    fn articles(&self) -> Vec<(Option<String>, String, bool)> {
        self.ingest.rows("SELECT url, url_standing, body IS NOT NULL FROM articles ORDER BY id")
    }
}

/// An entry as Google News gives it: a headline, a link and the publisher's name.
fn headline(story: &Story, link: &str) -> Item {
    let titled = format!("{} - The Gazette", story.title);
    let summary = format!("<a href=\"{link}\">{titled}</a>&nbsp;&nbsp;<font>The Gazette</font>");
    let item = Item::new(&titled).id(link).link(link).summary(&summary);
    item.source("https://gazette.example", "The Gazette")
}

fn publishers(url: &str) -> (Option<String>, String, bool) {
    (Some(url.to_owned()), "publisher".to_owned(), true)
}
