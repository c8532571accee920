//! Names a polled address and what its server gave us to ask again politely.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use url::Url;

use super::google_news;

/// The longest address that is polled, in bytes; longer ones are not addresses people share.
const FEED_URL_MAX_BYTES: usize = 4_096;

/// An address that can be polled: http or https, with a host, without a fragment.
///
/// A text may also give it as a search, `google-news:QUERY`, which stands for the address of the
/// feed of that search.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FeedUrl(String);

impl FeedUrl {
    /// The address in its normal spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FeedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FeedUrl {
    type Err = FeedUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let searched = google_news::address(text).transpose()?;
        let text = searched.as_deref().unwrap_or(text);
        let mut url = Url::parse(&without_feed_scheme(text)).map_err(FeedUrlError::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FeedUrlError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FeedUrlError::Credentials);
        }
        url.set_fragment(None);
        if url.as_str().len() > FEED_URL_MAX_BYTES {
            return Err(FeedUrlError::TooLong);
        }
        Ok(Self(url.into()))
    }
}

/// The address behind `feed:`, which browsers once handed to feed readers: `feed://host/path`
/// and `feed:https://host/path`.
fn without_feed_scheme(text: &str) -> Cow<'_, str> {
    match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("feed") => {
            if rest.starts_with("//") {
                format!("http:{rest}").into()
            } else {
                rest.into()
            }
        }
        _ => text.into(),
    }
}

/// Why a text is no address that can be polled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedUrlError {
    /// It is no URL at all.
    #[error("it is not a web address ({0}); write it whole, as in https://example.org/feed.xml")]
    Malformed(url::ParseError),
    /// It is a URL of another kind.
    #[error("feeds are read over http and https, not {0}")]
    Scheme(String),
    /// It holds a password, which would be stored and shown.
    #[error(
        "it holds a user or password; declare the feed in the feeds file, with username and password_file"
    )]
    Credentials,
    /// It is a search on Google News that cannot be made.
    #[error("{0}; write a search as google-news:QUERY or google-news:QUERY?lang=id&country=ID")]
    Search(&'static str),
    /// It is longer than any address people share.
    #[error("it is longer than {FEED_URL_MAX_BYTES} bytes")]
    TooLong,
}

/// The store's number of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FeedId(pub i64);

/// The store's number of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ArticleId(pub i64);

/// The store's number of a sighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct SightingId(pub i64);

/// Where the wish to poll a feed comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedOrigin {
    /// Declared in the feeds file; leaving the file pauses it.
    Declared,
    /// Added on the command line; only the command line removes it.
    Added,
}

impl FeedOrigin {
    /// The word stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Added => "added",
        }
    }
}

/// The validators of a feed's last reading, byte for byte as the server sent them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` header, quotes included.
    pub etag: Option<Vec<u8>>,
    /// The `Last-Modified` header.
    pub last_modified: Option<Vec<u8>>,
}

impl Validators {
    /// Whether a conditional request is possible.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// What a server said of when to ask again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freshness {
    /// How long its answer stays fresh (`Cache-Control: max-age`, else `Expires`).
    pub fresh_for: Option<Duration>,
    /// How long it asks to be left alone (`Retry-After`).
    pub retry_after: Option<Duration>,
}

/// What a feed's document tells of when it is worth asking for, kept from reading to reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habits {
    /// How long the feed asks to be left alone (`ttl`).
    pub ttl: Option<Duration>,
    /// How often it says it is updated (`sy:updatePeriod`, `sy:updateFrequency`).
    pub period: Option<Duration>,
    /// The hours of the day (UTC) in which it is not to be asked, a bit each, from bit 0 (`skipHours`).
    pub skip_hours: u32,
    /// The days on which it is not to be asked, a bit each, Monday being bit 0 (`skipDays`).
    pub skip_days: u8,
    /// The usual time between two entries.
    pub pace: Option<Duration>,
    /// How long an entry stays in the document.
    pub span: Option<Duration>,
}

impl Habits {
    /// Nothing is known.
    pub const NONE: Self =
        Self { ttl: None, period: None, skip_hours: 0, skip_days: 0, pace: None, span: None };
}

/// Where a feed is asked for, and whether it is leaving.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The address it has moved to for good; `None` while it is where it was added.
    pub address: Option<FeedUrl>,
    /// Where permanent redirects lead, and since when.
    pub moving: Option<(FeedUrl, DateTime<Utc>)>,
    /// On how many different days its server has said that it is gone (410).
    pub gone_days: u32,
    /// The last of these days.
    pub gone_on: Option<NaiveDate>,
}

impl Whereabouts {
    /// On how many different days a 410 has to be seen to be believed.
    pub const GONE_AFTER_DAYS: u32 = 3;

    /// Whether the feed is gone for good.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.gone_days >= Self::GONE_AFTER_DAYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_of_old_feed_buttons_is_taken_off() {
        for (text, expected) in [
            ("feed://a.example/x", "http://a.example/x"),
            ("FEED:https://a.example/x#top", "https://a.example/x"),
            ("https://a.example/feed:x", "https://a.example/feed:x"),
        ] {
            assert_eq!(text.parse::<FeedUrl>().unwrap().as_str(), expected, "{text}");
        }
        assert!("feed:x".parse::<FeedUrl>().is_err());
    }
}
