//! Times the queries of docs/QUERIES.md on a large invented file.
//!
//! `cargo bench --bench queries -- 1000000` invents a file of a million articles in the folder that
//! `TMPDIR` names, asks each question three times and prints how long the first and the fastest took;
//! the file is deleted at the end. `-- 1000000 without-search` leaves the full-text index empty, which
//! takes the longest to fill, and the questions to it unasked. A file of one's own is asked with
//! `-- FILE`.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench prints its table, and asks for the times it has noted"
)]

#[path = "../tests/it/harness/many.rs"]
mod many;
#[path = "../tests/it/harness/questions.rs"]
mod questions;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ingest::store::SqliteStore;
use rusqlite::{Connection, OpenFlags};

/// How many articles a file has that nobody gave a number for.
const ARTICLES: i64 = 2_000;

/// How many days the file spans.
const DAYS: i64 = 90;

const FEEDS: i64 = 1_000;

/// How many words an article has, more or less.
const WORDS: u64 = 450;

/// How often each question is asked.
const TIMES: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let own = arguments.iter().map(PathBuf::from).find(|path| path.is_file());
    if let Some(file) = own {
        ask(&file, true);
        return;
    }
    let articles = arguments.iter().find_map(|number| number.parse().ok()).unwrap_or(ARTICLES);
    let with_search = !arguments.iter().any(|argument| argument == "without-search");
    let folder = tempfile::tempdir().expect("a folder for the file");
    let file = folder.path().join("queries.sqlite");
    invent(&file, articles, with_search);
    ask(&file, with_search);
}

fn invent(file: &Path, articles: i64, with_search: bool) {
    drop(SqliteStore::open(file, Duration::from_secs(10)).expect("a file"));
    let mut db = Connection::open(file).expect("the file opens");
    // Nobody else reads it yet, and it is thrown away if this fails.
    for (pragma, value) in
        [("journal_mode", "OFF"), ("synchronous", "OFF"), ("foreign_keys", "OFF")]
    {
        db.pragma_update_and_check(None, pragma, value, |_| Ok(()))
            .or_else(no_answer)
            .expect("a pragma");
    }
    db.pragma_update(None, "cache_size", -1024 * 1024).expect("a pragma");
    let began = Instant::now();
    let extent =
        many::Extent { articles, a_day: (articles / DAYS).max(1), feeds: FEEDS, words: WORDS };
    many::fill(&mut db, extent).expect("rows");
    println!("{articles} articles invented in {:.0} s", began.elapsed().as_secs_f64());
    if with_search {
        let began = Instant::now();
        many::index(&db).expect("an index");
        println!("full-text index made in {:.0} s", began.elapsed().as_secs_f64());
    }
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).expect("a pragma");
}

/// Some pragmas answer with what they were set to, others do not.
fn no_answer(error: rusqlite::Error) -> rusqlite::Result<()> {
    if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) }
}

fn ask(file: &Path, with_search: bool) {
    let megabytes = std::fs::metadata(file).map_or(0, |file| file.len() >> 20);
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the file opens");
    println!("{megabytes} MB\n{:>10}  {:>10}  {:>6}  question", "first ms", "best ms", "rows");
    for question in questions::questions() {
        if !with_search && question.sql.contains("MATCH") {
            continue;
        }
        // The invented host that publishes much.
        let sql = question.sql.replace("gazette.example", "paper1.example");
        let (mut times, mut rows) = ([0.0; TIMES], 0);
        for time in &mut times {
            let began = Instant::now();
            rows = answer(&db, &sql);
            *time = began.elapsed().as_secs_f64() * 1_000.0;
        }
        let best = times.iter().copied().fold(f64::INFINITY, f64::min);
        let mark = if question.is_full_scan { " (full scan)" } else { "" };
        println!("{:>10.1}  {best:>10.1}  {rows:>6}  {}{mark}", times[0], question.title);
    }
}

fn answer(db: &Connection, sql: &str) -> usize {
    let mut statement = db.prepare(sql).expect("the query is well-formed");
    let mut rows = statement.query([]).expect("the query runs");
    let mut count = 0;
    while rows.next().expect("a row").is_some() {
        count += 1;
    }
    count
}
