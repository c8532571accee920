//! Collects what is wrong with a configuration, so that all of it is told at once.

use std::collections::HashMap;
use std::fmt;

/// One fault and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `file:line`, or the environment variable.
    pub origin: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Fault {
    pub(super) fn new(origin: impl Into<String>, message: impl Into<String>) -> Self {
        Self { origin: origin.into(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

/// Every fault of a configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<Fault>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}

/// Notes faults of values by their key, with the place the value came from.
pub(super) struct Check<'a> {
    origins: &'a HashMap<String, String>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Check<'a> {
    pub(super) fn new(origins: &'a HashMap<String, String>, faults: &'a mut Vec<Fault>) -> Self {
        Self { origins, faults }
    }

    /// Notes a fault of `key` (`section.key`).
    pub(super) fn fault(&mut self, key: &str, message: &str) {
        let origin = self.origins.get(key).map_or("built-in default", String::as_str);
        self.faults.push(Fault::new(origin, format!("`{key}` {message}")));
    }

    /// Notes a fault unless `least <= value <= most`.
    pub(super) fn range(&mut self, key: &str, value: u64, least: u64, most: u64) {
        if !(least..=most).contains(&value) {
            self.fault(key, &format!("must be between {least} and {most}, not {value}"));
        }
    }
}

/// The 1-based line of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The known word that a misspelt one most likely meant.
pub(super) fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a String>,
) -> Option<&'a String> {
    known
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= candidate.chars().count() / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, where a swap of neighbours counts as two edits.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, above) in b.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(x != *y)).min(left + 1).min(*above + 1);
            diagonal = *above;
            *above = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, expected) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "abd", 1), ("gap", "gap_ms", 3), ("", "xy", 2)]
        {
            assert_eq!(edits(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn only_a_near_word_is_proposed() {
        let known = ["http".to_owned(), "storage".to_owned()];
        assert_eq!(nearest("htpt", &known), None, "two edits of four letters are too many");
        assert_eq!(nearest("htp", &known), Some(&known[0]));
        assert_eq!(nearest("colour", &known), None);
    }
}
