//! Names the three forms of an address: canonical URL, URL key, pending handle.

use std::fmt;

use serde::Serialize;

/// The lossless normal spelling of an article's address: stored, shown and fetched.
///
/// Made by the `canonicalize` step only; the store reads its own back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct CanonicalUrl(String);

impl CanonicalUrl {
    /// Takes a spelling that the `canonicalize` step has produced, now or in an earlier run.
    pub(crate) fn from_canonical(spelling: String) -> Self {
        Self(spelling)
    }

    /// The spelling itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lossy comparison form of an address; two addresses with one key are one document.
///
/// Never shown, never fetched. Made by the `canonicalize` step only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct UrlKey(String);

impl UrlKey {
    /// Takes a key that the `canonicalize` step has produced, now or in an earlier run.
    pub(crate) fn from_key(key: String) -> Self {
        Self(key)
    }

    /// The key itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A wrapper link whose target only its owner can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Pending {
    /// What identifies the target: equal handles lead to equal targets.
    pub handle: String,
}
