//! Applies the rules of today to what is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use super::super::signals;
use super::{App, measured};
use crate::model::{
    ArticleId, Candidate, CanonicalUrl, Choice, ChoiceReason, EntryKey, SightingId, Standing, Text,
};
use crate::pipeline::Pipeline;
use crate::pipeline::entry::again::{self, TextAgain};
use crate::pipeline::{fingerprint, judge};
use crate::store::{
    ArticleDetails, Fresh, FreshVariant, KeptText, RedoOutcome, Redoing, Redone, SightingDetails,
};
use crate::text::shingles::Span;
use crate::text::tokens::tokens;
use crate::threads::on_core;

/// How many articles are written in one transaction: a running program waits for a few of them.
const ARTICLES_AT_ONCE: usize = 16;

/// What a redo came to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RedoSummary {
    /// How many articles were looked at.
    pub articles: u64,
    /// Of these, how many were found to be what.
    pub outcomes: BTreeMap<RedoOutcome, u64>,
    /// How many headline keys changed.
    pub headlines: u64,
    /// How many texts of much different copies changed.
    pub variants: u64,
    /// The article after which an earlier redo stopped, which was taken up.
    pub resumed_after: Option<ArticleId>,
    /// The last article that was done, if a signal ended the redo early.
    pub stopped_after: Option<ArticleId>,
}

impl App {
    /// Reads stored texts again by the rules of today, one after the other, and judges those that
    /// changed. Goes on where a redo by the same rules was stopped. `watcher` is told how many
    /// articles there are to do, and then of each; a dry run only tells.
    ///
    /// # Errors
    /// A [`crate::store::StoreError`]; when signals cannot be listened for.
    pub async fn redo(
        &self,
        dry_run: bool,
        watcher: &mut (dyn FnMut(u64, &[Redone]) + Send),
    ) -> anyhow::Result<RedoSummary> {
        let stop = signals::stop_on_signals().context("listening for signals")?;
        let version = self.pipeline.rules.version();
        let recipe = format!("rules {version} of ingest {}", env!("CARGO_PKG_VERSION"));
        let (resumed_after, to_do) =
            self.store.redo_progress(if dry_run { "" } else { &recipe }).await?;
        watcher(to_do, &[]);
        let mut summary = RedoSummary { resumed_after, ..RedoSummary::default() };
        let mut last = resumed_after.unwrap_or(ArticleId(0));
        loop {
            if stop.drain.is_cancelled() {
                summary.stopped_after = Some(last);
                return Ok(summary);
            }
            let articles = self.store.to_redo(last, ARTICLES_AT_ONCE).await?;
            let Some(newest) = articles.last().map(|article| article.id) else { break };
            last = newest;
            let fresh = self.fresh(articles).await?;
            let now = self.now();
            let by = Redoing {
                recipe: recipe.clone(),
                judge: judge::judge,
                fingerprinter: measured,
                now,
                near_since: self.pipeline.duplicates.near_since(now),
            };
            let done = self.store.redo(fresh, by, dry_run).await?;
            summary.add(&done);
            watcher(to_do, &done);
        }
        if !dry_run {
            self.store.redo_finished().await?;
        }
        Ok(summary)
    }

    /// What the rules of today make of some articles.
    async fn fresh(&self, articles: Vec<ArticleDetails>) -> anyhow::Result<Vec<Fresh>> {
        let mut headlines = Vec::with_capacity(articles.len());
        for article in &articles {
            headlines.push(self.changed_headlines(article).await?);
        }
        let pipeline = Arc::clone(&self.pipeline);
        let work = move || {
            let with_headlines = articles.iter().zip(headlines);
            let fresh = with_headlines.map(|(article, headlines)| Fresh {
                article: article.id,
                before_sha256: article.body_sha256.clone(),
                read: read(article, &pipeline),
                headlines,
                variants: variants(article, &pipeline),
            });
            fresh.collect()
        };
        Ok(on_core(work).await)
    }

    async fn changed_headlines(
        &self,
        article: &ArticleDetails,
    ) -> anyhow::Result<Vec<(SightingId, Option<i64>)>> {
        let mut changed = Vec::new();
        for sighting in &article.sightings {
            let headline = again::headline_key(&self.pipeline, sighting, self.now()).await?;
            if headline != sighting.headline {
                changed.push((sighting.id, headline));
            }
        }
        Ok(changed)
    }
}

impl RedoSummary {
    /// How many articles were found to be so.
    #[must_use]
    pub fn count(&self, outcome: RedoOutcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    fn add(&mut self, done: &[Redone]) {
        for redone in done {
            self.articles += 1;
            self.headlines += redone.headlines as u64;
            self.variants += redone.variants as u64;
            *self.outcomes.entry(redone.outcome).or_default() += 1;
        }
    }
}

/// Reads an article's text again from what its witness received; that of a held one from whatever
/// was received of it.
fn read(
    article: &ArticleDetails,
    pipeline: &Pipeline,
) -> Result<(SightingId, Candidate), RedoOutcome> {
    let least = least(article);
    let is_held = article.body.is_none();
    let mut found_none = if is_held { RedoOutcome::StillHeld } else { RedoOutcome::NotKept };
    let is_witness =
        |sighting: &&SightingDetails| is_held || sighting.body_sha256 == article.body_sha256;
    for sighting in article.sightings.iter().filter(is_witness) {
        let texts = again::texts(pipeline, sighting, least);
        let given = if is_held { again::longest(&texts) } else { again::given(sighting, &texts) };
        match given {
            Some(again) if again.text.sha256().is_some() => {
                return Ok((sighting.id, candidate(article, sighting, again, pipeline)));
            }
            Some(_) if !is_held => found_none = RedoOutcome::NothingUsable,
            _ => {}
        }
    }
    Err(found_none)
}

/// The texts of much different copies that are others when they are read again. One of which nothing
/// usable is left, or of which nothing was kept to read it from, stays as it is.
fn variants(article: &ArticleDetails, pipeline: &Pipeline) -> Vec<FreshVariant> {
    let read = |kept: &KeptText| {
        let gave = |sighting: &&SightingDetails| {
            sighting.body_sha256.as_ref() == Some(&kept.body_sha256)
                && !sighting.received.is_empty()
        };
        let sighting = article.sightings.iter().find(gave)?;
        let texts = again::texts(pipeline, sighting, fingerprint::BRIEF);
        let given = again::given(sighting, &texts)?;
        let Text::Usable { body, fingerprint, .. } = &given.text else { return None };
        (*body != kept.body).then(|| FreshVariant {
            before_sha256: kept.body_sha256.clone(),
            sighting: sighting.id,
            body: body.clone(),
            fingerprint: fingerprint.clone(),
            removed: given.removed.clone(),
        })
    };
    article.variants.iter().filter_map(read).collect()
}

/// How much text an article needs to go on having one. A brief that was taken for a whole text when
/// it came stays one; what was longer must not shrink to that.
fn least(article: &ArticleDetails) -> Span {
    let is_brief = (article.body.as_ref())
        .is_some_and(|body| fingerprint::of(&tokens(body), fingerprint::ARTICLE).is_err());
    if is_brief { fingerprint::BRIEF } else { fingerprint::ARTICLE }
}

/// The article as it would be judged today.
fn candidate(
    article: &ArticleDetails,
    sighting: &SightingDetails,
    again: &TextAgain,
    pipeline: &Pipeline,
) -> Candidate {
    let is_held = article.body_sha256.is_none();
    let is_copy = sighting.source_link.is_some() || article.url_standing == Standing::Copy;
    Candidate {
        entry_key: EntryKey(sighting.entry_key.clone()),
        entry_sha256: String::new(),
        title: article.title.clone(),
        author: article.author.clone(),
        language: article.language.clone(),
        published_at: article.published_at,
        link: sighting.link.clone(),
        target: sighting.target.clone(),
        url: article.url.clone().map(CanonicalUrl::from_canonical),
        url_keys: Vec::new(),
        standing: article.url_standing,
        headline: None,
        source_link: sighting.source_link.clone(),
        copied: if is_held { is_copy } else { article.text_copied },
        own: None,
        text: again.text.clone(),
        removed: again.removed.clone(),
        rules_version: pipeline.rules.version().to_owned(),
        received: Vec::new(),
        choice: Choice { reason: ChoiceReason::FeedIsShort, next_try_at: None, uncut_rule: None },
    }
}
