//! Writes feeds and pages from a few facts.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// An entry of a feed; what is not set is left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    title: Option<String>,
    link: Option<String>,
    id: Option<String>,
    summary: Option<String>,
    content: Option<String>,
    published: Option<String>,
    source: Option<(String, String)>,
}

impl Item {
    /// An entry with a title and nothing else.
    pub(crate) fn new(title: &str) -> Self {
        Self::default().title(title)
    }

    pub(crate) fn title(self, title: &str) -> Self {
        Self { title: Some(title.to_owned()), ..self }
    }

    pub(crate) fn link(self, link: &str) -> Self {
        Self { link: Some(link.to_owned()), ..self }
    }

    /// Its guid (RSS) or id (Atom, JSON Feed).
    pub(crate) fn id(self, id: &str) -> Self {
        Self { id: Some(id.to_owned()), ..self }
    }

    /// RSS `description`, Atom and JSON Feed `summary`: HTML.
    pub(crate) fn summary(self, html: &str) -> Self {
        Self { summary: Some(html.to_owned()), ..self }
    }

    /// `content:encoded`, Atom `content`, JSON Feed `content_html`: HTML.
    pub(crate) fn content(self, html: &str) -> Self {
        Self { content: Some(html.to_owned()), ..self }
    }

    /// A full text with one paragraph a line.
    pub(crate) fn text(self, text: &str) -> Self {
        self.content(&paragraphs(text))
    }

    /// An RFC 3339 moment; RSS says it in `dc:date`.
    pub(crate) fn published(self, moment: &str) -> Self {
        Self { published: Some(moment.to_owned()), ..self }
    }

    /// The RSS `source` element, in which Google News names the publisher.
    pub(crate) fn source(self, url: &str, name: &str) -> Self {
        Self { source: Some((url.to_owned(), name.to_owned())), ..self }
    }
}

/// An RSS 2.0 document.
pub(crate) fn rss(title: &str, items: &[Item]) -> String {
    let mut written = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>{}</title>\n",
        escaped(title)
    );
    for item in items {
        written.push_str("<item>");
        element(&mut written, "title", "", item.title.as_ref());
        element(&mut written, "link", "", item.link.as_ref());
        element(&mut written, "guid", " isPermaLink=\"false\"", item.id.as_ref());
        element(&mut written, "dc:date", "", item.published.as_ref());
        element(&mut written, "description", "", item.summary.as_ref());
        element(&mut written, "content:encoded", "", item.content.as_ref());
        if let Some((url, name)) = &item.source {
            let url = format!(" url=\"{}\"", escaped(url));
            element(&mut written, "source", &url, Some(name));
        }
        written.push_str("</item>\n");
    }
    written + "</channel></rss>\n"
}

/// An Atom 1.0 document.
pub(crate) fn atom(title: &str, items: &[Item]) -> String {
    let mut written = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed \
         xmlns=\"http://www.w3.org/2005/Atom\"><title>{}</title>\n",
        escaped(title)
    );
    for item in items {
        written.push_str("<entry>");
        element(&mut written, "title", "", item.title.as_ref());
        if let Some(link) = &item.link {
            write!(written, "<link rel=\"alternate\" href=\"{}\"/>", escaped(link)).unwrap();
        }
        element(&mut written, "id", "", item.id.as_ref());
        element(&mut written, "updated", "", item.published.as_ref());
        element(&mut written, "summary", " type=\"html\"", item.summary.as_ref());
        element(&mut written, "content", " type=\"html\"", item.content.as_ref());
        written.push_str("</entry>\n");
    }
    written + "</feed>\n"
}

/// A JSON Feed 1.1 document.
pub(crate) fn json_feed(title: &str, items: &[Item]) -> String {
    let items: Vec<Value> = items.iter().map(json_item).collect();
    let version = "https://jsonfeed.org/version/1.1";
    json!({ "version": version, "title": title, "items": items }).to_string()
}

fn json_item(item: &Item) -> Value {
    let fields = [
        ("title", &item.title),
        ("url", &item.link),
        ("id", &item.id),
        ("date_published", &item.published),
        ("summary", &item.summary),
        ("content_html", &item.content),
    ];
    let present = fields.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    present.map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// A publisher's page: an article of one paragraph a line, with a heading, a menu and a footer.
pub(crate) fn page(title: &str, text: &str) -> String {
    let (title, text) = (escaped(title), paragraphs(text));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         </head><body><nav><ul><li><a href=\"/\">Home</a></li><li><a href=\"/news\">News</a></li>\
         </ul></nav><main><article><h1>{title}</h1>\n{text}</article></main>\
         <footer><p>Imprint and privacy</p></footer></body></html>\n"
    )
}

/// HTML paragraphs of a text with one paragraph a line.
pub(crate) fn paragraphs(text: &str) -> String {
    text.lines().fold(String::new(), |mut html, line| {
        writeln!(html, "<p>{}</p>", escaped(line)).unwrap();
        html
    })
}

/// A text as it stands in XML or HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn element(written: &mut String, name: &str, attributes: &str, text: Option<&String>) {
    if let Some(text) = text {
        write!(written, "<{name}{attributes}>{}</{name}>", escaped(text)).unwrap();
    }
}
