//! Promises to those who read the file while it is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, OpenFlags};

use crate::harness::{Ingest, Publisher, Reply, stories};

const FEEDS: usize = 5;
const ENTRIES: usize = 30;

/// Feeds that have not been polled yet.
async fn unread() -> (Ingest, Publisher) {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    for feed in 0..FEEDS {
        let numbers = feed * ENTRIES..(feed + 1) * ENTRIES;
        publisher.set(&format!("/{feed}"), Reply::feed(stories(numbers)));
        ingest.add(&[&publisher.url(&format!("/{feed}"))]).await;
    }
    (ingest, publisher)
}

#[tokio::test]
async fn a_reader_sees_one_moment_for_as_long_as_it_likes_and_keeps_nobody_waiting() {
    let (ingest, _publisher) = unread().await;
    let reader = ingest.connection();
    let count = || reader.query_row("SELECT count(*) FROM latest", [], |row| row.get::<_, i64>(0));
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(count().unwrap(), 0);
    let output = ingest.run(&["--once"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(count().unwrap(), 0, "its transaction began before the pass");
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count().unwrap(), i64::try_from(FEEDS * ENTRIES).unwrap());
}

#[tokio::test]
async fn readers_in_a_loop_see_whole_feeds_only() {
    let (ingest, _publisher) = unread().await;
    let is_done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (database, is_done) = (ingest.database(), Arc::clone(&is_done));
        std::thread::spawn(move || {
            loop {
                // Asked first, so that it looks once more when all is written.
                let is_last = is_done.load(Ordering::Relaxed);
                let db = Connection::open_with_flags(&database, OpenFlags::SQLITE_OPEN_READ_ONLY)
                    .unwrap();
                let whole = i64::try_from(ENTRIES).unwrap();
                let parts: i64 = db
                    .query_row(
                        "SELECT count(*) FROM (SELECT 1 FROM sightings GROUP BY feed_id
                                               HAVING count(*) <> ?1)",
                        [whole],
                        |row| row.get(0),
                    )
                    .unwrap();
                assert_eq!(parts, 0, "feeds of which a part is there");
                if is_last {
                    return;
                }
            }
        })
    };
    let output = ingest.run(&["--once"]).await;
    is_done.store(true, Ordering::Relaxed);
    reader.join().unwrap();
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(ingest.value::<i64>("SELECT count(DISTINCT feed_id) FROM sightings"), 5);
}
