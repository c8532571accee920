//! Makes relative addresses absolute, also those inside HTML.

use std::borrow::Cow;

use memchr::memchr;
use url::Url;

use super::attributes::{self, Manner, Step};
use super::cursor::{Cursor, is_in_name};
use super::markup::escape_value;
use super::references::References;

/// An address as the document means it: an absolute one as written, a relative one joined.
pub(super) fn address(base: Option<&Url>, written: &str) -> String {
    let written = written.trim();
    // Line breaks within an address come from how the document was laid out.
    let written = if written.contains(['\n', '\r', '\t']) {
        Cow::Owned(written.replace(['\n', '\r', '\t'], ""))
    } else {
        Cow::Borrowed(written)
    };
    match base.filter(|_| !written.is_empty() && !has_scheme(&written)) {
        Some(base) => base.join(&written).map_or_else(|_| written.into_owned(), String::from),
        None => written.into_owned(),
    }
}

/// The base that `xml:base` sets; what makes no base is ignored.
pub(super) fn base(outer: Option<&Url>, written: &str) -> Option<Url> {
    let url = match outer {
        Some(outer) => outer.join(written.trim()).ok()?,
        None => Url::parse(written.trim()).ok()?,
    };
    matches!(url.scheme(), "http" | "https" | "ftp").then_some(url)
}

/// Whether an address begins with a scheme, such as `http:` or `urn:` (RFC 3986, section 3.1).
pub(super) fn has_scheme(address: &str) -> bool {
    let Some((scheme, _)) = address.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// HTML in which the addresses of elements are absolute; all else stays as it is.
pub(super) fn html(base: Option<&Url>, html: String) -> String {
    let Some(base) = base.filter(|_| memchr(b'<', html.as_bytes()).is_some()) else { return html };
    let mut cursor = Cursor::new(&html);
    let mut manner = Manner::of_html();
    let mut made: Option<String> = None;
    let mut copied = 0;
    while cursor.take_to(b'<').is_some() {
        cursor.advance(1);
        let tag = cursor.take_while(is_in_name);
        let Some(bearers) = bearers(tag) else { continue };
        while let Step::Attribute(attribute) = attributes::step(&mut cursor, &mut manner) {
            let Some(value) = attribute.value.filter(|_| is_any(attribute.name, bearers)) else {
                continue;
            };
            if has_scheme(value.trim_start()) || value.is_empty() {
                continue;
            }
            let value = References::default().decoded(value);
            let made = made.get_or_insert_with(|| String::with_capacity(html.len() + 1024));
            made.push_str(cursor.between(copied, attribute.value_from));
            made.push('"');
            escape_value(&address(Some(base), &value), made);
            made.push('"');
            copied = attribute.value_to;
        }
    }
    let rest = Cursor::new(&html).between(copied, html.len()).to_owned();
    match made {
        Some(made) => made + &rest,
        None => html,
    }
}

/// Whether an attribute of an element of HTML holds an address.
pub(super) fn is_address(tag: &str, attribute: &str) -> bool {
    bearers(tag).is_some_and(|bearers| is_any(attribute, bearers))
}

fn is_any(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The attributes of an element that hold an address (HTML 4.01, index of attributes, `%URI`; with
/// those that HTML added).
fn bearers(tag: &str) -> Option<&'static [&'static str]> {
    let known = ADDRESSES.iter().find(|(known, _)| is_any(tag, known));
    known.map(|(_, attributes)| *attributes)
}

type Bearers = (&'static [&'static str], &'static [&'static str]);

const ADDRESSES: [Bearers; 8] = [
    (&["a", "area", "link"], &["href"]),
    (&["img"], &["src", "longdesc", "usemap"]),
    (&["blockquote", "q", "del", "ins"], &["cite"]),
    (&["audio", "embed", "input", "script", "source", "track"], &["src", "usemap"]),
    (&["iframe", "frame"], &["src", "longdesc"]),
    (&["video"], &["src", "poster"]),
    (&["form"], &["action"]),
    (
        &["object", "applet", "body", "head"],
        &["data", "classid", "codebase", "usemap", "background", "profile"],
    ),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(written: &str, expected: &str) {
        let base = Url::parse("https://gazette.example/news/feed?x").unwrap();
        assert_eq!(address(Some(&base), written), expected);
        assert_eq!(
            html(Some(&base), format!("<p>a<a x=1 href='{written}'>b</a>")).replace('\'', "\""),
            format!("<p>a<a x=1 href=\"{expected}\">b</a>"),
        );
    }

    #[test]
    fn relative_addresses_are_joined() {
        check("a/b.html", "https://gazette.example/news/a/b.html");
        check("/a", "https://gazette.example/a");
        check("//cdn.example/a", "https://cdn.example/a");
        check("?y=1", "https://gazette.example/news/feed?y=1");
    }

    #[test]
    fn absolute_addresses_stay_as_written() {
        check("HTTP://X.example", "HTTP://X.example");
        check("mailto:a@b.example", "mailto:a@b.example");
        check("", "");
    }

    #[test]
    fn only_addresses_in_html_change() {
        let base = Url::parse("https://gazette.example/").unwrap();
        let read = |text: &str| html(Some(&base), text.to_owned());
        assert_eq!(read("1 < 2 <b title='a'>x</b> <a>"), "1 < 2 <b title='a'>x</b> <a>");
        assert_eq!(
            read("<IMG alt='src=\"x\"' SRC=/a?b&amp;c=&quot;>z"),
            "<IMG alt='src=\"x\"' SRC=\"https://gazette.example/a?b&amp;c=%22\">z"
        );
        assert_eq!(html(None, "<a href='x'>".to_owned()), "<a href='x'>");
    }

    #[test]
    fn a_base_is_an_address_of_the_web() {
        let outer = Url::parse("https://a.example/b/").unwrap();
        let found = |written| base(Some(&outer), written).map(String::from);
        assert_eq!(found("c/").as_deref(), Some("https://a.example/b/c/"));
        assert_eq!(found("http://d.example").as_deref(), Some("http://d.example/"));
        assert_eq!(found("file:///etc"), None);
        assert_eq!(found("http://[x"), None);
        assert_eq!(base(None, "c/"), None);
    }

    proptest! {
        #[test]
        fn html_that_is_made_absolute_stays_so(
            text in "(<a href='/x?a&b'>|<img src=/x>|<a href=\"a:b\">|<p title='<'>|&amp;| 1 < 2 |[a-zä ]){0,30}") {
            let base = Url::parse("https://gazette.example/a/").unwrap();
            let once = html(Some(&base), text);
            prop_assert_eq!(html(Some(&base), once.clone()), once);
        }
    }
}
