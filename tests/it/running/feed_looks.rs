//! Promises of looking before adding: pages that advertise feeds, and searches.

use serde_json::Value;

use super::super::harness::{Ingest, Publisher, Reply, stories};
use super::urls;

fn page_with(links: &str) -> Reply {
    Reply::page(format!("<!DOCTYPE html><html><head>{links}</head><body><p>News</body></html>"))
}

fn link(kind: &str, href: &str, title: &str) -> String {
    format!(
        "<link rel=\"alternate\" type=\"application/{kind}\" href=\"{href}\" title=\"{title}\">"
    )
}

#[tokio::test]
async fn a_page_that_advertises_one_feed_adds_that_feed() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/", page_with(&link("rss+xml", "feed.xml", "The Gazette")));
    let (page, feed) = (publisher.url("/"), publisher.url("/feed.xml"));
    let output = ingest.run(&["feeds", "add", &page]).await;
    assert_eq!(output.code, 0);
    assert_eq!(output.stderr, format!("added {feed}, which {page} advertises\n"));
    assert_eq!(urls(&ingest), [feed]);
    assert_eq!(publisher.requests().len(), 1, "the page alone is asked for");
}

#[tokio::test]
async fn a_page_that_advertises_several_feeds_adds_none_and_names_them() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let links = [link("rss+xml", "/all", "All"), link("atom+xml", "/atom", "")].concat();
    publisher.set("/", page_with(&links));
    publisher.set("/good", Reply::feed(stories(0..1)));
    let output = ingest.run(&["feeds", "add", &publisher.url("/good"), &publisher.url("/")]).await;
    assert_eq!(output.code, 2);
    for words in
        ["nothing added", "2 feeds", &publisher.url("/all"), "All", &publisher.url("/atom")]
    {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
    assert_eq!(urls(&ingest), [""; 0]);
}

#[tokio::test]
async fn what_is_no_feed_yet_is_added_with_a_word() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(stories(0..1)));
    publisher.set("/page", page_with(""));
    publisher.set("/gone", Reply::status(410));
    publisher.set("/empty", Reply::feed(""));
    for (path, word) in [
        ("/feed", ""),
        ("/page", "advertises no feed"),
        ("/gone", "it answers 410"),
        ("/empty", "the document is empty"),
    ] {
        let url = publisher.url(path);
        let output = ingest.run(&["feeds", "add", &url]).await;
        assert_eq!(output.code, 0, "{output:?}");
        assert!(output.stderr.starts_with(&format!("added {url}")), "{}", output.stderr);
        assert!(output.stderr.contains(word), "{}", output.stderr);
        assert_eq!(word.is_empty(), output.stderr == format!("added {url}\n"), "{}", output.stderr);
    }
    let refused = ingest.run(&["feeds", "add", "http://127.0.0.1:1/feed"]).await;
    assert_eq!(refused.code, 0);
    assert!(refused.stderr.contains("cannot connect to 127.0.0.1"), "{}", refused.stderr);
    assert_eq!(urls(&ingest).len(), 5);

    let asked = publisher.requests().len();
    let again = ingest.run(&["feeds", "add", &publisher.url("/gone")]).await;
    assert_eq!(again.stderr, format!("already there: {}\n", publisher.url("/gone")));
    assert_eq!(publisher.requests().len(), asked, "what is there is not looked at");
}

#[tokio::test]
async fn the_guard_stands_before_every_look() {
    let ingest = Ingest::new().with("INGEST_HTTP__ALLOW_PRIVATE_NETWORKS", "false");
    let publisher = Publisher::start().await;
    let url = publisher.url("/");
    let added = ingest.run(&["feeds", "add", &url]).await;
    assert_eq!(added.code, 0);
    let discovered = ingest.run(&["feeds", "discover", &url]).await;
    assert_eq!((discovered.code, discovered.stdout.as_str()), (1, ""));
    for output in [added, discovered] {
        assert!(output.stderr.contains("a loopback address"), "{}", output.stderr);
    }
    assert_eq!(publisher.requests().len(), 0);
}

#[tokio::test]
async fn lists_and_the_impatient_ask_for_nothing() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/", page_with(&link("rss+xml", "feed.xml", "")));
    for (arguments, path) in
        [(&["add", "-"][..], "/a"), (&["import", "-"], "/b"), (&["add", "--no-check", "-"], "/c")]
    {
        let arguments = [&["feeds"], arguments].concat();
        let output = ingest.run_with_stdin(&arguments, &publisher.url(path)).await;
        assert_eq!(output.code, 0, "{output:?}");
    }
    ingest.add(&[&publisher.url("/")]).await;
    assert_eq!(publisher.requests().len(), 0);
    assert_eq!(urls(&ingest), ["/", "/a", "/b", "/c"].map(|path| publisher.url(path)));
}

#[tokio::test]
async fn the_feeds_of_a_page_are_listed() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let links = [
        link("rss+xml", "all", "All &amp; more"),
        link("feed+json", "/json", ""),
        link("json", "/wp-json", "no feed"),
    ];
    publisher.set("/news/", page_with(&links.concat()));
    publisher.set("/none", page_with(""));
    publisher.set("/feed", Reply::feed(stories(0..1)));
    let (page, all, json) =
        (publisher.url("/news/"), publisher.url("/news/all"), publisher.url("/json"));

    let output = ingest.run(&["feeds", "discover", &page]).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert_eq!(output.stdout, format!("{all}  All & more\n{json}\n"));
    let output = ingest.run(&["feeds", "discover", "--json", &page]).await;
    let rows: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        rows,
        [
            serde_json::json!({"page": page, "url": all, "title": "All & more", "type": "application/rss+xml"}),
            serde_json::json!({"page": page, "url": json, "type": "application/feed+json"}),
        ]
    );
    for (path, code, words) in [
        ("/none", 0, "advertises no feed"),
        ("/feed", 0, "is a feed itself"),
        ("/missing", 1, "it answers 404"),
    ] {
        let output = ingest.run(&["feeds", "discover", &publisher.url(path)]).await;
        assert_eq!((output.code, output.stdout.as_str()), (code, ""), "{output:?}");
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    assert!(!ingest.database().exists(), "nothing is stored");
}

#[tokio::test]
async fn a_search_on_google_news_is_an_address() {
    let ingest = Ingest::new();
    let search = "https://news.google.com/rss/search?q=";
    ingest.write(
        "config/feeds.toml",
        "[[feed]]\nurl = \"google-news:kebebasan?lang=id&country=ID\"\n",
    );
    ingest
        .add(&["google-news:two words", &format!("{search}freedom&hl=en-US&gl=US&ceid=US:en")])
        .await;
    let output = ingest.run_with_stdin(&["feeds", "add", "-"], "google-news:freedom\n").await;
    assert!(output.stderr.starts_with("already there: "), "{}", output.stderr);
    assert_eq!(
        urls(&ingest),
        [
            format!("{search}freedom&hl=en-US&gl=US&ceid=US:en"),
            format!("{search}kebebasan&hl=id&gl=ID&ceid=ID:id"),
            format!("{search}two+words&hl=en-US&gl=US&ceid=US:en"),
        ]
    );
    let output = ingest.run(&["feeds", "remove", "google-news:two words"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    let output = ingest.run(&["feeds", "add", "google-news:x?lang=id"]).await;
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("?lang=id&country=ID"), "{}", output.stderr);
}
