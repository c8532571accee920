//! Takes the boilerplate out of a text: what aggregators, blogs and feed services put around it.
//!
//! **What.** A copy of an article should have the article's body, letter for letter, or its hash
//! is another. So everything that is not the author's goes: share rows, comment forms, footers of
//! feeds, links to other articles, advertisements. What goes is recorded with the rule that took
//! it. Sentences that give credit stay, labels that give credit go; a title repeated as the first
//! line goes; marks that say a text was cut short stay.
//!
//! **Why rules.** They are data with examples, versioned, in `config/boilerplate.toml`. What is
//! learned from the lines that many entries share would depend on the order of arrival, and the
//! hash with it.
//!
//! **Cost.** Linear in the text. Most lines are longer than any boilerplate and are passed over;
//! each other line is folded and looked up once, in one hash map and one automaton per place.
//!
//! **Promises.** Cleaning what is clean changes nothing. Lines are removed, never reordered,
//! joined or rewritten.

use crate::model::Removed;
use crate::text::fold::is_invisible;
use crate::text::html;

mod check;
mod expressions;
mod file;
mod line;
mod markup;
mod matcher;
mod rules;
mod source;
mod spans;
mod strip;
mod template;

use line::Line;
pub use rules::{Fault, OwnRulesError, Rules, RulesError};
use rules::{RuleId, Subject};
use source::Anchor;

/// What is said of HTML that the guard refused to have parsed.
const RULE_TOO_COMPLEX: &str = "html.too-complex";

/// What is said of HTML that is nothing but links to a host of link lists.
const RULE_ONLY_LINKS: &str = "html.only-links";

/// What is known of the entry that a text belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Context<'a> {
    /// The entry's title as plain text; empty if it has none.
    pub title: &'a str,
    /// The title of the feed that brought the entry.
    pub feed_title: Option<&'a str>,
    /// The entry's address, for rules that speak of one host only.
    pub url: Option<&'a str>,
}

/// A text without its boilerplate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The article's own text: paragraphs joined by one newline. Empty if there was none.
    pub body: String,
    /// What was taken away, in order.
    pub removed: Vec<Removed>,
    /// The link to the original that stood in what was taken away.
    pub source_link: Option<String>,
    /// The rule whose anchor stands among the last lines of the body, although nothing was cut
    /// there: a line that nobody knows stands below it.
    pub uncut: Option<String>,
}

/// Cleans a plain text, in which every line is a paragraph.
#[must_use]
pub fn text(text: &str, context: &Context<'_>, rules: &Rules) -> Cleaned {
    lines(paragraphs(text), context, rules)
}

/// Cleans an HTML text, as it stands in a feed or comes from extraction.
///
/// HTML that is too complex to be parsed safely has no body; what is `removed` says why.
#[must_use]
pub fn html(html: &str, context: &Context<'_>, rules: &Rules) -> Cleaned {
    let tree = match html::parse_fragment(html) {
        Ok(tree) => markup::without_known_elements(tree, rules),
        Err(guard) => {
            let removed = Removed { line: guard.to_string(), rule: RULE_TOO_COMPLEX.to_owned() };
            return Cleaned { removed: vec![removed], ..Cleaned::default() };
        }
    };
    let lines = html::lines(&tree);
    if markup::is_only_links(&tree, rules) {
        let removed = |line| Removed { line, rule: RULE_ONLY_LINKS.to_owned() };
        return Cleaned { removed: lines.into_iter().map(removed).collect(), ..Cleaned::default() };
    }
    clean(lines, &markup::anchors(&tree), context, rules)
}

/// Cleans a text whose paragraphs were found already.
#[must_use]
pub fn lines(lines: Vec<String>, context: &Context<'_>, rules: &Rules) -> Cleaned {
    clean(lines, &[], context, rules)
}

fn clean(
    mut lines: Vec<String>,
    anchors: &[Anchor],
    context: &Context<'_>,
    rules: &Rules,
) -> Cleaned {
    lines.retain(|line| is_visible(line));
    let subject = Subject::of(context);
    let read = Line::all(&lines);
    let fates: Vec<Option<RuleId>> = strip::fates(&read, &subject, rules);
    let source_link = source::link(&read, &fates, anchors, &subject, rules);
    let uncut = strip::uncut(&read, &fates, &subject, rules);
    let uncut = uncut.map(|rule| rules.name(rule).to_owned());
    let mut cleaned = Cleaned { source_link, uncut, ..Cleaned::default() };
    for (line, fate) in lines.into_iter().zip(fates) {
        if let Some(rule) = fate {
            cleaned.removed.push(Removed { line, rule: rules.name(rule).to_owned() });
            continue;
        }
        if !cleaned.body.is_empty() {
            cleaned.body.push('\n');
        }
        cleaned.body.push_str(&line);
    }
    cleaned
}

/// The lines of a text, spaces collapsed, without those on which nothing is visible.
fn paragraphs(text: &str) -> Vec<String> {
    text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| is_visible(line))
        .collect()
}

/// Whether anything on a line can be seen: a paragraph of zero-width spaces is none.
fn is_visible(line: &str) -> bool {
    !line.chars().all(is_invisible)
}

#[cfg(test)]
mod tests;
