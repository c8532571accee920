//! **file moved**: somebody moves, deletes or replaces the file, or its log, while it is in use.

use std::fs;
use std::path::Path;

use super::arguments::Arguments;
use super::harness::{Daemon, Gate};
use super::site::{DUE, FORCED, Site};
use super::table::Finding;

/// What is said then.
const MOVED: &str = "was moved, deleted or replaced while it was in use; start again";

/// What is said where a log lies beside a file that has none.
const FOREIGN: &str =
    "ingest.sqlite-wal is the log of another file, whose place ingest.sqlite has taken";

/// What somebody does to the file.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// A copy of it is put in its place.
    Replace,
    MoveAway,
    DeleteAll,
    DeleteLog,
}

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("file-moved");
    let mut finding = Finding::default();
    for _ in 0..arguments.times(1, 10) {
        for deed in [Deed::Replace, Deed::MoveAway, Deed::DeleteAll, Deed::DeleteLog] {
            let mut site = Site::open(arguments, &mut chance).await;
            site.expect(&FORCED, 0).await;
            site.farm.publish();
            site.let_feeds_be_due();
            let does_pass = chance.once_in(2);
            during(deed, if does_pass { &DUE } else { &[] }, &mut site, &mut finding).await;
            finding.runs += 1;
            site.let_claims_run_out();
            site.conclude(&FORCED, &mut finding).await;
        }
        let mut site = Site::open(arguments, &mut chance).await;
        site.expect(&FORCED, 0).await;
        beside_a_log_of_another(&mut site).await;
        finding.runs += 1;
        site.conclude(&FORCED, &mut finding).await;
    }
    finding.notes.push(
        "whoever has it open ends with exit code 3, and its log is in the file that was moved; a copy \
         beside the log of another is not touched"
            .to_owned(),
    );
    finding
}

/// Does it while the first feed is waited for, and the others are stored.
async fn during(deed: Deed, work: &[&str], site: &mut Site, finding: &mut Finding) {
    let (path, copy, away) =
        (site.ingest.database(), site.ingest.path("copy.sqlite"), site.ingest.path("away.sqlite"));
    site.expect(&["backup", "copy.sqlite"], 0).await;
    let (gate, program) = start_until_only_one_is_left(work, site).await;
    let before = site.stored();
    assert!(fs::metadata(site.log()).unwrap().len() > 0, "there is a log to lose");
    match deed {
        Deed::Replace => fs::rename(&copy, &path).unwrap(),
        Deed::MoveAway => fs::rename(&path, &away).unwrap(),
        Deed::DeleteAll => {
            for file in [&path, &site.log(), &site.shared()] {
                delete(file);
            }
        }
        Deed::DeleteLog => delete(&site.log()),
    }
    gate.open();
    let output = program.wait().await;
    assert_eq!(output.code, 3, "{deed:?}: {}", output.stderr);
    assert!(output.stderr.contains(MOVED), "{deed:?}: {}", output.stderr);
    site.farm.serve(0);
    match deed {
        Deed::MoveAway => {
            // Alone, without the log that stayed behind.
            finding.lost += Site::missing_in(&away, &before);
            fs::rename(&away, &path).unwrap();
        }
        Deed::DeleteLog => finding.lost += site.missing(&before),
        Deed::Replace | Deed::DeleteAll => {}
    }
    site.check_integrity();
}

/// A copy is put in the place of a file whose log a killed program has left there.
async fn beside_a_log_of_another(site: &mut Site) {
    site.expect(&["backup", "copy.sqlite"], 0).await;
    site.farm.publish();
    site.let_feeds_be_due();
    let (_gate, program) = start_until_only_one_is_left(&DUE, site).await;
    program.signal("KILL");
    program.wait().await;
    site.farm.serve(0);
    fs::rename(site.ingest.path("copy.sqlite"), site.ingest.database()).unwrap();
    let copy = fs::read(site.ingest.database()).unwrap();
    for work in [&DUE[..], &[], &["stats"], &["doctor"], &["backup", "again.sqlite"]] {
        let output = site.expect(work, 3).await;
        assert!(output.stderr.contains(FOREIGN), "{work:?}: {}", output.stderr);
    }
    assert_eq!(
        copy,
        fs::read(site.ingest.database()).unwrap(),
        "nothing was written into the copy"
    );
    // As it was told to do.
    for file in [site.log(), site.shared()] {
        delete(&file);
    }
}

/// Starts the program; the first feed is waited for until its gate is opened, and the others are stored
/// or about to be.
async fn start_until_only_one_is_left(work: &[&str], site: &Site) -> (Gate, Daemon) {
    let last = site.farm.urls.len() - 1;
    let hits = site.farm.hits(last);
    let started = site.start_at_the_gate(work).await;
    site.farm.until_hit(last, hits + 1).await;
    started
}

fn delete(path: &Path) {
    fs::remove_file(path).unwrap();
}
