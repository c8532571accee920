//! Runs the built program against servers of our own, as a person would.
//!
//! [`Publisher`] is a real server on a loopback address, whose routes may change while it runs.
//! [`Ingest`] is the program in a folder of its own, with helpers to read its database file.
//! [`Item`], [`rss`], [`atom`], [`json_feed`] and [`page`] write documents.

mod documents;
mod google;
mod loopback;
pub(crate) mod many;
mod plenty;
mod program;
mod publisher;
pub(crate) mod questions;
mod rude;
mod waiting;

pub(crate) use documents::{Item, atom, escaped, json_feed, page, paragraphs, rss};
pub(crate) use google::{Google, Mood, Treatment, handle, token};
pub(crate) use plenty::{stories, story_text};
pub(crate) use program::{Ingest, Output};
pub(crate) use publisher::{Gate, Publisher, Reply, Request};
pub(crate) use rude::{Manner, Rude};
pub(crate) use waiting::eventually;
