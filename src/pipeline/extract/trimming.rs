//! Takes off the lines of a page that stand around an article's text.
//!
//! The rules know places: the repeated title and the byline stand at the head, invitations to
//! follow, subscribe and comment at the tail, links to other articles anywhere. What repeats
//! across pages of a site is the business of the cleaning step.

use std::sync::LazyLock;

use regex::Regex;

use super::letters;
use crate::model::Removed;

/// How many lines make the head, where titles and bylines stand.
const HEAD_LINES: usize = 3;

/// How many lines make the tail.
const TAIL_LINES: usize = 6;

/// The article's own lines, and the others with the rule that took them.
///
/// `titles` are all spellings of the page's title; a line that says one of them stays if it `is_own`.
/// At least one line stays, if there was one.
pub(super) fn article(
    lines: Vec<String>,
    titles: &[String],
    author: Option<&str>,
    is_own: &dyn Fn(&str) -> bool,
) -> (Vec<String>, Vec<Removed>) {
    let mut trimmed = Trimmed { lines, removed: Vec::new() };
    trimmed.title(titles, is_own);
    trimmed.byline(author);
    trimmed.related();
    trimmed.tail();
    (trimmed.lines, trimmed.removed)
}

struct Trimmed {
    lines: Vec<String>,
    removed: Vec<Removed>,
}

impl Trimmed {
    fn remove(&mut self, at: usize, rule: &str) {
        let line = self.lines.remove(at);
        self.removed.push(Removed { line, rule: rule.to_owned() });
    }

    /// The first line of the head that `is_one`; the last line of all is never one.
    fn in_head(&self, is_one: impl Fn(&str) -> bool) -> Option<usize> {
        let head = HEAD_LINES.min(self.lines.len().saturating_sub(1));
        self.lines.iter().take(head).position(|line| is_one(line))
    }

    /// The title, as the page repeats it above the text.
    fn title(&mut self, titles: &[String], is_own: &dyn Fn(&str) -> bool) {
        let titles: Vec<String> = titles.iter().map(|title| letters(title)).collect();
        let head: Vec<String> =
            self.lines.iter().take(HEAD_LINES).map(|line| letters(line)).collect();
        let found = self.in_head(|line| {
            let line_letters = letters(line);
            // Of two that say the same, the first is the title.
            let is_said_twice = head.iter().filter(|other| **other == line_letters).count() > 1;
            titles.iter().any(|title| is_title(&line_letters, title))
                && (is_said_twice || !is_own(line))
        });
        if let Some(at) = found {
            self.remove(at, "page.title");
        }
    }

    /// Lines that say who wrote the article and when.
    fn byline(&mut self, author: Option<&str>) {
        let name = author.map(letters).filter(|name| !name.is_empty());
        let is_byline = |line: &str| {
            let length = line.chars().count();
            let names_author = name.as_ref().is_some_and(|name| {
                length < author.map_or(0, |author| author.chars().count()) + 25
                    && letters(line).contains(name.as_str())
            });
            names_author || length < 100 && BYLINE.is_match(line)
        };
        for _ in 0..HEAD_LINES {
            let Some(at) = self.in_head(is_byline) else { return };
            self.remove(at, "page.byline");
        }
    }

    /// Links to other articles, between the paragraphs.
    fn related(&mut self) {
        let is_link = |line: &str| line.chars().count() < 200 && RELATED.is_match(line);
        if self.lines.iter().all(|line| is_link(line)) {
            return;
        }
        let mut at = 0;
        while let Some(line) = self.lines.get(at) {
            if is_link(line) {
                self.remove(at, "page.related");
            } else {
                at += 1;
            }
        }
    }

    /// Lines after the end. One other short line may stand between two of them, as a caption or a
    /// name does; a long paragraph is the article again.
    fn tail(&mut self) {
        let first = (self.lines.len() / 2).max(1).max(self.lines.len().saturating_sub(TAIL_LINES));
        let mut others = 0;
        for at in (first..self.lines.len()).rev() {
            let Some(line) = self.lines.get(at) else { return };
            let length = line.chars().count();
            if length < 350 && TAIL.is_match(line) {
                self.remove(at, "page.tail");
                others = 0;
            } else if length > 200 || others == 1 {
                return;
            } else {
                others += 1;
            }
        }
    }
}

/// Whether a line is a title, or most of one (a page's `<title>` has the site's name behind it).
fn is_title(line: &str, title: &str) -> bool {
    let (line_length, title_length) = (line.chars().count(), title.chars().count());
    if line_length < 8 {
        return false;
    }
    let is_begin = line_length > 15 && title.starts_with(line);
    let is_little_more =
        title_length > 15 && line.starts_with(title) && line_length * 10 < title_length * 13;
    line == title || is_begin || is_little_more
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are compiled by its tests")
}

/// A line that names an author or a date.
static BYLINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i:^(?:by|por|von|par|di|door|av|oleh)\s+)\p{Lu}[^.]{1,60}$",
        r"|(?i:^(?:published|updated|posted|last updated|modified|veröffentlicht|publicado|publié le)\b.{0,60}$)",
        r"|(?i:^.{0,6}(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? .{0,30}\d{4}.{0,30}$)",
        r"|^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}.{0,40}$",
        r"|(?i:^\d{1,2}:\d\d ?(?:am|pm).{0,60}$)",
        r"|(?i:^\d+ min(?:ute)?s? read$|^tempo de leitura)",
    ))
});

/// A line that leads to other articles.
static RELATED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^\W*(?:read more|read also|also read|see also|see more|related|more|more on this",
        r"|more from|don.?t miss|you may also like|you might also like|recommended(?: for you)?",
        r"|watch|watch more|advertis\w*|story continues below.*|sponsored|trending|most read",
        r"|in pictures|also on|keep reading|continue reading",
        r"|related (?:post|article|stor|content|video|topic)\w*)\s*(?::|\||$|\.\.\.|…)",
    ))
});

/// A line that follows an article.
static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\bfollow\b.{0,60}\b(?:on|at)\b.{0,40}(?:twitter|facebook|instagram|youtube)",
        r"|^\W*follow @|^follow .{0,40}full coverage|^\W*(?:please )?sign up (?:for|to|here|now)\b",
        r"|\bsubscribe (?:to|now|here|for|today)\b.{0,60}(?:newsletter|updates|inbox|channel|magazine|\$|£|€)",
        r"|\binbox\b|all rights reserved|^\W*copyright|^©.{0,20}\d{4}",
        r"|^write to .*@|(?:may|can) be reached at",
        r"|^\W*tags?\b\W|^\W*tags?$|^filed under|^posted in|^share (?:this|on)|^share\W*$",
        r"|click here for|^click here|^download\b.{0,30}(?:app|http)|^listen\b.{0,80}",
        r"|comments?\b.{0,30}(?:are closed|moderat|submitted)|^comments?\W*\d*$",
        r"|^leave a (?:comment|reply)|^updated? at|join the (?:conversation|discussion)",
        r"|^print\b.{0,20}$|^email this|terms of (?:use|service)|privacy policy",
        r"|we.d like to hear|for more information about|enjoyed this article|get access to",
    ))
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: [&str; 4] = [
        "A heron landed on the town hall of Eastbridge on Monday and would not leave.",
        "Three ladders were brought, and none of them was long enough to reach it.",
        "The mayor said that the bird had as much right to be there as anyone.",
        "By evening it had gone, and the ladders were carried back to the fire station.",
    ];

    fn check(head: &[&str], tail: &[&str], expected: &[&str]) {
        let lines: Vec<String> =
            head.iter().chain(&BODY).chain(tail).map(|line| (*line).to_owned()).collect();
        let titles = ["Heron lands on town hall | The Eastbridge Gazette".to_owned()];
        let (lines, removed) = article(lines, &titles, Some("Jo Marsh"), &|_| false);
        assert_eq!(lines, BODY);
        let removed: Vec<&str> = removed.iter().map(|removed| removed.rule.as_str()).collect();
        assert_eq!(removed, expected);
    }

    #[test]
    fn the_repeated_title_goes() {
        check(&["Heron lands on town hall"], &[], &["page.title"]);
        check(&["HERON LANDS ON TOWN HALL | The Eastbridge Gazette"], &[], &["page.title"]);
    }

    #[test]
    fn bylines_and_dates_go_from_the_head() {
        check(&["By Ann Reed, staff writer"], &[], &["page.byline"]);
        check(&["Jo Marsh, Eastbridge", "May 6, 2024"], &[], &["page.byline", "page.byline"]);
        check(&["06.05.2024 10:15", "3 min read"], &[], &["page.byline", "page.byline"]);
        check(
            &["Heron lands on town hall", "Published 6 May"],
            &[],
            &["page.title", "page.byline"],
        );
    }

    #[test]
    fn links_to_other_articles_go_from_anywhere() {
        check(
            &["Read more: Stork on the church"],
            &["See also: Gulls"],
            &["page.related", "page.related"],
        );
        check(&[], &["Advertisement"], &["page.related"]);
    }

    #[test]
    fn invitations_go_from_the_tail() {
        check(&[], &["Follow Jo Marsh on Twitter", "Tags: birds"], &["page.tail", "page.tail"]);
        check(&[], &["© 2024 The Eastbridge Gazette. All rights reserved."], &["page.tail"]);
    }

    #[test]
    fn sentences_of_the_article_stay() {
        let kept = [
            "By evening the heron was back",
            "More than forty people watched it from the bridge.",
            "Related work by the same team was shown last year, she added, and nobody came to see it.",
            "Ann Reed contributed to this article.",
        ];
        let (lines, removed) = article(
            kept.iter().map(|line| (*line).to_owned()).collect(),
            &["Another title".to_owned()],
            None,
            &|_| false,
        );
        assert_eq!((lines.as_slice(), removed.len()), (kept.map(String::from).as_slice(), 0));
    }

    #[test]
    fn every_pattern_compiles() {
        for pattern in [&BYLINE, &RELATED, &TAIL] {
            assert!(!pattern.as_str().is_empty());
        }
    }

    proptest! {
        #[test]
        fn a_line_stays_or_is_recorded(
            lines in prop::collection::vec("(By [A-Z][a-z]{1,5}|Read more: x|Tags: y|Share|[a-z ]{0,30})", 0..12)
        ) {
            let count = lines.len();
            let (kept, removed) = article(lines.clone(), &["some title here".to_owned()], None, &|_| false);
            prop_assert_eq!(kept.len() + removed.len(), count);
            prop_assert!(count == 0 || !kept.is_empty());
            let mut left = lines.iter();
            prop_assert!(kept.iter().all(|line| left.any(|l| l == line)), "the order changed");
        }
    }
}
