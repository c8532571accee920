//! Remembers where redirectors' links lead.

use rusqlite::{Connection, OptionalExtension, Result, Transaction, named_params};

use super::rows::{get_count, get_moment, moment};
use crate::store::ResolvedLink;

pub(super) fn resolved(db: &Connection, link: &str) -> Result<Option<ResolvedLink>> {
    db.prepare_cached(
        "SELECT target, attempts, error, asked_at FROM resolved_links WHERE link = :link",
    )?
    .query_row(named_params! { ":link": link }, |row| {
        Ok(ResolvedLink {
            target: row.get("target")?,
            attempts: get_count(row, "attempts")?,
            error: row.get("error")?,
            asked_at: get_moment(row, "asked_at")?,
        })
    })
    .optional()
}

/// A target once known is never forgotten for a later failure.
pub(super) fn remember(tx: &Transaction<'_>, link: &str, answer: &ResolvedLink) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO resolved_links (link, target, attempts, error, asked_at)
         VALUES (:link, :target, :attempts, :error, :asked_at)
         ON CONFLICT (link) DO UPDATE
         SET target = excluded.target, attempts = excluded.attempts, error = excluded.error,
             asked_at = excluded.asked_at
         WHERE target IS NULL OR excluded.target IS NOT NULL",
    )?
    .execute(named_params! {
        ":link": link,
        ":target": answer.target,
        ":attempts": answer.attempts,
        ":error": answer.error,
        ":asked_at": moment(answer.asked_at),
    })?;
    Ok(())
}
