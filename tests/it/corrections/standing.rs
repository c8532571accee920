//! What a person decided stands, whatever comes later.

use super::{Town, copied};
use crate::harness::{Item, Reply, rss};
use crate::stories::{COMET, FERRY};

/// Lets pass everything by which the program would have joined the two again.
async fn let_much_happen(town: &Town) {
    // The split entry says the very words of the article it left, then something near them again.
    for text in [FERRY.body.to_owned(), format!("{}\nIt sailed.", copied()), copied()] {
        town.copies(&[("copy", "/wire/4711", &text)]);
        town.poll().await;
    }
    // The article's own entry says what the split one says.
    town.publish(&copied());
    town.poll().await;
    town.publish(FERRY.body);
    town.poll().await;
    // Another entry has the address of the one and the text of the other.
    town.copies(&[("third", "/wire/4711", FERRY.body), ("copy", "/wire/4711", &copied())]);
    town.poll().await;
    let own = town.publisher.url("/ferry");
    let crossing = Item::new(FERRY.title).id("fourth").link(&own).text(&copied());
    town.elsewhere.set("/feed", Reply::feed(rss("Daily Skarn", &[crossing])));
    town.poll().await;
    town.run(&["redo"]).await;
    town.copies(&[("copy", "/wire/4711", &copied())]);
    town.poll().await;
}

#[tokio::test]
async fn nothing_that_comes_later_undoes_a_split() {
    let town = Town::with_a_copy().await;
    town.run(&["split", "2"]).await;
    let_much_happen(&town).await;
    assert_eq!(town.belongings()[..2], [(1, 1), (2, 2)]);
    assert_eq!(town.ingest.column::<i64>("SELECT id FROM articles ORDER BY id"), [1, 2]);
    town.check_sound();
}

#[tokio::test]
async fn nothing_that_comes_later_undoes_a_split_that_left_an_article_without_a_text() {
    let town = Town::with_a_copy().await;
    town.ingest.execute("DELETE FROM received_texts; DELETE FROM variants");
    // Its feed does not list it any more, so it stays without a text.
    town.copies(&[]);
    town.run(&["split", "2"]).await;
    town.poll().await;
    // An entry that has the addresses of both would join what is held to what has a text.
    let (one, other) = (town.publisher.url("/ferry"), town.elsewhere.url("/wire/4711"));
    let tail = ["\"ferry\" - Google News", "April 07, 2026 at 04:54PM"].join("</p><p>");
    let html = format!(
        "{}<p>{tail}</p><p><a href=\"{one}\">https://ift.tt/abc</a></p>",
        crate::harness::paragraphs(FERRY.body),
    );
    let both = Item::new(FERRY.title).id("both").link(&other).content(&html);
    town.elsewhere.set("/feed", Reply::feed(rss("Daily Skarn", &[both])));
    town.poll().await;
    assert_eq!(town.belongings()[..2], [(1, 1), (2, 2)]);
    town.check_sound();
}

#[tokio::test]
async fn nothing_that_comes_later_undoes_a_merge() {
    let town = Town::with_a_copy().await;
    town.copies(&[("comet", "/wire/4712", COMET.body)]);
    town.poll().await;
    town.run(&["merge", "1", "2"]).await;
    for text in [COMET.body.to_owned(), format!("{}\nThe owl is well.", COMET.body)] {
        town.copies(&[("comet", "/wire/4712", &text), ("again", "/wire/4712", COMET.body)]);
        town.poll().await;
        town.run(&["redo"]).await;
        let articles = town.ingest.column::<i64>("SELECT DISTINCT article_id FROM sightings");
        assert_eq!(articles, [1], "every entry of the two stays with the one");
    }
    town.check_sound();
}
