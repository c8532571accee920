//! Collects what is wrong with a configuration, so that all of it is told at once.

use std::collections::HashMap;
use std::fmt;

/// One fault and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `file:line`, or the environment variable.
    pub origin: Origin,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Fault {
    /// A key may hold anything, if it is quoted; a fault is one line all the same.
    pub(super) fn new(origin: Origin, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.contains(char::is_control) {
            message = message.replace('\n', "\\n").replace(char::is_control, "\u{fffd}");
        }
        Self { origin, message }
    }
}

/// Where a value was said. Ordered as a person reads: the file from its top, then the rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A line of a file.
    File {
        /// The file's name.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// The configuration as a whole.
    Whole,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Whole => f.write_str("configuration"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

/// Every fault of a configuration, in the order of their places; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults(Vec<Fault>);

impl ConfigFaults {
    /// The faults, if there are any.
    pub(super) fn of(mut faults: Vec<Fault>) -> Option<Self> {
        faults.sort_by(|one, other| one.origin.cmp(&other.origin));
        (!faults.is_empty()).then_some(Self(faults))
    }

    /// Each of them.
    #[must_use]
    pub fn list(&self) -> &[Fault] {
        &self.0
    }
}

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
    origins: &'a HashMap<String, Origin>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Check<'a> {
    pub(super) fn new(origins: &'a HashMap<String, Origin>, faults: &'a mut Vec<Fault>) -> Self {
        Self { origins, faults }
    }

    /// Notes a fault of `key` (`section.key`).
    pub(super) fn fault(&mut self, key: &str, message: &str) {
        let origin = self.origins.get(key).cloned().unwrap_or(Origin::Whole);
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
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= candidate.chars().count() / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_one_line_whatever_a_key_is() {
        let origin = Origin::File { name: "some.toml".to_owned(), line: 3 };
        let fault = Fault::new(origin, "unknown key `http.x\ny\u{1b}[2J`");
        assert_eq!(fault.to_string(), "some.toml:3: unknown key `http.x\\ny\u{fffd}[2J`");
    }

    #[test]
    fn only_a_near_word_is_proposed() {
        let known = ["http".to_owned(), "storage".to_owned()];
        assert_eq!(nearest("htpt", &known), Some(&known[0]), "two letters changed places");
        assert_eq!(nearest("htp", &known), Some(&known[0]));
        assert_eq!(nearest("hxyp", &known), None);
        assert_eq!(nearest("colour", &known), None);
    }
}
