//! A line of a text, folded and recognised once however often it is looked at.

use std::cell::OnceCell;

use super::matcher::Candidate;
use super::rules::{Rules, Subject};
use crate::text::fold::{fold_keeping_case, is_longer_folded, lower};

/// A line and its place in the text.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) place: usize,
    pub(super) text: &'a str,
    folded: OnceCell<Folded>,
    in_head: OnceCell<Vec<Candidate>>,
    in_tail: OnceCell<Vec<Candidate>>,
}

/// A line, folded.
#[derive(Debug)]
pub(super) struct Folded {
    /// With its capitals.
    pub(super) cased: String,
    /// In lower case.
    pub(super) lower: String,
    /// The length of the latter in characters.
    pub(super) chars: usize,
}

impl<'a> Line<'a> {
    pub(super) fn new(place: usize, text: &'a str) -> Self {
        let (folded, in_head, in_tail) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { place, text, folded, in_head, in_tail }
    }

    /// The lines of a text in their order.
    pub(super) fn all(lines: &'a [String]) -> Vec<Self> {
        lines.iter().enumerate().map(|(place, line)| Self::new(place, line)).collect()
    }

    /// The folded line; `None` if it is longer than so many characters, as most paragraphs are, which
    /// are not folded then.
    pub(super) fn folded(&self, chars_max: usize) -> Option<&Folded> {
        if is_longer_folded(self.text, chars_max) {
            return None;
        }
        let folded = self.folded.get_or_init(|| {
            let cased = fold_keeping_case(self.text);
            let lower = lower(&cased);
            Folded { chars: lower.chars().count(), lower, cased }
        });
        Some(folded)
    }

    /// The rules that speak of it at the beginning of its text, heaviest first.
    pub(super) fn in_head(&self, subject: &Subject, rules: &Rules) -> &[Candidate] {
        self.in_head.get_or_init(|| rules.head.candidates(self, subject, &rules.list))
    }

    /// The same at the end of its text.
    pub(super) fn in_tail(&self, subject: &Subject, rules: &Rules) -> &[Candidate] {
        self.in_tail.get_or_init(|| rules.tail.candidates(self, subject, &rules.list))
    }
}
