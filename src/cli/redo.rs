//! Applies the rules of today to what is stored, and says what changed.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::arguments::{Arguments, RedoOptions};
use super::output::{counted, data, is_watched, json, plain, say};
use super::{Ending, setup};
use crate::app::{App, RedoSummary};
use crate::store::{RedoOutcome, Redone};

pub(super) async fn run(options: &RedoOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let app = App::open(setup::decided(arguments)?).await?;
    let bar = progress(is_watched() && !arguments.is_quiet());
    let mut printed = Ok(());
    let summary = app
        .redo(options.dry_run, &mut |articles, done| {
            bar.set_length(articles);
            bar.inc(done.len() as u64);
            for redone in done.iter().filter(|redone| is_a_change(redone)) {
                let line = || data(&change(redone));
                let print = || if options.json { json(redone) } else { line() };
                if printed.is_ok() {
                    printed = bar.suspend(print);
                }
            }
        })
        .await?;
    bar.finish_and_clear();
    printed?;
    if options.json {
        json(&machine_readable(&summary, options.dry_run))?;
    } else if !arguments.is_quiet() {
        for line in readable(&summary, options.dry_run) {
            say(&line);
        }
    }
    Ok(Ending::Done)
}

/// A bar at a terminal, nothing anywhere else.
fn progress(is_watched: bool) -> ProgressBar {
    let target =
        if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style =
        ProgressStyle::with_template("{bar:20} {pos}/{len} articles, {elapsed}, {eta} left")
            .expect("the template is well-formed");
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

fn is_a_change(redone: &Redone) -> bool {
    matches!(
        redone.outcome,
        RedoOutcome::Changed
            | RedoOutcome::Merged
            | RedoOutcome::SharedText
            | RedoOutcome::NothingUsable
    ) || redone.variants > 0
}

fn change(redone: &Redone) -> String {
    let Redone { article, title, outcome, words_before, words_after, merged, .. } = redone;
    let words = format!("{words_before} -> {}", counted(*words_after, "word", "words"));
    let what = match (outcome, merged) {
        (RedoOutcome::Merged, Some((gone, survivor))) => {
            format!("{words}; article {} becomes article {}", gone.0, survivor.0)
        }
        (RedoOutcome::SharedText, _) => {
            "held: its words stand under several headlines of one publisher".to_owned()
        }
        (RedoOutcome::NothingUsable, _) => {
            format!("left alone, {words_before} words: nothing usable is left of it by these rules")
        }
        (RedoOutcome::Unchanged, _) => {
            let texts = redone.variants as u64;
            format!("{} of copies changed", counted(texts, "text", "texts"))
        }
        _ => words,
    };
    format!("article {}: {what}  {}", article.0, plain(title)).trim_end().to_owned()
}

fn readable(summary: &RedoSummary, dry_run: bool) -> Vec<String> {
    let count = |outcome| summary.count(outcome);
    let mut parts = vec![
        format!("{} unchanged", count(RedoOutcome::Unchanged)),
        format!("{} changed", count(RedoOutcome::Changed)),
        format!("{} merged", count(RedoOutcome::Merged)),
    ];
    for (outcome, words) in [
        (RedoOutcome::SharedText, "held, their words being several headlines'"),
        (RedoOutcome::StillHeld, "still without a text"),
        (RedoOutcome::NotKept, "left alone: what their text was read from is not kept"),
        (RedoOutcome::NothingUsable, "left alone: nothing usable by these rules"),
        (RedoOutcome::ChangedMeanwhile, "changed meanwhile by a running program"),
    ] {
        if count(outcome) > 0 {
            parts.push(format!("{} {words}", count(outcome)));
        }
    }
    if summary.headlines > 0 {
        parts.push(counted(summary.headlines, "headline key changed", "headline keys changed"));
    }
    if summary.variants > 0 {
        let texts = counted(summary.variants, "text", "texts");
        parts.push(format!("{texts} of much different copies changed"));
    }
    let articles = counted(summary.articles, "article", "articles");
    let mut lines = Vec::new();
    if let Some(after) = summary.resumed_after {
        lines.push(format!("went on after article {}, where the last redo was stopped", after.0));
    }
    let would = if dry_run { "a dry run, nothing is changed: " } else { "" };
    lines.push(format!("{would}{articles} read again: {}", parts.join(", ")));
    if let Some(after) = summary.stopped_after {
        let then = if dry_run { "" } else { "; `ingest redo` goes on from there" };
        lines.push(format!("stopped after article {}{then}", after.0));
    }
    lines
}

fn machine_readable(summary: &RedoSummary, dry_run: bool) -> serde_json::Value {
    json!({ "dry_run": dry_run, "summary": summary })
}
