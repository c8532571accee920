//! Reads the article on a page: extracted, cleaned and measured.

use chrono::{DateTime, Utc};

use crate::model::{Fingerprint, HoldReason, Removed};
use crate::pipeline::clean::{self, Context, Rules};
use crate::pipeline::extract::{self, ExtractError};
use crate::pipeline::fingerprint;

/// What was read on an article's page.
#[derive(Debug)]
pub struct OnPage {
    /// The article's own text: paragraphs separated by one newline.
    pub body: String,
    /// What identifies the body, or why it identifies nothing.
    pub fingerprint: Result<Fingerprint, HoldReason>,
    /// What extraction and cleaning took away.
    pub removed: Vec<Removed>,
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

/// Reads the article on a page that came from `url`; `title` is what a feed calls it.
///
/// # Errors
/// When the page cannot be read at all. A page without an article has an empty body.
pub fn read(html: &str, url: &str, title: &str, rules: &Rules) -> Result<OnPage, ExtractError> {
    let page = extract::page(html, url)?;
    let title = page.title.as_deref().unwrap_or(title);
    let context = Context { title, feed_title: None, url: Some(url) };
    let cleaned = clean::lines(page.lines, &context, rules);
    let mut removed = page.removed;
    removed.extend(cleaned.removed);
    Ok(OnPage {
        fingerprint: fingerprint::of(&cleaned.body, fingerprint::ARTICLE),
        body: cleaned.body,
        removed,
        canonical: page.canonical,
        title: page.title,
        author: page.author,
        language: page.language,
        published: page.published,
    })
}
