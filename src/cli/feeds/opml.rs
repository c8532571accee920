//! Reads and writes OPML, the lists that feed readers exchange.
//!
//! # Why not a crate, nor an XML parser
//! A list may be the only copy of years of collecting, and real ones are damaged: a bare `&` in an
//! address, HTML entities, titles with quotes in them, outlines without the `text` attribute that
//! the standard demands, a file cut short. A strict reader (the `opml` crate is one) answers each
//! with an error for the whole file. OPML needs nothing but `outline` tags and their attributes,
//! so these are looked for and nothing else can go wrong; entities are decoded by the rules HTML
//! has for attributes, which were made for such damage.

use super::list::Listing;
use crate::store::FeedStatus;
use crate::text::html;

/// How many folders deep a category goes.
const FOLDERS_MAX: usize = 32;

/// Whether a text is OPML.
pub fn is_opml(text: &str) -> bool {
    starts(text).any(|(name, _)| matches!(name, Tag::Opml | Tag::Open))
}

/// The feeds of a list in the order of the document, as it spells them.
pub fn read(text: &str) -> Vec<Listing> {
    let mut feeds = Vec::new();
    let mut folders: Vec<String> = Vec::new();
    for (tag, rest) in starts(text) {
        match tag {
            Tag::Open => {
                let outline = Outline::of(rest);
                let name = outline.name();
                match outline.address() {
                    Some(address) => {
                        let category = category(&folders)
                            .or_else(|| outline.get("category").and_then(first_category));
                        let title = name.clone().filter(|name| *name != address);
                        let place = format!("outline {}", name.as_deref().unwrap_or_default());
                        let foreign = outline.foreign();
                        let select = outline.get("frss:cssfullcontent").map(str::to_owned);
                        feeds.push(Listing { place, address, title, category, foreign, select });
                        // What hangs below a feed is in the same folder.
                        if !outline.is_closed {
                            folders.push(String::new());
                        }
                    }
                    None if !outline.is_closed => folders.push(name.unwrap_or_default()),
                    None => {}
                }
            }
            Tag::Close => drop(folders.pop()),
            Tag::Opml => {}
        }
    }
    feeds
}

fn category(folders: &[String]) -> Option<String> {
    let named = folders.iter().take(FOLDERS_MAX).map(String::as_str);
    let named: Vec<&str> = named.filter(|name| !name.is_empty()).collect();
    (!named.is_empty()).then(|| named.join("/"))
}

/// The first of the comma-separated paths of a `category` attribute (OPML 2.0).
fn first_category(attribute: &str) -> Option<String> {
    let path = attribute.split(',').next()?.trim().trim_matches('/');
    (!path.is_empty()).then(|| path.to_owned())
}

#[derive(Debug, Clone, Copy)]
enum Tag {
    Opml,
    Open,
    Close,
}

/// The tags that matter, each with what follows it, up to the next of them.
fn starts(text: &str) -> impl Iterator<Item = (Tag, &str)> {
    let mut rest = text;
    let mut comments_end = true;
    let mut found = std::iter::from_fn(move || {
        loop {
            let (_, behind) = rest.split_once('<')?;
            let left = behind.len() + 1;
            rest = behind;
            if comments_end && behind.starts_with("!--") {
                // A comment without an end hides nothing, and none after it has one.
                let end = behind.split_once("-->").map(|(_, behind)| behind);
                (rest, comments_end) = (end.unwrap_or(behind), end.is_some());
                continue;
            }
            for (name, tag) in
                [("outline", Tag::Open), ("/outline", Tag::Close), ("opml", Tag::Opml)]
            {
                if let Some((word, behind)) = behind.split_at_checked(name.len())
                    && word.eq_ignore_ascii_case(name)
                    && !behind.starts_with(|c: char| c.is_alphanumeric() || "-_.:".contains(c))
                {
                    rest = behind;
                    return Some((tag, behind, left));
                }
            }
        }
    })
    .peekable();
    std::iter::from_fn(move || {
        let (tag, behind, _) = found.next()?;
        let left = found.peek().map_or(0, |(_, _, left)| *left);
        let own = behind.len().checked_sub(left).and_then(|length| behind.get(..length));
        Some((tag, own.unwrap_or(behind)))
    })
}

/// The attributes of an `outline` tag.
#[derive(Debug, Default)]
struct Outline {
    attributes: Vec<(String, String)>,
    is_closed: bool,
}

impl Outline {
    /// Reads attributes until the tag ends.
    fn of(tag: &str) -> Self {
        let mut outline = Self::default();
        let mut rest = tag.trim_start();
        while !rest.is_empty() && !rest.starts_with('>') {
            outline.is_closed = rest.starts_with('/');
            if outline.is_closed {
                rest = rest.trim_start_matches('/').trim_start();
                continue;
            }
            let end = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/');
            let (name, behind) = cut(rest, rest.find(end));
            let Some(value) = behind.trim_start().strip_prefix('=').map(str::trim_start) else {
                rest = behind.strip_prefix('=').unwrap_or(behind).trim_start();
                continue;
            };
            let (value, behind) = match value.strip_prefix(['"', '\'']) {
                Some(quoted) => {
                    let quote = if value.starts_with('"') { '"' } else { '\'' };
                    // Without an end the value is taken for one that has no quotes.
                    quoted.split_once(quote).unwrap_or_else(|| cut(quoted, unquoted_end(quoted)))
                }
                None => cut(value, unquoted_end(value)),
            };
            outline.attributes.push((name.to_ascii_lowercase(), decoded(value)));
            rest = behind.trim_start();
        }
        outline
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    fn name(&self) -> Option<String> {
        let name = self.get("title").or_else(|| self.get("text"))?;
        Some(name.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Why it is no feed to us.
    fn foreign(&self) -> Option<&'static str> {
        let kind = self.get("type")?.to_ascii_lowercase();
        FOREIGN.iter().find(|(start, _)| kind.starts_with(start)).map(|(_, why)| *why)
    }

    /// The feed's address; early lists give it as `url` of an outline of a type.
    fn address(&self) -> Option<String> {
        let is_feed =
            || self.get("type").is_some_and(|word| ["rss", "atom", "feed"].contains(&word));
        let address =
            self.get("xmlurl").or_else(|| is_feed().then(|| self.get("url")).flatten())?;
        Some(address.to_owned())
    }
}

/// What the lists of `FreshRSS` hold that is no feed, by how the `type` of its outline begins.
const FOREIGN: [(&str, &str); 3] = [
    ("html+", "it is a page that FreshRSS scrapes; `ingest feeds discover` looks for a feed of it"),
    ("xml+", "it is a document that FreshRSS scrapes, not a feed"),
    ("json+", "it is a document that FreshRSS scrapes, not a feed"),
];

fn unquoted_end(value: &str) -> Option<usize> {
    value.find(|c: char| c.is_whitespace() || c == '>')
}

fn cut(text: &str, at: Option<usize>) -> (&str, &str) {
    at.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

/// An attribute's value without its entities, by the rules of HTML: `?a=1&copy=2` stays whole.
fn decoded(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    let tag = format!("<p title=\"{}\">", value.replace('"', "&quot;"));
    let tree = html::parse_fragment(&tag).ok();
    let title = tree.as_ref().and_then(|tree| {
        tree.tree.nodes().find_map(|node| node.value().as_element()?.attr("title"))
    });
    title.unwrap_or(value).to_owned()
}

/// Writes OPML 2.0, with categories as folders.
pub fn written(feeds: &[FeedStatus], now: &str) -> String {
    let mut rows: Vec<(Vec<&str>, &FeedStatus)> =
        feeds.iter().map(|feed| (segments(feed), feed)).collect();
    rows.sort_by(|(a, one), (b, other)| (a, &one.url).cmp(&(b, &other.url)));
    let mut lines = vec![
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
        "<opml version=\"2.0\">".to_owned(),
        "  <head>".to_owned(),
        "    <title>Feeds of ingest</title>".to_owned(),
        format!("    <dateCreated>{now}</dateCreated>"),
        "  </head>".to_owned(),
        "  <body>".to_owned(),
    ];
    let mut open: Vec<&str> = Vec::new();
    for (folders, feed) in rows {
        let shared = open.iter().zip(&folders).take_while(|(one, other)| one == other).count();
        close(&mut lines, &mut open, shared);
        for folder in folders.into_iter().skip(shared) {
            let name = escaped(folder);
            let indent = indent(open.len());
            lines.push(format!("{indent}<outline text=\"{name}\" title=\"{name}\">"));
            open.push(folder);
        }
        lines.push(format!("{}{}", indent(open.len()), outline(feed)));
    }
    close(&mut lines, &mut open, 0);
    lines.extend(["  </body>", "</opml>"].map(str::to_owned));
    lines.join("\n")
}

fn segments(feed: &FeedStatus) -> Vec<&str> {
    let category = feed.category.as_deref().unwrap_or_default();
    category.split('/').map(str::trim).filter(|name| !name.is_empty()).collect()
}

fn close(lines: &mut Vec<String>, open: &mut Vec<&str>, keep: usize) {
    while open.len() > keep {
        open.pop();
        lines.push(format!("{}</outline>", indent(open.len())));
    }
}

fn indent(folders: usize) -> String {
    " ".repeat(4 + 2 * folders)
}

fn outline(feed: &FeedStatus) -> String {
    let url = escaped(feed.url.as_str());
    let title = feed.title.as_deref().map(escaped).filter(|title| !title.trim().is_empty());
    let title = title.as_deref().unwrap_or(&url);
    let site = feed.site.as_deref().map(|site| format!(" htmlUrl=\"{}\"", escaped(site)));
    let site = site.unwrap_or_default();
    format!("<outline type=\"rss\" text=\"{title}\" title=\"{title}\" xmlUrl=\"{url}\"{site}/>")
}

/// A text as an attribute's value; characters that XML cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
