//! Promises of the configuration: every fault is told at once, with its place, and nothing is done.

use super::super::harness::Ingest;
use super::check_told;

/// Runs with these files; it is refused with exactly these lines, before anything is opened.
async fn check(configuration: &str, feeds: &str, expected: &[&str]) {
    let ingest = Ingest::new();
    ingest.write("config/ingest.toml", configuration);
    ingest.write("config/feeds.toml", feeds);
    for arguments in [&["--once"][..], &["feeds", "list"], &[]] {
        let output = ingest.run(arguments).await;
        check_told(&output, 2, &[]);
        let lines: Vec<&str> = output.stderr.lines().collect();
        let expected: Vec<String> = expected.iter().map(|line| format!("ingest: {line}")).collect();
        assert_eq!(lines, expected, "{arguments:?}");
    }
    assert!(!ingest.database().exists());
}

#[tokio::test]
async fn each_fault_names_its_line_and_what_was_meant() {
    for (configuration, expected) in [
        (
            "\n[http]\nredirect_max = 3\n",
            "config/ingest.toml:3: unknown key `http.redirect_max`; did you mean `redirects_max`?",
        ),
        (
            "[storge]\ndatabase = \"x\"\n",
            "config/ingest.toml:1: unknown section `storge`; did you mean `storage`?",
        ),
        (
            "[polling]\n# soon\ninterval_s = \"1 h\"\n",
            "config/ingest.toml:3: `polling.interval_s` must be an integer, not a string",
        ),
        (
            "[polling]\nfeeds_at_once = 0\n",
            "config/ingest.toml:2: `polling.feeds_at_once` must be between 1 and 1024, not 0",
        ),
        (
            "[http]\nredirects_max = -1\n",
            "config/ingest.toml:2: `http.redirects_max` must not be negative",
        ),
        (
            "database = \"x\"\n",
            "config/ingest.toml:1: `database` must stand in a section, such as [http]",
        ),
        (
            "[storage]\ndatabase = \" \"\n",
            "config/ingest.toml:2: `storage.database` must name a file",
        ),
        (
            "[http]\ncontact = \"Łódź\"\n",
            "config/ingest.toml:2: `http.contact` must be plain ASCII, as it is sent in a header",
        ),
    ] {
        check(configuration, "", &[expected]).await;
    }
}

#[tokio::test]
async fn a_list_of_the_wrong_things_says_so() {
    let ingest = Ingest::new();
    ingest.write("config/ingest.toml", "[links]\nredirector_hosts = [1]\n");
    let output = ingest.run(&["--once"]).await;
    check_told(&output, 2, &["config/ingest.toml:2: `links.redirector_hosts` must be"]);
    let (_, found) = output.stderr.split_once(", not ").unwrap();
    assert_ne!(found.trim(), "an array of strings", "it says what was found instead");
}

#[tokio::test]
async fn several_faults_are_told_together() {
    let text =
        "[http]\nper_host_gap = 5\nredirects_max = \"ten\"\n\n[polling]\nfeeds_at_once = 0\n";
    check(
        text,
        "",
        &[
            "config/ingest.toml:2: unknown key `http.per_host_gap`; did you mean `per_host_gap_ms`?",
            "config/ingest.toml:3: `http.redirects_max` must be an integer, not a string",
            "config/ingest.toml:6: `polling.feeds_at_once` must be between 1 and 1024, not 0",
        ],
    )
    .await;
}

#[tokio::test]
async fn faults_of_the_environment_name_the_variable() {
    let ingest = Ingest::new()
        .with("INGEST_HTTP__REDIRECTS_MAX", "many")
        .with("INGEST_HTTP__REDIRECT_MAX", "1")
        .with("INGEST_TEXT__ENTRIES_AT_ONCE", "0");
    let output = ingest.run(&["--once"]).await;
    check_told(
        &output,
        2,
        &[
            "environment variable INGEST_HTTP__REDIRECTS_MAX: `http.redirects_max` must be an integer, not `many`",
            "environment variable INGEST_HTTP__REDIRECT_MAX: unknown key",
            "environment variable INGEST_TEXT__ENTRIES_AT_ONCE: `text.entries_at_once` must be between 1 and 64",
        ],
    );
}

#[tokio::test]
async fn what_is_no_toml_names_the_line() {
    let ingest = Ingest::new();
    for file in ["ingest", "feeds"] {
        let ingest = Ingest::new();
        ingest.write(&format!("config/{file}.toml"), "# fine\n[http\ncontact = \n");
        let output = ingest.run(&["--once"]).await;
        check_told(&output, 2, &[&format!("ingest: config/{file}.toml:2: ")]);
        assert!(!ingest.database().exists());
    }
    std::fs::write(ingest.path("config/ingest.toml"), b"[http]\ncontact = \"\xff\"\n").unwrap();
    check_told(&ingest.run(&["--once"]).await, 2, &["config/ingest.toml", "UTF-8"]);
}

#[tokio::test]
async fn bad_rows_of_the_feeds_file_are_told_together() {
    let feeds = "[[feed]]\nurl = \"https://a.example/feed\"\n\n[[feed]]\nurl = \"ftp://a.example\"\n\n\
                 [[feed]]\nurl = \"https://a.example/feed\"\ntitel = \"A\"\n\n[[feed]]\ntitle = \"B\"\n\n\
                 [[feed]]\nurl = 7\n\n[[feeds]]\nurl = \"https://b.example/\"\n";
    let ingest = Ingest::new();
    ingest.write("config/feeds.toml", feeds);
    let output = ingest.run(&["--once"]).await;
    check_told(
        &output,
        2,
        &[
            "config/feeds.toml:5: `ftp://a.example` cannot be polled: feeds are read over http and https",
            "config/feeds.toml:7: https://a.example/feed is declared twice",
            "config/feeds.toml:9: unknown key `titel` of a feed; did you mean `title`?",
            "config/feeds.toml:11: a feed needs a `url`",
            "config/feeds.toml:15: `url` must be a string",
            "config/feeds.toml:17: unknown key `feeds`; feeds are declared as [[feed]]",
        ],
    );
    assert!(!ingest.database().exists());
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named_with_the_remedy() {
    let ingest = Ingest::new();
    let output = ingest.run(&["--once", "--config", "elsewhere/mine.toml"]).await;
    check_told(&output, 2, &["cannot read elsewhere/mine.toml", "--config"]);
    std::fs::remove_file(ingest.path("config/feeds.toml")).unwrap();
    let output = ingest.run(&["--once"]).await;
    check_told(&output, 2, &["cannot read config/feeds.toml", "feeds.file"]);
    assert!(!ingest.database().exists());
    let ingest = ingest.with("INGEST_FEEDS__FILE", "");
    assert_eq!(ingest.run(&["--once"]).await.code, 0, "no feeds file is named, none is missed");
}

#[tokio::test]
async fn no_configuration_at_all_is_no_fault() {
    let ingest = Ingest::new();
    std::fs::remove_dir_all(ingest.path("config")).unwrap();
    let output = ingest.run(&["--once"]).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert!(ingest.database().exists());
}
