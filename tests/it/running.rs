//! Promises of the running program: passes, the daemon, its signals and its exit codes.

mod boilerplate;
mod daemon;
mod feed_exchange;
mod feed_list;
mod feed_looks;
mod feed_switches;
mod passes;
mod sharing;
mod stopping;
mod troubles;

use rusqlite::Connection;

use super::harness::{Gate, Ingest, Publisher, Reply, stories};

/// A pass over every feed, due or not.
const FORCED: [&str; 2] = ["--once", "--force"];

/// Makes `feeds` feeds of two stories each, at `/0`, `/1` …, and lets `ingest` know of them.
async fn several(ingest: &Ingest, publisher: &Publisher, feeds: usize) -> Vec<String> {
    let urls: Vec<String> = (0..feeds).map(|feed| publisher.url(&path(feed))).collect();
    for feed in 0..feeds {
        publisher.set(&path(feed), feed_of(feed));
    }
    ingest.add(&urls.iter().map(String::as_str).collect::<Vec<_>>()).await;
    urls
}

fn path(feed: usize) -> String {
    format!("/{feed}")
}

/// The feed with this number: two stories of its own.
fn feed_of(feed: usize) -> Reply {
    Reply::feed(stories(feed * 2..feed * 2 + 2))
}

/// Makes the feed with this number hang until the gate is opened.
fn hang(publisher: &Publisher, feed: usize) -> Gate {
    let gate = Gate::closed();
    publisher.set(&path(feed), feed_of(feed).behind(&gate));
    gate
}

/// How often each of the feeds was asked for.
fn hits(publisher: &Publisher, feeds: usize) -> Vec<usize> {
    (0..feeds).map(|feed| publisher.hits(&path(feed))).collect()
}

/// Changes the database as its operator might.
fn change(ingest: &Ingest, sql: &str) {
    let connection = Connection::open(ingest.database()).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// What was stored, apart from numbers and times.
fn stored(ingest: &Ingest) -> Vec<String> {
    let articles =
        "SELECT url, title, body, body_sha256, words, hold_reason FROM articles ORDER BY url";
    let sightings = "SELECT f.url, s.entry_key, s.verdict, a.url
         FROM sightings AS s JOIN feeds AS f ON f.id = s.feed_id JOIN articles AS a ON a.id = s.article_id
         ORDER BY f.url, s.entry_key";
    [ingest.dump(articles), ingest.dump(sightings)].concat()
}

fn articles(ingest: &Ingest) -> i64 {
    ingest.value("SELECT count(*) FROM articles")
}

/// How many feeds somebody is reading, according to the file.
fn claims(ingest: &Ingest) -> i64 {
    ingest.value("SELECT count(*) FROM feeds WHERE claimed_until IS NOT NULL")
}

/// The addresses of the wanted feeds.
fn urls(ingest: &Ingest) -> Vec<String> {
    ingest.column("SELECT url FROM feeds WHERE removed_at IS NULL ORDER BY url")
}

/// Makes these feeds, and no others, the declared ones.
fn declare(ingest: &Ingest, urls: &[&str]) {
    let rows = urls.iter().map(|url| format!("[[feed]]\nurl = \"{url}\"\ntitle = \"Ours\"\n"));
    ingest.write("config/feeds.toml", &rows.collect::<String>());
}
