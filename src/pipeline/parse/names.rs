//! Tells which vocabulary a name belongs to, by its namespace or else by its prefix.
//!
//! Feeds bind the right prefix to a wrong URI, spell URIs in many ways, or use prefixes they never
//! bind. So URIs are compared without scheme, case and trailing slash, and a prefix that tells
//! nothing by its URI is taken for what everybody uses it for.

use std::collections::HashMap;

/// A vocabulary that feeds use. RSS of all versions, Atom and CDF are one: their names do not
/// clash, and documents mix them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS, Atom or CDF.
    Feed,
    /// `content:encoded`.
    Content,
    /// Dublin Core elements.
    Dublin,
    /// Dublin Core terms.
    Terms,
    /// Apple's and Google's podcast elements.
    Itunes,
    /// Media RSS.
    Media,
    Rdf,
    Xhtml,
    Svg,
    MathMl,
    /// `feedburner:origLink`.
    FeedBurner,
    /// `sy:updatePeriod`.
    Syndication,
    /// Anything else.
    Other,
}

/// The vocabularies of the prefixes in scope.
#[derive(Debug, Default)]
pub(super) struct Scopes<'a> {
    bindings: HashMap<&'a str, Vec<Space>>,
    bound: Vec<&'a str>,
}

impl<'a> Scopes<'a> {
    /// A mark to which [`Scopes::close`] goes back.
    pub(super) fn mark(&self) -> usize {
        self.bound.len()
    }

    /// Binds a prefix, empty for names without one, until its mark is closed.
    pub(super) fn bind(&mut self, prefix: &'a str, uri: &str) {
        self.bindings.entry(prefix).or_default().push(of_binding(prefix, uri));
        self.bound.push(prefix);
    }

    /// Forgets what was bound since the mark.
    pub(super) fn close(&mut self, mark: usize) {
        while self.bound.len() > mark {
            let prefix = self.bound.pop().unwrap_or_default();
            self.bindings.get_mut(prefix).and_then(Vec::pop);
        }
    }

    /// The vocabulary of names with this prefix.
    pub(super) fn space(&self, prefix: &str) -> Space {
        let bound = self.bindings.get(prefix).and_then(|spaces| spaces.last().copied());
        bound.unwrap_or_else(|| of_prefix(prefix))
    }
}

/// The vocabulary of a prefix that is bound to this URI.
pub(super) fn of_binding(prefix: &str, uri: &str) -> Space {
    of_uri(uri).unwrap_or_else(|| of_prefix(prefix))
}

/// The prefix, empty if there is none, and the local part of a qualified name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// What a prefix means by custom. Names without one are the feed's own, whatever they are bound to.
fn of_prefix(prefix: &str) -> Space {
    let known = |(names, space): &(&[&str], Space)| {
        names.iter().any(|name| name.eq_ignore_ascii_case(prefix)).then_some(*space)
    };
    PREFIXES.iter().find_map(known).unwrap_or(Space::Other)
}

fn of_uri(uri: &str) -> Option<Space> {
    let uri = uri.trim().to_ascii_lowercase();
    let bare = uri.strip_prefix("http://").or_else(|| uri.strip_prefix("https://")).unwrap_or(&uri);
    let bare = bare.trim_end_matches('/');
    if bare.starts_with("backend.userland.com/rss") {
        return Some(Space::Feed);
    }
    URIS.iter().find(|(known, _)| *known == bare).map(|(_, space)| *space)
}

const PREFIXES: [(&[&str], Space); 12] = [
    (&["", "atom", "rss", "a10", "atom10", "atom03"], Space::Feed),
    (&["content"], Space::Content),
    (&["dc"], Space::Dublin),
    (&["dcterms", "dct"], Space::Terms),
    (&["itunes", "googleplay"], Space::Itunes),
    (&["media"], Space::Media),
    (&["rdf"], Space::Rdf),
    (&["xhtml"], Space::Xhtml),
    (&["svg"], Space::Svg),
    (&["math", "mathml"], Space::MathMl),
    (&["feedburner"], Space::FeedBurner),
    (&["sy", "syn"], Space::Syndication),
];

/// URIs without their scheme, in lower case, without a trailing slash. Sources: the specifications
/// of each vocabulary, and the list of variants that feedparser keeps (`feedparser/mixin.py`).
const URIS: [(&str, Space); 48] = [
    ("www.w3.org/2005/atom", Space::Feed),
    ("www.w3.org/2005/10/atom", Space::Feed),
    ("purl.org/atom/ns#", Space::Feed),
    ("purl.org/atom", Space::Feed),
    ("purl.org/echo", Space::Feed),
    ("purl.org/pie", Space::Feed),
    ("example.com/newformat#", Space::Feed),
    ("example.com/necho", Space::Feed),
    ("uri/of/echo/namespace#", Space::Feed),
    ("purl.org/rss/1.0", Space::Feed),
    ("purl.org/rss/1.0/modules/rss091#", Space::Feed),
    ("purl.org/net/rss1.1#", Space::Feed),
    ("my.netscape.com/rdf/simple/0.9", Space::Feed),
    ("channel.netscape.com/rdf/simple/0.9", Space::Feed),
    ("my.netscape.com/publish/formats/rss-0.91.dtd", Space::Feed),
    ("blogs.law.harvard.edu/tech/rss", Space::Feed),
    ("cyber.law.harvard.edu/rss", Space::Feed),
    ("www.rssboard.org/rss-specification", Space::Feed),
    ("", Space::Feed),
    ("purl.org/rss/1.0/modules/content", Space::Content),
    ("purl.org/dc/elements/1.0", Space::Dublin),
    ("purl.org/dc/elements/1.1", Space::Dublin),
    ("purl.org/metadata/dublin_core#", Space::Dublin),
    ("purl.org/metadata/dublin_core", Space::Dublin),
    ("purl.org/dc/terms", Space::Terms),
    ("www.itunes.com/dtds/podcast-1.0.dtd", Space::Itunes),
    ("www.itunes.com/dtds/podcast-1.0", Space::Itunes),
    ("example.com/dtds/podcast-1.0.dtd", Space::Itunes),
    ("itunes.apple.com/dtds/podcast-1.0.dtd", Space::Itunes),
    ("www.google.com/schemas/play-podcasts/1.0", Space::Itunes),
    ("search.yahoo.com/mrss", Space::Media),
    ("search.yahoo.com/rss", Space::Media),
    ("tools.search.yahoo.com/mrss", Space::Media),
    ("video.search.yahoo.com/mrss", Space::Media),
    ("www.rssboard.org/media-rss", Space::Media),
    ("www.w3.org/1999/02/22-rdf-syntax-ns#", Space::Rdf),
    ("www.w3.org/1999/02/22-rdf-syntax-ns", Space::Rdf),
    ("www.w3.org/1999/xhtml", Space::Xhtml),
    ("www.w3.org/xhtml", Space::Xhtml),
    ("www.w3.org/tr/rec-html40", Space::Xhtml),
    ("www.w3.org/tr/html4", Space::Xhtml),
    ("www.w3.org/2000/svg", Space::Svg),
    ("www.w3.org/1998/math/mathml", Space::MathMl),
    ("rssnamespace.org/feedburner/ext/1.0", Space::FeedBurner),
    ("feedburner.google.com/feedburner/ext/1.0", Space::FeedBurner),
    ("purl.org/rss/1.0/modules/syndication", Space::Syndication),
    ("purl.org/rss/modules/syndication", Space::Syndication),
    ("purl.org/rss/1.0/modules/syndication#", Space::Syndication),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prefix: &str, uri: &str, expected: Space) {
        assert_eq!(of_binding(prefix, uri), expected, "{prefix} {uri}");
    }

    #[test]
    fn a_uri_outranks_its_prefix() {
        check("x", "http://purl.org/dc/elements/1.1/", Space::Dublin);
        check("dc", "HTTPS://www.w3.org/2005/Atom", Space::Feed);
        check("", "http://www.w3.org/1999/xhtml", Space::Xhtml);
        check("x", "http://backend.userland.com/rss2", Space::Feed);
    }

    #[test]
    fn a_prefix_with_an_unknown_uri_means_what_it_always_means() {
        check("media", "http://wrong.example/", Space::Media);
        check("", "http://wrong.example/", Space::Feed);
        check("ex", "http://wrong.example/", Space::Other);
        assert_eq!(Scopes::default().space("DC"), Space::Dublin);
    }

    #[test]
    fn a_binding_ends_with_its_element() {
        let mut scopes = Scopes::default();
        scopes.bind("", "http://www.w3.org/2005/Atom");
        let mark = scopes.mark();
        scopes.bind("", "http://www.w3.org/1999/xhtml");
        assert_eq!(scopes.space(""), Space::Xhtml);
        scopes.close(mark);
        assert_eq!(scopes.space(""), Space::Feed);
        scopes.close(0);
        assert_eq!(scopes.space(""), Space::Feed);
    }
}
