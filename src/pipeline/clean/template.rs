//! Matches a line against a sentence with blanks: `The post {title} appeared first on {site}.`

use memchr::memmem;

use crate::text::fold::fold;
use crate::text::title::TitleForms;

/// How often a literal is looked for after a blank before the line is given up: a title may
/// contain the words that follow it, but not many times.
const MAX_OCCURRENCES: usize = 8;

/// The longest name of a site, in characters.
const SITE_MAX_CHARS: usize = 100;

/// The longest number that `{n}` stands for, in digits.
const NUMBER_MAX_DIGITS: usize = 4;

/// A sentence with blanks, compared with folded lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// The title, perhaps cut short or changed a little.
    Title,
    /// The title and nothing less; for sentences that an article might contain.
    WholeTitle,
    Site,
    Number,
}

impl Template {
    /// Reads a template; `None` if it names an unknown blank, has none at all, or if two texts
    /// of any length would meet. A full stop at the end is optional in the lines it matches.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let folded = fold(pattern);
        let mut pieces = Vec::new();
        let mut rest = without_stop(&folded);
        while let Some((literal, from_blank)) = rest.split_once('{') {
            let (blank, after) = from_blank.split_once('}')?;
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            pieces.push(match blank {
                "title" => Piece::Title,
                "whole-title" => Piece::WholeTitle,
                "site" => Piece::Site,
                "n" => Piece::Number,
                _ => return None,
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        let blanks = pieces.iter().filter(|piece| !matches!(piece, Piece::Literal(_))).count();
        let meeting = pieces.array_windows().any(|[a, b]| a.is_text() && b.is_text());
        (blanks > 0 && !meeting).then_some(Self(pieces))
    }

    /// Whether the template has a blank for the entry's title.
    pub(super) fn has_title(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Title | Piece::WholeTitle))
    }

    /// Whether a folded line fills the template, with the title in the title's place; while the
    /// title is unknown, anything may stand there.
    pub(super) fn matches(&self, line: &str, title: &TitleForms) -> bool {
        let line = without_stop(line);
        // Most lines fail here, before a title is compared.
        let ends_alike = match self.0.last() {
            Some(Piece::Literal(end)) => line.ends_with(end.as_str()),
            _ => true,
        };
        ends_alike && fill(&self.0, line, title)
    }
}

impl Piece {
    fn is_text(&self) -> bool {
        matches!(self, Self::Title | Self::WholeTitle | Self::Site)
    }

    fn accepts(&self, text: &str, title: &TitleForms) -> bool {
        match self {
            _ if text.is_empty() => false,
            Self::Title => title.is_empty() || title.resembles(text),
            Self::WholeTitle => title.is_empty() || title.is(text),
            Self::Site => text.chars().take(SITE_MAX_CHARS + 1).count() <= SITE_MAX_CHARS,
            Self::Literal(_) | Self::Number => false,
        }
    }
}

/// A text without the full stop at its end.
fn without_stop(text: &str) -> &str {
    text.strip_suffix(['.', '。']).unwrap_or(text)
}

/// Fills pieces from left to right; depth and width are bounded by the template and
/// [`MAX_OCCURRENCES`].
fn fill(pieces: &[Piece], line: &str, title: &TitleForms) -> bool {
    match pieces {
        [] => line.is_empty(),
        [Piece::Literal(literal), rest @ ..] => {
            line.strip_prefix(literal.as_str()).is_some_and(|line| fill(rest, line, title))
        }
        [Piece::Number, rest @ ..] => {
            let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = line.len() - after.len();
            (1..=NUMBER_MAX_DIGITS).contains(&digits) && fill(rest, after, title)
        }
        [text, Piece::Literal(end)] => {
            line.strip_suffix(end.as_str()).is_some_and(|line| text.accepts(line, title))
        }
        [text] => text.accepts(line, title),
        [text, rest @ ..] => {
            // A number after a text has no end to look for; `parse` lets no two texts meet.
            let Some(Piece::Literal(next)) = rest.first() else {
                return false;
            };
            // Told sooner than where: in most lines it is nowhere.
            if memmem::find(line.as_bytes(), next.as_bytes()).is_none() {
                return false;
            }
            line.match_indices(next.as_str())
                .take(MAX_OCCURRENCES)
                .filter_map(|(at, _)| line.split_at_checked(at))
                .any(|(filled, after)| text.accepts(filled, title) && fill(rest, after, title))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fills_the_template_only_with_the_title() {
        let check = |pattern: &str, line: &str, expected: bool| {
            let template = Template::parse(pattern).unwrap();
            let title = TitleForms::of("Bread Is on Sale");
            assert_eq!(template.matches(&fold(line), &title), expected, "{pattern:?} / {line:?}");
        };
        let footer = "The post {title} appeared first on {site}.";
        check(footer, "The post Bread Is on Sale appeared first on Hill Gazette.", true);
        check(footer, "The post Bread Is on Sale appeared first on .", false);
        check(footer, "The post beside the mill appeared first on a map.", false);
        check(footer, "The post Bread Is on Sale appeared first on Hill Gazette", true);
        check(footer, "The post Bread Is on S appeared first on Hill Gazette.", false);
        check("{title} on {site}.", "Bread Is on Sale on Hill Gazette.", true);
        check("{title} on {site}.", "Bread Is on Sale.", false);
        check("{whole-title} on {site}.", "Bread Is on Sale on Hill Gazette.", true);
        check("{whole-title} on {site}.", "Bread Is on Sale Now on Hill Gazette.", false);
        check("{n} Response to “{title}”", "0 Response to \"Bread is on sale\"", true);
        check("{n} Response to “{title}”", "No Response to \"Bread is on sale\"", false);
        check("{n} Response to “{title}”", "12345 Response to \"Bread is on sale\"", false);
        check("Continue reading {title}", "Continue reading bread is on sale", true);
        check("Continue reading {title}", "Continue reading", false);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let check = |pattern: &str, expected: bool| {
            assert_eq!(Template::parse(pattern).is_some(), expected, "{pattern:?}");
        };
        check("Read {title}", true);
        check("Read on", false);
        check("Read {page}", false);
        check("Read {title", false);
        check("Read {title}{site}", false);
    }

    #[test]
    fn a_line_of_repetitions_ends_soon() {
        let template = Template::parse("{title} on {site} on {title}.").unwrap();
        let line = format!("{}.", "a on ".repeat(20_000));
        assert!(!template.matches(&line, &TitleForms::of("Bread Is on Sale")));
    }
}
