//! Reading the same bytes twice changes nothing.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::harness::{Ingest, Item, Publisher, Reply, atom, json_feed, page, paragraphs, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, NOTICE};

/// Everything that reading a feed writes, except when it was read last and how often it was tried.
const TABLES: [&str; 8] = [
    "SELECT * FROM articles ORDER BY id",
    "SELECT id, feed_id, entry_key, article_id, title, link, target, source_link, published_at,
            entry_sha256, verdict, similarity, first_seen_at FROM sightings ORDER BY id",
    "SELECT * FROM revisions ORDER BY id",
    "SELECT * FROM url_keys ORDER BY url_key",
    "SELECT link, target, error FROM resolved_links ORDER BY link",
    "SELECT * FROM removed_lines ORDER BY sighting_id, position",
    "SELECT article_id, hex(fingerprints) FROM near_recent ORDER BY id",
    "SELECT rowid FROM search WHERE search MATCH 'the' ORDER BY rowid",
];

/// Makes all moments long past, so that a row written anew shows it even within the same second.
const AGED: &str = "UPDATE articles SET first_seen_at = '2000-01-01T00:00:00Z', changed_at = '2000-01-01T00:00:00Z';
    UPDATE sightings SET first_seen_at = '2000-01-01T00:00:00Z';
    UPDATE revisions SET replaced_at = '2000-01-01T00:00:00Z';";

/// Days enough for what was aged to be compared all the same.
pub(super) const NO_END: &str = "36500";

/// Answers everything stored, with all its moments moved into the past.
pub(super) fn aged(ingest: &Ingest) -> Vec<Vec<String>> {
    ingest.execute(AGED);
    everything(ingest)
}

fn everything(ingest: &Ingest) -> Vec<Vec<String>> {
    TABLES.iter().map(|table| ingest.dump(table)).collect()
}

/// Compares everything stored with what it was.
pub(super) fn check_unchanged(before: &[Vec<String>], ingest: &Ingest, after: &str) {
    for ((table, before), now) in TABLES.iter().zip(before).zip(everything(ingest)) {
        assert_eq!(&now, before, "{table}: after {after}");
    }
}

/// Polls the document again and again, and expects that only the first time writes articles.
async fn check(content_type: &str, document: &str, pages: &[(&str, &str)]) {
    let publisher = Publisher::start().await;
    publisher.set("/feed", Reply::ok(content_type, document.replace("ROOT", &publisher.url(""))));
    for (path, html) in pages {
        publisher.set(path, Reply::page(*html));
    }
    let ingest = Ingest::new()
        .with("INGEST_LINKS__REDIRECTOR_HOSTS", "127.0.0.3")
        .with("INGEST_DUPLICATES__NEAR_DAYS", NO_END);
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let first = aged(&ingest);
    assert!(!first[0].is_empty(), "the document has articles");
    ingest.poll().await;
    check_unchanged(&first, &ingest, "a forced second pass");
    let not_due = ingest.run(&["--once"]).await;
    assert_eq!((not_due.code, publisher.hits("/feed")), (0, 2), "{not_due:?}");
    check_unchanged(&first, &ingest, "a pass in which nothing is due");
}

fn mixed() -> Vec<Item> {
    let footer = "<p>Share this:</p><p>Facebook</p><p>Like this:</p><p>Loading...</p>";
    let teased = Item::new(COMET.title).id("2").link("ROOT/comet").summary("A comet is found.");
    vec![
        Item::new(FERRY.title)
            .id("1")
            .link("ROOT/ferry?utm_source=feed")
            .published("2026-04-07T16:54:00Z")
            .content(&(paragraphs(FERRY.body) + footer)),
        teased,
        Item::new("Baths closed").id("3").text(NOTICE),
        Item::new(ARCHIVE.title).id("4").link("ROOT/").text(ARCHIVE.body),
        Item::new("Archive, again").id("5").text(&ARCHIVE.without_paragraph(3)),
    ]
}

#[tokio::test]
async fn rss_read_twice_changes_nothing() {
    let comet = page(COMET.title, COMET.body);
    check("text/xml", &rss("The Gazette", &mixed()), &[("/comet", &comet)]).await;
}

#[tokio::test]
async fn atom_read_twice_changes_nothing() {
    check("application/atom+xml", &atom("The Gazette", &mixed()), &[]).await;
}

#[tokio::test]
async fn a_json_feed_read_twice_changes_nothing() {
    check("application/feed+json", &json_feed("The Gazette", &mixed()), &[]).await;
}

#[tokio::test]
async fn two_copies_of_one_document_change_nothing_in_turns() {
    let publishers = [Publisher::at("127.0.0.1").await, Publisher::at("127.0.0.2").await];
    let ingest = Ingest::new().with("INGEST_DUPLICATES__NEAR_DAYS", NO_END);
    for publisher in &publishers {
        let document = rss("A paper", &mixed()).replace("ROOT", &publisher.url(""));
        publisher.set("/feed", Reply::feed(document));
        publisher.set("/comet", Reply::page(page(COMET.title, COMET.body)));
        ingest.add(&[&publisher.url("/feed")]).await;
        ingest.poll_only(&publisher.url("/feed")).await;
    }
    let first = aged(&ingest);
    for publisher in publishers.iter().rev() {
        ingest.poll_only(&publisher.url("/feed")).await;
        check_unchanged(&first, &ingest, &publisher.url("/feed"));
    }
}

/// Entries with and without each of their parts, with ids and links that repeat.
fn any_item() -> impl Strategy<Value = Item> {
    let paragraphs = [FERRY, COMET, ARCHIVE].map(|story| story.body.lines().collect::<Vec<_>>());
    let text = prop::sample::subsequence(paragraphs.concat(), 0..8);
    let few = || prop::option::of(0..4_u8);
    (few(), few(), few(), text).prop_map(|(title, id, link, text)| {
        let mut item = Item::default().text(&text.join("\n"));
        if let Some(title) = title {
            item = item.title(&format!("Headline number {title}"));
        }
        if let Some(id) = id {
            item = item.id(&format!("id-{id}"));
        }
        match link {
            Some(link) => item.link(&format!("ROOT/article/{link}")),
            None => item,
        }
    })
}

#[test]
fn any_feed_read_twice_changes_nothing() {
    const CASES: u32 = 10;
    let config = Config {
        cases: CASES,
        max_shrink_iters: 64,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = Runtime::new().unwrap();
    let items = prop::collection::vec(any_item(), 1..12);
    let property = |items: Vec<Item>| {
        runtime.block_on(check("text/xml", &rss("Anything", &items), &[]));
        Ok(())
    };
    TestRunner::new(config).run(&items, property).unwrap();
}
