//! Shows what cleaning leaves of a text, what it takes away, and the hash of what is left.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::model::Removed;
use crate::pipeline::clean::{self, Context, Rules};
use crate::pipeline::fingerprint;

pub(super) struct Texts {
    rules: Rules,
}

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    id: Value,
    #[serde(default)]
    title: String,
    text: Option<String>,
    html: Option<String>,
    url: Option<String>,
    feed_title: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    id: Value,
    body: String,
    body_sha256: Option<String>,
    removed: Vec<Removed>,
    source_link: Option<String>,
}

impl Question {
    /// A person's question: what holds a tag is HTML.
    pub(super) fn of(text: String, title: &str) -> Self {
        let is_html = text.contains("</") || text.contains("/>") || text.contains("<br");
        let (text, html) = if is_html { (None, Some(text)) } else { (Some(text), None) };
        Self { id: Value::Null, title: title.to_owned(), text, html, url: None, feed_title: None }
    }
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { rules: Rules::built_in() }
    }
}

impl Stage for Texts {
    type Question = Question;

    fn answer(&mut self, question: Question) -> anyhow::Result<impl Serialize> {
        let context = Context {
            title: &question.title,
            feed_title: question.feed_title.as_deref(),
            url: question.url.as_deref(),
        };
        let cleaned = match (&question.html, &question.text) {
            (Some(html), _) => clean::html(html, &context, &self.rules),
            (None, Some(text)) => clean::text(text, &context, &self.rules),
            (None, None) => anyhow::bail!("the question has neither `text` nor `html`"),
        };
        Ok(Answer {
            id: question.id,
            body_sha256: fingerprint::body_sha256(&cleaned.body),
            body: cleaned.body,
            removed: cleaned.removed,
            source_link: cleaned.source_link,
        })
    }
}
