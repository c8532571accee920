//! Finds out whose headline an entry carries.

use url::Url;

use super::Address;
use crate::model::{CanonicalUrl, Source};
use crate::text::headline;

/// The publisher of an entry, as far as the entry tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pipeline) struct Publisher {
    host: String,
    /// What the source element calls it; feeds of feeds append this name to their titles.
    source: Option<String>,
    /// What the feed is called, which is the publisher's name in the publisher's own feed.
    feed: Option<String>,
}

impl Publisher {
    /// Who is behind the address the entry leads to; while that is wrapped, whom the entry names.
    pub(in crate::pipeline) fn of(
        address: &Address,
        source: Option<Source>,
        feed_title: Option<String>,
    ) -> Option<Self> {
        let of_address = address.url.as_ref().filter(|_| !address.is_pending);
        let of_source = || source.as_ref().and_then(|source| source.url.as_deref());
        let known = of_address.map(CanonicalUrl::as_str).or_else(of_source)?;
        let host = Url::parse(known).ok()?.host_str()?.to_owned();
        let source = source.and_then(|source| source.title);
        Some(Self { host, source, feed: feed_title })
    }

    /// What identifies a headline among this publisher's.
    pub(in crate::pipeline) fn headline(&self, title: &str) -> Option<i64> {
        headline::key(title, &self.host, &self.names())
    }

    /// The title without the name that the source element gives to the publisher: a feed of feeds
    /// put it there.
    pub(in crate::pipeline) fn bare(&self, title: &str) -> String {
        match &self.source {
            Some(_) => headline::bare(title, &self.host, &self.names()).to_owned(),
            None => title.to_owned(),
        }
    }

    fn names(&self) -> Vec<&str> {
        [&self.source, &self.feed].into_iter().flatten().map(String::as_str).collect()
    }
}
