//! Looks up everything known of an article, by its number or by an address it was seen at.

use rusqlite::{Connection, OptionalExtension, Result, Row};

use crate::model::{ArticleId, Comparison, Evidence, Reason, SightingId, TextSource};
use crate::store::sqlite::rows::{get_moment, get_moment_if_any, get_number, standing_of};
use crate::store::{ArticleDetails, Asked, Brief, Burial, KeptText, ReceivedText, SightingDetails};

/// An article with its sightings and all that is kept of their texts.
pub(super) fn article(db: &Connection, id: ArticleId) -> Result<Option<ArticleDetails>> {
    let Some(mut article) = without_received(db, id)? else { return Ok(None) };
    for sighting in &mut article.sightings {
        sighting.received = received(db, sighting.id)?;
    }
    Ok(Some(article))
}

/// Articles before a number that near copies were found of, the latest first.
pub(super) fn nearly_copied(
    db: &Connection,
    article: ArticleId,
    at_most: usize,
) -> Result<Vec<ArticleId>> {
    db.prepare_cached(
        "SELECT DISTINCT article_id FROM sightings WHERE article_id < ?1 AND verdict = 'near-text'
         ORDER BY article_id DESC LIMIT ?2",
    )?
    .query_map((article.0, i64::try_from(at_most).unwrap_or(i64::MAX)), |row| {
        row.get(0).map(ArticleId)
    })?
    .collect()
}

/// The same without what the texts were read from.
pub(super) fn without_received(db: &Connection, id: ArticleId) -> Result<Option<ArticleDetails>> {
    let article = db
        .prepare_cached(
            "SELECT id, url, url_standing, title, author, language, published_at, first_seen_at,
                    changed_at, body, body_sha256, words, text_source, text_copied, rules_version,
                    hold_reason
             FROM articles WHERE id = ?1",
        )?
        .query_row([id.0], row_of_article)
        .optional()?;
    let Some(article) = article else { return Ok(None) };
    let variants =
        texts(db, "SELECT body, body_sha256 FROM variants WHERE article_id = ?1 ORDER BY id", id)?;
    let revisions =
        texts(db, "SELECT body, body_sha256 FROM revisions WHERE article_id = ?1 ORDER BY id", id)?;
    let kept_apart_from = super::super::known::kept_apart(db, id)?;
    let sightings = sightings(db, id)?;
    Ok(Some(ArticleDetails { kept_apart_from, variants, revisions, sightings, ..article }))
}

fn row_of_article(row: &Row<'_>) -> Result<ArticleDetails> {
    Ok(ArticleDetails {
        id: ArticleId(row.get("id")?),
        url: row.get("url")?,
        url_standing: standing_of(&row.get::<_, String>("url_standing")?),
        title: row.get("title")?,
        author: row.get("author")?,
        language: row.get("language")?,
        published_at: get_moment_if_any(row, "published_at")?,
        first_seen_at: get_moment(row, "first_seen_at")?,
        changed_at: get_moment(row, "changed_at")?,
        body: row.get("body")?,
        body_sha256: row.get("body_sha256")?,
        words: get_number(row, "words")?,
        text_source: source(row, "text_source")?,
        text_copied: row.get("text_copied")?,
        rules_version: row.get("rules_version")?,
        hold_reason: row.get("hold_reason")?,
        kept_apart_from: Vec::new(),
        variants: Vec::new(),
        revisions: Vec::new(),
        sightings: Vec::new(),
    })
}

fn texts(db: &Connection, query: &str, article: ArticleId) -> Result<Vec<KeptText>> {
    db.prepare_cached(query)?
        .query_map([article.0], |row| Ok(KeptText { body: row.get(0)?, body_sha256: row.get(1)? }))?
        .collect()
}

fn sightings(db: &Connection, article: ArticleId) -> Result<Vec<SightingDetails>> {
    let mut sightings: Vec<SightingDetails> = db
        .prepare_cached(
            "SELECT s.id, f.url AS feed, f.site, f.title AS feed_title, s.entry_key, s.title, s.link, s.target,
                    s.source_link, s.published_at, s.headline, s.decided_at, s.verdict, s.similarity,
                    s.body_sha256, s.first_seen_at, s.last_seen_at, s.text_source,
                    e.reason, e.article_id AS compared_with, e.containment, e.shared, e.runs, e.lead,
                    e.conflicting_numbers, e.conflicting_names
             FROM sightings AS s
             JOIN feeds AS f ON f.id = s.feed_id
             LEFT JOIN evidence AS e ON e.sighting_id = s.id
             WHERE s.article_id = ?1 ORDER BY s.first_seen_at, s.id",
        )?
        .query_map([article.0], row_of_sighting)?
        .collect::<Result<_>>()?;
    let mut removed = db.prepare_cached(
        "SELECT rule, count(*) FROM removed_lines WHERE sighting_id = ?1 GROUP BY rule ORDER BY min(position)",
    )?;
    for sighting in &mut sightings {
        sighting.removed = removed
            .query_map([sighting.id.0], |row| Ok((row.get(0)?, get_number(row, 1)?)))?
            .collect::<Result<_>>()?;
    }
    Ok(sightings)
}

fn row_of_sighting(row: &Row<'_>) -> Result<SightingDetails> {
    Ok(SightingDetails {
        id: SightingId(row.get("id")?),
        feed: row.get("feed")?,
        site: row.get("site")?,
        feed_title: row.get("feed_title")?,
        entry_key: row.get("entry_key")?,
        title: row.get("title")?,
        link: row.get("link")?,
        target: row.get("target")?,
        source_link: row.get("source_link")?,
        published_at: get_moment_if_any(row, "published_at")?,
        headline: row.get("headline")?,
        decided_at: get_moment_if_any(row, "decided_at")?,
        verdict: row.get("verdict")?,
        similarity: row.get("similarity")?,
        body_sha256: row.get("body_sha256")?,
        first_seen_at: get_moment(row, "first_seen_at")?,
        last_seen_at: get_moment(row, "last_seen_at")?,
        evidence: evidence(row)?,
        removed: Vec::new(),
        text_source: source(row, "text_source")?,
        received: Vec::new(),
    })
}

fn evidence(row: &Row<'_>) -> Result<Evidence> {
    let number = |column: &str| {
        let number: Option<i64> = row.get(column)?;
        Ok::<_, rusqlite::Error>(usize::try_from(number.unwrap_or_default()).unwrap_or_default())
    };
    let comparison = match row.get("containment")? {
        None => None,
        Some(containment) => Some(Comparison {
            containment,
            shared: number("shared")?,
            runs: number("runs")?,
            lead: row.get::<_, Option<f64>>("lead")?.unwrap_or_default(),
            conflicting_numbers: number("conflicting_numbers")?,
            conflicting_names: number("conflicting_names")?,
        }),
    };
    let reason: Option<String> = row.get("reason")?;
    Ok(Evidence {
        article: row.get::<_, Option<i64>>("compared_with")?.map(ArticleId),
        reason: reason.and_then(|word| Reason::of_word(&word)),
        comparison,
    })
}

/// What a sighting's text was read from.
pub(super) fn received(db: &Connection, sighting: SightingId) -> Result<Vec<ReceivedText>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, url, text, bytes FROM received_texts WHERE sighting_id = ?1 ORDER BY kind",
    )?;
    let mut rows = statement.query([sighting.0])?;
    let mut received = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(kind) = source(row, "kind")? {
            received.push(ReceivedText {
                kind,
                url: row.get("url")?,
                frame: row.get("text")?,
                bytes: get_number(row, "bytes")?,
            });
        }
    }
    Ok(received)
}

pub(super) fn article_of(db: &Connection, sighting: SightingId) -> Result<Option<ArticleId>> {
    db.prepare_cached("SELECT article_id FROM sightings WHERE id = ?1")?
        .query_row([sighting.0], |row| row.get(0).map(ArticleId))
        .optional()
}

pub(super) fn briefs(db: &Connection, ids: &[ArticleId]) -> Result<Vec<Brief>> {
    let mut statement = db.prepare_cached("SELECT id, title, url FROM articles WHERE id = ?1")?;
    let mut briefs = Vec::new();
    for id in ids {
        let brief = statement.query_row([id.0], |row| {
            Ok(Brief { id: ArticleId(row.get(0)?), title: row.get(1)?, url: row.get(2)? })
        });
        briefs.extend(brief.optional()?);
    }
    Ok(briefs)
}

/// The articles at an address: by URL key, which has an index; else by what entries gave, which a
/// person can wait for.
pub(super) fn at(db: &Connection, asked: &Asked) -> Result<Vec<ArticleId>> {
    let mut found = Vec::new();
    let mut by_key = db.prepare_cached("SELECT article_id FROM url_keys WHERE url_key = ?1")?;
    for key in &asked.keys {
        found.extend(by_key.query_row([key.as_str()], |row| row.get(0).map(ArticleId)).optional()?);
    }
    if found.is_empty() {
        let mut by_spelling = db.prepare_cached(
            "SELECT article_id FROM sightings
             WHERE link = ?1 OR target = ?1 OR source_link = ?1 OR entry_key = ?1
             UNION SELECT id FROM articles WHERE url = ?1",
        )?;
        for spelling in &asked.spellings {
            let articles = by_spelling.query_map([spelling], |row| row.get(0).map(ArticleId))?;
            found.extend(articles.collect::<Result<Vec<_>>>()?);
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

pub(super) fn burials(db: &Connection, asked: &Asked) -> Result<Vec<Burial>> {
    let burial = |row: &Row<'_>| {
        Ok(Burial {
            kind: row.get("kind")?,
            key: row.get("key")?,
            deleted_at: get_moment(row, "deleted_at")?,
        })
    };
    let mut by_key = db.prepare_cached(
        "SELECT kind, key, deleted_at FROM tombstones WHERE kind = 'url' AND key = ?1",
    )?;
    // The key of an entry stands behind the number of its feed.
    let mut by_entry = db.prepare_cached(
        "SELECT kind, key, deleted_at FROM tombstones
         WHERE kind = 'entry' AND substr(key, instr(key, ' ') + 1) = ?1",
    )?;
    let mut found = Vec::new();
    for key in &asked.keys {
        found.extend(by_key.query_row([key.as_str()], burial).optional()?);
    }
    for spelling in &asked.spellings {
        let entries = by_entry.query_map([spelling], burial)?;
        found.extend(entries.collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

pub(super) fn was_given(db: &Connection, id: ArticleId) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM sqlite_sequence WHERE name = 'articles' AND seq >= ?1")?
        .exists([id.0])
        .map(|given| given && id.0 > 0)
}

fn source(row: &Row<'_>, column: &str) -> Result<Option<TextSource>> {
    let word: Option<String> = row.get(column)?;
    Ok(word.and_then(|word| TextSource::of_word(&word)))
}
