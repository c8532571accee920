//! Which files the commands that only look can read, and that they change none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;

use super::Kiosk;
use crate::harness::Ingest;

#[tokio::test]
async fn a_file_that_is_not_there_is_not_made() {
    let ingest = Ingest::new();
    let output = ingest.run(&["search", "ferry"]).await;
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    assert!(output.stderr.contains("there is no file ingest.sqlite"), "{}", output.stderr);
    assert!(output.stderr.contains("--database"), "{}", output.stderr);
    assert!(!ingest.database().exists());
}

#[tokio::test]
async fn what_is_being_written_is_neither_waited_for_nor_seen() {
    let kiosk = Kiosk::open().await;
    let expected = kiosk.run(&["search", "the"]).await;
    let writer = Connection::open(kiosk.ingest.database()).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM articles;").unwrap();
    assert_eq!(kiosk.run(&["search", "the"]).await, expected);
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(kiosk.ingest.run(&["search", "the"]).await.stdout, "");
}

#[tokio::test]
async fn feeds_of_the_configuration_are_not_declared() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.write("config/feeds.toml", "this is no feeds file");
    kiosk.run(&["search", "the"]).await;
}

#[tokio::test]
async fn a_file_of_an_earlier_version_is_taken_over() {
    let ingest = Ingest::new();
    let first = include_str!("../../../migrations/sqlite/0001_feeds_and_articles.sql");
    let old = Connection::open(ingest.database()).unwrap();
    old.execute_batch(first).unwrap();
    old.execute_batch(
        "PRAGMA application_id = 0x696e6773;
         PRAGMA user_version = 1;
         INSERT INTO articles (url_standing, title, first_seen_at, changed_at, words, text_copied,
                               rules_version, hold_reason)
         VALUES ('feed', 'Heron', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 0, 0, '1', 'empty');",
    )
    .unwrap();
    drop(old);
    let output = ingest.run(&["search", "heron"]).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert!(output.stdout.contains("[Heron]"), "{output:?}");
    assert!(ingest.value::<i64>("PRAGMA user_version") > 1);
}

#[tokio::test]
async fn a_file_of_a_later_version_is_refused() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute("PRAGMA user_version = 99");
    let output = kiosk.ingest.run(&["search", "the"]).await;
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("schema version 99"), "{}", output.stderr);
    assert!(output.stderr.contains("use a newer ingest"), "{}", output.stderr);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_can_be_read() {
    let kiosk = Kiosk::open().await;
    let expected = kiosk.run(&["search", "the"]).await;
    let folder = kiosk.ingest.path("shelf");
    fs::create_dir(&folder).unwrap();
    fs::copy(kiosk.ingest.database(), folder.join("a b?.sqlite")).unwrap();
    let permit = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    permit(&folder.join("a b?.sqlite"), 0o444);
    permit(&folder, 0o555);
    let is_refused = fs::write(folder.join("probe"), "").is_err();
    let shown = kiosk.run(&["search", "the", "--database", "shelf/a b?.sqlite"]).await;
    permit(&folder, 0o755);
    assert_eq!(shown, expected);
    if !is_refused {
        eprintln!("whoever runs this may write read-only files, so nothing was refused");
    }
}
