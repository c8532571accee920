//! Reads articles and sightings as they are read and handed on.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Result, Row};

use crate::model::{ArticleId, SightingId, TextSource};
use crate::store::sqlite::rows::{get_moment, get_moment_if_any, get_number};
use crate::store::{Article, Revision, SeenArticle, Sighting};

/// What [`article`] reads of an article `a`.
const ARTICLE_COLUMNS: &str = "
    a.id, a.url, a.title, a.author, a.language, a.published_at, a.first_seen_at, a.changed_at,
    a.words, a.body, a.body_sha256, a.text_source, a.text_copied, a.summary, a.hold_reason,
    (SELECT json_group_array(carried.url)
     FROM (SELECT f.url FROM sightings AS s JOIN feeds AS f ON f.id = s.feed_id
           WHERE s.article_id = a.id GROUP BY f.id ORDER BY min(s.first_seen_at), min(s.id))
       AS carried) AS feeds";

/// What [`sighting`] reads of a sighting `s` and its feed `f`.
const SIGHTING_COLUMNS: &str = "
    s.id, s.article_id, f.url AS feed, coalesce(f.own_title, f.title) AS feed_title, s.title, s.link,
    s.target, s.verdict, s.first_seen_at, s.last_seen_at";

/// An article with its sightings and revisions.
pub(super) fn seen(db: &Connection, id: ArticleId) -> Result<Option<SeenArticle>> {
    // One moment of the file, though it is asked three times.
    let moment = db.unchecked_transaction()?;
    let statement = format!("SELECT {ARTICLE_COLUMNS} FROM articles AS a WHERE a.id = ?1");
    let article = moment.prepare_cached(&statement)?.query_row([id.0], article).optional()?;
    let Some(article) = article else { return Ok(None) };
    let statement = format!(
        "SELECT {SIGHTING_COLUMNS} FROM sightings AS s JOIN feeds AS f ON f.id = s.feed_id
         WHERE s.article_id = ?1 ORDER BY s.first_seen_at, s.id"
    );
    let sightings =
        moment.prepare_cached(&statement)?.query_map([id.0], sighting)?.collect::<Result<_>>()?;
    let revisions = moment
        .prepare_cached(
            "SELECT title, body, replaced_at FROM revisions WHERE article_id = ?1 ORDER BY id",
        )?
        .query_map([id.0], revision)?
        .collect::<Result<_>>()?;
    Ok(Some(SeenArticle { article, sightings, revisions }))
}

/// Articles by their numbers, in the order of these.
pub(super) fn these(db: &Connection, ids: &[ArticleId]) -> Result<Vec<Article>> {
    let statement = format!(
        "SELECT {ARTICLE_COLUMNS}
         FROM json_each(?1) AS wanted CROSS JOIN articles AS a ON a.id = wanted.value
         ORDER BY wanted.key"
    );
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let ids = serde_json::to_string(&ids).expect("a list of numbers is JSON");
    db.prepare_cached(&statement)?.query_map([ids], article)?.collect()
}

/// The articles after one number up to another.
pub(super) fn between(
    db: &Connection,
    (after, up_to): (ArticleId, ArticleId),
    at_most: usize,
) -> Result<Vec<Article>> {
    let statement = format!(
        "SELECT {ARTICLE_COLUMNS} FROM articles AS a
         WHERE a.id > ?1 AND a.id <= ?2 ORDER BY a.id LIMIT ?3"
    );
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    db.prepare_cached(&statement)?.query_map((after.0, up_to.0, at_most), article)?.collect()
}

/// The sightings after one number up to another.
pub(super) fn sightings_between(
    db: &Connection,
    (after, up_to): (SightingId, SightingId),
    at_most: usize,
) -> Result<Vec<Sighting>> {
    let statement = format!(
        "SELECT {SIGHTING_COLUMNS} FROM sightings AS s JOIN feeds AS f ON f.id = s.feed_id
         WHERE s.id > ?1 AND s.id <= ?2 ORDER BY s.id LIMIT ?3"
    );
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    db.prepare_cached(&statement)?.query_map((after.0, up_to.0, at_most), sighting)?.collect()
}

/// An article from [`ARTICLE_COLUMNS`].
fn article(row: &Row<'_>) -> Result<Article> {
    let source: Option<String> = row.get("text_source")?;
    let feeds: String = row.get("feeds")?;
    Ok(Article {
        id: ArticleId(row.get("id")?),
        url: row.get("url")?,
        title: row.get("title")?,
        author: row.get("author")?,
        language: row.get("language")?,
        published_at: get_moment_if_any(row, "published_at")?,
        first_seen_at: get_moment(row, "first_seen_at")?,
        changed_at: get_moment(row, "changed_at")?,
        words: get_number(row, "words")?,
        body: row.get("body")?,
        body_sha256: row.get("body_sha256")?,
        text_source: source.and_then(|word| TextSource::of_word(&word)),
        text_copied: row.get("text_copied")?,
        summary: row.get("summary")?,
        hold_reason: row.get("hold_reason")?,
        feeds: serde_json::from_str(&feeds).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into())
        })?,
    })
}

/// A sighting from [`SIGHTING_COLUMNS`].
fn sighting(row: &Row<'_>) -> Result<Sighting> {
    Ok(Sighting {
        id: SightingId(row.get("id")?),
        article_id: ArticleId(row.get("article_id")?),
        feed: row.get("feed")?,
        feed_title: row.get("feed_title")?,
        title: row.get("title")?,
        link: row.get("link")?,
        target: row.get("target")?,
        verdict: row.get("verdict")?,
        first_seen_at: get_moment(row, "first_seen_at")?,
        last_seen_at: get_moment(row, "last_seen_at")?,
    })
}

fn revision(row: &Row<'_>) -> Result<Revision> {
    Ok(Revision {
        title: row.get("title")?,
        body: row.get("body")?,
        replaced_at: get_moment(row, "replaced_at")?,
    })
}
