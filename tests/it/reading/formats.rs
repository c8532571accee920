//! RSS, Atom and JSON Feed say the same, so the same is stored.

use crate::harness::{Ingest, Item, Publisher, Reply, atom, json_feed, page, rss};
use crate::stories::{ARCHIVE, COMET, FERRY};

fn items(publisher: &Publisher) -> Vec<Item> {
    vec![
        Item::new(FERRY.title)
            .id("tag:gazette.example,2026:ferry")
            .link(&publisher.url("/ferry?utm_source=feed"))
            .published("2026-04-07T18:54:00+02:00")
            .text(FERRY.body),
        Item::new("Comet & “owl” <em>seen</em>")
            .id("tag:gazette.example,2026:comet")
            .link(&publisher.url("/comet?id=1&view=full"))
            .published("2026-04-06T09:00:00Z")
            .summary("A comet is found."),
        Item::new(ARCHIVE.title).id("tag:gazette.example,2026:archive").text(ARCHIVE.body),
    ]
}

async fn check(content_type: &str, write: fn(&str, &[Item]) -> String) {
    let publisher = Publisher::start().await;
    let document = write("The Gazette", &items(&publisher));
    publisher.set("/feed", Reply::ok(content_type, document));
    publisher.set("/comet?id=1&view=full", Reply::page(page(COMET.title, COMET.body)));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!(ingest.column::<String>("SELECT title FROM feeds"), ["The Gazette"]);
    let stored = ingest.rows::<(String, String, Option<String>, Option<String>, String)>(
        "SELECT s.entry_key, a.title, a.url, a.published_at, a.body FROM articles AS a
         JOIN sightings AS s ON s.article_id = a.id ORDER BY a.id DESC",
    );
    let row = |key: &str, title: &str, path: &str, published: &str, body: &str| {
        let some = |text: String| (!text.is_empty()).then_some(text);
        let url = some(path.to_owned()).map(|path| publisher.url(&path));
        let key = format!("tag:gazette.example,2026:{key}");
        (key, title.to_owned(), url, some(published.to_owned()), body.to_owned())
    };
    let expected = [
        row("ferry", FERRY.title, "/ferry", "2026-04-07T16:54:00Z", FERRY.body),
        row(
            "comet",
            "Comet & “owl” seen",
            "/comet?id=1&view=full",
            "2026-04-06T09:00:00Z",
            COMET.body,
        ),
        row("archive", ARCHIVE.title, "", "", ARCHIVE.body),
    ];
    assert_eq!(stored, expected);
}

#[tokio::test]
async fn an_rss_document_is_read() {
    check("application/rss+xml", rss).await;
}

#[tokio::test]
async fn an_atom_document_is_read_like_rss() {
    check("application/atom+xml", atom).await;
}

#[tokio::test]
async fn a_json_feed_is_read_like_rss() {
    check("application/feed+json", json_feed).await;
}

#[tokio::test]
async fn a_wrong_media_type_does_not_matter() {
    check("text/html", rss).await;
    check("text/plain", atom).await;
}
