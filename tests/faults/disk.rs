//! **disk full**: the file has no room, in the middle of a pass or from the beginning.
//!
//! The disk is a small one of its own. Where no such disk can be mounted, files are not allowed to grow
//! beyond a size instead, which is the same to the program but for the error.

use super::arguments::Arguments;
use super::chamber::{Chamber, DATABASE};
use super::chance::Chance;
use super::harness::Gate;
use super::site::{Account, DUE, FORCED, Site};
use super::table::{Finding, Recovered};

/// What a disk needs beside the file: its log, and what is shared of it.
const ROOM: u64 = 256 << 20;

/// Not even an empty file of ours has room here.
const NO_ROOM: u64 = 64 << 10;

/// Shares of the finished file, in percent, that are enough to begin with. The least of what a farm needs
/// is the finished file: how much the log takes beside it depends on how many writes there are, and
/// that on time.
const LEAST_PERCENT: usize = 60;
const MOST_PERCENT: usize = 90;

/// Files may grow to so many kilobytes (`$0`), and whoever tries to go on is told so, not killed.
const LIMITED: &str = "trap '' XFSZ; ulimit -f \"$0\" && exec \"$@\"";

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("disk-full");
    let mut finding = Finding::default();
    let whole = size_of_all(chance.clone()).await;
    for run in 0..arguments.times(2, 12) {
        let bytes = if run == 1 { NO_ROOM } else { too_little(whole, &mut chance) };
        let mut site = Site::open_large(&mut chance).await;
        match Chamber::with_disk(site.ingest.path("").as_path(), bytes).await {
            Ok(chamber) => on_a_disk(&mut site, chamber, bytes, &mut finding).await,
            Err(why) => {
                if run == 0 {
                    finding
                        .skipped
                        .push(format!("a disk of its own: {why}; files were kept from growing"));
                }
                by_a_limit(&site, bytes, &mut finding).await;
            }
        }
        finding.runs += 1;
    }
    beside_a_daemon(arguments, whole, &mut chance, &mut finding).await;
    finding
}

/// How large the file is at the end of a run that nobody disturbs, when there is no log any more.
async fn size_of_all(mut chance: Chance) -> u64 {
    let site = Site::open_large(&mut chance).await;
    let daemon = site.start(&[]);
    for feed in &site.farm.urls {
        daemon.until_line(&format!("read feed=\"{feed}\"")).await;
    }
    daemon.signal("TERM");
    assert_eq!(daemon.wait().await.code, 0);
    site.bytes()
}

/// Less than everything needs, and more than an empty file does.
fn too_little(whole: u64, chance: &mut Chance) -> u64 {
    let percent = LEAST_PERCENT + chance.below(MOST_PERCENT - LEAST_PERCENT);
    whole * u64::try_from(percent).unwrap() / 100
}

fn check_told(stderr: &str) {
    let is_told = |what: &str, remedy: &str| stderr.contains(what) && stderr.contains(remedy);
    let is_full = is_told("database or disk is full", "make room");
    assert!(is_full || is_told("disk I/O error", "a quota may be used up"), "{stderr}");
    assert!(stderr.contains("ingest.sqlite"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

async fn on_a_disk(site: &mut Site, chamber: Chamber, bytes: u64, finding: &mut Finding) {
    site.set("INGEST_STORAGE__DATABASE", DATABASE);
    site.chamber = Some(chamber);
    let output = site.expect(&FORCED, 3).await;
    check_told(&output.stderr);
    finding.notes.push(format!(
        "{} KiB: {}",
        bytes >> 10,
        output.stderr.lines().last().unwrap_or_default()
    ));
    let stored = site.stored();
    site.check_integrity();
    // Whoever only looks can do so on the full disk, unless there is nothing yet.
    if !stored.is_empty() {
        site.expect(&["stats"], 0).await;
    }
    site.chamber.as_ref().unwrap().remount(&format!("size={ROOM}")).await;
    site.let_claims_run_out();
    finding.lost += site.missing(&stored);
    site.conclude(&DUE, finding).await;
}

async fn by_a_limit(site: &Site, bytes: u64, finding: &mut Finding) {
    let kilobytes = (bytes >> 10).to_string();
    let output = site.start_by(&["bash", "-c", LIMITED, &kilobytes], &FORCED).wait().await;
    assert_eq!(output.code, 3, "{}", output.stderr);
    check_told(&output.stderr);
    let stored = site.stored();
    site.check_integrity();
    site.let_claims_run_out();
    finding.lost += site.missing(&stored);
    site.conclude(&DUE, finding).await;
}

/// A daemon says that the disk is full, stays, and goes on once there is room.
async fn beside_a_daemon(
    arguments: &Arguments,
    whole: u64,
    chance: &mut Chance,
    finding: &mut Finding,
) {
    let mut site = Site::open_large(chance).await;
    let bytes = too_little(whole, chance);
    let Ok(chamber) = Chamber::with_disk(site.ingest.path("").as_path(), bytes).await else {
        finding.skipped.push("a daemon on a full disk, which needs a disk of its own".to_owned());
        return;
    };
    site.set("INGEST_STORAGE__DATABASE", DATABASE);
    site.chamber = Some(chamber);
    let gate = Gate::closed();
    site.farm.answer(0, |reply| reply.behind(&gate));
    let daemon = site.start(&[]);
    let line = daemon.until_line("the store failed; pausing").await;
    check_told(&line);
    site.chamber.as_ref().unwrap().remount(&format!("size={ROOM}")).await;
    let began = std::time::Instant::now();
    // The feed that hangs is stored when it comes, and the daemon looks for others at once. What it
    // could not store before, it takes up a minute after that failed.
    gate.open();
    daemon.until_line(&format!("read feed=\"{}\"", site.farm.urls[0])).await;
    let by_itself = arguments.is_long;
    if by_itself {
        for feed in &site.farm.urls {
            daemon.until_line(&format!("read feed=\"{feed}\"")).await;
        }
    }
    let took = began.elapsed();
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    finding.runs += 1;
    if by_itself {
        let account = site.account();
        finding.lost += account.lost;
        finding.doubled += account.doubled;
        finding.add((account == Account::default()).then_some(Recovered { passes: 0, took }));
        finding.notes.push(format!(
            "a daemon went on by itself within {:.0} s of there being room",
            took.as_secs_f64()
        ));
    }
    site.conclude(&DUE, finding).await;
}
