//! Indexes articles for search, many at a time.
//!
//! FTS5 writes what one transaction adds as a segment of its own and merges segments as they grow in
//! number, so each word is written again for each time the index grew sixteenfold since. Triggers put
//! new and changed articles into a queue, which is indexed when it has grown long, or nothing else is
//! to be done.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Result, Transaction};

use crate::text::tokens::{has_script_without_spaces, set_apart_by};

/// How many articles are indexed in one transaction: the writer is busy with them for a tenth of a
/// second or two, and their words fill a few MiB. A thousand take as long for each, and twice the room.
const BATCH: u32 = 500;

/// Stands on each side of each character of a script that writes no spaces: invisible, and no part of a
/// word.
const PARTING: char = '\u{200b}';

/// Gives statements of a connection `is_parted(text)` and `parted(text)`: whether the view
/// `search_texts` changes a text, and what it makes of that, many times faster. The view stays what
/// the index is compared with, and what other tools use.
pub(super) fn set_up(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("is_parted", 1, flags, |context| {
        let text = context.get_raw(0).as_str_or_null()?;
        Ok(text.is_some_and(|text| has_script_without_spaces(seen(text))))
    })?;
    connection.create_scalar_function("parted", 1, flags, |context| {
        let text = context.get_raw(0).as_str_or_null()?;
        Ok(text.map(|text| set_apart_by(seen(text), PARTING)))
    })
}

/// Functions of SQL see nothing behind a NUL, so neither is it parted nor does it stay behind what is.
fn seen(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

/// Indexes a batch of what waits once it is long enough.
pub(super) fn index_if_enough(tx: &Transaction<'_>) -> Result<()> {
    let is_enough =
        tx.prepare_cached("SELECT 1 FROM search_queue LIMIT 1 OFFSET ?1 - 1")?.exists([BATCH])?;
    if is_enough {
        index(tx)?;
    }
    Ok(())
}

/// Indexes a batch of what waits; answers whether more waits.
pub(super) fn index(tx: &Transaction<'_>) -> Result<bool> {
    // One statement, because FTS5 writes a segment at the end of each.
    let indexed = tx
        .prepare_cached(
            "INSERT INTO search (rowid, title, body)
             SELECT a.id, iif(is_parted(a.title), parted(a.title), a.title),
                    iif(is_parted(a.body), parted(a.body), a.body)
             FROM search_queue AS q JOIN articles AS a ON a.id = q.article_id
             ORDER BY q.article_id LIMIT ?1",
        )?
        .execute([BATCH])?;
    tx.prepare_cached(
        "DELETE FROM search_queue
         WHERE article_id IN (SELECT article_id FROM search_queue ORDER BY article_id LIMIT ?1)",
    )?
    .execute([BATCH])?;
    Ok(usize::try_from(BATCH) == Ok(indexed))
}

/// Whether anything waits to be indexed.
pub(super) fn is_waiting(db: &Connection) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM search_queue LIMIT 1")?.exists([])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::{Connection, TransactionBehavior};

    use super::*;
    use crate::store::sqlite::empty::database;

    fn insert(db: &Connection, title: &str, body: Option<&str>) -> i64 {
        db.query_row(
            "INSERT INTO articles (url_standing, title, first_seen_at, changed_at, body, body_sha256,
                                   words, text_source, text_copied, rules_version, hold_reason)
             VALUES ('feed', ?1, '2026-04-07T16:54:00Z', '2026-04-07T16:54:00Z', ?2,
                     iif(?2 IS NULL, NULL, 'x'), 0, iif(?2 IS NULL, NULL, 'feed'), 0, '1',
                     iif(?2 IS NULL, 'empty', NULL))
             RETURNING id",
            (title, body),
            |row| row.get(0),
        )
        .unwrap()
    }

    fn index_all(db: &mut Connection) {
        loop {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
            let more = index(&tx).unwrap();
            tx.commit().unwrap();
            if !more {
                return;
            }
        }
    }

    /// Fails unless the index holds exactly the words of the articles that do not wait.
    fn check(db: &Connection, when: &str) {
        let waiting: i64 =
            db.query_row("SELECT count(*) FROM search_queue", [], |row| row.get(0)).unwrap();
        let rank = i64::from(waiting == 0);
        let sound =
            db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', ?1)", [rank]);
        assert!(sound.is_ok(), "{when}: {sound:?}");
    }

    fn found(db: &Connection, asked: &str) -> i64 {
        db.query_row("SELECT count(*) FROM search WHERE search MATCH ?1", [asked], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn words_are_found_in_every_script_and_as_they_stand() {
        let mut db = database();
        for text in [
            "The ferry to Sarnø is late",
            "Kapal feri ke pulau terlambat",
            "市政府在東京灣開設新渡輪航線",
            "市はフェリーの新しい航路を開く",
            "เรือข้ามฟากไปเกาะล่าช้า",
            "द्वीप की नौका में देरी",
            "섬으로 가는 배가 늦는다",
        ] {
            insert(&db, text, None);
        }
        index_all(&mut db);
        for (asked, times) in [
            ("FERRY", 1),
            ("sarno", 0), // ø is a letter of its own
            ("fer*", 2),
            ("terlambat", 1),
            ("\"東 京\"", 1),
            ("\"京 東\"", 0),
            ("\"渡 輪\"", 1),
            ("\"フ ェ リ ー\"", 1),
            ("\"เ ก า ะ\"", 1),
            ("\"ไ ป เ รื\"", 0),
            ("नौका", 1),
            ("नौ", 0),
            ("섬으로", 1),
        ] {
            assert_eq!(found(&db, asked), times, "{asked}");
        }
        check(&db, "after indexing");
    }

    #[test]
    fn what_is_read_of_the_index_is_the_text_with_nothing_but_invisible_marks() {
        let mut db = database();
        let body = "新渡輪 123 opens – ".repeat(40);
        insert(&db, "渡輪", Some(&body));
        index_all(&mut db);
        let read: String = db
            .query_row("SELECT body FROM search WHERE search MATCH '\"渡 輪\"'", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_ne!(read, body);
        assert_eq!(read.replace('\u{200b}', ""), body);
    }

    #[test]
    fn more_than_a_batch_is_indexed_in_several() {
        let mut db = database();
        for number in 0..=BATCH {
            insert(&db, &format!("story {number}"), None);
        }
        let tx = db.transaction().unwrap();
        index_if_enough(&tx).unwrap();
        tx.commit().unwrap();
        assert_eq!(found(&db, "story"), i64::from(BATCH));
        let tx = db.transaction().unwrap();
        index_if_enough(&tx).unwrap();
        assert!(is_waiting(&tx).unwrap(), "one article is no batch");
        assert!(!index(&tx).unwrap());
        assert!(!is_waiting(&tx).unwrap());
        tx.commit().unwrap();
        assert_eq!(found(&db, "story"), i64::from(BATCH + 1));
    }

    /// Texts of all sorts, often with characters about the edges of the scripts without spaces.
    fn texts() -> impl Strategy<Value = String> {
        let characters = prop_oneof![
            any::<char>(),
            proptest::char::range('a', 'z'),
            proptest::char::range('\u{4dbe}', '\u{4e02}'),
            proptest::char::range('\u{0e00}', '\u{0f02}'),
            proptest::char::range('\u{3000}', '\u{3102}'),
            Just(' '),
            Just('\0'),
        ];
        proptest::collection::vec(characters, 0..200)
            .prop_map(|characters| characters.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_the_texts_the_index_follows_them(
            title in texts(), body in texts(), next in texts(), is_indexed in any::<bool>(),
        ) {
            let mut db = database();
            let id = insert(&db, &title, Some(&body));
            if is_indexed {
                index_all(&mut db);
            }
            check(&db, "after inserting");
            db.execute("UPDATE articles SET body = ?2 WHERE id = ?1", (id, &next)).unwrap();
            check(&db, "after changing");
            index_all(&mut db);
            check(&db, "after indexing the change");
            db.execute("DELETE FROM articles WHERE id = ?1", [id]).unwrap();
            check(&db, "after deleting");
            prop_assert!(!is_waiting(&db).unwrap());
        }
    }
}
