//! Splits the text of a date into numbers, clocks, offsets and words.

/// A time of day as written; it may be an impossible one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
}

/// A part of a date.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Digits alone.
    Number(&'a str),
    /// Two or three numbers with one separator; a leading separator makes an empty first part.
    Group(Vec<&'a str>, char),
    /// A time of day.
    Clock(Clock),
    /// A zone in minutes east of Greenwich.
    Offset(i32),
    /// Letters, without a full stop.
    Word(&'a str),
    /// What no date holds, such as a clock of four numbers.
    Impossible,
}

/// The parts still to come.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    clock_seen: bool,
    begun: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text, clock_seen: false, begun: false }
    }

    /// The next part.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest.chars().next()?;
            let begun = std::mem::replace(&mut self.begun, true);
            let behind = self.rest.strip_prefix(first).unwrap_or_default();
            if first.is_ascii_digit() {
                return Some(self.number().unwrap_or(Token::Impossible));
            }
            if first.is_alphabetic() {
                let end = self.rest.find(|c: char| !c.is_alphabetic() && c != '\'');
                let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                self.rest = rest;
                return Some(Token::Word(word));
            }
            self.rest = behind;
            let digits_follow = behind.starts_with(|c: char| c.is_ascii_digit());
            match first {
                '+' if digits_follow => return Some(self.offset(1).unwrap_or(Token::Impossible)),
                '-' | '\u{2212}' if digits_follow && self.clock_seen => {
                    return Some(self.offset(-1).unwrap_or(Token::Impossible));
                }
                '-' if digits_follow && !begun => {
                    return Some(self.shortened().unwrap_or(Token::Impossible));
                }
                // A sign in front of something that is no offset.
                '+' if self.clock_seen => return Some(Token::Impossible),
                _ => {}
            }
        }
    }

    /// A clock, a group or a number.
    fn number(&mut self) -> Option<Token<'a>> {
        let (digits, rest) = leading_digits(self.rest);
        if rest.starts_with([':', 'h']) && digits.len() <= 2 && digit_at(rest, 1) {
            self.clock_seen = true;
            let (clock, rest) = clock(self.rest)?;
            self.rest = rest;
            return Some(Token::Clock(clock));
        }
        self.rest = rest;
        let Some(separator) = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.')) else {
            return Some(Token::Number(digits));
        };
        let mut parts = vec![digits];
        while parts.len() < 3 && self.rest.starts_with(separator) && digit_at(self.rest, 1) {
            let (digits, rest) = leading_digits(self.rest.strip_prefix(separator)?);
            parts.push(digits);
            self.rest = rest;
        }
        Some(if parts.len() == 1 { Token::Number(digits) } else { Token::Group(parts, separator) })
    }

    /// ISO 8601's `-03-12` and `-0312`: a month of a year of this century.
    fn shortened(&mut self) -> Option<Token<'a>> {
        let (digits, rest) = leading_digits(self.rest);
        let (year, month) = if digits.len() == 4 {
            self.rest = rest;
            digits.split_at_checked(2)?
        } else {
            let (month, rest) = leading_digits(rest.strip_prefix('-')?);
            self.rest = rest;
            (digits, month)
        };
        Some(Token::Group(vec!["", year, month], '-'))
    }

    /// `hh`, `hhmm`, `hmm`, `hh:mm` or `hh:mm:ss` behind a sign.
    fn offset(&mut self, sign: i32) -> Option<Token<'a>> {
        let (digits, rest) = leading_digits(self.rest);
        self.rest = rest;
        let (hours, minutes) = if let Some(rest) = rest.strip_prefix(':') {
            let (minutes, rest) = leading_digits(rest);
            let seconds = rest.strip_prefix(':').map(leading_digits);
            self.rest = seconds.map_or(rest, |(_, rest)| rest);
            (digits, minutes)
        } else {
            match digits.len() {
                3 | 4 => digits.split_at_checked(digits.len() - 2)?,
                _ => (digits, "0"),
            }
        };
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours <= 24 && minutes < 60).then(|| Token::Offset(sign * (hours * 60 + minutes)))
    }
}

/// A time of day without separators: `hhmmss` or `hhmm`.
pub(super) fn compact_clock(digits: &str) -> Option<Clock> {
    if !matches!(digits.len(), 4 | 6) {
        return None;
    }
    let (hour, rest) = digits.split_at_checked(2)?;
    let (minute, second) = rest.split_at_checked(2)?;
    Some(Clock {
        hour: hour.parse().ok()?,
        minute: minute.parse().ok()?,
        second: if second.is_empty() { 0 } else { second.parse().ok()? },
    })
}

/// The clock at the beginning of a text, and what follows it; fractions of seconds are dropped.
fn clock(text: &str) -> Option<(Clock, &str)> {
    let short = |digits: &str| (digits.len() <= 2).then(|| digits.parse::<u32>().ok()).flatten();
    let (hour, rest) = leading_digits(text);
    let (minute, mut rest) = leading_digits(rest.strip_prefix([':', 'h'])?);
    let mut clock = Clock { hour: short(hour)?, minute: short(minute)?, second: 0 };
    if let Some(behind) = rest.strip_prefix(':') {
        let (second, behind) = leading_digits(behind);
        if !second.is_empty() {
            clock.second = short(second)?;
        }
        rest = behind;
        if rest.starts_with(['.', ',']) && digit_at(rest, 1) {
            rest = leading_digits(rest.trim_start_matches(['.', ','])).1;
        }
        if rest.starts_with(':') {
            return None;
        }
    }
    Some((clock, rest))
}

fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn digit_at(text: &str, index: usize) -> bool {
    text.as_bytes().get(index).is_some_and(u8::is_ascii_digit)
}
