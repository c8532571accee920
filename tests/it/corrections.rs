//! Promises to whoever looks into the program's verdicts and corrects them.

mod explain;
mod redo;
mod standing;
mod two;

use crate::harness::{Ingest, Item, Output, Publisher, Reply, rss};
use crate::stories::FERRY;

/// A publisher with a story, another paper with a near copy of it, and the file they were read into.
struct Town {
    publisher: Publisher,
    elsewhere: Publisher,
    ingest: Ingest,
}

impl Town {
    /// The copy has lost a paragraph and gained a credit. It is sighting 2 of article 1.
    async fn with_a_copy() -> Self {
        let (publisher, elsewhere) = (Publisher::start().await, Publisher::at("127.0.0.4").await);
        let ingest = Ingest::new();
        let town = Self { publisher, elsewhere, ingest };
        town.publish(FERRY.body);
        town.copy(&copied());
        town.ingest.add(&[&town.publisher.url("/feed"), &town.elsewhere.url("/feed")]).await;
        town.poll().await;
        let verdicts = "SELECT verdict FROM sightings WHERE article_id = 1 ORDER BY id";
        assert_eq!(town.ingest.column::<String>(verdicts), ["new", "near-text"]);
        town
    }

    /// From now on the publisher's entry says this.
    fn publish(&self, text: &str) {
        let own = Item::new(FERRY.title).id("1").link(&self.publisher.url("/ferry")).text(text);
        self.publisher.set("/feed", Reply::feed(rss("The Gazette", &[own])));
    }

    /// From now on the copy's entry says this.
    fn copy(&self, text: &str) {
        self.copies(&[("copy", "/wire/4711", text)]);
    }

    /// From now on the other paper has these entries.
    fn copies(&self, entries: &[(&str, &str, &str)]) {
        let items: Vec<Item> = entries
            .iter()
            .map(|(id, path, text)| {
                Item::new("Ferry sails at last, says Skarn")
                    .id(id)
                    .link(&self.elsewhere.url(path))
                    .text(text)
            })
            .collect();
        self.elsewhere.set("/feed", Reply::feed(rss("Daily Skarn", &items)));
    }

    /// Reads the publisher's feed, then the other one.
    async fn poll(&self) {
        self.ingest.poll_only(&self.publisher.url("/feed")).await;
        self.ingest.poll_only(&self.elsewhere.url("/feed")).await;
    }

    /// Runs a command that is to succeed, and answers what it printed.
    async fn run(&self, arguments: &[&str]) -> String {
        let output = self.ingest.run(arguments).await;
        assert_eq!(output.code, 0, "{output:?}");
        output.stdout
    }

    /// Runs a command that is to be refused, and answers why it was.
    async fn refusal(&self, arguments: &[&str]) -> String {
        let Output { code, stderr, stdout } = self.ingest.run(arguments).await;
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        stderr
    }

    /// Which article each sighting belongs to, by the number of the sighting.
    fn belongings(&self) -> Vec<(i64, i64)> {
        self.ingest.rows("SELECT id, article_id FROM sightings ORDER BY id")
    }

    /// Everything a person reads in the file, to compare it with itself.
    fn everything(&self) -> Vec<String> {
        let tables = [
            "articles",
            "sightings",
            "evidence",
            "variants",
            "revisions",
            "url_keys",
            "kept_apart",
            "removed_lines",
            "near_recent",
            "tombstones",
            "redo_progress",
            "shared_texts",
        ];
        let dump = |table: &&str| self.ingest.dump(&format!("SELECT '{table}', * FROM {table}"));
        tables.iter().flat_map(dump).collect()
    }

    /// What must hold of the file at any moment.
    fn check_sound(&self) {
        let one = |query: &str| self.ingest.value::<i64>(query);
        // Fails unless the index of search is just what the articles are.
        self.ingest.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)");
        assert_eq!(one("SELECT count(*) FROM pragma_foreign_key_check"), 0);
        let unseen =
            "SELECT count(*) FROM articles WHERE id NOT IN (SELECT article_id FROM sightings)";
        assert_eq!(one(unseen), 0, "each article was seen");
        let unlike =
            "SELECT count(*) FROM articles AS a WHERE first_seen_at <> (SELECT min(first_seen_at)
                      FROM sightings WHERE article_id = a.id)";
        assert_eq!(one(unlike), 0, "each article was first seen with its first sighting");
    }
}

/// The copy's text.
fn copied() -> String {
    format!("PORT ELLERY (Nordwire) - {}", FERRY.without_paragraph(4))
}
