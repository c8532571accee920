//! Promises of what looks after the file: copies, check-ups, and giving back room.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ingest::store::{BackupError, back_up};
use rusqlite::Connection;
use serde_json::Value;

use super::file_of_days;
use crate::harness::{Ingest, Output, Publisher, Reply, stories};

/// A file into which a feed has been read.
async fn read_file() -> (Ingest, Publisher) {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(stories(0..5)));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    (ingest, publisher)
}

fn names(ingest: &Ingest) -> Vec<String> {
    let entries = fs::read_dir(ingest.path("")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn everything(db: &Connection) -> Vec<String> {
    let mut rows = Vec::new();
    for table in ["feeds", "polls", "articles", "sightings", "url_keys", "near_fingerprints"] {
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values = (0..width).map(|i| row.get::<_, rusqlite::types::Value>(i).unwrap());
            rows.push(format!("{table} {:?}", values.collect::<Vec<_>>()));
        }
    }
    rows
}

#[tokio::test]
async fn a_backup_is_the_whole_file_and_needs_nothing_beside_it() {
    let (ingest, _publisher) = read_file().await;
    let output = ingest.run(&["backup", "copy.sqlite"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains("ingest.sqlite copied to copy.sqlite: "), "{output:?}");
    assert_eq!(names(&ingest), ["config", "copy.sqlite", "ingest.sqlite"]);
    let copy = Connection::open(ingest.path("copy.sqlite")).unwrap();
    assert_eq!(everything(&copy), everything(&ingest.connection()));
    let mode: String = copy.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete", "a reader that may not write needs no log");
    drop(copy);
    let checked = ingest.run(&["doctor", "--database", "copy.sqlite"]).await;
    assert_eq!(checked.code, 0, "{checked:?}");
    let polled = ingest.run(&["--once", "--force", "--database", "copy.sqlite"]).await;
    assert_eq!(polled.code, 0, "a copy takes the place of its original: {polled:?}");
}

#[tokio::test]
async fn a_backup_replaces_a_file_only_if_told_to() {
    let (ingest, _publisher) = read_file().await;
    ingest.write("diary.txt", "Nothing happened.");
    let refused = ingest.run(&["backup", "diary.txt"]).await;
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("diary.txt is there already"), "{refused:?}");
    assert!(refused.stderr.contains("--force"), "{refused:?}");
    assert_eq!(fs::read_to_string(ingest.path("diary.txt")).unwrap(), "Nothing happened.");
    let forced = ingest.run(&["backup", "--force", "--json", "diary.txt"]).await;
    assert_eq!(forced.code, 0, "{forced:?}");
    let told: Value = serde_json::from_str(&forced.stdout).unwrap();
    let size = fs::metadata(ingest.path("diary.txt")).unwrap().len();
    assert_eq!((&told["file"], &told["bytes"]), (&"diary.txt".into(), &size.into()));
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_leaves_nothing_behind() {
    let (ingest, _publisher) = read_file().await;
    let output = ingest.run(&["backup", "missing/copy.sqlite"]).await;
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains("missing/copy.sqlite"), "{output:?}");
    assert!(output.stderr.contains("check its folder"), "{output:?}");
    let nowhere = ingest.run(&["backup", "copy.sqlite", "--database", "none.sqlite"]).await;
    assert_eq!(nowhere.code, 3);
    assert!(nowhere.stderr.contains("there is no database at none.sqlite"), "{nowhere:?}");
    assert_eq!(names(&ingest), ["config", "ingest.sqlite"]);
}

#[tokio::test]
async fn a_backup_replaces_neither_the_database_nor_what_is_no_file() {
    let (ingest, _publisher) = read_file().await;
    fs::create_dir(ingest.path("folder")).unwrap();
    symlink("ingest.sqlite", ingest.path("link")).unwrap();
    let _socket = UnixListener::bind(ingest.path("socket")).unwrap();
    let before = names(&ingest);
    for place in ["ingest.sqlite", "./ingest.sqlite", "link", "folder", "socket"] {
        let refused = ingest.run(&["backup", "--force", place]).await;
        assert_eq!(refused.code, 2, "{refused:?}");
        let why = format!("{place} is the database itself or no file; name another");
        assert!(refused.stderr.contains(&why), "{refused:?}");
    }
    assert_eq!(names(&ingest), before);
    assert!(fs::symlink_metadata(ingest.path("socket")).unwrap().file_type().is_socket());
}

#[tokio::test]
async fn a_backup_that_is_stopped_leaves_what_was_there() {
    let ingest = file_of_days(40).await;
    ingest.write("copy.sqlite", "The copy of yesterday.");
    let copy = ingest.path("copy.sqlite");
    let mut told = Vec::new();
    let mut stop = |done, all| {
        told.push((done, all));
        false
    };
    let copied = back_up(&ingest.database(), &copy, true, Duration::ZERO, &mut stop);
    assert!(matches!(copied, Err(BackupError::Stopped)), "{copied:?}");
    assert!(matches!(told.as_slice(), [(done, all)] if 0 < *done && done < all), "{told:?}");
    assert_eq!(fs::read_to_string(copy).unwrap(), "The copy of yesterday.");
    assert_eq!(names(&ingest), ["config", "copy.sqlite", "ingest.sqlite"]);
}

#[tokio::test]
async fn a_backup_removes_what_a_killed_one_left() {
    let (ingest, _publisher) = read_file().await;
    // Whole but not yet in its place, with a log; in the middle of its first pages; and cut by the power.
    let whole = fs::read(ingest.database()).unwrap();
    let half = whole.get(..whole.len() / 2).unwrap();
    for (left, beside) in [(whole.as_slice(), "-wal"), (half, "-journal"), (&[0; 512], "-shm")] {
        fs::write(ingest.path("copy.sqlite.partial"), left).unwrap();
        fs::write(ingest.path(&format!("copy.sqlite.partial{beside}")), []).unwrap();
        let output = ingest.run(&["backup", "--force", "copy.sqlite"]).await;
        assert_eq!(output.code, 0, "{output:?}");
        assert_eq!(names(&ingest), ["config", "copy.sqlite", "ingest.sqlite"]);
        let copy = Connection::open(ingest.path("copy.sqlite")).unwrap();
        assert_eq!(everything(&copy), everything(&ingest.connection()));
    }
}

#[tokio::test]
async fn two_backups_to_one_place_do_not_meet() {
    let ingest = file_of_days(40).await;
    let copy = ingest.path("copy.sqlite");
    let mut met = Vec::new();
    let mut another = |_, _| {
        met.push(back_up(&ingest.database(), &copy, true, Duration::ZERO, &mut |_, _| true));
        true
    };
    let copied = back_up(&ingest.database(), &copy, true, Duration::ZERO, &mut another);
    assert!(copied.is_ok(), "{copied:?}");
    let under_way = |met: &Result<u64, BackupError>| matches!(met, Err(BackupError::UnderWay(_)));
    assert!(!met.is_empty() && met.iter().all(under_way), "{met:?}");
    assert_eq!(names(&ingest), ["config", "copy.sqlite", "ingest.sqlite"]);
}

#[tokio::test]
async fn a_backup_shows_one_moment_while_others_write() {
    let ingest = file_of_days(20).await;
    ingest.execute("CREATE TABLE one (n INTEGER); CREATE TABLE two (n INTEGER);");
    let is_done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (database, is_done) = (ingest.database(), Arc::clone(&is_done));
        std::thread::spawn(move || {
            let db = Connection::open(database).unwrap();
            db.busy_timeout(Duration::from_secs(60)).unwrap();
            while !is_done.load(Ordering::Relaxed) {
                db.execute_batch(
                    "BEGIN IMMEDIATE; INSERT INTO one VALUES (1); INSERT INTO two VALUES (1); COMMIT;",
                )
                .unwrap();
            }
        })
    };
    let output = ingest.run(&["backup", "copy.sqlite"]).await;
    is_done.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    assert_eq!(output.code, 0, "{output:?}");
    let copy = Connection::open(ingest.path("copy.sqlite")).unwrap();
    let sound: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let counts: (i64, i64) = copy
        .query_row("SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM two)", [], |row| {
            row.try_into()
        })
        .unwrap();
    assert_eq!(counts.0, counts.1, "no half transaction is in it");
}

#[tokio::test]
async fn neither_backup_nor_doctor_migrate_an_older_file() {
    let ingest = Ingest::new();
    let old = Connection::open(ingest.database()).unwrap();
    old.execute_batch(include_str!("../../../migrations/sqlite/0001_feeds_and_articles.sql"))
        .unwrap();
    old.execute_batch("PRAGMA application_id = 1768843123; PRAGMA user_version = 1;").unwrap();
    drop(old);
    assert_eq!(ingest.run(&["backup", "copy.sqlite"]).await.code, 0);
    check(
        &ingest.run(&["doctor", "--json"]).await,
        0,
        "schema",
        "warn",
        "version 1, this program's is",
    );
    for file in ["ingest.sqlite", "copy.sqlite"] {
        let db = Connection::open(ingest.path(file)).unwrap();
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 1, "{file}");
    }
}

/// The doctor ended with this code and said this about that.
fn check(output: &Output, code: i32, check: &str, grade: &str, words: &str) {
    assert_eq!(output.code, code, "{output:?}");
    let told: Value = serde_json::from_str(&output.stdout).unwrap();
    let found =
        told["checks"].as_array().unwrap().iter().find(|found| {
            found["check"] == check && found["found"].as_str().unwrap().contains(words)
        });
    let found = found.unwrap_or_else(|| panic!("nothing of {check} says {words}: {told:#}"));
    assert_eq!(found["grade"], grade, "{told:#}");
    assert_eq!(found["remedy"].is_null(), grade == "ok", "a fault has a remedy: {told:#}");
}

#[tokio::test]
async fn the_doctor_finds_a_healthy_file_healthy() {
    let (ingest, _publisher) = read_file().await;
    let before = fs::read(ingest.database()).unwrap();
    let output = ingest.run(&["doctor", "--json"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    let told: Value = serde_json::from_str(&output.stdout).unwrap();
    for found in told["checks"].as_array().unwrap() {
        // How full the disk of whoever runs this is, we do not know.
        assert!(found["grade"] == "ok" || found["check"] == "disk", "{found}");
    }
    let read = ingest.run(&["doctor"]).await;
    assert!(read.stdout.contains("ok    integrity     all "), "{read:?}");
    assert!(read.stderr.contains("0 failures"), "{read:?}");
    let quick = ingest.run(&["doctor", "--quick"]).await;
    assert!(quick.stdout.contains("ok    integrity     not looked at"), "{quick:?}");
    assert!(fs::read(ingest.database()).unwrap() == before, "it changes nothing");
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_what_to_do() {
    for (harm, code, about, grade, words) in [
        (
            "PRAGMA foreign_keys = OFF; INSERT INTO url_keys VALUES ('gazette.example/gone', 4711);",
            1,
            "foreign keys",
            "fail",
            "1 of url_keys",
        ),
        (
            "UPDATE articles SET first_seen_at = '2999-01-01T00:00:00Z' WHERE id = 1;",
            0,
            "clock",
            "warn",
            "first seen at 2999-01-01T00:00:00Z",
        ),
        (
            "UPDATE feeds SET last_success_at = NULL, last_error = 'it answers 404', failures = 3;",
            0,
            "feeds",
            "warn",
            "1 never worked: http://127.0.0.1",
        ),
        (
            "UPDATE feeds SET failures = 2, last_error = 'x';",
            0,
            "feeds",
            "warn",
            "1 fail at present",
        ),
        (
            "UPDATE feeds SET next_poll_at = '2001-01-01T00:00:00Z';",
            0,
            "polling",
            "warn",
            "1 of 1 feeds have been due",
        ),
        (
            "UPDATE feeds SET removed_at = added_at;",
            0,
            "polling",
            "warn",
            "there is no feed to poll",
        ),
        (
            "DELETE FROM search_docsize WHERE id = 1;",
            1,
            "search",
            "fail",
            "4 of 5 articles are indexed",
        ),
    ] {
        let (ingest, _publisher) = read_file().await;
        ingest.execute(harm);
        check(&ingest.run(&["doctor", "--json"]).await, code, about, grade, words);
    }
}

#[tokio::test]
async fn what_waits_to_be_indexed_for_search_is_no_fault() {
    let (ingest, _publisher) = read_file().await;
    ingest.execute("UPDATE articles SET title = 'Another' WHERE id = 1");
    check(&ingest.run(&["doctor", "--json"]).await, 0, "search", "ok", "but 1, which wait for it");
}

#[tokio::test]
async fn a_log_that_a_reader_holds_is_named_and_shrinks_once_it_is_let_go() {
    const MEGABYTE: u64 = 1 << 20;
    let (ingest, _publisher) = read_file().await;
    let log = || fs::metadata(ingest.path("ingest.sqlite-wal")).unwrap().len();
    let reader = ingest.connection();
    reader.execute_batch("BEGIN; SELECT count(*) FROM articles;").unwrap();
    let writer = Connection::open(ingest.database()).unwrap();
    writer.execute_batch("CREATE TABLE ballast (b BLOB);").unwrap();
    for _ in 0..15 {
        writer.execute_batch("INSERT INTO ballast VALUES (zeroblob(10000000));").unwrap();
    }
    assert!(log() > 140 * MEGABYTE);
    check(&ingest.run(&["doctor", "--json"]).await, 0, "log", "warn", "MB");
    reader.execute_batch("COMMIT").unwrap();
    ingest.poll().await;
    assert!(log() <= 64 * MEGABYTE, "{} bytes", log());
    check(&ingest.run(&["doctor", "--json"]).await, 0, "log", "ok", "MB");
}

/// A file with a page in the middle that a failing disk has written over.
async fn damaged_file() -> Ingest {
    let ingest = file_of_days(20).await;
    ingest.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let mut bytes = fs::read(ingest.database()).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0xa5);
    fs::write(ingest.database(), bytes).unwrap();
    ingest
}

#[tokio::test]
async fn the_doctor_sees_a_damaged_page() {
    let ingest = damaged_file().await;
    check(&ingest.run(&["doctor", "--json"]).await, 1, "integrity", "fail", "");
}

#[tokio::test]
async fn a_backup_of_a_damaged_file_leaves_the_copy_of_yesterday() {
    let ingest = damaged_file().await;
    ingest.write("copy.sqlite", "The copy of yesterday.");
    let before = names(&ingest);
    let output = ingest.run(&["backup", "--force", "copy.sqlite"]).await;
    assert_eq!(output.code, 3, "{output:?}");
    for words in ["ingest.sqlite is damaged, as copying showed", "restore a backup"] {
        assert!(output.stderr.contains(words), "{output:?}");
    }
    assert_eq!(fs::read_to_string(ingest.path("copy.sqlite")).unwrap(), "The copy of yesterday.");
    assert_eq!(names(&ingest), before);
}

#[tokio::test]
async fn vacuum_gives_back_the_room_of_what_was_deleted() {
    let ingest = file_of_days(20).await;
    ingest.execute(
        "DELETE FROM articles WHERE id > 100; DELETE FROM polls; PRAGMA wal_checkpoint(TRUNCATE);",
    );
    let before = everything(&ingest.connection());
    let found = "SELECT rowid FROM search WHERE search MATCH 'ferry' ORDER BY rowid";
    let matches = ingest.column::<i64>(found);
    assert!(!matches.is_empty());
    let output = ingest.run(&["vacuum", "--json"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    let told: Value = serde_json::from_str(&output.stdout).unwrap();
    let bytes = |key: &str| told[key].as_u64().unwrap();
    assert!(bytes("bytes_after") < bytes("bytes_before") / 2, "{told}");
    let size = fs::metadata(ingest.database()).unwrap().len();
    assert_eq!(bytes("bytes_after"), size);
    assert_eq!(everything(&ingest.connection()), before);
    assert_eq!(ingest.column::<i64>(found), matches);
}

#[tokio::test]
async fn vacuum_in_passing_works_beside_readers_and_makes_one_index_of_many() {
    let (ingest, publisher) = read_file().await;
    for number in 5..30 {
        publisher.set("/feed", Reply::feed(stories(number..number + 1)));
        ingest.poll().await;
    }
    let segments = "SELECT count(DISTINCT segid) FROM search_idx";
    let before = ingest.value::<i64>(segments);
    assert!(before > 1, "{before} segments");
    let reader = ingest.connection();
    reader.execute_batch("BEGIN; SELECT count(*) FROM articles;").unwrap();
    let output = ingest.run(&["vacuum", "--in-passing"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains("before"), "{output:?}");
    assert_eq!(ingest.value::<i64>(segments), 1);
    let count: i64 =
        reader.query_row("SELECT count(*) FROM articles", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 30);
}
