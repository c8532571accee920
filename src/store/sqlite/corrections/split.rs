//! Gives a sighting an article of its own, because a person says that it is another.

use rusqlite::{OptionalExtension, Result, Transaction};

use super::{decide, sightings_of};
use crate::model::{ArticleId, Candidate, Reason, Text, Verdict};
use crate::store::sqlite::admit::articles;
use crate::store::sqlite::rows::moment;
use crate::store::sqlite::{near, pages};
use crate::store::{Rest, Split, SplitOff};

pub(super) fn off(tx: &Transaction<'_>, split: &Split) -> Result<Option<SplitOff>> {
    let Split { sighting, from, own, now, .. } = split;
    if !is_as_seen(tx, split)? {
        return Ok(None);
    }
    let article = articles::insert(tx, own, *now)?;
    let addresses_moved = move_addresses(tx, own, *from, article)?;
    let is_held = own.text.sha256().is_none();
    // The entry of an article without a text is read anew when its feed lists it again, and its page is
    // asked for again whether or not it does.
    tx.prepare_cached(
        "UPDATE sightings
         SET article_id = ?2, verdict = ?3, similarity = NULL, body_sha256 = ?4,
             entry_sha256 = CASE WHEN ?4 IS NULL THEN '' ELSE entry_sha256 END
         WHERE id = ?1",
    )?
    .execute((
        sighting.0,
        article.0,
        if is_held { Verdict::Held.as_str() } else { Verdict::New.as_str() },
        own.text.sha256(),
    ))?;
    if is_held {
        pages::begin_anew(tx, sighting.0, *now)?;
    }
    decide(tx, &[sighting.0], Reason::DecidedApart, *from, *now)?;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO kept_apart (article_id, other_id, decided_at) VALUES (?1, ?2, ?3)",
    )?
    .execute((article.min(*from).0, article.max(*from).0, moment(*now)))?;
    // An article was first seen when its first sighting was.
    for id in [article, *from] {
        tx.prepare_cached(
            "UPDATE articles
             SET first_seen_at = (SELECT min(first_seen_at) FROM sightings WHERE article_id = ?1),
                 changed_at = ?2
             WHERE id = ?1",
        )?
        .execute((id.0, moment(*now)))?;
    }
    leave(tx, split)?;
    Ok(Some(SplitOff { article, from: *from, addresses_moved }))
}

/// Whether the article still has just the sightings it had when it was looked at.
fn is_as_seen(tx: &Transaction<'_>, split: &Split) -> Result<bool> {
    let mut seen: Vec<i64> = split.others.iter().map(|other| other.0).collect();
    seen.push(split.sighting.0);
    seen.sort_unstable();
    Ok(seen == sightings_of(tx, split.from)?)
}

fn move_addresses(
    tx: &Transaction<'_>,
    own: &Candidate,
    from: ArticleId,
    to: ArticleId,
) -> Result<u64> {
    let mut moved = 0;
    for key in &own.url_keys {
        moved += tx
            .prepare_cached(
                "UPDATE url_keys SET article_id = ?3 WHERE url_key = ?1 AND article_id = ?2",
            )?
            .execute((key.as_str(), from.0, to.0))?;
    }
    articles::own_url_keys(tx, to, &own.url_keys)?;
    Ok(moved as u64)
}

/// Takes out of the article what was only the sighting's.
fn leave(tx: &Transaction<'_>, split: &Split) -> Result<()> {
    let Split { from, own, rest: Rest { text, title, url }, now, .. } = split;
    if let Some(heir) = text {
        articles::replace_text(tx, *from, heir, *now)?;
        if let Text::Usable { fingerprint, .. } = &heir.text {
            near::add(tx, *from, fingerprint)?;
        }
    }
    if let Some(heir) = url {
        articles::replace_url(tx, *from, heir, *now)?;
    }
    if let Some(heir) = title {
        tx.prepare_cached("UPDATE articles SET title = ?2, published_at = ?3 WHERE id = ?1")?
            .execute((from.0, &heir.title, heir.published_at.map(moment)))?;
    }
    // The copy's text is no copy's any more, and the first of the others is now who brought it.
    tx.prepare_cached(
        "DELETE FROM variants WHERE article_id = ?1
         AND (body_sha256 = (SELECT body_sha256 FROM articles WHERE id = ?1)
              OR body_sha256 = ?2 AND NOT EXISTS
                 (SELECT 1 FROM sightings WHERE article_id = ?1 AND body_sha256 = ?2))",
    )?
    .execute((from.0, own.text.sha256()))?;
    let first: Option<i64> = tx
        .prepare_cached(
            "UPDATE sightings
             SET verdict = CASE WHEN (SELECT body FROM articles WHERE id = ?1) IS NULL THEN 'held' ELSE 'new' END,
                 similarity = NULL
             WHERE id = (SELECT id FROM sightings WHERE article_id = ?1 ORDER BY first_seen_at, id LIMIT 1)
               AND NOT EXISTS (SELECT 1 FROM sightings WHERE article_id = ?1 AND verdict IN ('new', 'held'))
             RETURNING id",
        )?
        .query_row([from.0], |row| row.get(0))
        .optional()?;
    // What was found when it was a copy is no reason for what it is now; a person's word is.
    tx.prepare_cached(
        "DELETE FROM evidence WHERE sighting_id = ?1
         AND (SELECT decided_at FROM sightings WHERE id = ?1) IS NULL",
    )?
    .execute([first])?;
    Ok(())
}
