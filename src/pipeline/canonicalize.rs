//! Spells an address in its one canonical way, and derives the key that addresses are compared by.
//!
//! **The canonical URL** ([`url()`]) is stored, shown and fetched, so every step must keep the
//! resource: entities and percent-encoding in one spelling, the URL Standard's parsing, no
//! tracking parameters, no fragment unless it is a route (`#!…`, `#/…`). Scheme, `www.`, port,
//! trailing slash, query order and letter case stay as given.
//!
//! **The URL key** ([`key()`]) is lossy and only compared: scheme, `www.`/`m.`/`amp.` hosts, AMP
//! variants, a trailing slash and the order of parameters do not matter to it. Equal keys mean one
//! document; unequal keys mean nothing.
//!
//! **Promises**, each a property test: neither panics on any text, and
//! `url(url(x)) == url(x)`, so that what is stored today compares with what is stored next year.

use url::{Host, ParseError, Url};

use crate::model::CanonicalUrl;
use crate::text::domain::MAX_HOST_CHARS;

mod declared;
mod key;
mod spelling;
mod trackers;

pub use declared::declared;
pub use key::key;
pub use trackers::{Trackers, TrackersError};

/// The longest canonical URL in bytes; what is longer is no article's address.
pub const MAX_URL_BYTES: usize = 4096;

/// Why a text has no canonical URL.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CanonicalizeError {
    /// It is longer than [`MAX_URL_BYTES`].
    #[error("address is longer than {MAX_URL_BYTES} bytes")]
    TooLong,
    /// It is no absolute URL.
    #[error("address is no absolute URL")]
    Malformed(#[from] ParseError),
    /// It is an address of something else than the web.
    #[error("address has the scheme `{0}` instead of http or https")]
    Scheme(String),
}

/// The canonical spelling of a link's address.
///
/// ```
/// # use ingest::config::links::LinksFile;
/// # use ingest::pipeline::canonicalize::{self, Trackers};
/// let trackers = Trackers::compile(&LinksFile::built_in()).unwrap();
/// let url = canonicalize::url("HTTP://Paper.example/a?utm_source=x&id=7#top", &trackers).unwrap();
/// assert_eq!(url.as_str(), "http://paper.example/a?id=7");
/// assert_eq!(canonicalize::key(&url).as_str(), "paper.example/a?id=7");
/// ```
///
/// # Errors
/// When the text is no absolute http(s) URL, or too long.
pub fn url(link: &str, trackers: &Trackers) -> Result<CanonicalUrl, CanonicalizeError> {
    url_in_feed(link, None, trackers)
}

/// The canonical spelling of a link in a feed of `site` (a host): what only says that a reader came
/// from there goes too.
///
/// # Errors
/// As [`url()`].
pub fn url_in_feed(
    link: &str,
    site: Option<&str>,
    trackers: &Trackers,
) -> Result<CanonicalUrl, CanonicalizeError> {
    if link.len() > MAX_URL_BYTES {
        return Err(CanonicalizeError::TooLong);
    }
    let mut url = Url::parse(&spelling::tidy(link))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(CanonicalizeError::Scheme(url.scheme().to_owned()));
    }
    without_root_dot(&mut url)?;
    refuse_unnameable_host(&url)?;
    without_session_path(&mut url);
    without_trackers(&mut url, site, trackers);
    only_route_fragment(&mut url);
    let spelled = String::from(url);
    if spelled.len() > MAX_URL_BYTES {
        return Err(CanonicalizeError::TooLong);
    }
    Ok(CanonicalUrl::from_canonical(spelled))
}

/// `example.com.` names the same host as `example.com`.
fn without_root_dot(url: &mut Url) -> Result<(), ParseError> {
    let Some(host) = url.host_str().filter(|host| host.ends_with('.')) else {
        return Ok(());
    };
    let host = host.trim_end_matches('.').to_owned();
    url.set_host(Some(&host))
}

/// The URL Standard lets through hosts that no name server knows, such as `a&b`.
fn refuse_unnameable_host(url: &Url) -> Result<(), ParseError> {
    let is_nameable = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    match url.host() {
        Some(Host::Domain(name))
            if name.len() > MAX_HOST_CHARS || !name.bytes().all(is_nameable) =>
        {
            Err(ParseError::InvalidDomainCharacter)
        }
        _ => Ok(()),
    }
}

/// Java servers put a session id into the path for readers without cookies.
fn without_session_path(url: &mut Url) {
    if !url.path().contains(';') {
        return;
    }
    let segments = url.path().split('/').map(|segment| {
        let params: Vec<_> = segment.split(';').filter(|param| !is_session(param)).collect();
        params.join(";")
    });
    let path = segments.collect::<Vec<_>>().join("/");
    url.set_path(&path);
}

/// `jsessionid=` and at least 16 hex digits; the name of a server may follow them.
fn is_session(param: &str) -> bool {
    let Some((name, id)) = param.split_once('=') else {
        return false;
    };
    let digits = id.split(['.', '!']).next().unwrap_or(id);
    name.eq_ignore_ascii_case("jsessionid")
        && digits.len() >= 16
        && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Works on the raw pairs, so that what stays keeps its order and its bytes.
fn without_trackers(url: &mut Url, site: Option<&str>, trackers: &Trackers) {
    let Some(query) = url.query() else {
        return;
    };
    let host = url.host_str().unwrap_or_default();
    let here = trackers.at(host, site);
    let kept: Vec<_> = query.split('&').filter(|pair| !here.tracks(pair)).collect();
    let kept = kept.join("&");
    let is_empty = kept.bytes().all(|b| b == b'&');
    url.set_query((!is_empty).then_some(&kept));
}

/// A fragment is a place on the page, except where a script reads it as a route.
fn only_route_fragment(url: &mut Url) {
    // Browsers cut the directive (`:~:text=…`) before any script sees the fragment.
    let route = url
        .fragment()
        .map(|fragment| fragment.split_once(":~:").map_or(fragment, |(route, _)| route))
        .filter(|fragment| fragment.starts_with(['!', '/']))
        .map(str::to_owned);
    url.set_fragment(route.as_deref());
}

#[cfg(test)]
mod tests;
