//! Finds the article in a page: its text line by line, and what the page says of it.
//!
//! The `trafilatura` crate finds the main part. Its own text has no paragraphs, so its HTML is
//! turned into lines here; what it leaves of the page around the article is taken off by
//! `trimming`. Where it finds nothing, the page's `<article>` or `<main>` is taken as it stands.
//! Its date is not used: it gives one to nearly every page, mostly a wrong one.

mod facts;
mod trimming;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use trafilatura::{ExtractResult, ExtractionFocus, HtmlDateMode, Options};
use url::Url;

use crate::model::Removed;
use crate::text::html::{self, TooComplex};

/// An article's page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The article's title.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The language tag the page declares.
    pub language: Option<String>,
    /// When it was published, if the page says so to machines.
    pub published: Option<DateTime<Utc>>,
    /// The address the page gives as its own, absolute, if it gives exactly one.
    pub canonical: Option<String>,
    /// The article's text, one paragraph a line; empty if none was found.
    pub lines: Vec<String>,
    /// The lines that belong to the page rather than to the article.
    pub removed: Vec<Removed>,
}

impl Page {
    /// The article's text: paragraphs separated by one newline; `None` if none was found.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        (!self.lines.is_empty()).then(|| self.lines.join("\n"))
    }
}

/// Why a page was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// The page would cost too much to parse.
    #[error("the page is not read, because {0}")]
    TooComplex(#[from] TooComplex),
    /// The extractor failed on this very page.
    #[error("the page made its reader fail; please report its address")]
    Panicked,
}

/// Reads a page that came from `url`.
///
/// A page without any text is no error: its [`Page::lines`] are empty.
pub fn page(html: &str, url: &str) -> Result<Page, ExtractError> {
    let tree = html::parse_document(html)?;
    let url = Url::parse(url).ok();
    let facts = facts::of(&tree, url.as_ref());
    let found = extracted(html, url)?;
    let mut lines = match &found {
        Some(found) => html::lines(&html::parse_document(&found.content_html)?),
        None => Vec::new(),
    };
    if lines.is_empty() {
        lines = main_lines(&tree);
    }
    let metadata = found.map(|found| found.metadata).unwrap_or_default();
    let title = present(&metadata.title).or_else(|| facts.titles.first().cloned());
    let author = present(&metadata.author);
    let mut titles = facts.titles;
    titles.extend(title.clone());
    let (lines, removed) = trimming::article(lines, &titles, author.as_deref());
    Ok(Page {
        title,
        author,
        language: facts.language.or_else(|| present(&metadata.language)),
        published: facts.published,
        canonical: facts.canonical,
        lines,
        removed,
    })
}

/// What trafilatura finds; `None` if that is nothing.
fn extracted(html: &str, url: Option<Url>) -> Result<Option<ExtractResult>, ExtractError> {
    let mut options = Options::default()
        .with_fallback(true)
        .with_exclude_comments(true)
        .with_focus(ExtractionFocus::Balanced)
        .with_html_date_mode(HtmlDateMode::Disabled);
    options.original_url = url;
    // Everything it works on is made and dropped inside, so a panic leaves nothing half-changed.
    let found = catch_unwind(AssertUnwindSafe(|| trafilatura::extract(html, &options)));
    found.map(Result::ok).map_err(|_| ExtractError::Panicked)
}

/// The lines of the `<article>` or `<main>` with the most text.
fn main_lines(tree: &Html) -> Vec<String> {
    let elements = tree.tree.nodes().filter_map(ElementRef::wrap);
    elements
        .filter(|element| matches!(element.value().name(), "article" | "main"))
        .map(html::lines_of)
        .max_by_key(|lines| lines.iter().map(String::len).sum::<usize>())
        .unwrap_or_default()
}

/// A text on one line, if there is any.
fn present(text: &str) -> Option<String> {
    let text = html::plain_text(text);
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::thread;

    use super::*;

    const PARAGRAPHS: [&str; 4] = [
        "A heron landed on the town hall of Eastbridge on Monday morning and would not leave, \
         which brought the traffic in the market square to a halt for most of the day.",
        "Three ladders were brought by the fire brigade, and none of them was long enough to reach \
         the bird, so that the crowd began to give advice, most of it unusable.",
        "The mayor said that the bird had as much right to be there as anyone, and that the council \
         would meet in the library until it had made up its mind about the matter.",
        "When the evening came it had gone, and the ladders were carried back to the fire station, \
         where they will be replaced by longer ones before the spring, the brigade said.",
    ];

    fn news_page(extra: &str) -> String {
        let mut page = "<!DOCTYPE html><html lang=en><head><title>Heron lands | Gazette</title>\
            <link rel=canonical href=/heron></head><body><nav><a href=/>Home</a></nav>\
            <article><h1>Heron lands</h1>"
            .to_owned();
        for paragraph in PARAGRAPHS {
            let _infallible = write!(page, "<p>{paragraph}</p>");
        }
        page + "</article>" + extra + "<footer>Contact the Gazette</footer></body></html>"
    }

    fn read(html: &str) -> Page {
        page(html, "https://gazette.example/a").unwrap()
    }

    #[test]
    fn the_article_comes_without_the_page() {
        let page = read(&news_page(""));
        assert_eq!(page.body().unwrap(), PARAGRAPHS.join("\n"));
        assert_eq!(page.canonical.as_deref(), Some("https://gazette.example/heron"));
        assert_eq!(page.language.as_deref(), Some("en"));
        assert_eq!(page.published, None);
        assert!(page.title.unwrap().contains("Heron lands"));
    }

    #[test]
    fn a_page_without_text_has_no_body() {
        for html in ["", "   ", "<html></html>", "<script>var a = '<p>x</p>'</script>"] {
            assert_eq!(read(html).body(), None, "{html}");
        }
    }

    #[test]
    fn a_page_whose_url_is_no_url_is_read_all_the_same() {
        let page = page(&news_page(""), "not a url").unwrap();
        assert_eq!((page.lines.len(), page.canonical), (PARAGRAPHS.len(), None));
    }

    #[test]
    fn the_same_page_gives_the_same_lines() {
        assert_eq!(read(&news_page("")), read(&news_page("")));
    }

    /// Reads a page on a stack of 2 MiB, the size of a worker's; an overflow ends the test run.
    fn check_hostile(html: String, readable: bool) {
        let start = html.chars().take(40).collect::<String>();
        let reader = thread::Builder::new().stack_size(2 << 20);
        let read = reader.spawn(move || page(&html, "https://gazette.example/a").is_ok()).unwrap();
        assert_eq!(read.join().unwrap(), readable, "{start}");
    }

    #[test]
    fn pages_made_to_hurt_are_refused_or_read() {
        check_hostile("<div>".repeat(100_000), false);
        check_hostile("<span>".repeat(100_000), false);
        check_hostile("<ul><li>".repeat(100_000), false);
        check_hostile("<b><div></b>".repeat(20_000), false);
        check_hostile(format!("<a {}>", "x=1 ".repeat(100_000)), false);
        check_hostile("<!--><div>".repeat(100_000), false);
        check_hostile("<div><object></div></object>".repeat(50_000), false);
        check_hostile(news_page(&"<div>".repeat(guard_depth() - 10)), true);
        check_hostile(news_page(&"<span>".repeat(guard_depth() - 10)), true);
        check_hostile(news_page(&"<li>x".repeat(20_000)), true);
        check_hostile(news_page(&"&lt;<".repeat(50_000)), true);
        check_hostile(format!("<p>{}</p>", "word ".repeat(200_000)), true);
    }

    fn guard_depth() -> usize {
        crate::text::html::guard::MAX_DEPTH
    }
}
