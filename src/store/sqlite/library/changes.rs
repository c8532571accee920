//! Looks up when articles changed last.
//!
//! No index is in this order, so each question reads through the table, though not through the texts:
//! SQLite keeps no more rows than are asked for. Whoever wants many asks for many at once.

use rusqlite::{Connection, Result, named_params};

use super::selection::SELECTED;
use crate::model::ArticleId;
use crate::store::sqlite::rows::moment;
use crate::store::{Change, ChangeOrder, Changes};

/// Sorts after every moment.
const END_OF_TIME: &str = "~";

pub(super) fn last(db: &Connection, wanted: &Changes) -> Result<Vec<Change>> {
    let since = wanted.since.map(moment).unwrap_or_default();
    let (compared, order, start) = match wanted.order {
        ChangeOrder::Earliest => (">", "ASC", since.as_str()),
        ChangeOrder::Latest => ("<", "DESC", END_OF_TIME),
    };
    let (at, article) = match &wanted.beyond {
        Some(change) => (change.at.as_str(), change.article.0),
        None => (start, 0),
    };
    let statement = format!(
        "SELECT a.changed_at, a.id FROM articles AS a
         WHERE (a.changed_at, a.id) {compared} (:at, :article) AND a.changed_at >= :since
           AND {SELECTED}
         ORDER BY a.changed_at {order}, a.id {order} LIMIT :at_most"
    );
    let parameters = named_params! {
        ":at": at,
        ":article": article,
        ":since": since,
        ":feed": wanted.among.feed.map(|feed| feed.0),
        ":host": wanted.among.host,
        ":language": wanted.among.language.as_ref().map(|language| language.to_lowercase()),
        ":at_most": wanted.at_most,
    };
    db.prepare_cached(&statement)?
        .query_map(parameters, |row| {
            Ok(Change { at: row.get(0)?, article: ArticleId(row.get(1)?) })
        })?
        .collect()
}
