//! Writes the inside of an element as HTML, for prose that a feed carries as elements.

use url::Url;

use super::names::{self, Space};
use super::relative;
use super::tree::{Element, Met, Name, NodeId};

/// How text between the elements was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextIs {
    /// Text: its `<` is no markup.
    Text,
    /// Text, but CDATA sections are markup, as RSS uses them.
    TextOrMarkup,
}

/// The inside of an element; beyond `max_bytes` it may be cut.
///
/// Addresses stay as they are, except where an element inside sets another base (`xml:base`).
pub(super) fn inside(
    element: Element<'_, '_>,
    text_is: TextIs,
    base: Option<&Url>,
    max_bytes: usize,
) -> String {
    let mut html = String::new();
    let mut bases: Vec<(NodeId, Url)> = Vec::new();
    for met in element.walk() {
        if html.len() > max_bytes {
            break;
        }
        match met {
            Met::Open(element) => {
                let outer = bases.last().map(|(_, base)| base);
                let own = element.attribute("xml:base");
                if let Some(own) = own.and_then(|own| relative::base(outer.or(base), own)) {
                    bases.push((element.id(), own));
                }
                open(element, bases.last().map(|(_, base)| base), &mut html);
            }
            Met::Close(element) => {
                bases.pop_if(|(setter, _)| *setter == element.id());
                if !is_void(element) {
                    html.push_str("</");
                    html.push_str(element.name().map_or("", shown));
                    html.push('>');
                }
            }
            Met::Cdata(text) if text_is == TextIs::TextOrMarkup => html.push_str(text),
            Met::Text(text) | Met::Cdata(text) => escape(text, &mut html),
        }
    }
    html
}

fn open(element: Element<'_, '_>, base: Option<&Url>, html: &mut String) {
    html.push('<');
    html.push_str(element.name().map_or("", shown));
    // What stands in a vocabulary of its own says so once, or a browser does not know it.
    let space = element.key().0;
    let uri = match space {
        Space::Svg => Some("http://www.w3.org/2000/svg"),
        Space::MathMl => Some("http://www.w3.org/1998/Math/MathML"),
        _ => None,
    };
    if let Some(uri) = uri.filter(|_| element.parent().key().0 != space) {
        html.push_str(" xmlns=\"");
        html.push_str(uri);
        html.push('"');
    }
    for (name, value) in element.attributes() {
        html.push(' ');
        html.push_str(name);
        html.push_str("=\"");
        match base.filter(|_| relative::is_address(element.key().1, name)) {
            Some(base) => escape_value(&relative::address(Some(base), value), html),
            None => escape_value(value, html),
        }
        html.push('"');
    }
    html.push_str(if is_void(element) { " />" } else { ">" });
}

/// The name without the prefix of a vocabulary that HTML knows.
fn shown<'a>(name: &'a Name<'_>) -> &'a str {
    match name.space {
        Space::Svg | Space::MathMl => names::split(name.written).1,
        Space::Feed | Space::Xhtml => &name.local,
        _ => name.written,
    }
}

fn is_void(element: Element<'_, '_>) -> bool {
    let (space, local) = element.key();
    matches!(space, Space::Feed | Space::Xhtml) && VOID.contains(&local) && element.is_empty()
}

fn escape(text: &str, html: &mut String) {
    for piece in text.split_inclusive(['&', '<', '>']) {
        match piece.chars().next_back() {
            Some(last @ ('&' | '<' | '>')) => {
                html.push_str(piece.strip_suffix(last).unwrap_or_default());
                html.push_str(match last {
                    '&' => "&amp;",
                    '<' => "&lt;",
                    _ => "&gt;",
                });
            }
            _ => html.push_str(piece),
        }
    }
}

/// Escapes what may not stand between double quotes.
pub(super) fn escape_value(value: &str, html: &mut String) {
    for (index, piece) in value.split('"').enumerate() {
        if index > 0 {
            html.push_str("&quot;");
        }
        escape(piece, html);
    }
}

/// Elements of HTML without content (HTML standard, "Void elements").
#[rustfmt::skip]
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

#[cfg(test)]
mod tests {
    use super::super::{Limits, repair};
    use super::*;

    fn check(field: &str, text_is: TextIs, expected: &str) {
        let item = format!("<item>{field}</item>");
        let tree = repair::tree(&item, &Limits::default());
        let field = tree.elements().nth(1).unwrap();
        let base = Url::parse("https://gazette.example/a/").ok();
        assert_eq!(inside(field, text_is, base.as_ref(), 1000), expected);
    }

    #[test]
    fn elements_become_html_again() {
        check(
            "<x><p a='1 &amp; \"2\"'>a &lt; b<br>c<em/></p></x>",
            TextIs::Text,
            "<p a=\"1 &amp; &quot;2&quot;\">a &lt; b<br />c<em></em></p>",
        );
        check("<x><P>a</P> <![CDATA[<b>]]></x>", TextIs::Text, "<p>a</p> &lt;b&gt;");
        check("<x><p>a</p><![CDATA[<b>]]></x>", TextIs::TextOrMarkup, "<p>a</p><b>");
    }

    #[test]
    fn a_base_inside_holds_for_what_it_surrounds() {
        check(
            "<x><a href='1'/><p xml:base='b/'><a href='2'/></p><a href='3'/></x>",
            TextIs::Text,
            "<a href=\"1\"></a><p xml:base=\"b/\"><a href=\"https://gazette.example/a/b/2\"></a></p><a href=\"3\"></a>",
        );
    }

    #[test]
    fn vocabularies_lose_their_prefix_and_keep_their_meaning() {
        check(
            "<x xmlns:h='http://www.w3.org/1999/xhtml' xmlns:s='http://www.w3.org/2000/svg'><h:p>a</h:p><s:svg viewBox='0'><s:linearGradient/></s:svg></x>",
            TextIs::Text,
            "<p>a</p><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0\"><linearGradient></linearGradient></svg>",
        );
    }
}
