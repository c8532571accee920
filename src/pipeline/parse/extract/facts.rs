//! Reads the fields that feeds and entries have in common.

use chrono::{DateTime, Utc};

use super::super::date;
use super::super::names::Space;
use super::super::relative::has_scheme;
use super::super::tree::{Element, Met};
use super::links::{self, ORIGINAL};
use super::persons;
use super::prose::{self, Prose};
use super::scope::Scope;
use super::{date_of, present, short_text};
use crate::model::{DocumentLink, Person, Tag};

/// The scheme of podcast categories (as feedparser names it).
const ITUNES_SCHEME: &str = "http://www.itunes.com/";

/// The scheme of Media RSS categories without one (Media RSS 1.5.1, `media:category`).
const MEDIA_SCHEME: &str = "http://search.yahoo.com/mrss/category_schema";

/// The most links, and the most tags, that are kept of one entry or feed.
const LIST_MAX: usize = 500;

/// What is known so far of a feed or an entry.
#[derive(Debug, Default)]
pub(super) struct Facts {
    title: Option<Prose>,
    title_elsewhere: Option<Prose>,
    pub(super) links: Vec<DocumentLink>,
    pub(super) id: Option<String>,
    /// The guid, where it is an address that leads to the entry.
    permalink: Option<String>,
    /// The id of Atom, where it looks like an address that may lead to the entry.
    id_link: Option<String>,
    /// `rdf:about`.
    about: Option<String>,
    authors: Vec<Person>,
    /// Persons in podcast elements, who often are a whole company.
    hosts: Vec<Person>,
    pub(super) tags: Vec<Tag>,
    published: Option<DateTime<Utc>>,
    created: Option<DateTime<Utc>>,
    pub(super) updated: Option<DateTime<Utc>>,
    /// A date that does not say of what.
    date: Option<DateTime<Utc>>,
    pub(super) language: Option<String>,
}

impl Facts {
    /// What the attributes of a feed or entry say of it.
    pub(super) fn of(element: Element<'_, '_>, scope: &Scope) -> Self {
        let href = element.attribute("href").map(|href| scope.address(element, href));
        Self {
            links: href.filter(|href| !href.is_empty()).map(links::alternate).into_iter().collect(),
            about: element.attribute("rdf:about").and_then(present),
            updated: element.attribute("lastmod").and_then(date::read),
            language: element.attribute("xml:lang").and_then(language),
            ..Self::default()
        }
    }

    /// Takes up what a child element says; false if it says none of this.
    pub(super) fn take(&mut self, child: Element<'_, '_>, scope: &Scope) -> bool {
        self.take_text(child, scope) || self.take_date(child) || self.take_tag(child)
    }

    fn take_text(&mut self, child: Element<'_, '_>, scope: &Scope) -> bool {
        match child.key() {
            (Space::Feed, "title") => set_first(&mut self.title, prose::read(child, scope)),
            (Space::Dublin | Space::Terms | Space::Media | Space::Itunes, "title") => {
                set_first(&mut self.title_elsewhere, prose::read(child, scope));
            }
            (Space::Feed, "link") => {
                if self.links.len() < LIST_MAX {
                    self.links.extend(links::read(child, scope));
                }
            }
            (Space::FeedBurner, "origlink") => {
                let href = short_text(child).map(|href| scope.address(child, &href));
                let rel = Some(ORIGINAL.to_owned());
                if self.links.len() < LIST_MAX {
                    self.links.extend(href.map(|href| DocumentLink {
                        href,
                        rel,
                        media_type: None,
                    }));
                }
            }
            (Space::Feed, "id") => {
                let id = short_text(child).map(|id| atom_id(&id, child, scope));
                self.id_link = id.clone().filter(|id| is_web(id));
                set_first(&mut self.id, id);
            }
            (Space::Feed, "guid") => self.take_guid(child, scope),
            (Space::Feed, "author" | "managingeditor")
            | (Space::Dublin, "creator" | "author")
            | (Space::Terms, "creator") => {
                if let Some(person) = persons::read(child, scope) {
                    persons::push_new(&mut self.authors, person);
                }
            }
            (Space::Itunes, "author" | "owner") => {
                if let Some(person) = persons::read(child, scope) {
                    persons::push_new(&mut self.hosts, person);
                }
            }
            (Space::Feed | Space::Dublin, "language") => {
                set_first(&mut self.language, short_text(child).as_deref().and_then(language));
            }
            _ => return false,
        }
        true
    }

    fn take_guid(&mut self, child: Element<'_, '_>, scope: &Scope) {
        let Some(guid) = short_text(child) else { return };
        let may_be_link =
            child.attribute("ispermalink").is_none_or(|value| !value.eq_ignore_ascii_case("false"));
        if may_be_link && (is_web(&guid) || guid.starts_with('/')) {
            self.permalink = Some(scope.address(child, &guid));
        }
        self.id = Some(guid);
    }

    fn take_date(&mut self, child: Element<'_, '_>) -> bool {
        let date = match child.key() {
            (Space::Feed, "published" | "pubdate" | "issued") | (Space::Terms, "issued") => {
                &mut self.published
            }
            (Space::Feed, "updated" | "modified" | "lastbuilddate" | "lastmod")
            | (Space::Terms | Space::Dublin, "modified") => &mut self.updated,
            (Space::Feed | Space::Terms, "created") => &mut self.created,
            (Space::Feed | Space::Dublin | Space::Terms, "date") => &mut self.date,
            _ => return false,
        };
        // Of two dates that can be read the later one in the document counts.
        *date = date_of(child).or(*date);
        true
    }

    fn take_tag(&mut self, child: Element<'_, '_>) -> bool {
        match child.key() {
            (Space::Feed, "category") | (Space::Dublin, "subject") => self.push_tag(child, None),
            (Space::Media, "category") => self.push_tag(child, Some(MEDIA_SCHEME)),
            (Space::Itunes, "category") => {
                self.push_itunes(child.attribute("text").unwrap_or_default());
                for met in child.walk() {
                    if let Met::Open(nested) = met {
                        self.push_itunes(nested.attribute("text").unwrap_or_default());
                    }
                }
            }
            (Space::Itunes, "keywords") => {
                let words = short_text(child).unwrap_or_default();
                let has_commas = words.contains(',');
                let ends = |c: char| c == ',' || (!has_commas && c.is_whitespace());
                words.split(ends).for_each(|word| self.push_itunes(word));
            }
            _ => return false,
        }
        true
    }

    fn push_tag(&mut self, child: Element<'_, '_>, default_scheme: Option<&str>) {
        let term = child.attribute("term").and_then(present).or_else(|| short_text(child));
        let scheme = child.attribute("scheme").or_else(|| child.attribute("domain"));
        let scheme = scheme.filter(|scheme| !scheme.is_empty()).or(default_scheme);
        let label = child.attribute("label").and_then(present);
        let Some(term) = term.or_else(|| label.clone()) else { return };
        self.push(Tag { term, scheme: scheme.map(str::to_owned), label });
    }

    fn push_itunes(&mut self, term: &str) {
        if let Some(term) = present(term) {
            self.push(Tag { term, scheme: Some(ITUNES_SCHEME.to_owned()), label: None });
        }
    }

    fn push(&mut self, tag: Tag) {
        if self.tags.len() < LIST_MAX && !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
    }

    /// The title as plain text, and as written where that says more.
    pub(super) fn titles(&mut self) -> (Option<String>, Option<String>) {
        let Some(title) = self.title.take().or_else(|| self.title_elsewhere.take()) else {
            return (None, None);
        };
        let plain = title.plain();
        let written = (title.value != plain).then_some(title.value);
        (present(&plain), written)
    }

    /// The authors; podcast hosts stand in where there is none.
    pub(super) fn authors(&mut self) -> Vec<Person> {
        let authors = std::mem::take(&mut self.authors);
        if authors.is_empty() { std::mem::take(&mut self.hosts) } else { authors }
    }

    /// The link to the thing itself.
    pub(super) fn link(&self) -> Option<String> {
        let original = self.links.iter().find(|link| link.rel.as_deref() == Some(ORIGINAL));
        let original = original.map(|link| link.href.clone());
        let about = || self.about.clone().filter(|about| is_web(about));
        original
            .or_else(|| links::main(&self.links))
            .or_else(|| self.permalink.clone())
            .or_else(about)
            .or_else(|| self.id_link.clone())
    }

    /// The identifier: what is written as one, else what the document says it is about.
    pub(super) fn id(&self) -> Option<String> {
        self.id.clone().or_else(|| self.about.clone())
    }

    pub(super) fn published(&self) -> Option<DateTime<Utc>> {
        self.published.or(self.created)
    }

    /// When it was changed; a date that does not say of what stands in.
    pub(super) fn updated(&self) -> Option<DateTime<Utc>> {
        self.updated.or(self.date)
    }
}

/// A language tag with the separator it should have (RFC 5646).
fn language(written: &str) -> Option<String> {
    present(written).map(|tag| tag.replace('_', "-"))
}

/// Whether a text is an address of the web.
fn is_web(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https"))
        && !text.contains(char::is_whitespace)
}

/// An id of Atom, which must be an address; one that is relative is made absolute.
fn atom_id(id: &str, element: Element<'_, '_>, scope: &Scope) -> String {
    if id.contains('/') && !has_scheme(id) { scope.address(element, id) } else { id.to_owned() }
}

/// Sets what is not known yet.
pub(super) fn set_first<T>(known: &mut Option<T>, found: Option<T>) {
    if known.is_none() {
        *known = found;
    }
}
