//! The fingerprints of `near_recent`, where a connection finds them at once.
//!
//! The mirror lies in memory, and belongs to one connection as its temporary tables do: statements
//! reach it by functions, since nothing else goes with a connection to wherever it is used. What is
//! rolled back is forgotten with the rest, and read again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Error, Result, params};

use super::filters::Filter;
use super::slice_of;
use crate::text::shingles::NEAR_POSTINGS_MAX;

/// A fingerprint and an article that bears it.
pub(super) type Posting = (u32, i64);

/// Stands for the articles that bear a fingerprint where they are too many to count.
pub(super) const MANY_ARTICLES: i64 = -1;

/// As many articles as make a fingerprint boilerplate.
const TOO_MANY: u8 = 17;
const _: () = assert!(TOO_MANY as usize == NEAR_POSTINGS_MAX + 1);

/// How many bytes a posting takes in an answer.
const POSTING_BYTES: usize = 12;

/// What a connection knows of `near_recent`.
#[derive(Debug, Default)]
struct Mirror {
    /// Of which fingerprints there are bearers, perhaps.
    present: Filter,
    /// Of all fingerprints with the same lowest bits the place of the latest bearer, counted from 1; 0
    /// for none.
    latest: Vec<u32>,
    bearers: Vec<Bearer>,
    /// Of each bearer how many there were of its fingerprint with it, as far as that is told.
    counts: Vec<u8>,
    /// The articles of the texts, in the order they were added, and the oldest of them.
    articles: Vec<i64>,
    oldest: i64,
    /// The first and the last row that is in it. Of an empty table 0 and the last row there ever was.
    first: i64,
    last: i64,
    /// The filter of each slice of the index that has one; `None` as long as they were not read.
    filters: Option<BTreeMap<i64, Filter>>,
}

/// A fingerprint of a text: twelve bytes, of which there may be a quarter of a million.
#[derive(Debug, Clone, Copy)]
struct Bearer {
    number: u32,
    /// The place of its article.
    text: u32,
    /// The place of the bearer before it of a fingerprint with the same lowest bits, as in `latest`.
    before: u32,
}

/// Gives a connection its mirror.
pub(super) fn set_up(connection: &mut Connection) -> Result<()> {
    let mirror = Arc::new(Mutex::new(Mirror::default()));
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    let own = Arc::clone(&mirror);
    connection.create_scalar_function("near_mirror_behind", 2, flags, move |context| {
        Ok(locked(&own).behind(context.get(0)?, context.get(1)?))
    })?;
    let own = Arc::clone(&mirror);
    connection.create_scalar_function("near_mirror_add", 3, flags, move |context| {
        let fingerprints = context.get_raw(2).as_blob().map_err(not_a_blob)?;
        locked(&own).add(context.get(0)?, context.get(1)?, fingerprints);
        Ok(1)
    })?;
    let own = Arc::clone(&mirror);
    connection.create_scalar_function("near_mirror_find", 2, flags, move |context| {
        let fingerprints = context.get_raw(0).as_blob().map_err(not_a_blob)?;
        Ok(locked(&own).find(fingerprints, context.get(1)?))
    })?;
    let own = Arc::clone(&mirror);
    connection.create_scalar_function("near_mirror_between", 2, flags, move |context| {
        Ok(locked(&own).between(context.get(0)?..context.get(1)?))
    })?;
    let own = Arc::clone(&mirror);
    connection.create_scalar_function("near_mirror_add_filter", 2, flags, move |context| {
        let bits = context.get_raw(1).as_blob().map_err(not_a_blob)?;
        locked(&own).add_filter(context.get(0)?, bits);
        Ok(1)
    })?;
    let own = Arc::clone(&mirror);
    connection.create_scalar_function(
        "near_mirror_perhaps_sorted_in",
        1,
        flags,
        move |context| {
            let fingerprints = context.get_raw(0).as_blob().map_err(not_a_blob)?;
            Ok(locked(&own).perhaps_sorted_in(fingerprints))
        },
    )?;
    let own = Arc::clone(&mirror);
    connection.create_scalar_function("near_mirror_forget", 0, flags, move |_| {
        *locked(&own) = Mirror::default();
        Ok(0)
    })?;
    connection.rollback_hook(Some(move || *locked(&mirror) = Mirror::default()))
}

/// Reads into the mirror what was added to the table since, by this process or another; answers the
/// last row, be it there or gone.
pub(super) fn catch_up(db: &Connection) -> Result<i64> {
    let (behind, last): (Option<i64>, i64) = db
        .prepare_cached(
            "SELECT near_mirror_behind(first, last), last
             FROM (SELECT coalesce((SELECT min(id) FROM near_recent), 0) AS first,
                          coalesce(
                              (SELECT max(id) FROM near_recent),
                              (SELECT seq FROM sqlite_sequence WHERE name = 'near_recent'),
                              0
                          ) AS last)",
        )?
        .query_row([], |row| row.try_into())?;
    if let Some(known) = behind {
        let read = db
            .prepare_cached(
                "SELECT sum(near_mirror_add(id, article_id, fingerprints))
                 FROM near_recent WHERE id > ?1",
            )?
            .query_row([known], |_| Ok(()));
        if read.is_err() {
            forget(db)?;
        }
        read?;
    }
    Ok(last)
}

/// Forgets everything, so that it is read again.
fn forget(db: &Connection) -> Result<()> {
    db.prepare_cached("SELECT near_mirror_forget()")?.query_row([], |_| Ok(()))
}

/// Of each fingerprint the articles from one on that bear it, the latest; of one that more bear than
/// count, [`MANY_ARTICLES`] or one more than count.
pub(super) fn find(db: &Connection, fingerprints: &[u32], from: i64) -> Result<Vec<Posting>> {
    db.prepare_cached("SELECT near_mirror_find(?1, ?2)")?
        .query_row(params![to_blob(fingerprints), from], postings)
}

/// The postings of a range of fingerprints, in their order.
pub(super) fn between(db: &Connection, range: Range<i64>) -> Result<Vec<Posting>> {
    db.prepare_cached("SELECT near_mirror_between(?1, ?2)")?
        .query_row([range.start, range.end], postings)
}

/// Those of these fingerprints that may be in the index. Only after [`catch_up`]: what was sorted in since
/// the filters were read is no longer in `near_recent`, and shows there.
pub(super) fn perhaps_sorted_in(db: &Connection, fingerprints: &[u32]) -> Result<Vec<u32>> {
    let blob = to_blob(fingerprints);
    let mut statement = db.prepare_cached("SELECT near_mirror_perhaps_sorted_in(?1)")?;
    let mut ask = || {
        statement.query_row([&blob], |row| {
            let answer = row.get_ref(0)?.as_blob_or_null().map_err(not_a_blob)?;
            Ok(answer.map(|answer| from_blob(answer).collect()))
        })
    };
    if let Some(known) = ask()? {
        return Ok(known);
    }
    let read = db
        .prepare_cached("SELECT count(near_mirror_add_filter(slice, bits)) FROM near_filters")?
        .query_row([], |_| Ok(()));
    if read.is_err() {
        forget(db)?;
    }
    read?;
    Ok(ask()?.unwrap_or_else(|| fingerprints.to_vec()))
}

/// Fingerprints as they stand in `near_recent`: four bytes each, the least first.
pub(super) fn to_blob(fingerprints: &[u32]) -> Vec<u8> {
    fingerprints.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn from_blob(blob: &[u8]) -> impl Iterator<Item = u32> + '_ {
    blob.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number))
}

fn postings(row: &rusqlite::Row<'_>) -> Result<Vec<Posting>> {
    let blob = row.get_ref(0)?.as_blob().map_err(not_a_blob)?;
    let (postings, _) = blob.as_chunks::<POSTING_BYTES>();
    let read = |[a, b, c, d, article @ ..]: &[u8; POSTING_BYTES]| {
        (u32::from_le_bytes([*a, *b, *c, *d]), i64::from_le_bytes(*article))
    };
    Ok(postings.iter().map(read).collect())
}

fn locked(mirror: &Mutex<Mirror>) -> MutexGuard<'_, Mirror> {
    mirror.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_a_blob(error: rusqlite::types::FromSqlError) -> Error {
    Error::UserFunctionError(error.into())
}

impl Mirror {
    /// How many values the lowest bits have that are told apart: about two gathered fingerprints share
    /// each.
    const LATEST: usize = 1 << 17;

    /// Four times as many as fingerprints are gathered, in 128 KiB.
    const PRESENT_BITS: usize = 1 << 20;

    /// After which row the mirror lacks rows; `None` if it lacks none. `first` and `last` are those of
    /// the table, as the mirror keeps them.
    fn behind(&mut self, first: i64, last: i64) -> Option<i64> {
        if (first, last) == (self.first, self.last) {
            return None;
        }
        if first == 0 {
            // Others may have added and sorted in since, which shows in the last row alone.
            *self = Self { last, ..Self::default() };
            return None;
        }
        if first != self.first {
            // What was sorted in since is found in the index.
            *self = Self { first, ..Self::default() };
        }
        Some(self.last)
    }

    fn add(&mut self, row: i64, article: i64, fingerprints: &[u8]) {
        if self.latest.is_empty() {
            self.latest = vec![0; Self::LATEST];
            self.present = Filter::of_bits(Self::PRESENT_BITS);
        }
        let text = counted(self.articles.len());
        self.oldest = if self.articles.is_empty() { article } else { self.oldest.min(article) };
        self.articles.push(article);
        for number in from_blob(fingerprints) {
            let is_present = self.present.may_hold(number);
            let earlier = if is_present { self.count(number) } else { 0 };
            // Of many bearers the same one may be among them twice.
            if (1..TOO_MANY).contains(&earlier) && self.bearing(number).any(|id| id == article) {
                continue;
            }
            self.present.add(number);
            if let Some(latest) = self.latest.get_mut(Self::place(number)) {
                self.bearers.push(Bearer { number, text, before: *latest });
                self.counts.push((earlier + 1).min(TOO_MANY));
                *latest = counted(self.bearers.len());
            }
        }
        self.last = self.last.max(row);
    }

    fn find(&self, fingerprints: &[u8], from: i64) -> Vec<u8> {
        let mut postings = Vec::new();
        for number in from_blob(fingerprints).filter(|number| self.present.may_hold(*number)) {
            // Each bearer is somewhere else in memory, so that many are not gone through in vain.
            if from <= self.oldest && self.count(number) == TOO_MANY {
                postings.push((number, MANY_ARTICLES));
                continue;
            }
            let bearing = self.bearing(number).filter(|article| *article >= from);
            postings.extend(bearing.take(TOO_MANY.into()).map(|article| (number, article)));
        }
        to_answer(postings.into_iter())
    }

    fn between(&self, range: Range<i64>) -> Vec<u8> {
        let bearers = self.bearers.iter().filter(|bearer| range.contains(&bearer.number.into()));
        let mut postings: Vec<Posting> =
            bearers.filter_map(|bearer| Some((bearer.number, self.article_of(bearer)?))).collect();
        postings.sort_unstable();
        to_answer(postings.into_iter())
    }

    fn add_filter(&mut self, slice: i64, bits: &[u8]) {
        if let Some(filter) = Filter::from_blob(bits) {
            self.filters.get_or_insert_default().insert(slice, filter);
        }
    }

    /// `None` the first time, when the filters are to be read.
    fn perhaps_sorted_in(&mut self, fingerprints: &[u8]) -> Option<Vec<u8>> {
        let Some(filters) = &self.filters else {
            self.filters = Some(BTreeMap::new());
            return None;
        };
        let may_be = |number: &u32| {
            let filter = filters.get(&slice_of(*number));
            filter.is_none_or(|filter| filter.may_hold(*number))
        };
        let perhaps: Vec<u32> = from_blob(fingerprints).filter(may_be).collect();
        Some(to_blob(&perhaps))
    }

    /// How many bearers a fingerprint has, [`TOO_MANY`] at the most.
    fn count(&self, number: u32) -> u8 {
        let latest = self.places(number).next().and_then(|place| self.counts.get(place));
        latest.copied().unwrap_or_default()
    }

    /// The articles that bear a fingerprint, the latest first.
    fn bearing(&self, number: u32) -> impl Iterator<Item = i64> + '_ {
        let bearers = self.places(number).filter_map(|place| self.bearers.get(place));
        bearers.filter_map(|bearer| self.article_of(bearer))
    }

    /// Where the bearers of a fingerprint are, the latest first.
    fn places(&self, number: u32) -> impl Iterator<Item = usize> + '_ {
        let place = |counted: u32| usize::try_from(counted.checked_sub(1)?).ok();
        let before =
            move |at: &usize| self.bearers.get(*at).and_then(|bearer| place(bearer.before));
        let latest = self.latest.get(Self::place(number)).and_then(|latest| place(*latest));
        let is_borne =
            move |at: &usize| self.bearers.get(*at).is_some_and(|bearer| bearer.number == number);
        std::iter::successors(latest, before).filter(is_borne)
    }

    fn article_of(&self, bearer: &Bearer) -> Option<i64> {
        self.articles.get(usize::try_from(bearer.text).ok()?).copied()
    }

    fn place(number: u32) -> usize {
        usize::try_from(number).unwrap_or(usize::MAX) % Self::LATEST
    }
}

fn counted(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

fn to_answer(postings: impl Iterator<Item = Posting>) -> Vec<u8> {
    let mut answer = Vec::new();
    for (number, article) in postings {
        answer.extend_from_slice(&number.to_le_bytes());
        answer.extend_from_slice(&article.to_le_bytes());
    }
    answer
}
