//! Draws lots from a seed, so that what happened by chance can be had again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A source of chance; one seed and one name give one sequence.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        Self(name.bytes().fold(seed, |state, byte| mixed(state ^ u64::from(byte))))
    }

    /// The next number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bound = u64::try_from(bound.max(1)).unwrap();
        usize::try_from(mixed(self.0) % bound).unwrap()
    }

    /// Whether something happens that happens once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A part of something, from nothing to all of it.
    pub(crate) fn part(&mut self) -> f64 {
        const STEPS: u32 = 1 << 20;
        f64::from(u32::try_from(self.below(STEPS as usize)).unwrap()) / f64::from(STEPS)
    }
}

/// A seed that nobody chose.
pub(crate) fn seed() -> u64 {
    // Short, so that a person can type it.
    RandomState::new().build_hasher().finish() % 1_000_000
}

/// The finaliser of `SplitMix64`.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
