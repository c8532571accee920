//! Says in SQL which articles are wanted.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Result};

use crate::model::{FeedId, FeedUrl};
use crate::text::domain::{host_of, is_within};

/// The condition on an article `a`; `:feed`, `:host` and `:language` are NULL where all are wanted.
pub(super) const SELECTED: &str = "
    (:feed IS NULL OR EXISTS
       (SELECT 1 FROM sightings AS s WHERE s.article_id = a.id AND s.feed_id = :feed))
    AND (:host IS NULL OR host_is_within(a.url, :host))
    AND (:language IS NULL
         OR lower(substr(a.language, 1, length(:language) + 1))
            IN (:language, :language || '-', :language || '_'))";

/// Gives a connection the functions that [`SELECTED`] uses: only the URL Standard says what the host
/// of an address is.
pub(in crate::store::sqlite) fn define_functions(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("host_is_within", 2, flags, |context| {
        let (ValueRef::Text(url), ValueRef::Text(above)) = (context.get_raw(0), context.get_raw(1))
        else {
            return Ok(false);
        };
        let host = std::str::from_utf8(url).ok().and_then(host_of);
        Ok(host
            .zip(std::str::from_utf8(above).ok())
            .is_some_and(|(host, above)| is_within(&host, above)))
    })
}

pub(super) fn feed_number(db: &Connection, url: &FeedUrl) -> Result<Option<FeedId>> {
    db.prepare_cached("SELECT id FROM feeds WHERE url = ?1")?
        .query_row([url.as_str()], |row| row.get(0).map(FeedId))
        .optional()
}
