//! Finds in the items of RSS what feed-rs passes over: the publisher and the original link.
//!
//! Google News names the publisher in `<source url="…">` only, and FeedBurner keeps the
//! publisher's link in `<feedburner:origLink>`.

use crate::model::{DocumentLink, FeedDocument, FeedFormat, Source};
use crate::text::html::plain_text;

/// The relation of a link that leads to the publisher where the entry's own is a wrapper.
const ORIGINAL: &str = "original";

/// Adds the sources and original links in `text` to the entries of the feed read from it; an
/// original link takes the place of the entry's own, which stays among its links.
///
/// Items and entries are matched by their order, so a document in which they do not have the same
/// number is left as it is.
pub(super) fn restore(text: &str, feed: &mut FeedDocument) {
    if feed.format != FeedFormat::Rss || !(text.contains("<source") || text.contains(":origLink")) {
        return;
    }
    let items: Vec<&str> = text.split("<item").skip(1).map(without_next).collect();
    if items.len() != feed.entries.len() + feed.entries_cut {
        return;
    }
    for (item, entry) in items.into_iter().zip(&mut feed.entries) {
        if entry.source.is_none() {
            entry.source = source(item);
        }
        if let Some((_, link)) = element(item, "<feedburner:origLink")
            && let Some(href) = Some(plain_text(link)).filter(|href| !href.is_empty())
        {
            let rel = Some(ORIGINAL.to_owned());
            entry.links.push(DocumentLink { href: href.clone(), rel, media_type: None });
            entry.link = Some(href);
        }
    }
}

fn without_next(item: &str) -> &str {
    item.split("</item").next().unwrap_or_default()
}

fn source(item: &str) -> Option<Source> {
    let (attributes, content) = element(item, "<source")?;
    let title = Some(plain_text(content)).filter(|title| !title.is_empty());
    let url = attributes.split_once("url=").and_then(|(_, value)| {
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let url = plain_text(value.split(quote).nth(1)?);
        (!url.is_empty()).then_some(url)
    });
    (title.is_some() || url.is_some()).then_some(Source { title, url })
}

/// The attributes and the content of the first element that begins so, outside of CDATA.
fn element<'a>(item: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    let (before, rest) = item.split_once(start)?;
    let in_cdata = before.matches("<![CDATA[").count() > before.matches("]]>").count();
    let (attributes, rest) = rest.split_once('>')?;
    let is_named_so = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
    if in_cdata || !is_named_so || attributes.ends_with('/') {
        return None;
    }
    let content = rest.split("</").next()?;
    let content = content.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
    Some((attributes, content))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(item: &str, title: Option<&str>, url: Option<&str>) {
        let found = source(item);
        let found = found.as_ref().map(|s| (s.title.as_deref(), s.url.as_deref()));
        let expected = (title.is_some() || url.is_some()).then_some((title, url));
        assert_eq!(found, expected, "{item}");
    }

    #[test]
    fn sources_are_read_in_their_spellings() {
        let (title, url) = (Some("Wire & co"), Some("https://wire.example/?a&b"));
        check("<source url=\"https://wire.example/?a&amp;b\">Wire &amp; co</source>", title, url);
        check(
            "<source\n x='y' url = 'no' url='https://wire.example/?a&b'> Wire &amp; co </source>",
            title,
            url,
        );
        check("<source><![CDATA[Wire & co]]></source>", title, None);
        check("<source url='https://wire.example/?a&b'></source>", None, url);
    }

    #[test]
    fn what_only_looks_like_a_source_is_none() {
        check("<sourcecode>x</sourcecode>", None, None);
        check("<description><![CDATA[<source url='x'>y</source>]]></description>", None, None);
        check("<source url='x'/>", None, None);
        check("<source>", None, None);
        check("<source", None, None);
    }
}
