//! Shows what is read in a feed document.

use std::fs;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::model::{Entry, FeedDocument, FeedFormat, Person};
use crate::pipeline::parse;

pub(super) struct Feeds;

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    id: Value,
    path: String,
    content_type: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    id: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<FeedFormat>,
    repaired: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<FeedDocument>,
    entries: Vec<EntryAnswer>,
}

/// An entry with its first author as one line, as people expect it.
#[derive(Debug, Serialize)]
struct EntryAnswer {
    #[serde(flatten)]
    entry: Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
}

impl Question {
    pub(super) fn of(path: String) -> Self {
        Self { id: Value::Null, path, content_type: None, url: None }
    }
}

impl Stage for Feeds {
    type Question = Question;

    fn answer(&mut self, question: Question) -> anyhow::Result<impl Serialize> {
        let Question { id, path, content_type, url } = question;
        let bytes = fs::read(&path).with_context(|| format!("reading {path}"))?;
        let url = url.unwrap_or_default();
        let limits = parse::Limits::default();
        Ok(match parse::document(&bytes, content_type.as_deref(), &url, &limits) {
            Ok(mut document) => Answer {
                id,
                format: Some(document.format),
                repaired: document.repaired,
                error: None,
                entries: std::mem::take(&mut document.entries).into_iter().map(told).collect(),
                feed: Some(as_written(document)),
            },
            Err(error) => Answer {
                id,
                format: None,
                repaired: 0,
                error: Some(error.to_string()),
                feed: None,
                entries: Vec::new(),
            },
        })
    }
}

/// The feed with its title as written: markup is a part of what was read.
fn as_written(mut feed: FeedDocument) -> FeedDocument {
    feed.title = feed.title_written.take().or(feed.title);
    feed
}

fn told(mut entry: Entry) -> EntryAnswer {
    entry.title = entry.title_written.take().or(entry.title);
    EntryAnswer { author: entry.authors.first().and_then(line), entry }
}

fn line(person: &Person) -> Option<String> {
    match (&person.name, &person.email) {
        (Some(name), Some(email)) => Some(format!("{name} ({email})")),
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (None, None) => None,
    }
}
