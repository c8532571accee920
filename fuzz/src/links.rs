//! Links: whatever is given as one, what comes out is an address that can be stored and compared.

use std::sync::LazyLock;

use ingest::config::links::LinksFile;
use ingest::model::{CanonicalUrl, FeedUrl};
use ingest::pipeline::canonicalize::{self, MAX_URL_BYTES, Trackers};
use ingest::pipeline::resolve::unwrap::{self, MAX_LAYERS, Wrappers};
use url::Url;

static TABLES: LazyLock<(Wrappers, Trackers)> = LazyLock::new(|| {
    let file = LinksFile::built_in();
    let wrappers = Wrappers::compile(&file).expect("a test compiles the table");
    (wrappers, Trackers::compile(&file).expect("a test compiles the table"))
});

pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    follow(&text);
    poll(&text);
    // A page and what it declares to be its address.
    if let Some((page, declared)) = text.split_once('\n') {
        let trackers = &TABLES.1;
        if let Ok(page) = canonicalize::url(page, trackers)
            && let Some(declared) = canonicalize::declared(&page, declared, trackers)
        {
            assert_is_canonical(&declared);
        }
    }
}

/// Follows a link as far as it says itself where it leads.
pub fn follow(link: &str) {
    let (wrappers, trackers) = &*TABLES;
    let found = unwrap::unwrap(link, wrappers);
    assert!(found.rules.len() <= MAX_LAYERS && found.rules.len() == found.through.len());
    if found.rules.is_empty() {
        assert_eq!(found.target, link, "no rule applied");
    } else {
        assert_eq!(found.through.last(), Some(&found.target));
        assert_ne!(found.target, link.trim(), "unwrapped to itself");
        assert_is_of_the_web(&found.target);
        // The parser writes one byte as up to three, and a missing scheme out.
        assert!(found.target.len() <= 3 * link.len() + 32, "{link:?} grew: {found:?}");
        if found.rules.len() < MAX_LAYERS {
            let again = unwrap::unwrap(&found.target, wrappers);
            assert!(again.rules.is_empty(), "{link:?} is not unwrapped to the end: {found:?}");
            assert_eq!(again.pending, found.pending, "{link:?}");
        }
    }
    if let Ok(url) = canonicalize::url(&found.target, trackers) {
        assert_is_canonical(&url);
    }
}

fn assert_is_canonical(url: &CanonicalUrl) {
    let trackers = &TABLES.1;
    assert_is_of_the_web(url.as_str());
    assert!(url.as_str().len() <= MAX_URL_BYTES);
    let twice = canonicalize::url(url.as_str(), trackers);
    assert_eq!(twice.as_ref(), Ok(url), "canonicalised twice");
    let key = canonicalize::key(url);
    assert!(!key.as_str().is_empty() && !key.as_str().chars().any(char::is_control));
    // What only reaches the same document by another road has the same key.
    let other_scheme = match url.as_str().split_once("://") {
        Some(("http", rest)) => format!("https://{rest}"),
        Some((_, rest)) => format!("http://{rest}"),
        None => unreachable!("it is of the web"),
    };
    if Url::parse(url.as_str()).is_ok_and(|url| url.port().is_none())
        && let Ok(other) = canonicalize::url(&other_scheme, trackers)
    {
        assert_eq!(canonicalize::key(&other), key, "{other} and {url}");
    }
}

fn assert_is_of_the_web(address: &str) {
    assert!(address.is_ascii() && !address.bytes().any(|b| b.is_ascii_control() || b == b' '));
    let url = Url::parse(address);
    let is_of_the_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    assert!(url.as_ref().is_ok_and(is_of_the_web), "{address}");
    assert_eq!(url.map(String::from).as_deref(), Ok(address), "it has another spelling");
}

/// Takes a text for the address of a feed, or for a search on Google News.
pub fn poll(text: &str) {
    match text.parse::<FeedUrl>() {
        Ok(url) => {
            assert_is_of_the_web(url.as_str());
            assert!(!url.as_str().contains(['#']), "{url}");
            assert_eq!(url.as_str().parse(), Ok(url), "{text:?} is another feed when read again");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
