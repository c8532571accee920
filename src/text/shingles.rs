//! Cuts tokens into shingles: the overlapping runs of words by which texts are compared.
//!
//! The constants of the near look-up stand here too, because the store that looks candidates up
//! and the judge that verifies them have to agree on them. The numbers were chosen on three
//! labelled sets of news (real copies, newswire resends, known edits in eleven languages).

use super::tokens::Token;

/// A near fingerprint that more articles than this carry is a template or boilerplate, and is not
/// followed. A cap of 64 finds four times the candidates for the same quality.
pub const NEAR_POSTINGS_MAX: usize = 16;

/// How many near fingerprints an article has to share with a candidate to be compared with it.
/// With two, 99.6 % of the true pairs are found; asking for three costs up to half a
/// point of F1.
pub const NEAR_SHARED_MIN: usize = 2;

/// How many articles are compared with one candidate at most; those that share most come first.
/// It bounds the work a hostile text can cause. Eight find not one labelled pair more than four.
pub const NEAR_CANDIDATES_MAX: usize = 4;

/// A number of tokens that depends on how the script writes words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// In words, for scripts that write spaces.
    pub words: usize,
    /// In characters, for texts mostly in scripts that write none.
    pub characters: usize,
}

impl Span {
    /// The number of tokens that suits these tokens.
    pub fn of(self, tokens: &[Token]) -> usize {
        if mostly_without_spaces(tokens) { self.characters } else { self.words }
    }
}

/// The shingles that fingerprint and compare whole texts. Of 2 to 7 words, five tell copies from
/// templates best; for characters 4 to 14 do equally well, and ten find the fewest false candidates.
pub const BODY_SHINGLE: Span = Span { words: 5, characters: 10 };

/// Whether more than half of the tokens are characters of scripts that write no spaces.
pub fn mostly_without_spaces(tokens: &[Token]) -> bool {
    tokens.iter().filter(|token| token.no_space_script).count() * 2 > tokens.len()
}

/// The shingles of `length` tokens, one for each position.
///
/// A text shorter than that is one shingle; no tokens have none.
pub fn in_order(tokens: &[Token], length: usize) -> impl Iterator<Item = u64> {
    let length = length.min(tokens.len()).max(1);
    tokens.windows(length).map(shingle)
}

/// The distinct shingles of the length that suits the tokens' script, smallest first.
pub fn distinct(tokens: &[Token], span: Span) -> Vec<u64> {
    sorted_distinct(in_order(tokens, span.of(tokens)))
}

/// The distinct values, smallest first.
pub fn sorted_distinct(shingles: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut shingles: Vec<u64> = shingles.collect();
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// How many values two sorted, distinct lists share.
pub fn shared_count<T: Ord>(left: &[T], right: &[T]) -> usize {
    let (mut at_left, mut at_right, mut shared) = (0, 0, 0);
    // Which of two random numbers is less no processor foresees: so nothing branches on it.
    while let (Some(one), Some(other)) = (left.get(at_left), right.get(at_right)) {
        shared += usize::from(one == other);
        at_left += usize::from(one <= other);
        at_right += usize::from(other <= one);
    }
    shared
}

/// Spreads every bit of a number over all bits; a bijection.
///
/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014; Stafford's variant 13).
pub fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn shingle(window: &[Token]) -> u64 {
    /// Any number but 0, which `mixed` leaves alone.
    const SEED: u64 = 7;
    let longer = |shingle: u64, token: &Token| mixed(shingle.rotate_left(5) ^ token.hash);
    // Nearly all have the length for words, and no loop need count to that.
    match <&[Token; BODY_SHINGLE.words]>::try_from(window) {
        Ok(words) => words.iter().fold(SEED, longer),
        Err(_) => window.iter().fold(SEED, longer),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tokens::tokens;
    use super::*;

    const TWO: Span = Span { words: 2, characters: 4 };

    #[test]
    fn a_text_has_one_shingle_a_position_and_a_short_one_has_one() {
        for (text, expected) in [
            ("", 0),
            ("rain", 1),
            ("rain falls", 1),
            ("rain falls here", 2),
            ("rain falls rain falls", 2),
            ("雨が降る", 1),
            ("雨が降った", 2),
        ] {
            assert_eq!(distinct(tokens(text).list(), TWO).len(), expected, "shingles of {text:?}");
        }
    }

    #[test]
    fn the_script_of_the_majority_decides_the_length() {
        for (text, expected) in [
            ("four words of English", TWO.words),
            ("雨が降る today", TWO.characters),
            ("雨が fell today", TWO.words),
            ("", TWO.words),
        ] {
            assert_eq!(TWO.of(tokens(text).list()), expected, "length for {text:?}");
        }
    }

    #[test]
    fn shingles_depend_on_the_order_of_words() {
        let there = distinct(tokens("dog bites man").list(), Span { words: 3, characters: 3 });
        let back = distinct(tokens("man bites dog").list(), Span { words: 3, characters: 3 });
        assert_eq!(shared_count(&there, &back), 0);
    }

    proptest! {
        #[test]
        fn what_is_shared_is_the_intersection(
            left in prop::collection::btree_set(0_u64..60, 0..40),
            right in prop::collection::btree_set(0_u64..60, 0..40),
        ) {
            let expected = left.intersection(&right).count();
            let left: Vec<u64> = left.into_iter().collect();
            let right: Vec<u64> = right.into_iter().collect();
            prop_assert_eq!(shared_count(&left, &right), expected);
            prop_assert_eq!(shared_count(&right, &left), expected);
        }
    }
}
