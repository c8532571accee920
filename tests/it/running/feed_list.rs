//! Promises of the list of feeds: added by hand, declared in a file, listed and removed.

use serde_json::Value;

use super::super::harness::{Ingest, Output, Publisher, Reply};
use super::{FORCED, articles, declare, feed_of, hits, several, urls};

#[tokio::test]
async fn feeds_are_added_from_the_line_and_from_stdin() {
    let ingest = Ingest::new();
    let typed =
        "# my feeds\n\n  http://b.example/feed  \n#http://c.example/\nhttp://d.example/feed#top\n";
    let arguments = ["feeds", "add", "--no-check", "http://a.example", "-"];
    let output = ingest.run_with_stdin(&arguments, typed).await;
    assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{output:?}");
    assert_eq!(
        urls(&ingest),
        ["http://a.example/", "http://b.example/feed", "http://d.example/feed"]
    );
    let arguments = ["feeds", "add", "--no-check", "http://A.example/", "http://e.example/"];
    let again = ingest.run(&arguments).await;
    assert_eq!(again.code, 0);
    assert_eq!(again.stderr, "already there: http://a.example/\nadded http://e.example/\n");
}

#[tokio::test]
async fn a_list_with_a_mistake_in_it_adds_nothing() {
    let ingest = Ingest::new();
    let typed = "http://a.example/\nexample.org/feed\nftp://b.example/\n";
    let output = ingest.run_with_stdin(&["feeds", "add", "-"], typed).await;
    assert_eq!(output.code, 2);
    assert!(output.stderr.starts_with("ingest: nothing added; 2 addresses"), "{}", output.stderr);
    assert!(output.stderr.contains("`example.org/feed`"), "{}", output.stderr);
    assert!(
        output.stderr.contains("https://example.org/feed.xml"),
        "it shows how: {}",
        output.stderr
    );
    assert!(output.stderr.contains("`ftp://b.example/`"), "{}", output.stderr);
    assert_eq!(urls(&ingest), [""; 0]);
}

#[tokio::test]
async fn the_list_tells_how_each_feed_has_been() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let none = ingest.run(&["feeds", "list"]).await;
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("ingest feeds add URL"), "{}", none.stderr);
    let urls = several(&ingest, &publisher, 2).await;
    publisher.set("/1", Reply::status(410));
    ingest.run(&FORCED).await;
    ingest.add(&["http://new.example/"]).await;

    let list = ingest.run(&["feeds", "list"]).await;
    assert_eq!((list.code, list.stderr.as_str()), (0, ""));
    for (state, words) in [
        ("ok", &["2", urls[0].as_str(), "The Gazette"][..]),
        ("failing", &["0", &urls[1]]),
        ("new", &["http://new.example/"]),
    ] {
        let line = list.stdout.lines().find(|line| line.starts_with(state)).unwrap();
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
    }
    assert!(list.stdout.contains("1 failure in a row: it answers 410"), "{}", list.stdout);

    ingest.execute("UPDATE feeds SET title = char(27) || '[2J' WHERE url LIKE '%/0'");
    let list = ingest.run(&["feeds", "list"]).await;
    assert!(!list.stdout.contains('\u{1b}'), "strangers control no terminal: {list:?}");

    let machine = ingest.run(&["feeds", "list", "--json"]).await;
    let rows: Vec<Value> =
        machine.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((machine.code, rows.len()), (0, 3));
    let row = |url: &str| rows.iter().find(|row| row["url"] == url).unwrap();
    assert_eq!(
        (&row(&urls[0])["sightings"], &row(&urls[0])["origin"]),
        (&2.into(), &"added".into())
    );
    assert_eq!(
        (&row(&urls[0])["last_error"], &row(&urls[1])["failures"]),
        (&Value::Null, &1.into())
    );
    assert_eq!(row("http://new.example/")["last_poll_at"], Value::Null);
}

#[tokio::test]
async fn a_removed_feed_leaves_its_articles_and_may_come_back() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let feeds = several(&ingest, &publisher, 2).await;
    ingest.poll().await;
    let output = ingest.run(&["feeds", "remove", &feeds[0]]).await;
    assert_eq!(output.code, 0);
    assert_eq!(output.stderr, format!("removed {}; its articles stay\n", feeds[0]));
    assert_eq!(urls(&ingest), &feeds[1..]);
    ingest.poll().await;
    assert_eq!((hits(&publisher, 2), articles(&ingest)), (vec![1, 2], 4));

    let unknown = ingest.run(&["feeds", "remove", &feeds[0]]).await;
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("`ingest feeds list`"), "{}", unknown.stderr);

    ingest.add(&[&feeds[0]]).await;
    ingest.poll().await;
    assert_eq!((hits(&publisher, 2), articles(&ingest)), (vec![2, 3], 4));
}

#[tokio::test]
async fn a_declared_feed_is_removed_in_its_file_only() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let url = publisher.url("/0");
    declare(&ingest, &[&url]);
    let output = ingest.run(&["feeds", "remove", &url]).await;
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains(&url), "{}", output.stderr);
    assert!(
        output.stderr.contains("declared in the feeds file; take it out there"),
        "{}",
        output.stderr
    );
    assert_eq!(urls(&ingest), [url]);
}

#[tokio::test]
async fn a_feed_that_leaves_the_file_is_paused_and_comes_back_with_it() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let feeds = [publisher.url("/0"), publisher.url("/1")];
    (0..2).for_each(|feed| publisher.set(&format!("/{feed}"), feed_of(feed)));
    let paused = |ingest: &Ingest| -> Vec<Option<String>> {
        ingest.column("SELECT pause_reason FROM feeds ORDER BY url")
    };
    for (declared, hits_then, paused_then) in [
        (&[0, 1][..], [1, 1], [false, false]),
        (&[1], [1, 2], [true, false]),
        (&[], [1, 2], [true, true]),
        (&[0, 1], [2, 3], [false, false]),
    ] {
        declare(&ingest, &declared.iter().map(|feed| feeds[*feed].as_str()).collect::<Vec<_>>());
        ingest.poll().await;
        assert_eq!(hits(&publisher, 2), hits_then, "declared: {declared:?}");
        assert_eq!(paused(&ingest).iter().map(Option::is_some).collect::<Vec<_>>(), paused_then);
    }
    assert_eq!(articles(&ingest), 4);
    let list: Output = ingest.run(&["feeds", "list"]).await;
    assert!(list.stdout.contains("  Ours\n"), "the title of the file is shown: {}", list.stdout);
}
