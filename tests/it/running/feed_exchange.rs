//! Promises of importing and exporting lists of feeds.

use super::super::harness::Ingest;

const ROWS: &str = "SELECT url, own_title, category, origin FROM feeds ORDER BY url";

const OPML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>Mine</title></head><body>
<outline text="World"><outline text="Asia">
  <outline text="The Heron & Co" type="rss" xmlUrl="http://a.example/feed?x=1&y=2"/>
</outline></outline>
<outline title="Stork" xmlUrl="http://b.example/"/>
<outline text="Old" xmlUrl="ftp://c.example/"/>
<outline text="Again" xmlUrl="http://B.example/#top"/>
</body></opml>"#;

#[tokio::test]
async fn a_list_of_another_reader_is_taken_over() {
    let ingest = Ingest::new();
    ingest.write("mine.opml", &format!("\u{feff}{OPML}"));
    let output = ingest.run(&["feeds", "import", "mine.opml"]).await;
    assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{output:?}");
    let lines: Vec<&str> = output.stderr.lines().collect();
    assert_eq!(lines[..2], ["added http://a.example/feed?x=1&y=2", "added http://b.example/"]);
    let refused = "not a feed address: outline Old: `ftp://c.example/`: ";
    assert!(lines[2].starts_with(refused), "{lines:?}");
    let totals = "2 added, 1 already there, 1 not a feed address";
    assert_eq!(lines[3..], ["already there: http://b.example/", totals]);
    assert_eq!(
        ingest.rows::<(String, String, Option<String>, String)>(ROWS),
        [
            (
                "http://a.example/feed?x=1&y=2".to_owned(),
                "The Heron & Co".to_owned(),
                Some("World/Asia".to_owned()),
                "added".to_owned()
            ),
            ("http://b.example/".to_owned(), "Stork".to_owned(), None, "added".to_owned()),
        ]
    );
}

#[tokio::test]
async fn an_exported_list_brings_the_same_feeds_elsewhere_and_changes_nothing_here() {
    let (ingest, other) = (Ingest::new(), Ingest::new());
    ingest.write(
        "config/feeds.toml",
        "[[feed]]\nurl = \"http://c.example/\"\ntitle = \"C & <C>\"\ncategory = \"de/Nord\"\n",
    );
    assert_eq!(ingest.run_with_stdin(&["feeds", "import", "-"], OPML).await.code, 0);
    assert_eq!(ingest.run(&["feeds", "pause", "http://b.example/"]).await.code, 0);
    let before = ingest.dump("SELECT * FROM feeds ORDER BY url");
    let exported = ingest.run(&["feeds", "export"]).await;
    assert_eq!((exported.code, exported.stderr.as_str()), (0, ""));

    let here = ingest.run_with_stdin(&["feeds", "import", "-"], &exported.stdout).await;
    assert_eq!(here.code, 0);
    assert!(
        here.stderr.contains("already there: http://b.example/ (paused: by hand)\n"),
        "{}",
        here.stderr
    );
    assert!(here.stderr.ends_with("0 added, 3 already there, 0 not a feed address\n"));
    assert_eq!(ingest.dump("SELECT * FROM feeds ORDER BY url"), before);

    let there = other.run_with_stdin(&["feeds", "import", "-"], &exported.stdout).await;
    assert!(there.stderr.ends_with("3 added, 0 already there, 0 not a feed address\n"));
    let named = "SELECT url, own_title, category FROM feeds ORDER BY url";
    assert_eq!(other.dump(named), ingest.dump(named));
}

#[tokio::test]
async fn a_plain_list_is_taken_over_line_by_line() {
    let ingest = Ingest::new();
    let list = "# mine\nhttp://a.example/ \"The A\" news\n\nquery:unread:x\n\
                http://b.example/ ! \"~The B\"\n\"google-news:two words\" ~Words\n";
    let output = ingest.run_with_stdin(&["feeds", "import", "-"], list).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains("not a feed address: line 4: `query:unread:x`"));
    assert!(output.stderr.ends_with("3 added, 0 already there, 1 not a feed address\n"));
    let titles = "SELECT own_title || '|' || coalesce(category, '') FROM feeds ORDER BY url";
    assert_eq!(ingest.column::<String>(titles), ["The A|news", "The B|", "Words|"]);
    let quiet = ingest.run_with_stdin(&["-q", "feeds", "import", "-"], list).await;
    assert_eq!((quiet.code, quiet.stderr.lines().count()), (0, 1), "{quiet:?}");
}

/// Lists as other readers write them, with what only they understand.
const MINIFLUX: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
    <head>
        <title>Miniflux</title>
        <dateCreated>Tue, 07 Apr 2026 16:54:00 GMT</dateCreated>
    </head>
    <body>
        <outline text="All">
            <outline title="The Heron &amp; Co" text="The Heron &amp; Co" xmlUrl="http://a.example/feed?x=1&amp;y=2" htmlUrl="http://a.example/"></outline>
        </outline>
    </body>
</opml>"#;

const FRESHRSS: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<opml xmlns:frss="https://freshrss.org/opml" version="2.0">
  <head><title>Mine</title></head>
  <body>
    <outline text="Local" frss:opmlUrl="">
      <outline text="Stork" type="rss" xmlUrl="http://b.example/" htmlUrl="http://b.example/" description="" frss:cssFullContent="#story" frss:priority="main"/>
      <outline text="Scraped" type="HTML+XPath" xmlUrl="http://c.example/news" frss:xPathItem="//article"/>
    </outline>
  </body>
</opml>"##;

const NEWSBOAT: &str = "http://d.example/feed.xml \"local news\" \"~The Crane\"\n\
    \"query:Unread:unread = \\\"yes\\\"\"\nexec:~/bin/scrape.sh\n\
    \"filter:~/bin/clean.sh:http://e.example/\"\n";

#[tokio::test]
async fn feeds_move_in_from_miniflux_freshrss_and_newsboat() {
    let ingest = Ingest::new();
    let mut told = String::new();
    for list in [MINIFLUX, FRESHRSS, NEWSBOAT] {
        let output = ingest.run_with_stdin(&["feeds", "import", "-"], list).await;
        assert_eq!(output.code, 0, "{output:?}");
        told.push_str(&output.stderr);
    }
    let row = |url: &str, title: &str, category: &str| {
        (url.to_owned(), title.to_owned(), Some(category.to_owned()), "added".to_owned())
    };
    assert_eq!(
        ingest.rows::<(String, String, Option<String>, String)>(ROWS),
        [
            row("http://a.example/feed?x=1&y=2", "The Heron & Co", "All"),
            row("http://b.example/", "Stork", "Local"),
            row("http://d.example/feed.xml", "The Crane", "local news"),
        ]
    );
    for words in [
        "not a feed address: outline Scraped: `http://c.example/news`: it is a page that FreshRSS scrapes",
        "added http://b.example/\n  its rule for pages is not taken over; declare it in the feeds file \
         with text = \"page\" and select = [\"#story\"]\n",
        "not a feed address: line 2: `query:Unread:unread = \"yes\"`: it is a view of other feeds",
        "not a feed address: line 3: `exec:~/bin/scrape.sh`: it is a command",
        "line 4: `filter:~/bin/clean.sh:http://e.example/`: it is a command",
        "1 added, 0 already there, 3 not a feed address\n",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[tokio::test]
async fn a_thousand_feeds_move_in_together() {
    let ingest = Ingest::new();
    let outlines = (0..1_000).fold(String::new(), |outlines, number| {
        let folder = number / 100;
        outlines
            + &format!(
                "<outline text='Folder {folder}'><outline type='rss' text='Feed {number}' \
             xmlUrl='http://paper{number}.example/feed'/></outline>\n"
            )
    });
    let list = format!("<opml version='2.0'><body>{outlines}</body></opml>");
    for totals in ["1000 added, 0 already there", "0 added, 1000 already there"] {
        let output = ingest.run_with_stdin(&["feeds", "import", "-"], &list).await;
        assert_eq!(output.code, 0);
        assert!(output.stderr.contains(totals), "{}", output.stderr);
    }
    let folders = "SELECT count(DISTINCT category) * 10000 + count(*) FROM feeds";
    assert_eq!(ingest.value::<i64>(folders), 10 * 10_000 + 1_000);
}

#[tokio::test]
async fn a_file_that_is_no_list_is_refused() {
    let ingest = Ingest::new();
    for text in ["<html><body>No list", "", "just words\n", "\u{0}\u{1}"] {
        let output = ingest.run_with_stdin(&["feeds", "import", "-"], text).await;
        assert_eq!(output.code, 2, "{text:?}: {output:?}");
        assert!(output.stderr.contains("no OPML and holds no address"), "{}", output.stderr);
    }
    let missing = ingest.run(&["feeds", "import", "missing.opml"]).await;
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("cannot read missing.opml"), "{}", missing.stderr);
    let empty = ingest.run_with_stdin(&["feeds", "import", "-"], "<opml><body/></opml>").await;
    assert_eq!(
        (empty.code, empty.stderr.as_str()),
        (0, "0 added, 0 already there, 0 not a feed address\n")
    );
}

#[tokio::test]
async fn a_removed_feed_comes_back_with_a_list() {
    let ingest = Ingest::new();
    ingest.add(&["http://a.example/"]).await;
    assert_eq!(ingest.run(&["feeds", "remove", "http://a.example/"]).await.code, 0);
    let list = "http://a.example/ \"The A\"\n";
    let output = ingest.run_with_stdin(&["feeds", "import", "-"], list).await;
    assert!(output.stderr.starts_with("added http://a.example/\n"), "{output:?}");
    assert_eq!(
        ingest.value::<String>("SELECT own_title FROM feeds WHERE removed_at IS NULL"),
        "The A"
    );
}
