//! Copies on other hosts: the same text, nearly the same text, and texts that only look alike.

use futures_util::future::join_all;

use crate::harness::{Gate, Ingest, Item, Publisher, Reply, page, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, NOTICE, Story};

/// Polls the publisher's own entry, then a copy of it elsewhere, and answers what the copy was.
async fn verdict_on(copy: Item) -> (String, Option<f64>) {
    let publisher = Publisher::start().await;
    let elsewhere = Publisher::at("127.0.0.4").await;
    let own = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).text(FERRY.body);
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[own])));
    let copy = copy.id("copy").link(&elsewhere.url("/wire/4711"));
    elsewhere.set("/feed", Reply::feed(rss("Daily Skarn", &[copy])));
    let ingest = Ingest::new();
    let feeds = [publisher.url("/feed"), elsewhere.url("/feed")];
    ingest.add(&[&feeds[0], &feeds[1]]).await;
    for feed in &feeds {
        ingest.poll_only(feed).await;
    }
    let kept = ingest.rows::<(String, String, String)>("SELECT url, title, body FROM articles");
    let own = (publisher.url("/ferry"), FERRY.title.to_owned(), FERRY.body.to_owned());
    assert!(kept.contains(&own), "the publisher's article stays as it was: {kept:#?}");
    let mut copies = ingest.rows::<(String, Option<f64>)>(
        "SELECT verdict, similarity FROM sightings WHERE entry_key = 'copy'",
    );
    let articles = if copies[0].0 == "new" { 2 } else { 1 };
    assert_eq!(kept.len(), articles, "{kept:#?}");
    copies.remove(0)
}

#[tokio::test]
async fn a_copy_with_another_headline_and_share_rows_is_the_same_text() {
    let around = format!("{}\nShare this:\nFacebook\nLike this:\nLoading...", FERRY.body);
    let copy = Item::new("Night ferry is back | Daily Skarn").text(&around);
    assert_eq!(verdict_on(copy).await, ("same-text".to_owned(), None));
}

#[tokio::test]
async fn a_copy_in_another_typography_is_the_same_text() {
    let plain = FERRY.body.replace(['“', '”'], "\"").replace('’', "'").to_uppercase();
    let copy = Item::new(FERRY.title).text(&plain);
    assert_eq!(verdict_on(copy).await, ("same-text".to_owned(), None));
}

#[tokio::test]
async fn a_copy_without_a_paragraph_under_an_agencys_credit_is_nearly_the_same_text() {
    let shortened = format!("PORT ELLERY (Nordwire) - {}", FERRY.without_paragraph(4));
    let (verdict, similarity) = verdict_on(Item::new("Ferry sails").text(&shortened)).await;
    assert_eq!(verdict, "near-text");
    assert!(similarity.is_some_and(|share| (0.55..1.0).contains(&share)), "{similarity:?}");
}

#[tokio::test]
async fn a_quotation_in_another_article_is_no_copy() {
    let quoting = format!("{}\n{}", COMET.body, FERRY.body.lines().nth(2).unwrap());
    let copy = Item::new(COMET.title).text(&quoting);
    assert_eq!(verdict_on(copy).await, ("new".to_owned(), None));
}

#[tokio::test]
async fn the_same_headline_over_another_text_is_no_copy() {
    let copy = Item::new(FERRY.title).text(ARCHIVE.body);
    assert_eq!(verdict_on(copy).await, ("new".to_owned(), None));
}

#[tokio::test]
async fn teasers_are_held_and_never_merged() {
    let ingest = Ingest::new().with("INGEST_TEXT__FETCH_PAGES", "false");
    let publishers = [Publisher::at("127.0.0.1").await, Publisher::at("127.0.0.2").await];
    for publisher in &publishers {
        let item = Item::new("Baths closed").id("1").link(&publisher.url("/baths")).summary(NOTICE);
        publisher.set("/feed", Reply::feed(rss("Notices", &[item])));
        ingest.add(&[&publisher.url("/feed")]).await;
    }
    ingest.poll().await;
    let articles = ingest.rows::<(Option<String>, String, String)>(
        "SELECT body, hold_reason, summary FROM articles",
    );
    let held = (None, "short".to_owned(), NOTICE.to_owned());
    assert_eq!(articles, [held.clone(), held]);
    assert_eq!(ingest.column::<String>("SELECT verdict FROM sightings"), ["held", "held"]);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM near_recent"), 0);
}

#[tokio::test]
async fn a_brief_that_a_feed_gives_for_the_content_is_an_article_where_no_page_gives_more() {
    let ingest = Ingest::new();
    let publishers = [Publisher::at("127.0.0.1").await, Publisher::at("127.0.0.2").await];
    let brief = |publisher: &Publisher, path: &str| {
        let item = Item::new("Baths closed").id(path).link(&publisher.url(path)).text(NOTICE);
        publisher.set("/feed", Reply::feed(rss("Notices", &[item])));
    };
    for publisher in &publishers {
        ingest.add(&[&publisher.url("/feed")]).await;
        publisher.set("/baths", Reply::page(page("Baths closed", NOTICE)));
        brief(publisher, "/baths");
    }
    ingest.poll().await;
    assert_eq!(ingest.column::<String>("SELECT body FROM articles"), [NOTICE]);
    assert_eq!(ingest.column::<String>("SELECT verdict FROM sightings"), ["new", "same-text"]);

    publishers[0].set("/gone", Reply::status(503));
    brief(&publishers[0], "/gone");
    ingest.execute("DELETE FROM articles; DELETE FROM tombstones");
    ingest.poll_only(&publishers[0].url("/feed")).await;
    let held = ingest.column::<String>("SELECT hold_reason FROM articles");
    assert_eq!(held, ["page-failed"], "it may be a teaser of the page that was not had");
}

#[tokio::test]
async fn feeds_that_carry_one_story_at_the_same_moment_keep_one_article() {
    const FEEDS: u8 = 12;
    let stories = [FERRY, COMET, ARCHIVE];
    let gate = Gate::closed();
    let ingest = Ingest::new();
    let mut publishers = Vec::new();
    for number in 1..=FEEDS {
        let publisher = Publisher::at(&format!("127.0.1.{number}")).await;
        let entry = |story: &Story| {
            let link = publisher.url(&format!("/{number}/{}", story.slug));
            Item::new(story.title).id(story.slug).link(&link).text(story.body)
        };
        let items: Vec<Item> = stories.iter().map(entry).collect();
        publisher.set("/feed", Reply::feed(rss("A paper", &items)).behind(&gate));
        publishers.push(publisher);
    }
    let urls: Vec<String> = publishers.iter().map(|one| one.url("/feed")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    ingest.add(&urls).await;
    let all_wait = async {
        join_all(publishers.iter().map(|publisher| publisher.until_hit("/feed", 1))).await;
        gate.open();
    };
    tokio::join!(ingest.poll(), all_wait);
    let mut titles = ingest.column::<String>("SELECT title FROM articles");
    titles.sort_unstable();
    let mut expected = stories.map(|story| story.title);
    expected.sort_unstable();
    assert_eq!(titles, expected);
    let sightings = "SELECT verdict, count(*) FROM sightings GROUP BY verdict ORDER BY verdict";
    let sightings = ingest.rows::<(String, i64)>(sightings);
    let copies = i64::from(FEEDS - 1) * 3;
    assert_eq!(sightings, [("new".to_owned(), 3), ("same-text".to_owned(), copies)]);
}
