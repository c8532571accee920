//! Tells a person why entries became one article, were kept apart, held or dropped.

mod diff;
pub(super) mod reasons;

use super::arguments::{Arguments, ExplainOptions};
use super::output::{counted, moment, plain};
use super::screen::Screen;
use super::{Ending, found, setup};
use crate::app::{Account, App, CopyText, Found, SightingAccount};
use crate::model::{ArticleId, Standing, TextSource};
use crate::store::{ArticleDetails, SightingDetails};

pub(super) async fn run(options: &ExplainOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let app = App::open(setup::decided(arguments)?).await?;
    let explained = match options.asked.parse() {
        Ok(number) => Found::Articles(vec![app.explain(ArticleId(number)).await?]),
        Err(_) => app.explain_address(&options.asked).await?,
    };
    let is_coloured = Screen::of_stdout().is_coloured();
    found::print(&explained, &options.asked, options.json, |account| lines(account, is_coloured))
}

fn lines(account: &Account, is_coloured: bool) -> Vec<String> {
    let mut lines = article(&account.article);
    for (sighting, beside) in account.article.sightings.iter().zip(&account.texts) {
        lines.push(String::new());
        lines.extend(self::sighting(&account.article, sighting, beside, is_coloured));
    }
    lines
}

fn article(article: &ArticleDetails) -> Vec<String> {
    let mut lines = vec![format!("article {}: {}", article.id.0, plain(&article.title))];
    let mut fact = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("  {name:<11}{value}")));
    };
    let witness = match article.url_standing {
        Standing::Publisher => "the publisher's, reached through a wrapper or named by a copy",
        Standing::Feed => "the link of a feed's own entry",
        Standing::Copy => "that of a copy; the original's is not known",
    };
    fact("address", article.url.as_ref().map(|url| format!("{} ({witness})", plain(url))));
    fact("text", Some(text(article)));
    fact("author", article.author.as_deref().map(plain));
    fact("published", article.published_at.map(moment));
    fact("first seen", Some(moment(article.first_seen_at)));
    let has_changed = article.changed_at != article.first_seen_at;
    fact("changed", has_changed.then(|| moment(article.changed_at)));
    let earlier = article.revisions.len() as u64;
    fact("revisions", (earlier > 0).then(|| counted(earlier, "earlier text", "earlier texts")));
    let variants = article.variants.len() as u64;
    let variants = (variants > 0).then(|| counted(variants, "text of a copy", "texts of copies"));
    fact(
        "variants",
        variants.map(|texts| format!("{texts} that differ much, kept beside its own")),
    );
    let others: Vec<String> =
        article.kept_apart_from.iter().map(|other| other.0.to_string()).collect();
    let others = (!others.is_empty()).then(|| others.join(", "));
    fact("kept apart", others.map(|others| format!("by a person's word from article {others}")));
    lines
}

fn text(article: &ArticleDetails) -> String {
    if let Some(reason) = &article.hold_reason {
        return format!("none: {}", reasons::of_holding(reason));
    }
    let source = match article.text_source {
        Some(TextSource::Page) => "its page",
        Some(TextSource::Feed) | None => "a feed",
    };
    let copied = if article.text_copied { ", known only from a copy" } else { "" };
    let words = counted(article.words, "word", "words");
    format!("{words} from {source}{copied}, cleaned by rules {}", article.rules_version)
}

fn sighting(
    article: &ArticleDetails,
    sighting: &SightingDetails,
    beside: &SightingAccount,
    is_coloured: bool,
) -> Vec<String> {
    let feed = match &sighting.feed_title {
        Some(title) => format!("{} ({})", plain(title), plain(&sighting.feed)),
        None => plain(&sighting.feed),
    };
    let mut lines = vec![format!("sighting {}: {} in {feed}", sighting.id.0, sighting.verdict)];
    let mut fact = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("  {name:<11}{value}")));
    };
    let title = Some(plain(&sighting.title)).filter(|title| *title != plain(&article.title));
    fact("title", title);
    let (first, last) = (moment(sighting.first_seen_at), moment(sighting.last_seen_at));
    fact("seen", Some(if first == last { first } else { format!("{first}, last {last}") }));
    fact("link", link(sighting));
    fact("original", sighting.source_link.as_deref().map(plain));
    fact("why", Some(reasons::of_sighting(sighting, article, beside.compared_with.as_ref())));
    fact(
        "decided",
        sighting.decided_at.map(|at| {
            format!("a person put it here on {}; the program leaves it here", moment(at))
        }),
    );
    fact("cleaned", removed(sighting));
    let (said, shown) = match &beside.text {
        CopyText::Same => ("the article's, word for word", None),
        CopyText::Differs(diff) => ("differs from the article's:", Some(diff)),
        CopyText::None => ("none that is usable", None),
        CopyText::NotKept => ("not kept any more, so how it differs cannot be shown", None),
    };
    fact("text", Some(said.to_owned()));
    if let Some(found) = shown {
        lines.extend(diff::lines(found, is_coloured).into_iter().map(|line| format!("    {line}")));
    }
    lines
}

fn link(sighting: &SightingDetails) -> Option<String> {
    let link = plain(sighting.link.as_ref()?);
    Some(match &sighting.target {
        Some(target) if *target == link => link,
        Some(target) => format!("{link} -> {}", plain(target)),
        None => format!("{link} (where it leads is not known yet)"),
    })
}

fn removed(sighting: &SightingDetails) -> Option<String> {
    let lines: u64 = sighting.removed.iter().map(|(_, lines)| lines).sum();
    let rules: Vec<String> = sighting
        .removed
        .iter()
        .map(|(rule, lines)| if *lines > 1 { format!("{rule} ({lines})") } else { rule.clone() })
        .collect();
    (lines > 0)
        .then(|| format!("{} removed by {}", counted(lines, "line", "lines"), rules.join(", ")))
}
