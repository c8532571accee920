//! Promises of what becomes one article and what does not.

mod again;
mod copies;
mod deletions;
mod headlines;
mod history;
mod keys;
mod order;
mod originals;
mod revisions;
mod search;
mod splog;
mod windows;
