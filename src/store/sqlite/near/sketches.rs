//! Keeps the sketches of texts, and rules out by them what need not be read.
//!
//! A sketch stands with the beginning of its text's hash: whoever puts another text in the place of
//! one, whichever tool says it, leaves a sketch that is nobody's, and the text is compared.

use rusqlite::{Connection, Result, Transaction};

use crate::model::{ArticleId, Fingerprint};
use crate::text::sketch::Sketch;

/// How many articles' sketches are deleted at once.
const FORGOTTEN_AT_ONCE: i64 = 4_096;

/// The sketches kept for an article, of how many of its texts each is, and how many it has: the body and
/// its variants. Asked of indexes alone: in an article's row the hash stands behind the body, often on
/// another page.
const SKETCHES: &str = "
    SELECT k.sketch,
      EXISTS (SELECT 1 FROM articles AS a INDEXED BY articles_by_text
              WHERE a.id = ?1 AND a.body_sha256 >= k.body_sha256
                AND a.body_sha256 < k.body_sha256 || 'g')
      + EXISTS (SELECT 1 FROM variants AS v
                WHERE v.article_id = ?1 AND v.body_sha256 >= k.body_sha256
                  AND v.body_sha256 < k.body_sha256 || 'g') AS of_texts,
      1 + (SELECT count(*) FROM variants WHERE article_id = ?1) AS texts
    FROM near_sketches AS k WHERE k.article_id = ?1";

/// Keeps the sketch of a text of an article.
pub(super) fn add(
    tx: &Transaction<'_>,
    article: ArticleId,
    fingerprint: &Fingerprint,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO near_sketches (article_id, body_sha256, sketch)
         VALUES (?1, substr(?2, 1, 16), ?3)",
    )?
    .execute((article.0, &fingerprint.sha256, fingerprint.sketch.to_bytes()))?;
    Ok(())
}

/// Whether a text with this sketch may be a copy of one of an article's texts, or one of it.
pub(super) fn may_be_a_copy(db: &Connection, article: ArticleId, sketch: &Sketch) -> Result<bool> {
    may_have(db, article, |theirs| !theirs.rules_out(sketch))
}

/// Whether a text with this sketch may share more than a sentence or two with one of an article's texts.
pub(super) fn may_share(db: &Connection, article: ArticleId, sketch: &Sketch) -> Result<bool> {
    may_have(db, article, |theirs| !theirs.is_foreign_to(sketch))
}

/// Whether one of an article's texts has a sketch like this, or none that is known.
fn may_have(
    db: &Connection,
    article: ArticleId,
    is_like_this: impl Fn(&Sketch) -> bool,
) -> Result<bool> {
    let mut statement = db.prepare_cached(SKETCHES)?;
    let mut rows = statement.query([article.0])?;
    let (mut ruled_out, mut texts) = (0_i64, 1_i64);
    while let Some(row) = rows.next()? {
        let of_texts: i64 = row.get("of_texts")?;
        let theirs = Sketch::from_bytes(row.get_ref("sketch")?.as_blob()?);
        if of_texts > 0 && is_like_this(&theirs) {
            return Ok(true);
        }
        ruled_out += of_texts;
        texts = row.get("texts")?;
    }
    Ok(ruled_out < texts)
}

/// Deletes sketches of articles before one, as many as are deleted at once.
pub(super) fn forget(tx: &Transaction<'_>, before: ArticleId) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM near_sketches
         WHERE article_id < min(?1, (SELECT min(article_id) FROM near_sketches) + ?2)",
    )?
    .execute((before.0, FORGOTTEN_AT_ONCE))
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::empty::{database, plan_of};
    use crate::text::shingles::mixed;

    const ARTICLE: ArticleId = ArticleId(1);

    /// A text of 400 words, which begins with so many of its predecessor's.
    fn text(number: u64, of_its_predecessor: u64) -> Fingerprint {
        let from = number * 400;
        let shingles: Vec<u64> =
            (from - of_its_predecessor..from + 400 - of_its_predecessor).map(mixed).collect();
        Fingerprint {
            sha256: format!("{number:064}").chars().rev().collect(),
            near: Vec::new(),
            sketch: Sketch::of(&shingles),
            words: 400,
        }
    }

    fn store(db: &mut Connection, text: &Fingerprint) {
        db.execute(
            "INSERT INTO articles (id, url_standing, title, first_seen_at, changed_at, body,
                                   body_sha256, words, text_source, text_copied, rules_version)
             VALUES (?1, 'feed', '', '2026-04-07T16:54:00Z', '2026-04-07T16:54:00Z', '', ?2, 400,
                     'feed', 0, '1')",
            (ARTICLE.0, &text.sha256),
        )
        .unwrap();
        keep(db, ARTICLE, text);
    }

    fn store_variant(db: &mut Connection, text: &Fingerprint) {
        db.execute(
            "INSERT INTO variants (article_id, body, body_sha256, words, seen_at)
             VALUES (?1, '', ?2, 400, '2026-04-07T16:54:00Z')",
            (ARTICLE.0, &text.sha256),
        )
        .unwrap();
    }

    fn keep(db: &mut Connection, article: ArticleId, text: &Fingerprint) {
        let tx = db.transaction().unwrap();
        add(&tx, article, text).unwrap();
        tx.commit().unwrap();
    }

    fn may_be(db: &Connection, text: &Fingerprint) -> bool {
        may_be_a_copy(db, ARTICLE, &text.sketch).unwrap()
    }

    #[test]
    fn texts_with_little_in_common_need_not_be_read() {
        let mut db = database();
        store(&mut db, &text(1, 0));
        assert!(may_be(&db, &text(1, 0)));
        assert!(may_be(&db, &text(2, 250)));
        assert!(!may_be(&db, &text(2, 20)));
        assert!(!may_be(&db, &text(9, 0)));
    }

    #[test]
    fn an_article_is_read_as_long_as_one_of_its_texts_may_be_a_copy() {
        let mut db = database();
        store(&mut db, &text(1, 0));
        store_variant(&mut db, &text(5, 0));
        keep(&mut db, ARTICLE, &text(5, 0));
        assert!(may_be(&db, &text(1, 0)));
        assert!(may_be(&db, &text(5, 0)));
        assert!(!may_be(&db, &text(9, 0)));
        store_variant(&mut db, &text(7, 0));
        assert!(may_be(&db, &text(9, 0)), "the second variant has no sketch");
        keep(&mut db, ARTICLE, &text(7, 0));
        assert!(!may_be(&db, &text(9, 0)));
        keep(&mut db, ARTICLE, &text(9, 0));
        assert!(!may_be(&db, &text(9, 0)), "a sketch of no text of the article counts for nothing");
    }

    #[test]
    fn what_is_ruled_out_is_told_without_reading_articles() {
        let db = database();
        let steps = plan_of(&db, SKETCHES).into_iter();
        let of_articles: Vec<String> = steps.filter(|step| step.contains(" a ")).collect();
        let [step] = of_articles.as_slice() else { panic!("one look-up: {of_articles:?}") };
        assert!(step.starts_with("SEARCH a USING COVERING INDEX articles_by_text"), "{step}");
    }

    #[test]
    fn a_text_that_has_no_sketch_of_its_own_is_read() {
        for statement in [
            "DELETE FROM near_sketches",
            "UPDATE articles SET body_sha256 = 'another'",
            "UPDATE near_sketches SET sketch = x'010203'",
            "UPDATE near_sketches SET sketch = x'02000100'",
        ] {
            let mut db = database();
            store(&mut db, &text(1, 0));
            assert!(!may_be(&db, &text(9, 0)));
            db.execute(statement, []).unwrap();
            assert!(may_be(&db, &text(9, 0)), "{statement}");
        }
        let mut db = database();
        store(&mut db, &text(1, 0));
        store_variant(&mut db, &text(5, 0));
        assert!(may_be(&db, &text(9, 0)));
    }

    #[test]
    fn sketches_of_old_articles_are_forgotten_some_at_a_time() {
        let mut db = database();
        for article in [1, 2, FORGOTTEN_AT_ONCE, FORGOTTEN_AT_ONCE + 1, FORGOTTEN_AT_ONCE + 9] {
            keep(&mut db, ArticleId(article), &text(1, 0));
        }
        let mut left = Vec::new();
        for before in [1, 2, FORGOTTEN_AT_ONCE + 9, FORGOTTEN_AT_ONCE + 9] {
            let tx = db.transaction().unwrap();
            forget(&tx, ArticleId(before)).unwrap();
            tx.commit().unwrap();
            let count = "SELECT count(*) FROM near_sketches";
            left.push(db.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap());
        }
        assert_eq!(left, [5, 4, 1, 1]);
    }
}
