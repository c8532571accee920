//! Shows what is read in a feed document.

use std::fs;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::model::{Entry, FeedDocument, FeedFormat, Person};
use crate::pipeline::parse;

/// What the configuration allows by default.
const ENTRIES_MAX: usize = 5_000;

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
        let limits = parse::Limits { entries_max: ENTRIES_MAX };
        Ok(match parse::document(&bytes, content_type.as_deref(), &url, &limits) {
            Ok(mut document) => Answer {
                id,
                format: Some(document.format),
                repaired: 0,
                error: None,
                entries: std::mem::take(&mut document.entries).into_iter().map(told).collect(),
                feed: Some(document),
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

fn told(entry: Entry) -> EntryAnswer {
    EntryAnswer { author: entry.authors.first().and_then(line), entry }
}

fn line(person: &Person) -> Option<String> {
    match (&person.name, &person.email) {
        (Some(name), Some(email)) => Some(format!("{name} ({email})")),
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (None, None) => None,
    }
}
