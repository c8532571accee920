//! Pages that were asked for in vain are asked for again, and others only if they changed.

use crate::harness::{Ingest, Item, Publisher, Reply, page, paragraphs, rss};
use crate::stories::{COMET, FERRY};

const TEASER: &str = "The night ferry is back, nine winters after the last crossing …";

/// How often a page is asked for in vain, if nothing else is said.
const TRIES: usize = 5;

fn feed(publisher: &Publisher, summary: &str) -> Reply {
    let item = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).summary(summary);
    Reply::feed(rss("The Gazette", &[item]))
}

async fn teased(publisher: &Publisher) -> Ingest {
    publisher.set("/feed", feed(publisher, TEASER).etag("\"1\""));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    ingest
}

#[tokio::test]
async fn a_page_comes_late_although_its_feed_says_that_nothing_changed() {
    let publisher = Publisher::start().await;
    let ingest = teased(&publisher).await;
    assert_eq!(ingest.value::<String>("SELECT hold_reason FROM articles"), "page-failed");
    let last_seen = ingest.value::<String>("SELECT last_seen_at FROM sightings");
    publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    let output = ingest.run(&["--once", "--json"]).await;
    assert_eq!(publisher.hits("/ferry"), 1, "its time has not come: {output:?}");
    let output = ingest.ask_again_for_pages().await;
    assert!(output.stdout.contains(r#""pages_again":{"asked":1,"found":1}"#), "{output:?}");
    assert_eq!(publisher.hits("/feed"), 1, "the feed itself is not due");
    assert_eq!(ingest.value::<String>("SELECT body FROM articles"), FERRY.body);
    assert_eq!(ingest.value::<String>("SELECT text_source FROM articles"), "page");
    assert_eq!(ingest.value::<String>("SELECT last_seen_at FROM sightings"), last_seen);
    assert_eq!(ingest.value::<i64>("SELECT count(next_try_at) FROM text_choices"), 0);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM received_texts WHERE kind = 'page'"), 1);
}

#[tokio::test]
async fn each_rest_is_longer_and_the_tries_have_an_end() {
    let publisher = Publisher::start().await;
    let ingest = teased(&publisher).await;
    let mut rests = Vec::new();
    for _ in 0..TRIES + 2 {
        rests.extend(ingest.column::<Option<i64>>(
            "SELECT CAST(round((julianday(next_try_at) - julianday('now')) * 24) AS INTEGER)
             FROM text_choices",
        ));
        ingest.ask_again_for_pages().await;
    }
    assert_eq!(rests[..5], [Some(1), Some(4), Some(16), Some(64), None]);
    assert_eq!(publisher.hits("/ferry"), TRIES);
    assert_eq!(ingest.value::<String>("SELECT hold_reason FROM held_pages"), "page-failed");
}

#[tokio::test]
async fn a_page_asked_for_again_says_why_it_is_held_now() {
    let publisher = Publisher::start().await;
    let ingest = teased(&publisher).await;
    let wall = page("Just a moment...", "Verify you are human by completing the action below.");
    publisher.set("/ferry", Reply::page(wall));
    ingest.ask_again_for_pages().await;
    assert_eq!(ingest.value::<String>("SELECT hold_reason FROM articles"), "challenge");
    assert_eq!(ingest.value::<i64>("SELECT page_tries FROM text_choices"), 2);
}

#[tokio::test]
async fn a_paused_feeds_pages_rest_with_it() {
    let publisher = Publisher::start().await;
    let ingest = teased(&publisher).await;
    ingest.run(&["feeds", "pause", &publisher.url("/feed")]).await;
    ingest.ask_again_for_pages().await;
    assert_eq!(publisher.hits("/ferry"), 1);
}

#[tokio::test]
async fn a_page_is_asked_for_no_more_once_its_article_has_a_pages_text() {
    let publisher = Publisher::start().await;
    publisher.set("/feed", feed(&publisher, TEASER));
    publisher.set("/sport", feed(&publisher, TEASER));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed"), &publisher.url("/sport")]).await;
    ingest.poll().await;
    let waiting = "SELECT count(next_try_at) FROM text_choices";
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 1);
    assert_eq!(ingest.value::<i64>(waiting), 2);
    publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    ingest.execute(
        "UPDATE text_choices SET next_try_at = '2001-01-01T00:00:00Z' WHERE sighting_id = 2",
    );
    ingest.run(&["--once"]).await;
    assert_eq!(ingest.value::<String>("SELECT body FROM articles"), FERRY.body);
    let asked = publisher.hits("/ferry");
    let output = ingest.ask_again_for_pages().await;
    assert!(output.stdout.contains(r#""pages_again":{"asked":0,"found":0}"#), "{output:?}");
    assert_eq!(publisher.hits("/ferry"), asked);
    assert_eq!(ingest.value::<i64>(waiting), 0, "nobody looks at it again");
}

#[tokio::test]
async fn pages_rest_that_their_operator_does_not_want_now() {
    let publisher = Publisher::start().await;
    let mut ingest = teased(&publisher).await;
    let url = publisher.url("/feed");
    for (pages_of_all, of_this, asked) in [
        ("false", "", 1),
        ("true", "text = \"feed\"", 1),
        ("false", "text = \"page\"", 2),
        ("true", "", 3),
    ] {
        ingest = ingest.with("INGEST_TEXT__FETCH_PAGES", pages_of_all);
        ingest.write("config/feeds.toml", &format!("[[feed]]\nurl = \"{url}\"\n{of_this}\n"));
        ingest.ask_again_for_pages().await;
        assert_eq!(publisher.hits("/ferry"), asked, "{pages_of_all}, {of_this}");
        let tries: i64 = ingest.value("SELECT page_tries FROM text_choices");
        assert_eq!(usize::try_from(tries), Ok(asked), "none counts that was not made");
    }
}

#[tokio::test]
async fn the_page_of_an_entry_that_changed_is_asked_for_conditionally() {
    let publisher = Publisher::start().await;
    let reply = Reply::page(page(FERRY.title, FERRY.body)).etag("\"page-1\"");
    publisher.set("/ferry", reply.clone());
    let ingest = teased(&publisher).await;
    publisher.set("/feed", feed(&publisher, &format!("{TEASER} Tickets are sold out …")));
    ingest.poll().await;
    let asked = publisher.requests_of("/ferry");
    assert_eq!(asked.len(), 2);
    assert!(!asked[0].headers.contains_key("if-none-match"));
    assert_eq!(asked[1].headers["if-none-match"], "\"page-1\"");
    assert_eq!(ingest.column::<String>("SELECT body FROM articles"), [FERRY.body]);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM revisions"), 0);
    assert_eq!(
        ingest.value::<i64>("SELECT count(*) FROM received_texts WHERE etag IS NOT NULL"),
        1
    );
}

#[tokio::test]
async fn a_feed_may_ask_for_so_many_pages_at_one_poll_and_for_the_rest_at_the_next() {
    let publisher = Publisher::start().await;
    let items: Vec<Item> = [FERRY, COMET]
        .iter()
        .enumerate()
        .map(|(number, story)| {
            publisher.set(&format!("/{number}"), Reply::page(page(story.title, story.body)));
            let link = publisher.url(&format!("/{number}"));
            Item::new(story.title).id(&number.to_string()).link(&link).summary(TEASER)
        })
        .collect();
    publisher.set("/feed", Reply::feed(rss("The Gazette", &items)).etag("\"1\""));
    let ingest = Ingest::new().with("INGEST_TEXT__PAGES_PER_POLL", "1");
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 1);
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles WHERE text_source = 'page'"), 2);
    assert_eq!(publisher.hits("/0") + publisher.hits("/1"), 2);
}

/// Declares a feed with further keys and polls it; answers the text and why it was taken.
async fn declared(publisher: &Publisher, keys: &str) -> (Ingest, Option<String>, String) {
    let ingest = Ingest::new();
    let url = publisher.url("/feed");
    ingest.write("config/feeds.toml", &format!("[[feed]]\nurl = \"{url}\"\n{keys}\n"));
    let output = ingest.run(&["--once", "--force"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    let body = ingest.value::<Option<String>>("SELECT body FROM articles");
    let reason = ingest.value::<String>("SELECT reason FROM text_choices");
    (ingest, body, reason)
}

#[tokio::test]
async fn an_operator_says_for_a_feed_which_text_is_the_articles() {
    let publisher = Publisher::start().await;
    publisher.set("/feed", feed(&publisher, &paragraphs(FERRY.body)));
    publisher.set("/ferry", Reply::page(page(FERRY.title, COMET.body)));
    let check = async |keys: &str, expected: &str, why: &str| {
        let (_, body, reason) = declared(&publisher, keys).await;
        assert_eq!((body.as_deref(), reason.as_str()), (Some(expected), why), "{keys}");
    };
    check("", FERRY.body, "feed-is-full").await;
    check("text = \"auto\"", FERRY.body, "feed-is-full").await;
    check("text = \"page\"", COMET.body, "page-is-wanted").await;
    publisher.set("/feed", feed(&publisher, TEASER));
    check("text = \"auto\"", COMET.body, "feed-is-short").await;
    let (_, body, reason) = declared(&publisher, "text = \"feed\"").await;
    assert_eq!((body, reason.as_str()), (None, "feed-is-wanted"));
}

#[tokio::test]
async fn a_text_that_says_it_goes_on_elsewhere_is_not_the_whole() {
    let publisher = Publisher::start().await;
    let html = format!("{}<p>Continue reading</p>", paragraphs(FERRY.body));
    publisher.set("/feed", feed(&publisher, &html));
    let longer = format!("{}\n{}", FERRY.body, COMET.body);
    publisher.set("/ferry", Reply::page(page(FERRY.title, &longer)));
    let (_, body, reason) = declared(&publisher, "").await;
    assert_eq!((body.as_deref(), reason.as_str()), (Some(longer.as_str()), "feed-breaks-off"));
}

#[tokio::test]
async fn selectors_find_the_article_on_a_stubborn_site() {
    let publisher = Publisher::start().await;
    publisher.set("/feed", feed(&publisher, TEASER));
    let story = paragraphs(FERRY.body);
    let html = format!(
        "<html><body><div class='x1'>{story}<p class='promo'>Buy our mug, it is blue.</p></div>\
         <article>{}</article></body></html>",
        paragraphs(COMET.body)
    );
    publisher.set("/ferry", Reply::page(html));
    let keys = "select = \".x1\"\nremove = [\".promo\", \"aside\"]";
    let (_, body, _) = declared(&publisher, keys).await;
    assert_eq!(body.as_deref(), Some(FERRY.body));
}
