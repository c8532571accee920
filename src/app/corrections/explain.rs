//! Tells why an article's entries are one article.

use std::sync::Arc;

use serde::Serialize;

use super::{App, Given, Impossible, address};
use crate::app::Found;
use crate::model::{ArticleId, Text};
use crate::pipeline::Pipeline;
use crate::store::{ArticleDetails, Asked, Brief};
use crate::text::word_diff::{self, WordDiff};
use crate::threads::on_core;

/// An article, and why each of its sightings is one of it.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// The article with its sightings.
    pub article: ArticleDetails,
    /// For each sighting, in order, what tells of its text.
    pub texts: Vec<SightingAccount>,
}

/// What tells of a sighting's text beside what is stored of it.
#[derive(Debug, Clone, Serialize)]
pub struct SightingAccount {
    /// The article it was compared with, if that is another one and still there.
    pub compared_with: Option<Brief>,
    /// Its text beside the article's.
    pub text: CopyText,
}

/// A sighting's text beside its article's.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", content = "diff", rename_all = "kebab-case")]
pub enum CopyText {
    /// The same words.
    Same,
    /// Other words.
    Differs(WordDiff),
    /// The entry gave no usable text.
    None,
    /// Its text is not kept (any more), so nothing can be said of it.
    NotKept,
}

impl App {
    /// Explains an article by its number.
    ///
    /// # Errors
    /// [`super::Impossible`] when there is no such article; a [`crate::store::StoreError`].
    pub async fn explain(&self, id: ArticleId) -> anyhow::Result<Account> {
        match self.store.article_details(id).await? {
            Some(article) => self.account(article).await,
            None => Err(Impossible::missing(id, self.store()).await?.into()),
        }
    }

    /// Explains what was seen at an address: an article's, or that of an entry's link or target.
    ///
    /// # Errors
    /// A [`crate::store::StoreError`].
    pub async fn explain_address(&self, address: &str) -> anyhow::Result<Found<Account>> {
        let asked = self.asked(address).await?;
        let tell = async |id| match self.store.article_details(id).await? {
            Some(article) => self.account(article).await.map(Some),
            None => Ok(None),
        };
        address::look(asked, self.store(), tell).await
    }

    async fn asked(&self, address: &str) -> anyhow::Result<Asked> {
        let means = self.pipeline.means(self.now());
        Ok(address::asked(address, means, &self.pipeline.trackers).await?)
    }

    async fn account(&self, article: ArticleDetails) -> anyhow::Result<Account> {
        let compared = article.sightings.iter().filter_map(|sighting| sighting.evidence.article);
        let others: Vec<ArticleId> = compared.filter(|id| *id != article.id).collect();
        let briefs = self.store.briefs(others).await?;
        let pipeline = Arc::clone(&self.pipeline);
        let work = move || {
            let texts = article
                .sightings
                .iter()
                .enumerate()
                .map(|(place, sighting)| SightingAccount {
                    compared_with: (sighting.evidence.article)
                        .and_then(|id| briefs.iter().find(|brief| brief.id == id).cloned()),
                    text: beside(place, &article, &pipeline),
                })
                .collect();
            Account { article, texts }
        };
        Ok(on_core(work).await)
    }
}

/// The text of the sighting in a place, beside its article's.
fn beside(place: usize, article: &ArticleDetails, pipeline: &Pipeline) -> CopyText {
    let Some(sighting) = article.sightings.get(place) else { return CopyText::NotKept };
    let Some(own) = &article.body else { return CopyText::None };
    if sighting.body_sha256.is_some() && sighting.body_sha256 == article.body_sha256 {
        return CopyText::Same;
    }
    match Given::of(sighting, article, pipeline).text {
        Some(Text::Usable { fingerprint, .. })
            if Some(&fingerprint.sha256) == article.body_sha256.as_ref() =>
        {
            CopyText::Same
        }
        Some(Text::Usable { body, .. }) => CopyText::Differs(word_diff::between(own, &body)),
        Some(Text::Unusable { .. }) => CopyText::None,
        None if sighting.body_sha256.is_none() => CopyText::None,
        None => CopyText::NotKept,
    }
}
