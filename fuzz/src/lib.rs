//! What has to hold of anything that a stranger may send: one module for each fuzz target.
//!
//! A promise takes any bytes and panics where it is broken. The targets in `fuzz_targets` hand it
//! what libFuzzer makes up; `tests/it/hostile.rs` hands it the seeds and what is near them, so that
//! `cargo test` keeps the same promises without libFuzzer.

pub mod cleaning;
pub mod configuration;
pub mod dates;
pub mod fingerprints;
pub mod links;
pub mod lists;
pub mod pages;
pub mod reading;
pub mod tokens;

/// What has to hold for any bytes, and its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, which is also that of its folder of seeds.
pub const TARGETS: [Target; 9] = [
    ("cleaning", cleaning::hold),
    ("configuration", configuration::hold),
    ("dates", dates::hold),
    ("fingerprints", fingerprints::hold),
    ("links", links::hold),
    ("lists", lists::hold),
    ("pages", pages::hold),
    ("reading", reading::hold),
    ("tokens", tokens::hold),
];

/// A text of one line, with something on it and no space around it.
fn assert_is_a_line(line: &str, what: &str) {
    assert!(!line.is_empty() && line.trim() == line, "{what}: {line:?}");
    assert!(!line.contains(['\n', '\r']), "{what}: {line:?}");
}

/// A SHA-256 as it is stored.
fn assert_is_sha256(text: &str) {
    let is_hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    assert!(text.len() == 64 && text.bytes().all(is_hexadecimal), "{text:?}");
}
