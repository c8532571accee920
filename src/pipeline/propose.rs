//! Proposes boilerplate rules: lines that many texts of one host end in, and lines that only one of
//! two copies ends in.
//!
//! Nothing here touches a text. What lines are frequent depends on what came before, and a hash
//! must not; so a person reads what is proposed and puts what is right into the rule file.
//!
//! Thresholds after an experiment with 7,166 posts of 14 feeds in the order of their time: five
//! texts and 2 % of the last 200 cut no sentence of prose; three texts without a share cut thanks
//! and sources. Texts count once by title and beginning, since a post that came 13 times made all
//! of its sentences frequent.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::text::fold::fold;

mod copies;

pub use copies::Comparer;

/// How many of a host's latest texts are looked at, and the least that tell anything.
const TEXTS_MAX: usize = 200;
const TEXTS_MIN: usize = 50;

/// A line must stand at the end of so many texts, and of so many percent of them.
const SEEN_MIN: usize = 5;
const SEEN_PERCENT_MIN: usize = 2;

/// How many lines are the end of a text.
const END_LINES: usize = 12;

/// How many percent of a line's sightings must be at the end of a text.
const AT_END_PERCENT_MIN: usize = 80;

/// How many different lines must have stood above it: below always the same one it is part of a
/// text that is printed again and again.
const ABOVE_MIN: usize = 3;

/// The longest line, in characters: what rules look at.
const LINE_MAX_CHARS: usize = 160;

/// The least letters of a line.
const LETTERS_MIN: usize = 3;

/// A line that many texts of a host end in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The host.
    pub host: String,
    /// The line as it stood once.
    pub line: String,
    /// The pattern: the line folded, where any digits may stand in the place of digits.
    pub pattern: String,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// What speaks for a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Many texts of the host end in the line, in a run of such lines.
    Frequent {
        /// How many.
        seen: usize,
        /// How many texts were looked at.
        texts: usize,
        /// How many different lines stood above it.
        above: usize,
    },
    /// Texts of the host end in the line, and copies of them elsewhere do not have it.
    Copies {
        /// The numbers of the articles.
        articles: Vec<i64>,
        /// The hosts of the copies.
        elsewhere: Vec<String>,
    },
}

impl Evidence {
    /// In how many texts the line was seen.
    fn weight(&self) -> usize {
        match self {
            Self::Frequent { seen, .. } => *seen,
            Self::Copies { articles, .. } => articles.len(),
        }
    }
}

/// What was learned so far, host by host. Give it the latest texts first.
#[derive(Debug, Default)]
pub struct Learner {
    hosts: BTreeMap<String, Host>,
}

#[derive(Debug, Default)]
struct Host {
    beginnings: HashSet<String>,
    /// The last lines of each text, the last one first.
    ends: Vec<Vec<String>>,
    /// In how many texts a short line stands anywhere.
    anywhere: HashMap<String, usize>,
}

impl Learner {
    /// Looks at one text of a host.
    pub fn learn(&mut self, host: &str, title: &str, body: &str) {
        let texts = self.hosts.entry(host.to_owned()).or_default();
        let beginning = body.lines().find(|line| line.chars().count() > 40).unwrap_or_default();
        let is_full = texts.ends.len() >= TEXTS_MAX;
        // Either alone makes a text one that was seen: reposts change the one or the other.
        let is_known = [fold(title), fold(beginning)]
            .into_iter()
            .filter(|sign| !sign.is_empty())
            .map(|sign| texts.beginnings.insert(sign))
            .any(|is_new| !is_new);
        if is_full || is_known {
            return;
        }
        let short = |line: &&str| line.chars().nth(LINE_MAX_CHARS).is_none();
        let distinct: HashSet<String> = body.lines().filter(short).map(masked).collect();
        for line in distinct {
            *texts.anywhere.entry(line).or_default() += 1;
        }
        texts.ends.push(body.lines().rev().take(END_LINES + 1).map(str::to_owned).collect());
    }

    /// What is proposed: the most frequent lines of each host first.
    #[must_use]
    pub fn proposals(&self) -> Vec<Proposal> {
        self.hosts.iter().flat_map(|(host, texts)| texts.proposals(host)).collect()
    }
}

/// What is known of a line at the end of texts.
#[derive(Debug, Default)]
struct AtEnd<'a> {
    line: &'a str,
    texts: usize,
    above: HashSet<&'a str>,
}

impl Host {
    fn proposals(&self, host: &str) -> Vec<Proposal> {
        let texts = self.ends.len();
        if texts < TEXTS_MIN {
            return Vec::new();
        }
        let frequent = self.frequent();
        // Only what stands in a run of frequent lines down to the last counts.
        let mut runs: HashMap<String, usize> = HashMap::new();
        for end in &self.ends {
            let keys = end.iter().take(END_LINES).map(|line| masked(line));
            let run: HashSet<String> = keys.take_while(|key| frequent.contains_key(key)).collect();
            for key in run {
                *runs.entry(key).or_default() += 1;
            }
        }
        let mut proposals: Vec<Proposal> = runs
            .into_iter()
            .filter(|(_, seen)| is_often(*seen, texts))
            .filter_map(|(key, seen)| {
                let found = frequent.get(&key)?;
                let (line, above) = (found.line.to_owned(), found.above.len());
                Some(Proposal {
                    host: host.to_owned(),
                    pattern: pattern(&key),
                    line,
                    evidence: Evidence::Frequent { seen, texts, above },
                })
            })
            .collect();
        proposals.sort_by(|one, other| {
            other
                .evidence
                .weight()
                .cmp(&one.evidence.weight())
                .then_with(|| one.pattern.cmp(&other.pattern))
        });
        proposals
    }

    /// The lines that are frequent at the end of texts and rare elsewhere.
    fn frequent(&self) -> HashMap<String, AtEnd<'_>> {
        let mut at_end: HashMap<String, AtEnd<'_>> = HashMap::new();
        for end in &self.ends {
            let mut counted = HashSet::new();
            for (place, line) in end.iter().take(END_LINES).enumerate() {
                let key = masked(line);
                let found = at_end.entry(key.clone()).or_default();
                found.line = line;
                found.texts += usize::from(counted.insert(key));
                found.above.extend(end.get(place + 1).map(String::as_str));
            }
        }
        at_end.retain(|key, found| {
            let anywhere = self.anywhere.get(key).copied().unwrap_or(usize::MAX);
            let letters = key.chars().filter(|c| c.is_alphabetic()).count();
            is_often(found.texts, self.ends.len())
                && found.texts.saturating_mul(100) >= anywhere.saturating_mul(AT_END_PERCENT_MIN)
                && found.above.len() >= ABOVE_MIN
                && letters >= LETTERS_MIN
        });
        at_end
    }
}

fn is_often(seen: usize, texts: usize) -> bool {
    seen >= SEEN_MIN && seen * 100 >= texts * SEEN_PERCENT_MIN
}

/// A line folded, each run of digits in it one 0.
fn masked(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    for c in fold(line).chars() {
        match c {
            '0'..='9' if masked.ends_with('0') => {}
            '0'..='9' => masked.push('0'),
            _ => masked.push(c),
        }
    }
    masked
}

/// The regular expression of a masked line; any number may stand in the place of a number.
fn pattern(masked: &str) -> String {
    masked.split('0').map(regex::escape).collect::<Vec<_>>().join("[0-9]+")
}

impl Proposal {
    /// The proposal as a rule for the rule file, its evidence in comments. `number` tells rules of
    /// one host apart.
    #[must_use]
    pub fn rule(&self, number: usize) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let Self { host, line, pattern, evidence } = self;
        let why = match evidence {
            Evidence::Frequent { seen, texts, above } => format!(
                "{seen} of the last {texts} texts of {host} ({} %) end in it, below {above} different lines.",
                seen * 100 / (*texts).max(1)
            ),
            Evidence::Copies { articles, elsewhere } => format!(
                "{} articles end in it at {host}; their copies at {} have it not. One is article {}.",
                articles.len(),
                elsewhere.join(", "),
                articles.last().copied().unwrap_or_default()
            ),
        };
        format!(
            "# {why}\n\
             [[rule]]\nid = {}\nfamily = \"learned\"\nlang = \"*\"\nat = \"tail\"\nweight = 3\n\
             match = \"re\"\nhosts = [{}]\npats = [{}]\nexamples = [{}]\ncounter = []\n",
            quoted(&format!("learned.{host}.{number}")),
            quoted(host),
            quoted(pattern),
            quoted(line),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of a host, each with paragraphs of its own above `tail(number)`.
    fn learned(count: usize, tail: impl Fn(usize) -> String) -> Vec<Proposal> {
        let mut learner = Learner::default();
        for number in 0..count {
            let name = "x".repeat(number + 1);
            let body = format!(
                "In the village of {name} the bread was sold out by noon on that day.\n\
                 Nobody in {name} knew why, and nobody asked twice.\n{}",
                tail(number)
            );
            learner.learn("valley.example", &format!("Bread sold out in village {number}"), &body);
        }
        learner.proposals()
    }

    #[test]
    fn a_line_that_many_texts_end_in_is_proposed() {
        let proposals = learned(60, |number| {
            if number % 3 == 0 {
                format!("Follow us ({number} friends)\nThe Valley (c)")
            } else {
                String::new()
            }
        });
        let patterns: Vec<&str> = proposals.iter().map(|found| found.pattern.as_str()).collect();
        assert_eq!(patterns, [r"follow us \([0-9]+ friends\)", r"the valley \(c\)"]);
        let evidence = |above| Evidence::Frequent { seen: 20, texts: 60, above };
        assert_eq!(
            [&proposals[0].evidence, &proposals[1].evidence],
            [&evidence(20), &evidence(20)]
        );
    }

    #[test]
    fn too_few_texts_or_sightings_prove_nothing() {
        let tail =
            |number: usize| format!("Seen by {}\nFollow us on the radio", "z".repeat(number + 1));
        assert_eq!(learned(49, tail), []);
        let four = |number: usize| if number < 4 { tail(number) } else { String::new() };
        assert_eq!(learned(200, four), []);
    }

    #[test]
    fn one_text_that_comes_again_and_again_proves_nothing() {
        let mut learner = Learner::default();
        for number in 0..100 {
            let title = format!("Title {number}");
            learner.learn(
                "valley.example",
                &title,
                "The same first line of more than forty characters.\nThe same last line.",
            );
        }
        assert_eq!(learner.proposals(), []);
    }

    #[test]
    fn what_stands_above_an_unknown_line_or_in_the_middle_is_not_proposed() {
        assert_eq!(
            learned(60, |number| format!(
                "Follow us on the radio\nBy reader {}",
                "x".repeat(number + 1)
            )),
            []
        );
        let middle = |number: usize| {
            let line = |line: usize| ["y".repeat(line + 1), "z".repeat(number + 1)].join(" of ");
            let below = (0..14).map(line).collect::<Vec<_>>().join("\n");
            format!("Related coverage\n{below}")
        };
        assert_eq!(learned(60, middle), []);
    }
}
