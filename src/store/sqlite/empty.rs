//! An empty database, for the tests of the modules beside this one.

use std::time::Duration;

use rusqlite::{Connection, Result};

use super::{connection, schema};

/// A database in memory with every table, on a connection that is set up as ours are.
pub(super) fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::prepare(&mut connection, ":memory:", Duration::ZERO).unwrap();
    connection::set_up(&connection).unwrap();
    connection
}

/// The steps by which SQLite would answer a query.
pub(super) fn plan_of(db: &Connection, query: &str) -> Vec<String> {
    let mut steps = db.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
    let steps = steps.raw_query().mapped(|row| row.get("detail"));
    steps.collect::<Result<_>>().unwrap()
}

/// The same; fails if SQLite would have to go through all that is asked for, to sort it.
pub(super) fn plan_without_sorting(db: &Connection, query: &str) -> Vec<String> {
    let steps = plan_of(db, query);
    assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{query}: {steps:?}");
    steps
}
