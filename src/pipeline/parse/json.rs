//! Reads JSON Feed, and what only resembles it (<https://www.jsonfeed.org/version/1.1/>).
//!
//! No field is required and none of the wrong type loses the feed: numbers serve as ids, one author
//! as a list of them. A document that ends too early gives its whole items.

use memchr::memchr_iter;
use serde_json::Value;
use url::Url;

use super::extract::present;
use super::{Limits, date, relative};
use crate::model::{
    Content, DocumentLink, Enclosure, Entry, EntryKey, FeedDocument, FeedFormat, Habits, Person,
    Tag,
};
use crate::text::html::plain_text;

/// The most objects of a document; each needs about 700 bytes of memory, even a small one.
const OBJECTS_MAX: usize = 200_000;

/// The most values of a document, told by the commas between them.
const VALUES_MAX: usize = 2_000_000;

/// Why a document is no JSON Feed.
#[derive(Debug, thiserror::Error)]
pub(super) enum JsonError {
    /// It is not JSON.
    #[error("{0}")]
    Syntax(#[from] serde_json::Error),
    /// It holds more than fits in memory.
    #[error("it holds more objects than any feed")]
    TooMuch,
    /// It is JSON of another kind.
    #[error("it is JSON, but no JSON Feed")]
    Other,
}

/// Reads a document that begins with a JSON object; what follows the object is ignored.
pub(super) fn document(
    text: &str,
    base: Option<&Url>,
    limits: &Limits,
) -> Result<FeedDocument, JsonError> {
    let count = |byte: u8| memchr_iter(byte, text.as_bytes()).count();
    if count(b'{') > OBJECTS_MAX || count(b',') + count(b'[') > VALUES_MAX {
        return Err(JsonError::TooMuch);
    }
    let (feed, repaired) = match first_value(text) {
        Ok(feed) => (feed, 0),
        Err(error) if error.is_eof() => (first_value(&closed(text).ok_or(error)?)?, 1),
        Err(error) => return Err(error.into()),
    };
    let is_feed = text_of(&feed, "version").is_some_and(|version| version.contains("jsonfeed"));
    let items = match feed.get("items") {
        Some(Value::Array(items)) => items.as_slice(),
        _ if is_feed => &[],
        _ => return Err(JsonError::Other),
    };
    let mut reader = Reader { base, field_max_bytes: limits.field_max_bytes, repaired };
    let authors = authors(&feed);
    let language = text_of(&feed, "language");
    let items = items.iter().filter(|item| item.is_object());
    let entries_cut = items.clone().count().saturating_sub(limits.entries_max);
    let entries = items
        .take(limits.entries_max)
        .map(|item| {
            let mut entry = reader.entry(item);
            if entry.authors.is_empty() {
                entry.authors.clone_from(&authors);
            }
            entry.language = entry.language.or_else(|| language.clone());
            entry
        })
        .collect();
    let link = reader.address(&feed, "home_page_url");
    let title = reader.field(&feed, "title");
    let plain = title.as_deref().map(plain_text).filter(|title| !title.is_empty());
    Ok(FeedDocument {
        format: FeedFormat::Json,
        id: text_of(&feed, "feed_url"),
        title_written: title.filter(|title| plain.as_ref() != Some(title)),
        title: plain,
        links: link.iter().map(|href| alternate(href)).collect(),
        link,
        subtitle: reader.field(&feed, "description"),
        authors,
        updated: None,
        published: None,
        language,
        tags: Vec::new(),
        habits: Habits::NONE,
        entries_cut,
        entries,
        repaired: reader.repaired,
    })
}

fn first_value(text: &str) -> Result<Value, serde_json::Error> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.next().unwrap_or(Ok(Value::Null))
}

/// The document up to the last whole item of a list at its top, closed as it should be.
fn closed(text: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut whole = None;
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => open.push(byte),
            b'}' | b']' => {
                open.pop();
                if open == b"{[" {
                    whole = Some(at + 1);
                }
            }
            _ => {}
        }
    }
    Some(format!("{}]}}", text.get(..whole?)?))
}

struct Reader<'a> {
    base: Option<&'a Url>,
    field_max_bytes: usize,
    repaired: u64,
}

impl Reader<'_> {
    fn entry(&mut self, item: &Value) -> Entry {
        let link = self.address(item, "url").or_else(|| self.address(item, "external_url"));
        let title = self.field(item, "title");
        let plain = title.as_deref().map(plain_text).filter(|title| !title.is_empty());
        Entry {
            key: EntryKey(String::new()),
            id: text_of(item, "id"),
            title_written: title.filter(|title| plain.as_ref() != Some(title)),
            title: plain,
            links: link.iter().map(|href| alternate(href)).collect(),
            link,
            summary: self.field(item, "summary"),
            content: self.contents(item),
            authors: authors(item),
            published: text_of(item, "date_published").and_then(|text| date::read(&text)),
            updated: text_of(item, "date_modified").and_then(|text| date::read(&text)),
            tags: listed(item.get("tags")).filter_map(plain_value).map(tag).collect(),
            enclosures: self.enclosures(item),
            comments: None,
            language: text_of(item, "language"),
            source: None,
            link_is_shared: false,
            sha256: String::new(),
        }
    }

    fn contents(&mut self, item: &Value) -> Vec<Content> {
        let html = self.field(item, "content_html").map(|html| relative::html(self.base, html));
        let text = self.field(item, "content_text");
        let content = |value: Option<String>, media_type: &str| {
            value.map(|value| Content { value, media_type: Some(media_type.to_owned()) })
        };
        content(html, "text/html").into_iter().chain(content(text, "text/plain")).collect()
    }

    fn enclosures(&self, item: &Value) -> Vec<Enclosure> {
        let file = |file: &Value| {
            let length = file.get("size_in_bytes");
            Some(Enclosure {
                href: self.address(file, "url")?,
                media_type: text_of(file, "mime_type"),
                length: length.and_then(plain_value).and_then(|length| length.parse().ok()),
            })
        };
        listed(item.get("attachments")).filter_map(file).collect()
    }

    fn address(&self, of: &Value, key: &str) -> Option<String> {
        text_of(of, key).map(|written| relative::address(self.base, &written))
    }

    /// A text within the limit; a cut is counted.
    fn field(&mut self, of: &Value, key: &str) -> Option<String> {
        let mut text = text_of(of, key)?;
        if text.len() > self.field_max_bytes {
            text.truncate(text.floor_char_boundary(self.field_max_bytes));
            self.repaired += 1;
        }
        Some(text)
    }
}

fn alternate(href: &str) -> DocumentLink {
    DocumentLink { href: href.to_owned(), rel: Some("alternate".to_owned()), media_type: None }
}

fn tag(term: String) -> Tag {
    Tag { term, scheme: None, label: None }
}

/// Version 1.1 has a list of `authors`, version 1 one `author`.
fn authors(of: &Value) -> Vec<Person> {
    let mut authors: Vec<Person> = Vec::new();
    for author in listed(of.get("authors")).chain(listed(of.get("author"))) {
        let person = match author {
            Value::String(name) => Person { name: present(name), email: None, uri: None },
            _ => Person { name: text_of(author, "name"), email: None, uri: text_of(author, "url") },
        };
        if (person.name.is_some() || person.uri.is_some()) && !authors.contains(&person) {
            authors.push(person);
        }
    }
    authors
}

/// The values of a list; a value alone is a list of one.
fn listed(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    }
    .iter()
}

fn text_of(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(plain_value)
}

/// A text or a number as text, if there is anything in it.
fn plain_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => present(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<FeedDocument, JsonError> {
        let base = Url::parse("https://gazette.example/feed.json").ok();
        document(
            text,
            base.as_ref(),
            &Limits { entries_max: 3, field_max_bytes: 40, ..Limits::default() },
        )
    }

    const FEED: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"The <b>Gazette</b>",
        "home_page_url":"/","language":"en","authors":[{"name":"Jo Marsh","url":"https://jo.example/"}],
        "items":[{"id":7,"url":"heron","title":"A &amp; B","content_html":"<a href='/x'>y</a>","content_text":"y",
            "tags":["Birds",3,null],"date_published":"2021-03-04T05:06:07Z",
            "attachments":[{"url":"a.mp3","mime_type":"audio/mpeg","size_in_bytes":12}]},
            {"id":"8","external_url":"https://wire.example/8","author":{"name":"Ann"},"language":"de"}]} trailing"#;

    #[test]
    fn a_json_feed_is_read_whole() {
        let feed = read(FEED).unwrap();
        let head = (feed.title.as_deref(), feed.title_written.as_deref(), feed.link.as_deref());
        assert_eq!(
            head,
            (Some("The Gazette"), Some("The <b>Gazette</b>"), Some("https://gazette.example/"))
        );
        let expected = serde_json::json!({
            "key": "", "id": "7", "title": "A & B", "link": "https://gazette.example/heron",
            "links": [{"href": "https://gazette.example/heron", "rel": "alternate"}],
            "content": [{"value": "<a href=\"https://gazette.example/x\">y</a>", "type": "text/html"},
                {"value": "y", "type": "text/plain"}],
            "authors": [{"name": "Jo Marsh", "uri": "https://jo.example/"}], "published": "2021-03-04T05:06:07Z",
            "tags": [{"term": "Birds"}, {"term": "3"}], "language": "en",
            "enclosures": [{"href": "https://gazette.example/a.mp3", "type": "audio/mpeg", "length": 12}],
        });
        assert_eq!(serde_json::to_value(&feed.entries[0]).unwrap(), expected);
        let second = &feed.entries[1];
        assert_eq!(second.authors[0].name.as_deref(), Some("Ann"));
        assert_eq!(
            (second.link.as_deref(), second.language.as_deref()),
            (Some("https://wire.example/8"), Some("de"))
        );
    }

    #[test]
    fn fields_of_the_wrong_type_lose_nothing_else() {
        let feed =
            read(r#"{"items":[{"id":1},{"title":["x"],"url":"a","tags":"one","authors":"Jo"},4]}"#);
        let feed = feed.unwrap();
        assert_eq!(feed.entries.len(), 2);
        assert_eq!((feed.entries[1].tags.len(), feed.entries[1].authors.len()), (1, 1));
    }

    #[test]
    fn what_goes_beyond_a_limit_is_cut_and_counted() {
        let items = r#"{"id":1,"title":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},"#
            .repeat(4);
        let feed = read(&format!("{{\"items\":[{items}{{}}]}}")).unwrap();
        assert_eq!((feed.entries.len(), feed.entries_cut, feed.repaired), (3, 2, 3));
        assert_eq!(feed.entries[0].title.as_ref().map(String::len), Some(40));
    }

    #[test]
    fn a_document_that_ends_too_early_gives_its_whole_items() {
        let cut = FEED.split_once("\"author\"").unwrap().0;
        let feed = read(cut).unwrap();
        assert_eq!((feed.entries.len(), feed.repaired), (1, 1));
    }

    #[test]
    fn other_json_is_no_feed() {
        assert!(matches!(read("{\"error\":\"x\"}"), Err(JsonError::Other)));
        assert!(matches!(read("{\"a\":"), Err(JsonError::Syntax(_))));
        assert!(matches!(read(&"{},".repeat(300_000)), Err(JsonError::TooMuch)));
        assert!(matches!(read(&"{\"a\":[".repeat(100_000)), Err(JsonError::Syntax(_))));
    }

    proptest! {
        #[test]
        fn nothing_makes_a_panic(at in 0_usize..900, junk in "([{}\\[\\]\":,\\\\a1]|\\PC){0,8}") {
            let (before, after) = FEED.split_at(FEED.floor_char_boundary(at));
            let _feed = (read(&format!("{before}{junk}{after}")), read(before));
        }
    }
}
