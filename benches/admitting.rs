//! Times admitting articles into a growing file: fingerprint, look-up, judgement and every write,
//! on one thread. Beside it stands what SQLite alone takes for the same rows, in a file of its own with
//! the same settings, tables and indexes, but nothing looked up and nothing indexed for search.
//!
//! `cargo bench --bench admitting -- 10000 100000` prints a row for each number of stored articles;
//! the file lies in the folder that `TMPDIR` names and is deleted at the end. Seven in ten entries
//! are new, two are exact copies and one is cut, as in a set of feeds that carry one newswire. A row
//! tells of all entries of its last 50,000 articles (or its second half), copies among them.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench counts far below 2^52, prints its table and may fail"
)]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use ingest::model::{
    Candidate, CanonicalUrl, Choice, ChoiceReason, EntryKey, FeedUrl, Standing, Text, TextSource,
    UrlKey, Verdict,
};
use ingest::pipeline::canonicalize::{self, Trackers};
use ingest::pipeline::{fingerprint, judge};
use ingest::store::{
    Admission, Claim, Delivery, NextPoll, Outcome, Reading, SqliteStore, Store, Wanted,
};
use ingest::text::tokens::tokens;

/// How many entries a feed brings at once.
const ENTRIES: u64 = 20;

/// How many articles the speed at a size is measured over, at the most.
const MEASURED: u64 = 50_000;

/// How many words an article has.
const WORDS: u64 = 450;

const WORKER: &str = "bench";

fn main() {
    let mut sizes: Vec<u64> = std::env::args().filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(2_000);
    }
    sizes.sort_unstable();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(run(&sizes));
}

async fn run(sizes: &[u64]) {
    let folder = tempfile::tempdir().expect("a folder for the file");
    let path = folder.path().join("bench.sqlite");
    let store = SqliteStore::open(&path, Duration::from_secs(10)).expect("a file");
    let mut bench = Bench::new(store).await;
    println!(
        "{:>10}  {:>12}  {:>12}  {:>14}  {:>12}  {:>10}",
        "stored", "entries/s", "bare SQLite", "fingerprint/s", "near B/art.", "merged"
    );
    for size in sizes {
        bench.fill(size.saturating_sub(MEASURED.min(size / 2))).await;
        bench.spent = Spent::default();
        let (from, began) = (bench.taken, Instant::now());
        bench.fill(*size).await;
        let spent = bench.spent;
        let count = (bench.taken - from) as f64;
        // Inventing the stories is the bench's own work, not the program's.
        let speed = count / began.elapsed().saturating_sub(spent.inventing).as_secs_f64();
        let fingerprints = count / spent.in_fingerprints.as_secs_f64();
        let bytes = near_bytes(&path) / bench.stored as f64;
        let bare = bare_inserts(from, bench.taken, &bench.trackers);
        println!(
            "{:>10}  {speed:>12.0}  {bare:>12.0}  {fingerprints:>14.0}  {bytes:>12.0}  {:>10}",
            bench.stored, bench.merged
        );
    }
    let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    println!("file: {} MB", bytes >> 20);
}

/// How many entries a second SQLite takes into an empty file, their rows made beforehand.
fn bare_inserts(from: u64, to: u64, trackers: &Trackers) -> f64 {
    let folder = tempfile::tempdir().expect("a folder for the file");
    let mut file = rusqlite::Connection::open(folder.path().join("bare.sqlite")).expect("a file");
    file.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE articles (id INTEGER PRIMARY KEY, url TEXT, title TEXT, first_seen_at TEXT,
                                body TEXT, body_sha256 TEXT);
         CREATE INDEX articles_by_text ON articles (body_sha256);
         CREATE INDEX articles_by_first_seen ON articles (first_seen_at);
         CREATE TABLE url_keys (url_key TEXT PRIMARY KEY, article_id INTEGER) WITHOUT ROWID;
         CREATE TABLE sightings (id INTEGER PRIMARY KEY, feed_id INTEGER, entry_key TEXT,
                                 article_id INTEGER, title TEXT, link TEXT, entry_sha256 TEXT,
                                 UNIQUE (feed_id, entry_key));
         CREATE INDEX sightings_by_article ON sightings (article_id);",
    )
    .expect("the tables are made");
    let mut entries = Vec::new();
    for number in from..to {
        let url = format!("https://paper{}.example/2026/story-{number}", number % 997);
        let url = canonicalize::url(&url, trackers).expect("an address");
        let body = story(number, WORDS);
        let sha256 = fingerprint::body_sha256(&body);
        entries.push((number.cast_signed(), url, story(number ^ 0x4d, 8), body, sha256));
    }
    let began = Instant::now();
    for entries in entries.chunks(ENTRIES as usize) {
        let tx = file.transaction().expect("a transaction");
        for (number, url, title, body, sha256) in entries {
            tx.prepare_cached("INSERT INTO articles VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
                .and_then(|mut insert| {
                    let seen = now(number.cast_unsigned()).to_rfc3339();
                    insert.execute((number, url.as_str(), title, seen, body, sha256))
                })
                .expect("the article is stored");
            tx.prepare_cached("INSERT INTO url_keys VALUES (?1, ?2)")
                .and_then(|mut insert| insert.execute((canonicalize::key(url).as_str(), number)))
                .expect("the key is stored");
            tx.prepare_cached("INSERT INTO sightings VALUES (?1, 1, ?2, ?1, ?3, ?4, ?5)")
                .and_then(|mut insert| {
                    let key = number.to_string();
                    insert.execute((number, key, title, url.as_str(), sha256))
                })
                .expect("the sighting is stored");
        }
        tx.commit().expect("it is stored");
    }
    entries.len() as f64 / began.elapsed().as_secs_f64()
}

/// The size of the index of near fingerprints, pages as they lie in the file.
fn near_bytes(path: &std::path::Path) -> f64 {
    let file = rusqlite::Connection::open(path).expect("the file opens");
    file.query_row("SELECT sum(pgsize) FROM dbstat WHERE name = 'near_fingerprints'", [], |row| {
        row.get(0)
    })
    .expect("dbstat is compiled in")
}

struct Bench {
    store: SqliteStore,
    trackers: Trackers,
    taken: u64,
    stored: u64,
    merged: u64,
    spent: Spent,
}

/// The time that parts of the work took.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    inventing: Duration,
    in_fingerprints: Duration,
}

impl Bench {
    async fn new(store: SqliteStore) -> Self {
        let feed: FeedUrl = "http://bench.example/feed".parse().expect("an address");
        store.add_feeds(vec![feed], now(0)).await.expect("the feed is added");
        let links = ingest::config::links::LinksFile::built_in();
        let trackers = Trackers::compile(&links).expect("the built-in table is sound");
        Self { store, trackers, taken: 0, stored: 0, merged: 0, spent: Spent::default() }
    }

    async fn fill(&mut self, size: u64) {
        while self.stored < size {
            let candidates =
                (self.taken..self.taken + ENTRIES).map(|number| self.candidate(number));
            let candidates = candidates.collect();
            self.taken += ENTRIES;
            for verdict in admit(&self.store, candidates, now(self.taken)).await {
                match verdict {
                    Verdict::New => self.stored += 1,
                    _ => self.merged += 1,
                }
            }
        }
    }

    fn candidate(&mut self, number: u64) -> Candidate {
        // A copy is of something recent.
        let original = match number % 10 {
            8 | 9 => number - 8 - 10 * (mixed(number) % 50).min(number / 10),
            7 => number - 7 - 10 * (mixed(number) % 50).min(number / 10),
            _ => number,
        };
        let words = if number % 10 == 7 { WORDS * 3 / 5 } else { WORDS };
        let began = Instant::now();
        let body = story(original, words);
        let title = story(number ^ 0x4d, 8);
        self.spent.inventing += began.elapsed();
        let began = Instant::now();
        let fingerprint =
            fingerprint::of(&tokens(&body), fingerprint::ARTICLE).expect("the body is usable");
        self.spent.in_fingerprints += began.elapsed();
        let url = format!("https://paper{}.example/2026/story-{number}", number % 997);
        let url = canonicalize::url(&url, &self.trackers).expect("an address");
        candidate(number, title, url, Text::Usable { body, fingerprint, source: TextSource::Feed })
    }
}

fn candidate(number: u64, title: String, url: CanonicalUrl, text: Text) -> Candidate {
    let keys: Vec<UrlKey> = vec![canonicalize::key(&url)];
    Candidate {
        entry_key: EntryKey(number.to_string()),
        entry_sha256: format!("{:064x}", mixed(number)),
        title,
        author: Some("A. Reporter".to_owned()),
        language: Some("en".to_owned()),
        published_at: Some(now(number)),
        link: Some(url.as_str().to_owned()),
        target: Some(url.as_str().to_owned()),
        headline: Some(mixed(number ^ 0x4d).cast_signed()),
        url: Some(url),
        url_keys: keys,
        standing: Standing::Feed,
        source_link: None,
        copied: false,
        own: None,
        text,
        removed: Vec::new(),
        rules_version: "bench".to_owned(),
        received: Vec::new(),
        choice: Choice { reason: ChoiceReason::FeedIsFull, next_try_at: None, uncut_rule: None },
    }
}

async fn admit(
    store: &SqliteStore,
    candidates: Vec<Candidate>,
    now: DateTime<Utc>,
) -> Vec<Verdict> {
    let claim = Claim {
        worker: WORKER.to_owned(),
        now,
        until: now + TimeDelta::days(1),
        at_most: 1,
        urls: None,
        wanted: Wanted::Due,
    };
    let feed = store.claim(claim).await.expect("a claim").pop().expect("the feed is due");
    let delivery = Delivery { entries: candidates.len(), candidates, ..Delivery::default() };
    let reading = Reading {
        feed: feed.id,
        worker: WORKER.to_owned(),
        now,
        duration_ms: 0,
        http_status: Some(200),
        whereabouts: feed.whereabouts,
        near_since: now - TimeDelta::days(90),
        next_poll: NextPoll { at: now, reason: "bench".to_owned() },
        outcome: Outcome::Changed(Box::new(delivery)),
    };
    match store.admit(reading, judge::judge).await.expect("the reading is stored") {
        Admission::Stored(admitted) => admitted.iter().map(|admitted| admitted.verdict).collect(),
        Admission::ClaimLost => panic!("nobody else claims"),
    }
}

/// A second passes for each entry, so a million articles lie in the window of 90 days.
fn now(number: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + number.cast_signed(), 0).expect("a moment in range")
}

/// Invented prose: words of a vocabulary of 20,000, the rarer the later, as in a language.
fn story(seed: u64, words: u64) -> String {
    let mut text = String::with_capacity(words as usize * 7);
    for position in 0..words {
        let draw = mixed(seed.wrapping_mul(1_000_003) + position);
        let share = (draw >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = (20_000_f64.powf(share)) as u64;
        let name = mixed(rank ^ 0x5eed);
        for syllable in 0..=(rank.ilog10().min(3) / 2 + 1) {
            let piece = (name >> (8 * syllable)) & 0xff;
            text.push(char::from(b"bdfghklmnprstvwz"[(piece & 15) as usize]));
            text.push(char::from(b"aeiou"[(piece >> 4) as usize % 5]));
        }
        text.push_str(match position % 60 {
            59 => ".\n",
            19 | 39 => ". ",
            _ => " ",
        });
    }
    text
}

/// The finaliser of `SplitMix64`.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
