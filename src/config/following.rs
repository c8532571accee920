//! Names how wrapped links are followed: the section `[links]`.

use serde::{Deserialize, Serialize};
use url::Url;

use super::faults::Check;

/// How wrapped links are followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinksConfig {
    /// Whether redirectors (ift.tt, t.co …) are asked where their links lead.
    pub follow_redirectors: bool,
    /// How many hops a redirector's link may take.
    pub hops_max: u64,
    /// Hosts beside the built-in ones whose links only redirect.
    pub redirector_hosts: Vec<String>,
    /// How often a redirector, Google or a page is asked for one link in all.
    pub attempts_max: u64,
    /// Whether Google is asked what the opaque tokens of its news links stand for.
    pub resolve_google_news: bool,
    /// Where Google News is asked.
    pub google_news_base: String,
    /// How many requests Google gets within an hour, whoever runs in that time.
    pub google_news_per_hour: u64,
    /// The shortest time between two requests to Google, in milliseconds.
    pub google_news_gap_ms: u64,
}

impl Default for LinksConfig {
    fn default() -> Self {
        Self {
            follow_redirectors: true,
            hops_max: 5,
            redirector_hosts: Vec::new(),
            attempts_max: 4,
            resolve_google_news: false,
            google_news_base: "https://news.google.com".to_owned(),
            google_news_per_hour: 20,
            google_news_gap_ms: 2_000,
        }
    }
}

impl LinksConfig {
    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("links.hops_max", self.hops_max, 1, 20);
        check.range("links.attempts_max", self.attempts_max, 1, 20);
        check.range("links.google_news_per_hour", self.google_news_per_hour, 1, 1_000);
        check.range("links.google_news_gap_ms", self.google_news_gap_ms, 0, 3_600_000);
        if self.google_news_address().is_none() {
            let message = "must be an http(s) address without a path, a query or a login";
            check.fault("links.google_news_base", message);
        }
    }

    /// Where Google News is asked; `None` if the setting is no such address.
    #[must_use]
    pub fn google_news_address(&self) -> Option<Url> {
        let url = Url::parse(&self.google_news_base).ok()?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_plain = url.username().is_empty() && url.password().is_none();
        (matches!(url.scheme(), "http" | "https") && is_bare && is_plain).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn google_is_asked_at_an_origin_and_nowhere_else() {
        for (base, good) in [
            ("https://news.google.com", true),
            ("http://127.0.0.4:8080/", true),
            ("news.google.com", false),
            ("https://news.google.com/rss", false),
            ("https://news.google.com/?hl=en", false),
            ("https://name:secret@news.google.com", false),
            ("file:///etc", false),
            ("", false),
        ] {
            let config =
                LinksConfig { google_news_base: base.to_owned(), ..LinksConfig::default() };
            assert_eq!(config.google_news_address().is_some(), good, "{base}");
        }
    }
}
