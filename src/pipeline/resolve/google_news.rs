//! Reads what a Google News link says of its article, without asking Google.
//!
//! The last path segment of an article link is a token: base64url of a protobuf message whose
//! schema is not published. Its fields, as read off public feeds from 2018 to 2026:
//!
//! | field | wire type | meaning |
//! |---|---|---|
//! | 1 | varint | the kind: 2 old id, 5 in `?uo=`, 19 article, 32 video |
//! | 4 | bytes | the address, an opaque handle, a `YouTube` id, or a 16-byte id |
//! | 26 | bytes | the AMP address or its handle; often empty or absent |
//!
//! Until July 2024 field 4 of an article was its address. Since then it is a handle that only
//! Google can turn into one; it is deterministic, so equal handles mean equal addresses and the
//! handle, not the token, is the key of any cache. Field 26 is never needed.

pub mod ask;
mod page;
mod rpc;

use url::Url;

use crate::http::Service;
use crate::model::Pending;
use crate::text::domain;

use super::unwrap::decode;

/// The longest token that is looked into, in characters.
const MAX_TOKEN_CHARS: usize = 8192;

/// Shorter strings in the handle's place are no handle: five bytes of key id, sixteen of
/// authentication and one of address make thirty characters.
const MIN_HANDLE_CHARS: usize = 30;

const KIND_UO: u64 = 5;
const KIND_ARTICLE: u64 = 19;
const KIND_VIDEO: u64 = 32;

/// What a Google News article link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It carries the address.
    Target {
        /// The address, not yet checked for being a public one.
        address: String,
        /// The rule that found it.
        rule: &'static str,
    },
    /// Only Google can tell.
    Pending(Pending),
}

/// The token of an article link; `None` for feeds, topics, searches and everything elsewhere.
#[must_use]
pub fn token(url: &Url) -> Option<&str> {
    if url.host_str() != Some("news.google.com") || url.port().is_some() {
        return None;
    }
    let mut segments = url.path().rsplit('/').skip_while(|segment| segment.is_empty());
    let token = segments.next()?;
    let is_article = matches!(segments.next(), Some("articles" | "read"));
    let is_token = token.len() <= MAX_TOKEN_CHARS && token.bytes().all(is_token_byte);
    (is_article && is_token).then_some(token)
}

/// Google News as the client asks it; `base` is where it lives.
#[must_use]
pub fn service(base: Url) -> Service {
    Service {
        base,
        post_path: "/_/DotsSplashUi/data/batchexecute",
        // "No" to everything that consent is asked for; without it, readers in the European Union
        // get the question instead of the page.
        cookie: "SOCS=CAI",
    }
}

/// How many bytes the address behind a handle has; `None` if it is no handle as we know them.
///
/// A handle is base64url of five bytes that name a key, sixteen of authentication, and as many of
/// cipher text as the address has: the layout of AES-SIV with a Tink prefix, seen in every handle
/// whose address became known.
#[must_use]
pub fn address_bytes(handle: &str) -> Option<usize> {
    decode::base64(handle)?.len().checked_sub(5 + 16).filter(|bytes| *bytes > 0)
}

/// Whether an address can be a publisher's: on the web, without a login, and not Google's own.
fn is_publisher(url: &Url) -> bool {
    let is_google = |host: &str| {
        domain::registrable_domain(host).is_some_and(|domain| domain.starts_with("google."))
    };
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.host_str().is_some_and(|host| !is_google(host))
}

/// Reads an article link; `None` when it is none, or says nothing.
#[must_use]
pub fn read(url: &Url) -> Option<Reading> {
    let token = token(url)?;
    read_token(token).or_else(|| {
        let (_, uo) = url.query_pairs().find(|(name, _)| name == "uo")?;
        let message = Message::decode(&uo)?;
        let address = message.address(KIND_UO)?;
        Some(Reading::Target { address, rule: "google-news-uo" })
    })
}

fn read_token(token: &str) -> Option<Reading> {
    let message = Message::decode(token)?;
    if let Some(address) = message.address(KIND_ARTICLE) {
        return Some(Reading::Target { address, rule: "google-news" });
    }
    if let Some(id) = message.video() {
        let address = format!("https://www.youtube.com/watch?v={id}");
        return Some(Reading::Target { address, rule: "google-news-video" });
    }
    let handle = message.handle()?;
    Some(Reading::Pending(Pending { handle }))
}

/// The two fields that matter of a token's message.
struct Message {
    kind: u64,
    text: String,
}

impl Message {
    fn decode(token: &str) -> Option<Self> {
        let bytes = decode::base64(token)?;
        let mut wire = Wire(&bytes);
        let (mut kind, mut text) = (None, None);
        // What comes after the two fields may be cut or unknown; it is not ours to judge.
        while kind.is_none() || text.is_none() {
            match wire.field()? {
                (1, Value::Varint(value)) => kind = Some(value),
                (4, Value::Bytes(value)) => text = Some(String::from_utf8(value.to_vec()).ok()?),
                _ => {}
            }
        }
        Some(Self { kind: kind?, text: text? })
    }

    /// The address of a message of this kind. Links that lead back to Google lead nowhere.
    fn address(&self, kind: u64) -> Option<String> {
        if self.kind != kind || self.text.chars().any(char::is_control) {
            return None;
        }
        let url = Url::parse(&self.text).ok()?;
        let domain = domain::registrable_domain(url.host_str()?)?;
        let is_publisher =
            matches!(url.scheme(), "http" | "https") && !domain.starts_with("google.");
        is_publisher.then(|| self.text.clone())
    }

    fn video(&self) -> Option<&str> {
        let is_id = self.text.len() == 11 && self.text.bytes().all(is_token_byte);
        (self.kind == KIND_VIDEO && is_id).then_some(self.text.as_str())
    }

    fn handle(self) -> Option<String> {
        let is_handle = self.text.len() >= MIN_HANDLE_CHARS && self.text.bytes().all(is_token_byte);
        (self.kind == KIND_ARTICLE && is_handle).then_some(self.text)
    }
}

/// The unread bytes of a protobuf message.
struct Wire<'a>(&'a [u8]);

enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Other,
}

impl<'a> Wire<'a> {
    /// The next field's number and value; `None` at the end or when the bytes are no protobuf.
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Other)?,
            _ => return None,
        };
        Some((tag >> 3, value))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        Some(taken)
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=')
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    const HANDLE: &str = "AU_yqLMadeUpForThisTestOnly0123456789-_abc";

    /// A token as Google writes it: kind, text, and what follows.
    fn minted(kind: u8, text: &[u8], trailer: &[u8]) -> String {
        let mut bytes = vec![0x08, kind, 0x22];
        let mut length = text.len();
        while length >= 0x80 {
            bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).unwrap());
        bytes.extend_from_slice(text);
        bytes.extend_from_slice(trailer);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn check(link: &str, expected: Option<(&str, &str)>) {
        let found = read(&Url::parse(link).unwrap());
        let found = found.as_ref().map(|reading| match reading {
            Reading::Target { address, rule } => (*rule, address.as_str()),
            Reading::Pending(pending) => ("pending", pending.handle.as_str()),
        });
        assert_eq!(found, expected, "{link}");
    }

    #[test]
    fn a_token_with_an_address_gives_it() {
        let address = "https://paper.example/2022/07/story";
        let long = format!("{address}/{}", "long-headline-".repeat(20));
        let unicode = "https://paper.example/haber/gündem";
        let article =
            |path: &str, token: &str| format!("https://news.google.com{path}{token}?oc=5");
        for path in ["/rss/articles/", "/__i/rss/rd/articles/", "/articles/", "/read/"] {
            let token = minted(19, address.as_bytes(), &[0xd2, 0x01, 0x00]);
            check(&article(path, &token), Some(("google-news", address)));
        }
        let with_amp = minted(19, address.as_bytes(), b"\xd2\x01\x17https://paper.example/a");
        check(&article("/articles/", &with_amp), Some(("google-news", address)));
        check(
            &article("/articles/", &minted(19, long.as_bytes(), &[])),
            Some(("google-news", &long)),
        );
        check(
            &article("/articles/", &minted(19, unicode.as_bytes(), &[])),
            Some(("google-news", unicode)),
        );
        let padded = URL_SAFE.encode(b"\x08\x13\x22\x16https://paper.example/");
        check(&article("/articles/", &padded), Some(("google-news", "https://paper.example/")));
    }

    #[test]
    fn a_video_token_gives_the_video() {
        let token = minted(32, b"a-made_upID", &[0x98, 0x01, 0x01]);
        let link = format!("https://news.google.com/rss/articles/{token}");
        check(&link, Some(("google-news-video", "https://www.youtube.com/watch?v=a-made_upID")));
        let short = minted(32, b"short", &[]);
        check(&format!("https://news.google.com/rss/articles/{short}"), None);
    }

    #[test]
    fn an_old_token_is_read_from_the_uo_parameter() {
        let address = "https://paper.example/old";
        let uo = minted(5, address.as_bytes(), &[0xd2, 0x01, 0x00]);
        let old = minted(2, &[7; 16], &[]);
        check(
            &format!("https://news.google.com/articles/{old}?uo={uo}&hl=en"),
            Some(("google-news-uo", address)),
        );
        check(&format!("https://news.google.com/articles/{old}?hl=en"), None);
    }

    #[test]
    fn an_opaque_token_is_pending_under_its_handle() {
        for (path, trailer) in [("rss/articles", &b""[..]), ("read", b"\xd2\x01\x00")] {
            let token = minted(19, HANDLE.as_bytes(), trailer);
            check(
                &format!("https://news.google.com/{path}/{token}?oc=5"),
                Some(("pending", HANDLE)),
            );
        }
    }

    #[test]
    fn what_is_no_article_says_nothing() {
        let back = minted(19, b"https://news.google.com/foo", &[]);
        let script = minted(19, b"javascript:alert(1)", &[]);
        let broken = minted(19, b"https://paper.example/\r\nx", &[]);
        let cut = URL_SAFE_NO_PAD.encode([0x08, 0x13, 0x22, 0x7f, b'h']);
        for token in [&back, &script, &broken, &cut, "", "AAAA", "not-valid-base64"] {
            check(&format!("https://news.google.com/articles/{token}"), None);
        }
        let good = minted(19, b"https://paper.example/a", &[]);
        check(&format!("https://news.google.com/topics/{good}"), None);
        check(&format!("https://news.example/articles/{good}"), None);
        check(&format!("https://news.google.com:8080/articles/{good}"), None);
        check("https://news.google.com/foryou", None);
    }

    proptest! {
        #[test]
        fn any_token_is_read_without_a_panic(token in "[A-Za-z0-9_=-]{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            for token in [token, URL_SAFE_NO_PAD.encode(bytes)] {
                let url = Url::parse(&format!("https://news.google.com/articles/{token}")).unwrap();
                if let Some(Reading::Target { address, .. }) = read(&url) {
                    prop_assert!(!address.chars().any(char::is_control));
                }
            }
        }
    }
}
