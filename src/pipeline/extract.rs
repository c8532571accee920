//! Finds the article in a page: its text line by line, and what the page says of it.
//!
//! The `trafilatura` crate finds the main part. Its own text has no paragraphs, so its HTML is
//! turned into lines here; lines that a second extractor does not know either are taken off by
//! `consensus`, and what stands around the article by `trimming`. Where it finds nothing, the
//! page's `<article>` or `<main>` is taken as it stands. Its date is not used: it gives one to
//! nearly every page, mostly a wrong one. Its spaces are not used either: it drops those beside
//! inline elements of scripts without spaces, so a line is spelt as the page spells it.

mod consensus;
mod facts;
mod look;
mod trimming;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use trafilatura::{ExtractResult, ExtractionFocus, HtmlDateMode, Options};
use url::Url;

use crate::model::Removed;
use crate::text::html::selection::Selection;
use crate::text::html::{self, TooComplex};
use facts::Facts;
pub use look::Look;

/// The largest page, without what nobody reads, and the most elements of one that are read: extractors
/// take up to 1 µs a byte and 60 µs an element, and a page is to cost no more than two seconds. The
/// largest of 83 article pages has 164 KB.
const PAGE_MAX_BYTES: usize = 1_500_000;
const PAGE_MAX_ELEMENTS: usize = 30_000;

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
    /// Whether the first line is the author's own, although it says what a heading says.
    pub opens_like_its_title: bool,
    /// The lines that belong to the page rather than to the article.
    pub removed: Vec<Removed>,
    /// What a reader sees of the page at a glance: what tells an article from what stands in its
    /// place.
    pub look: Look,
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
    /// The page would cost too much to search for its article.
    #[error("the page is not read, because it is larger than any article's page should be")]
    TooLarge,
    /// The extractor failed on this very page.
    #[error("the page made its reader fail; please report its address")]
    Panicked,
}

/// Reads a page that came from `url`, of which the operator may have selected parts.
///
/// A page without any text is no error: its [`Page::lines`] are empty.
pub fn page(html: &str, url: &str, selection: &Selection) -> Result<Page, ExtractError> {
    let elements = html.as_bytes().windows(2).filter(|pair| begins_element(pair)).count();
    if html.len() > PAGE_MAX_BYTES || elements > PAGE_MAX_ELEMENTS {
        return Err(ExtractError::TooLarge);
    }
    let mut tree = html::parse_document(html)?;
    let url = Url::parse(url).ok();
    let facts = facts::of(&tree, url.as_ref());
    let visible = html::lines(&tree);
    let look = Look::of(&tree, &facts, &visible);
    let pruned = selection.prune(&mut tree).then(|| tree.html());
    let html = pruned.as_deref().unwrap_or(html);
    let found = extracted(html, url)?;
    let (lines, doubted) = match selection.lines(&tree) {
        Some(selected) => (selected, Vec::new()),
        None => article_lines(html, found.as_ref(), &tree, &visible)?,
    };
    let metadata = found.map(|found| found.metadata).unwrap_or_default();
    let Facts { mut titles, language, published, canonical, .. } = facts;
    let title = present(&metadata.title).or_else(|| titles.first().cloned());
    let author = present(&metadata.author);
    titles.extend(title.clone());
    let is_own = |line: &str| is_paragraph_below_its_like(&tree, line);
    let (lines, trimmed) = trimming::article(lines, &titles, author.as_deref(), &is_own);
    Ok(Page {
        title,
        author,
        language: language.or_else(|| present(&metadata.language)),
        published,
        canonical,
        opens_like_its_title: lines.first().is_some_and(|line| is_own(line)),
        lines,
        removed: doubted.into_iter().chain(trimmed).collect(),
        look,
    })
}

fn begins_element(pair: &[u8]) -> bool {
    matches!(pair, [b'<', letter] if letter.is_ascii_alphabetic())
}

/// The lines of the article as the page spells them, and those that only one extractor takes for
/// its lines.
fn article_lines(
    html: &str,
    found: Option<&ExtractResult>,
    tree: &Html,
    visible: &[String],
) -> Result<(Vec<String>, Vec<Removed>), ExtractError> {
    let mut lines = match found {
        Some(found) => html::lines(&html::parse_document(&found.content_html)?),
        None => Vec::new(),
    };
    if lines.is_empty() {
        return Ok((main_lines(tree), Vec::new()));
    }
    let doubted = consensus::doubted(&mut lines, html);
    Ok((consensus::spell_as(lines, visible), doubted))
}

/// What trafilatura finds; `None` if that is nothing.
fn extracted(html: &str, url: Option<Url>) -> Result<Option<ExtractResult>, ExtractError> {
    let mut options = options(ExtractionFocus::Balanced);
    options.original_url = url;
    // Everything it works on is made and dropped inside, so a panic leaves nothing half-changed.
    let found = catch_unwind(AssertUnwindSafe(|| trafilatura::extract(html, &options)));
    found.map(Result::ok).map_err(|_| ExtractError::Panicked)
}

fn options(focus: ExtractionFocus) -> Options {
    Options::default()
        .with_fallback(true)
        .with_exclude_comments(true)
        .with_focus(focus)
        .with_html_date_mode(HtmlDateMode::Disabled)
}

/// Whether a line is a paragraph of the page, while a heading says the same: then it is no
/// repeated title, but a first sentence that was made the title.
fn is_paragraph_below_its_like(tree: &Html, line: &str) -> bool {
    let line = letters(line);
    let (mut is_paragraph, mut is_heading) = (false, false);
    for element in tree.tree.nodes().filter_map(ElementRef::wrap) {
        let seen = match element.value().name() {
            "p" if !is_paragraph => &mut is_paragraph,
            "h1" | "h2" if !is_heading => &mut is_heading,
            _ => continue,
        };
        // No longer than the line, so that a page costs no more than its length.
        let mut rest = line.as_str();
        let is_line =
            element.text().flat_map(str::chars).filter(|c| c.is_alphanumeric()).all(|c| {
                let after = c.to_lowercase().try_fold(rest, |rest, c| rest.strip_prefix(c));
                after.inspect(|after| rest = after).is_some()
            });
        *seen = is_line && rest.is_empty() && !line.is_empty();
    }
    is_paragraph && is_heading
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

/// The letters and digits of a text, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
