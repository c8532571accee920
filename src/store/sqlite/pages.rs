//! Keeps why each text was taken, and which pages are to be asked for again.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Result, Row, Transaction, named_params};

use super::rows::{get_count, get_moment_if_any, get_number, latin1_bytes, moment, standing_of};
use super::{admit, feeds};
use crate::model::{ArticleId, Candidate, EntryKey, FeedId, HoldReason, Text, Validators};
use crate::store::{
    Admitted, HeldPage, HeldPages, HostedText, Judge, KeptPage, LateEntry, PagesOf, UncutRule,
};

/// Writes why a sighting's text was taken. A text that came ends the tries for it.
pub(super) fn record_choice(
    tx: &Transaction<'_>,
    sighting: i64,
    candidate: &Candidate,
) -> Result<()> {
    let source = match &candidate.text {
        Text::Usable { source, .. } => Some(source.as_str()),
        Text::Unusable { .. } => None,
    };
    tx.prepare_cached(
        "INSERT INTO text_choices (sighting_id, source, reason, uncut_rule, page_tries, next_try_at)
         VALUES (:sighting, :source, :reason, :uncut_rule, :next_try_at IS NOT NULL, :next_try_at)
         ON CONFLICT (sighting_id) DO UPDATE
         SET source = excluded.source, reason = excluded.reason, uncut_rule = excluded.uncut_rule,
             page_tries = excluded.page_tries, next_try_at = excluded.next_try_at",
    )?
    .execute(named_params! {
        ":sighting": sighting,
        ":source": source,
        ":reason": candidate.choice.reason.as_str(),
        ":uncut_rule": candidate.choice.uncut_rule,
        ":next_try_at": candidate.choice.next_try_at.map(moment),
    })?;
    Ok(())
}

/// Lets the tries for a sighting's page begin anew.
pub(super) fn begin_anew(tx: &Transaction<'_>, sighting: i64, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE text_choices SET page_tries = 0, next_try_at = ?2 WHERE sighting_id = ?1",
    )?
    .execute((sighting, moment(now)))?;
    Ok(())
}

pub(super) fn kept(
    db: &Connection,
    feed: FeedId,
    entry: &EntryKey,
    link: Option<&str>,
) -> Result<Option<KeptPage>> {
    db.prepare_cached(
        "SELECT r.url, r.etag, r.last_modified, r.text FROM received_texts AS r
         JOIN sightings AS s ON s.id = r.sighting_id
         WHERE s.feed_id = ?1 AND s.entry_key = ?2 AND s.link IS ?3 AND r.kind = 'page'
           AND r.url IS NOT NULL",
    )?
    .query_row((feed.0, &entry.0, link), |row| {
        let bytes = |text: Option<String>| text.map(|text| latin1_bytes(&text));
        Ok(KeptPage {
            url: row.get("url")?,
            validators: Validators {
                etag: bytes(row.get("etag")?),
                last_modified: bytes(row.get("last_modified")?),
            },
            frame: row.get("text")?,
        })
    })
    .optional()
}

/// Pages that may be asked for again, each moved to its next time; none where the article has a page's
/// text by now.
pub(super) fn take(tx: &Transaction<'_>, wanted: &HeldPages) -> Result<Vec<HeldPage>> {
    let mut write = tx.prepare_cached(
        "UPDATE text_choices SET page_tries = ?2, next_try_at = ?3 WHERE sighting_id = ?1",
    )?;
    let mut taken = Vec::new();
    loop {
        let due = due(tx, wanted, wanted.at_most - taken.len())?;
        if due.is_empty() {
            return Ok(taken);
        }
        for Due { page, tries, is_needed } in due {
            if !is_needed {
                write.execute((page.sighting, tries, None::<String>))?;
                continue;
            }
            let tries = tries.saturating_add(1);
            let next = (tries < wanted.tries_max).then(|| wanted.now + (wanted.rest)(tries));
            write.execute((page.sighting, tries, next.map(moment)))?;
            taken.push(page);
        }
    }
}

struct Due {
    page: HeldPage,
    /// How often it was asked for in vain.
    tries: u32,
    /// Whether its article still lacks a page's text.
    is_needed: bool,
}

/// The pages that are due, those first that became due last. Along the index: there may be as many as
/// entries came in days without a network.
const DUE: &str = "
    SELECT s.id, s.feed_id, f.url AS feed_url, f.title AS feed_title, s.entry_key, s.entry_sha256,
           s.title, s.link, s.target, s.source_link, s.published_at, a.url, a.url_standing,
           a.text_copied, a.author, a.language, a.words, c.page_tries,
           a.text_source IS NOT 'page' AS is_needed
    FROM text_choices AS c INDEXED BY text_choices_by_next_try
    JOIN sightings AS s ON s.id = c.sighting_id
    JOIN articles AS a ON a.id = s.article_id
    JOIN feeds AS f ON f.id = s.feed_id
    WHERE c.next_try_at <= :now
      AND a.url IS NOT NULL
      AND f.removed_at IS NULL AND f.paused_at IS NULL
      AND (f.url IN (SELECT value FROM json_each(:feeds))) = :only
    ORDER BY c.next_try_at DESC LIMIT :at_most";

fn due(tx: &Transaction<'_>, wanted: &HeldPages, at_most: usize) -> Result<Vec<Due>> {
    let (feeds, only) = match &wanted.feeds {
        PagesOf::AllBut(feeds) => (feeds, false),
        PagesOf::Only(feeds) if feeds.is_empty() => return Ok(Vec::new()),
        PagesOf::Only(feeds) => (feeds, true),
    };
    tx.prepare_cached(DUE)?
        .query_map(
            named_params! {
                ":now": moment(wanted.now),
                ":feeds": feeds::json_list(feeds),
                ":only": only,
                ":at_most": i64::try_from(at_most).unwrap_or(i64::MAX),
            },
            |row| {
                Ok(Due {
                    page: held(row)?,
                    tries: get_count(row, "page_tries")?,
                    is_needed: row.get("is_needed")?,
                })
            },
        )?
        .collect()
}

/// Admits what a page asked for again brought; the entry was not listed, so it was not seen.
pub(super) fn admit_held(
    tx: &Transaction<'_>,
    page: &HeldPage,
    late: &LateEntry,
    judge: Judge,
) -> Result<Option<Admitted>> {
    let last_seen: Option<String> = tx
        .prepare_cached("SELECT last_seen_at FROM sightings WHERE id = ?1 AND entry_sha256 = ?2")?
        .query_row((page.sighting, &page.entry_sha256), |row| row.get(0))
        .optional()?;
    let Some(last_seen) = last_seen else { return Ok(None) };
    let admitted = admit::late(tx, late, judge)?;
    tx.prepare_cached("UPDATE sightings SET last_seen_at = ?2 WHERE id = ?1")?
        .execute((page.sighting, last_seen))?;
    Ok(Some(admitted))
}

pub(super) fn still_held(tx: &Transaction<'_>, page: &HeldPage, reason: HoldReason) -> Result<()> {
    tx.prepare_cached(
        "UPDATE articles SET hold_reason = ?2
         WHERE id = (SELECT article_id FROM sightings WHERE id = ?1) AND body IS NULL",
    )?
    .execute((page.sighting, reason.as_str()))?;
    Ok(())
}

pub(super) fn texts_before(
    db: &Connection,
    article: ArticleId,
    at_most: usize,
) -> Result<Vec<HostedText>> {
    let mut texts: Vec<HostedText> = db
        .prepare_cached(
            "SELECT id, title, body, url FROM articles
             WHERE id < ?1 AND body IS NOT NULL ORDER BY id DESC LIMIT ?2",
        )?
        .query_map((article.0, i64::try_from(at_most).unwrap_or(i64::MAX)), |row| {
            Ok(HostedText {
                article: ArticleId(row.get("id")?),
                title: row.get("title")?,
                body: row.get("body")?,
                urls: row.get::<_, Option<String>>("url")?.into_iter().collect(),
            })
        })?
        .collect::<Result<_>>()?;
    let mut links = db.prepare_cached(
        "SELECT DISTINCT link FROM sightings WHERE article_id = ?1 AND link IS NOT NULL LIMIT 20",
    )?;
    for text in &mut texts {
        let found = links.query_map([text.article.0], |row| row.get(0))?;
        text.urls.extend(found.collect::<Result<Vec<String>>>()?);
    }
    Ok(texts)
}

pub(super) fn uncut_rules(db: &Connection) -> Result<Vec<UncutRule>> {
    db.prepare_cached(
        "SELECT c.uncut_rule, count(*) AS texts, max(s.article_id) AS article
         FROM text_choices AS c JOIN sightings AS s ON s.id = c.sighting_id
         WHERE c.uncut_rule IS NOT NULL GROUP BY c.uncut_rule ORDER BY texts DESC, c.uncut_rule",
    )?
    .query_map([], |row| {
        Ok(UncutRule {
            rule: row.get("uncut_rule")?,
            texts: get_number(row, "texts")?,
            article: ArticleId(row.get("article")?),
        })
    })?
    .collect()
}

fn held(row: &Row<'_>) -> Result<HeldPage> {
    Ok(HeldPage {
        sighting: row.get("id")?,
        feed: FeedId(row.get("feed_id")?),
        feed_title: row.get("feed_title")?,
        feed_url: feeds::parsed(&row.get::<_, String>("feed_url")?)?,
        entry_key: EntryKey(row.get("entry_key")?),
        entry_sha256: row.get("entry_sha256")?,
        title: row.get("title")?,
        link: row.get("link")?,
        target: row.get("target")?,
        source_link: row.get("source_link")?,
        published_at: get_moment_if_any(row, "published_at")?,
        url: row.get("url")?,
        standing: standing_of(&row.get::<_, String>("url_standing")?),
        copied: row.get("text_copied")?,
        author: row.get("author")?,
        language: row.get("language")?,
        words: usize::try_from(row.get::<_, i64>("words")?).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::DUE;
    use crate::store::sqlite::empty::{database, plan_without_sorting};

    #[test]
    fn what_is_due_is_found_along_an_index() {
        let steps = plan_without_sorting(&database(), DUE);
        let first = "SEARCH c USING INDEX text_choices_by_next_try (next_try_at<?)";
        assert_eq!(steps.first().map(String::as_str), Some(first), "{steps:?}");
    }
}
