//! Tells whether two entries are one article by their headline, where one of them has no text.
//!
//! Google News, alerts and teaser feeds bring headlines without a usable text. A headline is the
//! publisher's own article when the publisher is the same (the store looks up only those) and the
//! words are the same within three days. A headline that comes back, as that of a daily briefing, a
//! live blog or a weather page does, joins nothing but what is of the same half day.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Candidate, Known, StoredArticle, Text, TitledArticle};
use crate::text::tokens::tokens;

/// How far apart one headline may stand over one article.
const APART_MAX: TimeDelta = TimeDelta::days(3);

/// From how far apart on two articles under one headline show that it comes back: a daily item
/// moves by a few hours from day to day.
const COMES_BACK_AFTER: TimeDelta = TimeDelta::hours(16);

/// How far apart a headline that comes back may stand over one article.
const RECURRING_APART_MAX: TimeDelta = TimeDelta::hours(8);

/// How much of the shorter title's words the other must have for both to say the same.
const AGREE_FROM_TENTHS: usize = 8;

/// Titles of fewer different words than this say nothing.
const AGREE_WORDS_MIN: usize = 3;

/// Words of headlines that come back, in the languages of many feeds, each as a token of the hash
/// text. They only narrow the time within which two entries are one.
const RECURRING_WORDS: &[&str] = &[
    // English
    "briefing",
    "brief",
    "bulletin",
    "crossword",
    "daily",
    "digest",
    "forecast",
    "headlines",
    "horoscope",
    "horoscopes",
    "jackpot",
    "live",
    "lottery",
    "morning",
    "newsletter",
    "nightly",
    "podcast",
    "puzzle",
    "quiz",
    "recap",
    "roundup",
    "schedule",
    "scores",
    "standings",
    "today",
    "tonight",
    "tv",
    "weather",
    "weekly",
    "wordle",
    // German, Dutch, Scandinavian
    "heute",
    "horoskop",
    "liveticker",
    "lotto",
    "morgenlage",
    "newsblog",
    "nieuwsbrief",
    "tagesschau",
    "ticker",
    "väder",
    "været",
    "vandaag",
    "vejret",
    "weer",
    "wetter",
    // French, Spanish, Portuguese, Italian
    "clima",
    "direct",
    "diretta",
    "directo",
    "horóscopo",
    "hoje",
    "hoy",
    "loterie",
    "lotería",
    "loteria",
    "météo",
    "meteo",
    "oggi",
    "oroscopo",
    "previsão",
    "pronóstico",
    "quotidien",
    "revue",
    "resumen",
    // Indonesian, Malay, Turkish, Polish, Russian, Ukrainian
    "cuaca",
    "jadwal",
    "harian",
    "hava",
    "hari",
    "horoskopy",
    "pogoda",
    "prakiraan",
    "ramalan",
    "гороскоп",
    "онлайн",
    "погода",
    "прогноз",
    "сегодня",
    "сьогодні",
    "zodiak",
];

/// Whether two titles say the same but for a few words.
pub(super) fn agree(left: &str, right: &str) -> bool {
    let (shared, fewer) = words_in_common(left, right);
    fewer >= AGREE_WORDS_MIN && shared * 10 >= fewer * AGREE_FROM_TENTHS
}

/// Whether two titles say something, and something else.
pub(super) fn differ(left: &str, right: &str) -> bool {
    let (shared, fewer) = words_in_common(left, right);
    fewer > 0 && shared * 10 < fewer * AGREE_FROM_TENTHS
}

/// How many different words two titles share, and how many the one with fewer has.
fn words_in_common(left: &str, right: &str) -> (usize, usize) {
    let words = |title: &str| -> BTreeSet<u64> {
        tokens(title).list().iter().map(|token| token.hash).collect()
    };
    let (left, right) = (words(left), words(right));
    (left.intersection(&right).count(), left.len().min(right.len()))
}

/// The article under the candidate's headline, if the headline can tell (`Ok`), or the one it would
/// be if its headline did not come back (`Err`).
///
/// Two usable texts are never joined by a headline.
pub(super) fn same<'known>(
    candidate: &Candidate,
    known: &'known Known,
) -> Option<Result<&'known StoredArticle, &'known StoredArticle>> {
    let at = moment(candidate.published_at, known.now);
    let nearest = fitting(candidate, known).min_by_key(|titled| {
        (titled.article.body_sha256.is_none(), apart(at, titled), titled.article.id)
    })?;
    let is_near_enough = apart(at, nearest) <= apart_max(candidate, known);
    Some(if is_near_enough { Ok(&nearest.article) } else { Err(&nearest.article) })
}

/// The held articles that are the candidate's by its headline.
pub(super) fn held<'known>(
    candidate: &'known Candidate,
    known: &'known Known,
) -> impl Iterator<Item = &'known StoredArticle> {
    let at = moment(candidate.published_at, known.now);
    let apart_max = apart_max(candidate, known);
    fitting(candidate, known)
        .filter(move |titled| apart(at, titled) <= apart_max)
        .map(|titled| &titled.article)
        .filter(|article| article.body_sha256.is_none())
}

fn fitting<'known>(
    candidate: &Candidate,
    known: &'known Known,
) -> impl Iterator<Item = &'known TitledArticle> {
    let at = moment(candidate.published_at, known.now);
    let has_text = matches!(candidate.text, Text::Usable { .. });
    known.same_title.iter().filter(move |titled| {
        !(titled.is_listed_beside || has_text && titled.article.body_sha256.is_some())
            && apart(at, titled) <= APART_MAX
    })
}

fn apart_max(candidate: &Candidate, known: &Known) -> TimeDelta {
    let comes_back = is_of_a_kind(&candidate.title) || comes_back(known);
    if comes_back { RECURRING_APART_MAX } else { APART_MAX }
}

/// Whether a headline is of a kind that comes back.
fn is_of_a_kind(title: &str) -> bool {
    let tokens = tokens(title);
    let mut words = tokens.hash_text().split(' ');
    words.any(|word| RECURRING_WORDS.contains(&word))
}

/// Whether articles under this headline are known from different days.
fn comes_back(known: &Known) -> bool {
    let moments = || known.same_title.iter().map(|titled| titled.at);
    match (moments().min(), moments().max()) {
        (Some(first), Some(last)) => last - first >= COMES_BACK_AFTER,
        _ => false,
    }
}

fn apart(at: DateTime<Utc>, titled: &TitledArticle) -> TimeDelta {
    (at - titled.at).abs()
}

/// The publisher's claim, unless it lies in the future.
fn moment(published_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    published_at.map_or(now, |published_at| published_at.min(now))
}
