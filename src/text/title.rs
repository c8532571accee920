//! Compares titles with what stands in texts: whole, cut short, with a publisher's name or without.

use super::fold::{is_invisible, letters_and_digits};
use super::kind::Kind;

/// The shortest title, in letters and digits, that is compared with anything.
const TITLE_MIN_CHARS: usize = 3;

/// A shared beginning must be longer than this, in letters and digits, to name a cut title.
const CUT_TITLE_MIN_CHARS: usize = 12;

/// Titles shorter than this, in letters and digits, must agree in full: one changed word of a
/// short title is another title.
const SIMILAR_TITLE_MIN_CHARS: usize = 20;

/// The longest publisher's name, in characters, that is taken off the end of a title.
const PUBLISHER_MAX_CHARS: usize = 60;

/// So many characters at the beginning of a line tell nearly every one from a title.
const LEAD_CHARS: usize = 12;

/// The marks that stand between a title and the publisher's name.
const PUBLISHER_MARKS: [&str; 4] = [" - ", " – ", " — ", " | "];

/// A title without the publisher's name that feeds of feeds append: `Title - The Publisher`.
///
/// Only the last segment goes, because titles and publishers both contain dashes, and only if
/// it is at most 60 characters long and something is left before it.
#[must_use]
pub fn without_publisher(title: &str) -> &str {
    let last = title.rmatch_indices(' ').find_map(|(at, _)| {
        let (before, rest) = title.split_at(at);
        let publisher = PUBLISHER_MARKS.iter().find_map(|mark| rest.strip_prefix(mark))?;
        Some((before, publisher))
    });
    match last {
        Some((before, publisher))
            if !before.trim().is_empty()
                && (2..=PUBLISHER_MAX_CHARS).contains(&publisher.chars().count()) =>
        {
            before.trim_end()
        }
        _ => title,
    }
}

/// The forms in which a title may stand in a text, ready for comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TitleForms {
    /// Letters and digits of the whole title; empty if the title is too short to compare.
    whole: String,
    /// The same without the publisher; empty if there was none or too little is left.
    bare: String,
}

impl TitleForms {
    /// Prepares a title for comparison.
    #[must_use]
    pub fn of(title: &str) -> Self {
        let long_enough = |form: String| {
            if form.chars().count() < TITLE_MIN_CHARS { String::new() } else { form }
        };
        let whole = long_enough(letters_and_digits(title));
        let without_publisher = without_publisher(title);
        if without_publisher.len() == title.len() {
            return Self { whole, bare: String::new() };
        }
        let bare = long_enough(letters_and_digits(without_publisher));
        Self { bare: if bare == whole { String::new() } else { bare }, whole }
    }

    /// Whether there is no title that could be compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// Whether a line is this title and nothing else, with or without a publisher's name.
    #[must_use]
    pub fn is(&self, line: &str) -> bool {
        if self.is_empty() || !self.may_begin(line) {
            return false;
        }
        let line_whole = letters_and_digits(line);
        if line_whole == self.whole || (!self.bare.is_empty() && line_whole == self.bare) {
            return true;
        }
        // The line names a publisher that the title does not; a short line could be anything.
        let without_publisher = without_publisher(line);
        if without_publisher.len() == line.len() {
            return false;
        }
        let line_bare = letters_and_digits(without_publisher);
        line_bare == self.whole && line_bare.chars().count() > CUT_TITLE_MIN_CHARS
    }

    /// Whether a line may be this title, as far as that is seen by its first letters: most lines begin
    /// with others.
    fn may_begin(&self, line: &str) -> bool {
        let (mut whole, mut bare) = (self.whole.chars(), self.bare.chars());
        let (mut may_be_whole, mut may_be_bare) = (true, true);
        // A mark that follows a letter makes another letter of it, be there between what vanishes.
        let is_doubtful = |c: char| c == '&' || is_invisible(c) || !Kind::of(c).is_composed();
        if line.starts_with(is_doubtful) {
            return self.may_lead(line);
        }
        let mut characters = line.chars().peekable();
        while let Some(c) = characters.next() {
            if characters.peek().is_some_and(|next| is_doubtful(*next)) {
                return self.may_lead(line);
            }
            if !c.is_alphanumeric() {
                continue;
            }
            let mut lower = c.to_lowercase();
            let (Some(letter), None) = (lower.next(), lower.next()) else {
                return self.may_lead(line);
            };
            may_be_bare = may_be_bare && bare.next() == Some(letter);
            may_be_whole = may_be_whole
                && match whole.next() {
                    Some(expected) => expected == letter,
                    // The publisher's name may follow, which has this letter, and nothing longer.
                    None => return characters.nth(PUBLISHER_MAX_CHARS - 1).is_none(),
                };
            if !may_be_whole && !may_be_bare {
                return false;
            }
        }
        true
    }

    /// The same of a line whose letters depend on what stands beside them: a piece of it is folded, up to
    /// a character that joins nothing before it.
    fn may_lead(&self, line: &str) -> bool {
        // What vanishes lets what is behind it join.
        let ends_piece = |c: char| !Kind::of(c).joins() && !is_invisible(c) && c != '&';
        let mut ends = line.char_indices().skip(LEAD_CHARS).filter(|(_, c)| ends_piece(*c));
        let piece = ends.next().and_then(|(end, _)| line.get(..end));
        // A character reference may go on behind it.
        let Some(piece) = piece.filter(|piece| !piece.contains('&')) else { return true };
        let lead = letters_and_digits(piece);
        self.forms().any(|form| form.starts_with(&lead) || lead.starts_with(form))
    }

    /// Whether a text inside a line stands for this title: equal, cut short, lengthened by a
    /// publisher, or changed in one place that is less than a tenth of it.
    #[must_use]
    pub fn resembles(&self, text: &str) -> bool {
        let text = letters_and_digits(text);
        self.forms().any(|form| same_title(&text, form))
    }

    /// The forms that can be compared.
    fn forms(&self) -> impl Iterator<Item = &str> {
        [self.whole.as_str(), &self.bare].into_iter().filter(|form| !form.is_empty())
    }
}

/// Whether two titles, reduced to letters and digits, are one title.
fn same_title(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (a_chars, b_chars) = (a.chars().count(), b.chars().count());
    let (shorter, longer) = if a_chars < b_chars { (a_chars, b_chars) } else { (b_chars, a_chars) };
    if shorter > CUT_TITLE_MIN_CHARS && (a.starts_with(b) || b.starts_with(a)) {
        return true;
    }
    if shorter <= SIMILAR_TITLE_MIN_CHARS {
        return false;
    }
    // Linear, unlike an edit distance, and one changed place is what double decoding leaves.
    let ahead = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let behind = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).count();
    let shared = (ahead + behind).min(shorter);
    20 * shared > 9 * (shorter + longer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    #[test]
    fn the_publisher_goes_and_the_title_stays() {
        let check = |title: &str, expected: &str| {
            assert_eq!(without_publisher(title), expected, "{title:?}");
        };
        check("Oven Saved - Hill Gazette", "Oven Saved");
        check("Oven - Bread - Hill Gazette", "Oven - Bread");
        check("Oven Saved | Hill Gazette", "Oven Saved");
        check("Oven | Bread — Hill Gazette", "Oven | Bread");
        check("Oven - - Hill Gazette", "Oven -");
        check("Oven Saved", "Oven Saved");
        check(" - Hill Gazette", " - Hill Gazette");
        check("Oven Saved - X", "Oven Saved - X");
        check("", "");
    }

    #[test]
    fn a_line_is_the_title_with_or_without_a_publisher() {
        let check = |title: &str, line: &str, expected: bool| {
            assert_eq!(TitleForms::of(title).is(line), expected, "{title:?} / {line:?}");
        };
        check("Valley Keeps Its Baker", "Valley keeps its baker", true);
        check("Valley Keeps Its Baker", "Valley Keeps Its Baker - Hill Gazette", true);
        check("Valley Keeps Its Baker - Hill Gazette", "Valley Keeps Its Baker", true);
        check("Valley Keeps Its Baker - Hill Gazette", "Valley Keeps Its Baker Hill Gazette", true);
        check("Valley Keeps Its Baker", "Valley Keeps Its Baker After All", false);
        check("The hour noか&\u{3099}", "The hour noか&\u{3099}", true);
        let longest = "p".repeat(PUBLISHER_MAX_CHARS);
        check("Valley Keeps Its Baker", &format!("Valley Keeps Its Baker - {longest}"), true);
        check("Valley Keeps Its Baker", &format!("Valley Keeps Its Baker - {longest}p"), false);
        check("Bread", "Bread - Butter", false);
        check("Bread - Butter", "Bread - Salt", false);
        check("", "", false);
        check("…", "…", false);
    }

    #[test]
    fn a_cut_or_slightly_changed_title_is_still_the_title() {
        let check = |title: &str, text: &str, expected: bool| {
            assert_eq!(TitleForms::of(title).resembles(text), expected, "{title:?} / {text:?}");
        };
        let title = "Mountain Village Keeps Its Last Baker - Hill Gazette";
        check(title, "Mountain Village Keeps Its Last Baker", true);
        check(title, "Mountain Village Keeps", true);
        check(title, "Mountain Village Keeps Its Lost Baker", true);
        check(title, "Mountain", false);
        check(title, "beside the mill", false);
        check("Bread", "Bread", true);
        check("Bread", "Breads", false);
        check("", "Bread", false);
    }

    proptest! {
        #[test]
        fn how_a_line_begins_never_hides_that_it_is_the_title(
            title in "[ -&Éé\u{301}\u{308}а-яА-Яが\u{3099}か中\u{200b}İ]{3,18}",
        ) {
            let forms = TitleForms::of(&title);
            let folded = letters_and_digits(&title);
            for line in [title.to_uppercase(), title.to_lowercase(), title.nfd().collect(), format!("“{title}")] {
                if letters_and_digits(&line) == folded {
                    prop_assert!(forms.is_empty() || forms.is(&line), "{line:?}");
                    let line = format!("{line} - The Paper");
                    let is_short = folded.chars().count() <= CUT_TITLE_MIN_CHARS;
                    let is_another = letters_and_digits(without_publisher(&line)) != folded;
                    prop_assert!(is_short || is_another || forms.is(&line), "{line:?}");
                }
            }
        }

        #[test]
        fn a_title_is_always_itself(title in any::<String>()) {
            let forms = TitleForms::of(&title);
            prop_assert!(forms.is_empty() || (forms.is(&title) && forms.resembles(&title)));
        }
    }
}
