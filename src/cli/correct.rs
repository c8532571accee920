//! Splits and merges articles as a person says, and says what was done.

use super::arguments::{Arguments, MergeOptions, SplitOptions};
use super::output::{counted, data, json};
use super::{Ending, setup};
use crate::app::{App, SplitDone};
use crate::model::{ArticleId, SightingId};
use crate::store::{Merged, MergedText};

pub(super) async fn split(options: &SplitOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let app = App::open(setup::decided(arguments)?).await?;
    let done = app.split(SightingId(options.sighting), options.dry_run).await?;
    if options.json {
        json(&done)?;
    } else {
        tell(options.dry_run, &what_split_did(&done))?;
    }
    Ok(Ending::Done)
}

pub(super) async fn merge(options: &MergeOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let app = App::open(setup::decided(arguments)?).await?;
    let (into, absorbed) = (ArticleId(options.into), ArticleId(options.article));
    let done = app.merge(into, absorbed, options.dry_run).await?;
    if options.json {
        json(&done)?;
    } else {
        tell(options.dry_run, &what_merge_did(&done))?;
    }
    Ok(Ending::Done)
}

fn tell(dry_run: bool, lines: &[String]) -> anyhow::Result<()> {
    if dry_run {
        data("a dry run; nothing is changed:")?;
    }
    for line in lines {
        data(line)?;
    }
    Ok(())
}

fn what_split_did(done: &SplitDone) -> Vec<String> {
    let (article, from) = (done.split_off.article.0, done.split_off.from.0);
    let text = match done.words {
        Some(words) => format!("with its own text, {}", counted(words as u64, "word", "words")),
        None => "without a text: none of it is kept; it gets one when its feed brings it again"
            .to_owned(),
    };
    let mut lines = vec![format!("sighting {} is article {article} now, {text}", done.sighting.0)];
    if done.split_off.addresses_moved > 0 {
        let addresses = counted(done.split_off.addresses_moved, "address", "addresses");
        lines.push(format!("{addresses} that only it was seen at moved along"));
    }
    if !done.fell_back.is_empty() {
        let what = done.fell_back.join(", ");
        lines.push(format!("article {from} has from its other sightings now: {what}"));
    }
    if done.text_stays_behind {
        lines.push(format!(
            "article {from} keeps the text, which was this sighting's: no other is known"
        ));
    }
    lines.push(format!(
        "articles {from} and {article} are kept apart; `ingest merge {from} {article}` undoes it"
    ));
    lines
}

fn what_merge_did(done: &Merged) -> Vec<String> {
    let (article, absorbed) = (done.article.0, done.absorbed.0);
    let sightings = counted(done.sightings_moved, "sighting", "sightings");
    let mut lines =
        vec![format!("article {absorbed} is article {article} now: {sightings} moved there")];
    lines.extend(
        match done.text {
            MergedText::KeptAsVariant => Some("its text is kept beside the other, as a variant"),
            MergedText::Taken => Some("the article had no text and has that one now"),
            MergedText::None | MergedText::Same => None,
        }
        .map(str::to_owned),
    );
    if done.was_kept_apart {
        lines.push("the two had been kept apart until now".to_owned());
    }
    lines.push("they stay one; `ingest split` takes a sighting out again".to_owned());
    lines
}
