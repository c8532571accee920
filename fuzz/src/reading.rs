//! Feeds: whatever a document holds, what is read of it can be stored and is found again.

use std::collections::HashSet;

use ingest::model::{Entry, FeedDocument};
use ingest::pipeline::parse::{self, Limits, ParseError};
use ingest::text::decode;

use super::dates::assert_can_be_stored;
use super::{assert_is_a_line, assert_is_sha256};

const URL: &str = "https://gazette.example/feed";

pub fn hold(bytes: &[u8]) {
    for content_type in [None, Some("text/xml; charset=koi8-r")] {
        let limits =
            Limits { entries_max: 50, field_max_bytes: 2048, depth_max: 40, ..Limits::default() };
        let feed = parse::document(bytes, content_type, URL, &limits);
        assert_eq!(feed, parse::document(bytes, content_type, URL, &limits), "read twice");
        match &feed {
            Ok(feed) => assert_is_sound(feed, &limits),
            Err(error) => assert_says_why(error),
        }
        let text = decode::feed(bytes, content_type);
        // What is packed once more is told by its first bytes, which are others in UTF-8.
        let is_packed = matches!(feed, Err(ParseError::Malformed { .. }));
        if !is_packed && !text.contains(['\0', '\u{1b}', '\u{feff}', '\u{fffe}']) {
            let same = parse::document(text.as_bytes(), None, URL, &limits);
            assert_eq!(same, feed, "in UTF-8 it is another feed");
        }
    }
}

fn assert_is_sound(feed: &FeedDocument, limits: &Limits) {
    assert!(feed.entries.len() <= limits.entries_max);
    let keys: HashSet<_> = feed.entries.iter().map(|entry| &entry.key).collect();
    assert_eq!(keys.len(), feed.entries.len(), "two entries have one key");
    for title in feed.title.iter().chain(feed.entries.iter().filter_map(|e| e.title.as_ref())) {
        assert_is_a_line(title, "a title");
    }
    let moments = feed.entries.iter().flat_map(|entry| [entry.published, entry.updated]);
    for moment in moments.chain([feed.published, feed.updated]).flatten() {
        assert_can_be_stored(moment);
    }
    feed.entries.iter().for_each(assert_is_sound_entry);
}

fn assert_is_sound_entry(entry: &Entry) {
    assert!(!entry.key.0.trim().is_empty(), "{entry:?}");
    assert_is_sha256(&entry.sha256);
    for address in entry.link.iter().chain(&entry.comments) {
        assert!(!address.trim().is_empty(), "{entry:?}");
    }
    for link in &entry.links {
        assert!(!link.href.trim().is_empty(), "{entry:?}");
    }
    for person in &entry.authors {
        let (name, email, uri) = (&person.name, &person.email, &person.uri);
        assert!(name.is_some() || email.is_some() || uri.is_some(), "{entry:?}");
    }
}

/// Why there is no feed is told in one line, and a feed that is named can be asked for.
fn assert_says_why(error: &ParseError) {
    assert_is_a_line(&error.to_string(), "why there is no feed");
    if let ParseError::HtmlPage { advertised } = error {
        for address in advertised {
            let url = address.parse::<ingest::model::FeedUrl>();
            assert_eq!(url.as_ref().map(ingest::model::FeedUrl::as_str), Ok(address.as_str()));
        }
    }
}
