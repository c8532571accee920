//! Reads the file of declared feeds.

use std::io;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::KEEP_DAYS_MAX;
use super::faults::{ConfigFaults, Fault, Origin, line_of, nearest};
use crate::model::FeedUrl;
use crate::text::html::selection::Selection;

/// A feed as the feeds file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredFeed {
    /// What is polled.
    pub url: FeedUrl,
    /// The operator's own title for it.
    pub title: Option<String>,
    /// The operator's own category.
    pub category: Option<String>,
    /// The time between two polls, instead of the learned rhythm.
    pub interval: Option<Duration>,
    /// What is needed to get in.
    pub access: FeedAccess,
    /// Which text is its articles'.
    pub text: WantedText,
    /// Where on its pages the article stands.
    pub selection: Selection,
    /// How many days its entries keep their articles, instead of the general rule; 0: for ever.
    pub keep_days: Option<u64>,
}

/// Which text is an article's, in the eyes of the operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WantedText {
    /// The feed's if it is the full text, else the page's.
    #[default]
    Auto,
    /// The feed's, always; no page is asked for.
    Feed,
    /// The page's, if it has one.
    Page,
}

/// What an operator gave to get at a feed. Never stored, never sent to another origin.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FeedAccess {
    /// Headers, by name and value.
    pub headers: Vec<(String, String)>,
    /// User and password for basic authentication.
    pub login: Option<(String, String)>,
    /// The proxy to ask through.
    pub proxy: Option<String>,
}

impl FeedAccess {
    /// For whoever is let in without.
    #[must_use]
    pub fn none() -> &'static Self {
        static NONE: FeedAccess = FeedAccess { headers: Vec::new(), login: None, proxy: None };
        &NONE
    }
}

/// Secrets stay out of logs.
impl std::fmt::Debug for FeedAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("FeedAccess")
            .field("headers", &names)
            .field("login", &self.login.as_ref().map(|(user, _)| user))
            .field("proxy", &self.proxy.is_some())
            .finish()
    }
}

/// The longest interval an operator may set: longer ones are mistakes.
const INTERVAL_MAX_S: u64 = 31 * 86_400;

const KEYS: [&str; 13] = [
    "url",
    "title",
    "category",
    "interval_s",
    "headers",
    "username",
    "password",
    "password_file",
    "proxy",
    "text",
    "select",
    "remove",
    "keep_days",
];

/// Reads the text of a feeds file, called `name` in messages; `read` reads a file beside it.
///
/// # Errors
/// Every fault, each with its line: syntax, unknown keys, addresses that cannot be polled, and
/// feeds declared twice.
pub fn declared_feeds(
    name: &str,
    text: &str,
    read: &dyn Fn(&str) -> io::Result<String>,
) -> Result<Vec<DeclaredFeed>, ConfigFaults> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { name, text, read, faults: Vec::new() };
    for error in errors {
        reader.fault(error.span().map_or(0, |span| span.start), error.message());
    }
    let mut feeds: Vec<DeclaredFeed> = Vec::new();
    for (key, value) in document.get_ref() {
        match value.get_ref() {
            DeValue::Array(rows) if key.get_ref() == "feed" => {
                for row in rows {
                    let Some(feed) = reader.feed(row) else { continue };
                    if feeds.iter().any(|known| known.url == feed.url) {
                        reader.fault(row.span().start, format!("{} is declared twice", feed.url));
                    } else {
                        feeds.push(feed);
                    }
                }
            }
            _ => reader.fault(
                key.span().start,
                format!("unknown key `{}`; feeds are declared as [[feed]]", key.get_ref()),
            ),
        }
    }
    ConfigFaults::of(reader.faults).map_or(Ok(feeds), Err)
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    read: &'a dyn Fn(&str) -> io::Result<String>,
    faults: Vec<Fault>,
}

/// A value of a feed's table, and where it stands.
type Value<'v, 'i> = &'v Spanned<DeValue<'i>>;

impl Reader<'_> {
    fn fault(&mut self, offset: usize, message: impl Into<String>) {
        let line = line_of(self.text, offset);
        let origin = Origin::File { name: self.name.to_owned(), line };
        self.faults.push(Fault::new(origin, message));
    }

    fn feed(&mut self, row: Value<'_, '_>) -> Option<DeclaredFeed> {
        let Some(table) = row.get_ref().as_table() else {
            self.fault(row.span().start, "a feed is declared as [[feed]] with a url");
            return None;
        };
        for key in table.keys() {
            self.check_key(key.get_ref(), key.span().start);
        }
        let Some(url) = table.get("url") else {
            self.fault(row.span().start, "a feed needs a `url`");
            return None;
        };
        let url = self.url(url)?;
        let headers = table.get("headers").map(|value| self.headers(value)).unwrap_or_default();
        let mut text = |key: &str| table.get(key).and_then(|value| self.string(key, value));
        let (title, category, proxy) = (text("title"), text("category"), text("proxy"));
        let (user, password, file) = (text("username"), text("password"), text("password_file"));
        let place = row.span().start;
        let password = match (password, file) {
            (Some(_), Some(_)) => {
                self.fault(place, "give `password` or `password_file`, not both");
                None
            }
            (password, None) => password,
            (None, Some(file)) => self.secret(&file, place),
        };
        if user.is_some() != password.is_some() && self.faults.is_empty() {
            self.fault(place, "`username` and a password go together");
        }
        let interval = table.get("interval_s").and_then(|value| self.interval(value));
        let access = FeedAccess { headers, login: user.zip(password), proxy };
        let wanted = table.get("text").map(|value| self.wanted_text(value)).unwrap_or_default();
        let selection = self.selection(table);
        let keep_days = table.get("keep_days").and_then(|value| self.keep_days(value));
        let text = wanted;
        Some(DeclaredFeed { url, title, category, interval, access, text, selection, keep_days })
    }

    fn check_key(&mut self, key: &str, place: usize) {
        if !KEYS.contains(&key) {
            let known = KEYS.map(str::to_owned);
            let hint = nearest(key, &known).map(|meant| format!("; did you mean `{meant}`?"));
            self.fault(place, format!("unknown key `{key}` of a feed{}", hint.unwrap_or_default()));
        }
    }

    fn string(&mut self, key: &str, value: Value<'_, '_>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(value.span().start, format!("`{key}` must be a string"));
        }
        text
    }

    fn url(&mut self, value: Value<'_, '_>) -> Option<FeedUrl> {
        let text = self.string("url", value)?;
        match text.parse() {
            Ok(url) => Some(url),
            Err(error) => {
                self.fault(value.span().start, format!("`{text}` cannot be polled: {error}"));
                None
            }
        }
    }

    fn wanted_text(&mut self, value: Value<'_, '_>) -> WantedText {
        match value.get_ref().as_str() {
            Some("auto") => WantedText::Auto,
            Some("feed") => WantedText::Feed,
            Some("page") => WantedText::Page,
            _ => {
                let message = "`text` must be \"auto\", \"feed\" or \"page\"";
                self.fault(value.span().start, message);
                WantedText::Auto
            }
        }
    }

    fn selection(&mut self, table: &DeTable<'_>) -> Selection {
        let mut of = |key| table.get(key).map(|value| self.selectors(key, value));
        let (select, remove) = (of("select"), of("remove"));
        // Each selector was tried on its own already.
        Selection::of(&select.unwrap_or_default(), &remove.unwrap_or_default()).unwrap_or_default()
    }

    /// One CSS selector or a list of them.
    fn selectors(&mut self, key: &str, value: Value<'_, '_>) -> Vec<String> {
        let values = match value.get_ref() {
            DeValue::Array(values) => values.iter().collect::<Vec<_>>(),
            _ => vec![value],
        };
        let mut selectors = Vec::with_capacity(values.len());
        for value in values {
            let Some(text) = value.get_ref().as_str() else {
                let message = format!("`{key}` must be a CSS selector or a list of them");
                self.fault(value.span().start, message);
                continue;
            };
            match Selection::of(&[text.to_owned()], &[]) {
                Ok(_) => selectors.push(text.to_owned()),
                Err(fault) => self.fault(value.span().start, format!("`{key}`: {fault}")),
            }
        }
        selectors
    }

    fn interval(&mut self, value: Value<'_, '_>) -> Option<Duration> {
        self.number("interval_s", value, 1, INTERVAL_MAX_S).map(Duration::from_secs)
    }

    fn keep_days(&mut self, value: Value<'_, '_>) -> Option<u64> {
        self.number("keep_days", value, 0, KEEP_DAYS_MAX)
    }

    fn number(&mut self, key: &str, value: Value<'_, '_>, least: u64, most: u64) -> Option<u64> {
        let number = value.get_ref().as_integer();
        let number = number
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let message = format!("`{key}` must be a number from {least} to {most}");
            self.fault(value.span().start, message);
        }
        number
    }

    fn headers(&mut self, value: Value<'_, '_>) -> Vec<(String, String)> {
        let lines = value.get_ref().as_array();
        let lines: Option<Vec<_>> = lines
            .map(|lines| {
                lines.iter().map(|line| line.get_ref().as_str().and_then(header)).collect()
            })
            .unwrap_or_default();
        if lines.is_none() {
            let message = "`headers` must be a list of lines such as \"X-Key: 1234\"";
            self.fault(value.span().start, message);
        }
        lines.unwrap_or_default()
    }

    fn secret(&mut self, file: &str, place: usize) -> Option<String> {
        match (self.read)(file) {
            Ok(secret) => Some(secret.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => {
                self.fault(place, format!("cannot read `{file}`: {error}"));
                None
            }
        }
    }
}

/// The name and the value of a header line (RFC 9110 §5.1 and §5.5).
fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let (name, value) = (name.trim(), value.trim());
    let well_formed = !name.is_empty()
        && name.chars().all(is_token)
        && value.chars().all(|c| c == '\t' || (c.is_ascii() && !c.is_ascii_control()));
    well_formed.then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> Result<Vec<DeclaredFeed>, ConfigFaults> {
        let read = |name: &str| match name {
            "secret" => Ok("s3cret\n".to_owned()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        declared_feeds("feeds.toml", text, &read)
    }

    #[test]
    fn the_shipped_list_is_valid_and_speaks_several_languages() {
        let feeds = declared(include_str!("../../config/feeds.toml")).unwrap();
        assert!(feeds.iter().any(|feed| feed.url.as_str().contains("news.google.com/rss/search")));
        let categories: std::collections::BTreeSet<_> =
            feeds.iter().filter_map(|feed| feed.category.as_deref()).collect();
        assert!(categories.len() >= 5, "{categories:?}");
    }

    #[test]
    fn every_fault_is_reported_with_its_line() {
        let text = "[[feed]]\nurl = \"https://a.example/feed\"\n\n[[feed]]\nurl = \"ftp://a.example\"\n\n\
                    [[feed]]\nurl = \"https://a.example/feed\"\ntitel = \"A\"\n\n[[feed]]\ntitle = \"B\"\n";
        let faults = declared(text).unwrap_err();
        insta::assert_snapshot!(faults.to_string(), @r"
        feeds.toml:5: `ftp://a.example` cannot be polled: feeds are read over http and https, not ftp
        feeds.toml:7: https://a.example/feed is declared twice
        feeds.toml:9: unknown key `titel` of a feed; did you mean `title`?
        feeds.toml:11: a feed needs a `url`
        ");
    }

    #[test]
    fn an_empty_file_declares_nothing() {
        assert_eq!(declared("# nothing yet\n"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_needed_to_get_in_is_read_and_kept_out_of_logs() {
        let text = "[[feed]]\nurl = \"https://a.example/feed\"\ninterval_s = 600\nkeep_days = 0\nheaders = [\"X-Key: a b\"]\n\
                    username = \"reader\"\npassword_file = \"secret\"\nproxy = \"socks5://127.0.0.1:9050\"\n";
        let feed = declared(text).unwrap().remove(0);
        assert_eq!(feed.interval, Some(Duration::from_secs(600)));
        assert_eq!(feed.keep_days, Some(0));
        assert_eq!(feed.access.headers, [("X-Key".to_owned(), "a b".to_owned())]);
        assert_eq!(feed.access.login, Some(("reader".to_owned(), "s3cret".to_owned())));
        let logged = format!("{feed:?}");
        assert!(!logged.contains("s3cret") && !logged.contains("a b"), "{logged}");
    }

    #[test]
    fn values_that_cannot_work_are_refused() {
        for (line, fault) in [
            ("headers = [\"no colon\"]", "must be a list of lines"),
            ("headers = [\"X: a\\nY: b\"]", "must be a list of lines"),
            ("interval_s = 0", "must be a number from 1"),
            ("keep_days = -1", "must be a number from 0"),
            ("keep_days = \"a week\"", "`keep_days` must be a number"),
            ("username = \"u\"", "go together"),
            ("password = \"p\"\npassword_file = \"secret\"", "not both"),
            ("username = \"u\"\npassword_file = \"gone\"", "cannot read `gone`"),
        ] {
            let text = format!("[[feed]]\nurl = \"https://a.example/feed\"\n{line}\n");
            let faults = declared(&text).unwrap_err().to_string();
            assert!(faults.contains(fault), "{line}: {faults}");
        }
    }
}
