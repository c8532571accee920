//! Decides whether a decoded text is a target worth leaving the wrapper for.

use std::net::Ipv4Addr;

use url::{Host, Url};

use super::{MAX_LINK_BYTES, decode};

/// Names that are never public: RFC 6761, RFC 6762, and the ICANN's reservation of `internal`.
const PRIVATE_SUFFIXES: [&str; 4] = ["localhost", "local", "internal", "lan"];

/// Reads a decoded text as an absolute http(s) address on a public host.
///
/// `None` for everything else: another scheme, a host without a dot, an IP address, a user name
/// before the host, a control character, or more than [`MAX_LINK_BYTES`].
pub(super) fn read(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.len() > MAX_LINK_BYTES || text.chars().any(char::is_control) {
        return None;
    }
    // Some senders encode twice; a scheme that is still encoded cannot be meant.
    let twice = if has_encoded_scheme(text) { Some(decode::percent(text)) } else { None };
    let url = Url::parse(twice.as_deref().unwrap_or(text)).ok()?;
    let public = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.host().is_some_and(|host| is_public(&host));
    public.then_some(url)
}

/// Whether a text begins with a scheme of the web, encoded or not.
pub(super) fn has_scheme(text: &str) -> bool {
    ["http:", "https:", "http%3a", "https%3a"].iter().any(|scheme| starts_with(text, scheme))
}

fn has_encoded_scheme(text: &str) -> bool {
    ["http%3a", "https%3a"].iter().any(|scheme| starts_with(text, scheme))
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn is_public(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else {
        return false;
    };
    let name = name.trim_end_matches('.');
    let Some((_, last)) = name.rsplit_once('.') else {
        return false;
    };
    !PRIVATE_SUFFIXES.contains(&last) && name.parse::<Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(read(text).as_ref().map(Url::as_str), expected, "{text}");
    }

    #[test]
    fn only_an_address_on_a_public_host_is_a_target() {
        check(" https://a.example/b ", Some("https://a.example/b"));
        check("HTTP://A.example", Some("http://a.example/"));
        check("https%3A%2F%2Fa.example%2Fb%2520c", Some("https://a.example/b%20c"));
        check("javascript:alert(1)", None);
        check("ftp://a.example/", None);
        check("/a/b", None);
        check("http://localhost/", None);
        check("http://printer.local/", None);
        check("http://127.1/", None);
        check("http://[::1]/", None);
        check("http://0x7f000001/", None);
        check("https://user:secret@a.example/", None);
        check("https://a.example@evil.example/", None);
        check("https://a.example/\r\nb", None);
        check(&format!("https://a.example/{}", "a".repeat(MAX_LINK_BYTES)), None);
    }
}
