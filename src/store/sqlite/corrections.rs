//! Lets a person look into articles and correct them.

mod details;
mod merge;
mod redo;
mod split;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Result, Transaction};

use super::SqliteStore;
use super::rows::moment;
use super::search;
use crate::model::{ArticleId, Reason, SightingId};
use crate::store::{
    ArticleDetails, Asked, Brief, Burial, Corrections, Fingerprinter, Fresh, Merged, Redoing,
    Redone, Split, SplitOff, StoreError,
};

#[async_trait]
impl Corrections for SqliteStore {
    async fn article_details(&self, id: ArticleId) -> Result<Option<ArticleDetails>, StoreError> {
        self.db.read("looking up an article", move |db| details::article(db, id)).await
    }

    async fn article_of(&self, sighting: SightingId) -> Result<Option<ArticleId>, StoreError> {
        self.db.read("looking up a sighting", move |db| details::article_of(db, sighting)).await
    }

    async fn briefs(&self, ids: Vec<ArticleId>) -> Result<Vec<Brief>, StoreError> {
        self.db.read("looking up articles", move |db| details::briefs(db, &ids)).await
    }

    async fn articles_at(&self, asked: Asked) -> Result<Vec<ArticleId>, StoreError> {
        self.db.read("looking up an address", move |db| details::at(db, &asked)).await
    }

    async fn burials_at(&self, asked: Asked) -> Result<Vec<Burial>, StoreError> {
        self.db.read("looking up what was deleted", move |db| details::burials(db, &asked)).await
    }

    async fn was_given(&self, id: ArticleId) -> Result<bool, StoreError> {
        self.db.read("looking up a number", move |db| details::was_given(db, id)).await
    }

    async fn split(&self, split: Split, rehearse: bool) -> Result<Option<SplitOff>, StoreError> {
        let deed = move |tx: &Transaction<'_>| then_index(tx, split::off(tx, &split)?);
        self.db.write_or_rehearse("splitting off a sighting", rehearse, deed).await
    }

    async fn merge(
        &self,
        into: ArticleId,
        absorbed: ArticleId,
        fingerprinter: Fingerprinter,
        now: DateTime<Utc>,
        rehearse: bool,
    ) -> Result<Option<Merged>, StoreError> {
        let deed = move |tx: &Transaction<'_>| {
            then_index(tx, merge::two(tx, into, absorbed, fingerprinter, now)?)
        };
        self.db.write_or_rehearse("merging articles", rehearse, deed).await
    }

    async fn redo_progress(&self, recipe: &str) -> Result<(Option<ArticleId>, u64), StoreError> {
        let recipe = recipe.to_owned();
        self.db.read("looking up how far a redo came", move |db| redo::progress(db, &recipe)).await
    }

    async fn to_redo(
        &self,
        after: ArticleId,
        at_most: usize,
    ) -> Result<Vec<ArticleDetails>, StoreError> {
        self.db.read("looking up texts", move |db| redo::next(db, after, at_most)).await
    }

    async fn nearly_copied_before(
        &self,
        article: ArticleId,
        at_most: usize,
    ) -> Result<Vec<ArticleId>, StoreError> {
        self.db
            .read("looking up copies", move |db| details::nearly_copied(db, article, at_most))
            .await
    }

    async fn redo(
        &self,
        fresh: Vec<Fresh>,
        by: Redoing,
        rehearse: bool,
    ) -> Result<Vec<Redone>, StoreError> {
        let deed = move |tx: &Transaction<'_>| {
            let done = redo::some(tx, &fresh, &by)?;
            search::index_if_enough(tx)?;
            Ok(done)
        };
        self.db.write_or_rehearse("applying the rules anew", rehearse, deed).await
    }

    async fn redo_finished(&self) -> Result<(), StoreError> {
        self.db.write("ending a redo", |tx| then_index(tx, redo::finish(tx)?)).await
    }
}

/// Indexes for search what a deed changed: nobody comes after it who would.
fn then_index<T>(tx: &Transaction<'_>, done: T) -> rusqlite::Result<T> {
    search::index(tx)?;
    Ok(done)
}

/// Takes note that a person put sightings where they are, and why they are there.
fn decide(
    tx: &Transaction<'_>,
    sightings: &[i64],
    reason: Reason,
    about: ArticleId,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut put = tx.prepare_cached("UPDATE sightings SET decided_at = ?2 WHERE id = ?1")?;
    // How the texts compared when the program judged them stays to be seen.
    let mut explain = tx.prepare_cached(
        "INSERT INTO evidence (sighting_id, reason, article_id) VALUES (?1, ?2, ?3)
         ON CONFLICT (sighting_id) DO UPDATE
         SET reason = excluded.reason, article_id = excluded.article_id",
    )?;
    for sighting in sightings {
        put.execute((sighting, moment(now)))?;
        explain.execute((sighting, reason.as_str(), about.0))?;
    }
    Ok(())
}

/// The sightings of an article, by number.
fn sightings_of(tx: &Transaction<'_>, article: ArticleId) -> Result<Vec<i64>> {
    tx.prepare_cached("SELECT id FROM sightings WHERE article_id = ?1 ORDER BY id")?
        .query_map([article.0], |row| row.get(0))?
        .collect()
}
