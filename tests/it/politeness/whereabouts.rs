//! A feed that moves is followed once it is sure, and one that is gone is let go once it is sure.

use chrono::TimeDelta;

use super::simulation::Simulation;
use crate::harness::{Item, Reply, rss};
use crate::stories::COMET;

fn feed() -> Reply {
    Reply::feed(rss("The Gazette", &[Item::new(COMET.title).id(COMET.slug).text(COMET.body)]))
        .etag("\"x\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_moves_when_its_permanent_redirect_has_stood_for_a_week() {
    let world = Simulation::of(&["/old"]).await;
    world.publisher.set("/new", feed());
    for _ in 0..9 {
        world.publisher.set("/old", Reply::redirect(301, "/new"));
        world.pass().await;
        world.pass_time(TimeDelta::days(1));
    }
    let asked = world.publisher.hits("/old");
    world.pass().await;
    assert_eq!(world.publisher.hits("/old"), asked, "the old address is left alone");
    let url: String = world.ingest.value("SELECT url FROM feeds");
    assert_eq!(url, world.publisher.url("/old"), "the feed keeps the name it was added by");
    let address: String = world.ingest.value("SELECT address FROM feeds");
    assert_eq!(address, world.publisher.url("/new"));
    assert_eq!(asked, 8, "seven days, and the day they were over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_redirect_moves_nothing() {
    let world = Simulation::of(&["/old"]).await;
    world.publisher.set("/new", feed());
    world.publisher.set("/old", Reply::redirect(302, "/new"));
    for _ in 0..20 {
        world.pass().await;
        world.pass_time(TimeDelta::days(1));
    }
    assert_eq!(world.publisher.hits("/old"), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_gone_on_three_days_is_paused_and_said_so() {
    let world = Simulation::of(&["/feed"]).await;
    world.publisher.set("/feed", Reply::status(410));
    for _ in 0..40 {
        world.pass().await;
        world.pass_time(TimeDelta::hours(12));
    }
    let hits = world.publisher.hits("/feed");
    assert!((3..=6).contains(&hits), "{hits} visits on three days");
    let reason: String = world.ingest.value("SELECT pause_reason FROM feeds");
    assert!(reason.contains("gone (410)"), "{reason}");

    // Taken up again by hand, it gets its three days anew.
    world.ingest.run(&["feeds", "resume", &world.publisher.url("/feed")]).await;
    world.publisher.set("/feed", Reply::status(500));
    world.pass_time(TimeDelta::days(2));
    world.pass().await;
    let paused: Option<String> = world.ingest.value("SELECT paused_at FROM feeds");
    assert_eq!(paused, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_fails_otherwise_is_never_given_up() {
    let world = Simulation::of(&["/feed"]).await;
    for (status, _) in [403, 404, 451, 500, 503].iter().zip(0..) {
        world.publisher.set("/feed", Reply::status(*status));
        for _ in 0..30 {
            world.pass().await;
            world.pass_time(TimeDelta::days(1));
        }
    }
    world.publisher.set("/feed", feed());
    world.pass_time(TimeDelta::days(2));
    world.pass().await;
    assert_eq!(world.ingest.value::<i64>("SELECT count(*) FROM articles"), 1);
}
