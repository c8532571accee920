//! Holds the unwrapper to its promises.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

fn wrappers() -> &'static Wrappers {
    static BUILT_IN: LazyLock<Wrappers> =
        LazyLock::new(|| Wrappers::compile(&LinksFile::built_in()).unwrap());
    &BUILT_IN
}

fn check(link: &str, target: &str, rules: &[&str]) {
    let found = unwrap(link, wrappers());
    assert_eq!((found.target.as_str(), found.pending), (target, None), "{link}");
    assert_eq!(found.rules, rules, "{link}");
}

fn check_untouched(link: &str) {
    check(link, link, &[]);
}

fn check_refused(rows: &str, expected: &str) {
    let file = LinksFile::parse(&format!("version = 1\n{rows}")).unwrap();
    let error = Wrappers::compile(&file).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

fn row(id: &str, place: &str) -> String {
    format!(
        "[[wrapper]]\nid = \"{id}\"\nhosts = [\"w.example\"]\n{place}\n\
         example = {{ link = \"https://w.example/go?u=https://a.example/\", target = \"https://a.example/\" }}\n"
    )
}

#[test]
fn the_built_in_table_compiles_and_proves_its_examples() {
    let _ = wrappers();
}

#[test]
fn wrappers_around_wrappers_come_off_outermost_first() {
    check(
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fa.example%252Fb",
        "https://a.example/b",
        &["facebook", "google-url"],
    );
    check(
        "//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2Fb",
        "https://a.example/b",
        &["duckduckgo"],
    );
    check(
        "http://www.bing.com/news/apiclick.aspx?ref=x&amp;url=https%3a%2f%2fa.example%2fb&amp;c=1",
        "https://a.example/b",
        &["bing-news"],
    );
    check(
        "https://www.google.com/url?url=https%253A%252F%252Fa.example%252Fb",
        "https://a.example/b",
        &["google-url"],
    );
    check(
        "https://www.google.com/url?url=javascript:x&q=https://a.example/b",
        "https://a.example/b",
        &["google-url"],
    );
}

#[test]
fn a_chain_ends_after_four_layers() {
    let mut link = "https://a.example/".to_owned();
    for _ in 0..MAX_LAYERS + 2 {
        link = format!("https://href.li/?{link}");
    }
    let found = unwrap(&link, wrappers());
    assert_eq!(found.rules.len(), MAX_LAYERS);
    assert_eq!(found.target, "https://href.li/?https://href.li/?https://a.example/");
}

#[test]
fn a_link_that_wraps_nothing_is_left_as_it_is() {
    for link in [
        "",
        "no link",
        "mailto:a@a.example",
        "/relative",
        " HTTPS://A.example/%7E?url=https://b.example/#x",
        "https://a.example/login?redirect=https%3A%2F%2Fb.example%2F",
        "https://www.google.com/search?q=https://a.example/",
        "https://www.google.com/news/url?url=https%3A%2F%2Fa.example",
        "https://t.me/a_channel",
        "https://www.bing.com/ck/a?u=aHR0cHM6Ly9hLmV4YW1wbGUv",
    ] {
        check_untouched(link);
    }
}

#[test]
fn a_wrapper_stays_when_its_target_is_no_public_address() {
    for target in [
        "",
        "javascript:alert(1)",
        "http://127.0.0.1/",
        "http://localhost/",
        "/relative",
        "http://me@a.example/",
        "ftp://a.example/",
        "https://a.example/%0D%0Ab",
    ] {
        check_untouched(&format!("https://www.google.com/url?url={target}"));
        check_untouched(&format!("https://steamcommunity.com/linkfilter/?u={target}"));
    }
    check_untouched(&format!(
        "https://www.google.com/url?url=https://a.example/{}",
        "a".repeat(MAX_LINK_BYTES)
    ));
    check_untouched("https://protect-us.mimecast.com/s/x?domain=a.example");
}

#[test]
fn an_opaque_google_news_link_is_pending_behind_its_consent_page() {
    // 08 13 | 22 2a | a made-up handle of 42 characters.
    let link = "https://news.google.com/rss/articles/CBMiKkFVX3lxTE1hZGVVcEZvclRoaXNUZXN0T25seTAxMjM0NTY3ODktX2FiYw?oc=5";
    let handle = "AU_yqLMadeUpForThisTestOnly0123456789-_abc";
    let found = unwrap(link, wrappers());
    assert_eq!((found.target.as_str(), found.rules.len()), (link, 0));
    assert_eq!(found.pending.unwrap().handle, handle);
    let behind = format!(
        "https://consent.google.com/m?continue={}&gl=DE",
        link.replace('?', "%3F").replace('=', "%3D")
    );
    let found = unwrap(&behind, wrappers());
    assert_eq!((found.target.as_str(), found.rules), (link, vec!["google-consent".to_owned()]));
    assert_eq!(found.pending.unwrap().handle, handle);
}

#[test]
fn a_host_that_must_be_asked_is_known() {
    let wrappers = wrappers();
    for (link, expected) in [
        ("https://ift.tt/abc", Some("ift.tt")),
        ("https://t.co/abc", Some("t.co")),
        ("http://feedproxy.google.com/~r/x/~3/abc/", Some("feedproxy")),
        ("http://rss.paper.example/~r/rss/top/~3/abc/index.html", Some("feedburner")),
        ("https://www.linkedin.com/slink?code=x", Some("linkedin-slink")),
        ("https://www.linkedin.com/pulse/x", None),
        ("https://a.example/", None),
        ("http://127.0.0.1:8081/", None),
    ] {
        let found = wrappers.redirector(&Url::parse(link).unwrap());
        assert_eq!(found.map(|redirector| redirector.id.as_str()), expected, "{link}");
    }
}

#[test]
fn a_row_that_cannot_work_is_refused() {
    let good = row("good", "params = [\"u\"]");
    check_refused(&row("a", ""), "`a` must name the target's place once");
    check_refused(
        &row("a", "params = [\"u\"]\nin_query = true"),
        "`a` must name the target's place once",
    );
    check_refused(
        &row("a", "paths = [\"/{rest}\", \"/b\"]"),
        "`a` must name the target's place once",
    );
    check_refused(&row("a", "params = [\"u\"]\npaths = [\"b\"]"), "path `b` of link rule `a`");
    check_refused(&row("a", "params = [\"u\"]\nbase = \"b\""), "`a` must name");
    check_refused(
        &format!("{good}{}", row("late", "params = [\"u\"]\npaths = [\"/go\"]")),
        "`late` is overlapped by `good`",
    );
    check_refused(&format!("{good}{good}"), "`good` is overlapped by `good`");
    check_refused(&row("a", "params = [\"v\"]"), "`a` makes `nothing` of its example");
    check_refused(
        &row("a", "params = [\"u\"]").replace("[\"w.example\"]", "[\"example\"]"),
        "a host of link rule `a`",
    );
    check_refused(
        &row("a", "params = [\"u\"]").replace("[\"w.example\"]", "[\"*\"]"),
        "`a` would take every link",
    );
    let asked = "[[redirector]]\nid = \"a\"\nhosts = [\"s.example\"]\n";
    check_refused(&format!("{asked}{asked}"), "`a` is overlapped by `a`");
}

#[test]
fn what_the_amp_cache_keeps_of_a_document_is_no_document() {
    let cached = |path: &str| format!("https://paper-example.cdn.ampproject.org/{path}");
    check(&cached("v/s/paper.example/a"), "https://paper.example/a", &["amp-cache-https"]);
    for asset in
        ["v/s/paper.example/film.mp4", "c/paper.example/b/PHOTO.JPG", "i/s/paper.example/a"]
    {
        check_untouched(&cached(asset));
    }
}

/// Links around links, of hosts that the table knows and hosts that it does not.
fn wrapped() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "https?://[a-c]{1,3}\\.(example|com)(:80)?/[a-z%/?&=#]{0,20}",
        "[ -~]{0,40}",
        "\\PC{0,20}"
    ];
    leaf.prop_recursive(6, 12, 1, |inner| {
        let prefix = prop::sample::select(vec![
            "https://www.google.com/url?url=",
            "https://href.li/?",
            "https://go.theregister.com/feed/",
            "https://web.archive.org/web/20240101120000/",
            "https://urldefense.com/v3/__",
            "https://urldefense.com/v2/url?u=",
            "https://r.search.yahoo.com/RU=",
            "https://x.cdn.ampproject.org/v/s/",
            "https://disq.us/url?url=",
            "//duckduckgo.com/l/?uddg=",
        ]);
        (prefix, inner).prop_map(|(prefix, inner)| format!("{prefix}{inner}"))
    })
}

proptest! {
    #[test]
    fn unwrapping_gives_the_link_itself_or_a_public_address_no_longer_than_it(link in wrapped()) {
        let wrappers = wrappers();
        let found = unwrap(&link, wrappers);
        prop_assert!(found.rules.len() <= MAX_LAYERS);
        if found.rules.is_empty() {
            prop_assert_eq!(&found.target, &link);
        } else {
            prop_assert!(target::read(&found.target).is_some());
            prop_assert_ne!(&found.target, link.trim());
            // The parser writes one byte as up to three, and a missing scheme out.
            prop_assert!(found.target.len() <= 3 * link.len() + 16);
        }
    }

    #[test]
    fn what_was_unwrapped_to_the_end_is_no_wrapper(link in wrapped()) {
        let wrappers = wrappers();
        let found = unwrap(&link, wrappers);
        if !found.rules.is_empty() && found.rules.len() < MAX_LAYERS {
            prop_assert_eq!(unwrap(&found.target, wrappers).rules, Vec::<String>::new());
        }
    }
}
