//! Tells step by step how a link was followed, and what it waits for: for people, without the network.

use chrono::{DateTime, Utc};

use super::redirector;
use super::unwrap::{self, Wrappers};
use crate::model::Asks;
use crate::store::{ResolvedLink, Store, StoreError};

/// A step on the way from a link to its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The link says itself where it leads.
    Unwrapped {
        /// The rule that reads it.
        rule: String,
        /// Where it leads.
        target: String,
    },
    /// Somebody was asked, and the answer is remembered.
    Remembered {
        /// Who was asked.
        rule: String,
        /// What was said.
        target: String,
        /// When.
        asked_at: DateTime<Utc>,
    },
    /// Somebody must be asked.
    Waits {
        /// Who.
        asks: Asks,
        /// The rule that says so; for Google the handle that identifies the target.
        what: String,
        /// What is known of it: tries in vain, if any.
        known: Option<ResolvedLink>,
    },
}

/// The steps from `link` as far as it leads, and the address reached. Without a store nothing is
/// remembered.
///
/// # Errors
/// When the store fails.
pub async fn explain(
    link: &str,
    wrappers: &Wrappers,
    store: Option<&dyn Store>,
    hops_max: usize,
) -> Result<(Vec<Step>, String), StoreError> {
    let mut steps = Vec::new();
    let mut target = link.to_owned();
    for _ in 0..=hops_max {
        let unwrapped = unwrap::unwrap(&target, wrappers);
        let layers = unwrapped.rules.into_iter().zip(unwrapped.through);
        steps.extend(layers.map(|(rule, target)| Step::Unwrapped { rule, target }));
        target = unwrapped.target;
        let (asks, what, handle) = match (unwrapped.pending, redirector(&target, wrappers)) {
            (Some(pending), _) => (Asks::GoogleNews, pending.handle.clone(), Some(pending.handle)),
            (None, Some((url, redirector))) => {
                target = url.into();
                (Asks::Redirector, redirector.id.clone(), None)
            }
            (None, None) => return Ok((steps, target)),
        };
        let known = match store {
            Some(store) => store.resolved_link(&target, handle.as_deref()).await?,
            None => None,
        };
        match known {
            Some(ResolvedLink { target: Some(next), asked_at, .. }) => {
                let rule = if handle.is_some() { "google-news-asked".to_owned() } else { what };
                steps.push(Step::Remembered { rule, target: next.clone(), asked_at });
                target = next;
            }
            known => {
                steps.push(Step::Waits { asks, what, known });
                return Ok((steps, target));
            }
        }
    }
    Ok((steps, target))
}
