//! Searches titles and bodies, and marks what was found.

use rusqlite::{Connection, Result, Row, named_params};

use super::selection::SELECTED;
use crate::model::{ArticleId, SearchQuery, Term};
use crate::store::sqlite::rows::{get_moment, get_moment_if_any, get_number, moment};
use crate::store::{Fragment, Hit, HitOrder, Search};

/// Marks around what was found: characters that Unicode promises never to use in a text.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// The index sets characters of scripts without spaces apart by this; nobody else wants to see it.
const SET_APART: char = '\u{200b}';

pub(super) fn hits(db: &Connection, search: &Search) -> Result<Vec<Hit>> {
    let order = match search.order {
        HitOrder::Best => "search.rank",
        HitOrder::Newest => "search.rowid DESC",
    };
    // The index is asked first and gives its rows in order, so that snippets are made for no more rows
    // than are wanted. A word in the title counts as much as four in the body.
    let statement = format!(
        "SELECT a.id, a.url, a.title, a.language, a.published_at, a.first_seen_at,
                (SELECT count(DISTINCT s.feed_id) FROM sightings AS s WHERE s.article_id = a.id)
                  AS feeds,
                search.rank AS rank,
                highlight(search, 0, :open, :close) AS marked_title,
                snippet(search, 1, :open, :close, '…', 32) AS snippet
         FROM search CROSS JOIN articles AS a ON a.id = search.rowid
         WHERE search MATCH :match AND search.rank MATCH 'bm25(4.0, 1.0)'
           AND (:since IS NULL OR a.first_seen_at >= :since) AND {SELECTED}
         ORDER BY {order} LIMIT :at_most"
    );
    let parameters = named_params! {
        ":open": OPEN.to_string(),
        ":close": CLOSE.to_string(),
        ":match": expression(&search.query),
        ":since": search.since.map(moment),
        ":feed": search.among.feed.map(|feed| feed.0),
        ":host": search.among.host,
        ":language": search.among.language.as_ref().map(|language| language.to_lowercase()),
        ":at_most": search.at_most,
    };
    db.prepare_cached(&statement)?.query_map(parameters, hit)?.collect()
}

pub(super) fn waiting(db: &Connection) -> Result<u64> {
    db.prepare_cached("SELECT count(*) FROM search_queue")?.query_one([], |row| get_number(row, 0))
}

fn hit(row: &Row<'_>) -> Result<Hit> {
    let fragments = |column: &str| {
        row.get::<_, Option<String>>(column).map(|text| fragments(&text.unwrap_or_default()))
    };
    Ok(Hit {
        id: ArticleId(row.get("id")?),
        url: row.get("url")?,
        title: row.get("title")?,
        language: row.get("language")?,
        published_at: get_moment_if_any(row, "published_at")?,
        first_seen_at: get_moment(row, "first_seen_at")?,
        feeds: get_number(row, "feeds")?,
        rank: row.get("rank")?,
        marked_title: fragments("marked_title")?,
        snippet: fragments("snippet")?,
    })
}

/// Cuts a marked text where something found begins and ends.
fn fragments(marked: &str) -> Vec<Fragment> {
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut is_hit = false;
    for character in marked.chars() {
        match (character, fragments.last_mut()) {
            (OPEN, _) => is_hit = true,
            (CLOSE, _) => is_hit = false,
            (SET_APART, _) => {}
            (_, Some(last)) if last.is_hit == is_hit => last.text.push(character),
            _ => fragments.push(Fragment { text: character.to_string(), is_hit }),
        }
    }
    fragments
}

/// A search in the language of FTS5. Whatever a person typed stands in quotation marks, so nothing of
/// it is an operator.
fn expression(query: &SearchQuery) -> String {
    let groups: Vec<String> = query.required().iter().map(|group| any_of(group)).collect();
    let required = groups.join(" AND ");
    if query.excluded().is_empty() {
        return required;
    }
    format!("({required}) NOT {}", any_of(query.excluded()))
}

fn any_of(terms: &[Term]) -> String {
    let terms: Vec<String> = terms.iter().map(quoted).collect();
    format!("({})", terms.join(" OR "))
}

fn quoted(term: &Term) -> String {
    let words = term.words.replace('"', "\"\"");
    format!("\"{words}\"{}", if term.is_beginning { " *" } else { "" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An index of these texts, numbered from 1, as the file has one.
    fn index_of(texts: &[&str]) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE VIRTUAL TABLE search USING fts5
               (title, body, tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")",
        )
        .unwrap();
        for text in texts {
            db.execute("INSERT INTO search (title, body) VALUES ('', ?1)", [text]).unwrap();
        }
        db
    }

    fn found(db: &Connection, typed: &str) -> Vec<i64> {
        let matched = expression(&typed.parse().unwrap());
        let mut statement =
            db.prepare("SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid").unwrap();
        let rows = statement.query_map([matched], |row| row.get(0)).unwrap();
        rows.collect::<Result<_>>().unwrap()
    }

    #[test]
    fn a_search_finds_what_it_says() {
        let db = index_of(&[
            "The night ferry sails to Skarn.",
            "Night falls; a ferry waits. The bakery is closed.",
            "A well-known boat.",
            "東\u{200b}京\u{200b}の\u{200b}朝",
            "京\u{200b}東",
        ]);
        for (typed, expected) in [
            ("night ferry", &[1, 2][..]),
            ("\"night ferry\"", &[1]),
            ("ferry -bakery", &[1]),
            ("ferry OR boat", &[1, 2, 3]),
            ("ferry OR boat -night", &[3]),
            ("skarn OR boat well-known", &[3]),
            ("fer* \"the nig\"*", &[1]),
            ("NIGHT AND", &[]),
            ("東京", &[4]),
            ("東 京", &[4, 5]),
            ("東京の*", &[4]),
        ] {
            assert_eq!(found(&db, typed), expected, "{typed}");
        }
    }

    #[test]
    fn marks_become_fragments_and_nothing_else_is_seen() {
        let marked = format!("a {OPEN}b{CLOSE} c{SET_APART}d {OPEN}e{CLOSE}");
        let read: Vec<(String, bool)> =
            fragments(&marked).into_iter().map(|piece| (piece.text, piece.is_hit)).collect();
        let expected = [("a ", false), ("b", true), (" cd ", false), ("e", true)];
        assert_eq!(read, expected.map(|(text, is_hit)| (text.to_owned(), is_hit)));
        assert_eq!(fragments(""), []);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_no_error_of_syntax(
            typed in prop_oneof![
                any::<String>(),
                "[\"*()^:+{},a-c \u{0}\u{1b}OR-]{0,40}",
                "((AND|OR|NOT|NEAR|-|\"|\\(|title:|東|\\*) ?){0,30}",
            ],
        ) {
            let db = index_of(&["a b c"]);
            if let Ok(query) = typed.parse::<SearchQuery>() {
                let sought = db.query_row(
                    "SELECT count(*) FROM search WHERE search MATCH ?1",
                    [expression(&query)],
                    |row| row.get::<_, i64>(0),
                );
                prop_assert!(sought.is_ok(), "{:?}: {:?}", typed, sought);
            }
        }
    }
}
