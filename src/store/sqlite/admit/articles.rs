//! Writes articles: inserts new ones, revises known ones, merges those that turn out to be one.

use chrono::{DateTime, Utc};
use rusqlite::{Result, Transaction, named_params};

use crate::model::{
    ArticleId, Candidate, CanonicalUrl, HoldReason, Judgement, Standing, Text, TextSource, UrlKey,
};
use crate::store::sqlite::near;
use crate::store::sqlite::rows::{moment, standing_word};

/// How many earlier texts of an article are kept: enough to see how a story grew, while a page
/// that changes at each visit cannot fill the disk. The oldest and the newest always stay.
const REVISIONS_MAX: i64 = 24;

/// How many texts of much different copies are kept beside an article's own. A story that everyone
/// rewrites would otherwise be compared with all of them, each time.
const VARIANTS_MAX: i64 = 8;

/// Writes an article that nobody brought before.
pub(in crate::store::sqlite) fn insert(
    tx: &Transaction<'_>,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<ArticleId> {
    let text = TextColumns::of(&candidate.text);
    tx.prepare_cached(
        "INSERT INTO articles (url, url_standing, title, author, language, published_at,
                               first_seen_at, changed_at, body, body_sha256, words, text_source,
                               text_copied, rules_version, summary, hold_reason)
         VALUES (:url, :standing, :title, :author, :language, :published_at, :now, :now,
                 :body, :body_sha256, :words, :text_source, :copied, :rules_version, :summary,
                 :hold_reason)",
    )?
    .execute(named_params! {
        ":url": candidate.url.as_ref().map(CanonicalUrl::as_str),
        ":standing": standing_word(candidate.standing),
        ":title": candidate.title,
        ":author": candidate.author,
        ":language": candidate.language,
        ":published_at": candidate.published_at.map(moment),
        ":now": moment(now),
        ":body": text.body,
        ":body_sha256": text.body_sha256,
        ":words": text.words,
        ":text_source": text.source,
        ":copied": candidate.copied,
        ":rules_version": candidate.rules_version,
        ":summary": text.summary,
        ":hold_reason": text.hold_reason,
    })?;
    let id = ArticleId(tx.last_insert_rowid());
    if let Text::Usable { fingerprint, .. } = &candidate.text {
        near::add_first(tx, id, fingerprint)?;
    }
    Ok(id)
}

/// Lets the candidate's text and address take the place of the article's where the judge said so.
pub(super) fn update(
    tx: &Transaction<'_>,
    article: ArticleId,
    candidate: &Candidate,
    judgement: &Judgement,
    now: DateTime<Utc>,
) -> Result<()> {
    if judgement.takes_text
        && let Text::Usable { fingerprint, .. } = &candidate.text
    {
        keep_revision(tx, article, now)?;
        take_text(tx, article, candidate, now)?;
        near::add(tx, article, fingerprint)?;
    }
    if let Text::Unusable { reason, summary } = &candidate.text {
        explain_hold(tx, article, *reason, summary)?;
    }
    if judgement.keeps_variant && !judgement.takes_text {
        keep_variant(tx, article, candidate, now)?;
    }
    if judgement.takes_url {
        replace_url(tx, article, candidate, now)?;
    }
    if !candidate.copied {
        let is_better = judgement.takes_text || judgement.takes_url;
        take_particulars(tx, article, candidate, is_better)?;
    }
    Ok(())
}

/// Says better why an article is held that waited for its link: whoever knows the publisher's address
/// knows what hinders, and that may be tried again.
fn explain_hold(
    tx: &Transaction<'_>,
    article: ArticleId,
    reason: HoldReason,
    summary: &str,
) -> Result<()> {
    if reason != HoldReason::LinkPending {
        tx.prepare_cached(
            "UPDATE articles SET hold_reason = ?2, summary = coalesce(nullif(?3, ''), summary)
             WHERE id = ?1 AND hold_reason = ?4",
        )?
        .execute((
            article.0,
            reason.as_str(),
            summary,
            HoldReason::LinkPending.as_str(),
        ))?;
    }
    Ok(())
}

/// Puts a candidate's text in the place of the article's, which is no earlier text of it: the rules
/// changed, or it was another's. An earlier text that stands again is no revision any more.
pub(in crate::store::sqlite) fn replace_text(
    tx: &Transaction<'_>,
    article: ArticleId,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    take_text(tx, article, candidate, now)?;
    if let Text::Usable { body, .. } = &candidate.text {
        tx.prepare_cached("DELETE FROM revisions WHERE article_id = ?1 AND body = ?2")?
            .execute((article.0, body))?;
    }
    Ok(())
}

/// Makes the candidate's address, or that it has none, the article's.
pub(in crate::store::sqlite) fn replace_url(
    tx: &Transaction<'_>,
    article: ArticleId,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE articles SET url = ?2, url_standing = ?3, changed_at = ?4 WHERE id = ?1",
    )?
    .execute((
        article.0,
        candidate.url.as_ref().map(CanonicalUrl::as_str),
        standing_word(candidate.standing),
        moment(now),
    ))?;
    Ok(())
}

/// Merges an article into another that is the same: everything that pointed to it points there.
pub(in crate::store::sqlite) fn absorb(
    tx: &Transaction<'_>,
    absorbed: ArticleId,
    into: ArticleId,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE articles
         SET first_seen_at = min(first_seen_at, (SELECT first_seen_at FROM articles WHERE id = ?1)),
             changed_at = ?3
         WHERE id = ?2",
    )?
    .execute((absorbed.0, into.0, moment(now)))?;
    // The words for the standings are not in the order of their worth.
    tx.prepare_cached(
        "UPDATE articles SET url = gone.url, url_standing = gone.url_standing
         FROM articles AS gone
         WHERE articles.id = ?2 AND gone.id = ?1 AND gone.url IS NOT NULL
           AND instr('copy feed publisher', gone.url_standing)
               > instr('copy feed publisher', articles.url_standing)",
    )?
    .execute((absorbed.0, into.0))?;
    tx.prepare_cached(
        "UPDATE sightings
         SET article_id = ?2,
             verdict = CASE WHEN verdict NOT IN ('new', 'held') THEN verdict
                            WHEN (SELECT body FROM articles WHERE id = ?1) IS NULL THEN 'same-url'
                            ELSE 'same-text' END
         WHERE article_id = ?1",
    )?
    .execute((absorbed.0, into.0))?;
    for statement in [
        "UPDATE url_keys SET article_id = ?2 WHERE article_id = ?1",
        "UPDATE revisions SET article_id = ?2 WHERE article_id = ?1",
        // A text that is not the survivor's would be lost otherwise.
        "INSERT OR IGNORE INTO variants (article_id, body, body_sha256, words, seen_at)
         SELECT ?2, gone.body, gone.body_sha256, gone.words, gone.first_seen_at
         FROM articles AS gone, articles AS kept
         WHERE gone.id = ?1 AND kept.id = ?2 AND gone.body_sha256 IS NOT kept.body_sha256
           AND gone.body IS NOT NULL",
        "UPDATE OR IGNORE variants SET article_id = ?2 WHERE article_id = ?1",
        "UPDATE OR IGNORE kept_apart SET article_id = min(other_id, ?2), other_id = max(other_id, ?2)
         WHERE article_id = ?1 AND other_id <> ?2",
        "UPDATE OR IGNORE kept_apart SET article_id = min(article_id, ?2), other_id = max(article_id, ?2)
         WHERE other_id = ?1 AND article_id <> ?2",
    ] {
        tx.prepare_cached(statement)?.execute((absorbed.0, into.0))?;
    }
    // The article is not deleted but goes on as another, so it leaves no tombstone.
    let texts: Vec<String> = tx
        .prepare_cached(
            "SELECT body_sha256 FROM articles WHERE id = ?1 AND body_sha256 IS NOT NULL
             UNION SELECT body_sha256 FROM variants WHERE article_id = ?1",
        )?
        .query_map([absorbed.0], |row| row.get(0))?
        .collect::<Result<_>>()?;
    tx.prepare_cached("DELETE FROM articles WHERE id = ?1")?.execute([absorbed.0])?;
    let mut unbury =
        tx.prepare_cached("DELETE FROM tombstones WHERE kind = 'text' AND key = ?1")?;
    for text in texts {
        unbury.execute([text])?;
    }
    Ok(())
}

/// Takes from an article the addresses that only a copy named as its own; it stands at its first entry's
/// link from now on.
pub(super) fn oust(
    tx: &Transaction<'_>,
    article: ArticleId,
    keys: &[UrlKey],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut forget =
        tx.prepare_cached("DELETE FROM url_keys WHERE url_key = ?1 AND article_id = ?2")?;
    for key in keys {
        forget.execute((key.as_str(), article.0))?;
    }
    tx.prepare_cached(
        "UPDATE articles
         SET url = (SELECT coalesce(target, link) FROM sightings WHERE article_id = ?1
                    ORDER BY first_seen_at, id LIMIT 1),
             url_standing = ?2, text_copied = 0, changed_at = ?3
         WHERE id = ?1",
    )?
    .execute((article.0, standing_word(Standing::Feed), moment(now)))?;
    Ok(())
}

/// Takes from an article the text that turned out to be no article's, and remembers these words.
pub(in crate::store::sqlite) fn disown(
    tx: &Transaction<'_>,
    article: ArticleId,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO shared_texts (body_sha256, found_at)
         SELECT body_sha256, ?2 FROM articles WHERE id = ?1 AND body_sha256 IS NOT NULL",
    )?
    .execute((article.0, moment(now)))?;
    tx.prepare_cached(
        "UPDATE articles
         SET summary = body, body = NULL, body_sha256 = NULL, words = 0, text_source = NULL,
             hold_reason = ?2, changed_at = ?3
         WHERE id = ?1 AND body IS NOT NULL",
    )?
    .execute((article.0, HoldReason::SharedText.as_str(), moment(now)))?;
    Ok(())
}

/// Keeps the text of a copy that differs much from its article's.
fn keep_variant(
    tx: &Transaction<'_>,
    article: ArticleId,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    let Text::Usable { body, fingerprint, .. } = &candidate.text else {
        return Ok(());
    };
    let kept = tx
        .prepare_cached(
            "INSERT INTO variants (article_id, body, body_sha256, words, seen_at)
             SELECT ?1, ?2, ?3, ?4, ?5
             WHERE (SELECT count(*) FROM variants WHERE article_id = ?1) < ?6
             ON CONFLICT DO NOTHING",
        )?
        .execute((
            article.0,
            body,
            &fingerprint.sha256,
            i64::try_from(fingerprint.words).unwrap_or(i64::MAX),
            moment(now),
            VARIANTS_MAX,
        ))?;
    if kept > 0 {
        near::add(tx, article, fingerprint)?;
    }
    Ok(())
}

/// A key that another article owns stays with it: the judge saw that and kept them apart.
pub(in crate::store::sqlite) fn own_url_keys(
    tx: &Transaction<'_>,
    article: ArticleId,
    keys: &[UrlKey],
) -> Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO url_keys (url_key, article_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for key in keys {
        insert.execute((key.as_str(), article.0))?;
    }
    Ok(())
}

fn take_text(
    tx: &Transaction<'_>,
    article: ArticleId,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    let text = TextColumns::of(&candidate.text);
    tx.prepare_cached(
        "UPDATE articles
         SET body = :body, body_sha256 = :body_sha256, words = :words, text_source = :text_source,
             text_copied = :copied, summary = :summary, hold_reason = :hold_reason,
             rules_version = :rules_version, changed_at = :now
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": article.0,
        ":body": text.body,
        ":body_sha256": text.body_sha256,
        ":words": text.words,
        ":text_source": text.source,
        ":copied": candidate.copied,
        ":summary": text.summary,
        ":hold_reason": text.hold_reason,
        ":rules_version": candidate.rules_version,
        ":now": moment(now),
    })?;
    Ok(())
}

/// Whoever brings the original knows better how it is called than whoever copied it. If the texts
/// are equal, the article's is the original's from now on.
fn take_particulars(
    tx: &Transaction<'_>,
    article: ArticleId,
    candidate: &Candidate,
    is_better: bool,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE articles
         SET title = coalesce(nullif(:title, ''), title),
             author = coalesce(:author, author), language = coalesce(:language, language),
             published_at = coalesce(:published_at, published_at)
         WHERE id = :id AND (:is_better OR text_copied = 1)",
    )?
    .execute(named_params! {
        ":id": article.0,
        ":is_better": is_better,
        ":title": candidate.title,
        ":author": candidate.author,
        ":language": candidate.language,
        ":published_at": candidate.published_at.map(moment),
    })?;
    if let Text::Usable { fingerprint, .. } = &candidate.text {
        tx.prepare_cached(
            "UPDATE articles SET text_copied = 0 WHERE id = ?1 AND body_sha256 = ?2",
        )?
        .execute((article.0, &fingerprint.sha256))?;
    }
    Ok(())
}

fn keep_revision(tx: &Transaction<'_>, article: ArticleId, now: DateTime<Utc>) -> Result<()> {
    let kept = tx
        .prepare_cached(
            "INSERT INTO revisions (article_id, title, body, body_sha256, replaced_at)
             SELECT id, title, body, body_sha256, ?2 FROM articles WHERE id = ?1 AND body IS NOT NULL",
        )?
        .execute((article.0, moment(now)))?;
    if kept > 0 {
        tx.prepare_cached(
            "DELETE FROM revisions WHERE id IN (
               SELECT id FROM revisions
               WHERE article_id = ?1 AND id > (SELECT min(id) FROM revisions WHERE article_id = ?1)
               ORDER BY id DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute((article.0, REVISIONS_MAX - 1))?;
    }
    Ok(())
}

/// The columns a text fills.
struct TextColumns<'a> {
    body: Option<&'a str>,
    body_sha256: Option<&'a str>,
    words: i64,
    source: Option<&'static str>,
    summary: Option<&'a str>,
    hold_reason: Option<&'static str>,
}

impl<'a> TextColumns<'a> {
    fn of(text: &'a Text) -> Self {
        match text {
            Text::Usable { body, fingerprint, source } => Self {
                body: Some(body),
                body_sha256: Some(&fingerprint.sha256),
                words: i64::try_from(fingerprint.words).unwrap_or(i64::MAX),
                source: Some(TextSource::as_str(*source)),
                summary: None,
                hold_reason: None,
            },
            Text::Unusable { reason, summary } => Self {
                body: None,
                body_sha256: None,
                words: 0,
                source: None,
                summary: Some(summary.as_str()).filter(|summary| !summary.is_empty()),
                hold_reason: Some(HoldReason::as_str(*reason)),
            },
        }
    }
}
