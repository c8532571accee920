//! Asks feed-rs where our own reader found nothing.
//!
//! feed-rs reads some elements recursively, so that about 925 nested `media:group` overflow a stack
//! of 2 MiB, which no caller can catch: deep documents are kept from it. Its panics are caught.

mod mapping;

use std::panic::{AssertUnwindSafe, catch_unwind};

use url::Url;

use super::tokens::{Token, Tokens};
use super::{Limits, date, names};
use crate::model::FeedDocument;

/// The deepest nesting that is handed on.
const DEPTH_MAX: usize = 200;

/// The most items that are handed on: feed-rs needs about a kilobyte for an empty one.
const ITEMS_MAX: usize = 50_000;

/// Reads a document that our own reader made nothing of; `None` if neither can.
pub(super) fn document(text: &str, base: Option<&Url>, limits: &Limits) -> Option<FeedDocument> {
    if !is_worth_it(text) {
        return None;
    }
    let read = || {
        feed_rs::parser::Builder::new()
            .base_uri(base)
            .sanitize_content(false)
            .timestamp_parser(date::read)
            // An empty id marks that the feed gave none.
            .id_generator(|_, _, _| String::new())
            .build()
            .parse(text.as_bytes())
    };
    // The parser is made and dropped inside, so that nothing outlives a panic half-changed.
    let feed = catch_unwind(AssertUnwindSafe(read)).ok()?.ok()?;
    Some(mapping::document(feed, limits.entries_max)).filter(|feed| !feed.entries.is_empty())
}

/// Whether there are entries to be found, and neither too many nor too deep.
fn is_worth_it(text: &str) -> bool {
    let mut tokens = Tokens::of(text, 0);
    let (mut depth, mut items) = (0_usize, 0_usize);
    while let Some(token) = tokens.next("") {
        match token {
            Token::Start(tag) => {
                depth += usize::from(!tag.is_empty);
                items += usize::from(matches!(names::split(tag.name).1, "item" | "entry"));
            }
            Token::End(_) => depth = depth.saturating_sub(1),
            Token::Text(_) | Token::Cdata(_) => {}
        }
        if depth > DEPTH_MAX || items > ITEMS_MAX {
            return false;
        }
    }
    items > 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::extract;
    use super::super::repair;
    use super::*;
    use crate::model::Entry;

    #[test]
    fn deep_documents_are_kept_from_it() {
        for (count, expected) in [(150, true), (50_000, false)] {
            let deep = format!("<item/>{}", "<media:group a='/>'>".repeat(count));
            assert_eq!(is_worth_it(&deep), expected, "{count}");
        }
        assert!(!is_worth_it(&"<item/>".repeat(60_000)));
        assert!(!is_worth_it("<rss><channel/></rss>"));
    }

    /// What both readers must agree on.
    fn agreed(entry: &Entry) -> [Option<String>; 6] {
        let author = entry.authors.first().and_then(|author| author.name.clone());
        let content = entry.content.first().map(|content| content.value.clone());
        let date = entry.published.or(entry.updated).map(|date| date.to_rfc3339());
        [entry.title.clone(), entry.link.clone(), entry.summary.clone(), content, author, date]
    }

    fn check(document: &str) {
        let limits = Limits::default();
        let theirs = super::document(document, None, &limits).unwrap();
        let ours = extract::document(&repair::tree(document, &limits), None, &limits).unwrap();
        assert_eq!(
            (&ours.title, &ours.link, ours.format),
            (&theirs.title, &theirs.link, theirs.format)
        );
        let of = |feed: &FeedDocument| feed.entries.iter().map(agreed).collect::<Vec<_>>();
        assert_eq!(of(&ours), of(&theirs), "{document}");
        assert_eq!(ours.repaired, 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn both_readers_agree_on_any_sound_feed(
            items in prop::collection::vec(("[a-z]{1,9}( [a-zäç]{1,9}){0,4}", 1_u32..28, "(<p>[a-z ]{1,20}[a-z]</p>){0,3}"), 1..6)
        ) {
            let item = |(title, day, html): &(String, u32, String)| format!(
                "<item><title>{title}</title><link>https://gazette.example/{day}</link>\
                 <pubDate>{day:02} Mar 2021 05:06:07 GMT</pubDate><description><![CDATA[{html}]]></description></item>"
            );
            let items: String = items.iter().map(item).collect();
            check(&format!("<rss version='2.0'><channel><title>F</title><link>https://gazette.example/</link>{items}</channel></rss>"));
        }
    }

    #[test]
    fn both_readers_agree_on_sound_feeds() {
        check(
            "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>\
             <title>The Gazette</title><link>https://gazette.example/</link><description>x</description>\
             <item><title>Heron &amp; stork</title><link>https://gazette.example/1</link><guid>https://gazette.example/1</guid>\
             <pubDate>Thu, 04 Mar 2021 05:06:07 GMT</pubDate><author>jo@gazette.example (Jo Marsh)</author>\
             <description>&lt;p&gt;Short&lt;/p&gt;</description><content:encoded><![CDATA[<p>Long &amp; wide</p>]]></content:encoded></item>\
             <item><title>Two</title><link>https://gazette.example/2</link></item></channel></rss>",
        );
        check(
            "<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:f</id><title>The Gazette</title>\
             <link href='https://gazette.example/'/><updated>2021-03-04T05:06:07Z</updated>\
             <entry><id>urn:1</id><title type='html'>A &lt;i&gt;b&lt;/i&gt;</title><link href='https://gazette.example/1'/>\
             <updated>2021-03-04T05:06:07Z</updated><author><name>Jo Marsh</name></author>\
             <summary type='html'>&lt;p&gt;s&lt;/p&gt;</summary><content type='html'>&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>",
        );
        check(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' \
             xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='x'><title>t</title><link>https://a.example/</link>\
             <description>d</description></channel><item rdf:about='https://a.example/1'><title>A</title>\
             <link>https://a.example/1</link><description>s</description><dc:creator>Jo Marsh</dc:creator>\
             <dc:date>2021-03-04T05:06:07Z</dc:date></item></rdf:RDF>",
        );
    }
}
