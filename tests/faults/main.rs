//! Survives faults: runs the built program, does to it what disks, networks, clocks and people do, and
//! compares what is in its file with the truth.
//!
//! Each fault is a module with one function. It works on a farm of invented feeds whose truth is known
//! (`farm`), through a `site`: the program with a file of its own. What it found out is a line of the
//! table that is printed at the end. Everything that is drawn by lot is drawn from the seed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and its table is for people"
)]

mod arguments;
mod chamber;
mod chance;
mod clock;
mod disk;
mod farm;
#[expect(dead_code, reason = "it is that of tests/it, and each uses its own part of it")]
mod harness;
mod killed;
mod medium;
mod moved;
mod network;
mod power;
mod rude;
mod second_writer;
mod signals;
mod site;
mod table;

use std::process::ExitCode;
use std::sync::Arc;

use tokio::task::JoinSet;

use arguments::{Arguments, Wish};
use table::{Finding, Row};

/// Every fault by its name, in the order of the table.
const FAULTS: [&str; 10] = [
    "killed",
    "power-lost",
    "disk-full",
    "read-only",
    "second-writer",
    "file-moved",
    "clock-jumps",
    "network-gone",
    "rude-servers",
    "signals",
];

fn main() -> ExitCode {
    let wish = arguments::parse(std::env::args().skip(1));
    match wish {
        Ok(Wish::List) => {
            for fault in FAULTS {
                println!("{fault}: test");
            }
            ExitCode::SUCCESS
        }
        Ok(Wish::Run(arguments)) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            runtime.unwrap().block_on(run(Arc::new(arguments)))
        }
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arc<Arguments>) -> ExitCode {
    let mut rows = Vec::new();
    for fault in FAULTS.into_iter().filter(|fault| arguments.wants(fault)) {
        let mut alone = JoinSet::new();
        alone.spawn(provoke(fault, Arc::clone(&arguments)));
        // A panic is told where it happens; it costs this fault its line, and no other.
        let finding = alone.join_next().await.unwrap().ok();
        rows.push(Row { fault, finding });
    }
    if rows.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\n{}", table::written(&rows));
    println!("seed {}; again: {}", arguments.seed, arguments.again(None));
    let bad: Vec<_> = rows.iter().filter(|row| !row.is_well()).map(|row| row.fault).collect();
    for fault in &bad {
        println!("{fault} went wrong; alone: {}", arguments.again(Some(fault)));
    }
    if bad.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn provoke(fault: &str, arguments: Arc<Arguments>) -> Finding {
    match fault {
        "killed" => killed::provoke(&arguments).await,
        "power-lost" => power::provoke(&arguments).await,
        "disk-full" => disk::provoke(&arguments).await,
        "read-only" => medium::provoke(&arguments).await,
        "second-writer" => second_writer::provoke(&arguments).await,
        "file-moved" => moved::provoke(&arguments).await,
        "clock-jumps" => clock::provoke(&arguments).await,
        "network-gone" => network::provoke(&arguments).await,
        "rude-servers" => rude::provoke(&arguments).await,
        "signals" => signals::provoke(&arguments).await,
        _ => panic!("{fault} is in the list and has no module"),
    }
}
