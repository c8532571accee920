//! The parts of the harness of tests/it that serve here as well.

#[path = "../it/harness/documents.rs"]
mod documents;
#[path = "../it/harness/loopback.rs"]
mod loopback;
#[path = "../it/harness/plenty.rs"]
mod plenty;
#[path = "../it/harness/program.rs"]
mod program;
#[path = "../it/harness/publisher.rs"]
mod publisher;
#[path = "../it/harness/rude.rs"]
mod rude;
#[path = "../it/harness/waiting.rs"]
mod waiting;

pub(crate) use documents::{Item, atom, json_feed, rss};
pub(crate) use plenty::story_text;
pub(crate) use program::{Daemon, Ingest, Output};
pub(crate) use publisher::{Gate, Publisher, Reply};
pub(crate) use rude::{Manner, Rude};
pub(crate) use waiting::eventually;
