//! Google is asked for opaque tokens if the operator says so, and never believed blindly.

use super::{World, headline, publishers};
use crate::harness::{Mood, Treatment, handle};
use crate::stories::{ARCHIVE, COMET, FERRY};

#[tokio::test]
async fn an_opaque_link_is_resolved_in_the_same_pass_and_its_page_read() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    let link = world.google.link(&url, Treatment::Good);
    world.feed("/feed", &[headline(&FERRY, &link)]).await;
    let summary = world.pass().await;
    assert_eq!((summary.links.settled, summary.links.texts, summary.links.failed), (1, 1, 0));
    assert_eq!(world.articles(), [publishers(&url)]);
    assert_eq!(world.ingest.column::<String>("SELECT body FROM articles"), [FERRY.body]);
    let sightings = world.ingest.rows::<(String, String)>("SELECT link, target FROM sightings");
    assert_eq!(sightings, [(link, url)]);
    let told = world.google.told();
    assert_eq!((told.pages.len(), told.questions.len()), (1, 1));
    assert_eq!(told.faults, [""; 0]);
    assert_eq!(world.queue().len(), 0);
    world.pass_hours(24);
    world.pass().await;
    assert_eq!(world.google.told().pages.len(), 1, "it is asked once");
    assert_eq!(world.publisher.hits(&format!("/{}", FERRY.slug)), 1, "and so is the page");
}

#[tokio::test]
async fn nobody_asks_google_unless_the_operator_says_so_and_then_for_what_waited() {
    let mut world = World::new().await;
    let url = world.tell(&FERRY);
    let link = world.google.link(&url, Treatment::Good);
    world.config.links.resolve_google_news = false;
    world.feed("/feed", &[headline(&FERRY, &link)]).await;
    let summary = world.pass().await;
    assert!(summary.links.is_empty());
    assert_eq!(world.google.told().pages.len(), 0);
    assert_eq!(world.queue(), [("google-news".to_owned(), 0, true, None)]);
    world.config.links.resolve_google_news = true;
    world.pass().await;
    assert_eq!(world.articles(), [publishers(&url)]);
}

#[tokio::test]
async fn several_tokens_share_a_question_and_get_their_own_answers_back() {
    let world = World::new().await;
    let stories = [FERRY, COMET, ARCHIVE];
    let items: Vec<_> = stories
        .iter()
        .map(|story| headline(story, &world.google.link(&world.tell(story), Treatment::Good)))
        .collect();
    world.feed("/feed", &items).await;
    world.google.behave(Mood::Chunked);
    world.pass().await;
    for story in stories {
        let query = format!("SELECT url FROM articles WHERE title LIKE '{}%'", story.title);
        let url = world.publisher.url(&format!("/{}", story.slug));
        assert_eq!(world.ingest.column::<String>(&query), [url]);
    }
    let questions = world.google.told().questions;
    assert_eq!(questions.iter().map(Vec::len).collect::<Vec<_>>(), [3]);
}

/// Lets one token be answered in some way, beside one that is answered well; answers the error that
/// is kept of it, and how many pages it took.
async fn answered(treatment: Treatment) -> (World, Option<Option<String>>, usize) {
    let world = World::new().await;
    let good = world.google.link(&world.tell(&COMET), Treatment::Good);
    let link = world.google.link(&world.tell(&FERRY), treatment);
    world.feed("/feed", &[headline(&COMET, &good), headline(&FERRY, &link)]).await;
    world.pass().await;
    let good = format!("SELECT url FROM articles WHERE url LIKE '%{}'", COMET.slug);
    assert_eq!(world.ingest.column::<String>(&good).len(), 1, "the other is answered");
    let pages = world.google.told().pages;
    let of_it = pages.iter().filter(|token| link.contains(token.as_str())).count();
    let error = world.queue().pop().map(|(asks, tries, again, error)| {
        assert_eq!((asks.as_str(), tries, again), ("google-news", 1, true));
        error
    });
    (world, error, of_it)
}

#[tokio::test]
async fn whatever_google_does_with_one_token_concerns_no_other() {
    for (treatment, expected, pages) in [
        (Treatment::Good, None, 1),
        (Treatment::Redirects, None, 1),
        (Treatment::Refuses(1), None, 2),
        (Treatment::Refuses(2), Some("it refuses its own signature"), 2),
        (Treatment::Circles, Some("it sends from one page to the next"), 4),
        (Treatment::Status(400), Some("it answers 400"), 1),
        (Treatment::Unsigned, Some("its page carries no signature for this token"), 1),
        (Treatment::Split, Some("its page carries no signature for this token"), 1),
        (Treatment::LeavesOut, Some("its answer leaves this token out"), 1),
        (Treatment::Contradicts, Some("its answer contradicts itself"), 1),
        (Treatment::Error(5), Some("it answers with error 5"), 1),
        (
            Treatment::Says("https://news.google.com/articles/CBMiX".to_owned()),
            Some("its answer is not the address of a publisher"),
            1,
        ),
        (
            Treatment::Says("javascript:alert(1)".to_owned()),
            Some("its answer is not the address of a publisher"),
            1,
        ),
        (Treatment::Says("/relative".to_owned()), Some("its answer is no address"), 1),
        (
            Treatment::Says("https://paper.example/\r\nx".to_owned()),
            Some("its answer is no address"),
            1,
        ),
    ] {
        let (_, error, asked) = answered(treatment.clone()).await;
        assert_eq!(error.map(|error| error.unwrap()).as_deref(), expected, "{treatment:?}");
        assert_eq!(asked, pages, "{treatment:?}");
    }
}

#[tokio::test]
async fn an_answer_of_another_length_than_the_handle_says_is_believed_all_the_same() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    let odd = handle(&url, url.len() + 15);
    let link = world.google.link_with_handle(&odd, &url, Treatment::Good);
    world.feed("/feed", &[headline(&FERRY, &link)]).await;
    world.pass().await;
    assert_eq!(world.articles(), [publishers(&url)]);
}

#[tokio::test]
async fn an_answer_is_cleaned_like_any_link() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    let tracked = format!("{url}?utm_source=news&utm_medium=x");
    world.publisher.set(
        tracked.strip_prefix(&world.publisher.url("")).unwrap(),
        crate::harness::Reply::page(crate::harness::page(FERRY.title, FERRY.body)),
    );
    let link = world.google.link(&tracked, Treatment::Good);
    world.feed("/feed", &[headline(&FERRY, &link)]).await;
    world.pass().await;
    assert_eq!(world.articles(), [publishers(&url)]);
}

#[tokio::test]
async fn links_with_one_handle_are_asked_for_once_whoever_carries_them() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    let link = world.google.link(&url, Treatment::Good);
    let token = link.split(['/', '?']).nth(5).unwrap().to_owned();
    let read = format!("https://news.google.com/read/{token}?hl=en-US");
    for (feed, link) in [("/one", &link), ("/two", &link), ("/three", &read)] {
        world.feed(feed, &[headline(&FERRY, link)]).await;
    }
    let summary = world.pass().await;
    assert_eq!(world.google.told().pages.len(), 1);
    assert_eq!(summary.links.settled, 2, "two links, of three entries");
    assert_eq!(world.articles(), [publishers(&url)], "one article");
    let targets = world.ingest.column::<String>("SELECT DISTINCT target FROM sightings");
    assert_eq!(targets, [url]);
    // A later entry with the same token needs nobody.
    world.feed("/four", &[headline(&FERRY, &link)]).await;
    world.pass().await;
    assert_eq!(world.google.told().pages.len(), 1);
    assert_eq!(world.ingest.value::<i64>("SELECT count(*) FROM articles"), 1);
}

#[tokio::test]
async fn two_programs_on_one_file_never_ask_for_the_same_token() {
    let world = World::new().await;
    let items: Vec<_> = (0..6)
        .map(|number| {
            let url = world.publisher.url(&format!("/{number}"));
            headline(&FERRY, &world.google.link(&url, Treatment::Good))
        })
        .collect();
    world.feed("/feed", &items).await;
    let one = world.open().await;
    let two = world.open().await;
    let none = None::<Vec<_>>;
    let (a, b) =
        tokio::join!(one.once(false, none.clone(), &|_| {}), two.once(true, none, &|_| {}));
    a.unwrap();
    b.unwrap();
    let mut pages = world.google.told().pages;
    pages.sort_unstable();
    pages.dedup();
    assert_eq!((pages.len(), world.google.told().pages.len()), (6, 6));
}

#[tokio::test]
async fn links_that_say_it_themselves_are_no_question_to_google() {
    let world = World::new().await;
    let legacy = crate::harness::token("https://gazette.example/2019/ferry");
    let link = format!("https://news.google.com/rss/articles/{legacy}?oc=5");
    world.feed("/feed", &[headline(&FERRY, &link).text(FERRY.body)]).await;
    world.pass().await;
    assert_eq!(world.articles(), [publishers("https://gazette.example/2019/ferry")]);
    assert_eq!((world.google.told().pages.len(), world.queue().len()), (0, 0));
}
