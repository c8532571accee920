//! Declares the commands that look into articles and correct them.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainOptions {
    /// The article's number, or an address: the article's own, or that of an entry's link or target.
    #[arg(value_name = "ID|URL")]
    pub(in crate::cli) asked: String,

    /// Print one JSON object for each article.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// The sighting gets an article of its own, with its own text, and the two stay apart whatever feeds
/// bring later. `ingest merge` undoes it.
#[derive(Debug, Args)]
pub(in crate::cli) struct SplitOptions {
    /// The sighting's number, as `ingest explain` shows it.
    #[arg(value_name = "SIGHTING")]
    pub(in crate::cli) sighting: i64,

    /// Only tell what would be done.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,

    /// Print what was done as one JSON object.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// The second article becomes the first: its sightings move there and stay there, and a text that
/// differs is kept as a variant. `ingest split` takes sightings out again.
#[derive(Debug, Args)]
pub(in crate::cli) struct MergeOptions {
    /// The number of the article that remains.
    #[arg(value_name = "INTO")]
    pub(in crate::cli) into: i64,

    /// The number of the article that becomes it.
    #[arg(value_name = "ARTICLE")]
    pub(in crate::cli) article: i64,

    /// Only tell what would be done.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,

    /// Print what was done as one JSON object.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Each article's text is read again from what was received, as long as that is kept, fingerprinted,
/// and judged if it changed. What a person decided stays. A running daemon goes on meanwhile; a redo
/// that was stopped goes on where it was.
#[derive(Debug, Args)]
pub(in crate::cli) struct RedoOptions {
    /// Only tell what would change.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,

    /// Print one JSON object for each article that changes, and one with the counts at the end.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
