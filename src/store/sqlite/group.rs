//! Stores the readings of several feeds in one transaction, where several wait for the writer.
//!
//! A commit writes each page that was touched, and most indexes are touched all over; so what several
//! feeds brought is cheaper to write together than one after the other. Each reading keeps what a
//! transaction of its own would promise: it is stored as a whole or not at all, nobody is told that it
//! is stored before the commit, and where one of several fails, each is stored once more by itself.
//! Savepoints would promise the same; but SQLite then copies each page that a reading touches first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Error, Result, TransactionBehavior};
use tokio::sync::oneshot;

use super::admit;
use super::location::Location;
use crate::store::{Admission, Judge, Outcome, Reading};

/// How many entries are stored in one transaction, unless a single feed brings more: the writer is
/// busy with so many for some hundredths of a second, while the next are prepared.
const ENTRIES_MAX: usize = 120;

/// The readings that wait for the writer.
#[derive(Debug, Default)]
pub(super) struct Readings(Mutex<Vec<Waiting>>);

/// A reading, and where to say what became of it.
#[derive(Debug)]
struct Waiting {
    reading: Arc<Reading>,
    judge: Judge,
    answer: oneshot::Sender<Result<Admission>>,
}

impl Readings {
    /// Lets a reading wait for whoever has the writer next. It is answered when its transaction has
    /// ended, and not at all if that panicked.
    pub(super) fn add(
        &self,
        reading: Arc<Reading>,
        judge: Judge,
    ) -> oneshot::Receiver<Result<Admission>> {
        let (answer, answered) = oneshot::channel();
        self.list().push(Waiting { reading, judge, answer });
        answered
    }

    /// The readings that are stored next, first come, first served; those that nobody waits for any
    /// more are dropped.
    fn take(&self) -> Vec<Waiting> {
        let mut list = self.list();
        list.retain(|waiting| !waiting.answer.is_closed());
        let mut entries = 0;
        let fits = |waiting: &&Waiting| {
            let is_first = entries == 0;
            entries += waiting.entries();
            is_first || entries <= ENTRIES_MAX
        };
        let count = list.iter().take_while(fits).count();
        list.drain(..count).collect()
    }

    fn list(&self) -> MutexGuard<'_, Vec<Waiting>> {
        // A list of whole readings is sound whoever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores what waits, and answers.
    pub(super) fn store(&self, connection: &mut Connection, location: &Location) {
        let taken = self.take();
        let (readings, answers): (Vec<_>, Vec<_>) = taken
            .into_iter()
            .map(|Waiting { reading, judge, answer }| ((reading, judge), answer))
            .unzip();
        let stored = together(connection, &readings).and_then(|stored| {
            location.check_or_settle(connection)?;
            Ok(stored)
        });
        match stored {
            Ok(stored) => {
                for (answer, stored) in answers.into_iter().zip(stored) {
                    // Whoever does not wait any more does not want to know.
                    drop(answer.send(stored));
                }
            }
            Err(error) => {
                for answer in answers {
                    drop(answer.send(Err(same(&error))));
                }
            }
        }
    }
}

impl Waiting {
    /// How much work a reading is, in entries; one without any is some.
    fn entries(&self) -> usize {
        match &self.reading.outcome {
            Outcome::Changed(delivery) => 1 + delivery.candidates.len(),
            Outcome::NotModified { .. } | Outcome::Failed { .. } => 1,
        }
    }
}

/// Stores readings in one transaction. Where that fails, each gets one of its own, so that those fail
/// alone that have to.
///
/// # Errors
/// When no transaction can be begun.
fn together(
    connection: &mut Connection,
    readings: &[(Arc<Reading>, Judge)],
) -> Result<Vec<Result<Admission>>> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let stored = readings.iter().map(|(reading, judge)| admit::reading(&tx, reading, *judge));
    let stored = stored.collect::<Result<Vec<_>>>().and_then(|stored| {
        tx.commit()?;
        Ok(stored)
    });
    match stored {
        Ok(stored) => Ok(stored.into_iter().map(Ok).collect()),
        Err(error) if readings.len() == 1 => Ok(vec![Err(error)]),
        Err(_) => {
            Ok(readings.iter().map(|(reading, judge)| alone(connection, reading, *judge)).collect())
        }
    }
}

/// Stores a reading in a transaction of its own.
fn alone(connection: &mut Connection, reading: &Reading, judge: Judge) -> Result<Admission> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let stored = admit::reading(&tx, reading, judge)?;
    tx.commit()?;
    Ok(stored)
}

/// The same failure once more, for each who has to hear of it.
fn same(error: &Error) -> Error {
    match error {
        Error::SqliteFailure(code, message) => Error::SqliteFailure(*code, message.clone()),
        other => Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR),
            Some(other.to_string()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;
    use crate::model::{FeedId, Validators, Whereabouts};
    use crate::store::{NextPoll, SqliteStore, Store as _};

    /// A reading without entries.
    fn reading(feed: i64) -> Reading {
        let now = DateTime::UNIX_EPOCH;
        Reading {
            feed: FeedId(feed),
            worker: "somebody".to_owned(),
            now,
            duration_ms: 0,
            http_status: None,
            next_poll: NextPoll { at: now, reason: String::new() },
            whereabouts: Whereabouts::default(),
            near_since: now,
            outcome: Outcome::NotModified { validators: Validators::default() },
        }
    }

    fn nothing_to_judge() -> Judge {
        |_, _| unreachable!("there are no entries")
    }

    #[tokio::test]
    async fn whoever_stores_what_came_first_is_stored_as_well() {
        let store = SqliteStore::in_memory().unwrap();
        let add = |_| store.db.readings.add(Arc::new(reading(1)), nothing_to_judge());
        let earlier: Vec<_> = (0..ENTRIES_MAX).map(add).collect();
        let admitted = store.admit(reading(1), nothing_to_judge());
        let admitted = tokio::time::timeout(Duration::from_secs(60), admitted).await;
        assert!(matches!(admitted, Ok(Ok(Admission::ClaimLost))), "{admitted:?}");
        for answer in earlier {
            assert!(matches!(answer.await, Ok(Ok(Admission::ClaimLost))));
        }
    }

    #[tokio::test]
    async fn of_readings_stored_together_only_that_fails_which_has_to() {
        let store = SqliteStore::in_memory().unwrap();
        let mut connection = store.db.writer.lock().await;
        connection
            .execute_batch(
                "INSERT INTO feeds (id, url, origin, added_at, next_poll_at, next_poll_reason,
                                    claimed_by, claimed_until)
                 SELECT value, 'https://gazette.example/' || value, 'added', '', '', '', 'somebody', ''
                 FROM json_each('[1, 2, 3]');
                 CREATE TEMP TRIGGER fails BEFORE INSERT ON polls WHEN new.feed_id = 2
                 BEGIN SELECT raise(FAIL, 'no room for the second'); END;",
            )
            .unwrap();
        let add = |feed| store.db.readings.add(Arc::new(reading(feed)), nothing_to_judge());
        let [first, second, third] = [1, 2, 3].map(add);
        store.db.readings.store(&mut connection, &Location::default());
        let polled: Vec<i64> = connection
            .prepare("SELECT feed_id FROM polls ORDER BY feed_id")
            .and_then(|mut polls| polls.query_map([], |row| row.get(0))?.collect())
            .unwrap();
        assert_eq!(polled, [1, 3]);
        for stored in [first, third] {
            assert!(matches!(stored.await, Ok(Ok(Admission::Stored(_)))));
        }
        let failed = second.await.map(|stored| stored.map_err(|error| error.to_string()));
        assert!(matches!(&failed, Ok(Err(why)) if why.contains("no room")), "{failed:?}");
    }

    /// A store in which so many texts are gathered that the next reading has their fingerprints sorted in.
    async fn store_with_many_gathered(more: &str) -> SqliteStore {
        let store = SqliteStore::in_memory().unwrap();
        let gathered = "INSERT INTO near_recent (id, article_id, fingerprints)
                        VALUES (1, 1, x'01000000'), (20000, 2, x'0100000002000000');";
        store.db.writer.lock().await.execute_batch(&format!("{gathered}{more}")).unwrap();
        store
    }

    async fn count(store: &SqliteStore, table: &str) -> i64 {
        let query = format!("SELECT count(*) FROM {table}");
        store.db.writer.lock().await.query_row(&query, [], |row| row.get(0)).unwrap()
    }

    #[tokio::test]
    async fn what_a_reading_leaves_to_be_done_is_done_when_the_store_has_settled_down() {
        let store = store_with_many_gathered("").await;
        let admitted = store.admit(reading(1), nothing_to_judge()).await;
        assert!(matches!(admitted, Ok(Admission::ClaimLost)), "{admitted:?}");
        store.settle_down().await;
        assert_eq!(count(&store, "near_fingerprints").await, 3);
        assert_eq!(count(&store, "near_recent").await, 0);
    }

    #[tokio::test]
    async fn a_reading_is_stored_although_what_it_leaves_to_be_done_fails() {
        let fails = "CREATE TEMP TRIGGER fails BEFORE INSERT ON near_fingerprints
                     BEGIN SELECT raise(FAIL, 'no room in the index'); END;";
        let store = store_with_many_gathered(fails).await;
        let admitted = store.admit(reading(1), nothing_to_judge()).await;
        assert!(matches!(admitted, Ok(Admission::ClaimLost)), "{admitted:?}");
        store.settle_down().await;
        assert_eq!(count(&store, "near_recent").await, 2);
        // The next reading has it tried again.
        store.db.writer.lock().await.execute_batch("DROP TRIGGER fails").unwrap();
        drop(store.admit(reading(1), nothing_to_judge()).await);
        store.settle_down().await;
        assert_eq!(count(&store, "near_recent").await, 0);
    }
}
