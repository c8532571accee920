//! Looks into articles and corrects them for a person: the store's deeds, with what the steps of the
//! pipeline make of stored texts.

mod copies;
mod explain;
mod redo;
mod split;

pub use explain::{Account, CopyText, SightingAccount};
pub use redo::RedoSummary;
pub use split::SplitDone;

use super::{App, address};
use crate::model::{ArticleId, Fingerprint, SightingId, Text, TextSource};
use crate::pipeline::Pipeline;
use crate::pipeline::entry::again::{self, TextAgain};
use crate::pipeline::fingerprint;
use crate::store::{ArticleDetails, Merged, SightingDetails, Store, StoreError};
use crate::text::tokens::tokens;

/// What cannot be done as asked, and what can be done instead.
#[derive(Debug, thiserror::Error)]
pub enum Impossible {
    /// No article has the number, and none ever had.
    #[error(
        "there is no article {}; `SELECT id, title FROM latest LIMIT 20` shows the newest", _0.0
    )]
    NoArticle(ArticleId),
    /// The number was an article's once.
    #[error(
        "article {} is gone: it was deleted, or merged into another; give an address it was seen at", _0.0
    )]
    Gone(ArticleId),
    /// No sighting has the number.
    #[error("there is no sighting {}; `ingest explain` shows the numbers of an article's sightings", _0.0)]
    NoSighting(SightingId),
    /// An article that was seen once cannot be split.
    #[error("sighting {} is the only one of article {}, so there is nothing to split", sighting.0, article.0)]
    OnlySighting {
        /// The sighting.
        sighting: SightingId,
        /// Its article.
        article: ArticleId,
    },
    /// An article cannot be merged into itself.
    #[error("both numbers are that of article {}; name two articles", _0.0)]
    OneArticle(ArticleId),
    /// A running program changed the article each time it was looked at.
    #[error("article {} changed while it was looked at; try again", _0.0)]
    Changing(ArticleId),
}

impl App {
    /// Makes the second article the first, and remembers that a person said so.
    ///
    /// # Errors
    /// [`Impossible`] when there are no two such articles; a [`crate::store::StoreError`].
    pub async fn merge(
        &self,
        into: ArticleId,
        absorbed: ArticleId,
        dry_run: bool,
    ) -> anyhow::Result<Merged> {
        if into == absorbed {
            return Err(Impossible::OneArticle(into).into());
        }
        let merged = self.store.merge(into, absorbed, measured, self.now(), dry_run).await?;
        if let Some(merged) = merged {
            return Ok(merged);
        }
        let there = self.store.briefs(vec![into, absorbed]).await?;
        let is_missing = |id: &ArticleId| there.iter().all(|brief| brief.id != *id);
        let missing = [into, absorbed].into_iter().find(is_missing).unwrap_or(absorbed);
        Err(Impossible::missing(missing, self.store()).await?.into())
    }
}

impl Impossible {
    /// Why there is no article with a number.
    pub(super) async fn missing(id: ArticleId, store: &dyn Store) -> Result<Self, StoreError> {
        Ok(if store.was_given(id).await? { Self::Gone(id) } else { Self::NoArticle(id) })
    }
}

/// What identifies a text that is stored: it was found long enough when it came.
fn measured(body: &str) -> Option<Fingerprint> {
    fingerprint::of(&tokens(body), fingerprint::BRIEF).ok()
}

/// What a sighting gave its article.
#[derive(Debug, Clone)]
struct Given {
    /// Its text as it is kept word for word, else as it is read again; `None` if neither.
    text: Option<Text>,
    /// What was read again of it.
    again: Option<TextAgain>,
}

impl Given {
    /// Looks for a sighting's text: among the texts of its article, then in what was received.
    fn of(sighting: &SightingDetails, article: &ArticleDetails, pipeline: &Pipeline) -> Self {
        let texts = again::texts(pipeline, sighting, fingerprint::BRIEF);
        let again = again::given(sighting, &texts).cloned();
        let kept = sighting.body_sha256.as_deref().and_then(|sha256| kept(article, sha256));
        let text = kept.and_then(|body| {
            Some(Text::Usable {
                body: body.to_owned(),
                fingerprint: measured(body)?,
                source: source(sighting, article),
            })
        });
        Self { text: text.or_else(|| again.as_ref().map(|again| again.text.clone())), again }
    }
}

/// The text of a hash among those kept of an article.
fn kept<'a>(article: &'a ArticleDetails, sha256: &str) -> Option<&'a str> {
    let own = article.body_sha256.as_deref().zip(article.body.as_deref());
    let beside = article.variants.iter().chain(&article.revisions);
    own.into_iter()
        .chain(beside.map(|text| (text.body_sha256.as_str(), text.body.as_str())))
        .find(|(known, _)| *known == sha256)
        .map(|(_, body)| body)
}

/// Where a sighting's text was taken from, as far as that is known.
fn source(sighting: &SightingDetails, article: &ArticleDetails) -> TextSource {
    let has_page = sighting.received.iter().any(|received| received.kind == TextSource::Page);
    let guessed = if has_page { TextSource::Page } else { TextSource::Feed };
    let is_own = sighting.body_sha256 == article.body_sha256;
    sighting.text_source.or(article.text_source.filter(|_| is_own)).unwrap_or(guessed)
}
