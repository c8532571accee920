//! Gives a sighting an article of its own.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use super::{App, Given, Impossible};
use crate::model::{ArticleId, Candidate, SightingId, Text, UrlKey};
use crate::pipeline::canonicalize;
use crate::pipeline::entry::again;
use crate::store::{ArticleDetails, Rest, SightingDetails, Split, SplitOff};
use crate::threads::on_core;

/// How often a split is begun anew when a running program changes the article meanwhile.
const TRIES: usize = 4;

/// What a split did, for the person who asked for it.
#[derive(Debug, Clone, Serialize)]
pub struct SplitDone {
    /// The sighting.
    pub sighting: SightingId,
    /// What was stored.
    #[serde(flatten)]
    pub split_off: SplitOff,
    /// How many words the new article has; `None`: it is held, since no text of it is kept.
    pub words: Option<usize>,
    /// Whether the text that the sighting leaves behind was its own and no other's is known.
    pub text_stays_behind: bool,
    /// What the article it leaves got from another sighting instead: `text`, `title`, `url`.
    pub fell_back: Vec<&'static str>,
}

impl App {
    /// Gives a sighting an article of its own, and remembers that a person said so.
    ///
    /// # Errors
    /// [`Impossible`] when there is nothing to split; a [`crate::store::StoreError`].
    pub async fn split(&self, sighting: SightingId, dry_run: bool) -> anyhow::Result<SplitDone> {
        let mut seen = ArticleId(0);
        for _ in 0..TRIES {
            let Some(from) = self.store.article_of(sighting).await? else {
                return Err(Impossible::NoSighting(sighting).into());
            };
            seen = from;
            let Some(article) = self.store.article_details(from).await? else { continue };
            let (article, given) = self.given(article).await?;
            let (split, text_stays_behind) = self.planned(&article, given, sighting).await?;
            let words = match &split.own.text {
                Text::Usable { fingerprint, .. } => Some(fingerprint.words),
                Text::Unusable { .. } => None,
            };
            let Rest { text, title, url } = &split.rest;
            let fell_back = [("text", text), ("title", title), ("url", url)];
            let fell_back = fell_back.into_iter().filter(|(_, heir)| heir.is_some());
            let fell_back = fell_back.map(|(what, _)| what).collect();
            if let Some(split_off) = self.store.split(split, dry_run).await? {
                return Ok(SplitDone { sighting, split_off, words, text_stays_behind, fell_back });
            }
        }
        Err(Impossible::Changing(seen).into())
    }

    /// The text of each sighting of an article.
    async fn given(&self, article: ArticleDetails) -> anyhow::Result<(ArticleDetails, Vec<Given>)> {
        let pipeline = Arc::clone(&self.pipeline);
        let work = move || {
            let sightings = article.sightings.iter();
            let given =
                sightings.map(|sighting| Given::of(sighting, &article, &pipeline)).collect();
            (article, given)
        };
        Ok(on_core(work).await)
    }

    /// What is to become of a sighting and the article it leaves; and whether the article keeps a
    /// text that was the sighting's.
    async fn planned(
        &self,
        article: &ArticleDetails,
        given: Vec<Given>,
        sighting: SightingId,
    ) -> anyhow::Result<(Split, bool)> {
        let mut leaving = None;
        let mut staying = Vec::new();
        for (details, given) in article.sightings.iter().zip(given) {
            let mut candidate =
                again::candidate(&self.pipeline, details, given.again.as_ref(), self.now()).await?;
            candidate.text = given.text.unwrap_or_else(|| candidate.text.clone());
            if details.id == sighting {
                leaving = Some((details, candidate));
            } else {
                staying.push((details, candidate));
            }
        }
        let Some((details, mut own)) = leaving else {
            return Err(Impossible::Changing(article.id).into());
        };
        if staying.is_empty() {
            return Err(Impossible::OnlySighting { sighting, article: article.id }.into());
        }
        let shared: HashSet<UrlKey> =
            staying.iter().flat_map(|(_, candidate)| candidate.url_keys.clone()).collect();
        own.url_keys.retain(|key| !shared.contains(key));
        let (rest, text_stays_behind) = rest(article, details, &own, &staying);
        own.author = own.author.or_else(|| article.author.clone());
        own.language = own.language.or_else(|| article.language.clone());
        let others = staying.iter().map(|(details, _)| details.id).collect();
        let split = Split { sighting, from: article.id, others, own, rest, now: self.now() };
        Ok((split, text_stays_behind))
    }
}

type Staying<'a> = [(&'a SightingDetails, Candidate)];

/// What of the article was the leaving sighting's alone, and whose is to take its place.
fn rest(
    article: &ArticleDetails,
    leaving: &SightingDetails,
    own: &Candidate,
    staying: &Staying<'_>,
) -> (Rest, bool) {
    let best = |is_fit: &dyn Fn(&Candidate) -> bool| {
        let fit = staying.iter().filter(|(_, candidate)| is_fit(candidate));
        let rank = |(details, candidate): &&(&SightingDetails, Candidate)| {
            (candidate.copied, Reverse(candidate.standing), details.first_seen_at, details.id)
        };
        fit.min_by_key(rank).map(|(_, candidate)| candidate.clone())
    };
    let text_was_own = article.body_sha256.is_some()
        && leaving.body_sha256 == article.body_sha256
        && staying.iter().all(|(details, _)| details.body_sha256 != article.body_sha256);
    let text = text_was_own.then(|| best(&|candidate| candidate.text.sha256().is_some())).flatten();
    let text_stays_behind = text_was_own && text.is_none();
    let title_was_own = leaving.title == article.title
        && staying.iter().all(|(details, _)| details.title != article.title);
    let title = title_was_own.then(|| best(&|candidate| !candidate.title.is_empty())).flatten();
    let url_was_own = own.url.as_ref().is_some_and(|url| {
        article.url.as_deref() == Some(url.as_str())
            && own.url_keys.contains(&canonicalize::key(url))
    });
    let url = url_was_own
        .then(|| best(&|candidate| candidate.url.is_some()).or_else(|| best(&|_| true)))
        .flatten();
    (Rest { text, title, url }, text_stays_behind)
}
