//! Pages: none costs the program its life, and the same page always gives the same article.

use std::collections::HashSet;

use ingest::model::FeedUrl;
use ingest::pipeline::extract::{self, Page};
use ingest::pipeline::parse;
use ingest::text::decode;
use ingest::text::html::guard::{self, MAX_DEPTH};
use ingest::text::html::selection::Selection;
use ingest::text::html::{self, essence, refresh};
use url::Url;

use super::assert_is_a_line;
use super::dates::assert_can_be_stored;

const URL: &str = "https://gazette.example/world/ferry";

pub fn hold(bytes: &[u8]) {
    let page = decode::page(bytes, None);
    assert_is_parsed_safely(&page);
    let essence = essence::of(&page);
    assert!(essence.len() <= page.len());
    assert_eq!(essence::of(&essence), essence, "the essence of an essence");
    lead_elsewhere(&page);
    let article = extract::page(&essence, URL, &Selection::default());
    assert_eq!(article, extract::page(&essence, URL, &Selection::default()), "read twice");
    match article {
        Ok(article) => assert_is_sound(&article),
        Err(error) => assert_is_a_line(&error.to_string(), "why a page is not read"),
    }
}

/// What the guard refuses is not parsed; what is parsed is no deeper than any walk can bear.
fn assert_is_parsed_safely(page: &str) {
    let refused = guard::check(page);
    let Ok(tree) = html::parse_document(page) else { return };
    assert_eq!(refused, Ok(()), "parsed although it was refused");
    let (mut node, mut depth) = (tree.tree.root(), 0_usize);
    'walk: loop {
        if let Some(child) = node.first_child() {
            node = child;
            depth += 1;
            assert!(depth <= 2 * MAX_DEPTH);
            continue;
        }
        loop {
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            let Some(parent) = node.parent() else { break 'walk };
            node = parent;
            depth -= 1;
        }
    }
    for line in html::lines(&tree) {
        assert_is_a_line(&line, "a line of a page");
        assert!(line.split_whitespace().eq(line.split(' ')), "{line:?}");
    }
    let title = html::plain_text(page);
    assert_eq!(title.trim(), title);
}

/// Where a page sends its reader, and which feeds it names: addresses that may be asked.
fn lead_elsewhere(page: &str) {
    let base = Url::parse(URL).expect("the address of the page is one");
    if let Some(target) = refresh::meta_refresh(page, &base) {
        assert!(matches!(target.scheme(), "http" | "https") && target != base, "{target}");
    }
    let feeds = parse::advertised(page, URL);
    let addresses: HashSet<&FeedUrl> = feeds.iter().map(|feed| &feed.url).collect();
    assert_eq!(addresses.len(), feeds.len(), "a feed is named twice");
    for feed in &feeds {
        assert_eq!(feed.url.as_str().parse().as_ref(), Ok(&feed.url));
        feed.title.iter().for_each(|title| assert_is_a_line(title, "a feed's title"));
    }
}

fn assert_is_sound(article: &Page) {
    for line in &article.lines {
        assert_is_a_line(line, "a line of an article");
    }
    for removed in &article.removed {
        assert!(!removed.rule.is_empty() && !removed.line.is_empty());
    }
    assert_eq!(article.body().is_none(), article.lines.is_empty());
    article.published.into_iter().for_each(assert_can_be_stored);
    if let Some(canonical) = &article.canonical {
        let url = Url::parse(canonical);
        assert!(url.is_ok_and(|url| matches!(url.scheme(), "http" | "https")), "{canonical}");
    }
    for said in [&article.title, &article.author, &article.language].into_iter().flatten() {
        assert!(!said.trim().is_empty());
    }
}
