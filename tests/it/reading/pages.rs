//! Feeds that only tease: the article is on its page.

use crate::harness::{Ingest, Item, Publisher, Reply, page, paragraphs, rss};
use crate::stories::{COMET, FERRY, NOTICE};

/// How often an entry's page is asked for before its article stays held.
const ATTEMPTS: usize = 5;

const TEASER: &str = "The night ferry is back, nine winters after the last crossing …";

/// A feed whose one entry says little and leads to `/ferry`.
struct Teased {
    publisher: Publisher,
    ingest: Ingest,
}

/// What is known of the one article: its body, where that was found, and why there is none.
type Found = (Option<String>, Option<String>, Option<String>);

impl Teased {
    async fn by(summary: &str) -> Self {
        let publisher = Publisher::start().await;
        let item = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).summary(summary);
        publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
        let ingest = Ingest::new();
        ingest.add(&[&publisher.url("/feed")]).await;
        Self { publisher, ingest }
    }

    fn found(&self) -> Found {
        let found = "SELECT body, text_source, hold_reason FROM articles";
        let mut found = self.ingest.rows::<Found>(found);
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    fn check_text(&self, body: &str, source: &str) {
        assert_eq!(self.found(), (Some(body.to_owned()), Some(source.to_owned()), None));
    }

    fn check_held(&self, reason: &str) {
        assert_eq!(self.found(), (None, None, Some(reason.to_owned())));
    }
}

#[tokio::test]
async fn a_teasers_page_is_fetched_and_its_text_is_the_body() {
    let teased = Teased::by(TEASER).await;
    teased.publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    teased.ingest.poll().await;
    teased.check_text(FERRY.body, "page");
    teased.ingest.poll().await;
    assert_eq!(teased.publisher.hits("/ferry"), 1, "a page that was read is not asked for again");
}

#[tokio::test]
async fn a_page_of_the_year_12345_can_be_read_again() {
    let teased = Teased::by(TEASER).await;
    let date = "<meta property=\"article:published_time\" content=\"+12345-01-01\"></head>";
    let html = page(FERRY.title, FERRY.body).replace("</head>", date);
    assert!(html.contains("12345"));
    teased.publisher.set("/ferry", Reply::page(html));
    teased.ingest.poll().await;
    teased.check_text(FERRY.body, "page");
    // What is stored is compared with what comes, and shown.
    let entry =
        Item::new(FERRY.title).id("2").link(&teased.publisher.url("/ferry")).summary(TEASER);
    teased.publisher.set("/feed", Reply::feed(rss("The Gazette", &[entry])));
    teased.ingest.poll().await;
    let shown = teased.ingest.run(&["show", "1"]).await;
    assert_eq!(shown.code, 0, "{shown:?}");
}

#[tokio::test]
async fn the_text_of_a_page_is_cleaned() {
    let teased = Teased::by(TEASER).await;
    let rows = "Share this:\nFacebook\nLike this:\nLoading...\nPost a Comment";
    let html = page(FERRY.title, &format!("{}\n{rows}", FERRY.body));
    teased.publisher.set("/ferry", Reply::page(html));
    teased.ingest.poll().await;
    teased.check_text(FERRY.body, "page");
}

#[tokio::test]
async fn a_feed_with_the_full_text_needs_no_page() {
    let teased = Teased::by(&paragraphs(FERRY.body)).await;
    teased.publisher.set("/ferry", Reply::page(page(COMET.title, COMET.body)));
    teased.ingest.poll().await;
    teased.check_text(FERRY.body, "feed");
    assert_eq!(teased.publisher.hits("/ferry"), 0);
}

#[tokio::test]
async fn a_page_may_be_one_redirect_away() {
    let teased = Teased::by(TEASER).await;
    let moved = teased.publisher.url("/2026/ferry");
    teased.publisher.set("/ferry", Reply::redirect(301, &moved));
    teased.publisher.set("/2026/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    teased.ingest.poll().await;
    teased.check_text(FERRY.body, "page");
    assert_eq!(teased.ingest.column::<String>("SELECT url FROM articles"), [moved]);
}

#[tokio::test]
async fn the_address_a_page_gives_as_its_own_is_the_articles() {
    let teased = Teased::by(TEASER).await;
    let canonical = teased.publisher.url("/news/sea/ferry");
    let head = format!("<head><link rel=\"canonical\" href=\"{canonical}\">");
    let html = page(FERRY.title, FERRY.body).replace("<head>", &head);
    teased.publisher.set("/ferry", Reply::page(html));
    teased.ingest.poll().await;
    assert_eq!(teased.ingest.column::<String>("SELECT url FROM articles"), [canonical]);
}

#[tokio::test]
async fn a_page_that_is_missing_holds_the_article_until_it_is_there() {
    let teased = Teased::by(TEASER).await;
    teased.ingest.poll().await;
    teased.check_held("page-failed");
    let summary = teased.ingest.value::<String>("SELECT summary FROM articles");
    assert_eq!(summary, TEASER);
    teased.publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    teased.ingest.ask_again_for_pages().await;
    teased.check_text(FERRY.body, "page");
    assert_eq!(teased.publisher.hits("/ferry"), 2);
}

#[tokio::test]
async fn a_missing_page_is_asked_for_a_few_times_and_then_left_alone() {
    let teased = Teased::by(TEASER).await;
    teased.ingest.poll().await;
    for _ in 0..ATTEMPTS + 2 {
        teased.ingest.ask_again_for_pages().await;
    }
    teased.check_held("page-failed");
    assert_eq!(teased.publisher.hits("/ferry"), ATTEMPTS);
}

#[tokio::test]
async fn a_page_without_an_article_is_held_and_says_why() {
    let teased = Teased::by(TEASER).await;
    teased.ingest.poll().await;
    let check = async |title: &str, text: &str, reason: &str| {
        teased.publisher.set("/ferry", Reply::page(page(title, text)));
        teased.ingest.ask_again_for_pages().await;
        teased.check_held(reason);
    };
    check(FERRY.title, "Please accept our cookies.", "consent").await;
    check("Just a moment...", "Checking your browser before accessing the site.", "challenge")
        .await;
    check(FERRY.title, &format!("{TEASER}\nSubscribe to continue reading"), "paywall").await;
    check(FERRY.title, "There are pictures on this page.", "page-unreadable").await;
}

#[tokio::test]
async fn a_film_where_a_page_should_be_is_no_text() {
    let teased = Teased::by(TEASER).await;
    teased.publisher.set("/ferry", Reply::ok("video/mp4", FERRY.body));
    teased.ingest.poll().await;
    teased.check_held("page-failed");
}

#[tokio::test]
async fn a_usable_but_short_text_of_the_feed_serves_while_the_page_is_missing() {
    let two = FERRY.body.lines().take(2).collect::<Vec<_>>().join("\n");
    let teased = Teased::by(&paragraphs(&two)).await;
    teased.ingest.poll().await;
    teased.check_text(&two, "feed");
    assert_eq!(teased.publisher.hits("/ferry"), 1);
}

#[tokio::test]
async fn no_page_is_asked_for_when_the_operator_says_so() {
    let publisher = Publisher::start().await;
    let item = Item::new("Baths closed").id("1").link(&publisher.url("/baths")).summary(NOTICE);
    publisher.set("/feed", Reply::feed(rss("Notices", &[item])));
    let ingest = Ingest::new().with("INGEST_TEXT__FETCH_PAGES", "false");
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!(publisher.hits("/baths"), 0);
    assert_eq!(ingest.value::<String>("SELECT hold_reason FROM articles"), "short");
}
