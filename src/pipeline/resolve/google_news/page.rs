//! Reads what Google's page of an article says: a signature to ask with, the address, or a refusal.
//!
//! Nobody documents these pages. What is read here was seen in public captures of 2024 to 2026: one
//! element near the end of the page carries a time stamp and a signature as `data-n-a-ts` and
//! `data-n-a-sg`. Both must stand in one element, and for this very token if it is named.

use scraper::{ElementRef, Selector};
use url::Url;

use super::is_publisher;
use crate::http::{self, Response, header};
use crate::text::decode;
use crate::text::html::{self, refresh};

/// What the page of an article says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Page {
    /// What to ask for the address with.
    Signed(Signature),
    /// The address itself.
    Answer(String),
    /// It redirects to another page of Google News.
    Elsewhere(Url),
    /// Google has had enough of us; how that showed.
    Blocked(String),
    /// It says nothing of use; why.
    Silent(String),
}

/// A time stamp and a signature of one page; used once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    /// Unix seconds, in digits.
    pub(super) ts: String,
    pub(super) sg: String,
}

/// Reads an answer to a request for the page of `token`.
pub(super) fn read(response: &Response, token: &str) -> Page {
    if response.status == 429 {
        return Page::Blocked("it answers 429: too many requests".to_owned());
    }
    match http::redirect(response) {
        Ok(Some(next)) => return redirected(response, next),
        Ok(None) => {}
        Err(error) => return Page::Silent(error.to_string()),
    }
    if response.status != 200 {
        return Page::Silent(format!("it answers {}", response.status));
    }
    let page = decode::page(&response.body, response.header(header::CONTENT_TYPE));
    if page.contains("unusual traffic from your computer network") {
        return Page::Blocked("it speaks of unusual traffic".to_owned());
    }
    signed(&page, token)
        .or_else(|| answered(&page, &response.url))
        .unwrap_or_else(|| unsigned(&page))
}

fn redirected(response: &Response, next: Url) -> Page {
    let host = next.host_str().unwrap_or_default();
    if next.origin() == response.url.origin() {
        return Page::Elsewhere(next);
    }
    if is_publisher(&next) {
        return Page::Answer(next.into());
    }
    if host.starts_with("consent.") {
        return Page::Blocked("it asks for consent".to_owned());
    }
    if next.path().starts_with("/sorry") {
        return Page::Blocked("it redirects to its page for too many requests".to_owned());
    }
    Page::Silent(format!("it redirects to {host}"))
}

fn signed(page: &str, token: &str) -> Option<Page> {
    let page = html::parse_document(page).ok()?;
    let selector = selector("[data-n-a-ts][data-n-a-sg]");
    let found = page.select(&selector).find_map(|element| signature(element, token))?;
    Some(Page::Signed(found))
}

fn signature(element: ElementRef<'_>, token: &str) -> Option<Signature> {
    let ts = element.attr("data-n-a-ts")?.trim();
    let sg = element.attr("data-n-a-sg")?.trim();
    let is_ours = element.attr("data-n-a-id").is_none_or(|id| id == token);
    let is_time = !ts.is_empty() && ts.len() <= 15 && ts.bytes().all(|b| b.is_ascii_digit());
    let is_signature = !sg.is_empty() && sg.len() <= 256 && sg.bytes().all(super::is_token_byte);
    (is_ours && is_time && is_signature).then(|| Signature { ts: ts.to_owned(), sg: sg.to_owned() })
}

/// Pages of links that Google has resolved already carry the address, or refresh to it.
fn answered(page: &str, base: &Url) -> Option<Page> {
    let of_element = || {
        let page = html::parse_document(page).ok()?;
        let address = page.select(&selector("[data-n-au]")).next()?.attr("data-n-au")?.to_owned();
        Url::parse(&address).ok()
    };
    let address = of_element().or_else(|| refresh::meta_refresh(page, base))?;
    is_publisher(&address).then(|| Page::Answer(address.into()))
}

fn unsigned(page: &str) -> Page {
    if page.contains("https://consent.google.com/") {
        return Page::Blocked("it asks for consent".to_owned());
    }
    Page::Silent("its page carries no signature for this token".to_owned())
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("the selector is well-formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "CBMiMadeUpToken_-1";

    fn check(status: u16, location: Option<&str>, body: &str, expected: &Page) {
        let mut headers = header::HeaderMap::new();
        if let Some(location) = location {
            headers.insert(header::LOCATION, location.parse().unwrap());
        }
        let url = Url::parse("https://news.google.com/rss/articles/x?hl=en-US").unwrap();
        let body = body.as_bytes().to_owned();
        let response = Response { status, url, headers, body, moved_to: None };
        assert_eq!(&read(&response, TOKEN), expected, "{status} {location:?}");
    }

    fn signed(ts: &str, sg: &str) -> Page {
        Page::Signed(Signature { ts: ts.to_owned(), sg: sg.to_owned() })
    }

    fn silent() -> Page {
        Page::Silent("its page carries no signature for this token".to_owned())
    }

    #[test]
    fn a_signature_is_read_from_one_element_however_it_is_written() {
        let good = signed("1791400000", "AbMadeUp_-9");
        for element in [
            r#"<div data-n-a-id="CBMiMadeUpToken_-1" data-n-a-ts="1791400000" data-n-a-sg="AbMadeUp_-9">"#,
            "<c-wiz><div data-n-a-sg='AbMadeUp_-9' jsaction='x' data-n-a-ts='1791400000'></div></c-wiz>",
            "<div data-n-a-ts=1791400000 data-n-a-sg=\"AbMadeUp&#95;-9\">",
            "<!-- <i data-n-a-ts=\"1\" data-n-a-sg=\"decoy\"> --><script>'<i data-n-a-ts=\"1\" data-n-a-sg=\"decoy\">'</script>\
             <div data-n-a-ts=\"1791400000\" data-n-a-sg=\"AbMadeUp_-9\">",
            "<p data-n-a-id=\"CBMiAnother\" data-n-a-ts=\"5\" data-n-a-sg=\"x\">\
             <p data-n-a-id=\"CBMiMadeUpToken_-1\" data-n-a-ts=\"1791400000\" data-n-a-sg=\"AbMadeUp_-9\">",
        ] {
            check(200, None, &format!("<!doctype html><body>{element}</body>"), &good);
        }
    }

    #[test]
    fn what_is_no_signature_is_none() {
        for element in [
            "",
            "<div data-n-a-ts=\"1791400000\"></div><div data-n-a-sg=\"AbMadeUp\"></div>",
            "<div data-n-a-ts=\"soon\" data-n-a-sg=\"AbMadeUp\">",
            "<div data-n-a-ts=\"1791400000\" data-n-a-sg=\"a b\">",
            "<div data-n-a-id=\"CBMiAnother\" data-n-a-ts=\"1791400000\" data-n-a-sg=\"AbMadeUp\">",
        ] {
            check(200, None, element, &silent());
        }
    }

    #[test]
    fn the_address_itself_is_taken_where_the_page_has_it() {
        let answer = Page::Answer("https://paper.example/a?b=1&c=2".to_owned());
        check(200, None, r#"<a data-n-au="https://paper.example/a?b=1&amp;c=2">"#, &answer);
        let refresh =
            "<meta http-equiv=\"refresh\" content=\"0;url=https://paper.example/a?b=1&amp;c=2\">";
        check(200, None, refresh, &answer);
        check(302, Some("https://paper.example/a?b=1&c=2"), "", &answer);
        check(200, None, r#"<a data-n-au="https://news.google.com/home">"#, &silent());
        check(200, None, r#"<a data-n-au="javascript:alert(1)">"#, &silent());
    }

    #[test]
    fn a_block_is_told_from_a_detour() {
        let elsewhere = "https://news.google.com/rss/articles/x?hl=en-US&gl=US&ceid=US:en";
        check(302, Some(elsewhere), "", &Page::Elsewhere(Url::parse(elsewhere).unwrap()));
        for (status, location, body, how) in [
            (429, None, "", "it answers 429: too many requests"),
            (
                302,
                Some("https://www.google.com/sorry/index?continue=https://news.google.com/x&q=E"),
                "",
                "it redirects to its page for too many requests",
            ),
            (302, Some("https://consent.google.com/m?continue=x&gl=DE"), "", "it asks for consent"),
            (
                200,
                None,
                "<title>Before you continue</title><form action=\"https://consent.google.com/save\">",
                "it asks for consent",
            ),
            (
                200,
                None,
                "Our systems have detected unusual traffic from your computer network.",
                "it speaks of unusual traffic",
            ),
        ] {
            check(status, location, body, &Page::Blocked(how.to_owned()));
        }
        check(400, None, "", &Page::Silent("it answers 400".to_owned()));
        let accounts = "https://accounts.google.com/x";
        check(
            302,
            Some(accounts),
            "",
            &Page::Silent("it redirects to accounts.google.com".to_owned()),
        );
    }
}
