//! Adds, lists and removes feeds.

use std::io::{BufRead as _, stdin};

use anyhow::Context as _;
use chrono::{DateTime, Utc};

use super::arguments::{Arguments, FeedsCommand};
use super::output::{counted, data, json, say};
use super::{Ending, Usage, setup};
use crate::app::App;
use crate::model::FeedUrl;
use crate::store::{FeedStatus, Removal, Store};

pub(super) async fn run(command: &FeedsCommand, arguments: &Arguments) -> anyhow::Result<Ending> {
    let app = App::open(setup::decided(arguments)?).await?;
    match command {
        FeedsCommand::Add { urls } => add(app.store(), urls, app.now()).await?,
        FeedsCommand::List { json: as_json } => list(app.store(), *as_json).await?,
        FeedsCommand::Remove { urls } => remove(app.store(), urls, app.now()).await?,
    }
    Ok(Ending::Done)
}

/// Adds all or none: a list with a mistake in it is mended and given again.
async fn add(store: &dyn Store, given: &[String], now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut urls: Vec<FeedUrl> = Vec::new();
    let mut faults = Vec::new();
    for text in addresses(given)? {
        match text.parse::<FeedUrl>() {
            Ok(url) if urls.contains(&url) => {}
            Ok(url) => urls.push(url),
            Err(error) => faults.push(format!("`{text}`: {error}")),
        }
    }
    if !faults.is_empty() {
        let count = counted(faults.len() as u64, "address", "addresses");
        return Err(Usage(format!(
            "nothing added; {count} cannot be polled\n{}",
            faults.join("\n")
        ))
        .into());
    }
    let added = store.add_feeds(urls.clone(), now).await?;
    for (url, is_new) in urls.iter().zip(&added) {
        say(&format!("{} {url}", if *is_new { "added" } else { "already there:" }));
    }
    Ok(())
}

/// The addresses given; `-` stands for a line each of stdin, without empty lines and comments.
fn addresses(given: &[String]) -> anyhow::Result<Vec<String>> {
    let mut addresses = Vec::new();
    for text in given {
        if text != "-" {
            addresses.push(text.clone());
            continue;
        }
        for line in stdin().lock().lines() {
            let line = line.context("reading addresses from stdin")?;
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                addresses.push(line.to_owned());
            }
        }
    }
    Ok(addresses)
}

async fn list(store: &dyn Store, as_json: bool) -> anyhow::Result<()> {
    let feeds = store.feeds().await?;
    if feeds.is_empty() && !as_json {
        say("there are no feeds yet; add one with `ingest feeds add URL`");
    }
    for feed in feeds {
        if as_json {
            json(&feed)?;
        } else {
            data(&row(&feed))?;
        }
    }
    Ok(())
}

/// State, number of entries, address, title, and what a person should know of it.
fn row(feed: &FeedStatus) -> String {
    let state = match feed {
        FeedStatus { paused: Some(_), .. } => "paused",
        FeedStatus { last_poll_at: None, .. } => "new",
        FeedStatus { failures: 1.., .. } => "failing",
        _ => "ok",
    };
    let mut row = format!("{state:<8}{:>7}  {}", feed.sightings, feed.url);
    if let Some(title) = &feed.title {
        row = format!("{row}  {title}");
    }
    let remark = match feed {
        FeedStatus { paused: Some(reason), .. } => Some(reason.clone()),
        FeedStatus { last_error: Some(error), .. } => Some(format!(
            "{} in a row: {error}",
            counted(u64::from(feed.failures), "failure", "failures")
        )),
        _ => None,
    };
    if let Some(remark) = remark {
        row = format!("{row}\n{:17}{remark}", "");
    }
    row
}

async fn remove(store: &dyn Store, urls: &[FeedUrl], now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    for url in urls {
        match store.remove_feed(url, now).await? {
            Removal::Removed => say(&format!("removed {url}; its articles stay")),
            Removal::Declared => faults.push(format!(
                "{url} is declared in the feeds file; take it out there, or it would come back"
            )),
            Removal::Unknown => {
                faults.push(format!("{url} is no feed here; `ingest feeds list` shows them"));
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Usage(faults.join("\n")).into()) }
}
