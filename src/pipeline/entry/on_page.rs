//! Reads the article on a page: extracted, cleaned and measured.

use chrono::{DateTime, Utc};

use crate::model::{Fingerprint, HoldReason, Removed};
use crate::pipeline::clean::{self, Context, Rules};
use crate::pipeline::extract::{self, ExtractError};
use crate::pipeline::fingerprint;
use crate::pipeline::stub::{self, Sample, Surroundings};
use crate::text::html::selection::Selection;
use crate::text::shingles::Span;
use crate::text::tokens::{Tokens, tokens};

/// What was read on an article's page.
#[derive(Debug)]
pub struct OnPage {
    /// The article's own text: paragraphs separated by one newline.
    pub body: String,
    /// What identifies the body, or why it identifies nothing.
    pub fingerprint: Result<Fingerprint, HoldReason>,
    /// What extraction and cleaning took away.
    pub removed: Vec<Removed>,
    /// The boilerplate rule whose anchor stands near the end, although nothing was cut there.
    pub uncut: Option<String>,
    /// The address the page gives as its own.
    pub canonical: Option<String>,
    /// The article's title.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The language tag the page declares.
    pub language: Option<String>,
    /// When it was published, if the page says so to machines.
    pub published: Option<DateTime<Utc>>,
}

/// Reads the article on a page that came from `url`; `title` is what a feed calls it, `selection`
/// what the operator selected of such pages. `html` is the page's essence
/// ([`crate::text::html::essence`]).
///
/// # Errors
/// When the page cannot be read at all. A page without an article has an empty body.
pub fn read(
    html: &str,
    url: &str,
    title: &str,
    selection: &Selection,
    rules: &Rules,
) -> Result<OnPage, ExtractError> {
    let page = extract::page(html, url, selection)?;
    let title = page.title.as_deref().unwrap_or(title);
    let context = Context { title, feed_title: None, url: Some(url) };
    let mut lines = page.lines;
    // Cleaning takes a first line that says the title for the title.
    let opening = page.opens_like_its_title.then(|| lines.remove(0));
    let mut cleaned = clean::lines(lines, &context, rules);
    if let Some(opening) = opening {
        let rest = std::mem::replace(&mut cleaned.body, opening);
        if !rest.is_empty() {
            cleaned.body.push('\n');
            cleaned.body.push_str(&rest);
        }
    }
    let mut removed = page.removed;
    removed.extend(cleaned.removed);
    let surroundings = Surroundings {
        lines: &page.look.lines,
        without_scripts: &page.look.without_scripts,
        is_mount_empty: page.look.is_mount_empty,
        asks_password: page.look.asks_password,
        is_paid: page.look.is_paid,
    };
    let (titles, least) = (&page.look.titles, fingerprint::ARTICLE);
    let tokens = tokens(&cleaned.body);
    let fingerprint = usable(&cleaned.body, &tokens, least, &removed, titles, Some(surroundings));
    Ok(OnPage {
        fingerprint,
        body: cleaned.body,
        removed,
        uncut: cleaned.uncut,
        canonical: page.canonical,
        title: page.title,
        author: page.author,
        language: page.language,
        published: page.published,
    })
}

/// What identifies a body with these tokens, or why it identifies no article: it has less text than
/// `least`, or is none.
pub(super) fn usable(
    body: &str,
    tokens: &Tokens,
    least: Span,
    removed: &[Removed],
    titles: &[String],
    page: Option<Surroundings<'_>>,
) -> Result<Fingerprint, HoldReason> {
    let fingerprint = fingerprint::of(tokens, least);
    if fingerprint.as_ref().is_ok_and(|found| found.words > 3 * stub::WORDS_MAX) {
        return fingerprint;
    }
    let words = stub::word_count(tokens);
    let removed = removed.iter().map(|removed| removed.line.as_str());
    let lines: Vec<&str> = body.lines().chain(removed).collect();
    let sample = Sample { titles, lines: &lines, words, page };
    stub::reason(&sample, fingerprint.is_ok()).map_or(fingerprint, Err)
}
