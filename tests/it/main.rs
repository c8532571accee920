//! Promises of the whole program, kept against real servers on loopback.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that cannot go on has failed"
)]

mod articles;
mod corrections;
mod documents;
mod file;
mod harness;
mod hostile;
mod layering;
mod links;
mod migrations;
mod politeness;
mod reading;
mod refusals;
mod running;
mod stories;
mod viewing;
