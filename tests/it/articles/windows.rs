//! How long near copies are looked for, and what is kept to find them.

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{ARCHIVE, COMET, FERRY};

/// Polls the ferry's article, makes it so many days old, and answers what a near copy is then.
async fn verdict_after(days: u32) -> (String, i64, i64) {
    let publisher = Publisher::start().await;
    let elsewhere = Publisher::at("127.0.0.2").await;
    let own = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).text(FERRY.body);
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[own])));
    let copy = Item::new("Ferry").id("2").link(&elsewhere.url("/copy"));
    let copy = copy.text(&FERRY.without_paragraph(3));
    elsewhere.set("/feed", Reply::feed(rss("Copies", &[copy])));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed"), &elsewhere.url("/feed")]).await;
    ingest.poll_only(&publisher.url("/feed")).await;
    ingest.execute("INSERT INTO near_fingerprints (fingerprint, article_id) VALUES (7, 1)");
    ingest.execute(&format!(
        "UPDATE articles SET first_seen_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{days} days')"
    ));
    ingest.was_in_use();
    ingest.poll_only(&elsewhere.url("/feed")).await;
    let verdict = ingest.value("SELECT verdict FROM sightings WHERE entry_key = '2'");
    let indexed = ingest.value(
        "SELECT count(*) FROM (SELECT article_id FROM near_recent
                               UNION ALL SELECT article_id FROM near_fingerprints)
         WHERE article_id = 1",
    );
    (verdict, indexed, ingest.value("SELECT count(*) FROM articles WHERE body IS NOT NULL"))
}

#[tokio::test]
async fn near_copies_are_looked_for_within_the_window() {
    let (verdict, indexed, articles) = verdict_after(80).await;
    assert_eq!((verdict.as_str(), articles), ("near-text", 1));
    assert_eq!(indexed, 2, "one row is gathered, one number sorted in");
}

#[tokio::test]
async fn an_article_beyond_the_window_leaves_the_index_and_stays_itself() {
    let (verdict, indexed, articles) = verdict_after(100).await;
    assert_eq!((verdict.as_str(), indexed, articles), ("new", 0, 2));
}

#[tokio::test]
async fn a_copy_of_a_heavily_edited_copy_is_found_by_what_was_kept_of_it() {
    let ingest = Ingest::new();
    let edited = |last: &str| {
        let kept: Vec<&str> = FERRY.body.lines().take(5).collect();
        format!("{}\n{last}", kept.join("\n"))
    };
    let foreign: Vec<&str> = COMET.body.lines().skip(2).take(2).collect();
    let copy = edited(&foreign.join("\n"));
    let copy_of_copy = copy.lines().skip(2).collect::<Vec<_>>().join("\n");
    for (host, body) in
        [("127.0.0.1", FERRY.body), ("127.0.0.2", &copy), ("127.0.0.3", &copy_of_copy)]
    {
        let publisher = Publisher::at(host).await;
        let item = Item::new(FERRY.title).id("1").link(&publisher.url("/story")).text(body);
        publisher.set("/feed", Reply::feed(rss("A paper", &[item])));
        ingest.add(&[&publisher.url("/feed")]).await;
        ingest.poll_only(&publisher.url("/feed")).await;
    }
    let verdicts = ingest.column::<String>("SELECT verdict FROM sightings ORDER BY id");
    assert_eq!(verdicts, ["new", "near-text", "near-text"]);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 1);
    let kept = ingest.column::<String>("SELECT body FROM variants ORDER BY id");
    assert_eq!(kept.first(), Some(&copy));
    let evidence =
        "SELECT count(*) FROM evidence WHERE containment BETWEEN 0.5 AND 1 AND runs > 80";
    assert_eq!(ingest.value::<i64>(evidence), 2);
}

#[tokio::test]
async fn words_under_several_headlines_of_one_publisher_are_no_article() {
    let notice = "We value your trust. To read on, please choose whether this newspaper and its \
        partners may keep a note of your visit on your device. You may change your choice at any \
        time in the settings at the foot of each page, where the names of all partners stand too, \
        and where you find out how long each of them keeps what it learns about your reading.";
    let publisher = Publisher::start().await;
    let ingest = Ingest::new().with("INGEST_TEXT__FETCH_PAGES", "false");
    ingest.add(&[&publisher.url("/feed")]).await;
    let mut items = Vec::new();
    for story in [FERRY, COMET, ARCHIVE] {
        let link = publisher.url(&format!("/{}", story.slug));
        items.push(Item::new(story.title).id(story.slug).link(&link).text(notice));
        publisher.set("/feed", Reply::feed(rss("The Gazette", &items)));
        ingest.poll().await;
    }
    let kept = ingest
        .rows::<(String, i64)>("SELECT hold_reason, count(*) FROM articles GROUP BY hold_reason");
    assert_eq!(kept, [("shared-text".to_owned(), 3)], "and nothing is merged");
    ingest.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)");
}
