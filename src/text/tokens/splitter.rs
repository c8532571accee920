//! Cuts the characters of a text into tokens.

use std::str::Chars;

use unicode_normalization::UnicodeNormalization as _;
use xxhash_rust::xxh3::xxh3_64;

use super::words::each_word;
use super::{Token, Tokens};
use crate::text::kind::{Kind, Role};

/// The longest ASCII word that is put into lower case in one go, in bytes; nearly every one fits.
const WORD_BYTES: usize = 32;

/// The tokens of a text and its hash text.
pub(super) fn split(text: &str) -> Tokens {
    let mut splitter = Splitter::new(text.len(), true);
    splitter.take_all(text);
    splitter.hash_text.pop();
    // Whole characters were written, so nothing is replaced.
    let hash_text = String::from_utf8(splitter.hash_text).unwrap_or_default();
    Tokens { hash_text, list: splitter.list }
}

/// The tokens of a text without its hash text, which takes time to write.
pub(super) fn list(text: &str) -> Vec<Token> {
    let mut splitter = Splitter::new(text.len(), false);
    splitter.take_all(text);
    splitter.list
}

/// The next character and its kind.
fn next_of(characters: &mut Chars<'_>) -> Option<(char, Kind)> {
    characters.next().map(|character| (character, Kind::of(character)))
}

/// Builds the hash text and the list side by side; the open token is what follows `open_from`.
struct Splitter {
    hash_text: Vec<u8>,
    /// Whether the hash text is wanted; else nothing but the open token stands in it.
    keeps_text: bool,
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
    fn new(byte_count: usize, keeps_text: bool) -> Self {
        Self {
            hash_text: Vec::with_capacity(if keeps_text { byte_count } else { 0 }),
            keeps_text,
            // European words are about six bytes long with their space.
            list: Vec::with_capacity(byte_count / 6),
            open_from: 0,
            is_number: false,
            starts_uppercase: false,
            before: Before::Anything,
        }
    }

    /// Takes the characters of a text, brought to NFKC.
    ///
    /// Most text is in that form already. Only what is not is given to the normaliser: a piece from one
    /// character that never joins those before it to the next such character, because no normalisation
    /// reaches across one (Unicode Standard Annex 15, section 9.1).
    fn take_all(&mut self, text: &str) {
        let mut rest = self.take_ascii(text);
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
                self.take(first, first_kind);
            } else {
                let piece = rest.get(..rest.len() - behind.len()).unwrap_or_default();
                if is_certain {
                    piece.chars().for_each(|character| self.take(character, Kind::of(character)));
                } else {
                    piece.nfkc().for_each(|character| self.take(character, Kind::of(character)));
                }
            }
            rest = behind;
            // Of a single one among others nothing would be taken.
            let is_ascii = |place: usize| rest.as_bytes().get(place).is_none_or(u8::is_ascii);
            if next.is_some() && is_ascii(0) && is_ascii(1) {
                rest = self.take_ascii(rest);
                characters = rest.chars();
                next = next_of(&mut characters);
            }
        }
        self.close(false);
    }

    /// Takes the ASCII characters a text begins with, but for a last one that what follows may join;
    /// answers the rest.
    fn take_ascii<'a>(&mut self, text: &'a str) -> &'a str {
        let other = text.bytes().position(|byte| !byte.is_ascii());
        let length = other.map_or(text.len(), |other| other.saturating_sub(1));
        let (ascii, rest) = text.split_at_checked(length).unwrap_or((text, ""));
        let ascii = ascii.as_bytes();
        let mut taken = 0;
        each_word(ascii, |place, may_hold_digits| {
            self.take_ascii_marks(ascii.get(taken..place.start).unwrap_or_default());
            let word = ascii.get(place.clone()).unwrap_or_default();
            let is_ended = place.end < ascii.len();
            let holds_digits = may_hold_digits && word.iter().any(u8::is_ascii_digit);
            if is_ended && !holds_digits && !self.is_open() && word.len() <= WORD_BYTES {
                self.put_whole(word, ascii.get(place.start..).unwrap_or_default());
            } else {
                self.take_ascii_word(word, holds_digits);
            }
            taken = place.end;
        });
        self.take_ascii_marks(ascii.get(taken..).unwrap_or_default());
        rest
    }

    /// Takes ASCII letters and digits that follow each other.
    fn take_ascii_word(&mut self, word: &[u8], holds_digits: bool) {
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return };
        self.settle_mark(first.is_ascii_digit());
        if !self.is_open() {
            self.starts_uppercase = first.is_ascii_uppercase();
        }
        self.is_number |= holds_digits;
        self.hash_text.extend(word.iter().map(u8::to_ascii_lowercase));
        self.before = if last.is_ascii_digit() { Before::Digit } else { Before::Anything };
    }

    /// Puts an ASCII word without digits of which nothing stands open; `from` is the text from it on.
    /// What follows the word ends it.
    fn put_whole(&mut self, word: &[u8], from: &[u8]) {
        /// What an ASCII letter has in lower case only.
        const LOWER: u8 = 0x20;
        let mut lower = [0; WORD_BYTES];
        match from.first_chunk::<WORD_BYTES>() {
            // As many bytes as are copied at once, whatever follows the word.
            Some(chunk) => lower = chunk.map(|byte| byte | LOWER),
            None => {
                for (lower, byte) in lower.iter_mut().zip(word) {
                    *lower = byte | LOWER;
                }
            }
        }
        let lower = lower.get(..word.len()).unwrap_or_default();
        self.list.push(Token {
            hash: xxh3_64(lower),
            is_number: false,
            starts_uppercase: word.first().is_some_and(u8::is_ascii_uppercase),
            no_space_script: false,
        });
        if self.keeps_text {
            self.hash_text.extend_from_slice(lower);
            self.hash_text.push(b' ');
            self.open_from = self.hash_text.len();
        }
        self.before = Before::Anything;
    }

    /// Takes ASCII characters that are neither letters nor digits. Where nothing stands open, they only
    /// separate.
    fn take_ascii_marks(&mut self, marks: &[u8]) {
        for mark in marks {
            if !self.is_open() {
                self.before = Before::Anything;
                break;
            }
            self.settle_mark(false);
            if self.before == Before::Digit && matches!(mark, b',' | b'.') {
                self.before = Before::Mark;
            } else {
                self.close(false);
                self.before = Before::Anything;
            }
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
        let mut put = |character: char| match character.encode_utf8(&mut [0; 4]).as_bytes() {
            // Pieces of a length that is known are copied without a call.
            [a, b] => self.hash_text.extend_from_slice(&[*a, *b]),
            [a, b, c] => self.hash_text.extend_from_slice(&[*a, *b, *c]),
            other => self.hash_text.extend_from_slice(other),
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
        self.is_number = false;
        self.starts_uppercase = false;
        if self.keeps_text {
            self.hash_text.push(b' ');
            self.open_from = self.hash_text.len();
        } else {
            self.hash_text.clear();
        }
    }
}
