//! Finding articles by their words in the file itself.

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::FERRY;

fn found(ingest: &Ingest, asked: &str) -> Vec<String> {
    ingest.column(&format!(
        "SELECT a.url FROM search JOIN articles AS a ON a.id = search.rowid
         WHERE search MATCH '{asked}' ORDER BY rank"
    ))
}

#[tokio::test]
async fn what_another_tool_changed_is_found_as_it_stands_after_the_next_pass() {
    let publisher = Publisher::start().await;
    let ferry = Item::new(FERRY.title).id("1").link("https://gazette.example/ferry");
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[ferry.text(FERRY.body)])));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let ferry = ["https://gazette.example/ferry"];
    assert_eq!(found(&ingest, "merganser"), ferry);
    ingest.execute("UPDATE articles SET title = '東京の渡し船', body = replace(body, 'Merganser', 'Goosander')");
    assert!(found(&ingest, "merganser").is_empty(), "what is gone is found no longer");
    ingest.run(&["--once"]).await;
    for (asked, expected) in [
        ("goosander", &ferry[..]),
        ("\"東 京\"", &ferry),
        ("\"渡 し 船\"", &ferry),
        ("merganser", &[]),
    ] {
        assert_eq!(found(&ingest, asked), expected, "{asked}");
    }
    ingest.execute("DELETE FROM articles");
    ingest.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)");
    assert!(found(&ingest, "goosander").is_empty());
}

#[tokio::test]
async fn a_daemon_that_stops_leaves_nothing_that_cannot_be_found() {
    let publisher = Publisher::start().await;
    let ferry = Item::new(FERRY.title).id("1").link("https://gazette.example/ferry");
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[ferry.text(FERRY.body)])));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    let daemon = ingest.daemon(&[]);
    daemon.until_line("read feed=").await;
    daemon.signal("TERM");
    assert_eq!(daemon.wait().await.code, 0);
    assert_eq!(found(&ingest, "merganser").len(), 1);
}

#[tokio::test]
async fn a_file_of_before_is_indexed_anew() {
    let publisher = Publisher::start().await;
    let ferry = Item::new("東京の渡し船").id("1").link("https://gazette.example/ferry");
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[ferry.text(FERRY.body)])));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    ingest.go_back_to_schema(5);
    assert!(found(&ingest, "\"渡 し 船\"").is_empty());
    ingest.run(&["--once"]).await;
    assert_eq!(found(&ingest, "\"渡 し 船\"").len(), 1);
    ingest.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)");
}
