//! Writes articles as an Atom feed (RFC 4287).

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Document, identifier, named_author, rfc3339};
use crate::store::Article;
use crate::text::domain::host_of;

/// The XML namespace of Atom.
const NAMESPACE: &str = "http://www.w3.org/2005/Atom";

/// Whose work it is where nobody is named, since Atom wants somebody.
const NOBODY: &str = "unknown";

/// A feed, whose entries are written as they come.
pub(super) struct Feed<'a> {
    xml: Writer<&'a mut dyn Write>,
    now: DateTime<Utc>,
}

impl<'a> Feed<'a> {
    pub(super) fn new(target: &'a mut dyn Write, now: DateTime<Utc>) -> Self {
        Self { xml: Writer::new_with_indent(target, b' ', 2), now }
    }
}

impl Document for Feed<'_> {
    fn begin(&mut self) -> io::Result<()> {
        self.xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let feed = BytesStart::new("feed").with_attributes([("xmlns", NAMESPACE)]);
        self.xml.write_event(Event::Start(feed))?;
        element(&mut self.xml, "id", "urn:ingest:articles")?;
        element(&mut self.xml, "title", "Articles of ingest")?;
        element(&mut self.xml, "generator", "ingest")?;
        element(&mut self.xml, "updated", &rfc3339(self.now))
    }

    fn article(&mut self, article: &Article) -> io::Result<()> {
        let entry = self.xml.create_element("entry");
        let entry = match article.language.as_deref().filter(|language| is_tag(language)) {
            Some(language) => entry.with_attribute(("xml:lang", language)),
            None => entry,
        };
        entry.write_inner_content(|xml| {
            element(xml, "id", &identifier(article))?;
            element(xml, "title", &article.title)?;
            element(xml, "updated", &rfc3339(article.changed_at))?;
            element(
                xml,
                "published",
                &rfc3339(article.published_at.unwrap_or(article.first_seen_at)),
            )?;
            let author = author(article);
            xml.create_element("author")
                .write_inner_content(|xml| element(xml, "name", &author))?;
            if let Some(url) = &article.url {
                link(xml, "alternate", url)?;
            }
            for feed in &article.feeds {
                link(xml, "via", feed)?;
            }
            if let Some(summary) = &article.summary {
                element(xml, "summary", summary)?;
            }
            content(xml, article.body.as_deref())
        })?;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.xml.write_event(Event::End(BytesEnd::new("feed")))?;
        self.xml.get_mut().write_all(b"\n")
    }
}

/// The named author, else the publisher's host.
fn author(article: &Article) -> String {
    let host = || article.url.as_deref().and_then(host_of);
    named_author(article).map(str::to_owned).or_else(host).unwrap_or_else(|| NOBODY.to_owned())
}

/// The paragraphs as HTML, which is what readers of feeds keep apart; nothing, for an article without
/// a text, which Atom wants to be said where there is no link either.
fn content<W: Write>(xml: &mut Writer<W>, body: Option<&str>) -> io::Result<()> {
    let mut html = String::new();
    for paragraph in body.unwrap_or_default().lines() {
        write!(html, "<p>{}</p>", escape(paragraph)).map_err(io::Error::other)?;
    }
    let html = visible(&html);
    let content = xml.create_element("content").with_attribute(("type", "html"));
    content.write_text_content(BytesText::new(&html)).map(drop)
}

fn element<W: Write>(xml: &mut Writer<W>, name: &str, text: &str) -> io::Result<()> {
    let text = visible(text);
    xml.create_element(name).write_text_content(BytesText::new(&text)).map(drop)
}

fn link<W: Write>(xml: &mut Writer<W>, relation: &str, address: &str) -> io::Result<()> {
    let address = visible(address);
    let link = xml.create_element("link").with_attribute(("rel", relation));
    link.with_attribute(("href", address.as_str())).write_empty().map(drop)
}

/// A text without the characters that XML 1.0 forbids.
fn visible(text: &str) -> String {
    let is_allowed = |c: &char| {
        matches!(c, '\t' | '\n' | '\r') || !matches!(c, '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars().filter(is_allowed).collect()
}

/// Whether a declared language may stand in XML: a tag as of BCP 47, by its form.
fn is_tag(language: &str) -> bool {
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let mut parts = language.split('-');
    let first = parts.next().unwrap_or_default();
    is_part(first) && first.bytes().all(|byte| byte.is_ascii_alphabetic()) && parts.all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_tag_is_declared_as_a_language() {
        for (language, expected) in [
            ("en", true),
            ("zh-Hant-TW", true),
            ("de-1996", true),
            ("", false),
            ("en_GB", false),
            ("12", false),
            ("en-", false),
            ("en\" x=\"", false),
            ("Deutschland", false),
        ] {
            assert_eq!(is_tag(language), expected, "{language:?}");
        }
    }

    #[test]
    fn characters_that_xml_forbids_are_left_out() {
        assert_eq!(visible("a\u{0}b\u{1b}c\td\n\u{ffff}é\u{1f600}"), "abc\td\né\u{1f600}");
    }
}
