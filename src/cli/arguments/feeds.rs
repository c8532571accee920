//! Declares the commands that keep the list of feeds.

use clap::{Args, Subcommand};

use crate::model::FeedUrl;

const ADD_EXAMPLES: &str = "Examples:
  ingest feeds add https://example.org/feed.xml
  ingest feeds add https://example.org/            (the feed that the page advertises)
  ingest feeds add 'google-news:climate change'
  ingest feeds add 'google-news:kebebasan?lang=id&country=ID'
  ingest feeds add - < addresses.txt

A search on Google News is written google-news:QUERY, and may end in ?lang=LANGUAGE&country=COUNTRY
(codes; the default is en and US). `+` and %20 stand for a space in it.";

const IMPORT_EXAMPLES: &str = "Examples:
  ingest feeds import subscriptions.opml
  ingest feeds import ~/.newsboat/urls
  curl -s https://example.org/list.opml | ingest feeds import -

Folders of OPML become the category, joined by `/`. In a plain list each line is an address, which
may be followed by a \"title\" and tags; the first tag becomes the category.
Exit code 2 if the file is no OPML and holds no address.";

const DISCOVER_EXAMPLES: &str = "Examples:
  ingest feeds discover https://example.org/
  ingest feeds discover --json https://example.org/ https://example.net/";

const EXPORT_EXAMPLES: &str = "Example:
  ingest feeds export > feeds.opml";

const SHOW_EXAMPLES: &str = "Example:
  ingest feeds show https://example.org/feed.xml";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FeedsCommand {
    /// Add feeds; `-` reads one address a line from stdin.
    ///
    /// Each address on the command line is looked at first: where a web page advertises exactly
    /// one feed, that feed is added instead; where it advertises several, none is, and they are
    /// named. An address that cannot be reached is added all the same.
    #[command(after_help = ADD_EXAMPLES)]
    Add(AddOptions),
    /// List feeds and how they have been.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show everything known of a feed, with its last ten polls.
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The address of the feed.
        #[arg(value_name = "URL")]
        url: FeedUrl,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Stop polling feeds until they are resumed, declared ones too.
    Pause {
        /// Addresses of feeds.
        #[arg(required = true, value_name = "URL")]
        urls: Vec<FeedUrl>,
    },
    /// Poll paused feeds again.
    Resume {
        /// Addresses of feeds.
        #[arg(required = true, value_name = "URL")]
        urls: Vec<FeedUrl>,
    },
    /// Stop polling feeds for good. Their articles stay.
    Remove {
        /// Addresses of feeds.
        #[arg(required = true, value_name = "URL")]
        urls: Vec<FeedUrl>,
    },
    /// List the feeds that web pages advertise. Nothing is added.
    #[command(after_help = DISCOVER_EXAMPLES)]
    Discover {
        /// Addresses of pages.
        #[arg(required = true, value_name = "PAGE")]
        pages: Vec<FeedUrl>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Add the feeds of another reader's list: OPML, or one address a line. Nothing is fetched.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import {
        /// The list; `-` reads it from stdin.
        #[arg(value_name = "FILE")]
        file: String,
    },
    /// Write the list as OPML to stdout, with categories as folders.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AddOptions {
    /// Addresses of feeds, or of pages that advertise one, or searches (google-news:QUERY), or `-`.
    #[arg(required = true, value_name = "URL")]
    pub(in crate::cli) urls: Vec<String>,

    /// Add the addresses as they are, without a look at them.
    #[arg(long)]
    pub(in crate::cli) no_check: bool,
}
