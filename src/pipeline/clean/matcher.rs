//! Recognises a line: which rules speak of it, and how much it weighs.

use std::collections::HashMap;

use super::expressions::{Expressions, whole_line};
use super::file::{Glue, Kind, Rule as Written};
use super::line::{Folded, Line};
use super::rules::{Fault, Rule, RuleId, Subject};
use super::template::Template;
use crate::text::fold::fold;

/// What a template weighs while the title it should hold is unknown.
const WEIGHT_WITHOUT_TITLE: u32 = 1;

/// The longest line, in characters, that most rules look at.
const SHORT_LINE_CHARS: usize = 160;

/// A rule that speaks of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) rule: RuleId,
    pub(super) weight: u32,
    pub(super) glue: Option<Glue>,
    /// The pattern that matched, counted from 0 in its rule.
    pub(super) pattern: usize,
}

/// A pattern's rule and its place in it.
#[derive(Debug, Clone, Copy)]
struct Owner {
    rule: RuleId,
    pattern: usize,
}

/// Everything that is known of lines in one place of a text.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    exact: HashMap<String, Vec<Owner>>,
    /// The length of the longest of them.
    exact_max_bytes: usize,
    folded: Owned,
    /// Expressions of rules that look at paragraphs, too, and those tried with them.
    folded_long: Owned,
    cased_long: Owned,
    cased: Owned,
    templates: Vec<(Template, Owner)>,
    titles: Vec<Owner>,
    feed_titles: Vec<Owner>,
    line_max_chars: usize,
}

/// Regular expressions, and whose each is.
#[derive(Debug, Default)]
struct Owned {
    expressions: Expressions,
    owners: Vec<Owner>,
}

impl Matcher {
    /// The rules that speak of a line, heaviest first, then in the order of the file.
    pub(super) fn candidates(
        &self,
        line: &Line<'_>,
        subject: &Subject,
        rules: &[Rule],
    ) -> Vec<Candidate> {
        let Some(Folded { cased, lower: folded, chars }) = line.folded(self.line_max_chars) else {
            return Vec::new();
        };
        let chars = *chars;
        if chars > self.line_max_chars {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut add = |owner: Owner, known: bool| {
            if let Some(rule) = rules.get(owner.rule.0)
                && chars <= rule.line_max_chars
                && subject.is_of(&rule.hosts)
            {
                let weight = if known { rule.weight } else { WEIGHT_WITHOUT_TITLE };
                let Owner { rule: id, pattern } = owner;
                let weight = weight.min(rule.weight);
                found.push(Candidate { rule: id, weight, glue: rule.glue, pattern });
            }
        };
        // Hashing a paragraph would tell no more than its length.
        if folded.len() <= self.exact_max_bytes {
            self.exact.get(folded).into_iter().flatten().for_each(|owner| add(*owner, true));
        }
        // Most rules look at short lines only, and most lines are paragraphs.
        let is_short = chars <= SHORT_LINE_CHARS;
        if is_short {
            self.folded.matching(folded).for_each(|owner| add(owner, true));
            self.cased.matching(cased).for_each(|owner| add(owner, true));
        }
        self.folded_long.matching(folded).for_each(|owner| add(owner, true));
        self.cased_long.matching(cased).for_each(|owner| add(owner, true));
        for (template, owner) in &self.templates {
            if rules.get(owner.rule.0).is_none_or(|rule| rule.line_max_chars < chars) {
                continue;
            }
            let known = !template.has_title() || !subject.title.is_empty();
            let silent = rules.get(owner.rule.0).is_none_or(|rule| rule.needs_title && !known);
            if !silent && template.matches(folded, &subject.title) {
                add(*owner, known);
            }
        }
        if !self.titles.is_empty() && subject.title.is(line.text) {
            self.titles.iter().for_each(|owner| add(*owner, true));
        }
        if !self.feed_titles.is_empty() && subject.feed_title.is(line.text) {
            self.feed_titles.iter().for_each(|owner| add(*owner, true));
        }
        found.sort_by_key(|candidate| (std::cmp::Reverse(candidate.weight), candidate.rule));
        found
    }
}

impl Owned {
    fn matching(&self, line: &str) -> impl Iterator<Item = Owner> + '_ {
        let found = self.expressions.matching(line).into_iter();
        found.filter_map(|number| self.owners.get(number).copied())
    }
}

/// Gathers the patterns of one place before they are compiled together.
#[derive(Debug, Default)]
pub(super) struct Builder {
    matcher: Matcher,
    folded: Vec<String>,
    cased: Vec<String>,
    folded_long: Vec<String>,
    cased_long: Vec<String>,
}

impl Builder {
    /// Takes in a rule's patterns.
    pub(super) fn add(&mut self, id: RuleId, written: &Written) -> Result<(), Fault> {
        let matcher = &mut self.matcher;
        matcher.line_max_chars = matcher.line_max_chars.max(written.line_max_chars());
        match written.kind {
            Kind::Title => matcher.titles.push(Owner { rule: id, pattern: 0 }),
            Kind::FeedTitle => matcher.feed_titles.push(Owner { rule: id, pattern: 0 }),
            _ => {}
        }
        let is_long = written.line_max_chars() > SHORT_LINE_CHARS;
        let (folded, folded_owners) = if is_long {
            (&mut self.folded_long, &mut matcher.folded_long.owners)
        } else {
            (&mut self.folded, &mut matcher.folded.owners)
        };
        let (cased, cased_owners) = if is_long {
            (&mut self.cased_long, &mut matcher.cased_long.owners)
        } else {
            (&mut self.cased, &mut matcher.cased.owners)
        };
        for (pattern, text) in written.patterns.iter().enumerate() {
            let owner = Owner { rule: id, pattern };
            match written.kind {
                Kind::Exact => {
                    let line = fold(text);
                    matcher.exact_max_bytes = matcher.exact_max_bytes.max(line.len());
                    matcher.exact.entry(line).or_default().push(owner);
                }
                Kind::Prefix => {
                    folded.push(format!("^{}.*$", regex::escape(&fold(text))));
                    folded_owners.push(owner);
                }
                Kind::Re => {
                    folded.push(whole_line(text));
                    folded_owners.push(owner);
                }
                Kind::ReCase => {
                    cased.push(whole_line(text));
                    cased_owners.push(owner);
                }
                Kind::Template => {
                    let template =
                        Template::parse(text).ok_or_else(|| Fault::Template(text.clone()))?;
                    matcher.templates.push((template, owner));
                }
                Kind::Title | Kind::FeedTitle | Kind::Span | Kind::SpanUntil => {}
            }
        }
        Ok(())
    }

    /// Compiles what was gathered.
    pub(super) fn build(self) -> Result<Matcher, regex::Error> {
        let Self { mut matcher, mut folded, cased, mut folded_long, cased_long } = self;
        // A few are cheaper tried with the others than in a reading of their own.
        if folded.len() < folded_long.len() {
            folded_long.append(&mut folded);
            matcher.folded_long.owners.append(&mut matcher.folded.owners);
        }
        matcher.folded.expressions = Expressions::compile(folded)?;
        matcher.cased.expressions = Expressions::compile(cased)?;
        matcher.folded_long.expressions = Expressions::compile(folded_long)?;
        matcher.cased_long.expressions = Expressions::compile(cased_long)?;
        Ok(matcher)
    }
}
