//! Keeps the index of near fingerprints: writes it, looks in it, and forgets what grew old.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Transaction, params};

use super::known::first_since;
use crate::model::{ArticleId, Fingerprint};
use crate::text::shingles::{NEAR_CANDIDATES_MAX, NEAR_POSTINGS_MAX, NEAR_SHARED_MIN};

/// In how many steps the whole index is read through. A step over the fingerprints of a million
/// articles reads some 4 MB.
pub(super) const SLICES: Range<i64> = 0..64;

/// One more than the largest fingerprint: they have 31 bits.
const FINGERPRINTS: i64 = 1 << 31;

/// Adds a text of an article.
pub(super) fn add(
    tx: &Transaction<'_>,
    article: ArticleId,
    fingerprint: &Fingerprint,
) -> Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO near_fingerprints (fingerprint, article_id) VALUES (?1, ?2)
         ON CONFLICT DO NOTHING",
    )?;
    for number in &fingerprint.near {
        insert.execute((number, article.0))?;
    }
    Ok(())
}

/// The articles from a number on that share enough fingerprints with a text, most shared first.
pub(super) fn proposed(
    db: &Connection,
    fingerprints: &[u32],
    from: ArticleId,
) -> Result<Vec<ArticleId>> {
    let mut shared: HashMap<i64, usize> = HashMap::new();
    let mut postings = db.prepare_cached(&format!(
        "SELECT article_id FROM near_fingerprints WHERE fingerprint = ?1 AND article_id >= ?2 LIMIT {}",
        NEAR_POSTINGS_MAX + 1
    ))?;
    for fingerprint in fingerprints {
        let bearers: Vec<i64> = postings
            .query_map(params![fingerprint, from.0], |row| row.get(0))?
            .collect::<Result<_>>()?;
        // What so many articles carry is boilerplate or a template.
        if bearers.len() <= NEAR_POSTINGS_MAX {
            for bearer in bearers {
                *shared.entry(bearer).or_default() += 1;
            }
        }
    }
    let mut best: Vec<(usize, i64)> = shared
        .into_iter()
        .filter(|(_, count)| *count >= NEAR_SHARED_MIN)
        .map(|(id, count)| (count, id))
        .collect();
    // Of equals the older, so that the order never depends on a hash map.
    best.sort_by_key(|(count, id)| (std::cmp::Reverse(*count), *id));
    Ok(best.into_iter().take(NEAR_CANDIDATES_MAX).map(|(_, id)| ArticleId(id)).collect())
}

/// Deletes from one slice the fingerprints of articles first seen before a moment.
pub(super) fn forget(tx: &Transaction<'_>, slice: i64, before: DateTime<Utc>) -> Result<()> {
    let width = FINGERPRINTS / SLICES.end;
    tx.prepare_cached(
        "DELETE FROM near_fingerprints
         WHERE fingerprint >= ?1 AND fingerprint < ?2 AND article_id < ?3",
    )?
    .execute((slice * width, (slice + 1) * width, first_since(tx, before)?.0))?;
    Ok(())
}
