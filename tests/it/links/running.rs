//! The daemon follows waiting links between its feeds, and a stop does not wait for the next turn.

use crate::harness::{Google, Ingest, Item, Publisher, Reply, Treatment, page, rss};
use crate::stories::{COMET, FERRY};

/// Two opaque links that wait, because Google was not to be asked when they were read.
async fn waiting() -> (Ingest, Publisher, Google) {
    let (publisher, google) = (Publisher::start().await, Google::start().await);
    let mut items = Vec::new();
    for story in [FERRY, COMET] {
        let path = format!("/{}", story.slug);
        publisher.set(&path, Reply::page(page(story.title, story.body)));
        let link = google.link(&publisher.url(&path), Treatment::Good);
        items.push(Item::new(story.title).id(story.slug).link(&link));
    }
    publisher.set("/feed", Reply::feed(rss("The Gazette", &items)));
    let ingest = Ingest::new().with("INGEST_LINKS__GOOGLE_NEWS_BASE", google.root());
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    (ingest.with("INGEST_LINKS__RESOLVE_GOOGLE_NEWS", "true"), publisher, google)
}

#[tokio::test]
async fn a_daemon_follows_what_waits_and_tells_of_it() {
    let (ingest, _publisher, google) = waiting().await;
    let ingest = ingest.with("INGEST_LINKS__GOOGLE_NEWS_GAP_MS", "0");
    let daemon = ingest.daemon(&[]);
    let line = daemon.until_line("followed waiting links").await;
    assert!(line.contains("settled=2 merged=0 texts=2 failed=0"), "{line}");
    daemon.signal("TERM");
    assert_eq!(daemon.wait().await.code, 0);
    assert_eq!(ingest.value::<i64>("SELECT count(body) FROM articles"), 2);
    assert_eq!(google.told().pages.len(), 2);
}

#[tokio::test]
async fn a_stop_keeps_the_answer_under_way_and_waits_for_no_other() {
    let (ingest, _publisher, google) = waiting().await;
    // The second request would start an hour after the first.
    let ingest = ingest.with("INGEST_LINKS__GOOGLE_NEWS_GAP_MS", "3600000");
    let daemon = ingest.daemon(&[]);
    google.until_asked().await;
    daemon.signal("TERM");
    assert_eq!(daemon.wait().await.code, 0);
    assert_eq!(google.told().pages.len(), 1);
    assert_eq!(ingest.value::<i64>("SELECT count(target) FROM sightings"), 1, "it was stored");
    let claimed = "SELECT count(*) FROM link_queue WHERE claimed_until IS NOT NULL";
    assert_eq!(ingest.value::<i64>(claimed), 0, "the next run may take them up at once");
}
