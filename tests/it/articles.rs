//! Promises of what becomes one article and what does not.

mod again;
mod copies;
mod history;
mod keys;
mod revisions;
mod splog;
