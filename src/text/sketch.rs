//! Sketches: small samples of texts, which tell those that have little in common.
//!
//! Of a text's shingles those are taken whose hash is below a bound, whatever the text (the modulo
//! sketch of Broder 1997, as `FracMinHash` of Irber et al. 2022 takes it). So of what two texts share,
//! each takes the same part, and the share of one sample that is in the other estimates how much of
//! the text is in the other, however different in length they are. A fixed number of smallest hashes
//! estimates that only for texts of one length.

use super::shingles::shared_count;

/// How many hashes there are. Those of 16 bits are taken, which is one in eight: 50 of a text of 400
/// words. Two samples of fifty share one by chance once in 26 pairs.
const HASHES: u64 = 8 << 16;

/// The most samples of a text, those with the smallest hashes, so that a book takes no more room than
/// 2,000 words. Of what is compared with it only hashes as small count, so of a short text too few.
const SAMPLES_MAX: usize = 256;

/// How many standard deviations fewer samples have to be shared than a copy shares of which half is in
/// the other text, the least that copies are allowed. Such a copy is ruled out by chance once in 25,000
/// times or less, whatever its length, and one of which .55 is in the other once in 300,000 times (the
/// binomial distribution).
const DEVIATIONS: usize = 4;

/// How many samples tell that two texts have nothing in common. Of so many a copy of which half is in the
/// other text shares one or none once in 4,000 times.
const FOREIGN_FROM: usize = 16;

/// A sample of a text's shingles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Distinct and ascending.
    samples: Vec<u16>,
}

impl Sketch {
    /// The sketch of a text with these shingles, each of which is a hash.
    pub fn of(shingles: &[u64]) -> Self {
        // The lower bits, because the near fingerprints are chosen by the upper ones.
        let hashes = shingles.iter().map(|shingle| shingle % HASHES);
        // Of one in eight, with some to spare.
        let mut samples: Vec<u16> = Vec::with_capacity(shingles.len() / 6);
        samples.extend(hashes.filter_map(|hash| u16::try_from(hash).ok()));
        samples.sort_unstable();
        samples.dedup();
        samples.truncate(SAMPLES_MAX);
        Self { samples }
    }

    /// Whether texts with these sketches have so little in common that neither is a copy of the other.
    ///
    /// ```
    /// use ingest::text::sketch::Sketch;
    /// use ingest::text::shingles::mixed;
    ///
    /// let sketch = |numbers: std::ops::Range<u64>| Sketch::of(&numbers.map(mixed).collect::<Vec<_>>());
    /// assert!(sketch(0..400).rules_out(&sketch(370..800)));
    /// assert!(!sketch(0..400).rules_out(&sketch(200..2_000)));
    /// ```
    pub fn rules_out(&self, other: &Self) -> bool {
        let (shared, of) = self.shared_with(other);
        // Of n samples a copy shares n/2, with a deviation of √n/2; both sides are doubled and squared.
        let missing = of.saturating_sub(2 * shared);
        missing * missing > DEVIATIONS * DEVIATIONS * of
    }

    /// Whether texts with these sketches have nothing in common but a sentence or two: less than a tenth of
    /// the shorter one, as far as the samples tell. Of texts under some 130 words they tell too little.
    pub fn is_foreign_to(&self, other: &Self) -> bool {
        let (shared, of) = self.shared_with(other);
        of >= FOREIGN_FROM && shared * 10 < of
    }

    /// How many samples two texts share, and of how many.
    fn shared_with(&self, other: &Self) -> (usize, usize) {
        let bound = self.bound().min(other.bound());
        let (own, foreign) = (self.up_to(bound), other.up_to(bound));
        (shared_count(own, foreign), own.len().min(foreign.len()))
    }

    /// Up to which hash all of the text's samples are here.
    fn bound(&self) -> u16 {
        if self.samples.len() < SAMPLES_MAX {
            return u16::MAX;
        }
        self.samples.last().copied().unwrap_or(u16::MAX)
    }

    fn up_to(&self, bound: u16) -> &[u16] {
        let end = self.samples.partition_point(|sample| *sample <= bound);
        self.samples.get(..end).unwrap_or_default()
    }

    /// The sketch as it is stored: two bytes a sample, the least significant first.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    /// The sketch that [`Self::to_bytes`] wrote; of bytes it never wrote, one that rules nothing out.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (samples, _) = bytes.as_chunks::<2>();
        let samples: Vec<u16> = samples.iter().map(|sample| u16::from_le_bytes(*sample)).collect();
        let is_ours = samples.len() <= SAMPLES_MAX && samples.is_sorted_by(|one, next| one < next);
        if is_ours { Self { samples } } else { Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::super::shingles::mixed;
    use super::*;

    fn shingles(numbers: Range<u64>) -> Vec<u64> {
        numbers.map(|number| mixed(number + 1)).collect()
    }

    fn sketch(numbers: Range<u64>) -> Sketch {
        Sketch::of(&shingles(numbers))
    }

    /// In how many of a thousand pairs the sketches rule a copy out, whose texts have so many shingles
    /// and share so many.
    fn ruled_out(left: u64, right: u64, shared: u64) -> usize {
        let pair = |seed: u64| {
            let from = seed * 1_000_000;
            let beginning = from + left - shared;
            sketch(from..from + left).rules_out(&sketch(beginning..beginning + right))
        };
        (0..1_000).filter(|seed| pair(*seed)).count()
    }

    #[test]
    fn copies_are_practically_never_ruled_out() {
        for (left, right, shared, most) in [
            (120, 120, 60, 0),
            (210, 210, 105, 0),
            (210, 3_000, 105, 0),
            (400, 400, 200, 0),
            (400, 9_000, 200, 0),
            (400, 100_000, 400, 0),
            (30_000, 30_000, 15_000, 0),
            (3_000, 30_000, 1_500, 0),
        ] {
            let found = ruled_out(left, right, shared);
            assert!(found <= most, "{left} and {right} share {shared}: {found}");
        }
    }

    #[test]
    fn texts_that_share_a_passage_are_mostly_ruled_out() {
        for (left, right, shared, least) in [
            (200, 200, 0, 900),
            (400, 400, 0, 1_000),
            (400, 400, 20, 1_000),
            (400, 400, 40, 950),
            (400, 400, 80, 400),
            (400, 2_000, 40, 900),
            (30_000, 30_000, 3_000, 950),
        ] {
            let found = ruled_out(left, right, shared);
            assert!(found >= least, "{left} and {right} share {shared}: {found}");
        }
    }

    #[test]
    fn texts_with_a_sentence_in_common_are_foreign_and_excerpts_of_one_text_are_not() {
        let foreign = |shared: u64| {
            let pairs = (0..1_000).map(|seed| seed * 1_000_000);
            let beginning = 300 - shared;
            pairs.filter(move |from| {
                let other = sketch(from + beginning..from + beginning + 500);
                sketch(*from..from + 300).is_foreign_to(&other)
            })
        };
        assert!(foreign(10).count() > 850);
        assert_eq!(foreign(120).count(), 0);
    }

    #[test]
    fn texts_with_too_few_samples_are_not_ruled_out() {
        assert!(!sketch(0..80).is_foreign_to(&sketch(500..9_000)));
        assert!(!sketch(0..80).rules_out(&sketch(500..9_000)));
        assert!(!sketch(0..400).rules_out(&sketch(500..90_000)));
        assert!(!sketch(0..400).rules_out(&Sketch::default()));
    }

    #[test]
    fn a_long_text_takes_as_much_room_as_a_middling_one() {
        assert_eq!(sketch(0..1_000_000).to_bytes().len(), 2 * SAMPLES_MAX);
        assert_eq!(Sketch::of(&[]).to_bytes().len(), 0);
    }

    proptest! {
        #[test]
        fn no_text_is_ruled_out_by_itself_or_what_holds_it_whole(
            from in 0_u64..1_000_000,
            length in 0_u64..5_000,
            before in 0_u64..5_000,
            after in 0_u64..5_000,
        ) {
            let inner = sketch(from + before..from + before + length);
            let outer = sketch(from..from + before + length + after);
            prop_assert!(!inner.rules_out(&inner));
            prop_assert!(!inner.rules_out(&outer));
            prop_assert!(!outer.rules_out(&inner));
        }

        #[test]
        fn a_sketch_survives_the_file(shingles in prop::collection::vec(any::<u64>(), 0..4_000)) {
            let sketch = Sketch::of(&shingles);
            prop_assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), sketch);
        }

        #[test]
        fn any_bytes_are_a_sketch_and_the_order_of_two_does_not_matter(
            left in prop::collection::vec(any::<u8>(), 0..700),
            right in prop::collection::vec(any::<u8>(), 0..700),
        ) {
            let (left, right) = (Sketch::from_bytes(&left), Sketch::from_bytes(&right));
            prop_assert_eq!(left.rules_out(&right), right.rules_out(&left));
        }
    }
}
