//! Promises of feeds that fail: each costs only itself, is left alone for longer, and recovers.

use rusqlite::Connection;

use super::super::harness::{Gate, Ingest, Manner, Publisher, Reply, Rude, stories};
use super::{FORCED, articles, change, claims, hang, several};

/// An answer's head of a feed whose length is not said.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n\r\n";

#[tokio::test]
async fn a_feed_that_fails_costs_only_itself() {
    let ingest = Ingest::new()
        .with("INGEST_HTTP__IDLE_TIMEOUT_MS", "300")
        .with("INGEST_HTTP__REQUEST_TIMEOUT_MS", "60000")
        .with("INGEST_HTTP__FEED_MAX_BYTES", "200000")
        .with("INGEST_HTTP__REDIRECTS_MAX", "4");
    let publisher = Publisher::start().await;
    publisher.set("/broken", Reply::status(500));
    publisher.set("/garbage", Reply::feed(b"\x00\xff\xfe<<<rss&&&]]>\x9f%PDF".repeat(50)));
    for hop in 0..20 {
        publisher.set(&format!("/hop{hop}"), Reply::redirect(302, &format!("/hop{}", hop + 1)));
    }
    let resets = Rude::start(Manner::Resets).await;
    let silent = Rude::start(Manner::FallsSilent(HEAD.to_vec())).await;
    let floods = Rude::start(Manner::Floods(HEAD.to_vec())).await;
    let nobody = Rude::start(Manner::Resets).await.url("/its-server-is-gone");
    let bad = [
        publisher.url("/broken"),
        publisher.url("/garbage"),
        publisher.url("/hop0"),
        resets.url("/"),
        silent.url("/"),
        floods.url("/"),
        nobody,
    ];
    let good = several(&ingest, &publisher, 5).await;
    ingest.add(&bad.iter().map(String::as_str).collect::<Vec<_>>()).await;

    let output = ingest.run(&["--once"]).await;
    assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{output:?}");
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    assert_eq!(articles(&ingest), 10);
    for url in &bad {
        assert!(output.stderr.contains(&format!("ingest: {url}: ")), "{url}: {}", output.stderr);
    }
    let failing: Vec<String> = ingest.column("SELECT url FROM feeds WHERE failures = 1");
    assert_eq!((failing.len(), failing.iter().all(|url| bad.contains(url))), (bad.len(), true));
    assert!(
        good.iter().all(|url| !output.stderr.contains(&format!("{url}:"))),
        "{}",
        output.stderr
    );
    assert!(
        publisher.hits("/hop4") == 1 && publisher.hits("/hop5") == 0,
        "four redirects, no more"
    );
}

/// When the only feed is asked again, counted from its last poll, in seconds, and why then.
fn next_poll(ingest: &Ingest) -> (i64, String) {
    let seconds = "unixepoch(next_poll_at) - unixepoch(last_poll_at)";
    ingest.rows(&format!("SELECT {seconds}, next_poll_reason FROM feeds")).remove(0)
}

/// Compares the wait with what is expected; up to a twentieth of it is jitter.
fn check(ingest: &Ingest, expected_s: i64, reason: &str) {
    let (wait, why) = next_poll(ingest);
    assert!((expected_s..=expected_s + expected_s / 20 + 1).contains(&wait), "{wait} s, {why}");
    assert_eq!(why, reason);
}

#[tokio::test]
async fn failures_are_left_alone_for_longer_until_a_success() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    publisher.set("/0", Reply::status(500));
    for (failures, hours) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        assert_eq!(ingest.run(&FORCED).await.code, 1);
        check(&ingest, hours * 3_600, &format!("failure {failures} in a row"));
        assert_eq!(ingest.value::<i64>("SELECT failures FROM feeds"), failures);
    }
    publisher.set("/0", Reply::feed(stories(0..2)).etag("\"x\""));
    ingest.poll().await;
    check(&ingest, 3_600, "interval");
    let health: (i64, Option<String>) =
        ingest.rows("SELECT failures, last_error FROM feeds").remove(0);
    assert_eq!(health, (0, None));
    publisher.set("/0", Reply::status(500));
    ingest.run(&FORCED).await;
    check(&ingest, 3_600, "failure 1 in a row");
}

#[tokio::test]
async fn a_server_that_asks_to_be_left_alone_is() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    let ok = super::feed_of(0).etag("\"x\"");
    for (reply, wait, reason) in [
        (Reply::status(429).header("retry-after", "7200"), 7_200, "the server's Retry-After"),
        (Reply::status(503).header("retry-after", "9000"), 9_000, "the server's Retry-After"),
        (ok.clone().header("retry-after", "5000"), 5_000, "the server's Retry-After"),
        (Reply::status(503).header("retry-after", "5"), 3_600, "failure 1 in a row"),
        (ok.clone().header("cache-control", "public, max-age=6000"), 6_000, "the server's max-age"),
        (
            Reply::status(429).header("retry-after", "9999999"),
            7 * 86_400,
            "the server's Retry-After, cut short",
        ),
        (
            Reply::status(503).header("retry-after", "Fri, 01 Jan 2100 00:00:00 GMT"),
            7 * 86_400,
            "the server's Retry-After, cut short",
        ),
        (ok.header("cache-control", "max-age=1"), 3_600, "interval"),
    ] {
        let code = i32::from(reply.status != 200);
        publisher.set("/0", reply);
        assert_eq!(ingest.run(&FORCED).await.code, code);
        check(&ingest, wait, reason);
    }
}

#[tokio::test]
async fn an_unchanged_feed_recovers_like_a_changed_one() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    let healthy = super::feed_of(0).etag("\"x\"");
    publisher.set("/0", healthy.clone());
    ingest.poll().await;
    publisher.set("/0", Reply::status(502));
    assert_eq!(ingest.run(&FORCED).await.code, 1);
    publisher.set("/0", healthy);
    ingest.poll().await;
    let health: (i64, Option<String>) =
        ingest.rows("SELECT failures, last_error FROM feeds").remove(0);
    assert_eq!(health, (0, None));
    let outcomes: Vec<String> = ingest.column("SELECT outcome FROM polls ORDER BY id");
    assert_eq!(outcomes, ["changed", "failed", "not-modified"], "the etag outlived the failure");
}

/// Holds the file so that nobody else can write.
fn lock(ingest: &Ingest) -> Connection {
    let holder = Connection::open(ingest.database()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    holder
}

#[tokio::test]
async fn a_store_that_fails_in_mid_pass_ends_the_pass_and_loses_nothing() {
    let ingest = Ingest::new().with("INGEST_STORAGE__BUSY_TIMEOUT_MS", "100");
    let publisher = Publisher::start().await;
    several(&ingest, &publisher, 2).await;
    let gate = hang(&publisher, 1);
    let pass = ingest.daemon(&["--once"]);
    publisher.until_hit("/0", 1).await;
    publisher.until_hit("/1", 1).await;
    let holder = lock(&ingest);
    gate.open();
    let output = pass.wait().await;
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(
        output.stderr.contains("ingest.sqlite is locked by another process"),
        "{}",
        output.stderr
    );
    holder.execute_batch("ROLLBACK").unwrap();
    // The claims could not be given back; they run out by themselves, for which nobody waits here.
    change(&ingest, "UPDATE feeds SET claimed_until = '2020-01-01T00:00:00Z'");
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    assert_eq!((articles(&ingest), claims(&ingest)), (4, 0));
}

#[tokio::test]
async fn a_store_that_fails_does_not_end_the_daemon() {
    let ingest = Ingest::new().with("INGEST_STORAGE__BUSY_TIMEOUT_MS", "100");
    let publisher = Publisher::start().await;
    several(&ingest, &publisher, 1).await;
    let gate = hang(&publisher, 0);
    let daemon = ingest.daemon(&[]);
    publisher.until_hit("/0", 1).await;
    let holder = lock(&ingest);
    gate.open();
    let line = daemon.until_line("the store failed; pausing").await;
    assert!(line.contains("is locked by another process"), "{line}");
    holder.execute_batch("ROLLBACK").unwrap();
    daemon.signal("TERM");
    assert_eq!(daemon.wait().await.code, 0);
    assert_eq!(claims(&ingest), 0, "the claim is given back");
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    assert_eq!(articles(&ingest), 2);
}

#[tokio::test]
async fn a_daemon_says_once_that_the_store_failed_however_many_feeds_fail_with_it() {
    let ingest = Ingest::new().with("INGEST_STORAGE__BUSY_TIMEOUT_MS", "100");
    let publisher = Publisher::start().await;
    several(&ingest, &publisher, 2).await;
    let gates = [0, 1].map(|feed| hang(&publisher, feed));
    let daemon = ingest.daemon(&["-vv"]);
    publisher.until_hit("/0", 1).await;
    publisher.until_hit("/1", 1).await;
    let holder = lock(&ingest);
    gates.iter().for_each(Gate::open);
    daemon.until_line("the store failed again").await;
    holder.execute_batch("ROLLBACK").unwrap();
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(output.stderr.matches("the store failed; pausing").count(), 1, "{}", output.stderr);
}

#[tokio::test]
async fn what_a_clock_years_ahead_put_off_or_claimed_is_due() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 4).await;
    ingest.poll().await;
    let years = "2099-01-01T00:00:00Z";
    // Polled by that clock, added by it, and under way by it when the power went; and one by ours.
    change(
        &ingest,
        &format!(
            "UPDATE feeds SET last_poll_at = '{years}', next_poll_at = '{years}' WHERE id = 1;
             UPDATE feeds SET last_poll_at = NULL, added_at = '{years}', next_poll_at = '{years}'
             WHERE id = 2;
             UPDATE feeds SET next_poll_at = '2020-01-01T00:00:00Z', claimed_until = '{years}'
             WHERE id = 3;"
        ),
    );
    let output = ingest.run(&["--once", "-v"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains("the clock has gone back"), "{output:?}");
    assert_eq!(super::hits(&publisher, 4), [2, 2, 2, 1], "a feed that is not due is left alone");
    assert_eq!(claims(&ingest), 0);
    let output = ingest.run(&["--once", "-v"]).await;
    assert!(!output.stderr.contains("the clock has gone back"), "once is enough: {output:?}");
}
