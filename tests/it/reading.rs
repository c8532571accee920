//! Promises of how feeds, links and pages are read.

mod again;
mod answers;
mod formats;
mod links;
mod pages;
mod received;
