//! What was stored under a wrapped link is mended once the link is followed.

use super::{World, headline, publishers};
use crate::harness::{Item, Reply, Treatment, page};
use crate::stories::{COMET, FERRY};

/// An entry of a copy: the text, and the line that names the original.
fn copy_of(text: &str, link: &str, source: &str) -> Item {
    let footer = format!("\"harbour\" - Google News\n{source}\n");
    Item::new(FERRY.title).id(link).link(link).text(&format!("{text}\n{footer}"))
}

#[tokio::test]
async fn a_link_is_followed_at_last_though_its_feed_has_dropped_the_entry() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    world.redirector.set("/x", Reply::status(503));
    let link = world.redirector.url("/x");
    world.feed("/feed", &[Item::new(FERRY.title).id("1").link(&link)]).await;
    world.pass().await;
    let held = (Some(link.clone()), "copy".to_owned(), false);
    assert_eq!(world.articles(), [held]);
    let error = Some("it answers 503".to_owned());
    assert_eq!(world.queue(), [("redirector".to_owned(), 1, true, error)]);
    world.publisher.set("/feed", Reply::feed(crate::harness::rss("Gone", &[])));
    world.redirector.set("/x", Reply::redirect(301, &url));
    world.pass().await;
    assert_eq!(world.redirector.hits("/x"), 1, "not before an hour has passed");
    world.pass_hours(1);
    let summary = world.pass().await;
    assert_eq!((summary.links.settled, summary.links.texts), (1, 1));
    assert_eq!(world.articles(), [publishers(&url)]);
    assert_eq!(world.ingest.column::<String>("SELECT body FROM articles"), [FERRY.body]);
    assert_eq!(world.queue().len(), 0);
    let seen = "SELECT first_seen_at = last_seen_at FROM sightings";
    assert!(world.ingest.value::<bool>(seen), "its feed has not listed it since");
}

#[tokio::test]
async fn a_page_that_fails_is_tried_again_without_the_feed() {
    let world = World::new().await;
    let link = world.google.link(&world.publisher.url("/late"), Treatment::Good);
    world.feed("/feed", &[headline(&FERRY, &link)]).await;
    world.pass().await;
    assert_eq!(world.ingest.value::<String>("SELECT hold_reason FROM articles"), "page-failed");
    let error = Some("its page could not be fetched".to_owned());
    assert_eq!(world.queue(), [("page".to_owned(), 1, true, error)]);
    world.publisher.set("/feed", Reply::feed(crate::harness::rss("Gone", &[])));
    world.publisher.set("/late", Reply::page(page(FERRY.title, FERRY.body)));
    world.pass_hours(1);
    world.pass().await;
    assert_eq!(world.articles(), [publishers(&world.publisher.url("/late"))]);
    assert_eq!(world.queue().len(), 0);
}

#[tokio::test]
async fn a_headline_joins_the_publishers_article_once_its_link_is_known() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    let own = Item::new(FERRY.title).id("own").link(&url).text(FERRY.body);
    world.feed("/own", &[own]).await;
    let link = world.google.link(&url, Treatment::Good);
    world.feed("/google", &[headline(&FERRY, &link)]).await;
    let summary = world.pass().await;
    assert_eq!((summary.links.settled, summary.links.merged), (1, 1));
    assert_eq!(world.articles(), [publishers(&url)]);
    let sightings = world.ingest.column::<i64>("SELECT article_id FROM sightings");
    assert_eq!(sightings.len(), 2);
    assert_eq!(sightings[0], sightings[1]);
    assert_eq!(world.publisher.hits(&format!("/{}", FERRY.slug)), 0, "the text is there already");
}

#[tokio::test]
async fn a_copys_text_gives_way_to_the_originals_and_is_kept_beside_it() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    world.feed("/own", &[Item::new(FERRY.title).id("own").link(&url).text(FERRY.body)]).await;
    world.redirector.set("/x", Reply::status(503));
    let source = world.redirector.url("/x");
    // Another text, so that only the link shows whose copy it is.
    let copy = copy_of(COMET.body, "https://copies.example/1", &source);
    world.feed("/copy", &[copy]).await;
    world.pass().await;
    assert_eq!(world.articles().len(), 2);
    world.redirector.set("/x", Reply::redirect(302, &url));
    world.pass_hours(1);
    let summary = world.pass().await;
    assert_eq!((summary.links.settled, summary.links.merged), (1, 1));
    assert_eq!(world.articles(), [publishers(&url)]);
    assert_eq!(world.ingest.column::<String>("SELECT body FROM articles"), [FERRY.body]);
    assert_eq!(world.ingest.column::<String>("SELECT body FROM variants"), [COMET.body]);
    assert_eq!(world.ingest.value::<i64>("SELECT count(*) FROM sightings"), 2);
}

#[tokio::test]
async fn a_copy_whose_original_nobody_has_takes_its_address() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    world.redirector.set("/x", Reply::status(503));
    let copy = copy_of(FERRY.body, "https://copies.example/1", &world.redirector.url("/x"));
    world.feed("/copy", &[copy]).await;
    world.pass().await;
    let before = (Some("https://copies.example/1".to_owned()), "copy".to_owned(), true);
    assert_eq!(world.articles(), [before]);
    world.redirector.set("/x", Reply::redirect(302, &url));
    world.pass_hours(1);
    world.pass().await;
    assert_eq!(world.articles(), [publishers(&url)]);
    assert_eq!(world.ingest.value::<i64>("SELECT text_copied FROM articles"), 1);
    // The publisher's own entry is recognised by the address from now on.
    world.feed("/own", &[Item::new(FERRY.title).id("own").link(&url).text(FERRY.body)]).await;
    world.pass().await;
    assert_eq!(world.articles(), [publishers(&url)]);
    assert_eq!(world.ingest.value::<i64>("SELECT text_copied FROM articles"), 0);
}

#[tokio::test]
async fn a_teaser_gives_way_to_the_page_once_it_can_be_asked_for() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    world.redirector.set("/x", Reply::status(503));
    let teaser: Vec<&str> = FERRY.body.split_whitespace().take(60).collect();
    let link = world.redirector.url("/x");
    let item = Item::new(FERRY.title).id("1").link(&link).text(&teaser.join(" "));
    world.feed("/feed", &[item]).await;
    world.pass().await;
    assert_eq!(world.ingest.value::<i64>("SELECT words FROM articles"), 60);
    world.redirector.set("/x", Reply::redirect(302, &url));
    world.pass_hours(1);
    world.pass().await;
    assert_eq!(world.articles(), [publishers(&url)]);
    assert_eq!(world.ingest.column::<String>("SELECT body FROM articles"), [FERRY.body]);
}

#[tokio::test]
async fn a_front_page_becomes_nobodys_address_however_late_it_is_known() {
    let world = World::new().await;
    world.redirector.set("/x", Reply::status(503));
    let copy = copy_of(FERRY.body, "https://copies.example/1", &world.redirector.url("/x"));
    world.feed("/copy", &[copy]).await;
    world.pass().await;
    world.redirector.set("/x", Reply::redirect(302, "https://gazette.example/"));
    world.pass_hours(1);
    assert_eq!(world.pass().await.links.settled, 1);
    let copies = (Some("https://copies.example/1".to_owned()), "copy".to_owned(), true);
    assert_eq!(world.articles(), [copies]);
}

#[tokio::test]
async fn a_link_that_many_entries_share_makes_them_no_one_article() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    world.redirector.set("/all", Reply::status(503));
    let link = world.redirector.url("/all");
    let item = |story: &crate::stories::Story| {
        Item::new(story.title).id(story.slug).link(&link).text(story.body)
    };
    world.feed("/feed", &[item(&FERRY), item(&COMET)]).await;
    world.pass().await;
    world.redirector.set("/all", Reply::redirect(302, &url));
    world.pass_hours(1);
    let summary = world.pass().await;
    assert_eq!((summary.links.settled, summary.links.merged), (1, 0));
    assert_eq!(world.articles().len(), 2);
    let targets = world.ingest.column::<String>("SELECT target FROM sightings");
    assert_eq!(targets, [url.clone(), url]);
}

#[tokio::test]
async fn following_links_twice_changes_nothing() {
    let world = World::new().await;
    let link = world.google.link(&world.tell(&FERRY), Treatment::Good);
    world.feed("/feed", &[headline(&FERRY, &link)]).await;
    world.pass().await;
    let tables = ["articles", "sightings", "url_keys", "revisions", "link_queue", "resolved_links"];
    let dump = || tables.map(|table| world.ingest.dump(&format!("SELECT * FROM {table}")));
    let before = dump();
    world.pass().await;
    assert_eq!(dump(), before);
}
