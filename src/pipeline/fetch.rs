//! Fetches a feed, conditionally, and sorts what its server answers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

use crate::config::FeedAccess;
use crate::http::{Client, HttpError, Response, header};
use crate::model::{FeedUrl, Freshness, Validators};
use crate::store::ClaimedFeed;

/// What a feed's server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// What it said of when to ask again.
    pub freshness: Freshness,
    /// Where the feed has moved for good, if permanent redirects led there.
    pub moved_to: Option<FeedUrl>,
    /// What came with it.
    pub fetched: Fetched,
}

/// What came of asking for a feed.
#[derive(Debug)]
pub enum Fetched {
    /// A document, with the validators to ask again with.
    Document {
        /// Its bytes, decompressed.
        bytes: Vec<u8>,
        /// Its declared media type and charset.
        content_type: Option<String>,
        /// The address that answered; the base of relative links.
        url: Url,
        /// What to ask again with, once the document has been read.
        validators: Validators,
    },
    /// Nothing changed since last time.
    NotModified {
        /// The validators that came along.
        validators: Validators,
    },
    /// The server answers, but not with a feed.
    Refused {
        /// Why, for whoever keeps the feed list.
        reason: String,
    },
}

/// Asks for a feed.
///
/// # Errors
/// When no answer came, or one that breaks a limit.
pub async fn feed(
    http: &Client,
    feed: &ClaimedFeed,
    access: &FeedAccess,
    now: DateTime<Utc>,
) -> Result<Answer, HttpError> {
    let parsed = |url: &FeedUrl| Url::parse(url.as_str()).expect("it was parsed before");
    let (url, home, validators) = (parsed(feed.address()), parsed(&feed.url), &feed.validators);
    let response = http.feed(&url, &home, validators, access).await?;
    let status = response.status;
    let freshness = freshness(&response, now);
    let moved_to = response.moved_to.as_ref().and_then(|to| to.as_str().parse().ok());
    let received = response.validators();
    let fetched = match status {
        200 | 203 => Fetched::Document {
            content_type: response.header(header::CONTENT_TYPE).map(str::to_owned),
            url: response.url,
            bytes: response.body,
            validators: received,
        },
        304 if !validators.is_empty() => Fetched::NotModified { validators: received },
        _ => Fetched::Refused { reason: refusal(status) },
    };
    Ok(Answer { status, freshness, moved_to, fetched })
}

fn refusal(status: u16) -> String {
    let meaning = match status {
        204 => "no content",
        304 => "nothing changed, although nothing was known",
        401 => "it wants a password",
        403 => "it refuses us",
        404 => "there is no such feed",
        410 => "the feed is gone for good",
        429 => "we ask too often",
        451 => "it is withheld for legal reasons",
        503 => "it is unavailable for now",
        400..=499 => "it refuses the request",
        500..=599 => "the server has a fault",
        _ => "not an answer to a feed reader",
    };
    format!("it answers {status}: {meaning}")
}

fn freshness(response: &Response, now: DateTime<Utc>) -> Freshness {
    let max_age = response.header(header::CACHE_CONTROL).and_then(max_age);
    let expires = || response.header(header::EXPIRES).and_then(|text| until(text, now));
    Freshness {
        fresh_for: max_age.or_else(expires),
        retry_after: response.header(header::RETRY_AFTER).and_then(|text| {
            text.trim().parse().map(Duration::from_secs).ok().or_else(|| until(text, now))
        }),
    }
}

/// The `max-age` of a `Cache-Control` header (RFC 9111 §5.2.2.1).
fn max_age(cache_control: &str) -> Option<Duration> {
    cache_control.split(',').find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        let seconds = seconds.trim().trim_matches('"').parse().ok()?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| Duration::from_secs(seconds))
    })
}

/// How long it is until an HTTP date; nothing if it is past or no date.
fn until(http_date: &str, now: DateTime<Utc>) -> Option<Duration> {
    let moment = DateTime::parse_from_rfc2822(http_date.trim()).ok()?;
    (moment.to_utc() - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_found_among_other_directives() {
        for (text, expected) in [
            ("max-age=300", Some(300)),
            ("public, Max-Age=\"60\" , must-revalidate", Some(60)),
            ("s-maxage=10", None),
            ("no-store", None),
            ("max-age=soon", None),
            ("max-age=-1", None),
        ] {
            assert_eq!(max_age(text), expected.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn an_http_date_counts_from_now() {
        let now = "2026-04-07T16:54:00Z".parse().unwrap();
        for (text, expected) in [
            ("Tue, 07 Apr 2026 16:55:00 GMT", Some(60)),
            ("Tue, 07 Apr 2026 16:53:00 GMT", None),
            ("tomorrow", None),
        ] {
            assert_eq!(until(text, now), expected.map(Duration::from_secs), "{text}");
        }
    }
}
