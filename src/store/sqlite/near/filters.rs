//! Tells of most fingerprints at once that nobody bears them, as is so of most that are asked for.
//!
//! Each slice of `near_fingerprints` has a filter in `near_filters`, written with what is sorted in, and a
//! connection's mirror has a copy of all. What is deleted stays in a filter, which makes it less sharp
//! and never wrong, until it has grown too full and is made anew.

use std::ops::Range;

use rusqlite::{OptionalExtension as _, Result, Transaction};

use super::mirror::Posting;

/// The fewest and the most bits of a slice's filter. With the most, all take 8 MiB, and one in five of
/// the numbers that nobody bears is looked up in vain where a million articles have theirs.
const BITS: Range<usize> = 1 << 12..1 << 20;

/// How many bits there are for a number at least, when a filter is made.
const BITS_FOR_EACH: usize = 6;

/// A filter is too full when one in so many bits is set.
const FULL: usize = 4;

/// A bit for each value of the lowest bits of numbers: a Bloom filter (Bloom 1970) with one hash, which the
/// fingerprints are themselves.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Filter(Vec<u64>);

impl Filter {
    /// An empty filter of so many bits, a power of two from 64 on.
    pub(super) fn of_bits(bits: usize) -> Self {
        Self(vec![0; bits / 64])
    }

    /// The filter that was written so; `None` if it was not by us.
    pub(super) fn from_blob(blob: &[u8]) -> Option<Self> {
        let (words, rest) = blob.as_chunks::<8>();
        let is_ours = rest.is_empty() && words.len().is_power_of_two();
        is_ours.then(|| Self(words.iter().map(|word| u64::from_le_bytes(*word)).collect()))
    }

    fn to_blob(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn add(&mut self, number: u32) {
        let (place, bit) = self.place(number);
        if let Some(bits) = self.0.get_mut(place) {
            *bits |= bit;
        }
    }

    /// Whether the number may have been added.
    pub(super) fn may_hold(&self, number: u32) -> bool {
        let (place, bit) = self.place(number);
        self.0.get(place).is_some_and(|bits| bits & bit != 0)
    }

    fn place(&self, number: u32) -> (usize, u64) {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        // A filter without bits has no places either.
        ((number / 64) & self.0.len().wrapping_sub(1), 1 << (number % 64))
    }

    fn bits(&self) -> usize {
        self.0.len() * 64
    }

    fn bits_set(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// Adds to a slice's filter what was sorted into it. Makes it anew if there is none, or it is too full.
pub(super) fn extend(
    tx: &Transaction<'_>,
    slice: i64,
    numbers: Range<i64>,
    added: &[Posting],
) -> Result<()> {
    let kept = tx
        .prepare_cached("SELECT bits FROM near_filters WHERE slice = ?1")?
        .query_row([slice], |row| Ok(Filter::from_blob(row.get_ref(0)?.as_blob()?)))
        .optional()?
        .flatten();
    let filter = match kept {
        Some(_) if added.is_empty() => return Ok(()),
        Some(mut filter) => {
            for (number, _) in added {
                filter.add(*number);
            }
            if is_out_of_shape(tx, &filter, &numbers)? { made(tx, &numbers)? } else { filter }
        }
        None => made(tx, &numbers)?,
    };
    tx.prepare_cached("INSERT OR REPLACE INTO near_filters (slice, bits) VALUES (?1, ?2)")?
        .execute((slice, filter.to_blob()))?;
    Ok(())
}

/// Whether a filter is too full, and one made anew would not be.
fn is_out_of_shape(tx: &Transaction<'_>, filter: &Filter, numbers: &Range<i64>) -> Result<bool> {
    let set = filter.bits_set();
    if set * FULL < filter.bits() {
        return Ok(false);
    }
    let there = count(tx, numbers)?;
    Ok(bits_for(there) != filter.bits() || set > there + there / 3)
}

/// The filter of the numbers that are in the index.
fn made(tx: &Transaction<'_>, numbers: &Range<i64>) -> Result<Filter> {
    let mut filter = Filter::of_bits(bits_for(count(tx, numbers)?));
    let mut statement = tx.prepare_cached(
        "SELECT fingerprint FROM near_fingerprints WHERE fingerprint >= ?1 AND fingerprint < ?2",
    )?;
    let mut rows = statement.query([numbers.start, numbers.end])?;
    while let Some(row) = rows.next()? {
        filter.add(row.get(0)?);
    }
    Ok(filter)
}

fn count(tx: &Transaction<'_>, numbers: &Range<i64>) -> Result<usize> {
    let count: i64 = tx
        .prepare_cached(
            "SELECT count(*) FROM near_fingerprints WHERE fingerprint >= ?1 AND fingerprint < ?2",
        )?
        .query_row([numbers.start, numbers.end], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

fn bits_for(numbers: usize) -> usize {
    (numbers * BITS_FOR_EACH).next_power_of_two().clamp(BITS.start, BITS.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;
    use crate::store::sqlite::empty::database;
    use crate::text::shingles::mixed;

    const SLICE: i64 = 3;
    const NUMBERS: Range<i64> = 3 << 25..4 << 25;

    /// Numbers of the slice, as random as fingerprints are.
    fn numbers(range: Range<u64>) -> Vec<Posting> {
        let within = |number| u32::try_from(mixed(number) % (1 << 25)).unwrap();
        range.map(|number| ((3 << 25) + within(number), 1)).collect()
    }

    /// Sorts postings in; answers the filter after that.
    fn sort_in(db: &mut Connection, postings: &[Posting]) -> Filter {
        let tx = db.transaction().unwrap();
        let mut insert =
            tx.prepare("INSERT OR IGNORE INTO near_fingerprints VALUES (?1, ?2)").unwrap();
        for posting in postings {
            insert.execute(*posting).unwrap();
        }
        drop(insert);
        extend(&tx, SLICE, NUMBERS, postings).unwrap();
        tx.commit().unwrap();
        let bits = "SELECT bits FROM near_filters WHERE slice = 3";
        let bits: Vec<u8> = db.query_row(bits, [], |row| row.get(0)).unwrap();
        Filter::from_blob(&bits).unwrap()
    }

    fn holds_all(filter: &Filter, postings: &[Posting]) -> bool {
        postings.iter().all(|(number, _)| filter.may_hold(*number))
    }

    #[test]
    fn a_filter_grows_with_its_slice_and_stays_sharp() {
        let mut db = database();
        for (known, bits) in [(100, 1 << 12), (2_000, 1 << 14), (30_000, 1 << 18)] {
            let filter = sort_in(&mut db, &numbers(0..known));
            assert_eq!(filter.bits(), bits, "{known}");
            assert!(holds_all(&filter, &numbers(0..known)), "{known}");
            assert!(filter.bits_set() * FULL < filter.bits(), "{known}");
        }
    }

    #[test]
    fn a_filter_that_is_full_of_what_is_gone_is_made_anew() {
        let mut db = database();
        let full = sort_in(&mut db, &numbers(0..2_000));
        db.execute("DELETE FROM near_fingerprints", []).unwrap();
        let still = sort_in(&mut db, &numbers(2_000..2_100));
        assert_eq!(still.bits(), full.bits());
        assert!(holds_all(&still, &numbers(0..2_100)));
        let anew = sort_in(&mut db, &numbers(2_100..5_000));
        assert!(holds_all(&anew, &numbers(2_000..5_000)));
        assert!(!holds_all(&anew, &numbers(0..2_000)));
        assert!(anew.bits_set() <= 3_000);
    }

    #[test]
    fn a_slice_of_before_there_were_filters_gets_one_of_all_it_holds() {
        let mut db = database();
        sort_in(&mut db, &numbers(0..500));
        for lost in ["DELETE FROM near_filters", "UPDATE near_filters SET bits = x'0102'"] {
            db.execute(lost, []).unwrap();
            assert!(holds_all(&sort_in(&mut db, &[]), &numbers(0..500)), "{lost}");
        }
    }

    proptest! {
        #[test]
        fn what_was_added_may_always_be_there(
            numbers in proptest::collection::vec(0_u32..1 << 31, 0..200),
            bits in 6_u32..13,
        ) {
            let mut filter = Filter::of_bits(1 << bits);
            for number in &numbers {
                filter.add(*number);
            }
            prop_assert!(numbers.iter().all(|number| filter.may_hold(*number)));
            prop_assert_eq!(Filter::from_blob(&filter.to_blob()), Some(filter));
        }
    }
}
