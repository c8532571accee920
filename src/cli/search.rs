//! Searches the file, and shows what was found.

use super::arguments::{Arguments, SearchOptions, SelectionOptions};
use super::output::{counted, data, json, plain, say};
use super::screen::{Look, Screen};
use super::{Ending, Usage, setup};
use crate::app::Viewer;
use crate::store::{Fragment, Hit, HitOrder, Search, Selection};

/// So many articles that are not indexed yet are told of, whatever was found: some always wait beside
/// a daemon.
const MANY: u64 = 1_000;

pub(super) async fn run(options: &SearchOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let typed = options.query.join(" ");
    let query =
        typed.parse().map_err(|error| Usage(format!("cannot search for `{typed}`: {error}")))?;
    let viewer = Viewer::open(setup::config(arguments)?).await?;
    let search = Search {
        query,
        among: selection(&options.selection, &viewer).await?,
        since: options.since.map(|since| since.moment(viewer.now())),
        order: if options.newest { HitOrder::Newest } else { HitOrder::Best },
        at_most: options.limit,
    };
    let hits = viewer.store().search(search).await?;
    let screen = Screen::of_stdout();
    let number_width = hits.iter().map(|hit| hit.id.0.to_string().len()).max().unwrap_or_default();
    for hit in &hits {
        if options.json {
            json(hit)?;
        } else {
            for line in lines(hit, number_width, screen) {
                data(&line)?;
            }
        }
    }
    if !options.json && !arguments.is_quiet() {
        if hits.is_empty() {
            say("nothing was found");
        }
        let waiting = viewer.store().waiting_for_search().await?;
        if waiting >= MANY || (hits.is_empty() && waiting > 0) {
            let articles = counted(waiting, "article waits", "articles wait");
            say(&format!(
                "{articles} to be indexed and cannot be found yet; the daemon or the next \
                 `ingest --once` does that"
            ));
        }
    }
    Ok(Ending::Done)
}

/// Which articles a person wants, by the options of several commands.
pub(super) async fn selection(
    options: &SelectionOptions,
    viewer: &Viewer,
) -> anyhow::Result<Selection> {
    let host = options.host.as_ref().map(|host| host.0.clone());
    viewer.selection(options.feed.as_ref(), host, options.language.clone()).await
}

/// Number, day and title; the passage; the address and in how many feeds it stood.
fn lines(hit: &Hit, number_width: usize, screen: Screen) -> Vec<String> {
    let day = hit.first_seen_at.format("%Y-%m-%d");
    let first = format!("{:>number_width$}  {day}  ", hit.id.0);
    let rest = " ".repeat(number_width + 2);
    let title = marked(&hit.marked_title, screen);
    let mut lines = screen.wrapped(&first, &rest, &title);
    if !hit.snippet.is_empty() {
        lines.extend(screen.wrapped(&rest, &rest, &marked(&hit.snippet, screen)));
    }
    let url = hit.url.as_deref().map_or_else(|| "without an address".to_owned(), plain);
    let feeds = if hit.feeds > 1 {
        format!("  {}", counted(hit.feeds, "feed", "feeds"))
    } else {
        String::new()
    };
    lines.push(format!("{rest}{}", screen.painted(Look::Aside, &format!("{url}{feeds}"))));
    lines
}

fn marked(fragments: &[Fragment], screen: Screen) -> String {
    let pieces = fragments.iter().map(|fragment| {
        let text = plain(&fragment.text);
        if fragment.is_hit { screen.painted(Look::Found, &text) } else { text }
    });
    pieces.collect()
}
