//! Shows the article that is found on a page.

use std::fs;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::model::{HoldReason, Removed};
use crate::pipeline::clean::Rules;
use crate::pipeline::entry::on_page;
use crate::text::html::selection::Selection;
use crate::text::{decode, html};

pub(super) struct Pages {
    rules: Rules,
}

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    id: Value,
    html: Option<String>,
    path: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Answer {
    id: Value,
    title: Option<String>,
    author: Option<String>,
    published: Option<DateTime<Utc>>,
    language: Option<String>,
    canonical: Option<String>,
    body: String,
    usable: bool,
    reason: Option<String>,
    removed: Vec<Removed>,
}

impl Question {
    pub(super) fn of(html: String, url: &str) -> Self {
        Self { id: Value::Null, html: Some(html), path: None, url: Some(url.to_owned()) }
    }
}

impl Pages {
    pub(super) fn new() -> Self {
        Self { rules: Rules::built_in() }
    }
}

impl Stage for Pages {
    type Question = Question;

    fn answer(&mut self, question: Question) -> anyhow::Result<impl Serialize> {
        let html = match (question.html, question.path) {
            (Some(html), _) => html,
            (None, Some(path)) => {
                let bytes = fs::read(&path).with_context(|| format!("reading {path}"))?;
                decode::page(&bytes, None)
            }
            (None, None) => anyhow::bail!("the question has neither `html` nor `path`"),
        };
        let html = html::essence::of(&html);
        let url = question.url.unwrap_or_default();
        let page = match on_page::read(&html, &url, "", &Selection::default(), &self.rules) {
            Ok(page) => page,
            Err(error) => {
                let reason = Some(error.to_string());
                return Ok(Answer { id: question.id, reason, ..Answer::default() });
            }
        };
        Ok(Answer {
            id: question.id,
            title: page.title,
            author: page.author,
            published: page.published,
            language: page.language,
            canonical: page.canonical,
            body: page.body,
            usable: page.fingerprint.is_ok(),
            reason: page.fingerprint.err().map(HoldReason::as_str).map(str::to_owned),
            removed: page.removed,
        })
    }
}
