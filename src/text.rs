//! Reads text as machines must: decoded, out of its HTML, folded for comparison, cut into tokens.
//!
//! Pure work that several steps of the pipeline share. No step is known here.

pub mod decode;
pub mod domain;
pub mod fold;
pub mod headline;
pub mod html;
mod kind;
pub mod packed;
mod plain;
pub mod shingles;
pub mod sketch;
pub mod title;
pub mod tokens;
pub mod word_diff;
