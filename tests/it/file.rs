//! Promises of the file that people open with tools of their own.

mod plans;
mod reading;
mod retention;
mod upkeep;
mod views;

use rusqlite::{Connection, StatementStatus};

use crate::harness::Ingest;
use crate::harness::many::{self, Extent};

/// How many feeds the invented files have, and how many articles a day brings.
const FEEDS: i64 = 20;
const A_DAY: i64 = 50;

/// A file in which this many days have passed.
async fn file_of_days(days: i64) -> Ingest {
    let ingest = Ingest::new();
    assert_eq!(ingest.run(&["feeds", "list"]).await.code, 0);
    let mut db = Connection::open(ingest.database()).unwrap();
    let extent = Extent { articles: days * A_DAY, a_day: A_DAY, feeds: FEEDS, words: 30 };
    many::fill(&mut db, extent).unwrap();
    many::index(&db).unwrap();
    ingest
}

/// What answering a query takes, as SQLite itself counts it.
#[derive(Debug, Clone, Copy)]
struct Work {
    rows: usize,
    /// Instructions of SQLite's machine.
    steps: i32,
    /// Rows of tables and indexes that were gone through without being searched for.
    scanned: i32,
}

fn work(db: &Connection, sql: &str) -> Work {
    let mut statement = db.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let mut rows = statement.query([]).unwrap();
    let mut count = 0;
    while rows.next().unwrap_or_else(|error| panic!("{error}: {sql}")).is_some() {
        count += 1;
    }
    drop(rows);
    Work {
        rows: count,
        steps: statement.get_status(StatementStatus::VmStep),
        scanned: statement.get_status(StatementStatus::FullscanStep),
    }
}
