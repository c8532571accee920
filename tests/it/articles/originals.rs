//! Entries that name an original which says something else.

use super::again::{aged, check_unchanged};
use crate::harness::{Ingest, Item, Publisher, Reply, paragraphs, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, Story};

/// The latest first, as feeds list them.
const STORIES: [Story; 3] = [FERRY, COMET, ARCHIVE];

/// An entry of a blog, under whose text stands a link to the original.
fn post(blog: &Publisher, story: Story, original: &str) -> Item {
    let credit = format!("<p>Read the original article at {original}</p>");
    let link = blog.url(&format!("/{}", story.slug));
    let html = paragraphs(story.body) + &credit;
    Item::new(story.title).id(story.slug).link(&link).content(&html)
}

/// A blog whose posts all name the same page, beside the partner whose page it is.
async fn poll_a_blog_that_thanks_its_partner() -> (Ingest, Publisher, String) {
    let (blog, partner) = (Publisher::start().await, Publisher::at("127.0.0.2").await);
    let thanks = partner.url("/2026/become-a-member");
    let posts = STORIES.map(|story| post(&blog, story, &thanks));
    blog.set("/feed", Reply::feed(rss("Harbour Buzz", &posts)));
    let ingest = Ingest::new();
    ingest.add(&[&blog.url("/feed")]).await;
    ingest.poll().await;
    (ingest, blog, thanks)
}

#[tokio::test]
async fn texts_that_name_one_page_as_their_original_stay_articles_of_their_own() {
    let (ingest, blog, thanks) = poll_a_blog_that_thanks_its_partner().await;
    let articles = ingest.rows::<(String, String)>("SELECT url, title FROM articles ORDER BY id");
    let own = |story: Story| blog.url(&format!("/{}", story.slug));
    let [ferry, comet, archive] = STORIES.map(|story| story.title.to_owned());
    assert_eq!(articles, [(thanks, archive), (own(COMET), comet), (own(FERRY), ferry)]);
    let reasons = ingest.rows::<(i64, String)>(
        "SELECT article_id, reason FROM evidence WHERE reason = 'original-differs'",
    );
    assert_eq!(reasons, [(1, "original-differs".to_owned()), (1, "original-differs".to_owned())]);
    let explained = ingest.run(&["explain", "2"]).await;
    let why = "it names article 1 “Flooded archive";
    assert!(explained.stdout.contains(why), "{explained:?}");
    let first = aged(&ingest);
    ingest.poll().await;
    check_unchanged(&first, &ingest, "the feed was read again");
}

#[tokio::test]
async fn whoever_comes_first_the_address_is_its_owners() {
    for owner_first in [true, false] {
        let (blog, partner) = (Publisher::start().await, Publisher::at("127.0.0.2").await);
        let own = partner.url("/2026/comet");
        let entry = Item::new(COMET.title).id("1").link(&own).text(COMET.body);
        partner.set("/feed", Reply::feed(rss("The Partner", &[entry])));
        let ferry = post(&blog, FERRY, &own);
        blog.set("/feed", Reply::feed(rss("Harbour Buzz", &[ferry])));
        let feeds = [partner.url("/feed"), blog.url("/feed")];
        let ingest = Ingest::new();
        ingest.add(&[&feeds[0], &feeds[1]]).await;
        let order = if owner_first { [0, 1] } else { [1, 0] };
        for turn in order {
            ingest.poll_only(&feeds[turn]).await;
        }
        let articles = ingest.rows::<(String, String, i64)>(
            "SELECT title, url, text_copied FROM articles ORDER BY title",
        );
        let at = |story: Story| blog.url(&format!("/{}", story.slug));
        assert_eq!(
            articles,
            [(FERRY.title.to_owned(), at(FERRY), 0), (COMET.title.to_owned(), own.clone(), 0)],
            "the owner first: {owner_first}"
        );
        let first = aged(&ingest);
        ingest.poll().await;
        check_unchanged(&first, &ingest, "both were read again");
    }
}

#[tokio::test]
async fn a_text_that_names_a_page_of_other_words_is_found_by_its_own() {
    let (ingest, blog, thanks) = poll_a_blog_that_thanks_its_partner().await;
    let another = Publisher::at("127.0.0.4").await;
    let copy = post(&another, COMET, &thanks);
    another.set("/feed", Reply::feed(rss("Daily Skarn", &[copy])));
    ingest.add(&[&another.url("/feed")]).await;
    ingest.poll_only(&another.url("/feed")).await;
    let last = "SELECT verdict, article_id FROM sightings ORDER BY id DESC LIMIT 1";
    assert_eq!(ingest.rows::<(String, i64)>(last), [("same-text".to_owned(), 2)]);
    let url = ingest.value::<String>("SELECT url FROM articles WHERE id = 2");
    assert_eq!(url, blog.url(&format!("/{}", COMET.slug)), "it does not take the address it names");
}
