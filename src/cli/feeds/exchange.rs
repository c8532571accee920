//! Takes feeds over from other readers' lists, and writes the list for them.

use std::fs;
use std::io::{Read as _, stdin};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::list::{self, Listing};
use super::opml;
use crate::app::App;
use crate::cli::Usage;
use crate::cli::output::{data, is_watched, say};
use crate::model::{FeedUrl, FeedUrlError};
use crate::store::{Arrival, ListedFeed};
use crate::text::decode;

/// How many feeds are stored together.
const STORED_AT_ONCE: usize = 100;

/// What became of a list.
#[derive(Debug, Default)]
struct Totals {
    added: usize,
    already_there: usize,
    no_address: usize,
}

/// Adds the feeds of a list. Nothing is fetched; what is there already stays as it is.
pub(super) async fn import(app: &App, file: &str, is_quiet: bool) -> anyhow::Result<()> {
    let text = contents(file)?;
    let is_opml = opml::is_opml(&text);
    let listings = if is_opml { opml::read(&text) } else { list::read(&text) };
    if !is_opml && listings.iter().all(|listing| listing.address.parse::<FeedUrl>().is_err()) {
        let message = format!(
            "{file} is no OPML and holds no address; give an OPML file, or one with an address a line"
        );
        return Err(Usage(message).into());
    }
    let bar = progress(listings.len() as u64, is_watched() && !is_quiet);
    let mut totals = Totals::default();
    for listings in listings.chunks(STORED_AT_ONCE) {
        let parsed: Vec<_> = listings.iter().map(address).collect();
        let feeds = listings.iter().zip(&parsed).filter_map(|(listing, url)| {
            url.as_ref().ok().map(|url: &FeedUrl| listed(url, listing))
        });
        let arrivals = app.store().import_feeds(feeds.collect(), app.now()).await?;
        let mut arrivals = arrivals.into_iter();
        for (listing, url) in listings.iter().zip(&parsed) {
            let (line, is_fault) = match url {
                Ok(url) => (arrivals.next().map(|arrival| totals.count(url, arrival)), false),
                Err(error) => (Some(totals.refuse(listing, error)), true),
            };
            let remark = remark(listing, line.as_deref());
            for line in line.into_iter().chain(remark).filter(|_| is_fault || !is_quiet) {
                bar.suspend(|| say(&line));
            }
        }
        bar.inc(listings.len() as u64);
    }
    bar.finish_and_clear();
    if !is_quiet {
        let Totals { added, already_there, no_address } = totals;
        say(&format!(
            "{added} added, {already_there} already there, {no_address} not a feed address"
        ));
    }
    Ok(())
}

/// The address that a list gives, or why it is none.
fn address(listing: &Listing) -> Result<FeedUrl, String> {
    match listing.foreign {
        Some(why) => Err(why.to_owned()),
        None => listing.address.parse().map_err(|error: FeedUrlError| error.to_string()),
    }
}

/// What of an added feed cannot be kept in the database, and where it goes instead.
fn remark(listing: &Listing, told: Option<&str>) -> Option<String> {
    let select =
        listing.select.as_ref().filter(|_| told.is_some_and(|told| told.starts_with("added ")))?;
    Some(format!(
        "  its rule for pages is not taken over; declare it in the feeds file with \
         text = \"page\" and select = [{select:?}]"
    ))
}

impl Totals {
    fn refuse(&mut self, listing: &Listing, error: &str) -> String {
        self.no_address += 1;
        let Listing { place, address, .. } = listing;
        format!("not a feed address: {place}: `{address}`: {error}")
    }

    fn count(&mut self, url: &FeedUrl, arrival: Arrival) -> String {
        match arrival {
            Arrival::Added => {
                self.added += 1;
                format!("added {url}")
            }
            Arrival::AlreadyThere => {
                self.already_there += 1;
                format!("already there: {url}")
            }
            Arrival::Paused(reason) => {
                self.already_there += 1;
                format!("already there: {url} (paused: {reason})")
            }
        }
    }
}

/// Writes the list as OPML.
pub(super) async fn export(app: &App) -> anyhow::Result<()> {
    let feeds = app.store().feeds(None).await?;
    data(&opml::written(&feeds, &app.now().to_rfc2822()))?;
    Ok(())
}

fn listed(url: &FeedUrl, listing: &Listing) -> ListedFeed {
    ListedFeed {
        url: url.clone(),
        title: listing.title.clone(),
        category: listing.category.clone(),
    }
}

fn contents(file: &str) -> Result<String, Usage> {
    let mut bytes = Vec::new();
    let read = match file {
        "-" => stdin().lock().read_to_end(&mut bytes).map(|_| ()),
        file => fs::read(file).map(|read| bytes = read),
    };
    read.map_err(|error| Usage(format!("cannot read {file}: {error}")))?;
    Ok(decode::feed(&bytes, None))
}

/// A bar at a terminal, nothing anywhere else.
fn progress(feeds: u64, is_watched: bool) -> ProgressBar {
    let target =
        if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:20} {pos}/{len} feeds, {elapsed}")
        .expect("the template is well-formed");
    ProgressBar::with_draw_target(Some(feeds), target).with_style(style)
}
