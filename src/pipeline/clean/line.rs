//! A line of a text, folded once however often it is looked at.

use std::cell::OnceCell;

use crate::text::fold::{fold_keeping_case, is_longer_folded, lower};

/// A line and its place in the text.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) place: usize,
    pub(super) text: &'a str,
    folded: OnceCell<Folded>,
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
        Self { place, text, folded: OnceCell::new() }
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
}
