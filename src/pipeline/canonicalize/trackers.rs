//! Knows which parameters say how a reader came, not what is read.

use std::collections::HashMap;

use url::form_urlencoded;

use crate::config::links::{LinksFile, TrackingRow, ValueKind};
use crate::text::domain::{BadHostPattern, HostTable};

/// The lengths of PHP's session ids, from MD5 in base 64 to SHA-1 in hex.
const SESSION_ID_CHARS: std::ops::RangeInclusive<usize> = 26..=40;

/// The compiled tracking parameters of the links table.
#[derive(Debug, Default)]
pub struct Trackers {
    rules: Vec<Rule>,
    by_name: HashMap<String, Vec<usize>>,
    by_prefix: Vec<(String, usize)>,
    hosts: HostTable,
}

/// Why a links table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrackersError {
    /// A row's host pattern is malformed.
    #[error("failed to read a host of the tracking parameters of {vendor}")]
    Host {
        /// Whose row it is.
        vendor: String,
        /// What is wrong with it.
        #[source]
        source: BadHostPattern,
    },
    /// A row names no parameter.
    #[error("tracking row of {vendor} names no parameter; give it `names` or `prefixes`")]
    Empty {
        /// Whose row it is.
        vendor: String,
    },
    /// A row would strip every parameter, or names one that no condition narrows.
    #[error("tracking row of {vendor} has an empty name, prefix or value")]
    TooBroad {
        /// Whose row it is.
        vendor: String,
    },
}

/// The tracking parameters of one host.
#[derive(Debug)]
pub(super) struct TrackersHere<'a> {
    trackers: &'a Trackers,
    host: &'a str,
    /// The host of the site in whose feed the address stands.
    site: Option<&'a str>,
    rows: Vec<usize>,
}

#[derive(Debug)]
struct Rule {
    everywhere: bool,
    values: Vec<ValuePattern>,
    kind: Option<ValueKind>,
}

#[derive(Debug)]
enum ValuePattern {
    Exactly(String),
    Starting(String),
}

impl Trackers {
    /// Compiles the tracking parameters of a links table.
    ///
    /// # Errors
    /// When a row is malformed or would strip everything.
    pub fn compile(file: &LinksFile) -> Result<Self, TrackersError> {
        let mut trackers = Self::default();
        for (index, row) in file.tracking.iter().enumerate() {
            trackers.rules.push(Rule::compile(row)?);
            for host in &row.hosts {
                trackers
                    .hosts
                    .insert(host, index)
                    .map_err(|source| TrackersError::Host { vendor: row.vendor.clone(), source })?;
            }
            for name in &row.names {
                trackers.by_name.entry(name.to_ascii_lowercase()).or_default().push(index);
            }
            for prefix in &row.prefixes {
                trackers.by_prefix.push((prefix.to_ascii_lowercase(), index));
            }
        }
        Ok(trackers)
    }

    /// The parameters that track on one host, given as a parsed URL spells it, in a feed of `site`.
    pub(super) fn at<'a>(&'a self, host: &'a str, site: Option<&'a str>) -> TrackersHere<'a> {
        TrackersHere { trackers: self, host, site, rows: self.hosts.rows(host) }
    }
}

impl TrackersHere<'_> {
    /// Whether a raw `name=value` pair of a query is a tracking parameter.
    pub(super) fn tracks(&self, pair: &str) -> bool {
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else {
            return false;
        };
        let name = name.to_ascii_lowercase();
        let named = self.trackers.by_name.get(&name).into_iter().flatten();
        let prefixed =
            self.trackers.by_prefix.iter().filter(|(prefix, _)| name.starts_with(prefix));
        named.chain(prefixed.map(|(_, rule)| rule)).any(|rule| self.applies(*rule, &value))
    }

    fn applies(&self, index: usize, value: &str) -> bool {
        let Some(rule) = self.trackers.rules.get(index) else {
            return false;
        };
        (rule.everywhere || self.rows.contains(&index))
            && rule.accepts(value, [Some(self.host), self.site])
    }
}

impl Rule {
    fn compile(row: &TrackingRow) -> Result<Self, TrackersError> {
        let vendor = || row.vendor.clone();
        if row.names.is_empty() && row.prefixes.is_empty() {
            return Err(TrackersError::Empty { vendor: vendor() });
        }
        let mut words = row.names.iter().chain(&row.prefixes).chain(&row.values);
        if words.any(|word| word.trim_end_matches('*').is_empty()) {
            return Err(TrackersError::TooBroad { vendor: vendor() });
        }
        let values = row.values.iter().map(|value| match value.strip_suffix('*') {
            Some(start) => ValuePattern::Starting(start.to_owned()),
            None => ValuePattern::Exactly(value.clone()),
        });
        Ok(Self {
            everywhere: row.hosts.is_empty(),
            values: values.collect(),
            kind: row.value_kind,
        })
    }

    fn accepts(&self, value: &str, hosts: [Option<&str>; 2]) -> bool {
        let has_value = self.values.is_empty()
            || self.values.iter().any(|pattern| match pattern {
                ValuePattern::Exactly(exactly) => value == exactly,
                ValuePattern::Starting(start) => value.starts_with(start.as_str()),
            });
        let is_of_kind = match self.kind {
            None => true,
            Some(ValueKind::OwnHost) => {
                hosts.into_iter().flatten().any(|host| is_own_host(value, host))
            }
            Some(ValueKind::SessionId) => {
                SESSION_ID_CHARS.contains(&value.len())
                    && value.bytes().all(|b| b.is_ascii_alphanumeric())
            }
        };
        has_value && is_of_kind
    }
}

fn is_own_host(value: &str, host: &str) -> bool {
    fn bare(name: &str) -> &str {
        name.strip_prefix("www.").unwrap_or(name)
    }
    bare(&value.to_ascii_lowercase()) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, pair: &str, tracks: bool) {
        let trackers = Trackers::compile(&LinksFile::built_in()).unwrap();
        assert_eq!(trackers.at(host, Some("digest.example")).tracks(pair), tracks, "{host} {pair}");
    }

    #[test]
    fn a_vendors_parameter_is_known_however_it_is_spelled() {
        check("a.example", "utm_source=x", true);
        check("a.example", "UTM_Whatever", true);
        check("a.example", "utm%5Fsource=x", true);
        check("a.example", "fbclid=", true);
        check("a.example", "mutm_source=x", false);
        check("a.example", "", false);
    }

    #[test]
    fn a_parameter_of_one_site_is_kept_on_others() {
        check("edition.cnn.com", "eref=rss_world", true);
        check("cnn.example", "eref=rss_world", false);
        check("youtu.be", "si=abc", true);
        check("a.example", "si=abc", false);
        check("a.substack.com", "r=1x", true);
        check("substack.com", "r=1x", false);
    }

    #[test]
    fn an_innocent_name_tracks_only_with_a_value_that_gives_it_away() {
        check("www.nytimes.com", "partner=rss", true);
        check("www.nytimes.com", "partner=slack", false);
        check("a.example", "ref=a.example", true);
        check("www.a.example", "ref=A.example", true);
        check("a.example", "ref=b.example", false);
        check("a.example", "ref=Digest.example", true);
        check("a.example", "ref=www.digest.example", true);
        check("a.example", "source=rss----0123456789ab---4", true);
        check("a.example", "source=rss", false);
        check("a.example", "PHPSESSID=0123456789abcdefghijklmnop", true);
        check("a.example", "PHPSESSID=short", false);
        for name in
            ["id", "p", "s", "sid", "cid", "page", "t", "ts", "q", "lang", "session", "keyword"]
        {
            check("a.example", &format!("{name}=1"), false);
        }
    }

    #[test]
    fn the_built_in_table_says_nothing_twice() {
        let file = LinksFile::built_in();
        let mut seen = std::collections::BTreeSet::new();
        for row in &file.tracking {
            let hosts = if row.hosts.is_empty() { vec!["*".to_owned()] } else { row.hosts.clone() };
            for (name, host) in row
                .names
                .iter()
                .chain(&row.prefixes)
                .flat_map(|n| hosts.iter().map(move |h| (n, h)))
            {
                let condition = (name.to_lowercase(), host.clone(), row.values.clone());
                assert!(seen.insert(condition), "{name} at {host} stands twice ({})", row.vendor);
            }
            assert!(!row.source.trim().is_empty(), "{} names no source", row.vendor);
        }
    }

    #[test]
    fn a_row_that_strips_too_much_is_refused() {
        for row in [
            "",
            "names = [\"\"]",
            "prefixes = [\"*\"]",
            "names = [\"ref\"]\nvalues = [\"*\"]",
            "names = [\"a\"]\nhosts = [\"com\"]",
        ] {
            let toml = format!("version = 1\n[[tracking]]\nvendor = \"v\"\nsource = \"s\"\n{row}");
            let file = LinksFile::parse(&toml).unwrap();
            assert!(Trackers::compile(&file).is_err(), "{row}");
        }
    }
}
