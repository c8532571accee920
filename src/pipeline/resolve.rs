//! Follows a wrapped link to what it leads to.
//!
//! First [`unwrap`] takes off every layer that names its target itself. What is left may be a link
//! of a redirector (ift.tt, t.co …), which only its owner can read: it is asked, one hop at a time,
//! and each answer is kept for ever, so that no link is asked twice. As soon as a hop leads to a
//! host that is no redirector the walk is over, without a request to that host.
//!
//! A link that cannot be followed now is *pending*, which is a state and not an error: the entry is
//! usable without. A redirector that failed is asked again later, with growing gaps, a few times.

mod answer;
pub mod google_news;
pub mod unwrap;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use crate::http::Client;
use crate::model::Pending;
use crate::store::{ResolvedLink, Store, StoreError};
use unwrap::{Redirector, Wrappers};

/// How often a redirector is asked for one link that it does not resolve.
const ATTEMPTS_MAX: u32 = 4;

/// The gap after the first failure; each further one is four times as long.
const FIRST_GAP: TimeDelta = TimeDelta::hours(1);

/// What a link leads to, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The address reached: the link itself where nothing wraps it.
    pub target: String,
    /// The rules that applied and the redirectors that were asked, the outermost first.
    pub rules: Vec<String>,
    /// Present when `target` still hides the article's address.
    pub pending: Option<Pending>,
}

/// What resolving needs beside the link.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// The table of wrappers and redirectors.
    pub wrappers: &'a Wrappers,
    /// Who asks redirectors; `None` to stay offline.
    pub http: Option<&'a Client>,
    /// Where their answers are kept.
    pub store: &'a dyn Store,
    /// How many redirectors one link may pass.
    pub hops_max: usize,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// Follows `link` as far as it leads.
///
/// # Errors
/// When the store fails. A redirector that fails leaves the link pending.
pub async fn link(link: &str, means: Means<'_>) -> Result<Resolved, StoreError> {
    let mut rules = Vec::new();
    let mut target = link.to_owned();
    for _ in 0..=means.hops_max {
        let unwrapped = unwrap::unwrap(&target, means.wrappers);
        rules.extend(unwrapped.rules);
        target = unwrapped.target;
        if unwrapped.pending.is_some() {
            return Ok(Resolved { target, rules, pending: unwrapped.pending });
        }
        let Some((url, redirector)) = redirector(&target, means.wrappers) else {
            return Ok(Resolved { target, rules, pending: None });
        };
        match one_hop(&url, redirector, means).await? {
            Some(next) => target = next,
            None => break,
        }
        rules.push(redirector.id.clone());
    }
    let pending = Some(Pending { handle: target.clone() });
    Ok(Resolved { target, rules, pending })
}

fn redirector<'a>(target: &str, wrappers: &'a Wrappers) -> Option<(Url, &'a Redirector)> {
    let url = Url::parse(target).ok()?;
    let redirector = wrappers.redirector(&url)?;
    Some((url, redirector))
}

/// Where a redirector's link leads, from memory or by asking; `None` while unknown.
async fn one_hop(
    url: &Url,
    redirector: &Redirector,
    means: Means<'_>,
) -> Result<Option<String>, StoreError> {
    let known = means.store.resolved_link(url.as_str()).await?;
    let attempts = known.as_ref().map_or(0, |known| known.attempts);
    if let Some(known) = known
        && (known.target.is_some() || !may_ask_again(&known, means.now))
    {
        return Ok(known.target);
    }
    let Some(http) = means.http else { return Ok(None) };
    let asked = match http.hop(url).await {
        Ok(response) => answer::target(&response, redirector),
        Err(error) => Err(error.to_string()),
    };
    let (target, error) = match asked {
        Ok(target) => (Some(String::from(target)), None),
        Err(error) => (None, Some(error)),
    };
    let answer =
        ResolvedLink { target: target.clone(), attempts: attempts + 1, error, asked_at: means.now };
    means.store.remember_link(url.as_str(), answer).await?;
    Ok(target)
}

fn may_ask_again(failed: &ResolvedLink, now: DateTime<Utc>) -> bool {
    let gap = FIRST_GAP * 4_i32.pow(failed.attempts.saturating_sub(1).min(ATTEMPTS_MAX));
    failed.attempts < ATTEMPTS_MAX && now - failed.asked_at >= gap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_link_is_asked_again_with_growing_gaps_and_then_left_alone() {
        let asked_at: DateTime<Utc> = "2026-04-07T12:00:00Z".parse().unwrap();
        for (attempts, hours, again) in [
            (1, 0, false),
            (1, 1, true),
            (2, 3, false),
            (2, 4, true),
            (3, 16, true),
            (4, 9_999, false),
        ] {
            let failed = ResolvedLink { target: None, attempts, error: None, asked_at };
            let now = asked_at + TimeDelta::hours(hours);
            assert_eq!(may_ask_again(&failed, now), again, "{attempts} attempts, {hours} h");
        }
    }
}
