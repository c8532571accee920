//! Writes articles as JSON lines.

use std::io::{self, Write};

use super::Document;
use crate::store::Article;

/// One object a line.
pub(super) struct Lines<'a> {
    target: &'a mut dyn Write,
}

impl<'a> Lines<'a> {
    pub(super) fn new(target: &'a mut dyn Write) -> Self {
        Self { target }
    }
}

impl Document for Lines<'_> {
    fn article(&mut self, article: &Article) -> io::Result<()> {
        serde_json::to_writer(&mut self.target, article)?;
        self.target.write_all(b"\n")
    }
}
