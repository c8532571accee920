//! Reads the parts of a feed out of the tree, whatever its dialect.
//!
//! RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0 and CDF are read by one set of rules, because real
//! documents mix them: Atom links in RSS channels, RSS dates in Atom entries.

mod channel;
mod entry;
mod facts;
mod links;
mod media;
mod persons;
mod prose;
mod scope;

use chrono::{DateTime, Utc};
use url::Url;

use super::names::Space;
use super::tree::{Element, Tree};
use super::{Limits, date};
use crate::model::{FeedDocument, FeedFormat};
use scope::Scope;

/// How many elements of junk, such as a warning of a script, may stand before the root.
const ELEMENTS_BEFORE_ROOT: usize = 32;

/// The longest text that is looked at for a date, an address or a number, in bytes.
const SHORT_MAX_BYTES: usize = 16_384;

/// Reads the feed of a document that came from `base`; `None` if it holds none.
pub(super) fn document(
    tree: &Tree<'_>,
    base: Option<&Url>,
    limits: &Limits,
) -> Option<FeedDocument> {
    let (root, format) = root(tree)?;
    let scope = Scope::of_document(base, format, limits).inside(root);
    let mut feed = channel::read(tree, root, format, &scope);
    feed.entries_cut = tree.entries_cut;
    feed.repaired = tree.repairs + scope.cuts();
    Some(feed)
}

/// The root and its dialect: a whole feed, else a channel, else whatever holds the first entry.
fn root<'t, 'a>(tree: &'t Tree<'a>) -> Option<(Element<'t, 'a>, FeedFormat)> {
    let is_page = |element: &Element<'_, '_>| {
        matches!(element.key(), (Space::Feed | Space::Xhtml, "html" | "head" | "body"))
    };
    let early = || tree.elements().take(ELEMENTS_BEFORE_ROOT).take_while(|e| !is_page(e));
    let whole = early().find_map(|element| match element.key() {
        (Space::Feed, "rss") => Some((element, FeedFormat::Rss)),
        (Space::Feed, "feed") => Some((element, FeedFormat::Atom)),
        (Space::Rdf, "rdf") => Some((element, FeedFormat::Rdf)),
        _ => None,
    });
    let channel = || early().find(|e| e.is("channel")).map(|channel| (channel, FeedFormat::Rss));
    let holder = || {
        early().find(|element| is_entry(*element) && says_something(*element)).map(|entry| {
            let format = if entry.is("entry") { FeedFormat::Atom } else { FeedFormat::Rss };
            (entry.parent(), format)
        })
    };
    whole.or_else(channel).or_else(holder)
}

fn is_entry(element: Element<'_, '_>) -> bool {
    element.is("item") || element.is("entry")
}

/// Whether an entry outside of any feed is one: other documents have items, too.
fn says_something(entry: Element<'_, '_>) -> bool {
    #[rustfmt::skip]
    const FIELDS: [&str; 12] = [
        "title", "link", "guid", "id", "description", "summary", "content", "author", "pubdate",
        "published", "updated", "enclosure",
    ];
    entry.children().any(|child| match child.key() {
        (Space::Feed, local) => FIELDS.contains(&local),
        (space, _) => space != Space::Other,
    })
}

/// The date that an element holds.
fn date_of(element: Element<'_, '_>) -> Option<DateTime<Utc>> {
    date::read(&element.text(SHORT_MAX_BYTES))
}

/// The text of an element without the white space around it, if there is any.
fn short_text(element: Element<'_, '_>) -> Option<String> {
    present(&element.text(SHORT_MAX_BYTES))
}

/// A text without the white space around it, if anything is left.
pub(super) fn present(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
