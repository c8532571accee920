//! Reads a stored sighting again, offline: its text by the rules of today, and what it proves of its
//! article's address.
//!
//! What it is read from is what was received, the answers that redirectors gave, and the tables of
//! today. The title is the stored one, so a publisher's name that a feed of feeds appends to its
//! titles is not known here any more.

use url::Url;

use super::super::Pipeline;
use super::super::clean::{Context, Rules};
use super::super::resolve::{self, Means, Resolved};
use super::{address::Address, body, on_page};
use crate::model::{
    Candidate, CanonicalUrl, Choice, ChoiceReason, EntryKey, Fingerprint, HoldReason, Removed,
    Text, TextSource,
};
use crate::store::{ReceivedText, SightingDetails, StoreError};
use crate::text::domain::host_of;
use crate::text::html::selection::Selection;
use crate::text::shingles::Span;
use crate::text::tokens::tokens;
use crate::text::{headline, packed};
use chrono::{DateTime, Utc};

/// The largest text that is unpacked. What was received is bounded to less when it comes.
const UNPACKED_MAX_BYTES: u64 = 64 << 20;

/// A text read again.
#[derive(Debug, Clone, PartialEq)]
pub struct TextAgain {
    /// What it was read from.
    pub source: TextSource,
    /// The text, or why it is none.
    pub text: Text,
    /// What extraction and cleaning took away.
    pub removed: Vec<Removed>,
    /// Who wrote it, as the page says.
    pub author: Option<String>,
    /// The language the page declares.
    pub language: Option<String>,
    /// The address the page gives as its own.
    canonical: Option<String>,
}

/// Reads every text that was received of a sighting; a text of less than `least` is none.
///
/// What cannot be unpacked or read is left out.
#[must_use]
pub fn texts(pipeline: &Pipeline, sighting: &SightingDetails, least: Span) -> Vec<TextAgain> {
    let none = Selection::default();
    let declared = sighting.feed.parse().ok().and_then(|feed| pipeline.declared.get(&feed));
    let selection = declared.map_or(&none, |feed| &feed.selection);
    let again = |received| text(sighting, received, least, selection, &pipeline.rules);
    sighting.received.iter().filter_map(again).collect()
}

/// The text a sighting gave, of those that were read again: the one with the hash it had, else the
/// one from where it was taken; where that is not known, the longest, as when an entry comes.
#[must_use]
pub fn given<'a>(sighting: &SightingDetails, texts: &'a [TextAgain]) -> Option<&'a TextAgain> {
    let is_same = |again: &&TextAgain| {
        sighting.body_sha256.is_some() && again.text.sha256() == sighting.body_sha256.as_deref()
    };
    let other = || match sighting.text_source {
        Some(source) => texts.iter().find(|again| again.source == source),
        None => longest(texts),
    };
    texts.iter().find(is_same).or_else(other)
}

/// The longest of some texts; of equal ones the page's, which comes last.
#[must_use]
pub fn longest(texts: &[TextAgain]) -> Option<&TextAgain> {
    texts.iter().max_by_key(|again| match &again.text {
        Text::Usable { fingerprint, .. } => fingerprint.words,
        Text::Unusable { .. } => 0,
    })
}

fn text(
    sighting: &SightingDetails,
    received: &ReceivedText,
    least: Span,
    selection: &Selection,
    rules: &Rules,
) -> Option<TextAgain> {
    let bytes = usize::try_from(received.bytes.min(UNPACKED_MAX_BYTES)).ok()?;
    let written = packed::unpack(&received.frame, bytes).ok()?;
    let again = match received.kind {
        TextSource::Feed => {
            let context = Context {
                title: &sighting.title,
                feed_title: sighting.feed_title.as_deref(),
                url: sighting.link.as_deref(),
            };
            let cleaned = body::clean_markup(&written, &context, rules);
            let (tokens, titles) = (tokens(&cleaned.body), [sighting.title.clone()]);
            let measured =
                on_page::usable(&cleaned.body, &tokens, least, &cleaned.removed, &titles, None);
            TextAgain {
                source: received.kind,
                text: text_of(measured, cleaned.body, received.kind),
                removed: cleaned.removed,
                author: None,
                language: None,
                canonical: None,
            }
        }
        TextSource::Page => {
            let url = received.url.as_deref().unwrap_or_default();
            let page = on_page::read(&written, url, &sighting.title, selection, rules).ok()?;
            TextAgain {
                source: received.kind,
                text: text_of(page.fingerprint, page.body, received.kind),
                removed: page.removed,
                author: page.author,
                language: page.language,
                canonical: page.canonical,
            }
        }
    };
    Some(again)
}

fn text_of(measured: Result<Fingerprint, HoldReason>, body: String, source: TextSource) -> Text {
    match measured {
        Ok(fingerprint) => Text::Usable { body, fingerprint, source },
        Err(reason) => Text::Unusable { reason, summary: body },
    }
}

/// What a sighting is by itself, with the text and the addresses it proves, as if it came today.
///
/// # Errors
/// When the store fails.
pub async fn candidate(
    pipeline: &Pipeline,
    sighting: &SightingDetails,
    text: Option<&TextAgain>,
    now: DateTime<Utc>,
) -> Result<Candidate, StoreError> {
    let mut address = address(pipeline, sighting, now).await?;
    let pages = sighting.received.iter().filter_map(|received| received.url.as_ref());
    for declared in pages.chain(text.and_then(|text| text.canonical.as_ref())) {
        address.adopt(declared, &pipeline.trackers);
    }
    let nothing = || Text::Unusable { reason: HoldReason::Empty, summary: String::new() };
    Ok(Candidate {
        entry_key: EntryKey(sighting.entry_key.clone()),
        entry_sha256: String::new(),
        title: sighting.title.clone(),
        author: text.and_then(|text| text.author.clone()),
        language: text.and_then(|text| text.language.clone()),
        published_at: sighting.published_at,
        link: sighting.link.clone(),
        target: sighting.target.clone(),
        headline: sighting.headline,
        copied: is_copy(sighting, &address),
        own: None,
        url: address.url,
        url_keys: address.keys,
        standing: address.standing,
        source_link: sighting.source_link.clone(),
        text: text.map_or_else(nothing, |text| text.text.clone()),
        removed: text.map(|text| text.removed.clone()).unwrap_or_default(),
        rules_version: pipeline.rules.version().to_owned(),
        received: Vec::new(),
        choice: Choice { reason: ChoiceReason::FeedIsShort, next_try_at: None, uncut_rule: None },
    })
}

fn is_copy(sighting: &SightingDetails, address: &Address) -> bool {
    sighting.source_link.is_some() || address.standing == crate::model::Standing::Copy
}

/// What identifies a sighting's headline by the rules of today; the stored key where its publisher is
/// only known from what the feed said of it.
///
/// # Errors
/// When the store fails.
pub async fn headline_key(
    pipeline: &Pipeline,
    sighting: &SightingDetails,
    now: DateTime<Utc>,
) -> Result<Option<i64>, StoreError> {
    let address = address(pipeline, sighting, now).await?;
    let url = address.url.filter(|_| !address.is_pending);
    let url = url.as_ref().map(CanonicalUrl::as_str).and_then(|url| Url::parse(url).ok());
    let Some(host) = url.as_ref().and_then(Url::host_str) else { return Ok(sighting.headline) };
    let names: Vec<&str> = sighting.feed_title.as_deref().into_iter().collect();
    Ok(headline::key(&sighting.title, host, &names))
}

/// Follows a sighting's links as far as is known, without asking anybody.
async fn address(
    pipeline: &Pipeline,
    sighting: &SightingDetails,
    now: DateTime<Utc>,
) -> Result<Address, StoreError> {
    let means = Means { http: None, ..pipeline.means(now) };
    let mut link = follow(sighting.link.as_deref(), means).await?;
    // Where it led when it was followed goes before what the tables of today say.
    if let (Some(link), Some(target)) = (&mut link, &sighting.target) {
        link.waiting = None;
        if link.target != *target {
            link.target.clone_from(target);
            link.rules.push("stored".to_owned());
        }
    }
    let source = follow(sighting.source_link.as_deref(), means).await?;
    let site = sighting.site.as_deref().and_then(host_of);
    Ok(Address::of(link.as_ref(), source.as_ref(), false, site.as_deref(), &pipeline.trackers))
}

async fn follow(link: Option<&str>, means: Means<'_>) -> Result<Option<Resolved>, StoreError> {
    match link {
        Some(link) => resolve::link(link, means).await.map(Some),
        None => Ok(None),
    }
}
