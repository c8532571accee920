//! Promises of a stop in the middle: what was under way is neither lost nor doubled.

use super::super::harness::{Gate, Ingest, Item, Publisher, Reply, page, rss, story_text};
use super::{FORCED, articles, change, claims, feed_of, hang, path, several, stored};

const FEEDS: usize = 6;

/// Claims of a process that was killed run out by themselves after two minutes. Nobody wants to
/// wait for that here, so we make it so.
const CLAIMS_RUN_OUT: &str =
    "UPDATE feeds SET claimed_until = '2020-01-01T00:00:00Z' WHERE claimed_until IS NOT NULL";

/// What a run that nobody disturbs stores of the same feeds.
async fn undisturbed(urls: &[String]) -> Vec<String> {
    let ingest = Ingest::new();
    ingest.add(&urls.iter().map(String::as_str).collect::<Vec<_>>()).await;
    ingest.poll().await;
    stored(&ingest)
}

/// Ends a daemon with a signal while half of its feeds hang, starts again, and compares.
async fn check(signal: &str, after: &str) {
    let ingest = Ingest::new()
        .with("INGEST_POLLING__DRAIN_DEADLINE_S", "0")
        .with("INGEST_HTTP__PER_HOST_AT_ONCE", "16");
    let publisher = Publisher::start().await;
    let urls = several(&ingest, &publisher, FEEDS).await;
    let gates: Vec<Gate> = (FEEDS / 2..FEEDS).map(|feed| hang(&publisher, feed)).collect();
    let daemon = ingest.daemon(&[]);
    for feed in 0..FEEDS {
        publisher.until_hit(&path(feed), 1).await;
    }
    daemon.until_line("read").await;
    daemon.signal(signal);
    daemon.wait().await;
    let left = articles(&ingest);
    assert!((2..=i64::try_from(FEEDS).unwrap()).contains(&left), "{left} articles in mid-pass");
    gates.iter().for_each(Gate::open);
    if !after.is_empty() {
        change(&ingest, after);
    }
    let output = ingest.run(&["--once"]).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert_eq!(stored(&ingest), undisturbed(&urls).await);
    assert_eq!(claims(&ingest), 0);
    assert_eq!(ingest.value::<String>("PRAGMA integrity_check"), "ok");
}

#[tokio::test]
async fn a_stop_in_mid_pass_loses_and_doubles_nothing() {
    check("TERM", "").await;
}

#[tokio::test]
async fn a_kill_in_mid_pass_loses_and_doubles_nothing() {
    check("KILL", CLAIMS_RUN_OUT).await;
}

#[tokio::test]
async fn claims_of_a_killed_process_keep_others_away_until_they_run_out() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    let gate = hang(&publisher, 0);
    let daemon = ingest.daemon(&[]);
    publisher.until_hit("/0", 1).await;
    daemon.signal("KILL");
    daemon.wait().await;
    gate.open();
    assert_eq!(ingest.run(&FORCED).await.code, 0);
    assert_eq!(publisher.hits("/0"), 1, "the claim stands");
    change(&ingest, CLAIMS_RUN_OUT);
    assert_eq!(ingest.run(&FORCED).await.code, 0);
    assert_eq!((publisher.hits("/0"), articles(&ingest)), (2, 2));
}

#[tokio::test]
async fn a_feed_killed_between_its_pages_has_stored_nothing_yet() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let teaser = |n: usize| {
        let link = publisher.url(&format!("/story/{n}"));
        Item::new(&format!("Story number {n}")).link(&link).summary("A teaser …")
    };
    publisher.set("/0", Reply::feed(rss("Teasers", &(0..4).map(teaser).collect::<Vec<_>>())));
    let gate = Gate::closed();
    for n in 0..4 {
        let reply = Reply::page(page(&format!("Story number {n}"), &story_text(n)));
        let reply = if n == 0 { reply.behind(&gate) } else { reply };
        publisher.set(&format!("/story/{n}"), reply);
    }
    let url = publisher.url("/0");
    ingest.add(&[&url]).await;
    let daemon = ingest.daemon(&[]);
    for n in 0..4 {
        publisher.until_hit(&format!("/story/{n}"), 1).await;
    }
    daemon.signal("KILL");
    daemon.wait().await;
    assert_eq!((articles(&ingest), claims(&ingest)), (0, 1));
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM sightings"), 0);
    gate.open();
    change(&ingest, CLAIMS_RUN_OUT);
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles WHERE body IS NOT NULL"), 4);
    assert_eq!(stored(&ingest), undisturbed(&[url]).await);
}

#[tokio::test]
async fn a_pass_that_is_stopped_says_so_and_the_next_goes_on() {
    let ingest = Ingest::new().with("INGEST_POLLING__DRAIN_DEADLINE_S", "0");
    let publisher = Publisher::start().await;
    several(&ingest, &publisher, 2).await;
    let _gate = hang(&publisher, 1);
    let pass = ingest.daemon(&["--once", "--json"]);
    publisher.until_hit("/1", 1).await;
    pass.signal("TERM");
    let output = pass.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("\"interrupted\":true"), "{}", output.stderr);
    assert_eq!(claims(&ingest), 0);
    publisher.set("/1", feed_of(1));
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    assert_eq!(articles(&ingest), 4);
}
