//! Writes what the rules of today make of stored articles, and judges those whose text changed.

use rusqlite::{Connection, OptionalExtension, Result, Transaction};

use super::{details, merge};
use crate::model::{
    ArticleId, Candidate, Evidence, Fingerprint, Judgement, SightingId, Text, TextSource, Verdict,
};
use crate::store::sqlite::admit::{self, articles, decided, evidence};
use crate::store::sqlite::rows::{get_number, moment};
use crate::store::sqlite::{known, near};
use crate::store::{ArticleDetails, Fresh, FreshVariant, KeptText, RedoOutcome, Redoing, Redone};

pub(super) fn progress(db: &Connection, recipe: &str) -> Result<(Option<ArticleId>, u64)> {
    let done_to: Option<i64> = db
        .prepare_cached("SELECT article_id FROM redo_progress WHERE recipe = ?1")?
        .query_row([recipe], |row| row.get(0))
        .optional()?;
    let left: i64 = db
        .prepare_cached("SELECT count(*) FROM articles WHERE id > ?1")?
        .query_row([done_to.unwrap_or_default()], |row| row.get(0))?;
    Ok((done_to.map(ArticleId), u64::try_from(left).unwrap_or_default()))
}

pub(super) fn finish(tx: &Transaction<'_>) -> Result<()> {
    tx.prepare_cached("DELETE FROM redo_progress")?.execute([]).map(|_| ())
}

/// The next articles; with what the text of each was read from.
pub(super) fn next(
    db: &Connection,
    after: ArticleId,
    at_most: usize,
) -> Result<Vec<ArticleDetails>> {
    let ids: Vec<ArticleId> = db
        .prepare_cached("SELECT id FROM articles WHERE id > ?1 ORDER BY id LIMIT ?2")?
        .query_map((after.0, i64::try_from(at_most).unwrap_or(i64::MAX)), |row| {
            row.get(0).map(ArticleId)
        })?
        .collect::<Result<_>>()?;
    let mut found = Vec::new();
    for id in ids {
        let Some(mut article) = details::without_received(db, id)? else { continue };
        let text = article.body_sha256.clone();
        for sighting in &mut article.sightings {
            let is_variant =
                |kept: &KeptText| Some(&kept.body_sha256) == sighting.body_sha256.as_ref();
            if text.is_none()
                || sighting.body_sha256 == text
                || article.variants.iter().any(is_variant)
            {
                sighting.received = details::received(db, sighting.id)?;
            }
        }
        found.push(article);
    }
    Ok(found)
}

pub(super) fn some(tx: &Transaction<'_>, fresh: &[Fresh], by: &Redoing) -> Result<Vec<Redone>> {
    let mut done = Vec::with_capacity(fresh.len());
    for fresh in fresh {
        done.extend(one(tx, fresh, by)?);
    }
    if let Some(last) = fresh.last() {
        tx.prepare_cached("DELETE FROM redo_progress WHERE recipe <> ?1")?.execute([&by.recipe])?;
        tx.prepare_cached(
            "INSERT INTO redo_progress (recipe, article_id, started_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (recipe) DO UPDATE SET article_id = excluded.article_id",
        )?
        .execute((&by.recipe, last.article.0, moment(by.now)))?;
    }
    Ok(done)
}

/// What is stored of an article when its turn comes.
struct Stored {
    title: String,
    body: Option<String>,
    body_sha256: Option<String>,
    words: u64,
}

/// `None` for an article that became another meanwhile.
fn one(tx: &Transaction<'_>, fresh: &Fresh, by: &Redoing) -> Result<Option<Redone>> {
    let Some(stored) = stored(tx, fresh.article)? else { return Ok(None) };
    for (sighting, headline) in &fresh.headlines {
        tx.prepare_cached("UPDATE sightings SET headline = ?2 WHERE id = ?1")?
            .execute((sighting.0, headline))?;
    }
    let mut redone = Redone {
        article: fresh.article,
        title: stored.title,
        outcome: RedoOutcome::Unchanged,
        words_before: stored.words,
        words_after: stored.words,
        merged: None,
        comparison: None,
        headlines: fresh.headlines.len(),
        variants: fresh.variants.len(),
    };
    for variant in &fresh.variants {
        replace_variant(tx, fresh.article, variant, by)?;
    }
    if stored.body_sha256 != fresh.before_sha256 {
        redone.outcome = RedoOutcome::ChangedMeanwhile;
        return Ok(Some(redone));
    }
    let (sighting, candidate) = match &fresh.read {
        Ok(read) => read,
        Err(outcome) => {
            redone.outcome = *outcome;
            return Ok(Some(redone));
        }
    };
    let Text::Usable { body, fingerprint, .. } = &candidate.text else { return Ok(Some(redone)) };
    if stored.body.as_ref() == Some(body) {
        refresh(tx, fresh.article, candidate, fingerprint, by)?;
        return Ok(Some(redone));
    }
    // Judged before it is written: the article must not find itself.
    let is_another = stored.body_sha256.as_ref() != Some(&fingerprint.sha256);
    let judgement =
        if is_another { Some(judged(tx, candidate, fresh, fingerprint, by)?) } else { None };
    let is_no_articles = judgement.as_ref().is_some_and(|judgement| judgement.held_for.is_some());
    if is_no_articles && stored.body.is_none() {
        redone.outcome = RedoOutcome::StillHeld;
        return Ok(Some(redone));
    }
    redone.outcome = RedoOutcome::Changed;
    redone.words_after = fingerprint.words as u64;
    write(tx, fresh.article, *sighting, candidate, by)?;
    if let Some(judgement) = judgement {
        follow(tx, candidate, &judgement, by, &mut redone)?;
    }
    Ok(Some(redone))
}

fn judged(
    tx: &Transaction<'_>,
    candidate: &Candidate,
    fresh: &Fresh,
    fingerprint: &Fingerprint,
    by: &Redoing,
) -> Result<Judgement> {
    let known = known::about_text_of(tx, fresh.article, fingerprint, by.now, by.near_since)?;
    Ok((by.judge)(candidate, &known))
}

fn stored(tx: &Transaction<'_>, article: ArticleId) -> Result<Option<Stored>> {
    tx.prepare_cached("SELECT title, body, body_sha256, words FROM articles WHERE id = ?1")?
        .query_row([article.0], |row| {
            Ok(Stored {
                title: row.get("title")?,
                body: row.get("body")?,
                body_sha256: row.get("body_sha256")?,
                words: get_number(row, "words")?,
            })
        })
        .optional()
}

/// Puts a copy's text as it is read today in the place of what it was, unless it is kept already: as
/// another copy's, or as the article's own.
fn replace_variant(
    tx: &Transaction<'_>,
    article: ArticleId,
    variant: &FreshVariant,
    by: &Redoing,
) -> Result<()> {
    let FreshVariant { before_sha256, sighting, body, fingerprint, removed } = variant;
    tx.prepare_cached("UPDATE sightings SET body_sha256 = ?2 WHERE id = ?1")?
        .execute((sighting.0, &fingerprint.sha256))?;
    admit::forget_removed_lines(tx, sighting.0)?;
    admit::record_removed_lines(tx, sighting.0, removed)?;
    tx.prepare_cached(
        "UPDATE OR IGNORE variants SET body = ?3, body_sha256 = ?4, words = ?5
         WHERE article_id = ?1 AND body_sha256 = ?2
           AND NOT EXISTS (SELECT 1 FROM articles WHERE id = ?1 AND body_sha256 = ?4)",
    )?
    .execute((
        article.0,
        before_sha256,
        body,
        &fingerprint.sha256,
        i64::try_from(fingerprint.words).unwrap_or(i64::MAX),
    ))?;
    if *before_sha256 != fingerprint.sha256 {
        tx.prepare_cached("DELETE FROM variants WHERE article_id = ?1 AND body_sha256 = ?2")?
            .execute((article.0, before_sha256))?;
    }
    index(tx, article, fingerprint, by)
}

/// The text stays; what is computed of it may not.
fn refresh(
    tx: &Transaction<'_>,
    article: ArticleId,
    candidate: &Candidate,
    fingerprint: &Fingerprint,
    by: &Redoing,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE articles SET rules_version = ?2, body_sha256 = ?3, words = ?4
         WHERE id = ?1 AND (rules_version <> ?2 OR body_sha256 <> ?3 OR words <> ?4)",
    )?
    .execute((
        article.0,
        &candidate.rules_version,
        &fingerprint.sha256,
        i64::try_from(fingerprint.words).unwrap_or(i64::MAX),
    ))?;
    index(tx, article, fingerprint, by)
}

/// Texts that are too old to be compared with stay out of the index.
fn index(
    tx: &Transaction<'_>,
    article: ArticleId,
    fingerprint: &Fingerprint,
    by: &Redoing,
) -> Result<()> {
    if known::is_recent(tx, article, by.near_since)? {
        near::add(tx, article, fingerprint)?;
    }
    Ok(())
}

fn write(
    tx: &Transaction<'_>,
    article: ArticleId,
    sighting: SightingId,
    candidate: &Candidate,
    by: &Redoing,
) -> Result<()> {
    articles::replace_text(tx, article, candidate, by.now)?;
    tx.prepare_cached("UPDATE sightings SET body_sha256 = ?2, text_source = ?3 WHERE id = ?1")?
        .execute((
            sighting.0,
            candidate.text.sha256(),
            candidate.text.source().map(TextSource::as_str),
        ))?;
    admit::forget_removed_lines(tx, sighting.0)?;
    admit::record_removed_lines(tx, sighting.0, &candidate.removed)?;
    tx.prepare_cached(
        "DELETE FROM variants WHERE article_id = ?1
         AND body_sha256 = (SELECT body_sha256 FROM articles WHERE id = ?1)",
    )?
    .execute([article.0])?;
    if let Text::Usable { fingerprint, .. } = &candidate.text {
        index(tx, article, fingerprint, by)?;
    }
    Ok(())
}

/// Does what the judge says of an article whose text is another now, short of what a person decided.
fn follow(
    tx: &Transaction<'_>,
    candidate: &Candidate,
    judgement: &Judgement,
    by: &Redoing,
    redone: &mut Redone,
) -> Result<()> {
    let article = redone.article;
    if judgement.held_for.is_some() {
        for disowned in [Some(article), judgement.disowned].into_iter().flatten() {
            articles::disown(tx, disowned, by.now)?;
        }
        redone.outcome = RedoOutcome::SharedText;
        return Ok(());
    }
    let Some(other) = judgement.article.filter(|other| *other != article) else { return Ok(()) };
    let (gone, survivor) = if judgement.takes_text { (other, article) } else { (article, other) };
    // Whose sightings a person put there stays; if that is both, they stay two.
    let (gone, survivor) = match () {
        () if !decided::keeps_from(tx, gone, survivor)? => (gone, survivor),
        () if !decided::keeps_from(tx, survivor, gone)? => (survivor, gone),
        () => return Ok(()),
    };
    if survivor == other && judgement.takes_url {
        articles::replace_url(tx, survivor, candidate, by.now)?;
    }
    explain(tx, gone, survivor, judgement)?;
    merge::index(tx, gone, survivor, by.fingerprinter)?;
    articles::absorb(tx, gone, survivor, by.now)?;
    redone.outcome = RedoOutcome::Merged;
    redone.merged = Some((gone, survivor));
    redone.comparison = judgement.evidence.comparison;
    Ok(())
}

/// Those who were the first to bring the article that is gone brought a copy, and why.
fn explain(
    tx: &Transaction<'_>,
    gone: ArticleId,
    survivor: ArticleId,
    judgement: &Judgement,
) -> Result<()> {
    let firsts: Vec<i64> = tx
        .prepare_cached("SELECT id FROM sightings WHERE article_id = ?1 AND verdict = 'new'")?
        .query_map([gone.0], |row| row.get(0))?
        .collect::<Result<_>>()?;
    let verdict = match judgement.verdict {
        Verdict::NearText => Verdict::NearText,
        _ => Verdict::SameText,
    };
    let found = Evidence { article: Some(survivor), ..judgement.evidence.clone() };
    for first in firsts {
        tx.prepare_cached("UPDATE sightings SET verdict = ?2, similarity = ?3 WHERE id = ?1")?
            .execute((first, verdict.as_str(), judgement.similarity()))?;
        tx.prepare_cached("DELETE FROM evidence WHERE sighting_id = ?1")?.execute([first])?;
        evidence::record(tx, first, &found)?;
    }
    Ok(())
}
