//! Folds text for comparison: lines to be recognised, letters to be matched.
//!
//! A folded text is never stored or shown. Two spellings that a reader takes for one line fold to
//! one string: composed and decomposed letters, curly and straight quotes, breaking and
//! non-breaking spaces, visible text with and without invisible marks.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::kind::{Kind, Role};
use super::plain;

/// The longest character reference, between `&` and `;`: `CounterClockwiseContourIntegral` aside,
/// every name that occurs in titles is shorter.
const REFERENCE_MAX_CHARS: usize = 10;

/// Folds a text: lower case, NFC, straight quotes, no invisible marks, single spaces, trimmed.
///
/// ```
/// # use ingest::text::fold::fold;
/// assert_eq!(fold("  “Post\u{a0}a  Comment” "), r#""post a comment""#);
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    lower(&fold_keeping_case(text))
}

/// Folds a text as [`fold`] does, but leaves capitals as they are.
#[must_use]
pub fn fold_keeping_case(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let (mut space_due, mut is_composed) = (false, true);
    let mut rest = text;
    while !rest.is_empty() {
        let run = Run::of(rest);
        let (words, behind) = rest.split_at(run.bytes);
        is_composed &= run.is_composed;
        if !words.is_empty() {
            if std::mem::take(&mut space_due) {
                visible.push(' ');
            }
            visible.push_str(words);
        }
        let mut characters = behind.chars();
        let other = characters.next();
        rest = characters.as_str();
        match other {
            Some(c) if c.is_whitespace() => space_due = !visible.is_empty(),
            Some(c) if !is_invisible(c) => {
                if std::mem::take(&mut space_due) {
                    visible.push(' ');
                }
                let straight = straight(c);
                is_composed &= Kind::of(straight).is_composed();
                visible.push(straight);
            }
            _ => {}
        }
    }
    if is_composed { visible } else { composed(visible) }
}

/// The beginning of a text that is folded to itself: words with one plain space between two, as most of a
/// text is.
struct Run {
    bytes: usize,
    /// Whether it certainly is in NFC, whatever stands around it.
    is_composed: bool,
}

impl Run {
    fn of(text: &str) -> Self {
        let mut is_composed = true;
        let bytes = plain::words(text, |c| {
            let kind = Kind::of(c);
            let stays = !c.is_ascii() && stays(kind);
            is_composed &= kind.is_composed() || !stays;
            stays
        });
        Self { bytes, is_composed }
    }
}

/// Whether a character beyond ASCII is folded to itself, as far as is seen at once: letters, digits and
/// marks are.
fn stays(kind: Kind) -> bool {
    matches!(kind.role(), Role::Continues | Role::Marks | Role::StandsAlone)
}

/// Puts a text that [`fold_keeping_case`] made into lower case: together they are [`fold`].
#[must_use]
pub fn lower(folded: &str) -> String {
    let ascii_lower = folded.to_ascii_lowercase();
    if ascii_lower.is_ascii() {
        return ascii_lower;
    }
    // Letter by letter: the rule for the last sigma of a word would look at the whole line.
    let mut lower = String::with_capacity(ascii_lower.len());
    let mut is_composed = true;
    let mut is_large = |c: char| {
        if c.is_ascii() {
            return false;
        }
        let kind = Kind::of(c);
        is_composed &= kind.is_composed();
        kind.has_lowercase()
    };
    let mut rest = ascii_lower.as_str();
    while let Some(at) = rest.find(&mut is_large) {
        let (small, from) = rest.split_at(at);
        lower.push_str(small);
        let mut characters = from.chars();
        for small in characters.next().into_iter().flat_map(char::to_lowercase) {
            is_large(small);
            lower.push(small);
        }
        rest = characters.as_str();
    }
    lower.push_str(rest);
    if is_composed { lower } else { composed(lower) }
}

/// The letters and digits of a text, in lower case: what is left of it when quotes, spaces,
/// punctuation and character references that were never decoded are disregarded.
#[must_use]
pub fn letters_and_digits(text: &str) -> String {
    let folded = match without_references(text) {
        Some(text) => fold(&text),
        None => fold(text),
    };
    let mut kept = String::with_capacity(folded.len());
    folded.split(|c: char| !c.is_alphanumeric()).for_each(|piece| kept.push_str(piece));
    kept
}

/// A text without its character references and ampersands; `None` if it has none.
fn without_references(text: &str) -> Option<String> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        rest = after_reference(from).unwrap_or_else(|| from.strip_prefix('&').unwrap_or(""));
    }
    if rest.len() == text.len() {
        return None;
    }
    kept.push_str(rest);
    Some(kept)
}

/// Whether a text is certainly longer than so many characters once it is folded.
///
/// Cheap, and exact for ASCII without runs of spaces; elsewhere folding may take marks and
/// decomposed letters together, seldom more than half of the characters.
#[must_use]
pub fn is_longer_folded(text: &str, chars: usize) -> bool {
    text.len() > chars && (text.is_ascii() || text.chars().nth(2 * chars).is_some())
}

/// Whether a character is invisible wherever it stands: zero-width and direction marks, the
/// soft hyphen, the byte order mark.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// What follows the character reference that a text begins with, if it begins with one.
fn after_reference(text: &str) -> Option<&str> {
    let text = text.strip_prefix('&')?;
    // Only so far, or a text of nothing but ampersands would be searched once for each.
    let end = text.bytes().take(REFERENCE_MAX_CHARS + 1).position(|b| b == b';')?;
    let (name, rest) = text.split_at_checked(end)?;
    let name = name.strip_prefix('#').unwrap_or(name);
    let is_reference = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_reference { rest.strip_prefix(';') } else { None }
}

/// The text in NFC; most text is already.
fn composed(text: String) -> String {
    let is_composed = text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if is_composed { text } else { text.nfc().collect() }
}

/// The straight form of a quotation mark; any other character as it is.
fn straight(c: char) -> char {
    match c {
        '‘' | '’' | '‚' | '‛' => '\'',
        '“' | '”' | '„' | '‟' => '"',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_line_fold_to_one_string() {
        let check = |text: &str, expected: &str| assert_eq!(fold(text), expected, "{text:?}");
        check("Post a Comment", "post a comment");
        check("  Post\u{a0}a\u{202f}\tComment \n", "post a comment");
        check("“Curly” ‘and’ „low‟", "\"curly\" 'and' \"low\"");
        check("zero\u{200b}width\u{feff} soft\u{ad}hyphen", "zerowidth softhyphen");
        check("A\u{308}rger", "ärger");
        check("J\u{30c}", "ǰ");
        check("\u{200f}", "");
        check("", "");
        assert_eq!(fold_keeping_case("À  Lire “Aussi”"), "À Lire \"Aussi\"");
    }

    #[test]
    fn only_letters_and_digits_are_compared() {
        let check = |text: &str, expected: &str| {
            assert_eq!(letters_and_digits(text), expected, "{text:?}");
        };
        check("Baker’s “Last” Loaf, 1,000 Days On!", "bakerslastloaf1000dayson");
        check("Baker&#8217;s &quot;Last&quot; Loaf &amp; Crust", "bakerslastloafcrust");
        check("R&D; and Q&A", "randqa");
        check("&;& &# &#;", "");
        check("雪の朝、パンを焼く", "雪の朝パンを焼く");
    }

    proptest! {
        #[test]
        fn folding_takes_no_short_cut_that_changes_a_text(
            text in "([a-zé \u{301}\u{200b}\u{a0}’“]|[A-Za-z, ]{1,40}|İ|Σ|ﬁ|\u{1e9b}\u{323}|\\PC){0,24}",
        ) {
            let visible: String = text.chars().filter(|c| !is_invisible(*c)).map(straight).collect();
            let spaced = visible.split_whitespace().collect::<Vec<_>>().join(" ");
            let cased: String = spaced.nfc().collect();
            let small: String = cased.chars().flat_map(char::to_lowercase).nfc().collect();
            prop_assert_eq!(&fold_keeping_case(&text), &cased);
            prop_assert_eq!(fold(&text), small);
        }

        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
            let once = fold_keeping_case(&text);
            prop_assert_eq!(fold_keeping_case(&once), once);
        }

        #[test]
        fn of_ascii_only_the_spaces_are_folded(text in "[ -~\t]{0,40}") {
            let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(fold_keeping_case(&text), spaced);
        }

    }
}
