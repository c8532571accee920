//! Nothing is lost: texts are kept as they were received, for as long as the operator says.

use std::io::Read as _;

use crate::harness::{Ingest, Item, Publisher, Reply, page, paragraphs, rss};
use crate::stories::FERRY;

const TEASER: &str = "The night ferry is back, nine winters after the last crossing …";

/// A feed whose one entry says `content` and leads to `/ferry`, polled once.
async fn polled(publisher: &Publisher, content: &str, days: &str) -> Ingest {
    let item = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).content(content);
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    let ingest = Ingest::new().with("INGEST_TEXT__KEEP_RECEIVED_DAYS", days);
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    ingest
}

/// The kept texts: kind, address and the text itself.
fn kept(ingest: &Ingest) -> Vec<(String, Option<String>, String)> {
    let rows = "SELECT kind, url, bytes, text FROM received_texts ORDER BY kind";
    let rows = ingest.rows::<(String, Option<String>, i64, Vec<u8>)>(rows);
    rows.into_iter()
        .map(|(kind, url, bytes, frame)| {
            let mut text = String::new();
            zstd::Decoder::new(frame.as_slice()).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(i64::try_from(text.len()).unwrap(), bytes);
            (kind, url, text)
        })
        .collect()
}

#[tokio::test]
async fn the_field_of_the_feed_and_the_page_are_kept_as_they_came() {
    let publisher = Publisher::start().await;
    let scripts = "<script>var x = '<p>';</script><style>p {}</style><!-- x --><svg><g/></svg>";
    let html = page(FERRY.title, FERRY.body);
    publisher.set("/ferry", Reply::page(html.replace("<body>", &format!("<body>{scripts}"))));
    let teaser = format!("<p>{TEASER}</p>\n<p>Share this:</p>");
    let ingest = polled(&publisher, &teaser, "30").await;
    let expected = [
        ("feed".to_owned(), None, teaser),
        ("page".to_owned(), Some(publisher.url("/ferry")), html),
    ];
    assert_eq!(kept(&ingest), expected, "a page is kept without what is not read");
}

#[tokio::test]
async fn a_text_that_changes_is_kept_as_it_is_now() {
    let publisher = Publisher::start().await;
    let ingest = polled(&publisher, &paragraphs(FERRY.body), "30").await;
    let changed = format!("{}<p>It will call at the pier twice a day.</p>", paragraphs(FERRY.body));
    let item = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).content(&changed);
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    ingest.poll().await;
    assert_eq!(kept(&ingest), [("feed".to_owned(), None, changed)]);
}

#[tokio::test]
async fn nothing_is_kept_when_the_operator_says_so() {
    let publisher = Publisher::start().await;
    let ingest = polled(&publisher, &paragraphs(FERRY.body), "0").await;
    assert_eq!(kept(&ingest), []);
    assert_eq!(ingest.value::<String>("SELECT body FROM articles"), FERRY.body);
}

#[tokio::test]
async fn received_texts_are_forgotten_when_their_days_are_over() {
    let publisher = Publisher::start().await;
    let ingest = polled(&publisher, &paragraphs(FERRY.body), "30").await;
    ingest.execute("UPDATE received_texts SET received_at = '2001-02-03T04:05:06Z'");
    ingest.was_in_use();
    ingest.poll().await;
    assert_eq!(kept(&ingest), []);
    assert_eq!(
        ingest.value::<String>("SELECT body FROM articles"),
        FERRY.body,
        "the article stays"
    );
}
