//! Looks into the file without changing it.

mod articles;
mod changes;
mod marks;
mod search;
mod selection;
mod statistics;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqliteStore;
use crate::model::{ArticleId, FeedId, FeedUrl, SightingId};
use crate::store::{
    Article, Change, Changes, Hit, Library, Marks, Search, SeenArticle, Sighting, Statistics,
    StoreError,
};

pub(super) use selection::define_functions;

#[async_trait]
impl Library for SqliteStore {
    async fn feed_number(&self, url: &FeedUrl) -> Result<Option<FeedId>, StoreError> {
        let url = url.clone();
        self.db.read("looking up a feed", move |db| selection::feed_number(db, &url)).await
    }

    async fn article(&self, id: ArticleId) -> Result<Option<SeenArticle>, StoreError> {
        self.db.read("looking up an article", move |db| articles::seen(db, id)).await
    }

    async fn articles(&self, ids: Vec<ArticleId>) -> Result<Vec<Article>, StoreError> {
        self.db.read("reading articles", move |db| articles::these(db, &ids)).await
    }

    async fn changes(&self, wanted: Changes) -> Result<Vec<Change>, StoreError> {
        self.db.read("looking up changes", move |db| changes::last(db, &wanted)).await
    }

    async fn statistics(&self, now: DateTime<Utc>) -> Result<Statistics, StoreError> {
        self.db.read("counting", move |db| statistics::count(db, now)).await
    }

    fn sees_changes(&self) -> bool {
        !self.is_immutable
    }

    async fn data_version(&self) -> Result<i64, StoreError> {
        self.db.read("looking for changes", marks::data_version).await
    }

    async fn marks(&self, since: Option<DateTime<Utc>>) -> Result<Marks, StoreError> {
        self.db.read("looking for the latest", move |db| marks::marks(db, since)).await
    }

    async fn articles_between(
        &self,
        marks: (ArticleId, ArticleId),
        at_most: usize,
    ) -> Result<Vec<Article>, StoreError> {
        self.db.read("reading articles", move |db| articles::between(db, marks, at_most)).await
    }

    async fn sightings_between(
        &self,
        marks: (SightingId, SightingId),
        at_most: usize,
    ) -> Result<Vec<Sighting>, StoreError> {
        self.db
            .read("reading sightings", move |db| articles::sightings_between(db, marks, at_most))
            .await
    }

    async fn waiting_for_search(&self) -> Result<u64, StoreError> {
        self.db.read("counting what is not indexed", search::waiting).await
    }

    async fn search(&self, search: Search) -> Result<Vec<Hit>, StoreError> {
        self.db.read("searching", move |db| search::hits(db, &search)).await
    }
}
