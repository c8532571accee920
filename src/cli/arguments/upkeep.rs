//! Declares the commands that look after the file.

use std::path::PathBuf;

use clap::Args;

const BACKUP_EXAMPLES: &str = "Examples:
  ingest backup /var/backups/ingest.sqlite
  ingest backup --force /var/backups/ingest-monday.sqlite

The copy shows one moment, and is in its place only when it is whole.";

/// The copy is made while others read and write the file, and is checked by
/// `ingest doctor --database FILE`.
#[derive(Debug, Args)]
#[command(after_help = BACKUP_EXAMPLES)]
pub(in crate::cli) struct BackupOptions {
    /// Where the copy shall lie.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) copy: PathBuf,

    /// Replace what is there.
    #[arg(long)]
    pub(in crate::cli) force: bool,

    /// Print one JSON object.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Nothing is changed. The exit code is 1 if a check fails; a warning is none.
#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorOptions {
    /// Leave out what reads the whole file.
    #[arg(long)]
    pub(in crate::cli) quick: bool,

    /// Print one JSON object.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// The file is written anew, which needs about twice its size on the disk. Readers go on; a daemon
/// that wants to write waits, pauses for a minute if that takes longer than `storage.busy_timeout_ms`,
/// and loses nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct VacuumOptions {
    /// Only put the full-text index in order and empty the log, in steps that make nobody wait.
    #[arg(long)]
    pub(in crate::cli) in_passing: bool,

    /// Print one JSON object.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
