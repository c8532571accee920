//! Writes articles as a JSON Feed (version 1.1).

use std::io::{self, Write};

use serde::Serialize;

use super::{Document, identifier, named_author, rfc3339};
use crate::store::Article;

const HEAD: &str =
    r#"{"version":"https://jsonfeed.org/version/1.1","title":"Articles of ingest","items":["#;

/// One object, whose items are written as they come.
pub(super) struct Feed<'a> {
    target: &'a mut dyn Write,
    separator: &'static str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    title: &'a str,
    content_text: &'a str,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authors: Option<[Author<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    _ingest: Extension<'a>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

/// What JSON Feed has no word for.
#[derive(Serialize)]
struct Extension<'a> {
    about: &'static str,
    feeds: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_reason: Option<&'a str>,
}

impl<'a> Feed<'a> {
    pub(super) fn new(target: &'a mut dyn Write) -> Self {
        Self { target, separator: "\n" }
    }
}

impl Document for Feed<'_> {
    fn begin(&mut self) -> io::Result<()> {
        self.target.write_all(HEAD.as_bytes())
    }

    fn article(&mut self, article: &Article) -> io::Result<()> {
        let text = article.body.as_deref().or(article.summary.as_deref());
        let item = Item {
            id: identifier(article),
            url: article.url.as_deref(),
            title: &article.title,
            content_text: text.unwrap_or_default(),
            date_published: rfc3339(article.published_at.unwrap_or(article.first_seen_at)),
            date_modified: rfc3339(article.changed_at),
            authors: named_author(article).map(|name| [Author { name }]),
            language: article.language.as_deref(),
            _ingest: Extension {
                about: "feeds: where it was seen; hold_reason: why it has no text",
                feeds: &article.feeds,
                hold_reason: article.hold_reason.as_deref(),
            },
        };
        self.target.write_all(self.separator.as_bytes())?;
        self.separator = ",\n";
        Ok(serde_json::to_writer(&mut self.target, &item)?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.target.write_all(b"\n]}\n")
    }
}
