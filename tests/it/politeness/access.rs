//! What an operator gives to get in goes where it was meant for, and what a site asks is heeded.

use crate::harness::{Ingest, Item, Publisher, Reply, page, rss};
use crate::stories::{COMET, FERRY};

const SECRETS: &str =
    "headers = [\"X-Reader-Key: 1234\"]\nusername = \"reader\"\npassword_file = \"secret\"\n";

fn declared(ingest: &Ingest, url: &str) {
    ingest.write("config/feeds.toml", &format!("[[feed]]\nurl = \"{url}\"\n{SECRETS}"));
    ingest.write("config/secret", "open sesame\n");
}

fn feed() -> Reply {
    Reply::feed(rss("The Gazette", &[Item::new(COMET.title).id(COMET.slug).text(COMET.body)]))
}

#[tokio::test]
async fn what_is_needed_to_get_in_is_sent_to_the_feeds_own_host_only() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let elsewhere = Publisher::at("127.0.0.2").await;
    declared(&ingest, &publisher.url("/feed"));
    publisher.set("/feed", Reply::redirect(302, "/moved"));
    publisher.set("/moved", Reply::redirect(302, &elsewhere.url("/feed")));
    elsewhere.set("/feed", feed());
    ingest.poll().await;
    for request in publisher.requests() {
        assert_eq!(request.headers["x-reader-key"], "1234");
        assert_eq!(request.headers["authorization"], "Basic cmVhZGVyOm9wZW4gc2VzYW1l");
    }
    assert_eq!(publisher.requests().len(), 2);
    let strange = &elsewhere.requests()[0].headers;
    assert!(!strange.contains_key("x-reader-key") && !strange.contains_key("authorization"));
}

#[tokio::test]
async fn a_feed_that_moved_elsewhere_leaves_its_secrets_behind() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let elsewhere = Publisher::at("127.0.0.2").await;
    declared(&ingest, &publisher.url("/feed"));
    publisher.set("/feed", feed());
    elsewhere.set("/feed", feed());
    ingest.poll().await;
    // What a permanent redirect leaves after a week.
    ingest.execute(&format!("UPDATE feeds SET address = '{}'", elsewhere.url("/feed")));
    ingest.poll().await;
    let strange = &elsewhere.requests_of("/feed")[0].headers;
    assert!(!strange.contains_key("x-reader-key") && !strange.contains_key("authorization"));
    assert_eq!(publisher.requests().len(), 1);
}

#[tokio::test]
async fn a_strangers_redirect_gives_no_login() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/moved", feed());
    let moved = publisher.url("/moved").replace("://", "://name:secret@");
    publisher.set("/feed", Reply::redirect(302, &moved));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert!(!publisher.requests_of("/moved")[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn secrets_are_never_stored() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    declared(&ingest, &publisher.url("/feed"));
    publisher.set("/feed", feed());
    ingest.poll().await;
    let file = std::fs::read(ingest.database()).unwrap();
    for secret in ["open sesame", "1234"] {
        assert!(!file.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
    }
}

#[tokio::test]
async fn a_page_that_robots_should_leave_alone_is_not_asked_for() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let item = |path: &str, title: &str| {
        Item::new(title).id(path).link(&publisher.url(path)).summary("Soon.")
    };
    publisher.set(
        "/feed",
        Reply::feed(rss("G", &[item("/open", FERRY.title), item("/shut/x", COMET.title)])),
    );
    publisher.set("/open", Reply::page(page(FERRY.title, FERRY.body)));
    publisher.set("/shut/x", Reply::page(page(COMET.title, COMET.body)));
    publisher.set(
        "/robots.txt",
        Reply::ok("text/plain", "User-agent: *\nDisallow: /shut/\nDisallow: /feed\n"),
    );
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!((publisher.hits("/open"), publisher.hits("/shut/x")), (1, 0));
    assert_eq!(publisher.hits("/robots.txt"), 1);
    let held: String = ingest.value("SELECT hold_reason FROM articles WHERE body IS NULL");
    assert_eq!(held, "page-refused");
    let ingest = ingest.with("INGEST_HTTP__ROBOTS_TXT", "false");
    publisher.set("/feed", Reply::feed(rss("G", &[item("/shut/y", COMET.title)])));
    publisher.set("/shut/y", Reply::page(page(COMET.title, COMET.body)));
    ingest.poll().await;
    assert_eq!(publisher.hits("/shut/y"), 1, "an operator may decide otherwise");
}
