//! Reads what a feed says of itself, and gathers its entries wherever a dialect puts them.

use std::time::Duration;

use chrono::Weekday;

use super::super::names::Space;
use super::super::tree::{self, Element, Tree};
use super::facts::{Facts, set_first};
use super::prose;
use super::scope::Scope;
use super::short_text;
use super::{entry, is_entry};
use crate::model::{Entry, FeedDocument, FeedFormat, Habits};

/// What is known so far of a feed.
struct Draft<'t, 'a> {
    tree: &'t Tree<'a>,
    facts: Facts,
    subtitle: Option<String>,
    subtitle_elsewhere: Option<String>,
    habits: Habits,
    period_minutes: Option<u32>,
    times_a_period: Option<u32>,
    entries: Vec<Entry>,
    /// The entry in which the document ends.
    cut_short: Option<Entry>,
}

/// Reads the feed whose root is given.
pub(super) fn read<'t, 'a>(
    tree: &'t Tree<'a>,
    root: Element<'t, 'a>,
    format: FeedFormat,
    scope: &Scope,
) -> FeedDocument {
    let mut draft = Draft {
        tree,
        facts: Facts::of(root, scope),
        subtitle: None,
        subtitle_elsewhere: None,
        habits: Habits::NONE,
        period_minutes: None,
        times_a_period: None,
        entries: Vec::new(),
        cut_short: None,
    };
    draft.take_root(root, scope);
    // Entries behind a root that was closed too early.
    for stray in root.parent().children().filter(|e| is_entry(*e) && root.id() != tree::DOCUMENT) {
        draft.take_entry(stray, scope);
    }
    draft.finish(format)
}

impl<'t, 'a> Draft<'t, 'a> {
    /// What is in the root: in RSS a channel, beside which entries may stand, else the feed itself.
    fn take_root(&mut self, root: Element<'t, 'a>, scope: &Scope) {
        let channel = root.children().find(|child| child.is("channel") && !root.is("channel"));
        let Some(channel) = channel else {
            return self.fill(root, scope);
        };
        let channel_scope = scope.inside(channel);
        let mut facts = Facts::of(channel, &channel_scope);
        set_first(&mut facts.language, self.facts.language.take());
        self.facts = facts;
        for child in root.children() {
            match child.key() {
                (Space::Feed, "channel") => self.fill(child, &scope.inside(child)),
                (Space::Feed, "item" | "entry" | "items") => self.take(child, scope),
                _ => {}
            }
        }
    }

    /// Takes up everything inside a channel or feed.
    fn fill(&mut self, channel: Element<'t, 'a>, scope: &Scope) {
        for child in channel.children() {
            self.take(child, scope);
        }
    }

    fn take(&mut self, child: Element<'t, 'a>, scope: &Scope) {
        match child.key() {
            (Space::Feed, "item" | "entry") => self.take_entry(child, scope),
            (Space::Feed, "items") => {
                let items = child.children().filter(|item| item.is("item"));
                items.for_each(|item| self.take_entry(item, &scope.inside(child)));
            }
            (Space::Feed, "channel") => self.fill(child, &scope.inside(child)),
            (Space::Feed, "subtitle" | "tagline" | "description" | "abstract") => {
                set_first(&mut self.subtitle, prose::read(child, scope).map(|text| text.value));
            }
            (Space::Dublin, "description") | (Space::Itunes, "summary" | "subtitle") => {
                let text = prose::read(child, scope).map(|text| text.value);
                set_first(&mut self.subtitle_elsewhere, text);
            }
            _ => {
                if !self.take_schedule(child) {
                    self.facts.take(child, scope);
                }
            }
        }
    }

    fn take_entry(&mut self, element: Element<'t, 'a>, scope: &Scope) {
        let entry = entry::read(element, scope);
        if self.tree.cut_short == Some(element.id()) {
            self.cut_short = Some(entry);
        } else {
            self.entries.push(entry);
        }
    }

    /// When a feed asks to be left alone (RSS 2.0; RSS 1.0 Syndication module).
    fn take_schedule(&mut self, child: Element<'_, '_>) -> bool {
        let number = || short_text(child).and_then(|text| text.parse::<u32>().ok());
        let texts = || child.children().filter_map(short_text);
        match child.key() {
            (Space::Feed, "ttl") => set_first(&mut self.habits.ttl, number().map(minutes)),
            (Space::Feed, "skiphours") => {
                let hours = texts().filter_map(|text| text.parse::<u8>().ok());
                // Feeds of RSS 0.91 call midnight 24.
                let hours = hours.filter(|hour| *hour <= 24).map(|hour| hour % 24);
                self.habits.skip_hours |= hours.fold(0, |bits, hour| bits | 1 << hour);
            }
            (Space::Feed, "skipdays") => {
                let days = texts().filter_map(|day| day.parse::<Weekday>().ok());
                let days = days.map(|day| day.num_days_from_monday());
                self.habits.skip_days |= days.fold(0, |bits, day| bits | 1 << day);
            }
            (Space::Syndication, "updateperiod") => {
                self.period_minutes = short_text(child).as_deref().and_then(minutes_of_period);
            }
            (Space::Syndication, "updatefrequency") => self.times_a_period = number(),
            _ => return false,
        }
        true
    }

    fn finish(mut self, format: FeedFormat) -> FeedDocument {
        // A part of an entry is better than nothing, but not better than the entry that the next
        // poll may bring whole.
        if self.entries.is_empty() {
            self.entries.extend(self.cut_short);
        }
        let times = self.times_a_period.unwrap_or(1).max(1);
        self.habits.period = self.period_minutes.map(|period| minutes(period) / times);
        let authors = self.facts.authors();
        let (title, title_written) = self.facts.titles();
        let language = self.facts.language.take();
        for entry in &mut self.entries {
            if entry.language.is_none() {
                entry.language.clone_from(&language);
            }
            // The authors of an Atom feed are those of each entry that names none (RFC 4287, 4.2.1).
            if format == FeedFormat::Atom && entry.authors.is_empty() {
                entry.authors.clone_from(&authors);
            }
        }
        FeedDocument {
            format,
            id: self.facts.id(),
            title,
            title_written,
            link: self.facts.link(),
            subtitle: self.subtitle.or(self.subtitle_elsewhere),
            authors,
            updated: self.facts.updated(),
            published: self.facts.published(),
            language,
            tags: std::mem::take(&mut self.facts.tags),
            links: std::mem::take(&mut self.facts.links),
            habits: self.habits,
            repaired: 0,
            entries_cut: 0,
            entries: self.entries,
        }
    }
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

fn minutes_of_period(period: &str) -> Option<u32> {
    let days = match period.to_ascii_lowercase().as_str() {
        "hourly" => return Some(60),
        "daily" => 1,
        "weekly" => 7,
        "monthly" => 30,
        "yearly" => 365,
        _ => return None,
    };
    Some(days * 24 * 60)
}
