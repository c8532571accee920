//! Promises of the database file: what is not ours is not touched, and a new file is made whole.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::harness::{Ingest, Publisher, Reply, stories};
use super::check_told;

const APPLICATION_ID: i64 = 0x696e_6773;

/// Runs on the file as it is: it is refused with these words, and keeps every byte.
async fn check(ingest: &Ingest, words: &[&str]) {
    let before = fs::read(ingest.database()).unwrap();
    check_refused(ingest, words).await;
    assert!(fs::read(ingest.database()).unwrap() == before, "the file was changed");
}

async fn check_refused(ingest: &Ingest, words: &[&str]) {
    for arguments in [&["--once"][..], &["feeds", "list"], &[]] {
        let output = ingest.run(arguments).await;
        check_told(&output, 3, &["ingest.sqlite"]);
        check_told(&output, 3, words);
    }
}

#[tokio::test]
async fn a_file_of_text_is_left_alone() {
    let ingest = Ingest::new();
    ingest.write("ingest.sqlite", &"This is my diary, and no database.\n".repeat(100));
    check(&ingest, &["is not a database of ingest", "name another file with --database"]).await;
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    for tables in [
        "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('https://a.example/');",
        "PRAGMA application_id = 252006674; CREATE TABLE feeds (id INTEGER PRIMARY KEY);",
        "PRAGMA user_version = 1;",
    ] {
        let ingest = Ingest::new();
        Connection::open(ingest.database()).unwrap().execute_batch(tables).unwrap();
        check(&ingest, &["is not a database of ingest", "--database"]).await;
    }
}

#[tokio::test]
async fn a_file_of_a_later_version_is_left_alone() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(stories(0..2)));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    Connection::open(ingest.database()).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    check(&ingest, &["schema version 99", "use a newer ingest"]).await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 2);
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_named_with_the_remedy() {
    let ingest = Ingest::new().with("INGEST_STORAGE__BUSY_TIMEOUT_MS", "100");
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    let holder = Connection::open(ingest.database()).unwrap();
    for mode in ["WAL", "DELETE"] {
        holder.pragma_update(None, "journal_mode", mode).unwrap();
        let before = fs::read(ingest.database()).unwrap();
        holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
        // Whoever opens and closes the file as such loses every lock on it (POSIX), so we read it
        // before and after only.
        let words = ["is locked by another process", "stop it or try again"];
        check_refused(&ingest, &words).await;
        holder.execute_batch("ROLLBACK").unwrap();
        assert!(fs::read(ingest.database()).unwrap() == before, "the file was changed");
    }
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_named_with_the_remedy() {
    let ingest = Ingest::new();
    fs::create_dir(ingest.path("folder")).unwrap();
    for path in ["missing/news.sqlite", "folder", "config/ingest.toml/news.sqlite"] {
        let output = ingest.run(&["--once", "--database", path]).await;
        check_told(&output, 3, &[path, "folder"]);
    }
    assert!(!ingest.path("missing").exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named_with_the_remedy() {
    let ingest = Ingest::new();
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    let set_read_only = |path: &Path, read_only| {
        let mut permissions = fs::metadata(path).unwrap().permissions();
        permissions.set_readonly(read_only);
        fs::set_permissions(path, permissions).unwrap();
    };
    set_read_only(&ingest.database(), true);
    if fs::OpenOptions::new().write(true).open(ingest.database()).is_ok() {
        eprintln!("skipped: whoever runs this may write read-only files");
        return;
    }
    check(&ingest, &["cannot be opened for writing", "the permissions of both"]).await;
}

#[tokio::test]
async fn a_damaged_file_is_refused_without_a_panic() {
    let ingest = Ingest::new();
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    let mut bytes = fs::read(ingest.database()).unwrap();
    bytes[4_096..].fill(0xa5);
    bytes[100..4_096].fill(0xa5);
    fs::write(ingest.database(), bytes).unwrap();
    check(&ingest, &[]).await;
}

#[tokio::test]
async fn processes_that_open_a_new_file_together_all_succeed() {
    for _ in 0..5 {
        let ingest = Ingest::new();
        let list = || ingest.run(&["feeds", "list"]);
        let outputs = tokio::join!(list(), list(), list(), list());
        for output in <[_; 4]>::from(outputs) {
            assert_eq!(output.code, 0, "{output:?}");
        }
        check_schema(&ingest.connection());
    }
}

#[tokio::test]
async fn a_new_file_has_the_schema_of_the_migrations() {
    let ingest = Ingest::new();
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    check_schema(&ingest.connection());
    assert_eq!(ingest.value::<String>("PRAGMA journal_mode"), "wal");
    let tables: Vec<(String, String, bool)> = ingest.rows(
        "SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'",
    );
    for (name, _, is_strict) in tables {
        assert!(is_strict || name.starts_with("sqlite_"), "{name} is not STRICT");
    }
}

/// The files of the numbered migrations, in order.
fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Compares a file with what its numbered migrations make of an empty one.
fn check_schema(found: &Connection) {
    let files = migrations();
    let expected = Connection::open_in_memory().unwrap();
    for file in &files {
        expected.execute_batch(&fs::read_to_string(file).unwrap()).unwrap();
    }
    assert_eq!(schema(found), schema(&expected));
    let number = |name| found.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("application_id"), APPLICATION_ID);
    assert_eq!(number("user_version"), i64::try_from(files.len()).unwrap());
}

fn schema(connection: &Connection) -> Vec<(String, String, Option<String>)> {
    let mut statement = connection
        .prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn a_file_of_the_first_schema_is_taken_over_with_everything_in_it() {
    let ingest = Ingest::new();
    let old = Connection::open(ingest.database()).unwrap();
    old.execute_batch(include_str!("../../../migrations/sqlite/0001_feeds_and_articles.sql"))
        .unwrap();
    let rows = format!(
        "PRAGMA application_id = {APPLICATION_ID};
         PRAGMA user_version = 1;
         INSERT INTO feeds (id, url, origin, added_at, next_poll_at, next_poll_reason)
         VALUES (1, 'http://gazette.example/feed', 'added', '2026-01-01T00:00:00Z', '2099-01-01T00:00:00Z', 'new');
         INSERT INTO articles (id, url, url_standing, title, first_seen_at, changed_at, words, text_copied,
                               rules_version, hold_reason)
         VALUES (1, 'https://news.google.com/rss/articles/CBMi', 'copy', 'Held', '2026-01-01T00:00:00Z',
                 '2026-01-01T00:00:00Z', 0, 1, '2026-01', 'link-pending'),
                (2, 'https://gazette.example/a', 'feed', 'Plain', '2026-01-01T00:00:00Z',
                 '2026-01-01T00:00:00Z', 0, 0, '2026-01', 'empty');
         INSERT INTO sightings (feed_id, entry_key, article_id, title, link, target, entry_sha256, verdict,
                                first_seen_at, last_seen_at)
         VALUES (1, 'a', 1, 'Held', 'https://news.google.com/rss/articles/CBMi', NULL, 'x', 'held',
                 '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z'),
                (1, 'b', 2, 'Plain', 'https://gazette.example/a', 'https://gazette.example/a', 'y', 'held',
                 '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
         INSERT INTO resolved_links (link, target, attempts, asked_at)
         VALUES ('https://ift.tt/a', 'https://gazette.example/a', 1, '2026-01-01T00:00:00Z');"
    );
    old.execute_batch(&rows).unwrap();
    drop(old);
    let output = ingest.run(&["links", "pending"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stdout.contains("https://news.google.com/rss/articles/CBMi"), "{output:?}");
    let newest = migrations().len();
    assert_eq!(ingest.value::<i64>("PRAGMA user_version"), i64::try_from(newest).unwrap());
    let queued = ingest.rows::<(String, String)>("SELECT link, queued_at FROM link_queue");
    let link = "https://news.google.com/rss/articles/CBMi".to_owned();
    assert_eq!(queued, [(link, "2026-01-02T00:00:00Z".to_owned())], "only what waits is queued");
    for (table, rows) in [("feeds", 1), ("articles", 2), ("sightings", 2), ("resolved_links", 1)] {
        assert_eq!(ingest.value::<i64>(&format!("SELECT count(*) FROM {table}")), rows, "{table}");
    }
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM pending_links"), 1);
}
