//! Turns moments, words and rows of the file into the program's types and back.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use rusqlite::types::{FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Result, Row, RowIndex};

use crate::model::{ArticleId, Standing, StoredArticle};

/// A query for `articles AS a` that [`article`] reads, with more columns.
pub(super) fn articles(more: &str, rest: &str) -> String {
    const COLUMNS: &str = "a.id, a.url, a.url_standing, a.text_copied, a.title, a.published_at, a.body_sha256, a.words";
    format!("SELECT {COLUMNS}{more} FROM articles AS a {rest}")
}

/// A moment as it stands in the file: ISO-8601 UTC with seconds.
pub(super) fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The moment in a column.
pub(super) fn get_moment(row: &Row<'_>, column: &str) -> Result<DateTime<Utc>> {
    get_moment_if_any(row, column)?
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(0, column.to_owned(), Type::Null))
}

/// The moment in a column that may be NULL.
pub(super) fn get_moment_if_any(row: &Row<'_>, column: &str) -> Result<Option<DateTime<Utc>>> {
    let value = row.get_ref(column)?;
    parse_moment(value)
        .map_err(|_| rusqlite::Error::InvalidColumnType(0, column.to_owned(), value.data_type()))
}

fn parse_moment(value: ValueRef<'_>) -> FromSqlResult<Option<DateTime<Utc>>> {
    let Some(text) = value.as_str_or_null()? else { return Ok(None) };
    // People and their tools write here too, so every spelling of RFC 3339 is read.
    DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.to_utc())
        .or_else(|_| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").map(|moment| moment.and_utc())
        })
        .map(Some)
        .map_err(|error| FromSqlError::Other(error.into()))
}

/// A time in whole seconds.
pub(super) fn get_seconds(row: &Row<'_>, column: &str) -> Result<Option<Duration>> {
    let seconds: Option<i64> = row.get(column)?;
    Ok(seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs))
}

/// A time in whole seconds, as it stands in the file.
pub(super) fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// The number of times something happened.
pub(super) fn get_count(row: &Row<'_>, column: &str) -> Result<u32> {
    row.get::<_, i64>(column).map(|count| u32::try_from(count).unwrap_or_default())
}

/// A number of things or bytes, which SQLite keeps with a sign.
pub(super) fn get_number(row: &Row<'_>, column: impl RowIndex) -> Result<u64> {
    row.get::<_, i64>(column).map(|number| u64::try_from(number).unwrap_or_default())
}

/// An article, as [`articles`] asks for it.
pub(super) fn article(row: &Row<'_>) -> Result<StoredArticle> {
    Ok(StoredArticle {
        id: ArticleId(row.get("id")?),
        url: row.get("url")?,
        standing: standing_of(&row.get::<_, String>("url_standing")?),
        copied: row.get("text_copied")?,
        title: row.get("title")?,
        published_at: get_moment_if_any(row, "published_at")?,
        body_sha256: row.get("body_sha256")?,
        words: usize::try_from(row.get::<_, i64>("words")?).unwrap_or_default(),
    })
}

/// The word for a standing.
pub(super) fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Copy => "copy",
        Standing::Feed => "feed",
        Standing::Publisher => "publisher",
    }
}

/// The standing of a word.
pub(super) fn standing_of(word: &str) -> Standing {
    match word {
        "publisher" => Standing::Publisher,
        "feed" => Standing::Feed,
        // The column's CHECK leaves one more word.
        _ => Standing::Copy,
    }
}

/// Header bytes as text, each byte one character, so that nothing is lost.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The header bytes that [`latin1`] wrote.
pub(super) fn latin1_bytes(text: &str) -> Vec<u8> {
    text.chars().filter_map(|character| u8::try_from(character).ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn header_bytes_survive_the_file(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(latin1_bytes(&latin1(&bytes)), bytes);
        }
    }
}
