//! Feeds whose entries are hard to tell apart: nothing is lost, nothing merged wrongly.

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, NOTICE};

/// Polls the entries twice and compares titles and bodies of the articles, in the feed's order.
async fn check(
    write: impl Fn(&Publisher) -> Vec<Item>,
    expected: &[(&str, Option<&str>)],
) -> (Publisher, Ingest) {
    let publisher = Publisher::start().await;
    let ingest = Ingest::new();
    publisher.set("/feed", Reply::feed(rss("The Gazette", &write(&publisher))));
    ingest.add(&[&publisher.url("/feed")]).await;
    let newest_first = "SELECT title, body FROM articles ORDER BY id DESC";
    for _ in 0..2 {
        ingest.poll().await;
        let articles = ingest.rows::<(String, Option<String>)>(newest_first);
        let articles: Vec<_> =
            articles.iter().map(|(title, body)| (title.as_str(), body.as_deref())).collect();
        assert_eq!(articles, expected);
    }
    let sightings = ingest.value::<i64>("SELECT count(*) FROM sightings");
    assert_eq!(usize::try_from(sightings).unwrap(), expected.len());
    (publisher, ingest)
}

const ALL: [(&str, Option<&str>); 3] = [
    (FERRY.title, Some(FERRY.body)),
    (COMET.title, Some(COMET.body)),
    (ARCHIVE.title, Some(ARCHIVE.body)),
];

/// An entry for each story, which `write` makes hard to tell from the others.
fn entries(write: impl Fn(Item, &str) -> Item) -> Vec<Item> {
    let stories = [FERRY, COMET, ARCHIVE];
    stories.map(|story| write(Item::new(story.title).text(story.body), story.slug)).into()
}

#[tokio::test]
async fn entries_without_a_guid_are_told_apart_by_their_links() {
    let write = |at: &Publisher| entries(|item, slug| item.link(&at.url(&format!("/{slug}"))));
    let (publisher, ingest) = check(write, &ALL).await;
    let keys = ingest.column::<String>("SELECT entry_key FROM sightings ORDER BY id DESC");
    let links = [FERRY, COMET, ARCHIVE].map(|story| publisher.url(&format!("/{}", story.slug)));
    assert_eq!(keys, links);
}

#[tokio::test]
async fn entries_without_a_link_are_articles_without_an_address() {
    let (_publisher, ingest) = check(|_| entries(Item::id), &ALL).await;
    assert_eq!(ingest.column::<Option<String>>("SELECT url FROM articles"), [None, None, None]);
}

#[tokio::test]
async fn entries_with_neither_guid_nor_link_are_told_apart_by_their_titles() {
    check(|_| entries(|item, _| item), &ALL).await;
}

#[tokio::test]
async fn entries_that_all_have_one_guid_are_all_kept() {
    let write =
        |at: &Publisher| entries(|item, slug| item.id("feed").link(&at.url(&format!("/{slug}"))));
    check(write, &ALL).await;
}

#[tokio::test]
async fn entries_of_one_link_under_different_titles_are_different_articles() {
    let write = |at: &Publisher| entries(|item, _| item.link(&at.url("/status")));
    let (publisher, _ingest) = check(write, &ALL).await;
    assert_eq!(publisher.hits("/status"), 0, "that page is none of theirs");
}

#[tokio::test]
async fn short_notes_of_a_status_feed_are_held_one_by_one() {
    let titles = ["Boiler out", "Boiler looked at", "Boiler works"];
    let write = |at: &Publisher| {
        titles.map(|title| Item::new(title).link(&at.url("/status")).text(NOTICE)).into()
    };
    let (publisher, _ingest) = check(write, &titles.map(|title| (title, None))).await;
    assert_eq!(publisher.hits("/status"), 0);
}

#[tokio::test]
async fn an_entry_repeated_letter_for_letter_in_one_document_is_one_entry() {
    let write = |at: &Publisher| {
        let item = Item::new(FERRY.title).id("1").link(&at.url("/ferry")).text(FERRY.body);
        vec![item.clone(), item]
    };
    check(write, &ALL[..1]).await;
}

#[tokio::test]
async fn addresses_that_differ_only_in_trackers_are_one_article() {
    let ingest = Ingest::new();
    let publisher = Publisher::start().await;
    for (feed, query) in [("/front", "?utm_source=front"), ("/sea", "?utm_medium=rss&fbclid=x")] {
        let link = publisher.url("/ferry") + query;
        let item = Item::new(FERRY.title).id(feed).link(&link).text(FERRY.body);
        publisher.set(feed, Reply::feed(rss("The Gazette", &[item])));
        ingest.add(&[&publisher.url(feed)]).await;
    }
    ingest.poll().await;
    assert_eq!(ingest.column::<String>("SELECT url FROM articles"), [publisher.url("/ferry")]);
    let links = ingest.column::<String>("SELECT link FROM sightings ORDER BY link");
    let given = ["?utm_medium=rss&fbclid=x", "?utm_source=front"];
    assert_eq!(links, given.map(|query| publisher.url("/ferry") + query));
}
