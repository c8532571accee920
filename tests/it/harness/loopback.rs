//! Keeps every run of the program from reaching beyond loopback, and tells what it tried to reach.
//!
//! A review would have to know what the program asks for in each test; so the program is watched
//! itself. On Linux a library of a few lines (`loopback.c`) is loaded before the C library. It
//! answers a look-up of any name but `localhost` with "no such name" and a connection to any other
//! address with "unreachable", and notes both. Elsewhere nothing is watched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The variable that says where the notes are written.
const NOTES: &str = "REACHED_BEYOND_LOOPBACK";

/// What a program has to be started with to be kept on loopback, its notes going to a file.
pub(super) fn kept_on_it(notes: &Path) -> Vec<(&'static str, PathBuf)> {
    let library = LIBRARY.iter().map(|library| ("LD_PRELOAD", library.clone()));
    library.chain([(NOTES, notes.to_owned())]).collect()
}

/// What was tried, a name or an address each.
pub(super) fn tried(notes: &Path) -> Vec<String> {
    fs::read_to_string(notes).unwrap_or_default().lines().map(str::to_owned).collect()
}

static LIBRARY: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| cfg!(target_os = "linux").then(compiled));

/// Compiles the library, beside the tests; a C compiler is needed to build the program anyway.
fn compiled() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/harness/loopback.c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join(format!("loopback-{}.so", std::process::id()));
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let output = Command::new(&compiler)
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", compiler.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Other processes may compile it as well; whoever comes last replaces like by like.
    let shared = folder.join("loopback.so");
    fs::rename(library, &shared).unwrap();
    shared
}
