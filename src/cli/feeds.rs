//! Keeps the list of feeds for the person who reads them.

mod add;
mod discover;
mod exchange;
pub mod list;
pub mod opml;
mod show;

use chrono::{DateTime, Utc};

use super::arguments::{AddOptions, Arguments, FeedsCommand};
use super::output::{counted, data, json, plain, say};
use super::screen::{Look, Screen};
use super::{Ending, Usage, setup};
use crate::app::App;
use crate::model::FeedUrl;
use crate::pipeline::parse::AdvertisedFeed;
use crate::store::{FeedStatus, Removal, Store, Switched};

pub(super) async fn run(command: &FeedsCommand, arguments: &Arguments) -> anyhow::Result<Ending> {
    let decided = setup::decided(arguments)?;
    let config = decided.config.clone();
    if let FeedsCommand::Discover { pages, json } = command {
        return discover::run(&config, pages, *json).await;
    }
    let app = App::open(decided).await?;
    let store = app.store();
    match command {
        FeedsCommand::Add(options) => add::run(&app, &config, options).await?,
        FeedsCommand::List { json: as_json } => list_feeds(store, *as_json).await?,
        FeedsCommand::Show { url, json: as_json } => show::run(store, url, *as_json).await?,
        FeedsCommand::Pause { urls } => pause(store, urls, app.now()).await?,
        FeedsCommand::Resume { urls } => resume(store, urls).await?,
        FeedsCommand::Remove { urls } => remove(store, urls, app.now()).await?,
        FeedsCommand::Import { file } => exchange::import(&app, file, arguments.is_quiet()).await?,
        FeedsCommand::Export => exchange::export(&app).await?,
        FeedsCommand::Discover { .. } => {}
    }
    Ok(Ending::Done)
}

async fn list_feeds(store: &dyn Store, as_json: bool) -> anyhow::Result<()> {
    let feeds = store.feeds(None).await?;
    if feeds.is_empty() && !as_json {
        say("there are no feeds yet; add one with `ingest feeds add URL`");
    }
    let screen = Screen::of_stdout();
    for feed in feeds {
        if as_json {
            json(&feed)?;
            continue;
        }
        for line in rows(&feed, screen) {
            data(&line)?;
        }
    }
    Ok(())
}

/// State, number of entries, address, title, and what a person should know of it.
fn rows(feed: &FeedStatus, screen: Screen) -> Vec<String> {
    let look = match state(feed) {
        "ok" => Look::Good,
        "failing" => Look::Bad,
        _ => Look::Aside,
    };
    let state = screen.painted(look, &format!("{:<8}", state(feed)));
    let title =
        feed.title.as_deref().map_or_else(String::new, |title| format!("  {}", plain(title)));
    let mut rows = vec![format!("{state}{:>7}  {}{title}", feed.sightings, feed.url)];
    if let Some(remark) = remark(feed) {
        let indent = " ".repeat(17);
        rows.extend(screen.wrapped(&indent, &indent, &plain(&remark)));
    }
    rows
}

fn state(feed: &FeedStatus) -> &'static str {
    match feed {
        FeedStatus { paused: Some(_), .. } => "paused",
        FeedStatus { last_poll_at: None, .. } => "new",
        FeedStatus { failures: 1.., .. } => "failing",
        _ => "ok",
    }
}

/// Why a feed is paused, or what is wrong with it.
fn remark(feed: &FeedStatus) -> Option<String> {
    match feed {
        FeedStatus { paused: Some(reason), .. } => Some(reason.clone()),
        FeedStatus { last_error: Some(error), .. } => Some(format!(
            "{} in a row: {error}",
            counted(u64::from(feed.failures), "failure", "failures")
        )),
        _ => None,
    }
}

/// An advertised feed in a line.
fn called(feed: &AdvertisedFeed) -> String {
    match &feed.title {
        Some(title) => format!("{}  {title}", feed.url),
        None => feed.url.to_string(),
    }
}

async fn pause(store: &dyn Store, urls: &[FeedUrl], now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    for url in urls {
        match store.pause_feed(url, now).await? {
            Switched::Done => {
                say(&format!("paused {url}; `ingest feeds resume` takes it up again"));
            }
            Switched::Already => say(&format!("already paused: {url}")),
            Switched::Unknown => faults.push(unknown(url)),
        }
    }
    all_known(&faults)
}

async fn resume(store: &dyn Store, urls: &[FeedUrl]) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    for url in urls {
        match store.resume_feed(url).await? {
            Switched::Done => say(&format!("resumed {url}")),
            Switched::Already => say(&format!("not paused: {url}")),
            Switched::Unknown => faults.push(unknown(url)),
        }
    }
    all_known(&faults)
}

async fn remove(store: &dyn Store, urls: &[FeedUrl], now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut faults = Vec::new();
    for url in urls {
        match store.remove_feed(url, now).await? {
            Removal::Removed => say(&format!("removed {url}; its articles stay")),
            Removal::Declared => faults.push(format!(
                "{url} is declared in the feeds file; take it out there, or it would come back"
            )),
            Removal::Unknown => faults.push(unknown(url)),
        }
    }
    all_known(&faults)
}

fn unknown(url: &FeedUrl) -> String {
    format!("{url} is no feed here; `ingest feeds list` shows them")
}

fn all_known(faults: &[String]) -> anyhow::Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Usage(faults.join("\n")).into()) }
}
