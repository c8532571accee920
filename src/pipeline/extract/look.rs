//! Looks at a page as a reader does who decides at a glance whether there is an article on it.

use scraper::{ElementRef, Html};

use super::facts::Facts;
use crate::text::html;

/// The most bytes of text that are looked at: what stands in an article's place is short.
const LOOK_MAX_BYTES: usize = 16 << 10;

/// Ids of the empty elements that frameworks fill by script.
const MOUNTS: &[&str] =
    &["root", "app", "__next", "__nuxt", "___gatsby", "main-app", "react-root", "svelte"];

/// What a page shows and says beside its article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The titles the page gives itself.
    pub titles: Vec<String>,
    /// The visible lines of the page, from its beginning; not all of a long page.
    pub lines: Vec<String>,
    /// What the page says to readers without scripts.
    pub without_scripts: Vec<String>,
    /// Whether an element is there that only a script fills.
    pub is_mount_empty: bool,
    /// Whether the page asks for a password.
    pub asks_password: bool,
    /// Whether the page says to machines that one has to pay for it.
    pub is_paid: bool,
}

impl Look {
    pub(super) fn of(tree: &Html, facts: &Facts, visible: &[String]) -> Self {
        let mut look =
            Self { titles: facts.titles.clone(), is_paid: facts.is_paid, ..Self::default() };
        for element in tree.tree.nodes().filter_map(ElementRef::wrap) {
            look.take(element);
        }
        let mut room = LOOK_MAX_BYTES;
        for line in visible {
            let Some(left) = room.checked_sub(line.len()) else { break };
            room = left;
            look.lines.push(line.clone());
        }
        look
    }

    fn take(&mut self, element: ElementRef<'_>) {
        match element.value().name() {
            "noscript" => {
                let text: String = element.text().take(8).collect();
                if text.len() <= LOOK_MAX_BYTES {
                    self.without_scripts.push(html::plain_text(&text));
                }
            }
            "input" => {
                let kind = element.attr("type").unwrap_or_default();
                self.asks_password |= kind.eq_ignore_ascii_case("password");
            }
            "div" => {
                let is_mount = element.attr("id").is_some_and(|id| MOUNTS.contains(&id));
                self.is_mount_empty |= is_mount
                    && element.children().all(|child| {
                        child.value().as_text().is_some_and(|text| text.trim().is_empty())
                    });
            }
            _ => {}
        }
    }
}
