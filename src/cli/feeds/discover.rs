//! Lists the feeds that pages advertise.

use serde::Serialize;

use super::called;
use crate::app::{Lookout, Seen};
use crate::cli::Ending;
use crate::cli::output::{data, json, say};
use crate::config::Config;
use crate::model::FeedUrl;
use crate::pipeline::parse::AdvertisedFeed;

/// A feed, and the page that advertises it.
#[derive(Debug, Serialize)]
struct Found<'a> {
    page: &'a FeedUrl,
    #[serde(flatten)]
    feed: &'a AdvertisedFeed,
}

pub(super) async fn run(
    config: &Config,
    pages: &[FeedUrl],
    as_json: bool,
) -> anyhow::Result<Ending> {
    let lookout = Lookout::new(config)?;
    let mut ending = Ending::Done;
    for page in pages {
        match lookout.at_page(page).await {
            Seen::Page(feeds) if feeds.is_empty() => {
                say(&format!("{page} advertises no feed; look for a feed link on the site"));
            }
            Seen::Page(feeds) => {
                for feed in &feeds {
                    if as_json {
                        json(&Found { page, feed })?;
                    } else {
                        data(&called(feed))?;
                    }
                }
            }
            Seen::Feed(_) => {
                say(&format!("{page} is a feed itself; add it with `ingest feeds add {page}`"));
            }
            Seen::Trouble(reason) => {
                say(&format!("ingest: {page}: {reason}"));
                ending = Ending::SomeFeedsFailed;
            }
        }
    }
    Ok(ending)
}
