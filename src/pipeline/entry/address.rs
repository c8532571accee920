//! Decides which address is the article's, and how good a witness of it the entry is.

use url::Url;

use super::super::canonicalize::{self, Trackers};
use super::super::resolve::Resolved;
use crate::model::{CanonicalUrl, OwnAddress, Standing, UrlKey};
use crate::text::domain;

/// What an entry proves of its article's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pipeline) struct Address {
    /// The best address known.
    pub(in crate::pipeline) url: Option<CanonicalUrl>,
    /// The keys of every address that is the article's.
    pub(in crate::pipeline) keys: Vec<UrlKey>,
    /// How good a witness the entry is.
    pub(in crate::pipeline) standing: Standing,
    /// Where the article's page may be asked for; `None` while the link is wrapped.
    pub(in crate::pipeline) page: Option<Url>,
    /// Whether the entry's own link is still wrapped.
    pub(in crate::pipeline) is_pending: bool,
    /// Whether the entry's text is a copy's, as far as its links tell.
    pub(in crate::pipeline) is_copy: bool,
    /// What the entry's own link proves by itself, where the best address is that of an original which
    /// it names.
    pub(in crate::pipeline) own: Option<OwnAddress>,
}

impl Address {
    /// Weighs an entry's own link and the link to the original that stood in its text.
    pub(super) fn of(
        link: Option<&Resolved>,
        source: Option<&Resolved>,
        link_is_shared: bool,
        site: Option<&str>,
        trackers: &Trackers,
    ) -> Self {
        let read =
            |resolved: &Resolved| canonicalize::url_in_feed(&resolved.target, site, trackers).ok();
        let own = link.and_then(read);
        let own_is_final = link.is_some_and(|link| link.waiting.is_none());
        let named = source.filter(|source| source.waiting.is_none()).and_then(read);
        // A publisher that names itself, as blogs do in their own feeds, copies nobody.
        let is_self = match (&named, &own) {
            (Some(named), Some(own)) => own_is_final && is_same_publisher(named, own),
            _ => false,
        };
        let is_copy = source.is_some() && !is_self;
        // A front page says whose the text is, and not where it stands.
        let original = named.filter(identifies);
        let standing = match (&original, source, link) {
            (Some(_), ..) if is_copy => Standing::Publisher,
            (None, Some(_), _) if is_copy => Standing::Copy,
            (_, _, Some(link)) if link.waiting.is_some() => Standing::Copy,
            (_, _, Some(link)) if !link.rules.is_empty() => Standing::Publisher,
            (_, _, _) => Standing::Feed,
        };
        let own = own.map(|url| (url, own_is_final && !link_is_shared, link_is_shared));
        let original = original.map(|url| (url, true, false));
        let original = if is_self { None } else { original };
        let by_itself = || Self::of(link, None, link_is_shared, site, trackers).into_own();
        let by_itself = original.is_some().then(by_itself);
        let mut keys = Vec::new();
        for (url, _, shared) in original.iter().chain(&own) {
            if !shared && identifies(url) {
                push_new(&mut keys, canonicalize::key(url));
            }
        }
        let best = original.or(own);
        let page = best
            .as_ref()
            .filter(|(_, may_be_asked, _)| *may_be_asked)
            .and_then(|(url, ..)| Url::parse(url.as_str()).ok());
        let is_pending = link.is_some() && !own_is_final;
        let is_copy = is_copy || standing == Standing::Copy;
        let url = best.map(|(url, ..)| url);
        Self { url, keys, standing, page, is_pending, is_copy, own: by_itself }
    }

    fn into_own(self) -> OwnAddress {
        let Self { url, keys: url_keys, standing, is_copy: copied, .. } = self;
        OwnAddress { url, url_keys, standing, copied }
    }

    /// Takes the address that the page itself declares or was reached at, where it is plausible.
    pub(in crate::pipeline) fn adopt(&mut self, declared: &str, trackers: &Trackers) {
        let Some(url) = &self.url else { return };
        if let Some(better) = canonicalize::declared(url, declared, trackers) {
            push_new(&mut self.keys, canonicalize::key(&better));
            self.url = Some(better);
        }
    }
}

fn is_same_publisher(one: &CanonicalUrl, other: &CanonicalUrl) -> bool {
    match (domain::host_of(one.as_str()), domain::host_of(other.as_str())) {
        (Some(one), Some(other)) => domain::same_publisher(&one, &other),
        _ => false,
    }
}

/// Whether an address can be that of one article: a site's front page is that of many.
pub(super) fn identifies(url: &CanonicalUrl) -> bool {
    Url::parse(url.as_str())
        .is_ok_and(|url| url.path() != "/" || url.query().is_some() || url.fragment().is_some())
}

fn push_new(keys: &mut Vec<UrlKey>, key: UrlKey) {
    if !keys.contains(&key) {
        keys.push(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::links::LinksFile;
    use crate::model::{Asks, Waiting};

    fn reached(target: &str, rules: &[&str]) -> Resolved {
        let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
        Resolved { target: target.to_owned(), rules, waiting: None }
    }

    fn wrapped(target: &str) -> Resolved {
        let waiting = Waiting {
            handle: target.to_owned(),
            asks: Asks::GoogleNews,
            tries: 0,
            error: None,
            next_try_at: None,
        };
        Resolved { target: target.to_owned(), rules: Vec::new(), waiting: Some(waiting) }
    }

    fn of(link: Option<&Resolved>, source: Option<&Resolved>, shared: bool) -> Address {
        let trackers = Trackers::compile(&LinksFile::built_in()).unwrap();
        Address::of(link, source, shared, Some("digest.example"), &trackers)
    }

    fn check(address: &Address, url: Option<&str>, keys: usize, standing: Standing, asked: bool) {
        assert_eq!(address.url.as_ref().map(CanonicalUrl::as_str), url);
        assert_eq!(address.keys.len(), keys, "{:?}", address.keys);
        assert_eq!(address.standing, standing);
        assert_eq!(address.page.is_some(), asked);
    }

    const STORY: &str = "https://paper.example/story";
    const COPY: &str = "https://copies.example/2026/story";

    #[test]
    fn a_plain_link_is_the_address() {
        check(&of(Some(&reached(STORY, &[])), None, false), Some(STORY), 1, Standing::Feed, true);
    }

    #[test]
    fn that_a_reader_came_from_the_feed_is_no_part_of_the_address() {
        let link = reached(&format!("{STORY}?ref=digest.example"), &[]);
        check(&of(Some(&link), None, false), Some(STORY), 1, Standing::Feed, true);
        let other = format!("{STORY}?ref=another.example");
        check(&of(Some(&reached(&other, &[])), None, false), Some(&other), 1, Standing::Feed, true);
    }

    #[test]
    fn an_unwrapped_link_is_the_publishers() {
        let address = of(Some(&reached(STORY, &["t.co"])), None, false);
        check(&address, Some(STORY), 1, Standing::Publisher, true);
    }

    #[test]
    fn a_wrapped_link_is_kept_but_its_page_is_not_asked_for() {
        let link = "https://news.google.com/rss/articles/CBMi";
        check(&of(Some(&wrapped(link)), None, false), Some(link), 1, Standing::Copy, false);
    }

    #[test]
    fn the_original_named_in_a_copy_is_the_address_of_both() {
        let address = of(Some(&reached(COPY, &[])), Some(&reached(STORY, &["ift.tt"])), false);
        check(&address, Some(STORY), 2, Standing::Publisher, true);
    }

    #[test]
    fn a_copy_whose_original_is_unknown_vouches_for_nothing() {
        let address = of(Some(&reached(COPY, &[])), Some(&wrapped("https://ift.tt/abc")), false);
        check(&address, Some(COPY), 1, Standing::Copy, true);
    }

    #[test]
    fn a_publisher_that_names_itself_copies_nobody() {
        for named in [STORY, "https://www.paper.example/", "https://m.paper.example/story?x=1"] {
            let address = of(Some(&reached(STORY, &[])), Some(&reached(named, &[])), false);
            check(&address, Some(STORY), 1, Standing::Feed, true);
            assert!(!address.is_copy, "{named}");
        }
    }

    #[test]
    fn a_front_page_says_whose_the_text_is_but_not_where_it_stands() {
        let home = reached("https://paper.example/", &[]);
        let address = of(Some(&reached(COPY, &[])), Some(&home), false);
        check(&address, Some(COPY), 1, Standing::Copy, true);
        assert!(address.is_copy);
    }

    #[test]
    fn a_link_that_many_entries_share_identifies_none() {
        check(&of(Some(&reached(STORY, &[])), None, true), Some(STORY), 0, Standing::Feed, false);
    }

    #[test]
    fn a_front_page_identifies_nothing() {
        let home = "https://paper.example/";
        check(&of(Some(&reached(home, &[])), None, false), Some(home), 0, Standing::Feed, true);
    }

    #[test]
    fn an_entry_without_a_link_has_no_address() {
        check(&of(None, None, false), None, 0, Standing::Feed, false);
    }
}
