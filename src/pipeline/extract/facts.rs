//! Reads what a page declares of itself: titles, language, date, address.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Utc};
use scraper::{ElementRef, Html};
use serde_json::{Map, Value};
use url::Url;

use crate::text::html;

/// The most JSON-LD objects that are looked at.
const OBJECTS_MAX: usize = 1000;

/// What a page declares.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// The page's title in all its spellings: `og:title`, headings, `<title>`.
    pub(super) titles: Vec<String>,
    /// The language tag.
    pub(super) language: Option<String>,
    /// When the article was published.
    pub(super) published: Option<DateTime<Utc>>,
    /// The page's own address.
    pub(super) canonical: Option<String>,
    /// Whether one has to pay for the article.
    pub(super) is_paid: bool,
}

/// Collects the declarations of a page, in one walk over it.
pub(super) fn of(tree: &Html, url: Option<&Url>) -> Facts {
    let mut found = Found::default();
    for element in tree.tree.nodes().filter_map(ElementRef::wrap) {
        found.take(element);
    }
    let base = match (&found.base, url) {
        (Some(base), Some(url)) => url.join(base).ok(),
        (Some(base), None) => Url::parse(base).ok(),
        (None, url) => url.cloned(),
    };
    let canonical = if found.canonical.is_empty() { &found.og_url } else { &found.canonical };
    let published = found.json_ld.iter().find_map(|json| published(json));
    let is_paid = found.json_ld.iter().any(|json| says_paid(json));
    let mut titles = found.og_titles;
    titles.append(&mut found.headings);
    titles.append(&mut found.titles);
    titles.retain(|title| !title.is_empty());
    Facts {
        titles,
        language: found.language.or(found.locale).map(|tag| tag.replace('_', "-")),
        published: published.or_else(|| found.dates.into_iter().min().map(|(_, date)| date)),
        canonical: only_address(canonical, base.as_ref()),
        is_paid,
    }
}

/// The declarations as they are met.
#[derive(Default)]
struct Found {
    base: Option<String>,
    canonical: Vec<String>,
    og_url: Vec<String>,
    og_titles: Vec<String>,
    headings: Vec<String>,
    titles: Vec<String>,
    language: Option<String>,
    locale: Option<String>,
    json_ld: Vec<String>,
    /// Dates with the rank of the name they stood under; the least rank is the best.
    dates: Vec<(usize, DateTime<Utc>)>,
}

impl Found {
    fn take(&mut self, element: ElementRef<'_>) {
        let attr = |name| element.attr(name).map(str::trim).filter(|value| !value.is_empty());
        match element.value().name() {
            "html" if self.language.is_none() => self.language = attr("lang").map(str::to_owned),
            "base" if self.base.is_none() => self.base = attr("href").map(str::to_owned),
            "title" => self.titles.push(html::plain_text(&element.text().collect::<String>())),
            "h1" => self.headings.push(html::lines_of(element).join(" ")),
            "link" => {
                let is_canonical = attr("rel").is_some_and(|rel| {
                    rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("canonical"))
                });
                self.canonical.extend(attr("href").filter(|_| is_canonical).map(str::to_owned));
            }
            "script" => {
                let is_json_ld = attr("type").is_some_and(|t| t.contains("ld+json"));
                if is_json_ld {
                    self.json_ld.push(element.text().collect());
                }
            }
            "meta" => {
                let names = [attr("property"), attr("name"), attr("itemprop")];
                if let Some(content) = attr("content") {
                    names.into_iter().flatten().for_each(|name| self.meta(name, content));
                }
            }
            _ => {}
        }
    }

    fn meta(&mut self, name: &str, content: &str) {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "og:title" => self.og_titles.push(html::plain_text(content)),
            "og:url" => self.og_url.push(content.to_owned()),
            "og:locale" => self.locale = Some(content.to_owned()),
            _ => {
                let rank = DATE_NAMES.iter().position(|known| *known == name);
                self.dates.extend(rank.and_then(|rank| Some((rank, date(content)?))));
            }
        }
    }
}

/// Names under which pages declare when an article was published, the surest first.
const DATE_NAMES: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.created",
    "cxenseparse:recs:publishtime",
    "publishdate",
    "publish-date",
    "publish_date",
    "pubdate",
    "date",
    "dc.date",
];

/// The address all of them agree on, absolute; `None` if they do not.
fn only_address(addresses: &[String], base: Option<&Url>) -> Option<String> {
    let mut absolute = addresses.iter().filter_map(|address| {
        let url = match base {
            Some(base) => base.join(address),
            None => Url::parse(address),
        };
        url.ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    });
    let first = absolute.next()?;
    absolute.all(|other| other == first).then(|| first.into())
}

/// The `datePublished` of the first article in a piece of JSON-LD.
fn published(json: &str) -> Option<DateTime<Utc>> {
    of_article(json, |article| article.get("datePublished").and_then(Value::as_str).map(date))?
}

/// Whether the first article in a piece of JSON-LD is said not to be free.
fn says_paid(json: &str) -> bool {
    let is_free = |article: &Map<String, Value>| match article.get("isAccessibleForFree")? {
        Value::Bool(is_free) => Some(*is_free),
        Value::String(word) => Some(!word.eq_ignore_ascii_case("false")),
        _ => None,
    };
    of_article(json, is_free) == Some(false)
}

/// What the first article in a piece of JSON-LD says that says it.
fn of_article<T>(json: &str, says: impl Fn(&Map<String, Value>) -> Option<T>) -> Option<T> {
    // serde_json refuses deep nesting by itself.
    let value: Value = serde_json::from_str(json.trim()).ok()?;
    let mut waiting = vec![&value];
    let mut looked_at = 0;
    while let Some(value) = waiting.pop() {
        looked_at += 1;
        if looked_at > OBJECTS_MAX {
            return None;
        }
        match value {
            Value::Array(values) => waiting.extend(values.iter().rev()),
            Value::Object(object) => {
                if is_article(object.get("@type"))
                    && let Some(said) = says(object)
                {
                    return Some(said);
                }
                // Anything nested elsewhere may be another article that the page links to.
                waiting.extend(["mainEntity", "@graph"].iter().filter_map(|key| object.get(*key)));
            }
            _ => {}
        }
    }
    None
}

fn is_article(kind: Option<&Value>) -> bool {
    let names_article = |kind: &Value| {
        kind.as_str().is_some_and(|kind| {
            kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind == "Report"
        })
    };
    match kind {
        Some(Value::Array(kinds)) => kinds.iter().any(names_article),
        Some(kind) => names_article(kind),
        None => false,
    }
}

/// An ISO 8601 date, the only form that declarations to machines have; UTC without a zone.
///
/// A year of more than four digits is no year of an article, and could not be read again from where
/// it is stored.
fn date(text: &str) -> Option<DateTime<Utc>> {
    spelt_date(text.trim()).filter(|date| (1..=9999).contains(&date.year()))
}

fn spelt_date(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z"));
    if let Ok(date) = zoned {
        return Some(date.to_utc());
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"));
    if let Ok(date) = local {
        return Some(date.and_utc());
    }
    Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(html: &str) -> Facts {
        let url = Url::parse("https://news.example/2024/story?ref=feed").unwrap();
        of(&html::parse_document(html).unwrap(), Some(&url))
    }

    fn check_canonical(head: &str, expected: Option<&str>) {
        assert_eq!(facts(head).canonical.as_deref(), expected, "{head}");
    }

    #[test]
    fn the_canonical_address_is_the_one_the_page_gives() {
        let story = Some("https://news.example/story");
        check_canonical("<link rel=canonical href=/story>", story);
        check_canonical(
            "<base href=https://news.example/a/><link rel='x Canonical' href=../story>",
            story,
        );
        check_canonical("<link rel=canonical href=/story><link rel=canonical href=/story>", story);
        check_canonical("<meta property=og:url content=https://news.example/story>", story);
        check_canonical("<link rel=canonical href=/story><meta property=og:url content=/b>", story);
    }

    #[test]
    fn a_doubtful_canonical_address_is_none() {
        check_canonical("<link rel=canonical href=/a><link rel=canonical href=/b>", None);
        check_canonical("<link rel=canonical href='javascript:1'>", None);
        check_canonical("<link rel=canonical href=''>", None);
        check_canonical("<link rel=alternate href=/a>", None);
        check_canonical("", None);
    }

    fn check_published(html: &str, expected: Option<&str>) {
        let published = facts(html).published.map(|date| date.to_rfc3339());
        assert_eq!(published.as_deref(), expected, "{html}");
    }

    fn json_ld(json: &str) -> String {
        format!("<script type='application/ld+json'>{json}</script>")
    }

    #[test]
    fn the_date_is_the_one_declared_to_machines() {
        let date = Some("2024-05-06T05:08:09+00:00");
        let ours = r#"{"@type":"NewsArticle","datePublished":"2024-05-06T07:08:09+02:00"}"#;
        check_published(&json_ld(ours), date);
        check_published(&json_ld(&format!("[{{\"@type\":\"WebSite\"}},{ours}]")), date);
        check_published(&json_ld(&format!("{{\"@graph\":[{ours}]}}")), date);
        check_published(
            "<meta property=article:published_time content='2024-05-06T05:08:09Z'>",
            date,
        );
        check_published("<meta itemprop=datePublished content='2024-05-06T05:08:09'>", date);
        check_published("<meta name=pubdate content='2024-05-06 07:08:09 +0200'>", date);
        check_published("<meta name=date content=2024-05-06>", Some("2024-05-06T00:00:00+00:00"));
        check_published(
            "<meta name=date content=2001-01-01><meta property=article:published_time content='2024-05-06T05:08:09Z'>",
            date,
        );
    }

    #[test]
    fn no_date_is_guessed() {
        for year in ["+12345-01-01", "-0044-03-15", "9999-12-31T23:59:59-12:00"] {
            check_published(&format!("<meta name=date content={year}>"), None);
        }
        check_published("<time datetime=2024-05-06>6 May</time><p>Posted 2024-05-06", None);
        check_published("<meta name=date content='last Monday'>", None);
        check_published(&json_ld(r#"{"@type":"WebPage","datePublished":"2024-05-06"}"#), None);
        check_published(&json_ld(r#"{"@type":"NewsArticle","datePublished":"soon"}"#), None);
        check_published(
            &json_ld(
                r#"{"@type":"WebSite","hasPart":{"@type":"NewsArticle","datePublished":"2024-05-06"}}"#,
            ),
            None,
        );
        check_published(&json_ld(&"[".repeat(100_000)), None);
        check_published(&json_ld("{broken"), None);
    }

    #[test]
    fn titles_and_language_are_found() {
        let facts = facts(
            "<html lang=pt_BR><title>Heron lands | Daily</title><meta property=og:title content='Heron &amp;amp; co'>\
             <h1> Heron <br> lands </h1>",
        );
        assert_eq!(facts.titles, ["Heron & co", "Heron lands", "Heron lands | Daily"]);
        assert_eq!(facts.language.as_deref(), Some("pt-BR"));
    }
}
