//! Builds a sound tree from the tokens of a document, and counts what had to be repaired.
//!
//! The rules know feeds: an entry never holds an entry, a title never holds a link, and an end tag
//! closes the nearest element of its name or nothing. So one missing end tag costs one repair and
//! not the rest of the document.

mod fields;

use std::borrow::Cow;

use super::Limits;
use super::names::{self, Scopes, Space};
use super::tokens::{StartTag, Token, Tokens};
use super::tree::{self, Name, NodeId, Tree};
use fields::{Kind, VOID, begins_field, begins_no_prose, kind};

/// The most nodes and attributes of a tree: 100 MB of memory. A feed of 5,000 entries has a
/// twentieth of them.
const NODES_MAX: usize = 1 << 20;

/// The tree of a document within the limits.
pub(super) fn tree<'a>(document: &'a str, limits: &Limits) -> Tree<'a> {
    let mut tokens = Tokens::of(document, limits.attributes_max);
    let mut builder = Builder {
        tree: Tree::new(),
        open: Vec::new(),
        scopes: Scopes::default(),
        flattened: 0,
        entries: 0,
        limits: *limits,
    };
    while let Some(token) = tokens.next(builder.innermost()) {
        match token {
            Token::Start(tag) => builder.start(tag),
            Token::End(name) => builder.end(name),
            Token::Text(text) => builder.text(text),
            Token::Cdata(text) => builder.cdata(text),
        }
    }
    builder.finish(tokens.repairs())
}

struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<Frame<'a>>,
    scopes: Scopes<'a>,
    /// How many elements are open beyond the depth that is kept.
    flattened: usize,
    entries: usize,
    limits: Limits,
}

/// An element that is not closed yet.
struct Frame<'a> {
    /// Its name as written.
    name: &'a str,
    /// `None` if it is left out of the tree.
    node: Option<NodeId>,
    /// What to go back to in the scopes when it is closed.
    scopes: usize,
    kind: Kind,
    /// Where the innermost container stands among the open elements, itself included.
    container: Option<usize>,
}

impl<'a> Builder<'a> {
    fn innermost(&self) -> &'a str {
        self.open.last().map_or("", |frame| frame.name)
    }

    /// The node that takes what comes next; `None` if it is left out.
    fn parent(&self) -> Option<NodeId> {
        self.open.last().map_or(Some(tree::DOCUMENT), |frame| frame.node)
    }

    fn start(&mut self, tag: StartTag<'a>) {
        let (prefix, local) = names::split(tag.name);
        let local = if local.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(local.to_ascii_lowercase())
        } else {
            Cow::Borrowed(local)
        };
        let own = tag.attributes.iter().find(|(name, _)| bound_prefix(name) == Some(prefix));
        let space = match own {
            Some((_, uri)) => names::of_binding(prefix, uri),
            None => self.scopes.space(prefix),
        };
        self.make_room(space, &local);
        let is_empty = tag.is_empty || self.is_void(space, &local);
        if self.open.len() >= self.limits.depth_max {
            self.flattened += usize::from(!is_empty);
            self.tree.repairs += 1;
            return;
        }
        let kind = kind(space, &local);
        let frame_scopes = self.scopes.mark();
        for (name, uri) in &tag.attributes {
            if let Some(prefix) = bound_prefix(name) {
                self.scopes.bind(prefix, uri);
            }
        }
        let node = self.room_for(kind).map(|parent| {
            let name = Name { space, local, written: tag.name };
            let attributes = tag.attributes.into_iter();
            let attributes = attributes.filter(|(name, _)| bound_prefix(name).is_none());
            self.tree.add_element(parent, name, attributes)
        });
        if is_empty {
            self.scopes.close(frame_scopes);
            return;
        }
        let is_container = matches!(kind, Kind::Container | Kind::Entry);
        let container = if is_container {
            Some(self.open.len())
        } else {
            self.open.last().and_then(|frame| frame.container)
        };
        self.open.push(Frame { name: tag.name, node, scopes: frame_scopes, kind, container });
    }

    /// The parent of a new element, unless that is left out or a limit is reached.
    fn room_for(&mut self, kind: Kind) -> Option<NodeId> {
        let parent = self.parent()?;
        if kind == Kind::Entry {
            self.entries += 1;
            if self.entries > self.limits.entries_max {
                self.tree.entries_cut += 1;
                return None;
            }
        }
        if self.tree.size() >= NODES_MAX {
            self.tree.repairs += 1;
            return None;
        }
        Some(parent)
    }

    /// Closes what cannot hold the element that begins.
    fn make_room(&mut self, space: Space, local: &str) {
        let keep = if kind(space, local) == Kind::Entry {
            let entry = self.open.iter().rposition(|frame| frame.kind == Kind::Entry);
            entry.or_else(|| self.container().map(|container| container + 1))
        } else {
            self.container().map(|container| container + 1).filter(|field| {
                match self.open.get(*field).map(|frame| frame.kind) {
                    Some(Kind::Simple) => begins_field(space, local),
                    Some(Kind::Prose) => begins_no_prose(space, local),
                    _ => false,
                }
            })
        };
        if let Some(keep) = keep.filter(|keep| *keep < self.open.len()) {
            self.tree.repairs += 1;
            self.flattened = 0;
            self.close(keep);
        }
    }

    fn container(&self) -> Option<usize> {
        self.open.last()?.container
    }

    /// Whether an element of HTML stands in a field and never has content.
    fn is_void(&self, space: Space, local: &str) -> bool {
        let is_html = matches!(space, Space::Feed | Space::Xhtml) && VOID.contains(&local);
        is_html && self.container().is_some_and(|container| container + 1 < self.open.len())
    }

    fn end(&mut self, name: &str) {
        if self.flattened > 0 {
            self.flattened -= 1;
            return;
        }
        let of_name = |frame: &Frame<'_>| frame.name.eq_ignore_ascii_case(name);
        match self.open.iter().rposition(of_name) {
            Some(keep) => {
                self.tree.repairs += u64::from(keep + 1 < self.open.len());
                self.close(keep);
            }
            None if VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) => {}
            None => self.tree.repairs += 1,
        }
    }

    /// Closes all open elements but the first ones.
    fn close(&mut self, keep: usize) {
        if let Some(frame) = self.open.get(keep) {
            self.scopes.close(frame.scopes);
            self.open.truncate(keep);
        }
    }

    fn text(&mut self, text: Cow<'a, str>) {
        if let Some(parent) = self.room_for_text() {
            self.tree.add_text(parent, text);
        }
    }

    fn cdata(&mut self, text: &'a str) {
        if let Some(parent) = self.room_for_text() {
            self.tree.add_cdata(parent, text);
        }
    }

    /// The element that takes a text; containers have no text of their own.
    fn room_for_text(&mut self) -> Option<NodeId> {
        let frame = self.open.last()?;
        if matches!(frame.kind, Kind::Container | Kind::Entry) {
            return None;
        }
        self.room_for(Kind::Any)
    }

    fn finish(mut self, repairs: u64) -> Tree<'a> {
        self.tree.repairs += repairs + u64::from(!self.open.is_empty());
        let entry = self.open.iter().rfind(|frame| frame.kind == Kind::Entry);
        self.tree.cut_short = entry.and_then(|frame| frame.node);
        self.tree
    }
}

/// The prefix that an attribute binds, if it binds one.
fn bound_prefix(attribute: &str) -> Option<&str> {
    match attribute.strip_prefix("xmlns")? {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Met;
    use super::*;

    fn limits() -> Limits {
        Limits { entries_max: 2, depth_max: 8, ..Limits::default() }
    }

    /// The tree in one line.
    fn drawn(document: &str) -> (String, u64) {
        let tree = tree(document, &limits());
        let mut line = String::new();
        for met in tree.document().walk() {
            match met {
                Met::Open(element) => {
                    line.push_str(element.key().1);
                    line.push('(');
                }
                Met::Close(_) => line.push(')'),
                Met::Text(text) | Met::Cdata(text) => line.push_str(text.trim()),
            }
        }
        (line, tree.repairs)
    }

    fn check(document: &str, expected: &str, repairs: u64) {
        assert_eq!(drawn(document), (expected.to_owned(), repairs), "{document}");
    }

    #[test]
    fn sound_documents_stay_as_they_are() {
        check(
            "<rss><channel><item><title>A</title><x:y z='1'/></item> </channel></rss>",
            "rss(channel(item(title(A)y())))",
            0,
        );
        check(
            "<entry><content><p>a<br/>b<br></br>c</p></content></entry>",
            "entry(content(p(abr()bbr()c)))",
            0,
        );
        check("", "", 0);
    }

    #[test]
    fn an_entry_never_holds_an_entry() {
        check("<channel><item><title>A</title><item>", "channel(item(title(A))item())", 2);
        check("<feed><title>F<entry></entry></feed>", "feed(title(F)entry())", 1);
        check(
            "<channel><item><description>x<b>y<item>",
            "channel(item(description(xb(y)))item())",
            2,
        );
    }

    #[test]
    fn a_field_that_is_not_closed_ends_where_the_next_begins() {
        check("<item><title>A<link>B</link></item>", "item(title(A)link(B))", 1);
        check(
            "<item><description>A<b>c<pubDate>B</pubDate></item>",
            "item(description(Ab(c))pubdate(B))",
            1,
        );
        check(
            "<item><description>A<title>b</title></description></item>",
            "item(description(Atitle(b)))",
            0,
        );
        check(
            "<entry><source><title>A</title><id>B</id></source></entry>",
            "entry(source(title(A)id(B)))",
            0,
        );
        check("<entry><author><name>A</name></author></entry>", "entry(author(name(A)))", 0);
        check("<entry><title><div><a>A</a></div></title></entry>", "entry(title(div(a(A))))", 0);
    }

    #[test]
    fn an_end_tag_closes_the_nearest_of_its_name_or_nothing() {
        check("<item><title>A</Title><link>B</link></item>", "item(title(A)link(B))", 0);
        check("<item><description><b>A</description></item>", "item(description(b(A)))", 1);
        check("<item></b></item>", "item()", 1);
        check(
            "<item><description>a<br>b<IMG src='x'>c</description></item>",
            "item(description(abr()bimg()c))",
            0,
        );
    }

    #[test]
    fn what_nests_too_deep_is_flattened() {
        let deep = format!("<item>{}x{}</item>", "<g>".repeat(50), "</g>".repeat(50));
        check(&deep, "item(g(g(g(g(g(g(g(x))))))))", 43);
        let open = format!("<channel><item>{}x<item>y", "<g>".repeat(50));
        check(&open, "channel(item(g(g(g(g(g(g(x)))))))item())", 46);
    }

    #[test]
    fn entries_beyond_the_limit_are_counted_and_left_out() {
        let tree = tree("<rss><item/><item></item><item><a>b</a></item><item/></rss>", &limits());
        assert_eq!((tree.entries_cut, tree.elements().count()), (2, 3));
    }

    #[test]
    fn the_entry_that_is_cut_short_is_known() {
        let tree = tree("<rss><item></item><item><title>A", &limits());
        let last = tree.elements().filter(|element| element.is("item")).last().unwrap();
        assert_eq!(tree.cut_short, Some(last.id()));
    }
}
