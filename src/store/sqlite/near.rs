//! Keeps the index of near fingerprints: writes it, looks in it, and forgets what grew old.
//!
//! Fingerprints are random numbers: written one text after the other, each dirties a page of its own.
//! So those of the latest texts are appended to `near_recent`, a row a text, and sorted into
//! `near_fingerprints` by thousands. Each writing connection mirrors `near_recent` in memory
//! ([`mirror`]), where it looks for them; a mirror may hold too much, since every find is verified,
//! but never too little. In the index a number is looked up only if it may be there ([`filters`]).

mod filters;
mod mirror;
mod sketches;

use std::ops::Range;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Transaction, params_from_iter};

use self::mirror::Posting;
use super::known::first_since;
use crate::model::{ArticleId, Fingerprint};
use crate::text::shingles::{NEAR_CANDIDATES_MAX, NEAR_POSTINGS_MAX, NEAR_SHARED_MIN};

/// In how many steps the whole index is read through. A step over the fingerprints of a million
/// articles reads some 4 MB.
pub(super) const SLICES: Range<i64> = 0..64;

/// One more than the largest fingerprint: they have 31 bits.
const FINGERPRINTS: i64 = 1 << 31;

/// How many texts are gathered before their fingerprints are sorted in. Of an index of a million
/// articles, some 45,000 pages, nearly all get one or more of the numbers of so many texts, so that a
/// page is written once for six numbers or so; the mirror of these takes some 4 MB.
const GATHERED: i64 = 16_384;

/// How many fingerprints one statement looks up: as many as a text has.
const LOOKED_UP_AT_ONCE: usize = 16;

/// Gives a connection its mirror of `near_recent`.
pub(super) fn set_up(connection: &mut Connection) -> Result<()> {
    mirror::set_up(connection)
}

/// Adds the text of a new article.
pub(super) fn add_first(
    tx: &Transaction<'_>,
    article: ArticleId,
    fingerprint: &Fingerprint,
) -> Result<()> {
    sketches::add(tx, article, fingerprint)?;
    append(tx, article, &fingerprint.near)
}

/// Adds a text of an article, as far as it has not the same fingerprints already.
pub(super) fn add(
    tx: &Transaction<'_>,
    article: ArticleId,
    fingerprint: &Fingerprint,
) -> Result<()> {
    sketches::add(tx, article, fingerprint)?;
    mirror::catch_up(tx)?;
    let recent = mirror::find(tx, &fingerprint.near, article.0)?;
    let mut known = tx.prepare_cached(
        "SELECT 1 FROM near_fingerprints WHERE fingerprint = ?1 AND article_id = ?2",
    )?;
    let sorted_in = mirror::perhaps_sorted_in(tx, &fingerprint.near)?;
    let mut more = Vec::new();
    for number in &fingerprint.near {
        let is_known = recent.contains(&(*number, article.0))
            || sorted_in.contains(number) && known.exists((number, article.0))?;
        if !is_known {
            more.push(*number);
        }
    }
    append(tx, article, &more)
}

/// Whether a text may share more than a sentence or two with an article's; of what is too old or too short
/// to tell, it may.
pub(super) fn may_share(
    db: &Connection,
    article: ArticleId,
    fingerprint: &Fingerprint,
) -> Result<bool> {
    sketches::may_share(db, article, &fingerprint.sketch)
}

fn append(tx: &Transaction<'_>, article: ArticleId, fingerprints: &[u32]) -> Result<()> {
    if fingerprints.is_empty() {
        return Ok(());
    }
    tx.prepare_cached("INSERT INTO near_recent (article_id, fingerprints) VALUES (?1, ?2)")?
        .execute((article.0, mirror::to_blob(fingerprints)))?;
    Ok(())
}

/// Whether so many texts are gathered that their fingerprints are to be sorted in.
pub(super) fn is_full(db: &Connection) -> Result<bool> {
    db.prepare_cached(&format!(
        "SELECT (SELECT max(id) FROM near_recent) - (SELECT min(id) FROM near_recent) >= {GATHERED}"
    ))?
    .query_row([], |row| row.get::<_, Option<bool>>(0))
    .map(Option::unwrap_or_default)
}

/// Copies the gathered fingerprints of one slice into the index; answers the last text that was among
/// them. Once this was done for every slice, that text and those before it are [`sorted_in`].
pub(super) fn sort_in(tx: &Transaction<'_>, slice: i64) -> Result<i64> {
    let last = mirror::catch_up(tx)?;
    let (from, to) = bounds(slice);
    let mut insert = tx.prepare_cached(
        "INSERT OR IGNORE INTO near_fingerprints (fingerprint, article_id) VALUES (?1, ?2)",
    )?;
    let postings = mirror::between(tx, from..to)?;
    for posting in &postings {
        insert.execute(*posting)?;
    }
    filters::extend(tx, slice, from..to, &postings)?;
    Ok(last)
}

/// Ends the gathering of the texts up to one, which are in the index now.
pub(super) fn sorted_in(tx: &Transaction<'_>, last: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM near_recent WHERE id <= ?1")?.execute([last]).map(|_| ())
}

/// The articles from a number on that may have nearly a text, those that share most with it first.
pub(super) fn proposed(
    db: &Connection,
    fingerprint: &Fingerprint,
    from: ArticleId,
) -> Result<Vec<ArticleId>> {
    let mut proposed = Vec::new();
    for article in most_alike(db, &fingerprint.near, from)? {
        if sketches::may_be_a_copy(db, article, &fingerprint.sketch)? {
            proposed.push(article);
        }
    }
    Ok(proposed)
}

/// The articles from a number on that share enough fingerprints with a text, most shared first.
fn most_alike(db: &Connection, fingerprints: &[u32], from: ArticleId) -> Result<Vec<ArticleId>> {
    mirror::catch_up(db)?;
    let mut postings: Vec<Posting> = mirror::find(db, fingerprints, from.0)?;
    let boilerplate = postings.extract_if(.., |posting| posting.1 == mirror::MANY_ARTICLES);
    let boilerplate: Vec<u32> = boilerplate.map(|(number, _)| number).collect();
    let is_sorted_in = db.prepare_cached("SELECT 1 FROM near_fingerprints")?.exists([])?;
    let mut sorted_in =
        if is_sorted_in { mirror::perhaps_sorted_in(db, fingerprints)? } else { Vec::new() };
    sorted_in.retain(|number| !boilerplate.contains(number));
    for piece in sorted_in.chunks(LOOKED_UP_AT_ONCE) {
        let mut statement = db.prepare_cached(look_up(piece.len()))?;
        let wanted = piece.iter().map(|number| i64::from(*number));
        let mut rows = statement.query(params_from_iter(wanted.chain([from.0])))?;
        while let Some(row) = rows.next()? {
            postings.push((row.get(0)?, row.get(1)?));
        }
    }
    postings.sort_unstable();
    // What is being sorted in stands in both.
    postings.dedup();
    let same_number = |left: &Posting, right: &Posting| left.0 == right.0;
    let mut bearers: Vec<i64> = postings
        .chunk_by(same_number)
        // What so many articles carry is boilerplate or a template.
        .filter(|bearers| bearers.len() <= NEAR_POSTINGS_MAX)
        .flat_map(|bearers| bearers.iter().map(|(_, article)| *article))
        .collect();
    bearers.sort_unstable();
    let mut best: Vec<(usize, i64)> = bearers
        .chunk_by(PartialEq::eq)
        .filter(|shared| shared.len() >= NEAR_SHARED_MIN)
        .filter_map(|shared| Some((shared.len(), *shared.first()?)))
        .collect();
    // Of equals the older, so that the order depends on nothing else.
    best.sort_by_key(|(count, id)| (std::cmp::Reverse(*count), *id));
    Ok(best.into_iter().take(NEAR_CANDIDATES_MAX).map(|(_, id)| ArticleId(id)).collect())
}

/// Asks for the articles that carry each of so many fingerprints, a few of each; the parameter after
/// the fingerprints is the first article that counts. One statement, because to begin one takes longer
/// than to look a number up.
fn look_up(fingerprints: usize) -> &'static str {
    static WRITTEN: [OnceLock<String>; LOOKED_UP_AT_ONCE] =
        [const { OnceLock::new() }; LOOKED_UP_AT_ONCE];
    let one = |number: usize| {
        format!(
            "SELECT * FROM (SELECT fingerprint, article_id FROM near_fingerprints
             WHERE fingerprint = ?{number} AND article_id >= ?{} LIMIT {})",
            fingerprints + 1,
            NEAR_POSTINGS_MAX + 1
        )
    };
    let write = || (1..=fingerprints).map(one).collect::<Vec<_>>().join(" UNION ALL ");
    let written = fingerprints.checked_sub(1).and_then(|place| WRITTEN.get(place));
    written.expect("a piece has one to sixteen").get_or_init(write)
}

/// Deletes what was gathered of articles first seen before a moment.
pub(super) fn forget_gathered(tx: &Transaction<'_>, before: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("DELETE FROM near_recent WHERE article_id < ?1")?
        .execute([first_since(tx, before)?.0])
        .map(|_| ())
}

/// Whether the index may hold something of articles first seen before a moment. Their sketches tell, which
/// are forgotten together with it.
pub(super) fn holds_older(db: &Connection, before: DateTime<Utc>) -> Result<bool> {
    let first = first_since(db, before)?;
    db.prepare_cached("SELECT 1 FROM near_sketches WHERE article_id < ?1")?.exists([first.0])
}

/// Deletes what one slice holds of articles first seen before a moment, and some of their sketches.
pub(super) fn forget(tx: &Transaction<'_>, slice: i64, before: DateTime<Utc>) -> Result<()> {
    let (from, to) = bounds(slice);
    let first = first_since(tx, before)?;
    sketches::forget(tx, first)?;
    tx.prepare_cached(
        "DELETE FROM near_fingerprints
         WHERE fingerprint >= ?1 AND fingerprint < ?2 AND article_id < ?3",
    )?
    .execute((from, to, first.0))?;
    Ok(())
}

/// The fingerprints of a slice: from the first to the one after the last.
fn bounds(slice: i64) -> (i64, i64) {
    let width = FINGERPRINTS / SLICES.end;
    (slice * width, (slice + 1) * width)
}

/// The slice that a fingerprint belongs to.
fn slice_of(fingerprint: u32) -> i64 {
    i64::from(fingerprint) / (FINGERPRINTS / SLICES.end)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;
    use std::time::Duration;

    use proptest::prelude::*;
    use rusqlite::TransactionBehavior;

    use super::*;
    use crate::store::sqlite::schema;
    use crate::text::sketch::Sketch;

    fn open(path: &Path) -> Connection {
        let mut connection = Connection::open(path).unwrap();
        schema::prepare(&mut connection, "test", Duration::ZERO).unwrap();
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        set_up(&mut connection).unwrap();
        connection
    }

    fn begin(db: &mut Connection) -> Transaction<'_> {
        db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap()
    }

    fn text(near: &BTreeSet<u32>) -> Fingerprint {
        let near: Vec<u32> = near.iter().copied().collect();
        Fingerprint { sha256: String::new(), words: near.len(), near, sketch: Sketch::default() }
    }

    /// What one of two processes does with one file.
    #[derive(Debug, Clone)]
    enum Deed {
        Add {
            article: i64,
            near: BTreeSet<u32>,
            is_taken_back: bool,
        },
        SortIn,
        /// As if the file were one of before there were filters.
        LoseFilters,
        Look {
            near: BTreeSet<u32>,
        },
    }

    fn deeds() -> impl Strategy<Value = Vec<(bool, Deed)>> {
        // Few numbers, spread over all slices, so that articles share them.
        let near =
            || proptest::collection::btree_set((0_u32..24).prop_map(|n| n * 89_478_485), 1..5);
        let deed = prop_oneof![
            4 => (1_i64..8, near(), prop::bool::weighted(0.2)).prop_map(
                |(article, near, is_taken_back)| Deed::Add { article, near, is_taken_back }
            ),
            2 => Just(Deed::SortIn),
            1 => Just(Deed::LoseFilters),
            4 => near().prop_map(|near| Deed::Look { near }),
        ];
        proptest::collection::vec((any::<bool>(), deed), 1..24)
    }

    fn expected(known: &BTreeMap<i64, BTreeSet<u32>>, near: &BTreeSet<u32>) -> Vec<ArticleId> {
        let shared = known.iter().map(|(id, theirs)| (theirs.intersection(near).count(), *id));
        let mut best: Vec<_> = shared.filter(|(count, _)| *count >= NEAR_SHARED_MIN).collect();
        best.sort_by_key(|(count, id)| (std::cmp::Reverse(*count), *id));
        best.into_iter().take(NEAR_CANDIDATES_MAX).map(|(_, id)| ArticleId(id)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn whoever_gathered_and_sorted_in_each_text_is_found(deeds in deeds()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("near.sqlite");
            let (mut one, mut other) = (open(&path), open(&path));
            let mut known: BTreeMap<i64, BTreeSet<u32>> = BTreeMap::new();
            for (is_other, deed) in deeds {
                let db = if is_other { &mut other } else { &mut one };
                match deed {
                    Deed::Add { article, near, is_taken_back } => {
                        let tx = begin(db);
                        add(&tx, ArticleId(article), &text(&near)).unwrap();
                        if is_taken_back {
                            tx.rollback().unwrap();
                        } else {
                            tx.commit().unwrap();
                            known.entry(article).or_default().extend(near);
                        }
                    }
                    Deed::SortIn => {
                        let mut last = i64::MAX;
                        for slice in SLICES {
                            let tx = begin(db);
                            last = last.min(sort_in(&tx, slice).unwrap());
                            tx.commit().unwrap();
                        }
                        let tx = begin(db);
                        sorted_in(&tx, last).unwrap();
                        tx.commit().unwrap();
                        let left: i64 = db
                            .query_row("SELECT count(*) FROM near_recent", [], |row| row.get(0))
                            .unwrap();
                        prop_assert_eq!(left, 0);
                    }
                    Deed::LoseFilters => {
                        db.execute("DELETE FROM near_filters", []).unwrap();
                    }
                    Deed::Look { near } => {
                        let tx = begin(db);
                        let asked: Vec<u32> = near.iter().copied().collect();
                        let found = most_alike(&tx, &asked, ArticleId(0)).unwrap();
                        prop_assert_eq!(found, expected(&known, &near));
                    }
                }
            }
        }
    }

    #[test]
    fn what_another_adds_and_sorts_in_while_nothing_is_gathered_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("near.sqlite");
        let (mut one, mut other) = (open(&path), open(&path));
        for article in [1, 2] {
            let near: BTreeSet<u32> = [article, 1 << 30].into();
            let asked: Vec<u32> = near.iter().copied().collect();
            // In the second round the index holds something, so that the one has read its filters.
            let tx = begin(&mut one);
            assert_eq!(most_alike(&tx, &asked, ArticleId(0)).unwrap(), []);
            tx.commit().unwrap();
            let tx = begin(&mut other);
            add(&tx, ArticleId(article.into()), &text(&near)).unwrap();
            let last = SLICES.map(|slice| sort_in(&tx, slice).unwrap()).min().unwrap();
            sorted_in(&tx, last).unwrap();
            tx.commit().unwrap();
            let tx = begin(&mut one);
            let found = most_alike(&tx, &asked, ArticleId(0)).unwrap();
            assert_eq!(found, [ArticleId(article.into())]);
        }
    }

    #[test]
    fn what_too_many_articles_bear_proposes_none_of_them_wherever_it_stands() {
        let many = i64::try_from(NEAR_POSTINGS_MAX).unwrap() + 1;
        // The articles that are in the index; the others are gathered.
        for sorted_in in [0, 5, many] {
            let folder = tempfile::tempdir().unwrap();
            let mut db = open(&folder.path().join("near.sqlite"));
            let tx = begin(&mut db);
            let (mut rare, boilerplate) = (BTreeSet::from([1, 2]), BTreeSet::from([8, 9]));
            for article in 1..=many {
                add_first(&tx, ArticleId(article), &text(&boilerplate)).unwrap();
                if article == sorted_in {
                    let last = SLICES.map(|slice| sort_in(&tx, slice).unwrap()).min().unwrap();
                    self::sorted_in(&tx, last).unwrap();
                }
            }
            add_first(&tx, ArticleId(99), &text(&rare)).unwrap();
            rare.extend(boilerplate);
            let asked: Vec<u32> = rare.into_iter().collect();
            let found = |from| most_alike(&tx, &asked, ArticleId(from)).unwrap();
            assert_eq!(found(0), [ArticleId(99)], "{sorted_in}");
            // Of those that count there is one less.
            assert_eq!(found(2).len(), NEAR_CANDIDATES_MAX, "{sorted_in}");
        }
    }

    #[test]
    fn an_index_is_full_once_many_texts_are_gathered() {
        let folder = tempfile::tempdir().unwrap();
        let mut db = open(&folder.path().join("near.sqlite"));
        let tx = db.transaction().unwrap();
        assert!(!is_full(&tx).unwrap());
        for article in 0..=GATHERED {
            assert!(!is_full(&tx).unwrap());
            add_first(&tx, ArticleId(article), &text(&BTreeSet::from([7]))).unwrap();
        }
        assert!(is_full(&tx).unwrap());
        let last = sort_in(&tx, 0).unwrap();
        sorted_in(&tx, last).unwrap();
        assert!(!is_full(&tx).unwrap());
    }
}
