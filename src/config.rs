//! Reads what the operator decided: the configuration, its defaults and its faults.
//!
//! Pure: the caller reads files and the environment and hands their text in. A section of the
//! configuration goes to the module it concerns; nobody else sees it, and nothing is global.

mod faults;
mod feeds;
mod following;
pub mod links;
mod merge;

pub use faults::{ConfigFaults, Fault, Origin};
pub use feeds::{DeclaredFeed, FeedAccess, WantedText, declared_feeds};
pub use following::LinksConfig;

use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};

use faults::Check;

/// Everything that can be configured. Each field has its default, unit and reason in
/// `config/ingest.toml`, which a test keeps equal to these defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where articles are kept.
    pub storage: StorageConfig,
    /// Where feeds are declared.
    pub feeds: FeedsConfig,
    /// How we behave as a client.
    pub http: HttpConfig,
    /// When feeds are read, and how many at once.
    pub polling: PollingConfig,
    /// How much of a feed document is read.
    pub reading: ReadingConfig,
    /// How wrapped links are followed.
    pub links: LinksConfig,
    /// Which text is an article's body.
    pub text: TextConfig,
    /// How copies are looked for.
    pub duplicates: DuplicatesConfig,
}

/// Where articles are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageConfig {
    /// The SQLite file, relative to the working directory.
    pub database: String,
    /// How long a statement waits for another process to finish writing, in milliseconds.
    pub busy_timeout_ms: u64,
    /// How many days the log of polls is kept.
    pub poll_log_days: u64,
    /// How many days articles are kept; 0: for ever.
    pub keep_articles_days: u64,
    /// How large the file may become, in megabytes; 0: as large as it likes.
    pub max_size_mb: u64,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            database: "ingest.sqlite".to_owned(),
            busy_timeout_ms: 15_000,
            poll_log_days: 30,
            keep_articles_days: 0,
            max_size_mb: 0,
        }
    }
}

/// A hundred years: longer is a mistake for 0, which is for ever.
pub(crate) const KEEP_DAYS_MAX: u64 = 36_500;

/// Where feeds are declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedsConfig {
    /// The file of declared feeds, relative to the configuration file; empty for none.
    pub file: String,
}

impl Default for FeedsConfig {
    fn default() -> Self {
        Self { file: "feeds.toml".to_owned() }
    }
}

/// How we behave as a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// A page or address where publishers reach whoever runs this; sent in the User-Agent.
    pub contact: String,
    /// How long a connection may take to open, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long a server may stay silent, in milliseconds.
    pub idle_timeout_ms: u64,
    /// How long one request may take in whole, in milliseconds; a redirect is a new request.
    pub request_timeout_ms: u64,
    /// The largest feed document read, decoded, in bytes.
    pub feed_max_bytes: u64,
    /// The largest page read, decoded, in bytes.
    pub page_max_bytes: u64,
    /// How many redirects are followed.
    pub redirects_max: u64,
    /// How many requests one host gets at once.
    pub per_host_at_once: u64,
    /// The shortest time between the starts of two requests to one host, in milliseconds.
    pub per_host_gap_ms: u64,
    /// Whether a site's robots.txt is asked before its pages are.
    pub robots_txt: bool,
    /// Whether private, loopback and link-local addresses may be asked.
    pub allow_private_networks: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            contact: String::new(),
            connect_timeout_ms: 10_000,
            idle_timeout_ms: 15_000,
            request_timeout_ms: 30_000,
            feed_max_bytes: 16 << 20,
            page_max_bytes: 8 << 20,
            redirects_max: 10,
            per_host_at_once: 2,
            per_host_gap_ms: 1_000,
            robots_txt: true,
            allow_private_networks: false,
        }
    }
}

/// When feeds are read, and how many at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PollingConfig {
    /// The time between two polls of a feed, in seconds, where its server says nothing.
    pub interval_s: u64,
    /// The shortest time between two polls, whatever a server says, in seconds.
    pub interval_min_s: u64,
    /// The longest time between two polls, whatever a server says, in seconds.
    pub interval_max_s: u64,
    /// How many feeds are read at once.
    pub feeds_at_once: u64,
    /// How long one feed may take with all its links and pages, in seconds.
    pub feed_deadline_s: u64,
    /// How long a stop waits for feeds under way, in seconds.
    pub drain_deadline_s: u64,
}

impl Default for PollingConfig {
    fn default() -> Self {
        Self {
            interval_s: 3_600,
            interval_min_s: 900,
            interval_max_s: 86_400,
            feeds_at_once: 32,
            feed_deadline_s: 300,
            drain_deadline_s: 25,
        }
    }
}

/// How much of a feed document is read. Whatever lies beyond is cut, and the cut is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadingConfig {
    /// The most entries of one document.
    pub entries_max: u64,
    /// The deepest nesting of elements; what lies deeper is flattened.
    pub depth_max: u64,
    /// The most attributes of one element.
    pub attributes_max: u64,
    /// The longest field, in bytes.
    pub field_max_bytes: u64,
}

impl Default for ReadingConfig {
    fn default() -> Self {
        Self { entries_max: 5_000, depth_max: 200, attributes_max: 256, field_max_bytes: 2 << 20 }
    }
}

/// Which text is an article's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextConfig {
    /// Whether the article's page is fetched when the feed does not carry the full text.
    pub fetch_pages: bool,
    /// From how many words on a feed's text counts as the full text.
    pub full_text_min_words: u64,
    /// How many entries of one feed are prepared (links followed, pages fetched) at once.
    pub entries_at_once: u64,
    /// A file of boilerplate rules of the operator's own, relative to the configuration file;
    /// empty for none.
    pub boilerplate_file: String,
    /// How many pages of one feed are asked for at one poll.
    pub pages_per_poll: u64,
    /// How often an article's page is asked for in vain.
    pub page_tries: u64,
    /// How many pages are asked for again in one pass.
    pub held_pages_per_pass: u64,
    /// How many days texts are kept as they were received; 0 for not at all.
    pub keep_received_days: u64,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            fetch_pages: true,
            full_text_min_words: 100,
            entries_at_once: 4,
            boilerplate_file: String::new(),
            pages_per_poll: 200,
            page_tries: 5,
            held_pages_per_pass: 500,
            keep_received_days: 30,
        }
    }
}

/// How copies are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicatesConfig {
    /// Among articles first seen in how many days nearly equal texts are looked for.
    pub near_days: u64,
}

impl Default for DuplicatesConfig {
    fn default() -> Self {
        Self { near_days: 90 }
    }
}

impl DuplicatesConfig {
    /// Since when nearly equal texts are looked for.
    #[must_use]
    pub fn near_since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_sub_days(Days::new(self.near_days)).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl Config {
    /// Reads a configuration file's text (with the name to call it by) and the environment.
    ///
    /// # Errors
    /// Every fault found, together: syntax, unknown keys, wrong types and values out of range,
    /// each with its line or variable.
    pub fn load(
        file: Option<(&str, &str)>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigFaults> {
        let merged = merge::over_defaults(&Self::default(), file, environment);
        let mut faults = merged.faults;
        match merged.table.try_into::<Self>() {
            Ok(config) => {
                config.check(&mut Check::new(&merged.origins, &mut faults));
                ConfigFaults::of(faults).map_or(Ok(config), Err)
            }
            Err(error) => {
                faults.push(Fault::new(Origin::Whole, error.message()));
                ConfigFaults::of(faults).map_or(Ok(Self::default()), Err)
            }
        }
    }

    /// The User-Agent of every request: name, version, and where to complain.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let name = concat!("ingest/", env!("CARGO_PKG_VERSION"));
        match self.http.contact.trim() {
            "" => name.to_owned(),
            contact => format!("{name} (+{contact})"),
        }
    }

    fn check(&self, check: &mut Check<'_>) {
        let Self { storage, feeds: _, http, polling, reading, links, text, duplicates } = self;
        if storage.database.trim().is_empty() {
            check.fault("storage.database", "must name a file");
        }
        check.range("storage.busy_timeout_ms", storage.busy_timeout_ms, 0, 600_000);
        check.range("storage.poll_log_days", storage.poll_log_days, 1, 3_650);
        check.range("storage.keep_articles_days", storage.keep_articles_days, 0, KEEP_DAYS_MAX);
        check.range("storage.max_size_mb", storage.max_size_mb, 0, 1 << 30);
        if !http.contact.chars().all(|c| c.is_ascii() && !c.is_ascii_control()) {
            check.fault("http.contact", "must be plain ASCII, as it is sent in a header");
        }
        check.range("http.connect_timeout_ms", http.connect_timeout_ms, 1, 600_000);
        check.range("http.idle_timeout_ms", http.idle_timeout_ms, 1, 600_000);
        check.range("http.request_timeout_ms", http.request_timeout_ms, 1, 3_600_000);
        check.range("http.feed_max_bytes", http.feed_max_bytes, 1_024, 1 << 30);
        check.range("http.page_max_bytes", http.page_max_bytes, 1_024, 1 << 30);
        check.range("http.redirects_max", http.redirects_max, 0, 20);
        check.range("http.per_host_at_once", http.per_host_at_once, 1, 64);
        check.range("http.per_host_gap_ms", http.per_host_gap_ms, 0, 3_600_000);
        let longest = polling.interval_max_s;
        check.range("polling.interval_max_s", longest, 60, 31 * 86_400);
        check.range("polling.interval_min_s", polling.interval_min_s, 1, longest.max(1));
        check.range(
            "polling.interval_s",
            polling.interval_s,
            polling.interval_min_s,
            longest.max(polling.interval_min_s),
        );
        check.range("polling.feeds_at_once", polling.feeds_at_once, 1, 1_024);
        check.range("polling.feed_deadline_s", polling.feed_deadline_s, 1, 86_400);
        check.range("polling.drain_deadline_s", polling.drain_deadline_s, 0, 3_600);
        check.range("reading.entries_max", reading.entries_max, 1, 1_000_000);
        check.range("reading.depth_max", reading.depth_max, 16, 10_000);
        check.range("reading.attributes_max", reading.attributes_max, 16, 10_000);
        check.range("reading.field_max_bytes", reading.field_max_bytes, 1_024, 1 << 30);
        links.check(check);
        check.range("text.full_text_min_words", text.full_text_min_words, 48, 100_000);
        check.range("duplicates.near_days", duplicates.near_days, 1, 36_500);
        check.range("text.entries_at_once", text.entries_at_once, 1, 64);
        check.range("text.pages_per_poll", text.pages_per_poll, 1, 1_000_000);
        check.range("text.page_tries", text.page_tries, 1, 100);
        check.range("text.held_pages_per_pass", text.held_pages_per_pass, 0, 1_000_000);
        check.range("text.keep_received_days", text.keep_received_days, 0, 36_500);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../config/ingest.toml");

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::load(Some(("ingest.toml", text)), environment)
            .map_err(|faults| faults.to_string().lines().map(str::to_owned).collect())
    }

    #[test]
    fn the_shipped_file_equals_the_built_in_defaults() {
        assert_eq!(load(SHIPPED, &[]), Ok(Config::default()));
    }

    #[test]
    fn the_shipped_file_names_every_key() {
        let shipped: toml::Table = SHIPPED.parse().unwrap();
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        for (section, keys) in &defaults {
            for key in keys.as_table().unwrap().keys() {
                assert!(shipped[section].get(key).is_some(), "{section}.{key} is not in the file");
            }
        }
    }

    #[test]
    fn an_environment_variable_overrides_the_file() {
        let config = load(
            "[http]\nper_host_gap_ms = 5\n",
            &[
                ("INGEST_HTTP__PER_HOST_GAP_MS", "0"),
                ("INGEST_HTTP__ALLOW_PRIVATE_NETWORKS", "true"),
                ("INGEST_STORAGE__DATABASE", "elsewhere.sqlite"),
                ("HOME", "/home/someone"),
            ],
        )
        .unwrap();
        assert_eq!(config.http.per_host_gap_ms, 0);
        assert!(config.http.allow_private_networks);
        assert_eq!(config.storage.database, "elsewhere.sqlite");
    }

    #[test]
    fn every_fault_is_reported_at_once_with_its_place() {
        let text = "[http]\nper_host_gap = 5\nredirects_max = \"ten\"\n\n[polling]\nfeeds_at_once = 0\n\n[htpt]\nx = 1\n";
        let faults = load(text, &[("INGEST_TEXT__FETCH_PAGES", "perhaps")]).unwrap_err();
        insta::assert_snapshot!(faults.join("\n"), @r#"
        ingest.toml:2: unknown key `http.per_host_gap`; did you mean `per_host_gap_ms`?
        ingest.toml:3: `http.redirects_max` must be an integer, not a string
        ingest.toml:6: `polling.feeds_at_once` must be between 1 and 1024, not 0
        ingest.toml:8: unknown section `htpt`; did you mean `http`?
        environment variable INGEST_TEXT__FETCH_PAGES: `text.fetch_pages` must be a boolean (true or false), not `perhaps`
        "#);
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let faults = load("[http]\ncontact = \n", &[]).unwrap_err();
        assert!(faults[0].starts_with("ingest.toml:2: "), "{faults:?}");
    }

    #[test]
    fn a_negative_number_is_refused() {
        let faults = load("[polling]\ninterval_s = -1\n", &[]).unwrap_err();
        assert_eq!(faults, ["ingest.toml:2: `polling.interval_s` must not be negative"]);
    }

    #[test]
    fn the_user_agent_names_the_contact_once_there_is_one() {
        let mut config = Config::default();
        assert_eq!(config.user_agent(), concat!("ingest/", env!("CARGO_PKG_VERSION")));
        config.http.contact = "https://reader.example/bot".to_owned();
        assert!(config.user_agent().ends_with(" (+https://reader.example/bot)"));
    }
}
