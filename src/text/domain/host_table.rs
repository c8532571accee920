//! Finds the rows of a table whose host patterns a host satisfies.
//!
//! A pattern is one of
//! - `example.com`: this host alone,
//! - `*.example.com`: every host beneath it,
//! - `.example.com`: the host and everything beneath it,
//! - `*`: every host.
//!
//! In the first three, `.*` at the end stands for any public suffix: `news.google.*` is
//! `news.google.com` and `news.google.co.uk`.

use std::collections::HashMap;
use std::iter;

use super::{MAX_HOST_CHARS, before_public_suffix};

/// Row numbers by host pattern. A lookup costs a few hash probes a label, whatever the table's size.
#[derive(Debug, Default)]
pub struct HostTable {
    exact: Names,
    within: Names,
    beneath: Names,
    everywhere: Vec<usize>,
}

/// A pattern that is no host pattern.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host pattern; write `example.com`, `*.example.com`, `.example.com` or `*`")]
pub struct BadHostPattern(String);

#[derive(Debug, Default)]
struct Names {
    whole: HashMap<String, Vec<usize>>,
    any_suffix: HashMap<String, Vec<usize>>,
}

impl HostTable {
    /// Adds a row under a pattern.
    ///
    /// # Errors
    /// When the pattern is not of the module's grammar.
    pub fn insert(&mut self, pattern: &str, row: usize) -> Result<(), BadHostPattern> {
        if pattern == "*" {
            self.everywhere.push(row);
            return Ok(());
        }
        let (names, name) = if let Some(name) = pattern.strip_prefix("*.") {
            (&mut self.beneath, name)
        } else if let Some(name) = pattern.strip_prefix('.') {
            (&mut self.within, name)
        } else {
            (&mut self.exact, pattern)
        };
        let (map, name) = match name.strip_suffix(".*") {
            Some(name) => (&mut names.any_suffix, name),
            None if name.contains('.') => (&mut names.whole, name),
            None => return Err(BadHostPattern(pattern.to_owned())),
        };
        if !is_host_name(name) {
            return Err(BadHostPattern(pattern.to_owned()));
        }
        map.entry(name.to_owned()).or_default().push(row);
        Ok(())
    }

    /// The rows whose patterns a host satisfies: the most specific pattern first, then in the order
    /// of insertion. The host is lower-case, as a parsed URL gives it.
    #[must_use]
    pub fn rows(&self, host: &str) -> Vec<usize> {
        // Each label costs a hash of all that follows it; no real name is long enough to matter.
        if host.len() > MAX_HOST_CHARS {
            return self.everywhere.clone();
        }
        let before = before_public_suffix(host);
        let mut rows = Vec::new();
        rows.extend(self.exact.at(host, before));
        let mut whole = Some(host);
        let mut stem = before;
        let mut is_self = true;
        while let Some(name) = whole {
            rows.extend(self.within.at(name, stem));
            if !is_self {
                rows.extend(self.beneath.at(name, stem));
            }
            is_self = false;
            whole = parent(name);
            stem = stem.and_then(parent);
        }
        rows.extend(&self.everywhere);
        rows
    }
}

impl Names {
    fn at<'a>(&'a self, whole: &str, stem: Option<&str>) -> impl Iterator<Item = usize> + 'a {
        let whole = self.whole.get(whole);
        let any_suffix = stem.and_then(|stem| self.any_suffix.get(stem));
        iter::chain(whole, any_suffix).flatten().copied()
    }
}

fn parent(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, parent)| parent)
}

fn is_host_name(name: &str) -> bool {
    name.split('.').all(|label| {
        !label.is_empty()
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 6] =
        ["a.example.com", ".example.com", "*.example.com", "news.google.*", ".google.*", "*"];

    fn check(host: &str, expected: &[&str]) {
        let mut table = HostTable::default();
        for (row, pattern) in PATTERNS.iter().enumerate() {
            table.insert(pattern, row).unwrap();
        }
        let found: Vec<_> = table.rows(host).into_iter().map(|row| PATTERNS[row]).collect();
        assert_eq!(found, expected, "{host}");
    }

    #[test]
    fn a_host_finds_its_patterns_most_specific_first() {
        check("a.example.com", &["a.example.com", ".example.com", "*.example.com", "*"]);
        check("x.y.example.com", &[".example.com", "*.example.com", "*"]);
        check("example.com", &[".example.com", "*"]);
        check("notexample.com", &["*"]);
        check("news.google.co.uk", &["news.google.*", ".google.*", "*"]);
        check("google.de", &[".google.*", "*"]);
        check("google.blogspot.com", &["*"]);
        check("google.example.com", &[".example.com", "*.example.com", "*"]);
        check("127.0.0.1", &["*"]);
        check("", &["*"]);
        check(&format!("{}a.example.com", "a.".repeat(200)), &["*"]);
    }

    #[test]
    fn a_pattern_outside_the_grammar_is_refused() {
        for pattern in ["", "com", "*.com", "Example.com", "a..b", "a.*.com", "http://a.com", ".*"]
        {
            assert!(HostTable::default().insert(pattern, 0).is_err(), "{pattern}");
        }
    }
}
