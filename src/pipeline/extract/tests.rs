use std::fmt::Write as _;
use std::thread;

use super::*;

const PARAGRAPHS: [&str; 4] = [
    "A heron landed on the town hall of Eastbridge on Monday morning and would not leave, \
     which brought the traffic in the market square to a halt for most of the day.",
    "Three ladders were brought by the fire brigade, and none of them was long enough to reach \
     the bird, so that the crowd began to give advice, most of it unusable.",
    "The mayor said that the bird had as much right to be there as anyone, and that the council \
     would meet in the library until it had made up its mind about the matter.",
    "When the evening came it had gone, and the ladders were carried back to the fire station, \
     where they will be replaced by longer ones before the spring, the brigade said.",
];

fn news_page(extra: &str) -> String {
    let mut page = "<!DOCTYPE html><html lang=en><head><title>Heron lands | Gazette</title>\
        <link rel=canonical href=/heron></head><body><nav><a href=/>Home</a></nav>\
        <article><h1>Heron lands</h1>"
        .to_owned();
    for paragraph in PARAGRAPHS {
        let _infallible = write!(page, "<p>{paragraph}</p>");
    }
    page + "</article>" + extra + "<footer>Contact the Gazette</footer></body></html>"
}

fn read(html: &str) -> Page {
    page(html, "https://gazette.example/a", &Selection::default()).unwrap()
}

#[test]
fn the_article_comes_without_the_page() {
    let page = read(&news_page(""));
    assert_eq!(page.body().unwrap(), PARAGRAPHS.join("\n"));
    assert_eq!(page.canonical.as_deref(), Some("https://gazette.example/heron"));
    assert_eq!(page.language.as_deref(), Some("en"));
    assert_eq!(page.published, None);
    assert!(page.title.unwrap().contains("Heron lands"));
}

#[test]
fn a_page_without_text_has_no_body() {
    for html in ["", "   ", "<html></html>", "<script>var a = '<p>x</p>'</script>"] {
        assert_eq!(read(html).body(), None, "{html}");
    }
}

#[test]
fn a_page_whose_url_is_no_url_is_read_all_the_same() {
    let page = page(&news_page(""), "not a url", &Selection::default()).unwrap();
    assert_eq!((page.lines.len(), page.canonical), (PARAGRAPHS.len(), None));
}

#[test]
fn the_same_page_gives_the_same_lines() {
    assert_eq!(read(&news_page("")), read(&news_page("")));
}

/// Reads a page on a stack of 2 MiB, the size of a worker's; an overflow ends the test run.
fn check_hostile(html: String, readable: bool) {
    let start = html.chars().take(40).collect::<String>();
    let reader = thread::Builder::new().stack_size(2 << 20);
    let read = reader
        .spawn(move || page(&html, "https://gazette.example/a", &Selection::default()).is_ok())
        .unwrap();
    assert_eq!(read.join().unwrap(), readable, "{start}");
}

#[test]
fn pages_made_to_hurt_are_refused_or_read() {
    check_hostile("<div>".repeat(100_000), false);
    check_hostile("<span>".repeat(100_000), false);
    check_hostile("<ul><li>".repeat(100_000), false);
    check_hostile("<b><div></b>".repeat(20_000), false);
    check_hostile(format!("<a {}>", "x=1 ".repeat(100_000)), false);
    check_hostile("<!--><div>".repeat(100_000), false);
    check_hostile("<div><object></div></object>".repeat(50_000), false);
    check_hostile(news_page(&"<div>".repeat(guard_depth() - 10)), true);
    check_hostile(news_page(&"<span>".repeat(guard_depth() - 10)), true);
    check_hostile(news_page(&"<li>x".repeat(20_000)), true);
    check_hostile(news_page(&"&lt;<".repeat(50_000)), true);
    check_hostile(format!("<p>{}</p>", "word ".repeat(200_000)), true);
    check_hostile("word ".repeat(2_000_000), false);
    check_hostile(news_page(&"<div>x</div>".repeat(20_000)), true);
    check_hostile(news_page(&"<div>x</div>".repeat(40_000)), false);
    check_hostile(news_page(&"<table><tr><td>x".repeat(400)), false);
    check_hostile(news_page(&"<table><tr><td>x".repeat(100)), true);
    check_hostile(format!("<div>{}</div>", "x<br>".repeat(20_000)), true);
    check_hostile(news_page(&"<svg>".repeat(400)), true);
    check_hostile(news_page("<svg><g>"), true);
    check_hostile(format!("<!--{}", "x".repeat(1_000_000)), true);
    check_hostile(format!("<script>{}", "x".repeat(1_000_000)), true);
    check_hostile(news_page(&format!("<p>{}", "a".repeat(1_000_000))), true);
    check_hostile(news_page(&"\0\u{fffd}".repeat(100_000)), true);
    let json = format!("<script type='application/ld+json'>{}</script>", "[".repeat(200_000));
    check_hostile(news_page(&json), true);
    check_hostile(news_page(&some_tags(20_000)), false);
    check_hostile(news_page(&some_tags(500)), true);
}

/// Tags in an order that nobody meant, the same at every call.
fn some_tags(count: usize) -> String {
    const TAGS: [&str; 9] =
        ["<div>", "</div>", "<p>", "<b>", "</b>", "<td>", "</table>", "<li> x ", "</span>"];
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    std::iter::successors(Some(1_u64), next)
        .filter_map(|state| TAGS.get(usize::try_from(state >> 33).ok()? % TAGS.len()))
        .take(count)
        .copied()
        .collect()
}

fn guard_depth() -> usize {
    crate::text::html::guard::MAX_DEPTH
}

fn select(select: &[&str], remove: &[&str], html: &str) -> Vec<String> {
    let own = |selectors: &[&str]| selectors.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let selection = Selection::of(&own(select), &own(remove)).unwrap();
    page(html, "https://gazette.example/a", &selection).unwrap().lines
}

#[test]
fn what_an_operator_selects_is_the_article() {
    let html = "<body><article><p>Not this long paragraph, which is for another time.</p></article>\
        <div class=story><p>First.</p><div class=story>Second.</div><p class=ad>Buy.</p></div>\
        <aside class=story>Third.</aside></body>";
    assert_eq!(select(&[".story"], &[], html), ["First.", "Second.", "Buy.", "Third."]);
    assert_eq!(select(&["div.story"], &[".ad"], html), ["First.", "Second."]);
    assert_eq!(
        select(&[".missing"], &[], &news_page("")),
        PARAGRAPHS,
        "as if nothing was selected"
    );
    let without_first = select(&[], &["article p:first-of-type"], &news_page(""));
    assert_eq!(without_first, PARAGRAPHS[1..]);
}

#[test]
fn a_selector_that_is_none_is_named() {
    let error = Selection::of(&["p".to_owned(), "p[".to_owned()], &[]).unwrap_err();
    assert_eq!(error.to_string(), "`p[` is no CSS selector");
}

#[test]
fn a_notice_that_only_one_extractor_takes_for_text_goes() {
    let notice = "<div class=gdpr><p>This website uses cookies to improve your experience while you \
        navigate through the website. Out of these cookies, those that are necessary are stored.</p></div>";
    assert_eq!(read(&news_page(notice)).lines, PARAGRAPHS);
}

#[test]
fn spaces_between_scripts_stay_as_they_are_written() {
    let line = "東京の図書館では、 <a href=/r>Rust</a> 入門の <b>講座</b> が 毎週 月曜日に 開かれて いる。";
    let paragraphs = [
        line,
        "講座には多くの市民が集まり、会場はいつも満員だと館長は話した。来年も続ける予定だという。",
        "参加は無料で、申し込みは要らない。机と椅子は会場にあり、持ち物は筆記用具だけでよいとされている。",
    ];
    let paragraphs = format!("<p>{}</p>", paragraphs.join("</p><p>"));
    let html = format!("<html lang=ja><body><article>{paragraphs}</article></body></html>");
    let read = read(&html);
    assert_eq!(
        read.lines[0],
        "東京の図書館では、 Rust 入門の 講座 が 毎週 月曜日に 開かれて いる。"
    );
}

#[test]
fn a_first_sentence_that_was_made_the_title_stays_and_a_repeated_title_goes() {
    let title = "A heron landed on the town hall of Eastbridge on Monday morning";
    let first = format!("<h1>{title}</h1><p>{title}.</p>");
    let page = read(&news_page("").replace("<h1>Heron lands</h1>", &first));
    assert_eq!(page.lines[0], format!("{title}."));
    assert!(page.opens_like_its_title);
    let repeated = read(&news_page(""));
    assert_eq!((repeated.lines[0].as_str(), repeated.opens_like_its_title), (PARAGRAPHS[0], false));
}
