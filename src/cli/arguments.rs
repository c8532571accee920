//! Declares the command line.

mod corrections;
mod feeds;
mod links;
mod manual;
mod upkeep;
mod viewing;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::model::FeedUrl;
use crate::telemetry::LogFormat;

pub(super) use corrections::{ExplainOptions, MergeOptions, RedoOptions, SplitOptions};
pub(super) use feeds::{AddOptions, FeedsCommand};
pub(super) use links::LinksCommand;
pub(super) use manual::{CompletionsOptions, ManOptions};
pub(super) use upkeep::{BackupOptions, DoctorOptions, VacuumOptions};
pub(super) use viewing::{
    ExportFormat, ExportOptions, SearchOptions, SelectionOptions, ShowOptions, StatsOptions,
    WatchOptions,
};

/// Turns news feeds into one SQLite file of unique articles.
///
/// Without a command and without --once it runs as a daemon: it polls every feed when it is due,
/// until SIGTERM or SIGINT, and reads its configuration again on SIGHUP.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
#[command(name = "ingest", version, max_term_width = 100, args_conflicts_with_subcommands = false)]
#[command(
    after_help = "Exit codes: 0 done · 1 done, but some feeds or checks failed · 2 wrong usage or \
    configuration · 3 the store is unavailable"
)]
pub(super) struct Arguments {
    /// The configuration file [default: config/ingest.toml, if it is there].
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// The SQLite file, instead of the configured one.
    #[arg(long, global = true, value_name = "PATH")]
    pub(super) database: Option<String>,

    /// Say less: only errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Say more; twice for what only debugging needs.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,

    /// How log lines are written.
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub(super) log_format: LogFormat,

    /// Poll every due feed once, say what came of it, and exit.
    #[arg(long)]
    pub(super) once: bool,

    /// With --once: poll feeds that are not due, too.
    #[arg(long, requires = "once")]
    pub(super) force: bool,

    /// With --once: poll only these feeds.
    #[arg(long, requires = "once", value_name = "URL", num_args = 1..)]
    pub(super) feed: Vec<FeedUrl>,

    /// With --once: print the summary as one JSON object on stdout.
    #[arg(long, requires = "once")]
    pub(super) json: bool,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

impl Arguments {
    pub(super) fn log_level(&self) -> LevelFilter {
        let is_daemon = self.command.is_none() && !self.once;
        match (self.quiet, self.verbose) {
            (false, 1) => LevelFilter::INFO,
            (false, 0) if is_daemon => LevelFilter::INFO,
            // A pass and a command tell their results themselves.
            (true, _) | (false, 0) => LevelFilter::ERROR,
            (false, _) => LevelFilter::DEBUG,
        }
    }

    /// Whether an option of a single pass was given.
    pub(super) fn is_pass(&self) -> bool {
        self.once || self.force || self.json || !self.feed.is_empty()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Keep the list of feeds: add, list, show, pause, remove, discover, import, export.
    #[command(subcommand)]
    Feeds(FeedsCommand),
    /// Search titles and bodies.
    Search(SearchOptions),
    /// Show an article: its text, where it was seen, and what it said before.
    Show(ShowOptions),
    /// Hand articles on: as JSON lines, CSV, an Atom feed or a JSON Feed.
    Export(ExportOptions),
    /// Tell at a glance what is in the file.
    Stats(StatsOptions),
    /// Print each new article as it comes.
    Watch(WatchOptions),
    /// Show the links whose target is not known yet, or have them tried again.
    #[command(subcommand)]
    Links(LinksCommand),
    /// Look after the rules of what is boilerplate.
    #[command(subcommand)]
    Boilerplate(BoilerplateCommand),
    /// Show what one stage makes of one input, for tuning and measuring.
    #[command(subcommand)]
    Inspect(InspectCommand),
    /// Tell why entries became one article, were kept apart, held or dropped.
    Explain(ExplainOptions),
    /// Give an entry that was merged wrongly an article of its own.
    Split(SplitOptions),
    /// Make two articles one that were kept apart wrongly.
    Merge(MergeOptions),
    /// Apply the rules of today to the texts that are stored.
    Redo(RedoOptions),
    /// Copy the database file while others use it.
    Backup(BackupOptions),
    /// Examine the database file and its surroundings, and say what to do.
    Doctor(DoctorOptions),
    /// Give the room of what was deleted back to the disk.
    Vacuum(VacuumOptions),
    /// Write a script that completes commands at a shell's prompt.
    Completions(CompletionsOptions),
    /// Write the manual, or the page of one command, for man.
    Man(ManOptions),
}

#[derive(Debug, Subcommand)]
pub(super) enum BoilerplateCommand {
    /// Prove a file of own rules by its examples.
    Check {
        /// The file [default: the one that `text.boilerplate_file` names].
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print rules for lines that many stored texts of one host end in, with the evidence. Changes
    /// nothing.
    Propose {
        /// Only for this host.
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
    },
}

/// With --jsonl every stage reads one JSON object a line from stdin and answers one a line.
#[derive(Debug, Subcommand)]
pub(super) enum InspectCommand {
    /// Explain step by step where a link leads, offline, with what the database remembers.
    Link(Inspected),
    /// Strip boilerplate from a text (or from HTML, if it holds tags).
    Text {
        #[command(flatten)]
        inspected: Inspected,
        /// The title of the entry, for rules that repeat it.
        #[arg(long, default_value = "")]
        title: String,
    },
    /// Extract the article from a page (a file).
    Page {
        #[command(flatten)]
        inspected: Inspected,
        /// The address the page was read from.
        #[arg(long, default_value = "")]
        url: String,
    },
    /// Read a feed document (a file).
    Feed(Inspected),
    /// Read a date.
    Date(Inspected),
    /// Judge documents against each other in order (JSON lines only).
    Duplicates(Inspected),
}

#[derive(Debug, Args)]
pub(super) struct Inspected {
    /// The input: a link, a date or the name of a file; `-` or nothing reads stdin.
    #[arg(value_name = "ARG")]
    pub(super) input: Option<String>,

    /// One JSON object a line, in and out.
    #[arg(long, conflicts_with = "input")]
    pub(super) jsonl: bool,
}
