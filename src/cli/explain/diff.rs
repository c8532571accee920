//! Writes a word diff for a person.

use crate::cli::output::plain;
use crate::text::word_diff::{Part, WordDiff};

/// How many words are shown before and after what differs.
const CONTEXT_WORDS: usize = 8;

/// How wide a line grows before it is broken.
const LINE_CHARS: usize = 96;

const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const RESET: &str = "\u{1b}[0m";

/// What only the article has as `[-gone-]`, what only the copy has as `{+new+}`; in colours, red and
/// green. Long passages that are the same are left out.
pub(super) fn lines(diff: &WordDiff, is_coloured: bool) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let last = diff.parts.len().saturating_sub(1);
    for (place, part) in diff.parts.iter().enumerate() {
        match part {
            Part::Same(same) => words.extend(context(same, place == 0, place == last)),
            Part::Gone(gone) if is_coloured => words.extend(coloured(gone, RED)),
            Part::New(new) if is_coloured => words.extend(coloured(new, GREEN)),
            Part::Gone(gone) => words.extend(bracketed("[-", gone, "-]")),
            Part::New(new) => words.extend(bracketed("{+", new, "+}")),
        }
    }
    if diff.is_cut {
        words.push("… (only the beginnings of these long texts were compared)".to_owned());
    }
    wrapped(&words)
}

fn split(text: &str) -> Vec<String> {
    text.split(' ').map(plain).collect()
}

fn context(same: &str, is_first: bool, is_last: bool) -> Vec<String> {
    let words = split(same);
    let before = if is_first { 0 } else { CONTEXT_WORDS };
    let after = if is_last { 0 } else { CONTEXT_WORDS };
    if words.len() <= before + after + 1 {
        return words;
    }
    let head = words.get(..before).unwrap_or_default();
    let tail = words.get(words.len() - after..).unwrap_or_default();
    [head, &["…".to_owned()], tail].concat()
}

/// Each word by itself, so that a broken line has no open colour.
fn coloured(text: &str, colour: &str) -> Vec<String> {
    split(text).into_iter().map(|word| format!("{colour}{word}{RESET}")).collect()
}

fn bracketed(open: &str, text: &str, close: &str) -> Vec<String> {
    let mut words = split(text);
    if let Some(first) = words.first_mut() {
        first.insert_str(0, open);
    }
    if let Some(last) = words.last_mut() {
        last.push_str(close);
    }
    words
}

fn wrapped(words: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut width = usize::MAX;
    for word in words {
        let colours = if word.starts_with('\u{1b}') { RED.len() + RESET.len() } else { 0 };
        let length = word.chars().count() - colours;
        match lines.last_mut() {
            Some(line) if width.saturating_add(length) < LINE_CHARS => {
                line.push(' ');
                line.push_str(word);
                width += length + 1;
            }
            _ => {
                lines.push(word.clone());
                width = length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::word_diff::between;

    #[test]
    fn what_differs_stands_in_brackets_among_a_few_words_of_both() {
        let long = "one two three four five six seven eight nine ten eleven";
        let first = format!("{long} the night ferry sails {long} {long}");
        let second = format!("{long} the old slow ferry sails {long} {long} again");
        let shown = lines(&between(&first, &second), false).join(" ");
        assert_eq!(
            shown,
            "… five six seven eight nine ten eleven the [-night-] {+old slow+} ferry sails one two \
             three four five six … four five six seven eight nine ten eleven {+again+}"
        );
        assert!(lines(&between(&first, &second), false).iter().all(|line| line.len() < 120));
    }

    #[test]
    fn colours_stand_for_brackets_and_strangers_control_no_terminal() {
        let shown = lines(&between("a b", "a \u{1b}[2Jc"), true);
        assert_eq!(shown, ["a \u{1b}[31mb\u{1b}[0m \u{1b}[32m [2Jc\u{1b}[0m"]);
    }
}
