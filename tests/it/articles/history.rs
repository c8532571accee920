//! Whatever a feed's entries turn into, no text is lost and the file stays sound.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::harness::{Ingest, Item, Publisher, Reply, page, paragraphs, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, NOTICE, Story};

const TITLE: &str = "Something happened today";

const STORIES: [Story; 3] = [FERRY, COMET, ARCHIVE];

/// What an entry says at one moment: its id, where it leads, its text, and which page it says it
/// copied; each is one of a few.
#[derive(Debug, Clone)]
struct Said {
    id: u8,
    link: Option<u8>,
    text: usize,
    original: Option<u8>,
}

/// What two feeds list at one moment, and which story stands on each page by then, if any.
#[derive(Debug, Clone)]
struct Moment {
    feeds: [Vec<Said>; 2],
    pages: [usize; 2],
}

/// The story of a number; beyond the last there is only a notice.
fn text(number: usize) -> &'static str {
    STORIES.get(number).map_or(NOTICE, |story| story.body)
}

/// Entries, of which some name one of the first `originals` pages as their original.
fn any_entry(originals: u8) -> impl Strategy<Value = Said> {
    let parts = (0..3_u8, prop::option::weighted(0.8, 0..2_u8), 0..5_usize, 0..=originals);
    parts.prop_map(|(id, link, text, original)| {
        let original = original.checked_sub(1);
        Said { id, link, text, original }
    })
}

fn any_moments(originals: u8) -> impl Strategy<Value = Vec<Moment>> {
    let feed = || prop::collection::vec(any_entry(originals), 1..4);
    let parts = (feed(), feed(), 0..5_usize, 0..5_usize);
    let moment = parts
        .prop_map(|(left, right, one, other)| Moment { feeds: [left, right], pages: [one, other] });
    prop::collection::vec(moment, 2..5)
}

fn publish(publisher: &Publisher, moment: &Moment) {
    for (number, story) in moment.pages.iter().enumerate() {
        let reply = match STORIES.get(*story) {
            Some(story) => Reply::page(page(story.title, story.body)),
            None => Reply::status(404),
        };
        publisher.set(&format!("/page/{number}"), reply);
    }
    for (number, entries) in moment.feeds.iter().enumerate() {
        let items: Vec<Item> = entries.iter().map(|said| item(publisher, said)).collect();
        publisher.set(&format!("/feed/{number}"), Reply::feed(rss("A paper", &items)));
    }
}

fn item(publisher: &Publisher, said: &Said) -> Item {
    let mut html = paragraphs(text(said.text));
    if let Some(original) = said.original {
        let link = publisher.url(&format!("/page/{original}"));
        let tail = ["\"news\" - Google News", "April 07, 2026 at 04:54PM", "LINK", TITLE];
        let link = format!("<a href=\"{link}\">https://ift.tt/abc{original}</a>");
        html += &paragraphs(&tail.join("\n")).replace("LINK", &link);
    }
    let item = Item::new(TITLE).id(&format!("id-{}", said.id)).content(&html);
    match said.link {
        Some(link) => item.link(&publisher.url(&format!("/page/{link}"))),
        None => item,
    }
}

/// Everything that must hold of the file at any moment.
fn check_sound(ingest: &Ingest) {
    assert_eq!(ingest.column::<String>("PRAGMA integrity_check"), ["ok"]);
    for (what, query) in [
        ("a reference to nothing", "SELECT count(*) FROM pragma_foreign_key_check"),
        (
            "an article that no feed carried",
            "SELECT count(*) FROM articles WHERE id NOT IN (SELECT article_id FROM sightings)",
        ),
        (
            "an article with a text that search does not find",
            "SELECT count(*) FROM articles WHERE body IS NOT NULL
             AND id NOT IN (SELECT rowid FROM search WHERE search MATCH 'the')",
        ),
        (
            "a revision equal to what stands",
            "SELECT count(*) FROM revisions AS r JOIN articles AS a ON a.id = r.article_id
             AND a.body = r.body WHERE r.id = (SELECT max(id) FROM revisions
                                               WHERE article_id = a.id)",
        ),
    ] {
        assert_eq!(ingest.value::<i64>(query), 0, "{what}");
    }
}

/// Lets the moments pass, and answers the file in which they were stored.
async fn stored(moments: &[Moment]) -> Ingest {
    let publisher = Publisher::start().await;
    let ingest = Ingest::new();
    let feeds = [publisher.url("/feed/0"), publisher.url("/feed/1")];
    ingest.add(&[&feeds[0], &feeds[1]]).await;
    for moment in moments {
        publish(&publisher, moment);
        for feed in &feeds {
            ingest.poll_only(feed).await;
            check_sound(&ingest);
        }
    }
    check_redo_changes_nothing(&ingest).await;
    ingest
}

/// Rules that did not change make of what was received what is stored.
async fn check_redo_changes_nothing(ingest: &Ingest) {
    let stored = || -> Vec<String> {
        let tables = ["articles", "sightings", "variants", "revisions", "near_recent"];
        tables.iter().flat_map(|table| ingest.dump(&format!("SELECT * FROM {table}"))).collect()
    };
    let before = stored();
    let output = ingest.run(&["redo"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(stored(), before, "{output:?}");
}

fn check_nothing_lost(moments: &[Moment], ingest: &Ingest) {
    let kept = ingest.column::<String>(
        "SELECT body FROM articles WHERE body IS NOT NULL UNION SELECT body FROM revisions",
    );
    let said = moments.iter().flat_map(|moment| moment.feeds.iter().flatten());
    for story in said.filter_map(|said| STORIES.get(said.text)) {
        assert!(kept.iter().any(|body| body == story.body), "{} is kept", story.title);
    }
}

/// Runs a property over moments in which entries may name one of `originals` pages.
fn check(originals: u8, property: fn(&[Moment], &Ingest)) {
    const CASES: u32 = 5;
    let config = Config {
        cases: CASES,
        max_shrink_iters: 64,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = Runtime::new().unwrap();
    let one = |moments: Vec<Moment>| {
        let ingest = runtime.block_on(stored(&moments));
        property(&moments, &ingest);
        Ok(())
    };
    TestRunner::new(config).run(&any_moments(originals), one).unwrap();
}

#[test]
fn whatever_entries_turn_into_no_text_is_lost() {
    check(0, check_nothing_lost);
}

#[test]
fn whatever_copies_turn_into_the_file_stays_sound() {
    check(2, |_, _| {});
}
