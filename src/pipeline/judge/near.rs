//! Verifies that a text is nearly the text of a stored article.
//!
//! The near fingerprints only propose; what decides is the texts themselves. Containment (how much
//! of the shorter text is in the longer one) is used and not Jaccard similarity, since copies are
//! cut: at a Jaccard threshold of .7 a quarter to a half of the true pairs are missed. The threshold
//! can be low because three guards stand behind it: short texts ask for more, the leads have to
//! agree, and templates filled in anew are told by their numbers ([`super::veto`]).
//!
//! The constants were chosen on labelled news, newswire resends and known edits, where the rule as a
//! whole reaches F1 .985, .995 and .973 on the halves that were kept aside.

use url::Url;

use super::veto::{self, share};
use crate::model::StoredArticle;
use crate::text::domain::same_publisher;
use crate::text::shingles::{self, BODY_SHINGLE, Span};
use crate::text::tokens::{Token, Tokens, tokens};

/// Fewer shared shingles than this are a quotation.
const SHARED_MIN: usize = 12;

/// The containment that makes two texts copies. Lower changes nothing on news; from .60 on, copies
/// with known heavy edits are missed.
const CONTAINMENT_MIN: f64 = 0.55;

/// The containment asked when one text is short: bot texts and stubs share their frame.
const CONTAINMENT_MIN_SHORT: f64 = 0.80;

/// A text of fewer distinct shingles than this is short.
const SHORT_BELOW: usize = 80;

/// The containment asked of two texts of one publisher, who updates a story with much of its old
/// background, and rarely posts it twice. Precision on news rises from .979 to .996 by it.
const CONTAINMENT_MIN_SAME_PUBLISHER: f64 = 0.70;

/// How much of the one lead the other text has to contain.
const LEAD_SHARE_MIN: f64 = 0.25;

/// The lead that is asked for.
const LEAD: Span = Span { words: 25, characters: 50 };

/// The shingles in which leads are compared: small, so that a changed word spoils few.
const LEAD_SHINGLE: Span = Span { words: 3, characters: 6 };

/// Long texts that agree this much need no common lead: local papers write their own.
const LEAD_WAIVED_FROM: f64 = 0.70;

/// The distinct shingles the shorter of two long texts has at least.
const LEAD_WAIVED_LENGTH: usize = 250;

/// The article whose text is most similar to `body`, and how similar, if any is similar enough.
///
/// The similarity is the containment, from 0 to 1. Held articles are never similar. Of equally
/// similar ones the first wins.
pub(super) fn most_similar<'known>(
    body: &str,
    url: Option<&str>,
    stored: &'known [StoredArticle],
) -> Option<(&'known StoredArticle, f64)> {
    let mut best: Option<(&StoredArticle, f64)> = None;
    let mut candidate: Option<Reading> = None;
    for article in stored {
        let Some(stored_body) = &article.body else {
            continue;
        };
        let reading = candidate.get_or_insert_with(|| Reading::of(body));
        let of_one_publisher = of_one_publisher(url, article.url.as_deref());
        let similarity = similarity(reading, &Reading::of(stored_body), of_one_publisher);
        if let Some(similarity) = similarity
            && best.is_none_or(|(_, least)| similarity > least)
        {
            best = Some((article, similarity));
        }
    }
    best
}

/// A text made ready to be compared.
struct Reading {
    tokens: Tokens,
    shingles: Vec<u64>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let tokens = tokens(text);
        let shingles = shingles::distinct(tokens.list(), BODY_SHINGLE);
        Self { tokens, shingles }
    }

    fn tokens(&self) -> &[Token] {
        self.tokens.list()
    }
}

/// Whether two addresses are known to be one publisher's.
fn of_one_publisher(left: Option<&str>, right: Option<&str>) -> bool {
    let host = |url: Option<&str>| Url::parse(url?).ok()?.host_str().map(str::to_owned);
    match (host(left), host(right)) {
        (Some(left), Some(right)) => same_publisher(&left, &right),
        _ => false,
    }
}

fn similarity(left: &Reading, right: &Reading, of_one_publisher: bool) -> Option<f64> {
    let shared = shingles::shared_count(&left.shingles, &right.shingles);
    if shared < SHARED_MIN {
        return None;
    }
    let smaller = left.shingles.len().min(right.shingles.len());
    let containment = share(shared, smaller);
    let copied = containment >= containment_min(smaller, of_one_publisher)
        && (lead_is_waived(containment, smaller) || leads_agree(left.tokens(), right.tokens()))
        && !is_filled_in_anew(left, right);
    copied.then_some(containment)
}

fn containment_min(smaller: usize, of_one_publisher: bool) -> f64 {
    if smaller < SHORT_BELOW {
        CONTAINMENT_MIN_SHORT
    } else if of_one_publisher {
        CONTAINMENT_MIN_SAME_PUBLISHER
    } else {
        CONTAINMENT_MIN
    }
}

fn lead_is_waived(containment: f64, smaller: usize) -> bool {
    containment >= LEAD_WAIVED_FROM && smaller >= LEAD_WAIVED_LENGTH
}

/// Whether either text contains enough of the other's lead: one may have a paragraph before it.
fn leads_agree(left: &[Token], right: &[Token]) -> bool {
    lead_share(left, right) >= LEAD_SHARE_MIN || lead_share(right, left) >= LEAD_SHARE_MIN
}

fn lead_share(of: &[Token], within: &[Token]) -> f64 {
    let lead = of.get(..LEAD.of(of)).unwrap_or(of);
    let lead = shingles::distinct(lead, LEAD_SHINGLE);
    let within = shingles::distinct(within, LEAD_SHINGLE);
    share(shingles::shared_count(&lead, &within), lead.len())
}

fn is_filled_in_anew(left: &Reading, right: &Reading) -> bool {
    if left.shingles.len() <= right.shingles.len() {
        veto::is_filled_in_anew(left.tokens(), right.tokens())
    } else {
        veto::is_filled_in_anew(right.tokens(), left.tokens())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::story;
    use super::*;
    use crate::model::{ArticleId, Standing};

    const HERE: &str = "https://www.harbour.example/a";
    const THERE: &str = "https://meadow.example/b";

    fn stored(id: i64, url: &str, body: Option<&str>) -> StoredArticle {
        StoredArticle {
            id: ArticleId(id),
            url: Some(url.to_owned()),
            standing: Standing::Feed,
            copied: false,
            title: String::new(),
            published_at: None,
            body: body.map(str::to_owned),
            body_sha256: body.map(|_| String::new()),
            words: 0,
        }
    }

    /// Whether two texts at two addresses are copies, asked in both directions.
    fn check(promise: &str, left: (&str, &str), right: (&str, &str), expected: bool) {
        for ((url, body), (stored_url, stored_body)) in [(left, right), (right, left)] {
            let known = [stored(1, stored_url, Some(stored_body))];
            let found = most_similar(body, Some(url), &known);
            assert_eq!(found.is_some(), expected, "{promise}: {:?}", found.map(|(_, share)| share));
        }
    }

    #[test]
    fn copies_are_found_whatever_was_cut_or_added() {
        let body = story(1, 400);
        for (promise, copy) in [
            ("the text itself", body.clone()),
            ("cut to a third", story(1, 130)),
            ("a long text after a foreign lead", story(2, 80) + &body),
            ("a foreign end", story(1, 300) + &story(2, 100)),
            ("other typography", body.replace(' ', "\u{a0}").replace('.', " …")),
            ("a word changed here and there", body.replace("orchestra", "band")),
        ] {
            check(promise, (HERE, &body), (THERE, &copy), true);
        }
    }

    #[test]
    fn a_long_copy_needs_no_common_lead() {
        for (words, expected) in [(300, true), (150, false)] {
            let left = story(2, words / 5) + &story(1, words);
            let right = story(3, words / 5) + &story(1, words);
            check(&format!("{words} words"), (HERE, &left), (THERE, &right), expected);
        }
        let short = story(1, 150) + &story(3, 10);
        let introduced = story(2, 40) + &story(1, 150);
        check("the lead further down", (HERE, &short), (THERE, &introduced), true);
    }

    #[test]
    fn what_only_resembles_is_no_copy() {
        let opening = story(1, 120);
        let ending = story(1, 200);
        for (promise, left, right) in [
            ("strangers", story(1, 400), story(2, 400)),
            ("a long quotation", story(2, 200) + &story(1, 60), story(3, 200) + &story(1, 60)),
            ("half a text", opening.clone() + &story(2, 120), opening + &story(3, 120)),
            (
                "short texts with one frame",
                story(1, 55) + &story(2, 20),
                story(1, 55) + &story(3, 20),
            ),
            ("another lead", story(2, 120) + &ending, story(3, 120) + &ending),
            ("fewer shingles than a quotation", story(1, 14), story(1, 14)),
            ("nothing at all", String::new(), String::new()),
        ] {
            check(promise, (HERE, &left), (THERE, &right), false);
        }
    }

    #[test]
    fn one_publisher_updates_a_story_and_rarely_repeats_it() {
        let before = story(1, 180) + &story(2, 110);
        let after = story(1, 180) + &story(3, 110);
        for (left, right, expected) in [
            (HERE, THERE, true),
            (HERE, "https://live.harbour.example/c", false),
            (HERE, "no address", true),
            ("no address", "no address", true),
            ("https://10.0.0.1/a", "https://20.0.0.1/b", true),
            ("https://10.0.0.1/a", "https://10.0.0.1:8080/b", false),
            ("https://[::1]/a", "https://[::1]/b", false),
            ("https://one.blogspot.com/", "https://two.blogspot.com/", true),
            ("https://localhost/a", "https://localhost/b", false),
        ] {
            check(&format!("{left} and {right}"), (left, &before), (right, &after), expected);
        }
    }

    #[test]
    fn a_template_filled_in_anew_is_no_copy() {
        let filled = |profit, sales, year| {
            format!(
                "{} The company earned {profit} million in the quarter against {sales} million \
                 the year before, it said on {year} in its report. {}",
                story(1, 30),
                story(2, 40),
            )
        };
        check("fillings", (HERE, &filled(12, 40, 3)), (THERE, &filled(15, 44, 4)), false);
        check("one filling", (HERE, &filled(12, 40, 3)), (THERE, &filled(12, 40, 3)), true);
    }

    #[test]
    fn the_most_similar_article_is_found_and_of_equals_the_first() {
        let body = story(1, 400);
        let changed = story(1, 300) + &story(2, 100);
        let known = [
            stored(1, THERE, None),
            stored(2, THERE, Some(&story(3, 400))),
            stored(3, THERE, Some(&changed)),
            stored(4, THERE, Some(&body)),
            stored(5, THERE, Some(&body)),
        ];
        let found = most_similar(&body, None, &known).map(|(article, share)| (article.id.0, share));
        assert_eq!(found, Some((4, 1.0)));
    }

    proptest! {
        #[test]
        fn any_two_texts_can_be_compared(left in any::<String>(), right in any::<String>()) {
            let known = [stored(1, &left, Some(&right)), stored(2, &right, Some(&left))];
            let found = most_similar(&left, Some(&right), &known);
            prop_assert!(found.is_none_or(|(_, share)| (0.0..=1.0).contains(&share)));
        }

        #[test]
        fn a_text_is_most_similar_to_itself(seed in 0_u64..1000, words in 20_u64..300) {
            let body = story(seed, words);
            let known = [stored(1, THERE, Some(&story(seed, words / 2))), stored(2, THERE, Some(&body))];
            let found = most_similar(&body, Some(HERE), &known);
            prop_assert!(matches!(found, Some((_, share)) if share >= 1.0));
        }
    }
}
