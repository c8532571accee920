//! Google is left alone when it has had enough, across restarts, and within its budget always.

use super::{World, headline};
use crate::harness::{Item, Mood, Treatment};
use crate::stories::FERRY;

/// Entries with tokens of their own, whose pages are not there.
fn headlines(world: &World, count: usize, treatment: &Treatment) -> Vec<Item> {
    (0..count)
        .map(|number| {
            let url = world.publisher.url(&format!("/{number}"));
            headline(&FERRY, &world.google.link(&url, treatment.clone()))
        })
        .collect()
}

fn pages(world: &World) -> usize {
    world.google.told().pages.len()
}

#[tokio::test]
async fn a_budget_holds_over_restarts_and_the_rest_waits_without_a_failure() {
    let mut world = World::new().await;
    world.config.links.google_news_per_hour = 7;
    let items = headlines(&world, 16, &Treatment::Good);
    world.feed("/feed", &items).await;
    let summary = world.pass().await;
    assert_eq!(pages(&world), 7);
    let why = summary.links.held_back.unwrap();
    let expected =
        "Google is not asked until 2026-04-07 13:00 UTC: the budget of 7 requests an hour is spent";
    assert_eq!(why, expected);
    world.pass().await;
    assert_eq!(pages(&world), 7, "a restart brings no new budget");
    let waiting = world.queue();
    let google: Vec<_> = waiting.iter().filter(|(asks, ..)| asks == "google-news").collect();
    assert_eq!(google.len(), 9);
    assert!(
        google.iter().all(|(_, tries, again, error)| (*tries, *again, error) == (0, true, &None))
    );
    world.pass_hours(1);
    world.pass().await;
    assert_eq!(pages(&world), 14);
}

#[tokio::test]
async fn any_sign_of_a_block_ends_the_round_and_is_remembered_over_a_restart() {
    for (mood, expected) in [
        (Mood::Sorry, "it redirects to its page for too many requests"),
        (Mood::TooMany, "it answers 429: too many requests"),
        (Mood::Consent, "it asks for consent"),
        (Mood::TooManyQuestions, "it answers the question with a block"),
    ] {
        let world = World::new().await;
        let items = headlines(&world, 12, &Treatment::Good);
        world.feed("/feed", &items).await;
        world.google.behave(mood);
        let summary = world.pass().await;
        let asked = if mood == Mood::TooManyQuestions { 5 } else { 1 };
        assert_eq!(pages(&world), asked, "{mood:?}");
        let why = format!("Google is not asked until 2026-04-07 13:00 UTC: {expected}");
        assert_eq!(summary.links.held_back, Some(why));
        let breaker = "SELECT reason FROM breakers WHERE service = '127.0.0.4'";
        assert_eq!(world.ingest.value::<String>(breaker), expected);
        // Google has calmed down, but a restart does not find that out.
        world.google.behave(Mood::Well);
        world.pass().await;
        assert_eq!(pages(&world), asked, "{mood:?}: left alone");
        assert!(world.queue().iter().all(|(_, tries, again, _)| (*tries, *again) == (0, true)));
        // Nothing of the refusals was taken for an article.
        assert_eq!(world.ingest.value::<i64>("SELECT count(body) FROM articles"), 0);
    }
}

#[tokio::test]
async fn one_request_finds_out_whether_the_block_is_over() {
    let world = World::new().await;
    let items = headlines(&world, 4, &Treatment::Good);
    world.feed("/feed", &items).await;
    world.google.behave(Mood::Sorry);
    world.pass().await;
    world.pass_hours(1);
    world.pass().await;
    assert_eq!(pages(&world), 2, "one probe");
    world.pass_hours(1);
    world.pass().await;
    assert_eq!(pages(&world), 2, "which failed, so the next rest is longer");
    world.pass_hours(1);
    world.google.behave(Mood::Well);
    world.pass().await;
    assert_eq!(pages(&world), 6, "the probe succeeded, so the others follow");
    let questions = world.google.told().questions;
    assert_eq!(questions.first().map(Vec::len), Some(1), "the probe is a question of its own");
}

#[tokio::test]
async fn failures_in_a_row_count_as_a_block() {
    let world = World::new().await;
    let items = headlines(&world, 9, &Treatment::Status(400));
    world.feed("/feed", &items).await;
    let summary = world.pass().await;
    assert_eq!((pages(&world), summary.links.failed), (3, 3));
    assert!(summary.links.held_back.unwrap().ends_with("it answers 400"));
}

#[tokio::test]
async fn a_token_that_is_never_answered_is_given_up_after_a_few_days() {
    let world = World::new().await;
    let items = headlines(&world, 1, &Treatment::LeavesOut);
    world.feed("/feed", &items).await;
    for (hours, asked) in [(0, 1), (0, 1), (1, 2), (3, 2), (1, 3), (15, 3), (1, 4), (999, 4)] {
        world.pass_hours(hours);
        world.pass().await;
        assert_eq!(pages(&world), asked);
    }
    let error = Some("its answer leaves this token out".to_owned());
    assert_eq!(world.queue(), [("google-news".to_owned(), 4, false, error)]);
}
