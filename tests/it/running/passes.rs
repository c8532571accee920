//! Promises of `--once`: which feeds it polls, what it says, and how it ends.

use serde_json::Value;

use super::super::harness::{Ingest, Output, Publisher, Reply, stories};
use super::{FORCED, articles, change, hits, several};

/// Runs a pass and compares how often each feed has been asked for since the start.
async fn check(ingest: &Ingest, publisher: &Publisher, arguments: &[&str], expected: &[usize]) {
    let output = ingest.run(arguments).await;
    let silent = Output { code: 0, stdout: String::new(), stderr: String::new() };
    assert_eq!(output, silent, "{arguments:?}");
    assert_eq!(hits(publisher, expected.len()), expected, "{arguments:?}");
}

#[tokio::test]
async fn a_pass_polls_due_feeds_and_a_restart_polls_none_early() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let urls = several(&ingest, &publisher, 3).await;
    check(&ingest, &publisher, &["--once"], &[1, 1, 1]).await;
    check(&ingest, &publisher, &["--once"], &[1, 1, 1]).await;
    change(
        &ingest,
        &format!(
            "UPDATE feeds SET next_poll_at = '2020-01-01T00:00:00Z' WHERE url = '{}'",
            urls[1]
        ),
    );
    check(&ingest, &publisher, &["--once"], &[1, 2, 1]).await;
    check(&ingest, &publisher, &FORCED, &[2, 3, 2]).await;
    assert_eq!(articles(&ingest), 6);
}

#[tokio::test]
async fn a_pass_asks_more_hosts_than_the_program_may_open_files() {
    // Connections are kept for some time beyond the gap, longer than the pass takes.
    let ingest = Ingest::new().with("INGEST_HTTP__PER_HOST_GAP_MS", "4500");
    let publisher = Publisher::at("0.0.0.0").await;
    publisher.set("/feed", Reply::feed(stories(0..1)).etag("\"1\""));
    let host = |number: usize| format!("127.0.{}.{}", 1 + number / 250, 1 + number % 250);
    let urls = (0..600).map(|number| publisher.url("/feed").replace("0.0.0.0", &host(number)));
    ingest.add(&urls.collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>()).await;
    for _ in 0..2 {
        let output = ingest.shell("ulimit -n 256; ingest --once --force").await;
        assert_eq!(output, Output { code: 0, stdout: String::new(), stderr: String::new() });
    }
    assert_eq!(publisher.hits("/feed"), 1_200);
}

#[tokio::test]
async fn only_the_named_feeds_are_polled() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let urls = several(&ingest, &publisher, 3).await;
    check(&ingest, &publisher, &["--once", "--feed", &urls[0]], &[1, 0, 0]).await;
    check(&ingest, &publisher, &["--once", "--feed", &urls[0]], &[1, 0, 0]).await;
    let both = ["--once", "--force", "--feed", &urls[0], &urls[2]];
    check(&ingest, &publisher, &both, &[2, 0, 1]).await;
}

#[tokio::test]
async fn a_feed_nobody_knows_is_refused_with_the_remedy() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let urls = several(&ingest, &publisher, 1).await;
    let unknown = publisher.url("/unknown");
    let output = ingest.run(&["--once", "--feed", &urls[0], &unknown]).await;
    assert_eq!(output.code, 2);
    assert_eq!(
        output.stderr,
        format!("ingest: {unknown} is no feed yet; add it with `ingest feeds add {unknown}`\n")
    );
    assert_eq!(hits(&publisher, 1), [0], "nothing was polled");
}

#[tokio::test]
async fn options_of_a_pass_are_refused_without_one() {
    let ingest = Ingest::new();
    for arguments in
        [&["--force"][..], &["--json"], &["--feed", "http://a.example/"], &["-q", "-v"]]
    {
        let output = ingest.run(arguments).await;
        assert_eq!(output.code, 2, "{arguments:?}: {output:?}");
        assert!(output.stderr.contains(arguments[0]), "{output:?}");
    }
}

#[tokio::test]
async fn failures_are_told_one_line_a_feed() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let urls = several(&ingest, &publisher, 3).await;
    publisher.set("/1", Reply::status(500));
    publisher.set("/2", Reply::status(404));
    let output = ingest.run(&["--once"]).await;
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    for url in &urls[1..] {
        let line = format!("ingest: {url}: ");
        assert_eq!(output.stderr.lines().filter(|said| said.starts_with(&line)).count(), 1);
    }
    assert!(!output.stderr.contains(&urls[0]), "{}", output.stderr);
    let summary = output.stderr.lines().last().unwrap();
    assert!(summary.contains("3 feeds polled: 1 read, 0 not modified, 2 failed"), "{summary}");

    let quiet = ingest.run(&["--once", "--force", "--quiet"]).await;
    assert_eq!(quiet.code, 1);
    assert_eq!(quiet.stderr.lines().count(), 2, "only the failures: {}", quiet.stderr);
}

#[tokio::test]
async fn verbose_tells_what_came_of_it() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let none = ingest.run(&["--once", "-v"]).await;
    assert!(none.stderr.contains("`ingest feeds add URL`"), "{}", none.stderr);
    several(&ingest, &publisher, 2).await;
    let output = ingest.run(&["--once", "-v"]).await;
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    assert!(output.stderr.contains("2 feeds polled: 2 read"), "{}", output.stderr);
    assert!(output.stderr.contains("4 new articles"), "{}", output.stderr);
    let idle = ingest.run(&["--once", "-v"]).await;
    assert_eq!(idle.code, 0);
    assert!(idle.stderr.contains("no feed is due"), "{}", idle.stderr);
    assert!(idle.stderr.contains("--force"), "{}", idle.stderr);
}

#[tokio::test]
async fn a_machine_gets_one_json_object() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let urls = several(&ingest, &publisher, 4).await;
    publisher.set("/1", super::feed_of(0));
    publisher.set("/2", super::feed_of(2).etag("\"one\""));
    publisher.set("/3", Reply::status(503));
    let first = ingest.run(&["--once", "--json"]).await;
    assert_eq!(first.code, 1, "one feed fails");
    let told: Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(first.stdout.lines().count(), 1);
    let feeds = &told["feeds"];
    assert_eq!(
        (&feeds["polled"], &feeds["changed"], &feeds["failed"]),
        (&4.into(), &3.into(), &1.into())
    );
    let entries = &told["entries"];
    assert_eq!((&entries["new"], &entries["duplicates"]), (&4.into(), &2.into()));
    assert_eq!((&entries["stored"], &entries["held"]), (&6.into(), &0.into()));
    assert_eq!(told["failures"][0]["url"], urls[3].as_str());
    assert_eq!(told["interrupted"], false);
    assert!(first.stderr.contains(&urls[3]), "people are told beside: {}", first.stderr);

    publisher.set("/3", super::feed_of(3));
    let second = ingest.run(&["--once", "--force", "--json"]).await;
    assert_eq!((second.code, second.stderr.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&second.stdout).unwrap();
    assert_eq!(told["feeds"]["not_modified"], 1);
    assert_eq!(told["entries"]["unchanged"], 4);
    assert_eq!(told["entries"]["new"], 2);

    let idle = ingest.run(&["--once", "--json"]).await;
    let told: Value = serde_json::from_str(&idle.stdout).unwrap();
    assert_eq!((idle.code, &told["feeds"]["polled"]), (0, &0.into()));
}

#[tokio::test]
async fn a_paused_feed_says_why_it_is_not_polled() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let url = publisher.url("/0");
    publisher.set("/0", super::feed_of(0));
    ingest.write("config/feeds.toml", &format!("[[feed]]\nurl = \"{url}\"\n"));
    ingest.poll().await;
    ingest.write("config/feeds.toml", "");
    let output = ingest.run(&["--once", "--force", "--feed", &url]).await;
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains(&format!("{url} is paused: it left the feeds file")),
        "{output:?}"
    );
}

#[tokio::test]
async fn the_environment_beats_the_file_and_the_command_line_beats_both() {
    let ingest = Ingest::new();
    ingest.write("config/ingest.toml", "[storage]\ndatabase = \"of-the-file.sqlite\"\n");
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    assert!(ingest.path("of-the-file.sqlite").exists());

    let ingest = ingest.with("INGEST_STORAGE__DATABASE", "of-the-environment.sqlite");
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    assert!(ingest.path("of-the-environment.sqlite").exists());

    let output = ingest.run(&["--once", "--database", "of-the-line.sqlite"]).await;
    assert_eq!(output.code, 0);
    assert!(ingest.path("of-the-line.sqlite").exists());

    ingest.write("other.toml", "[feeds]\nfile = \"\"\n[storage]\npoll_log_days = 0\n");
    let output = ingest.run(&["--once", "--config", "other.toml"]).await;
    assert_eq!(output.code, 2, "another file is read when it is named: {output:?}");
    assert!(output.stderr.contains("other.toml:4"), "{output:?}");
}
