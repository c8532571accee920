//! Lists the elements of an XML document and measures how deep they are nested.
//!
//! feed-rs reads some elements recursively: about 925 nested `media:group` overflow a stack of
//! 2 MiB, which no caller can catch. This scan needs no stack.

use memchr::memchr;

/// The deepest nesting that is read; real feeds need about 20 levels, most of them for XHTML.
pub(super) const MAX_DEPTH: usize = 200;

/// An element of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// Its qualified name.
    pub(super) name: &'a str,
    /// The document from its start tag on.
    pub(super) document: &'a str,
}

/// The elements of a document in the order of their start tags.
pub(super) fn elements(text: &str) -> impl Iterator<Item = Element<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || next_markup(&mut rest)).filter_map(|markup| match markup {
        Markup::Start { name, document, .. } => Some(Element { name, document }),
        Markup::End | Markup::Other => None,
    })
}

/// Whether elements are nested deeper than [`MAX_DEPTH`].
pub(super) fn is_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(markup) = next_markup(&mut rest) {
        match markup {
            Markup::Start { empty: false, .. } => depth += 1,
            Markup::End => depth = depth.saturating_sub(1),
            Markup::Start { .. } | Markup::Other => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

enum Markup<'a> {
    Start { name: &'a str, document: &'a str, empty: bool },
    End,
    Other,
}

/// Takes text up to the end of the next piece of markup.
fn next_markup<'a>(rest: &mut &'a str) -> Option<Markup<'a>> {
    let at = memchr(b'<', rest.as_bytes())?;
    let document = rest.get(at..)?;
    let inner = document.strip_prefix('<')?;
    let (markup, behind) = if let Some(comment) = inner.strip_prefix("!--") {
        (Markup::Other, after(comment, "-->"))
    } else if let Some(section) = inner.strip_prefix("![CDATA[") {
        (Markup::Other, after(section, "]]>"))
    } else if let Some(instruction) = inner.strip_prefix('?') {
        (Markup::Other, after(instruction, "?>"))
    } else if let Some(declaration) = inner.strip_prefix('!') {
        (Markup::Other, after_declaration(declaration))
    } else if let Some(end) = inner.strip_prefix('/') {
        (Markup::End, after(end, ">"))
    } else if inner.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':') {
        let (tag, behind) = tag(inner);
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        (Markup::Start { name, document, empty: tag.ends_with('/') }, behind)
    } else {
        (Markup::Other, inner)
    };
    *rest = behind;
    Some(markup)
}

/// A start tag without its brackets, and what follows it; a quoted `>` does not end it.
fn tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => {
                let (tag, behind) = text.split_at(index);
                return (tag, behind.strip_prefix('>').unwrap_or_default());
            }
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    (text, "")
}

/// What follows a document type with or without an internal subset.
fn after_declaration(text: &str) -> &str {
    let subset = text.find('[').filter(|&open| text.find('>').is_none_or(|end| open < end));
    match subset.and_then(|open| text.get(open..)) {
        Some(subset) => after(after(subset, "]"), ">"),
        None => after(text, ">"),
    }
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_first(text: &str, name: Option<&str>) {
        assert_eq!(elements(text).next().map(|element| element.name), name, "{text}");
    }

    #[test]
    fn declarations_comments_and_text_are_no_elements() {
        check_first("<rss version='2.0'>", Some("rss"));
        check_first("<?xml version='1.0'?>\n<!-- <a> --><rdf:RDF\n x='>'>", Some("rdf:RDF"));
        check_first("<!DOCTYPE rss [<!ENTITY a '<b>'>]><feed/>", Some("feed"));
        check_first("Warning: 1 < 2 in <b>x</b>", Some("b"));
        check_first("no markup, 1 < 2", None);
        check_first("<![CDATA[<a>", None);
        check_first("", None);
    }

    fn check_deep(unit: &str, count: usize, deep: bool) {
        assert_eq!(is_deep(&unit.repeat(count)), deep, "{unit} {count}");
    }

    #[test]
    fn only_elements_that_stay_open_nest() {
        check_deep("<a>", MAX_DEPTH, false);
        check_deep("<a>", MAX_DEPTH + 1, true);
        check_deep("<media:group x='1>'>", 30_000, true);
        check_deep("<a/>", 1000, false);
        check_deep("<a></a>", 1000, false);
        check_deep("<![CDATA[<a>]]>", 1000, false);
        check_deep("<!-- <a> -->", 1000, false);
        check_deep("</b><a></a>", 1000, false);
    }
}
