//! Which of two feeds is read first does not matter.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, Story};

const STORIES: [Story; 3] = [FERRY, COMET, ARCHIVE];

/// What two feeds bring: of each story at which minute the one and the other lists it, if at all.
type Minutes = [(Option<u8>, Option<u8>); 3];

/// Reads the feeds in an order, and answers the articles that stand at the end.
async fn articles(feeds: &[(String, Publisher)], order: [usize; 2]) -> Vec<String> {
    let ingest = Ingest::new();
    let urls: Vec<&str> = feeds.iter().map(|(url, _)| url.as_str()).collect();
    ingest.add(&urls).await;
    for place in order {
        ingest.poll_only(urls[place]).await;
    }
    ingest.dump("SELECT url, title, body_sha256, published_at FROM articles ORDER BY url")
}

async fn check(minutes: Minutes) {
    let mut feeds = Vec::new();
    for place in 0..2 {
        let publisher = Publisher::at(&format!("127.0.2.{}", place + 1)).await;
        let mut items = Vec::new();
        for (story, (one, other)) in STORIES.iter().zip(minutes) {
            let Some(minute) = [one, other][place] else { continue };
            let link = publisher.url(&format!("/{}", story.slug));
            let item = Item::new(&format!("{} ({place})", story.title)).id(story.slug).link(&link);
            items.push(item.published(&format!("2026-04-07T08:{minute:02}:00Z")).text(story.body));
        }
        publisher.set("/feed", Reply::feed(rss("A paper", &items)));
        feeds.push((publisher.url("/feed"), publisher));
    }
    let (there, back) = (articles(&feeds, [0, 1]).await, articles(&feeds, [1, 0]).await);
    assert_eq!(there, back);
}

#[test]
fn two_feeds_with_exact_copies_make_the_same_articles_in_either_order() {
    let runtime = Runtime::new().unwrap();
    // One and the same minute says nothing of which is the original.
    let minutes = (prop::option::of(0_u8..30), prop::option::of(30_u8..60), any::<bool>());
    let minutes =
        minutes.prop_map(|(one, other, turned)| if turned { (other, one) } else { (one, other) });
    let mut runner = TestRunner::new(Config { cases: 12, ..Config::default() });
    let tried = runner.run(&[minutes.clone(), minutes.clone(), minutes], |minutes| {
        runtime.block_on(check(minutes));
        Ok(())
    });
    tried.unwrap();
}
