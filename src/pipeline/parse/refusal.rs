//! Tells what a document is that is no feed, so that its owner knows what to do.

use scraper::Html;
use url::Url;

use super::names::Space;
use super::tree::Tree;
use super::{ParseError, advertised};
use crate::text::html;

/// The most feeds of a page that an error names.
const ADVERTISED_NAMED: usize = 10;

/// How many elements are looked at to tell whether a document is a page.
const ELEMENTS_TO_PAGE: usize = 64;

/// How much of a page is searched for the words of a guard, in bytes; they stand in its head.
const GUARD_WITHIN: usize = 65_536;

/// The error for a document without a feed.
pub(super) fn of(text: &str, tree: &Tree<'_>, base: Option<&Url>) -> ParseError {
    if !is_page(text, tree) {
        return ParseError::NotAFeed;
    }
    let page = html::parse_document(text).ok();
    let feeds = page.as_ref().map(|page| advertised::on_page(page, base)).unwrap_or_default();
    let advertised: Vec<String> =
        feeds.into_iter().take(ADVERTISED_NAMED).map(|feed| feed.url.to_string()).collect();
    let asks_password = || page.as_ref().is_some_and(asks_password);
    if advertised.is_empty() && (is_challenge(text) || asks_password()) {
        return ParseError::Guarded;
    }
    ParseError::HtmlPage { advertised }
}

fn is_page(text: &str, tree: &Tree<'_>) -> bool {
    let begins = text.get(..14).is_some_and(|head| head.eq_ignore_ascii_case("<!doctype html"));
    begins
        || tree.elements().take(ELEMENTS_TO_PAGE).any(|element| {
            matches!(element.key(), (Space::Feed | Space::Xhtml, "html" | "head" | "body"))
        })
}

fn asks_password(page: &Html) -> bool {
    let mut elements = page.tree.nodes().filter_map(|node| node.value().as_element());
    elements.any(|element| {
        element.name() == "input"
            && element.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("password"))
    })
}

/// Whether a page is the work of a bot check: the scripts and forms of those in wide use.
fn is_challenge(text: &str) -> bool {
    let head = text.get(..text.floor_char_boundary(GUARD_WITHIN)).unwrap_or(text);
    let head = head.to_ascii_lowercase();
    CHALLENGES.iter().any(|mark| head.contains(mark))
}

const CHALLENGES: [&str; 10] = [
    "<title>just a moment...",
    "<title>attention required!",
    "/cdn-cgi/challenge-platform/",
    "cf-browser-verification",
    "_incapsula_resource",
    "captcha-delivery.com",
    "id=\"px-captcha\"",
    "awswafintegration",
    "sucuri_cloudproxy",
    "anubis_challenge",
];

#[cfg(test)]
mod tests {
    use super::super::{Limits, repair};
    use super::*;

    fn check(text: &str, expected: &ParseError) {
        let base = Url::parse("https://gazette.example/feeds/all").ok();
        let tree = repair::tree(text, &Limits::default());
        assert_eq!(&of(text, &tree, base.as_ref()), expected, "{text}");
    }

    fn page(advertised: &[&str]) -> ParseError {
        ParseError::HtmlPage { advertised: advertised.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn a_page_names_the_feeds_it_advertises() {
        let links = "<!DOCTYPE html><html><head>\
            <link rel='alternate stylesheet' href=/s.css type=text/css>\
            <link rel=alternate type=application/rss+xml href=/rss><link rel=ALTERNATE type='application/atom+xml; x' href=atom>\
            <link rel=alternate type=application/rss+xml href=/rss><link rel=alternate hreflang=de href=/de></head>";
        let expected = page(&["https://gazette.example/rss", "https://gazette.example/feeds/atom"]);
        check(links, &expected);
        assert!(expected.to_string().contains("https://gazette.example/feeds/atom"));
        // A page may ask readers to log in beside its articles.
        check(&format!("{links}<input type=password>"), &expected);
        check("<html><body>x", &page(&[]));
        check("<!doctype html><p>x", &page(&[]));
    }

    #[test]
    fn a_guard_before_the_feed_is_told_from_a_page() {
        check("<html><body><form><INPUT type='Password'></form>", &ParseError::Guarded);
        check("<html><head><title>Just a moment...</title>", &ParseError::Guarded);
    }

    #[test]
    fn anything_else_is_no_feed() {
        for text in ["%PDF-1.7", "<urlset><url/></urlset>", "{}", "plain words"] {
            check(text, &ParseError::NotAFeed);
        }
    }
}
