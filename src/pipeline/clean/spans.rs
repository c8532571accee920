//! Finds boxes of several lines in the middle of a text, and takes them out.

use regex::Regex;

use super::expressions::Expressions;
use super::file::{Kind, Rule as Written};
use super::line::Line;
use super::rules::{Fault, RuleId, Subject, expression};

/// How many lines may stand between the ends of a `span-until` if the rule does not say.
const LINES_BETWEEN: usize = 6;

/// The most lines of one span: each is looked at again for every line that might end it.
const MAX_LINES: usize = 20;

/// The boxes that the rules know.
#[derive(Debug, Default)]
pub(super) struct Spans {
    list: Vec<Span>,
    /// What the last line of each is: most lines end none, which one reading tells.
    ends: Expressions,
    line_max_chars: usize,
}

/// A box of several lines.
#[derive(Debug)]
pub(super) struct Span {
    rule: RuleId,
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

    /// What the last line of the box is.
    fn end(&self) -> Option<&Regex> {
        match &self.shape {
            Shape::InARow(expressions) => expressions.last(),
            Shape::Until { last, .. } => Some(last),
        }
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

impl Spans {
    /// # Errors
    /// When the expressions are, together, too large.
    pub(super) fn new(list: Vec<Span>) -> Result<Self, regex::Error> {
        let ends = Expressions::compile(list.iter().filter_map(Span::end).map(Regex::as_str))?;
        let line_max_chars = list.iter().map(|span| span.line_max_chars).max().unwrap_or_default();
        Ok(Self { list, ends, line_max_chars })
    }

    /// The lines to keep and, with the rule that found them, the lines to take out.
    ///
    /// A line is compared when it is pushed on what is kept so far, like closing brackets, so that
    /// taking one box out never leaves another behind.
    pub(super) fn outside<'l, 'a>(
        &self,
        lines: Vec<&'l Line<'a>>,
        subject: &Subject,
        mut remove: impl FnMut(usize, RuleId),
    ) -> Vec<&'l Line<'a>> {
        if self.list.is_empty() {
            return lines;
        }
        let mut kept: Vec<&Line<'_>> = Vec::with_capacity(lines.len());
        let mut folded: Vec<&str> = Vec::with_capacity(lines.len());
        for line in lines {
            kept.push(line);
            let Some(read) = line.folded(self.line_max_chars) else {
                folded.push("");
                continue;
            };
            folded.push(&read.lower);
            let recent = folded.get(folded.len().saturating_sub(MAX_LINES + 2)..);
            let ending = self.ends.matching(&read.lower).into_iter();
            let box_found = ending.filter_map(|index| self.list.get(index)).find_map(|span| {
                let is_known = subject.is_of(&span.hosts);
                Some((span.rule, span.ends_here(recent?).filter(|_| is_known)?))
            });
            if let Some((rule, count)) = box_found {
                let start = kept.len().saturating_sub(count);
                folded.truncate(start);
                kept.drain(start..).for_each(|line| remove(line.place, rule));
            }
        }
        kept
    }
}
