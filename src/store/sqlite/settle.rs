//! Mends what was stored under a wrapped link, once it is known where that leads.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Row, Transaction, named_params, params};

use super::admit::{self, articles};
use super::known;
use super::rows::{self, article, get_moment_if_any, moment, standing_word};
use super::{feeds, link_queue};
use crate::model::{ArticleId, EntryKey, FeedId, Mending, Standing, StoredArticle, Text};
use crate::store::{Admitted, Judge, LateEntry, Mend, SettledLink, Settlement, UnreadEntry};

/// An entry that has the link, as its own or as that to the original.
struct Seen {
    sighting: i64,
    /// Whether it is the entry's own link whose target is unknown.
    waits: bool,
    /// Whether the entry names an original beside its own link.
    is_copy: bool,
    /// Whether other entries of the feed have the same link, which therefore identifies none.
    is_shared: bool,
}

/// Settles every queued link with this handle.
pub(super) fn links(
    tx: &Transaction<'_>,
    handle: &str,
    settled: &SettledLink,
    mend: Mend,
    now: DateTime<Utc>,
) -> Result<Settlement> {
    let queued: Vec<String> = tx
        .prepare_cached("SELECT link FROM link_queue WHERE handle = ?1 ORDER BY link")?
        .query_map([handle], |row| row.get(0))?
        .collect::<Result<_>>()?;
    let mut settlement = Settlement::default();
    for link in queued {
        for seen in sightings(tx, &link)? {
            if seen.waits {
                tx.prepare_cached("UPDATE sightings SET target = ?2 WHERE id = ?1")?
                    .execute((seen.sighting, &settled.target))?;
            }
            if !(seen.waits && seen.is_shared) {
                settlement.merged += u64::from(article_of(tx, &seen, settled, mend, now)?);
            }
        }
        let min_words = settled.full_text_min_words;
        let is_unread = match min_words {
            Some(min_words) => !unread(tx, &link, min_words)?.is_empty(),
            None => false,
        };
        if is_unread {
            link_queue::await_page(tx, &link, now)?;
        } else {
            link_queue::finish(tx, &link)?;
        }
        settlement.links += 1;
    }
    Ok(settlement)
}

fn sightings(tx: &Transaction<'_>, link: &str) -> Result<Vec<Seen>> {
    tx.prepare_cached(
        "SELECT s.id, s.source_link IS NOT NULL AS is_copy,
                s.link IS :link AND s.target IS NULL AS waits,
                EXISTS (SELECT 1 FROM sightings AS o
                        WHERE o.link = s.link AND o.target IS NULL AND o.feed_id = s.feed_id
                          AND o.id <> s.id) AS is_shared
         FROM sightings AS s
         WHERE (s.link = :link AND s.target IS NULL) OR s.source_link = :link
         ORDER BY s.id",
    )?
    .query_map(named_params! { ":link": link }, |row| {
        Ok(Seen {
            sighting: row.get("id")?,
            waits: row.get("waits")?,
            is_copy: row.get("is_copy")?,
            is_shared: row.get("is_shared")?,
        })
    })?
    .collect()
}

/// Mends the article of one entry; answers whether it was merged with another.
fn article_of(
    tx: &Transaction<'_>,
    seen: &Seen,
    settled: &SettledLink,
    mend: Mend,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(url) = &settled.url else { return Ok(false) };
    // A front page says whose the original is, and not where it stands.
    if settled.key.is_none() && !seen.waits {
        return Ok(false);
    }
    let known = tx
        .prepare_cached(&rows::articles(
            "",
            "JOIN sightings AS s ON s.article_id = a.id WHERE s.id = ?1",
        ))?
        .query_row([seen.sighting], article)?;
    let owner = known::same_url(tx, settled.key.as_slice())?.pop();
    let apart = known::kept_apart(tx, known.id)?;
    let may_be_one = owner.as_ref().is_none_or(|owner| !apart.contains(&owner.id));
    let mending = if may_be_one { mend(&known, owner.as_ref()) } else { Mending::Alone };
    let survivor = match mending {
        Mending::Alone => known.id,
        Mending::Absorbs(other) => merge(tx, other, known.id, now)?,
        Mending::JoinedTo(other) => merge(tx, known.id, other, now)?,
    };
    let is_anothers = owner.is_some_and(|owner| owner.id != known.id && mending == Mending::Alone);
    if !is_anothers {
        if let Some(key) = &settled.key {
            articles::own_url_keys(tx, survivor, std::slice::from_ref(key))?;
        }
        // A copy's own address says nothing of the original's.
        let standing =
            if seen.waits && seen.is_copy { Standing::Copy } else { Standing::Publisher };
        take_url(tx, survivor, url.as_str(), standing, now)?;
    }
    Ok(mending != Mending::Alone)
}

/// Merges one article into another, whose text remains; a text that goes is kept as a variant.
fn merge(
    tx: &Transaction<'_>,
    absorbed: ArticleId,
    into: ArticleId,
    now: DateTime<Utc>,
) -> Result<ArticleId> {
    articles::absorb(tx, absorbed, into, now)?;
    Ok(into)
}

/// The better witness is believed; a text that came with a wrapped link is no copy's after all,
/// unless an entry of its article names another original.
fn take_url(
    tx: &Transaction<'_>,
    id: ArticleId,
    url: &str,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<()> {
    let known: StoredArticle =
        tx.prepare_cached(&rows::articles("", "WHERE a.id = ?1"))?.query_row([id.0], article)?;
    let is_better = standing > known.standing || known.url.is_none();
    let is_unwrapped = standing == known.standing && standing == Standing::Copy;
    if !is_better && !is_unwrapped {
        return Ok(());
    }
    tx.prepare_cached(
        "UPDATE articles
         SET url = ?2, url_standing = ?3, changed_at = ?4,
             text_copied = text_copied AND EXISTS (
               SELECT 1 FROM sightings AS s WHERE s.article_id = ?1 AND s.source_link IS NOT NULL)
         WHERE id = ?1",
    )?
    .execute((id.0, url, standing_word(standing), moment(now)))?;
    Ok(())
}

/// The entries with this link whose articles lack their text: held for the link or a page that
/// failed, or known from the feed with less than the full text.
pub(super) fn unread(
    db: &Connection,
    link: &str,
    full_text_min_words: u64,
) -> Result<Vec<UnreadEntry>> {
    db.prepare_cached(
        "SELECT s.feed_id, f.url AS feed_url, f.title AS feed_title, f.site, s.entry_key, s.entry_sha256, s.title, a.language,
                s.published_at, s.link, s.source_link, coalesce(a.body, a.summary, '') AS text,
                EXISTS (SELECT 1 FROM sightings AS o
                        WHERE o.link = s.link AND (o.target IS NULL OR o.target <> o.link)
                          AND o.feed_id = s.feed_id AND o.id <> s.id) AS is_shared,
                min(s.id)
         FROM sightings AS s
         JOIN articles AS a ON a.id = s.article_id
         JOIN feeds AS f ON f.id = s.feed_id
         WHERE s.id IN (SELECT id FROM sightings WHERE source_link = :link
                        UNION SELECT id FROM sightings
                        WHERE link = :link AND (target IS NULL OR target <> link))
           AND (a.hold_reason IN ('link-pending', 'page-failed')
                OR (a.text_source = 'feed' AND a.words < :min_words))
         GROUP BY a.id ORDER BY a.id",
    )?
    .query_map(
        named_params! {
            ":link": link,
            ":min_words": i64::try_from(full_text_min_words).unwrap_or(i64::MAX),
        },
        unread_entry,
    )?
    .collect()
}

fn unread_entry(row: &Row<'_>) -> Result<UnreadEntry> {
    Ok(UnreadEntry {
        feed: FeedId(row.get("feed_id")?),
        feed_url: feeds::parsed(&row.get::<_, String>("feed_url")?)?,
        feed_title: row.get("feed_title")?,
        site: row.get("site")?,
        key: EntryKey(row.get("entry_key")?),
        sha256: row.get("entry_sha256")?,
        title: row.get("title")?,
        language: row.get("language")?,
        published_at: get_moment_if_any(row, "published_at")?,
        link: row.get("link")?,
        link_is_shared: row.get("is_shared")?,
        source_link: row.get("source_link")?,
        text: row.get("text")?,
    })
}

/// Admits an entry outside a reading of its feed, which therefore did not list it now.
pub(super) fn admit_late(tx: &Transaction<'_>, late: &LateEntry, judge: Judge) -> Result<Admitted> {
    let LateEntry { feed, candidate, .. } = late;
    let entry = params![feed.0, candidate.entry_key.0];
    let last_seen_at: String = tx
        .prepare_cached("SELECT last_seen_at FROM sightings WHERE feed_id = ?1 AND entry_key = ?2")?
        .query_row(entry, |row| row.get(0))?;
    let admitted = admit::late(tx, late, judge)?;
    tx.prepare_cached(
        "UPDATE sightings SET last_seen_at = ?3 WHERE feed_id = ?1 AND entry_key = ?2",
    )?
    .execute((feed.0, &candidate.entry_key.0, last_seen_at))?;
    if let Text::Unusable { reason, .. } = &candidate.text {
        tx.prepare_cached("UPDATE articles SET hold_reason = ?2 WHERE id = ?1 AND body IS NULL")?
            .execute((admitted.article.map(|article| article.0), reason.as_str()))?;
    }
    Ok(admitted)
}
