//! Articles whose text changes, comes late, or goes missing.

use crate::harness::{Ingest, Item, Publisher, Reply, page, rss};
use crate::stories::{COMET, FERRY, NOTICE};

/// One feed with one entry, polled once for each of its states.
struct Feed {
    publisher: Publisher,
    ingest: Ingest,
}

impl Feed {
    async fn new() -> Self {
        let feed = Self { publisher: Publisher::start().await, ingest: Ingest::new() };
        feed.ingest.add(&[&feed.publisher.url("/feed")]).await;
        feed
    }

    fn entry(&self) -> Item {
        Item::new(FERRY.title).id("1").link(&self.publisher.url("/ferry"))
    }

    async fn brings(&self, item: Item) {
        self.publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
        self.ingest.poll().await;
    }

    /// Compares the one article's text and the earlier ones, oldest first.
    fn check(&self, body: Option<&str>, earlier: &[&str]) {
        let bodies = self.ingest.column::<Option<String>>("SELECT body FROM articles");
        assert_eq!(bodies, [body.map(str::to_owned)]);
        let revisions = self.ingest.column::<String>("SELECT body FROM revisions ORDER BY id");
        assert_eq!(revisions, earlier);
        assert_eq!(self.ingest.value::<i64>("SELECT count(*) FROM sightings"), 1);
    }

    fn hold_reason(&self) -> Option<String> {
        self.ingest.value("SELECT hold_reason FROM articles")
    }
}

#[tokio::test]
async fn a_text_that_changes_is_a_revision_and_the_old_text_is_kept() {
    let feed = Feed::new().await;
    feed.brings(feed.entry().text(FERRY.body)).await;
    let grown = format!("{}\nThe pony arrived in good health, the board says.", FERRY.body);
    feed.brings(feed.entry().text(&grown)).await;
    feed.check(Some(&grown), &[FERRY.body]);
    feed.ingest.poll().await;
    feed.check(Some(&grown), &[FERRY.body]);
}

#[tokio::test]
async fn a_changed_text_is_found_by_search_and_the_old_one_no_longer() {
    let feed = Feed::new().await;
    feed.brings(feed.entry().text(FERRY.body)).await;
    let renamed = FERRY.body.replace("Merganser", "Goosander");
    feed.brings(feed.entry().text(&renamed)).await;
    for (word, hits) in [("goosander", 1), ("merganser", 0)] {
        let query = format!("SELECT count(*) FROM search WHERE search MATCH '{word}'");
        assert_eq!(feed.ingest.value::<i64>(&query), hits, "{word}");
    }
}

#[tokio::test]
async fn an_unusable_text_never_erases_a_usable_one() {
    let feed = Feed::new().await;
    feed.brings(feed.entry().text(FERRY.body)).await;
    feed.brings(feed.entry().text("Gone.")).await;
    feed.check(Some(FERRY.body), &[]);
    feed.publisher.set("/ferry", Reply::page(page(FERRY.title, "Subscribe to read on.")));
    feed.brings(feed.entry().text(NOTICE)).await;
    feed.brings(feed.entry()).await;
    feed.check(Some(FERRY.body), &[]);
    assert_eq!(feed.hold_reason(), None);
}

#[tokio::test]
async fn a_text_that_comes_later_fills_the_held_article() {
    let feed = Feed::new().await;
    feed.brings(feed.entry().text("The ferry is back.")).await;
    feed.check(None, &[]);
    assert_eq!(feed.hold_reason().as_deref(), Some("page-failed"));
    let held = feed.ingest.value::<i64>("SELECT id FROM articles");
    feed.brings(feed.entry().text(FERRY.body)).await;
    feed.check(Some(FERRY.body), &[]);
    assert_eq!(feed.hold_reason(), None);
    assert_eq!(feed.ingest.value::<i64>("SELECT id FROM articles"), held);
}

#[tokio::test]
async fn another_feed_may_bring_the_text_of_a_held_article() {
    let feed = Feed::new().await;
    feed.brings(feed.entry().text("The ferry is back.")).await;
    let item = feed.entry().id("full text edition").text(FERRY.body);
    feed.publisher.set("/full", Reply::feed(rss("The Gazette, all of it", &[item])));
    feed.ingest.add(&[&feed.publisher.url("/full")]).await;
    feed.ingest.poll_only(&feed.publisher.url("/full")).await;
    let articles = feed.ingest.column::<String>("SELECT body FROM articles");
    assert_eq!(articles, [FERRY.body]);
    let verdicts = feed.ingest.column::<String>("SELECT verdict FROM sightings ORDER BY id");
    assert_eq!(verdicts, ["held", "same-url"]);
}

#[tokio::test]
async fn an_entry_that_comes_to_carry_another_story_loses_neither_text() {
    let feed = Feed::new().await;
    feed.brings(feed.entry().text(FERRY.body)).await;
    feed.brings(feed.entry().title(COMET.title).text(COMET.body)).await;
    feed.check(Some(COMET.body), &[FERRY.body]);
}

#[tokio::test]
async fn a_held_article_whose_page_turns_out_to_be_known_joins_the_known_one() {
    for (text, verdict) in [
        (FERRY.body.to_owned(), "same-text"),
        (FERRY.without_paragraph(4) + "\nReporting by Nordwire.", "near-text"),
    ] {
        let feed = Feed::new().await;
        feed.brings(feed.entry().text("The ferry is back.")).await;
        let elsewhere = Publisher::at("127.0.0.4").await;
        let copy = Item::new("Ferry sails").id("9").link(&elsewhere.url("/9")).text(&text);
        elsewhere.set("/feed", Reply::feed(rss("Daily Skarn", &[copy])));
        feed.ingest.add(&[&elsewhere.url("/feed")]).await;
        feed.ingest.poll_only(&elsewhere.url("/feed")).await;
        assert_eq!(feed.ingest.value::<i64>("SELECT count(*) FROM articles"), 2);
        feed.publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
        feed.ingest.ask_again_for_pages().await;
        let ids = feed.ingest.column::<i64>("SELECT id FROM articles");
        let carried = feed.ingest.column::<i64>("SELECT article_id FROM sightings");
        assert_eq!((ids.len(), carried), (1, vec![ids[0], ids[0]]), "{verdict}");
    }
}
