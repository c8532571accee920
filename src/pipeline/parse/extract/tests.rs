//! Shows which field is read from which element, and which of several wins.

use serde_json::{Value, json};

use super::super::repair;
use super::*;
use crate::model::Entry;

fn read(text: &str) -> FeedDocument {
    let limits = Limits::default();
    let base = Url::parse("https://gazette.example/feed").ok();
    document(&repair::tree(text, &limits), base.as_ref(), &limits).unwrap()
}

/// The entry of a feed in the words of `inspect feed`; its language is the feed's.
fn shown(entry: &Entry) -> Value {
    let mut shown = serde_json::to_value(entry).unwrap();
    shown.as_object_mut().unwrap().remove("key");
    shown
}

fn check_item(fields: &str, expected: &Value) {
    let feed = read(&format!("<rss><channel><item>{fields}</item></channel></rss>"));
    assert_eq!(&shown(&feed.entries[0]), expected, "{fields}");
}

fn check_entry(fields: &str, expected: &Value) {
    let feed =
        read(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry>{fields}</entry></feed>"));
    assert_eq!(&shown(&feed.entries[0]), expected, "{fields}");
}

fn link(href: &str) -> Value {
    json!({"href": href, "rel": "alternate"})
}

#[test]
fn the_link_is_the_page_else_the_permalink() {
    let (a, b) = ("https://a.example/", "https://b.example/");
    check_item(&format!("<guid>{a}</guid>"), &json!({"id": a, "link": a}));
    check_item(&format!("<guid isPermaLink='FALSE'>{a}</guid>"), &json!({"id": a}));
    check_item("<guid>42</guid>", &json!({"id": "42"}));
    check_item(
        &format!("<guid>{a}</guid><link>{b}</link>"),
        &json!({"id": a, "link": b, "links": [link(b)]}),
    );
    check_item("<link> </link>", &json!({}));
    check_entry(
        &format!(
            "<link rel='alternate' type='application/pdf' href='{a}'/><link type='text/html' href='{b}'/>"
        ),
        &json!({"link": b, "links": [
            {"href": a, "rel": "alternate", "type": "application/pdf"},
            {"href": b, "rel": "alternate", "type": "text/html"},
        ]}),
    );
    check_entry(&format!("<id>{a}</id>"), &json!({"id": a, "link": a}));
    check_entry("<id>tag:a.example,2021:1</id><id/>", &json!({"id": "tag:a.example,2021:1"}));
    check_entry(
        "<link rel='self' href='x'/>",
        &json!({"links": [{"href": "https://gazette.example/x", "rel": "self"}]}),
    );
}

#[test]
fn addresses_follow_their_base_everywhere() {
    check_entry(
        "<id>a/1</id><link xml:base='https://b.example/c/' href='d'/>\
         <content type='html' xml:base='/e/'>&lt;a href='f'></content>",
        &json!({"id": "https://gazette.example/a/1", "link": "https://b.example/c/d",
            "links": [link("https://b.example/c/d")],
            "content": [{"value": "<a href=\"https://gazette.example/e/f\">", "type": "text/html"}]}),
    );
    check_item(
        "<description>&lt;img src=x></description>",
        &json!({"summary": "<img src=\"https://gazette.example/x\">"}),
    );
}

#[test]
fn dates_say_what_they_are_of() {
    let (early, late) = ("2021-03-04T05:06:07Z", "2022-03-04T05:06:07Z");
    check_item(&format!("<dc:date>{early}</dc:date>"), &json!({"updated": early}));
    check_item(
        &format!("<pubDate>{early}</pubDate><dc:date>{late}</dc:date>"),
        &json!({"published": early, "updated": late}),
    );
    check_item(
        &format!("<dcterms:created>{early}</dcterms:created>"),
        &json!({"published": early}),
    );
    check_entry(
        &format!(
            "<issued>{early}</issued><modified>soon</modified><modified>{late}</modified><modified>x</modified>"
        ),
        &json!({"published": early, "updated": late}),
    );
}

#[test]
fn the_first_text_is_the_summary_and_the_second_the_content() {
    let content = |value: &str| json!([{"value": value, "type": "text/html"}]);
    check_item("<description>a</description>", &json!({"summary": "a"}));
    check_item(
        "<itunes:summary>long</itunes:summary><description>a</description>",
        &json!({"summary": "long", "content": content("a")}),
    );
    check_item(
        "<content:encoded>c</content:encoded><description>a</description><atom:summary>b</atom:summary>",
        &json!({"summary": "a", "content": content("c")}),
    );
    check_item(
        "<media:group><media:description>a</media:description></media:group>",
        &json!({"summary": "a"}),
    );
    check_item("<description>a</description><summary>a</summary>", &json!({"summary": "a"}));
}

#[test]
fn atom_says_what_its_prose_is_written_in() {
    let check = |field: &str, value: &str, media_type: &str| {
        check_entry(field, &json!({"content": [{"value": value, "type": media_type}]}));
    };
    check("<content>1 &lt; 2</content>", "1 < 2", "text/plain");
    check("<content type='html'>&lt;p></content>", "<p>", "text/html");
    check(
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'> <p>a &lt;</p></div></content>",
        "<p>a &lt;</p>",
        "application/xhtml+xml",
    );
    check(
        "<content type='xhtml'><div class='x'>a</div></content>",
        "<div class=\"x\">a</div>",
        "application/xhtml+xml",
    );
    check("<content type='text/html' mode='escaped'>&lt;p></content>", "<p>", "text/html");
    check(
        "<content type='application/octet-stream' mode='base64'>\n PGI+aGk8L2I+ </content>",
        "<b>hi</b>",
        "text/html",
    );
    check("<content type='text/plain' mode='base64'>aGk=</content>", "hi", "text/plain");
    check_entry("<content type='image/png'>iVBORw0KGgo=</content>", &json!({}));
}

#[test]
fn titles_are_plain_and_kept_as_written() {
    let check = |field: &str, plain: &str, written: Option<&str>| {
        let feed = read(&format!("<feed><entry>{field}</entry></feed>"));
        let entry = &feed.entries[0];
        assert_eq!(
            (entry.title.as_deref(), entry.title_written.as_deref()),
            (Some(plain), written),
            "{field}"
        );
    };
    check("<title>A &amp;amp; B</title>", "A & B", Some("A &amp; B"));
    check("<title type='text'>The &lt;b> tag</title>", "The <b> tag", None);
    check("<title type='html'>The &lt;b>x&lt;/b></title>", "The x", Some("The <b>x</b>"));
    check("<title type='xhtml'><div>A <i>b</i></div></title>", "A b", Some("A <i>b</i>"));
    check("<media:title>M</media:title>", "M", None);
    check("<media:title>M</media:title><title/><title>T</title><title>U</title>", "T", None);
}

#[test]
fn authors_are_those_of_the_entry_else_of_its_source_else_of_the_feed() {
    let authors = |entry: &str| {
        let feed = read(&format!(
            "<feed><author><name>Feed</name><uri>/f</uri></author><entry>{entry}</entry></feed>"
        ));
        let names = feed.entries[0].authors.iter().filter_map(|author| author.name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(authors(""), ["Feed"]);
    assert_eq!(authors("<source><author><name>Source</name></author></source>"), ["Source"]);
    assert_eq!(
        authors("<author><name>A</name></author><author><name>B</name></author><author/>"),
        ["A", "B"]
    );
    check_item(
        "<itunes:author>House</itunes:author><dc:creator>Jo</dc:creator><author>jo@a.example (Jo)</author>",
        &json!({"authors": [{"name": "Jo", "email": "jo@a.example"}]}),
    );
    check_item("<itunes:author>House</itunes:author>", &json!({"authors": [{"name": "House"}]}));
}

#[test]
fn tags_files_and_sources_are_read_in_every_spelling() {
    check_item(
        "<category domain='d'>a</category><dc:subject>b</dc:subject><category/><category domain='d'>a</category>\
         <itunes:category text='c'><itunes:category text='d'/></itunes:category>",
        &json!({"tags": [{"term": "a", "scheme": "d"}, {"term": "b"},
            {"term": "c", "scheme": "http://www.itunes.com/"}, {"term": "d", "scheme": "http://www.itunes.com/"}]}),
    );
    check_item(
        "<media:group><media:content url='b' fileSize='9'/><media:content url='/a'/></media:group><enclosure url='a' length='x'/>",
        &json!({"enclosures": [{"href": "https://gazette.example/a"}, {"href": "https://gazette.example/b", "length": 9}]}),
    );
    check_entry(
        "<source><title>The &lt;b>Wire&lt;/b></title><id>urn:x</id><link rel='self' href='https://wire.example/feed'/></source>",
        &json!({"source": {"title": "The Wire", "url": "https://wire.example/feed"}}),
    );
    check_item(
        "<source url='https://wire.example/'/>",
        &json!({"source": {"url": "https://wire.example/"}}),
    );
}

#[test]
fn what_is_nested_in_a_field_is_no_field_of_its_owner() {
    let feed = read(
        "<rss><channel><image><title>I</title><link>https://i.example/</link></image><title>F</title>\
         <textInput><description>T</description></textInput><item><image><link>x</link></image></item></channel></rss>",
    );
    assert_eq!((feed.title.as_deref(), &feed.link, &feed.subtitle), (Some("F"), &None, &None));
    assert_eq!(feed.entries[0].link, None);
}

#[test]
fn a_feed_says_when_to_leave_it_alone() {
    let feed = read(
        "<rss><channel xml:lang='en_GB'><ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>\
         <skipHours><hour>24</hour><hour>7</hour><hour>x</hour><hour>7</hour></skipHours>\
         <skipDays><day>Sunday</day><day>Sunday</day><day>Noday</day></skipDays></channel></rss>",
    );
    let hours = |hours: u64| Some(std::time::Duration::from_secs(hours * 3_600));
    assert_eq!((feed.habits.ttl, feed.habits.period), (hours(1), hours(6)));
    assert_eq!((feed.habits.skip_hours, feed.habits.skip_days), (1 | 1 << 7, 1 << 6));
    assert_eq!(feed.language.as_deref(), Some("en-GB"));
}

#[test]
fn entries_are_found_wherever_they_stand() {
    for text in [
        "<rss><channel/><item/><item/></rss>",
        "<rss><item/><item/></rss>",
        "<rdf:RDF><channel/><item/><item/></rdf:RDF>",
        "<Channel xmlns='http://purl.org/net/rss1.1#'><items><item/><item/></items></Channel>",
        "<channel><item/><item/></channel>",
        "<rss><channel><item/></channel><channel><item/></channel></rss>",
        "<rss xmlns='http://wrong.example/'><channel><item/><item/></channel></rss>",
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry/><a:entry/></a:feed>",
    ] {
        assert_eq!(read(text).entries.len(), 2, "{text}");
    }
    let entry = "<entry><title>A</title></entry>";
    for (text, count) in [
        (entry.to_owned(), 1),
        (format!("{entry}{entry}"), 2),
        (format!("<blog><name>x</name>{entry}{entry}</blog>"), 2),
        (format!("<feed>{entry}</feed>{entry}"), 2),
        (format!("<feed>{entry}</feed><feed>{entry}</feed>"), 1),
    ] {
        let feed = read(&text);
        assert_eq!((feed.entries.len(), feed.format), (count, FeedFormat::Atom), "{text}");
    }
    let (other, limits) = ("<order><item><price>1</price></item></order>", Limits::default());
    assert!(document(&repair::tree(other, &limits), None, &limits).is_none());
}
