//! Cuts the characters of a text into tokens.

use std::str::Chars;

use unicode_normalization::UnicodeNormalization as _;
use xxhash_rust::xxh3::xxh3_64;

use super::{Token, Tokens};
use crate::text::kind::{Kind, Role};

/// Feeds the characters of a text, brought to NFKC, to a splitter.
///
/// Most text is in that form already. Only what is not is given to the normaliser: a piece from one
/// character that never joins those before it to the next such character, because no normalisation
/// reaches across one (Unicode Standard Annex 15, section 9.1).
pub(super) fn split(text: &str) -> Tokens {
    let mut splitter = Splitter::with_capacity(text.len());
    let mut rest = splitter.take_ascii(text);
    let mut characters = rest.chars();
    let mut next = next_of(&mut characters);
    while let Some((first, first_kind)) = next {
        let mut behind = characters.as_str();
        next = next_of(&mut characters);
        let mut joining = 0_usize;
        let mut is_certain = first_kind.is_normal();
        while let Some((_, kind)) = next.filter(|(_, kind)| kind.joins()) {
            joining += 1;
            // One mark in its place needs no sorting.
            is_certain &= kind.is_normal() && joining == 1 && !first_kind.joins();
            behind = characters.as_str();
            next = next_of(&mut characters);
        }
        if is_certain && joining == 0 {
            splitter.take(first, first_kind);
        } else {
            let piece = rest.get(..rest.len() - behind.len()).unwrap_or_default();
            if is_certain {
                piece.chars().for_each(|character| splitter.take(character, Kind::of(character)));
            } else {
                piece.nfkc().for_each(|character| splitter.take(character, Kind::of(character)));
            }
        }
        rest = behind;
        if next.is_some_and(|(character, _)| character.is_ascii()) {
            rest = splitter.take_ascii(rest);
            characters = rest.chars();
            next = next_of(&mut characters);
        }
    }
    splitter.finish()
}

/// The next character and its kind.
fn next_of(characters: &mut Chars<'_>) -> Option<(char, Kind)> {
    characters.next().map(|character| (character, Kind::of(character)))
}

/// Builds the hash text and the list side by side; the open token is what follows `open_from`.
struct Splitter {
    hash_text: Vec<u8>,
    list: Vec<Token>,
    open_from: usize,
    is_number: bool,
    starts_uppercase: bool,
    before: Before,
}

/// What stands before a character, as far as it decides what a comma or full stop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// An ASCII digit.
    Digit,
    /// A comma or full stop after a digit, which waits for what follows it.
    Mark,
    Anything,
}

impl Splitter {
    fn with_capacity(byte_count: usize) -> Self {
        Self {
            hash_text: Vec::with_capacity(byte_count),
            // European words are about six bytes long with their space.
            list: Vec::with_capacity(byte_count / 6),
            open_from: 0,
            is_number: false,
            starts_uppercase: false,
            before: Before::Anything,
        }
    }

    /// Takes the ASCII characters a text begins with, but for a last one that what follows may join;
    /// answers the rest.
    fn take_ascii<'a>(&mut self, text: &'a str) -> &'a str {
        let bytes = text.as_bytes();
        let length = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
        let length = if length < bytes.len() { length.saturating_sub(1) } else { length };
        let (ascii, rest) = text.split_at_checked(length).unwrap_or((text, ""));
        let mut bytes = ascii.as_bytes();
        while let Some((first, behind)) = bytes.split_first() {
            let ends = |byte: &u8| !byte.is_ascii_alphanumeric();
            match bytes.split_at(bytes.iter().position(ends).unwrap_or(bytes.len())) {
                ([], _) => {
                    self.take_ascii_mark(*first);
                    bytes = behind;
                }
                (word, behind) => {
                    self.take_ascii_word(word);
                    bytes = behind;
                }
            }
        }
        rest
    }

    /// Takes ASCII letters and digits that follow each other.
    fn take_ascii_word(&mut self, word: &[u8]) {
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return };
        self.settle_mark(first.is_ascii_digit());
        if !self.is_open() {
            self.starts_uppercase = first.is_ascii_uppercase();
        }
        self.is_number |= word.iter().any(u8::is_ascii_digit);
        let from = self.hash_text.len();
        self.hash_text.extend_from_slice(word);
        self.hash_text.get_mut(from..).unwrap_or_default().make_ascii_lowercase();
        self.before = if last.is_ascii_digit() { Before::Digit } else { Before::Anything };
    }

    /// Takes an ASCII character that is neither a letter nor a digit.
    fn take_ascii_mark(&mut self, mark: u8) {
        self.settle_mark(false);
        if self.before == Before::Digit && matches!(mark, b',' | b'.') {
            self.before = Before::Mark;
        } else {
            self.close(false);
            self.before = Before::Anything;
        }
    }

    fn take(&mut self, character: char, kind: Kind) {
        self.settle_mark(character.is_ascii_digit());
        self.before = match character {
            '0'..='9' => Before::Digit,
            ',' | '.' if self.before == Before::Digit => Before::Mark,
            _ => Before::Anything,
        };
        match kind.role() {
            // What follows decides.
            Role::Separates if self.before == Before::Mark => {}
            Role::Continues => self.append(character, kind),
            Role::Marks if self.is_open() => self.append(character, kind),
            Role::StandsAlone => {
                self.close(false);
                self.append(character, kind);
                self.close(true);
            }
            Role::Vanishes => {}
            Role::Marks | Role::Separates => self.close(false),
        }
    }

    /// Says what a comma or full stop was that waited: between two digits it vanishes.
    fn settle_mark(&mut self, is_digit: bool) {
        if self.before == Before::Mark && !is_digit {
            self.close(false);
        }
    }

    fn is_open(&self) -> bool {
        self.hash_text.len() > self.open_from
    }

    fn append(&mut self, character: char, kind: Kind) {
        if !self.is_open() {
            self.starts_uppercase = kind.is_uppercase();
        }
        self.is_number |= kind.is_numeric();
        let mut put = |character: char| {
            self.hash_text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        };
        if kind.has_lowercase() {
            character.to_lowercase().for_each(put);
        } else {
            put(character);
        }
    }

    fn close(&mut self, no_space_script: bool) {
        let word = self.hash_text.get(self.open_from..).unwrap_or_default();
        if word.is_empty() {
            return;
        }
        self.list.push(Token {
            hash: xxh3_64(word),
            is_number: self.is_number,
            starts_uppercase: self.starts_uppercase,
            no_space_script,
        });
        self.hash_text.push(b' ');
        self.open_from = self.hash_text.len();
        self.is_number = false;
        self.starts_uppercase = false;
    }

    fn finish(mut self) -> Tokens {
        self.close(false);
        self.hash_text.pop();
        // Whole characters were appended, so nothing is replaced.
        let hash_text = String::from_utf8(self.hash_text).unwrap_or_default();
        Tokens { hash_text, list: self.list }
    }
}
