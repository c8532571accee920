//! `redo` makes of what is stored what would be stored today.

use serde_json::Value;

use super::{Town, copied};
use crate::harness::{Ingest, Item, Publisher, Reply, page, paragraphs, rss, stories};
use crate::stories::{COMET, FERRY};

/// Puts boilerplate into a stored text that the rules of today take out: so the rules were before.
fn as_before(ingest: &Ingest, article: i64) {
    ingest.execute(&format!(
        "UPDATE sightings SET body_sha256 = printf('%064d', {article})
           WHERE body_sha256 = (SELECT body_sha256 FROM articles WHERE id = {article});
         UPDATE articles SET body = body || char(10) || 'Bagikan Berita Ini', words = words + 3,
           body_sha256 = printf('%064d', {article}), rules_version = 'of old' WHERE id = {article};"
    ));
}

#[tokio::test]
async fn rules_that_did_not_change_change_nothing() {
    let town = Town::with_a_copy().await;
    let before = town.everything();
    let output = town.ingest.run(&["redo"]).await;
    assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{output:?}");
    assert!(output.stderr.contains("1 article read again: 1 unchanged, 0 changed"), "{output:?}");
    assert_eq!(town.everything(), before);
}

#[tokio::test]
async fn a_text_of_other_rules_is_made_anew_without_a_revision_and_the_second_time_changes_nothing()
{
    let town = Town::with_a_copy().await;
    let before = town.everything();
    as_before(&town.ingest, 1);
    let told = town.run(&["redo"]).await;
    let words = town.ingest.value::<i64>("SELECT words FROM articles");
    assert!(told.starts_with(&format!("article 1: {} -> {words} words", words + 3)), "{told}");
    let without_time = |rows: Vec<String>| {
        let moment = town.ingest.value::<String>("SELECT changed_at FROM articles");
        let first = town.ingest.value::<String>("SELECT first_seen_at FROM articles");
        rows.into_iter().map(|row| row.replace(&moment, &first)).collect::<Vec<_>>()
    };
    assert_eq!(
        without_time(town.everything()),
        without_time(before),
        "as it was by the rules of today"
    );
    let once = town.everything();
    assert_eq!(town.run(&["redo"]).await, "");
    assert_eq!(town.everything(), once, "the second time changes nothing");
    town.check_sound();
}

#[tokio::test]
async fn a_page_is_extracted_again() {
    let publisher = Publisher::start().await;
    publisher.set("/ferry", Reply::page(page(FERRY.title, FERRY.body)));
    let item = Item::new(FERRY.title)
        .id("1")
        .link(&publisher.url("/ferry"))
        .summary("<p>It is back …</p>");
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    as_before(&ingest, 1);
    let hits = publisher.requests().len();
    assert_eq!(ingest.run(&["redo"]).await.code, 0);
    assert_eq!(ingest.value::<String>("SELECT body FROM articles"), FERRY.body);
    assert_eq!(publisher.requests().len(), hits, "nobody is asked");
}

#[tokio::test]
async fn the_text_of_a_much_different_copy_is_made_anew_as_well() {
    let ingest = Ingest::new();
    let kept: Vec<&str> = FERRY.body.lines().take(5).collect();
    let foreign: Vec<&str> = COMET.body.lines().skip(2).take(2).collect();
    let copy = format!("{}\n{}", kept.join("\n"), foreign.join("\n"));
    for (host, body) in [("127.0.0.1", FERRY.body), ("127.0.0.2", &copy)] {
        let publisher = Publisher::at(host).await;
        let item = Item::new(FERRY.title).id("1").link(&publisher.url("/story")).text(body);
        publisher.set("/feed", Reply::feed(rss("A paper", &[item])));
        ingest.add(&[&publisher.url("/feed")]).await;
        ingest.poll_only(&publisher.url("/feed")).await;
    }
    let texts = || {
        ["articles", "variants", "near_recent"]
            .map(|table| ingest.dump(&format!("SELECT * FROM {table}")))
    };
    let sightings = || ingest.dump("SELECT * FROM sightings");
    let before = (texts(), sightings());
    assert_eq!(ingest.column::<String>("SELECT body FROM variants"), [copy]);
    ingest.execute(
        "UPDATE sightings SET body_sha256 = 'old' WHERE id = 2;
         UPDATE variants SET body = body || char(10) || 'Bagikan Berita Ini', body_sha256 = 'old',
           words = words + 3",
    );
    let told = ingest.run(&["redo"]).await;
    assert!(told.stdout.starts_with("article 1: 1 text of copies changed"), "{told:?}");
    assert!(told.stderr.contains("1 text of much different copies changed"), "{told:?}");
    assert_eq!((texts(), sightings()), before, "as it was by the rules of today");
    assert_eq!(ingest.run(&["redo"]).await.stdout, "", "the second time changes nothing");
}

#[tokio::test]
async fn articles_that_turn_out_to_have_one_text_become_one() {
    let town = Town::with_a_copy().await;
    town.copies(&[("comet", "/wire/4712", COMET.body)]);
    town.poll().await;
    town.run(&["split", "2"]).await;
    let near = format!("BRANNOCK (Nordwire) - {}", COMET.without_paragraph(4));
    let item = Item::new("Pupils find comet").id("9").link(&town.publisher.url("/9")).text(&near);
    town.publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    // While the rules were others, the comet's text was something else altogether.
    town.ingest.execute(
        "UPDATE sightings SET body_sha256 = 'old' WHERE id = 3;
         UPDATE articles SET body = 'Nothing but old words', body_sha256 = 'old', words = 4 WHERE id = 2",
    );
    town.poll().await;
    assert_eq!(town.belongings(), [(1, 1), (2, 3), (3, 2), (4, 4)]);
    let dry = town.run(&["redo", "--dry-run"]).await;
    assert!(dry.contains("article 2 becomes article 4"), "{dry}");
    let told = town.run(&["redo"]).await;
    assert_eq!(told, dry, "a dry run tells what is done");
    assert_eq!(town.belongings(), [(1, 1), (2, 3), (3, 4), (4, 4)]);
    let explained = town.run(&["explain", "4"]).await;
    assert!(explained.contains("sighting 3: near-text"), "{explained}");
    let once = town.everything();
    town.run(&["redo"]).await;
    assert_eq!(town.everything(), once);
    town.check_sound();
}

#[tokio::test]
async fn what_a_person_keeps_apart_stays_apart_even_if_its_text_becomes_the_same() {
    let town = Town::with_a_copy().await;
    town.run(&["split", "2"]).await;
    as_before(&town.ingest, 1);
    as_before(&town.ingest, 2);
    let output = town.ingest.run(&["redo"]).await;
    assert!(output.stderr.contains("0 unchanged, 2 changed, 0 merged"), "{output:?}");
    assert_eq!(town.belongings(), [(1, 1), (2, 2)]);
    assert_eq!(town.ingest.value::<String>("SELECT body FROM articles WHERE id = 2"), copied());
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_machines_are_told_each_change() {
    let town = Town::with_a_copy().await;
    as_before(&town.ingest, 1);
    let before = town.everything();
    let told = town.run(&["redo", "--dry-run", "--json"]).await;
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["article"], 1);
    assert_eq!(lines[0]["outcome"], "changed");
    assert_eq!(lines[1]["summary"]["outcomes"]["changed"], 1);
    assert_eq!(town.everything(), before);
}

#[tokio::test]
async fn an_article_whose_received_text_is_gone_is_left_alone_and_counted() {
    let town = Town::with_a_copy().await;
    as_before(&town.ingest, 1);
    town.ingest.execute("DELETE FROM received_texts");
    let before = town.everything();
    let output = town.ingest.run(&["redo"]).await;
    assert!(
        output.stderr.contains("1 left alone: what their text was read from is not kept"),
        "{output:?}"
    );
    assert_eq!(town.everything(), before);
}

#[tokio::test]
async fn a_held_article_gets_the_text_that_the_rules_of_today_find() {
    let town = Town::with_a_copy().await;
    town.copies(&[("comet", "/wire/4712", COMET.body)]);
    town.poll().await;
    town.ingest.execute(
        "UPDATE articles SET body = NULL, body_sha256 = NULL, text_source = NULL, words = 0,
           hold_reason = 'short' WHERE id = 2;
         UPDATE sightings SET body_sha256 = NULL, verdict = 'held' WHERE id = 3",
    );
    town.run(&["redo"]).await;
    assert_eq!(town.ingest.value::<String>("SELECT body FROM articles WHERE id = 2"), COMET.body);
}

#[tokio::test]
async fn articles_older_than_the_window_are_cleaned_but_neither_indexed_nor_compared() {
    let town = Town::with_a_copy().await;
    as_before(&town.ingest, 1);
    town.ingest.execute(
        "UPDATE articles SET first_seen_at = '2001-01-01T00:00:00Z'; DELETE FROM near_recent;",
    );
    town.run(&["redo"]).await;
    assert_eq!(town.ingest.value::<String>("SELECT body FROM articles"), FERRY.body);
    assert_eq!(town.ingest.value::<i64>("SELECT count(*) FROM near_recent"), 0);
}

/// A file with many articles, each of which the rules of today would change.
async fn many(articles: usize) -> (Publisher, Ingest) {
    let publisher = Publisher::start().await;
    publisher.set("/feed", Reply::feed(stories(0..articles)));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    ingest.execute(
        "UPDATE sightings SET body_sha256 = 'old' || article_id;
         UPDATE articles SET body = body || ' old', body_sha256 = 'old' || id, rules_version = 'of old'",
    );
    (publisher, ingest)
}

#[tokio::test]
async fn a_redo_that_is_stopped_goes_on_where_it_was() {
    const ARTICLES: usize = 600;
    let (_publisher, ingest) = many(ARTICLES).await;
    let redo = ingest.daemon(&["redo"]);
    redo.until_line("article 1: ").await;
    redo.signal("INT");
    let stopped = redo.wait().await;
    assert_eq!(stopped.code, 0, "{stopped:?}");
    assert!(stopped.stderr.contains("`ingest redo` goes on from there"), "{}", stopped.stderr);
    let done = ingest.value::<i64>("SELECT article_id FROM redo_progress");
    let old =
        || ingest.value::<i64>("SELECT count(*) FROM articles WHERE rules_version = 'of old'");
    assert_eq!(old(), i64::try_from(ARTICLES).unwrap() - done);
    let again = ingest.run(&["redo"]).await;
    assert!(again.stderr.contains(&format!("went on after article {done}, ")), "{}", again.stderr);
    assert_eq!(old(), 0);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM redo_progress"), 0, "it is at the end");
}

#[tokio::test]
async fn a_text_that_the_rules_would_erase_is_left_alone() {
    let town = Town::with_a_copy().await;
    as_before(&town.ingest, 1);
    let frame = zstd::bulk::compress(paragraphs("Too short.").as_bytes(), 3).unwrap();
    let hex = base16ct::lower::encode_string(&frame);
    town.ingest
        .execute(&format!("UPDATE received_texts SET text = x'{hex}' WHERE sighting_id = 1"));
    let before = town.everything();
    let told = town.run(&["redo"]).await;
    assert!(told.contains("left alone"), "{told}");
    assert_eq!(town.everything(), before);
}

#[tokio::test]
async fn words_under_several_headlines_stay_no_articles() {
    let town = Town::with_a_copy().await;
    let notice = COMET.body.lines().take(2).collect::<Vec<_>>().join("\n");
    let item = |title: &str, id: &str| {
        Item::new(title).id(id).link(&town.publisher.url(&format!("/{id}"))).text(&notice)
    };
    let titles = [("The harbour board meets on Monday", "7"), ("Snow closes the Skarn road", "8")];
    let items: Vec<Item> = titles.iter().map(|(title, id)| item(title, id)).collect();
    town.publisher.set("/feed", Reply::feed(rss("The Gazette", &items)));
    town.poll().await;
    let held = "SELECT count(*) FROM articles WHERE hold_reason = 'shared-text'";
    assert_eq!(town.ingest.value::<i64>(held), 2);
    let before = town.everything();
    let output = town.ingest.run(&["redo"]).await;
    assert!(output.stderr.contains("2 still without a text"), "{output:?}");
    assert_eq!(town.everything(), before);
}

#[tokio::test]
async fn a_witness_is_read_again_where_its_own_text_was_found() {
    let town = Town::with_a_copy().await;
    // The third sighting has its text from the page, and a teaser of its own in the feed, while the
    // article has its text from a feed that has another one by now.
    town.elsewhere.set("/wire/4714", Reply::page(page(FERRY.title, FERRY.body)));
    let teaser = COMET.body.lines().next().unwrap();
    town.copies(&[("copy", "/wire/4711", &copied()), ("paged", "/wire/4714", teaser)]);
    town.poll().await;
    let source = "SELECT text_source FROM sightings WHERE entry_key = 'paged' AND article_id = 1";
    assert_eq!(town.ingest.value::<String>(source), "page");
    town.ingest.execute("DELETE FROM received_texts WHERE sighting_id = 1");
    let before = town.everything();
    town.run(&["redo"]).await;
    assert_eq!(town.everything(), before);
}
