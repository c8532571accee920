//! Reads the rule file: its sections and keys, before anything is compiled.

use serde::Deserialize;

/// The longest line, in characters, that a rule looks at if it does not say otherwise.
const LINE_MAX_CHARS: usize = 160;

/// A rule file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) meta: Meta,
    pub(super) limits: Limits,
    pub(super) html: Markup,
    #[serde(rename = "rule")]
    pub(super) rules: Vec<Rule>,
}

/// A rule file of an operator's own, whose rules are added to those that are built in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnFile {
    meta: Option<OwnMeta>,
    limits: Option<Limits>,
    html: Option<OwnMarkup>,
    #[serde(default, rename = "rule")]
    rules: Vec<Rule>,
}

/// What an own file says of itself, as far as it cares to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnMeta {
    #[expect(dead_code, reason = "an own file is told by its content")]
    version: Option<String>,
    sample_title: Option<String>,
    sample_feed_title: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnMarkup {
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    link_only_hosts: Vec<String>,
}

impl File {
    /// Adds an operator's own file: its rules behind the others, its limits in their place.
    pub(super) fn add(&mut self, own: OwnFile, version: &str) {
        self.meta.version = format!("{}+{version}", self.meta.version);
        if let Some(OwnMeta { sample_title, sample_feed_title, .. }) = own.meta {
            self.meta.sample_title = sample_title.unwrap_or(self.meta.sample_title.clone());
            self.meta.sample_feed_title =
                sample_feed_title.unwrap_or(self.meta.sample_feed_title.clone());
        }
        self.limits = own.limits.unwrap_or(self.limits);
        if let Some(OwnMarkup { remove, link_only_hosts }) = own.html {
            self.html.remove.extend(remove);
            self.html.link_only_hosts.extend(link_only_hosts);
        }
        self.rules.extend(own.rules);
    }
}

/// What the file says of itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meta {
    /// Stored beside every text that the rules cleaned.
    pub(super) version: String,
    /// The title of the imagined entry whose lines the examples are.
    pub(super) sample_title: String,
    /// The title of that entry's feed.
    pub(super) sample_feed_title: String,
}

/// What a cut must weigh, and when it is too great to be true.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    /// What the run of recognised lines at the end must weigh to go.
    pub(super) tail_score: u32,
    /// What the run of recognised lines at the beginning must weigh to go.
    pub(super) head_score: u32,
    /// The share of the text, from 0 to 1, above which a cut is doubted.
    pub(super) cut_share: f64,
    /// How many sentences a doubted cut must contain to be undone.
    pub(super) cut_sentences: usize,
}

/// What is known of markup, before any line is looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Markup {
    /// Selectors of elements without text of the author.
    pub(super) remove: Vec<String>,
    /// Hosts of lists of links: an item that is nothing but links to them has no text.
    pub(super) link_only_hosts: Vec<String>,
}

/// A rule as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: String,
    #[expect(dead_code, reason = "for the people who read the file and its reports")]
    family: String,
    #[expect(dead_code, reason = "for people; rules never ask for the language of a text")]
    lang: String,
    pub(super) at: Place,
    pub(super) weight: u32,
    #[serde(rename = "match")]
    pub(super) kind: Kind,
    #[serde(default, rename = "pats")]
    pub(super) patterns: Vec<String>,
    pub(super) glue: Option<Glue>,
    pub(super) requires: Option<String>,
    /// Whether the required line must stand above this one.
    #[serde(default)]
    pub(super) below: bool,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    /// The longest line in characters; for `span-until`, the most lines between its ends.
    pub(super) max: Option<usize>,
    pub(super) source: Option<String>,
    /// Whether a template says nothing while the title is unknown.
    #[serde(default)]
    pub(super) title: bool,
    #[serde(default)]
    pub(super) examples: Vec<String>,
    #[serde(default)]
    pub(super) counter: Vec<String>,
}

impl Rule {
    /// The longest line, in characters, that the rule looks at.
    pub(super) fn line_max_chars(&self) -> usize {
        match self.kind {
            Kind::SpanUntil => LINE_MAX_CHARS,
            _ => self.max.unwrap_or(LINE_MAX_CHARS),
        }
    }
}

/// Where a line must stand for a rule to speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Place {
    /// In the unbroken run of recognised lines at the end.
    Tail,
    /// In the unbroken run of recognised lines at the beginning.
    Head,
    /// Anywhere.
    Any,
    /// Anywhere in a text that is otherwise a few headlines.
    Whole,
}

/// How a rule's patterns are compared with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// The line is the pattern.
    Exact,
    /// The line begins with the pattern.
    Prefix,
    /// The line matches the regular expression, which is written folded.
    Re,
    /// The same, on a line whose capitals were kept.
    ReCase,
    /// The line fills the blanks of the pattern.
    Template,
    /// The line is the entry's title.
    Title,
    /// The line is the feed's title.
    FeedTitle,
    /// Lines in a row match the regular expressions, one each.
    Span,
    /// Everything from a line that matches the first expression to one that matches the second.
    SpanUntil,
}

/// What a line of no weight may do in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Glue {
    /// Stand anywhere in it.
    Hard,
    /// Stand between other lines, but not begin it.
    Soft,
}
