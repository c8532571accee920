//! Recognises what stands where an article should be: requests for consent, for a proof of being
//! human, for money or a login, notices that there is nothing, and pages that only a script fills.
//!
//! The signals are rows of `config/stubs.toml`, whose head says how they are weighed. A stub is
//! short, and it speaks to its reader at the beginning of a line or a sentence; an article about
//! such things is long, or quotes them.

use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, StartKind};
use serde::Deserialize;

use crate::model::HoldReason;
use crate::text::fold::fold;
use crate::text::shingles::Span;
use crate::text::tokens::{Tokens, tokens};

/// The rows that come with the program.
const BUILT_IN: &str = include_str!("../../config/stubs.toml");

/// No row of the table speaks of a longer text, in words.
pub(super) const WORDS_MAX: usize = 400;

/// The longest text, in words, that its title alone betrays.
const TITLE_WORDS_MAX: usize = 80;

/// The longest text, in words, on a page that one has to pay for that is taken for a teaser.
const TEASER_WORDS_MAX: usize = 120;

/// The most words on a page without an article that asks for a password, or has an element that
/// waits for a script, and says nothing that is known.
const BARE_PAGE_WORDS_MAX: usize = 150;

/// What stands for a gap in a phrase.
const GAP: &str = " … ";

/// What the gap of a phrase may hold, in bytes.
const GAP_MAX_BYTES: usize = 60;

/// Behind these a sentence may begin.
const SENTENCE_MARKS: [char; 13] =
    ['.', '!', '?', '。', '！', '？', '|', '•', '·', ':', '×', '©', '*'];

/// A text that may be an article, and what is known around it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample<'a> {
    /// The titles it goes by.
    pub(super) titles: &'a [String],
    /// Its lines, before anything was taken off them.
    pub(super) lines: &'a [&'a str],
    /// How many words it has after cleaning.
    pub(super) words: usize,
    /// The page it stood on, if it came from one.
    pub(super) page: Option<Surroundings<'a>>,
}

/// What stands on the page of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// The visible lines of the page, the text's own among them.
    pub(super) lines: &'a [String],
    /// What it says to readers without scripts.
    pub(super) without_scripts: &'a [String],
    /// Whether an element is there that only a script fills.
    pub(super) is_mount_empty: bool,
    /// Whether it asks for a password.
    pub(super) asks_password: bool,
    /// Whether it says to machines that one has to pay for it.
    pub(super) is_paid: bool,
}

/// Why a text that was found does not stand for an article; `is_usable` says whether it could
/// otherwise.
#[must_use]
pub(super) fn reason(sample: &Sample<'_>, is_usable: bool) -> Option<HoldReason> {
    static STUBS: LazyLock<Stubs> = LazyLock::new(|| {
        Stubs::read(BUILT_IN).expect("the table of stubs is read by this file's tests")
    });
    STUBS.reason(sample, is_usable)
}

/// The table, folded for comparison.
#[derive(Debug)]
struct Stubs {
    list: Vec<Stub>,
    /// Finds every phrase of every kind, as far as its gap, that begins at a place.
    finder: AhoCorasick,
}

#[derive(Debug)]
struct Stub {
    reason: HoldReason,
    words_max: usize,
    phrases_min: usize,
    titles: Vec<String>,
    phrases: Vec<Phrase>,
    barriers: Vec<Phrase>,
}

/// What a stub says at the beginning of a line or a sentence.
#[derive(Debug)]
struct Phrase {
    /// Its number among what the finder looks for.
    number: usize,
    /// As far as its gap, if it has one.
    first: String,
    /// What follows the gap.
    rest: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    stub: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    reason: HoldReason,
    words_max: usize,
    phrases_min: usize,
    titles: Vec<String>,
    phrases: Vec<String>,
    #[serde(default)]
    barriers: Vec<String>,
    examples: Vec<Example>,
    #[serde(default)]
    counter: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    title: String,
    text: String,
}

impl Stubs {
    /// Reads the table and proves its examples.
    fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let folded = |list: &[String]| list.iter().map(|text| fold(text)).collect::<Vec<_>>();
        let mut sought: Vec<String> = Vec::new();
        let mut phrases = |list: &[String]| -> Vec<Phrase> {
            let phrase = |text: String| {
                let (first, rest) = text.split_once(GAP).unwrap_or((&text, ""));
                sought.push(first.to_owned());
                Phrase { number: sought.len() - 1, first: first.to_owned(), rest: rest.to_owned() }
            };
            folded(list).into_iter().map(phrase).collect()
        };
        let stub = |row: &Row| Stub {
            reason: row.reason,
            words_max: row.words_max,
            phrases_min: row.phrases_min,
            titles: folded(&row.titles),
            phrases: phrases(&row.phrases),
            barriers: phrases(&row.barriers),
        };
        let list = file.stub.iter().map(stub).collect();
        // A DFA takes eleven MiB.
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        let finder =
            AhoCorasick::builder().kind(kind).start_kind(StartKind::Anchored).build(sought);
        let stubs = Self { list, finder: finder.map_err(|error| error.to_string())? };
        for row in &file.stub {
            for (example, expected) in row
                .examples
                .iter()
                .map(|example| (example, Some(row.reason)))
                .chain(row.counter.iter().map(|example| (example, None)))
            {
                let titles = [example.title.clone()];
                let lines: Vec<&str> = example.text.lines().collect();
                let words = word_count(&tokens(&example.text));
                let sample = Sample { titles: &titles, lines: &lines, words, page: None };
                let found = stubs.reason(&sample, true);
                if found != expected {
                    return Err(format!("{:?} is {found:?}, not {expected:?}", example.text));
                }
            }
        }
        Ok(stubs)
    }

    fn reason(&self, sample: &Sample<'_>, is_usable: bool) -> Option<HoldReason> {
        if sample.words > WORDS_MAX {
            return None;
        }
        let folded = Folded::of(sample, &self.finder);
        let told = |stub: &Stub| stub.is_told_by(&folded, sample.words, is_usable);
        let told = self.list.iter().find(|stub| told(stub)).map(|stub| stub.reason);
        told.or_else(|| by_looks(&sample.page?, sample.words, folded.page_words, is_usable))
    }
}

/// A sample, folded for comparison.
struct Folded {
    titles: Vec<String>,
    /// The lines of the text.
    text: Lines,
    /// The other lines of its page.
    around: Lines,
    page_words: usize,
    without_scripts: Lines,
}

/// Folded lines, and the numbers of the phrases that may begin a sentence in them.
struct Lines {
    folded: Vec<String>,
    phrases: HashSet<usize>,
}

impl Folded {
    fn of(sample: &Sample<'_>, finder: &AhoCorasick) -> Self {
        let page = sample.page.map_or(&[][..], |page| page.lines);
        let without_scripts = sample.page.map_or(&[][..], |page| page.without_scripts);
        Self {
            titles: sample.titles.iter().map(|title| fold(title)).collect(),
            text: Lines::of(sample.lines, finder),
            around: Lines::of(page, finder),
            page_words: word_count(&tokens(&page.join(" "))),
            without_scripts: Lines::of(without_scripts, finder),
        }
    }
}

impl Lines {
    fn of(lines: &[impl AsRef<str>], finder: &AhoCorasick) -> Self {
        let folded: Vec<String> = lines.iter().map(|line| fold(line.as_ref())).collect();
        // What begins no sentence counts for nothing, and that is most of a text.
        let mut phrases = HashSet::new();
        for line in &folded {
            for start in sentence_starts(line) {
                let sentence = Input::new(line).range(start..).anchored(Anchored::Yes);
                let mut state = OverlappingState::start();
                finder.find_overlapping(sentence.clone(), &mut state);
                while let Some(found) = state.get_match() {
                    phrases.insert(found.pattern().as_usize());
                    finder.find_overlapping(sentence.clone(), &mut state);
                }
            }
        }
        Self { folded, phrases }
    }

    /// Whether a phrase begins a line or a sentence.
    fn say(&self, phrase: &Phrase) -> bool {
        self.phrases.contains(&phrase.number) && self.folded.iter().any(|line| begins(line, phrase))
    }
}

/// What the elements of a page tell where no words do.
fn by_looks(
    page: &Surroundings<'_>,
    words: usize,
    page_words: usize,
    is_usable: bool,
) -> Option<HoldReason> {
    if page.is_paid && words <= TEASER_WORDS_MAX {
        return Some(HoldReason::Paywall);
    }
    if is_usable || page_words > BARE_PAGE_WORDS_MAX {
        return None;
    }
    match (page.asks_password, page.is_mount_empty) {
        (true, _) => Some(HoldReason::Login),
        (_, true) => Some(HoldReason::ScriptOnly),
        _ => None,
    }
}

/// How many words a text with these tokens has, where the letters of scripts without spaces count 2.5 to a word.
#[must_use]
pub(super) fn word_count(tokens: &Tokens) -> usize {
    let count = tokens.list().len();
    let (words, characters) = (2, 5);
    if (Span { words, characters }).of(tokens.list()) == characters {
        return count * words / characters;
    }
    count
}

impl Stub {
    /// Whether this is what a sample says.
    fn is_told_by(&self, sample: &Folded, words: usize, is_usable: bool) -> bool {
        let has_title = || sample.titles.iter().any(|title| self.has_title(title));
        let page = [&sample.text, &sample.around];
        let has_phrases = || self.count(&self.phrases, &[&sample.text]) >= self.phrases_min;
        let has_barrier = || self.count(&self.barriers, &page) > 0;
        let is_short = words <= self.words_max;
        if words <= TITLE_WORDS_MAX && has_title() || is_short && (has_phrases() || has_barrier()) {
            return true;
        }
        // Without a text to lose, the page around it is believed: a bare one its first word.
        let is_bare = sample.page_words <= BARE_PAGE_WORDS_MAX;
        let enough = if is_bare { 1 } else { self.phrases_min };
        let asks_scripts = self.reason == HoldReason::ScriptOnly && is_bare;
        !is_usable
            && (self.count(&self.phrases, &page) >= enough
                || asks_scripts && self.count(&self.phrases, &[&sample.without_scripts]) > 0)
    }

    /// Whether a folded title, or a part of it between marks, is one of this kind.
    fn has_title(&self, title: &str) -> bool {
        let is_one = |part: &str| self.titles.iter().any(|known| known == part.trim());
        is_one(title)
            || [" | ", " - ", " – ", " — ", " · ", " : ", ": "]
                .iter()
                .any(|mark| title.split(mark).any(is_one))
    }

    /// How many different phrases begin a sentence in some lines; no more are counted than matter.
    fn count(&self, phrases: &[Phrase], places: &[&Lines]) -> usize {
        let stands = |phrase: &&Phrase| places.iter().any(|lines| lines.say(phrase));
        phrases.iter().filter(stands).take(self.phrases_min.max(1)).count()
    }
}

/// Whether a phrase begins a line or a sentence in it.
fn begins(line: &str, phrase: &Phrase) -> bool {
    let Phrase { first, rest, .. } = phrase;
    line.match_indices(first.as_str()).any(|(at, found)| {
        let (before, behind) = line.split_at(at);
        let behind = behind.strip_prefix(found).unwrap_or_default();
        is_sentence_end(before) && is_word_end(first, behind) && stands_soon(behind, rest)
    })
}

/// Whether a text ends where a sentence may begin.
fn is_sentence_end(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty() || before.ends_with(SENTENCE_MARKS)
}

/// Where a line or a sentence in it may begin.
fn sentence_starts(line: &str) -> impl Iterator<Item = usize> {
    // Most bytes are letters, so each is looked at alone before it is read as a character.
    let may_begin_mark = |byte: &u8| {
        matches!(byte, b'.' | b'!' | b'?' | b'|' | b':' | b'*' | 0xc2 | 0xc3 | 0xe2 | 0xe3 | 0xef)
    };
    let places = line.bytes().enumerate().filter(move |(_, byte)| may_begin_mark(byte));
    let behind = places.filter_map(|(at, _)| line.get(at..)?.strip_prefix(SENTENCE_MARKS));
    [line].into_iter().chain(behind).map(|rest| line.len() - rest.trim_start().len())
}

/// Whether a phrase is not the beginning of a longer word; scripts without spaces have none.
fn is_word_end(phrase: &str, behind: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !(is_letter(behind.chars().next())
        && is_letter(phrase.chars().next_back())
        && phrase.ends_with(|c: char| c.is_ascii() || c.is_lowercase()))
}

fn stands_soon(text: &str, part: &str) -> bool {
    part.is_empty() || text.find(part).is_some_and(|at| at <= GAP_MAX_BYTES)
}

#[cfg(test)]
mod tests;
