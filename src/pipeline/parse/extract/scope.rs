//! Knows what holds where an element stands: the base of its addresses, its dialect, the limits.

use std::cell::Cell;
use std::rc::Rc;

use url::Url;

use super::super::tree::Element;
use super::super::{Limits, relative};
use crate::model::FeedFormat;

/// What holds for the elements of one part of the document.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    base: Option<Rc<Url>>,
    /// Whether prose follows the rules of Atom.
    pub(super) is_atom: bool,
    /// The longest field that is kept, in bytes.
    pub(super) field_max_bytes: usize,
    cuts: Rc<Cell<u64>>,
}

impl Scope {
    pub(super) fn of_document(base: Option<&Url>, format: FeedFormat, limits: &Limits) -> Self {
        Self {
            base: base.map(|base| Rc::new(base.clone())),
            is_atom: format == FeedFormat::Atom,
            field_max_bytes: limits.field_max_bytes,
            cuts: Rc::default(),
        }
    }

    /// What holds inside an element.
    pub(super) fn inside(&self, element: Element<'_, '_>) -> Self {
        let base = element.attribute("xml:base").and_then(|base| relative::base(self.base(), base));
        let base = base.map(Rc::new).or_else(|| self.base.clone());
        Self { base, ..self.clone() }
    }

    pub(super) fn base(&self) -> Option<&Url> {
        self.base.as_deref()
    }

    /// The address that is written somewhere in the element.
    pub(super) fn address(&self, element: Element<'_, '_>, written: &str) -> String {
        match element.attribute("xml:base") {
            Some(_) => relative::address(self.inside(element).base(), written),
            None => relative::address(self.base(), written),
        }
    }

    /// A field within the limit; a cut is counted.
    pub(super) fn cut(&self, mut field: String) -> String {
        if field.len() > self.field_max_bytes {
            field.truncate(field.floor_char_boundary(self.field_max_bytes));
            self.cuts.set(self.cuts.get() + 1);
        }
        field
    }

    /// How many fields were cut so far.
    pub(super) fn cuts(&self) -> u64 {
        self.cuts.get()
    }
}
