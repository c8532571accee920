//! Spells a search on Google News as the address of its feed.

use url::form_urlencoded;

use super::FeedUrlError;

/// What a search begins with, in place of `https://`.
const PREFIX: &str = "google-news:";

/// The address of the search that a text asks for; `None` if the text is no search.
///
/// `google-news:QUERY`, `google-news:QUERY?country=GB`, `google-news:QUERY?lang=id&country=ID`.
/// The query is what one types into the search box; `+` and `%20` stand for a space.
pub(super) fn address(text: &str) -> Option<Result<String, FeedUrlError>> {
    let (prefix, search) = text.split_at_checked(PREFIX.len())?;
    prefix.eq_ignore_ascii_case(PREFIX).then(|| address_of(search))
}

fn address_of(search: &str) -> Result<String, FeedUrlError> {
    let (query, edition) = split(search);
    let query = query.trim().replace('&', "%26");
    let query = form_urlencoded::parse(query.as_bytes()).next().map(|(start, rest)| {
        // What stands before a `=` is no name here.
        if query.contains('=') { format!("{start}={rest}") } else { start.into_owned() }
    });
    let query = query.unwrap_or_default();
    if query.trim().is_empty() {
        return Err(FeedUrlError::Search("it says nothing to search for"));
    }
    let Edition { interface, country, language } = Edition::of(edition)?;
    let query: String = form_urlencoded::byte_serialize(query.trim().as_bytes()).collect();
    Ok(format!(
        "https://news.google.com/rss/search?q={query}&hl={interface}&gl={country}&ceid={country}:{language}"
    ))
}

/// The query, and the pairs that choose the edition; a `?` before anything else is of the query.
fn split(search: &str) -> (&str, &str) {
    match search.rsplit_once('?') {
        Some((query, edition))
            if ["lang=", "country="].iter().any(|key| edition.starts_with(key)) =>
        {
            (query, edition)
        }
        _ => (search, ""),
    }
}

/// One of Google's editions, in its three parameters.
struct Edition {
    /// `hl`, the language of the interface.
    interface: String,
    /// `gl`, and the first half of `ceid`.
    country: String,
    /// The second half of `ceid`.
    language: String,
}

impl Edition {
    fn of(pairs: &str) -> Result<Self, FeedUrlError> {
        let (mut language, mut country) = (None, None);
        for (key, value) in form_urlencoded::parse(pairs.as_bytes()) {
            match key.as_ref() {
                "lang" if is_language(&value) => language = Some(value.into_owned()),
                "country" if is_country(&value) => country = Some(value.to_ascii_uppercase()),
                "lang" => return Err(FeedUrlError::Search("`lang` is a code such as id or en-GB")),
                "country" => return Err(FeedUrlError::Search("`country` is a code such as ID")),
                _ => return Err(FeedUrlError::Search("it takes `lang` and `country` only")),
            }
        }
        let language = language.unwrap_or_else(|| "en".to_owned());
        let (primary, region) = match language.split_once('-') {
            Some((primary, region)) => (primary.to_ascii_lowercase(), Some(region.to_owned())),
            None => (language.to_ascii_lowercase(), None),
        };
        let named = region.as_deref().filter(|region| is_country(region));
        let country = country
            .or_else(|| named.map(str::to_ascii_uppercase))
            .or_else(|| (primary == "en").then(|| "US".to_owned()))
            .ok_or(FeedUrlError::Search("it needs a country too, as in ?lang=id&country=ID"))?;
        Ok(Self::spelled(&primary, region.as_deref(), country))
    }

    /// Google's spellings: the interface has a region in a few languages, the edition in fewer.
    fn spelled(primary: &str, region: Option<&str>, country: String) -> Self {
        let tag = |region: &str| {
            let is_country = is_country(region);
            let region = if is_country { region.to_ascii_uppercase() } else { region.to_owned() };
            format!("{primary}-{region}")
        };
        let (interface, language) = match (primary, country.as_str()) {
            ("en", _) => (tag(region.unwrap_or(&country)), "en".to_owned()),
            ("pt", "BR") => ("pt-BR".to_owned(), "pt-419".to_owned()),
            ("zh", "CN") => ("zh-CN".to_owned(), "zh-Hans".to_owned()),
            ("zh", "TW" | "HK") => (tag(&country), "zh-Hant".to_owned()),
            ("es", "AR" | "CL" | "CO" | "CU" | "MX" | "PE" | "US" | "VE") => {
                ("es-419".to_owned(), "es-419".to_owned())
            }
            _ => {
                let tag = region.map_or_else(|| primary.to_owned(), tag);
                (tag.clone(), tag)
            }
        };
        Self { interface, country, language }
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_language(code: &str) -> bool {
    let (primary, region) = code.split_once('-').unwrap_or((code, "XX"));
    matches!(primary.len(), 2 | 3)
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && (2..=4).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_becomes_the_address_of_its_feed() {
        for (search, expected) in [
            ("google-news:freedom", "q=freedom&hl=en-US&gl=US&ceid=US:en"),
            ("Google-News: climate change ", "q=climate+change&hl=en-US&gl=US&ceid=US:en"),
            ("google-news:climate+change", "q=climate+change&hl=en-US&gl=US&ceid=US:en"),
            ("google-news:%22heron%20lands%22", "q=%22heron+lands%22&hl=en-US&gl=US&ceid=US:en"),
            ("google-news:R&D when:7d", "q=R%26D+when%3A7d&hl=en-US&gl=US&ceid=US:en"),
            ("google-news:a=b=c&d", "q=a%3Db%3Dc%26d&hl=en-US&gl=US&ceid=US:en"),
            ("google-news:why? because", "q=why%3F+because&hl=en-US&gl=US&ceid=US:en"),
            ("google-news:kebebasan?lang=id&country=ID", "q=kebebasan&hl=id&gl=ID&ceid=ID:id"),
            ("google-news:x?country=gb", "q=x&hl=en-GB&gl=GB&ceid=GB:en"),
            ("google-news:x?lang=en-GB", "q=x&hl=en-GB&gl=GB&ceid=GB:en"),
            ("google-news:x?lang=pt-BR", "q=x&hl=pt-BR&gl=BR&ceid=BR:pt-419"),
            ("google-news:x?lang=pt&country=PT", "q=x&hl=pt&gl=PT&ceid=PT:pt"),
            ("google-news:x?country=MX&lang=es", "q=x&hl=es-419&gl=MX&ceid=MX:es-419"),
            ("google-news:x?lang=zh-TW", "q=x&hl=zh-TW&gl=TW&ceid=TW:zh-Hant"),
            ("google-news:自由?lang=ja&country=JP", "q=%E8%87%AA%E7%94%B1&hl=ja&gl=JP&ceid=JP:ja"),
        ] {
            let expected = format!("https://news.google.com/rss/search?{expected}");
            assert_eq!(address(search), Some(Ok(expected)), "{search}");
        }
    }

    #[test]
    fn what_cannot_be_searched_for_is_told() {
        for (search, word) in [
            ("google-news:", "nothing"),
            ("google-news: ?lang=en", "nothing"),
            ("google-news:x?lang=id", "country"),
            ("google-news:x?lang=indonesian", "lang"),
            ("google-news:x?lang=en&country=USA", "country"),
            ("google-news:x?lang=en&hl=en", "only"),
        ] {
            let error = address(search).unwrap().unwrap_err();
            assert!(error.to_string().contains(word), "{search}: {error}");
        }
        assert_eq!(address("google-nawes:x"), None);
        assert_eq!(address("http://x"), None);
        assert_eq!(address("äääääääääääääää"), None);
    }
}
