//! Shows what one stage makes of one input, offline.
//!
//! With `--jsonl` a stage reads one JSON object a line and answers one a line, in order. A line
//! that cannot be answered is answered with an `error` and its `id`, and the next goes on.

mod date;
mod duplicates;
mod feed;
mod link;
mod page;
mod text;

use std::fs;
use std::io::{self, BufRead as _, BufWriter, Read as _, Write as _, stdin, stdout};

use anyhow::Context as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::arguments::{Arguments, InspectCommand, Inspected};
use super::{Ending, Usage};

/// One kind of question and how it is answered.
trait Stage {
    /// A line of `--jsonl` input.
    type Question: DeserializeOwned;

    /// The answer to one question.
    fn answer(&mut self, question: Self::Question) -> anyhow::Result<impl Serialize>;
}

pub(super) async fn run(command: &InspectCommand, arguments: &Arguments) -> anyhow::Result<Ending> {
    match command {
        InspectCommand::Link(inspected) if inspected.jsonl => {
            let mut links = link::Links::new()?;
            each_line(|question| serde_json::to_value(links.answer(question)?).map_err(Into::into))
        }
        InspectCommand::Link(inspected) => link::explain(&words(inspected)?, arguments).await,
        InspectCommand::Text { inspected, title } => {
            ask(text::Texts::new(), inspected, contents, |text| text::Question::of(text, title))
        }
        InspectCommand::Page { inspected, url } => {
            ask(page::Pages::new(), inspected, contents, |html| page::Question::of(html, url))
        }
        InspectCommand::Feed(inspected) => {
            let name = inspected.input.clone().filter(|input| input != "-");
            let name = name.unwrap_or_else(|| "/dev/stdin".to_owned());
            ask(feed::Feeds, inspected, |_| Ok(name), feed::Question::of)
        }
        InspectCommand::Date(inspected) => {
            ask(date::Dates, inspected, words, |text| date::Question { id: Value::Null, text })
        }
        InspectCommand::Duplicates(inspected) => {
            if !inspected.jsonl {
                let message = "documents are compared with each other; give them with --jsonl";
                return Err(Usage(message.to_owned()).into());
            }
            duplicates::run().await
        }
    }?;
    Ok(Ending::Done)
}

/// Answers one question of a person, or a line each of a machine.
fn ask<S: Stage>(
    mut stage: S,
    inspected: &Inspected,
    read: impl FnOnce(&Inspected) -> anyhow::Result<String>,
    question: impl FnOnce(String) -> S::Question,
) -> anyhow::Result<()> {
    if inspected.jsonl {
        return each_line(|question| {
            serde_json::to_value(stage.answer(question)?).map_err(Into::into)
        });
    }
    let answer = stage.answer(question(read(inspected)?))?;
    let mut answer = serde_json::to_value(answer)?;
    if let Some(fields) = answer.as_object_mut()
        && fields.get("id").is_some_and(Value::is_null)
    {
        fields.remove("id");
    }
    writeln!(stdout().lock(), "{}", serde_json::to_string_pretty(&answer)?)?;
    Ok(())
}

/// Answers a line each, in order, and keeps going after a line that cannot be answered.
fn each_line<Q: DeserializeOwned>(
    mut answer: impl FnMut(Q) -> anyhow::Result<Value>,
) -> anyhow::Result<()> {
    let mut output = BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let line = line.context("reading JSON lines from stdin")?;
        if line.trim().is_empty() {
            continue;
        }
        let answered =
            answered(&line, &mut answer).unwrap_or_else(|error| unanswered(&line, &error));
        serde_json::to_writer(&mut output, &answered)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(())
}

/// What is said to a line that cannot be answered.
fn unanswered(line: &str, error: &anyhow::Error) -> Value {
    let id = serde_json::from_str::<Value>(line).ok().and_then(|line| line.get("id").cloned());
    json!({ "id": id, "error": format!("{error:#}") })
}

fn answered<Q: DeserializeOwned>(
    line: &str,
    answer: &mut impl FnMut(Q) -> anyhow::Result<Value>,
) -> anyhow::Result<Value> {
    answer(serde_json::from_str(line).context("reading the line as a question")?)
}

/// The argument itself, or what stdin says.
fn words(inspected: &Inspected) -> anyhow::Result<String> {
    match inspected.input.as_deref() {
        Some("-") | None => Ok(piped()?.trim().to_owned()),
        Some(words) => Ok(words.to_owned()),
    }
}

/// What is in the named file, or on stdin.
fn contents(inspected: &Inspected) -> anyhow::Result<String> {
    match inspected.input.as_deref() {
        Some("-") | None => piped(),
        Some(name) => {
            let bytes = fs::read(name).with_context(|| format!("reading {name}"))?;
            Ok(crate::text::decode::page(&bytes, None))
        }
    }
}

fn piped() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).context("reading stdin")?;
    Ok(crate::text::decode::page(&bytes, None))
}
