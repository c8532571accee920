//! Measures two texts against each other, and says whether they are copies.
//!
//! Containment (how much of the shorter text is in the longer one) is used and not Jaccard
//! similarity, since copies are cut: at a Jaccard threshold of .7 a quarter to a half of the true
//! pairs are missed. The threshold can be low because guards stand behind it: short texts ask for
//! more, the leads have to agree, shared frames and templates filled in anew are told apart.
//!
//! The constants were chosen on labelled news, newswire resends and known edits in eleven languages,
//! in the middle of plateaus; docs/DEDUP.md says what each rule contributes.

use crate::model::{Comparison, Reason};
use crate::text::shingles::{self, BODY_SHINGLE, Span};
use crate::text::tokens::{self, Token};

use super::veto::{self, Gaps, share};

/// Fewer shared shingles than this are a quotation.
const SHARED_MIN: usize = 12;

/// The containment that makes two texts copies. At .50 stories that share their background become
/// one; from .60 on, copies with known heavy edits are missed.
const CONTAINMENT_MIN: f64 = 0.55;

/// The containment asked when one text is of middling length.
const CONTAINMENT_MIN_MIDDLING: f64 = 0.60;

/// The containment asked when one text is short: bot texts and stubs share their frame.
const CONTAINMENT_MIN_SHORT: f64 = 0.80;

/// A text of fewer distinct shingles than this is short.
const SHORT_BELOW: usize = 80;

/// A text of fewer distinct shingles than this is of middling length.
const MIDDLING_BELOW: usize = 120;

/// The containment asked of two texts of one publisher, who updates a story with much of its old
/// background, and rarely posts it twice.
const CONTAINMENT_MIN_SAME_PUBLISHER: f64 = 0.70;

/// How much of the one lead the other text has to contain.
const LEAD_SHARE_MIN: f64 = 0.25;

/// The same for texts that agree less than [`WELL_CONTAINED_FROM`]: rumours are retold with long
/// passages in common under leads of their own.
const LEAD_SHARE_MIN_LOOSE: f64 = 0.35;

/// The containment from which texts agree well.
const WELL_CONTAINED_FROM: f64 = 0.70;

/// The distinct shingles from which on texts that agree well need no common lead: local papers write
/// their own.
const LEAD_WAIVED_LENGTH: usize = 250;

/// The lead that is asked for.
const LEAD: Span = Span { words: 25, characters: 50 };

/// The shingles in which leads are compared: small, so that a changed word spoils few.
const LEAD_SHINGLE: Span = Span { words: 3, characters: 6 };

/// The containment that makes an excerpt: a text out of which, or into which, passages were put
/// whole. More is found down to .40, but two stories under one lead are no copies.
const EXCERPT_CONTAINMENT_MIN: f64 = 0.50;

/// The lead of an excerpt is the original's.
const EXCERPT_LEAD_MIN: f64 = 0.90;

/// An excerpt has at most this many short gaps for each covered token: what remains is untouched.
const EXCERPT_GAPS_MAX: f64 = 0.05;

/// The distinct shingles from which on a short text may be reworded, and how much of it stays.
const REWORDED_FROM: usize = 45;
const REWORDED_CONTAINMENT_MIN: f64 = 0.50;

/// How much of the lead of a reworded short text the other has.
const REWORDED_LEAD_MIN: f64 = 0.50;

/// How much of it may stand after the last common word: short texts that begin alike and end
/// differently are fillings of one frame.
const REWORDED_OWN_END_MAX: f64 = 0.20;

/// A shared frame is looked for in texts of fewer distinct shingles than this.
const FRAME_BELOW: usize = 150;

/// The shares of a text that stand before the first common word, in the shorter and in the longer
/// one, from which on both begin with words of their own.
const OWN_START_MIN_SHORTER: f64 = 0.06;
const OWN_START_MIN_LONGER: f64 = 0.10;

/// What is known of two texts beside their words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Circumstances {
    /// Whether their addresses are known to be one publisher's.
    pub(super) of_one_publisher: bool,
    /// Whether their titles say the same.
    pub(super) titles_agree: bool,
    /// Whether the stored text is not the article's own but another copy's: two excerpts of one
    /// text need have little to do with each other.
    pub(super) with_a_variant: bool,
}

/// A text made ready to be compared.
#[derive(Debug)]
pub(super) struct Reading {
    tokens: Vec<Token>,
    shingles: Vec<u64>,
}

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        let tokens = tokens::list(text);
        let shingles = shingles::distinct(&tokens, BODY_SHINGLE);
        Self { tokens, shingles }
    }

    /// Tells which of two texts is the shorter one. The shingles themselves break a tie, so that it
    /// does not matter which text came first.
    fn length(&self) -> (usize, usize, &[u64]) {
        (self.shingles.len(), self.tokens.len(), &self.shingles)
    }
}

/// Whether two texts are copies (`Ok`) or not (`Err`), why, and how they compare.
pub(super) fn compare(
    left: &Reading,
    right: &Reading,
    circumstances: impl FnOnce() -> Circumstances,
) -> (Result<Reason, Reason>, Comparison) {
    let measured = Measured::of(left, right);
    let outcome = measured.refused_at_once().and_then(|()| measured.judge(circumstances()));
    (outcome, measured.comparison)
}

/// What is measured of a pair.
struct Measured {
    comparison: Comparison,
    in_shorter: Gaps,
    in_longer: Gaps,
    shorter_tokens: usize,
    longer_tokens: usize,
}

impl Measured {
    fn of(left: &Reading, right: &Reading) -> Self {
        let (shorter, longer) =
            if left.length() <= right.length() { (left, right) } else { (right, left) };
        let shared = shingles::shared_count(&shorter.shingles, &longer.shingles);
        let runs = shorter.shingles.len();
        let mut measured = Self {
            comparison: Comparison {
                containment: share(shared, runs),
                shared,
                runs,
                lead: 0.0,
                conflicting_numbers: 0,
                conflicting_names: 0,
            },
            in_shorter: Gaps::default(),
            in_longer: Gaps::default(),
            shorter_tokens: shorter.tokens.len(),
            longer_tokens: longer.tokens.len(),
        };
        if measured.refused_at_once().is_ok() {
            measured.look_closer(&shorter.tokens, &longer.tokens);
        }
        measured
    }

    /// Most proposals share a passage or a phrase; nothing more needs to be known of them.
    fn refused_at_once(&self) -> Result<(), Reason> {
        match self.comparison {
            Comparison { shared, .. } if shared < SHARED_MIN => Err(Reason::TooLittleShared),
            Comparison { containment, .. } if containment < EXCERPT_CONTAINMENT_MIN => {
                Err(Reason::NotContained)
            }
            _ => Ok(()),
        }
    }

    fn look_closer(&mut self, shorter: &[Token], longer: &[Token]) {
        self.comparison.lead = lead_share(shorter, longer).max(lead_share(longer, shorter));
        self.in_shorter = Gaps::of(shorter, longer);
        self.in_longer = Gaps::of(longer, shorter);
        let (numbers, names) = veto::conflicts(&self.in_shorter, &self.in_longer);
        self.comparison.conflicting_numbers = numbers;
        self.comparison.conflicting_names = names;
    }

    fn judge(&self, circumstances: Circumstances) -> Result<Reason, Reason> {
        let reason = self.similar(circumstances)?;
        if circumstances.with_a_variant && self.comparison.containment < CONTAINMENT_MIN {
            return Err(Reason::NotContained);
        }
        if !circumstances.titles_agree && self.is_a_shared_frame() {
            return Err(Reason::SharedFrame);
        }
        if veto::is_filled_in_anew(&self.in_shorter, &self.in_longer) {
            return Err(Reason::FilledInAnew);
        }
        Ok(reason)
    }

    /// Which rule makes the texts similar, before the vetoes.
    fn similar(&self, circumstances: Circumstances) -> Result<Reason, Reason> {
        let contained = self.comparison.containment >= self.containment_min(circumstances);
        if contained && self.leads_agree() {
            return Ok(Reason::Contained);
        }
        if !circumstances.of_one_publisher {
            if self.is_an_excerpt() {
                return Ok(Reason::Excerpt);
            }
            if self.is_reworded() {
                return Ok(Reason::ShortReworded);
            }
        }
        Err(if contained { Reason::LeadsDiffer } else { Reason::NotContained })
    }

    fn containment_min(&self, circumstances: Circumstances) -> f64 {
        let by_length = match self.comparison.runs {
            ..SHORT_BELOW => CONTAINMENT_MIN_SHORT,
            SHORT_BELOW..MIDDLING_BELOW => CONTAINMENT_MIN_MIDDLING,
            _ => CONTAINMENT_MIN,
        };
        if circumstances.of_one_publisher {
            by_length.max(CONTAINMENT_MIN_SAME_PUBLISHER)
        } else {
            by_length
        }
    }

    fn leads_agree(&self) -> bool {
        let Comparison { containment, runs, lead, .. } = self.comparison;
        if containment < WELL_CONTAINED_FROM {
            return lead >= LEAD_SHARE_MIN_LOOSE;
        }
        runs >= LEAD_WAIVED_LENGTH || lead >= LEAD_SHARE_MIN
    }

    fn is_an_excerpt(&self) -> bool {
        let Comparison { containment, runs, lead, .. } = self.comparison;
        let gaps = self.in_shorter.count.min(self.in_longer.count);
        runs >= SHORT_BELOW
            && containment >= EXCERPT_CONTAINMENT_MIN
            && lead >= EXCERPT_LEAD_MIN
            && share(gaps, self.in_shorter.covered) <= EXCERPT_GAPS_MAX
    }

    fn is_reworded(&self) -> bool {
        let Comparison { containment, runs, lead, .. } = self.comparison;
        (REWORDED_FROM..SHORT_BELOW).contains(&runs)
            && containment >= REWORDED_CONTAINMENT_MIN
            && lead >= REWORDED_LEAD_MIN
            && self.in_shorter.numbers == 0
            && share(self.in_shorter.after, self.shorter_tokens) <= REWORDED_OWN_END_MAX
    }

    fn is_a_shared_frame(&self) -> bool {
        self.comparison.runs < FRAME_BELOW
            && share(self.in_shorter.before, self.shorter_tokens) > OWN_START_MIN_SHORTER
            && share(self.in_longer.before, self.longer_tokens) > OWN_START_MIN_LONGER
    }
}

fn lead_share(of: &[Token], within: &[Token]) -> f64 {
    let lead = of.get(..LEAD.of(of)).unwrap_or(of);
    let lead = shingles::distinct(lead, LEAD_SHINGLE);
    let within = shingles::distinct(within, LEAD_SHINGLE);
    share(shingles::shared_count(&lead, &within), lead.len())
}
