//! Shows where a link leads as far as it says so itself, and its two normal forms.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::config::links::LinksFile;
use crate::model::{CanonicalUrl, Pending, UrlKey};
use crate::pipeline::canonicalize::{self, Trackers};
use crate::pipeline::resolve::unwrap::{self, Wrappers};

pub(super) struct Links {
    wrappers: Wrappers,
    trackers: Trackers,
}

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    pub(super) id: Value,
    pub(super) url: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    id: Value,
    target: String,
    rule: Option<String>,
    canonical: Option<CanonicalUrl>,
    key: Option<UrlKey>,
    pending: Option<Pending>,
}

impl Links {
    pub(super) fn new() -> anyhow::Result<Self> {
        let file = LinksFile::built_in();
        Ok(Self { wrappers: Wrappers::compile(&file)?, trackers: Trackers::compile(&file)? })
    }
}

impl Stage for Links {
    type Question = Question;

    fn answer(&mut self, question: Question) -> anyhow::Result<impl Serialize> {
        let unwrapped = unwrap::unwrap(&question.url, &self.wrappers);
        let canonical = canonicalize::url(&unwrapped.target, &self.trackers).ok();
        Ok(Answer {
            id: question.id,
            rule: (!unwrapped.rules.is_empty()).then(|| unwrapped.rules.join(" > ")),
            target: unwrapped.target,
            key: canonical.as_ref().map(canonicalize::key),
            canonical,
            pending: unwrapped.pending,
        })
    }
}
