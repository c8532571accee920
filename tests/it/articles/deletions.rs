//! Articles that somebody deleted, with whichever tool.

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{COMET, FERRY};

#[tokio::test]
async fn a_deleted_article_does_not_come_back_by_its_entry_its_address_or_its_text() {
    let publisher = Publisher::start().await;
    let elsewhere = Publisher::at("127.0.0.2").await;
    let ferry = || Item::new(FERRY.title).link(&publisher.url("/ferry")).text(FERRY.body);
    let comet = Item::new(COMET.title).id("2").link(&publisher.url("/comet")).text(COMET.body);
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[ferry().id("1"), comet])));
    let ingest = Ingest::new();
    ingest
        .add(&[&publisher.url("/feed"), &elsewhere.url("/address"), &elsewhere.url("/text")])
        .await;
    ingest.poll_only(&publisher.url("/feed")).await;
    ingest.execute("DELETE FROM articles WHERE url LIKE '%/ferry'");
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM sightings"), 1, "what belongs to it goes");

    let shortened = FERRY.without_paragraph(2);
    let address =
        Item::new("Ferry").id("a").link(&publisher.url("/ferry?utm_source=x")).text(&shortened);
    elsewhere.set("/address", Reply::feed(rss("By address", &[address])));
    let text = Item::new("Ferry").id("b").link(&elsewhere.url("/copy")).text(FERRY.body);
    elsewhere.set("/text", Reply::feed(rss("By text", &[text])));
    ingest.poll().await;
    assert_eq!(ingest.column::<String>("SELECT title FROM articles"), [COMET.title]);

    ingest.execute("DELETE FROM tombstones");
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 2, "it may come back again");
    assert_eq!(ingest.value::<String>("PRAGMA integrity_check"), "ok");
    assert!(ingest.dump("PRAGMA foreign_key_check").is_empty());
}

#[tokio::test]
async fn an_article_that_went_on_as_another_leaves_no_tombstone() {
    let publisher = Publisher::start().await;
    let elsewhere = Publisher::at("127.0.0.2").await;
    let ingest = Ingest::new().with("INGEST_TEXT__FETCH_PAGES", "false");
    ingest.add(&[&publisher.url("/feed"), &elsewhere.url("/feed")]).await;
    let own = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry"));
    publisher.set("/feed", Reply::feed(rss("The Gazette", std::slice::from_ref(&own))));
    let copy = Item::new(FERRY.title).id("2").link(&elsewhere.url("/copy")).text(FERRY.body);
    elsewhere.set("/feed", Reply::feed(rss("Copies", &[copy])));
    ingest.poll().await;
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[own.text(FERRY.body)])));
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 1);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM tombstones"), 0);
}
