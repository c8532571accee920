//! Speaks with the person at the terminal: arguments in, words and exit codes out.
//!
//! Data goes to stdout, words and progress to stderr. The exit code says how it ended:
//! 0 done · 1 done, but some feeds or checks failed · 2 wrong usage or configuration · 3 the store is
//! unavailable.

mod arguments;
mod boilerplate;
mod correct;
mod explain;
mod export;
pub mod feeds;
mod found;
mod inspect;
mod links;
mod manual;
mod once;
mod output;
mod redo;
mod screen;
mod search;
mod setup;
mod show;
mod stats;
mod upkeep;
mod watch;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

use crate::app::{App, Impossible, NoFeed, Unwatchable};
use crate::config::ConfigFaults;
use crate::store::StoreError;
use crate::telemetry;
use arguments::{Arguments, Command};

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Done,
    SomeFeedsFailed,
    ChecksFailed,
}

/// What the person asked for cannot be done as asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    telemetry::init(arguments.log_level(), arguments.log_format);
    telemetry::tell_panics_of_workers_quietly();
    // All that keeps a core or the disk busy has threads of its own. What is left waits for sockets, and
    // on several threads its tasks would mostly wake each other's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => Err(anyhow::Error::new(error).context("starting the runtime")),
    };
    match ended {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::SomeFeedsFailed | Ending::ChecksFailed) => ExitCode::from(1),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            exit_code(&error)
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    if arguments.command.is_some() && arguments.is_pass() {
        let message = "--once, --force, --feed and --json go without a command";
        return Err(Usage(message.to_owned()).into());
    }
    match &arguments.command {
        None if arguments.once => once::run(&arguments).await,
        None => {
            let app = App::open(setup::decided(&arguments)?).await?;
            app.daemon(&|| setup::decided(&arguments)).await?;
            Ok(Ending::Done)
        }
        Some(Command::Feeds(command)) => feeds::run(command, &arguments).await,
        Some(Command::Search(options)) => search::run(options, &arguments).await,
        Some(Command::Show(options)) => show::run(options, &arguments).await,
        Some(Command::Export(options)) => export::run(options, &arguments).await,
        Some(Command::Stats(options)) => stats::run(options, &arguments).await,
        Some(Command::Watch(options)) => watch::run(options, &arguments).await,
        Some(Command::Completions(options)) => manual::completions(options.shell),
        Some(Command::Man(options)) => manual::page(&options.command),
        Some(Command::Boilerplate(command)) => boilerplate::run(command, &arguments).await,
        Some(Command::Inspect(command)) => inspect::run(command, &arguments).await,
        Some(Command::Links(command)) => links::run(command, &arguments).await,
        Some(Command::Explain(options)) => explain::run(options, &arguments).await,
        Some(Command::Split(options)) => correct::split(options, &arguments).await,
        Some(Command::Merge(options)) => correct::merge(options, &arguments).await,
        Some(Command::Redo(options)) => redo::run(options, &arguments).await,
        Some(Command::Backup(options)) => upkeep::backup(options, &arguments).await,
        Some(Command::Doctor(options)) => upkeep::doctor(options, &arguments).await,
        Some(Command::Vacuum(options)) => upkeep::vacuum(options, &arguments).await,
    }
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    match () {
        () if error.is::<Usage>() || error.is::<ConfigFaults>() => ExitCode::from(2),
        () if error.is::<Impossible>() || error.is::<NoFeed>() => ExitCode::from(2),
        () if error.is::<StoreError>() || error.is::<Unwatchable>() => ExitCode::from(3),
        () => ExitCode::from(1),
    }
}

/// Whoever read our output (`head`, say) has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    let of_json = || error.downcast_ref::<serde_json::Error>()?.io_error_kind();
    kind.or_else(of_json) == Some(io::ErrorKind::BrokenPipe)
}
