//! Reads what a person types to search for.

use std::iter::Peekable;
use std::str::{Chars, FromStr};

use crate::text::tokens;

/// The most words and phrases of one search; more are pasted text, which no article would match.
const MAX_TERMS: usize = 64;

/// What is searched for: plain words, all of which must occur, `"phrases"`, `-excluded` words,
/// `either OR other`, and `beginning*`.
///
/// ```
/// # use ingest::model::SearchQuery;
/// let query: SearchQuery = "ferry OR boat \"port ellery\" -bakery".parse().unwrap();
/// assert_eq!((query.required().len(), query.excluded().len()), (2, 1));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    required: Vec<Vec<Term>>,
    excluded: Vec<Term>,
}

/// Words that stand side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The words with single spaces between them; it holds at least one token.
    pub words: String,
    /// Whether the last word may go on.
    pub is_beginning: bool,
}

/// Why a text is nothing that can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchQueryError {
    /// It has no letter and no digit.
    #[error("there is no word in it; give one or more, as in `ingest search night ferry`")]
    NoWord,
    /// It only says what must not occur.
    #[error("it only says what must not occur; add a word that must")]
    OnlyExcluded,
    /// It has too many words.
    #[error("it has more than {MAX_TERMS} words and phrases; take the rarest of them")]
    TooManyTerms,
}

/// A piece of a typed search.
enum Piece {
    Required(Term),
    Excluded(Term),
    Or,
    /// Signs without a word.
    Nothing,
}

impl SearchQuery {
    /// Of each of these groups one term must occur.
    #[must_use]
    pub fn required(&self) -> &[Vec<Term>] {
        &self.required
    }

    /// None of these may occur.
    #[must_use]
    pub fn excluded(&self) -> &[Term] {
        &self.excluded
    }
}

impl FromStr for SearchQuery {
    type Err = SearchQueryError;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let mut query = Self::default();
        let mut characters = typed.chars().peekable();
        let (mut terms, mut is_other) = (0, false);
        while let Some(piece) = piece(&mut characters) {
            match piece {
                Piece::Required(term) => {
                    match query.required.last_mut() {
                        Some(group) if is_other => group.push(term),
                        _ => query.required.push(vec![term]),
                    }
                    (terms, is_other) = (terms + 1, false);
                }
                Piece::Excluded(term) => {
                    query.excluded.push(term);
                    (terms, is_other) = (terms + 1, false);
                }
                Piece::Or => is_other = true,
                Piece::Nothing => {}
            }
        }
        match (query.required.is_empty(), query.excluded.is_empty()) {
            _ if terms > MAX_TERMS => Err(SearchQueryError::TooManyTerms),
            (true, true) => Err(SearchQueryError::NoWord),
            (true, false) => Err(SearchQueryError::OnlyExcluded),
            (false, _) => Ok(query),
        }
    }
}

fn piece(characters: &mut Peekable<Chars<'_>>) -> Option<Piece> {
    while characters.next_if(|c| c.is_whitespace()).is_some() {}
    characters.peek()?;
    let is_excluded = characters.next_if_eq(&'-').is_some();
    let is_phrase = characters.next_if(|c| is_quote(*c)).is_some();
    let mut text = String::new();
    while let Some(c) = characters.next_if(|c| !is_quote(*c) && (is_phrase || !c.is_whitespace())) {
        text.push(c);
    }
    if is_phrase {
        characters.next_if(|c| is_quote(*c));
        text.extend(characters.next_if_eq(&'*'));
    } else if text == "OR" && !is_excluded {
        return Some(Piece::Or);
    }
    Some(match Term::of(&text) {
        Some(term) if is_excluded => Piece::Excluded(term),
        Some(term) => Piece::Required(term),
        None => Piece::Nothing,
    })
}

impl Term {
    fn of(text: &str) -> Option<Self> {
        let stem = text.trim_end_matches('*');
        let visible: String = stem.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if tokens::hash_text(&visible).is_empty() {
            return None;
        }
        let apart = tokens::set_apart(&visible);
        let words: Vec<&str> = apart.split_whitespace().collect();
        Some(Self { words: words.join(" "), is_beginning: stem.len() < text.len() })
    }
}

/// The marks that people and their keyboards put around a phrase.
fn is_quote(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups by ` & `, alternatives by `|`, exclusions behind ` - `.
    fn check(typed: &str, expected: &str) {
        let written = |terms: &[Term]| -> String {
            let terms = terms
                .iter()
                .map(|term| format!("{}{}", term.words, if term.is_beginning { "*" } else { "" }));
            terms.collect::<Vec<_>>().join("|")
        };
        let query: SearchQuery = typed.parse().unwrap();
        let required: Vec<String> = query.required.iter().map(|group| written(group)).collect();
        let excluded = written(&query.excluded);
        let excluded = if excluded.is_empty() { String::new() } else { format!(" - {excluded}") };
        assert_eq!(format!("{}{excluded}", required.join(" & ")), expected, "{typed:?}");
    }

    #[test]
    fn a_search_is_read_as_it_is_meant() {
        check("night ferry", "night & ferry");
        check("  \"night  ferry\"\twinter ", "night ferry & winter");
        check("“night ferry” „Hafen“ «nuit»", "night ferry & Hafen & nuit");
        check("ferry -bakery -\"old boat\"", "ferry - bakery|old boat");
        check("ferry OR boat OR \"steam ship\" winter", "ferry|boat|steam ship & winter");
        check("ferr* \"night fer\"* -bak*", "ferr* & night fer* - bak*");
        check("well-known o'clock", "well-known & o'clock");
        check("or and NOT AND NEAR(a b)", "or & and & NOT & AND & NEAR(a & b)");
        check("title:ferry ^x {a b}:c", "title:ferry & ^x & {a & b}:c");
    }

    #[test]
    fn what_is_unfinished_or_means_nothing_is_passed_over() {
        check("OR ferry OR", "ferry");
        check("ferry OR OR boat", "ferry|boat");
        check("ferry & — * \"\" - boat", "ferry & boat");
        check("ferry OR -boat winter", "ferry & winter - boat");
        check("\"night ferry", "night ferry");
        check("night\"ferry\"", "night & ferry");
        check("fer\u{0}ry\u{1b}[2J", "fer ry [2J");
    }

    #[test]
    fn in_scripts_without_spaces_each_character_stands_by_itself() {
        check("東京", "東 京");
        check("東京* -北京", "東 京* - 北 京");
        check("3月のlive", "3 月 の live");
    }

    #[test]
    fn what_cannot_be_searched_for_says_why() {
        for (typed, error) in [
            ("", SearchQueryError::NoWord),
            (" * \"\" OR — ", SearchQueryError::NoWord),
            ("-ferry", SearchQueryError::OnlyExcluded),
            (&"ferry ".repeat(65), SearchQueryError::TooManyTerms),
        ] {
            assert_eq!(typed.parse::<SearchQuery>(), Err(error), "{typed:?}");
        }
    }
}
