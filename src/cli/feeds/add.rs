//! Adds feeds, after a look at each address that was typed.

use std::collections::HashSet;
use std::io::{BufRead as _, stdin};

use anyhow::Context as _;
use futures_util::{StreamExt as _, stream};

use super::{AddOptions, called};
use crate::app::{App, Lookout, Seen};
use crate::cli::Usage;
use crate::cli::output::{counted, say};
use crate::config::Config;
use crate::model::FeedUrl;

/// How many addresses are looked at together.
const LOOKS_AT_ONCE: usize = 8;

/// An address that was given, and whether it may be looked at.
struct Given {
    text: String,
    typed: bool,
}

/// A feed to be added, and what is to be said of it.
struct Choice {
    url: FeedUrl,
    remark: Option<String>,
}

/// Adds all or none: a list with a mistake in it is mended and given again.
pub(super) async fn run(app: &App, config: &Config, options: &AddOptions) -> anyhow::Result<()> {
    let urls = understood(given(&options.urls)?)?;
    let choices = if options.no_check {
        urls.into_iter().map(|(url, _)| unseen(url)).collect()
    } else {
        looked_at(app, config, urls).await?
    };
    let urls: Vec<FeedUrl> = choices.iter().map(|choice| choice.url.clone()).collect();
    let added = app.store().add_feeds(urls, app.now()).await?;
    for (Choice { url, remark }, is_new) in choices.iter().zip(&added) {
        let remark = remark.as_deref().unwrap_or_default();
        let word = if *is_new { "added" } else { "already there:" };
        say(&format!("{word} {url}{remark}"));
    }
    Ok(())
}

/// The addresses given; `-` stands for a line each of stdin, without empty lines and comments.
fn given(urls: &[String]) -> anyhow::Result<Vec<Given>> {
    let mut addresses = Vec::new();
    for text in urls {
        if text != "-" {
            addresses.push(Given { text: text.clone(), typed: true });
            continue;
        }
        for line in stdin().lock().lines() {
            let line = line.context("reading addresses from stdin")?;
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                addresses.push(Given { text: line.to_owned(), typed: false });
            }
        }
    }
    Ok(addresses)
}

/// The feeds that are meant, each once, and whether each was typed.
fn understood(given: Vec<Given>) -> Result<Vec<(FeedUrl, bool)>, Usage> {
    let mut urls: Vec<(FeedUrl, bool)> = Vec::new();
    let mut known = HashSet::new();
    let mut faults = Vec::new();
    for Given { text, typed } in given {
        match text.parse::<FeedUrl>() {
            Ok(url) if known.insert(url.clone()) => urls.push((url, typed)),
            Ok(_) => {}
            Err(error) => faults.push(format!("`{text}`: {error}")),
        }
    }
    if faults.is_empty() {
        return Ok(urls);
    }
    let count = counted(faults.len() as u64, "address", "addresses");
    Err(Usage(format!("nothing added; {count} cannot be polled\n{}", faults.join("\n"))))
}

/// Looks at what was typed and is no feed of ours yet.
async fn looked_at(
    app: &App,
    config: &Config,
    urls: Vec<(FeedUrl, bool)>,
) -> anyhow::Result<Vec<Choice>> {
    let typed = urls.iter().filter(|(_, typed)| *typed).map(|(url, _)| url.clone()).collect();
    let ours = app.store().feeds(Some(typed)).await?;
    let ours: HashSet<FeedUrl> = ours.into_iter().map(|feed| feed.url).collect();
    let lookout = &Lookout::new(config)?;
    let ours = &ours;
    let looks = urls.into_iter().map(|(url, typed)| async move {
        let is_unknown = typed && !ours.contains(&url);
        let seen = if is_unknown { Some(lookout.at_feed(&url).await) } else { None };
        (url, seen)
    });
    let mut looks = stream::iter(looks).buffered(LOOKS_AT_ONCE);
    let (mut choices, mut faults) = (Vec::new(), Vec::new());
    while let Some((url, seen)) = looks.next().await {
        match chosen(url, seen) {
            Ok(choice) => choices.push(choice),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        return Ok(choices);
    }
    Err(Usage(format!("nothing added; {}", faults.join("\n"))).into())
}

/// The feed to add for an address at which this was seen.
fn chosen(url: FeedUrl, seen: Option<Seen>) -> Result<Choice, String> {
    let remark = match seen {
        None | Some(Seen::Feed(_)) => None,
        Some(Seen::Trouble(reason)) => Some(format!("; no feed was seen there yet: {reason}")),
        Some(Seen::Page(feeds)) => match feeds.as_slice() {
            [] => Some(
                "; it leads to a web page that advertises no feed, so look for a feed link on \
                 the site"
                    .to_owned(),
            ),
            [feed] => {
                let remark = Some(format!(", which {url} advertises"));
                return Ok(Choice { url: feed.url.clone(), remark });
            }
            several => {
                let rows: Vec<String> = several.iter().map(called).collect();
                return Err(format!(
                    "{url} is a web page that advertises {} feeds; add those you want:\n{}",
                    several.len(),
                    rows.join("\n")
                ));
            }
        },
    };
    Ok(Choice { url, remark })
}

fn unseen(url: FeedUrl) -> Choice {
    Choice { url, remark: None }
}
