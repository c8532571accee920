//! Reads links, and decides which of them leads to the thing itself.

use super::super::tree::Element;
use super::scope::Scope;
use super::short_text;
use crate::model::DocumentLink;

/// The relation of a link to the thing itself.
pub(super) const ALTERNATE: &str = "alternate";

/// The relation of a link that leads to the publisher where the entry's own is a wrapper.
pub(super) const ORIGINAL: &str = "original";

/// The relation of a link to an attached file.
pub(super) const ENCLOSURE: &str = "enclosure";

/// A `<link>` of either kind: with attributes as in Atom, or around an address as in RSS.
pub(super) fn read(element: Element<'_, '_>, scope: &Scope) -> Option<DocumentLink> {
    let attributes = ["href", "url", "uri", "rdf:resource"];
    let attribute = attributes.into_iter().find_map(|name| element.attribute(name));
    let written = match attribute {
        Some(href) => Some(href.to_owned()),
        None => short_text(element),
    };
    let href = written.map(|href| scope.address(element, &href)).filter(|href| !href.is_empty())?;
    let rel = element.attribute("rel").filter(|rel| !rel.is_empty()).unwrap_or(ALTERNATE);
    let media_type = element.attribute("type").filter(|media_type| !media_type.is_empty());
    Some(DocumentLink { href, rel: Some(relation(rel)), media_type: media_type.map(str::to_owned) })
}

/// A link to the thing itself.
pub(super) fn alternate(href: String) -> DocumentLink {
    DocumentLink { href, rel: Some(ALTERNATE.to_owned()), media_type: None }
}

/// A relation without case and without the prefix that IANA's own have when written in full.
fn relation(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    let bare = lower.strip_prefix("http://www.iana.org/assignments/relation/");
    bare.map(str::to_owned).unwrap_or(lower)
}

/// The link to read the thing itself: the first alternate one, a page before any other type.
pub(super) fn main(links: &[DocumentLink]) -> Option<String> {
    let alternates = || links.iter().filter(|link| link.rel.as_deref() == Some(ALTERNATE));
    let is_page = |link: &&DocumentLink| {
        link.media_type.as_deref().is_none_or(|media_type| media_type.contains("html"))
    };
    alternates().find(is_page).or_else(|| alternates().next()).map(|link| link.href.clone())
}
