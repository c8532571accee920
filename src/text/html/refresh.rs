//! Finds where a page sends its reader by `<meta http-equiv="refresh">`.

use scraper::Html;
use url::Url;

/// The longest delay, in seconds, of a refresh that is a redirection; a slower one reloads a page
/// that is meant to be read.
const MAX_DELAY: u32 = 5;

/// The address a page sends its reader to at once, if it does.
///
/// The HTML may stand in a `<noscript>`. Only an address of the web counts, and not `base` itself.
#[must_use]
pub fn meta_refresh(html: &str, base: &Url) -> Option<Url> {
    // A browser with scripts does not look into `<noscript>`, and neither does the parser.
    let html = html.replace("<noscript", "<div").replace("<NOSCRIPT", "<div");
    let page = super::parse_document(&html).ok()?;
    metas(&page).find_map(|content| {
        let target = base.join(address(content)?).ok()?;
        (matches!(target.scheme(), "http" | "https") && target != *base).then_some(target)
    })
}

/// The `content` of each `<meta http-equiv="refresh">`.
fn metas(page: &Html) -> impl Iterator<Item = &str> {
    page.tree.nodes().filter_map(|node| {
        let element = node.value().as_element().filter(|e| e.name() == "meta")?;
        let is_refresh = element.attr("http-equiv")?.trim().eq_ignore_ascii_case("refresh");
        is_refresh.then(|| element.attr("content")).flatten()
    })
}

/// The address in a refresh's content: `0; url='…'` (HTML standard, "shared declarative refresh
/// steps").
fn address(content: &str) -> Option<&str> {
    let content = content.trim_start();
    let delay_end = content.find(|c: char| !c.is_ascii_digit()).unwrap_or(content.len());
    let (delay, rest) = content.split_at(delay_end);
    if delay.is_empty() && !rest.starts_with('.') {
        return None;
    }
    if !delay.is_empty() && delay.parse::<u32>().ok()? > MAX_DELAY {
        return None;
    }
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let gap = rest.strip_prefix([';', ',']).or_else(|| {
        let trimmed = rest.trim_start();
        (trimmed.len() < rest.len()).then(|| trimmed.strip_prefix([';', ',']).unwrap_or(trimmed))
    })?;
    let value = after_url_sign(gap.trim_start());
    let address = match value.chars().next()? {
        quote @ ('"' | '\'') => value.strip_prefix(quote)?.split(quote).next()?,
        _ => value,
    };
    let address = address.trim();
    (!address.is_empty()).then_some(address)
}

/// What follows `url =`, or everything if that does not begin the text.
fn after_url_sign(text: &str) -> &str {
    text.split_at_checked(3)
        .filter(|(sign, _)| sign.eq_ignore_ascii_case("url"))
        .and_then(|(_, rest)| rest.trim_start().strip_prefix('='))
        .map_or(text, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: Option<&str>) {
        let base = Url::parse("https://short.example/a/b").unwrap();
        assert_eq!(meta_refresh(html, &base).as_ref().map(Url::as_str), expected, "{html}");
    }

    fn check_content(content: &str, expected: Option<&str>) {
        check(&format!("<meta http-equiv=Refresh content=\"{content}\">"), expected);
    }

    #[test]
    fn every_spelling_of_the_standard_is_read() {
        let target = Some("https://news.example/1?a=b");
        check_content("0;url=https://news.example/1?a=b", target);
        check_content("0; URL='https://news.example/1?a=b'", target);
        check_content(" 1.5 , Url = https://news.example/1?a=b ", target);
        check_content("3 https://news.example/1?a=b", target);
        check_content("0;https://news.example/1?a=b", target);
        check_content(".5;url=&quot;https://news.example/1?a=b&quot; trailing", target);
        check_content("0;url=../c", Some("https://short.example/c"));
        check_content("0;url", Some("https://short.example/a/url"));
    }

    #[test]
    fn what_does_not_lead_elsewhere_at_once_is_no_target() {
        for content in [
            "",
            "0",
            "30;url=https://news.example/1",
            "99999999999999;url=https://news.example/1",
            "0;url=",
            "0;url=''",
            "url=https://news.example/1",
            "0;url=javascript:alert(1)",
            "0;url=data:text/html,x",
            "0;url=https://short.example/a/b",
            "0url=https://news.example/1",
        ] {
            check_content(content, None);
        }
        check("<p>no refresh at all</p>", None);
    }

    #[test]
    fn a_refresh_for_readers_without_scripts_counts() {
        check(
            "<noscript><META http-equiv=\"refresh\" content=\"0;URL=https://news.example/1\"></noscript>",
            Some("https://news.example/1"),
        );
    }
}
