//! Reads attached files: enclosures of RSS and Atom, and Media RSS.

use super::super::names::Space;
use super::super::tree::{Element, Met};
use super::links::{self, ENCLOSURE};
use super::scope::Scope;
use crate::model::Enclosure;

/// The most files that are kept of one entry.
const FILES_MAX: usize = 100;

/// The file of an `<enclosure>`, a `<media:content>` or an Atom link.
pub(super) fn read(element: Element<'_, '_>, scope: &Scope) -> Option<Enclosure> {
    let href = ["url", "href"].into_iter().find_map(|name| element.attribute(name))?;
    let href = scope.address(element, href);
    let media_type = element.attribute("type").filter(|media_type| !media_type.is_empty());
    let length = element.attribute("length").or_else(|| element.attribute("filesize"));
    (!href.is_empty()).then(|| Enclosure {
        href,
        media_type: media_type.map(str::to_owned),
        length: length.and_then(|length| length.parse().ok()),
    })
}

/// The file of an Atom link, if it leads to one.
pub(super) fn of_link(element: Element<'_, '_>, scope: &Scope) -> Option<Enclosure> {
    let link = links::read(element, scope)?;
    link.rel.is_some_and(|rel| rel == ENCLOSURE).then(|| read(element, scope)).flatten()
}

/// The files of a `<media:group>` or of nested `<media:content>`.
pub(super) fn of_group(group: Element<'_, '_>, scope: &Scope) -> impl Iterator<Item = Enclosure> {
    group.walk().filter_map(|met| match met {
        Met::Open(element) if element.key() == (Space::Media, "content") => read(element, scope),
        _ => None,
    })
}

/// Adds a file that is not there yet.
pub(super) fn push_new(files: &mut Vec<Enclosure>, file: Enclosure) {
    if files.len() < FILES_MAX && files.iter().all(|known| known.href != file.href) {
        files.push(file);
    }
}
