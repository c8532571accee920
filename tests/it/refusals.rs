//! Promises of what the program refuses and bounds: each refusal names the thing and the remedy,
//! and costs nothing else.

mod configuration;
mod database;
mod feeds;
mod inspect;
mod private_networks;

use super::harness::Output;

/// Whether the program came to its end by itself, and what it said has every one of these words.
fn check_told(output: &Output, code: i32, words: &[&str]) {
    assert_eq!(output.code, code, "{output:?}");
    assert_eq!(output.stdout, "", "words go to stderr");
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    for word in words {
        assert!(output.stderr.contains(word), "no {word:?} in {}", output.stderr);
    }
}
