//! Tells what a person decided, so that nothing the program finds out later undoes it.

use rusqlite::{Result, Transaction};

use crate::model::ArticleId;

/// Whether a person's word keeps an article from becoming another: the two were said to be two, or a
/// sighting was put there by hand and would be moved.
pub(in crate::store::sqlite) fn keeps_from(
    tx: &Transaction<'_>,
    article: ArticleId,
    becoming: ArticleId,
) -> Result<bool> {
    Ok(is_apart(tx, article, becoming)? || has_decided(tx, article)?)
}

/// Whether a person said that two articles are two.
pub(in crate::store::sqlite) fn is_apart(
    tx: &Transaction<'_>,
    one: ArticleId,
    other: ArticleId,
) -> Result<bool> {
    tx.prepare_cached("SELECT 1 FROM kept_apart WHERE article_id = ?1 AND other_id = ?2")?
        .exists((one.min(other).0, one.max(other).0))
}

/// Whether a person put one of an article's sightings there.
pub(in crate::store::sqlite) fn has_decided(
    tx: &Transaction<'_>,
    article: ArticleId,
) -> Result<bool> {
    tx.prepare_cached("SELECT 1 FROM sightings WHERE article_id = ?1 AND decided_at IS NOT NULL")?
        .exists([article.0])
}
