//! Links that wrap the article's address: what can be read offline, asked for, or only kept.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::harness::{Ingest, Item, Output, Publisher, Reply, page, paragraphs, rss};
use crate::stories::{COMET, FERRY};

/// An article link of Google News around an address or a handle.
fn google_news_link(inner: &str) -> String {
    // Field 1, a number: 19, an article. Field 4, bytes: what is inside.
    let mut message = vec![0x08, 19, 0x22, u8::try_from(inner.len()).unwrap()];
    message.extend(inner.bytes());
    let token = BASE64_URL_SAFE_NO_PAD.encode(message);
    format!("https://news.google.com/rss/articles/{token}?oc=5")
}

/// Polls a feed of one Google News item, telling of every connection.
async fn polled(inner: &str, beside: Item) -> (Publisher, Ingest, Output) {
    let publisher = Publisher::start().await;
    let link = google_news_link(inner);
    let titled = format!("{} - The Gazette", FERRY.title);
    let summary = format!("<a href=\"{link}\">{titled}</a>&nbsp;&nbsp;<font>The Gazette</font>");
    let item = Item::new(&titled).id(inner).link(&link).summary(&summary);
    let item = item.source("https://gazette.example", "The Gazette");
    let beside = beside.link(&publisher.url("/comet"));
    publisher.set("/feed", Reply::feed(rss("\"harbour\" - Google News", &[item, beside])));
    publisher.set("/comet", Reply::page(page(COMET.title, COMET.body)));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    let output = ingest.run(&["--once", "-vv"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    (publisher, ingest, output)
}

const HANDLE: &str = "AU_yqLinventedHandleOfNoArticleAtAll0123456789";

#[tokio::test]
async fn an_opaque_google_news_link_is_held_as_pending_and_google_is_not_asked() {
    let (publisher, ingest, output) = polled(HANDLE, Item::new(COMET.title)).await;
    let held = ingest.rows::<(Option<String>, Option<String>, String, String)>(
        "SELECT a.body, s.target, a.hold_reason, a.url_standing FROM sightings AS s
         JOIN articles AS a ON a.id = s.article_id WHERE s.link LIKE 'https://news.google.com/%'",
    );
    assert_eq!(held, [(None, None, "link-pending".to_owned(), "copy".to_owned())]);
    assert_eq!(ingest.column::<String>("SELECT link FROM pending_links").len(), 1);
    assert_eq!(publisher.hits("/comet"), 1);
    let connections: Vec<&str> =
        output.stderr.lines().filter(|line| line.contains("connect")).collect();
    let asked = |host: &str| connections.iter().any(|line| line.contains(host));
    assert!(asked("127.0.0.1"), "connections are told of: {}", output.stderr);
    assert!(!asked("google"), "{connections:#?}");
}

#[tokio::test]
async fn an_older_google_news_link_names_the_publisher_offline() {
    const ADDRESS: &str = "https://gazette.example/2019/ferry?utm_source=feed";
    let publisher = Publisher::start().await;
    let link = google_news_link(ADDRESS);
    let item = Item::new(FERRY.title).id("1").link(&link).text(FERRY.body);
    publisher.set("/feed", Reply::feed(rss("\"harbour\" - Google News", &[item])));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let stored = ingest.rows::<(String, String, String, String)>(
        "SELECT a.url, a.url_standing, s.link, s.target FROM sightings AS s
         JOIN articles AS a ON a.id = s.article_id",
    );
    let url = "https://gazette.example/2019/ferry".to_owned();
    assert_eq!(stored, [(url, "publisher".to_owned(), link, ADDRESS.to_owned())]);
}

#[tokio::test]
async fn a_redirectors_link_is_asked_once_and_remembered() {
    let publisher = Publisher::start().await;
    let redirector = Publisher::at("127.0.0.3").await;
    redirector.set("/x", Reply::redirect(302, &redirector.url("/y")));
    redirector.set("/y", Reply::redirect(302, &publisher.url("/ferry?utm_source=short")));
    publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    let ingest = Ingest::new().with("INGEST_LINKS__REDIRECTOR_HOSTS", "127.0.0.3");
    for feed in ["/front", "/sea"] {
        let item = Item::new(FERRY.title).id(feed).link(&redirector.url("/x"));
        publisher.set(feed, Reply::feed(rss("The Gazette", &[item])));
        ingest.add(&[&publisher.url(feed)]).await;
        ingest.poll_only(&publisher.url(feed)).await;
    }
    let articles =
        ingest.rows::<(String, String, String)>("SELECT url, url_standing, body FROM articles");
    let expected = (publisher.url("/ferry"), "publisher".to_owned(), FERRY.body.to_owned());
    assert_eq!(articles, [expected]);
    assert_eq!((redirector.hits("/x"), redirector.hits("/y")), (1, 1));
    let verdicts = ingest.column::<String>("SELECT verdict FROM sightings ORDER BY id");
    assert_eq!(verdicts, ["new", "same-url"]);
}

#[tokio::test]
async fn a_redirector_that_fails_leaves_the_link_pending_and_the_text_usable() {
    let publisher = Publisher::start().await;
    let redirector = Publisher::at("127.0.0.3").await;
    redirector.set("/x", Reply::status(500));
    let item = Item::new(FERRY.title).id("1").link(&redirector.url("/x"));
    let item = item.content(&paragraphs(FERRY.body));
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    let ingest = Ingest::new().with("INGEST_LINKS__REDIRECTOR_HOSTS", "127.0.0.3");
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    ingest.poll().await;
    assert_eq!(ingest.column::<String>("SELECT body FROM articles"), [FERRY.body]);
    assert_eq!(ingest.column::<String>("SELECT link FROM pending_links").len(), 1);
    assert_eq!(redirector.hits("/x"), 1, "it is not asked again at once");
}

#[tokio::test]
async fn redirectors_are_not_asked_when_the_operator_says_so() {
    let publisher = Publisher::start().await;
    let redirector = Publisher::at("127.0.0.3").await;
    let item = Item::new(FERRY.title).id("1").link(&redirector.url("/x"));
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    let ingest = Ingest::new()
        .with("INGEST_LINKS__REDIRECTOR_HOSTS", "127.0.0.3")
        .with("INGEST_LINKS__FOLLOW_REDIRECTORS", "false");
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!(redirector.requests().len(), 0);
    assert_eq!(ingest.value::<String>("SELECT hold_reason FROM articles"), "link-pending");
}
