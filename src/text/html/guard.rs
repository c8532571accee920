//! Refuses HTML that the parser would need too long or too much memory for.
//!
//! html5ever needs time quadratic in the depth of nesting and in the number
//! of attributes of one tag, and it repeats unclosed formatting elements in every paragraph that
//! follows. A megabyte of `<div>` holds a core for half a minute. The guard reads the tags once,
//! in linear time, and estimates what the parser would build.
//!
//! The estimate errs upwards: an element is open until its own end tag comes where the parser
//! would heed it. It knows no insertion modes, so a page made to deceive it may still be deeper;
//! the finished tree is therefore measured as well (`depth_of`), before anything recursive sees
//! it. A like estimate stayed below 200 on 3,179 article pages.

use scraper::Html;

use super::tags::{self, Tag, Tags};

/// The most bytes of HTML that are parsed. The largest article page of 3,179 has 5.3 MB.
pub const MAX_BYTES: usize = 8 << 20;

/// The deepest nesting. Recursive extractors overflow a stack of 2 MiB beyond 4,000.
pub const MAX_DEPTH: usize = 512;

/// The most attributes of one tag. The most seen on an article page is 185.
pub const MAX_ATTRIBUTES: usize = 512;

/// The most start tags. A tree takes about 250 bytes an element, extraction 20 µs.
pub const MAX_TAGS: usize = 300_000;

/// The most elements that are open at the tags of a page, summed up over the tags: what the parser
/// may have to look through.
const MAX_OPEN_SUM: usize = 32_000_000;

/// The most elements the parser may have to add for formatting that was never closed.
const MAX_REPEATED: usize = 1 << 20;

/// HTML that is refused, and what it has too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooComplex {
    /// More bytes than [`MAX_BYTES`].
    #[error("the HTML has {0} bytes, more than the {MAX_BYTES} that are read")]
    Bytes(usize),
    /// Elements nested deeper than [`MAX_DEPTH`].
    #[error("the HTML nests elements more than {MAX_DEPTH} deep")]
    Depth,
    /// More elements than [`MAX_TAGS`], or many of them very deep.
    #[error("the HTML has more elements, or has them deeper, than can be read in reasonable time")]
    Elements,
    /// A tag with more attributes than [`MAX_ATTRIBUTES`].
    #[error("a tag of the HTML has {0} attributes, more than the {MAX_ATTRIBUTES} that are read")]
    Attributes(usize),
    /// Formatting elements left open, which the parser repeats in every block that follows.
    #[error("the HTML leaves so many formatting elements open that they would fill the memory")]
    Formatting,
}

/// Lets HTML pass that is safe to parse.
pub fn check(html: &str) -> Result<(), TooComplex> {
    if html.len() > MAX_BYTES {
        return Err(TooComplex::Bytes(html.len()));
    }
    let mut open = Open::default();
    let mut tags = Tags::of(html);
    let (mut count, mut open_sum) = (0, 0);
    loop {
        let foreign = open.is_foreign();
        let Some(tag) = tags.next(foreign) else {
            return Ok(());
        };
        if tag.attributes > MAX_ATTRIBUTES {
            return Err(TooComplex::Attributes(tag.attributes));
        }
        if tag.closing {
            open.leave(&tag);
        } else {
            open.enter(&tag);
            if !foreign && (!open.frameset || tag.name.eq_ignore_ascii_case("noframes")) {
                tags.skip_raw_text(tag.name);
            }
        }
        if open.elements.len() > MAX_DEPTH {
            return Err(TooComplex::Depth);
        }
        count += usize::from(!tag.closing);
        open_sum += open.elements.len();
        if count > MAX_TAGS || open_sum > MAX_OPEN_SUM {
            return Err(TooComplex::Elements);
        }
        open.repeated += open.formatting.len();
        if open.repeated > MAX_REPEATED {
            return Err(TooComplex::Formatting);
        }
    }
}

/// Lets a tree pass that is no deeper than [`MAX_DEPTH`] and the few elements a parser adds.
pub(super) fn depth_of(tree: &Html) -> Result<(), TooComplex> {
    let mut node = tree.tree.root();
    let mut depth = 0_usize;
    loop {
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > 2 * MAX_DEPTH {
                return Err(TooComplex::Depth);
            }
            node = child;
            continue;
        }
        loop {
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            let Some(parent) = node.parent() else {
                return Ok(());
            };
            depth -= 1;
            node = parent;
        }
    }
}

/// The elements the parser may hold open.
#[derive(Default)]
struct Open<'a> {
    elements: Vec<&'a str>,
    /// How many of them are `svg` or `math`.
    foreign: usize,
    /// Whether a frameset was begun, in which only `noframes` is raw text.
    frameset: bool,
    /// The formatting tags as written that no end tag of theirs has followed.
    formatting: Vec<&'a str>,
    /// How many elements the parser may have added for them so far.
    repeated: usize,
}

impl<'a> Open<'a> {
    fn enter(&mut self, tag: &Tag<'a>) {
        let foreign = self.is_foreign();
        if foreign && is(BREAK_OUT, tag.name) {
            self.break_out();
        } else if tag.self_closing && (foreign || is(FOREIGN, tag.name)) {
            return;
        }
        if !self.is_foreign() && (is(VOID, tag.name) || is(BOUNDED, tag.name)) {
            return;
        }
        if is(SIBLINGS, tag.name) {
            self.leave_sibling(tag.name);
        }
        if is(FORMATTING, tag.name) {
            if tag.name.eq_ignore_ascii_case("a") {
                self.leave(tag);
            }
            self.enter_formatting(tag.text);
        }
        self.foreign += usize::from(is(FOREIGN, tag.name));
        self.frameset |= tag.name.eq_ignore_ascii_case("frameset");
        self.elements.push(tag.name);
    }

    /// Whether the next tag belongs to SVG or `MathML`.
    fn is_foreign(&self) -> bool {
        if self.foreign == 0 {
            return false;
        }
        let (mut in_svg_html, mut in_math_html) = (false, false);
        for open in self.elements.iter().rev() {
            if is(FOREIGN, open) {
                let is_svg = open.eq_ignore_ascii_case("svg");
                return !(is_svg && in_svg_html || !is_svg && in_math_html);
            }
            if is(BREAK_OUT, open) {
                return false;
            }
            in_svg_html |= is(SVG_HTML, open);
            in_math_html |= is(MATHML_HTML, open);
        }
        false
    }

    /// An element of HTML ends the SVG or `MathML` it stands in.
    fn break_out(&mut self) {
        while let Some(name) = self.elements.pop() {
            if is(FOREIGN, name) {
                self.foreign -= 1;
                return;
            }
        }
    }

    /// Of equal formatting tags, the parser repeats three (HTML standard, "Noah's Ark clause").
    fn enter_formatting(&mut self, text: &'a str) {
        let mut earlier = self.formatting.iter().enumerate().filter(|(_, open)| **open == text);
        if let (Some((first, _)), Some(_), Some(_)) =
            (earlier.next(), earlier.next(), earlier.next())
        {
            self.formatting.remove(first);
        }
        self.formatting.push(text);
    }

    /// An end tag closes the nearest element of its name, unless an element stands between that
    /// the parser does not look behind.
    fn leave(&mut self, tag: &Tag<'a>) {
        if is(&["br", "p"], tag.name) && self.is_foreign() {
            return self.break_out();
        }
        let walls = if is(SPECIAL, tag.name) { SCOPES } else { SPECIAL };
        let Some(at) = self.nearest(tag.name, walls) else {
            return;
        };
        let name = self.elements.remove(at);
        self.foreign -= usize::from(is(FOREIGN, name));
        if is(FORMATTING, name) {
            let last = self.formatting.iter().rposition(|text| tags::is_named(text, name));
            if let Some(last) = last {
                self.formatting.remove(last);
            }
        } else if is(SPECIAL, name) {
            // What needs no end tag ends with its parent.
            while self.elements.len() > at && self.elements.last().is_some_and(|e| is(SIBLINGS, e))
            {
                self.elements.pop();
            }
        }
    }

    /// An `<li>` ends the `<li>` before it, and so on.
    fn leave_sibling(&mut self, name: &str) {
        let earlier = self.elements.iter().rposition(|open| {
            is(SIBLINGS, open) || is(SPECIAL, open) && !is(&["address", "div"], open)
        });
        if let Some(at) = earlier
            && self.elements.get(at).is_some_and(|open| are_siblings(open, name))
        {
            self.elements.remove(at);
        }
    }

    /// Where the nearest open element of a name is, if no wall stands before it.
    fn nearest(&self, name: &str, walls: &[&str]) -> Option<usize> {
        for (at, open) in self.elements.iter().enumerate().rev() {
            if open.eq_ignore_ascii_case(name) {
                return Some(at);
            }
            if is(walls, open) {
                return None;
            }
        }
        None
    }
}

/// Whether a name is on a list; tag names are compared without case.
fn is(list: &[&str], name: &str) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

/// Whether an element of HTML, met in SVG or `MathML`, is taken out of it by the parser.
pub(super) fn breaks_out(name: &str) -> bool {
    is(BREAK_OUT, name)
}

/// Whether the start of the second ends the first.
fn are_siblings(open: &str, name: &str) -> bool {
    let defines = |name| is(&["dd", "dt"], name);
    open.eq_ignore_ascii_case(name) || defines(open) && defines(name)
}

/// Elements without content.
#[rustfmt::skip]
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img",
    "input", "keygen", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements of which the parser holds at most one open in each element that is counted.
#[rustfmt::skip]
const BOUNDED: &[&str] = &[
    "body", "caption", "colgroup", "head", "html", "p", "tbody", "td", "tfoot", "th", "thead", "tr",
];

/// Elements that the next one of their kind ends.
const SIBLINGS: &[&str] = &["button", "dd", "dt", "li", "option"];

/// Roots of SVG and `MathML`.
const FOREIGN: &[&str] = &["math", "svg"];

/// Elements of SVG that hold HTML.
const SVG_HTML: &[&str] = &["desc", "foreignobject", "title"];

/// Elements of `MathML` that hold HTML.
const MATHML_HTML: &[&str] = &["annotation-xml", "mi", "mn", "mo", "ms", "mtext"];

/// Elements that the parser opens again in the next block when their own block ends.
#[rustfmt::skip]
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Elements that the end tag of a block does not reach through ("has an element in scope"), and
/// the foreign ones that may hold such elements.
#[rustfmt::skip]
const SCOPES: &[&str] = &[
    "annotation-xml", "applet", "desc", "foreignobject", "marquee", "math", "mi", "mn", "mo", "ms",
    "mtext", "object", "select", "svg", "table", "template",
];

/// Elements that the end tag of a span or formatting element does not reach through ("special").
#[rustfmt::skip]
const SPECIAL: &[&str] = &[
    "address", "annotation-xml", "applet", "article", "aside", "blockquote", "button", "center",
    "dd", "desc", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "foreignobject", "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "li", "listing", "main", "marquee", "math", "menu", "mi", "mn", "mo", "ms", "mtext",
    "nav", "object", "ol", "plaintext", "pre", "search", "section", "select", "summary", "svg",
    "table", "template", "ul",
];

/// Elements of HTML that end SVG or `MathML` around them (HTML standard, 13.2.6.5).
#[rustfmt::skip]
const BREAK_OUT: &[&str] = &[
    "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em",
    "embed", "font", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing",
    "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small", "span", "strong", "strike",
    "sub", "sup", "table", "tt", "u", "ul", "var",
];

#[cfg(test)]
mod tests;
