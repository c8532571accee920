//! Tells at a glance what is in the file.

use super::arguments::{Arguments, StatsOptions};
use super::output::{counted, data, json, plain};
use super::screen::{Look, Screen};
use super::{Ending, setup};
use crate::app::Viewer;
use crate::store::{DayCount, FeedCounts, Share, Statistics};

/// How long the bar of the busiest day is.
const BAR_MAX: u64 = 40;

pub(super) async fn run(options: &StatsOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let config = setup::config(arguments)?;
    let database = config.storage.database.clone();
    let viewer = Viewer::open(config).await?;
    let statistics = viewer.store().statistics(viewer.now()).await?;
    if options.json {
        json(&statistics)?;
        return Ok(Ending::Done);
    }
    for line in lines(&statistics, &database, Screen::of_stdout()) {
        data(&line)?;
    }
    Ok(Ending::Done)
}

fn lines(statistics: &Statistics, database: &str, screen: Screen) -> Vec<String> {
    let Statistics { articles, held, sightings, verdicts, .. } = statistics;
    let verdicts: Vec<String> =
        verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let (size, free) = (bytes(statistics.file_bytes), bytes(statistics.free_bytes));
    let mut lines = Vec::new();
    for (name, value) in [
        (
            "file",
            format!("{database}, {size}, {free} of it free; schema {}", statistics.schema_version),
        ),
        ("feeds", feeds(&statistics.feeds)),
        ("articles", format!("{articles}, {held} of them held without a text")),
        ("entries", format!("{sightings}{}", listed(&verdicts))),
    ] {
        lines.extend(screen.wrapped(&format!("{name:<10}"), "          ", &value));
    }
    let mut section = |heading: &str, rows: Vec<String>| {
        if !rows.is_empty() {
            lines.extend([String::new(), screen.painted(Look::Heading, heading)]);
            lines.extend(rows);
        }
    };
    section("new articles by day (UTC)", days(&statistics.new_by_day));
    section("articles by host", shares(&statistics.top_hosts));
    section("articles by declared language", shares(&statistics.top_languages));
    section("entries by feed", shares(&statistics.top_feeds));
    lines
}

fn feeds(feeds: &FeedCounts) -> String {
    let states = [
        (feeds.ok, "ok"),
        (feeds.failing, "failing"),
        (feeds.paused, "paused"),
        (feeds.new, "not polled yet"),
    ];
    let states: Vec<String> = states
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    format!("{}{}", feeds.total(), listed(&states))
}

fn listed(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn days(days: &[DayCount]) -> Vec<String> {
    let most = days.iter().map(|day| day.articles).max().unwrap_or_default().max(1);
    let width = most.to_string().len();
    let row = |day: &DayCount| {
        let length = (day.articles * BAR_MAX).div_ceil(most);
        let bar = "█".repeat(usize::try_from(length).unwrap_or_default());
        format!("  {}  {:>width$}  {bar}", day.day, day.articles).trim_end().to_owned()
    };
    days.iter().map(row).collect()
}

fn shares(shares: &[Share]) -> Vec<String> {
    let width = shares.iter().map(|share| share.count.to_string().len()).max().unwrap_or_default();
    let row = |share: &Share| {
        let name = share.name.as_deref().map_or_else(|| "(none)".to_owned(), plain);
        format!("  {:>width$}  {name}", share.count)
    };
    shares.iter().map(row).collect()
}

/// A size in the unit that suits it, to one decimal.
fn bytes(bytes: u64) -> String {
    let (mut unit, mut names) = (1_u64, ["KiB", "MiB", "GiB", "TiB"].iter());
    let mut name = None;
    while bytes / unit >= 1024
        && let Some(next) = names.next()
    {
        unit <<= 10;
        name = Some(next);
    }
    match name {
        None => counted(bytes, "byte", "bytes"),
        Some(name) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_the_unit_that_suits_them() {
        for (size, expected) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1_600_000, "1.5 MiB"),
            (5 << 30, "5.0 GiB"),
            (3 << 50, "3072.0 TiB"),
        ] {
            assert_eq!(bytes(size), expected);
        }
    }

    #[test]
    fn the_busiest_day_has_the_longest_bar_and_no_day_with_articles_has_none() {
        let day = |day: &str, articles| DayCount { day: day.to_owned(), articles };
        let rows = days(&[day("a", 0), day("b", 1), day("c", 1000)]);
        assert_eq!(rows[0], "  a     0");
        assert_eq!(rows[1], "  b     1  █");
        assert_eq!(rows[2], format!("  c  1000  {}", "█".repeat(40)));
        assert_eq!(days(&[day("a", 0)]), ["  a  0"]);
    }
}
