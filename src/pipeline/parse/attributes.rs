//! Reads the attributes of a tag, quoted or not, closed or not.

use memchr::{memchr, memchr2};

use super::cursor::Cursor;

/// How the tags of one text are read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Whether a slash at the end of an unquoted value is a part of it, as HTML has it; in XML, the
    /// tag is empty.
    keeps_slash: bool,
    /// Quotes that are known not to come any more, so that no search for one is made twice.
    no_double: bool,
    no_single: bool,
}

impl Manner {
    pub(super) fn of_xml() -> Self {
        Self::default()
    }

    pub(super) fn of_html() -> Self {
        Self { keeps_slash: true, ..Self::default() }
    }
}

/// What comes next in a tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Attribute(Attribute<'a>),
    /// The tag's end; `is_empty` if it closes itself.
    End {
        is_empty: bool,
    },
    /// Another tag begins before this one has ended.
    Broken,
    /// The text ends inside the tag.
    Cut,
}

/// An attribute as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    /// The value without its quotes; `None` for a name alone.
    pub(super) value: Option<&'a str>,
    /// Where the value stands, with its quotes.
    pub(super) value_from: usize,
    pub(super) value_to: usize,
    /// Whether the value is quoted and its quotes are closed, as XML wants it.
    pub(super) is_sound: bool,
}

/// Takes the next step through a tag, from behind its name on.
pub(super) fn step<'a>(cursor: &mut Cursor<'a>, manner: &mut Manner) -> Step<'a> {
    loop {
        cursor.skip_white();
        let Some(byte) = cursor.peek() else { return Step::Cut };
        match byte {
            b'>' => {
                cursor.advance(1);
                return Step::End { is_empty: false };
            }
            b'<' => return Step::Broken,
            b'/' if cursor.rest().starts_with("/>") => {
                cursor.advance(2);
                return Step::End { is_empty: true };
            }
            b'/' | b'=' => cursor.advance(1),
            _ => return Step::Attribute(attribute(cursor, manner)),
        }
    }
}

fn attribute<'a>(cursor: &mut Cursor<'a>, manner: &mut Manner) -> Attribute<'a> {
    let name = cursor.take_while(|byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'>' | b'<' | b'/')
    });
    let mut ahead = *cursor;
    ahead.skip_white();
    if ahead.peek() != Some(b'=') {
        let at = cursor.at();
        return Attribute { name, value: None, value_from: at, value_to: at, is_sound: false };
    }
    ahead.advance(1);
    ahead.skip_white();
    let value_from = ahead.at();
    let quote = ahead.peek().filter(|byte| matches!(byte, b'"' | b'\''));
    let (value, is_sound) = if let Some(quote) = quote {
        ahead.advance(1);
        quoted(&mut ahead, quote, manner)
    } else {
        // The address of a namespace often ends in a slash, and elements that set one hold others.
        let keeps_slash = manner.keeps_slash || name.starts_with("xml");
        (unquoted(&mut ahead, keeps_slash), false)
    };
    *cursor = ahead;
    Attribute { name, value: Some(value), value_from, value_to: cursor.at(), is_sound }
}

fn unquoted<'a>(cursor: &mut Cursor<'a>, keeps_slash: bool) -> &'a str {
    let mut ahead = *cursor;
    let value = ahead.take_while(|byte| !byte.is_ascii_whitespace() && byte != b'>');
    let bare = value.strip_suffix('/').filter(|_| ahead.peek() == Some(b'>'));
    let value = bare.filter(|_| !keeps_slash).unwrap_or(value);
    cursor.advance(value.len());
    value
}

/// The value up to its closing quote, else up to the end of the tag.
fn quoted<'a>(cursor: &mut Cursor<'a>, quote: u8, manner: &mut Manner) -> (&'a str, bool) {
    let known_missing = if quote == b'"' { &mut manner.no_double } else { &mut manner.no_single };
    let mut ahead = *cursor;
    if !*known_missing {
        match ahead.take_to(quote) {
            // A quote behind the end of this tag and the start of another opens a value there.
            Some(value) if !holds_tag_border(value) => {
                ahead.advance(1);
                *cursor = ahead;
                return (value, true);
            }
            Some(_) => {}
            None => *known_missing = true,
        }
    }
    (cursor.take_while(|byte| !matches!(byte, b'>' | b'<')), false)
}

fn holds_tag_border(value: &str) -> bool {
    let bytes = value.as_bytes();
    let Some(first) = memchr2(b'<', b'>', bytes) else { return false };
    let behind = bytes.get(first..).unwrap_or_default();
    behind.first() == Some(&b'>') && memchr(b'<', behind).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attributes as `name=value`, and how the tag ends.
    fn check(tag: &str, expected: &[&str], end: &Step<'_>) {
        let mut cursor = Cursor::new(tag);
        let mut manner = Manner::of_xml();
        let mut found = Vec::new();
        loop {
            match step(&mut cursor, &mut manner) {
                Step::Attribute(a) => found.push(format!("{}={}", a.name, a.value.unwrap_or("-"))),
                last => {
                    assert_eq!(
                        (found, &last),
                        (expected.iter().map(ToString::to_string).collect(), end),
                        "{tag}"
                    );
                    return;
                }
            }
        }
    }

    const END: Step<'static> = Step::End { is_empty: false };
    const EMPTY: Step<'static> = Step::End { is_empty: true };

    #[test]
    fn attributes_are_read_in_their_spellings() {
        check(" a='1' b = \"2\">", &["a=1", "b=2"], &END);
        check("a=1 b c='>'/>", &["a=1", "b=-", "c=>"], &EMPTY);
        check(" a=x/>", &["a=x"], &EMPTY);
        check(" a=http://x.example/y/>", &["a=http://x.example/y"], &EMPTY);
        check(" xmlns:a=http://x.example/y/>", &["xmlns:a=http://x.example/y/"], &END);
        check(" a='<b>x</b>' a='2' / >", &["a=<b>x</b>", "a=2"], &END);
        check("", &[], &Step::Cut);
        check(" ä='ö'\n= >", &["ä=ö"], &END);
    }

    #[test]
    fn what_is_not_closed_ends_with_the_tag() {
        check(" a='x>y", &["a=x"], &END);
        check(" a=\"x>text</b><c d=\"y\">", &["a=x"], &END);
        check(" a=\"x<b>", &["a=x"], &Step::Broken);
        check(" a=\"x", &["a=x"], &Step::Cut);
        check(" a <b", &["a=-"], &Step::Broken);
    }
}
