//! Judges the address a page declares for itself, and accepts it only where it is plausible.
//!
//! Pages are copied from templates: a `rel="canonical"` may name the home page, a section, another
//! site, or the article beside. A wrong one merges articles, so it must prove that it means this page.

use url::Url;

use crate::model::CanonicalUrl;
use crate::text::domain;

use super::Trackers;

/// How many digits make a number that identifies an article rather than a page or a day.
const MIN_ID_DIGITS: usize = 5;

/// The address a page declares (`rel="canonical"`, else `og:url`), if it is to be believed.
///
/// It must resolve to http(s) on the same registrable domain, be deeper than the home page, and
/// share with the page's own address the last path segment or a number of at least five digits
/// that is no date. A page addressed by its query alone (`/?p=123`) has no such segment; it may
/// declare any deeper address of its site.
#[must_use]
pub fn declared(
    page_url: &CanonicalUrl,
    declared: &str,
    trackers: &Trackers,
) -> Option<CanonicalUrl> {
    let declared = declared.trim();
    if declared.is_empty() {
        return None;
    }
    let page = Url::parse(page_url.as_str()).ok()?;
    let candidate = super::url(page.join(declared).ok()?.as_str(), trackers).ok()?;
    if candidate == *page_url {
        return Some(candidate);
    }
    let theirs = Url::parse(candidate.as_str()).ok()?;
    let same_site = domain::same_publisher(page.host_str()?, theirs.host_str()?)
        && (page.port() == theirs.port() || page.scheme() != theirs.scheme());
    (same_site && means_the_same_page(&page, &theirs)).then_some(candidate)
}

fn means_the_same_page(page: &Url, declared: &Url) -> bool {
    let Some(slug) = slug(declared) else {
        return identified_by_query(page, declared);
    };
    match self::slug(page) {
        Some(own) if own == slug => true,
        None if page.query().is_some() => true,
        _ => {
            let own = ids(page);
            ids(declared).iter().any(|id| own.contains(id))
        }
    }
}

/// Whether both are one script with the same parameter that names the article (`/index.php?id=7`).
fn identified_by_query(page: &Url, declared: &Url) -> bool {
    let pairs = |url: &Url| -> Vec<String> {
        url.query().into_iter().flat_map(|query| query.split('&')).map(str::to_owned).collect()
    };
    let own = pairs(page);
    let theirs = pairs(declared);
    page.path() == declared.path()
        && !theirs.is_empty()
        && theirs.iter().all(|pair| own.contains(pair))
}

/// The last path segment without its ending; `None` for a home page and for a script's bare name.
fn slug(url: &Url) -> Option<String> {
    let is_form = |segment: &&str| !segment.is_empty() && !matches!(*segment, "amp" | "amp.html");
    let last = url.path().rsplit('/').find(is_form)?;
    let stem = last.split('.').next().unwrap_or(last).to_ascii_lowercase();
    let is_index = matches!(stem.as_str(), "index" | "default" | "");
    (!is_index).then_some(stem)
}

/// The numbers in path and query that may identify an article; days (`20240131`) and months do not.
fn ids(url: &Url) -> Vec<&str> {
    let path = url.path().split(|c: char| !c.is_ascii_digit());
    let query = url.query().unwrap_or_default().split(|c: char| !c.is_ascii_digit());
    path.chain(query).filter(|digits| digits.len() >= MIN_ID_DIGITS && !is_date(digits)).collect()
}

fn is_date(digits: &str) -> bool {
    matches!(digits.len(), 6 | 8) && (digits.starts_with("19") || digits.starts_with("20"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::links::LinksFile;

    fn check(page: &str, says: &str, expected: Option<&str>) {
        let trackers = Trackers::compile(&LinksFile::built_in()).unwrap();
        let page = super::super::url(page, &trackers).unwrap();
        let found = declared(&page, says, &trackers);
        assert_eq!(found.as_ref().map(CanonicalUrl::as_str), expected, "{page} says {says}");
    }

    #[test]
    fn a_declaration_that_means_this_page_is_accepted() {
        let story = Some("https://www.a.example/b/story");
        check("https://www.a.example/amp/b/story", "https://www.a.example/b/story", story);
        check("https://www.a.example/b/story/amp/", "/b/story?utm_source=x", story);
        check("https://m.a.example/b/story.amp.html", "https://www.a.example/b/story", story);
        check("http://www.a.example/b/story", "https://www.a.example/b/story", story);
        check(
            "https://a.example/x/old-title-123456",
            "/y/new-title-123456",
            Some("https://a.example/y/new-title-123456"),
        );
        check(
            "https://a.example/?p=12",
            "/2024/05/story/",
            Some("https://a.example/2024/05/story/"),
        );
        check(
            "https://a.example/index.php?id=7&print=1",
            "/index.php?id=7",
            Some("https://a.example/index.php?id=7"),
        );
        check(
            "https://a.example/?p=12",
            "https://a.example/?p=12",
            Some("https://a.example/?p=12"),
        );
    }

    #[test]
    fn a_declaration_that_means_another_page_is_refused() {
        let page = "https://www.a.example/b/story";
        for says in [
            "",
            "https://www.a.example/",
            "/b/",
            "/b/other",
            "https://other.example/b/story",
            "javascript:void(0)",
            "mailto:a@a.example",
            "https://www.a.example:8080/b/story",
            "https://",
        ] {
            check(page, says, None);
        }
        check("https://a.example/20240131/one", "/20240131/two", None);
        check("https://a.example/20240131/one", "/20240131/", None);
        check("https://a.example/?p=12", "/", None);
        check("https://a.example/?p=12", "/?p=13", None);
        check("https://one.blogspot.com/a", "https://two.blogspot.com/a", None);
    }
}
