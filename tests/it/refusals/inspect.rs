//! Promises of `inspect`: answers in order, a bad line costs itself, a closed pipe is no error.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use super::super::harness::{Ingest, Item, eventually, page, rss, stories, story_text};

const KINDS: [&str; 6] = ["link", "text", "page", "feed", "date", "duplicates"];

/// A good question of each kind.
fn question(kind: &str, id: &Value) -> Value {
    match kind {
        "link" => json!({ "id": id, "url": "https://gazette.example/a?utm_source=x" }),
        "page" => {
            json!({ "id": id, "html": page("A", &story_text(1)), "url": "https://gazette.example/a" })
        }
        "feed" => json!({ "id": id, "path": "feed.xml" }),
        "date" => json!({ "id": id, "text": "Thu, 04 Mar 2021 05:06:07 GMT" }),
        _ => json!({ "id": id, "title": "A", "text": story_text(1) }),
    }
}

async fn ask(ingest: &Ingest, kind: &str, lines: &[String]) -> Vec<Value> {
    let output = ingest.run_with_stdin(&["inspect", kind, "--jsonl"], &lines.join("\n")).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{kind}");
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asks questions between which bad lines stand; the answers come in the same order.
async fn check_order(kind: &str, bad: &str) {
    let ingest = Ingest::new();
    ingest.write("feed.xml", &stories(0..2));
    let good = |id: Value| question(kind, &id).to_string();
    let lines =
        [good(1.into()), bad.to_owned(), good("two".into()), String::new(), good(json!([3]))];
    let answers = ask(&ingest, kind, &lines).await;
    let told: Vec<(&Value, bool)> =
        answers.iter().map(|answer| (&answer["id"], answer["error"].is_string())).collect();
    let bad_id =
        serde_json::from_str::<Value>(bad).ok().map_or(Value::Null, |bad| bad["id"].clone());
    let expected =
        [(&json!(1), false), (&bad_id, true), (&json!("two"), false), (&json!([3]), false)];
    assert_eq!(told, expected, "{kind}: {bad}");
}

#[tokio::test]
async fn a_bad_line_is_answered_in_its_place() {
    for kind in KINDS.into_iter().filter(|kind| *kind != "duplicates") {
        check_order(kind, "{\"id\": \"bad\"}").await;
        check_order(kind, "{\"id\": ").await;
        check_order(kind, "[]").await;
    }
}

#[tokio::test]
async fn a_bad_line_among_documents_is_answered_in_its_place() {
    check_order("duplicates", "{\"id\": \"bad\"}").await;
    check_order("duplicates", "{\"id\": ").await;
}

#[tokio::test]
async fn many_bad_lines_do_not_hide_the_documents_after_them() {
    let mut lines = vec!["{}".to_owned(); 300];
    lines.push(question("duplicates", &json!("last")).to_string());
    let answers = ask(&Ingest::new(), "duplicates", &lines).await;
    assert_eq!(answers.len(), lines.len());
    assert_eq!(answers[300]["verdict"], "new");
}

#[tokio::test]
async fn each_kind_answers_with_its_own_fields() {
    let ingest = Ingest::new();
    let item = Item::new("Herons").link("https://gazette.example/h").id("h1").summary("<p>Two</p>");
    ingest.write("feed.xml", &rss("The Gazette", &[item.published("2021-03-04T05:06:07Z")]));
    let mut told = Vec::new();
    for kind in KINDS {
        let answer = ask(&ingest, kind, &[question(kind, &json!(7)).to_string()]).await.remove(0);
        let fields: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        told.push(format!("{kind}: {}", fields.join(" ")));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    link: canonical id key pending rule target
    text: body body_sha256 id removed source_link
    page: author body canonical id language published reason removed title usable
    feed: entries feed format id repaired
    date: date id
    duplicates: id of similarity verdict
    ");
}

#[tokio::test]
async fn documents_are_judged_against_those_before_them() {
    let document = |id: u32, story: usize| {
        json!({ "id": id, "title": format!("Story {story}"), "text": story_text(story) })
            .to_string()
    };
    let cut = story_text(2);
    let (cut, _) = cut.rsplit_once('\n').unwrap();
    let near = json!({ "id": 5, "title": "Story 2", "text": cut }).to_string();
    let short = json!({ "id": 6, "title": "Short", "text": "Nothing to see." }).to_string();
    let lines = [document(1, 1), document(2, 2), document(3, 1), document(4, 4), near, short];
    let answers = ask(&Ingest::new(), "duplicates", &lines).await;
    let told: Vec<(&str, Option<u64>)> = answers
        .iter()
        .map(|answer| (answer["verdict"].as_str().unwrap(), answer["of"].as_u64()))
        .collect();
    let expected = [
        ("new", None),
        ("new", None),
        ("same-text", Some(1)),
        ("new", None),
        ("near-text", Some(2)),
        ("held", None),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_person_asks_without_json() {
    let ingest = Ingest::new();
    let link = ["inspect", "link", "https://gazette.example/a?utm_source=x"];
    let output = ingest.run(&link).await;
    assert_eq!(output.code, 0);
    assert!(output.stdout.contains("canonical   https://gazette.example/a\n"), "{}", output.stdout);

    let output = ingest.run(&["inspect", "date", "2026-04-07"]).await;
    let answer: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((output.code, answer.get("id")), (0, None));

    let output = ingest.run(&["inspect", "page", "missing.html"]).await;
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("reading missing.html"), "{}", output.stderr);

    let output = ingest.run(&["inspect", "duplicates"]).await;
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("--jsonl"), "{}", output.stderr);
    assert!(!ingest.database().exists(), "looking stores nothing");
}

/// Takes the first line of the answers and closes the pipe, as `head -1` does.
async fn check_closed_pipe(kind: &str) {
    let ingest = Ingest::new();
    ingest.write("feed.xml", &stories(0..2));
    let mut child = Command::new(env!("CARGO_BIN_EXE_ingest"))
        .args(["inspect", kind, "--jsonl"])
        .current_dir(ingest.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut stderr = child.stderr.take().unwrap();
    let asking = async move {
        // More than any pipe holds; whether the program reads it all is its own affair.
        for id in 0..2_000 {
            let line = question(kind, &json!([id, "x".repeat(500)])).to_string() + "\n";
            if stdin.write_all(line.as_bytes()).await.is_err() {
                break;
            }
        }
    };
    let reading = async move {
        let mut first = String::new();
        stdout.read_line(&mut first).await.unwrap();
        first
    };
    let mut said = String::new();
    let ended = async {
        let (first, (), _) = tokio::join!(reading, asking, stderr.read_to_string(&mut said));
        (first, child.wait().await.unwrap())
    };
    let (first, status) = eventually("the end", ended).await;
    assert!(serde_json::from_str::<Value>(&first).is_ok(), "{first}");
    assert_eq!((status.code(), said.as_str()), (Some(0), ""), "{kind}");
}

#[tokio::test]
async fn a_closed_pipe_is_no_error() {
    for kind in ["link", "date", "feed", "duplicates"] {
        check_closed_pipe(kind).await;
    }
}
