//! Reads feed documents of every dialect into one form.
//!
//! feed-rs reads the markup. What it cannot be trusted with is done before it and after it: the
//! encoding is decoded first ([`decode`]), deep nesting is refused because it overflows the stack
//! there ([`nesting`]), its panics are caught, and it gives neither dates ([`date`]) nor entry keys
//! ([`keys`]): those it makes up differ at every reading.

mod advertised;
pub mod date;
mod keys;
mod lost;
mod mapping;
mod nesting;

use std::panic::{AssertUnwindSafe, catch_unwind};

use url::Url;

use crate::model::FeedDocument;
use crate::text::decode;

pub use advertised::{AdvertisedFeed, advertised};

/// The most feeds of a page that an error names.
const ADVERTISED_NAMED: usize = 10;

/// The most items that are handed to feed-rs, which needs about a kilobyte for an empty one.
const ITEMS_READ_MAX: usize = 50_000;

/// How many elements of junk, such as a warning of a script, may stand before the root.
const ELEMENTS_BEFORE_ROOT: usize = 32;

/// How much of a feed document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most entries that are kept; those that come first.
    pub entries_max: usize,
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
    /// Neither RSS nor Atom nor JSON Feed.
    #[error("the document is no RSS, Atom or JSON feed; check the address in a browser")]
    NotAFeed,
    /// Elements nested beyond any use.
    #[error(
        "the document nests elements more than {} deep; tell its publisher",
        nesting::MAX_DEPTH
    )]
    TooDeep,
    /// A feed that is damaged.
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
    let mut text = decode::feed(bytes, content_type);
    text.retain(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'));
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    let text = if text.starts_with('{') { text } else { from_root(text, url)? };
    if items_of(text) > ITEMS_READ_MAX {
        return Err(malformed(format!("it has more than {ITEMS_READ_MAX} entries")));
    }
    let feed = read(text, url)?;
    if feed.title.is_none() && feed.entries.is_empty() && items_of(text) > 0 {
        return Err(malformed("its dialect is unknown".to_owned()));
    }
    let mut feed = mapping::document(feed, limits.entries_max);
    lost::restore(text, &mut feed);
    keys::assign(&mut feed.entries);
    Ok(feed)
}

/// The document from its root element on.
///
/// What stands before the root decides nothing once the text is decoded, and feed-rs fails on much
/// of it: warnings of a script, or a declaration that names another encoding.
fn from_root<'a>(text: &'a str, url: &str) -> Result<&'a str, ParseError> {
    for element in nesting::elements(text).take(ELEMENTS_BEFORE_ROOT) {
        let name = element.name.rsplit(':').next().unwrap_or_default();
        let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is(&["rss", "feed", "rdf", "entry"]) {
            if nesting::is_deep(element.document) {
                return Err(ParseError::TooDeep);
            }
            return Ok(element.document);
        }
        if is(&["html", "head", "body"]) {
            let named = advertised(text, url).into_iter().take(ADVERTISED_NAMED);
            let advertised = named.map(|feed| feed.url.to_string()).collect();
            return Err(ParseError::HtmlPage { advertised });
        }
    }
    Err(ParseError::NotAFeed)
}

/// How many items the markup seems to hold.
fn items_of(text: &str) -> usize {
    text.matches("<item").count() + text.matches("<entry").count()
}

fn read(text: &str, url: &str) -> Result<feed_rs::model::Feed, ParseError> {
    // feed-rs gives up on a base that is no URL.
    let base = Url::parse(url).ok().map(String::from);
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
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(malformed(error.to_string())),
        Err(_) => Err(malformed("its reader stumbled over it".to_owned())),
    }
}

fn malformed(reason: String) -> ParseError {
    ParseError::Malformed { reason }
}

fn advice(advertised: &[String]) -> String {
    if advertised.is_empty() {
        "it names no feed, so look for a feed link on the site".to_owned()
    } else {
        format!("use a feed it names instead: {}", advertised.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use proptest::prelude::*;

    use super::*;
    use crate::model::FeedFormat;

    const LIMITS: Limits = Limits { entries_max: 100 };
    const URL: &str = "https://gazette.example/feeds/all";

    const RSS: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?>
        <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
             xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
        <channel><title>The &amp;amp; Gazette</title><link>https://gazette.example/</link>
        <description>News</description><language>en-GB</language><ttl>90</ttl>
        <item><title>&lt;b&gt;Heron&lt;/b&gt; lands</title><link>/heron</link><guid>g1</guid>
          <description>Short</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded>
          <pubDate>Thu, 04 Mar 2021 05:06:07 GMT</pubDate><author>jo@gazette.example (Jo Marsh)</author>
          <category domain="d">Birds</category>
          <enclosure url="https://gazette.example/a.mp3" length="12" type="audio/mpeg"/>
          <source url="https://wire.example/?a=1&amp;b=2">The Wire</source></item>
        <item><title>Stork</title><link>https://wrap.example/2</link>
          <feedburner:origLink>https://gazette.example/stork</feedburner:origLink></item>
        </channel></rss>"#;

    fn read(text: &str) -> Result<FeedDocument, ParseError> {
        document(text.as_bytes(), None, URL, &LIMITS)
    }

    #[test]
    fn rss_is_read_whole() {
        let feed = read(RSS).unwrap();
        assert_eq!(
            (feed.format, feed.habits.ttl),
            (FeedFormat::Rss, Some(std::time::Duration::from_secs(90 * 60)))
        );
        assert_eq!(feed.title.as_deref(), Some("The & Gazette"));
        assert_eq!(feed.link.as_deref(), Some("https://gazette.example/"));
        let heron = serde_json::to_value(&feed.entries[0]).unwrap();
        let expected = serde_json::json!({
            "key": "g1", "id": "g1", "title": "Heron lands",
            "link": "https://gazette.example/heron",
            "links": [{"href": "https://gazette.example/heron"}],
            "summary": "Short", "content": [{"value": "<p>Long</p>", "type": "text/html"}],
            "authors": [{"name": "Jo Marsh", "email": "jo@gazette.example"}],
            "published": "2021-03-04T05:06:07Z", "updated": "2021-03-04T05:06:07Z",
            "tags": [{"term": "Birds", "scheme": "d"}],
            "enclosures": [
                {"href": "https://gazette.example/a.mp3", "type": "audio/mpeg", "length": 12}
            ],
            "language": "en-gb",
            "source": {"title": "The Wire", "url": "https://wire.example/?a=1&b=2"},
        });
        assert_eq!(heron, expected);
    }

    #[test]
    fn the_original_link_of_a_wrapper_is_the_link() {
        let stork = &read(RSS).unwrap().entries[1];
        assert_eq!(stork.link.as_deref(), Some("https://gazette.example/stork"));
        assert!(stork.links.iter().any(|link| link.href == "https://wrap.example/2"));
        assert_eq!(stork.key.0, "https://gazette.example/stork");
    }

    fn check_first(text: &str, format: FeedFormat, key: &str, title: &str, link: &str) {
        let feed = read(text).unwrap();
        let entry = &feed.entries[0];
        let found =
            (feed.format, entry.key.0.as_str(), entry.title.as_deref(), entry.link.as_deref());
        assert_eq!(found, (format, key, Some(title), Some(link)), "{text}");
    }

    #[test]
    fn the_other_dialects_are_read() {
        check_first(
            "<feed xmlns='http://www.w3.org/2005/Atom'><id>f</id><title>t</title><updated>2021-03-04T05:06:07Z</updated>\
             <entry><id>urn:1</id><title type='html'>A &amp;lt;i&gt;b</title><link href='x' rel='self'/>\
             <link href='y'/><updated>2021-03-04T05:06:07Z</updated></entry></feed>",
            FeedFormat::Atom,
            "urn:1",
            "A <i>b",
            "https://gazette.example/feeds/y",
        );
        check_first(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>\
             <channel><title>t</title></channel><item><title>A</title><link>https://a.example/1</link></item></rdf:RDF>",
            FeedFormat::Rdf,
            "https://a.example/1",
            "A",
            "https://a.example/1",
        );
        check_first(
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"t",
                "items":[{"id":"1","url":"https://a.example/1","title":"A &amp; B","content_text":"c"}]}"#,
            FeedFormat::Json,
            "1",
            "A & B",
            "https://a.example/1",
        );
    }

    #[test]
    fn what_stands_before_the_root_does_no_harm() {
        let feed = "<rss version='2.0'><channel><item><title>A</title><link>https://a.example/1</link></item></channel></rss>";
        for junk in [
            "",
            "\u{feff}\n\n",
            "\0",
            "<br />\n<b>Warning</b>: x in <b>y.php</b>",
            "<?xml version='1.0' encoding='utf-16'?><!-- x -->",
        ] {
            let text = format!("{junk}{feed}");
            check_first(&text, FeedFormat::Rss, "https://a.example/1", "A", "https://a.example/1");
        }
    }

    fn check_error(text: &str, expected: fn(&ParseError) -> bool) {
        let error = read(text).unwrap_err();
        assert!(expected(&error), "{text}: {error:?}");
    }

    #[test]
    fn what_is_no_feed_is_named() {
        check_error("", |e| *e == ParseError::Empty);
        check_error(" \n\u{feff} ", |e| *e == ParseError::Empty);
        check_error("%PDF-1.7", |e| *e == ParseError::NotAFeed);
        check_error("<urlset><url/></urlset>", |e| *e == ParseError::NotAFeed);
        check_error("{\"error\": \"not found\"}", |e| matches!(e, ParseError::Malformed { .. }));
        check_error("<rss version='2.0'><channel><item><title>A", |e| {
            matches!(e, ParseError::Malformed { .. })
        });
        check_error("<rss version='9'><channel/></rss>", |e| {
            matches!(e, ParseError::Malformed { .. })
        });
    }

    #[test]
    fn a_page_names_the_feeds_it_advertises() {
        let page = "<!DOCTYPE html><html><head>\
            <link rel='alternate stylesheet' href=/s.css type=text/css>\
            <link rel=alternate type=application/rss+xml href=/rss><link rel=ALTERNATE type='application/atom+xml; x' href=atom>\
            <link rel=alternate type=application/rss+xml href=/rss><link rel=alternate hreflang=de href=/de></head>";
        let advertised = ["https://gazette.example/rss", "https://gazette.example/feeds/atom"];
        let error = read(page).unwrap_err();
        assert_eq!(
            error,
            ParseError::HtmlPage { advertised: advertised.map(String::from).to_vec() }
        );
        assert!(error.to_string().contains(advertised[1]), "{error}");
        check_error("<html><body>x", |e| *e == ParseError::HtmlPage { advertised: vec![] });
    }

    #[test]
    fn entries_beyond_the_limit_are_counted() {
        let items: Vec<String> =
            (0..130).map(|n| format!("<item><guid>{n}</guid></item>")).collect();
        let items = items.concat();
        let feed = read(&format!("<rss version='2.0'><channel>{items}</channel></rss>")).unwrap();
        assert_eq!((feed.entries.len(), feed.entries_cut), (100, 30));
        assert_eq!(feed.entries[0].key.0, "0");
    }

    #[test]
    fn feeds_made_to_hurt_cost_an_error_only() {
        let rss = |inner: String| {
            format!(
                "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><item>{inner}</item></channel></rss>"
            )
        };
        let nested = rss("<media:group>".repeat(50_000));
        let wide =
            format!("<rss version='2.0'><channel>{}</channel></rss>", "<item/>".repeat(60_000));
        let late = rss("<title>x</title>".repeat(10) + "<?xml version='1.0' encoding='koi8-r'?>");
        let author = rss("<author>山田（taro@example.com）</author>".to_owned());
        // The stack of a worker; an overflow ends the test run.
        let reader = thread::Builder::new().stack_size(2 << 20);
        let errors = move || [nested, wide, late, author].map(|text| read(&text).unwrap_err());
        let [nested, wide, late, author] = reader.spawn(errors).unwrap().join().unwrap();
        assert_eq!(nested, ParseError::TooDeep);
        for error in [wide, late, author] {
            assert!(matches!(error, ParseError::Malformed { .. }), "{error:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn reading_never_panics_and_keys_are_unique(
            cut in 0_usize..1600, junk in "(<item>|</item>|<guid>g1</guid>|&amp;|&|<|\\PC){0,20}"
        ) {
            let at = RSS.floor_char_boundary(cut.min(RSS.len()));
            let (before, after) = RSS.split_at(at);
            if let Ok(feed) = read(&format!("{before}{junk}{after}")) {
                let keys: HashSet<_> = feed.entries.iter().map(|entry| &entry.key).collect();
                prop_assert_eq!(keys.len(), feed.entries.len());
                prop_assert!(feed.entries.iter().all(|entry| !entry.key.0.is_empty()));
            }
        }
    }
}
