//! Reads the dates of feeds, in the dozens of spellings that feeds use.
//!
//! No pattern list covers them: feeds mix RFC 822, ISO 8601, month names in a dozen languages,
//! 12-hour clocks and zone abbreviations. So a date is read word by word (`tokens`) and put
//! together from what the words can mean. What is ambiguous is decided by the weekday if one is
//! given, else by the separator: `/` and `-` put the month first, `.` and blanks the day.

mod tokens;
mod words;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

use tokens::{Clock, Token, Tokens};

/// The longest text that is read as a date, in bytes.
const MAX_BYTES: usize = 128;

/// Korean blogs write local time without a zone, in minutes east of Greenwich.
const KOREA: i32 = 9 * 60;

/// Reads a date and time; without a zone it is taken as UTC, without a time as midnight.
///
/// `None` if the text is no date or a part of it is impossible, such as a 61st second.
#[must_use]
pub fn read(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) && text.len() >= 9 {
        return from_digits(text);
    }
    let (text, korean) = words::westernised(&text.to_lowercase());
    let mut draft = Draft { zone: korean.then_some(KOREA), ..Draft::default() };
    let mut tokens = Tokens::of(&text);
    while let Some(token) = tokens.next() {
        draft.take(token)?;
    }
    draft.finish()
}

/// Unix seconds or milliseconds, or a date and time without any separator.
fn from_digits(text: &str) -> Option<DateTime<Utc>> {
    match text.len() {
        9 | 10 => DateTime::from_timestamp(text.parse().ok()?, 0),
        13 => DateTime::from_timestamp_millis(text.parse().ok()?),
        12 | 14 => {
            let (date, clock) = text.split_at_checked(8)?;
            moment(compact_date(date)?, tokens::compact_clock(clock)?, 0)
        }
        _ => None,
    }
}

/// What the words of a date have said so far.
#[derive(Default)]
struct Draft<'a> {
    date: Option<Dated>,
    month: Option<u32>,
    numbers: Vec<&'a str>,
    clock: Option<Clock>,
    afternoon: Option<bool>,
    /// Minutes east of Greenwich, as a number; outranks a zone's name.
    offset: Option<i32>,
    zone: Option<i32>,
    weekday: Option<Weekday>,
    unknown_words: usize,
    after_t: bool,
}

/// A date written as one group of numbers.
enum Dated {
    Certain(NaiveDate),
    /// Two readings, the likelier first; either may be impossible.
    Either([Option<NaiveDate>; 2]),
}

impl<'a> Draft<'a> {
    /// `None` if the token makes the whole text no date.
    fn take(&mut self, token: Token<'a>) -> Option<()> {
        let after_t = std::mem::take(&mut self.after_t);
        match token {
            Token::Impossible => return None,
            Token::Clock(_) if self.clock.is_some() => return None,
            Token::Clock(clock) => self.clock = Some(clock),
            Token::Offset(minutes) => self.offset = Some(minutes),
            Token::Number(digits) if after_t => {
                self.clock = Some(tokens::compact_clock(digits)?);
            }
            Token::Number(digits) => self.numbers.push(digits),
            Token::Group(parts, separator) => {
                // A second group is no part of a date that already stands.
                if self.date.is_none() {
                    self.date = Some(grouped(&parts, separator)?);
                }
            }
            Token::Word(word) => self.word(word),
        }
        Some(())
    }

    fn word(&mut self, word: &str) {
        self.after_t = word == "t";
        match word {
            "am" => self.afternoon = Some(false),
            "pm" => self.afternoon = Some(true),
            _ if words::is_filler(word) => {}
            _ => {
                if let Some(month) = words::month(word)
                    && self.month.is_none()
                {
                    self.month = Some(month);
                } else if let Some(day) = words::weekday(word) {
                    self.weekday = Some(day);
                } else if let Some(minutes) = words::zone(word)
                    && (self.clock.is_some() || self.month.is_some() || self.date.is_some())
                {
                    self.zone = Some(minutes);
                } else {
                    self.unknown_words += 1;
                }
            }
        }
    }

    fn finish(self) -> Option<DateTime<Utc>> {
        // A sentence that mentions a month is no date.
        if self.unknown_words > 2 {
            return None;
        }
        let date = self.date()?;
        let mut clock = self.clock.unwrap_or_default();
        match self.afternoon {
            Some(true) if clock.hour < 12 => clock.hour += 12,
            Some(false) if clock.hour == 12 => clock.hour = 0,
            _ => {}
        }
        moment(date, clock, self.offset.or(self.zone).unwrap_or(0))
    }

    fn date(&self) -> Option<NaiveDate> {
        match (&self.date, self.month) {
            (Some(Dated::Certain(date)), _) => Some(*date),
            (Some(Dated::Either([likely, other])), _) => self.by_weekday(*likely, *other),
            (None, Some(month)) => self.named(month),
            (None, None) => match self.numbers.as_slice() {
                [one] if self.clock.is_none() || one.len() == 8 => compact_date(one),
                [a, b, c] => match grouped(&[*a, *b, *c], ' ')? {
                    Dated::Certain(date) => Some(date),
                    Dated::Either([likely, other]) => self.by_weekday(likely, other),
                },
                _ => None,
            },
        }
    }

    fn by_weekday(&self, likely: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
        let named = |date: &NaiveDate| self.weekday == Some(date.weekday());
        likely.filter(named).or(other.filter(named)).or(likely).or(other)
    }

    /// The date around a month that was given by its name.
    fn named(&self, month: u32) -> Option<NaiveDate> {
        let (mut day, mut year) = (None, None);
        for digits in &self.numbers {
            let value: u32 = digits.parse().ok()?;
            if year.is_none() && (digits.len() > 2 || value > 31 || day.is_some()) {
                // A lone `00` behind the time is a zone.
                if digits.len() > 1 {
                    year = Some(full_year(digits)?);
                }
            } else if day.is_none() {
                day = Some(value);
            }
        }
        NaiveDate::from_ymd_opt(year?, month, day.unwrap_or(1))
    }
}

/// A group of two or three numbers with one separator; `None` if it cannot be a date.
fn grouped(parts: &[&str], separator: char) -> Option<Dated> {
    let number = |text: &str| text.parse::<u32>().ok();
    let certain = |date: Option<NaiveDate>| date.map(Dated::Certain);
    match *parts {
        [year, day] if year.len() == 4 && day.len() == 3 => {
            certain(NaiveDate::from_yo_opt(full_year(year)?, number(day)?))
        }
        [year, month] if year.len() == 4 && month.len() <= 2 => {
            certain(NaiveDate::from_ymd_opt(full_year(year)?, number(month)?, 1))
        }
        ["", year, month] => certain(NaiveDate::from_ymd_opt(full_year(year)?, number(month)?, 1)),
        [year, month, day] if year.len() == 4 => {
            certain(NaiveDate::from_ymd_opt(full_year(year)?, number(month)?, number(day)?))
        }
        [year, month, day] if separator == '-' && day.len() == 2 && year.len() == 2 => {
            certain(NaiveDate::from_ymd_opt(full_year(year)?, number(month)?, number(day)?))
        }
        [first, second, year] => {
            let (first, second, year) = (number(first)?, number(second)?, full_year(year)?);
            let day_first = NaiveDate::from_ymd_opt(year, second, first);
            let month_first = NaiveDate::from_ymd_opt(year, first, second);
            Some(Dated::Either(if matches!(separator, '/' | '-') {
                [month_first, day_first]
            } else {
                [day_first, month_first]
            }))
        }
        _ => None,
    }
}

/// A date without separators: `20031231`, `031231`, `2003365`, `03365`, `2003`.
fn compact_date(digits: &str) -> Option<NaiveDate> {
    let (year, rest) = match digits.len() {
        4 | 7 | 8 => digits.split_at_checked(4)?,
        5 | 6 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let year = full_year(year)?;
    match rest.len() {
        0 => NaiveDate::from_ymd_opt(year, 1, 1),
        3 => NaiveDate::from_yo_opt(year, rest.parse().ok()?),
        _ => {
            let (month, day) = rest.split_at_checked(2)?;
            NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
        }
    }
}

/// A year of two digits lies between 1969 and 2068, as in POSIX.
fn full_year(digits: &str) -> Option<i32> {
    let year: i32 = digits.parse().ok()?;
    match (digits.len(), year) {
        (2, ..69) => Some(2000 + year),
        (2, _) => Some(1900 + year),
        (4, 1..) => Some(year),
        _ => None,
    }
}

/// The moment of a clock on a day, in a zone so many minutes east of Greenwich.
fn moment(date: NaiveDate, clock: Clock, offset_minutes: i32) -> Option<DateTime<Utc>> {
    // The day may end at 24:00 and a leap second may end the minute.
    let in_day = clock.hour < 24 || (clock.hour == 24 && clock.minute == 0 && clock.second == 0);
    if !in_day || clock.minute > 59 || clock.second > 60 {
        return None;
    }
    let seconds = i64::from(clock.hour * 3600 + clock.minute * 60 + clock.second);
    let start = date.and_hms_opt(0, 0, 0)?.and_utc();
    let moment = start.checked_add_signed(
        TimeDelta::try_seconds(seconds)? - TimeDelta::try_minutes(offset_minutes.into())?,
    )?;
    let last = NaiveDate::from_ymd_opt(9999, 12, 31)?.checked_add_days(Days::new(1))?;
    (moment.date_naive() < last).then_some(moment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let read = read(text).map(|date| date.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }

    #[test]
    fn the_dates_of_mail_are_read() {
        let moment = Some("2021-03-04T05:06:07Z");
        check("Thu, 04 Mar 2021 05:06:07 GMT", moment);
        check("Thu, 4 Mar 21 00:06:07 EST", moment);
        check("04 Mar 2021 06:06:07 +0100", moment);
        check("Thu, 04 Mar 2021 06:06:07 GMT+01:00", moment);
        check("Thu,04 Mar 2021 05:06:07Z", moment);
        check("Thu Mar  4 05:06:07 2021", moment);
        check("Thu, 04 Mar 2021", Some("2021-03-04T00:00:00Z"));
    }

    #[test]
    fn the_forms_of_iso_8601_are_read() {
        let moment = Some("2021-03-04T05:06:07Z");
        check("2021-03-04T05:06:07Z", moment);
        check("2021-03-04t05:06:07.999z", moment);
        check("2021-03-04 07:06:07 +02:00", moment);
        check("20210304T050607Z", moment);
        check("2021-3-4T5:06:07", moment);
        for day in ["2021-03-04", "20210304", "210304", "2021-063", "2021063", "21063"] {
            check(day, Some("2021-03-04T00:00:00Z"));
        }
        check("2021-03", Some("2021-03-01T00:00:00Z"));
        check("-2103", Some("2021-03-01T00:00:00Z"));
        check("-21-03", Some("2021-03-01T00:00:00Z"));
        check("2021", Some("2021-01-01T00:00:00Z"));
        check("2021-03-04T24:00:00Z", Some("2021-03-05T00:00:00Z"));
        check("2016-12-31T23:59:60Z", Some("2017-01-01T00:00:00Z"));
    }

    #[test]
    fn numbers_of_seconds_are_read() {
        check("1614834367", Some("2021-03-04T05:06:07Z"));
        check("1614834367000", Some("2021-03-04T05:06:07Z"));
        check("20210304050607", Some("2021-03-04T05:06:07Z"));
        check("99999999999999999999", None);
    }

    #[test]
    fn clocks_of_twelve_hours_are_read() {
        let evening = Some("2021-03-04T17:06:00Z");
        check("March 4, 2021 5:06 pm", evening);
        check("Mar. 4, 2021, 5:06 p.m.", evening);
        check("Thursday, March 4th, 2021 - 5:06PM", evening);
        check("4 March 2021 12:06 am", Some("2021-03-04T00:06:00Z"));
        check("4 March 2021 12:06 pm", Some("2021-03-04T12:06:00Z"));
    }

    #[test]
    fn months_of_other_languages_are_read() {
        for text in [
            "jeudi 4 mars 2021",
            "4 de marzo de 2021",
            "4. März 2021",
            "4 maart 2021",
            "4 марта 2021 г.",
            "2021. március 4.",
            "4 Μαρ 2021",
            "2021年3月4日",
            "2021년 3월 4일 09:00",
        ] {
            check(text, Some("2021-03-04T00:00:00Z"));
        }
    }

    #[test]
    fn ambiguous_numbers_follow_the_weekday_then_the_separator() {
        check("03/04/2021", Some("2021-03-04T00:00:00Z"));
        check("03.04.2021", Some("2021-04-03T00:00:00Z"));
        check("Sat, 03/04/2021", Some("2021-04-03T00:00:00Z"));
        check("Thu, 03.04.2021 10:00", Some("2021-03-04T10:00:00Z"));
        check("23/04/2021", Some("2021-04-23T00:00:00Z"));
        check("04/23/21", Some("2021-04-23T00:00:00Z"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "   ",
            "yesterday",
            "12",
            "10:15",
            "2021-13-01",
            "2021-02-30",
            "2021-03-04T25:00:00Z",
            "2021-03-04T05:06:61Z",
            "2021-03-04T05:06:07+99:99",
            "2021-03-04T05:06:07+100000000",
            "Thu, 04 Mar 2021 1:2:3:4 GMT",
            "Thu, 04 Mar 2021 05:06:07 +zz:00",
            "we met them again in May 2021 by chance near the old mill",
            "Mar",
        ] {
            check(text, None);
        }
        check(&"1".repeat(200), None);
    }

    proptest! {
        #[test]
        fn what_is_written_by_the_rules_is_read(seconds in 0_i64..4_102_444_800) {
            let moment = DateTime::from_timestamp(seconds, 0).unwrap();
            prop_assert_eq!(read(&moment.to_rfc2822()), Some(moment));
            prop_assert_eq!(read(&moment.to_rfc3339()), Some(moment));
            prop_assert_eq!(read(&moment.format("%a %b %e %H:%M:%S %Y").to_string()), Some(moment));
            prop_assert_eq!(read(&moment.format("%B %d, %Y, %I:%M:%S %p").to_string()), Some(moment));
        }

        #[test]
        fn no_text_makes_a_panic(text in "([0-9]{1,5}|[-+:/.,T ]|am|mar|gmt|年|\\PC){0,30}") {
            let _date = read(&text);
        }
    }
}
