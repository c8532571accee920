//! Asks a second extractor which lines are the article's, and the page how they are spelt.
//!
//! Two extractors that work in different ways (trafilatura by rules for elements, readability by
//! the density of text) err in different places: what only one of them takes for the article is
//! nearly always a notice about cookies, a newsletter or a list of other articles. On 83 article
//! pages this took the F1 from .969 to .976, for the time of one and a half parses; a paragraph
//! that the second alone has is as often a caption or an "about the author", so none is added.
//!
//! Where the second extractor misses much of the text, it looked at another part of the page. Then
//! trafilatura's own strict reading is asked too, and a line needs one of the two.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use trafilatura::ExtractionFocus;

use super::{letters, options};
use crate::model::Removed;
use crate::text::html;

/// The least share of the text, in percent, that a witness must confirm to be believed alone.
const BELIEVED_PERCENT: usize = 70;

/// And the least that two must confirm: where neither knows most of a text, it is the whole page.
const BELIEVED_TOGETHER_PERCENT: usize = 30;

/// Longer articles are taken as they are: a line is looked for in all of the witness's text, and
/// nobody has seen an article of more lines or letters.
const LINES_MAX: usize = 2_000;
const WITNESS_MAX_BYTES: usize = 256 << 10;

/// Among how many lines of the page the parts of one line are looked for.
const PARTS_WITHIN: usize = 400;

/// Takes out the lines of which no second reading of the page knows, and answers them.
pub(super) fn doubted(lines: &mut Vec<String>, html: &str) -> Vec<Removed> {
    let Some(mut witness) = Witness::of(second_reading(html)).filter(|_| lines.len() <= LINES_MAX)
    else {
        return Vec::new();
    };
    if witness.confirmed_percent(lines) < BELIEVED_PERCENT {
        let Some(strict) = Witness::of(strict_reading(html)) else { return Vec::new() };
        witness.join(strict);
        if witness.confirmed_percent(lines) < BELIEVED_TOGETHER_PERCENT {
            return Vec::new();
        }
    }
    let doubted = lines.extract_if(.., |line| !witness.knows(line));
    doubted.map(|line| Removed { line, rule: "page.doubted".to_owned() }).collect()
}

/// Spells lines as the page does: with its spaces, and apart where the page has several lines.
///
/// An extractor drops the spaces beside inline elements of scripts without spaces, and makes one
/// line of a short article.
pub(super) fn spell_as(lines: Vec<String>, page: &[String]) -> Vec<String> {
    let keys: Vec<String> = page.iter().map(|line| without_spaces(line)).collect();
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
    for (at, key) in keys.iter().enumerate() {
        first.entry(key).or_insert(at);
    }
    let mut spelt = Vec::with_capacity(lines.len());
    for line in lines {
        let key = without_spaces(&line);
        let found = first.get(key.as_str()).map(|at| vec![*at]);
        let found = found.or_else(|| parts(&key, &keys)).unwrap_or_default();
        if found.is_empty() {
            spelt.push(line);
        }
        spelt.extend(found.into_iter().filter_map(|at| page.get(at)).cloned());
    }
    spelt
}

/// Which lines of the page a line was made of, if it is nothing but such lines in their order;
/// between them others may stand.
fn parts(line: &str, page: &[String]) -> Option<Vec<usize>> {
    let begin = page.iter().position(|key| line.starts_with(key.as_str()))?;
    let (mut rest, mut parts) = (line, Vec::new());
    for (at, key) in page.iter().enumerate().skip(begin).take(PARTS_WITHIN) {
        if let Some(behind) = rest.strip_prefix(key.as_str()) {
            parts.push(at);
            rest = behind;
        }
        if rest.is_empty() {
            return Some(parts);
        }
    }
    None
}

fn without_spaces(line: &str) -> String {
    line.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What readability takes for the article.
fn second_reading(html: &str) -> Option<String> {
    // As with trafilatura, a panic leaves nothing half-changed.
    let read = || libreadability::Parser::new().parse(html, None).ok();
    catch_unwind(AssertUnwindSafe(read)).ok().flatten().map(|article| article.content)
}

/// What trafilatura takes for the article when it would rather miss something.
fn strict_reading(html: &str) -> Option<String> {
    let read = || trafilatura::extract(html, &options(ExtractionFocus::FavorPrecision)).ok();
    catch_unwind(AssertUnwindSafe(read)).ok().flatten().map(|found| found.content_html)
}

/// The letters of a reading: all in a row, and line by line.
struct Witness {
    text: String,
    lines: HashSet<String>,
}

impl Witness {
    fn of(content: Option<String>) -> Option<Self> {
        let tree = html::parse_document(&content?).ok()?;
        let lines: Vec<String> = html::lines(&tree).iter().map(|line| letters(line)).collect();
        let text = lines.concat();
        (text.len() <= WITNESS_MAX_BYTES).then(|| Self { text, lines: lines.into_iter().collect() })
    }

    fn join(&mut self, other: Self) {
        // A mark between, so that no line is found across the border.
        self.text.push('\n');
        self.text.push_str(&other.text);
        self.lines.extend(other.lines);
    }

    /// Whether the reading has a line, perhaps as a part of a longer one.
    fn knows(&self, line: &str) -> bool {
        let letters = letters(line);
        letters.is_empty() || self.lines.contains(&letters) || self.text.contains(&letters)
    }

    /// How much of a text the reading has.
    fn confirmed_percent(&self, lines: &[String]) -> usize {
        let all: usize = lines.iter().map(String::len).sum();
        let known: usize = lines.iter().filter(|line| self.knows(line)).map(String::len).sum();
        known * 100 / all.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    const PARAGRAPH: &str = "Three ladders were brought by the fire brigade, and none of them was \
        long enough to reach the bird, so that the crowd began to give advice, most of it unusable.";

    fn page() -> String {
        format!(
            "<html><body><article>{}</article></body></html>",
            format!("<p>{PARAGRAPH}</p>").repeat(5)
        )
    }

    #[test]
    fn a_line_that_only_one_reading_has_goes() {
        let mut lines = strings(&[PARAGRAPH, "We use cookies.", PARAGRAPH]);
        let doubted = doubted(&mut lines, &page());
        assert_eq!(lines, [PARAGRAPH, PARAGRAPH]);
        assert_eq!(
            doubted,
            [Removed { line: "We use cookies.".to_owned(), rule: "page.doubted".to_owned() }]
        );
    }

    #[test]
    fn a_witness_that_saw_something_else_is_not_believed() {
        let others = ["A heron landed on the town hall.", "By evening it had gone, they said."];
        let mut lines = strings(&others);
        assert_eq!(doubted(&mut lines, &page()), []);
        assert_eq!(lines, others);
    }

    #[test]
    fn lines_are_spelt_as_the_page_spells_them() {
        let page =
            strings(&["東京で Rust 入門 を読む", "ab c", "menu", "ab", "One.", "ad", "Two."]);
        let spelt = |line: &str| spell_as(strings(&[line]), &page);
        assert_eq!(spelt("東京でRust入門を読む"), ["東京で Rust 入門 を読む"]);
        assert_eq!(spelt("a  b"), ["ab"]);
        assert_eq!(spelt("unknown line"), ["unknown line"]);
        assert_eq!(spelt("One. Two."), ["One.", "Two."]);
        assert_eq!(spelt("One. Three."), ["One. Three."]);
    }
}
