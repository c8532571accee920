//! How a publisher sees us: over days, at the door, and when a feed moves or ends.

mod access;
mod scoring;
mod simulation;
mod whereabouts;
