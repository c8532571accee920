//! Promises of single feeds: paused, resumed and shown.

use serde_json::Value;

use super::super::harness::{Ingest, Publisher, Reply};
use super::{FORCED, declare, feed_of, hits, several};

#[tokio::test]
async fn a_paused_feed_rests_until_it_is_resumed() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let feeds = several(&ingest, &publisher, 2).await;
    let paused = ingest.run(&["feeds", "pause", &feeds[0]]).await;
    assert_eq!(paused.code, 0);
    assert!(paused.stderr.starts_with(&format!("paused {}", feeds[0])), "{}", paused.stderr);
    let again = ingest.run(&["feeds", "pause", &feeds[0]]).await;
    assert_eq!((again.code, again.stderr), (0, format!("already paused: {}\n", feeds[0])));
    ingest.poll().await;
    assert_eq!(hits(&publisher, 2), [0, 1]);
    let list = ingest.run(&["feeds", "list"]).await;
    assert!(list.stdout.contains("paused") && list.stdout.contains("by hand"), "{}", list.stdout);

    let resumed = ingest.run(&["feeds", "resume", &feeds[0]]).await;
    assert_eq!((resumed.code, resumed.stderr), (0, format!("resumed {}\n", feeds[0])));
    let again = ingest.run(&["feeds", "resume", &feeds[0]]).await;
    assert_eq!((again.code, again.stderr), (0, format!("not paused: {}\n", feeds[0])));
    ingest.poll().await;
    assert_eq!(hits(&publisher, 2), [1, 2]);

    for command in ["pause", "resume", "show"] {
        let unknown = ingest.run(&["feeds", command, "http://unknown.example/"]).await;
        assert_eq!(unknown.code, 2);
        assert!(unknown.stderr.contains("`ingest feeds list`"), "{}", unknown.stderr);
    }
}

#[tokio::test]
async fn a_declared_feed_stays_paused_whatever_its_file_says() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/0", feed_of(0));
    let url = publisher.url("/0");
    declare(&ingest, &[&url]);
    assert_eq!(ingest.run(&["feeds", "pause", &url]).await.code, 0);
    for declared in [&[url.as_str()][..], &[], &[&url]] {
        declare(&ingest, declared);
        ingest.poll().await;
        assert_eq!(hits(&publisher, 1), [0], "{declared:?}");
    }
    assert_eq!(ingest.run(&["feeds", "resume", &url]).await.code, 0);
    ingest.poll().await;
    assert_eq!(hits(&publisher, 1), [1]);
}

#[tokio::test]
async fn a_feed_that_left_its_file_is_resumed_for_good() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/0", feed_of(0));
    let url = publisher.url("/0");
    declare(&ingest, &[&url]);
    ingest.poll().await;
    declare(&ingest, &[]);
    assert_eq!(ingest.run(&["feeds", "resume", &url]).await.code, 0);
    ingest.poll().await;
    assert_eq!(hits(&publisher, 1), [2]);
    assert_eq!(ingest.value::<String>("SELECT origin FROM feeds"), "added");
}

#[tokio::test]
async fn a_feed_shows_how_it_has_been() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let feeds = several(&ingest, &publisher, 1).await;
    let new = ingest.run(&["feeds", "show", &feeds[0]]).await;
    assert!(new.stdout.contains("not polled yet"), "{}", new.stdout);
    let mut damaged = feed_of(0);
    damaged.body = String::from_utf8(damaged.body).unwrap().replacen("</item>", "", 1).into_bytes();
    publisher.set("/0", damaged);
    ingest.poll().await;
    let shown = ingest.run(&["feeds", "show", &feeds[0]]).await;
    assert!(shown.stdout.contains("1 fault mended"), "{}", shown.stdout);
    publisher.set("/0", feed_of(0).etag("\"one\""));
    for _ in 0..11 {
        ingest.poll().await;
    }
    publisher.set("/0", Reply::status(410));
    assert_eq!(ingest.run(&FORCED).await.code, 1);

    let shown = ingest.run(&["feeds", "show", &feeds[0]]).await;
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    for words in [
        feeds[0].as_str(),
        "The Gazette",
        "failing: 1 failure in a row: it answers 410",
        "next poll",
        "ETag",
        "2: 2 new",
        "failed       410",
        "not-modified 304",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
    let machine = ingest.run(&["feeds", "show", "--json", &feeds[0]]).await;
    let feed: Value = serde_json::from_str(&machine.stdout).unwrap();
    assert_eq!(feed["url"], feeds[0]);
    assert_eq!(feed["sightings_by_verdict"], serde_json::json!({"new": 2}));
    let polls = feed["polls"].as_array().unwrap();
    assert_eq!(polls.len(), 10, "the last ten of thirteen");
    assert_eq!((&polls[0]["outcome"], &polls[0]["http_status"]), (&"failed".into(), &410.into()));
    assert!(polls[0]["error"].as_str().unwrap().contains("410"), "{}", polls[0]);
    assert_eq!(polls[1]["outcome"], "not-modified");
    let stamps: Vec<&str> = polls.iter().map(|poll| poll["started_at"].as_str().unwrap()).collect();
    assert!(stamps.is_sorted_by(|one, next| one >= next), "the latest first: {stamps:?}");
}
