//! Times the reading of feed documents, beside feed-rs and a bare XML parse of the same bytes.
//!
//! `cargo bench --bench reading`

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::BytesCount;
use ingest::pipeline::parse::{self, Limits};

fn main() {
    divan::main();
}

const PROFILES: [&str; 3] = ["content in CDATA", "escaped content", "thin items"];

/// About a megabyte of invented feed.
fn feed(profile: &str) -> String {
    let paragraph = "The ferry crossed the sound before dawn, and the baker's lamp was the only light on \
        the quay. Nobody on board spoke of the storm, though all of them had heard it. ";
    let html = format!("<p>{}</p>\n", paragraph.repeat(4)).repeat(15);
    let (items, content) = match profile {
        "content in CDATA" => {
            (90, format!("<content:encoded><![CDATA[{html}]]></content:encoded>"))
        }
        "escaped content" => {
            let escaped = html.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            (90, format!("<description>{escaped}</description>"))
        }
        _ => (
            2_200,
            "<description>A line or two about the ferry, and no more.</description>".to_owned(),
        ),
    };
    let mut feed = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>The Gazette</title>\
         <link>https://gazette.example/</link><description>News</description>",
    );
    for number in 0..items {
        write!(
            feed,
            "<item><title>Story {number} of the harbour</title><link>https://gazette.example/{number}</link>\
             <guid isPermaLink=\"false\">urn:story:{number}</guid>\
             <pubDate>Tue, 07 Apr 2026 16:54:00 GMT</pubDate><category>Harbour</category>{content}</item>"
        )
        .expect("a string takes all");
    }
    feed.push_str("</channel></rss>");
    feed
}

#[divan::bench(args = PROFILES)]
fn ours(bencher: Bencher<'_, '_>, profile: &str) {
    let feed = feed(profile);
    let limits = Limits::default();
    bencher
        .counter(BytesCount::of_str(&feed))
        .bench(|| parse::document(feed.as_bytes(), None, "https://gazette.example/feed", &limits));
}

#[divan::bench(args = PROFILES)]
fn feed_rs(bencher: Bencher<'_, '_>, profile: &str) {
    let feed = feed(profile);
    bencher.counter(BytesCount::of_str(&feed)).bench(|| {
        let parser = feed_rs::parser::Builder::new().sanitize_content(false).build();
        parser.parse(feed.as_bytes())
    });
}

/// The floor: every event of the document, and nothing made of it.
#[divan::bench(args = PROFILES)]
fn bare_xml(bencher: Bencher<'_, '_>, profile: &str) {
    let feed = feed(profile);
    bencher.counter(BytesCount::of_str(&feed)).bench(|| {
        let mut reader = quick_xml::Reader::from_str(&feed);
        let mut events = 0_usize;
        while !matches!(reader.read_event(), Ok(quick_xml::events::Event::Eof) | Err(_)) {
            events += 1;
        }
        events
    });
}
