//! Names what stands between a link and its target, and until when.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ArticleId;

/// Why a link does not say yet where it leads, and when that is asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// What identifies the target: equal handles lead to equal targets.
    pub handle: String,
    /// Whose answer it waits for.
    pub asks: Asks,
    /// How often in a row that was asked in vain.
    pub tries: u32,
    /// What went wrong the last time; `None` if it has not been asked.
    pub error: Option<String>,
    /// When it is asked next; `None` once it has been given up.
    pub next_try_at: Option<DateTime<Utc>>,
}

/// Whose answer a link waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// A redirector's: where its link leads.
    Redirector,
    /// Google's: what its opaque token stands for.
    GoogleNews,
    /// The publisher's: the link is resolved, and the article's page is still to be read.
    Page,
}

impl Asks {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Redirector, Self::GoogleNews, Self::Page];

    /// The word stored in the database and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redirector => "redirector",
            Self::GoogleNews => "google-news",
            Self::Page => "page",
        }
    }
}

/// What becomes of an article, one of whose links has been resolved, and of the one that stands
/// under the address it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mending {
    /// There is no other, or the two stay apart.
    Alone,
    /// The other is merged into the article.
    Absorbs(ArticleId),
    /// The article is merged into the other.
    JoinedTo(ArticleId),
}
