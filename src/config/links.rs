//! Reads `links.toml`: wrapper links, redirecting hosts and tracking parameters, as plain data.
//!
//! Only the shape is checked here. What a row means, and whether two rows contradict each other,
//! is decided where the tables are compiled: by the unwrapper and by the canonicalizer.

use serde::Deserialize;

/// The file the program ships with.
const BUILT_IN: &str = include_str!("../../config/links.toml");

/// Everything the program knows of links, as written in `links.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinksFile {
    /// The version of the data; grows by one with every change.
    pub version: u32,
    /// Links that carry their target inside them.
    #[serde(default, rename = "wrapper")]
    pub wrappers: Vec<WrapperRow>,
    /// Hosts whose links tell their target only when asked.
    #[serde(default, rename = "redirector")]
    pub redirectors: Vec<RedirectorRow>,
    /// Parameters that say how a reader came, not what is read.
    #[serde(default)]
    pub tracking: Vec<TrackingRow>,
}

/// A link that carries its target inside it. Exactly one of `params`, `in_query` and a target
/// placeholder in every one of `paths` says where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrapperRow {
    /// The rule's name, as `ingest inspect link` prints it.
    pub id: String,
    /// The host patterns, in the grammar of `links.toml`'s head.
    pub hosts: Vec<String>,
    /// The path patterns; none means any path.
    #[serde(default)]
    pub paths: Vec<String>,
    /// The query parameters that may hold the target, best first.
    #[serde(default)]
    pub params: Vec<String>,
    /// Whether the whole query string is the target.
    #[serde(default)]
    pub in_query: bool,
    /// How the target is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What must stand before the target, and is cut off.
    #[serde(default)]
    pub marker: String,
    /// The keys that lead to the target, where it is written inside JSON.
    #[serde(default)]
    pub json_keys: Vec<String>,
    /// The scheme of a target that is written without one.
    #[serde(default)]
    pub scheme: Option<AssumedScheme>,
    /// What a relative target is relative to.
    #[serde(default)]
    pub base: Option<String>,
    /// Whether `:signature` follows the target.
    #[serde(default)]
    pub signed: bool,
    /// The wrapper's own parameters inside the target's query; they go.
    #[serde(default)]
    pub drop_params: Vec<String>,
    /// How a target's path must not end: the files that are no documents.
    #[serde(default)]
    pub no_endings: Vec<String>,
    /// A link and what it leads to; proved whenever the table is compiled.
    pub example: Example,
}

/// A wrapper link and its target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The wrapper.
    pub link: String,
    /// What one layer of unwrapping makes of it.
    pub target: String,
}

/// How a target is written inside its wrapper.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Percent-encoded once, or not at all.
    #[default]
    Percent,
    /// Base64 or base64url, padded or not.
    Base64,
    /// Base64url of a JSON object; a signature may follow after a full stop.
    Base64Json,
    /// `FeedsPortal`'s digraphs: `0B` is a full stop, `0C` a slash.
    Feedsportal,
    /// Proofpoint URL Defense, version 1.
    ProofpointV1,
    /// Proofpoint URL Defense, version 2.
    ProofpointV2,
    /// Proofpoint URL Defense, version 3.
    ProofpointV3,
}

/// The scheme of a target that is written without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AssumedScheme {
    /// `http://`
    Http,
    /// `https://`
    Https,
}

/// A host that must be asked where its links lead.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedirectorRow {
    /// The rule's name, stored as the way a target was found.
    pub id: String,
    /// The host patterns.
    pub hosts: Vec<String>,
    /// The path patterns; none means any path.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Where else than in `Location` the answer may name the target, most trusted first.
    #[serde(default)]
    pub answers: Vec<Answer>,
}

/// Where the answer of a redirecting host may name the target, beside `Location`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// In `<meta http-equiv="refresh">`.
    MetaRefresh,
    /// In a script's `location.replace("…")`.
    LocationReplace,
    /// In a script's `redirectToUrlAfterTimeout("…", 0)` (Apple News).
    RedirectCall,
    /// In the link marked `data-tracking-control-name="external_url_click"` (`LinkedIn`).
    ExternalClick,
    /// In the header `X-TinyURL-Target`.
    TinyurlTarget,
}

/// Parameters of one vendor that say how a reader came, not what is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackingRow {
    /// Whose parameters they are.
    pub vendor: String,
    /// Where the vendor, or the feeds that carry them, show them.
    pub source: String,
    /// The parameters' exact names; letter case does not matter.
    #[serde(default)]
    pub names: Vec<String>,
    /// What the parameters' names start with; letter case does not matter.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// The host patterns where the names mean this; none means everywhere.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The values that give a parameter away, exact or `start*`; none means any value.
    #[serde(default)]
    pub values: Vec<String>,
    /// The kind of value that gives a parameter away.
    #[serde(default)]
    pub value_kind: Option<ValueKind>,
}

/// A kind of value by which an otherwise innocent parameter is known to track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueKind {
    /// The link's own host or that of the feed's site, with or without `www.`.
    OwnHost,
    /// 26 to 40 letters and digits: the length of PHP's session ids.
    SessionId,
}

/// Why `links.toml` could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LinksFileError {
    /// It is no TOML, or not of the expected shape; the message shows the line.
    #[error("failed to read the links table")]
    Toml(#[from] toml::de::Error),
}

impl LinksFile {
    /// Reads a links table.
    ///
    /// # Errors
    /// When the text is no TOML or has unknown or missing keys.
    pub fn parse(toml: &str) -> Result<Self, LinksFileError> {
        Ok(toml::from_str(toml)?)
    }

    /// The table the program ships with.
    ///
    /// # Panics
    /// Never: a test reads the table.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("a test reads the built-in table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, expected_error: Option<&str>) {
        let error = LinksFile::parse(toml).err().map(|LinksFileError::Toml(e)| e.to_string());
        match (error, expected_error) {
            (None, None) => {}
            (Some(error), Some(expected)) => assert!(error.contains(expected), "{error}"),
            (error, expected) => panic!("{toml}: {error:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn the_built_in_table_is_read_and_has_every_section() {
        let file = LinksFile::built_in();
        assert!(!file.wrappers.is_empty());
        assert!(!file.redirectors.is_empty());
        assert!(!file.tracking.is_empty());
    }

    #[test]
    fn a_mistake_is_named() {
        check("version = 1", None);
        check("", Some("missing field `version`"));
        check("version = 1\nwrapers = []", Some("unknown field `wrapers`"));
        check(
            "version = 1\n[[redirector]]\nid = \"x\"\nhosts = []\nanswers = [\"guess\"]",
            Some("unknown variant `guess`"),
        );
    }
}
