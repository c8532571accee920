//! Reads the questions of docs/QUERIES.md.

use std::path::Path;

/// A question and the query that answers it.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) title: String,
    pub(crate) sql: String,
    /// Whether it is said to read a whole table.
    pub(crate) is_full_scan: bool,
}

/// Every question, in the order of the document.
pub(crate) fn questions() -> Vec<Question> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/QUERIES.md");
    let text = std::fs::read_to_string(path).expect("docs/QUERIES.md is there");
    text.split("\n## ").skip(1).map(question).collect()
}

fn question(section: &str) -> Question {
    let title = section.lines().next().unwrap_or_default().to_owned();
    let block = section.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next());
    let sql = block.unwrap_or_default().trim().to_owned();
    Question { title, sql, is_full_scan: section.contains("**Full scan**") }
}
