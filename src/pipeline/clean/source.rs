//! Finds the link to the original that stands in a copy's boilerplate.

use super::rules::{Rule, RuleId, Rules, Subject};
use crate::text::fold::fold;

/// A source that may be any address or link of its line.
const ANY: &str = "*";

/// How many links of a text, counted from its end, are looked at: boilerplate stands there.
const MAX_ANCHORS: usize = 64;

/// The longest address that is taken for a link, in bytes.
const ADDRESS_MAX_BYTES: usize = 2_000;

/// A link of an HTML text: what it says and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) text: String,
    pub(super) href: String,
}

/// The link to the original: that of the first removed line whose rule says it names one.
///
/// The footers of search feeds name the entry before its title and the feed after it. A link
/// that follows the title, but not directly, is therefore the feed's, and the search ends.
pub(super) fn link(
    lines: &[String],
    fates: &[Option<RuleId>],
    anchors: &[Anchor],
    subject: &Subject,
    rules: &Rules,
) -> Option<String> {
    let mut after_title = 0_usize;
    for (line, fate) in lines.iter().zip(fates) {
        let Some(rule) = fate.and_then(|id| rules.list.get(id.0)) else {
            after_title = 0;
            continue;
        };
        if after_title > 0 {
            after_title += 1;
        } else if subject.title.is(line) {
            after_title = 1;
        }
        let Some(wanted) = &rule.source else { continue };
        if after_title > 2 && is_address(line) {
            return None;
        }
        let found = linked(line, wanted, anchors).or_else(|| named(line, rule));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether a line is an address and nothing else.
fn is_address(line: &str) -> bool {
    address_in(line).is_some_and(|address| address.len() == line.len())
}

/// Where the last link in a line leads; for a wanted text, the link that says it.
fn linked(line: &str, wanted: &str, anchors: &[Anchor]) -> Option<String> {
    let folded = fold(line);
    anchors
        .iter()
        .rev()
        .take(MAX_ANCHORS)
        .find(|anchor| {
            let text = fold(&anchor.text);
            let stands_here = !text.is_empty() && folded.contains(&text);
            stands_here && (wanted == ANY || text == wanted)
        })
        .and_then(|anchor| address_in(&anchor.href))
        .map(str::to_owned)
}

/// The address written out in a line.
fn named(line: &str, rule: &Rule) -> Option<String> {
    let any = rule.source.as_deref() == Some(ANY);
    if any { address_in(line).map(str::to_owned) } else { None }
}

/// The first web address in a text, without the punctuation that ends a sentence.
fn address_in(text: &str) -> Option<&str> {
    let start = ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme)).min()?;
    let from = text.get(start..)?;
    let address = from.split(|c: char| c.is_whitespace() || "<>\"“”".contains(c)).next()?;
    let address = address.trim_end_matches(['.', ',', ';', ':', '!', ')', ']', '\'', '’']);
    (address.len() <= ADDRESS_MAX_BYTES).then_some(address)
}
