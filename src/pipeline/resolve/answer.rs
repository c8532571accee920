//! Reads in a redirector's answer where its link leads.

use scraper::Selector;
use url::Url;

use super::unwrap::Redirector;
use crate::config::links::Answer;
use crate::http::{self, Response};
use crate::text::decode;
use crate::text::html::{self, refresh};

/// The header in which TinyURL names the target of a link it sends through an affiliate.
const TINYURL_TARGET: http::header::HeaderName =
    http::header::HeaderName::from_static("x-tinyurl-target");

/// The target an answer names: its redirect, else one of the places this redirector is known to
/// use; else why it names none.
pub(super) fn target(response: &Response, redirector: &Redirector) -> Result<Url, String> {
    let header_first = redirector.answers.contains(&Answer::TinyurlTarget);
    if header_first && let Some(target) = in_header(response) {
        return Ok(target);
    }
    if let Some(target) = http::redirect(response).map_err(|error| error.to_string())? {
        return Ok(target);
    }
    if response.status != 200 {
        return Err(format!("it answers {}", response.status));
    }
    let page = decode::page(&response.body, response.header(http::header::CONTENT_TYPE));
    redirector
        .answers
        .iter()
        .find_map(|place| in_page(*place, &page, &response.url))
        .filter(|target| *target != response.url)
        .ok_or_else(|| "its page names no target".to_owned())
}

fn in_header(response: &Response) -> Option<Url> {
    absolute(response.header(TINYURL_TARGET)?, &response.url)
}

fn in_page(place: Answer, page: &str, base: &Url) -> Option<Url> {
    match place {
        Answer::TinyurlTarget => None,
        Answer::MetaRefresh => refresh::meta_refresh(page, base),
        Answer::LocationReplace => absolute(&argument_of("location.replace(", page)?, base),
        Answer::RedirectCall => absolute(&argument_of("redirectToUrlAfterTimeout(", page)?, base),
        Answer::ExternalClick => external_click(page, base),
    }
}

/// The string literal that a script passes first to a function.
fn argument_of(call: &str, page: &str) -> Option<String> {
    page.split(call).skip(1).find_map(|rest| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let mut literal = String::new();
        let mut characters = rest.chars().skip(1);
        loop {
            match characters.next()? {
                '\\' => literal.push(characters.next()?),
                end if end == quote => return Some(literal),
                '\n' => return None,
                other => literal.push(other),
            }
        }
    })
}

fn external_click(page: &str, base: &Url) -> Option<Url> {
    let selector = Selector::parse("a[data-tracking-control-name=external_url_click][href]")
        .expect("the selector is well-formed");
    let page = html::parse_document(page).ok()?;
    let href = page.select(&selector).next()?.attr("href")?.to_owned();
    absolute(&href, base)
}

fn absolute(target: &str, base: &Url) -> Option<Url> {
    base.join(target.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_read() {
        let base = Url::parse("https://short.example/x").unwrap();
        for (place, page, expected) in [
            (
                Answer::MetaRefresh,
                r#"<meta http-equiv="refresh" content="0;URL=https://paper.example/a?b=1&amp;c=2">"#,
                Some("https://paper.example/a?b=1&c=2"),
            ),
            (
                Answer::LocationReplace,
                r#"<script>location.replace("https:\/\/paper.example\/a")</script>"#,
                Some("https://paper.example/a"),
            ),
            (Answer::LocationReplace, "location.replace(target)", None),
            (
                Answer::RedirectCall,
                "function redirectToUrlAfterTimeout(u, t) {} redirectToUrlAfterTimeout(\"https://paper.example/n\", 0)",
                Some("https://paper.example/n"),
            ),
            (
                Answer::ExternalClick,
                r#"<a href="/help">?</a><a data-tracking-control-name="external_url_click" href="https://paper.example/l">go</a>"#,
                Some("https://paper.example/l"),
            ),
            (Answer::LocationReplace, r#"location.replace("javascript:alert(1)")"#, None),
            (Answer::LocationReplace, "location.replace(\"unfinished", None),
        ] {
            let found = in_page(place, page, &base);
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{place:?} in {page}");
        }
    }
}
