//! Leads one entry down its road: link, text, fingerprint, until it can be judged.
//!
//! ```text
//! unwrap ─► resolve ─► canonicalize ─► the feed's text ─► clean ─► the page, where that is no full
//! text ─► extract ─► clean ─► fingerprint
//! ```

mod address;
pub mod again;
mod body;
pub mod on_page;
mod publisher;

use chrono::{DateTime, Utc};

use super::{Pipeline, resolve};
use crate::model::{Candidate, Entry, FeedDocument, Standing};
use crate::store::StoreError;
use address::Address;
use publisher::Publisher;

/// Follows an entry's link and finds its text.
///
/// # Errors
/// When the store fails. A link that cannot be followed or a page that cannot be read leaves the
/// entry as good as it can be without.
pub(super) async fn candidate(
    pipeline: &Pipeline,
    entry: Entry,
    document: &FeedDocument,
    now: DateTime<Utc>,
) -> Result<Candidate, StoreError> {
    let means = resolve::Means {
        wrappers: &pipeline.wrappers,
        http: pipeline.links.follow_redirectors.then_some(&*pipeline.http),
        store: &*pipeline.store,
        hops_max: usize::try_from(pipeline.links.hops_max).unwrap_or(usize::MAX),
        now,
    };
    let in_feed = body::in_feed(pipeline, &entry, document).await;
    let source_link = in_feed.source_link().map(str::to_owned);
    let link = follow(entry.link.as_deref(), means).await?;
    let source = follow(source_link.as_deref(), means).await?;
    let mut address =
        Address::of(link.as_ref(), source.as_ref(), entry.link_is_shared, &pipeline.trackers);
    let best = body::best(pipeline, in_feed, &mut address, &entry).await;
    let title = entry.title.or(best.title).unwrap_or_default();
    let publisher = Publisher::of(&address, entry.source.as_ref(), document);
    Ok(Candidate {
        entry_key: entry.key,
        entry_sha256: entry.sha256,
        headline: publisher.as_ref().and_then(|publisher| publisher.headline(&title)),
        title: publisher.map_or(title.clone(), |publisher| publisher.bare(&title)),
        author: entry.authors.into_iter().find_map(|author| author.name).or(best.author),
        language: entry.language.or_else(|| document.language.clone()).or(best.language),
        published_at: entry.published.or(entry.updated).or(best.published),
        link: entry.link,
        target: link.filter(|link| link.pending.is_none()).map(|link| link.target),
        url: address.url,
        url_keys: address.keys,
        standing: address.standing,
        copied: source_link.is_some() || address.standing == Standing::Copy,
        source_link,
        text: best.text,
        removed: best.removed,
        rules_version: pipeline.rules.version().to_owned(),
        received: best.received,
    })
}

async fn follow(
    link: Option<&str>,
    means: resolve::Means<'_>,
) -> Result<Option<resolve::Resolved>, StoreError> {
    match link {
        Some(link) => resolve::link(link, means).await.map(Some),
        None => Ok(None),
    }
}
