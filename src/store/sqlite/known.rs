//! Looks up what is known that bears on an entry.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params, params};

use super::near;
use super::rows::{article, articles, get_moment, get_moment_if_any, moment};
use crate::model::{
    ArticleId, Candidate, EntryKey, FeedId, Fingerprint, Known, NearArticle, StoredArticle,
    StoredSighting, Text, TextHolder, TitledArticle, UrlKey,
};

/// How many titles of an article are told to the judge; more headlines prove nothing more.
const TITLES_MAX: usize = 4;

/// How many articles under one headline are told to the judge, the latest: a daily headline has one
/// a day.
const TITLED_MAX: i64 = 8;

/// Which entries were seen exactly so, or carried an article that was deleted. What waits for its link
/// or its page is tried by queues of its own, whether the feed lists its entry or not.
pub(super) fn settled(
    db: &Connection,
    feed: FeedId,
    entries: Vec<(EntryKey, String)>,
) -> Result<HashSet<EntryKey>> {
    let mut statement = db.prepare_cached(
        "SELECT 1 FROM sightings AS s
         WHERE s.feed_id = :feed AND s.entry_key = :key AND s.entry_sha256 = :sha256",
    )?;
    let mut settled = HashSet::new();
    let some_are_buried = some_are_buried(db)?;
    for (key, sha256) in entries {
        let found = statement.exists(named_params! {
            ":feed": feed.0,
            ":key": key.0,
            ":sha256": sha256,
        })?;
        if found || some_are_buried && is_buried(db, "entry", &entry_tomb(feed, &key))? {
            settled.insert(key);
        }
    }
    Ok(settled)
}

/// What is looked up for each candidate of a reading, and since when texts are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// The feed being read.
    pub(super) feed: FeedId,
    /// The present moment.
    pub(super) now: DateTime<Utc>,
    /// The first article whose text is compared with others'.
    near_from: ArticleId,
}

impl Scope {
    /// Near texts are looked for among the articles first seen since a moment.
    pub(super) fn new(
        db: &Connection,
        feed: FeedId,
        now: DateTime<Utc>,
        near_since: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(Self { feed, now, near_from: first_since(db, near_since)? })
    }
}

/// The first article seen since a moment; where there is none, the next one. Numbers grow with time,
/// so the index of near fingerprints needs no time of its own; an article that was split off or that
/// absorbed an older one is out of turn, so a few are asked.
pub(super) fn first_since(db: &Connection, since: DateTime<Utc>) -> Result<ArticleId> {
    db.prepare_cached(
        "SELECT coalesce(
           (SELECT min(id) FROM (SELECT id FROM articles WHERE first_seen_at >= ?1
                                 ORDER BY first_seen_at, id LIMIT 64)),
           (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'articles'),
           1)",
    )?
    .query_row([moment(since)], |row| row.get(0).map(ArticleId))
}

/// Everything the judge has to know about a candidate.
pub(super) fn about(db: &Connection, scope: Scope, candidate: &Candidate) -> Result<Known> {
    let same_entry = same_entry(db, scope.feed, &candidate.entry_key)?;
    let apart = match &same_entry {
        Some(sighting) => kept_apart(db, sighting.article.id)?,
        None => Vec::new(),
    };
    let Addressed { same_url, belied, ousted } = addressed(db, candidate, same_entry.as_ref())?;
    let mut known = Known {
        now: scope.now,
        same_url,
        belied,
        ousted,
        same_title: same_title(db, scope.feed, candidate)?,
        same_entry,
        apart,
        ..Known::default()
    };
    if let Text::Usable { fingerprint, .. } = &candidate.text {
        about_text(db, scope, fingerprint, &mut known)?;
    }
    if known.same_entry.is_none() {
        known.deleted = is_deleted(db, scope.feed, candidate)?;
    }
    Ok(known)
}

fn about_text(
    db: &Connection,
    scope: Scope,
    fingerprint: &Fingerprint,
    known: &mut Known,
) -> Result<()> {
    known.text_is_shared = db
        .prepare_cached("SELECT 1 FROM shared_texts WHERE body_sha256 = ?1")?
        .exists([&fingerprint.sha256])?;
    known.same_text = same_text(db, &fingerprint.sha256)?;
    let found = known.same_entry.iter().map(|sighting| &sighting.article);
    let mut found = found
        .chain(&known.same_url)
        .chain(known.same_text.iter().map(|holder| &holder.article))
        .filter(|article| !known.apart.contains(&article.id));
    if !found.any(|article| article.body_sha256.is_some()) {
        known.near = near(db, fingerprint, scope.near_from)?;
    }
    Ok(())
}

/// What bears on an article whose text is another by the rules of today: who else has that text, or
/// nearly that text. Its other signs were judged when its entries came.
pub(super) fn about_text_of(
    db: &Connection,
    id: ArticleId,
    fingerprint: &Fingerprint,
    now: DateTime<Utc>,
    near_since: DateTime<Utc>,
) -> Result<Known> {
    let mut known = Known { now, apart: kept_apart(db, id)?, ..Known::default() };
    let near_from = first_since(db, near_since)?;
    let scope = Scope { feed: FeedId(0), now, near_from };
    about_text(db, scope, fingerprint, &mut known)?;
    known.same_text = known.same_text.filter(|holder| holder.article.id != id);
    known.near.retain(|near| near.article.id != id);
    // What was first seen before is not in the index, so it is not looked up from there either.
    if id < near_from {
        known.near.clear();
    }
    Ok(known)
}

/// Whether an article's text belongs into the index of near fingerprints.
pub(super) fn is_recent(db: &Connection, id: ArticleId, near_since: DateTime<Utc>) -> Result<bool> {
    Ok(id >= first_since(db, near_since)?)
}

fn same_entry(db: &Connection, feed: FeedId, key: &EntryKey) -> Result<Option<StoredSighting>> {
    static QUERY: LazyLock<String> = LazyLock::new(|| {
        let of_entry = "JOIN sightings AS s ON s.article_id = a.id
                        WHERE s.feed_id = ?1 AND s.entry_key = ?2";
        articles(", s.decided_at", of_entry)
    });
    db.prepare_cached(&QUERY)?
        .query_row(params![feed.0, key.0], |row| {
            let is_decided = get_moment_if_any(row, "decided_at")?.is_some();
            Ok(StoredSighting { article: article(row)?, is_decided })
        })
        .optional()
}

/// The articles that a person said are others than this one.
pub(super) fn kept_apart(db: &Connection, from: ArticleId) -> Result<Vec<ArticleId>> {
    db.prepare_cached(
        "SELECT other_id FROM kept_apart WHERE article_id = ?1
         UNION ALL SELECT article_id FROM kept_apart WHERE other_id = ?1",
    )?
    .query_map([from.0], |row| row.get(0).map(ArticleId))?
    .collect()
}

/// What is known at the candidate's addresses, as in [`Known`].
#[derive(Default)]
struct Addressed {
    same_url: Vec<StoredArticle>,
    belied: Option<ArticleId>,
    ousted: Option<ArticleId>,
}

/// Looks up the articles at the candidate's addresses. An address that an entry has only named counts no
/// more where the texts have nothing in common.
fn addressed(
    db: &Connection,
    candidate: &Candidate,
    same_entry: Option<&StoredSighting>,
) -> Result<Addressed> {
    let mut found =
        Addressed { same_url: same_url(db, &candidate.url_keys)?, ..Addressed::default() };
    let Text::Usable { fingerprint, .. } = &candidate.text else { return Ok(found) };
    let foreign = |article: &StoredArticle| -> Result<bool> {
        let is_the_entrys = same_entry.is_some_and(|sighting| sighting.article.id == article.id);
        let has_text = article.body_sha256.is_some();
        Ok(has_text && !is_the_entrys && !near::may_share(db, article.id, fingerprint)?)
    };
    let Some(own) = &candidate.own else {
        // Who speaks of its own address knows it better than who named it.
        let is_first = same_entry.is_none() && !candidate.copied;
        for article in found.same_url.iter().filter(|article| is_first && article.copied) {
            if foreign(article)? {
                found.ousted = Some(article.id);
            }
        }
        let ousted = found.ousted;
        found.same_url.retain(|article| Some(article.id) != ousted);
        return Ok(found);
    };
    for article in &found.same_url {
        if foreign(article)? {
            let owned = same_url(db, &own.url_keys)?;
            if !owned.iter().any(|owned| owned.id == article.id) {
                let belied = Some(article.id);
                return Ok(Addressed { same_url: owned, belied, ousted: None });
            }
        }
    }
    Ok(found)
}

/// The articles at these addresses, the oldest first.
pub(super) fn same_url(db: &Connection, keys: &[UrlKey]) -> Result<Vec<StoredArticle>> {
    static QUERY: LazyLock<String> = LazyLock::new(|| {
        articles("", "JOIN url_keys AS k ON k.article_id = a.id WHERE k.url_key = ?1")
    });
    let mut statement = db.prepare_cached(&QUERY)?;
    let mut owners: Vec<StoredArticle> = Vec::new();
    for key in keys {
        if let Some(owner) = statement.query_row([key.as_str()], article).optional()?
            && !owners.iter().any(|known| known.id == owner.id)
        {
            owners.push(owner);
        }
    }
    owners.sort_by_key(|owner| owner.id);
    Ok(owners)
}

/// The article with exactly this text, or with a copy that has; the oldest, where a person made two.
fn same_text(db: &Connection, body_sha256: &str) -> Result<Option<TextHolder>> {
    // One question, because to begin one takes longer than to look into two indexes.
    static QUERY: LazyLock<String> = LazyLock::new(|| {
        let oldest = "coalesce((SELECT min(id) FROM articles WHERE body_sha256 = ?1),
                               (SELECT min(article_id) FROM variants WHERE body_sha256 = ?1))";
        articles("", &format!("WHERE a.id = {oldest}"))
    });
    let holder = db.prepare_cached(&QUERY)?.query_row([body_sha256], article).optional()?;
    let Some(article) = holder else { return Ok(None) };
    let titles = titles(db, article.id)?;
    Ok(Some(TextHolder { article, titles }))
}

/// A few different titles of an article. Told apart here: SQLite would make a table of its own of them.
fn titles(db: &Connection, article: ArticleId) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached("SELECT title FROM sightings WHERE article_id = ?1")?;
    let mut rows = statement.query([article.0])?;
    let mut titles: Vec<String> = Vec::new();
    while titles.len() < TITLES_MAX
        && let Some(row) = rows.next()?
    {
        let title = row.get_ref("title")?.as_str()?;
        if !titles.iter().any(|known| known == title) {
            titles.push(title.to_owned());
        }
    }
    Ok(titles)
}

/// The articles from a number on that may have nearly this text, with their texts.
fn near(db: &Connection, fingerprint: &Fingerprint, from: ArticleId) -> Result<Vec<NearArticle>> {
    // Sorted here: SQLite would copy the article into a table of its own.
    static QUERY: LazyLock<String> = LazyLock::new(|| {
        let with_variants = "LEFT JOIN variants AS v ON v.article_id = a.id
                             WHERE a.id = ?1 AND a.body IS NOT NULL";
        articles(", a.body, v.id AS variant_id, v.body AS variant", with_variants)
    });
    let mut statement = db.prepare_cached(&QUERY)?;
    let variant = |row: &Row<'_>| -> Result<Option<(i64, String)>> {
        let id: Option<i64> = row.get("variant_id")?;
        id.map(|id| Ok((id, row.get("variant")?))).transpose()
    };
    let mut found: Vec<NearArticle> = Vec::new();
    for ArticleId(id) in near::proposed(db, fingerprint, from)? {
        let mut rows = statement.query([id])?;
        let Some(first) = rows.next()? else { continue };
        let (article, own) = (article(first)?, first.get("body")?);
        let mut variants = Vec::from_iter(variant(first)?);
        while let Some(more) = rows.next()? {
            variants.extend(variant(more)?);
        }
        variants.sort_unstable_by_key(|(id, _)| *id);
        let variants = variants.into_iter().map(|(_, body)| body);
        found.push(NearArticle { article, texts: [own].into_iter().chain(variants).collect() });
    }
    Ok(found)
}

fn same_title(db: &Connection, feed: FeedId, candidate: &Candidate) -> Result<Vec<TitledArticle>> {
    static QUERY: LazyLock<String> = LazyLock::new(|| {
        let seen = ", min(coalesce(s.published_at, s.first_seen_at), s.first_seen_at) AS at,
                    s.feed_id = ?2 AND s.entry_key <> ?3 AS is_listed_beside";
        let of_headline = "JOIN sightings AS s ON s.article_id = a.id
                           WHERE s.headline = ?1 ORDER BY s.id DESC LIMIT";
        articles(seen, &format!("{of_headline} {TITLED_MAX}"))
    });
    let Some(headline) = candidate.headline else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(&QUERY)?;
    let found = statement.query_map(params![headline, feed.0, candidate.entry_key.0], |row| {
        Ok(TitledArticle {
            article: article(row)?,
            at: get_moment(row, "at")?,
            is_listed_beside: row.get("is_listed_beside")?,
        })
    })?;
    found.collect()
}

/// Whether the entry, its text or one of its addresses is a deleted article's.
fn is_deleted(db: &Connection, feed: FeedId, candidate: &Candidate) -> Result<bool> {
    if !some_are_buried(db)? {
        return Ok(false);
    }
    if is_buried(db, "entry", &entry_tomb(feed, &candidate.entry_key))? {
        return Ok(true);
    }
    if let Text::Usable { fingerprint, .. } = &candidate.text
        && is_buried(db, "text", &fingerprint.sha256)?
    {
        return Ok(true);
    }
    for key in &candidate.url_keys {
        if is_buried(db, "url", key.as_str())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any article was ever deleted; in most files none was.
fn some_are_buried(db: &Connection) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM tombstones")?.exists([])
}

fn is_buried(db: &Connection, kind: &str, key: &str) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM tombstones WHERE kind = ?1 AND key = ?2")?.exists((kind, key))
}

fn entry_tomb(feed: FeedId, key: &EntryKey) -> String {
    format!("{} {}", feed.0, key.0)
}
