//! Finds the feeds that a page advertises.

use scraper::Html;
use serde::Serialize;
use url::Url;

use crate::model::FeedUrl;
use crate::text::html;

/// The most feeds of one page that are listed; a site with more lists them for people somewhere.
const ADVERTISED_MAX: usize = 200;

/// What the media type of a feed contains. Plain `application/json` is no feed: WordPress names
/// its programming interface so.
const FEED_TYPES: [&str; 4] = ["rss+xml", "atom+xml", "rdf+xml", "feed+json"];

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdvertisedFeed {
    /// Its address, absolute.
    pub url: FeedUrl,
    /// What the page calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The media type the page gives, without parameters.
    #[serde(rename = "type")]
    pub media_type: String,
}

/// The feeds that a page, which came from `url`, names in `<link rel="alternate">`; each once, in
/// the order of the page.
#[must_use]
pub fn advertised(page: &str, url: &str) -> Vec<AdvertisedFeed> {
    html::parse_document(page)
        .map(|page| on_page(&page, Url::parse(url).ok().as_ref()))
        .unwrap_or_default()
}

/// The feeds of a page that has been parsed; without a `base` only absolute addresses count.
pub(super) fn on_page(page: &Html, base: Option<&Url>) -> Vec<AdvertisedFeed> {
    let mut base = base.cloned();
    let mut feeds: Vec<AdvertisedFeed> = Vec::new();
    let mut based = false;
    for node in page.tree.nodes() {
        let Some(element) = node.value().as_element() else { continue };
        let href = || {
            let href = element.attr("href")?.trim();
            base.as_ref().map_or_else(|| Url::parse(href), |base| base.join(href)).ok()
        };
        match element.name() {
            "base" if !based => {
                if let Some(href) = href() {
                    (base, based) = (Some(href), true);
                }
            }
            "link" if feeds.len() < ADVERTISED_MAX && is_alternate(element.attr("rel")) => {
                let Some(media_type) = element.attr("type").and_then(feed_type) else { continue };
                let url = href().and_then(|href| href.as_str().parse::<FeedUrl>().ok());
                let Some(url) = url.filter(|url| feeds.iter().all(|feed| feed.url != *url)) else {
                    continue;
                };
                let title = element.attr("title").map(html::plain_text);
                let title = title.filter(|title| !title.is_empty());
                feeds.push(AdvertisedFeed { url, title, media_type });
            }
            _ => {}
        }
    }
    feeds
}

fn is_alternate(rel: Option<&str>) -> bool {
    let mut words = rel.unwrap_or_default().split_whitespace();
    words.any(|word| word.eq_ignore_ascii_case("alternate"))
}

fn feed_type(media_type: &str) -> Option<String> {
    let media_type = media_type.split(';').next()?.trim().to_ascii_lowercase();
    FEED_TYPES.iter().any(|feed| media_type.contains(feed)).then_some(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, expected: &[(&str, Option<&str>, &str)]) {
        let feeds = advertised(page, "https://gazette.example/world/");
        let found: Vec<_> = feeds
            .iter()
            .map(|feed| (feed.url.as_str(), feed.title.as_deref(), feed.media_type.as_str()))
            .collect();
        assert_eq!(found, expected, "{page}");
    }

    #[test]
    fn feeds_are_named_absolute_and_once() {
        check(
            "<link rel='alternate' type='application/rss+xml; charset=utf-8' href='all' title=' The &amp;\n Gazette '>\
             <link rel=alternate type=application/rss+xml href=/world/all#top>\
             <link rel='ALTERNATE nofollow' type='Application/Feed+JSON' href='//b.example/j'>\
             <link rel=alternate type=application/rdf+xml title='' href=https://b.example/rdf>",
            &[
                ("https://gazette.example/world/all", Some("The & Gazette"), "application/rss+xml"),
                ("https://b.example/j", None, "application/feed+json"),
                ("https://b.example/rdf", None, "application/rdf+xml"),
            ],
        );
    }

    #[test]
    fn other_links_are_no_feeds() {
        check(
            "<link rel=alternate type=application/json href=/wp-json><link rel=alternate hreflang=de href=/de>\
             <link rel=stylesheet type=application/rss+xml href=/a><link rel=alternate type=application/rss+xml>\
             <link rel=alternate type=application/rss+xml href=ftp://a.example/>\
             <a rel=alternate type=application/rss+xml href=/b>",
            &[],
        );
    }

    #[test]
    fn the_base_of_the_page_counts() {
        check(
            "<base href='/app/'><base href='/second/'><link rel=alternate type=application/atom+xml href=feed>",
            &[("https://gazette.example/app/feed", None, "application/atom+xml")],
        );
    }
}
