//! Writes what a verdict rests on.

use rusqlite::{Result, Transaction, named_params};

use crate::model::{Evidence, Reason};

/// Keeps what a sighting's first verdict rests on; what later readings of the entry rest on is the
/// entry itself, and tells nothing.
pub(in crate::store::sqlite) fn record(
    tx: &Transaction<'_>,
    sighting: i64,
    evidence: &Evidence,
) -> Result<()> {
    let Some(reason) = evidence.reason.filter(|reason| *reason != Reason::SameEntry) else {
        return Ok(());
    };
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let comparison = evidence.comparison.as_ref();
    tx.prepare_cached(
        "INSERT INTO evidence (sighting_id, reason, article_id, containment, shared, runs, lead,
                               conflicting_numbers, conflicting_names)
         VALUES (:sighting, :reason, :article, :containment, :shared, :runs, :lead, :numbers, :names)
         ON CONFLICT (sighting_id) DO NOTHING",
    )?
    .execute(named_params! {
        ":sighting": sighting,
        ":reason": reason.as_str(),
        ":article": evidence.article.map(|article| article.0),
        ":containment": comparison.map(|found| found.containment),
        ":shared": comparison.map(|found| count(found.shared)),
        ":runs": comparison.map(|found| count(found.runs)),
        ":lead": comparison.map(|found| found.lead),
        ":numbers": comparison.map(|found| count(found.conflicting_numbers)),
        ":names": comparison.map(|found| count(found.conflicting_names)),
    })?;
    Ok(())
}
