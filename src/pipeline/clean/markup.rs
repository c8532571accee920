//! Prepares HTML for cleaning: what is known of its elements before any line is read.

use scraper::{ElementRef, Html, Node};
use url::Url;

use super::rules::{Rules, is_one_of};
use super::source::Anchor;
use crate::text::html;

/// Takes out the elements that hold no text of the author.
pub(super) fn without_known_elements(mut tree: Html, rules: &Rules) -> Html {
    let Some(selector) = &rules.without_text else {
        return tree;
    };
    let unwanted: Vec<_> = tree.select(selector).map(|element| element.id()).collect();
    for id in unwanted {
        if let Some(mut node) = tree.tree.get_mut(id) {
            node.detach();
        }
    }
    tree
}

/// Whether everything the text says are links to a host of link lists, and names of publishers.
///
/// This is the shape of a Google News description: links in a list, each followed by the
/// publisher in a `<font>`. It holds no word of the article.
pub(super) fn is_only_links(tree: &Html, rules: &Rules) -> bool {
    let mut links = 0_usize;
    for node in tree.root_element().descendants() {
        if let Some(anchor) = ElementRef::wrap(node).filter(|it| it.value().name() == "a") {
            let host = anchor.attr("href").and_then(|href| Url::parse(href.trim()).ok());
            let host = host.as_ref().and_then(Url::host_str);
            if !host.is_some_and(|host| is_one_of(host, &rules.link_only_hosts)) {
                return false;
            }
            links += 1;
        }
    }
    let is_prose = |node: &Node| matches!(node, Node::Text(text) if !text.trim().is_empty());
    links > 0
        && tree.root_element().descendants().filter(|node| is_prose(node.value())).all(|node| {
            let mut above = node.ancestors().filter_map(ElementRef::wrap);
            above.any(|element| matches!(element.value().name(), "a" | "font"))
        })
}

/// The links of the text, in order.
pub(super) fn anchors(tree: &Html) -> Vec<Anchor> {
    tree.root_element()
        .descendants()
        .filter_map(ElementRef::wrap)
        .filter(|element| element.value().name() == "a")
        .filter_map(|element| {
            let href = element.attr("href")?.trim().to_owned();
            let text = html::lines_of(element).join(" ");
            Some(Anchor { text, href })
        })
        .collect()
}
