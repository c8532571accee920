//! Invents feeds whose truth is known: which entries are the same story, whoever carries it.
//!
//! Four entries in ten are syndicated copies: under another address, with the paper's name behind the
//! title, a footer below the text, and sometimes without the last sentence. What is published at one
//! time is a generation; documents keep every earlier one, so nothing goes out of sight unread.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::chance::Chance;
use super::harness::{Item, Publisher, Reply, atom, json_feed, rss, story_text};

/// How many hosts serve the feeds.
const HOSTS: usize = 4;

/// What stands below copies.
const FOOTERS: [&str; 3] = ["Let's block ads! (Why?)", "Bagikan Berita Ini", "Print this article"];

/// How much of a farm there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) feeds: usize,
    /// How many entries each feed publishes at one time.
    pub(crate) at_a_time: usize,
}

/// Feeds that are served, and the truth of them.
#[derive(Debug)]
pub(crate) struct Farm {
    /// The address of each feed.
    pub(crate) urls: Vec<String>,
    /// The story of each entry, by the entry's link.
    pub(crate) truth: BTreeMap<String, String>,
    /// What is needed to publish more; nothing for a farm that somebody else serves.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    publishers: Vec<Publisher>,
    extent: Extent,
    chance: Chance,
    /// The entries of each feed, the newest first.
    entries: Vec<Vec<Item>>,
    /// How many stories there are, counted from a number that is this farm's own.
    stories: usize,
    generation: usize,
}

impl Farm {
    /// A farm of our own that has published once.
    pub(crate) async fn open(extent: Extent, mut chance: Chance) -> Self {
        let mut publishers = Vec::new();
        for host in 1..=HOSTS {
            publishers.push(Publisher::at(&format!("127.0.0.{host}")).await);
        }
        let urls =
            (0..extent.feeds).map(|feed| publishers[feed % HOSTS].url(&path(feed))).collect();
        let stories = chance.below(1 << 40);
        let entries = vec![Vec::new(); extent.feeds];
        let own = Own { publishers, extent, chance, entries, stories, generation: 0 };
        let mut farm = Self { urls, truth: BTreeMap::new(), own: Some(own) };
        farm.publish();
        farm
    }

    /// A farm that somebody else serves: a list of feeds, and a line of JSON for each entry.
    pub(crate) fn of_files(feeds: &Path, truth: &Path) -> Self {
        let lines = |path: &Path| -> Vec<String> {
            let text = fs::read_to_string(path)
                .unwrap_or_else(|error| panic!("reading {}: {error}", path.display()));
            text.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect()
        };
        let entry = |line: String| {
            let entry: Value = serde_json::from_str(&line).unwrap();
            let text = |name: &str| entry[name].as_str().map(str::to_owned);
            text("link").zip(text("key")).unwrap_or_else(|| panic!("no link and key in {line}"))
        };
        let truth = lines(truth).into_iter().map(entry).collect();
        Self { urls: lines(feeds), truth, own: None }
    }

    /// Whether more can be published.
    pub(crate) fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Publishes a generation more in every feed, if this is a farm of our own.
    pub(crate) fn publish(&mut self) {
        let Some(own) = &mut self.own else { return };
        own.generation += 1;
        // Stories of this generation that were told already, and may be copied.
        let mut told: Vec<usize> = Vec::new();
        for feed in 0..own.extent.feeds {
            for place in 0..own.extent.at_a_time {
                let copied = !told.is_empty() && own.chance.below(10) < 4;
                let story = if copied {
                    told[own.chance.below(told.len())]
                } else {
                    own.stories += 1;
                    told.push(own.stories);
                    own.stories
                };
                let link = format!("https://paper{feed}.example/{}-{place}", own.generation);
                let item = own.item(story, feed, copied).link(&link).id(&link);
                own.entries[feed].insert(0, item);
                self.truth.insert(link, format!("story {story}"));
            }
        }
        for feed in 0..own.extent.feeds {
            own.serve(feed);
        }
    }

    /// Has a feed answer something else, until it is served again.
    pub(crate) fn answer(&self, feed: usize, reply: impl FnOnce(Reply) -> Reply) {
        let own = self.own.as_ref().unwrap();
        own.publishers[feed % HOSTS].set(&path(feed), reply(own.document(feed)));
    }

    /// Has a feed answer as it should.
    pub(crate) fn serve(&self, feed: usize) {
        self.own.as_ref().unwrap().serve(feed);
    }

    /// How often a feed was asked for.
    pub(crate) fn hits(&self, feed: usize) -> usize {
        self.own.as_ref().unwrap().publishers[feed % HOSTS].hits(&path(feed))
    }

    /// Waits until a feed was asked for so many times in all.
    pub(crate) async fn until_hit(&self, feed: usize, times: usize) {
        self.own.as_ref().unwrap().publishers[feed % HOSTS].until_hit(&path(feed), times).await;
    }
}

impl Own {
    fn item(&mut self, story: usize, feed: usize, copied: bool) -> Item {
        let text = story_text(story);
        let title = text.split(' ').take(9).collect::<Vec<_>>().join(" ");
        if !copied {
            return Item::new(&title).text(&text);
        }
        let title = match self.chance.below(3) {
            0 => format!("{title} - Paper {feed}"),
            1 => format!("{title} | Paper {feed}"),
            _ => title,
        };
        let text = match text.rsplit_once(". ") {
            Some((rest, _)) if self.chance.once_in(4) => format!("{rest}."),
            _ => text,
        };
        let footer = FOOTERS[self.chance.below(FOOTERS.len())];
        Item::new(&title).text(&format!("{text}\n{footer}"))
    }

    fn document(&self, feed: usize) -> Reply {
        let (title, entries) = (format!("Paper {feed}"), &self.entries[feed]);
        let reply = match feed % 3 {
            0 => Reply::feed(rss(&title, entries)),
            1 => Reply::feed(atom(&title, entries)),
            _ => Reply::ok("application/feed+json", json_feed(&title, entries)),
        };
        reply.etag(format!("\"{feed}-{}\"", self.generation))
    }

    fn serve(&self, feed: usize) {
        self.publishers[feed % HOSTS].set(&path(feed), self.document(feed));
    }
}

fn path(feed: usize) -> String {
    format!("/{feed}")
}
