//! `split` and `merge` do what they say.

use serde_json::Value;

use super::{Town, copied};
use crate::harness::{Reply, page};
use crate::stories::{COMET, FERRY};

#[tokio::test]
async fn a_sighting_that_is_split_off_is_an_article_with_its_own_text_and_address() {
    let town = Town::with_a_copy().await;
    let told = town.run(&["split", "2"]).await;
    assert!(told.starts_with("sighting 2 is article 2 now, with its own text, "), "{told}");
    let articles = town.ingest.rows::<(i64, String, String)>("SELECT id, url, body FROM articles");
    let (own, copy) = (town.publisher.url("/ferry"), town.elsewhere.url("/wire/4711"));
    assert_eq!(articles, [(1, own, FERRY.body.to_owned()), (2, copy, copied())]);
    let keys = "SELECT count(*) FROM url_keys WHERE url_key LIKE '%wire/4711' AND article_id = 2";
    assert_eq!(town.ingest.value::<i64>(keys), 1);
    assert_eq!(
        town.ingest.rows::<(i64, i64)>("SELECT article_id, other_id FROM kept_apart"),
        [(1, 2)]
    );
    assert_eq!(town.ingest.value::<i64>("SELECT count(*) FROM duplicates"), 0);
    let explained = town.run(&["explain", "2"]).await;
    assert!(
        explained.contains("a person said that it is not article 1 “Night ferry"),
        "{explained}"
    );
    assert!(explained.contains("a person put it here on"), "{explained}");
    town.check_sound();
}

#[tokio::test]
async fn an_article_falls_back_to_what_remains_when_its_best_sighting_leaves() {
    let town = Town::with_a_copy().await;
    let told = town.run(&["split", "1"]).await;
    assert!(
        told.contains("article 1 has from its other sightings now: text, title, url"),
        "{told}"
    );
    let articles = "SELECT id, url, title, body FROM articles ORDER BY id";
    let (own, copy) = (town.publisher.url("/ferry"), town.elsewhere.url("/wire/4711"));
    assert_eq!(
        town.ingest.rows::<(i64, String, String, String)>(articles),
        [
            (1, copy, "Ferry sails at last, says Skarn".to_owned(), copied()),
            (2, own, FERRY.title.to_owned(), FERRY.body.to_owned()),
        ]
    );
    assert_eq!(town.ingest.value::<i64>("SELECT count(*) FROM variants"), 0);
    town.check_sound();
}

#[tokio::test]
async fn a_sighting_with_exactly_the_same_text_can_be_split_off() {
    let town = Town::with_a_copy().await;
    town.copies(&[("copy", "/wire/4711", &copied()), ("same", "/wire/4712", FERRY.body)]);
    town.poll().await;
    town.run(&["split", "3"]).await;
    let bodies = "SELECT id FROM articles WHERE body_sha256 = (SELECT body_sha256 FROM articles WHERE id = 1)";
    assert_eq!(town.ingest.column::<i64>(bodies), [1, 2]);
    town.poll().await;
    assert_eq!(town.belongings(), [(1, 1), (2, 1), (3, 2)]);
}

#[tokio::test]
async fn without_a_kept_text_the_split_article_is_held_until_its_feed_brings_it_again() {
    let town = Town::with_a_copy().await;
    town.ingest.execute("DELETE FROM received_texts; DELETE FROM variants");
    let told = town.run(&["split", "2"]).await;
    assert!(told.contains("without a text: none of it is kept"), "{told}");
    let text = "SELECT body FROM articles WHERE id = 2";
    assert_eq!(town.ingest.value::<Option<String>>(text), None);
    town.poll().await;
    assert_eq!(town.ingest.value::<Option<String>>(text), Some(copied()));
    assert_eq!(town.belongings(), [(1, 1), (2, 2)]);
    town.check_sound();
}

#[tokio::test]
async fn the_page_of_a_split_article_without_a_text_is_asked_for_although_no_feed_lists_it() {
    let town = Town::with_a_copy().await;
    town.ingest.execute("DELETE FROM received_texts; DELETE FROM variants");
    town.copies(&[]);
    town.run(&["split", "2"]).await;
    town.elsewhere.set("/wire/4711", Reply::page(page(FERRY.title, &copied())));
    town.ingest.ask_again_for_pages().await;
    let text = "SELECT body FROM articles WHERE id = 2";
    assert_eq!(town.ingest.value::<Option<String>>(text), Some(copied()));
    assert_eq!(town.belongings(), [(1, 1), (2, 2)]);
    town.check_sound();
}

#[tokio::test]
async fn an_article_that_is_merged_leaves_its_text_as_a_variant_by_which_copies_are_found() {
    let town = Town::with_a_copy().await;
    town.copies(&[("comet", "/wire/4712", COMET.body)]);
    town.poll().await;
    let told = town.run(&["merge", "1", "2"]).await;
    assert!(told.starts_with("article 2 is article 1 now: 1 sighting moved there"), "{told}");
    assert_eq!(town.belongings(), [(1, 1), (2, 1), (3, 1)]);
    assert_eq!(town.ingest.column::<String>("SELECT body FROM variants"), [COMET.body]);
    let near = format!("BRANNOCK (Nordwire) - {}", COMET.without_paragraph(4));
    town.copies(&[("third", "/wire/4713", &near)]);
    town.poll().await;
    assert_eq!(town.belongings().last(), Some(&(4, 1)), "a copy of the variant is found");
    let explained = town.run(&["explain", "1"]).await;
    assert!(explained.contains("a person said that it is this article"), "{explained}");
    town.check_sound();
}

#[tokio::test]
async fn a_merge_undoes_a_split() {
    let town = Town::with_a_copy().await;
    town.run(&["split", "2"]).await;
    let told = town.run(&["merge", "1", "2"]).await;
    assert!(told.contains("the two had been kept apart until now"), "{told}");
    assert_eq!(town.belongings(), [(1, 1), (2, 1)]);
    assert_eq!(town.ingest.value::<i64>("SELECT count(*) FROM kept_apart"), 0);
    assert_eq!(town.ingest.value::<i64>("SELECT count(*) FROM tombstones"), 0);
    town.check_sound();
}

#[tokio::test]
async fn a_held_article_gets_the_text_of_the_one_that_becomes_it() {
    let town = Town::with_a_copy().await;
    town.copies(&[("held", "/wire/4712", "Too short to be an article.")]);
    town.poll().await;
    town.run(&["merge", "2", "1"]).await;
    let articles = town.ingest.rows::<(i64, String)>("SELECT id, body FROM articles");
    assert_eq!(articles, [(2, FERRY.body.to_owned())]);
    town.check_sound();
}

#[tokio::test]
async fn a_dry_run_tells_and_changes_nothing() {
    let town = Town::with_a_copy().await;
    town.copies(&[("comet", "/wire/4712", COMET.body)]);
    town.poll().await;
    let before = town.everything();
    let split = town.run(&["split", "2", "--dry-run"]).await;
    assert!(
        split.starts_with("a dry run; nothing is changed:\nsighting 2 is article 3 now"),
        "{split}"
    );
    let merged = town.run(&["merge", "1", "2", "--dry-run", "--json"]).await;
    let merged: Value = serde_json::from_str(&merged).unwrap();
    assert_eq!(merged["text"], "kept-as-variant");
    assert_eq!(town.everything(), before);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let town = Town::with_a_copy().await;
    town.copies(&[("comet", "/wire/4712", COMET.body)]);
    town.poll().await;
    let before = town.everything();
    for (arguments, expected) in [
        (
            &["split", "3"][..],
            "sighting 3 is the only one of article 2, so there is nothing to split",
        ),
        (&["split", "99"], "there is no sighting 99"),
        (&["merge", "1", "1"], "both numbers are that of article 1"),
        (&["merge", "1", "99"], "there is no article 99"),
        (&["merge", "99", "1"], "there is no article 99"),
    ] {
        let refused = town.refusal(arguments).await;
        assert!(refused.contains(expected), "{arguments:?}: {refused}");
    }
    assert_eq!(town.everything(), before);
}
