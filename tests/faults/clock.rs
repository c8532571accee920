//! **clock jumps**: the clock is years ahead, then years behind, then right; in passes, and under a
//! daemon.
//!
//! Other clocks are had by libfaketime. Retention by age is on all the time, and nothing is old enough
//! for it but by a wrong clock.

use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::harness::Gate;
use super::site::{Account, DUE, Site};
use super::table::Finding;

/// Where distributions put the library for programs of several threads.
const FOLDERS: [&str; 4] = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib"];
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

const AHEAD: &str = "+1825d";
const BEHIND: &str = "-1095d";

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("clock-jumps");
    let mut finding = Finding::default();
    let Some(library) = library() else {
        finding.skipped.push("everything: there is no libfaketime (package faketime)".to_owned());
        return finding;
    };
    for _ in 0..arguments.times(1, 10) {
        let mut site = Site::open(arguments, &mut chance).await;
        site.set("INGEST_STORAGE__KEEP_ARTICLES_DAYS", "30");
        in_passes(&mut site, &library, &mut finding).await;
        under_a_daemon(&mut site, &library, &mut finding).await;
    }
    finding.notes.push(format!(
        "the clock went {AHEAD}, {BEHIND}, right; then {AHEAD} and right under a daemon; articles kept \
         for 30 days"
    ));
    finding
}

fn library() -> Option<PathBuf> {
    let architecture = format!("{}-linux-gnu", std::env::consts::ARCH);
    let places = FOLDERS.iter().flat_map(|folder| {
        let folder = Path::new(folder);
        [folder.join(&architecture).join(LIBRARY), folder.join(LIBRARY)]
    });
    places.into_iter().find(|place| place.exists())
}

/// From now on the program sees the time as this file says it; nothing but the time of day.
fn fake(site: &mut Site, library: &Path) -> PathBuf {
    let file = site.ingest.path("time");
    for name in
        ["DONT_FAKE_MONOTONIC", "FAKETIME_DONT_FAKE_MONOTONIC", "NO_FAKE_STAT", "FAKETIME_NO_CACHE"]
    {
        site.set(name, "1");
    }
    site.set("FAKETIME_TIMESTAMP_FILE", file.to_str().unwrap());
    site.set("LD_PRELOAD", library.to_str().unwrap());
    file
}

fn set_clock(file: &Path, time: &str) {
    // In one step, as the program may read it at any moment.
    let next = file.with_extension("next");
    fs::write(&next, format!("{time}\n")).unwrap();
    fs::rename(next, file).unwrap();
}

async fn in_passes(site: &mut Site, library: &Path, finding: &mut Finding) {
    site.expect(&DUE, 0).await;
    // Days ago as well, so that the right clock is believed.
    site.ingest.was_in_use();
    let file = fake(site, library);

    set_clock(&file, AHEAD);
    site.farm.publish();
    let output = site.expect(&["--once", "-v"], 0).await;
    assert!(output.stderr.contains("the clock is wrong"), "it is said: {}", output.stderr);
    let newest = |site: &Site| -> i64 {
        let query = "SELECT max(unixepoch(first_seen_at)) - unixepoch('now') FROM sightings";
        site.look().unwrap().query_row(query, [], |row| row.get(0)).unwrap()
    };
    assert!(newest(site) > 4 * 365 * 86_400, "the library does its work");
    finding.lost += site.account().lost;

    // A pass that is killed there leaves claims that end in years.
    site.farm.publish();
    site.let_feeds_be_due();
    let (gate, hits) = (Gate::closed(), site.farm.hits(0));
    site.farm.answer(0, |reply| reply.behind(&gate));
    let pass = site.start(&DUE);
    site.farm.until_hit(0, hits + 1).await;
    pass.signal("KILL");
    pass.wait().await;
    site.farm.serve(0);

    set_clock(&file, BEHIND);
    site.farm.publish();
    site.expect(&DUE, 0).await;
    assert_eq!(site.account(), Account::default(), "nothing waits for the future");

    set_clock(&file, "+0");
    site.farm.publish();
    finding.runs += 1;
    site.conclude(&DUE, finding).await;
    // What was first seen "years ago" came after what is to be kept.
    site.expect(&DUE, 0).await;
    finding.lost += site.account().lost;
}

async fn under_a_daemon(site: &mut Site, library: &Path, finding: &mut Finding) {
    let file = fake(site, library);
    set_clock(&file, AHEAD);
    site.farm.publish();
    let (earlier, last) = (site.farm.urls.len() - 2, site.farm.urls.len() - 1);
    let hits: Vec<usize> = (0..=last).map(|feed| site.farm.hits(feed)).collect();
    let gates = [Gate::closed(), Gate::closed()];
    site.farm.answer(earlier, |reply| reply.behind(&gates[0]));
    site.farm.answer(last, |reply| reply.behind(&gates[1]));
    let daemon = site.start(&[]);
    for (feed, hits) in hits.iter().enumerate() {
        site.farm.until_hit(feed, hits + 1).await;
    }
    for feed in &site.farm.urls[..earlier] {
        daemon.until_line(&format!("read feed=\"{feed}\"")).await;
    }
    set_clock(&file, "+0");
    site.farm.publish();
    // A feed ends, and the daemon looks for what is due: everything, as the clock went back. The last
    // one was begun by the other clock as well, and ends only then.
    gates[0].open();
    daemon.until_line("the clock has gone back").await;
    gates[1].open();
    for (feed, hits) in hits.iter().enumerate() {
        site.farm.until_hit(feed, hits + 2).await;
    }
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    finding.runs += 1;
    site.conclude(&DUE, finding).await;
}
