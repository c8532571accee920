//! Lets one link be asked for once at a time: who comes second waits, and finds the answer stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The links that are being asked for in this process.
#[derive(Debug, Default)]
pub struct Flights {
    /// Guards the table for a look-up only, never across an await.
    links: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// The right to ask for a link; the next in line goes on when it is dropped.
#[derive(Debug)]
pub(super) struct Flight<'a> {
    flights: &'a Flights,
    link: String,
    turn: Option<OwnedSemaphorePermit>,
}

impl Flights {
    /// Waits until nobody else asks for `link`.
    pub(super) async fn of(&self, link: &str) -> Flight<'_> {
        let turns = {
            let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
            let turns = links.entry(link.to_owned());
            Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        // A closed semaphore is the only failure, and this one is never closed.
        let turn = turns.acquire_owned().await.ok();
        Flight { flights: self, link: link.to_owned(), turn }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        drop(self.turn.take());
        let mut links = self.flights.links.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits holds the turns too; only the last one takes the link off the table.
        if links.get(&self.link).is_some_and(|turns| Arc::strong_count(turns) == 1) {
            links.remove(&self.link);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;

    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_nothing_is_left_behind() {
        let flights = Flights::default();
        let first = flights.of("http://short.example/a").await;
        let mut second = Box::pin(flights.of("http://short.example/a"));
        assert!(poll!(&mut second).is_pending());
        drop(flights.of("http://short.example/b").await);
        drop(first);
        drop(second.await);
        assert!(flights.links.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn one_that_gives_up_waiting_leaves_nothing_behind() {
        let flights = Flights::default();
        let first = flights.of("http://short.example/a").await;
        let mut second = Box::pin(flights.of("http://short.example/a"));
        assert!(poll!(&mut second).is_pending());
        drop(second);
        drop(first);
        assert!(flights.links.lock().unwrap().is_empty());
    }
}
