//! Tries many regular expressions on a line, and reads most lines no further than their first letters.
//!
//! One reading of a line tries all that begin with known words, and ends where none fits. An expression
//! that begins with anything would have every line read to its end; but it holds words that any line
//! it matches has to hold, and they are looked for much faster.

use aho_corasick::AhoCorasick;
use aho_corasick::packed::Searcher;
use regex::{RegexSet, RegexSetBuilder};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};

/// The most bytes a compiled set of regular expressions may take.
const SET_MAX_BYTES: usize = 32 << 20;

/// Shorter words would be found in many lines.
const WORDS_MIN_BYTES: usize = 4;

/// Regular expressions that are tried together on whole lines.
#[derive(Debug)]
pub(super) struct Expressions {
    /// Those that begin with known words, and those of which nothing is known.
    rooted: Part,
    /// Those that begin with anything, and words of which one is in any line that one of them matches.
    open: Part,
    words: Words,
}

/// Looks for words: many bytes at a time where the processor can and they are few, else letter by letter.
#[derive(Debug)]
enum Words {
    None,
    Together(Searcher),
    Each(AhoCorasick),
}

/// Some of the expressions.
#[derive(Debug, Default)]
struct Part {
    set: RegexSet,
    /// Which they are of all.
    numbers: Vec<usize>,
}

/// A regular expression that matches whole lines only.
pub(super) fn whole_line(expression: &str) -> String {
    format!("^(?:{expression})$")
}

impl Expressions {
    /// Compiles expressions for whole lines.
    ///
    /// # Errors
    /// When one cannot be read, or all together are too large.
    pub(super) fn compile(
        whole_lines: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, regex::Error> {
        let (mut rooted, mut open, mut words) = (Vec::new(), Vec::new(), Vec::new());
        for numbered in whole_lines.into_iter().enumerate() {
            match words_for(numbered.1.as_ref()) {
                Some(needed) => {
                    words.push(needed);
                    open.push(numbered);
                }
                None => rooted.push(numbered),
            }
        }
        let words = Words::new(&words);
        if matches!(words, Words::None) {
            rooted.append(&mut open);
        }
        Ok(Self { rooted: Part::compile(rooted)?, open: Part::compile(open)?, words })
    }

    /// The numbers of those that match a line, the least first.
    pub(super) fn matching(&self, line: &str) -> Vec<usize> {
        let mut found = Vec::new();
        self.rooted.add_matching(line, &mut found);
        if self.words.are_in(line) {
            self.open.add_matching(line, &mut found);
            found.sort_unstable();
        }
        found
    }
}

impl Default for Expressions {
    fn default() -> Self {
        Self { rooted: Part::default(), open: Part::default(), words: Words::None }
    }
}

impl Words {
    fn new(words: &[Vec<u8>]) -> Self {
        if words.is_empty() {
            return Self::None;
        }
        match Searcher::new(words) {
            Some(together) => Self::Together(together),
            None => AhoCorasick::new(words).map_or(Self::None, Self::Each),
        }
    }

    fn are_in(&self, line: &str) -> bool {
        match self {
            Self::None => false,
            Self::Together(words) => words.find(line).is_some(),
            Self::Each(words) => words.is_match(line),
        }
    }
}

impl Part {
    fn compile(numbered: Vec<(usize, impl AsRef<str>)>) -> Result<Self, regex::Error> {
        let (numbers, expressions): (Vec<_>, Vec<_>) = numbered.into_iter().unzip();
        let set = RegexSetBuilder::new(expressions)
            .size_limit(SET_MAX_BYTES)
            .dfa_size_limit(SET_MAX_BYTES)
            .build()?;
        Ok(Self { set, numbers })
    }

    fn add_matching(&self, line: &str, found: &mut Vec<usize>) {
        if !self.numbers.is_empty() {
            let matches = self.set.matches(line);
            found.extend(matches.iter().filter_map(|place| self.numbers.get(place)));
        }
    }
}

/// Words without which no line has to be read for an expression that begins with anything; `None` if it
/// begins with something, or they are not seen at once.
fn words_for(expression: &str) -> Option<Vec<u8>> {
    // What cannot be read is told when it is compiled.
    let read = regex_syntax::parse(expression).ok()?;
    let beginnings = Extractor::new().extract(&read);
    let begins_with_something =
        beginnings.literals().is_some_and(|all| all.iter().all(|literal| !literal.is_empty()));
    let words = needed_words(&read).filter(|words| words.len() >= WORDS_MIN_BYTES)?;
    (!begins_with_something).then_some(words)
}

/// The longest words that each line has to hold which an expression matches, as far as that is seen at
/// once.
fn needed_words(read: &Hir) -> Option<Vec<u8>> {
    match read.kind() {
        HirKind::Literal(words) => Some(words.0.to_vec()),
        HirKind::Capture(capture) => needed_words(&capture.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => needed_words(&repeated.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(needed_words).max_by_key(Vec::len),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_needed_where_an_expression_begins_with_anything() {
        let check = |expression: &str, expected: Option<&str>| {
            let words = words_for(&whole_line(expression));
            assert_eq!(words.as_deref(), expected.map(str::as_bytes), "{expression}");
        };
        check(".{5,} and so on", Some(" and so on"));
        check("(?:.+ )?read (?:all|more) of the story(?: here)?", Some(" of the story"));
        check(r".+ \(feed\)", Some(" (feed)"));
        check("[^.]+(?:, he said)+", Some(", he said"));
        check(".+ on", None);
        check(".+(?: here| there)", None);
        check("(?i).+ and so on", None);
        check("read .+ and so on", None);
        check("(?:one|two) .+ and so on", None);
        check("[^.]+", None);
        check("(", None);
    }

    #[test]
    fn expressions_are_named_in_their_order() {
        let lines = [".+ and so on", "one .+", ".+", "two .*", ".*one and .*"].map(whole_line);
        let expressions = Expressions::compile(lines).unwrap();
        assert_eq!(expressions.matching("one and so on"), [0, 1, 2, 4]);
        assert_eq!(expressions.matching("two and so on"), [0, 2, 3]);
        assert_eq!(expressions.matching("three"), [2]);
        assert_eq!(expressions.matching(""), [0_usize; 0]);
    }

    fn pattern() -> impl Strategy<Value = String> {
        let piece =
            [".+", ".*", "(?:end)?", "(?:end|tail)", "tail", "[^a]+", "a", "b ", "(?i)tail"];
        let pieces = proptest::collection::vec(proptest::sample::select(piece.to_vec()), 1..5);
        pieces.prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_line_is_passed_over_that_an_expression_matches(
            patterns in proptest::collection::vec(pattern(), 1..5),
            line in "(tail|end|[abc ]){0,8}",
        ) {
            let lines: Vec<String> = patterns.iter().map(|pattern| whole_line(pattern)).collect();
            let expressions = Expressions::compile(&lines).unwrap();
            let expected: Vec<usize> = RegexSet::new(&lines).unwrap().matches(&line).iter().collect();
            prop_assert_eq!(expressions.matching(&line), expected);
        }
    }
}
