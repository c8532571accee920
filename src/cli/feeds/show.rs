//! Shows everything known of a feed.

use super::{remark, state, unknown};
use crate::cli::Usage;
use crate::cli::output::{counted, data, json, moment};
use crate::model::FeedUrl;
use crate::store::{FeedDetails, FeedStatus, PollRecord, Store};

pub(super) async fn run(store: &dyn Store, url: &FeedUrl, as_json: bool) -> anyhow::Result<()> {
    let Some(feed) = store.feed_details(url).await? else {
        return Err(Usage(unknown(url)).into());
    };
    if as_json {
        json(&feed)?;
    } else {
        for line in readable(&feed) {
            data(&line)?;
        }
    }
    Ok(())
}

fn readable(feed: &FeedDetails) -> Vec<String> {
    let FeedStatus { url, title, category, site, .. } = &feed.status;
    let mut lines = vec![url.to_string()];
    let mut fact = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("  {name:<13}{value}")));
    };
    fact("title", title.clone());
    fact("category", category.clone());
    fact("site", site.clone());
    let status = &feed.status;
    let (word, remark) = (state(status), remark(status));
    fact("asked at", feed.address.clone());
    fact("moving to", feed.moving_to.clone());
    fact("state", Some(remark.map_or(word.to_owned(), |remark| format!("{word}: {remark}"))));
    fact("paused since", feed.paused_at.map(moment));
    fact("origin", Some(format!("{} {}", status.origin.as_str(), moment(feed.added_at))));
    let next = format!("{} ({})", moment(status.next_poll_at), status.next_poll_reason);
    fact("next poll", status.paused.is_none().then_some(next));
    fact("last poll", status.last_poll_at.map(moment));
    fact("last success", feed.last_success_at.map(moment));
    fact("claimed until", feed.claimed_until.map(moment));
    let validators =
        if feed.validators.is_empty() { "none".to_owned() } else { feed.validators.join(", ") };
    fact("validators", status.last_poll_at.map(|_| validators));
    let verdicts: Vec<String> = feed
        .sightings_by_verdict
        .iter()
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let verdicts =
        if verdicts.is_empty() { String::new() } else { format!(": {}", verdicts.join(", ")) };
    fact("sightings", Some(format!("{}{verdicts}", status.sightings)));
    if !feed.polls.is_empty() {
        lines.push("  last polls".to_owned());
        lines.extend(feed.polls.iter().map(poll));
    }
    lines
}

fn poll(poll: &PollRecord) -> String {
    let status = poll.http_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let outcome = match &poll.error {
        Some(error) => error.clone(),
        None if poll.outcome == "changed" => {
            let mut outcome = format!(
                "{}, {}",
                counted(poll.entries, "entry", "entries"),
                counted(poll.new_articles, "new article", "new articles"),
            );
            if poll.repaired > 0 {
                outcome = format!(
                    "{outcome}, {}",
                    counted(poll.repaired, "fault mended", "faults mended")
                );
            }
            outcome
        }
        None => String::new(),
    };
    let line = format!("    {}  {:<13}{status:<5}{outcome}", moment(poll.started_at), poll.outcome);
    line.trim_end().to_owned()
}
