//! Repairs characters that no document may hold: controls, and Windows-1252 read as Latin-1.

use memchr::memchr2;

/// What the bytes 0x80–0x9f mean in Windows-1252 (WHATWG Encoding, index-windows-1252). As code
/// points they are controls nobody writes, so they are taken for these.
#[rustfmt::skip]
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

/// The character a code point stands for; `None` if it stands for none.
pub(super) fn meant(code: u32) -> Option<char> {
    match char::from_u32(code)? {
        c @ '\u{80}'..='\u{9f}' => {
            let index = usize::try_from(code - 0x80).ok()?;
            WINDOWS_1252.get(index).copied().filter(|meant| *meant != c)
        }
        '\t' => Some('\t'),
        '\n' => Some('\n'),
        '\r' => Some('\r'),
        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => None,
        c => Some(c),
    }
}

/// The text with every forbidden character replaced or taken out, and how many there were.
pub(super) fn repaired(text: String) -> (String, u64) {
    if !is_suspect(&text) {
        return (text, 0);
    }
    let mut repairs = 0;
    let mut clean = String::with_capacity(text.len());
    let is_bad = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let mut rest = text.as_str();
    while let Some((at, bad)) = rest.char_indices().find(|(_, c)| is_bad(*c)) {
        let (good, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        clean.push_str(good);
        clean.extend(meant(u32::from(bad)));
        repairs += 1;
        rest = behind.strip_prefix(bad).unwrap_or_default();
    }
    clean.push_str(rest);
    (clean, repairs)
}

/// Whether there may be a forbidden character: a scan of bytes, since most texts have none.
fn is_suspect(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r');
    // Counting has no early end, so that it is done many bytes at a time.
    if bytes.iter().filter(|byte| is_control(byte)).count() > 0 {
        return true;
    }
    let mut rest = bytes;
    while let Some(at) = memchr2(0x7f, 0xc2, rest) {
        let found = rest.get(at..).unwrap_or_default();
        if matches!(found, [0x7f, ..] | [0xc2, 0x80..=0x9f, ..]) {
            return true;
        }
        rest = found.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str, repairs: u64) {
        assert_eq!(repaired(text.to_owned()), (expected.to_owned(), repairs), "{text:?}");
    }

    #[test]
    fn controls_go_and_misread_characters_are_read_right() {
        check("a\tb\r\n", "a\tb\r\n", 0);
        check("a\0b\u{b}c\u{7f}", "abc", 3);
        check("don\u{92}t \u{93}x\u{94}\u{81}", "don’t “x”", 4);
        check("Â « café »", "Â « café »", 0);
    }

    #[test]
    fn code_points_stand_for_characters() {
        let meant: Vec<Option<char>> =
            [0x41, 0x80, 0x81, 0, 11, 10, 0xffff, 0x11_0000, 0xd800].map(meant).to_vec();
        let none = None;
        assert_eq!(meant, [Some('A'), Some('€'), none, none, none, Some('\n'), none, none, none]);
    }

    proptest! {
        #[test]
        fn what_is_repaired_needs_no_repair(text in "[\\x00-\u{ff}]{0,40}") {
            let (once, _) = repaired(text);
            prop_assert_eq!(repaired(once.clone()), (once, 0));
        }
    }
}
