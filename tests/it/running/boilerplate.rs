//! An operator looks after the rules of what is boilerplate.

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, Story};

const OWN: &str = r#"
[[rule]]
id = "own.mug"
family = "own"
lang = "en"
at = "tail"
weight = 3
match = "exact"
pats = ["Buy our mug, it is blue"]
examples = ["Buy our mug, it is blue"]
"#;

fn with_own(rules: &str) -> Ingest {
    let ingest = Ingest::new();
    ingest.write("config/ingest.toml", "[text]\nboilerplate_file = \"own.toml\"\n");
    ingest.write("config/own.toml", rules);
    ingest
}

#[tokio::test]
async fn own_rules_clean_with_the_others_and_are_told_by_the_version() {
    let publisher = Publisher::start().await;
    let text = format!("{}\nBuy our mug, it is blue", FERRY.body);
    let item = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).text(&text);
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    let ingest = with_own(OWN);
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!(ingest.value::<String>("SELECT body FROM articles"), FERRY.body);
    assert_eq!(ingest.column::<String>("SELECT rule FROM removed_lines"), ["own.mug"]);
    assert!(ingest.value::<String>("SELECT rules_version FROM articles").contains('+'));
}

#[tokio::test]
async fn a_faulty_own_rule_stops_the_start_and_is_named_with_its_line() {
    let ingest = with_own(&OWN.replace("examples = [\"Buy", "examples = [\"Sell"));
    let expected = "config/own.toml:3: rule `own.mug`: no pattern matches the example \
        `Sell our mug, it is blue`";
    for arguments in
        [&["--once"][..], &["boilerplate", "check"], &["boilerplate", "check", "config/own.toml"]]
    {
        let output = ingest.run(arguments).await;
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.stderr.contains(expected), "{output:?}");
    }
    let missing = ingest.run(&["boilerplate", "check", "elsewhere.toml"]).await;
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("cannot read elsewhere.toml"), "{missing:?}");
}

#[tokio::test]
async fn sound_rules_are_said_to_be() {
    let output = with_own(OWN).run(&["boilerplate", "check"]).await;
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (0, "1 own rule; the examples of each hold\n")
    );
}

#[tokio::test]
async fn lines_that_many_texts_end_in_are_proposed_as_rules_that_can_be_used() {
    let publisher = Publisher::start().await;
    let words = ["alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple"];
    let items: Vec<Item> = (0..64)
        .map(|number| {
            let (one, two) = (words[number % 8], words[number / 8]);
            let told: Vec<String> = (0..60).map(|n| format!("{one}{n} {two}{}", n * 7)).collect();
            let told = told.join(" ");
            let text = format!("{told} was seen by {one} and {two}.\nWritten by {one} {two}\nRing the bell on page {number}");
            let link = publisher.url(&format!("/{number}"));
            Item::new(&format!("{one} and {two}")).id(&number.to_string()).link(&link).text(&text)
        })
        .collect();
    publisher.set("/feed", Reply::feed(rss("The Gazette", &items)));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let before = ingest.dump("SELECT * FROM articles");
    let proposed = ingest.run(&["boilerplate", "propose"]).await;
    assert_eq!(proposed.code, 0, "{proposed:?}");
    assert!(
        proposed.stdout.contains("# 64 of the last 64 texts of 127.0.0.1 (100 %)"),
        "{proposed:?}"
    );
    assert!(proposed.stdout.contains("ring the bell on page [0-9]+"), "{proposed:?}");
    assert_eq!(ingest.dump("SELECT * FROM articles"), before, "it changes nothing");
    ingest.write("proposed.toml", &proposed.stdout);
    let checked = ingest.run(&["boilerplate", "check", "proposed.toml"]).await;
    assert_eq!(checked.code, 0, "{checked:?}");
    let other = ingest.run(&["boilerplate", "propose", "--host", "elsewhere.example"]).await;
    assert_eq!(other.stdout, "");
}

#[tokio::test]
async fn lines_that_only_one_host_puts_below_the_same_articles_are_proposed() {
    let letter = "Our letter reaches you every morning before the first ferry has left the quay";
    let publishers = [Publisher::at("127.0.0.1").await, Publisher::at("127.0.0.2").await];
    let ingest = Ingest::new();
    for (publisher, below) in publishers.iter().zip(["", letter]) {
        let item = |story: &Story| {
            let text = format!("{}\n{below}", story.body);
            Item::new(story.title)
                .id(story.slug)
                .link(&publisher.url(&format!("/{}", story.slug)))
                .text(&text)
        };
        let items: Vec<Item> = [FERRY, COMET, ARCHIVE].iter().map(item).collect();
        publisher.set("/feed", Reply::feed(rss("A paper", &items)));
        ingest.add(&[&publisher.url("/feed")]).await;
        ingest.poll_only(&publisher.url("/feed")).await;
    }
    let verdicts = "SELECT count(*) FROM sightings WHERE verdict = 'near-text'";
    assert_eq!(ingest.value::<i64>(verdicts), 3);
    let proposed = ingest.run(&["boilerplate", "propose"]).await;
    let why = "# 3 articles end in it at 127.0.0.2; their copies at 127.0.0.1 have it not.";
    assert!(proposed.stdout.contains(why), "{proposed:?}");
    ingest.write("proposed.toml", &proposed.stdout);
    let checked = ingest.run(&["boilerplate", "check", "proposed.toml"]).await;
    assert_eq!(checked.stdout, "1 own rule; the examples of each hold\n");
    let other = ingest.run(&["boilerplate", "propose", "--host", "127.0.0.1"]).await;
    assert_eq!(other.stdout, "");
}

#[tokio::test]
async fn an_anchor_that_nothing_was_cut_at_is_counted() {
    let publisher = Publisher::start().await;
    let text = format!("{}\nvia IFTTT\nA line that nobody knows", FERRY.body);
    let item = Item::new(FERRY.title).id("1").link(&publisher.url("/ferry")).text(&text);
    publisher.set("/feed", Reply::feed(rss("The Gazette", &[item])));
    let ingest = Ingest::new();
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let output = ingest.run(&["boilerplate", "propose"]).await;
    assert!(output.stdout.contains("stands near the end of 1 text,"), "{output:?}");
}
