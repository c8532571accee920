//! Reads anything as a feed: nothing may panic, hang or eat the memory.
#![no_main]

use ingest::pipeline::parse::{self, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { entries_max: 200, ..Limits::default() };
    let types = [None, Some("text/xml; charset=koi8-r")];
    for content_type in types {
        if let Ok(feed) = parse::document(bytes, content_type, "https://gazette.example/feed", &limits) {
            assert!(feed.entries.len() <= limits.entries_max);
        }
    }
});
