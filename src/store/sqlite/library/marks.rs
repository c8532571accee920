//! Tells whether somebody has written, and how far the numbers go.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result};

use crate::model::{ArticleId, SightingId};
use crate::store::Marks;
use crate::store::sqlite::rows::moment;

pub(super) fn data_version(db: &Connection) -> Result<i64> {
    db.pragma_query_value(None, "data_version", |row| row.get(0))
}

/// One statement sees one moment, so no sighting is up to the mark whose article is beyond it.
pub(super) fn marks(db: &Connection, since: Option<DateTime<Utc>>) -> Result<Marks> {
    let since = since.map(moment);
    db.prepare_cached(
        "SELECT coalesce((SELECT min(id) - 1 FROM articles WHERE first_seen_at >= ?1),
                         (SELECT max(id) FROM articles), 0),
                coalesce((SELECT min(id) - 1 FROM sightings WHERE first_seen_at >= ?1),
                         (SELECT max(id) FROM sightings), 0)",
    )?
    .query_row([since], |row| {
        Ok(Marks { article: ArticleId(row.get(0)?), sighting: SightingId(row.get(1)?) })
    })
}
