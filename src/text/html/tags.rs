//! Reads the tags of HTML one by one, in linear time and without a tree.
//!
//! Follows the tokenizer of the HTML standard (13.2.5) for all that decides where a tag begins and
//! ends: comments, quoted values, and elements whose content is text.

use memchr::{memchr, memchr2};

/// A start or end tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// The name as written.
    pub(super) name: &'a str,
    /// The tag as written, without its brackets.
    pub(super) text: &'a str,
    /// How many attributes it has, repeated ones included.
    pub(super) attributes: usize,
    /// Whether it is an end tag.
    pub(super) closing: bool,
    /// Whether it ends in `/>`.
    pub(super) self_closing: bool,
}

/// Whether the text of a tag (see [`Tag::text`]) has a name.
pub(super) fn is_named(text: &str, name: &str) -> bool {
    name_of(text).eq_ignore_ascii_case(name)
}

/// The tags still to come.
#[derive(Clone)]
pub(super) struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Tags<'a> {
    pub(super) fn of(html: &'a str) -> Self {
        Self { rest: html }
    }

    /// What has not been read yet; after a tag it begins with the bracket that ends it.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next tag. Foreign content (SVG, `MathML`) has CDATA sections.
    pub(super) fn next(&mut self, foreign: bool) -> Option<Tag<'a>> {
        loop {
            let at = memchr(b'<', self.rest.as_bytes())?;
            self.rest = self.rest.get(at + 1..)?;
            match self.rest.as_bytes() {
                [b'!', ..] => self.rest = after_declaration(self.rest, foreign),
                [b'/', second, ..] if second.is_ascii_alphabetic() => {
                    self.rest = self.rest.get(1..)?;
                    return self.tag(true);
                }
                [b'?', ..] | [b'/', _, ..] => self.rest = after(self.rest, ">"),
                [first, ..] if first.is_ascii_alphabetic() => {
                    return self.tag(false);
                }
                _ => {}
            }
        }
    }

    /// Goes on to the end tag of the element that has just begun, if its content is text.
    pub(super) fn skip_raw_text(&mut self, name: &str) {
        if RAW_TEXT.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            self.rest = after_raw_text(self.rest, name);
        }
    }

    /// The tag whose name begins the rest.
    fn tag(&mut self, closing: bool) -> Option<Tag<'a>> {
        let name = name_of(self.rest);
        let (end, attributes, self_closing) = attributes(self.rest.get(name.len()..)?);
        let (text, rest) = self.rest.split_at_checked(name.len() + end)?;
        self.rest = rest;
        Some(Tag { name, text, attributes, closing, self_closing })
    }
}

/// Elements whose content is text, for a browser that runs scripts.
const RAW_TEXT: &[&str] =
    &["iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"];

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

fn name_of(text: &str) -> &str {
    text.split([' ', '\t', '\n', '\r', '\x0c', '/', '>']).next().unwrap_or_default()
}

/// Where a tag ends, counted from the end of its name, how many attributes it has, and whether it
/// closes itself.
fn attributes(text: &str) -> (usize, usize, bool) {
    #[derive(PartialEq)]
    enum At {
        Gap,
        Slash,
        Name,
        Value,
        Unquoted,
    }
    let (mut at, mut count) = (At::Gap, 0);
    let mut quoted_until = 0;
    for (index, &byte) in text.as_bytes().iter().enumerate() {
        if index < quoted_until {
            continue;
        }
        at = match (at, byte) {
            (was, b'>') => return (index, count, was == At::Slash),
            (At::Unquoted, byte) if !is_space(byte) => At::Unquoted,
            (At::Value, byte) if is_space(byte) => At::Value,
            (At::Value, b'"' | b'\'') => {
                let value = text.as_bytes().get(index + 1..).unwrap_or_default();
                let Some(length) = memchr(byte, value) else {
                    break;
                };
                quoted_until = index + length + 2;
                At::Gap
            }
            (At::Value, _) => At::Unquoted,
            (_, b'/') => At::Slash,
            (At::Name, b'=') => At::Value,
            (At::Name, byte) if is_space(byte) => At::Name,
            (_, byte) if is_space(byte) => At::Gap,
            (At::Name, _) if !previous_is_space(text, index) => At::Name,
            _ => {
                count += 1;
                At::Name
            }
        };
    }
    (text.len(), count, false)
}

fn previous_is_space(text: &str, index: usize) -> bool {
    index.checked_sub(1).and_then(|i| text.as_bytes().get(i)).is_some_and(|&b| is_space(b))
}

/// What follows the first `end`; nothing if there is none.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// What follows a comment, a document type or a CDATA section; `text` begins with its `!`.
pub(super) fn after_declaration(text: &str, foreign: bool) -> &str {
    if foreign && text.starts_with("![CDATA[") {
        return after(text, "]]>");
    }
    let Some(comment) = text.strip_prefix("!--") else {
        return after(text, ">");
    };
    if let Some(rest) = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
        return rest;
    }
    let mut rest = comment;
    while let Some((before, behind)) = rest.split_once('>') {
        let ends = before.ends_with("--") || before.ends_with("--!");
        if ends {
            return behind;
        }
        rest = behind;
    }
    ""
}

/// The text from the end tag of a raw text element on.
fn after_raw_text<'a>(text: &'a str, name: &str) -> &'a str {
    let is_script = name.eq_ignore_ascii_case("script");
    // In `<!-- <script>`, a script's end tag ends the inner script only.
    let (mut escaped, mut inner) = (false, false);
    let mut rest = text;
    while let Some(at) = memchr2(b'<', b'-', rest.as_bytes()) {
        rest = rest.get(at..).unwrap_or_default();
        if is_script && rest.starts_with("<!--") {
            escaped = true;
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        if rest.starts_with("-->") {
            (escaped, inner) = (false, false);
        } else if begins(rest, "</", name) {
            if !inner {
                return rest;
            }
            inner = false;
        } else if escaped && begins(rest, "<", name) {
            inner = true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    ""
}

/// Whether a text begins with a tag of a name.
fn begins(text: &str, bracket: &str, name: &str) -> bool {
    text.strip_prefix(bracket).is_some_and(|tag| {
        let found = name_of(tag);
        found.len() < tag.len() && found.eq_ignore_ascii_case(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tags of `html`: the name, `/` in front of it for an end tag, behind it for a closed one,
    /// and the number of attributes.
    fn check(html: &str, expected: &str) {
        let mut tags = Tags::of(html);
        let mut found = Vec::new();
        while let Some(tag) = tags.next(false) {
            let (before, behind) =
                (if tag.closing { "/" } else { "" }, if tag.self_closing { "/" } else { "" });
            found.push(format!("{before}{}{behind}{}", tag.name, tag.attributes));
            if !tag.closing {
                tags.skip_raw_text(tag.name);
            }
        }
        assert_eq!(found.join(" "), expected, "{html}");
    }

    #[test]
    fn tags_end_where_the_standard_ends_them() {
        check("<a><b></b>", "a0 b0 /b0");
        check("<a b='>' c=\">\" d=e>f>", "a3");
        check("<a b=c'd e=f\"g>", "a2");
        check("<a b = 'c' d>", "a2");
        check("<a =b>", "a1");
        check("<a/><a /><a b=/>", "a/0 a/0 a1");
        check("<a/b/c>", "a2");
        check("<a\nb\tc>", "a2");
        check("<a b=>x", "a1");
        check("<a b='unfinished>", "a1");
    }

    #[test]
    fn what_is_no_tag_is_passed_over() {
        check("1 < 2 <3 <> </> </ a> <?a> <!a>", "");
        check("<!-- <a> --><b>", "b0");
        check("<!--><a><!---><b><!--x--!><c>", "a0 b0 c0");
        check("<!-- <a> -- > <b>", "");
        check("<", "");
    }

    #[test]
    fn raw_text_has_no_tags() {
        check("<script>'<a>' </scripts <b></SCRIPT x><c>", "script0 /SCRIPT1 c0");
        check("<script><!-- <script> </script> <a> --></script><b>", "script0 /script0 b0");
        check("<script><!-- </script><a>", "script0 /script0 a0");
        check("<title><a></title><style><b></style>", "title0 /title0 style0 /style0");
        check("<textarea><a>", "textarea0");
    }

    #[test]
    fn cdata_is_text_in_foreign_content_only() {
        let html = "<![CDATA[ <a> ]]><b>";
        assert_eq!(Tags::of(html).next(true).map(|tag| tag.name), Some("b"));
        assert_eq!(Tags::of("<![CDATA[ > <a> ]]>").next(false).map(|tag| tag.name), Some("a"));
    }
}
