//! Dates: what is read is a moment that every column and format can hold, however it is spelt.

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use ingest::pipeline::parse::date;

/// The longest text that is read as a date, in bytes.
const MAX_BYTES: usize = 128;

pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = date::read(&text);
    assert_eq!(date::read(&format!(" \t{text}\r\n")), read, "white space around {text:?}");
    let lower = text.to_lowercase();
    if text.trim().len().max(lower.trim().len()) <= MAX_BYTES {
        assert_eq!(date::read(&lower), read, "{text:?} in lower case");
    } else if text.trim().len() > MAX_BYTES {
        assert_eq!(read, None, "too long: {text:?}");
    }
    if let Some(moment) = read {
        assert_can_be_stored(moment);
        let stored = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        let again = date::read(&stored).map(|again| again.timestamp());
        // What is before the first year by its zone is no date any more.
        if moment.year() >= 1 {
            assert_eq!(again, Some(moment.timestamp()), "{text:?} as {stored}");
        }
    }
}

/// A moment that is read back as it was written, and that sorts as a text.
pub fn assert_can_be_stored(moment: DateTime<Utc>) {
    assert!((0..=9999).contains(&moment.year()), "{moment} has no four digits for its year");
    let stored = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let read = DateTime::parse_from_rfc3339(&stored).map(|read| read.timestamp());
    assert_eq!(read, Ok(moment.timestamp()), "{stored}");
    assert_eq!(stored.len(), "2026-04-07T16:54:00Z".len(), "{stored}");
}
