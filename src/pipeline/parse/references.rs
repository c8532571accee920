//! Decodes character references and entities, and leaves a bare `&` as it stands.

use std::borrow::Cow;
use std::collections::HashMap;

use super::characters::meant;
use crate::text::html;

/// The longest value of an entity that a document declares, in bytes.
const ENTITY_MAX_BYTES: usize = 1024;

/// The most entities a document may declare.
const DECLARED_MAX: usize = 256;

/// How much text the declared entities of one document may stand for, in bytes.
const EXPANSION_MAX_BYTES: usize = 1 << 20;

/// The most names of a document that are looked up among HTML's entities.
const NAMES_MAX: usize = 1024;

/// The longest name of an entity, in bytes; HTML's longest has 31.
const NAME_MAX_BYTES: usize = 40;

/// The entities of one document, and how often something had to be repaired.
#[derive(Debug, Default)]
pub(super) struct References<'a> {
    /// What the names stand for; `None` if they are known to stand for nothing.
    known: HashMap<&'a str, Option<Cow<'a, str>>>,
    looked_up: usize,
    expanded_bytes: usize,
    pub(super) repairs: u64,
}

impl<'a> References<'a> {
    /// Takes up the simple entities of a document type's internal subset: no entities within
    /// entities, no markup, nothing from outside.
    pub(super) fn declare(&mut self, subset: &'a str) {
        for declaration in subset.split("<!ENTITY").skip(1).take(DECLARED_MAX) {
            let Some((name, value)) = declaration.trim_start().split_once(char::is_whitespace)
            else {
                continue;
            };
            let Some(value) = literal(value.trim_start()) else { continue };
            let nests = value.split('&').skip(1).any(|reference| !reference.starts_with('#'));
            if value.len() > ENTITY_MAX_BYTES || nests || value.contains('<') {
                continue;
            }
            let value = Self::default().decoded(value);
            self.known.entry(name).or_insert(Some(value));
        }
    }

    /// The text with its references decoded.
    pub(super) fn decoded(&mut self, text: &'a str) -> Cow<'a, str> {
        let Some((before, mut rest)) = text.split_once('&') else { return Cow::Borrowed(text) };
        let mut decoded = String::with_capacity(text.len());
        decoded.push_str(before);
        loop {
            rest = self.reference(rest, &mut decoded);
            let Some((before, behind)) = rest.split_once('&') else {
                decoded.push_str(rest);
                return Cow::Owned(decoded);
            };
            decoded.push_str(before);
            rest = behind;
        }
    }

    /// Decodes what follows a `&`; returns what follows the reference.
    fn reference(&mut self, rest: &'a str, decoded: &mut String) -> &'a str {
        for (name, character) in XML {
            if let Some(behind) = rest.strip_prefix(name) {
                decoded.push(character);
                return behind;
            }
        }
        let behind = match rest.strip_prefix('#') {
            Some(number) => self.utf8(number, decoded).or_else(|| self.number(number, decoded)),
            None => self.name(rest, decoded),
        };
        behind.unwrap_or_else(|| {
            self.repairs += 1;
            decoded.push('&');
            rest
        })
    }

    /// A character whose bytes in UTF-8 are written as a reference each, such as `&#195;&#169;`.
    fn utf8(&mut self, number: &'a str, decoded: &mut String) -> Option<&'a str> {
        let (lead, mut rest) = byte(number)?;
        let length = match lead {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return None,
        };
        let mut bytes = vec![lead];
        while bytes.len() < length {
            let (next, behind) = byte(rest.strip_prefix("&#")?)?;
            bytes.push(next);
            rest = behind;
        }
        decoded.push_str(str::from_utf8(&bytes).ok()?);
        self.repairs += 1;
        Some(rest)
    }

    fn number(&mut self, number: &'a str, decoded: &mut String) -> Option<&'a str> {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let (digits, behind) = digits.split_at_checked(end)?;
        if digits.is_empty() {
            return None;
        }
        let code = u32::from_str_radix(digits, radix).ok();
        let character = code.and_then(meant);
        decoded.extend(character);
        let closed = behind.strip_prefix(';');
        let is_sound = closed.is_some() && character.is_some() && character.map(u32::from) == code;
        self.repairs += u64::from(!is_sound);
        Some(closed.unwrap_or(behind))
    }

    fn name(&mut self, rest: &'a str, decoded: &mut String) -> Option<&'a str> {
        let is_in_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let end = rest.bytes().take(NAME_MAX_BYTES).position(|byte| !is_in_name(byte))?;
        let (name, behind) = rest.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
        let behind = behind.strip_prefix(';')?;
        if !self.known.contains_key(name) && self.looked_up < NAMES_MAX {
            self.looked_up += 1;
            self.known.insert(name, html::entity(name).map(Cow::Owned));
        }
        let value = self.known.get(name)?.as_deref()?;
        if self.expanded_bytes + value.len() > EXPANSION_MAX_BYTES {
            return None;
        }
        self.expanded_bytes += value.len();
        decoded.push_str(value);
        Some(behind)
    }
}

/// The five that every document may use.
const XML: [(&str, char); 5] =
    [("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("quot;", '"'), ("apos;", '\'')];

/// A number of one byte, and what follows its reference.
fn byte(number: &str) -> Option<(u8, &str)> {
    let (digits, behind) = number.split_once(';').filter(|(digits, _)| digits.len() <= 3)?;
    Some((digits.parse().ok()?, behind))
}

/// What stands between the quotes at the start.
fn literal(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text.split(quote).nth(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str, repairs: u64) {
        let mut references = References::default();
        references.declare(
            "<!ENTITY pub 'The &#71;azette'> <!ENTITY  two \"2\"><!ENTITY lol '&two;&two;'>\
            <!ENTITY file SYSTEM 'file:///etc/hosts'><!ENTITY % param 'x'><!ENTITY tag '<b>'>",
        );
        let decoded = references.decoded(text).into_owned();
        assert_eq!((decoded.as_str(), references.repairs), (expected, repairs), "{text}");
    }

    #[test]
    fn references_are_decoded_once() {
        check("a &lt;b&gt; &amp;amp; &quot;c&apos;", "a <b> &amp; \"c'", 0);
        check("&#8217;&#x2019;&#X41;", "’’A", 0);
        check("caf&eacute;&nbsp;&hellip;", "café\u{a0}…", 0);
        check("none", "none", 0);
    }

    #[test]
    fn damaged_references_are_repaired() {
        check("&#146;&#0;&#11;", "’", 3);
        check("&#65 &#x42z", "A Bz", 2);
        check(
            "AT&T & &; &#; &#x; &nosuch; ?a=1&copy=2&",
            "AT&T & &; &#; &#x; &nosuch; ?a=1&copy=2&",
            8,
        );
        check("&#99999999999;x", "x", 1);
    }

    #[test]
    fn bytes_written_as_characters_are_put_together() {
        check("&#226;&#128;&#166; caf&#195;&#169;", "… café", 2);
        check("&#195;&#66;&#195;", "ÃBÃ", 0);
        check("&#233;&#233;", "éé", 0);
    }

    #[test]
    fn only_simple_entities_are_taken_from_a_document() {
        check("&pub; &two;", "The Gazette 2", 0);
        check("&lol;&file;&param;&tag;", "&lol;&file;&param;&tag;", 4);
    }

    #[test]
    fn entities_do_not_blow_a_document_up() {
        let subset =
            format!("<!ENTITY a '{}'><!ENTITY b '{}'>", "x".repeat(1000), "x".repeat(2000));
        let mut references = References::default();
        references.declare(&subset);
        assert!(references.decoded(&"&a;&b;".repeat(100_000)).len() < 2 << 20);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(text in "\\PC{0,40}") {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
            prop_assert_eq!(References::default().decoded(&escaped), text);
        }

        #[test]
        fn nothing_makes_a_panic(text in "(&|#|x|;|[0-9a-f]|lt|\\PC){0,30}") {
            let _text = References::default().decoded(&text);
        }
    }
}
