//! `stats`: the numbers are those of the file.

use serde_json::json;

use super::Kiosk;

#[tokio::test]
async fn the_numbers_are_those_of_the_file() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.add(&["http://new.example/"]).await;
    kiosk.ingest.execute(
        "UPDATE articles SET language = 'en' WHERE id < 3;
         UPDATE articles SET first_seen_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-12 days') WHERE id = 1;
         UPDATE articles SET first_seen_at = '2020-01-01T00:00:00Z' WHERE id = 2;
         UPDATE articles SET body = NULL, body_sha256 = NULL, text_source = NULL, hold_reason = 'empty'
         WHERE id = 3;",
    );
    let told = kiosk.object(&["stats", "--json"]).await;
    assert_eq!(told["feeds"], json!({ "ok": 2, "failing": 0, "paused": 0, "new": 1 }));
    assert_eq!(
        (&told["articles"], &told["held"], &told["sightings"]),
        (&3.into(), &1.into(), &4.into())
    );
    assert_eq!(told["verdicts"], json!({ "new": 3, "same-text": 1 }));
    assert_eq!(
        told["top_languages"],
        json!([{ "name": "en", "count": 2 }, { "name": null, "count": 1 }])
    );
    let feeds = [kiosk.gazette.url("/feed"), kiosk.herald.url("/feed")];
    assert_eq!(told["top_feeds"], json!(feeds.map(|feed| json!({ "name": feed, "count": 2 }))));
    let hosts = told["top_hosts"].as_array().unwrap();
    assert_eq!(
        hosts.iter().map(|host| host["count"].as_u64().unwrap()).collect::<Vec<_>>(),
        [2, 2]
    );
    let days = told["new_by_day"].as_array().unwrap();
    let counts: Vec<u64> = days.iter().map(|day| day["articles"].as_u64().unwrap()).collect();
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (14, 2), "one is older than two weeks");
    assert!(told["file_bytes"].as_u64().unwrap() > 4096);
    assert_eq!(told["schema_version"], kiosk.ingest.value::<i64>("PRAGMA user_version"));
}

#[tokio::test]
async fn a_person_sees_the_same_at_a_glance() {
    let kiosk = Kiosk::open().await;
    let shown = kiosk.run(&["stats"]).await;
    for expected in [
        "file      ingest.sqlite, ",
        "feeds     2: 2 ok\n",
        "articles  3, 0 of them held without a text\n",
        "entries   4: 3 new, 1 same-text\n",
        "\nnew articles by day (UTC)\n",
        "  3  ████████████████████████████████████████\n",
        "\narticles by declared language\n  3  (none)\n",
        &format!("\nentries by feed\n  2  {}\n", kiosk.gazette.url("/feed")),
    ] {
        assert!(shown.contains(expected), "{expected:?} is shown:\n{shown}");
    }
}

#[tokio::test]
async fn an_empty_file_has_numbers_too() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute("DELETE FROM articles; DELETE FROM polls; DELETE FROM feeds");
    let told = kiosk.object(&["stats", "--json"]).await;
    assert_eq!((&told["articles"], &told["top_hosts"]), (&0.into(), &json!([])));
    assert!(kiosk.run(&["stats"]).await.contains("feeds     0\n"));
}
