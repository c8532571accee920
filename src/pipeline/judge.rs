//! Decides what an entry is: a new article, or one that is known, and which of its parts count.
//!
//! # Order
//!
//! Five signs are asked, the surest first: the same entry of the same feed, the same address, the
//! same text, nearly the same text, the same headline where one side has no text. The first that
//! points at an article with a text decides; if all they point at is held articles, the first of
//! these does. So an entry that was held, and turns out to be a copy, joins the article that has the
//! text. What a person decided goes before every sign.
//!
//! # Caution
//!
//! A false merge is worse than a missed one. Texts are compared with the text of an article and with
//! those few copies of it that were kept because they differ much from it, never by way of a third
//! text that is gone: chains of almost-copies join what has nothing in common. Two articles that both
//! have texts become one only when the text that remains is the text of both. Words that stand under
//! several headlines of one publisher are no article's text (`shared`). An original that an entry names
//! is believed as far as the texts bear it out: some feeds name one page under all of theirs.
//!
//! # Purity
//!
//! A function of its arguments, run inside the store's write transaction, so that two feeds that
//! bring one story at the same moment cannot both be new.

mod compare;
mod near;
mod shared;
mod title;
mod veto;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{
    ArticleId, Candidate, Evidence, Fingerprint, HoldReason, Judgement, Known, Reason, Standing,
    StoredArticle, Text, TextHolder, Verdict,
};
use crate::text::domain::{host_of, same_publisher};

/// A text is a teaser beside another when it has fewer than this many tenths of its words; it never
/// takes the place of the other. A copy that lost its footer or a paragraph stays above.
const TEASER_BELOW_TENTHS: usize = 6;

/// What takes the place of an article's text in its own feed is a notice when it has fewer words than
/// this, and is a teaser beside it.
const NOTICE_BELOW_WORDS: usize = 48;

/// A copy's text is kept beside its article's when less than this much of the shorter one is in the
/// other: copies of that copy would be missed without it.
const VARIANT_BELOW: f64 = 0.80;

/// A copy's text is kept, too, when it has at least this many tenths of its article's words: the
/// article's may be an excerpt of it.
const VARIANT_FROM_TENTHS: usize = 14;

/// By how much earlier a claim must be to make its witness the better one: clocks of servers differ.
const EARLIER_BY: TimeDelta = TimeDelta::minutes(1);

/// No article on the web is older than the web; feeds without dates claim 1970.
const WEB_BEGINS: DateTime<Utc> =
    DateTime::from_timestamp(662_688_000, 0).expect("1991 is in range");

/// Decides what a candidate is, given what the store knows that bears on it.
pub fn judge(candidate: &Candidate, known: &Known) -> Judgement {
    let disowned = shared::disowned(candidate, known);
    if disowned.is_some() || known.text_is_shared && fingerprint(candidate).is_some() {
        return without_text(candidate, known, disowned);
    }
    let mut refused = None;
    match recognised(candidate, known, &mut refused) {
        Some(found) => belonging(candidate, known, &found),
        None if known.deleted => unknown(Verdict::Deleted, Some(because(Reason::Deleted))),
        None if fingerprint(candidate).is_some() => {
            unknown(Verdict::New, belied(known).or(refused))
        }
        None => unknown(Verdict::Held, refused),
    }
}

/// Why a candidate is not the article that it names as its original, if it names one.
fn belied(known: &Known) -> Option<Evidence> {
    known.belied.map(|named| Evidence { article: Some(named), ..because(Reason::OriginalDiffers) })
}

/// Judges a candidate whose words are no article's text by its other signs.
fn without_text(candidate: &Candidate, known: &Known, disowned: Option<ArticleId>) -> Judgement {
    let held = candidate.held(HoldReason::SharedText);
    let known = Known { same_text: None, near: Vec::new(), text_is_shared: false, ..known.clone() };
    let judgement = judge(&held, &known);
    let evidence = match judgement.verdict {
        Verdict::Held => Evidence { article: disowned, ..because(Reason::SharedText) },
        _ => judgement.evidence,
    };
    Judgement { held_for: Some(HoldReason::SharedText), disowned, evidence, ..judgement }
}

/// The article a candidate belongs to, and what showed it.
struct Recognised<'known> {
    verdict: Verdict,
    article: &'known StoredArticle,
    evidence: Evidence,
}

impl<'known> Recognised<'known> {
    fn new(verdict: Verdict, article: &'known StoredArticle, reason: Reason) -> Self {
        Self {
            verdict,
            article,
            evidence: Evidence { article: Some(article.id), ..because(reason) },
        }
    }
}

fn because(reason: Reason) -> Evidence {
    Evidence { reason: Some(reason), ..Evidence::default() }
}

/// Looks for one reason why a candidate should be a known article. What it found and refused, it
/// leaves behind.
type Sign =
    for<'known> fn(&Candidate, &'known Known, &mut Option<Evidence>) -> Option<Recognised<'known>>;

const SIGNS: [Sign; 5] = [same_entry, same_url, same_text, near_text, same_title];

fn recognised<'known>(
    candidate: &Candidate,
    known: &'known Known,
    refused: &mut Option<Evidence>,
) -> Option<Recognised<'known>> {
    let is_decided = known.same_entry.as_ref().is_some_and(|sighting| sighting.is_decided);
    let mut held = None;
    for sign in SIGNS {
        let Some(found) = sign(candidate, known, refused) else {
            continue;
        };
        if is_decided || has_text(found.article) {
            return Some(found);
        }
        held = held.or(Some(found));
    }
    held
}

fn same_entry<'known>(
    candidate: &Candidate,
    known: &'known Known,
    _: &mut Option<Evidence>,
) -> Option<Recognised<'known>> {
    let sighting = known.same_entry.as_ref()?;
    let article = &sighting.article;
    let changed = fingerprint(candidate).is_some_and(|fresh| !is_text_of(fresh, article));
    let verdict = if changed { Verdict::Revised } else { Verdict::Unchanged };
    let reason = if sighting.is_decided { Reason::Decided } else { Reason::SameEntry };
    Some(Recognised::new(verdict, article, reason))
}

fn same_url<'known>(
    _: &Candidate,
    known: &'known Known,
    refused: &mut Option<Evidence>,
) -> Option<Recognised<'known>> {
    let allowed = known.same_url.iter().filter(|article| may_be(article, known, refused));
    let article = allowed.min_by_key(|article| (!has_text(article), article.id))?;
    Some(Recognised::new(Verdict::SameUrl, article, Reason::SameAddress))
}

fn same_text<'known>(
    candidate: &Candidate,
    known: &'known Known,
    refused: &mut Option<Evidence>,
) -> Option<Recognised<'known>> {
    fingerprint(candidate)?;
    let TextHolder { article, .. } = known.same_text.as_ref()?;
    let found = || Recognised::new(Verdict::SameText, article, Reason::SameWords);
    may_be(article, known, refused).then(found)
}

fn near_text<'known>(
    candidate: &Candidate,
    known: &'known Known,
    refused: &mut Option<Evidence>,
) -> Option<Recognised<'known>> {
    let Text::Usable { body, .. } = &candidate.text else {
        return None;
    };
    let nearest = near::nearest(candidate, body, &known.near);
    if let Some((article, evidence)) = nearest.copied
        && may_be(article, known, refused)
    {
        return Some(Recognised { verdict: Verdict::NearText, article, evidence });
    }
    *refused = refused.take().or(nearest.refused);
    None
}

fn same_title<'known>(
    candidate: &Candidate,
    known: &'known Known,
    refused: &mut Option<Evidence>,
) -> Option<Recognised<'known>> {
    match title::same(candidate, known)? {
        Ok(article) => {
            let found = || Recognised::new(Verdict::SameTitle, article, Reason::SameHeadline);
            may_be(article, known, refused).then(found)
        }
        Err(article) => {
            let article = Some(article.id);
            let recurring = Evidence { article, ..because(Reason::RecurringHeadline) };
            *refused = refused.take().or(Some(recurring));
            None
        }
    }
}

/// Whether no person keeps the candidate's entry and an article apart.
fn may_be(article: &StoredArticle, known: &Known, refused: &mut Option<Evidence>) -> bool {
    let is_apart = known.apart.contains(&article.id);
    if is_apart {
        *refused = Some(Evidence { article: Some(article.id), ..because(Reason::DecidedApart) });
    }
    !is_apart
}

fn belonging(candidate: &Candidate, known: &Known, found: &Recognised<'_>) -> Judgement {
    let takes_text = takes_text(candidate, found);
    Judgement {
        verdict: found.verdict,
        article: Some(found.article.id),
        absorbs: absorbed(candidate, known, found.article, takes_text),
        takes_text,
        takes_url: takes_url(candidate, found.article),
        keeps_variant: keeps_variant(candidate, found),
        held_for: None,
        disowned: None,
        evidence: found.evidence.clone(),
    }
}

fn unknown(verdict: Verdict, evidence: Option<Evidence>) -> Judgement {
    Judgement {
        verdict,
        article: None,
        absorbs: Vec::new(),
        takes_text: false,
        takes_url: false,
        keeps_variant: false,
        held_for: None,
        disowned: None,
        evidence: evidence.unwrap_or_default(),
    }
}

/// Whether the candidate's text is to be the article's.
///
/// An entry may change its article's text unless that is the original's and the entry only copies;
/// another witness of the address may mend or lengthen it, but not cut it; a near copy speaks for
/// it only when it is the better witness, or an equal one that came out earlier.
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
        Verdict::Unchanged | Verdict::Revised => {
            (article.copied || !candidate.copied) && !is_a_notice(fresh, article)
        }
        Verdict::SameUrl => brought >= stored && !is_teaser(fresh, article),
        Verdict::NearText => {
            let is_better =
                brought > stored || brought == stored && came_out_earlier(candidate, article);
            is_better && !is_teaser(fresh, article)
        }
        Verdict::SameText
        | Verdict::SameTitle
        | Verdict::New
        | Verdict::Held
        | Verdict::Deleted => false,
    }
}

/// How good a witness of the text someone is: an original before any copy, even before one that
/// knows the article's address better.
fn text_rank(copied: bool, standing: Standing) -> (bool, Standing) {
    (!copied, standing)
}

/// Whether the candidate's address (or its standing, if it is the same) is to be the article's: the
/// better witness is believed, of equal ones with other addresses the one that came out earlier, and
/// any address is better than none. So which of two feeds is read first does not matter.
fn takes_url(candidate: &Candidate, article: &StoredArticle) -> bool {
    match (&candidate.url, &article.url) {
        (Some(brought), Some(stored)) => {
            candidate.standing > article.standing
                || candidate.standing == article.standing
                    && brought.as_str() != stored
                    && candidate.copied <= article.copied
                    && came_out_earlier(candidate, article)
        }
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Whether the candidate claims to have been published before the article, and both claims can be
/// true.
fn came_out_earlier(candidate: &Candidate, article: &StoredArticle) -> bool {
    let possible = |claim: Option<DateTime<Utc>>| claim.filter(|claim| *claim >= WEB_BEGINS);
    match (possible(candidate.published_at), possible(article.published_at)) {
        (Some(brought), Some(stored)) => brought + EARLIER_BY <= stored,
        _ => false,
    }
}

/// Whether the candidate's text is kept beside the article's.
fn keeps_variant(candidate: &Candidate, found: &Recognised<'_>) -> bool {
    let Some(fresh) = fingerprint(candidate) else {
        return false;
    };
    let Some(comparison) = found.evidence.comparison else {
        return false;
    };
    let is_longer =
        fresh.words.saturating_mul(10) >= found.article.words.saturating_mul(VARIANT_FROM_TENTHS);
    comparison.containment < VARIANT_BELOW || is_longer
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
        .chain(known.same_text.iter().map(|holder| &holder.article))
        .chain(title::held(candidate, known))
        .filter(|other| !known.apart.contains(&other.id))
        .filter(|other| !has_text(other) || other.body_sha256.as_ref() == remaining)
        .map(|other| other.id)
        .filter(|id| *id != survivor.id)
        .collect();
    absorbed.sort_unstable();
    absorbed.dedup();
    absorbed
}

/// Whether two addresses are known to be one publisher's.
fn of_one_publisher(left: Option<&str>, right: Option<&str>) -> bool {
    let host = |url: Option<&str>| url.and_then(host_of);
    host(left).zip(host(right)).is_some_and(|(left, right)| same_publisher(&left, &right))
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

/// Whether a text is so short beside the stored one that it says why that is gone, at most.
fn is_a_notice(fresh: &Fingerprint, article: &StoredArticle) -> bool {
    fresh.words < NOTICE_BELOW_WORDS && is_teaser(fresh, article)
}

fn is_teaser(fresh: &Fingerprint, article: &StoredArticle) -> bool {
    fresh.words.saturating_mul(10) < article.words.saturating_mul(TEASER_BELOW_TENTHS)
}

#[cfg(test)]
mod tests;
