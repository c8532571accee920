//! Finds the stored article whose text a text is nearly, and what kept it from the others.
//!
//! The near fingerprints only propose; what decides is the texts themselves ([`super::compare`]).
//! An article stands with its own text and with the texts of those copies that differ much from it,
//! so that a copy of a copy is found without chaining through pairs that were never compared.

use super::compare::{Circumstances, Reading, compare};
use super::{of_one_publisher, title};
use crate::model::{
    Candidate, CanonicalUrl, Comparison, Evidence, NearArticle, Reason, StoredArticle,
};

/// What became of comparing a text with those that were proposed.
#[derive(Debug, Default)]
pub(super) struct Nearest<'known> {
    /// The most similar article of which the text is a copy.
    pub(super) copied: Option<(&'known StoredArticle, Evidence)>,
    /// The most similar article that is another one all the same.
    pub(super) refused: Option<Evidence>,
}

/// Compares a candidate's body with the articles that were proposed for it.
///
/// Held articles are never similar. Of equally similar ones the first wins.
pub(super) fn nearest<'known>(
    candidate: &Candidate,
    body: &str,
    proposed: &'known [NearArticle],
) -> Nearest<'known> {
    let mut nearest = Nearest::default();
    if proposed.is_empty() {
        return nearest;
    }
    let reading = Reading::of(body);
    let url = candidate.url.as_ref().map(CanonicalUrl::as_str);
    for NearArticle { article, texts } in proposed {
        for (place, text) in texts.iter().enumerate() {
            let (outcome, comparison) = compare(&reading, &Reading::of(text), || Circumstances {
                of_one_publisher: of_one_publisher(url, article.url.as_deref()),
                titles_agree: title::agree(&candidate.title, &article.title),
                with_a_variant: place > 0,
            });
            nearest.consider(article, outcome, comparison);
        }
    }
    nearest
}

impl<'known> Nearest<'known> {
    fn consider(
        &mut self,
        article: &'known StoredArticle,
        outcome: Result<Reason, Reason>,
        comparison: Comparison,
    ) {
        let evidence = |reason| Evidence {
            article: Some(article.id),
            reason: Some(reason),
            comparison: Some(comparison),
        };
        let is_more_than = |other: Option<&Evidence>| {
            let other = other.and_then(|evidence| evidence.comparison);
            other.is_none_or(|other| comparison.containment > other.containment)
        };
        match outcome {
            Ok(reason) => {
                if is_more_than(self.copied.as_ref().map(|(_, evidence)| evidence)) {
                    self.copied = Some((article, evidence(reason)));
                }
            }
            Err(reason) => {
                if is_more_than(self.refused.as_ref()) {
                    self.refused = Some(evidence(reason));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{article, proposed, story, usable};
    use super::*;

    const HERE: &str = "https://www.harbour.example/a";
    const THERE: &str = "https://meadow.example/b";

    fn stored(id: i64, url: &str, body: &str) -> NearArticle {
        let url = Some(url.to_owned());
        proposed(&[body], StoredArticle { url, ..article(id, Some("")) })
    }

    /// The number of the article that `body` at `url` is a copy of, and how much of it is contained.
    fn most_similar(body: &str, url: Option<&str>, known: &[NearArticle]) -> Option<(i64, f64)> {
        let url = url.map(|url| CanonicalUrl::from_canonical(url.to_owned()));
        let candidate = Candidate { url, ..usable("", 0) };
        let (article, evidence) = nearest(&candidate, body, known).copied?;
        Some((article.id.0, evidence.comparison?.containment))
    }

    /// Whether two texts at two addresses are copies, asked in both directions.
    fn check(promise: &str, left: (&str, &str), right: (&str, &str), expected: bool) {
        for ((url, body), (stored_url, stored_body)) in [(left, right), (right, left)] {
            let known = [stored(1, stored_url, stored_body)];
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
    fn of_two_texts_equally_long_it_does_not_matter_which_came_first() {
        let left = story(0, 54);
        let mut reworded: Vec<&str> = left.split_whitespace().collect();
        for (at, word) in [(0, "aaa"), (5, "00"), (10, "aaa")] {
            reworded[at] = word;
        }
        let (left, right) = (Reading::of(&left), Reading::of(&reworded.join(" ")));
        assert_eq!(
            compare(&left, &right, Circumstances::default),
            compare(&right, &left, Circumstances::default)
        );
    }

    #[test]
    fn the_most_similar_article_is_found_and_of_equals_the_first() {
        let body = story(1, 400);
        let changed = story(1, 300) + &story(2, 100);
        let known = [
            proposed(&[], article(1, None)),
            stored(2, THERE, &story(3, 400)),
            stored(3, THERE, &changed),
            stored(4, THERE, &body),
            stored(5, THERE, &body),
        ];
        assert_eq!(most_similar(&body, None, &known), Some((4, 1.0)));
    }

    proptest! {
        #[test]
        fn any_two_texts_can_be_compared(left in any::<String>(), right in any::<String>()) {
            let known = [stored(1, &left, &right), stored(2, &right, &left)];
            let found = most_similar(&left, Some(&right), &known);
            prop_assert!(found.is_none_or(|(_, share)| (0.0..=1.0).contains(&share)));
        }

        #[test]
        fn two_texts_are_copies_of_each_other_or_neither_is(
            seed in 0_u64..1000,
            words in 20_usize..260,
            edits in prop::collection::vec((any::<prop::sample::Index>(), "[a-z]{3,6}|[0-9]{2}|[A-Z][a-z]{4}"), 0..60),
            cut in prop_oneof![Just(0_usize), 0_usize..80],
            of_one_publisher in any::<bool>(),
            titles_agree in any::<bool>(),
        ) {
            let left = story(seed, words as u64);
            let mut right: Vec<&str> = left.split_whitespace().collect();
            right.truncate(words.saturating_sub(cut).max(1));
            for (at, word) in &edits {
                let at = at.index(right.len());
                right[at] = word;
            }
            let (left, right) = (Reading::of(&left), Reading::of(&right.join(" ")));
            let circumstances =
                Circumstances { of_one_publisher, titles_agree, with_a_variant: false };
            let there = compare(&left, &right, || circumstances);
            prop_assert_eq!(there, compare(&right, &left, || circumstances));
        }

        #[test]
        fn a_text_is_most_similar_to_itself(seed in 0_u64..1000, words in 20_u64..300) {
            let body = story(seed, words);
            let known = [stored(1, THERE, &story(seed, words / 2)), stored(2, THERE, &body)];
            let found = most_similar(&body, Some(HERE), &known);
            prop_assert!(matches!(found, Some((_, share)) if share >= 1.0));
        }
    }
}
