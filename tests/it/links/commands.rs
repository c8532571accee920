//! People can see what waits and why, and have it tried again.

use serde_json::Value;

use crate::harness::{Google, Ingest, Item, Publisher, Reply, Treatment, page, rss};
use crate::stories::{COMET, FERRY};

/// A feed with a link of a failing redirector and one of Google News.
async fn waiting() -> (Ingest, Publisher, Publisher, Google) {
    let (publisher, redirector) = (Publisher::start().await, Publisher::at("127.0.0.3").await);
    let google = Google::start().await;
    let ingest = Ingest::new()
        .with("INGEST_LINKS__REDIRECTOR_HOSTS", "127.0.0.3")
        .with("INGEST_LINKS__GOOGLE_NEWS_BASE", google.root())
        .with("INGEST_LINKS__GOOGLE_NEWS_GAP_MS", "0");
    publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    publisher.set("/comet", Reply::page(page(COMET.title, COMET.body)));
    redirector.set("/x", Reply::status(503));
    let google_link = google.link(&publisher.url("/comet"), Treatment::Good);
    let items = [
        Item::new(FERRY.title).id("1").link(&redirector.url("/x")),
        Item::new(COMET.title).id("2").link(&google_link),
    ];
    publisher.set("/feed", Reply::feed(rss("The Gazette", &items)));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    (ingest, publisher, redirector, google)
}

#[tokio::test]
async fn what_waits_is_listed_with_its_reason() {
    let (ingest, _publisher, redirector, _google) = waiting().await;
    let output = ingest.run(&["links", "pending"]).await;
    assert_eq!(output.code, 0);
    let link = redirector.url("/x");
    let lines: Vec<&str> = output.stdout.lines().collect();
    let at = lines.iter().position(|line| line.ends_with(&link)).unwrap();
    assert!(lines[at].contains("redirector"), "{}", output.stdout);
    assert_eq!(lines[at + 1].trim(), FERRY.title);
    assert_eq!(lines[at + 2].trim(), "1 try: it answers 503");
    assert_eq!(output.stderr, "1 link waits for Google; links.resolve_google_news is off\n");
    let output = ingest.run(&["links", "pending", "--json"]).await;
    let told: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((told.len(), output.stderr.as_str()), (2, ""));
    let told = told.iter().find(|told| told["link"] == link).unwrap();
    assert_eq!((&told["asks"], &told["tries"]), (&"redirector".into(), &1.into()));
    assert_eq!((&told["error"], &told["title"]), (&"it answers 503".into(), &FERRY.title.into()));
}

#[tokio::test]
async fn what_waits_is_tried_again_at_once() {
    let (ingest, publisher, redirector, google) = waiting().await;
    let early = ingest.run(&["links", "retry", &redirector.url("/x")]).await;
    assert_eq!(early.code, 0);
    assert!(
        early.stderr.starts_with("1 link is due: 0 links followed at last, 1 failed again\n"),
        "{early:?}"
    );
    redirector.set("/x", Reply::redirect(302, &publisher.url("/ferry")));
    let ingest = ingest.with("INGEST_LINKS__RESOLVE_GOOGLE_NEWS", "true");
    let output = ingest.run(&["links", "retry", "--json"]).await;
    let told: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&told["due"], &told["settled"], &told["texts"]), (&2.into(), &2.into(), &2.into()));
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles WHERE body IS NOT NULL"), 2);
    assert_eq!((redirector.hits("/x"), google.told().pages.len()), (3, 1));
    let none = ingest.run(&["links", "pending"]).await;
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no link waits\n"));
    let unknown = ingest.run(&["links", "retry", "https://ift.tt/x"]).await;
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("https://ift.tt/x does not wait"), "{}", unknown.stderr);
}

#[tokio::test]
async fn a_link_is_explained_step_by_step() {
    let (ingest, publisher, redirector, _google) = waiting().await;
    let explain = async |link: &str| ingest.run(&["inspect", "link", link]).await.stdout;
    let link = redirector.url("/x");
    let told = explain(&link).await;
    assert!(told.contains("pending     configured was asked 1 time, last on "), "{told}");
    assert!(told.contains(": it answers 503\n"), "{told}");
    let google = ingest.value::<String>("SELECT link FROM link_queue WHERE asks = 'google-news'");
    let told = explain(&google).await;
    assert!(told.contains("only Google knows, and links.resolve_google_news is off"), "{told}");
    assert!(told.contains("handle      AU_yqL"), "{told}");
    redirector.set("/x", Reply::redirect(302, &publisher.url("/ferry?utm_source=x")));
    ingest.run(&["links", "retry"]).await;
    let wrapped = "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fpaper.example%252Fa";
    let told = explain(wrapped).await;
    insta::assert_snapshot!(told, @r"
    link        https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fpaper.example%252Fa
    unwrapped   by google-url: https://l.facebook.com/l.php?u=https%3A%2F%2Fpaper.example%2Fa
    unwrapped   by facebook: https://paper.example/a
    target      https://paper.example/a
    canonical   https://paper.example/a
    key         paper.example/a
    ");
    let told = explain(&link).await;
    assert!(told.contains("remembered  configured said on "), "{told}");
    assert!(
        told.ends_with(&format!(
            "key         {}\n",
            publisher.url("/ferry").split_once("//").unwrap().1
        )),
        "{told}"
    );
    let told = explain("https://gazette.example/a").await;
    assert!(told.contains("nothing wraps it"), "{told}");
}
