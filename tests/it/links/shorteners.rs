//! Redirectors are asked once for each link, however many ask at the same moment.

use super::World;
use crate::harness::{Gate, Item, Reply, eventually};
use crate::stories::{COMET, FERRY};

#[tokio::test]
async fn feeds_that_carry_one_link_at_the_same_moment_ask_for_it_once() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    let gate = Gate::closed();
    world.redirector.set("/x", Reply::redirect(302, &url).behind(&gate));
    // The second host at its side, so that politeness towards one host is not what keeps them apart.
    let link = world.redirector.url("/x");
    let stories = [FERRY, COMET, FERRY];
    for (number, story) in stories.iter().enumerate() {
        let item = Item::new(story.title).id(&number.to_string()).link(&link);
        world.feed(&format!("/{number}"), &[item]).await;
    }
    let app = world.open().await;
    let pass = Box::pin(app.once(false, None, &|_| {}));
    let watch = async {
        world.redirector.until_hit("/x", 1).await;
        for number in 0..stories.len() {
            world.publisher.until_hit(&format!("/{number}"), 1).await;
        }
        gate.open();
    };
    let (summary, ()) = eventually("the pass", async { tokio::join!(pass, watch) }).await;
    assert_eq!(summary.unwrap().feeds(), 3);
    assert_eq!(world.redirector.hits("/x"), 1);
    assert_eq!(world.articles().len(), 1);
}

#[tokio::test]
async fn every_way_a_redirector_names_its_target_is_understood() {
    let world = World::new().await;
    let url = world.tell(&FERRY);
    let refresh = format!("<meta http-equiv='Refresh' content='0; URL=\"{url}\"'>");
    for (path, reply) in [
        ("/301", Reply::redirect(301, &url)),
        ("/302", Reply::redirect(302, &url)),
        ("/303", Reply::redirect(303, &url)),
        ("/307", Reply::redirect(307, &url)),
        ("/308", Reply::redirect(308, &url)),
        ("/refresh", Reply::page(refresh)),
        ("/chain", Reply::redirect(302, "/301")),
    ] {
        world.redirector.set(path, reply);
        let item = Item::new(FERRY.title).id(path).link(&world.redirector.url(path));
        world.feed(&format!("/feed{path}"), &[item]).await;
    }
    world.pass().await;
    let targets = world.ingest.column::<String>("SELECT DISTINCT target FROM sightings");
    assert_eq!(targets, [url]);
    assert_eq!(world.redirector.hits("/301"), 1, "a chain shares what is known");
}

#[tokio::test]
async fn a_chain_without_an_end_is_given_up() {
    let world = World::new().await;
    for hop in 0..8 {
        let next = world.redirector.url(&format!("/{}", hop + 1));
        world.redirector.set(&format!("/{hop}"), Reply::redirect(302, &next));
    }
    let item = Item::new(FERRY.title).id("1").link(&world.redirector.url("/0"));
    world.feed("/feed", &[item]).await;
    world.pass().await;
    let (asks, _, again, error) = world.queue().remove(0);
    assert_eq!((asks.as_str(), again), ("redirector", false));
    assert!(error.unwrap().contains("links.hops_max"));
}
