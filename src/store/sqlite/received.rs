//! Keeps texts as they were received, and forgets them in time.

use chrono::{DateTime, Utc};
use rusqlite::{Result, Transaction, named_params};

use super::rows::{latin1, moment};
use crate::model::Received;

/// Writes what a sighting's text was read from; what was kept of the same kind before goes.
pub(super) fn keep(
    tx: &Transaction<'_>,
    sighting: i64,
    texts: &[Received],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO received_texts (sighting_id, kind, url, received_at, bytes, text, etag, last_modified)
         VALUES (:sighting, :kind, :url, :now, :bytes, :text, :etag, :last_modified)
         ON CONFLICT (sighting_id, kind) DO UPDATE
         SET url = excluded.url, received_at = excluded.received_at, bytes = excluded.bytes,
             text = excluded.text, etag = excluded.etag, last_modified = excluded.last_modified",
    )?;
    for received in texts {
        insert.execute(named_params! {
            ":sighting": sighting,
            ":kind": received.kind.as_str(),
            ":url": received.url,
            ":now": moment(now),
            ":bytes": i64::try_from(received.text.bytes).unwrap_or(i64::MAX),
            ":text": received.text.frame,
            ":etag": received.validators.etag.as_deref().map(latin1),
            ":last_modified": received.validators.last_modified.as_deref().map(latin1),
        })?;
    }
    Ok(())
}

pub(super) fn forget(tx: &Transaction<'_>, before: DateTime<Utc>, at_most: usize) -> Result<usize> {
    tx.prepare_cached(
        "DELETE FROM received_texts WHERE id IN (
           SELECT id FROM received_texts WHERE received_at < :before ORDER BY received_at LIMIT :at_most)",
    )?
    .execute(named_params! {
        ":before": moment(before),
        ":at_most": i64::try_from(at_most).unwrap_or(i64::MAX),
    })
}
