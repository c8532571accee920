//! Tells words that stand under several headlines of one publisher from an article's text.
//!
//! A consent page, a notice to subscribers or "our site has moved" comes back under each headline of
//! its host. Such words identify nothing: who brings them is held, and so is the article that had
//! them for its text. A long text under two headlines is a story told in two places.

use super::{fingerprint, of_one_publisher, title};
use crate::model::{ArticleId, Candidate, CanonicalUrl, Known, TextHolder};

/// Longer texts, in words, are articles whatever their headlines.
const SHARED_BELOW_WORDS: usize = 200;

/// Of shorter texts, in words, two headlines are enough.
const NOTICE_BELOW_WORDS: usize = 80;

/// How many headlines longer ones stand under.
const HEADLINES_MIN: usize = 3;

/// The article that has the candidate's text for its own although it is no article's.
pub(super) fn disowned(candidate: &Candidate, known: &Known) -> Option<ArticleId> {
    let words = fingerprint(candidate)?.words;
    let TextHolder { article, titles } = known.same_text.as_ref()?;
    let by_another_sign = (known.same_entry.iter().map(|sighting| &sighting.article))
        .chain(&known.same_url)
        .any(|known| known.id == article.id);
    let url = candidate.url.as_ref().map(CanonicalUrl::as_str);
    if by_another_sign
        || words >= SHARED_BELOW_WORDS
        || !of_one_publisher(url, article.url.as_deref())
    {
        return None;
    }
    let mut headlines: Vec<&str> = Vec::new();
    for headline in titles.iter().map(String::as_str).chain([candidate.title.as_str()]) {
        if !headlines.iter().any(|other| !title::differ(headline, other)) {
            headlines.push(headline);
        }
    }
    let least = if words < NOTICE_BELOW_WORDS { 2 } else { HEADLINES_MIN };
    (headlines.len() >= least).then_some(article.id)
}
