//! Deletes articles that are not wanted any longer.
//!
//! What nobody keeps is looked for by the connection that reads, which makes nobody wait however much
//! there is to look through, and proved again in the transaction that deletes: an entry may have come
//! meanwhile that keeps it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Row, Transaction, named_params, params};

use super::SqliteStore;
use super::rows::{get_moment, get_moment_if_any, moment};
use crate::model::ArticleId;
use crate::store::{Forgotten, Keep, Place, Retention, StoreError};

/// The feeds that have a word of their own.
const RULES: &str = "WITH rules (feed_id, since) AS MATERIALIZED (
    SELECT f.id, r.value FROM json_each(:by_feed) AS r JOIN feeds AS f ON f.url = r.key)";

/// Whether any entry of article `a` keeps it. Without a moment, an entry keeps it for ever.
const IS_KEPT: &str = "EXISTS (
    SELECT 1 FROM sightings AS s LEFT JOIN rules AS r ON r.feed_id = s.feed_id
    WHERE s.article_id = a.id AND s.first_seen_at >= coalesce(r.since, :since))";

#[async_trait]
impl Retention for SqliteStore {
    async fn forget_articles(
        &self,
        keep: Keep,
        after: Option<Place>,
        at_most: usize,
    ) -> std::result::Result<Forgotten, StoreError> {
        let Some(latest) = keep.latest() else {
            return Ok(Forgotten { articles: 0, next: None });
        };
        let (since, now) = (Since::of(&keep), keep.now);
        let (found, since) = self
            .db
            .read("looking for articles that nobody keeps", move |db| {
                let before = first_between(db, latest, now)?;
                Ok((unkept(db, &since, (latest, before), after.as_ref(), at_most)?, since))
            })
            .await?;
        let next = found.last().filter(|_| found.len() == at_most).cloned();
        if found.is_empty() {
            return Ok(Forgotten { articles: 0, next });
        }
        let articles = self
            .db
            .write("deleting articles that nobody keeps", move |tx| delete(tx, &since, &found))
            .await?;
        Ok(Forgotten { articles, next })
    }

    async fn forget_oldest(
        &self,
        bytes_max: u64,
        before: DateTime<Utc>,
        at_most: usize,
    ) -> std::result::Result<usize, StoreError> {
        self.db
            .write("deleting the oldest articles", move |tx| {
                if used(tx)? <= bytes_max {
                    return Ok(0);
                }
                tx.prepare_cached(
                    "DELETE FROM articles WHERE id IN (
                   SELECT id FROM articles WHERE first_seen_at < ?1
                   ORDER BY first_seen_at, id LIMIT ?2)",
                )?
                .execute(params![moment(before), i64::try_from(at_most).unwrap_or(i64::MAX)])
            })
            .await
    }

    async fn last_use_before(
        &self,
        before: DateTime<Utc>,
    ) -> std::result::Result<Option<DateTime<Utc>>, StoreError> {
        self.db
            .read("looking when the file was in use", move |db| {
                db.prepare_cached(
                "SELECT max(coalesce((SELECT max(started_at) FROM polls WHERE started_at < ?1), ''),
                            coalesce((SELECT max(first_seen_at) FROM articles
                                      WHERE first_seen_at < ?1), '')) AS last",
            )?
            .query_row([moment(before)], |row| {
                let known = !row.get_ref("last")?.as_str()?.is_empty();
                if known { get_moment_if_any(row, "last") } else { Ok(None) }
            })
            })
            .await
    }

    async fn bytes_used(&self) -> std::result::Result<u64, StoreError> {
        self.db.read("measuring the file", used).await
    }
}

/// The moments of [`Keep`] as SQL compares them: the empty text is before everything.
struct Since {
    default: String,
    by_feed: String,
}

impl Since {
    fn of(keep: &Keep) -> Self {
        let text = |since: Option<DateTime<Utc>>| since.map(moment).unwrap_or_default();
        let by_feed: serde_json::Map<_, _> = keep
            .by_feed
            .iter()
            .map(|(url, since)| (url.as_str().to_owned(), text(*since).into()))
            .collect();
        let by_feed = serde_json::to_string(&by_feed).expect("texts by name are JSON");
        Self { default: text(keep.since), by_feed }
    }
}

/// How many articles are looked at for the first of a span of time: only those of one moment, and those
/// that a person gave an older date, are not in the order of their numbers.
const LOOKED_AT: i64 = 64;

/// The first article that came into the file within a span of time; beyond every number if none did.
fn first_between(db: &Connection, since: DateTime<Utc>, until: DateTime<Utc>) -> Result<ArticleId> {
    db.prepare_cached(
        "SELECT coalesce(min(id), 9223372036854775807) FROM (
           SELECT id FROM articles WHERE first_seen_at >= ?1 AND first_seen_at <= ?2
           ORDER BY first_seen_at, id LIMIT ?3)",
    )?
    .query_row(params![moment(since), moment(until), LOOKED_AT], |row| row.get(0).map(ArticleId))
}

fn unkept(
    db: &Connection,
    since: &Since,
    (latest, before): (DateTime<Utc>, ArticleId),
    after: Option<&Place>,
    at_most: usize,
) -> Result<Vec<Place>> {
    let place = |row: &Row<'_>| {
        let article = ArticleId(row.get("id")?);
        Ok(Place { first_seen_at: get_moment(row, "first_seen_at")?, article })
    };
    db.prepare_cached(&format!(
        "{RULES}
         SELECT a.id, a.first_seen_at FROM articles AS a
         WHERE a.first_seen_at < :latest AND a.id < :before AND (a.first_seen_at, a.id) > (:after, :article)
           AND NOT {IS_KEPT}
         ORDER BY a.first_seen_at, a.id LIMIT :at_most"
    ))?
    .query_map(
        named_params! {
            ":latest": moment(latest),
            ":before": before.0,
            ":after": after.map(|place| moment(place.first_seen_at)).unwrap_or_default(),
            ":article": after.map_or(0, |place| place.article.0),
            ":since": since.default,
            ":by_feed": since.by_feed,
            ":at_most": i64::try_from(at_most).unwrap_or(i64::MAX),
        },
        place,
    )?
    .collect()
}

fn delete(tx: &Transaction<'_>, since: &Since, found: &[Place]) -> Result<usize> {
    let ids: Vec<i64> = found.iter().map(|place| place.article.0).collect();
    let ids = serde_json::to_string(&ids).expect("a list of numbers is JSON");
    tx.prepare_cached(&format!(
        "{RULES}
         DELETE FROM articles AS a
         WHERE a.id IN (SELECT value FROM json_each(:ids)) AND NOT {IS_KEPT}"
    ))?
    .execute(named_params! {
        ":ids": ids,
        ":since": since.default,
        ":by_feed": since.by_feed,
    })
}

fn used(db: &Connection) -> Result<u64> {
    let used: i64 = db.query_row(
        "SELECT (p.page_count - f.freelist_count) * s.page_size
         FROM pragma_page_count AS p, pragma_freelist_count AS f, pragma_page_size AS s",
        [],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(used).unwrap_or_default())
}
