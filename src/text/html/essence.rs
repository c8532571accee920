//! Leaves out of a page what no reader of its text reads: scripts, styles, drawings, comments and
//! pictures written out in the page.
//!
//! What is left is what the extractor is given, and what is kept of a page: about a third of its
//! bytes. JSON-LD stays, because it tells of the article.

use memchr::memmem;

use super::guard;
use super::tags::{self, Tags};

/// The shortest data of a picture that is left out, in bytes.
const DATA_MIN_BYTES: usize = 64;

/// The shortest comment.
const APART: &str = "<!-->";

/// The longest character reference that is looked for, in characters.
const REFERENCE_MAX_CHARS: usize = 40;

/// The page without what is not read; the rest stands as it came. Linear in the page.
#[must_use]
pub fn of(html: &str) -> String {
    let mut kept = String::with_capacity(html.len() / 2);
    let mut tags = Tags::of(html);
    let (mut from, mut drawings_from) = (0, 0);
    while let Some(tag) = tags.next(false) {
        let end = html.len() - tags.rest().len();
        let begin = end - tag.text.len() - 1 - usize::from(tag.closing);
        push_without_comments(&mut kept, html.get(from..begin).unwrap_or_default());
        from = html.len().min(end + 1);
        let opens = |name: &str| !tag.closing && tag.name.eq_ignore_ascii_case(name);
        if opens("style") || opens("script") && !is_told_to_machines(tag.text) {
            tags.skip_raw_text(tag.name);
            // Its end tag goes with it.
            from = tags.next(false).map_or(html.len(), |_| html.len() - tags.rest().len() + 1);
            from = from.min(html.len());
            keep_apart(&mut kept);
            continue;
        }
        if opens("svg") && !tag.self_closing && begin >= drawings_from {
            let mut behind = tags.clone();
            let is_closed = skip_drawing(&mut behind);
            let at = html.len() - behind.rest().len();
            if is_closed {
                tags = behind;
                from = html.len().min(at + 1);
                keep_apart(&mut kept);
                continue;
            }
            // None that begins before this place would be found closed either.
            drawings_from = at;
        }
        push_without_data(&mut kept, html.get(begin..from).unwrap_or_default());
        if !tag.closing {
            tags.skip_raw_text(tag.name);
            let content_end = html.len() - tags.rest().len();
            kept.push_str(html.get(from..content_end).unwrap_or_default());
            from = from.max(content_end);
        }
    }
    push_without_comments(&mut kept, html.get(from..).unwrap_or_default());
    while let Some(shorter) = kept.strip_suffix(APART) {
        kept.truncate(shorter.len());
    }
    kept
}

/// Whether a script's tag says that it holds JSON-LD.
fn is_told_to_machines(tag: &str) -> bool {
    tag.to_ascii_lowercase().contains("ld+json")
}

/// Goes on behind the drawing that has just begun; false if it is not closed, or if HTML stands in
/// it that the parser takes out of it.
fn skip_drawing(tags: &mut Tags<'_>) -> bool {
    let mut depth = 1_usize;
    while let Some(tag) = tags.next(true) {
        if tag.name.eq_ignore_ascii_case("svg") {
            match (tag.closing, tag.self_closing) {
                (true, _) => depth -= 1,
                (false, true) => {}
                (false, false) => depth += 1,
            }
            if depth == 0 {
                return true;
            }
        } else if guard::breaks_out(tag.name) {
            return false;
        }
    }
    false
}

/// Text between two tags: what stands in it as a comment goes.
fn push_without_comments(kept: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        let behind = comment.len() + "!--".len();
        let comment = rest.get(rest.len() - behind..).unwrap_or_default();
        rest = tags::after_declaration(comment, false);
        keep_apart(kept);
    }
    kept.push_str(rest);
}

/// Leaves the shortest comment where something went, if what stands before it and what comes would make
/// a tag or a character reference together.
fn keep_apart(kept: &mut String) {
    let is_begun = |c: char| matches!(c, '<' | '&');
    let is_over = |c: char| c.is_whitespace() || matches!(c, '>' | ';');
    let behind = kept.chars().rev().take(REFERENCE_MAX_CHARS);
    if behind.into_iter().find(|c| is_begun(*c) || is_over(*c)).is_some_and(is_begun) {
        kept.push_str(APART);
    }
}

/// A tag: what stands in it as the data of a picture goes.
fn push_without_data(kept: &mut String, tag: &str) {
    const BEGIN: &str = ";base64,";
    let mut rest = tag;
    while let Some(at) = memmem::find(rest.as_bytes(), BEGIN.as_bytes()) {
        let (before, data) = rest.split_at_checked(at + BEGIN.len()).unwrap_or((rest, ""));
        kept.push_str(before);
        let is_data = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=%".contains(byte);
        let length = data.bytes().take_while(is_data).count();
        let (data, behind) = data.split_at_checked(length).unwrap_or((data, ""));
        if length < DATA_MIN_BYTES {
            kept.push_str(data);
        }
        rest = behind;
    }
    kept.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::html::{lines, parse_document};

    fn check(html: &str, expected: &str) {
        assert_eq!(of(html), expected, "{html}");
    }

    #[test]
    fn scripts_styles_drawings_and_comments_go() {
        check("<p>a<script>var b = '<p>c</p>';</script>d</p>", "<p>ad</p>");
        check("<STYLE type=x>p { }</STYLE ><p>a", "<p>a");
        check("a<!-- b --> c <!--d", "a c ");
        check("<<!-- b -->a<!-- c -->&l<!-- d -->t;", "<<!-->a&l<!-->t;");
        check("<svg><path d='1'/><g><title>t</title></g></svg>a", "a");
        check("<svg><svg/><svg></svg></svg>a", "a");
        check("<!doctype html><p>a", "<!doctype html><p>a");
        check("<script>never closed <p>a", "");
        check("<script>a</script", "");
    }

    #[test]
    fn what_tells_of_the_article_stays() {
        check(
            "<script type='application/ld+json'>{}</script>",
            "<script type='application/ld+json'>{}</script>",
        );
        check("<title>a <!-- b --></title>", "<title>a <!-- b --></title>");
        check("<noscript><img></noscript>", "<noscript><img></noscript>");
        check("<p class=\"a > b\" c='<'>d", "<p class=\"a > b\" c='<'>d");
    }

    #[test]
    fn a_drawing_with_html_in_it_or_without_an_end_stays() {
        check("<svg><p>a</p></svg>", "<svg><p>a</p></svg>");
        check("<svg><g>a", "<svg><g>a");
    }

    #[test]
    fn the_data_of_large_pictures_goes() {
        let data = "A".repeat(DATA_MIN_BYTES);
        check(
            &format!("<img src='data:image/png;base64,{data}' alt=a>"),
            "<img src='data:image/png;base64,' alt=a>",
        );
        check(
            "<img src='data:image/gif;base64,R0lGOD'>",
            "<img src='data:image/gif;base64,R0lGOD'>",
        );
        check(&format!("<p>;base64,{data}"), &format!("<p>;base64,{data}"));
    }

    #[test]
    fn many_open_drawings_take_no_longer_than_they_are_long() {
        let html = "<svg>".repeat(200_000);
        check(&html, &html);
    }

    proptest! {
        #[test]
        fn the_text_is_the_same_and_the_essence_of_an_essence_is_itself(
            html in "(<(p|b|div|script|style|svg|g|title|/p|/b|/div|/script|/style|/svg|/g|/title|!-- x --)>|[a-z ]{1,5}|<!--|-->|[<>'\"]){0,40}"
        ) {
            let essence = of(&html);
            prop_assert!(essence.len() <= html.len());
            prop_assert_eq!(&of(&essence), &essence);
        }

        #[test]
        fn a_page_of_whole_elements_keeps_its_text(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<p>one</p>", "<script>if (a < b) { '<p>' }</script>", "<style>p {}</style>",
                "<svg viewBox='0 0 1 1'><path d='M0'/></svg>", "<!-- <p>no</p> -->", "two <b>three</b>",
                "<div class='a>b'>four</div>", "<img src='data:image/png;base64,AAAA'>", "<br>",
            ]), 0..20)
        ) {
            let html = parts.concat();
            let before = lines(&parse_document(&html).unwrap());
            prop_assert_eq!(lines(&parse_document(&of(&html)).unwrap()), before);
        }
    }
}
