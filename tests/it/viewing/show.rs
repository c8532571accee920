//! `show`: an article by its number or an address, as a person reads it.

use super::Kiosk;
use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{COMET, FERRY};

#[tokio::test]
async fn an_article_is_shown_with_its_text_and_where_it_was_seen() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute(
        "UPDATE articles SET author = 'Odile Farrow', language = 'en',
                             published_at = '2026-04-07T08:10:00Z' WHERE id = 2",
    );
    let shown = kiosk.run(&["show", "2"]).await;
    let (address, feeds) = (
        kiosk.gazette.url(&format!("/{}", COMET.slug)),
        [kiosk.gazette.url("/feed"), kiosk.herald.url("/feed")],
    );
    assert!(
        shown.starts_with(&format!("{}\n{address}\n\narticle     2\n", COMET.title)),
        "{shown}"
    );
    for expected in [
        "author      Odile Farrow\n",
        "language    en\n",
        "published   2026-04-07 08:10:00 UTC\n",
        " words from a feed\n",
        &format!("seen in     The Gazette ({}), 20", feeds[0]),
        &format!("            The Herald ({}), 20", feeds[1]),
    ] {
        assert!(shown.contains(expected), "{expected:?} is shown:\n{shown}");
    }
    let text: String = shown.split_once("UTC: same-text\n").unwrap().1.to_owned();
    let paragraphs: Vec<String> =
        text.trim().split("\n\n").map(|lines| lines.replace('\n', " ")).collect();
    assert_eq!(paragraphs, COMET.body.lines().collect::<Vec<_>>(), "each paragraph is wrapped");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
}

#[tokio::test]
async fn an_article_is_shown_by_each_address_it_was_seen_at() {
    let kiosk = Kiosk::open().await;
    let expected = kiosk.run(&["show", "2"]).await;
    let own = kiosk.gazette.url(&format!("/{}?utm_source=x", COMET.slug));
    let copy = kiosk.herald.url(&format!("/{}", COMET.slug));
    for address in [own, copy, COMET.slug.to_owned()] {
        assert_eq!(kiosk.run(&["show", &address]).await, expected, "{address}");
    }
}

#[tokio::test]
async fn earlier_texts_are_told_and_given_to_machines() {
    let kiosk = Kiosk::open().await;
    let longer = format!("{}\nThe pony was late.", FERRY.body);
    let item = Item::new("Night ferry is back")
        .id(FERRY.slug)
        .link(&kiosk.gazette.url(&format!("/{}", FERRY.slug)))
        .text(&longer);
    kiosk.gazette.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    kiosk.ingest.poll().await;
    let shown = kiosk.run(&["show", "1"]).await;
    assert!(shown.starts_with("Night ferry is back\n"), "{shown}");
    let unbroken = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unbroken.contains(&format!(" words under “{}”, until 20", FERRY.title)), "{shown}");
    assert!(shown.ends_with("\nThe pony was late.\n"), "{shown}");

    let told = &kiosk.objects(&["show", "1", "--json"]).await[0];
    assert_eq!((&told["id"], &told["title"]), (&1.into(), &"Night ferry is back".into()));
    assert_eq!(told["body"], longer.as_str());
    assert_eq!(told["feeds"], serde_json::json!([kiosk.gazette.url("/feed")]));
    assert_eq!(told["sightings"][0]["verdict"], "new");
    let earlier = &told["revisions"][0];
    assert_eq!((&earlier["title"], &earlier["body"]), (&FERRY.title.into(), &FERRY.body.into()));
}

#[tokio::test]
async fn an_article_without_a_text_says_why_and_shows_the_summary() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let item = Item::new("Heron seen").id("1").summary("A heron\u{7} stood in the sound.");
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let output = ingest.run(&["show", "1"]).await;
    assert!(output.stdout.contains("text        none: "), "{output:?}");
    assert!(output.stdout.contains("below is what its feed says"), "{output:?}");
    assert!(output.stdout.ends_with("stood in the sound.\n"), "{output:?}");
    assert!(!output.stdout.contains('\u{7}'), "strangers control no terminal");
}

#[tokio::test]
async fn what_is_not_there_says_what_to_try() {
    let kiosk = Kiosk::open().await;
    let address = kiosk.refusal(&["show", "https://nowhere.example/x"]).await;
    assert!(address.contains("nothing was seen at https://nowhere.example/x; try"), "{address}");
    assert!(kiosk.refusal(&["show", "99"]).await.contains("there is no article 99"));
    let comet = kiosk.gazette.url(&format!("/{}", COMET.slug));
    kiosk.ingest.execute("DELETE FROM articles WHERE id = 2");
    assert!(kiosk.refusal(&["show", "2"]).await.contains("article 2 is gone"));
    assert!(kiosk.run(&["show", &comet]).await.starts_with("deleted; "));
    assert!(kiosk.objects(&["show", &comet, "--json"]).await[0]["deleted"].is_array());
}
