//! Sets up the log: on stderr, for a person or a machine.

use std::io::{IsTerminal as _, stderr};

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One readable line an event.
    Text,
    /// One JSON object an event.
    Json,
}

/// The variable that sets levels module by module, such as `ingest=debug,reqwest=info`.
const FILTER_VARIABLE: &str = "INGEST_LOG";

/// Sends events of `level` and above to stderr. A second call changes nothing.
pub fn init(level: LevelFilter, format: LogFormat) {
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .with_env_var(FILTER_VARIABLE)
        .from_env_lossy()
        // The libraries that read pages tell of every oddity they meet.
        .add_directive("trafilatura=error".parse().expect("the directive is well-formed"))
        .add_directive("html5ever=error".parse().expect("the directive is well-formed"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        // It would be told on stderr that stderr cannot be written, which panics. Whoever reads the log may
        // be gone, or its disk full; the work goes on.
        .log_internal_errors(false)
        .with_target(false)
        .with_ansi(stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    // A subscriber that is set already stays: tests run more than one program in a process.
    let set = match format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    drop(set);
}

/// Sends panics of worker threads and of tasks to the log's debug level.
///
/// They are caught where the work was asked for, and told there as what they mean: a feed that a
/// library stumbles over is damaged, say. The default message on stderr would tell cron of it a second
/// time, in words for nobody. What the main thread does outside of tasks keeps the default.
pub fn tell_panics_of_workers_quietly() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_main = std::thread::current().name() == Some("main");
        if is_main && tokio::task::try_id().is_none() {
            default(panic);
        } else {
            tracing::debug!("a worker panicked: {panic}");
        }
    }));
}
