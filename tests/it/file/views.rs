//! Promises of the views: what they say is what happened.

use rusqlite::Connection;

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{COMET, FERRY};

/// Two publishers on hosts of their own: both tell of the ferry, the second one last and under another
/// title, and the first of the comet, too.
struct Town {
    ingest: Ingest,
    gazette: Publisher,
    echo: Publisher,
}

impl Town {
    async fn open() -> Self {
        let (gazette, echo) = (Publisher::start().await, Publisher::at("127.0.0.2").await);
        let ferry = Item::new(FERRY.title).id("1").link(&gazette.url("/ferry")).text(FERRY.body);
        let comet = Item::new(COMET.title).id("2").link(&gazette.url("/comet")).text(COMET.body);
        gazette.set("/feed", Reply::feed(rss("The Gazette", &[ferry, comet])));
        let copied = format!("{}\nBagikan Berita Ini\nPost a Comment", FERRY.body);
        let copy = Item::new("A boat again").id("a").link(&echo.url("/boat")).text(&copied);
        echo.set("/feed", Reply::feed(rss("The Echo", &[copy])));
        let ingest = Ingest::new();
        ingest.add(&[&gazette.url("/feed"), &echo.url("/feed")]).await;
        ingest.poll_only(&gazette.url("/feed")).await;
        ingest.poll_only(&echo.url("/feed")).await;
        Self { ingest, gazette, echo }
    }
}

fn host(publisher: &Publisher) -> String {
    publisher.url("").trim_start_matches("http://").to_owned()
}

#[tokio::test]
async fn the_latest_articles_and_the_stories_count_the_feeds_and_hosts_that_carried_them() {
    let town = Town::open().await;
    let latest = "SELECT title, host, feeds, hosts, sightings FROM latest ORDER BY id";
    let gazette = host(&town.gazette);
    assert_eq!(
        town.ingest.rows::<(String, String, i64, i64, i64)>(latest),
        [
            (COMET.title.to_owned(), gazette.clone(), 1, 1, 1),
            (FERRY.title.to_owned(), gazette, 2, 2, 2),
        ]
    );
    let stories =
        "SELECT title, feeds, hosts, sightings, last_carried_at >= first_seen_at FROM stories";
    assert_eq!(
        town.ingest.rows::<(String, i64, i64, i64, bool)>(stories),
        [(FERRY.title.to_owned(), 2, 2, 2, true)]
    );
}

#[tokio::test]
async fn a_duplicate_says_where_it_stood_and_why_it_counts_as_one() {
    let town = Town::open().await;
    let duplicates = "SELECT d.title, d.verdict, d.copy_title, d.host, d.feed, d.later_s >= 0,
                             d.sighting_id = s.id
                      FROM duplicates AS d JOIN sightings AS s ON s.title = d.copy_title";
    assert_eq!(
        town.ingest.rows::<(String, String, String, String, String, bool, bool)>(duplicates),
        [(
            FERRY.title.to_owned(),
            "same-text".to_owned(),
            "A boat again".to_owned(),
            host(&town.echo),
            town.echo.url("/feed"),
            true,
            true,
        )]
    );
    let stripped = "SELECT title, feed, position, line FROM stripped";
    let line = |position, line: &str| {
        ("A boat again".to_owned(), town.echo.url("/feed"), position, line.to_owned())
    };
    assert_eq!(
        town.ingest.rows::<(String, String, i64, String)>(stripped),
        [line(1, "Bagikan Berita Ini"), line(2, "Post a Comment")]
    );
}

#[tokio::test]
async fn each_article_counts_on_its_day_for_the_feed_that_brought_it_first() {
    let town = Town::open().await;
    town.ingest.execute(
        "UPDATE articles SET first_seen_at = '2026-01-31T23:59:59Z', language = 'en' WHERE id = 1;
         UPDATE articles SET first_seen_at = '2026-02-02T00:00:00Z' WHERE id = 2;",
    );
    let days = "SELECT day, feed, language, articles, held FROM articles_per_day ORDER BY day";
    let feed = town.gazette.url("/feed");
    assert_eq!(
        town.ingest.rows::<(String, String, Option<String>, i64, i64)>(days),
        [
            ("2026-01-31".to_owned(), feed.clone(), Some("en".to_owned()), 1, 0),
            ("2026-02-02".to_owned(), feed, None, 1, 0),
        ]
    );
    town.ingest.execute("DELETE FROM articles");
    assert_eq!(town.ingest.value::<i64>("SELECT count(*) FROM articles_per_day"), 0);
}

#[tokio::test]
async fn feed_health_tells_in_one_word_how_each_feed_is() {
    let town = Town::open().await;
    town.ingest.add(&["http://127.0.0.1:9/new", &town.gazette.url("/none")]).await;
    let none = town.gazette.url("/none");
    assert_eq!(town.ingest.run(&["--once", "--force", "--feed", &none]).await.code, 1);
    town.echo.set("/feed", Reply::status(500));
    let echo = town.echo.url("/feed");
    assert_eq!(town.ingest.run(&["--once", "--force", "--feed", &echo]).await.code, 1);
    let states = "SELECT state, last_new_at IS NOT NULL FROM feed_health ORDER BY id";
    let check = |expected: [(&str, bool); 4]| {
        let found = town.ingest.rows::<(String, bool)>(states);
        assert_eq!(found, expected.map(|(state, has_new)| (state.to_owned(), has_new)));
    };
    check([("well", true), ("failing", false), ("not-polled", false), ("never-worked", false)]);
    assert_eq!(town.ingest.run(&["feeds", "pause", &town.gazette.url("/feed")]).await.code, 0);
    check([("paused", true), ("failing", false), ("not-polled", false), ("never-worked", false)]);
}

#[tokio::test]
async fn hosts_are_read_from_addresses_of_every_form() {
    let ingest = Ingest::new();
    assert_eq!(ingest.run(&["feeds", "list"]).await.code, 0);
    let db = Connection::open(ingest.database()).unwrap();
    db.execute_batch(
        "INSERT INTO feeds (id, url, origin, added_at, next_poll_at, next_poll_reason)
         VALUES (1, 'http://gazette.example/feed', 'added', '', '', '');
         INSERT INTO articles (id, url_standing, title, first_seen_at, changed_at, words, text_copied,
                               rules_version, hold_reason)
         VALUES (1, 'feed', '', '', '', 0, 0, '', 'empty');
         INSERT INTO sightings (feed_id, entry_key, article_id, title, entry_sha256, verdict,
                                first_seen_at, last_seen_at)
         VALUES (1, 'a', 1, '', '', 'held', '', '');",
    )
    .unwrap();
    for (address, host) in [
        (Some("https://gazette.example/a/b?c=d"), Some("gazette.example")),
        (Some("http://Gazette.Example"), Some("gazette.example")),
        (Some("http://gazette.example?page=https://other.example/"), Some("gazette.example")),
        (Some("http://gazette.example:8080/#top"), Some("gazette.example:8080")),
        (Some("http://gazette.example#top"), Some("gazette.example")),
        (Some("mailto:editor@gazette.example"), None),
        (None, None),
    ] {
        db.execute("UPDATE articles SET url = ?1", [address]).unwrap();
        db.execute("UPDATE sightings SET target = ?1", [address]).unwrap();
        for table in ["articles", "sightings"] {
            let found: Option<String> =
                db.query_row(&format!("SELECT host FROM {table}"), [], |row| row.get(0)).unwrap();
            assert_eq!(found.as_deref(), host, "{address:?} in {table}");
        }
    }
}
