//! Reads one entry.

use super::super::names::Space;
use super::super::tree::{Element, Met};
use super::facts::{Facts, set_first};
use super::prose::{self, Prose};
use super::scope::Scope;
use super::{media, persons, short_text};
use crate::model::{Enclosure, Entry, EntryKey, Person, Source};

/// The most summaries, and the most contents, that are looked at of one entry.
const CONTENTS_MAX: usize = 20;

/// What is known so far of an entry.
#[derive(Debug, Default)]
struct Draft {
    facts: Facts,
    summaries: Vec<Prose>,
    /// What vocabularies beside the feed's own say in short.
    summary_elsewhere: Option<Prose>,
    contents: Vec<Prose>,
    enclosures: Vec<Enclosure>,
    media: Vec<Enclosure>,
    comments: Option<String>,
    source: Option<Source>,
    source_authors: Vec<Person>,
}

/// Reads an entry, still without a key.
pub(super) fn read(element: Element<'_, '_>, outer: &Scope) -> Entry {
    let scope = outer.inside(element);
    let mut draft = Draft { facts: Facts::of(element, &scope), ..Draft::default() };
    for child in element.children() {
        if !draft.take_prose(child, &scope) && !draft.take_file(child, &scope) {
            draft.take_rest(child, &scope);
        }
    }
    draft.finish()
}

impl Draft {
    fn take_prose(&mut self, child: Element<'_, '_>, scope: &Scope) -> bool {
        match child.key() {
            (Space::Feed, "summary" | "description" | "abstract") | (Space::Itunes, "summary") => {
                if self.summaries.len() < CONTENTS_MAX {
                    self.summaries.extend(prose::read(child, scope));
                }
            }
            (Space::Dublin | Space::Terms, "description" | "abstract")
            | (Space::Itunes, "subtitle")
            | (Space::Media, "description") => {
                set_first(&mut self.summary_elsewhere, prose::read(child, scope));
            }
            (Space::Feed, "content" | "fullitem" | "body" | "content_encoded")
            | (Space::Content, _)
            | (Space::Xhtml, "body" | "div") => {
                if self.contents.len() < CONTENTS_MAX {
                    self.contents.extend(prose::read(child, scope));
                }
            }
            _ => return false,
        }
        true
    }

    fn take_file(&mut self, child: Element<'_, '_>, scope: &Scope) -> bool {
        match child.key() {
            (Space::Feed, "enclosure") => {
                if let Some(file) = media::read(child, scope) {
                    media::push_new(&mut self.enclosures, file);
                }
            }
            (Space::Feed, "link") => {
                if let Some(file) = media::of_link(child, scope) {
                    media::push_new(&mut self.enclosures, file);
                }
                // It is a link all the same.
                return false;
            }
            (Space::Media, "group" | "content") => {
                let own = media::read(child, scope);
                for file in own.into_iter().chain(media::of_group(child, scope)) {
                    media::push_new(&mut self.media, file);
                }
                self.take_group(child, scope);
            }
            _ => return false,
        }
        true
    }

    /// What is said of a media file is said of the entry, where that says nothing itself.
    fn take_group(&mut self, group: Element<'_, '_>, scope: &Scope) {
        for met in group.walk() {
            let Met::Open(element) = met else { continue };
            match element.key() {
                (Space::Media, "description") => {
                    set_first(&mut self.summary_elsewhere, prose::read(element, scope));
                }
                (Space::Media, "title" | "category") => {
                    self.facts.take(element, scope);
                }
                _ => {}
            }
        }
    }

    fn take_rest(&mut self, child: Element<'_, '_>, scope: &Scope) {
        match child.key() {
            (Space::Feed, "comments") => {
                let comments = short_text(child).map(|href| scope.address(child, &href));
                set_first(&mut self.comments, comments);
            }
            (Space::Feed, "source") if child.has_children() => self.take_feed(child, scope),
            (Space::Feed, "source") => {
                let title = prose::read(child, scope).map(|title| title.plain());
                let url = child.attribute("url").or_else(|| child.attribute("href"));
                let url = url.map(|url| scope.address(child, url)).filter(|url| !url.is_empty());
                self.set_source(title, url);
            }
            _ => {
                self.facts.take(child, scope);
            }
        }
    }

    /// The feed that an entry was copied from, as Atom describes it.
    fn take_feed(&mut self, source: Element<'_, '_>, outer: &Scope) {
        let scope = outer.inside(source);
        let mut feed = Facts::of(source, &scope);
        for child in source.children() {
            feed.take(child, &scope);
        }
        let own = feed.links.iter().find(|link| link.rel.as_deref() == Some("self"));
        let url = feed.link().or_else(|| own.map(|link| link.href.clone()));
        let url = url.or_else(|| feed.id().filter(|id| id.starts_with("http")));
        self.set_source(feed.titles().0, url);
        self.source_authors = feed.authors();
    }

    fn set_source(&mut self, title: Option<String>, url: Option<String>) {
        let title = title.filter(|title| !title.is_empty());
        if title.is_some() || url.is_some() {
            set_first(&mut self.source, Some(Source { title, url }));
        }
    }

    fn finish(mut self) -> Entry {
        let mut summaries = self.summaries.into_iter();
        let summary = summaries.next().or(self.summary_elsewhere);
        // Where a second text is called a summary too, it is the full one.
        if self.contents.is_empty() {
            let other = summaries.find(|text| summary.as_ref() != Some(text));
            self.contents.extend(other);
        }
        for file in self.media {
            media::push_new(&mut self.enclosures, file);
        }
        let mut authors = self.facts.authors();
        if authors.is_empty() {
            for author in self.source_authors {
                persons::push_new(&mut authors, author);
            }
        }
        let (title, title_written) = self.facts.titles();
        Entry {
            key: EntryKey(String::new()),
            id: self.facts.id(),
            title,
            title_written,
            link: self.facts.link(),
            summary: summary.map(|summary| summary.value),
            content: self.contents.into_iter().map(Prose::into_content).collect(),
            authors,
            published: self.facts.published(),
            updated: self.facts.updated(),
            enclosures: self.enclosures,
            comments: self.comments,
            source: self.source,
            language: self.facts.language.take(),
            tags: std::mem::take(&mut self.facts.tags),
            links: std::mem::take(&mut self.facts.links),
            link_is_shared: false,
            sha256: String::new(),
        }
    }
}
