//! Shows where a link leads as far as it says so itself, and its two normal forms.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::cli::arguments::Arguments;
use crate::cli::output::{counted, data};
use crate::cli::setup;
use crate::config::links::LinksFile;
use crate::model::{Asks, CanonicalUrl, Pending, UrlKey};
use crate::pipeline::canonicalize::{self, Trackers};
use crate::pipeline::resolve::explain::{self, Step};
use crate::pipeline::resolve::unwrap::{self, Wrappers};
use crate::store::{SqliteStore, Store};

pub(super) struct Links {
    wrappers: Wrappers,
    trackers: Trackers,
}

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    id: Value,
    url: String,
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
        Self::of(&LinksFile::built_in())
    }

    fn of(file: &LinksFile) -> anyhow::Result<Self> {
        Ok(Self { wrappers: Wrappers::compile(file)?, trackers: Trackers::compile(file)? })
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

/// Tells a person every step, with what the database remembers, if there is one. Nobody is asked.
pub(super) async fn explain(link: &str, arguments: &Arguments) -> anyhow::Result<()> {
    let config = setup::config(arguments)?;
    let links = Links::of(&crate::app::links_file(&config.links))?;
    let database = &config.storage.database;
    let store = if fs::exists(database).unwrap_or(false) {
        let wait = Duration::from_millis(config.storage.busy_timeout_ms);
        Some(SqliteStore::open(Path::new(database), wait)?)
    } else {
        None
    };
    let store = store.as_ref().map(|store| store as &dyn Store);
    let hops_max = usize::try_from(config.links.hops_max).unwrap_or(usize::MAX);
    let (steps, target) = explain::explain(link, &links.wrappers, store, hops_max).await?;
    fact("link", link)?;
    for step in &steps {
        tell(step, &config.links, store.is_some())?;
    }
    if steps.is_empty() {
        fact("", "nothing wraps it: no rule of config/links.toml speaks of it")?;
    }
    fact("target", &target)?;
    match canonicalize::url(&target, &links.trackers) {
        Ok(url) => {
            fact("canonical", url.as_str())?;
            fact("key", canonicalize::key(&url).as_str())
        }
        Err(error) => fact("canonical", &format!("none: {error}")),
    }
}

fn tell(step: &Step, links: &crate::config::LinksConfig, has_store: bool) -> anyhow::Result<()> {
    match step {
        Step::Unwrapped { rule, target } => fact("unwrapped", &format!("by {rule}: {target}")),
        Step::Remembered { rule, target, asked_at } => {
            fact("remembered", &format!("{rule} said on {}: {target}", day(*asked_at)))
        }
        Step::Waits { asks: Asks::GoogleNews, what, .. } => {
            let why = if links.resolve_google_news {
                "Google is asked when its turn comes; `ingest links pending` shows when"
            } else {
                "only Google knows, and links.resolve_google_news is off"
            };
            fact("pending", why)?;
            fact("handle", what)
        }
        Step::Waits { what, known, .. } => {
            let why = match known {
                Some(known) => format!(
                    "{what} was asked {}, last on {}: {}",
                    counted(u64::from(known.attempts), "time", "times"),
                    day(known.asked_at),
                    known.error.as_deref().unwrap_or("it will be asked again"),
                ),
                None if !links.follow_redirectors => {
                    format!("{what} must be asked, and links.follow_redirectors is off")
                }
                None if has_store => format!("{what} must be asked, and has not been"),
                None => {
                    format!("{what} must be asked; there is no database that would remember it")
                }
            };
            fact("pending", &why)
        }
    }
}

fn fact(name: &str, value: &str) -> anyhow::Result<()> {
    Ok(data(&format!("{name:<12}{value}"))?)
}

fn day(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}
