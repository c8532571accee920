//! Hands articles on to other programs, as a stream.

mod atom;
mod csv;
mod json_feed;
mod lines;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, Utc};

use super::arguments::{Arguments, ExportFormat, ExportOptions};
use super::output::{bulk, counted, say};
use super::search::selection;
use super::{Ending, Usage, setup};
use crate::app::{Export, Exported, Viewer};
use crate::store::{Article, ChangeOrder, is_same_file};

/// A document that is written as articles come.
trait Document {
    /// What stands before the articles.
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// One article.
    fn article(&mut self, article: &Article) -> io::Result<()>;

    /// What stands after them.
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) async fn run(options: &ExportOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let config = setup::config(arguments)?;
    if let Some(path) = &options.output
        && is_same_file(path, Path::new(&config.storage.database))
    {
        let path = path.display();
        return Err(Usage(format!("{path} is the database itself; name another --output")).into());
    }
    let viewer = Viewer::open(config).await?;
    let exported = match &options.output {
        None => write(options, &viewer, &mut bulk()).await?,
        Some(path) => write_to(path, options, &viewer).await?,
    };
    if !arguments.is_quiet() {
        say(&summary(&exported));
    }
    Ok(Ending::Done)
}

/// Writes into a file, which is replaced once the document is whole, or into a pipe or a device.
async fn write_to(
    path: &Path,
    options: &ExportOptions,
    viewer: &Viewer,
) -> anyhow::Result<Exported> {
    let unwritable = |path: &Path, error: io::Error| {
        Usage(format!("cannot write {}: {error}; name another --output", path.display()))
    };
    if path.exists() && !path.is_file() {
        let file = OpenOptions::new().write(true).open(path);
        let file = file.map_err(|error| unwritable(path, error))?;
        return write(options, viewer, &mut BufWriter::new(file)).await;
    }
    let part = part_of(path);
    let file = File::create(&part).map_err(|error| unwritable(&part, error))?;
    let written = write(options, viewer, &mut BufWriter::new(&file)).await;
    // Or a power cut could leave an empty document in the place of the last one.
    let written = written.and_then(|exported| {
        file.sync_all().with_context(|| format!("writing the document {}", part.display()))?;
        Ok(exported)
    });
    if written.is_err() {
        // What failed matters more than whether the half document could be removed.
        drop(fs::remove_file(&part));
    }
    let exported = written?;
    fs::rename(&part, path).with_context(|| format!("naming the document {}", path.display()))?;
    Ok(exported)
}

async fn write(
    options: &ExportOptions,
    viewer: &Viewer,
    target: &mut dyn Write,
) -> anyhow::Result<Exported> {
    let export = Export {
        among: selection(&options.selection, viewer).await?,
        since: options.since.map(|since| since.moment(viewer.now())),
        order: order(options.format),
        at_most: options.limit,
    };
    let mut document = document(options.format, target, viewer.now());
    document.begin()?;
    let exported = viewer.export(export, &mut |article| Ok(document.article(article)?)).await?;
    document.end()?;
    drop(document);
    target.flush()?;
    Ok(exported)
}

/// A feed begins with what is new; whoever reads rows goes on where the last ones ended.
fn order(format: ExportFormat) -> ChangeOrder {
    match format {
        ExportFormat::Jsonl | ExportFormat::Csv => ChangeOrder::Earliest,
        ExportFormat::Atom | ExportFormat::JsonFeed => ChangeOrder::Latest,
    }
}

fn document<'a>(
    format: ExportFormat,
    target: &'a mut dyn Write,
    now: DateTime<Utc>,
) -> Box<dyn Document + 'a> {
    match format {
        ExportFormat::Jsonl => Box::new(lines::Lines::new(target)),
        ExportFormat::Csv => Box::new(csv::Table::new(target)),
        ExportFormat::Atom => Box::new(atom::Feed::new(target, now)),
        ExportFormat::JsonFeed => Box::new(json_feed::Feed::new(target)),
    }
}

/// Where a document grows until it is whole.
fn part_of(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

fn summary(exported: &Exported) -> String {
    let articles = counted(u64::from(exported.articles), "article", "articles");
    let go_on = exported.go_on.format("%Y-%m-%dT%H:%M:%SZ");
    format!("{articles}; to go on from here: --since {go_on}")
}

/// The name under which an article is known beyond its file.
fn identifier(article: &Article) -> String {
    format!("urn:ingest:article:{}", article.id.0)
}

/// A moment as Atom and JSON Feed spell it.
fn rfc3339(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Who is named as the author, if anybody is.
fn named_author(article: &Article) -> Option<&str> {
    article.author.as_deref().filter(|author| !author.trim().is_empty())
}
