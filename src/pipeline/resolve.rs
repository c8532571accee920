//! Follows a wrapped link to what it leads to.
//!
//! First [`unwrap`] takes off every layer that names its target itself. What is left may be a link
//! of a redirector (ift.tt, t.co …), which only its owner can read: it is asked, one hop at a time,
//! and each answer is kept for ever, so that no link is asked twice. As soon as a hop leads to a
//! host that is no redirector the walk is over, without a request to that host.
//!
//! A link that cannot be followed now is *waiting*, which is a state and not an error: the entry is
//! usable without. It says whose answer it waits for and when that is asked next: later and later,
//! a few times. Google is never asked here, because it must be asked slowly; see [`google_news`].

mod answer;
pub mod explain;
mod flights;
pub mod google_news;
pub mod mend;
pub mod unwrap;

pub use flights::Flights;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use crate::http::Client;
use crate::model::{Asks, Waiting};
use crate::store::{ResolvedLink, Store, StoreError};
use unwrap::{Redirector, Wrappers};

/// The wait after the first failure; each further one is four times as long.
const FIRST_GAP: TimeDelta = TimeDelta::hours(1);

/// The longest wait between two tries.
const LONGEST_GAP: TimeDelta = TimeDelta::days(7);

/// What a link leads to, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The address reached: the link itself where nothing wraps it.
    pub target: String,
    /// The rules that applied and the redirectors that were asked, the outermost first.
    pub rules: Vec<String>,
    /// Present when `target` still hides the article's address.
    pub waiting: Option<Waiting>,
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
    /// The links that are being asked for.
    pub flights: &'a Flights,
    /// How many redirectors one link may pass.
    pub hops_max: usize,
    /// How often one link is asked for.
    pub attempts_max: u32,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// What one hop came to.
enum Hop {
    Target(String),
    Waiting(Waiting),
}

/// Follows `link` as far as it leads.
///
/// # Errors
/// When the store fails. A redirector that fails leaves the link waiting.
pub async fn link(link: &str, means: Means<'_>) -> Result<Resolved, StoreError> {
    let mut rules = Vec::new();
    let mut target = link.to_owned();
    for _ in 0..=means.hops_max {
        let unwrapped = unwrap::unwrap(&target, means.wrappers);
        rules.extend(unwrapped.rules);
        target = unwrapped.target;
        let (hop, rule) = if let Some(pending) = unwrapped.pending {
            (remembered(&target, pending.handle, means).await?, "google-news-asked")
        } else if let Some((url, redirector)) = redirector(&target, means.wrappers) {
            (one_hop(&url, redirector, means).await?, redirector.id.as_str())
        } else {
            return Ok(Resolved { target, rules, waiting: None });
        };
        match hop {
            Hop::Target(next) => target = next,
            Hop::Waiting(waiting) => return Ok(Resolved { target, rules, waiting: Some(waiting) }),
        }
        rules.push(rule.to_owned());
    }
    let waiting = Some(Waiting {
        handle: target.clone(),
        asks: Asks::Redirector,
        tries: means.attempts_max,
        error: Some(format!("it redirects more than links.hops_max = {} times", means.hops_max)),
        next_try_at: None,
    });
    Ok(Resolved { target, rules, waiting })
}

/// When a link is asked for again that was asked for in vain `tries` times, last at `tried_at`;
/// `None` when it has been often enough.
#[must_use]
pub fn next_try(tries: u32, attempts_max: u32, tried_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if tries == 0 {
        return Some(tried_at);
    }
    let gap = FIRST_GAP * 4_i32.pow(tries.saturating_sub(1).min(8));
    (tries < attempts_max).then(|| tried_at + gap.min(LONGEST_GAP))
}

fn redirector<'a>(target: &str, wrappers: &'a Wrappers) -> Option<(Url, &'a Redirector)> {
    let url = Url::parse(target).ok()?;
    let redirector = wrappers.redirector(&url)?;
    Some((url, redirector))
}

/// Where an opaque link of Google News leads, if Google has been asked for it.
async fn remembered(link: &str, handle: String, means: Means<'_>) -> Result<Hop, StoreError> {
    let known = means.store.resolved_link(link, Some(&handle)).await?;
    let waiting = || Waiting {
        handle,
        asks: Asks::GoogleNews,
        tries: 0,
        error: None,
        next_try_at: Some(means.now),
    };
    Ok(known.and_then(|known| known.target).map_or_else(|| Hop::Waiting(waiting()), Hop::Target))
}

/// Where a redirector's link leads, from memory or by asking.
async fn one_hop(url: &Url, redirector: &Redirector, means: Means<'_>) -> Result<Hop, StoreError> {
    let link = url.as_str();
    let _flight = means.flights.of(link).await;
    let known = means.store.resolved_link(link, None).await?;
    let known = known.unwrap_or(ResolvedLink {
        target: None,
        attempts: 0,
        error: None,
        asked_at: means.now,
    });
    if let Some(target) = known.target {
        return Ok(Hop::Target(target));
    }
    let due = next_try(known.attempts, means.attempts_max, known.asked_at);
    let http = means.http.filter(|_| due.is_some_and(|due| due <= means.now));
    let Some(http) = http else { return Ok(Hop::Waiting(waiting(link, known, means))) };
    let asked = match http.hop(url).await {
        Ok(response) => answer::target(&response, redirector),
        Err(error) => Err(error.to_string()),
    };
    let (target, error) = match asked {
        Ok(target) => (Some(String::from(target)), None),
        Err(error) => (None, Some(error)),
    };
    let attempts = known.attempts + 1;
    let answer = ResolvedLink { target: target.clone(), attempts, error, asked_at: means.now };
    means.store.remember_link(link, None, answer.clone()).await?;
    Ok(target.map_or_else(|| Hop::Waiting(waiting(link, answer, means)), Hop::Target))
}

fn waiting(link: &str, failed: ResolvedLink, means: Means<'_>) -> Waiting {
    Waiting {
        handle: link.to_owned(),
        asks: Asks::Redirector,
        tries: failed.attempts,
        error: failed.error,
        next_try_at: next_try(failed.attempts, means.attempts_max, failed.asked_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_asked_for_in_vain_is_asked_again_with_growing_gaps_and_then_left_alone() {
        let tried_at: DateTime<Utc> = "2026-04-07T12:00:00Z".parse().unwrap();
        for (tries, most, hours) in [
            (0, 4, Some(0)),
            (1, 4, Some(1)),
            (2, 4, Some(4)),
            (3, 4, Some(16)),
            (4, 4, None),
            (9, 4, None),
            (1, 1, None),
            (19, 20, Some(7 * 24)),
        ] {
            let expected = hours.map(|hours| tried_at + TimeDelta::hours(hours));
            assert_eq!(next_try(tries, most, tried_at), expected, "{tries} of {most}");
        }
    }
}
