//! Holds the canonical spelling to its promises.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::config::links::LinksFile;

fn trackers() -> &'static Trackers {
    static BUILT_IN: LazyLock<Trackers> =
        LazyLock::new(|| Trackers::compile(&LinksFile::built_in()).unwrap());
    &BUILT_IN
}

fn check(link: &str, expected: &str) {
    assert_eq!(url(link, trackers()).unwrap().as_str(), expected, "{link}");
}

fn check_error(link: &str, expected: &CanonicalizeError) {
    assert_eq!(url(link, trackers()).as_ref(), Err(expected), "{link}");
}

#[test]
fn an_address_has_one_spelling() {
    check("HTTPS://WWW.Paper.Example/News/A", "https://www.paper.example/News/A");
    check("https://paper.example:443", "https://paper.example/");
    check("http://paper.example:443/", "http://paper.example:443/");
    check("https://paper.example./a", "https://paper.example/a");
    check("https://paper%2eexample/%7eme", "https://paper.example/~me");
    check("https://größe.example/ä", "https://xn--gre-6ka8i.example/%C3%A4");
    check("https://paper.example/a/./b/../c?", "https://paper.example/a/c");
    check("https://paper.example/a?b=1&amp;c=2", "https://paper.example/a?b=1&c=2");
    check("http://127.0.0.1:8081/a", "http://127.0.0.1:8081/a");
    check("http://localhost/a", "http://localhost/a");
}

#[test]
fn what_may_matter_to_a_server_stays() {
    for link in [
        "http://www.paper.example/A//b/?c=2&b=1&b=1",
        "https://paper.example/a.jpg?crop/1420x708/format/webp",
        "https://paper.example/a?1750,4",
        "https://paper.example/https://other.example/",
        "https://paper.example/a?x=%2F+%20&y",
        "https://paper.example/a;v=1",
    ] {
        check(link, link);
    }
}

#[test]
fn trackers_go_and_the_rest_keeps_its_bytes() {
    check("https://a.example/b?utm_source=x", "https://a.example/b");
    check(
        "https://a.example/b?c=J%20D&utm_source=x&1750,4&fbclid=y",
        "https://a.example/b?c=J%20D&1750,4",
    );
    check("https://a.example/b?&", "https://a.example/b");
    check(
        "https://a.example/b;jsessionid=0123456789ABCDEF0123456789ABCDEF.n1?c=1",
        "https://a.example/b?c=1",
    );
    check("https://a.example/b;jsessionid=guide", "https://a.example/b;jsessionid=guide");
}

#[test]
fn a_fragment_stays_only_where_it_is_a_route() {
    check("https://a.example/b#top", "https://a.example/b");
    check("https://a.example/b#xtor=RSS-1", "https://a.example/b");
    check("https://a.example/b#:~:text=word", "https://a.example/b");
    check("https://a.example/#!topic/1", "https://a.example/#!topic/1");
    check("https://a.example/#/b/1:~:text=word", "https://a.example/#/b/1");
}

#[test]
fn what_is_no_web_address_is_refused() {
    let nameless = CanonicalizeError::Malformed(ParseError::InvalidDomainCharacter);
    check_error(&format!("https://{}example/", "a.".repeat(200)), &nameless);
    check_error("https://a&b.example/", &nameless);
    check_error("mailto:a@paper.example", &CanonicalizeError::Scheme("mailto".to_owned()));
    check_error("javascript:alert(1)", &CanonicalizeError::Scheme("javascript".to_owned()));
    check_error("/a/b", &CanonicalizeError::Malformed(ParseError::RelativeUrlWithoutBase));
    check_error("", &CanonicalizeError::Malformed(ParseError::RelativeUrlWithoutBase));
    check_error("https://", &CanonicalizeError::Malformed(ParseError::EmptyHost));
    check_error("https://a|b/", &CanonicalizeError::Malformed(ParseError::IdnaError));
    check_error(
        &format!("https://a.example/{}", "a".repeat(MAX_URL_BYTES)),
        &CanonicalizeError::TooLong,
    );
    check_error(
        &format!("https://a.example/{}", "中".repeat(MAX_URL_BYTES / 4)),
        &CanonicalizeError::TooLong,
    );
}

/// Texts that look enough like addresses to reach every step.
fn linkish() -> impl Strategy<Value = String> {
    let host =
        "(www\\.|m\\.|WWW1\\.|)[a-c%.A]{1,8}(\\.example|\\.com|\\.co\\.uk|\\.|)(:80|:443|:8080|)";
    let path = "(/|//|\\.|\\.\\.|%2e|%2F|%%341|%4%31|%|a|B|~|%7e|ä|;jsessionid=0123456789abcdef|amp|\\.amp| |\\\\|\t){0,12}";
    let query = "(\\?|&|&amp;|&#38;|amp;|%61mp;|=|a|b=1|utm_x=1|ref=a\\.com|PHPSESSID=0123456789abcdefghijklmnop|%26|'|\n|ä){0,12}";
    let fragment = "(|#|#!a|#/b&amp;c|#/a:~:text=b|#top|#/%%341)";
    let link = format!("(https?|HTTP)://{host}{path}{query}{fragment}");
    proptest::string::string_regex(&link).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_canonical_url_is_its_own(link in prop_oneof![linkish(), "\\PC{0,60}"]) {
        let trackers = trackers();
        if let Ok(once) = url(&link, trackers) {
            let twice = url(once.as_str(), trackers);
            prop_assert_eq!(twice.as_ref(), Ok(&once));
            prop_assert_eq!(key(&twice.unwrap()), key(&once));
        }
    }

    #[test]
    fn a_declaration_is_accepted_only_in_canonical_form(page in linkish(), says in prop_oneof![linkish(), "\\PC{0,40}"]) {
        let trackers = trackers();
        if let Ok(page) = url(&page, trackers)
            && let Some(found) = declared(&page, &says, trackers)
        {
            prop_assert_eq!(url(found.as_str(), trackers), Ok(found));
        }
    }
}
