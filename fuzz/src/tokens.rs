//! Google's tokens: what one carries is what was put into it, and any bytes may be taken for one.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ingest::pipeline::resolve::google_news::{self, Reading};
use url::Url;

use super::links::{follow, poll};

pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for link in [
        format!("https://news.google.com/rss/articles/{text}"),
        format!("https://news.google.com/articles/CAIiEAABAgMEBQYHCAkKCwwNDg8?uo={text}"),
        format!("https://news.google.com/articles/{}", URL_SAFE.encode(bytes)),
    ] {
        follow(&link);
        if let Ok(url) = Url::parse(&link) {
            assert_is_sound(google_news::read(&url).as_ref());
            assert!(google_news::token(&url).is_none_or(|token| token.len() <= link.len()));
        }
    }
    assert!(google_news::address_bytes(&text).is_none_or(|length| length <= text.len()));
    carry(bytes);
    search(&text);
}

fn assert_is_sound(reading: Option<&Reading>) {
    match reading {
        Some(Reading::Target { address, rule }) => {
            let url = Url::parse(address).expect("an address is one");
            assert!(matches!(url.scheme(), "http" | "https") && url.has_host(), "{address:?}");
            assert!(!address.chars().any(char::is_control), "{address:?}");
            assert!(!rule.is_empty());
        }
        Some(Reading::Pending(pending)) => {
            assert!(pending.handle.len() >= 30 && pending.handle.is_ascii());
        }
        None => {}
    }
}

/// Writes a token as Google does, and reads it. The first byte says what follows the text.
fn carry(bytes: &[u8]) {
    let Some((trailer, text)) = bytes.split_first() else { return };
    for kind in [19, 32] {
        let token = URL_SAFE_NO_PAD.encode(message(kind, text, &[*trailer, 1, 0]));
        let Ok(url) = Url::parse(&format!("https://news.google.com/read/{token}?hl=en")) else {
            unreachable!("a token is no more than letters")
        };
        let reading = google_news::read(&url);
        assert_is_sound(reading.as_ref());
        match reading {
            Some(Reading::Target { address, rule: "google-news" }) => {
                assert_eq!((kind, address.as_bytes()), (19, text));
            }
            Some(Reading::Target { address, .. }) => {
                assert_eq!(kind, 32);
                assert!(address.as_bytes().ends_with(text), "{address}");
            }
            Some(Reading::Pending(pending)) => {
                assert_eq!((kind, pending.handle.as_bytes()), (19, text));
            }
            None => {}
        }
        let is_address = |text: &str| text.starts_with("https://paper.example/");
        if kind == 19
            && token.len() <= 8192
            && str::from_utf8(text)
                .is_ok_and(|text| is_address(text) && !text.contains(char::is_control))
        {
            assert!(google_news::read(&url).is_some(), "a publisher's address is lost: {url}");
        }
    }
}

/// The message of a token: its kind, a text, and what follows.
fn message(kind: u8, text: &[u8], trailer: &[u8]) -> Vec<u8> {
    let mut message = vec![0x08, kind, 0x22];
    let mut length = text.len();
    while length >= 0x80 {
        message.push(u8::try_from(length & 0x7f).expect("seven bits are a byte") | 0x80);
        length >>= 7;
    }
    message.push(u8::try_from(length).expect("seven bits are a byte"));
    message.extend_from_slice(text);
    message.extend_from_slice(trailer);
    message
}

/// A search is one address of Google's, whatever is searched for.
fn search(text: &str) {
    let search = format!("google-news:{text}");
    poll(&search);
    if let Ok(feed) = search.parse::<ingest::model::FeedUrl>() {
        let url = Url::parse(feed.as_str()).expect("a feed's address is one");
        assert_eq!((url.host_str(), url.path()), (Some("news.google.com"), "/rss/search"));
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["q", "hl", "gl", "ceid"], "{url}");
    }
}
