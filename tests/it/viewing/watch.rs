//! `watch`: what is new comes by itself, once, and it ends when it is told to.

use serde_json::Value;

use super::Kiosk;
use crate::harness::{Ingest, Publisher, Reply, stories};
use crate::stories::{ARCHIVE, COMET, FERRY};

/// A file with one article, and a feed that goes on.
async fn one_article() -> (Ingest, Publisher) {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(stories(0..1)));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    (ingest, publisher)
}

/// The JSON objects among what a process said.
fn events(lines: &[String]) -> Vec<Value> {
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[tokio::test]
async fn only_what_comes_from_now_on_is_told_and_each_article_once() {
    let (ingest, publisher) = one_article().await;
    let watch = ingest.daemon(&["-v", "watch", "--jsonl"]);
    watch.until_line("watching").await;
    for stored in 2..=4 {
        publisher.set("/feed", Reply::feed(stories(0..stored)));
        ingest.poll().await;
        watch.until_line(&format!("\"id\":{stored},")).await;
    }
    watch.signal("INT");
    let ended = watch.wait().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let lines: Vec<String> = ended.stderr.lines().map(str::to_owned).collect();
    let events = events(&lines);
    let ids: Vec<i64> = events.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [2, 3, 4]);
    assert!(events.iter().all(|event| event["event"] == "article" && event["body"].is_string()));
}

#[tokio::test]
async fn sightings_come_after_their_articles() {
    let kiosk = Kiosk::open().await;
    let watch = kiosk.ingest.daemon(&["watch", "--json", "--sightings", "--since", "1d"]);
    watch.until_line("\"event\":\"sighting\",\"id\":4").await;
    watch.signal("TERM");
    assert_eq!(watch.wait().await.code, 0);

    let watch = kiosk.ingest.daemon(&["watch", "--sightings", "--since", "1d"]);
    watch.until_line("sighting 4 of article").await;
    watch.signal("TERM");
    let ended = watch.wait().await;
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 7, "{ended:?}");
    for (line, title) in lines.iter().zip([FERRY.title, COMET.title, ARCHIVE.title]) {
        assert!(line.contains(title), "{line}");
    }
    let copy = format!("of article 2: same-text in {}", kiosk.herald.url("/feed"));
    assert_eq!(lines[3..].iter().filter(|line| line.ends_with(&copy)).count(), 1, "{ended:?}");
}

#[tokio::test]
async fn it_ends_when_its_reader_is_gone_though_nothing_comes() {
    let (ingest, _publisher) = one_article().await;
    let output = ingest.run_and_hang_up(&["watch", "--jsonl", "--since", "1d"]).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert_eq!(serde_json::from_str::<Value>(&output.stdout).unwrap()["id"], 1);
}

#[tokio::test]
async fn what_was_deleted_meanwhile_does_not_hide_what_is_new() {
    let (ingest, publisher) = one_article().await;
    let watch = ingest.daemon(&["-v", "watch", "--jsonl", "--sightings"]);
    watch.until_line("watching").await;
    publisher.set("/feed", Reply::feed(stories(0..2)));
    ingest.poll().await;
    watch.until_line("\"event\":\"sighting\",\"id\":2,").await;
    ingest.execute("PRAGMA foreign_keys = ON; DELETE FROM articles WHERE id = 2");
    publisher.set("/feed", Reply::feed(stories(0..3)));
    ingest.poll().await;
    watch.until_line("\"event\":\"article\",\"id\":3,").await;
}

#[tokio::test]
async fn who_watches_a_file_that_was_replaced_is_told_so() {
    let (ingest, _publisher) = one_article().await;
    assert_eq!(ingest.run(&["backup", "copy.sqlite"]).await.code, 0);
    let watch = ingest.daemon(&["-v", "watch"]);
    watch.until_line("watching").await;
    std::fs::rename(ingest.path("copy.sqlite"), ingest.database()).unwrap();
    let ended = watch.wait().await;
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.stderr.contains("was moved, deleted or replaced"), "{ended:?}");
}
