//! **signals**: SIGTERM and SIGINT, in every phase of a pass and of a daemon.

use std::time::{Duration, Instant};

use super::arguments::Arguments;
use super::chance::Chance;
use super::harness::{Gate, Output};
use super::site::{Account, DUE, FORCED, Site};
use super::table::Finding;

/// A pass that says how it ended.
const TOLD: [&str; 3] = ["--once", "--json", "-v"];

const SIGNALS: [&str; 2] = ["TERM", "INT"];

/// Longer than anybody waits here.
const FOR_EVER_S: &str = "3600";

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("signals");
    let mut finding = Finding::default();
    let began = Instant::now();
    let mut site = Site::open(arguments, &mut chance).await;
    site.expect(&FORCED, 0).await;
    let span = began.elapsed();
    let mut at_the_start = 0;
    for run in 0..arguments.times(4, 80) {
        if arguments.is_late() {
            break;
        }
        // Every other time with a file that is yet to be made.
        if run % 2 == 0 {
            site = Site::open(arguments, &mut chance).await;
        } else {
            site.farm.publish();
            site.let_feeds_be_due();
        }
        at_the_start += usize::from(at_random(&site, span, run % 4 < 2, &mut chance).await);
        finding.runs += 1;
        site.conclude(&DUE, &mut finding).await;
    }
    for signal in SIGNALS {
        for is_daemon in [false, true] {
            past_the_deadline(&mut site, signal, is_daemon).await;
            site.conclude(&DUE, &mut finding).await;
            twice(&mut site, signal, is_daemon).await;
            site.conclude(&DUE, &mut finding).await;
            finding.runs += 2;
        }
        idle(&mut site, signal).await;
        site.conclude(&DUE, &mut finding).await;
        finding.runs += 1;
    }
    finding.notes.push(format!(
        "{at_the_start} came before the program listens, and ended it like any other; the others ended \
         with exit code 0 and said so"
    ));
    finding
}

/// Answers whether the signal came before the program listens to it.
async fn at_random(site: &Site, span: Duration, is_daemon: bool, chance: &mut Chance) -> bool {
    let polls = site.polls();
    let run = site.start(if is_daemon { &[] } else { &TOLD });
    // The moment of the signal, not a wait for anything.
    tokio::time::sleep(span.mul_f64(chance.part())).await;
    run.signal(SIGNALS[chance.below(2)]);
    let output = run.wait().await;
    site.check_integrity();
    if output.code == -1 {
        assert_eq!(site.polls(), polls, "only one that has begun nothing just ends");
        return true;
    }
    check_told(site, &output, is_daemon);
    false
}

fn check_told(site: &Site, output: &Output, is_daemon: bool) {
    assert_eq!(output.code, 0, "{}", output.stderr);
    let words = match is_daemon {
        true => "stopped",
        false if site.account() == Account::default() => "\"interrupted\":",
        false => "\"interrupted\":true",
    };
    assert!(output.stderr.contains(words), "{}", output.stderr);
    assert_eq!(claims(site), 0, "every claim is given back");
}

fn claims(site: &Site) -> i64 {
    let query = "SELECT count(*) FROM feeds WHERE claimed_until IS NOT NULL";
    site.look().unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

/// A feed that hangs is waited for until the deadline, and no longer.
async fn past_the_deadline(site: &mut Site, signal: &str, is_daemon: bool) {
    site.set("INGEST_POLLING__DRAIN_DEADLINE_S", "1");
    let run = hang(site, is_daemon).await;
    run.signal(signal);
    let output = run.wait().await;
    assert!(output.stderr.contains("the drain deadline has passed"), "{}", output.stderr);
    check_told(site, &output, is_daemon);
    site.farm.serve(0);
}

/// The second signal ends what the first one would have waited for.
async fn twice(site: &mut Site, signal: &str, is_daemon: bool) {
    site.set("INGEST_POLLING__DRAIN_DEADLINE_S", FOR_EVER_S);
    let run = hang(site, is_daemon).await;
    // One of each kind, because two of a kind that come at once are one.
    run.signal(signal);
    run.signal(SIGNALS[usize::from(signal == SIGNALS[0])]);
    let output = run.wait().await;
    check_told(site, &output, is_daemon);
    site.farm.serve(0);
}

/// Starts a run that comes to its end only if it is made to.
async fn hang(site: &mut Site, is_daemon: bool) -> super::harness::Daemon {
    site.farm.publish();
    site.let_feeds_be_due();
    let hits = site.farm.hits(0);
    site.farm.answer(0, |reply| reply.behind(&Gate::closed()));
    let run = site.start(if is_daemon { &[] } else { &TOLD });
    site.farm.until_hit(0, hits + 1).await;
    run
}

/// A daemon that has nothing to do ends as well.
async fn idle(site: &mut Site, signal: &str) {
    site.farm.publish();
    site.let_feeds_be_due();
    let daemon = site.start(&[]);
    for feed in &site.farm.urls {
        daemon.until_line(&format!("read feed=\"{feed}\"")).await;
    }
    daemon.signal(signal);
    let output = daemon.wait().await;
    check_told(site, &output, true);
    assert_eq!(site.account(), Account::default());
}
