//! Indexes new articles for search, together at the end of a transaction.
//!
//! A trigger keeps the index when an article changes or goes. It must find the article indexed, so
//! what is new is indexed before it is changed.

use rusqlite::{Result, Transaction};

use crate::model::ArticleId;

/// New articles that are not in the index yet.
#[derive(Debug, Default)]
pub(super) struct Unindexed {
    articles: Vec<ArticleId>,
}

impl Unindexed {
    /// Notes a new article.
    pub(super) fn push(&mut self, article: ArticleId) {
        self.articles.push(article);
    }

    /// Indexes what is noted if one of these articles, which are about to be changed, is among it.
    pub(super) fn index_before_changing(
        &mut self,
        tx: &Transaction<'_>,
        articles: impl IntoIterator<Item = ArticleId>,
    ) -> Result<()> {
        if articles.into_iter().any(|article| self.articles.contains(&article)) {
            self.index(tx)?;
        }
        Ok(())
    }

    /// Indexes what is noted.
    pub(super) fn index(&mut self, tx: &Transaction<'_>) -> Result<()> {
        if self.articles.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = self.articles.drain(..).map(|article| article.0).collect();
        let ids = serde_json::to_string(&ids).expect("a list of numbers is JSON");
        // One statement, because each has a savepoint of its own.
        tx.prepare_cached(
            "INSERT INTO search (rowid, title, body)
             SELECT id, title, body FROM articles WHERE id IN (SELECT value FROM json_each(?1))",
        )?
        .execute([ids])?;
        Ok(())
    }
}

/// Indexes a new article.
pub(super) fn index(tx: &Transaction<'_>, article: ArticleId) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO search (rowid, title, body) SELECT id, title, body FROM articles WHERE id = ?1",
    )?
    .execute([article.0])?;
    Ok(())
}
