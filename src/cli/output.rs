//! Writes to stdout and stderr; nothing else does.

use std::io::{self, IsTerminal as _, Write as _, stderr, stdout};
use std::os::fd::AsFd as _;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::io::Interest;
use tokio::net::unix::pipe::Sender;

/// How much data is collected before it is written: as much as a pipe takes at once.
const BULK_BYTES: usize = 64 << 10;

/// Prints one JSON object on a line of its own.
pub(super) fn json(value: &impl Serialize) -> io::Result<()> {
    let line = serde_json::to_string(value)?;
    data(&line)
}

/// Prints a line of data.
pub(super) fn data(line: &str) -> io::Result<()> {
    writeln!(stdout().lock(), "{line}")
}

/// Where much data goes: in few large pieces. Whoever writes here flushes at the end.
pub(super) fn bulk() -> impl io::Write {
    io::BufWriter::with_capacity(BULK_BYTES, stdout())
}

/// Ends when whoever reads stdout is gone; never, where stdout is a file, which nobody need read.
pub(super) async fn reader_gone() {
    let gone = async {
        let pipe = stdout().as_fd().try_clone_to_owned().ok()?;
        // Unchecked, since a checked one would no longer block, and stdout is the same pipe.
        let pipe = Sender::from_owned_fd_unchecked(pipe).ok()?;
        pipe.ready(Interest::ERROR).await.ok().map(drop)
    };
    if gone.await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Says a line to the person. Whether anybody listens changes nothing.
pub(super) fn say(line: &str) {
    drop(writeln!(stderr().lock(), "{line}"));
}

/// Says what went wrong, with its causes.
pub(super) fn complain(error: &anyhow::Error) {
    let text = format!("{error:#}");
    for line in text.lines() {
        say(&format!("ingest: {line}"));
    }
}

/// Whether a person watches.
pub(super) fn is_watched() -> bool {
    stderr().is_terminal()
}

/// A number with its noun.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A stranger's words on one line, without what a terminal would take for a command.
pub(super) fn plain(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect()
}

/// A moment for a person.
pub(super) fn moment(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
