//! Runs the built program against servers of our own, as a person would.
//!
//! [`Publisher`] is a real server on a loopback address, whose routes may change while it runs.
//! [`Ingest`] is the program in a folder of its own, with helpers to read its database file.
//! [`Item`], [`rss`], [`atom`], [`json_feed`] and [`page`] write documents.

mod documents;
mod google;
pub(crate) mod many;
mod plenty;
mod program;
mod publisher;
pub(crate) mod questions;
mod rude;

pub(crate) use documents::{Item, atom, escaped, json_feed, page, paragraphs, rss};
pub(crate) use google::{Google, Mood, Treatment, handle, token};
pub(crate) use plenty::{stories, story_text};
pub(crate) use program::{Ingest, Output};
pub(crate) use publisher::{Gate, Publisher, Reply, Request};
pub(crate) use rude::{Manner, Rude};

use std::future::Future;
use std::time::Duration;

/// Keeps a test that waits for what never comes from hanging; nothing is measured by it.
const HANG_GUARD: Duration = Duration::from_secs(120);

/// Waits for `event`, and fails the test if it never comes.
pub(crate) async fn eventually<T>(what: &str, event: impl Future<Output = T>) -> T {
    let came = tokio::time::timeout(HANG_GUARD, event).await;
    assert!(came.is_ok(), "waited in vain for {what}");
    came.unwrap()
}
