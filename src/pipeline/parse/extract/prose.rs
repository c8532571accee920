//! Reads prose: titles, summaries and contents, however a dialect wraps their markup.
//!
//! RSS holds HTML, escaped or in CDATA or as naked elements. Atom 1.0 says `text`, `html` or
//! `xhtml` (RFC 4287, section 3.1) and Base64 for other media types (section 4.1.3); Atom 0.3 says
//! a media type and a `mode` of `xml`, `escaped` or `base64`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::markup::{self, TextIs};
use super::super::names::Space;
use super::super::relative;
use super::super::tree::Element;
use super::scope::Scope;
use crate::model::Content;
use crate::text::html;

/// A piece of prose with its addresses absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prose {
    pub(super) value: String,
    pub(super) is: Is,
    /// The media type that is declared, where one is.
    media_type: Option<String>,
}

/// What a piece of prose is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    /// Declared to be text.
    Text,
    /// Text by default, because nothing was declared.
    UndeclaredText,
    Html,
    Xhtml,
}

impl Prose {
    /// The prose as plain text on one line.
    ///
    /// What is declared to be text keeps what looks like a tag; entities in it are a mistake that
    /// is made often enough to be mended.
    pub(super) fn plain(&self) -> String {
        match self.is {
            Is::Text => html::plain_text(&self.value.replace('<', "&lt;")),
            Is::UndeclaredText | Is::Html | Is::Xhtml => html::plain_text(&self.value),
        }
    }

    pub(super) fn into_content(self) -> Content {
        let by_kind = match self.is {
            Is::Text | Is::UndeclaredText => "text/plain",
            Is::Html => "text/html",
            Is::Xhtml => "application/xhtml+xml",
        };
        let media_type = self.media_type.unwrap_or_else(|| by_kind.to_owned());
        Content { value: self.value, media_type: Some(media_type) }
    }
}

/// Reads the prose in an element; `None` if it is empty.
pub(super) fn read(element: Element<'_, '_>, outer: &Scope) -> Option<Prose> {
    let scope = outer.inside(element);
    let declared = Declared::of(element, &scope);
    let (value, is) = if element.has_children() {
        let text_is = if scope.is_atom { TextIs::Text } else { TextIs::TextOrMarkup };
        let inside = if declared.media_type == "xhtml" { unwrapped(element) } else { element };
        let value = markup::inside(inside, text_is, scope.base(), scope.field_max_bytes);
        (value, if declared.is_xhtml { Is::Xhtml } else { Is::Html })
    } else if declared.is_base64 {
        (from_base64(element, &scope), declared.kind_in_base64())
    } else if declared.is_xhtml && scope.is_atom && !declared.is_escaped {
        // Text of XHTML without any element: what was escaped is no markup.
        (markup::inside(element, TextIs::Text, None, scope.field_max_bytes), Is::Xhtml)
    } else {
        (element.text(scope.field_max_bytes).into_owned(), declared.kind(&scope))
    };
    let value = scope.cut(trimmed(value));
    if value.is_empty() {
        return None;
    }
    let value = match is {
        Is::Text | Is::UndeclaredText => value,
        Is::Html | Is::Xhtml => relative::html(scope.base(), value),
    };
    let is_shown_so = declared.media_type.contains('/') && !declared.is_base64;
    Some(Prose { value, is, media_type: is_shown_so.then_some(declared.media_type) })
}

/// What the attributes of a piece of prose say of it.
struct Declared {
    /// The `type` in lower case; empty if there is none.
    media_type: String,
    is_xhtml: bool,
    is_escaped: bool,
    is_base64: bool,
}

impl Declared {
    fn of(element: Element<'_, '_>, scope: &Scope) -> Self {
        let media_type = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let mode = element.attribute("mode").unwrap_or_default().to_ascii_lowercase();
        let is_xhtml = media_type.contains("xhtml")
            || matches!(element.key(), (Space::Xhtml, _) | (Space::Feed, "body"));
        let is_text = media_type.starts_with("text/") || media_type.ends_with("xml");
        let is_other_media = scope.is_atom && media_type.contains('/') && !is_text;
        Self {
            is_base64: mode == "base64" || mode.is_empty() && is_other_media,
            is_escaped: mode == "escaped",
            is_xhtml,
            media_type,
        }
    }

    /// What prose without elements is written in.
    fn kind(&self, scope: &Scope) -> Is {
        match self.media_type.as_str() {
            "" if scope.is_atom => Is::UndeclaredText,
            "text" | "plain" | "text/plain" => Is::Text,
            declared if declared.contains("html") || declared.contains("xml") => Is::Html,
            _ if scope.is_atom => Is::UndeclaredText,
            _ => Is::Html,
        }
    }

    fn kind_in_base64(&self) -> Is {
        match self.media_type.as_str() {
            "" | "text" | "text/plain" => Is::Text,
            _ => Is::Html,
        }
    }
}

fn trimmed(text: String) -> String {
    let bare = text.trim();
    if bare.len() == text.len() { text } else { bare.to_owned() }
}

/// The element whose inside is the value: the `div` that Atom 1.0 wraps around XHTML is no part of
/// it.
fn unwrapped<'t, 'a>(element: Element<'t, 'a>) -> Element<'t, 'a> {
    let mut children = element.children();
    match (children.next(), children.next()) {
        (Some(div), None)
            if div.key().1 == "div" && div.attributes().is_empty() && !element.has_own_text() =>
        {
            div
        }
        _ => element,
    }
}

/// The text that Base64 stands for; what is no text, such as an image, is none. What is no Base64
/// is taken as it stands.
fn from_base64(element: Element<'_, '_>, scope: &Scope) -> String {
    let written = element.text(scope.field_max_bytes.saturating_mul(2));
    let digits: String = written.split_whitespace().collect();
    match STANDARD.decode(digits) {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        Err(_) => written.into_owned(),
    }
}
