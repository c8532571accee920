//! Declares the commands that look into the file.

use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use url::Url;

use crate::model::FeedUrl;

const SEARCH_EXAMPLES: &str = "Examples:
  ingest search night ferry
  ingest search '\"night ferry\" -bakery' --since 7d
  ingest search 'ferry OR boat harb*' --language en --newest
  ingest search comet --host example.org --json

All words must occur. \"Words in quotation marks\" stand side by side, -word must not occur, of
`one OR other` one must, and word* is a beginning. Put single quotation marks around all that, to
keep it from the shell. Capitals and accents do not matter.";

const SHOW_EXAMPLES: &str = "Examples:
  ingest show 1
  ingest show https://example.org/news/night-ferry
  ingest show 1 --json";

const EXPORT_EXAMPLES: &str = "Examples:
  ingest export --format jsonl > articles.jsonl
  ingest export --format csv --since 2026-11-20 --output articles.csv
  ingest export --format atom --limit 50 --language en --output news.atom
  ingest export --format jsonl --since 7d | head -1

An article has changed when it came, or when its text or address did, or another was merged into it.
At its end the command says the moment from which the next one goes on. That lies a few minutes back,
because a feed is dated by when its reading began: some articles come again, and none is missed.";

const STATS_EXAMPLES: &str = "Examples:
  ingest stats
  ingest stats --json

A file of a million articles takes some seconds, because it is read through.";

const WATCH_EXAMPLES: &str = "Examples:
  ingest watch
  ingest watch --jsonl --since 1h | head -1
  ingest watch --jsonl --sightings --since 7d | head -2";

/// Which articles are wanted.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct SelectionOptions {
    /// Only articles that this feed carried.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) feed: Option<FeedUrl>,

    /// Only articles at this host, or at one beneath it.
    #[arg(long, value_name = "HOST")]
    pub(in crate::cli) host: Option<HostName>,

    /// Only articles of this language; `en` is `en-GB` too.
    #[arg(long, value_name = "LANGUAGE")]
    pub(in crate::cli) language: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = SEARCH_EXAMPLES)]
pub(in crate::cli) struct SearchOptions {
    /// What to look for.
    #[arg(required = true, value_name = "QUERY")]
    pub(in crate::cli) query: Vec<String>,

    #[command(flatten)]
    pub(in crate::cli) selection: SelectionOptions,

    /// Only articles first seen since then: a date, a moment, or how long ago, as in 7d or 12h.
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) since: Option<Since>,

    /// How many articles at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) limit: u32,

    /// The newest first, instead of those that answer best.
    #[arg(long)]
    pub(in crate::cli) newest: bool,

    /// Print one JSON object a line.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(in crate::cli) struct ShowOptions {
    /// The article's number, or an address: the article's own, or that of an entry's link or target.
    #[arg(value_name = "ID|URL")]
    pub(in crate::cli) asked: String,

    /// Print one JSON object for each article.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(in crate::cli) struct ExportOptions {
    /// What to write.
    #[arg(long, value_enum)]
    pub(in crate::cli) format: ExportFormat,

    /// Write to this file, which is replaced once all is written, instead of to stdout.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) selection: SelectionOptions,

    /// Only articles that changed since then: a date, a moment, or how long ago, as in 7d or 12h.
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) since: Option<Since>,

    /// How many articles at most.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) limit: Option<u32>,
}

/// What articles are handed on as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportFormat {
    /// One JSON object a line, what changed first coming first.
    Jsonl,
    /// A table with a head, what changed first coming first.
    Csv,
    /// An Atom feed, the newest first.
    Atom,
    /// A JSON Feed, the newest first.
    JsonFeed,
}

#[derive(Debug, Args)]
#[command(after_help = STATS_EXAMPLES)]
pub(in crate::cli) struct StatsOptions {
    /// Print one JSON object.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Ends at SIGINT, at SIGTERM, and when whoever reads its output is gone.
#[derive(Debug, Args)]
#[command(after_help = WATCH_EXAMPLES)]
pub(in crate::cli) struct WatchOptions {
    /// Begin with what was first seen then, instead of now: a date, a moment, or how long ago.
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) since: Option<Since>,

    /// Print each sighting, too.
    #[arg(long)]
    pub(in crate::cli) sightings: bool,

    /// Print one JSON object a line; `event` says whether it is an article or a sighting.
    #[arg(long, visible_alias = "json")]
    pub(in crate::cli) jsonl: bool,
}

/// A host as the URL Standard spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct HostName(pub(in crate::cli) String);

impl FromStr for HostName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Url::parse(&format!("http://{text}/"))
            .ok()
            .filter(|url| url.path() == "/" && url.port().is_none() && url.username().is_empty());
        let host = named.as_ref().and_then(Url::host_str);
        host.map(|host| Self(host.to_owned()))
            .ok_or_else(|| "it is no host name; write it as in news.example.org".to_owned())
    }
}

/// The beginning of a time that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Since {
    /// From a moment on.
    Moment(DateTime<Utc>),
    /// From so long ago on.
    Ago(TimeDelta),
}

impl Since {
    /// The moment it begins.
    pub(in crate::cli) fn moment(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Moment(moment) => moment,
            // Longer ago than calendars reach is as good as for ever.
            Self::Ago(span) => now.checked_sub_signed(span).unwrap_or(DateTime::UNIX_EPOCH),
        }
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc());
        let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let moment = moment.ok().or_else(|| Some(day()?.and_time(NaiveTime::MIN).and_utc()));
        moment.map(Self::Moment).or_else(|| span(text).map(Self::Ago)).ok_or_else(|| {
            "it is no date (2026-11-20), no moment (2026-11-20T08:00:00Z) and no span (7d, 12h, 30m)"
                .to_owned()
        })
    }
}

/// A number of weeks, days, hours or minutes.
fn span(text: &str) -> Option<TimeDelta> {
    let number = |unit: char| text.strip_suffix(unit)?.parse::<u32>().ok().map(i64::from);
    let weeks = || number('w').and_then(TimeDelta::try_weeks);
    let days = || number('d').and_then(TimeDelta::try_days);
    let hours = || number('h').and_then(TimeDelta::try_hours);
    let minutes = || number('m').and_then(TimeDelta::try_minutes);
    weeks().or_else(days).or_else(hours).or_else(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_begins_at_a_date_at_a_moment_or_so_long_ago() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T10:00:00+02:00", "2026-11-20T08:00:00Z"),
            ("7d", "2026-11-15T12:00:00Z"),
            ("2w", "2026-11-08T12:00:00Z"),
            ("36h", "2026-11-21T00:00:00Z"),
            ("90m", "2026-11-22T10:30:00Z"),
            ("0d", "2026-11-22T12:00:00Z"),
            ("4294967295w", "1970-01-01T00:00:00Z"),
        ] {
            let since: Since = text.parse().unwrap();
            assert_eq!(since.moment(now), expected.parse::<DateTime<Utc>>().unwrap(), "{text}");
        }
        for text in ["", "d", "7", "-7d", "7y", "2026-13-01", "yesterday", "4294967296d"] {
            assert!(text.parse::<Since>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_host_is_spelled_as_addresses_spell_it() {
        for (text, host) in [
            ("Example.ORG", Some("example.org")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("https://example.org/", None),
            ("example.org/news", None),
            ("example.org:8080", None),
            ("a@example.org", None),
            ("", None),
        ] {
            let read = text.parse::<HostName>().ok();
            assert_eq!(read.map(|host| host.0).as_deref(), host, "{text:?}");
        }
    }
}
