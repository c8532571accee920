//! Starts the program and turns its end into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ingest::cli::main()
}
