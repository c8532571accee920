//! Writes articles as a table (RFC 4180), with the names of the columns first.

use std::io::{self, Write};

use ::csv::{ErrorKind, Writer};

use super::{Document, rfc3339};
use crate::model::TextSource;
use crate::store::Article;

/// The columns, by the names they have in JSON.
const COLUMNS: [&str; 16] = [
    "id",
    "url",
    "title",
    "author",
    "language",
    "published_at",
    "first_seen_at",
    "changed_at",
    "words",
    "body",
    "body_sha256",
    "text_source",
    "text_copied",
    "summary",
    "hold_reason",
    "feeds",
];

/// A row for each article; its feeds stand in one field, parted by spaces, which no address holds.
pub(super) struct Table<'a> {
    rows: Writer<&'a mut dyn Write>,
}

impl<'a> Table<'a> {
    pub(super) fn new(target: &'a mut dyn Write) -> Self {
        Self { rows: Writer::from_writer(target) }
    }
}

impl Document for Table<'_> {
    fn begin(&mut self) -> io::Result<()> {
        self.rows.write_record(COLUMNS).map_err(cause)
    }

    fn article(&mut self, article: &Article) -> io::Result<()> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let source = match article.text_source {
            Some(TextSource::Feed) => "feed",
            Some(TextSource::Page) => "page",
            None => "",
        };
        let row: [String; COLUMNS.len()] = [
            article.id.0.to_string(),
            text(&article.url),
            article.title.clone(),
            text(&article.author),
            text(&article.language),
            article.published_at.map(rfc3339).unwrap_or_default(),
            rfc3339(article.first_seen_at),
            rfc3339(article.changed_at),
            article.words.to_string(),
            text(&article.body),
            text(&article.body_sha256),
            source.to_owned(),
            u8::from(article.text_copied).to_string(),
            text(&article.summary),
            text(&article.hold_reason),
            article.feeds.join(" "),
        ];
        self.rows.write_record(row).map_err(cause)
    }

    fn end(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// What the system said, so that a closed pipe is known as one.
fn cause(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
