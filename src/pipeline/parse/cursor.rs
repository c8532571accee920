//! Walks over markup without ever leaving the bounds of a character.

use memchr::memchr;

/// A place in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The place, in bytes from the start.
    pub(super) fn at(self) -> usize {
        self.at
    }

    /// What follows.
    pub(super) fn rest(self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What lies between two places, each found by a cursor on the same text.
    pub(super) fn between(self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The next byte.
    pub(super) fn peek(self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes on by so many bytes, at most to the end.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = self.text.ceil_char_boundary(self.at.saturating_add(bytes));
    }

    /// Goes to the end.
    pub(super) fn finish(&mut self) {
        self.at = self.text.len();
    }

    /// Takes the bytes that are wanted. What is said of one byte beyond ASCII must hold for all.
    pub(super) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.bytes().position(|byte| !wanted(byte)).unwrap_or(rest.len());
        self.advance(taken);
        self.between(self.at - taken, self.at)
    }

    /// Takes what stands before a byte, which stays; `None` if there is none.
    pub(super) fn take_to(&mut self, byte: u8) -> Option<&'a str> {
        let taken = memchr(byte, self.rest().as_bytes())?;
        self.advance(taken);
        Some(self.between(self.at - taken, self.at))
    }

    pub(super) fn skip_white(&mut self) {
        self.take_while(|byte| byte.is_ascii_whitespace());
    }
}

/// Whether a byte can begin a name: lenient, since names are only compared.
pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || byte >= 0x80
}

/// Whether a byte can go on a name.
pub(super) fn is_in_name(byte: u8) -> bool {
    begins_name(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}
