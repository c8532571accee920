//! Decides what an entry is: a new article, or one that is known, and which of its parts count.
//!
//! # Order
//!
//! Four signs are asked, the surest first: the same entry of the same feed, the same address, the
//! same text, nearly the same text. The first that points at an article with a text decides; if all
//! they point at is held articles, the first of these does. So an entry that was held, and turns out
//! to be a copy, joins the article that has the text.
//!
//! # Caution
//!
//! A false merge is worse than a missed one. Texts are compared with the stored representative of an
//! article only, never by way of a third text: chains of almost-copies join what has nothing in
//! common. Two articles that both have texts become one only when the text that remains is the text
//! of both.
//!
//! # Purity
//!
//! A function of its arguments, run inside the store's write transaction, so that two feeds that
//! bring one story at the same moment cannot both be new.

mod near;
mod veto;

use crate::model::{
    ArticleId, Candidate, CanonicalUrl, Fingerprint, Judgement, Known, Standing, StoredArticle,
    Text, Verdict,
};

/// A text is a teaser beside another when it has fewer than this many tenths of its words; it never
/// takes the place of the other. A copy that lost its footer or a paragraph stays above.
const TEASER_BELOW_TENTHS: usize = 6;

/// Decides what a candidate is, given what the store knows that bears on it.
pub fn judge(candidate: &Candidate, known: &Known) -> Judgement {
    match recognised(candidate, known) {
        Some(found) => belonging(candidate, known, &found),
        None => unknown(candidate),
    }
}

/// The article a candidate belongs to, and what showed it.
struct Recognised<'known> {
    verdict: Verdict,
    article: &'known StoredArticle,
    similarity: Option<f64>,
}

impl<'known> Recognised<'known> {
    fn new(verdict: Verdict, article: &'known StoredArticle) -> Self {
        Self { verdict, article, similarity: None }
    }
}

/// Looks for one reason why a candidate should be a known article.
type Sign = for<'known> fn(&Candidate, &'known Known) -> Option<Recognised<'known>>;

const SIGNS: [Sign; 4] = [same_entry, same_url, same_text, near_text];

fn recognised<'known>(candidate: &Candidate, known: &'known Known) -> Option<Recognised<'known>> {
    let mut held = None;
    for sign in SIGNS {
        let Some(found) = sign(candidate, known) else {
            continue;
        };
        if has_text(found.article) {
            return Some(found);
        }
        held = held.or(Some(found));
    }
    held
}

fn same_entry<'known>(candidate: &Candidate, known: &'known Known) -> Option<Recognised<'known>> {
    let article = &known.same_entry.as_ref()?.article;
    let changed = fingerprint(candidate).is_some_and(|fresh| !is_text_of(fresh, article));
    let verdict = if changed { Verdict::Revised } else { Verdict::Unchanged };
    Some(Recognised::new(verdict, article))
}

fn same_url<'known>(_: &Candidate, known: &'known Known) -> Option<Recognised<'known>> {
    let article = known.same_url.iter().min_by_key(|article| (!has_text(article), article.id))?;
    Some(Recognised::new(Verdict::SameUrl, article))
}

fn same_text<'known>(candidate: &Candidate, known: &'known Known) -> Option<Recognised<'known>> {
    fingerprint(candidate)?;
    Some(Recognised::new(Verdict::SameText, known.same_text.as_ref()?))
}

fn near_text<'known>(candidate: &Candidate, known: &'known Known) -> Option<Recognised<'known>> {
    let Text::Usable { body, .. } = &candidate.text else {
        return None;
    };
    let url = candidate.url.as_ref().map(CanonicalUrl::as_str);
    let (article, similarity) = near::most_similar(body, url, &known.near)?;
    Some(Recognised { verdict: Verdict::NearText, article, similarity: Some(similarity) })
}

fn belonging(candidate: &Candidate, known: &Known, found: &Recognised<'_>) -> Judgement {
    let takes_text = takes_text(candidate, found);
    Judgement {
        verdict: found.verdict,
        article: Some(found.article.id),
        absorbs: absorbed(candidate, known, found.article, takes_text),
        takes_text,
        takes_url: takes_url(candidate, found.article),
        similarity: found.similarity,
    }
}

fn unknown(candidate: &Candidate) -> Judgement {
    let verdict = if fingerprint(candidate).is_some() { Verdict::New } else { Verdict::Held };
    Judgement {
        verdict,
        article: None,
        absorbs: Vec::new(),
        takes_text: false,
        takes_url: false,
        similarity: None,
    }
}

/// Whether the candidate's text is to be the article's.
///
/// An entry may change its article's text unless that is the original's and the entry only copies;
/// another witness of the address may mend or lengthen it, but not cut it; a near copy speaks for
/// it only when it is the better witness.
fn takes_text(candidate: &Candidate, found: &Recognised<'_>) -> bool {
    let article = found.article;
    let Some(fresh) = fingerprint(candidate) else {
        return false;
    };
    if !has_text(article) {
        return true;
    }
    if is_text_of(fresh, article) {
        return false;
    }
    let brought = text_rank(candidate.copied, candidate.standing);
    let stored = text_rank(article.copied, article.standing);
    match found.verdict {
        Verdict::Unchanged | Verdict::Revised => article.copied || !candidate.copied,
        Verdict::SameUrl => brought >= stored && !is_teaser(fresh, article),
        Verdict::NearText => brought > stored && !is_teaser(fresh, article),
        Verdict::SameText | Verdict::New | Verdict::Held => false,
    }
}

/// How good a witness of the text someone is: an original before any copy, even before one that
/// knows the article's address better.
fn text_rank(copied: bool, standing: Standing) -> (bool, Standing) {
    (!copied, standing)
}

/// Whether the candidate's address (or its standing, if it is the same) is to be the article's: the better witness is believed, and any
/// address is better than none.
fn takes_url(candidate: &Candidate, article: &StoredArticle) -> bool {
    match (&candidate.url, &article.url) {
        (Some(_), Some(_)) => candidate.standing > article.standing,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// The other articles that the candidate proves to be `survivor`: those without a text, and the one
/// whose text the survivor is left with.
fn absorbed(
    candidate: &Candidate,
    known: &Known,
    survivor: &StoredArticle,
    takes_text: bool,
) -> Vec<ArticleId> {
    let fresh = fingerprint(candidate).map(|fresh| &fresh.sha256);
    let remaining = if takes_text { fresh } else { survivor.body_sha256.as_ref() };
    let mut absorbed: Vec<ArticleId> = (known.same_entry.iter().map(|sighting| &sighting.article))
        .chain(&known.same_url)
        .chain(&known.same_text)
        .filter(|other| !has_text(other) || other.body_sha256.as_ref() == remaining)
        .map(|other| other.id)
        .filter(|id| *id != survivor.id)
        .collect();
    absorbed.sort_unstable();
    absorbed.dedup();
    absorbed
}

fn fingerprint(candidate: &Candidate) -> Option<&Fingerprint> {
    match &candidate.text {
        Text::Usable { fingerprint, .. } => Some(fingerprint),
        Text::Unusable { .. } => None,
    }
}

fn has_text(article: &StoredArticle) -> bool {
    article.body_sha256.is_some()
}

fn is_text_of(fresh: &Fingerprint, article: &StoredArticle) -> bool {
    article.body_sha256.as_ref() == Some(&fresh.sha256)
}

fn is_teaser(fresh: &Fingerprint, article: &StoredArticle) -> bool {
    fresh.words.saturating_mul(10) < article.words.saturating_mul(TEASER_BELOW_TENTHS)
}

#[cfg(test)]
mod tests;
