//! Looks into the file without changing it.

mod articles;
mod changes;
mod search;
mod selection;
mod statistics;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqliteStore;
use crate::model::{ArticleId, FeedId, FeedUrl};
use crate::store::{
    Article, Change, Changes, Hit, Library, Search, SeenArticle, Statistics, StoreError,
};

pub(super) use selection::define_functions;

#[async_trait]
impl Library for SqliteStore {
    async fn feed_number(&self, url: &FeedUrl) -> Result<Option<FeedId>, StoreError> {
        let url = url.clone();
        self.read("looking up a feed", move |db| selection::feed_number(db, &url)).await
    }

    async fn article(&self, id: ArticleId) -> Result<Option<SeenArticle>, StoreError> {
        self.read("looking up an article", move |db| articles::seen(db, id)).await
    }

    async fn articles(&self, ids: Vec<ArticleId>) -> Result<Vec<Article>, StoreError> {
        self.read("reading articles", move |db| articles::these(db, &ids)).await
    }

    async fn changes(&self, wanted: Changes) -> Result<Vec<Change>, StoreError> {
        self.read("looking up changes", move |db| changes::last(db, &wanted)).await
    }

    async fn statistics(&self, now: DateTime<Utc>) -> Result<Statistics, StoreError> {
        self.read("counting", move |db| statistics::count(db, now)).await
    }

    async fn search(&self, search: Search) -> Result<Vec<Hit>, StoreError> {
        self.read("searching", move |db| search::hits(db, &search)).await
    }
}
