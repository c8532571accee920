//! Resolves the HTML character references that survive in the texts of feeds.

use std::borrow::Cow;

/// A text with its character references resolved once, so that an escaped reference stays text.
pub(super) fn resolved(text: &str) -> Cow<'_, str> {
    let Some((before, after)) = text.split_once('&') else {
        return Cow::Borrowed(text);
    };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(before);
    for piece in after.split('&') {
        let reference = piece.split_once(';');
        if let Some((character, rest)) =
            reference.and_then(|(name, rest)| Some((referenced_character(name)?, rest)))
        {
            plain.push(character);
            plain.push_str(rest);
        } else {
            plain.push('&');
            plain.push_str(piece);
        }
    }
    Cow::Owned(plain)
}

fn referenced_character(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return named_character(name);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

/// The named references that survive in the texts of feeds: markup, spaces and typography.
fn named_character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "shy" => '\u{ad}',
        "ensp" => '\u{2002}',
        "emsp" => '\u{2003}',
        "thinsp" => '\u{2009}',
        "zwnj" => '\u{200c}',
        "zwj" => '\u{200d}',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "sbquo" => '‚',
        "ldquo" => '“',
        "rdquo" => '”',
        "bdquo" => '„',
        "laquo" => '«',
        "raquo" => '»',
        "hellip" => '…',
        "bull" => '•',
        "middot" => '·',
        _ => return None,
    })
}
