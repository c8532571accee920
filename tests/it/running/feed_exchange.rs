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
