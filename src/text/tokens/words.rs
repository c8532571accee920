//! Finds the words of an ASCII text, 64 characters at a time.
//!
//! Asked one by one, each end of a word is a branch that no processor foresees. Here the characters of a
//! block are told apart all at once, without a branch, and become the bits of one number; what is left
//! is to go from one change of these bits to the next.

use std::ops::Range;

/// How many characters are looked at at once: as many as a number has bits.
const BLOCK: usize = 64;

/// Calls `each` with the place of every longest run of ASCII letters and digits, in their order, and
/// whether there may be digits in it.
pub(super) fn each_word(text: &[u8], mut each: impl FnMut(Range<usize>, bool)) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    for (here, there) in last.iter_mut().zip(rest) {
        *here = *there;
    }
    let last = (!rest.is_empty()).then_some(&last);
    let mut began = None;
    let mut has_digits = false;
    // 1 if the block before ended within a word.
    let mut within = 0;
    for (number, block) in blocks.iter().chain(last).enumerate() {
        let (words, holds_digits) = told_apart(block);
        has_digits |= holds_digits;
        let mut changes = words ^ (words << 1 | within);
        within = words >> (BLOCK - 1);
        while changes != 0 {
            let place = number * BLOCK + changes.trailing_zeros() as usize;
            changes &= changes - 1;
            match began.take() {
                None => began = Some(place),
                Some(began) => each(began..place, has_digits),
            }
        }
        has_digits &= within != 0;
    }
    if let Some(began) = began {
        each(began..text.len(), has_digits);
    }
}

/// A bit for each character of a block, set if it is a letter or a digit; and whether there are digits.
fn told_apart(block: &[u8; BLOCK]) -> (u64, bool) {
    let mut is_in_word = [0; BLOCK];
    let mut digits = 0;
    for (flag, byte) in is_in_word.iter_mut().zip(block) {
        let is_letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        let is_digit = u8::from(byte.wrapping_sub(b'0') < 10);
        *flag = is_letter | is_digit;
        digits |= is_digit;
    }
    (bits(&is_in_word), digits != 0)
}

/// The lowest bits of 64 bytes, the first byte's lowest.
fn bits(flags: &[u8; BLOCK]) -> u64 {
    /// Brings the lowest bit of each byte of a number into its highest byte, that of byte `n` to bit `n`
    /// of it: the sum of `1 << (56 - 7 * n)`.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = flags.as_chunks::<8>();
    eights
        .iter()
        .rev()
        .fold(0, |bits, eight| bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &[u8]) -> Vec<(Range<usize>, bool)> {
        let mut found = Vec::new();
        each_word(text, |place, may_hold_digits| found.push((place, may_hold_digits)));
        found
    }

    proptest! {
        #[test]
        fn each_word_is_found_wherever_blocks_begin(
            text in prop::collection::vec(
                prop_oneof![4 => Just(b'a'), 2 => Just(b' '), 1 => Just(b'7'), 1 => 0_u8..128],
                0..300,
            ),
        ) {
            let mut expected = Vec::new();
            let mut place = 0;
            for run in text.chunk_by(|left, right| {
                left.is_ascii_alphanumeric() == right.is_ascii_alphanumeric()
            }) {
                if run[0].is_ascii_alphanumeric() {
                    expected.push(place..place + run.len());
                }
                place += run.len();
            }
            let found = found(&text);
            for (place, may_hold_digits) in &found {
                let holds_digits = text[place.clone()].iter().any(u8::is_ascii_digit);
                prop_assert!(*may_hold_digits || !holds_digits);
            }
            let places: Vec<_> = found.into_iter().map(|(place, _)| place).collect();
            prop_assert_eq!(places, expected);
        }
    }

    #[test]
    fn a_text_without_digits_has_none_in_its_words() {
        let text = "All the harbour saw the ferry leave. ".repeat(9);
        let found = found(text.as_bytes());
        assert_eq!(found.len(), 63);
        assert!(found.iter().all(|(_, may_hold_digits)| !may_hold_digits));
    }
}
