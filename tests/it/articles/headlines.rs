//! Headlines without a text, and the articles they belong to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::harness::{Ingest, Item, Publisher, Reply, page, rss};
use crate::stories::{COMET, FERRY};

/// A link of Google News whose token hides its target.
fn opaque(id: &str) -> String {
    let handle = format!("AU_yqLMadeUpForThisTestOnly0123456789-_{id:a<8}");
    let mut token = vec![0x08, 0x13, 0x22, u8::try_from(handle.len()).unwrap()];
    token.extend(handle.bytes());
    format!("https://news.google.com/rss/articles/{}?oc=5", URL_SAFE_NO_PAD.encode(token))
}

/// The publisher of the stories, and a feed of headlines on another host.
struct World {
    publisher: Publisher,
    headlines: Publisher,
    ingest: Ingest,
}

impl World {
    async fn new() -> Self {
        let publisher = Publisher::start().await;
        let headlines = Publisher::at("127.0.0.5").await;
        let ingest = Ingest::new();
        ingest.add(&[&publisher.url("/feed"), &headlines.url("/feed")]).await;
        Self { publisher, headlines, ingest }
    }

    /// Lets the publisher list a story, and polls it.
    async fn publish(&self, title: &str, path: &str, published: &str, body: &str) {
        let item = Item::new(title).id(path).link(&self.publisher.url(path)).published(published);
        self.publisher.set("/feed", Reply::feed(rss("The Gazette", &[item.text(body)])));
        self.ingest.poll_only(&self.publisher.url("/feed")).await;
    }

    /// Lets the other feed list a headline of the publisher's, and polls it.
    async fn announce(&self, title: &str, id: &str, published: &str) {
        let link = opaque(id);
        let listed = format!("<a href=\"{link}\">{title}</a> <font>The Gazette</font>");
        let item = Item::new(&format!("{title} - The Gazette"))
            .id(id)
            .link(&link)
            .published(published)
            .source(&self.publisher.url("/"), "The Gazette")
            .summary(&listed);
        self.headlines.set("/feed", Reply::feed(rss("harbour - Google News", &[item])));
        self.ingest.poll_only(&self.headlines.url("/feed")).await;
    }

    /// How the headline was judged, and how many articles there are.
    fn verdict(&self) -> (String, i64) {
        let headline = "SELECT s.verdict FROM sightings AS s JOIN feeds AS f ON f.id = s.feed_id
            WHERE f.url LIKE 'http://127.0.0.5%' ORDER BY s.id DESC LIMIT 1";
        (self.ingest.value(headline), self.ingest.value("SELECT count(*) FROM articles"))
    }
}

#[tokio::test]
async fn a_headline_joins_the_article_its_publisher_brought_before() {
    let world = World::new().await;
    world.publish(FERRY.title, "/ferry", "2026-04-07T08:00:00Z", FERRY.body).await;
    world.announce(FERRY.title, "a", "2026-04-07T08:05:00Z").await;
    assert_eq!(world.verdict(), ("same-title".to_owned(), 1));
    let reason = world.ingest.column::<String>("SELECT reason FROM evidence");
    assert_eq!(reason, ["same-headline"]);
}

#[tokio::test]
async fn a_headline_that_came_first_gets_its_text_when_the_publisher_brings_it() {
    let world = World::new().await;
    world.announce(FERRY.title, "a", "2026-04-07T08:05:00Z").await;
    assert_eq!(world.verdict(), ("held".to_owned(), 1));
    let kept = world.ingest.rows::<(String, Option<String>)>("SELECT title, body FROM articles");
    assert_eq!(
        kept,
        [(FERRY.title.to_owned(), None)],
        "the publisher's name is no part of the title"
    );
    world.publish(FERRY.title, "/ferry", "2026-04-07T08:00:00Z", FERRY.body).await;
    let kept = world.ingest.rows::<(String, String, i64)>(
        "SELECT url, body, sightings FROM articles
        JOIN latest USING (id, url)",
    );
    assert_eq!(kept, [(world.publisher.url("/ferry"), FERRY.body.to_owned(), 2)]);
}

#[tokio::test]
async fn a_publishers_teaser_joins_the_headline_until_the_page_gives_the_text() {
    let world = World::new().await;
    world.announce(FERRY.title, "a", "2026-04-07T08:05:00Z").await;
    let item = Item::new(FERRY.title).id("1").link(&world.publisher.url("/ferry"));
    let item = item.published("2026-04-07T08:00:00Z").summary("The ferry is back.");
    world.publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    world.publisher.set("/ferry", Reply::status(503));
    let feed = world.publisher.url("/feed");
    world.ingest.poll_only(&feed).await;
    assert_eq!(world.ingest.value::<i64>("SELECT count(*) FROM articles"), 1);
    world.ingest.execute("UPDATE text_choices SET next_try_at = '2026-01-01T00:00:00Z'");
    let html = page(FERRY.title, FERRY.body);
    world.publisher.set("/ferry", Reply::page(html));
    world.ingest.poll_only(&feed).await;
    let bodies = world.ingest.column::<Option<String>>("SELECT body FROM articles");
    assert_eq!(bodies, [Some(FERRY.body.to_owned())]);
}

#[tokio::test]
async fn a_headline_joins_nothing_of_another_publisher_or_another_week() {
    let world = World::new().await;
    world.publish(FERRY.title, "/ferry", "2026-04-01T08:00:00Z", FERRY.body).await;
    world.announce(FERRY.title, "a", "2026-04-07T08:05:00Z").await;
    assert_eq!(world.verdict(), ("held".to_owned(), 2), "six days later");
    world.publisher.set("/other", Reply::page(String::new()));
    let item =
        Item::new(&format!("{} - The Post", FERRY.title)).id("b").published("2026-04-01T09:00:00Z");
    let item = item.link(&opaque("b")).source("https://post.example/", "The Post");
    world.headlines.set("/feed", Reply::feed(rss("harbour - Google News", &[item])));
    world.ingest.poll_only(&world.headlines.url("/feed")).await;
    assert_eq!(world.verdict(), ("held".to_owned(), 3), "another publisher");
}

#[tokio::test]
async fn a_headline_that_comes_back_never_joins_two_days() {
    let world = World::new().await;
    let title = "Harbour briefing: what the tide brings today";
    world.publish(title, "/monday", "2026-04-06T06:00:00Z", FERRY.body).await;
    world.announce(title, "a", "2026-04-07T06:00:00Z").await;
    assert_eq!(world.verdict(), ("held".to_owned(), 2));
    world.publish(title, "/tuesday", "2026-04-07T06:00:00Z", COMET.body).await;
    world.announce(title, "b", "2026-04-08T06:00:00Z").await;
    assert_eq!(world.verdict(), ("held".to_owned(), 3));
    let days = world.ingest.column::<String>(
        "SELECT group_concat(substr(published_at, 1, 10)) FROM (
           SELECT article_id, published_at FROM sightings ORDER BY published_at)
         GROUP BY article_id ORDER BY 1",
    );
    assert_eq!(days, ["2026-04-06", "2026-04-07,2026-04-07", "2026-04-08"]);
}

#[tokio::test]
async fn two_texts_are_never_joined_by_a_headline() {
    let world = World::new().await;
    world.publish(FERRY.title, "/ferry", "2026-04-07T08:00:00Z", FERRY.body).await;
    world.publish(FERRY.title, "/comet", "2026-04-07T09:00:00Z", COMET.body).await;
    assert_eq!(world.ingest.value::<i64>("SELECT count(*) FROM articles"), 2);
}
