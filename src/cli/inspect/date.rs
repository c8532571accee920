//! Shows the moment that a date of a feed names.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::pipeline::parse;

pub(super) struct Dates;

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    pub(super) id: Value,
    pub(super) text: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    id: Value,
    date: Option<DateTime<Utc>>,
}

impl Stage for Dates {
    type Question = Question;

    fn answer(&mut self, question: Question) -> anyhow::Result<impl Serialize> {
        Ok(Answer { id: question.id, date: parse::date::read(&question.text) })
    }
}
