//! Proposes rules from near copies: what stands below the same article at one host and not at another
//! is no part of the article.
//!
//! Two copies that differ are the best witnesses, because the text itself is the comparison: a line
//! need not be frequent, only foreign to the other copy. A writer's last sentences that one host left
//! out are foreign as well, but they come once; so a line must end several articles.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{ABOVE_MIN, END_LINES, Evidence, LETTERS_MIN, LINE_MAX_CHARS, Proposal};
use super::{masked, pattern};

/// Below how many different articles a line must stand.
const ARTICLES_MIN: usize = 3;

/// What was learned so far of lines that only one of two copies has.
#[derive(Debug, Default)]
pub struct Comparer {
    /// By host and masked line.
    found: BTreeMap<(String, String), Found>,
}

/// What is known of a line that ends texts of one host and not their copies elsewhere.
#[derive(Debug, Default)]
struct Found {
    line: String,
    /// The numbers of the articles.
    articles: BTreeSet<i64>,
    /// The shared lines that the runs it was in stood below.
    above: BTreeSet<String>,
    elsewhere: BTreeSet<String>,
}

impl Comparer {
    /// Looks at two copies of one article, each with its host.
    pub fn compare(&mut self, article: i64, one: (&str, &str), other: (&str, &str)) {
        if one.0 != other.0 {
            self.learn(article, one, other);
            self.learn(article, other, one);
        }
    }

    /// Takes in the run of lines at the end of a text that its copy has not.
    fn learn(&mut self, article: i64, (host, body): (&str, &str), (elsewhere, copy): (&str, &str)) {
        let theirs: HashSet<String> = copy.lines().map(masked).collect();
        let lines: Vec<(&str, String)> =
            body.lines().rev().take(END_LINES + 1).map(|line| (line, masked(line))).collect();
        // Where nothing is shared above, the copy may have lost the end of the article itself.
        let Some(run) = lines.iter().position(|(_, key)| theirs.contains(key)) else { return };
        for (line, key) in lines.iter().take(run) {
            let letters = key.chars().filter(|c| c.is_alphabetic()).count();
            if line.chars().nth(LINE_MAX_CHARS).is_some() || letters < LETTERS_MIN {
                continue;
            }
            let found = self.found.entry((host.to_owned(), key.clone())).or_default();
            (*line).clone_into(&mut found.line);
            found.articles.insert(article);
            found.above.extend(lines.get(run).map(|(_, shared)| shared.clone()));
            found.elsewhere.insert(elsewhere.to_owned());
        }
    }

    /// What is proposed: host by host, the lines of most articles first.
    #[must_use]
    pub fn proposals(&self) -> Vec<Proposal> {
        let often = self.found.iter().filter(|(_, found)| {
            found.articles.len() >= ARTICLES_MIN && found.above.len() >= ABOVE_MIN
        });
        let mut proposals: Vec<Proposal> = often
            .map(|((host, key), found)| Proposal {
                host: host.clone(),
                line: found.line.clone(),
                pattern: pattern(key),
                evidence: Evidence::Copies {
                    articles: found.articles.iter().copied().collect(),
                    elsewhere: found.elsewhere.iter().cloned().collect(),
                },
            })
            .collect();
        // Stable, so hosts and patterns stay in the order of the map.
        proposals.sort_by(|one, other| {
            one.host
                .cmp(&other.host)
                .then_with(|| other.evidence.weight().cmp(&one.evidence.weight()))
        });
        proposals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is learned of articles, each carried by two hosts with an end of its own at each.
    fn learned(
        count: i64,
        one: impl Fn(i64) -> String,
        other: impl Fn(i64) -> String,
    ) -> Vec<(String, String)> {
        let mut comparer = Comparer::default();
        for number in 0..count {
            let name = "x".repeat(usize::try_from(number).unwrap() + 1);
            let story =
                format!("The bread of {name} was sold out by noon.\nNobody in {name} knew why.");
            let (one, other) =
                (format!("{story}\n{}", one(number)), format!("{story}\n{}", other(number)));
            comparer.compare(number, ("one.example", one.trim()), ("other.example", other.trim()));
        }
        comparer.proposals().into_iter().map(|found| (found.host, found.pattern)).collect()
    }

    fn nothing(_: i64) -> String {
        String::new()
    }

    #[test]
    fn what_stands_below_several_articles_at_one_host_only_is_proposed() {
        let tail = |number: i64| format!("Get our letter no. {number}\nThe Valley, est. 1901");
        let expected = [r"get our letter no\. [0-9]+", r"the valley, est\. [0-9]+"];
        for (host, found) in [
            ("one.example", learned(3, tail, nothing)),
            ("other.example", learned(3, nothing, tail)),
        ] {
            let expected = expected.map(|pattern| (host.to_owned(), pattern.to_owned()));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_both_have_what_comes_seldom_and_what_one_left_out_once_prove_nothing() {
        let letter = |_: i64| "Get our letter".to_owned();
        assert_eq!(learned(9, letter, letter), []);
        assert_eq!(learned(2, letter, nothing), []);
        let sentence = |number: i64| {
            format!("In the end {} went home.", "y".repeat(usize::try_from(number).unwrap() + 1))
        };
        assert_eq!(learned(9, sentence, nothing), []);
    }

    #[test]
    fn texts_of_one_host_and_texts_that_share_nothing_prove_nothing() {
        let mut comparer = Comparer::default();
        for number in 0..9_u8 {
            let above = "x".repeat(usize::from(number) + 1);
            let (one, other) =
                (format!("{above}\nGet our letter"), format!("{above} too\nAnd so on"));
            comparer.compare(9, ("one.example", &one), ("one.example", &above));
            comparer.compare(number.into(), ("one.example", &one), ("other.example", &other));
        }
        assert_eq!(comparer.proposals(), []);
    }
}
