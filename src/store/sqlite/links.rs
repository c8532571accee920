//! Remembers where links lead, and which services must not be asked now.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, named_params};

use super::rows::{get_count, get_moment, get_moment_if_any, moment};
use super::{SqliteStore, link_queue, settle};
use crate::model::{Breaker, BreakerEvent, Passage, Waiting};
use crate::store::{
    Admitted, Judge, LateEntry, LinkClaim, LinkStore, Mend, QueuedLink, ResolvedLink, SettledLink,
    Settlement, StoreError, UnreadEntry, WaitingLink,
};

#[async_trait]
impl LinkStore for SqliteStore {
    async fn resolved_link(
        &self,
        link: &str,
        handle: Option<&str>,
    ) -> Result<Option<ResolvedLink>, StoreError> {
        let (link, handle) = (link.to_owned(), handle.map(str::to_owned));
        self.db.read("looking up a link", move |db| resolved(db, &link, handle.as_deref())).await
    }

    async fn remember_link(
        &self,
        link: &str,
        handle: Option<&str>,
        answer: ResolvedLink,
    ) -> Result<(), StoreError> {
        let (link, handle) = (link.to_owned(), handle.map(str::to_owned));
        self.db
            .write("remembering a link", move |tx| remember(tx, &link, handle.as_deref(), &answer))
            .await
    }

    async fn claim_links(&self, claim: LinkClaim) -> Result<Vec<QueuedLink>, StoreError> {
        self.db.write("claiming links", move |tx| link_queue::claim(tx, &claim)).await
    }

    async fn postpone_links(
        &self,
        handle: &str,
        waiting: Waiting,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let handle = handle.to_owned();
        self.db
            .write("postponing links", move |tx| link_queue::postpone(tx, &handle, &waiting, now))
            .await
    }

    async fn settle_links(
        &self,
        handle: &str,
        settled: SettledLink,
        mend: Mend,
        now: DateTime<Utc>,
    ) -> Result<Settlement, StoreError> {
        let handle = handle.to_owned();
        self.db
            .write("settling links", move |tx| settle::links(tx, &handle, &settled, mend, now))
            .await
    }

    async fn unread_entries(
        &self,
        link: &str,
        full_text_min_words: u64,
    ) -> Result<Vec<UnreadEntry>, StoreError> {
        let link = link.to_owned();
        self.db
            .read("looking up unread entries", move |db| {
                settle::unread(db, &link, full_text_min_words)
            })
            .await
    }

    async fn admit_late(&self, entry: LateEntry, judge: Judge) -> Result<Admitted, StoreError> {
        self.db.write("storing an entry", move |tx| settle::admit_late(tx, &entry, judge)).await
    }

    async fn finish_link(&self, link: &str) -> Result<(), StoreError> {
        let link = link.to_owned();
        self.db.write("finishing a link", move |tx| link_queue::finish(tx, &link)).await
    }

    async fn waiting_links(&self) -> Result<Vec<WaitingLink>, StoreError> {
        self.db.read("listing waiting links", link_queue::list).await
    }

    async fn retry_links(
        &self,
        links: Option<BTreeSet<String>>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.db
            .write("making links due", move |tx| link_queue::retry(tx, links.as_ref(), now))
            .await
    }

    async fn service_event(
        &self,
        service: &str,
        event: BreakerEvent,
        now: DateTime<Utc>,
    ) -> Result<Passage, StoreError> {
        let service = service.to_owned();
        self.db
            .write("counting requests", move |tx| {
                let mut breaker = breaker(tx, &service)?;
                let passage = breaker.take(&event, now);
                write_breaker(tx, &service, &breaker)?;
                Ok(passage)
            })
            .await
    }

    async fn breaker(&self, service: &str) -> Result<Breaker, StoreError> {
        let service = service.to_owned();
        self.db.read("looking up a service", move |db| breaker(db, &service)).await
    }
}

/// What is known of this link, or of another with the same handle.
fn resolved(db: &Connection, link: &str, handle: Option<&str>) -> Result<Option<ResolvedLink>> {
    let read = |row: &Row<'_>| {
        Ok(ResolvedLink {
            target: row.get("target")?,
            attempts: get_count(row, "attempts")?,
            error: row.get("error")?,
            asked_at: get_moment(row, "asked_at")?,
        })
    };
    let known = db
        .prepare_cached(
            "SELECT target, attempts, error, asked_at FROM resolved_links WHERE link = :link",
        )?
        .query_row(named_params! { ":link": link }, read)
        .optional()?;
    match (&known, handle) {
        (Some(_), _) | (None, None) => Ok(known),
        (None, Some(handle)) => db
            .prepare_cached(
                "SELECT target, attempts, error, asked_at FROM resolved_links
                 WHERE handle = :handle AND target IS NOT NULL LIMIT 1",
            )?
            .query_row(named_params! { ":handle": handle }, read)
            .optional(),
    }
}

/// A target once known is never forgotten for a later failure.
fn remember(
    tx: &Transaction<'_>,
    link: &str,
    handle: Option<&str>,
    answer: &ResolvedLink,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO resolved_links (link, handle, target, attempts, error, asked_at)
         VALUES (:link, :handle, :target, :attempts, :error, :asked_at)
         ON CONFLICT (link) DO UPDATE
         SET target = excluded.target, attempts = excluded.attempts, error = excluded.error,
             asked_at = excluded.asked_at
         WHERE target IS NULL OR excluded.target IS NOT NULL",
    )?
    .execute(named_params! {
        ":link": link,
        ":handle": handle,
        ":target": answer.target,
        ":attempts": answer.attempts,
        ":error": answer.error,
        ":asked_at": moment(answer.asked_at),
    })?;
    Ok(())
}

fn breaker(db: &Connection, service: &str) -> Result<Breaker> {
    let known = db
        .prepare_cached(
            "SELECT requests, counted_from, failures, rests, open_until, reason FROM breakers
             WHERE service = :service",
        )?
        .query_row(named_params! { ":service": service }, |row| {
            Ok(Breaker {
                requests: get_count(row, "requests")?,
                counted_from: get_moment_if_any(row, "counted_from")?,
                failures: get_count(row, "failures")?,
                rests: get_count(row, "rests")?,
                open_until: get_moment_if_any(row, "open_until")?,
                reason: row.get("reason")?,
            })
        })
        .optional()?;
    Ok(known.unwrap_or_default())
}

fn write_breaker(tx: &Transaction<'_>, service: &str, breaker: &Breaker) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO breakers (service, requests, counted_from, failures, rests, open_until, reason)
         VALUES (:service, :requests, :counted_from, :failures, :rests, :open_until, :reason)
         ON CONFLICT (service) DO UPDATE
         SET requests = excluded.requests, counted_from = excluded.counted_from,
             failures = excluded.failures, rests = excluded.rests,
             open_until = excluded.open_until, reason = excluded.reason",
    )?
    .execute(named_params! {
        ":service": service,
        ":requests": breaker.requests,
        ":counted_from": breaker.counted_from.map(moment),
        ":failures": breaker.failures,
        ":rests": breaker.rests,
        ":open_until": breaker.open_until.map(moment),
        ":reason": breaker.reason,
    })?;
    Ok(())
}
