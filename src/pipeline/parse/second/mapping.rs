//! Translates what the second reader found into the program's own words.

use std::time::Duration;

use feed_rs::model as theirs;

use super::super::extract::present;
use crate::model::{
    Content, DocumentLink, Enclosure, Entry, EntryKey, FeedDocument, FeedFormat, Habits, Person,
    Tag,
};
use crate::text::html::plain_text;

/// The feed with the first entries, still without keys.
pub(super) fn document(feed: theirs::Feed, entries_max: usize) -> FeedDocument {
    let links: Vec<DocumentLink> = feed.links.into_iter().filter_map(link).collect();
    let entries_cut = feed.entries.len().saturating_sub(entries_max);
    let language = feed.language.as_deref().and_then(present);
    let mut entries: Vec<Entry> = feed.entries.into_iter().take(entries_max).map(entry).collect();
    for entry in &mut entries {
        entry.language = entry.language.take().or_else(|| language.clone());
    }
    FeedDocument {
        format: match feed.feed_type {
            theirs::FeedType::Atom => FeedFormat::Atom,
            theirs::FeedType::JSON => FeedFormat::Json,
            theirs::FeedType::RSS1 => FeedFormat::Rdf,
            theirs::FeedType::RSS0 | theirs::FeedType::RSS2 => FeedFormat::Rss,
        },
        id: present(&feed.id),
        title: title(feed.title),
        title_written: None,
        link: main_link(&links),
        links,
        subtitle: feed.description.and_then(|text| present(&text.content)),
        authors: persons(feed.authors),
        updated: feed.updated,
        published: feed.published,
        language,
        tags: tags(feed.categories),
        habits: Habits {
            ttl: feed.ttl.map(|minutes| Duration::from_secs(u64::from(minutes) * 60)),
            ..Habits::NONE
        },
        repaired: 0,
        entries_cut,
        entries,
    }
}

fn entry(entry: theirs::Entry) -> Entry {
    let id = present(&entry.id);
    let mut enclosures = linked_enclosures(&entry.links);
    for file in entry.media.into_iter().flat_map(|media| media.content).filter_map(enclosure) {
        if enclosures.iter().all(|known| known.href != file.href) {
            enclosures.push(file);
        }
    }
    let links: Vec<DocumentLink> = entry.links.into_iter().filter_map(link).collect();
    Entry {
        key: EntryKey(String::new()),
        title: title(entry.title),
        title_written: None,
        link: main_link(&links).or_else(|| id.clone().filter(|id| is_address(id))),
        id,
        links,
        summary: entry.summary.and_then(|text| present(&text.content)),
        content: entry.content.as_ref().and_then(content).into_iter().collect(),
        authors: persons(entry.authors),
        published: entry.published,
        updated: entry.updated,
        tags: tags(entry.categories),
        enclosures,
        language: entry.language.as_deref().and_then(present),
        comments: None,
        source: None,
        link_is_shared: false,
        sha256: String::new(),
    }
}

fn title(text: Option<theirs::Text>) -> Option<String> {
    present(&plain_text(&text?.content))
}

/// Whether an id is a permalink.
fn is_address(id: &str) -> bool {
    (id.starts_with("http://") || id.starts_with("https://")) && !id.contains(char::is_whitespace)
}

fn link(link: theirs::Link) -> Option<DocumentLink> {
    let rel = match link.target {
        Some(theirs::LinkTarget::Comments | theirs::LinkTarget::CommentsFeed) => {
            Some("replies".to_owned())
        }
        None => link.rel,
    };
    Some(DocumentLink { href: present(&link.href)?, rel, media_type: link.media_type })
}

/// The link to read the thing itself: the first alternate one, a page before any other type.
fn main_link(links: &[DocumentLink]) -> Option<String> {
    let alternates =
        || links.iter().filter(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    let is_page = |link: &&DocumentLink| {
        link.media_type.as_deref().is_none_or(|media_type| media_type.contains("html"))
    };
    alternates().find(is_page).or_else(|| alternates().next()).map(|link| link.href.clone())
}

fn content(content: &theirs::Content) -> Option<Content> {
    let value = present(content.body.as_deref()?)?;
    Some(Content { value, media_type: Some(content.content_type.to_string()) })
}

fn persons(persons: Vec<theirs::Person>) -> Vec<Person> {
    let person = |person: theirs::Person| Person {
        name: person.name.as_deref().and_then(name),
        email: person.email.as_deref().and_then(present),
        uri: person.uri.as_deref().and_then(present),
    };
    let is_someone = |p: &Person| p.name.is_some() || p.email.is_some() || p.uri.is_some();
    persons.into_iter().map(person).filter(is_someone).collect()
}

/// A person's name; feed-rs leaves the brackets of `address (name)` around it.
fn name(text: &str) -> Option<String> {
    let name = plain_text(text);
    let bare = name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
    present(bare.unwrap_or(&name))
}

fn tags(categories: Vec<theirs::Category>) -> Vec<Tag> {
    let tag = |category: theirs::Category| {
        Some(Tag {
            term: present(&category.term)?,
            scheme: category.scheme.as_deref().and_then(present),
            label: category.label.as_deref().and_then(present),
        })
    };
    categories.into_iter().filter_map(tag).collect()
}

fn linked_enclosures(links: &[theirs::Link]) -> Vec<Enclosure> {
    let enclosures = links.iter().filter(|link| link.rel.as_deref() == Some("enclosure"));
    enclosures
        .map(|link| Enclosure {
            href: link.href.clone(),
            media_type: link.media_type.clone(),
            length: link.length,
        })
        .collect()
}

fn enclosure(media: theirs::MediaContent) -> Option<Enclosure> {
    Some(Enclosure {
        href: media.url?.into(),
        media_type: media.content_type.map(|media_type| media_type.to_string()),
        length: media.size,
    })
}
