//! Cuts the characters of a text into tokens.

use std::str::Chars;

use unicode_normalization::UnicodeNormalization as _;
use xxhash_rust::xxh3::xxh3_64;

use super::{Token, Tokens};
use crate::text::kind::{Kind, Role};

/// The longest piece of an ASCII word that is taken at once, in bytes.
const WORD_BYTES: usize = 32;

/// What an ASCII character is that stands in words: a letter or a digit.
const SMALL: u8 = 1;
const CAPITAL: u8 = 1 << 1;
const DIGIT: u8 = 1 << 2;

/// What each ASCII character is; 0 if it stands between words.
const ASCII_KINDS: [u8; 128] = {
    let mut kinds = [0; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "a constant: the compiler sees each index")]
        let kind = &mut kinds[byte as usize];
        *kind = match byte {
            b'a'..=b'z' => SMALL,
            b'A'..=b'Z' => CAPITAL,
            b'0'..=b'9' => DIGIT,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

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
        // A word is put into lower case where it is read; nearly every one fits.
        let mut word = [0; WORD_BYTES];
        let (mut length, mut holds) = (0, 0);
        for byte in ascii.bytes() {
            let is = ASCII_KINDS.get(usize::from(byte)).copied().unwrap_or_default();
            if is == 0 {
                let word = word.get(..length).unwrap_or_default();
                if holds & DIGIT == 0 && !word.is_empty() && !self.is_open() {
                    self.put_whole(word, holds & CAPITAL != 0);
                } else {
                    self.take_ascii_word(word, holds);
                    self.take_ascii_mark(byte);
                }
                (length, holds) = (0, 0);
                continue;
            }
            if length == WORD_BYTES {
                self.take_ascii_word(&word, holds);
                (length, holds) = (0, 0);
            }
            if let Some(letter) = word.get_mut(length) {
                *letter = byte.to_ascii_lowercase();
            }
            holds |= if length == 0 { is } else { is & !CAPITAL };
            length += 1;
        }
        self.take_ascii_word(word.get(..length).unwrap_or_default(), holds);
        rest
    }

    /// Takes ASCII letters and digits that follow each other, in lower case, and what is among them:
    /// [`CAPITAL`] if they began with one, [`DIGIT`].
    fn take_ascii_word(&mut self, word: &[u8], holds: u8) {
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return };
        self.settle_mark(first.is_ascii_digit());
        if !self.is_open() {
            self.starts_uppercase = holds & CAPITAL != 0;
        }
        self.is_number |= holds & DIGIT != 0;
        self.hash_text.extend_from_slice(word);
        self.before = if last.is_ascii_digit() { Before::Digit } else { Before::Anything };
    }

    /// Puts an ASCII word without digits, in lower case, of which nothing stands open. What follows it
    /// ends it.
    fn put_whole(&mut self, word: &[u8], starts_uppercase: bool) {
        self.list.push(Token {
            hash: xxh3_64(word),
            is_number: false,
            starts_uppercase,
            no_space_script: false,
        });
        if self.keeps_text {
            self.hash_text.extend_from_slice(word);
            self.hash_text.push(b' ');
            self.open_from = self.hash_text.len();
        }
        self.before = Before::Anything;
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
