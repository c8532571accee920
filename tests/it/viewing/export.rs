//! `export`: every format is whole and holds what the file holds; a script goes on where it stopped.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Kiosk;
use crate::harness::{Ingest, Item, Publisher, Reply, rss, stories};
use crate::stories::{COMET, FERRY};

/// A file with this many articles, each of which changed in a second of its own.
async fn plenty(articles: usize) -> Ingest {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(stories(0..articles)));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    ingest.execute(
        "UPDATE articles SET changed_at = strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-01', id || ' seconds')",
    );
    assert_eq!(
        ingest.value::<i64>("SELECT count(*) FROM articles"),
        i64::try_from(articles).unwrap()
    );
    ingest
}

/// What is exported as JSON lines, and what is said of it.
async fn lines(ingest: &Ingest, arguments: &[&str]) -> (Vec<Value>, String) {
    let output = ingest.run(&[&["export", "--format", "jsonl"], arguments].concat()).await;
    assert_eq!(output.code, 0, "{output:?}");
    let lines = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (lines, output.stderr)
}

fn numbers(articles: &[Value]) -> Vec<i64> {
    articles.iter().map(|article| article["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn json_lines_hold_everything_of_an_article() {
    let kiosk = Kiosk::open().await;
    let (articles, told) = lines(&kiosk.ingest, &[]).await;
    assert_eq!(numbers(&articles), [1, 2, 3]);
    assert!(told.starts_with("3 articles; to go on from here: --since 20"), "{told}");
    let feeds = [kiosk.gazette.url("/feed"), kiosk.herald.url("/feed")];
    assert_eq!(articles[1]["feeds"], serde_json::json!(feeds));
    assert_eq!(articles[1]["body"], COMET.body);
    // Each column of the table has its field, so that nothing is lost by the way.
    let columns: BTreeSet<String> =
        kiosk.ingest.column("SELECT name FROM pragma_table_info('articles')").into_iter().collect();
    let fields: BTreeSet<String> = articles[0].as_object().unwrap().keys().cloned().collect();
    let only_ours = ["rules_version", "url_standing"].map(str::to_owned);
    let expected: BTreeSet<String> = columns
        .into_iter()
        .filter(|name| !only_ours.contains(name))
        .chain(["feeds".to_owned()])
        .collect();
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn what_changed_first_comes_first_and_a_script_goes_on_where_it_stopped() {
    let ingest = plenty(120).await;
    ingest.execute("UPDATE articles SET changed_at = '2026-01-02T00:00:00Z' WHERE id IN (7, 3)");
    let (all, _) = lines(&ingest, &[]).await;
    let expected: Vec<i64> = (1..=120).filter(|id| ![3, 7].contains(id)).chain([3, 7]).collect();
    assert_eq!(numbers(&all), expected);

    let (mut seen, mut since) = (Vec::new(), "2026-01-01".to_owned());
    loop {
        let (some, told) = lines(&ingest, &["--since", &since, "--limit", "50"]).await;
        seen.extend(numbers(&some));
        since = told.trim().rsplit_once("--since ").unwrap().1.to_owned();
        if some.len() < 50 {
            break;
        }
        assert_eq!(since, some.last().unwrap()["changed_at"], "as it is said");
    }
    assert_eq!(seen.len(), 122, "the last one of each run comes again with the next");
    seen.dedup();
    assert_eq!(seen, expected, "none is missed");
    assert_eq!(lines(&ingest, &["--since", &since]).await.0, [Value::Null; 0]);
}

#[tokio::test]
async fn only_what_is_wanted_is_exported() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute(
        "UPDATE articles SET language = 'de', changed_at = '2026-01-01T00:00:00Z' WHERE id = 1",
    );
    for (arguments, expected) in [
        (&["--language", "DE"][..], &[1][..]),
        (&["--since", "1d"], &[2, 3]),
        (&["--since", "2026-01-01T00:00:00Z"], &[1, 2, 3]),
        (&["--feed", &kiosk.herald.url("/feed"), "--limit", "1"], &[2]),
        (&["--host", "127.0.0.4"], &[3]),
        (&["--since", "0m", "--host", "other.example"], &[]),
    ] {
        assert_eq!(numbers(&lines(&kiosk.ingest, arguments).await.0), expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn a_table_keeps_lines_and_quotation_marks() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute("UPDATE articles SET title = 'A \"quoted\", title' WHERE id = 1");
    let output = kiosk.ingest.run(&["export", "--format", "csv"]).await;
    let mut table = ::csv::Reader::from_reader(output.stdout.as_bytes());
    let head = table.headers().unwrap().clone();
    let (articles, _) = lines(&kiosk.ingest, &[]).await;
    let rows: Vec<::csv::StringRecord> = table.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 3);
    for (row, article) in rows.iter().zip(&articles) {
        assert_eq!(head.len(), article.as_object().unwrap().len());
        for (name, found) in head.iter().zip(row) {
            let expected = match &article[name] {
                Value::Null => String::new(),
                Value::Bool(is_true) => i32::from(*is_true).to_string(),
                Value::String(text) => text.clone(),
                Value::Array(feeds) => {
                    feeds.iter().map(|feed| feed.as_str().unwrap()).collect::<Vec<_>>().join(" ")
                }
                other => other.to_string(),
            };
            assert_eq!(found, expected, "{name} of {}", article["id"]);
        }
    }
}

#[tokio::test]
async fn feeds_are_valid_and_bring_the_same_texts_to_another_reader() {
    for (format, file, name) in [("atom", "news.atom", "atom"), ("json-feed", "news.json", "json")]
    {
        let kiosk = Kiosk::open().await;
        kiosk.ingest.execute(
            "UPDATE articles SET title = 'Tides < & > \"ebb\"' || char(27, 11), language = 'en\"x' WHERE id = 1;
             UPDATE articles SET changed_at = '2026-01-01T00:00:00Z', author = ' ' WHERE id = 3;",
        );
        let exported = kiosk.ingest.run(&["export", "--format", format, "--output", file]).await;
        assert_eq!((exported.code, exported.stdout.as_str()), (0, ""), "{exported:?}");
        let document = std::fs::read_to_string(kiosk.ingest.path(file)).unwrap();
        let read = kiosk.object(&["inspect", "feed", file]).await;
        assert!(read["format"].as_str().unwrap().contains(name), "{}", read["format"]);
        assert_eq!((&read["repaired"], &read["error"]), (&0.into(), &Value::Null), "{document}");
        let entries = read["entries"].as_array().unwrap();
        let ids: Vec<&str> = entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(ids[2], "urn:ingest:article:3", "what changed last comes first");
        let is_whole = |title: &str| title.starts_with("Tides < & > \"ebb\"");
        assert!(
            entries.iter().any(|entry| is_whole(entry["title"].as_str().unwrap())),
            "{document}"
        );

        let other = Ingest::new();
        let publisher = Publisher::start().await;
        publisher.set("/feed", Reply::feed(document));
        other.add(&[&publisher.url("/feed")]).await;
        other.poll().await;
        let texts = "SELECT body, body_sha256 FROM articles ORDER BY body_sha256";
        assert_eq!(other.dump(texts), kiosk.ingest.dump(texts), "{format}");
    }
}

#[tokio::test]
async fn feeds_of_articles_without_a_text_or_an_address_are_valid_too() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let items =
        [Item::new("Heron seen").id("1"), Item::new("Fog").id("2").summary("Fog & more fog.")];
    publisher.set("/feed", Reply::feed(rss("G", &items)));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    for format in ["atom", "json-feed"] {
        let output = ingest.run(&["export", "--format", format]).await;
        ingest.write("feed", &output.stdout);
        let read = ingest.run(&["inspect", "feed", "feed"]).await;
        let read: Value = serde_json::from_str(&read.stdout).unwrap();
        assert_eq!(read["repaired"], 0, "{}", output.stdout);
        let titles = [&read["entries"][0]["title"], &read["entries"][1]["title"]];
        assert_eq!(titles, ["Heron seen", "Fog"]);
        assert!(output.stdout.contains("Fog &"), "{}", output.stdout);
        if format == "atom" {
            for needed in ["<content type=\"html\"></content>", "<name>unknown</name>"] {
                assert!(output.stdout.contains(needed), "{needed}: {}", output.stdout);
            }
        }
    }
}

#[tokio::test]
async fn an_empty_feed_is_a_feed() {
    let kiosk = Kiosk::open().await;
    for (format, end) in [("atom", "</feed>\n"), ("json-feed", "]}\n")] {
        let arguments = ["export", "--format", format, "--host", "other.example"];
        let output = kiosk.ingest.run(&arguments).await;
        assert!(output.stdout.ends_with(end), "{output:?}");
        kiosk.ingest.write("feed", &output.stdout);
        let read = kiosk.object(&["inspect", "feed", "feed"]).await;
        assert_eq!((&read["repaired"], &read["entries"]), (&0.into(), &serde_json::json!([])));
    }
}

#[tokio::test]
async fn a_file_is_replaced_only_by_a_whole_one() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.write("out.jsonl", "as it was");
    kiosk
        .refusal(&[
            "export",
            "--format",
            "jsonl",
            "--output",
            "out.jsonl",
            "--feed",
            "http://x.example/",
        ])
        .await;
    assert_eq!(std::fs::read_to_string(kiosk.ingest.path("out.jsonl")).unwrap(), "as it was");
    kiosk.run(&["-q", "export", "--format", "jsonl", "--output", "out.jsonl"]).await;
    let written = std::fs::read_to_string(kiosk.ingest.path("out.jsonl")).unwrap();
    assert_eq!(written.lines().count(), 3);
    assert!(written.contains(FERRY.title), "{written}");
    assert!(!kiosk.ingest.path("out.jsonl.part").exists());
    let refusal = kiosk.refusal(&["export", "--format", "csv", "--output", "no/such/folder"]).await;
    assert!(refusal.contains("cannot write no/such/folder"), "{refusal}");
}

#[tokio::test]
async fn a_document_goes_into_a_pipe_and_never_takes_the_place_of_the_database() {
    let kiosk = Kiosk::open().await;
    let through = "mkfifo pipe && { cat pipe > out.jsonl & ingest export --format jsonl --output pipe && wait; }";
    let written = kiosk.ingest.shell(through).await;
    assert_eq!(written.code, 0, "{written:?}");
    let written = std::fs::read_to_string(kiosk.ingest.path("out.jsonl")).unwrap();
    assert_eq!(written.lines().count(), 3);
    let database = std::fs::read(kiosk.ingest.database()).unwrap();
    let onto_database = ["export", "--format", "jsonl", "--output", "./ingest.sqlite"];
    let refusal = kiosk.refusal(&onto_database).await;
    assert!(refusal.contains("./ingest.sqlite is the database itself"), "{refusal}");
    assert_eq!(std::fs::read(kiosk.ingest.database()).unwrap(), database);
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_ends_it_silently() {
    let ingest = plenty(300).await;
    for format in ["jsonl", "csv", "atom", "json-feed"] {
        let output = ingest.run_and_hang_up(&["export", "--format", format]).await;
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{format}");
    }
}
