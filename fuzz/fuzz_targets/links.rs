//! Follows anything as a link, and anything as a token of Google News: nothing may panic, and what
//! comes out is an address that can be stored.
#![no_main]

use std::sync::LazyLock;

use ingest::config::links::LinksFile;
use ingest::pipeline::canonicalize::{self, Trackers};
use ingest::pipeline::resolve::google_news;
use ingest::pipeline::resolve::unwrap::{self, MAX_LAYERS, Wrappers};
use libfuzzer_sys::fuzz_target;

static TABLES: LazyLock<(Wrappers, Trackers)> = LazyLock::new(|| {
    let file = LinksFile::built_in();
    let wrappers = Wrappers::compile(&file).expect("a test compiles the table");
    (wrappers, Trackers::compile(&file).expect("a test compiles the table"))
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    follow(&text);
    follow(&format!("https://news.google.com/rss/articles/{text}"));
    assert!(google_news::address_bytes(&text).is_none_or(|bytes| bytes <= text.len()));
});

fn follow(link: &str) {
    let (wrappers, trackers) = &*TABLES;
    let found = unwrap::unwrap(link, wrappers);
    assert!(found.rules.len() <= MAX_LAYERS && found.rules.len() == found.through.len());
    if !found.rules.is_empty() {
        assert_ne!(found.target, link.trim(), "unwrapped to itself");
        assert!(!found.target.chars().any(char::is_control));
        if found.rules.len() < MAX_LAYERS {
            let again = unwrap::unwrap(&found.target, wrappers);
            assert!(again.rules.is_empty(), "{link} is not unwrapped to the end: {found:?}");
        }
    }
    if let Ok(url) = canonicalize::url(&found.target, trackers) {
        let twice = canonicalize::url(url.as_str(), trackers);
        assert_eq!(twice.as_ref(), Ok(&url), "canonicalised twice");
        assert_eq!(canonicalize::key(&url), canonicalize::key(&twice.expect("just compared")));
    }
}
