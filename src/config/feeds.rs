//! Reads the file of declared feeds.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::{ConfigFaults, Fault, Origin, line_of, nearest};
use crate::model::FeedUrl;

/// A feed as the feeds file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredFeed {
    /// What is polled.
    pub url: FeedUrl,
    /// The operator's own title for it.
    pub title: Option<String>,
    /// The operator's own category.
    pub category: Option<String>,
}

const KEYS: [&str; 3] = ["url", "title", "category"];

/// Reads the text of a feeds file, called `name` in messages.
///
/// # Errors
/// Every fault, each with its line: syntax, unknown keys, addresses that cannot be polled, and
/// feeds declared twice.
pub fn declared_feeds(name: &str, text: &str) -> Result<Vec<DeclaredFeed>, ConfigFaults> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { name, text, faults: Vec::new() };
    for error in errors {
        reader.fault(error.span().map_or(0, |span| span.start), error.message());
    }
    let mut feeds: Vec<DeclaredFeed> = Vec::new();
    for (key, value) in document.get_ref() {
        match value.get_ref() {
            DeValue::Array(rows) if key.get_ref() == "feed" => {
                for row in rows {
                    let Some(feed) = reader.feed(row) else { continue };
                    if feeds.iter().any(|known| known.url == feed.url) {
                        reader.fault(row.span().start, format!("{} is declared twice", feed.url));
                    } else {
                        feeds.push(feed);
                    }
                }
            }
            _ => reader.fault(
                key.span().start,
                format!("unknown key `{}`; feeds are declared as [[feed]]", key.get_ref()),
            ),
        }
    }
    ConfigFaults::of(reader.faults).map_or(Ok(feeds), Err)
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, offset: usize, message: impl Into<String>) {
        let line = line_of(self.text, offset);
        let origin = Origin::File { name: self.name.to_owned(), line };
        self.faults.push(Fault::new(origin, message));
    }

    fn feed(&mut self, row: &Spanned<DeValue<'_>>) -> Option<DeclaredFeed> {
        let Some(table) = row.get_ref().as_table() else {
            self.fault(row.span().start, "a feed is declared as [[feed]] with a url");
            return None;
        };
        let (mut url, mut title, mut category) = (None, None, None);
        for (key, value) in table {
            let place = key.span().start;
            let Some(text) = value.get_ref().as_str() else {
                self.fault(place, format!("`{}` must be a string", key.get_ref()));
                continue;
            };
            match key.get_ref().as_ref() {
                "url" => match text.parse::<FeedUrl>() {
                    Ok(parsed) => url = Some(parsed),
                    Err(error) => {
                        self.fault(place, format!("`{text}` cannot be polled: {error}"));
                        return None;
                    }
                },
                "title" => title = Some(text.to_owned()),
                "category" => category = Some(text.to_owned()),
                other => {
                    let known = KEYS.map(str::to_owned);
                    let hint = nearest(other, &known)
                        .map(|meant| format!("; did you mean `{meant}`?"))
                        .unwrap_or_default();
                    self.fault(place, format!("unknown key `{other}` of a feed{hint}"));
                }
            }
        }
        if url.is_none() {
            self.fault(row.span().start, "a feed needs a `url`");
        }
        Some(DeclaredFeed { url: url?, title, category })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_list_is_valid_and_speaks_several_languages() {
        let feeds = declared_feeds("feeds.toml", include_str!("../../config/feeds.toml")).unwrap();
        assert!(feeds.iter().any(|feed| feed.url.as_str().contains("news.google.com/rss/search")));
        let categories: std::collections::BTreeSet<_> =
            feeds.iter().filter_map(|feed| feed.category.as_deref()).collect();
        assert!(categories.len() >= 5, "{categories:?}");
    }

    #[test]
    fn every_fault_is_reported_with_its_line() {
        let text = "[[feed]]\nurl = \"https://a.example/feed\"\n\n[[feed]]\nurl = \"ftp://a.example\"\n\n\
                    [[feed]]\nurl = \"https://a.example/feed\"\ntitel = \"A\"\n\n[[feed]]\ntitle = \"B\"\n";
        let faults = declared_feeds("feeds.toml", text).unwrap_err();
        insta::assert_snapshot!(faults.to_string(), @r"
        feeds.toml:5: `ftp://a.example` cannot be polled: feeds are read over http and https, not ftp
        feeds.toml:7: https://a.example/feed is declared twice
        feeds.toml:9: unknown key `titel` of a feed; did you mean `title`?
        feeds.toml:11: a feed needs a `url`
        ");
    }

    #[test]
    fn an_empty_file_declares_nothing() {
        assert_eq!(declared_feeds("feeds.toml", "# nothing yet\n"), Ok(Vec::new()));
    }
}
