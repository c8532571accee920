//! Finds an entry's text: the feed's own where it is the full text, else the page's.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::clean::{self, Cleaned, Context, Rules};
use super::super::{Pipeline, fingerprint};
use super::on_page::{self, OnPage};
use super::page_text::{self, Wanted, received};
use super::{Address, Known, Road};
use crate::config::WantedText;
use crate::model::{
    Choice, ChoiceReason, Fingerprint, HoldReason, Received, Removed, Text, TextSource, Validators,
};
use crate::schedule;
use crate::store::StoreError;
use crate::text::html;
use crate::text::shingles::Span;
use crate::text::tokens::{Token, tokens};
use crate::threads::on_core;

/// The text a feed gives of an entry, cleaned and measured.
#[derive(Debug)]
pub(super) struct InFeed {
    cleaned: Cleaned,
    fingerprint: Result<Fingerprint, HoldReason>,
    /// Whether it is usable only if it is all there is: what a feed gives for the content may be a
    /// newswire's brief, and may be a teaser.
    is_brief: bool,
    /// Why it is not the full text; `None` if it is.
    lacks: Option<ChoiceReason>,
    received: Option<Received>,
}

/// The text chosen for an entry, and what its page said beside.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) text: Text,
    pub(super) removed: Vec<Removed>,
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) language: Option<String>,
    pub(super) published: Option<DateTime<Utc>>,
    /// What the text was read from, as far as it is kept.
    pub(super) received: Vec<Received>,
    pub(super) choice: Choice,
}

impl InFeed {
    /// Cleans and measures what a feed gives of an entry; a full text has so many words.
    fn read(written: &str, known: &Known, full_from: Span, rules: &Rules) -> Self {
        let titles = [known.title.clone().unwrap_or_default()];
        let [title] = &titles;
        let feed_title = known.feed_title.as_deref();
        let context = Context { title, feed_title, url: known.link.as_deref() };
        let cleaned = clean_markup(written, &context, rules);
        let tokens = tokens(&cleaned.body);
        let measured =
            |least| on_page::usable(&cleaned.body, &tokens, least, &cleaned.removed, &titles, None);
        let lacks = lacks(&cleaned, tokens.list(), full_from);
        let may_be_brief = known.text_is_content && lacks != Some(ChoiceReason::FeedBreaksOff);
        let (fingerprint, is_brief) = match measured(fingerprint::ARTICLE) {
            Err(HoldReason::Short) if may_be_brief => (measured(fingerprint::BRIEF), true),
            other => (other, false),
        };
        Self { fingerprint, is_brief, lacks, cleaned, received: None }
    }

    /// The same; but what may be a teaser of a page that was not had is no text.
    fn unless_brief(self, why_no_page: HoldReason) -> Self {
        let fingerprint = if self.is_brief { Err(why_no_page) } else { self.fingerprint };
        Self { fingerprint, ..self }
    }

    /// The link to the original that stood in the boilerplate of a copy.
    pub(super) fn source_link(&self) -> Option<&str> {
        self.cleaned.source_link.as_deref()
    }
}

/// Reads the texts that a feed itself gives of some entries, in their order.
pub(super) async fn in_feed(
    pipeline: &Pipeline,
    texts: Vec<(Known, String)>,
) -> Vec<(Known, InFeed)> {
    let rules = Arc::clone(&pipeline.rules);
    let full_from = full_text_span(pipeline.text.full_text_min_words);
    let is_kept = pipeline.text.keep_received_days > 0;
    on_core(move || {
        let read = |(known, written): (Known, String)| {
            let mut in_feed = InFeed::read(&written, &known, full_from, &rules);
            if is_kept {
                let validators = Validators::default();
                in_feed.received = received(TextSource::Feed, &written, None, validators);
            }
            (known, in_feed)
        };
        texts.into_iter().map(read).collect()
    })
    .await
}

/// Chooses between the feed's text and the page's, asking for the page where it may help; `None` if
/// it would help, but no more pages may be asked for at this poll.
///
/// # Errors
/// When the store fails.
pub(super) async fn best(
    road: &Road<'_>,
    in_feed: InFeed,
    address: &mut Address,
    known: &Known,
) -> Result<Option<Body>, StoreError> {
    let sought = match (road.wanted(), in_feed.lacks) {
        (WantedText::Feed, _) => {
            return Ok(Some(Body::of_feed(in_feed, ChoiceReason::FeedIsWanted, None)));
        }
        (WantedText::Auto, None) if in_feed.fingerprint.is_ok() => {
            return Ok(Some(Body::of_feed(in_feed, ChoiceReason::FeedIsFull, None)));
        }
        (WantedText::Auto, lacks) => lacks.unwrap_or(ChoiceReason::FeedIsShort),
        (WantedText::Page, _) => ChoiceReason::PageIsWanted,
    };
    let Some(url) = address.page.clone() else {
        let pending = address.is_pending.then_some(HoldReason::LinkPending);
        return Ok(Some(Body::of_feed(in_feed, ChoiceReason::NoPage, pending)));
    };
    if !road.take_page() {
        return Ok(None);
    }
    let pipeline = road.pipeline;
    let kept = pipeline.store.kept_page(road.feed, &known.key, known.link.as_deref()).await?;
    let title = known.title.clone().unwrap_or_default();
    let selection = road.declared.map(|feed| feed.selection.clone()).unwrap_or_default();
    let answer = page_text::read(pipeline, &url, Wanted { title, selection }, kept).await;
    let next_try_at = road.now + schedule::page_rest(1);
    let next_try_at = (pipeline.text.page_tries > 1).then_some(next_try_at);
    let page = match answer {
        Ok(page) => page,
        Err(reason) => {
            let in_feed = in_feed.unless_brief(reason);
            let mut body = Body::of_feed(in_feed, ChoiceReason::PageNotHad, Some(reason));
            body.choice.next_try_at = next_try_at;
            return Ok(Some(body));
        }
    };
    for declared in [Some(&page.url), page.on_page.canonical.as_ref()].into_iter().flatten() {
        address.adopt(declared, &pipeline.trackers);
    }
    let has_none = page.on_page.fingerprint.is_err();
    let mut body = Body::of_both(in_feed, page.on_page, sought);
    body.choice.next_try_at = next_try_at.filter(|_| has_none);
    body.received.extend(page.received);
    Ok(Some(body))
}

impl Body {
    /// The feed's text. Without a usable one, `why_no_page` explains better than "short" does.
    fn of_feed(in_feed: InFeed, reason: ChoiceReason, why_no_page: Option<HoldReason>) -> Self {
        let InFeed { cleaned, fingerprint, received, .. } = in_feed;
        let text = match fingerprint {
            Ok(fingerprint) => {
                Text::Usable { body: cleaned.body, fingerprint, source: TextSource::Feed }
            }
            Err(reason) => {
                Text::Unusable { reason: why_no_page.unwrap_or(reason), summary: cleaned.body }
            }
        };
        Self {
            text,
            removed: cleaned.removed,
            title: None,
            author: None,
            language: None,
            published: None,
            received: received.into_iter().collect(),
            choice: Choice { reason, next_try_at: None, uncut_rule: cleaned.uncut },
        }
    }

    /// The page's text, unless the feed's is usable and longer and nobody wants the page's.
    fn of_both(in_feed: InFeed, on_page: OnPage, sought: ChoiceReason) -> Self {
        let words = |found: &Result<Fingerprint, HoldReason>| {
            found.as_ref().map_or(0, |fingerprint| fingerprint.words)
        };
        let OnPage { title, author, language, published, uncut, .. } = on_page;
        let feed_is_longer = sought != ChoiceReason::PageIsWanted
            && words(&in_feed.fingerprint) > words(&on_page.fingerprint);
        let why_no_page = match on_page.fingerprint {
            Ok(fingerprint) if !feed_is_longer => {
                let body = on_page.body;
                return Self {
                    text: Text::Usable { body, fingerprint, source: TextSource::Page },
                    removed: on_page.removed,
                    title,
                    author,
                    language,
                    published,
                    received: in_feed.received.into_iter().collect(),
                    choice: Choice { reason: sought, next_try_at: None, uncut_rule: uncut },
                };
            }
            Ok(_) => None,
            Err(HoldReason::Empty | HoldReason::Short) => Some(HoldReason::PageUnreadable),
            Err(reason) => Some(reason),
        };
        let chosen = Self::of_feed(in_feed, ChoiceReason::PageHasLess, why_no_page);
        Self { title, author, language, published, ..chosen }
    }
}

/// A feed's field is HTML, or plain text with entities; only lines tell paragraphs of the latter.
pub(super) fn clean_markup(written: &str, context: &Context<'_>, rules: &Rules) -> Cleaned {
    if written.contains('<') {
        return clean::html(written, context, rules);
    }
    let lines: Vec<String> = written.lines().map(html::plain_text).collect();
    clean::text(&lines.join("\n"), context, rules)
}

fn full_text_span(words: u64) -> Span {
    let words = usize::try_from(words).unwrap_or(usize::MAX);
    // The proportion of the least usable body: 120 characters for 48 words.
    Span { words, characters: words.saturating_mul(5) / 2 }
}

/// Why a text is not the whole article: it is short, or it says that it goes on elsewhere.
fn lacks(cleaned: &Cleaned, tokens: &[Token], full_from: Span) -> Option<ChoiceReason> {
    const BREAKS_OFF: [&str; 4] = ["…", "...", "[…]", "[...]"];
    /// The rules that know "Continue reading" and its like.
    const GOES_ON: [&str; 3] = ["wordpress.more", "medium.continue", "publisher.more"];
    if tokens.len() < full_from.of(tokens) {
        return Some(ChoiceReason::FeedIsShort);
    }
    let body = cleaned.body.trim_end();
    let goes_on = cleaned
        .removed
        .iter()
        .any(|removed| GOES_ON.iter().any(|rule| removed.rule.starts_with(rule)));
    (goes_on || BREAKS_OFF.iter().any(|mark| body.ends_with(mark)))
        .then_some(ChoiceReason::FeedBreaksOff)
}
