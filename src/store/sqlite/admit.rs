//! Stores one reading of one feed in one transaction, judging each entry on the way.

pub(super) mod articles;
pub(super) mod decided;
pub(super) mod evidence;

use chrono::{DateTime, Utc};
use rusqlite::{Error, Result, Statement, Transaction, named_params};

use super::known::{self, Scope};
use super::pages;
use super::rows::{latin1, moment, seconds};
use super::{link_queue, received, search};
use crate::model::{
    ArticleId, Candidate, EntryKey, FeedId, FeedUrl, Habits, Judgement, Removed, TextSource,
    Validators, Verdict, Whereabouts,
};
use crate::store::{Admission, Admitted, Delivery, Judge, LateEntry, Outcome, Reading};

/// Why a feed is paused whose server took it away.
const GONE: &str = "its server said on three different days that it is gone (410)";

pub(super) fn reading(tx: &Transaction<'_>, reading: &Reading, judge: Judge) -> Result<Admission> {
    if !holds_claim(tx, reading)? {
        return Ok(Admission::ClaimLost);
    }
    let mut admitted = Vec::new();
    if let Outcome::Changed(delivery) = &reading.outcome {
        date_anew(tx, reading.feed, &delivery.settled, reading.now)?;
        let scope = Scope::new(tx, reading.feed, reading.now, reading.near_since)?;
        for candidate in &delivery.candidates {
            admitted.push(admit(tx, scope, candidate, judge)?);
        }
        search::index_if_enough(tx)?;
        link_queue::add(tx, &delivery.waiting, reading.now)?;
    }
    update_feed(tx, reading)?;
    log(tx, reading, &admitted)?;
    Ok(Admission::Stored(admitted))
}

/// A claim that ran out still counts as long as nobody else has taken the feed.
fn holds_claim(tx: &Transaction<'_>, reading: &Reading) -> Result<bool> {
    tx.prepare_cached(
        "SELECT 1 FROM feeds WHERE id = ?1 AND claimed_by = ?2 AND claimed_until IS NOT NULL",
    )?
    .exists((reading.feed.0, &reading.worker))
}

/// Admits an entry outside a reading of its feed.
pub(super) fn late(tx: &Transaction<'_>, late: &LateEntry, judge: Judge) -> Result<Admitted> {
    let scope = Scope::new(tx, late.feed, late.now, late.near_since)?;
    admit(tx, scope, &late.candidate, judge)
}

/// Judges one entry and stores it.
fn admit(
    tx: &Transaction<'_>,
    scope: Scope,
    candidate: &Candidate,
    judge: Judge,
) -> Result<Admitted> {
    let now = scope.now;
    let known = known::about(tx, scope, candidate)?;
    let candidate = match known.belied {
        Some(_) => &candidate.by_itself(),
        None => candidate,
    };
    let judgement = judge(candidate, &known);
    let (verdict, similarity) = (judgement.verdict, judgement.similarity());
    if verdict == Verdict::Deleted {
        return Ok(Admitted { verdict, article: None, similarity });
    }
    let candidate = match judgement.held_for {
        Some(reason) => &candidate.held(reason),
        None => candidate,
    };
    if let Some(disowned) = judgement.disowned {
        articles::disown(tx, disowned, now)?;
    }
    let article = match judgement.article {
        None => articles::insert(tx, candidate, now)?,
        Some(article) => {
            for absorbed in &judgement.absorbs {
                // What a person decided goes before what other entries prove.
                if !decided::keeps_from(tx, *absorbed, article)? {
                    articles::absorb(tx, *absorbed, article, now)?;
                }
            }
            articles::update(tx, article, candidate, &judgement, now)?;
            article
        }
    };
    if let Some(ousted) = known.ousted {
        articles::oust(tx, ousted, &candidate.url_keys, now)?;
    }
    articles::own_url_keys(tx, article, &candidate.url_keys)?;
    let sighting = if known.same_entry.is_some() {
        let sighting = update_sighting(tx, scope.feed, article, candidate, now)?;
        forget_removed_lines(tx, sighting)?;
        sighting
    } else {
        insert_sighting(tx, scope.feed, article, candidate, &judgement, now)?
    };
    evidence::record(tx, sighting, &judgement.evidence)?;
    record_removed_lines(tx, sighting, &candidate.removed)?;
    received::keep(tx, sighting, &candidate.received, now)?;
    pages::record_choice(tx, sighting, candidate)?;
    Ok(Admitted { verdict, article: Some(article), similarity })
}

fn date_anew(
    tx: &Transaction<'_>,
    feed: FeedId,
    keys: &[EntryKey],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE sightings SET last_seen_at = ?3 WHERE feed_id = ?1 AND entry_key = ?2",
    )?;
    let now = moment(now);
    for key in keys {
        statement.execute((feed.0, &key.0, &now))?;
    }
    Ok(())
}

/// Writes an entry that was not seen before. Without `RETURNING`: what that answers, SQLite gathers in a
/// table that it makes for each row.
fn insert_sighting(
    tx: &Transaction<'_>,
    feed: FeedId,
    article: ArticleId,
    candidate: &Candidate,
    judgement: &Judgement,
    now: DateTime<Utc>,
) -> Result<i64> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO sightings (feed_id, entry_key, article_id, title, link, target, source_link,
                                published_at, headline, entry_sha256, body_sha256, text_source, verdict,
                                similarity, first_seen_at, last_seen_at)
         VALUES (:feed, :key, :article, :title, :link, :target, :source_link,
                 :published_at, :headline, :sha256, :body_sha256, :text_source, :verdict, :similarity, :now, :now)",
    )?;
    bind_sighting(&mut insert, feed, article, candidate, now)?;
    insert.raw_bind_parameter(":verdict", first_verdict(judgement.verdict).as_str())?;
    insert.raw_bind_parameter(":similarity", judgement.similarity())?;
    insert.raw_execute()?;
    Ok(tx.last_insert_rowid())
}

/// Writes what a known entry says now; what it was when first judged stays.
fn update_sighting(
    tx: &Transaction<'_>,
    feed: FeedId,
    article: ArticleId,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<i64> {
    let mut update = tx.prepare_cached(
        "UPDATE sightings
         SET article_id = :article, title = :title, link = :link, target = :target,
             source_link = :source_link, published_at = :published_at, headline = :headline,
             entry_sha256 = :sha256, body_sha256 = :body_sha256, text_source = :text_source,
             attempts = attempts + 1, last_seen_at = :now
         WHERE feed_id = :feed AND entry_key = :key
         RETURNING id",
    )?;
    bind_sighting(&mut update, feed, article, candidate, now)?;
    let mut updated = update.raw_query();
    updated.next()?.ok_or(Error::QueryReturnedNoRows)?.get(0)
}

/// Binds what an entry says, and where it belongs.
fn bind_sighting(
    statement: &mut Statement<'_>,
    feed: FeedId,
    article: ArticleId,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    for (name, value) in named_params! {
        ":feed": feed.0,
        ":key": candidate.entry_key.0,
        ":article": article.0,
        ":title": candidate.title,
        ":link": candidate.link,
        ":target": candidate.target,
        ":source_link": candidate.source_link,
        ":published_at": candidate.published_at.map(moment),
        ":headline": candidate.headline,
        ":sha256": candidate.entry_sha256,
        ":body_sha256": candidate.text.sha256(),
        ":text_source": candidate.text.source().map(TextSource::as_str),
        ":now": moment(now),
    } {
        statement.raw_bind_parameter(*name, value)?;
    }
    Ok(())
}

/// An entry seen for the first time is never judged by its own earlier sighting.
fn first_verdict(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Revised | Verdict::Unchanged => Verdict::SameUrl,
        other => other,
    }
}

/// Forgets what cleaning took from an earlier text of a sighting.
pub(super) fn forget_removed_lines(tx: &Transaction<'_>, sighting: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM removed_lines WHERE sighting_id = ?1")?
        .execute([sighting])
        .map(|_| ())
}

/// Writes what cleaning took from a sighting's text; nothing of an earlier one may be left.
pub(super) fn record_removed_lines(
    tx: &Transaction<'_>,
    sighting: i64,
    removed: &[Removed],
) -> Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO removed_lines (sighting_id, position, rule, line) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (position, removed) in (1_i64..).zip(removed) {
        insert.execute((sighting, position, &removed.rule, &removed.line))?;
    }
    Ok(())
}

fn update_feed(tx: &Transaction<'_>, reading: &Reading) -> Result<()> {
    tx.prepare_cached(
        "UPDATE feeds
         SET claimed_until = NULL, last_poll_at = ?2, next_poll_at = ?3, next_poll_reason = ?4
         WHERE id = ?1",
    )?
    .execute((
        reading.feed.0,
        moment(reading.now),
        moment(reading.next_poll.at),
        &reading.next_poll.reason,
    ))?;
    update_whereabouts(tx, reading)?;
    match &reading.outcome {
        Outcome::Failed { error } => {
            tx.prepare_cached(
                "UPDATE feeds SET failures = failures + 1, last_error = ?2 WHERE id = ?1",
            )?
            .execute((reading.feed.0, error))?;
            return Ok(());
        }
        // A server may send one validator without the other; the one not sent still holds.
        Outcome::NotModified { validators } => {
            tx.prepare_cached(
                "UPDATE feeds SET etag = coalesce(?2, etag), last_modified = coalesce(?3, last_modified)
                 WHERE id = ?1",
            )?
            .execute(validator_row(reading.feed, validators))?;
        }
        Outcome::Changed(delivery) => {
            tx.prepare_cached(
                "UPDATE feeds SET title = coalesce(?2, title), site = coalesce(?3, site) WHERE id = ?1",
            )?
            .execute((reading.feed.0, &delivery.title, &delivery.site))?;
            update_habits(tx, reading.feed, &delivery.habits)?;
            if let Some(validators) = &delivery.validators {
                tx.prepare_cached("UPDATE feeds SET etag = ?2, last_modified = ?3 WHERE id = ?1")?
                    .execute(validator_row(reading.feed, validators))?;
            }
        }
    }
    tx.prepare_cached(
        "UPDATE feeds SET failures = 0, last_error = NULL, last_success_at = ?2 WHERE id = ?1",
    )?
    .execute((reading.feed.0, moment(reading.now)))?;
    Ok(())
}

/// A feed that is gone for good is not asked again, until somebody adds it anew.
fn update_whereabouts(tx: &Transaction<'_>, reading: &Reading) -> Result<()> {
    let Whereabouts { address, moving, gone_days, gone_on } = &reading.whereabouts;
    tx.prepare_cached(
        "UPDATE feeds
         SET address = :address, moving_to = :moving_to, moving_since = :moving_since,
             gone_days = :gone_days, gone_on = :gone_on,
             paused_at = CASE WHEN :is_gone THEN :now ELSE paused_at END,
             pause_reason = CASE WHEN :is_gone THEN :why ELSE pause_reason END
         WHERE id = :feed",
    )?
    .execute(named_params! {
        ":feed": reading.feed.0,
        ":address": address.as_ref().map(FeedUrl::as_str),
        ":moving_to": moving.as_ref().map(|(to, _)| to.as_str()),
        ":moving_since": moving.as_ref().map(|(_, since)| moment(*since)),
        ":gone_days": gone_days,
        ":gone_on": gone_on.map(|day| day.to_string()),
        ":is_gone": reading.whereabouts.is_gone(),
        ":why": GONE,
        ":now": moment(reading.now),
    })?;
    Ok(())
}

fn update_habits(tx: &Transaction<'_>, feed: FeedId, habits: &Habits) -> Result<()> {
    let Habits { ttl, period, skip_hours, skip_days, pace, span } = habits;
    tx.prepare_cached(
        "UPDATE feeds
         SET ttl_s = ?2, period_s = ?3, pace_s = ?4, span_s = ?5, skip_hours = ?6, skip_days = ?7
         WHERE id = ?1",
    )?
    .execute((
        feed.0,
        ttl.map(seconds),
        period.map(seconds),
        pace.map(seconds),
        span.map(seconds),
        skip_hours,
        skip_days,
    ))?;
    Ok(())
}

fn validator_row(feed: FeedId, validators: &Validators) -> (i64, Option<String>, Option<String>) {
    (
        feed.0,
        validators.etag.as_deref().map(latin1),
        validators.last_modified.as_deref().map(latin1),
    )
}

fn log(tx: &Transaction<'_>, reading: &Reading, admitted: &[Admitted]) -> Result<()> {
    let nothing = Delivery::default();
    let (outcome, delivery, error) = match &reading.outcome {
        Outcome::NotModified { .. } => ("not-modified", &nothing, None),
        Outcome::Failed { error } => ("failed", &nothing, Some(error)),
        Outcome::Changed(delivery) => ("changed", delivery.as_ref(), None),
    };
    let is_new = |admitted: &&Admitted| matches!(admitted.verdict, Verdict::New | Verdict::Held);
    let new_articles = admitted.iter().filter(is_new).count();
    tx.prepare_cached(
        "INSERT INTO polls (feed_id, started_at, duration_ms, outcome, http_status, bytes, entries,
                            new_articles, repaired, error)
         VALUES (:feed, :started_at, :duration_ms, :outcome, :http_status, :bytes, :entries,
                 :new_articles, :repaired, :error)",
    )?
    .execute(named_params! {
        ":feed": reading.feed.0,
        ":started_at": moment(reading.now),
        ":duration_ms": integer(reading.duration_ms),
        ":outcome": outcome,
        ":http_status": reading.http_status,
        ":bytes": integer(delivery.bytes),
        ":entries": integer(delivery.entries as u64),
        ":new_articles": integer(new_articles as u64),
        ":repaired": integer(delivery.repaired),
        ":error": error,
    })?;
    Ok(())
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
