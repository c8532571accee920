//! Tells which registrable domain a host belongs to, and which rows of a table speak of a host.

mod host_table;

use url::Url;

pub use host_table::{BadHostPattern, HostTable};

/// The longest host name of the domain name system, in characters (RFC 1035 §2.3.4).
pub const MAX_HOST_CHARS: usize = 253;

/// The domain a person can register: the public suffix and one label more (`bbc.co.uk`).
///
/// `None` for a bare public suffix (`co.uk`, `blogspot.com`), a name without dots, and an IP
/// address. Suffixes nobody lists count as one label, as the Public Suffix List says.
#[must_use]
pub fn registrable_domain(host: &str) -> Option<&str> {
    if !is_dotted_name(host) {
        return None;
    }
    psl::domain_str(host)
}

/// What stands before the host's public suffix (`news.google` of `news.google.co.uk`).
///
/// Only suffixes that a registry runs are meant: `google.blogspot.com` is not Google's.
#[must_use]
pub fn before_public_suffix(host: &str) -> Option<&str> {
    if !is_dotted_name(host) {
        return None;
    }
    let suffix = psl::suffix(host.as_bytes())?;
    if suffix.typ() != Some(psl::Type::Icann) {
        return None;
    }
    host.get(..host.len().checked_sub(suffix.as_bytes().len())?)?.strip_suffix('.')
}

/// Whether two hosts belong to one publisher, as far as their names tell.
#[must_use]
pub fn same_publisher(a: &str, b: &str) -> bool {
    match (registrable_domain(a), registrable_domain(b)) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => a.eq_ignore_ascii_case(b),
    }
}

/// The host of an address, as the URL Standard spells it; `None` where there is none.
#[must_use]
pub fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// Whether a host is this one, or lies beneath it as `news.example.org` does beneath `example.org`.
#[must_use]
pub fn is_within(host: &str, above: &str) -> bool {
    host.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A name with a dot inside that is no IP address. The URL Standard calls every host a number
/// whose last label is one, so no such host reaches us except as an address.
fn is_dotted_name(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit_once('.').map(|(_, last)| last);
    last.is_some_and(|last| !last.bytes().all(|b| b.is_ascii_digit())) && !host.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, domain: Option<&str>, before: Option<&str>) {
        assert_eq!(registrable_domain(host), domain, "{host}");
        assert_eq!(before_public_suffix(host), before, "{host}");
    }

    #[test]
    fn a_host_belongs_to_the_domain_that_was_registered() {
        check("www.bbc.co.uk", Some("bbc.co.uk"), Some("www.bbc"));
        check("example.com", Some("example.com"), Some("example"));
        check("a.blogspot.com", Some("a.blogspot.com"), None);
        check("publisher.example", Some("publisher.example"), None);
        check("co.uk", None, None);
        check("localhost", None, None);
        check("127.0.0.1", None, None);
        check("[::1]", None, None);
        check("", None, None);
        check(".", None, None);
    }

    #[test]
    fn a_host_lies_within_itself_and_what_it_hangs_beneath() {
        for (host, above, within) in [
            ("example.org", "example.org", true),
            ("news.example.org", "example.org", true),
            ("example.org", "news.example.org", false),
            ("myexample.org", "example.org", false),
        ] {
            assert_eq!(is_within(host, above), within, "{host} in {above}");
        }
    }

    #[test]
    fn two_hosts_are_one_publisher_when_their_domain_is_one() {
        for (a, b, same) in [
            ("www.example.com", "amp.example.com", true),
            ("WWW.Example.com", "example.COM", true),
            ("a.blogspot.com", "b.blogspot.com", false),
            ("one.co.uk", "two.co.uk", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("10.0.0.1", "127.0.0.1", false),
        ] {
            assert_eq!(same_publisher(a, b), same, "{a} {b}");
        }
    }
}
