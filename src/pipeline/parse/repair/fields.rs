//! Knows which elements of a feed stand inside which, so that a missing end tag is noticed.

use super::super::names::Space;

/// What may stand inside an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Entries or fields: a feed, a channel.
    Container,
    /// Fields: a container that holds no other entry.
    Entry,
    /// One value, and never another field.
    Simple,
    /// Prose or a person, in which some names may appear that are fields elsewhere.
    Prose,
    /// Anything.
    Any,
}

/// Elements of HTML without content; those that are fields of feeds as well are not among them.
pub(super) const VOID: [&str; 8] = ["area", "br", "col", "embed", "hr", "img", "input", "wbr"];

/// What may stand inside an element of this name.
pub(super) fn kind(space: Space, local: &str) -> Kind {
    match (space, local) {
        (Space::Feed, "item" | "entry") => Kind::Entry,
        (Space::Feed, "rss" | "feed" | "channel" | "items") | (Space::Rdf, "rdf") => {
            Kind::Container
        }
        (
            Space::Feed,
            "title" | "link" | "guid" | "id" | "pubdate" | "category" | "comments" | "language"
            | "generator" | "published" | "updated" | "modified" | "issued" | "created"
            | "lastbuilddate" | "ttl" | "copyright" | "rights",
        )
        | (Space::Dublin | Space::Terms | Space::FeedBurner, _) => Kind::Simple,
        (
            Space::Feed,
            "description" | "summary" | "content" | "subtitle" | "tagline" | "abstract" | "author"
            | "managingeditor" | "webmaster",
        )
        | (Space::Content, _)
        | (Space::Media, "description" | "title") => Kind::Prose,
        _ => Kind::Any,
    }
}

/// Whether an element is the next field and no part of the value before.
pub(super) fn begins_field(space: Space, local: &str) -> bool {
    match space {
        Space::Feed => {
            begins_no_prose(space, local)
                || matches!(
                    local,
                    "title"
                        | "link"
                        | "description"
                        | "category"
                        | "author"
                        | "comments"
                        | "content"
                        | "summary"
                        | "language"
                        | "image"
                        | "source"
                )
        }
        Space::Content
        | Space::Dublin
        | Space::Terms
        | Space::Media
        | Space::Itunes
        | Space::FeedBurner => true,
        _ => false,
    }
}

/// Whether an element is the next field even where prose, which may hold HTML, was not closed.
pub(super) fn begins_no_prose(space: Space, local: &str) -> bool {
    match space {
        Space::Feed => matches!(
            local,
            "pubdate" | "guid" | "enclosure" | "published" | "updated" | "id" | "lastbuilddate"
        ),
        Space::Content => local == "encoded",
        Space::Dublin => true,
        _ => false,
    }
}
