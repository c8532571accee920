//! Turns any set of news feeds into one SQLite file of unique articles.
//!
//! The binary `ingest` is the product; this library is its inside, public so that the tests and the
//! benches can reach each step. The road of the data is [`pipeline`], which is the place to start
//! reading; ARCHITECTURE.md draws the house.

pub mod app;
pub mod cli;
pub mod config;
pub mod http;
pub mod model;
pub mod pipeline;
pub mod schedule;
pub mod scheduler;
pub mod store;
pub mod telemetry;
pub mod text;
mod threads;
