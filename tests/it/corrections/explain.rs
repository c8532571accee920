//! `explain`: an article by its number or an address, and why each entry is one of it.

use serde_json::Value;

use super::{Town, copied};
use crate::stories::{COMET, FERRY};

#[tokio::test]
async fn a_near_copy_is_explained_with_its_evidence_and_a_word_diff() {
    let town = Town::with_a_copy().await;
    let told = town.run(&["explain", "1"]).await;
    for expected in [
        "article 1: Night ferry returns to Port Ellery after nine silent winters",
        "words from a feed, cleaned by rules",
        "sighting 1: new in The Gazette",
        "nobody had brought it before, and nothing known was like it",
        "the article's, word for word",
        "sighting 2: near-text in Daily Skarn",
        "most of the shorter text stands in the other, that of this article, and they begin alike",
        "shared (",
        "{+PORT ELLERY (Nordwire) -+} The night ferry",
        "[-A crossing takes three hours",
    ] {
        assert!(told.contains(expected), "{expected:?} is told:\n{told}");
    }
    assert!(!told.contains('\u{1b}'), "no colours away from a terminal");
}

#[tokio::test]
async fn an_article_is_found_by_each_address_it_was_seen_at() {
    let town = Town::with_a_copy().await;
    let number = town.run(&["explain", "1"]).await;
    let own = town.publisher.url("/ferry?utm_source=x");
    for address in [&own, &town.elsewhere.url("/wire/4711"), "copy"] {
        assert_eq!(town.run(&["explain", address]).await, number, "{address}");
    }
}

#[tokio::test]
async fn machines_are_told_the_same() {
    let town = Town::with_a_copy().await;
    let told: Value = serde_json::from_str(&town.run(&["explain", "--json", "1"]).await).unwrap();
    let copy = &told["article"]["sightings"][1];
    assert_eq!(copy["id"], 2);
    assert_eq!(copy["verdict"], "near-text");
    assert_eq!(copy["evidence"]["reason"], "contained");
    let diff = &told["texts"][1]["text"];
    assert_eq!(diff["kind"], "differs");
    assert_eq!(diff["diff"]["parts"][0]["part"], "new");
    assert_eq!(told["texts"][0]["text"]["kind"], "same");
}

#[tokio::test]
async fn a_text_that_is_not_kept_is_said_not_to_be_kept() {
    let town = Town::with_a_copy().await;
    town.ingest.execute("DELETE FROM received_texts");
    let told = town.run(&["explain", "1"]).await;
    assert!(told.contains("not kept any more, so how it differs cannot be shown"), "{told}");
}

#[tokio::test]
async fn a_new_article_names_the_nearest_one_it_was_kept_apart_from() {
    let town = Town::with_a_copy().await;
    let quoting: Vec<&str> = COMET.body.lines().chain(FERRY.body.lines().skip(3)).collect();
    town.copies(&[("copy", "/wire/4711", &copied()), ("other", "/wire/4712", &quoting.join("\n"))]);
    town.poll().await;
    let told = town.run(&["explain", &town.elsewhere.url("/wire/4712")]).await;
    assert!(told.contains("it is no other article: article 1 “Night ferry returns"), "{told}");
    assert!(told.contains("is most like it, but"), "{told}");
}

#[tokio::test]
async fn what_was_deleted_is_explained_too() {
    let town = Town::with_a_copy().await;
    town.ingest.execute("DELETE FROM articles WHERE id = 1");
    town.poll().await;
    let told = town.run(&["explain", &town.elsewhere.url("/wire/4711")]).await;
    assert!(told.starts_with("deleted; entries that bring it again are dropped"), "{told}");
    assert!(town.refusal(&["explain", "1"]).await.contains("article 1 is gone"));
}

#[tokio::test]
async fn what_is_unknown_says_what_to_try() {
    let town = Town::with_a_copy().await;
    let address = town.refusal(&["explain", "https://nowhere.example/x"]).await;
    assert!(address.contains("nothing was seen at https://nowhere.example/x; try"), "{address}");
    let number = town.refusal(&["explain", "99"]).await;
    assert!(number.contains("there is no article 99"), "{number}");
    assert!(town.refusal(&["explain", "0"]).await.contains("there is no article 0"));
}

#[tokio::test]
async fn what_cleaning_removed_is_counted_and_strangers_control_no_terminal() {
    let town = Town::with_a_copy().await;
    let around = format!("{}\nBagikan Berita Ini\nBagikan Berita Ini", FERRY.body);
    town.copy(&around);
    town.poll().await;
    town.ingest.execute("UPDATE sightings SET title = char(27) || '[2J' WHERE id = 2");
    let told = town.run(&["explain", "1"]).await;
    assert!(told.contains("  cleaned    2 lines removed by theme.share (2)"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[tokio::test]
async fn what_an_earlier_version_stored_is_explained_as_well() {
    let town = Town::with_a_copy().await;
    let expected = town.run(&["explain", "1"]).await;
    // What version 4 of the schema did not have; of its views only the names matter.
    for view in town.ingest.column::<String>("SELECT name FROM sqlite_schema WHERE type = 'view'") {
        town.ingest.execute(&format!("DROP VIEW {view}"));
    }
    for view in ["latest", "duplicates", "feed_health", "pending_links", "held_pages"] {
        town.ingest.execute(&format!("CREATE VIEW {view} AS SELECT 1"));
    }
    town.ingest.execute(
        "DROP INDEX articles_held; DROP INDEX sightings_pending;
         ALTER TABLE articles DROP COLUMN host; ALTER TABLE sightings DROP COLUMN host;
         ALTER TABLE sightings DROP COLUMN body_sha256;
         ALTER TABLE sightings DROP COLUMN text_source; DROP TABLE redo_progress;
         PRAGMA user_version = 4;",
    );
    assert_eq!(town.run(&["explain", "1"]).await, expected);
    let known = "SELECT body_sha256 IS NOT NULL FROM sightings ORDER BY id";
    assert_eq!(town.ingest.column::<bool>(known), [true, false], "whose text it is, where certain");
}
