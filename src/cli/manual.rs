//! Writes what shells and `man` want to know of the command line.

use std::io::Write as _;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::Arguments;
use super::output::bulk;
use super::{Ending, Usage};

/// What the program is called at a prompt.
const NAME: &str = "ingest";

pub(super) fn completions(shell: Shell) -> anyhow::Result<Ending> {
    // The library panics where it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    print(&script)
}

/// The page of the whole program, or of one of its commands.
pub(super) fn page(path: &[String]) -> anyhow::Result<Ending> {
    let mut whole = Arguments::command();
    whole.build();
    let mut command = &whole;
    for name in path {
        command = command.find_subcommand(name).ok_or_else(|| {
            let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            Usage(match known.as_slice() {
                [] => format!("`{}` has no commands of its own", path.join(" ")),
                known => format!("there is no command `{name}`; there are {}", known.join(", ")),
            })
        })?;
    }
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    print(&page)
}

fn print(text: &[u8]) -> anyhow::Result<Ending> {
    let mut output = bulk();
    output.write_all(text)?;
    output.flush()?;
    Ok(Ending::Done)
}
