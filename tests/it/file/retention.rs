//! Promises of how long articles are kept.

use super::file_of_days;
use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{ARCHIVE, COMET, FERRY, Story};

/// Two feeds: the first carries the ferry and the comet, the second the ferry and the archive.
struct Town {
    ingest: Ingest,
    gazette: Publisher,
    echo: Publisher,
}

impl Town {
    async fn open() -> Self {
        let (gazette, echo) = (Publisher::start().await, Publisher::at("127.0.0.2").await);
        let item = |publisher: &Publisher, story: Story| {
            let link = publisher.url(&format!("/{}", story.slug));
            Item::new(story.title).id(story.slug).link(&link).text(story.body)
        };
        let of_gazette = [item(&gazette, FERRY), item(&gazette, COMET)];
        let of_echo = [item(&echo, FERRY), item(&echo, ARCHIVE)];
        gazette.set("/feed", Reply::feed(rss("The Gazette", &of_gazette)));
        echo.set("/feed", Reply::feed(rss("The Echo", &of_echo)));
        let town = Self { ingest: Ingest::new(), gazette, echo };
        town.declare("", "");
        // One after the other, so that what is older has the lower number.
        town.ingest.poll_only(&town.gazette.url("/feed")).await;
        town.ingest.poll_only(&town.echo.url("/feed")).await;
        assert_eq!(town.titles(), [ARCHIVE.title, FERRY.title, COMET.title]);
        town
    }

    /// Declares both feeds, each with a line of its own.
    fn declare(&self, of_gazette: &str, of_echo: &str) {
        let feeds = [(self.gazette.url("/feed"), of_gazette), (self.echo.url("/feed"), of_echo)];
        let feeds = feeds.map(|(url, line)| format!("[[feed]]\nurl = \"{url}\"\n{line}\n"));
        self.ingest.write("config/feeds.toml", &feeds.concat());
    }

    /// Lets days pass since everything of a feed was seen, in which the file was in use.
    fn age(&self, feed: &Publisher, days: u32) {
        self.leap(feed, days);
        self.ingest.was_in_use();
    }

    /// Lets the clock leap.
    fn leap(&self, feed: &Publisher, days: u32) {
        let feed = feed.url("/feed");
        let past = format!("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{days} days')");
        self.ingest.execute(&format!(
            "UPDATE sightings SET first_seen_at = {past}
             WHERE feed_id = (SELECT id FROM feeds WHERE url = '{feed}');
             UPDATE articles SET first_seen_at =
               (SELECT min(first_seen_at) FROM sightings WHERE article_id = articles.id);"
        ));
    }

    fn titles(&self) -> Vec<String> {
        self.ingest.column("SELECT title FROM articles ORDER BY title")
    }
}

#[tokio::test]
async fn articles_stay_for_ever_unless_somebody_says_otherwise() {
    let town = Town::open().await;
    town.age(&town.gazette, 9_000);
    town.age(&town.echo, 9_000);
    town.ingest.poll().await;
    assert_eq!(town.titles().len(), 3);
}

#[tokio::test]
async fn an_article_goes_when_its_time_has_passed_in_every_feed_and_does_not_come_back() {
    let mut town = Town::open().await;
    town.ingest = town.ingest.with("INGEST_STORAGE__KEEP_ARTICLES_DAYS", "30");
    town.age(&town.gazette, 31);
    town.age(&town.echo, 29);
    town.ingest.poll().await;
    assert_eq!(town.titles(), [ARCHIVE.title, FERRY.title], "the echo still keeps the ferry");
    town.age(&town.echo, 31);
    for _ in 0..2 {
        town.ingest.poll().await;
        assert_eq!(town.titles(), [] as [&str; 0], "although both feeds still list them");
    }
    for table in ["sightings", "url_keys", "received_texts", "text_choices"] {
        assert_eq!(
            town.ingest.value::<i64>(&format!("SELECT count(*) FROM {table}")),
            0,
            "{table}"
        );
    }
    let found = "SELECT count(*) FROM search WHERE search MATCH 'ferry OR comet OR archive'";
    assert_eq!(town.ingest.value::<i64>(found), 0);
    let doctor = town.ingest.run(&["doctor"]).await;
    assert_eq!(doctor.code, 0, "{doctor:?}");
}

#[tokio::test]
async fn a_clock_that_leaps_lets_nothing_go_until_the_file_was_in_use_for_days() {
    let mut town = Town::open().await;
    town.ingest = town.ingest.with("INGEST_STORAGE__KEEP_ARTICLES_DAYS", "30");
    town.leap(&town.gazette, 2_000);
    town.leap(&town.echo, 2_000);
    for _ in 0..2 {
        let output = town.ingest.run(&["--once", "--force", "-v"]).await;
        assert!(output.stderr.contains("or the clock is wrong"), "{output:?}");
        assert_eq!(town.titles().len(), 3);
    }
    town.ingest.was_in_use();
    town.ingest.poll().await;
    assert_eq!(town.titles().len(), 0, "it was the calendar");
}

#[tokio::test]
async fn what_came_after_what_is_kept_stays_whatever_a_clock_that_was_behind_said() {
    let mut town = Town::open().await;
    town.ingest = town.ingest.with("INGEST_STORAGE__KEEP_ARTICLES_DAYS", "30");
    town.age(&town.gazette, 29);
    town.age(&town.echo, 9_000);
    town.ingest.poll().await;
    assert_eq!(town.titles().len(), 3, "the echo came last");
    town.age(&town.gazette, 31);
    town.ingest.poll().await;
    assert_eq!(town.titles().len(), 0);
}

#[tokio::test]
async fn a_feed_may_keep_its_articles_longer_or_shorter_than_others() {
    let mut town = Town::open().await;
    town.age(&town.gazette, 10);
    town.age(&town.echo, 10);
    town.declare("keep_days = 7", "");
    town.ingest.poll().await;
    assert_eq!(town.titles(), [ARCHIVE.title, FERRY.title], "the echo keeps for ever");
    town.ingest = town.ingest.with("INGEST_STORAGE__KEEP_ARTICLES_DAYS", "9");
    town.declare("", "keep_days = 0");
    town.ingest.poll().await;
    assert_eq!(town.titles(), [ARCHIVE.title, FERRY.title], "and does so against the general rule");
    town.declare("", "keep_days = 11");
    town.ingest.poll().await;
    assert_eq!(town.titles().len(), 2);
    town.declare("", "");
    town.ingest.poll().await;
    assert_eq!(town.titles().len(), 0);
}

#[tokio::test]
async fn many_articles_go_in_one_pass_and_those_that_are_kept_are_passed_over() {
    let ingest = file_of_days(40).await.with("INGEST_STORAGE__KEEP_ARTICLES_DAYS", "10");
    let kept = "SELECT count(*) FROM articles AS a WHERE EXISTS (
                  SELECT 1 FROM sightings WHERE article_id = a.id
                    AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-10 days'))";
    let (all, expected) =
        (ingest.value::<i64>("SELECT count(*) FROM articles"), ingest.value::<i64>(kept));
    assert!(0 < expected && expected < all / 2, "{expected} of {all}");
    ingest.execute("UPDATE feeds SET paused_at = added_at");
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), expected);
    assert_eq!(ingest.value::<i64>(kept), expected);
}

#[tokio::test]
async fn the_oldest_go_when_the_file_is_too_large_and_the_newest_never() {
    let used = "SELECT (page_count - freelist_count) * page_size
                FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    let newest = "SELECT id FROM articles ORDER BY id DESC LIMIT 100";
    let ingest = file_of_days(160).await.with("INGEST_STORAGE__MAX_SIZE_MB", "9");
    ingest.execute("UPDATE feeds SET paused_at = added_at; DELETE FROM polls;");
    assert!(ingest.value::<i64>(used) > 10 << 20, "{}", ingest.value::<i64>(used));
    let before = ingest.column::<i64>(newest);
    assert_eq!(ingest.run(&["--once"]).await.code, 0);
    let size = ingest.value::<i64>(used);
    assert!(8 << 20 < size && size <= 9 << 20, "{size}: no more goes than must");
    assert_eq!(ingest.column::<i64>(newest), before);
    assert!(ingest.value::<i64>("SELECT min(id) FROM articles") > 1);

    let ingest = ingest.with("INGEST_STORAGE__MAX_SIZE_MB", "1");
    let output = ingest.run(&["--once", "-v"]).await;
    assert!(output.stderr.contains("larger than storage.max_size_mb"), "{output:?}");
    let left = ingest.value::<i64>("SELECT count(*) FROM articles");
    assert_eq!(
        left,
        ingest.value::<i64>(
            "SELECT count(*) FROM articles
         WHERE first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-2 days')",
        )
    );
    assert!(left >= 50, "those of two days: {left}");
}
