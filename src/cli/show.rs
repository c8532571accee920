//! Shows an article as a person reads it.

use super::arguments::{Arguments, ShowOptions};
use super::explain::reasons;
use super::output::{counted, moment, plain};
use super::screen::{Look, Screen};
use super::{Ending, found, setup};
use crate::app::{Found, Viewer};
use crate::model::{ArticleId, TextSource};
use crate::store::{Article, Revision, SeenArticle, Sighting};
use crate::text::tokens::tokens;

/// How far what is said of an article stands from the left edge.
const FACT_INDENT: &str = "            ";

pub(super) async fn run(options: &ShowOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let viewer = Viewer::open(setup::config(arguments)?).await?;
    let shown = match options.asked.parse() {
        Ok(number) => Found::Articles(vec![viewer.article(ArticleId(number)).await?]),
        Err(_) => viewer.at_address(&options.asked).await?,
    };
    let screen = Screen::of_stdout();
    found::print(&shown, &options.asked, options.json, |article| lines(article, screen))
}

fn lines(shown: &SeenArticle, screen: Screen) -> Vec<String> {
    let article = &shown.article;
    let title = if article.title.is_empty() { "(without a title)" } else { &article.title };
    let mut lines = screen.wrapped("", "", &screen.painted(Look::Heading, &plain(title)));
    lines.extend(article.url.as_deref().map(|url| screen.painted(Look::Aside, &plain(url))));
    lines.push(String::new());
    let mut fact = |name: &str, value: &str| {
        lines.extend(screen.wrapped(&format!("{name:<12}"), FACT_INDENT, value));
    };
    fact("article", &article.id.0.to_string());
    for (name, value) in [("author", &article.author), ("language", &article.language)] {
        if let Some(value) = value {
            fact(name, &plain(value));
        }
    }
    if let Some(published_at) = article.published_at {
        fact("published", &moment(published_at));
    }
    fact("first seen", &moment(article.first_seen_at));
    if article.changed_at != article.first_seen_at {
        fact("changed", &moment(article.changed_at));
    }
    fact("text", &text(article));
    for (place, sighting) in shown.sightings.iter().enumerate() {
        fact(if place == 0 { "seen in" } else { "" }, &seen_in(sighting));
    }
    for (place, earlier) in shown.revisions.iter().enumerate() {
        fact(if place == 0 { "revisions" } else { "" }, &revision(earlier, article));
    }
    let body = article.body.as_deref().or(article.summary.as_deref()).unwrap_or_default();
    for paragraph in body.lines() {
        lines.push(String::new());
        lines.extend(screen.wrapped("", "", &plain(paragraph)));
    }
    lines
}

fn text(article: &Article) -> String {
    if let Some(reason) = &article.hold_reason {
        let instead =
            if article.summary.is_some() { "; below is what its feed says of it" } else { "" };
        return format!("none: {}{instead}", reasons::of_holding(reason));
    }
    let source = match article.text_source {
        Some(TextSource::Page) => "its page",
        Some(TextSource::Feed) | None => "a feed",
    };
    let copied = if article.text_copied { ", known only from a copy" } else { "" };
    format!("{} from {source}{copied}", counted(article.words, "word", "words"))
}

fn seen_in(sighting: &Sighting) -> String {
    let feed = match &sighting.feed_title {
        Some(title) => format!("{} ({})", plain(title), plain(&sighting.feed)),
        None => plain(&sighting.feed),
    };
    format!("{feed}, {}: {}", moment(sighting.first_seen_at), sighting.verdict)
}

fn revision(earlier: &Revision, article: &Article) -> String {
    let words = counted(tokens(&earlier.body).list().len() as u64, "word", "words");
    let title = if earlier.title == article.title {
        String::new()
    } else {
        format!(" under “{}”", plain(&earlier.title))
    };
    format!("{words}{title}, until {}", moment(earlier.replaced_at))
}
