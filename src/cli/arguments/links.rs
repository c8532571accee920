//! Declares the commands for links that wait.

use clap::Subcommand;

const RETRY_EXAMPLES: &str = "Examples:
  ingest links retry
  ingest links retry https://ift.tt/Zk3PqLm

Budgets and rests of services that limit us are kept all the same.";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LinksCommand {
    /// List the links that wait: when each is tried next, who is asked, and what went wrong.
    Pending {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Try links again now, also those that were given up.
    #[command(after_help = RETRY_EXAMPLES)]
    Retry {
        /// Only these links, as `pending` shows them.
        #[arg(value_name = "LINK")]
        links: Vec<String>,
        /// What came of it as one JSON object.
        #[arg(long)]
        json: bool,
    },
}
