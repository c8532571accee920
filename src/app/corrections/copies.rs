//! Compares near copies with their articles, for whoever looks for boilerplate that no rule knows.

use std::sync::Arc;

use super::{App, Given};
use crate::model::{ArticleId, Text, Verdict};
use crate::pipeline::Pipeline;
use crate::pipeline::propose::{Comparer, Proposal};
use crate::store::{ArticleDetails, SightingDetails};
use crate::text::domain::host_of;
use crate::threads::on_core;

/// How many articles are looked up in one go.
const ARTICLES_AT_ONCE: usize = 64;

impl App {
    /// Rules for lines that end several articles at one host and none of their copies elsewhere.
    ///
    /// # Errors
    /// A [`crate::store::StoreError`].
    pub async fn compare_copies(&self) -> anyhow::Result<Vec<Proposal>> {
        let mut comparer = Comparer::default();
        let mut before = ArticleId(i64::MAX);
        loop {
            let articles = self.store.nearly_copied_before(before, ARTICLES_AT_ONCE).await?;
            let Some(last) = articles.last() else { return Ok(comparer.proposals()) };
            before = *last;
            let mut found = Vec::with_capacity(articles.len());
            for id in articles {
                found.extend(self.store.article_details(id).await?);
            }
            let pipeline = Arc::clone(&self.pipeline);
            let work = move || {
                for article in &found {
                    compare(&mut comparer, article, &pipeline);
                }
                comparer
            };
            comparer = on_core(work).await;
        }
    }
}

/// Compares an article's text with those of its near copies that are kept or can be read again.
fn compare(comparer: &mut Comparer, article: &ArticleDetails, pipeline: &Pipeline) {
    let host = article.url.as_deref().and_then(host_of);
    let (Some(host), Some(body)) = (host, &article.body) else { return };
    let is_near = |sighting: &&SightingDetails| sighting.verdict == Verdict::NearText.as_str();
    for sighting in article.sightings.iter().filter(is_near) {
        let address = sighting.target.as_deref().or(sighting.link.as_deref());
        if let Some(elsewhere) = address.and_then(host_of)
            && let Some(Text::Usable { body: copy, .. }) =
                Given::of(sighting, article, pipeline).text
        {
            comparer.compare(article.id.0, (&host, body), (&elsewhere, &copy));
        }
    }
}
