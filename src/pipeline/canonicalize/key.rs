//! Derives the lossy form that addresses are compared by.

use url::Url;

use crate::model::{CanonicalUrl, UrlKey};
use crate::text::domain;

/// Query pairs by which publishers ask for the AMP form of a page.
const AMP_PAIRS: [&str; 5] = ["amp", "amp=", "amp=1", "amp=true", "outputtype=amp"];

/// The key of an address: host, path and parameters, without what two addresses of one document
/// commonly differ in.
///
/// Never reversible: a key is only compared with keys.
#[must_use]
pub fn key(url: &CanonicalUrl) -> UrlKey {
    let Ok(parsed) = Url::parse(url.as_str()) else {
        return UrlKey::from_key(url.as_str().to_owned());
    };
    let mut key = String::with_capacity(url.as_str().len());
    key.push_str(&host(parsed.host_str().unwrap_or_default()));
    if let Some(port) = parsed.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
    for segment in segments(parsed.path()) {
        key.push('/');
        key.push_str(&segment);
    }
    if let Some(query) = parsed.query() {
        let mut pairs: Vec<_> = query.split('&').filter(|pair| is_telling(pair)).collect();
        pairs.sort_unstable();
        if !pairs.is_empty() {
            key.push('?');
            key.push_str(&pairs.join("&"));
        }
    }
    if let Some(route) =
        parsed.fragment().filter(|route| !route.trim_matches(['!', '/']).is_empty())
    {
        key.push('#');
        key.push_str(route);
    }
    UrlKey::from_key(key)
}

/// The host without the labels of its mobile, AMP and `www` twins, as long as a domain remains
/// that someone can register: `m.example.com`, `en.m.example.org`, but `amp.dev` stays.
fn host(host: &str) -> String {
    let Some(domain) = domain::registrable_domain(host) else {
        return host.to_owned();
    };
    let beneath = host.strip_suffix(domain).and_then(|labels| labels.strip_suffix('.'));
    let labels = beneath.into_iter().flat_map(|labels| labels.split('.'));
    let mut kept: Vec<_> =
        labels.skip_while(|label| is_twin(label)).filter(|label| *label != "m").collect();
    kept.push(domain);
    kept.join(".")
}

fn is_twin(label: &str) -> bool {
    let is_www = label.strip_prefix("www").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    is_www || matches!(label, "m" | "mobile" | "amp")
}

/// The path's segments without empty ones and without the marks of AMP.
fn segments(path: &str) -> Vec<String> {
    let mut segments: Vec<_> =
        path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
    without_amp_segment(&mut segments);
    if let Some(last) = segments.last_mut() {
        if let Some(stem) = last.strip_suffix(".amp.html").filter(|stem| !stem.is_empty()) {
            *last = format!("{stem}.html");
        } else if let Some(stem) = last.strip_suffix(".amp").filter(|stem| !stem.is_empty()) {
            *last = stem.to_owned();
        }
    }
    segments
}

/// Drops `amp` where it can only be a form of the page: behind at least two segments, or before or
/// behind one that looks like an article's. `/topics/amp` is a topic.
fn without_amp_segment(segments: &mut Vec<String>) {
    let is_amp = |segment: &String| matches!(segment.as_str(), "amp" | ".amp" | "amp.html");
    let Some(at) = segments.iter().rposition(is_amp) else {
        return;
    };
    let is_last = at + 1 == segments.len();
    let article = if is_last { at.checked_sub(1) } else { Some(segments.len() - 1) };
    let is_article = article.and_then(|at| segments.get(at)).is_some_and(|segment| {
        segment.bytes().any(|b| matches!(b, b'-' | b'_' | b'.') || b.is_ascii_digit())
    });
    if is_article || (is_last && at >= 2) {
        segments.remove(at);
    }
}

/// Whether a query pair tells documents apart.
fn is_telling(pair: &str) -> bool {
    !pair.is_empty() && !AMP_PAIRS.contains(&pair.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(key(&CanonicalUrl::from_canonical(url.to_owned())).as_str(), expected, "{url}");
    }

    #[test]
    fn what_one_document_differs_in_is_left_out() {
        check("https://www.a.example/b/?d=2&c=1", "a.example/b?c=1&d=2");
        check("http://www2.m.a.example/b", "a.example/b");
        check("https://en.m.a.example/b", "en.a.example/b");
        check("https://a.example//b///c/", "a.example/b/c");
        check("https://a.example/", "a.example");
        check("https://a.example/#!/", "a.example");
    }

    #[test]
    fn what_tells_documents_apart_stays() {
        check("https://a.example/B?C=1", "a.example/B?C=1");
        check("https://a.example/b.html", "a.example/b.html");
        check("https://a.example:8080/b", "a.example:8080/b");
        check("https://x.www.a.example/", "x.www.a.example");
        check("https://a.example/#!topic/1", "a.example#!topic/1");
        check("https://amp.dev/", "amp.dev");
        check("https://m.blogspot.com/b", "m.blogspot.com/b");
        check("https://www.com/", "www.com");
        check("http://127.0.0.1:8081/b", "127.0.0.1:8081/b");
        check("http://localhost/b", "localhost/b");
    }

    #[test]
    fn the_amp_form_of_a_page_is_the_page() {
        for amp in [
            "https://amp.a.example/2024/story-1",
            "https://a.example/2024/story-1/amp",
            "https://a.example/2024/story-1/amp/",
            "https://a.example/2024/story-1/amp.html",
            "https://a.example/2024/story-1.amp",
            "https://a.example/amp/2024/story-1",
            "https://a.example/2024/amp/story-1",
            "https://a.example/2024/story-1?amp",
            "https://a.example/2024/story-1?amp=1",
            "https://a.example/2024/story-1?outputType=amp",
        ] {
            check(amp, "a.example/2024/story-1");
        }
        check("https://a.example/b-1.amp.html", "a.example/b-1.html");
        check("https://a.example/topics/amp", "a.example/topics/amp");
        check("https://a.example/amp", "a.example/amp");
        check("https://a.example/amp/guides", "a.example/amp/guides");
        check("https://a.example/b?amp=guitar", "a.example/b?amp=guitar");
    }
}
