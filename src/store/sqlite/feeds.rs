//! Keeps the list of feeds: who wants them, who reads them, when they are due.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, named_params};

use super::rows::{
    get_count, get_moment, get_moment_if_any, get_number, get_seconds, latin1_bytes, moment,
};
use crate::config::DeclaredFeed;
use crate::model::{FeedId, FeedOrigin, FeedUrl, Habits, Validators, Whereabouts};
use crate::store::{Claim, ClaimedFeed, FeedStatus, FeedsDue, Removal, Wanted};

/// Why a feed that left the feeds file is not polled; a feed paused for it comes back with it.
pub(super) const LEFT_THE_FILE: &str = "it left the feeds file";

/// Why a feed is due that was never polled.
pub(super) const NEVER_POLLED: &str = "not polled yet";

/// What is true of each feed that is polled; the index of the next polls has no other feeds.
const IS_POLLED: &str = "removed_at IS NULL AND paused_at IS NULL";

pub(super) fn declare(
    tx: &Transaction<'_>,
    feeds: &[DeclaredFeed],
    now: DateTime<Utc>,
) -> Result<()> {
    let urls = json_list(feeds.iter().map(|feed| &feed.url));
    tx.execute(
        "UPDATE feeds SET paused_at = :now, pause_reason = :reason
         WHERE origin = 'declared' AND paused_at IS NULL AND removed_at IS NULL
           AND url NOT IN (SELECT value FROM json_each(:urls))",
        named_params! { ":now": moment(now), ":reason": LEFT_THE_FILE, ":urls": urls },
    )?;
    let mut declare = tx.prepare_cached(
        "INSERT INTO feeds (url, origin, own_title, category, added_at, next_poll_at, next_poll_reason)
         VALUES (:url, 'declared', :title, :category, :now, :now, :never_polled)
         ON CONFLICT (url) DO UPDATE
         SET origin = 'declared', own_title = excluded.own_title, category = excluded.category,
             removed_at = NULL,
             paused_at = CASE WHEN pause_reason = :left THEN NULL ELSE paused_at END,
             pause_reason = CASE WHEN pause_reason = :left THEN NULL ELSE pause_reason END",
    )?;
    for feed in feeds {
        declare.execute(named_params! {
            ":url": feed.url.as_str(),
            ":title": feed.title,
            ":category": feed.category,
            ":now": moment(now),
            ":never_polled": NEVER_POLLED,
            ":left": LEFT_THE_FILE,
        })?;
    }
    Ok(())
}

/// Adds a feed, or takes a removed or paused one up again; `false` if it was wanted already.
pub(super) fn add(tx: &Transaction<'_>, url: &FeedUrl, now: DateTime<Utc>) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO feeds (url, origin, added_at, next_poll_at, next_poll_reason)
             VALUES (:url, 'added', :now, :now, :never_polled)
             ON CONFLICT (url) DO UPDATE
             SET origin = 'added', removed_at = NULL, paused_at = NULL, pause_reason = NULL,
                 gone_days = 0, gone_on = NULL
             WHERE removed_at IS NOT NULL OR paused_at IS NOT NULL",
        )?
        .execute(named_params! {
            ":url": url.as_str(),
            ":now": moment(now),
            ":never_polled": NEVER_POLLED,
        })?;
    Ok(changed == 1)
}

pub(super) fn remove(tx: &Transaction<'_>, url: &FeedUrl, now: DateTime<Utc>) -> Result<Removal> {
    let found: Option<(String, bool)> = tx
        .query_row(
            "SELECT origin, paused_at IS NULL FROM feeds WHERE url = :url AND removed_at IS NULL",
            named_params! { ":url": url.as_str() },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match found {
        None => Ok(Removal::Unknown),
        Some((origin, true)) if origin == FeedOrigin::Declared.as_str() => Ok(Removal::Declared),
        Some(_) => {
            tx.execute(
                "UPDATE feeds SET removed_at = :now WHERE url = :url",
                named_params! { ":url": url.as_str(), ":now": moment(now) },
            )?;
            Ok(Removal::Removed)
        }
    }
}

/// Every wanted feed, or only these.
pub(super) fn list(db: &Connection, only: Option<&[FeedUrl]>) -> Result<Vec<FeedStatus>> {
    db.prepare_cached(
        "SELECT f.url, f.origin, coalesce(f.own_title, f.title) AS title, f.category, f.site,
                CASE WHEN f.paused_at IS NOT NULL THEN coalesce(f.pause_reason, '') END AS paused,
                f.last_poll_at, f.last_error, f.failures, f.next_poll_at, f.next_poll_reason,
                (SELECT count(*) FROM sightings AS s WHERE s.feed_id = f.id) AS sightings
         FROM feeds AS f
         WHERE f.removed_at IS NULL
           AND (:only IS NULL OR f.url IN (SELECT value FROM json_each(:only)))
         ORDER BY f.url",
    )?
    .query_map(named_params! { ":only": only.map(json_list) }, status)?
    .collect()
}

pub(super) fn count_due(db: &Connection, now: DateTime<Utc>) -> Result<FeedsDue> {
    db.prepare_cached(&format!(
        "SELECT count(*) AS wanted, count(*) FILTER (WHERE {IS_POLLED}) AS polled,
                count(*) FILTER (WHERE {IS_POLLED} AND next_poll_at <= :now) AS due,
                min(next_poll_at) FILTER (WHERE {IS_POLLED}) AS next_poll_at
         FROM feeds WHERE removed_at IS NULL"
    ))?
    .query_row(named_params! { ":now": moment(now) }, |row| {
        Ok(FeedsDue {
            wanted: get_number(row, "wanted")?,
            polled: get_number(row, "polled")?,
            due: get_number(row, "due")?,
            next_poll_at: get_moment_if_any(row, "next_poll_at")?,
        })
    })
}

pub(super) fn claim(tx: &Transaction<'_>, claim: &Claim) -> Result<Vec<ClaimedFeed>> {
    let after = match claim.wanted {
        Wanted::Due => FeedId(0),
        Wanted::DueAfter(feed) | Wanted::AllAfter(feed) => feed,
    };
    let parameters = named_params! {
        ":worker": claim.worker,
        ":until": moment(claim.until),
        ":now": moment(claim.now),
        ":after": after.0,
        ":urls": claim.urls.as_ref().map(json_list),
        ":at_most": i64::try_from(claim.at_most).unwrap_or(i64::MAX),
    };
    tx.prepare_cached(&claiming(claim.wanted))?.query_map(parameters, claimed)?.collect()
}

/// Claims what is wanted. Each way goes along one index in the order of the claims and ends where there
/// are enough; the plus signs keep SQLite from another.
fn claiming(wanted: Wanted) -> String {
    let (which, order) = match wanted {
        Wanted::Due => ("next_poll_at <= :now AND +id > :after", "next_poll_at, id"),
        Wanted::DueAfter(_) => ("+next_poll_at <= :now AND id > :after", "id"),
        Wanted::AllAfter(_) => ("id > :after", "id"),
    };
    format!(
        "UPDATE feeds SET claimed_by = :worker, claimed_until = :until
         WHERE id IN (
           SELECT id FROM feeds
           WHERE {IS_POLLED} AND {which}
             AND (claimed_until IS NULL OR claimed_until < :now)
             AND (:urls IS NULL OR url IN (SELECT value FROM json_each(:urls)))
           ORDER BY {order}
           LIMIT :at_most)
         RETURNING id, url, etag, last_modified, failures, last_success_at IS NOT NULL AS was_read,
                   address, moving_to, moving_since, gone_days, gone_on, ttl_s, period_s, pace_s, span_s,
                   skip_hours, skip_days"
    )
}

pub(super) fn renew_claims(
    tx: &Transaction<'_>,
    worker: &str,
    feeds: &[FeedId],
    until: DateTime<Utc>,
) -> Result<()> {
    let mut renew = tx.prepare_cached(
        "UPDATE feeds SET claimed_until = :until
         WHERE claimed_by = :worker AND id = :feed AND claimed_until IS NOT NULL",
    )?;
    for feed in feeds {
        renew.execute(named_params! {
            ":worker": worker,
            ":feed": feed.0,
            ":until": moment(until),
        })?;
    }
    Ok(())
}

pub(super) fn release_claims(tx: &Transaction<'_>, worker: &str) -> Result<()> {
    tx.prepare_cached("UPDATE feeds SET claimed_until = NULL WHERE claimed_by = :worker")?
        .execute(named_params! { ":worker": worker })?;
    Ok(())
}

pub(super) fn give_back(tx: &Transaction<'_>, worker: &str, feeds: &[FeedId]) -> Result<()> {
    let mut release = tx.prepare_cached(
        "UPDATE feeds SET claimed_until = NULL WHERE claimed_by = :worker AND id = :feed",
    )?;
    for feed in feeds {
        release.execute(named_params! { ":worker": worker, ":feed": feed.0 })?;
    }
    Ok(())
}

/// A feed that is being read is due no earlier than its claim ends.
pub(super) fn next_due(db: &Connection) -> Result<Option<DateTime<Utc>>> {
    db.prepare_cached(&looking_for_next_due())?.query_row([], |row| get_moment_if_any(row, "due"))
}

/// Asks when the next feed is due. Along the index until one that nobody reads: only those before it may
/// be due earlier, when their claims end.
fn looking_for_next_due() -> String {
    format!(
        "WITH unclaimed AS (SELECT next_poll_at AS at FROM feeds
                            WHERE {IS_POLLED} AND claimed_until IS NULL
                            ORDER BY next_poll_at LIMIT 1)
         SELECT min(due) AS due FROM (
           SELECT at AS due FROM unclaimed
           UNION ALL
           SELECT max(next_poll_at, coalesce(claimed_until, '')) FROM feeds
           WHERE {IS_POLLED} AND next_poll_at < coalesce((SELECT at FROM unclaimed), '~'))"
    )
}

pub(super) fn forget_polls(tx: &Transaction<'_>, before: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "DELETE FROM polls WHERE started_at < :before",
        named_params! { ":before": moment(before) },
    )?;
    Ok(())
}

pub(super) fn json_list<'a>(urls: impl IntoIterator<Item = &'a FeedUrl>) -> String {
    let urls: Vec<&FeedUrl> = urls.into_iter().collect();
    serde_json::to_string(&urls).expect("a list of strings is JSON")
}

fn claimed(row: &Row<'_>) -> Result<ClaimedFeed> {
    let bytes = |text: Option<String>| text.map(|text| latin1_bytes(&text));
    Ok(ClaimedFeed {
        id: FeedId(row.get("id")?),
        url: url(row)?,
        validators: Validators {
            etag: bytes(row.get("etag")?),
            last_modified: bytes(row.get("last_modified")?),
        },
        failures: get_count(row, "failures")?,
        was_read: row.get("was_read")?,
        habits: habits(row)?,
        whereabouts: whereabouts(row)?,
    })
}

fn habits(row: &Row<'_>) -> Result<Habits> {
    Ok(Habits {
        ttl: get_seconds(row, "ttl_s")?,
        period: get_seconds(row, "period_s")?,
        pace: get_seconds(row, "pace_s")?,
        span: get_seconds(row, "span_s")?,
        skip_hours: row.get("skip_hours")?,
        skip_days: row.get("skip_days")?,
    })
}

fn whereabouts(row: &Row<'_>) -> Result<Whereabouts> {
    let moving_to = url_if_any(row, "moving_to")?;
    Ok(Whereabouts {
        address: url_if_any(row, "address")?,
        moving: moving_to.zip(get_moment_if_any(row, "moving_since")?),
        gone_days: get_count(row, "gone_days")?,
        gone_on: row.get::<_, Option<String>>("gone_on")?.and_then(|day| day.parse().ok()),
    })
}

fn status(row: &Row<'_>) -> Result<FeedStatus> {
    let origin: String = row.get("origin")?;
    Ok(FeedStatus {
        url: url(row)?,
        origin: if origin == FeedOrigin::Declared.as_str() {
            FeedOrigin::Declared
        } else {
            FeedOrigin::Added
        },
        title: row.get("title")?,
        category: row.get("category")?,
        site: row.get("site")?,
        paused: row.get("paused")?,
        last_poll_at: get_moment_if_any(row, "last_poll_at")?,
        last_error: row.get("last_error")?,
        failures: get_count(row, "failures")?,
        next_poll_at: get_moment(row, "next_poll_at")?,
        next_poll_reason: row.get("next_poll_reason")?,
        sightings: get_number(row, "sightings")?,
    })
}

fn url(row: &Row<'_>) -> Result<FeedUrl> {
    parsed(&row.get::<_, String>("url")?)
}

fn url_if_any(row: &Row<'_>, column: &str) -> Result<Option<FeedUrl>> {
    row.get::<_, Option<String>>(column)?.as_deref().map(parsed).transpose()
}

pub(super) fn parsed(text: &str) -> Result<FeedUrl> {
    text.parse().map_err(|error: crate::model::FeedUrlError| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::store::sqlite::empty::{database, plan_without_sorting};

    proptest! {
        #[test]
        fn the_next_due_feed_is_found_as_if_all_were_gone_through(
            feeds in prop::collection::vec((0..9_i64, prop::option::of(0..9_i64), 0..4_u8), 0..9),
        ) {
            let db = database();
            let at = |second| moment(DateTime::from_timestamp(second, 0).unwrap());
            for (number, (next_poll, claimed_until, state)) in feeds.iter().enumerate() {
                db.execute(
                    "INSERT INTO feeds (url, origin, added_at, next_poll_at, next_poll_reason,
                                        claimed_until, paused_at, removed_at)
                     VALUES (?1, 'added', ?2, ?2, '', ?3, iif(?4 = 1, ?2, NULL), iif(?4 = 2, ?2, NULL))",
                    (number.to_string(), at(*next_poll), claimed_until.map(at), state),
                )
                .unwrap();
            }
            let polled = feeds.iter().filter(|(_, _, state)| !matches!(state, 1 | 2));
            let due = polled.map(|(next_poll, until, _)| until.unwrap_or(0).max(*next_poll)).min();
            let found = next_due(&db).unwrap();
            prop_assert_eq!(found.map(|found| found.timestamp()), due);
        }
    }

    #[test]
    fn feeds_that_are_due_are_counted_among_those_that_are_polled_and_wanted() {
        let db = database();
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
        assert_eq!(count_due(&db, now), Ok(FeedsDue::default()));
        for (number, (next_poll, paused, removed)) in [
            (now, None, None),
            (now + TimeDelta::hours(1), None, None),
            (now - TimeDelta::hours(1), Some(now), None),
            (now - TimeDelta::hours(1), None, Some(now)),
        ]
        .into_iter()
        .enumerate()
        {
            db.execute(
                "INSERT INTO feeds (url, origin, added_at, next_poll_at, next_poll_reason,
                                    paused_at, removed_at)
                 VALUES (?1, 'added', '', ?2, '', ?3, ?4)",
                (number.to_string(), moment(next_poll), paused.map(moment), removed.map(moment)),
            )
            .unwrap();
        }
        let expected = FeedsDue { wanted: 3, polled: 2, due: 1, next_poll_at: Some(now) };
        assert_eq!(count_due(&db, now), Ok(expected));
    }

    #[test]
    fn a_claim_is_renewed_as_long_as_it_stands_and_for_who_holds_it() {
        let mut db = database();
        let (before, after) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + TimeDelta::minutes(2));
        for (feed, worker, until) in [
            (1, "we", Some(before)),
            (2, "others", Some(before)),
            (3, "we", None),
            (4, "we", Some(before)),
        ] {
            db.execute(
                "INSERT INTO feeds (id, url, origin, added_at, next_poll_at, next_poll_reason,
                                    claimed_by, claimed_until)
                 VALUES (?1, ?1, 'added', '', '', '', ?2, ?3)",
                (feed, worker, until.map(moment)),
            )
            .unwrap();
        }
        let tx = db.transaction().unwrap();
        renew_claims(&tx, "we", &[1, 2, 3].map(FeedId), after).unwrap();
        let mut claims = tx.prepare("SELECT claimed_until FROM feeds ORDER BY id").unwrap();
        let claims = claims.query_map([], |row| get_moment_if_any(row, "claimed_until")).unwrap();
        let claims: Vec<_> = claims.collect::<Result<_>>().unwrap();
        assert_eq!(claims, [Some(after), Some(before), None, Some(before)]);
    }

    #[test]
    fn feeds_are_claimed_along_an_index() {
        let db = database();
        let by_next_poll = "SEARCH feeds USING INDEX feeds_by_next_poll (next_poll_at<?)";
        let by_number = "SEARCH feeds USING INTEGER PRIMARY KEY (rowid>?)";
        for (query, step) in [
            (claiming(Wanted::Due), by_next_poll),
            (claiming(Wanted::DueAfter(FeedId(0))), by_number),
            (claiming(Wanted::AllAfter(FeedId(0))), by_number),
            (looking_for_next_due(), by_next_poll),
        ] {
            let steps = plan_without_sorting(&db, &query);
            assert!(steps.iter().any(|found| found == step), "{query}: {steps:?}");
        }
    }
}
