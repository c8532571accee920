//! Runs one pass and says what came of it: to a person, to cron, or to a machine.

use std::fmt::Write as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::arguments::Arguments;
use super::output::{counted, is_watched, json, say};
use super::{Ending, Usage, setup};
use crate::app::{App, PassSummary};
use crate::model::FeedUrl;
use crate::pipeline::LinksReport;
use crate::store::{FeedStatus, FeedsDue};

pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let app = App::open(setup::decided(arguments)?).await?;
    let urls = (!arguments.feed.is_empty()).then(|| arguments.feed.clone());
    let is_watched = is_watched() && !arguments.is_quiet();
    let tells = is_watched || arguments.is_verbose();
    let feeds = match &urls {
        Some(urls) => counts_of(&app, urls).await?,
        None if tells => app.store().feeds_due(app.now()).await?,
        // Cron does not ask how many there are.
        None => FeedsDue::default(),
    };
    let bar = progress(if arguments.force { feeds.polled } else { feeds.due }, is_watched);
    let summary = app
        .once(arguments.force, urls, &|report| {
            bar.inc(1);
            bar.set_message(report.feed.url.to_string());
        })
        .await?;
    bar.finish_and_clear();
    for (url, error) in &summary.failures {
        say(&format!("ingest: {url}: {error}"));
    }
    if arguments.json {
        json(&machine_readable(&summary))?;
    } else if tells {
        for line in readable(&summary, feeds) {
            say(&line);
        }
    } else if !summary.failures.is_empty() && !arguments.is_quiet() {
        say(&format!("ingest: {}", headline(&summary)));
    }
    Ok(if summary.failures.is_empty() { Ending::Done } else { Ending::SomeFeedsFailed })
}

/// How many feeds these are. Refuses addresses that are no feeds of ours, or are paused: polling them
/// would do nothing, silently.
async fn counts_of(app: &App, urls: &[FeedUrl]) -> anyhow::Result<FeedsDue> {
    let feeds = app.store().feeds(Some(urls.to_vec())).await?;
    for url in urls {
        let refusal = match feeds.iter().find(|feed| feed.url == *url) {
            None => format!("{url} is no feed yet; add it with `ingest feeds add {url}`"),
            Some(FeedStatus { paused: Some(reason), .. }) => format!("{url} is paused: {reason}"),
            Some(_) => continue,
        };
        return Err(Usage(refusal).into());
    }
    let next_polls = feeds.iter().map(|feed| feed.next_poll_at);
    let count = feeds.len() as u64;
    Ok(FeedsDue {
        wanted: count,
        polled: count,
        due: next_polls.clone().filter(|next| *next <= app.now()).count() as u64,
        next_poll_at: next_polls.min(),
    })
}

/// A bar at a terminal, nothing anywhere else.
fn progress(feeds: u64, is_watched: bool) -> ProgressBar {
    let target =
        if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style =
        ProgressStyle::with_template("{bar:20} {pos}/{len} feeds, {elapsed} {wide_msg:.dim}")
            .expect("the template is well-formed");
    ProgressBar::with_draw_target(Some(feeds), target).with_style(style)
}

fn headline(summary: &PassSummary) -> String {
    let counts = &summary.counts;
    let mut parts = vec![
        format!(
            "{} polled: {} read, {} not modified, {} failed",
            counted(summary.feeds(), "feed", "feeds"),
            summary.changed,
            summary.not_modified,
            summary.failures.len(),
        ),
        format!(
            "{}, {} held without a text, {} already known, {} revised",
            counted(counts.new, "new article", "new articles"),
            counts.held,
            counts.duplicates,
            counts.revised,
        ),
    ];
    if summary.left_over > 0 {
        parts.push(format!(
            "{} left for the next poll",
            counted(summary.left_over, "entry", "entries")
        ));
    }
    if summary.retried.asked > 0 {
        parts.push(format!(
            "{} asked for again, {} with a text at last",
            counted(summary.retried.asked, "page", "pages"),
            summary.retried.found,
        ));
    }
    if summary.cut > 0 {
        parts.push(format!(
            "{} beyond reading.entries_max",
            counted(summary.cut, "entry", "entries")
        ));
    }
    if summary.claims_lost > 0 {
        parts.push(format!("{} taken over by another process", summary.claims_lost));
    }
    parts.extend(links(&summary.links));
    if summary.interrupted {
        parts.push("stopped early".to_owned());
    }
    parts.join(" · ")
}

/// What came of links that had waited, if anything did.
pub(super) fn links(links: &LinksReport) -> Option<String> {
    if links.is_empty() {
        return None;
    }
    let mut said = format!("{} followed at last", counted(links.settled, "link", "links"));
    for (number, what) in [
        (links.texts, "brought a text"),
        (links.merged, "led to a known article"),
        (links.failed, "failed again"),
    ] {
        if number > 0 {
            write!(said, ", {number} {what}").expect("a String takes all that is written");
        }
    }
    Some(said)
}

fn readable(summary: &PassSummary, feeds: FeedsDue) -> Vec<String> {
    if feeds.wanted == 0 {
        return vec!["there are no feeds yet; add one with `ingest feeds add URL`".to_owned()];
    }
    if summary.feeds() == 0 && summary.links.is_empty() && !summary.interrupted {
        let next = feeds
            .next_poll_at
            .map(|next| format!("; the next one is at {}", next.format("%Y-%m-%d %H:%M UTC")));
        return vec![format!(
            "no feed is due{}. --force polls all the same",
            next.unwrap_or_default()
        )];
    }
    vec![format!("{} in {:.1} s", headline(summary), summary.took.as_secs_f64())]
}

fn machine_readable(summary: &PassSummary) -> serde_json::Value {
    let counts = &summary.counts;
    let failures: Vec<_> =
        summary.failures.iter().map(|(url, error)| json!({ "url": url, "error": error })).collect();
    json!({
        "feeds": {
            "polled": summary.feeds(),
            "changed": summary.changed,
            "not_modified": summary.not_modified,
            "failed": summary.failures.len(),
            "claims_lost": summary.claims_lost,
        },
        "entries": {
            "stored": counts.total(),
            "new": counts.new,
            "held": counts.held,
            "duplicates": counts.duplicates,
            "revised": counts.revised,
            "unchanged": counts.unchanged,
            "left_over": summary.left_over,
            "cut": summary.cut,
        },
        "links": &summary.links,
        "pages_again": { "asked": summary.retried.asked, "found": summary.retried.found },
        "failures": failures,
        "interrupted": summary.interrupted,
        "seconds": (summary.took.as_secs_f64() * 1_000.0).round() / 1_000.0,
    })
}
