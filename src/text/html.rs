//! Turns HTML into the text a reader sees, without trusting it.
//!
//! Every tree is parsed behind [`guard`], because the parser needs quadratic time for deep
//! nesting. Every walk over a tree is iterative, because the tree may still be deep.

pub mod essence;
pub mod guard;
pub mod refresh;
pub mod selection;
mod tags;

use scraper::{ElementRef, Html, Node};

use super::plain;

pub use guard::TooComplex;

/// Parses a piece of HTML, as it stands in a feed, once the guard has let it pass.
pub fn parse_fragment(html: &str) -> Result<Html, TooComplex> {
    guard::check(html)?;
    let tree = Html::parse_fragment(html);
    guard::depth_of(&tree)?;
    Ok(tree)
}

/// Parses a whole page, once the guard has let it pass.
pub fn parse_document(html: &str) -> Result<Html, TooComplex> {
    guard::check(html)?;
    let tree = Html::parse_document(html);
    guard::depth_of(&tree)?;
    Ok(tree)
}

/// The visible text of a tree: one line per block element or `<br>`, white space collapsed, no
/// empty lines.
#[must_use]
pub fn lines(html: &Html) -> Vec<String> {
    html.tree.root().children().find_map(ElementRef::wrap).map(lines_of).unwrap_or_default()
}

/// The visible text of one element, as [`lines`].
#[must_use]
pub fn lines_of(element: ElementRef<'_>) -> Vec<String> {
    let mut lines = Lines::default();
    let mut node = *element;
    loop {
        let child = lines.enter(node.value()).then(|| node.first_child()).flatten();
        if let Some(child) = child {
            node = child;
            continue;
        }
        // Up until there is a next sibling; the element's own siblings are not its text.
        loop {
            lines.leave(node.value());
            if node.id() == element.id() {
                return lines.finished;
            }
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            let Some(parent) = node.parent() else {
                return lines.finished;
            };
            node = parent;
        }
    }
}

/// The text of a title or another short field that may be HTML or plain text: tags out, entities
/// decoded (twice if one remains, as many feeds escape twice), white space collapsed to one line.
///
/// Only the names of HTML's own elements make a tag, so that `Vec<String>` keeps its parameter.
#[must_use]
pub fn plain_text(html_or_text: &str) -> String {
    let once = reduced(html_or_text);
    if has_entity(&once) {
        // What was escaped twice is text now: only its entities are decoded, its tags stay.
        return reduced(&once.replace('<', "&lt;"));
    }
    once
}

/// What an entity of HTML stands for, by its name without `&` and `;`.
///
/// The parser is asked, since its table is not public; so a caller should remember the answers.
#[must_use]
pub fn entity(name: &str) -> Option<String> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    // The text behind tells a whole name from one of which only the beginning is known.
    let tree = Html::parse_fragment(&format!("&{name};|"));
    let text: String = tree.root_element().text().collect();
    text.strip_suffix('|').filter(|text| !text.ends_with(';') || name == "semi").map(str::to_owned)
}

/// One pass of [`plain_text`].
fn reduced(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return collapsed(text);
    }
    let html = foreign_tags_escaped(text);
    match parse_fragment(&html) {
        Ok(tree) => lines(&tree).join(" "),
        Err(_) => collapsed(text),
    }
}

/// The words of a text, one space between two.
fn collapsed(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Escapes each `<` that does not begin a comment or a tag of HTML.
fn foreign_tags_escaped(text: &str) -> String {
    let mut parts = text.split('<');
    let mut escaped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        escaped.push_str(if begins_tag(part) { "<" } else { "&lt;" });
        escaped.push_str(part);
    }
    escaped
}

/// Whether what follows a `<` makes it a comment or a tag of HTML that is closed by a `>`.
fn begins_tag(rest: &str) -> bool {
    if rest.starts_with("!--") {
        return true;
    }
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    rest.contains('>') && TITLE_TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name))
}

/// Whether a text still holds an entity, such as `&amp;` or `&#8217;`.
fn has_entity(text: &str) -> bool {
    text.split('&').skip(1).any(|rest| {
        rest.split_once(';').is_some_and(|(name, _)| {
            let name = name.strip_prefix('#').unwrap_or(name);
            (2..=31).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    })
}

/// The lines of a walk so far.
#[derive(Default)]
struct Lines {
    finished: Vec<String>,
    /// The next word begins a line.
    line_due: bool,
    /// The next word is not glued to the one before.
    space_due: bool,
}

impl Lines {
    /// Takes note of a node; false if nothing in it is visible.
    fn enter(&mut self, node: &Node) -> bool {
        match node {
            Node::Element(element) => {
                let name = element.name();
                self.line_due |= name == "br" || is_block(name);
                !is_hidden(name)
            }
            Node::Text(text) => {
                self.text(text);
                true
            }
            _ => true,
        }
    }

    fn leave(&mut self, node: &Node) {
        if let Node::Element(element) = node {
            self.line_due |= is_block(element.name());
        }
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        loop {
            let words = rest.trim_start();
            self.space_due |= words.len() < rest.len();
            if words.is_empty() {
                return;
            }
            let (words, behind) = words.split_at(single_spaced(words));
            match self.finished.last_mut() {
                Some(line) if !self.line_due => {
                    if self.space_due {
                        line.push(' ');
                    }
                    line.push_str(words);
                }
                _ => self.finished.push(words.to_owned()),
            }
            self.line_due = false;
            self.space_due = false;
            rest = behind;
        }
    }
}

/// How many bytes of a text are words with one plain space between two, as most are.
fn single_spaced(text: &str) -> usize {
    plain::words(text, |c| !c.is_whitespace())
}

/// Whether no reader sees an element's content as text.
fn is_hidden(name: &str) -> bool {
    // A list would be gone through for each element.
    matches!(
        name,
        "head"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "script"
            | "style"
            | "svg"
            | "template"
    )
}

/// Whether an element begins and ends a line (HTML standard, "Rendering", section 15.3).
#[rustfmt::skip]
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address" | "article" | "aside" | "blockquote" | "body" | "caption" | "center" | "dd"
        | "details" | "dialog" | "dir" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure"
        | "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "hr"
        | "html" | "legend" | "li" | "listing" | "main" | "menu" | "nav" | "ol" | "optgroup"
        | "option" | "p" | "plaintext" | "pre" | "search" | "section" | "select" | "summary"
        | "table" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr" | "ul" | "xmp"
    )
}

/// The tags that stand in titles.
#[rustfmt::skip]
const TITLE_TAGS: &[&str] = &[
    "a", "abbr", "acronym", "address", "article", "b", "bdi", "bdo", "big", "blockquote", "body",
    "br", "center", "cite", "code", "dd", "del", "dfn", "div", "dl", "dt", "em", "embed",
    "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header",
    "hr", "html", "i", "iframe", "img", "ins", "kbd", "label", "li", "main", "mark", "nobr",
    "noscript", "object", "ol", "p", "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "script", "section", "small", "source", "span", "strike", "strong", "style", "sub", "sup",
    "svg", "table", "tbody", "td", "th", "time", "tr", "tt", "u", "ul", "var", "video", "wbr",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_lines(html: &str, expected: &[&str]) {
        assert_eq!(lines(&parse_fragment(html).unwrap()), expected, "fragment {html}");
        assert_eq!(lines(&parse_document(html).unwrap()), expected, "document {html}");
    }

    #[test]
    fn each_block_is_a_line() {
        check_lines("<p>One <b>two</b></p><p>three</p>", &["One two", "three"]);
        check_lines("one<br>two<br/><br>three", &["one", "two", "three"]);
        check_lines("<ul><li>a<li>b<ul><li>c</ul>d</ul>", &["a", "b", "c", "d"]);
        check_lines("<table><tr><td>a<td>b<tr><td>c</table>", &["a", "b", "c"]);
        check_lines("before<div>in</div>after", &["before", "in", "after"]);
        check_lines("", &[]);
    }

    #[test]
    fn white_space_is_one_space_and_only_where_it_was() {
        check_lines(" a \n\t b&nbsp;c ", &["a b c"]);
        check_lines("a<b>b</b>c <i> d </i> e", &["abc d e"]);
        check_lines("<p> </p><p>\n</p>", &[]);
    }

    #[test]
    fn what_nobody_sees_is_no_text() {
        check_lines("a<script>b</script><style>c</style><noscript>d</noscript>e", &["ae"]);
        check_lines(
            "<template>x</template><iframe>y</iframe><svg><text>z</text></svg>a<!--b-->",
            &["a"],
        );
        let page = parse_document("<head><title>t</title></head><body>b").unwrap();
        assert_eq!(lines(&page), ["b"]);
    }

    #[test]
    fn the_lines_of_an_element_are_its_own() {
        let tree = parse_fragment("<p>a</p><div>b<p>c</p></div>d").unwrap();
        let elements = || tree.tree.nodes().filter_map(ElementRef::wrap);
        let div = elements().find(|element| element.value().name() == "div").unwrap();
        assert_eq!(lines_of(div), ["b", "c"]);
    }

    #[test]
    fn entities_are_known_by_their_whole_name() {
        for (name, expected) in [
            ("nbsp", Some("\u{a0}")),
            ("AMP", Some("&")),
            ("semi", Some(";")),
            ("NotEqualTilde", Some("\u{2242}\u{338}")),
            ("notit", None),
            ("nosuch", None),
            ("#65", None),
            ("", None),
        ] {
            assert_eq!(entity(name).as_deref(), expected, "{name}");
        }
    }

    fn check_plain(text: &str, expected: &str) {
        assert_eq!(plain_text(text), expected, "{text}");
    }

    #[test]
    fn titles_lose_their_markup() {
        check_plain("  Plain \n title ", "Plain title");
        check_plain("<b>Bold</b> &amp; <i class='x'>slanted</i>", "Bold & slanted");
        check_plain("One<br>two", "One two");
        check_plain("Fish &amp;amp; chips &amp;#8211; again", "Fish & chips \u{2013} again");
        check_plain("caf&eacute;&nbsp;au&nbsp;lait", "caf\u{e9} au lait");
        check_plain("<!-- x -->a", "a");
    }

    #[test]
    fn titles_keep_what_only_looks_like_markup() {
        check_plain("Vec<String> and <T>", "Vec<String> and <T>");
        check_plain("1 < 2 & 3 > 2", "1 < 2 & 3 > 2");
        check_plain("I <3 you", "I <3 you");
        check_plain("AT&T", "AT&T");
        check_plain("a <b", "a <b");
        check_plain("The &amp;lt;b&amp;gt; tag", "The <b> tag");
    }

    #[test]
    fn a_title_that_nests_too_deep_stays_as_it_is() {
        let title = "<b>".repeat(2000);
        assert_eq!(plain_text(&title), title);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_panic_or_an_empty_line(html in "(<[a-z]{1,5}>|</[a-z]{1,5}>|<p|[a-z ]{1,40}|\\PC|[ \n&;]){0,60}") {
            if let Ok(tree) = parse_fragment(&html) {
                for line in lines(&tree) {
                    let one_line = line.split_whitespace().collect::<Vec<_>>().join(" ");
                    prop_assert_eq!(&line, &one_line);
                    prop_assert!(!line.is_empty());
                }
            }
            let title = plain_text(&html);
            prop_assert_eq!(title.trim(), title.as_str());
        }

        #[test]
        fn words_with_one_space_between_two_end_where_they_are_parted_otherwise(
            text in "(\\PC|[ \t\u{85}\u{a0}\u{1680}\u{2003}\u{2029}\u{205f}\u{3000}]){0,12}",
        ) {
            let text = text.trim_start();
            let (words, behind) = text.split_at(single_spaced(text));
            let apart = |c: char| c.is_whitespace() && c != ' ';
            prop_assert!(!words.contains(apart) && !words.contains("  ") && words.trim() == words);
            let mut next = behind.chars();
            prop_assert!(next.next().is_none_or(char::is_whitespace));
            let is_parted = behind.starts_with(apart) || next.next().is_none_or(char::is_whitespace);
            prop_assert!(is_parted, "{words:?} before {behind:?}");
        }

        #[test]
        fn text_without_markup_is_only_collapsed(text in "[a-z0-9 .,'\n]{0,60}") {
            let collapsed = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(plain_text(&text), collapsed);
        }
    }
}
