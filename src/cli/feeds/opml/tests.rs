//! Promises of reading and writing OPML.

use proptest::prelude::*;

use super::*;
use crate::model::FeedOrigin;

/// Address, title and category of each feed that is read.
fn feeds(text: &str) -> Vec<(String, Option<String>, Option<String>)> {
    read(text).into_iter().map(|feed| (feed.address, feed.title, feed.category)).collect()
}

fn check(text: &str, expected: &[(&str, Option<&str>, Option<&str>)]) {
    let own = |text: Option<&str>| text.map(str::to_owned);
    let expected: Vec<_> = expected
        .iter()
        .map(|(address, title, category)| ((*address).to_owned(), own(*title), own(*category)))
        .collect();
    assert_eq!(feeds(text), expected, "{text}");
}

#[test]
fn folders_become_the_category() {
    check(
        "<?xml version='1.0'?><opml version='2.0'><head><title>x</title></head><body>
         <outline text='World'><outline text='Asia' title='Asia'>
           <outline type='rss' text='A' title='The A' xmlUrl='https://a.example/' htmlUrl='https://a.example'/>
           </outline><outline text='Empty'/>
           <outline text='B' xmlUrl='https://b.example/'></outline></outline>
         <outline text='C' xmlUrl='https://c.example/' category='/News/Local,/Other'/>
         <outline text='Notes'/><outline xmlUrl='https://d.example/'/></body></opml>",
        &[
            ("https://a.example/", Some("The A"), Some("World/Asia")),
            ("https://b.example/", Some("B"), Some("World")),
            ("https://c.example/", Some("C"), Some("News/Local")),
            ("https://d.example/", None, None),
        ],
    );
}

#[test]
fn what_a_reader_scrapes_is_no_feed_and_its_selectors_are_told() {
    let text = "<opml xmlns:frss='https://freshrss.org/opml'><body>
        <outline text='A' type='HTML+XPath' xmlUrl='https://a.example/' frss:xPathItem='//div'/>
        <outline text='B' type='JSON+DotNotation' xmlUrl='https://b.example/'/>
        <outline text='C' type='rss' xmlUrl='https://c.example/' frss:cssFullContent='article &gt; p'/>
        <outline text='D' type='JSONFeed' xmlUrl='https://d.example/'/></body></opml>";
    let feeds = read(text);
    let foreign: Vec<bool> = feeds.iter().map(|feed| feed.foreign.is_some()).collect();
    assert_eq!(foreign, [true, true, false, false]);
    let selects: Vec<_> = feeds.iter().map(|feed| feed.select.as_deref()).collect();
    assert_eq!(selects, [None, None, Some("article > p"), None]);
}

#[test]
fn a_damaged_list_loses_no_feed() {
    for (damaged, address, title) in [
        (
            "text='Q & A &eacute; &nope; &#8217;' xmlUrl='https://a.example/?a=1&copy=2&lt=3'/>",
            "https://a.example/?a=1&copy=2&lt=3",
            Some("Q & A é &nope; ’"),
        ),
        ("TEXT=x XMLURL=https://a.example/f>", "https://a.example/f", Some("x")),
        (
            "title='' text='The <b>A</b> > B' xmlurl = \n 'https://a.example/f'\n/>",
            "https://a.example/f",
            Some("The <b>A</b> > B"),
        ),
        (
            "text=\"12\" screen\" xmlUrl=\"https://a.example/f\"/>",
            "https://a.example/f",
            Some("12"),
        ),
        ("text='L’x' xmlUrl=' https://a.example/f ' /", "https://a.example/f", Some("L’x")),
        ("text='x' xmlUrl='https://a.example/f", "https://a.example/f", Some("x")),
        ("type='rss' title='x' url='https://a.example/f'/>", "https://a.example/f", Some("x")),
        ("text='https://a.example/f' xmlUrl='https://a.example/f'/>", "https://a.example/f", None),
        ("text='a\n  b' xmlUrl='https://a.example/f'/>", "https://a.example/f", Some("a b")),
    ] {
        let rest = "<outline text='z' xmlUrl='https://z.example/'/>";
        let before = "<opml><!-- <outline xmlUrl='https://no.example/'/> --><body>";
        check(&format!("{before}<outline {damaged}"), &[(address, title, None)]);
        let all = feeds(&format!("{before}</outline><outline {damaged} {rest}"));
        assert_eq!(all.last().map(|feed| feed.0.as_str()), Some("https://z.example/"), "{damaged}");
    }
}

#[test]
fn only_lists_of_outlines_are_opml() {
    for (text, expected) in [
        ("\u{feff}<?xml version='1.0'?>\n<OPML>", true),
        ("<outline text='x'/>", true),
        ("<html><body>outline", false),
        ("<outliner>", false),
        ("https://a.example/", false),
        ("", false),
    ] {
        assert_eq!(is_opml(text), expected, "{text}");
    }
}

#[test]
fn a_list_made_to_hurt_costs_linear_time() {
    let deep = "<outline text='x'>".repeat(100_000);
    assert_eq!(feeds(&format!("{deep}<outline xmlUrl='https://a.example/'/>")).len(), 1);
    assert_eq!(feeds(&"<outline xmlUrl='http://a'>".repeat(50_000)).len(), 50_000);
    assert_eq!(feeds(&"<outline xmlUrl='".repeat(100_000)).len(), 0);
    assert_eq!(feeds(&"<!--".repeat(1_000_000)).len(), 0);
}

fn status(url: &str, title: Option<&str>, category: Option<&str>) -> FeedStatus {
    FeedStatus {
        url: url.parse().unwrap(),
        origin: FeedOrigin::Added,
        title: title.map(str::to_owned),
        category: category.map(str::to_owned),
        site: Some("https://a.example/?a=1&b=2".to_owned()),
        paused: None,
        last_poll_at: None,
        last_error: None,
        failures: 0,
        next_poll_at: "2026-04-07T16:54:00Z".parse().unwrap(),
        next_poll_reason: String::new(),
        sightings: 0,
    }
}

#[test]
fn a_list_is_written_for_other_readers() {
    let feeds = [
        status("https://c.example/?a=1&b=2", Some("\"C\" & <D>"), None),
        status("https://b.example/", None, Some("World/Asia")),
        status("https://a.example/", Some("A"), Some("World")),
    ];
    insta::assert_snapshot!(written(&feeds, "now"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <opml version="2.0">
      <head>
        <title>Feeds of ingest</title>
        <dateCreated>now</dateCreated>
      </head>
      <body>
        <outline type="rss" text="&quot;C&quot; &amp; &lt;D&gt;" title="&quot;C&quot; &amp; &lt;D&gt;" xmlUrl="https://c.example/?a=1&amp;b=2" htmlUrl="https://a.example/?a=1&amp;b=2"/>
        <outline text="World" title="World">
          <outline type="rss" text="A" title="A" xmlUrl="https://a.example/" htmlUrl="https://a.example/?a=1&amp;b=2"/>
          <outline text="Asia" title="Asia">
            <outline type="rss" text="https://b.example/" title="https://b.example/" xmlUrl="https://b.example/" htmlUrl="https://a.example/?a=1&amp;b=2"/>
          </outline>
        </outline>
      </body>
    </opml>
    "#);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        rows in prop::collection::vec(
            (
                "[a-z0-9?&=;%+./]{0,12}",
                prop::option::of("[!-~é’“]{1,8}( [!-~é]{1,8}){0,2}"),
                prop::option::of("[!-.0-~é]{1,5}(/[!-.0-~é]{1,5}){0,3}"),
            ),
            0..8,
        ),
    ) {
        let feeds: Vec<FeedStatus> = rows
            .iter()
            .enumerate()
            .map(|(number, (path, title, category))| {
                let url = format!("https://a.example/{number}/{path}");
                status(&url, title.as_deref(), category.as_deref())
            })
            .collect();
        let text = written(&feeds, "now");
        let mut expected: Vec<_> = feeds
            .into_iter()
            .map(|feed| (feed.url.to_string(), feed.title, feed.category))
            .collect();
        let mut found = self::feeds(&text);
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_text_is_read_without_a_fault(text in "(<outline|<!--|</outline>|xmlUrl=|\"|'|>|/|&amp;|é| |http://a){0,30}") {
        feeds(&text);
        is_opml(&text);
    }
}
