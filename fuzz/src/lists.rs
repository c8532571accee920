//! Lists of feeds: what is taken over from any list is written so that it is read back.

use chrono::DateTime;
use ingest::cli::feeds::{list, opml};
use ingest::model::{FeedOrigin, FeedUrl};
use ingest::store::FeedStatus;
use ingest::text::decode;

/// A feed as a list gives it: address, title, category.
type Row = (FeedUrl, Option<String>, Option<String>);

pub fn hold(bytes: &[u8]) {
    let text = decode::feed(bytes, None);
    let rows = rows(&text);
    let exported = exported(&rows);
    assert!(opml::is_opml(&exported));
    let mut once = self::rows(&exported);
    assert_eq!(addresses(&once), addresses(&rows), "a feed is lost or made: {exported}");
    let mut twice = self::rows(&self::exported(&once));
    once.sort();
    twice.sort();
    assert_eq!(twice, once, "it changes each time it is written: {exported}");
}

/// The feeds of a list that can be polled, as an import takes them.
fn rows(text: &str) -> Vec<Row> {
    let listings = if opml::is_opml(text) { opml::read(text) } else { list::read(text) };
    let mut rows = Vec::new();
    for listing in listings {
        assert!(!listing.place.is_empty());
        for said in [&listing.title, &listing.category].into_iter().flatten() {
            assert!(!said.is_empty(), "{listing:?}");
        }
        if listing.foreign.is_none()
            && let Ok(url) = listing.address.parse::<FeedUrl>()
        {
            rows.push((url, listing.title, listing.category));
        }
    }
    rows
}

fn addresses(rows: &[Row]) -> Vec<&FeedUrl> {
    let mut addresses: Vec<&FeedUrl> = rows.iter().map(|(url, _, _)| url).collect();
    addresses.sort();
    addresses
}

fn exported(rows: &[Row]) -> String {
    let feeds: Vec<FeedStatus> = rows.iter().map(status).collect();
    opml::written(&feeds, "Tue, 7 Apr 2026 16:54:00 +0000")
}

fn status((url, title, category): &Row) -> FeedStatus {
    FeedStatus {
        url: url.clone(),
        origin: FeedOrigin::Added,
        title: title.clone(),
        category: category.clone(),
        site: title.clone(),
        paused: None,
        last_poll_at: None,
        last_error: None,
        failures: 0,
        next_poll_at: DateTime::UNIX_EPOCH,
        next_poll_reason: String::new(),
        sightings: 0,
    }
}
