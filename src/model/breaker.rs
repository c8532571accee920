//! Keeps a service that has had enough of us from being asked: a budget and a circuit breaker.
//!
//! Google blocks an address after some dozens of requests, whatever their pace, for minutes to
//! hours, and every request made meanwhile begins the block anew. So requests are counted by the
//! hour, and the first sign of a block ends them for an hour, the next for two, up to a day. Once
//! that time has passed a single request finds out whether the block is over.
//!
//! Pure: the store keeps the state, so that it outlives the process, and hands every event to it
//! inside a write transaction, so that two processes share one budget.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// How long the first sign of a block keeps the service from being asked.
const FIRST_REST: TimeDelta = TimeDelta::hours(1);

/// The longest rest.
const LONGEST_REST: TimeDelta = TimeDelta::hours(24);

/// How many failures in a row count as a block: some blocked addresses see plain errors.
const FAILURES_MAX: u32 = 3;

/// How long the request that finds out has the service to itself.
const PROBE_LASTS: TimeDelta = TimeDelta::minutes(5);

/// The time over which requests are counted.
pub const BUDGET_PERIOD: TimeDelta = TimeDelta::hours(1);

/// What is known of a service that limits us.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Breaker {
    /// Requests since `counted_from`.
    pub requests: u32,
    /// When the present hour of counting began; `None` before the first request.
    pub counted_from: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub failures: u32,
    /// How often in a row it has been left alone; 0 after a success.
    pub rests: u32,
    /// Not asked before; `None` while it may be.
    pub open_until: Option<DateTime<Utc>>,
    /// Why it is left alone, for people.
    pub reason: Option<String>,
}

/// What happens to a service that limits us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreakerEvent {
    /// Somebody wants to ask, with a budget of this many requests an hour.
    Request {
        /// How many requests an hour may have.
        budget: u32,
    },
    /// It said what was asked.
    Answered,
    /// It did not say what was asked; why, for people.
    Failed(String),
    /// It showed that it has had enough of us; how, for people.
    Blocked(String),
}

/// Whether a service may be asked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// It may.
    Open,
    /// It may be asked once, to find out whether it still blocks us.
    Probe,
    /// Not before a moment, and why.
    Closed {
        /// The moment.
        until: DateTime<Utc>,
        /// The reason, for people.
        reason: String,
    },
}

impl Breaker {
    /// Takes note of an event; the answer matters to a request.
    pub fn take(&mut self, event: &BreakerEvent, now: DateTime<Utc>) -> Passage {
        match event {
            BreakerEvent::Request { budget } => {
                let passage = self.passage(*budget, now);
                match passage {
                    Passage::Closed { .. } => return passage,
                    Passage::Probe => self.open_until = Some(now + PROBE_LASTS),
                    Passage::Open => {}
                }
                if self.period_is_over(now) {
                    self.counted_from = Some(now);
                    self.requests = 0;
                }
                self.requests += 1;
                passage
            }
            BreakerEvent::Answered => {
                let Self { requests, counted_from, .. } = *self;
                *self = Self { requests, counted_from, ..Self::default() };
                Passage::Open
            }
            BreakerEvent::Failed(reason) => {
                self.failures += 1;
                // A probe that fails in any way has found out that it is not over.
                if self.failures >= FAILURES_MAX || self.rests > 0 {
                    self.rest(reason, now);
                }
                Passage::Open
            }
            BreakerEvent::Blocked(reason) => {
                self.rest(reason, now);
                Passage::Open
            }
        }
    }

    /// Whether the service may be asked now, without asking.
    #[must_use]
    pub fn passage(&self, budget: u32, now: DateTime<Utc>) -> Passage {
        if let Some(until) = self.open_until
            && until > now
        {
            let reason = self.reason.clone().unwrap_or_default();
            return Passage::Closed { until, reason };
        }
        if !self.period_is_over(now) && self.requests >= budget {
            let until = self.counted_from.unwrap_or(now) + BUDGET_PERIOD;
            let reason = format!("the budget of {budget} requests an hour is spent");
            return Passage::Closed { until, reason };
        }
        if self.rests > 0 { Passage::Probe } else { Passage::Open }
    }

    fn period_is_over(&self, now: DateTime<Utc>) -> bool {
        self.counted_from.is_none_or(|from| now - from >= BUDGET_PERIOD)
    }

    fn rest(&mut self, reason: &str, now: DateTime<Utc>) {
        let doubled = FIRST_REST * 2_i32.pow(self.rests.min(5));
        self.rests += 1;
        self.failures = 0;
        self.open_until = Some(now + doubled.min(LONGEST_REST));
        self.reason = Some(reason.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: u32 = 2;

    fn at(hours: i64) -> DateTime<Utc> {
        let begin: DateTime<Utc> = "2026-04-07T12:00:00Z".parse().unwrap();
        begin + TimeDelta::hours(hours)
    }

    fn ask(breaker: &mut Breaker, now: DateTime<Utc>) -> Passage {
        breaker.take(&BreakerEvent::Request { budget: BUDGET }, now)
    }

    fn closed_until(passage: &Passage) -> Option<DateTime<Utc>> {
        match passage {
            Passage::Closed { until, .. } => Some(*until),
            Passage::Open | Passage::Probe => None,
        }
    }

    #[test]
    fn an_hour_has_its_budget_and_the_next_its_own() {
        let mut breaker = Breaker::default();
        for _ in 0..BUDGET {
            assert_eq!(ask(&mut breaker, at(0)), Passage::Open);
        }
        assert_eq!(closed_until(&ask(&mut breaker, at(0))), Some(at(1)));
        assert_eq!(breaker.requests, BUDGET, "what was refused is not counted");
        assert_eq!(ask(&mut breaker, at(1)), Passage::Open);
    }

    #[test]
    fn a_block_closes_it_for_longer_and_longer_and_a_probe_opens_it() {
        let mut breaker = Breaker::default();
        let mut now = at(0);
        for hours in [1, 2, 4, 8, 16, 24, 24] {
            assert_ne!(closed_until(&ask(&mut breaker, now)), Some(now));
            breaker.take(&BreakerEvent::Blocked("429".to_owned()), now);
            let until = closed_until(&ask(&mut breaker, now));
            assert_eq!(until, Some(now + TimeDelta::hours(hours)));
            now = until.unwrap();
        }
        assert_eq!(ask(&mut breaker, now), Passage::Probe);
        assert!(closed_until(&ask(&mut breaker, now)).is_some(), "only one finds out");
        breaker.take(&BreakerEvent::Answered, now);
        assert_eq!(ask(&mut breaker, now), Passage::Open);
        assert_eq!((breaker.rests, breaker.reason), (0, None));
    }

    #[test]
    fn three_failures_in_a_row_count_as_a_block() {
        let mut breaker = Breaker::default();
        let failed = BreakerEvent::Failed("400".to_owned());
        for event in [&failed, &failed, &BreakerEvent::Answered, &failed, &failed] {
            breaker.take(event, at(0));
            assert_eq!(breaker.open_until, None);
        }
        breaker.take(&failed, at(0));
        assert_eq!(breaker.open_until, Some(at(1)));
        assert_eq!(ask(&mut breaker, at(1)), Passage::Probe);
        breaker.take(&failed, at(1));
        assert_eq!(breaker.open_until, Some(at(3)), "a probe may fail only once");
    }
}
