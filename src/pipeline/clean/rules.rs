//! Compiles the rule file and proves its examples.

use std::collections::HashMap;

use regex::Regex;
use scraper::Selector;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use url::Url;

use super::expressions::whole_line;
use super::file::{File, Glue, Kind, Limits, Place, Rule as Written};
use super::matcher::{Builder, Matcher};
use super::spans::{Span, Spans};
use super::{Context, check};
use crate::text::domain::is_within;
use crate::text::fold::fold;
use crate::text::title::TitleForms;

/// The rules that come with the program.
const BUILT_IN: &str = include_str!("../../../config/boilerplate.toml");

/// The heaviest a rule may be: enough to cut alone.
const WEIGHT_MAX: u32 = 3;

/// The most different `requires` of one file: they are the bits of a number.
const MAX_REQUIREMENTS: usize = 64;

/// What is boilerplate: the rule file, compiled. Made once and shared.
#[derive(Debug)]
pub struct Rules {
    version: String,
    pub(super) limits: Limits,
    pub(super) list: Vec<Rule>,
    pub(super) tail: Matcher,
    pub(super) head: Matcher,
    pub(super) any: Matcher,
    pub(super) whole: Matcher,
    pub(super) spans: Spans,
    /// Elements without text of the author; `None` if the file names none.
    pub(super) without_text: Option<Selector>,
    pub(super) link_only_hosts: Vec<String>,
}

/// A rule's number: its place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RuleId(pub(super) usize);

/// What a rule says of the lines that its patterns recognise.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) weight: u32,
    pub(super) glue: Option<Glue>,
    pub(super) hosts: Vec<String>,
    pub(super) line_max_chars: usize,
    pub(super) needs_title: bool,
    /// Whether its patterns leave room for text that nobody has seen.
    pub(super) is_open: bool,
    pub(super) source: Option<String>,
    /// The requirement this rule has, as a bit.
    pub(super) requires: u64,
    /// Whether the required line must stand above.
    pub(super) below: bool,
    /// The requirements this rule meets, as bits.
    pub(super) satisfies: u64,
}

/// Why a rule file was refused.
#[derive(Debug, Error)]
pub enum RulesError {
    /// The text is not the TOML of a rule file; the source names line and key.
    #[error("the rule file cannot be read: {0}")]
    Syntax(#[source] Box<toml::de::Error>),
    /// Two rules share a name.
    #[error("two rules are named `{0}`")]
    Duplicate(String),
    /// A CSS selector is wrong.
    #[error("`{0}` in [html] is not a selector")]
    Selector(String),
    /// A rule is wrong.
    #[error("rule `{rule}`: {fault}")]
    Rule {
        /// The rule's id.
        rule: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The regular expressions of one place are, together, too large.
    #[error("the regular expressions are too large: {0}")]
    TooLarge(#[source] regex::Error),
}

/// Why an operator's own rule file was refused.
#[derive(Debug, Error)]
#[error("{name}{}: {fault}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct OwnRulesError {
    name: String,
    /// The line, where the fault does not name it itself.
    line: Option<usize>,
    fault: RulesError,
}

impl OwnRulesError {
    fn of(name: &str, own: &str, fault: RulesError) -> Self {
        let before = match &fault {
            RulesError::Syntax(error) => error.span().map(|span| span.start),
            RulesError::Rule { rule, .. } | RulesError::Duplicate(rule) => place_of(own, rule),
            RulesError::Selector(selector) => own.find(selector.as_str()),
            RulesError::TooLarge(_) => None,
        };
        let line = before.and_then(|at| own.get(..at)).map(|text| text.matches('\n').count() + 1);
        Self { name: name.to_owned(), line, fault }
    }
}

/// Where a rule names itself.
fn place_of(own: &str, rule: &str) -> Option<usize> {
    let quoted = [format!("\"{rule}\""), format!("'{rule}'")];
    let mut at = 0;
    for line in own.split_inclusive('\n') {
        let is_id = line.trim_start().strip_prefix("id").is_some_and(|rest| {
            rest.trim_start().starts_with('=') && quoted.iter().any(|id| rest.contains(id.as_str()))
        });
        if is_id {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Tells one own file from another: the beginning of the SHA-256 of its text.
fn own_version(own: &str) -> String {
    let first = Sha256::digest(own).first_chunk().copied().unwrap_or_default();
    format!("{:08x}", u32::from_be_bytes(first))
}

/// What is wrong with a rule.
#[derive(Debug, Error)]
pub enum Fault {
    /// There is nothing to compare a line with.
    #[error("it has no pattern")]
    NoPattern,
    /// Nothing shows what the rule is for.
    #[error("it has no example")]
    NoExample,
    /// The weight is not 0, 1, 2 or 3.
    #[error("its weight is {0}, not 0 to 3")]
    Weight(u32),
    /// A regular expression is wrong.
    #[error("the pattern `{0}` is not a regular expression: {1}")]
    Expression(String, #[source] Box<regex::Error>),
    /// The blanks of a template are wrong.
    #[error("the pattern `{0}` has unknown blanks, or two that meet")]
    Template(String),
    /// The combination of keys means nothing.
    #[error("{0}")]
    Senseless(&'static str),
    /// No rule has the required id.
    #[error("it requires `{0}`, and no rule's id begins so")]
    Requires(String),
    /// An example is not recognised.
    #[error("no pattern matches the example `{0}`")]
    Example(String),
    /// A counter-example is recognised.
    #[error("the pattern `{pattern}` matches the counter-example `{line}`")]
    Counter {
        /// The pattern that should not match.
        pattern: String,
        /// The line that it should leave alone.
        line: String,
    },
}

/// The entry that a text belongs to, ready for comparison.
#[derive(Debug, Default)]
pub(super) struct Subject {
    pub(super) title: TitleForms,
    pub(super) feed_title: TitleForms,
    host: Option<String>,
}

impl Subject {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let url = context.url.and_then(|url| Url::parse(url).ok());
        Self {
            title: TitleForms::of(context.title),
            feed_title: TitleForms::of(context.feed_title.unwrap_or_default()),
            host: url.and_then(|url| url.host_str().map(str::to_lowercase)),
        }
    }

    /// Whether a rule for these hosts speaks of this entry; a rule for none speaks of all.
    pub(super) fn is_of(&self, hosts: &[String]) -> bool {
        hosts.is_empty() || self.host.as_deref().is_some_and(|host| is_one_of(host, hosts))
    }
}

impl Rules {
    /// Compiles a rule file and checks every example and counter-example in it.
    ///
    /// # Errors
    /// The first fault found, with the rule, the pattern and the line it concerns.
    pub fn parse(toml: &str) -> Result<Self, RulesError> {
        let file = read(toml)?;
        let rules = Self::compile(&file).or_else(|whole| {
            // A set does not say which of its expressions is wrong.
            check::expressions(&file).and(Err(whole))
        })?;
        check::examples(&file, &rules, 0)?;
        Ok(rules)
    }

    /// The rules that come with the program. Their examples are checked by a test, not here,
    /// because a program that cron starts every few minutes should start at once.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a test proves that it never does")]
    pub fn built_in() -> Self {
        read(BUILT_IN)
            .and_then(|file| Self::compile(&file))
            .expect("a test compiles the rules that are built in")
    }

    /// The built-in rules and those of an operator's own file, called `name` in messages. Its
    /// rules are proved by their examples.
    ///
    /// # Errors
    /// The first fault of the file, with its line.
    pub fn built_in_and(name: &str, own: &str) -> Result<Self, OwnRulesError> {
        let fault = |fault: RulesError| OwnRulesError::of(name, own, fault);
        let mut file = read(BUILT_IN).map_err(fault)?;
        let built_in = file.rules.len();
        let added =
            toml::from_str(own).map_err(|error| fault(RulesError::Syntax(Box::new(error))))?;
        file.add(added, &own_version(own));
        let rules = Self::compile(&file)
            .or_else(|whole| check::expressions(&file).and(Err(whole)))
            .map_err(fault)?;
        check::examples(&file, &rules, built_in).map_err(fault)?;
        Ok(rules)
    }

    /// How many rules there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The version of the rules, to be stored beside every text they cleaned.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The name of a rule.
    pub(super) fn name(&self, id: RuleId) -> &str {
        self.list.get(id.0).map_or("", |rule| &rule.id)
    }

    fn compile(file: &File) -> Result<Self, RulesError> {
        let mut places: HashMap<Place, Builder> = HashMap::new();
        let mut spans = Vec::new();
        let mut numbers = HashMap::new();
        for (number, written) in file.rules.iter().enumerate() {
            let id = RuleId(number);
            if numbers.insert(written.id.as_str(), id).is_some() {
                return Err(RulesError::Duplicate(written.id.clone()));
            }
            let refused = |fault| RulesError::Rule { rule: written.id.clone(), fault };
            sensible(written).map_err(refused)?;
            match written.kind {
                Kind::Span | Kind::SpanUntil => {
                    spans.push(Span::compile(id, written).map_err(refused)?);
                }
                _ => places.entry(written.at).or_default().add(id, written).map_err(refused)?,
            }
        }
        let mut matcher = |place| places.remove(&place).unwrap_or_default().build();
        let [tail, head, any, whole] =
            [Place::Tail, Place::Head, Place::Any, Place::Whole].map(&mut matcher);
        let too_large = RulesError::TooLarge;
        Ok(Self {
            version: file.meta.version.clone(),
            limits: file.limits,
            list: with_requirements(file)?,
            tail: tail.map_err(too_large)?,
            head: head.map_err(too_large)?,
            any: any.map_err(too_large)?,
            whole: whole.map_err(too_large)?,
            spans: Spans::new(spans).map_err(too_large)?,
            without_text: selector(&file.html.remove)?,
            link_only_hosts: file.html.link_only_hosts.clone(),
        })
    }
}

/// Whether a host is one of these, or below one of them.
pub(super) fn is_one_of(host: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|wanted| is_within(host, wanted))
}

fn read(toml: &str) -> Result<File, RulesError> {
    toml::from_str(toml).map_err(|error| RulesError::Syntax(Box::new(error)))
}

/// Refuses what cannot have been meant.
fn sensible(written: &Written) -> Result<(), Fault> {
    let is_title = matches!(written.kind, Kind::Title | Kind::FeedTitle);
    let is_span = matches!(written.kind, Kind::Span | Kind::SpanUntil);
    if written.weight > WEIGHT_MAX {
        return Err(Fault::Weight(written.weight));
    }
    if written.patterns.is_empty() && !is_title {
        return Err(Fault::NoPattern);
    }
    if written.examples.is_empty() {
        return Err(Fault::NoExample);
    }
    if written.patterns.iter().any(|pattern| fold(pattern).is_empty()) {
        return Err(Fault::Senseless("it has an empty pattern"));
    }
    if written.requires.is_some() && written.at != Place::Tail {
        return Err(Fault::Senseless("only a rule for the tail can require another"));
    }
    if written.glue.is_some() && written.weight > 0 && written.glue == Some(Glue::Soft) {
        return Err(Fault::Senseless("what has weight cannot be soft glue"));
    }
    if is_span && written.at != Place::Any {
        return Err(Fault::Senseless("a span may stand anywhere"));
    }
    if written.kind == Kind::SpanUntil && written.patterns.len() != 2 {
        return Err(Fault::Senseless("a span-until has two patterns: its first and last line"));
    }
    Ok(())
}

/// Compiles one regular expression, to match whole lines.
pub(super) fn expression(pattern: &str) -> Result<Regex, Fault> {
    Regex::new(&whole_line(pattern))
        .map_err(|error| Fault::Expression(pattern.to_owned(), Box::new(error)))
}

/// The rules, with what they require and what they satisfy as bits.
fn with_requirements(file: &File) -> Result<Vec<Rule>, RulesError> {
    let mut wanted: Vec<&str> = file.rules.iter().filter_map(|r| r.requires.as_deref()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let bits = |asked: &dyn Fn(&str) -> bool| {
        wanted
            .iter()
            .enumerate()
            .filter(|(_, prefix)| asked(prefix))
            .filter_map(|(number, _)| 1_u64.checked_shl(u32::try_from(number).ok()?))
            .fold(0, |bits, bit| bits | bit)
    };
    let mut rules = Vec::with_capacity(file.rules.len());
    for written in &file.rules {
        if let Some(prefix) = &written.requires {
            let refused = |fault| RulesError::Rule { rule: written.id.clone(), fault };
            if wanted.len() > MAX_REQUIREMENTS {
                return Err(refused(Fault::Senseless("more than 64 different rules are required")));
            }
            let met = |other: &Written| other.id != written.id && other.id.starts_with(prefix);
            if !file.rules.iter().any(met) {
                return Err(refused(Fault::Requires(prefix.clone())));
            }
        }
        rules.push(Rule {
            id: written.id.clone(),
            weight: written.weight,
            glue: written.glue,
            hosts: written.hosts.iter().map(|host| host.to_lowercase()).collect(),
            line_max_chars: written.line_max_chars(),
            needs_title: written.title,
            is_open: matches!(
                written.kind,
                Kind::Prefix | Kind::Re | Kind::ReCase | Kind::Span | Kind::SpanUntil
            ),
            source: written.source.as_deref().map(fold),
            requires: bits(&|prefix| written.requires.as_deref() == Some(prefix)),
            below: written.below,
            // What needs company is no company for its like.
            satisfies: bits(&|prefix| {
                written.id.starts_with(prefix) && written.requires.as_deref() != Some(prefix)
            }),
        });
    }
    Ok(rules)
}

/// One selector for all, so that a tree is walked once.
fn selector(selectors: &[String]) -> Result<Option<Selector>, RulesError> {
    for selector in selectors {
        if Selector::parse(selector).is_err() {
            return Err(RulesError::Selector(selector.clone()));
        }
    }
    Ok(Selector::parse(&selectors.join(", ")).ok())
}
