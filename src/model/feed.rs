//! Names a polled address and what its server gave us to ask again politely.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use url::Url;

/// The longest address that is polled, in bytes; longer ones are not addresses people share.
const FEED_URL_MAX_BYTES: usize = 4_096;

/// An address that can be polled: http or https, with a host, without a fragment.
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
        let mut url = Url::parse(text.trim()).map_err(FeedUrlError::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FeedUrlError::Scheme(url.scheme().to_owned()));
        }
        url.set_fragment(None);
        if url.as_str().len() > FEED_URL_MAX_BYTES {
            return Err(FeedUrlError::TooLong);
        }
        Ok(Self(url.into()))
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
