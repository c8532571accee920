//! Configuration: whatever stands in a file or the environment, its faults are told with their place.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use ingest::config::{Config, ConfigFaults, DeclaredFeed, Origin, declared_feeds};
use ingest::pipeline::clean::Rules;

use super::assert_is_a_line;

const FILE: &str = "some.toml";

pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let variables = variables(&text);
    match Config::load(Some((FILE, &text)), variables.clone()) {
        Ok(config) => {
            assert!(!config.storage.database.trim().is_empty());
            assert!(config.polling.interval_min_s <= config.polling.interval_max_s);
            assert!(config.links.google_news_address().is_some());
            assert!(config.user_agent().bytes().all(|byte| matches!(byte, b' '..=b'~')));
        }
        Err(faults) => assert_name_their_places(&faults, &text, &variables),
    }
    let read = |name: &str| match name {
        "secret" => Ok("a secret\n".to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    match declared_feeds(FILE, &text, &read) {
        Ok(feeds) => assert_can_be_polled(&feeds),
        Err(faults) => assert_name_their_places(&faults, &text, &[]),
    }
    if let Err(error) = Rules::parse(&text) {
        assert!(!error.to_string().is_empty());
    }
}

/// The lines that look like variables of the environment; to the file they are what they are.
fn variables(text: &str) -> Vec<(String, String)> {
    let pairs = text.lines().filter(|line| line.starts_with("INGEST_"));
    pairs
        .filter_map(|line| line.split_once('='))
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect()
}

fn assert_name_their_places(faults: &ConfigFaults, text: &str, variables: &[(String, String)]) {
    assert!(!faults.list().is_empty());
    let lines = 1 + text.matches('\n').count();
    for fault in faults.list() {
        assert_is_a_line(&fault.message, "a fault");
        match &fault.origin {
            Origin::File { name, line } => {
                assert_eq!(name, FILE);
                assert!((1..=lines).contains(line), "{fault} of {lines} lines");
            }
            Origin::Variable(name) => {
                assert!(variables.iter().any(|(known, _)| known == name), "{fault}");
            }
            // A default that fits no longer to what was said stands nowhere.
            Origin::Whole => assert!(fault.message.starts_with('`'), "{fault}"),
        }
    }
    assert_eq!(faults.to_string().lines().count(), faults.list().len(), "{faults}");
}

fn assert_can_be_polled(feeds: &[DeclaredFeed]) {
    let addresses: HashSet<_> = feeds.iter().map(|feed| &feed.url).collect();
    assert_eq!(addresses.len(), feeds.len(), "a feed is declared twice");
    for feed in feeds {
        assert_eq!(feed.url.as_str().parse().as_ref(), Ok(&feed.url));
        assert!(feed.interval.is_none_or(|interval| interval >= Duration::from_secs(1)));
        for (name, value) in &feed.access.headers {
            assert!(!name.is_empty() && !name.contains(char::is_whitespace), "{name:?}");
            assert!(!value.contains(['\r', '\n']), "{value:?}");
        }
    }
}
