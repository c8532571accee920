//! Reads anything as a feed: nothing may panic, hang or eat the memory.
#![no_main]

use ingest::pipeline::parse::{self, Limits};
use libfuzzer_sys::fuzz_target;

/// Panics inside the second reader are known, and caught where it is asked; libFuzzer would end at
/// the panic itself. Any other panic is a finding.
fn end_at_panics_of_ours() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map(std::panic::Location::file).unwrap_or_default();
        if !["feed-rs", "quick-xml"].iter().any(|known| file.contains(known)) {
            default(panic);
        }
    }));
}

fuzz_target!(init: end_at_panics_of_ours(), |bytes: &[u8]| {
    let limits = Limits { entries_max: 200, ..Limits::default() };
    let types = [None, Some("text/xml; charset=koi8-r")];
    for content_type in types {
        if let Ok(feed) = parse::document(bytes, content_type, "https://gazette.example/feed", &limits) {
            assert!(feed.entries.len() <= limits.entries_max);
        }
    }
});
