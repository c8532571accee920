//! Shows in which words two texts differ.

use std::time::{Duration, Instant};

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// How many words of each text are compared. A longer article is rare, and its end tells nothing
/// that its first hundred pages did not.
const COMPARED_MAX_WORDS: usize = 50_000;

/// After this long what is left is taken as wholly other words: texts that have nothing in common
/// take the square of their length.
const PATIENCE: Duration = Duration::from_secs(2);

/// In which words a text differs from another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WordDiff {
    /// The words of both in order.
    pub parts: Vec<Part>,
    /// Whether one of the texts was too long to be compared to its end.
    pub is_cut: bool,
}

/// Some words in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "part", content = "words", rename_all = "lowercase")]
pub enum Part {
    /// In both texts.
    Same(String),
    /// In the first only.
    Gone(String),
    /// In the second only.
    New(String),
}

/// In which words the second text differs from the first. Only words count, not how they are spaced
/// or cut into paragraphs.
///
/// ```
/// # use ingest::text::word_diff::{self, Part};
/// let diff = word_diff::between("the night ferry sails", "the old ferry sails");
/// assert_eq!(diff.parts, [
///     Part::Same("the".into()), Part::Gone("night".into()), Part::New("old".into()),
///     Part::Same("ferry sails".into()),
/// ]);
/// ```
#[must_use]
pub fn between(first: &str, second: &str) -> WordDiff {
    let (first, second) = (words(first), words(second));
    let is_cut = first.len().max(second.len()) > COMPARED_MAX_WORDS;
    let first = first.get(..COMPARED_MAX_WORDS).unwrap_or(&first);
    let second = second.get(..COMPARED_MAX_WORDS).unwrap_or(&second);
    let deadline = Some(Instant::now() + PATIENCE);
    let mut parts = Vec::new();
    for step in capture_diff_slices_deadline(Algorithm::Myers, first, second, deadline) {
        let gone = || first.get(step.old_range()).unwrap_or_default().join(" ");
        let new = || second.get(step.new_range()).unwrap_or_default().join(" ");
        match step {
            DiffOp::Equal { .. } => parts.push(Part::Same(gone())),
            DiffOp::Delete { .. } => parts.push(Part::Gone(gone())),
            DiffOp::Insert { .. } => parts.push(Part::New(new())),
            DiffOp::Replace { .. } => parts.extend([Part::Gone(gone()), Part::New(new())]),
        }
    }
    WordDiff { parts, is_cut }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words of one of the two texts, put together from the parts.
    fn side(diff: &WordDiff, second: bool) -> Vec<String> {
        let part = |part: &Part| match part {
            Part::Same(words) => Some(words.clone()),
            Part::Gone(words) => (!second).then(|| words.clone()),
            Part::New(words) => second.then(|| words.clone()),
        };
        let text = diff.parts.iter().filter_map(part).collect::<Vec<_>>().join(" ");
        words(&text).into_iter().map(str::to_owned).collect()
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_in_their_diff(first in "([abc]{1,2}[ \n]){0,40}", second in "([abc]{1,2} ){0,40}") {
            let diff = between(&first, &second);
            prop_assert_eq!(side(&diff, false), words(&first));
            prop_assert_eq!(side(&diff, true), words(&second));
            prop_assert_eq!(words(&first) == words(&second), diff.parts.iter().all(|part| matches!(part, Part::Same(_))));
        }
    }

    #[test]
    fn the_work_for_long_texts_is_bounded() {
        let number = |from: usize| {
            (from..from + 2 * COMPARED_MAX_WORDS)
                .map(|number| number.to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let diff = between(&number(0), &number(10_000_000));
        assert!(diff.is_cut);
        assert_eq!(side(&diff, true).len(), COMPARED_MAX_WORDS);
    }
}
