//! Promises of the daemon: it polls what is due, hears of changes, and obeys signals.

use serde_json::Value;

use super::super::harness::{Ingest, Publisher};
use super::{articles, claims, feed_of, hang, hits, path, several};

#[tokio::test]
async fn the_daemon_polls_what_is_due_and_nothing_early() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 2).await;
    ingest.poll().await;
    let urls = several(&ingest, &publisher, 3).await;
    let daemon = ingest.daemon(&[]);
    let line = daemon.until_line("read").await;
    assert!(line.contains(&urls[2]), "{line}");
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(hits(&publisher, 3), [1, 1, 1]);
    assert_eq!((articles(&ingest), claims(&ingest)), (6, 0));
}

#[tokio::test]
async fn a_feed_added_beside_the_daemon_is_polled() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let daemon = ingest.daemon(&[]);
    daemon.until_line("started").await;
    several(&ingest, &publisher, 1).await;
    publisher.until_hit("/0", 1).await;
    daemon.until_line("read").await;
    daemon.signal("INT");
    assert_eq!(daemon.wait().await.code, 0);
    assert_eq!(articles(&ingest), 2);
}

#[tokio::test]
async fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    let gate = hang(&publisher, 0);
    let mut daemon = ingest.daemon(&[]);
    publisher.until_hit("/0", 1).await;
    daemon.hang_up().await;
    gate.open();
    daemon.signal("TERM");
    assert_eq!(daemon.wait().await.code, 0);
    assert_eq!((articles(&ingest), claims(&ingest)), (2, 0));
}

#[tokio::test]
async fn a_stop_waits_for_the_feeds_under_way() {
    for signal in ["TERM", "INT"] {
        let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
        several(&ingest, &publisher, 1).await;
        let gate = hang(&publisher, 0);
        let daemon = ingest.daemon(&[]);
        publisher.until_hit("/0", 1).await;
        daemon.signal(signal);
        daemon.until_line("stopping once the feeds under way are stored").await;
        gate.open();
        let output = daemon.wait().await;
        assert_eq!(output.code, 0, "SIG{signal}: {}", output.stderr);
        assert!(output.stderr.contains("stopped"), "{}", output.stderr);
        assert_eq!((articles(&ingest), claims(&ingest), publisher.hits("/0")), (2, 0, 1));
    }
}

#[tokio::test]
async fn a_feed_that_hangs_beyond_the_drain_deadline_is_given_back() {
    let ingest = Ingest::new().with("INGEST_POLLING__DRAIN_DEADLINE_S", "1");
    let publisher = Publisher::start().await;
    let urls = several(&ingest, &publisher, 2).await;
    let gate = hang(&publisher, 1);
    let daemon = ingest.daemon(&[]);
    publisher.until_hit("/1", 1).await;
    daemon.until_line("read").await;
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("the drain deadline has passed"), "{}", output.stderr);
    assert_eq!((articles(&ingest), claims(&ingest)), (2, 0));
    let untouched: Vec<String> = ingest.column("SELECT url FROM feeds WHERE last_poll_at IS NULL");
    assert_eq!(untouched, &urls[1..]);
    gate.open();
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    assert_eq!((hits(&publisher, 2), articles(&ingest)), (vec![1, 2], 4));
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    let _gate = hang(&publisher, 0);
    let daemon = ingest.with("INGEST_POLLING__DRAIN_DEADLINE_S", "3600");
    let (ingest, daemon) = (&daemon, daemon.daemon(&[]));
    publisher.until_hit("/0", 1).await;
    daemon.signal("TERM");
    daemon.until_line("stopping").await;
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!((output.code, claims(ingest), articles(ingest)), (0, 0, 0), "{}", output.stderr);
}

#[tokio::test]
async fn sighup_reads_configuration_and_feeds_again() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    (0..3).for_each(|feed| publisher.set(&path(feed), feed_of(feed)));
    let declare = |feed: usize| format!("[[feed]]\nurl = \"{}\"\n", publisher.url(&path(feed)));
    ingest.write("config/feeds.toml", &declare(0));
    let daemon = ingest.daemon(&[]);
    daemon.until_line("read").await;

    ingest.write("config/ingest.toml", "[http]\ncontact = \"https://reader.example/bot\"\n");
    ingest.write("config/feeds.toml", &declare(1));
    daemon.signal("HUP");
    daemon.until_line("configuration read again").await;
    publisher.until_hit("/1", 1).await;
    let agent = |path: &str| {
        let agent = publisher.requests_of(path)[0].headers["user-agent"].clone();
        agent.to_str().unwrap().to_owned()
    };
    assert!(!agent("/0").contains("reader.example"), "{}", agent("/0"));
    assert!(agent("/1").ends_with("(+https://reader.example/bot)"), "{}", agent("/1"));

    ingest.write("config/ingest.toml", "[http]\ncontct = 1\n");
    ingest.write("config/feeds.toml", &(declare(1) + &declare(2)));
    daemon.signal("HUP");
    let line = daemon.until_line("configuration not changed").await;
    assert!(line.contains("config/ingest.toml:2") && line.contains("contct"), "{line}");
    daemon.signal("TERM");
    assert_eq!(daemon.wait().await.code, 0);
    let paused: Vec<String> = ingest.column("SELECT url FROM feeds WHERE paused_at IS NOT NULL");
    assert_eq!(paused, [publisher.url("/0")], "it left the file");
    assert_eq!(hits(&publisher, 3), [1, 1, 0], "a bad configuration changes nothing");
}

#[tokio::test]
async fn a_log_for_machines_is_one_json_object_a_line() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    let daemon = ingest.daemon(&["--log-format", "json"]);
    daemon.until_line("\"read\"").await;
    daemon.signal("TERM");
    let output = daemon.wait().await;
    let lines: Vec<Value> =
        output.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let read = lines.iter().find(|line| line["message"] == "read").unwrap();
    assert_eq!((&read["level"], &read["new"]), (&"INFO".into(), &2.into()));
    assert_eq!(read["feed"], publisher.url("/0"));
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()));
}

#[tokio::test]
async fn a_quiet_daemon_says_nothing_of_what_goes_well() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 1).await;
    let gate = hang(&publisher, 0);
    let daemon = ingest.daemon(&["--quiet"]);
    publisher.until_hit("/0", 1).await;
    daemon.signal("TERM");
    gate.open();
    let output = daemon.wait().await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
}
