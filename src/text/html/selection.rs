//! Lets an operator say where on a stubborn site's pages the article stands, and what does not
//! belong to it.

use scraper::{ElementRef, Html, Selector};

use super::lines_of;

/// What an operator selected of the pages of a feed; by default nothing, and the extractor decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    select: Option<Selector>,
    remove: Option<Selector>,
}

/// A text that is no CSS selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no CSS selector")]
pub struct SelectorFault(pub String);

impl Selection {
    /// Compiles CSS selectors: of the elements that hold the article, and of those that do not
    /// belong to it.
    ///
    /// # Errors
    /// When one of them is no selector.
    pub fn of(select: &[String], remove: &[String]) -> Result<Self, SelectorFault> {
        Ok(Self { select: compiled(select)?, remove: compiled(remove)? })
    }

    /// Takes out of a page what does not belong to the article; whether there was anything.
    pub fn prune(&self, tree: &mut Html) -> bool {
        let Some(selector) = &self.remove else { return false };
        let unwanted: Vec<_> = tree.select(selector).map(|element| element.id()).collect();
        for id in &unwanted {
            if let Some(mut node) = tree.tree.get_mut(*id) {
                node.detach();
            }
        }
        !unwanted.is_empty()
    }

    /// The lines of the selected elements, in the order of the page; `None` if nothing is selected,
    /// or nothing of it stands on the page.
    #[must_use]
    pub fn lines(&self, tree: &Html) -> Option<Vec<String>> {
        let selector = self.select.as_ref()?;
        let is_inside_another = |element: &ElementRef<'_>| {
            element.ancestors().filter_map(ElementRef::wrap).any(|outer| selector.matches(&outer))
        };
        let selected = tree.select(selector).filter(|element| !is_inside_another(element));
        let lines: Vec<String> = selected.flat_map(lines_of).collect();
        (!lines.is_empty()).then_some(lines)
    }
}

fn compiled(selectors: &[String]) -> Result<Option<Selector>, SelectorFault> {
    // One by one, so that the fault names the one at fault.
    for selector in selectors {
        Selector::parse(selector).map_err(|_| SelectorFault(selector.clone()))?;
    }
    if selectors.is_empty() {
        return Ok(None);
    }
    let all = selectors.join(", ");
    Selector::parse(&all).map(Some).map_err(|_| SelectorFault(all.clone()))
}
