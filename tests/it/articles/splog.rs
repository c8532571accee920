//! A blog that copies articles by machine, and the publisher whom it copies.

use super::again::{NO_END, aged, check_unchanged};
use crate::harness::{Ingest, Item, Publisher, Reply, escaped, page, paragraphs, rss};
use crate::stories::{FERRY, Story};

/// Asks publisher and redirector, each on a host of its own, beside the blog.
struct World {
    publisher: Publisher,
    blog: Publisher,
    redirector: Publisher,
    ingest: Ingest,
}

/// How a blog writes its links: as addresses alone on a line.
type Line = fn(&World, &str) -> String;

impl World {
    async fn new(story: Story) -> Self {
        let publisher = Publisher::start().await;
        let blog = Publisher::at("127.0.0.2").await;
        let redirector = Publisher::at("127.0.0.3").await;
        let ingest = Ingest::new()
            .with("INGEST_LINKS__REDIRECTOR_HOSTS", "127.0.0.3")
            .with("INGEST_DUPLICATES__NEAR_DAYS", NO_END);
        let world = Self { publisher, blog, redirector, ingest };
        let item = Item::new(story.title).id("gazette-1").link(&world.original(story));
        world.publisher.set("/feed", Reply::feed(rss("The Gazette", &[item.text(story.body)])));
        let there = world.original(story) + "?utm_source=news";
        world.redirector.set("/Bk7xQ2w", Reply::redirect(302, &there));
        let front = world.publisher.url("/");
        world.redirector.set("/Zz1Feed", Reply::redirect(302, &front));
        world.redirector.set("/Zz2Feed", Reply::redirect(302, &front));
        world
    }

    fn original(&self, story: Story) -> String {
        self.publisher.url(&format!("/news/{}", story.slug))
    }

    /// Lets the blog publish a copy with everything its machine and its theme put around it.
    fn copy(&self, story: Story, line: Line) {
        let post = self.blog.url("/2026/04/harbour.html");
        let titled = format!("{} - The Gazette", story.title);
        let quoted = escaped("\"harbour\" - Google News");
        let tail = [
            quoted.clone(),
            "April 07, 2026 at 04:54PM".to_owned(),
            line(self, "Bk7xQ2w"),
            titled.clone(),
            quoted,
            line(self, "Zz1Feed"),
            line(self, "Zz2Feed"),
            "Bagikan Berita Ini".to_owned(),
            escaped(&format!("0 Response to \"{titled}\"")),
            "Post a Comment".to_owned(),
        ];
        let html = paragraphs(story.body) + "<br/>" + &tail.join("<br/>");
        let item = Item::new(&titled).id("tag:blog,2026:post-1").link(&post).content(&html);
        self.blog.set("/feed", Reply::feed(rss("Harbour Buzz", &[item])));
    }

    fn check(&self, story: Story) {
        let articles = self.ingest.rows::<(String, String)>("SELECT url, body FROM articles");
        assert_eq!(articles, [(self.original(story), story.body.to_owned())]);
        let sightings = self.ingest.column::<i64>("SELECT article_id FROM sightings");
        assert_eq!(sightings.len(), 2);
        let named = "SELECT source_link FROM sightings WHERE entry_key LIKE 'tag:blog%'";
        assert!(self.ingest.value::<Option<String>>(named).is_some());
        let rules = "SELECT count(*) FROM removed_lines WHERE line IN
            ('Bagikan Berita Ini', 'Post a Comment', 'April 07, 2026 at 04:54PM')";
        assert_eq!(self.ingest.value::<i64>(rules), 3);
        assert_eq!(self.redirector.hits("/Bk7xQ2w"), 1, "a link is asked once");
    }
}

/// The link as an address whose text is the short form, the way the machine links it.
fn short_address(world: &World, code: &str) -> String {
    format!("<a href=\"{}\">https://ift.tt/{code}</a>", world.redirector.url(&format!("/{code}")))
}

/// The bare address of a redirector that only the operator knows.
fn configured_address(world: &World, code: &str) -> String {
    world.redirector.url(&format!("/{code}"))
}

/// Polls blog and publisher in an order, and then again.
async fn check(blog_first: bool, line: Line) -> World {
    let world = World::new(FERRY).await;
    world.copy(FERRY, line);
    let (blog, publisher) = (world.blog.url("/feed"), world.publisher.url("/feed"));
    world.ingest.add(&[&blog, &publisher]).await;
    let order = if blog_first { [&blog, &publisher] } else { [&publisher, &blog] };
    for url in order {
        world.ingest.poll_only(url).await;
    }
    world.check(FERRY);
    let first = aged(&world.ingest);
    world.ingest.poll().await;
    world.check(FERRY);
    check_unchanged(&first, &world.ingest, "both were read again");
    world
}

#[tokio::test]
async fn a_splogs_copy_that_comes_first_ends_as_the_publishers_article() {
    check(true, short_address).await;
}

#[tokio::test]
async fn a_splogs_copy_that_comes_last_joins_the_publishers_article() {
    check(false, short_address).await;
}

#[tokio::test]
async fn an_article_has_its_publishers_title_whoever_came_first() {
    for blog_first in [false, true] {
        let world = check(blog_first, short_address).await;
        let title = world.ingest.value::<String>("SELECT title FROM articles");
        assert_eq!(title, FERRY.title, "blog first: {blog_first}");
    }
}

#[tokio::test]
async fn an_article_is_no_copy_once_its_publisher_brought_it() {
    for blog_first in [false, true] {
        let world = check(blog_first, short_address).await;
        let is_copied = world.ingest.value::<bool>("SELECT text_copied FROM articles");
        assert!(!is_copied, "blog first: {blog_first}");
    }
}

#[tokio::test]
async fn an_article_is_vouched_for_alike_whoever_came_first() {
    for blog_first in [false, true] {
        let world = check(blog_first, short_address).await;
        let standing = world.ingest.value::<String>("SELECT url_standing FROM articles");
        assert_eq!(standing, "publisher", "blog first: {blog_first}");
    }
}

#[tokio::test]
async fn a_copys_link_to_the_original_may_be_any_redirectors() {
    check(true, configured_address).await;
}

#[tokio::test]
async fn a_copy_alone_is_stored_under_the_address_of_the_original() {
    let world = World::new(FERRY).await;
    world.copy(FERRY, short_address);
    world.ingest.add(&[&world.blog.url("/feed")]).await;
    world.ingest.poll().await;
    let articles =
        world.ingest.rows::<(String, String, i64)>("SELECT url, body, text_copied FROM articles");
    assert_eq!(articles, [(world.original(FERRY), FERRY.body.to_owned(), 1)]);
    assert_eq!(world.publisher.requests().len(), 0, "the copy has the full text");
}

#[tokio::test]
async fn a_copy_whose_redirector_is_silent_joins_by_its_text() {
    let world = World::new(FERRY).await;
    world.copy(FERRY, short_address);
    world.redirector.set("/Bk7xQ2w", Reply::status(503));
    let (blog, publisher) = (world.blog.url("/feed"), world.publisher.url("/feed"));
    world.ingest.add(&[&blog, &publisher]).await;
    for url in [&blog, &publisher] {
        world.ingest.poll_only(url).await;
    }
    let articles = world.ingest.rows::<(String, String)>("SELECT url, url_standing FROM articles");
    assert_eq!(articles, [(world.original(FERRY), "feed".to_owned())]);
    let verdicts = world.ingest.column::<String>("SELECT verdict FROM sightings ORDER BY id");
    assert_eq!(verdicts, ["new", "same-text"]);
}

#[tokio::test]
async fn teaser_splog_and_wire_copy_are_one_article_in_any_order() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = World::new(FERRY).await;
        world.copy(FERRY, short_address);
        let wire = Publisher::at("127.0.0.4").await;
        let copy = Item::new("Ferry sails").id("9").link(&wire.url("/wire/9")).text(FERRY.body);
        wire.set("/feed", Reply::feed(rss("Daily Skarn", &[copy])));
        let teaser = Item::new(FERRY.title).id("1").link(&world.original(FERRY)).summary("Back!");
        world.publisher.set("/feed", Reply::feed(rss("The Gazette", &[teaser])));
        let at = format!("/news/{}", FERRY.slug);
        world.publisher.set(&at, Reply::page(page(FERRY.title, FERRY.body)));
        let feeds = [&world.publisher, &world.blog, &wire].map(|one| one.url("/feed"));
        world.ingest.add(&[&feeds[0], &feeds[1], &feeds[2]]).await;
        for turn in order {
            world.ingest.poll_only(&feeds[turn]).await;
        }
        let articles = world.ingest.rows::<(String, String)>("SELECT url, body FROM articles");
        let expected = (world.original(FERRY), FERRY.body.to_owned());
        assert_eq!(articles, [expected], "in the order {order:?}");
    }
}
