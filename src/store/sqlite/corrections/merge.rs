//! Makes an article another, because a person says so.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Result, Transaction};

use super::{decide, sightings_of};
use crate::model::{ArticleId, Reason};
use crate::store::sqlite::admit::{articles, decided};
use crate::store::sqlite::near;
use crate::store::{Fingerprinter, Merged, MergedText};

pub(super) fn two(
    tx: &Transaction<'_>,
    into: ArticleId,
    absorbed: ArticleId,
    fingerprinter: Fingerprinter,
    now: DateTime<Utc>,
) -> Result<Option<Merged>> {
    let (Some(kept), Some(gone)) = (sha256(tx, into)?, sha256(tx, absorbed)?) else {
        return Ok(None);
    };
    let was_kept_apart = decided::is_apart(tx, into, absorbed)?;
    tx.prepare_cached("DELETE FROM kept_apart WHERE article_id = ?1 AND other_id = ?2")?
        .execute((into.min(absorbed).0, into.max(absorbed).0))?;
    let text = match (kept, gone) {
        (_, None) => MergedText::None,
        (Some(kept), Some(gone)) if kept == gone => MergedText::Same,
        (Some(_), Some(_)) => MergedText::KeptAsVariant,
        (None, Some(_)) => {
            take_text(tx, into, absorbed)?;
            MergedText::Taken
        }
    };
    let sightings = sightings_of(tx, absorbed)?;
    if text == MergedText::KeptAsVariant {
        tx.prepare_cached(
            "UPDATE sightings SET verdict = 'near-text' WHERE article_id = ?1 AND verdict = 'new'",
        )?
        .execute([absorbed.0])?;
    }
    decide(tx, &sightings, Reason::Decided, absorbed, now)?;
    index(tx, absorbed, into, fingerprinter)?;
    articles::absorb(tx, absorbed, into, now)?;
    Ok(Some(Merged {
        article: into,
        absorbed,
        sightings_moved: sightings.len() as u64,
        text,
        was_kept_apart,
    }))
}

/// The hash of an article's text, if it has one; `None` if there is no such article.
#[expect(
    clippy::option_option,
    reason = "no article, and an article without a text, are two things"
)]
fn sha256(tx: &Transaction<'_>, article: ArticleId) -> Result<Option<Option<String>>> {
    tx.prepare_cached("SELECT body_sha256 FROM articles WHERE id = ?1")?
        .query_row([article.0], |row| row.get(0))
        .optional()
}

/// Copies of the texts that move are found under their new article.
pub(super) fn index(
    tx: &Transaction<'_>,
    from: ArticleId,
    to: ArticleId,
    fingerprinter: Fingerprinter,
) -> Result<()> {
    let texts: Vec<String> = tx
        .prepare_cached(
            "SELECT body FROM articles WHERE id = ?1 AND body IS NOT NULL
             UNION ALL SELECT body FROM variants WHERE article_id = ?1",
        )?
        .query_map([from.0], |row| row.get(0))?
        .collect::<Result<_>>()?;
    for fingerprint in texts.iter().filter_map(|text| fingerprinter(text)) {
        near::add(tx, to, &fingerprint)?;
    }
    Ok(())
}

/// A held article gets the text of the one that becomes it.
fn take_text(tx: &Transaction<'_>, held: ArticleId, from: ArticleId) -> Result<()> {
    tx.prepare_cached(
        "UPDATE articles
         SET body = theirs.body, body_sha256 = theirs.body_sha256, words = theirs.words,
             text_source = theirs.text_source, text_copied = theirs.text_copied,
             rules_version = theirs.rules_version, summary = NULL, hold_reason = NULL
         FROM articles AS theirs WHERE articles.id = ?1 AND theirs.id = ?2",
    )?
    .execute((held.0, from.0))?;
    Ok(())
}
