//! Shows the links that wait, and has them tried again.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::arguments::{Arguments, LinksCommand};
use super::output::{self, counted, data, say};
use super::{Ending, Usage, once, setup};
use crate::app::App;
use crate::config::LinksConfig;
use crate::model::{Asks, Passage, Waiting};
use crate::store::{Store, WaitingLink};

pub(super) async fn run(command: &LinksCommand, arguments: &Arguments) -> anyhow::Result<Ending> {
    let decided = setup::decided(arguments)?;
    let config = decided.config.links.clone();
    let app = App::open(decided).await?;
    match command {
        LinksCommand::Pending { json } => pending(&app, &config, *json).await?,
        LinksCommand::Retry { links, json } => retry(&app, &config, links, *json).await?,
    }
    Ok(Ending::Done)
}

async fn pending(app: &App, config: &LinksConfig, as_json: bool) -> anyhow::Result<()> {
    let waiting = app.store().waiting_links().await?;
    if as_json {
        for link in &waiting {
            output::json(link)?;
        }
        return Ok(());
    }
    for link in &waiting {
        for line in row(link, app.now()) {
            data(&line)?;
        }
    }
    if waiting.is_empty() {
        say("no link waits");
    }
    for remark in remarks(app.store(), config, &waiting, app.now()).await? {
        say(&remark);
    }
    Ok(())
}

/// When it is tried next, who is asked, the link; what went wrong, and whose link it is.
fn row(link: &WaitingLink, now: DateTime<Utc>) -> Vec<String> {
    let Waiting { asks, tries, error, next_try_at, .. } = &link.waiting;
    let next = match next_try_at {
        None => "given up".to_owned(),
        Some(next) if *next <= now => "due".to_owned(),
        Some(next) => next.format("%Y-%m-%d %H:%M").to_string(),
    };
    let mut rows = vec![format!("{next:<18}{:<13}{}", asks.as_str(), link.link)];
    let mut remark = |text: String| rows.push(format!("{:<31}{text}", ""));
    if let Some(title) = link.title.as_ref().filter(|title| !title.is_empty()) {
        remark(title.clone());
    }
    if let Some(error) = error {
        remark(format!("{}: {error}", counted(u64::from(*tries), "try", "tries")));
    }
    rows
}

/// What keeps links from being followed, beside the time.
async fn remarks(
    store: &dyn Store,
    config: &LinksConfig,
    waiting: &[WaitingLink],
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<String>> {
    let number = |asks: Asks| {
        let of_it = waiting.iter().filter(|link| link.waiting.asks == asks);
        of_it.count() as u64
    };
    let mut remarks = Vec::new();
    let redirectors = number(Asks::Redirector);
    if redirectors > 0 && !config.follow_redirectors {
        let links = counted(redirectors, "link waits", "links wait");
        remarks.push(format!("{links} for a redirector; links.follow_redirectors is off"));
    }
    let google = number(Asks::GoogleNews);
    if google > 0 {
        let links = counted(google, "link waits", "links wait");
        let base = config.google_news_address();
        let host = base.as_ref().and_then(|base| base.host_str()).unwrap_or_default();
        let budget = u32::try_from(config.google_news_per_hour).unwrap_or(u32::MAX);
        let why = match store.breaker(host).await?.passage(budget, now) {
            _ if !config.resolve_google_news => "links.resolve_google_news is off".to_owned(),
            Passage::Closed { until, reason } => {
                format!("it is not asked until {}: {reason}", until.format("%Y-%m-%d %H:%M UTC"))
            }
            Passage::Open | Passage::Probe => return Ok(remarks),
        };
        remarks.push(format!("{links} for Google; {why}"));
    }
    Ok(remarks)
}

async fn retry(
    app: &App,
    config: &LinksConfig,
    links: &[String],
    as_json: bool,
) -> anyhow::Result<()> {
    let chosen: BTreeSet<String> = links.iter().cloned().collect();
    let waiting = app.store().waiting_links().await?;
    let unknown: Vec<String> = chosen
        .iter()
        .filter(|link| !waiting.iter().any(|known| known.link == **link))
        .map(|link| format!("{link} does not wait; `ingest links pending` shows what does"))
        .collect();
    if !unknown.is_empty() {
        return Err(Usage(unknown.join("\n")).into());
    }
    let chosen = (!chosen.is_empty()).then_some(chosen);
    let due = app.store().retry_links(chosen, app.now()).await?;
    let report = app.follow_links().await?;
    if as_json {
        let mut told = json!(report);
        told.as_object_mut().map(|told| told.insert("due".to_owned(), Value::from(due)));
        return Ok(output::json(&told)?);
    }
    let done = once::links(&report).unwrap_or_else(|| "none could be followed".to_owned());
    say(&format!("{} due: {done}", counted(due, "link is", "links are")));
    let waiting = app.store().waiting_links().await?;
    for remark in remarks(app.store(), config, &waiting, app.now()).await? {
        say(&remark);
    }
    Ok(())
}
