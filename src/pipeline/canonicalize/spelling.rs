//! Gives one spelling to what an address may write in several ways, before it is parsed.
//!
//! The order matters: each step must leave nothing for an earlier one, or a second pass would
//! change the result.

/// The text without white space around and line breaks inside, with unreserved characters decoded,
/// percent-escapes in upper case and `&amp;` spelled `&`.
pub(super) fn tidy(link: &str) -> String {
    let trimmed = link.trim_matches(is_blank);
    let unbroken: String = trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    plain_ampersands(&normal_escapes(&unbroken))
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// RFC 3986 §6.2.2: escapes of unreserved characters mean the character, and hex digits are upper
/// case. Escapes of reserved characters mean something else than the character, and stay.
fn normal_escapes(link: &str) -> String {
    let mut normal = String::with_capacity(link.len());
    let mut left = link;
    while let Some(at) = left.find('%') {
        let (plain, escape) = left.split_at(at);
        normal.push_str(plain);
        let Some(byte) = escaped_byte(escape) else {
            normal.push('%');
            left = escape.strip_prefix('%').unwrap_or_default();
            continue;
        };
        let c = char::from(byte);
        let is_unreserved = c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        if is_unreserved && !is_open_escape(&normal) {
            normal.push(c);
        } else {
            normal.push_str(&escape.get(..3).unwrap_or_default().to_ascii_uppercase());
        }
        left = escape.get(3..).unwrap_or_default();
    }
    normal.push_str(left);
    normal
}

fn escaped_byte(escape: &str) -> Option<u8> {
    let digits = escape.get(1..3)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
}

/// Whether one more character could complete a new escape: `%%341` must not become `%41`.
fn is_open_escape(text: &str) -> bool {
    let mut last = text.bytes().rev();
    match (last.next(), last.next()) {
        (Some(b'%'), _) => true,
        (Some(digit), Some(b'%')) => digit.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Feeds that escape twice leave entities in their links, sometimes one inside the other.
fn plain_ampersands(link: &str) -> String {
    const REMAINDERS: [&str; 4] = ["amp;", "#38;", "#038;", "#x26;"];
    let mut plain = String::with_capacity(link.len());
    let mut left = link;
    while let Some((before, after)) = left.split_once('&') {
        plain.push_str(before);
        plain.push('&');
        left = after;
        while let Some(rest) = REMAINDERS.iter().find_map(|entity| left.strip_prefix(entity)) {
            left = rest;
        }
    }
    plain.push_str(left);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(link: &str, expected: &str) {
        assert_eq!(tidy(link), expected);
        assert_eq!(tidy(expected), expected);
    }

    #[test]
    fn an_address_is_spelled_in_one_way() {
        check(" \u{feff}https://a.example/b\u{a0}\n", "https://a.example/b");
        check("https://a.example/b\n/c", "https://a.example/b/c");
        check("%7euser/%e4%b8%ad%2f", "~user/%E4%B8%AD%2F");
        check("100%/%zz%4", "100%/%zz%4");
        check("%%341%4%31", "%%341%4%31");
        check("a=1&amp;b=2&#38;c=3&#038;d=4", "a=1&b=2&c=3&d=4");
        check("a=1&amp;amp;b=2", "a=1&b=2");
        check("a=1&%61mp;b=2", "a=1&b=2");
        check("a=1&a\tmp;b=2", "a=1&b=2");
    }
}
