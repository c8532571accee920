//! Decides when a page is asked for again that was asked for in vain.

use chrono::TimeDelta;

/// The rest after the first try in vain: a server that was down is up again, an article that was
/// announced is there.
const FIRST_HOURS: i64 = 1;

/// Each further rest is so many times the one before.
const GROWTH: i64 = 4;

/// The longest rest.
const LONGEST_HOURS: i64 = 30 * 24;

/// How long a page is left alone after `tries` in vain: 1 h, 4 h, 16 h, 64 h … at most 30 days.
#[must_use]
pub fn page_rest(tries: u32) -> TimeDelta {
    let growth = GROWTH.checked_pow(tries.saturating_sub(1)).unwrap_or(i64::MAX);
    TimeDelta::hours(FIRST_HOURS.saturating_mul(growth).min(LONGEST_HOURS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rest_is_longer_than_the_one_before_up_to_a_month() {
        let hours = [0, 1, 2, 3, 4, 5, 6, 99].map(|tries| page_rest(tries).num_hours());
        assert_eq!(hours, [1, 1, 4, 16, 64, 256, 720, 720]);
    }
}
