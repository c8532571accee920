//! Declares the commands that describe the command line.

use clap::Args;
use clap_complete::Shell;

const COMPLETIONS_EXAMPLES: &str = "Examples:
  ingest completions bash > ingest.bash
  ingest completions zsh > _ingest
  ingest completions fish > ingest.fish

bash looks in ~/.local/share/bash-completion/completions for a file named ingest, fish in
~/.config/fish/completions for ingest.fish, zsh in the folders of $fpath for _ingest.";

const MAN_EXAMPLES: &str = "Examples:
  ingest man > ingest.1
  ingest man search > ingest-search.1
  ingest man feeds add > ingest-feeds-add.1

`man ./ingest.1` shows the page.";

#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(in crate::cli) struct CompletionsOptions {
    /// The shell.
    #[arg(value_enum)]
    pub(in crate::cli) shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(in crate::cli) struct ManOptions {
    /// The command it is about [default: the whole program].
    #[arg(value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<String>,
}
