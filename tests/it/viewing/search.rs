//! `search`: what is typed, what is found, and how it is shown.

use super::Kiosk;
use crate::harness::{Ingest, Item, Publisher, Reply, rss, stories};
use crate::stories::FERRY;

/// The numbers of the articles that a search finds, in order of number.
async fn found(kiosk: &Kiosk, arguments: &[&str]) -> Vec<i64> {
    let output = kiosk.ingest.run(&[&["search", "--json"], arguments].concat()).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{arguments:?}: {output:?}");
    let numbers = output.stdout.lines().map(|line| {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_i64().unwrap()
    });
    let mut numbers: Vec<i64> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn a_search_is_what_a_person_types() {
    let kiosk = Kiosk::open().await;
    for (typed, expected) in [
        (&["ferry"][..], &[1][..]),
        (&["FÉRRY"], &[1]),
        (&["the", "river"], &[3]),
        (&["river ferry"], &[]),
        (&["river OR ferry"], &[1, 3]),
        (&["\"night ferry\""], &[1]),
        (&["\"ferry night\""], &[]),
        (&["schoolch*"], &[2]),
        (&["schoolch"], &[]),
        (&["the -river"], &[1, 2]),
        (&["the", "--", "-river", "-\"night ferry\""], &[2]),
        (&["--", "-river", "the", "-quay", "-owl"], &[]),
        (&["'; DROP TABLE articles; -- the"], &[]),
        (&["\"the", "(", "AND", "body:", "NEAR(", "*"], &[]),
    ] {
        assert_eq!(found(&kiosk, typed).await, expected, "{typed:?}");
    }
    assert_eq!(kiosk.ingest.value::<i64>("SELECT count(*) FROM articles"), 3);
}

#[tokio::test]
async fn a_search_is_narrowed_by_feed_host_language_and_time() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute(
        "UPDATE articles SET language = 'en-GB', first_seen_at = '2026-01-01T00:00:00Z' WHERE id = 1;
         UPDATE articles SET language = 'EN' WHERE id = 2;
         UPDATE articles SET language = 'enm', url = 'https://news.herald.example/a' WHERE id = 3;",
    );
    let (gazette, herald) = (kiosk.gazette.url("/feed"), kiosk.herald.url("/feed"));
    for (narrowed, expected) in [
        (&["--feed", gazette.as_str()][..], &[1, 2][..]),
        (&["--feed", &herald], &[2, 3]),
        (&["--host", "127.0.0.1"], &[1, 2]),
        (&["--host", "Herald.example"], &[3]),
        (&["--host", "ald.example"], &[]),
        (&["--language", "en"], &[1, 2]),
        (&["--language", "en-gb"], &[1]),
        (&["--since", "1d"], &[2, 3]),
        (&["--since", "2025-12-31"], &[1, 2, 3]),
        (&["--since", "2026-01-01T00:00:01Z"], &[2, 3]),
        (&["--feed", &herald, "--since", "7d", "--host", "127.0.0.1"], &[2]),
        (&["--limit", "1", "--newest"], &[3]),
    ] {
        assert_eq!(found(&kiosk, &[&["the"], narrowed].concat()).await, expected, "{narrowed:?}");
    }
}

#[tokio::test]
async fn the_best_answer_comes_first_unless_the_newest_is_wanted() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute(
        "UPDATE articles SET title = 'Quay', body = 'A word.' WHERE id = 1;
         UPDATE articles SET title = 'Other', body = 'The quay.' WHERE id = 2;
         UPDATE articles SET title = 'Another', body = 'Nothing of it.' WHERE id = 3;",
    );
    kiosk.run(&["--once"]).await;
    let first = async |arguments: &[&str]| {
        let objects = kiosk.objects(&[&["search", "quay", "--json"], arguments].concat()).await;
        objects.iter().map(|hit| hit["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(first(&[]).await, [1, 2], "the title counts more than the text");
    assert_eq!(first(&["--newest"]).await, [2, 1]);
}

#[tokio::test]
async fn what_was_found_is_marked_and_lines_are_wrapped() {
    let kiosk = Kiosk::open().await;
    let shown = kiosk.run(&["search", "ferry"]).await;
    let lines: Vec<&str> = shown.lines().collect();
    let day = kiosk.ingest.value::<String>("SELECT date(first_seen_at) FROM articles WHERE id = 1");
    let title = FERRY.title.replace("ferry", "[ferry]");
    assert_eq!(lines[0], format!("1  {day}  {title}"));
    assert!(shown.contains("   The night [ferry] between Port Ellery"), "{shown}");
    assert_eq!(
        *lines.last().unwrap(),
        format!("   {}", kiosk.gazette.url(&format!("/{}", FERRY.slug)))
    );
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no colours away from a terminal");
    let shown = kiosk.run(&["search", "comet"]).await;
    assert!(shown.lines().last().unwrap().ends_with("  2 feeds"), "{shown}");
}

#[tokio::test]
async fn machines_get_the_pieces_of_the_passage() {
    let kiosk = Kiosk::open().await;
    let hits = kiosk.objects(&["search", "--json", "merganser"]).await;
    assert_eq!(hits.len(), 1);
    let hit = &hits[0];
    assert_eq!(
        (&hit["id"], &hit["title"], &hit["feeds"]),
        (&1.into(), &FERRY.title.into(), &1.into())
    );
    let pieces = hit["snippet"].as_array().unwrap();
    let found: Vec<&str> = (pieces.iter().filter(|piece| piece["hit"] == true))
        .map(|piece| piece["text"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["Merganser"]);
    assert!(hit["rank"].as_f64().unwrap() < 0.0);
}

#[tokio::test]
async fn a_title_without_a_text_is_found_and_strangers_control_no_terminal() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(rss("G", &[Item::new("Heron seen").id("1")])));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    ingest.execute("UPDATE articles SET title = title || ' ' || char(27) || '[2J'");
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    let output = ingest.run(&["search", "heron"]).await;
    assert!(output.stdout.contains("  [Heron] seen  [2J\n   without an address\n"), "{output:?}");
}

#[tokio::test]
async fn one_character_of_a_script_without_spaces_is_a_word() {
    let kiosk = Kiosk::open().await;
    kiosk.ingest.execute("UPDATE articles SET body = '東京の朝' WHERE id = 1");
    let waiting = kiosk.ingest.run(&["search", "東京"]).await;
    let told = "nothing was found\n1 article waits to be indexed and cannot be found yet;";
    assert!(waiting.stderr.contains(told), "{waiting:?}");
    kiosk.run(&["--once"]).await;
    assert_eq!(found(&kiosk, &["東京"]).await, [1]);
    assert_eq!(found(&kiosk, &["京東"]).await, [0; 0]);
    let shown = kiosk.run(&["search", "東京"]).await;
    assert!(shown.contains("[東京]の朝"), "{shown}");
}

#[tokio::test]
async fn what_cannot_be_searched_for_says_what_to_do() {
    let kiosk = Kiosk::open().await;
    for (arguments, expected) in [
        (&["search", "—"][..], "there is no word in it; give one or more"),
        (&["search", "--", "-ferry"], "add a word that must"),
        (&["search", "the", "--feed", "http://other.example/"], "`ingest feeds list` shows them"),
        (&["search", "the", "--since", "yesterday"], "7d, 12h, 30m"),
        (&["search", "the", "--host", "http://a.example/"], "write it as in news.example.org"),
        (&["search", "the", "--limit", "0"], "--limit"),
        (&["search"], "<QUERY>"),
    ] {
        let refusal = kiosk.refusal(arguments).await;
        assert!(refusal.contains(expected), "{arguments:?}: {refusal}");
    }
    let nothing = kiosk.ingest.run(&["search", "zeppelin"]).await;
    assert_eq!((nothing.code, nothing.stderr.as_str()), (0, "nothing was found\n"));
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_ends_it_silently() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(stories(0..300)));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let output = ingest.run_and_hang_up(&["search", "the", "--limit", "300"]).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
}
