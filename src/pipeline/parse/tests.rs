//! Shows what is read in whole documents, sound, damaged and hostile.

use std::collections::HashSet;
use std::thread;

use proptest::prelude::*;

use super::*;
use crate::model::FeedFormat;

fn limits() -> Limits {
    Limits { entries_max: 100, ..Limits::default() }
}
const URL: &str = "https://gazette.example/feeds/all";

const RSS: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?>
    <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
         xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
    <channel><title>The &amp;amp; Gazette</title><link>https://gazette.example/</link>
    <description>News</description><language>en-GB</language><ttl>90</ttl>
    <item><title>&lt;b&gt;Heron&lt;/b&gt; lands</title><link>/heron</link><guid>g1</guid>
      <description>Short</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded>
      <pubDate>Thu, 04 Mar 2021 05:06:07 GMT</pubDate><author>jo@gazette.example (Jo Marsh)</author>
      <category domain="d">Birds</category><comments>/heron#comments</comments>
      <enclosure url="https://gazette.example/a.mp3" length="12" type="audio/mpeg"/>
      <source url="https://wire.example/?a=1&amp;b=2">The Wire</source></item>
    <item><title>Stork</title><link>https://wrap.example/2</link>
      <feedburner:origLink>https://gazette.example/stork</feedburner:origLink></item>
    </channel></rss>"#;

fn read(text: &str) -> Result<FeedDocument, ParseError> {
    document(text.as_bytes(), None, URL, &limits())
}

#[test]
fn rss_is_read_whole() {
    let feed = read(RSS).unwrap();
    assert_eq!(
        (feed.format, feed.habits.ttl.map(|ttl| ttl.as_secs()), feed.repaired),
        (FeedFormat::Rss, Some(5_400), 0)
    );
    assert_eq!(feed.title.as_deref(), Some("The & Gazette"));
    assert_eq!(feed.link.as_deref(), Some("https://gazette.example/"));
    assert_eq!(feed.entries[0].title_written.as_deref(), Some("<b>Heron</b> lands"));
    let heron = serde_json::to_value(&feed.entries[0]).unwrap();
    let expected = serde_json::json!({
        "key": "g1", "id": "g1", "title": "Heron lands",
        "link": "https://gazette.example/heron",
        "links": [{"href": "https://gazette.example/heron", "rel": "alternate"}],
        "summary": "Short", "content": [{"value": "<p>Long</p>", "type": "text/html"}],
        "authors": [{"name": "Jo Marsh", "email": "jo@gazette.example"}],
        "published": "2021-03-04T05:06:07Z",
        "tags": [{"term": "Birds", "scheme": "d"}],
        "enclosures": [
            {"href": "https://gazette.example/a.mp3", "type": "audio/mpeg", "length": 12}
        ],
        "comments": "https://gazette.example/heron#comments",
        "language": "en-GB",
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
    let found = (feed.format, entry.key.0.as_str(), entry.title.as_deref(), entry.link.as_deref());
    assert_eq!(found, (format, key, Some(title), Some(link)), "{text}");
}

#[test]
fn the_other_dialects_are_read() {
    let (key, link) = ("https://a.example/1", "https://a.example/1");
    check_first(
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>f</id><title>t</title>\
         <entry><id>urn:1</id><title type='html'>A &amp;lt;i&gt;b</title><link href='x' rel='self'/>\
         <link href='y'/></entry></feed>",
        FeedFormat::Atom,
        "urn:1",
        "A <i>b",
        "https://gazette.example/feeds/y",
    );
    check_first(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><id>urn:1</id><title>A</title>\
         <link rel='alternate' type='text/html' href='https://a.example/1'/></entry></feed>",
        FeedFormat::Atom,
        "urn:1",
        "A",
        link,
    );
    check_first(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>\
         <channel><title>t</title></channel><item rdf:about='https://a.example/1'><title>A</title></item></rdf:RDF>",
        FeedFormat::Rdf,
        key,
        "A",
        link,
    );
    check_first(
        "<CHANNEL HREF='https://a.example/'><TITLE>t</TITLE><ITEM HREF='https://a.example/1'><TITLE>A</TITLE></ITEM></CHANNEL>",
        FeedFormat::Rss,
        key,
        "A",
        link,
    );
    check_first(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"t",
            "items":[{"id":"1","url":"https://a.example/1","title":"A &amp; B","content_text":"c"}]}"#,
        FeedFormat::Json,
        "1",
        "A & B",
        link,
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
        "<br>\n<b>Warning: x in y.php",
        "<?xml version='1.0' encoding='utf-16'?><!-- x -->",
        "{\"ads\": false}\n<?xml version='1.0'?>",
        "{ads: false};",
    ] {
        let text = format!("{junk}{feed}");
        check_first(&text, FeedFormat::Rss, "https://a.example/1", "A", "https://a.example/1");
    }
}

#[test]
fn damage_costs_a_repair_and_no_entry() {
    let entry = |n: usize| {
        format!(
            "<item><title>T{n}</title><link>https://a.example/{n}</link><description><![CDATA[<p>D{n}</p>]]></description></item>"
        )
    };
    let whole = format!(
        "<rss><channel><title>F</title>{}{}{}</channel></rss>",
        entry(0),
        entry(1),
        entry(2)
    );
    for (from, to) in [
        ("T1</title>", "T1"),
        ("T1</title>", "T1</Title>"),
        ("<p>D1</p>]]>", "<p>D1</p>"),
        ("D1</p>]]></description>", "D1</p>]]>"),
        ("<p>D1</p>]]></description></item>", "<p>D1</p>]]></description>"),
        ("<title>T1", "<title>&T1&amp;\u{1}"),
        ("<![CDATA[<p>D1</p>]]>", "<p>D1<br>x<b>y</p>"),
        ("<rss>", "<rss junk=x junk='y>"),
    ] {
        let feed = read(&whole.replacen(from, to, 1)).unwrap();
        let links: Vec<_> = feed.entries.iter().filter_map(|entry| entry.link.as_deref()).collect();
        let expected = ["https://a.example/0", "https://a.example/1", "https://a.example/2"];
        assert_eq!(links, expected, "{from} {to}");
        assert_eq!(feed.entries[2].summary.as_deref(), Some("<p>D2</p>"), "{from} {to}");
        assert!(feed.repaired > 0 || to.ends_with("</Title>"), "{from} {to}");
    }
}

#[test]
fn a_document_that_ends_too_early_gives_its_whole_entries() {
    let text =
        "<rss><channel><item><title>A</title></item><item><title>B</title><description>cut of";
    let feed = read(text).unwrap();
    assert_eq!((feed.entries.len(), feed.repaired), (1, 1));
    let only = read("<rss><channel><item><title>A</title><description>cut of").unwrap();
    assert_eq!(only.entries[0].title.as_deref(), Some("A"), "a part is better than nothing");
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
    check_error("{\"error\": \"not found\"}", |e| *e == ParseError::NotAFeed);
    check_error("{\"items\": [", |e| matches!(e, ParseError::Malformed { .. }));
    check_error("<html><body>x", |e| matches!(e, ParseError::HtmlPage { .. }));
    check_error("<html><body><input type=password>", |e| *e == ParseError::Guarded);
    let zipped = document(&[0x1f, 0x8b, 8, 0, 1], None, URL, &limits()).unwrap_err();
    assert!(matches!(zipped, ParseError::Malformed { .. }), "{zipped:?}");
}

#[test]
fn what_goes_beyond_a_limit_is_cut_and_counted() {
    let limits = Limits { entries_max: 3, field_max_bytes: 4, ..limits() };
    let items: Vec<String> = (0..8)
        .map(|n| format!("<item><guid>{n}</guid><description>äää</description></item>"))
        .collect();
    let text = format!("<rss version='2.0'><channel>{}</channel></rss>", items.concat());
    let feed = document(text.as_bytes(), None, URL, &limits).unwrap();
    assert_eq!((feed.entries.len(), feed.entries_cut, feed.repaired), (3, 5, 3));
    assert_eq!(
        (feed.entries[0].key.0.as_str(), feed.entries[0].summary.as_deref()),
        ("0", Some("ää"))
    );
}

#[test]
fn feeds_made_to_hurt_cost_little() {
    let rss = |inner: &str| {
        format!(
            "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><item><title>t</title>{inner}</item></channel></rss>"
        )
    };
    let documents = [
        rss(&"<media:group>".repeat(50_000)),
        rss(&"<itunes:category text='x'>".repeat(50_000)),
        rss(&format!("<description>{}</description>", "<div>".repeat(50_000))),
        rss(&format!("<a {}/>", "b='c' ".repeat(50_000))),
        rss(
            "<author>山田（taro@gazette.example）</author><itunes:duration>99999999999999999999:1</itunes:duration>",
        ),
        rss("<?xml version='1.0' encoding='koi8-r'?>"),
        rss(&"<x>&amp;".repeat(50_000)),
        rss(&"</b>".repeat(50_000)),
    ];
    // The stack of a worker; an overflow ends the test run.
    let reader = thread::Builder::new().stack_size(2 << 20);
    let titles = move || {
        documents
            .map(|text| read(&text).unwrap().entries.first().and_then(|entry| entry.title.clone()))
    };
    for title in reader.spawn(titles).unwrap().join().unwrap() {
        assert_eq!(title.as_deref(), Some("t"));
    }
}

/// The parts of a sound RSS item.
fn item() -> impl Strategy<Value = (String, String, String)> {
    let title = "[a-zäß0-9,.'!?-]{1,12}( [a-z<&>\"東京]{1,9}){0,4}";
    (title, "/[a-z0-9]{1,9}([?]a=[0-9]&b=[0-9])?", "(<p>[a-z &;]{0,20}</p>){1,3}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sound_feeds_are_read_whole(items in prop::collection::vec(item(), 0..8), atom in any::<bool>(), cdata in any::<bool>()) {
        let prose = |html: &str| if cdata { format!("<![CDATA[{html}]]>") } else { escaped(html) };
        let item = |(n, (title, path, html)): (usize, &(String, String, String))| {
            let (title, path) = (escaped(&escaped(title)), escaped(path));
            if atom {
                format!("<entry><id>urn:{n}</id><title type='html'>{title}</title><link href='{path}'/><content type='html'>{}</content></entry>", prose(html))
            } else {
                format!("<item><guid>urn:{n}</guid><title>{title}</title><link>{path}</link><description>{}</description></item>", prose(html))
            }
        };
        let inside: String = items.iter().enumerate().map(item).collect();
        let text = if atom { format!("<feed><title>F</title>{inside}</feed>") } else { format!("<rss><channel><title>F</title>{inside}</channel></rss>") };
        let feed = read(&text).unwrap();
        prop_assert_eq!((feed.entries.len(), feed.repaired), (items.len(), 0), "{}", text);
        for (n, (entry, (title, path, html))) in feed.entries.iter().zip(&items).enumerate() {
            prop_assert_eq!(&entry.key.0, &format!("urn:{n}"));
            prop_assert_eq!(entry.title.as_deref(), Some(title.as_str()));
            let link = format!("https://gazette.example{path}");
            prop_assert_eq!(entry.link.as_deref(), Some(link.as_str()));
            let body = entry.content.first().map(|content| &content.value).or(entry.summary.as_ref());
            prop_assert_eq!(body.map(String::as_str), Some(html.as_str()));
        }
    }

    #[test]
    fn mutated_feeds_never_panic_and_read_alike_twice(
        cut in 0_usize..1800, length in 0_usize..60,
        junk in "(<item>|</item>|<guid>g1</guid>|<!\\[CDATA\\[|\\]\\]>|&amp;|&#1;|&|<|'|\\PC){0,20}"
    ) {
        let (before, rest) = RSS.split_at(RSS.floor_char_boundary(cut));
        let (_, after) = rest.split_at(rest.floor_char_boundary(length));
        let text = format!("{before}{junk}{after}");
        let feed = read(&text);
        prop_assert_eq!(&feed, &read(&text));
        if let Ok(feed) = feed {
            let keys: HashSet<_> = feed.entries.iter().map(|entry| &entry.key).collect();
            prop_assert_eq!(keys.len(), feed.entries.len());
            prop_assert!(feed.entries.iter().all(|entry| !entry.key.0.is_empty()));
        }
    }

    #[test]
    fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), begin in "(<rss><item>|<feed>|\\{)?") {
        let bytes = [begin.as_bytes(), &bytes].concat();
        let _feed = document(&bytes, Some("text/xml; charset=big5"), URL, &limits());
    }
}
