//! Reads feed documents of every dialect, sound or damaged, into one form.
//!
//! ```text
//! decode ─► repair characters ─► JSON Feed?
//!                            └─► tokens ─► repaired tree ─► extract ─► keys
//! ```
//!
//! **Why not an XML parser?** Of the feeds on the web about one in ten is not well-formed, or not
//! in the vocabulary it should be, and a parser that gives up at the first fault loses all entries
//! for one `&`. So the tokenizer (`tokens`) accepts anything, the tree is repaired by what is
//! known of feeds (`repair`), and one extractor reads every dialect (`extract`).
//!
//! **Why is feed-rs still here?** Where we find nothing it is asked as well (`second`), and the
//! tests compare us with it.
//!
//! **Cost.** Time and memory are linear in the document, whatever it holds: depth, attributes,
//! entries, nodes and the length of a field are bounded ([`Limits`]), no step is recursive, and a
//! search that failed is not repeated. Every cut and every repair is counted.

mod advertised;
mod attributes;
mod characters;
mod cursor;
pub mod date;
mod extract;
mod json;
mod keys;
mod markup;
mod names;
mod references;
mod refusal;
mod relative;
mod repair;
mod second;
mod tokens;
mod tree;

use url::Url;

use crate::config::ReadingConfig;
use crate::model::FeedDocument;
use crate::text::decode;

pub use advertised::{AdvertisedFeed, advertised};

/// How much of a feed document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most entries that are kept; those that come first.
    pub entries_max: usize,
    /// The deepest nesting of elements that is kept; what lies deeper is flattened.
    pub depth_max: usize,
    /// The most attributes of one element.
    pub attributes_max: usize,
    /// The longest field, in bytes; what is longer is cut.
    pub field_max_bytes: usize,
}

impl From<&ReadingConfig> for Limits {
    fn from(reading: &ReadingConfig) -> Self {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            entries_max: size(reading.entries_max),
            depth_max: size(reading.depth_max),
            attributes_max: size(reading.attributes_max),
            field_max_bytes: size(reading.field_max_bytes),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::from(&ReadingConfig::default())
    }
}

/// Why a document gives no entries, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing but white space.
    #[error("the document is empty; the feed may have moved, so look for it on its site")]
    Empty,
    /// A page for people.
    #[error("the address leads to a web page, not to a feed; {}", advice(.advertised))]
    HtmlPage {
        /// The feeds the page names, absolute.
        advertised: Vec<String>,
    },
    /// A page that lets nobody in without a password or a proof of being human.
    #[error(
        "a login or a bot check came instead of the feed; ask its publisher to let feed readers in"
    )]
    Guarded,
    /// Neither RSS nor Atom nor JSON Feed.
    #[error("the document is no RSS, Atom or JSON feed; check the address in a browser")]
    NotAFeed,
    /// A feed that is damaged beyond repair.
    #[error("the feed is damaged and cannot be read ({reason}); tell its publisher if it stays so")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a feed document that came from `url`, to which its relative links are relative.
pub fn document(
    bytes: &[u8],
    content_type: Option<&str>,
    url: &str,
    limits: &Limits,
) -> Result<FeedDocument, ParseError> {
    if bytes.starts_with(GZIP) {
        return Err(ParseError::Malformed { reason: "it is compressed twice".to_owned() });
    }
    let (text, repairs) = characters::repaired(decode::feed(bytes, content_type));
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    let mut feed = read(text, Url::parse(url).ok().as_ref(), limits)?;
    feed.repaired += repairs;
    // A document that says nothing is a feed that says nothing only if it is sound.
    if is_nothing(&feed) && feed.link.is_none() && feed.id.is_none() && feed.repaired > 0 {
        return Err(ParseError::Malformed { reason: "nothing in it can be made out".to_owned() });
    }
    keys::assign(&mut feed.entries);
    Ok(feed)
}

/// What a body begins with that was compressed once more than its headers say (RFC 1952).
const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];

fn read(text: &str, base: Option<&Url>, limits: &Limits) -> Result<FeedDocument, ParseError> {
    let no_json = match text.starts_with('{').then(|| json::document(text, base, limits)) {
        Some(Ok(feed)) => return Ok(feed),
        Some(Err(error)) => Some(error),
        None => None,
    };
    // What looks like JSON may be a line of junk before the markup.
    let tree = repair::tree(text, limits);
    let found = extract::document(&tree, base, limits);
    match (found, no_json) {
        (Some(feed), _) if !is_nothing(&feed) => Ok(feed),
        (found, None) => {
            let found = second::document(text, base, limits).or(found);
            found.ok_or_else(|| refusal::of(text, &tree, base))
        }
        (Some(feed), Some(_)) => Ok(feed),
        (None, Some(json::JsonError::Other)) => Err(ParseError::NotAFeed),
        (None, Some(error)) => Err(ParseError::Malformed { reason: error.to_string() }),
    }
}

fn is_nothing(feed: &FeedDocument) -> bool {
    feed.title.is_none() && feed.entries.is_empty()
}

fn advice(advertised: &[String]) -> String {
    if advertised.is_empty() {
        "it names no feed, so look for a feed link on the site".to_owned()
    } else {
        format!("use a feed it names instead: {}", advertised.join(" "))
    }
}

#[cfg(test)]
mod tests;
