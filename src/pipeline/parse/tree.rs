//! Holds the elements and texts of a document, as the repair left them.

use std::borrow::Cow;

use super::names::Space;

/// The document itself, parent of the root.
pub(super) const DOCUMENT: NodeId = NodeId(0);

/// The elements and texts of a document.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
    /// How many faults were repaired.
    pub(super) repairs: u64,
    /// How many entries were left out because of the limit.
    pub(super) entries_cut: usize,
    /// The entry in which the document ends.
    pub(super) cut_short: Option<NodeId>,
}

/// A node of one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeId(u32);

/// The name of an element.
#[derive(Debug, Clone)]
pub(super) struct Name<'a> {
    pub(super) space: Space,
    /// The local part in lower case.
    pub(super) local: Cow<'a, str>,
    /// The qualified name as written.
    pub(super) written: &'a str,
}

#[derive(Debug)]
struct Node<'a> {
    content: Content<'a>,
    parent: u32,
    /// Zero for none: the document is nobody's child.
    first_child: u32,
    last_child: u32,
    next: u32,
}

#[derive(Debug)]
enum Content<'a> {
    Element { name: Name<'a>, attributes_from: u32, attributes_to: u32 },
    Text(Cow<'a, str>),
    Cdata(&'a str),
}

/// What a walk through an element meets.
#[derive(Debug)]
pub(super) enum Met<'t, 'a> {
    Open(Element<'t, 'a>),
    Close(Element<'t, 'a>),
    Text(&'t str),
    Cdata(&'t str),
}

impl<'a> Tree<'a> {
    pub(super) fn new() -> Self {
        let name = Name { space: Space::Other, local: Cow::Borrowed(""), written: "" };
        let document = Content::Element { name, attributes_from: 0, attributes_to: 0 };
        let mut tree = Self {
            nodes: Vec::new(),
            attributes: Vec::new(),
            repairs: 0,
            entries_cut: 0,
            cut_short: None,
        };
        tree.nodes.push(Node {
            content: document,
            parent: DOCUMENT.0,
            first_child: 0,
            last_child: 0,
            next: 0,
        });
        tree
    }

    /// The document, parent of the root.
    #[cfg(test)]
    pub(super) fn document(&self) -> Element<'_, 'a> {
        Element { tree: self, id: DOCUMENT }
    }

    /// How many nodes and attributes there are.
    pub(super) fn size(&self) -> usize {
        self.nodes.len() + self.attributes.len()
    }

    /// The elements in document order.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element<'_, 'a>> {
        let ids = (1..).map(NodeId).take(self.nodes.len().saturating_sub(1));
        ids.map(|id| Element { tree: self, id }).filter(|element| element.name().is_some())
    }

    /// Adds an element as the last child.
    pub(super) fn add_element(
        &mut self,
        parent: NodeId,
        name: Name<'a>,
        attributes: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    ) -> NodeId {
        let attributes_from = index(self.attributes.len());
        self.attributes.extend(attributes);
        let attributes_to = index(self.attributes.len());
        self.add(parent, Content::Element { name, attributes_from, attributes_to })
    }

    /// Adds a text as the last child.
    pub(super) fn add_text(&mut self, parent: NodeId, text: Cow<'a, str>) {
        self.add(parent, Content::Text(text));
    }

    /// Adds the content of a CDATA section as the last child.
    pub(super) fn add_cdata(&mut self, parent: NodeId, text: &'a str) {
        self.add(parent, Content::Cdata(text));
    }

    fn add(&mut self, parent: NodeId, content: Content<'a>) -> NodeId {
        let id = index(self.nodes.len());
        self.nodes.push(Node { content, parent: parent.0, first_child: 0, last_child: 0, next: 0 });
        let elder = self.node(parent).last_child;
        if let Some(parent) = self.nodes.get_mut(parent.0 as usize) {
            parent.last_child = id;
            if elder == 0 {
                parent.first_child = id;
            }
        }
        if elder != 0
            && let Some(elder) = self.nodes.get_mut(elder as usize)
        {
            elder.next = id;
        }
        NodeId(id)
    }

    fn node(&self, id: NodeId) -> &Node<'a> {
        self.nodes.get(id.0 as usize).expect("an id comes from the tree, which never shrinks")
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("the size is bounded far below 2^32 while the tree is built")
}

/// An element of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'t, 'a> {
    tree: &'t Tree<'a>,
    id: NodeId,
}

impl<'t, 'a> Element<'t, 'a> {
    pub(super) fn id(self) -> NodeId {
        self.id
    }

    fn node(self) -> &'t Node<'a> {
        self.tree.node(self.id)
    }

    /// The name; `None` for a text.
    pub(super) fn name(self) -> Option<&'t Name<'a>> {
        match &self.node().content {
            Content::Element { name, .. } => Some(name),
            Content::Text(_) | Content::Cdata(_) => None,
        }
    }

    /// The vocabulary and the local name in lower case, to be matched.
    pub(super) fn key(self) -> (Space, &'t str) {
        self.name().map_or((Space::Other, ""), |name| (name.space, &*name.local))
    }

    /// Whether this is the element of that name in the feed's own vocabulary.
    pub(super) fn is(self, local: &str) -> bool {
        self.key() == (Space::Feed, local)
    }

    pub(super) fn parent(self) -> Self {
        Self { tree: self.tree, id: NodeId(self.node().parent) }
    }

    /// The attributes as written.
    pub(super) fn attributes(self) -> &'t [(&'a str, Cow<'a, str>)] {
        match self.node().content {
            Content::Element { attributes_from, attributes_to, .. } => {
                let range = attributes_from as usize..attributes_to as usize;
                self.tree.attributes.get(range).unwrap_or_default()
            }
            Content::Text(_) | Content::Cdata(_) => &[],
        }
    }

    /// The value of an attribute, by its qualified name in any case, without white space around.
    pub(super) fn attribute(self, name: &str) -> Option<&'t str> {
        let mut attributes = self.attributes().iter();
        attributes
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    fn nodes(self) -> impl Iterator<Item = Self> + use<'t, 'a> {
        let tree = self.tree;
        let child = move |id: u32| (id != 0).then_some(Self { tree, id: NodeId(id) });
        std::iter::successors(child(self.node().first_child), move |node| child(node.node().next))
    }

    /// The child elements.
    pub(super) fn children(self) -> impl Iterator<Item = Self> + use<'t, 'a> {
        self.nodes().filter(|node| node.name().is_some())
    }

    pub(super) fn has_children(self) -> bool {
        self.children().next().is_some()
    }

    /// Whether there is nothing inside.
    pub(super) fn is_empty(self) -> bool {
        self.node().first_child == 0
    }

    /// Whether there is text between the child elements.
    pub(super) fn has_own_text(self) -> bool {
        self.nodes().any(|node| match &node.node().content {
            Content::Element { .. } => false,
            Content::Text(text) => !text.trim().is_empty(),
            Content::Cdata(text) => !text.trim().is_empty(),
        })
    }

    /// All text in the element, borrowed where it is one piece; beyond `max_bytes` it may be cut.
    pub(super) fn text(self, max_bytes: usize) -> Cow<'t, str> {
        let mut pieces = self.walk().filter_map(|met| match met {
            Met::Text(text) | Met::Cdata(text) => Some(text),
            Met::Open(_) | Met::Close(_) => None,
        });
        let Some(first) = pieces.next() else { return Cow::Borrowed("") };
        let mut all = Cow::Borrowed(first);
        for piece in pieces {
            if all.len() > max_bytes {
                break;
            }
            all.to_mut().push_str(piece);
        }
        all
    }

    /// Everything inside the element in document order, without recursion.
    pub(super) fn walk(self) -> impl Iterator<Item = Met<'t, 'a>> {
        let inside = move |id: u32| (id != 0).then_some(Self { tree: self.tree, id: NodeId(id) });
        let mut next = inside(self.node().first_child);
        let mut leaving: Option<Self> = None;
        std::iter::from_fn(move || {
            if let Some(node) = leaving.take() {
                // The element was opened before and all of it was met.
                next = inside(node.node().next);
                if next.is_none() && node.parent().id != self.id {
                    leaving = Some(node.parent());
                }
                return Some(Met::Close(node));
            }
            let node = next.take()?;
            let follow = |node: Self| (inside(node.node().next), node.parent());
            match &node.node().content {
                Content::Element { .. } => {
                    next = inside(node.node().first_child);
                    leaving = next.is_none().then_some(node);
                    Some(Met::Open(node))
                }
                text => {
                    let (sibling, parent) = follow(node);
                    next = sibling;
                    leaving = (next.is_none() && parent.id != self.id).then_some(parent);
                    Some(match text {
                        Content::Cdata(text) => Met::Cdata(text),
                        Content::Text(text) => Met::Text(text),
                        Content::Element { .. } => return None,
                    })
                }
            }
        })
    }
}
