//! Cuts a document into tags and text, whatever state it is in, in linear time.
//!
//! An XML parser must give up at the first fault, and feeds are full of faults. So what cannot be
//! markup is text, what is not closed ends where it can be told to, and each such repair is
//! counted. A search for an end that failed once is never made again, because it would fail again:
//! that keeps the time linear for a million unclosed comments.

use std::borrow::Cow;

use memchr::memmem;

use super::attributes::{self, Manner, Step};
use super::cursor::{Cursor, begins_name, is_in_name};
use super::references::References;

const CDATA: &str = "<![CDATA[";

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Start(StartTag<'a>),
    /// An end tag, by its qualified name.
    End(&'a str),
    /// Text with its references decoded.
    Text(Cow<'a, str>),
    /// The content of a CDATA section.
    Cdata(&'a str),
}

/// A start tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StartTag<'a> {
    /// The qualified name as written.
    pub(super) name: &'a str,
    /// Names as written and values with their references decoded.
    pub(super) attributes: Vec<(&'a str, Cow<'a, str>)>,
    /// Whether the tag closes itself.
    pub(super) is_empty: bool,
}

/// The pieces of a document, one after the other.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    cursor: Cursor<'a>,
    references: References<'a>,
    manner: Manner,
    no_comment_end: bool,
    /// The last end of a CDATA section that was found; `None` if none comes any more.
    cdata_end: Option<usize>,
    no_instruction_end: bool,
    has_doctype: bool,
    attributes_max: usize,
    repairs: u64,
}

/// What was found where markup seems to begin.
enum Markup<'a> {
    Token(Token<'a>),
    /// Something that is passed over.
    Nothing,
    /// It is text after all.
    Text,
    /// The document ends inside a tag.
    Cut,
}

impl<'a> Tokens<'a> {
    /// Of each tag, at most `attributes_max` attributes are read.
    pub(super) fn of(document: &'a str, attributes_max: usize) -> Self {
        Self {
            cursor: Cursor::new(document),
            references: References::default(),
            manner: Manner::of_xml(),
            no_comment_end: false,
            // Nothing was searched yet: an end that lies behind makes the first search.
            cdata_end: Some(0),
            no_instruction_end: false,
            has_doctype: false,
            attributes_max,
            repairs: 0,
        }
    }

    /// How many repairs were needed so far.
    pub(super) fn repairs(&self) -> u64 {
        self.repairs + self.references.repairs
    }

    /// The next piece; `innermost` is the name of the open element, whose end also ends a CDATA
    /// section that is not closed.
    pub(super) fn next(&mut self, innermost: &str) -> Option<Token<'a>> {
        while self.cursor.peek().is_some() {
            if !begins_markup(self.cursor.rest().as_bytes()) {
                return Some(self.text());
            }
            match self.markup(innermost) {
                Markup::Token(token) => return Some(token),
                Markup::Nothing => {}
                Markup::Text => return Some(self.text()),
                Markup::Cut => {
                    self.repairs += 1;
                    self.cursor.finish();
                }
            }
        }
        None
    }

    /// Text up to where markup begins; its first character is text in any case.
    fn text(&mut self) -> Token<'a> {
        let from = self.cursor.at();
        self.repairs += u64::from(self.cursor.peek() == Some(b'<'));
        self.cursor.advance(1);
        while self.cursor.take_to(b'<').is_some() {
            if begins_markup(self.cursor.rest().as_bytes()) {
                return self.decoded(from);
            }
            self.repairs += 1;
            self.cursor.advance(1);
        }
        self.cursor.finish();
        self.decoded(from)
    }

    fn decoded(&mut self, from: usize) -> Token<'a> {
        let text = self.cursor.between(from, self.cursor.at());
        Token::Text(self.references.decoded(text))
    }

    fn markup(&mut self, innermost: &str) -> Markup<'a> {
        let rest = self.cursor.rest();
        if rest.starts_with("<!--") {
            let closed = !self.no_comment_end && self.skip_past("-->");
            self.no_comment_end |= !closed;
            self.close_at_tag(closed);
        } else if rest.starts_with(CDATA) {
            return Markup::Token(Token::Cdata(self.cdata(innermost)));
        } else if rest.starts_with("<!") {
            self.declaration();
        } else if rest.starts_with("<?") {
            // An XML declaration holds no bracket, so that its missing `?` is easily done without.
            let is_declaration = rest.starts_with("<?xml ");
            let closed = if is_declaration {
                self.skip_past(">")
            } else {
                let closed = !self.no_instruction_end && self.skip_past("?>");
                self.no_instruction_end |= !closed;
                closed
            };
            self.close_at_tag(closed);
        } else if rest.starts_with("</") {
            return Markup::Token(Token::End(self.end_tag()));
        } else {
            return self.start_tag();
        }
        Markup::Nothing
    }

    /// Goes behind the next place where `end` stands; false if there is none.
    fn skip_past(&mut self, end: &str) -> bool {
        let found = memmem::find(self.cursor.rest().as_bytes(), end.as_bytes());
        if let Some(at) = found {
            self.cursor.advance(at + end.len());
        }
        found.is_some()
    }

    /// Ends before the next `<` what was not closed as it should be.
    fn close_at_tag(&mut self, closed: bool) {
        if !closed {
            self.repairs += 1;
            self.cursor.advance(1);
            if self.cursor.take_to(b'<').is_none() {
                self.cursor.finish();
            }
        }
    }

    /// The content of a CDATA section.
    ///
    /// Where the next section begins before this one ends and the parent is closed in between,
    /// the end found is that of the other section.
    fn cdata(&mut self, innermost: &str) -> &'a str {
        self.cursor.advance(CDATA.len());
        let rest = self.cursor.rest();
        let end = self.cdata_end(rest);
        let content = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
        let next = end.and_then(|_| memmem::find(content.as_bytes(), CDATA.as_bytes()));
        let doubtful = match (end, next) {
            (Some(_), None) => "",
            (Some(_), Some(next)) => content.get(..next).unwrap_or_default(),
            (None, _) => rest,
        };
        let parent_end = format!("</{innermost}");
        if let Some(cut) = memmem::find(doubtful.as_bytes(), parent_end.as_bytes()) {
            self.repairs += 1;
            self.cursor.advance(cut);
            return rest.get(..cut).unwrap_or_default();
        }
        self.repairs += u64::from(end.is_none());
        self.cursor.advance(content.len().saturating_add("]]>".len()));
        content
    }

    /// Where the next CDATA section ends, from here; remembered, since sections may share it.
    fn cdata_end(&mut self, rest: &str) -> Option<usize> {
        let at = self.cursor.at();
        if self.cdata_end.is_some_and(|end| end < at) {
            self.cdata_end = memmem::find(rest.as_bytes(), b"]]>").map(|end| at + end);
        }
        self.cdata_end.map(|end| end - at)
    }

    /// Passes over a document type or another declaration.
    fn declaration(&mut self) {
        let rest = self.cursor.rest();
        let bracket = rest.find('>').unwrap_or(rest.len());
        let subset = rest.get(..bracket).and_then(|head| head.find('['));
        if let Some(open) = subset.filter(|_| !self.has_doctype) {
            // Read once: a document that repeats its type would be read once for each.
            self.has_doctype = true;
            let mut end = *rest.get(open..).as_ref().unwrap_or(&"");
            while let Some((_, behind)) = end.split_once(']') {
                if let Some(behind) = behind.trim_start().strip_prefix('>') {
                    let length = rest.len() - behind.len();
                    self.references.declare(rest.get(open..length).unwrap_or_default());
                    self.cursor.advance(length);
                    return;
                }
                end = behind;
            }
        }
        self.cursor.advance(bracket + 1);
    }

    fn end_tag(&mut self) -> &'a str {
        self.cursor.advance("</".len());
        let name = self.cursor.take_while(is_in_name);
        self.cursor.take_while(|byte| !matches!(byte, b'>' | b'<'));
        if self.cursor.peek() == Some(b'>') {
            self.cursor.advance(1);
        } else {
            self.repairs += 1;
        }
        name
    }

    fn start_tag(&mut self) -> Markup<'a> {
        let (start, repairs) = (self.cursor, self.repairs);
        self.cursor.advance(1);
        let name = self.cursor.take_while(is_in_name);
        let mut attributes = Vec::new();
        let mut has_values = false;
        let is_empty = loop {
            match attributes::step(&mut self.cursor, &mut self.manner) {
                Step::End { is_empty } => break is_empty,
                Step::Cut => return Markup::Cut,
                Step::Broken if !has_values => {
                    // Words between two brackets: `a <b and c</title>`.
                    (self.cursor, self.repairs) = (start, repairs);
                    return Markup::Text;
                }
                Step::Broken => {
                    self.repairs += 1;
                    break false;
                }
                Step::Attribute(attribute) => {
                    has_values |= attribute.value.is_some();
                    self.repairs += u64::from(!attribute.is_sound);
                    if attributes.len() < self.attributes_max {
                        let value = attribute.value.unwrap_or_default();
                        attributes.push((attribute.name, self.references.decoded(value)));
                    } else {
                        self.repairs += 1;
                    }
                }
            }
        };
        Markup::Token(Token::Start(StartTag { name, attributes, is_empty }))
    }
}

/// Whether bytes begin a tag, a comment, a declaration or an instruction.
fn begins_markup(bytes: &[u8]) -> bool {
    match bytes {
        [b'<', b'?', ..] => true,
        [b'<', b'!', rest @ ..] => DECLARATIONS.iter().any(|word| {
            rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
        }),
        [b'<', b'/', byte, ..] | [b'<', byte, ..] => begins_name(*byte),
        _ => false,
    }
}

/// What may follow `<!`.
const DECLARATIONS: [&str; 6] = ["--", "[CDATA[", "DOCTYPE", "ENTITY", "ELEMENT", "ATTLIST"];

#[cfg(test)]
mod tests;
