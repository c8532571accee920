//! Looks up what is known that bears on an entry.

use std::collections::{HashMap, HashSet};

use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, named_params, params};

use super::rows::{ARTICLE_COLUMNS, article};
use crate::model::{
    Candidate, EntryKey, FeedId, Known, StoredArticle, StoredSighting, Text, UrlKey,
};
use crate::text::shingles::{NEAR_CANDIDATES_MAX, NEAR_POSTINGS_MAX, NEAR_SHARED_MIN};

/// How often the target of an entry's link is looked for. Pages have a queue of their own.
const ATTEMPTS_MAX: u32 = 3;

/// Which entries were seen exactly so, and have their target or have been tried often enough.
pub(super) fn settled(
    db: &Connection,
    feed: FeedId,
    entries: Vec<(EntryKey, String)>,
) -> Result<HashSet<EntryKey>> {
    let mut statement = db.prepare_cached(
        "SELECT 1 FROM sightings AS s
         WHERE s.feed_id = :feed AND s.entry_key = :key AND s.entry_sha256 = :sha256
           AND (s.attempts >= :attempts_max
                OR s.target IS NOT NULL OR s.link IS NULL)",
    )?;
    let mut settled = HashSet::new();
    for (key, sha256) in entries {
        let found = statement.exists(named_params! {
            ":feed": feed.0,
            ":key": key.0,
            ":sha256": sha256,
            ":attempts_max": ATTEMPTS_MAX,
        })?;
        if found {
            settled.insert(key);
        }
    }
    Ok(settled)
}

/// Everything the judge has to know about a candidate.
pub(super) fn about(db: &Connection, feed: FeedId, candidate: &Candidate) -> Result<Known> {
    let mut known = Known {
        same_entry: same_entry(db, feed, &candidate.entry_key)?,
        same_url: same_url(db, &candidate.url_keys)?,
        ..Known::default()
    };
    if let Text::Usable { fingerprint, .. } = &candidate.text {
        known.same_text = same_text(db, &fingerprint.sha256)?;
        let found = known.same_entry.iter().map(|sighting| &sighting.article);
        let mut found = found.chain(&known.same_url).chain(&known.same_text);
        if !found.any(|article| article.body.is_some()) {
            known.near = near(db, &fingerprint.near)?;
        }
    }
    Ok(known)
}

fn same_entry(db: &Connection, feed: FeedId, key: &EntryKey) -> Result<Option<StoredSighting>> {
    articles(
        db,
        "JOIN sightings AS s ON s.article_id = a.id WHERE s.feed_id = ?1 AND s.entry_key = ?2",
    )?
    .query_row(params![feed.0, key.0], |row| Ok(StoredSighting { article: article(row)? }))
    .optional()
}

fn same_url(db: &Connection, keys: &[UrlKey]) -> Result<Vec<StoredArticle>> {
    let mut statement =
        articles(db, "JOIN url_keys AS k ON k.article_id = a.id WHERE k.url_key = ?1")?;
    let mut owners: Vec<StoredArticle> = Vec::new();
    for key in keys {
        if let Some(owner) = statement.query_row([key.as_str()], article).optional()?
            && !owners.iter().any(|known| known.id == owner.id)
        {
            owners.push(owner);
        }
    }
    owners.sort_by_key(|owner| owner.id);
    Ok(owners)
}

fn same_text(db: &Connection, body_sha256: &str) -> Result<Option<StoredArticle>> {
    articles(db, "WHERE a.body_sha256 = ?1")?.query_row([body_sha256], article).optional()
}

/// The articles that share most near fingerprints, with their texts.
fn near(db: &Connection, fingerprints: &[u32]) -> Result<Vec<StoredArticle>> {
    let mut shared: HashMap<i64, usize> = HashMap::new();
    let mut postings = db.prepare_cached(
        "SELECT article_id FROM near_fingerprints WHERE fingerprint = ?1 LIMIT ?2",
    )?;
    for fingerprint in fingerprints {
        let limit = i64::try_from(NEAR_POSTINGS_MAX + 1).unwrap_or(i64::MAX);
        let bearers: Vec<i64> = postings
            .query_map(params![fingerprint, limit], |row| row.get(0))?
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
    // Most shared first; of equals the older, so that the order never depends on a hash map.
    best.sort_by_key(|(count, id)| (std::cmp::Reverse(*count), *id));
    let mut statement = articles(db, "WHERE a.id = ?1 AND a.body IS NOT NULL")?;
    let mut found = Vec::new();
    for (_, id) in best.into_iter().take(NEAR_CANDIDATES_MAX) {
        found.extend(statement.query_row([id], article).optional()?);
    }
    Ok(found)
}

/// A statement over `articles AS a`, prepared once for each `rest`.
fn articles<'a>(db: &'a Connection, rest: &str) -> Result<CachedStatement<'a>> {
    db.prepare_cached(&format!("SELECT {ARTICLE_COLUMNS} FROM articles AS a {rest}"))
}
