//! Promises to whoever looks into the file by the commands around it.

mod export;
mod files;
mod manual;
mod search;
mod show;
mod stats;
mod watch;

use serde_json::Value;

use crate::harness::{Ingest, Item, Publisher, Reply, rss};
use crate::stories::{ARCHIVE, COMET, FERRY};

/// A file with three stories, and the two papers they are from.
struct Kiosk {
    ingest: Ingest,
    gazette: Publisher,
    herald: Publisher,
}

impl Kiosk {
    /// Documents name the newest first, and the oldest is stored first.
    ///
    /// The Gazette has the ferry (article 1) and the comet (2), the Herald the comet and the archive (3).
    async fn open() -> Self {
        let (gazette, herald) = (Publisher::start().await, Publisher::at("127.0.0.4").await);
        let item = |story: crate::stories::Story, at: &Publisher| {
            let link = at.url(&format!("/{}", story.slug));
            Item::new(story.title).id(story.slug).link(&link).text(story.body)
        };
        let own = [item(COMET, &gazette), item(FERRY, &gazette)];
        gazette.set("/feed", Reply::feed(rss("The Gazette", &own)));
        let own = [item(ARCHIVE, &herald), item(COMET, &herald)];
        herald.set("/feed", Reply::feed(rss("The Herald", &own)));
        let kiosk = Self { ingest: Ingest::new(), gazette, herald };
        kiosk.ingest.add(&[&kiosk.gazette.url("/feed"), &kiosk.herald.url("/feed")]).await;
        for feed in [&kiosk.gazette, &kiosk.herald] {
            kiosk.ingest.poll_only(&feed.url("/feed")).await;
        }
        let titles = kiosk.ingest.column::<String>("SELECT title FROM articles ORDER BY id");
        assert_eq!(titles, [FERRY.title, COMET.title, ARCHIVE.title]);
        kiosk
    }

    /// Runs a command that is to succeed without a word, and answers what it printed.
    async fn run(&self, arguments: &[&str]) -> String {
        let output = self.ingest.run(arguments).await;
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{arguments:?}: {output:?}");
        output.stdout
    }

    /// Runs a command that prints JSON lines.
    async fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let printed = self.run(arguments).await;
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs a command that prints one JSON object.
    async fn object(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(arguments).await).unwrap()
    }

    /// Runs a command that is to be refused as wrong usage, and answers why it was.
    async fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.ingest.run(arguments).await;
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{arguments:?}: {output:?}");
        output.stderr
    }
}
