//! Finds boxes of several lines in the middle of a text, and takes them out.

use regex::Regex;

use super::file::{Kind, Rule as Written};
use super::rules::{Fault, RuleId, Subject, expression};
use crate::text::fold::{fold, is_longer_folded};

/// How many lines may stand between the ends of a `span-until` if the rule does not say.
const LINES_BETWEEN: usize = 6;

/// The most lines of one span: each is looked at again for every line that might end it.
const MAX_LINES: usize = 20;

/// A box of several lines.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) rule: RuleId,
    hosts: Vec<String>,
    line_max_chars: usize,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    /// Every line is known.
    InARow(Vec<Regex>),
    /// First and last line are known, and how many may stand between.
    Until { first: Regex, last: Regex, between: usize },
}

impl Span {
    pub(super) fn compile(rule: RuleId, written: &Written) -> Result<Self, Fault> {
        let lines: Vec<Regex> =
            written.patterns.iter().map(|pattern| expression(pattern)).collect::<Result<_, _>>()?;
        if lines.len() > MAX_LINES || written.max.is_some_and(|max| max == 0) {
            return Err(Fault::Senseless("a span has at least one line, and at most 20"));
        }
        let shape = match (written.kind, <[Regex; 2]>::try_from(lines)) {
            (Kind::SpanUntil, Ok([first, last])) => {
                let between = written.max.unwrap_or(LINES_BETWEEN).min(MAX_LINES);
                Shape::Until { first, last, between }
            }
            (_, Ok(lines)) => Shape::InARow(lines.into()),
            (_, Err(lines)) => Shape::InARow(lines),
        };
        let line_max_chars = written.line_max_chars();
        Ok(Self { rule, hosts: written.hosts.clone(), line_max_chars, shape })
    }

    /// How many of the last lines are this box, the newest line included.
    fn ends_here(&self, folded: &[&str]) -> Option<usize> {
        match &self.shape {
            Shape::InARow(expressions) => {
                let start = folded.len().checked_sub(expressions.len())?;
                let mut pairs = folded.iter().skip(start).zip(expressions);
                pairs
                    .all(|(line, expression)| expression.is_match(line))
                    .then_some(expressions.len())
            }
            Shape::Until { first, last, between } => {
                let (newest, before) = folded.split_last()?;
                if !last.is_match(newest) {
                    return None;
                }
                let begins = |line: &&str| first.is_match(line);
                let back = before.iter().rev().take(between + 1).position(begins)?;
                Some(back + 2)
            }
        }
    }
}

/// The lines to keep and, with the rule that found them, the lines to take out.
///
/// A line is compared when it is pushed on what is kept so far, like closing brackets, so that
/// taking one box out never leaves another behind.
pub(super) fn outside<'a>(
    spans: &[Span],
    lines: Vec<(usize, &'a str)>,
    subject: &Subject,
    mut remove: impl FnMut(usize, RuleId),
) -> Vec<(usize, &'a str)> {
    let spans: Vec<&Span> = spans.iter().filter(|span| subject.is_of(&span.hosts)).collect();
    let Some(line_max_chars) = spans.iter().map(|span| span.line_max_chars).max() else {
        return lines;
    };
    let mut kept: Vec<(usize, &str)> = Vec::with_capacity(lines.len());
    let mut folded: Vec<String> = Vec::with_capacity(lines.len());
    for (index, line) in lines {
        kept.push((index, line));
        let short = !is_longer_folded(line, line_max_chars);
        folded.push(if short { fold(line) } else { String::new() });
        if !short {
            continue;
        }
        let recent: Vec<&str> =
            folded.iter().rev().take(MAX_LINES + 2).rev().map(String::as_str).collect();
        for span in &spans {
            if let Some(count) = span.ends_here(&recent) {
                let start = kept.len().saturating_sub(count);
                folded.truncate(start);
                kept.drain(start..).for_each(|(index, _)| remove(index, span.rule));
                break;
            }
        }
    }
    kept
}
