//! Takes wrapper links apart without the network: `google.com/url?url=…` says itself where it leads.
//!
//! **What.** A link is peeled layer by layer, at most [`MAX_LAYERS`] deep, until no rule applies.
//! The rules are rows of `config/links.toml`, found by host; Google News tokens, which are no
//! plain text, are read by [`google_news`] in the same walk.
//!
//! **Why a table of hosts.** A generic "follow any `?url=`" takes `/login?redirect=` and
//! `/search?q=` for wrappers. A wrapper we do not know stays a link that works.
//!
//! **Trust.** A target is a stranger's text. It must be an absolute http(s) address on a dotted
//! public host; otherwise the wrapper stays. Nothing here is fetched.

use url::Url;

use crate::config::links::{Answer, LinksFile, RedirectorRow, WrapperRow};
use crate::model::Pending;
use crate::text::domain::{BadHostPattern, HostTable};

use super::google_news;
use path::{Captured, PathPattern};
use wrapper::Wrapper;

pub(super) mod decode;
mod path;
mod target;
mod wrapper;

/// How many wrappers may lie around one target. The deepest chain found in public feeds has two.
pub const MAX_LAYERS: usize = 4;

/// The longest link that is looked into, in bytes; opaque Google News tokens stay below 1 KB.
pub const MAX_LINK_BYTES: usize = 8192;

/// The compiled rows of the links table: who wraps links, and who must be asked.
#[derive(Debug)]
pub struct Wrappers {
    rows: Vec<Wrapper>,
    hosts: HostTable,
    redirectors: Vec<Redirector>,
    redirector_hosts: HostTable,
}

/// What a link leads to, as far as it says so itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwrapped {
    /// The innermost address found; the link itself, byte for byte, when no rule applied.
    pub target: String,
    /// The rules that applied, the outermost first.
    pub rules: Vec<String>,
    /// Where each rule led, in the same order.
    pub through: Vec<String>,
    /// Present when `target` is a Google News link whose address only Google can tell.
    pub pending: Option<Pending>,
}

/// A host that must be asked where its links lead.
#[derive(Debug)]
pub struct Redirector {
    /// The rule's name, stored as the way a target was found.
    pub id: String,
    /// Where else than in `Location` the answer may name the target, most trusted first.
    pub answers: Vec<Answer>,
    paths: Vec<PathPattern>,
}

/// Why a links table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WrappersError {
    /// A row's host pattern is malformed.
    #[error("failed to read a host of link rule `{id}`")]
    Host {
        /// The row.
        id: String,
        /// What is wrong with it.
        #[source]
        source: BadHostPattern,
    },
    /// A row's path pattern is malformed.
    #[error("failed to read path `{path}` of link rule `{id}`")]
    Path {
        /// The row.
        id: String,
        /// The pattern.
        path: String,
    },
    /// A row does not say where the target stands, or says it twice.
    #[error(
        "link rule `{id}` must name the target's place once: `params`, `in_query`, or a placeholder in each of `paths`"
    )]
    Place {
        /// The row.
        id: String,
    },
    /// Two rows have one name, or a row can never apply because an earlier one takes its links.
    #[error("link rule `{id}` is overlapped by `{by}`; narrow or reorder them")]
    Overlap {
        /// The row that loses.
        id: String,
        /// The row that wins.
        by: String,
    },
    /// A row speaks of every address there is.
    #[error("link rule `{id}` would take every link; give it a host or a path")]
    TooBroad {
        /// The row.
        id: String,
    },
    /// A row does not do what its own example promises.
    #[error("link rule `{id}` makes `{found}` of its example")]
    Example {
        /// The row.
        id: String,
        /// What came out.
        found: String,
    },
}

/// One layer taken off, or the reason to stop.
enum Peeled {
    Target { url: Url, rule: String },
    Pending(Pending),
    Bare,
}

/// Finds what a link leads to, without asking anyone.
///
/// ```
/// # use ingest::config::links::LinksFile;
/// # use ingest::pipeline::resolve::unwrap::{self, Wrappers};
/// let wrappers = Wrappers::compile(&LinksFile::built_in()).unwrap();
/// let link = "https://www.google.com/url?sa=t&url=https://paper.example/story&ct=ga";
/// let unwrapped = unwrap::unwrap(link, &wrappers);
/// assert_eq!(unwrapped.target, "https://paper.example/story");
/// assert_eq!(unwrapped.rules, ["google-url"]);
/// ```
#[must_use]
pub fn unwrap(link: &str, wrappers: &Wrappers) -> Unwrapped {
    let mut found = Unwrapped {
        target: link.to_owned(),
        rules: Vec::new(),
        through: Vec::new(),
        pending: None,
    };
    let Some(mut url) = wrapper_candidate(link) else {
        return found;
    };
    let mut seen = vec![url.clone()];
    loop {
        match wrappers.peel(&url) {
            Peeled::Target { url: target, rule }
                if found.rules.len() < MAX_LAYERS && !seen.contains(&target) =>
            {
                found.rules.push(rule);
                found.target = target.to_string();
                found.through.push(found.target.clone());
                seen.push(target.clone());
                url = target;
            }
            Peeled::Pending(pending) => {
                found.pending = Some(pending);
                return found;
            }
            Peeled::Target { .. } | Peeled::Bare => return found,
        }
    }
}

impl Wrappers {
    /// Compiles the wrappers and redirectors of a links table, and proves every row's example.
    ///
    /// # Errors
    /// When a row is malformed, can never apply, or breaks its own example.
    pub fn compile(file: &LinksFile) -> Result<Self, WrappersError> {
        let mut table = Self {
            rows: Vec::with_capacity(file.wrappers.len()),
            hosts: HostTable::default(),
            redirectors: Vec::with_capacity(file.redirectors.len()),
            redirector_hosts: HostTable::default(),
        };
        for row in &file.wrappers {
            let wrapper = Wrapper::compile(row)?;
            if table.rows.iter().any(|earlier| earlier.row.id == row.id) {
                return Err(overlap(&row.id, &row.id));
            }
            index(&mut table.hosts, &row.hosts, table.rows.len(), &row.id)?;
            table.rows.push(wrapper);
        }
        for row in &file.redirectors {
            if table.redirectors.iter().any(|earlier| earlier.id == row.id) {
                return Err(overlap(&row.id, &row.id));
            }
            index(&mut table.redirector_hosts, &row.hosts, table.redirectors.len(), &row.id)?;
            table.redirectors.push(Redirector::compile(row)?);
        }
        for row in &file.wrappers {
            table.prove(row)?;
        }
        Ok(table)
    }

    /// Who must be asked where a link leads; `None` when the link is not known to redirect.
    #[must_use]
    pub fn redirector(&self, url: &Url) -> Option<&Redirector> {
        self.redirector_hosts.rows(url.host_str()?).into_iter().find_map(|row| {
            let redirector = self.redirectors.get(row)?;
            path_of(&redirector.paths, url).is_some().then_some(redirector)
        })
    }

    /// Takes one layer off.
    fn peel(&self, url: &Url) -> Peeled {
        match google_news::read(url) {
            Some(google_news::Reading::Pending(pending)) => return Peeled::Pending(pending),
            Some(google_news::Reading::Target { address, rule }) => {
                if let Some(url) = target::read(&address) {
                    return Peeled::Target { url, rule: rule.to_owned() };
                }
            }
            None => {}
        }
        let Some((wrapper, captured)) = self.wrapper(url) else {
            return Peeled::Bare;
        };
        match wrapper.target(url, &captured) {
            Some(url) => Peeled::Target { url, rule: wrapper.row.id.clone() },
            None => Peeled::Bare,
        }
    }

    /// The row that speaks of a link: the most specific host pattern, then the first in the file.
    fn wrapper(&self, url: &Url) -> Option<(&Wrapper, Captured)> {
        self.hosts.rows(url.host_str()?).into_iter().find_map(|row| {
            let wrapper = self.rows.get(row)?;
            Some((wrapper, path_of(&wrapper.paths, url)?))
        })
    }

    /// Checks that a row makes of its example what it says, and that no other row takes it.
    fn prove(&self, row: &WrapperRow) -> Result<(), WrappersError> {
        let broken =
            |found: &str| WrappersError::Example { id: row.id.clone(), found: found.to_owned() };
        let url = wrapper_candidate(&row.example.link).ok_or_else(|| broken("no link"))?;
        let (wrapper, captured) = self.wrapper(&url).ok_or_else(|| broken("no wrapper"))?;
        if wrapper.row.id != row.id {
            return Err(overlap(&row.id, &wrapper.row.id));
        }
        let target = wrapper.target(&url, &captured).ok_or_else(|| broken("nothing"))?;
        if target.as_str() == row.example.target { Ok(()) } else { Err(broken(target.as_str())) }
    }
}

impl Redirector {
    fn compile(row: &RedirectorRow) -> Result<Self, WrappersError> {
        let paths = path_patterns(&row.paths, &row.hosts, &row.id)?;
        Ok(Self { id: row.id.clone(), answers: row.answers.clone(), paths })
    }
}

/// A link that could be a wrapper; scheme-relative ones are taken for https.
fn wrapper_candidate(link: &str) -> Option<Url> {
    let link = link.trim();
    if link.len() > MAX_LINK_BYTES {
        return None;
    }
    let relative = link.starts_with("//").then(|| format!("https:{link}"));
    let mut url = Url::parse(relative.as_deref().unwrap_or(link)).ok()?;
    // No target stands in a wrapper's fragment, and a scroll position hides no repeat.
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn path_patterns(
    paths: &[String],
    hosts: &[String],
    id: &str,
) -> Result<Vec<PathPattern>, WrappersError> {
    if paths.is_empty() && hosts.iter().any(|host| host == "*") {
        return Err(WrappersError::TooBroad { id: id.to_owned() });
    }
    let bad = |path: &String| WrappersError::Path { id: id.to_owned(), path: path.clone() };
    paths.iter().map(|path| PathPattern::parse(path).ok_or_else(|| bad(path))).collect()
}

fn index(
    hosts: &mut HostTable,
    patterns: &[String],
    row: usize,
    id: &str,
) -> Result<(), WrappersError> {
    for pattern in patterns {
        hosts
            .insert(pattern, row)
            .map_err(|source| WrappersError::Host { id: id.to_owned(), source })?;
    }
    Ok(())
}

fn overlap(id: &str, by: &str) -> WrappersError {
    WrappersError::Overlap { id: id.to_owned(), by: by.to_owned() }
}

/// What the first matching pattern takes out of a link's path; no patterns match every path.
fn path_of(paths: &[PathPattern], url: &Url) -> Option<Captured> {
    if paths.is_empty() {
        return Some(Captured::default());
    }
    paths.iter().find_map(|path| path.capture(url))
}

#[cfg(test)]
mod tests;
