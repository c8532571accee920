//! **second writer**: another process holds the lock of writers, for a while or for too long.

use rusqlite::Connection;

use super::arguments::Arguments;
use super::harness::{Daemon, Gate, eventually};
use super::site::{DUE, FORCED, Site};
use super::table::Finding;

/// What is said when the lock was waited for in vain.
const TOO_LONG: &str = "is locked by another process, which did not let go in time";

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("second-writer");
    let mut finding = Finding::default();
    for _ in 0..arguments.times(1, 10) {
        let mut site = Site::open(arguments, &mut chance).await;
        site.expect(&FORCED, 0).await;
        for hold in 0..3 {
            site.farm.publish();
            site.let_feeds_be_due();
            match hold {
                0 => for_a_while(&mut site).await,
                1 => for_too_long(&mut site).await,
                _ => beside_a_daemon(&mut site).await,
            }
            finding.runs += 1;
            site.conclude(&FORCED, &mut finding).await;
        }
    }
    finding.notes.push(
        "let go in time, the pass only waits; else it ends with exit code 3, and a daemon goes on"
            .to_owned(),
    );
    finding
}

/// Holds the file so that nobody else can write.
fn hold(site: &Site) -> Connection {
    let holder = Connection::open(site.ingest.database()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    holder
}

/// A pass at the gate that waits so long for the lock.
async fn at_the_gate(site: &mut Site, busy_timeout_ms: &str) -> (Gate, Daemon) {
    site.set("INGEST_STORAGE__BUSY_TIMEOUT_MS", busy_timeout_ms);
    site.start_at_the_gate(&DUE).await
}

/// The first feed answers when the lock is held, and the lock is let go when another feed, which the
/// first one's reading does not keep from being asked, was asked again.
async fn for_a_while(site: &mut Site) {
    let (gate, pass) = at_the_gate(site, "60000").await;
    let holder = hold(site);
    gate.open();
    // Reading is never kept up: what is stored can be read the whole time.
    let stored = site.stored().len();
    assert!(stored > 0);
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    let output = pass.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    site.farm.serve(0);
    assert_eq!(site.account(), super::site::Account::default(), "the pass lost nothing by waiting");
}

async fn for_too_long(site: &mut Site) {
    let (gate, pass) = at_the_gate(site, "200").await;
    let (before, holder) = (site.stored(), hold(site));
    gate.open();
    let output = pass.wait().await;
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(output.stderr.contains(TOO_LONG), "{}", output.stderr);
    // A run that finds it held from the beginning says so as well.
    let output = site.expect(&DUE, 3).await;
    assert!(output.stderr.contains(TOO_LONG), "{}", output.stderr);
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    site.farm.serve(0);
    assert_eq!(site.missing(&before), 0);
    site.let_claims_run_out();
}

async fn beside_a_daemon(site: &mut Site) {
    site.set("INGEST_STORAGE__BUSY_TIMEOUT_MS", "200");
    let gates: Vec<Gate> = (0..2).map(|_| Gate::closed()).collect();
    let hits: Vec<usize> = (0..2).map(|feed| site.farm.hits(feed)).collect();
    for (feed, gate) in gates.iter().enumerate() {
        site.farm.answer(feed, |reply| reply.behind(gate));
    }
    let daemon = site.start(&[]);
    for (feed, hits) in hits.iter().enumerate() {
        site.farm.until_hit(feed, hits + 1).await;
    }
    let holder = hold(site);
    gates[0].open();
    let line = daemon.until_line("the store failed; pausing").await;
    assert!(line.contains(TOO_LONG), "{line}");
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    // The next feed that ends finds the file free, and the daemon goes on with the others.
    gates[1].open();
    let last = site.farm.urls.last().unwrap();
    eventually("the daemon's last feed", daemon.until_line(&format!("read feed=\"{last}\""))).await;
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    (0..2).for_each(|feed| site.farm.serve(feed));
}
