//! Works off the links that wait: asks again, mends what was stored under them, reads their pages.
//!
//! ```text
//! redirectors ─► settle ─► pages ─► judge + admit
//! Google, slowly ─┘
//! ```
//!
//! A link is in the queue because it could not be followed when its entry was read: its redirector
//! failed, or only Google knows. Whether a feed still lists the entry does not matter. Each step is
//! a transaction of its own, so a stop or a kill loses no answer, and a link is claimed by one worker
//! at a time, so two processes never ask for the same.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};
use url::Url;

use super::resolve::google_news::{self, ask};
use super::resolve::{self, Resolved, mend};
use super::{Pipeline, entry, judge};
use crate::model::{Asks, HoldReason, Passage, Text, Waiting};
use crate::store::{LateEntry, LinkClaim, QueuedLink, ResolvedLink, SettledLink, StoreError};

/// How many links are claimed at once.
const LINKS_AT_ONCE: usize = 32;

/// How long links are kept from other processes: longer than a batch with every deadline missed.
const CLAIM_LASTS: TimeDelta = TimeDelta::minutes(10);

/// Who works the queue off, when, and until when.
#[derive(Debug, Clone)]
pub struct Shift {
    /// A name no other process has.
    pub worker: String,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Ends the shift between two requests.
    pub stop: CancellationToken,
}

/// What working off the queue came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LinksReport {
    /// Links whose target is known now.
    pub settled: u64,
    /// Articles that turned out to be another.
    pub merged: u64,
    /// Articles that got their text.
    pub texts: u64,
    /// Links that were asked for in vain, pages included.
    pub failed: u64,
    /// Why Google was not asked for all, if it was not.
    pub held_back: Option<String>,
}

impl LinksReport {
    /// Whether nothing was done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { settled, merged, texts, failed, held_back: _ } = self;
        settled + merged + texts + failed == 0
    }
}

impl Pipeline {
    /// Follows every waiting link that is due, as far as time, budget and the others allow.
    ///
    /// # Errors
    /// When the store fails. A link that cannot be followed waits on.
    pub async fn work_off(&self, shift: &Shift) -> Result<LinksReport, StoreError> {
        let deadline = Instant::now() + Duration::from_secs(self.polling.feed_deadline_s);
        let mut report = LinksReport::default();
        while !shift.stop.is_cancelled() && Instant::now() < deadline {
            let hosts = self.ask_hosts(shift, deadline, &mut report).await?;
            let google = self.ask_google(shift, &mut report).await?;
            if hosts + google == 0 {
                break;
            }
        }
        Ok(report)
    }

    /// Asks redirectors and publishers for a batch of links; answers how many that were.
    async fn ask_hosts(
        &self,
        shift: &Shift,
        deadline: Instant,
        report: &mut LinksReport,
    ) -> Result<usize, StoreError> {
        let asks = [
            (Asks::Redirector, self.links.follow_redirectors),
            (Asks::Page, self.text.fetch_pages),
        ];
        let asks = asks.into_iter().filter(|(_, wanted)| *wanted).map(|(asks, _)| asks).collect();
        let queued = self.claim(shift, asks, LINKS_AT_ONCE).await?;
        let claimed = queued.len();
        let at_once = usize::try_from(self.text.entries_at_once).unwrap_or(1);
        let done = stream::iter(queued)
            .map(async |link| match link.asks {
                _ if shift.stop.is_cancelled() => Ok(LinksReport::default()),
                Asks::Page => self.read_page(&link, shift.now).await,
                Asks::Redirector | Asks::GoogleNews => self.ask_redirector(&link, shift.now).await,
            })
            .buffer_unordered(at_once)
            .take_until(sleep_until(deadline));
        let mut done = pin!(done);
        while let Some(one) = done.next().await {
            *report += one?;
        }
        Ok(claimed)
    }

    /// Asks Google for a handful of tokens; answers how many links were dealt with.
    async fn ask_google(
        &self,
        shift: &Shift,
        report: &mut LinksReport,
    ) -> Result<usize, StoreError> {
        let base = self.links.google_news_address();
        let Some(base) = base.filter(|_| self.links.resolve_google_news) else { return Ok(0) };
        let budget = u32::try_from(self.links.google_news_per_hour).unwrap_or(u32::MAX);
        let breaker = self.store.breaker(base.host_str().unwrap_or_default()).await?;
        let at_most = match breaker.passage(budget, shift.now) {
            Passage::Closed { until, reason } => {
                let until = until.format("%Y-%m-%d %H:%M UTC");
                report.held_back = Some(format!("Google is not asked until {until}: {reason}"));
                return Ok(0);
            }
            Passage::Probe => 1,
            Passage::Open => ask::TOKENS_AT_ONCE,
        };
        let queued = self.claim(shift, vec![Asks::GoogleNews], at_most).await?;
        let claimed = queued.len();
        let mut links = Vec::with_capacity(claimed);
        let mut tokens = Vec::with_capacity(claimed);
        for queued in queued {
            let resolved = resolve::link(&queued.link, self.means(shift.now)).await?;
            match token_of(&resolved) {
                Some(token) => {
                    links.push((queued, resolved.target));
                    tokens.push(token);
                }
                // Another link with its handle has been answered meanwhile.
                None => *report += self.settle_or_postpone(&queued, resolved, shift.now).await?,
            }
        }
        let google = ask::Google {
            http: &self.http,
            store: &*self.store,
            base: &base,
            budget,
            gap: Duration::from_millis(self.links.google_news_gap_ms),
            now: shift.now,
            stop: &shift.stop,
        };
        let answers = ask::addresses(&tokens, google).await?;
        for (((queued, link), token), answer) in links.into_iter().zip(tokens).zip(answers) {
            *report += self.take_answer(&queued, &link, &token, answer, shift.now).await?;
        }
        Ok(claimed)
    }

    async fn take_answer(
        &self,
        queued: &QueuedLink,
        link: &str,
        token: &ask::Token,
        answer: ask::Answer,
        now: DateTime<Utc>,
    ) -> Result<LinksReport, StoreError> {
        match answer {
            ask::Answer::NotAsked => Ok(LinksReport::default()),
            ask::Answer::Failed(why) => self.postpone(queued, why, now).await,
            ask::Answer::Address(address) => {
                let attempts = queued.tries + 1;
                let known =
                    ResolvedLink { target: Some(address), attempts, error: None, asked_at: now };
                self.store.remember_link(link, Some(&token.handle), known).await?;
                let resolved = resolve::link(&queued.link, self.means(now)).await?;
                self.settle_or_postpone(queued, resolved, now).await
            }
        }
    }

    async fn ask_redirector(
        &self,
        queued: &QueuedLink,
        now: DateTime<Utc>,
    ) -> Result<LinksReport, StoreError> {
        let resolved = resolve::link(&queued.link, self.means(now)).await?;
        self.settle_or_postpone(queued, resolved, now).await
    }

    async fn settle_or_postpone(
        &self,
        queued: &QueuedLink,
        resolved: Resolved,
        now: DateTime<Utc>,
    ) -> Result<LinksReport, StoreError> {
        if let Some(waiting) = resolved.waiting {
            let failed = u64::from(waiting.asks == queued.asks);
            debug!(link = queued.link, ?waiting, "waits on");
            self.store.postpone_links(&queued.handle, waiting, now).await?;
            return Ok(LinksReport { failed, ..LinksReport::default() });
        }
        let (url, key) = entry::address_of(self, &resolved.target);
        info!(link = queued.link, target = resolved.target, "followed at last");
        let full_text_min_words = self.text.fetch_pages.then_some(self.text.full_text_min_words);
        let settled = SettledLink { target: resolved.target, url, key, full_text_min_words };
        let done = self.store.settle_links(&queued.handle, settled, mend::mend, now).await?;
        Ok(LinksReport { settled: done.links, merged: done.merged, ..LinksReport::default() })
    }

    /// Reads the page of every article that lacks its text because this link could not be followed.
    async fn read_page(
        &self,
        queued: &QueuedLink,
        now: DateTime<Utc>,
    ) -> Result<LinksReport, StoreError> {
        let mut report = LinksReport::default();
        let mut failed = false;
        let min_words = self.text.full_text_min_words;
        for unread in self.store.unread_entries(&queued.link, min_words).await? {
            let feed = unread.feed;
            let Some(prepared) = entry::again(self, unread, now).await? else { continue };
            match &prepared.candidate.text {
                Text::Usable { .. } => report.texts += 1,
                Text::Unusable { reason, .. } => failed |= *reason == HoldReason::PageFailed,
            }
            let near_since = self.duplicates.near_since(now);
            let late = LateEntry { feed, candidate: prepared.candidate, now, near_since };
            self.store.admit_late(late, judge::judge).await?;
        }
        if failed && self.may_try_again(queued) {
            report +=
                self.postpone(queued, "its page could not be fetched".to_owned(), now).await?;
        } else {
            self.store.finish_link(&queued.link).await?;
        }
        Ok(report)
    }

    fn may_try_again(&self, queued: &QueuedLink) -> bool {
        u64::from(queued.tries) + 1 < self.links.attempts_max
    }

    async fn postpone(
        &self,
        queued: &QueuedLink,
        error: String,
        now: DateTime<Utc>,
    ) -> Result<LinksReport, StoreError> {
        let tries = queued.tries + 1;
        let attempts_max = self.means(now).attempts_max;
        let next_try_at = resolve::next_try(tries, attempts_max, now);
        let QueuedLink { handle, asks, .. } = queued.clone();
        debug!(link = queued.link, tries, error, "waits on");
        let waiting = Waiting { handle, asks, tries, error: Some(error), next_try_at };
        self.store.postpone_links(&queued.handle, waiting, now).await?;
        Ok(LinksReport { failed: 1, ..LinksReport::default() })
    }

    async fn claim(
        &self,
        shift: &Shift,
        asks: Vec<Asks>,
        at_most: usize,
    ) -> Result<Vec<QueuedLink>, StoreError> {
        let (worker, now, until) = (shift.worker.clone(), shift.now, shift.now + CLAIM_LASTS);
        self.store.claim_links(LinkClaim { worker, asks, now, until, at_most }).await
    }
}

impl std::ops::AddAssign for LinksReport {
    fn add_assign(&mut self, more: Self) {
        self.settled += more.settled;
        self.merged += more.merged;
        self.texts += more.texts;
        self.failed += more.failed;
        self.held_back = more.held_back.or(self.held_back.take());
    }
}

/// The token to ask Google for, if that is what a link waits for.
fn token_of(resolved: &Resolved) -> Option<ask::Token> {
    let waiting = resolved.waiting.as_ref().filter(|waiting| waiting.asks == Asks::GoogleNews)?;
    let url = Url::parse(&resolved.target).ok()?;
    let token = google_news::token(&url)?.to_owned();
    Some(ask::Token { token, handle: waiting.handle.clone() })
}
