//! Hands on what changed, however large the file is.
//!
//! First the order is looked up, for as many articles as [`CHANGES_AT_ONCE`] says, because there is no
//! index for it; then the articles themselves, a page at a time. No transaction outlives a page, so the
//! daemon's log is never held up.

use chrono::{DateTime, TimeDelta, Utc};

use super::Viewer;
use crate::store::{Article, Change, ChangeOrder, Changes, Selection};

/// For how many articles the order is looked up together: some megabytes.
const CHANGES_AT_ONCE: u32 = 100_000;

/// How many articles are read together.
const ARTICLES_AT_ONCE: usize = 50;

/// What a reading may take beyond its deadline until it is stored.
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// What is to be handed on.
#[derive(Debug, Clone)]
pub struct Export {
    /// Which articles.
    pub among: Selection,
    /// Those that changed since this moment.
    pub since: Option<DateTime<Utc>>,
    /// Which come first.
    pub order: ChangeOrder,
    /// How many at most.
    pub at_most: Option<u32>,
}

/// What was handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// How many articles.
    pub articles: u32,
    /// Whoever goes on with what changed since this moment misses nothing, and gets some again.
    pub go_on: DateTime<Utc>,
}

impl Viewer {
    /// Hands each article that changed to `take`, which may end it with an error.
    ///
    /// # Errors
    /// What `take` says; a [`crate::store::StoreError`].
    pub async fn export(
        &self,
        export: Export,
        take: &mut dyn FnMut(&Article) -> anyhow::Result<()>,
    ) -> anyhow::Result<Exported> {
        // What is stored later may be dated by when its feed began to be read.
        let go_on = self.now() - self.reading_max - MINUTE;
        let at_most = export.at_most.unwrap_or(u32::MAX);
        let mut exported = Exported { articles: 0, go_on };
        let mut beyond = None;
        loop {
            let wanted = Changes {
                among: export.among.clone(),
                since: export.since,
                order: export.order,
                beyond: beyond.take(),
                at_most: CHANGES_AT_ONCE.min(at_most - exported.articles),
            };
            let changes = self.store.changes(wanted).await?;
            let Some(last) = changes.last() else { return Ok(exported) };
            beyond = Some(last.clone());
            for page in changes.chunks(ARTICLES_AT_ONCE) {
                for article in self.page(page, export.order).await? {
                    take(&article)?;
                    exported.articles += 1;
                    if exported.articles == at_most {
                        exported.go_on = go_on.min(article.changed_at);
                        return Ok(exported);
                    }
                }
            }
        }
    }

    /// The articles that changed so. By the order of time, one that has changed again comes later.
    async fn page(&self, page: &[Change], order: ChangeOrder) -> anyhow::Result<Vec<Article>> {
        let ids = page.iter().map(|change| change.article).collect();
        let mut articles = self.store.articles(ids).await?;
        if order == ChangeOrder::Earliest {
            articles.retain(|article| page.iter().any(|change| is_last(change, article)));
        }
        Ok(articles)
    }
}

/// Whether this is the last change of the article. Moments that other tools wrote in spellings of their
/// own are taken as they are.
fn is_last(change: &Change, article: &Article) -> bool {
    let same_moment = || {
        let moment = change.at.parse::<DateTime<Utc>>();
        moment.map_or(true, |moment| moment == article.changed_at)
    };
    change.article == article.id && same_moment()
}
