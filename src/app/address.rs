//! Reads an address that a person gives, and finds what was seen there.

use crate::model::ArticleId;
use crate::pipeline::canonicalize::{self, Trackers};
use crate::pipeline::resolve::{self, Means};
use crate::store::{Asked, Burial, Store, StoreError};

/// What there is at an address.
#[derive(Debug, Clone)]
pub enum Found<T> {
    /// What is told of the articles that were seen there, the oldest first.
    Articles(Vec<T>),
    /// Only what is left of deleted articles.
    Deleted(Vec<Burial>),
    /// Nothing.
    Unknown,
}

/// Looks for what was seen at an address: an article's, or that of an entry's link or target. `tell`
/// is asked of each article.
pub(super) async fn look<T>(
    asked: Asked,
    store: &dyn Store,
    tell: impl AsyncFn(ArticleId) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Found<T>> {
    let mut articles = Vec::new();
    for id in store.articles_at(asked.clone()).await? {
        articles.extend(tell(id).await?);
    }
    if !articles.is_empty() {
        return Ok(Found::Articles(articles));
    }
    let burials = store.burials_at(asked).await?;
    Ok(if burials.is_empty() { Found::Unknown } else { Found::Deleted(burials) })
}

/// An address as the pipeline would follow it, but offline.
pub(super) async fn asked(
    address: &str,
    means: Means<'_>,
    trackers: &Trackers,
) -> Result<Asked, StoreError> {
    let target = resolve::link(address, Means { http: None, ..means }).await?.target;
    let mut asked = Asked { spellings: vec![address.to_owned()], ..Asked::default() };
    for address in [address, &target] {
        if let Ok(url) = canonicalize::url(address, trackers) {
            asked.keys.push(canonicalize::key(&url));
            asked.spellings.push(url.as_str().to_owned());
        }
    }
    asked.spellings.push(target);
    asked.keys.dedup();
    asked.spellings.sort_unstable();
    asked.spellings.dedup();
    Ok(asked)
}
