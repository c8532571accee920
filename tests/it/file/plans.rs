//! Promises of speed: what a query reads does not grow with the file. SQLite's own counters say so,
//! and its plans name the indexes.

use rusqlite::Connection;

use super::{file_of_days, work};
use crate::harness::questions::questions;

/// Both are longer than any span that a query asks for.
const DAYS: [i32; 2] = [40, 160];

/// How much more work is still the same: trees are a level higher, and pages are filled otherwise.
const SAME: f64 = 1.25;

/// What may be done once for each day: a view by days goes through these, not through what they brought.
const A_FEW: f64 = 25.0;

/// Whether a query does more work in the second file, which is four times as large.
fn grows(files: &[Connection; 2], sql: &str) -> bool {
    let [small, large] = files.each_ref().map(|file| work(file, sql));
    assert!(small.rows > 0 && large.rows > 0, "it answers nothing: {sql}");
    let more =
        |small, large| f64::from(large) > f64::from(small) * SAME + A_FEW * f64::from(DAYS[1]);
    more(small.steps, large.steps) || more(small.scanned, large.scanned)
}

#[tokio::test]
async fn the_twenty_queries_do_the_same_work_in_a_file_four_times_as_large() {
    let [small, large] = [file_of_days(DAYS[0].into()).await, file_of_days(DAYS[1].into()).await];
    let files = [small.connection(), large.connection()];
    let questions = questions();
    assert_eq!(questions.len(), 20);
    for question in questions {
        // These files have another host, and fewer than ten thousand copies.
        let sql = question.sql.replace("gazette.example", "paper1.example").replace("10000", "300");
        // How many matches the full-text index weighs is not counted.
        let is_counted = !sql.contains("ORDER BY rank");
        let grows = grows(&files, &sql);
        assert_eq!(grows, question.is_full_scan && is_counted, "{}", question.title);
    }
}

/// How each view is asked naturally, and the indexes that make it fast.
const NATURAL: &[(&str, &[&str])] = &[
    (
        "SELECT * FROM latest LIMIT 20",
        &["a USING INDEX articles_by_first_seen", "sightings_by_article"],
    ),
    (
        "SELECT * FROM stories WHERE first_seen_at >= date('now', '-1 day') LIMIT 20",
        &["SEARCH a USING INDEX articles_by_first_seen (first_seen_at>?)", "sightings_by_article"],
    ),
    ("SELECT * FROM duplicates LIMIT 20", &["SEARCH a USING INTEGER PRIMARY KEY"]),
    (
        "SELECT * FROM duplicates WHERE article_id = 2",
        &["SEARCH s USING INDEX sightings_by_article"],
    ),
    (
        "SELECT * FROM articles_per_day WHERE day >= date('now', '-3 days')",
        &["SEARCH a USING INDEX articles_by_first_seen (first_seen_at>? AND first_seen_at<?)"],
    ),
    // Its column `sightings` counts all of them where it is asked for.
    (
        "SELECT url, state, last_error, last_new_at FROM feed_health WHERE failures > 0",
        &["SEARCH p USING INDEX polls_by_feed"],
    ),
    ("SELECT * FROM pending_links LIMIT 20", &["SCAN s USING INDEX sightings_pending"]),
    (
        "SELECT * FROM held_pages LIMIT 20",
        &["SCAN a USING INDEX articles_held", "sightings_by_article"],
    ),
    ("SELECT * FROM search_texts WHERE id = 2", &["SEARCH a USING INTEGER PRIMARY KEY"]),
    ("SELECT * FROM stripped LIMIT 20", &["SEARCH s USING INTEGER PRIMARY KEY"]),
    (
        "SELECT * FROM stripped WHERE article_id = 2",
        &[
            "SEARCH s USING INDEX sightings_by_article",
            "SEARCH r USING PRIMARY KEY (sighting_id=?)",
        ],
    ),
];

#[tokio::test]
async fn every_view_is_answered_from_an_index() {
    let [small, large] = [file_of_days(DAYS[0].into()).await, file_of_days(DAYS[1].into()).await];
    let files = [small.connection(), large.connection()];
    for (sql, indexes) in NATURAL {
        let plan = plan(&files[1], sql).join("\n");
        for index in *indexes {
            assert!(plan.contains(index), "{sql} does not use {index}:\n{plan}");
        }
        assert!(!plan.contains("AUTOMATIC"), "{sql} makes an index of its own:\n{plan}");
        assert!(!grows(&files, sql), "{sql} reads more in a larger file:\n{plan}");
    }
    let views = small.column::<String>("SELECT name FROM sqlite_schema WHERE type = 'view'");
    assert!(views.len() >= 8);
    for view in views {
        let is_asked = NATURAL.iter().any(|(sql, _)| sql.contains(&format!("FROM {view} ")));
        assert!(is_asked, "no plan of {view} is looked at");
    }
}

/// The lines of a plan.
fn plan(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let lines = statement.query_map([], |row| row.get("detail")).unwrap();
    lines.collect::<rusqlite::Result<_>>().unwrap()
}
