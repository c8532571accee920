//! **power lost**: what a killed program leaves, with a log that never reached the disk as a whole.
//!
//! With `synchronous = NORMAL` the log is not waited for, so a power cut may take any part of its end,
//! and leave blocks of other files in its place. What was in the file itself was waited for: it may
//! not be lost. The log of a run is short enough never to be written into the file before the run ends,
//! so the file holds what the run before had. Before a log is written back it is waited for, so one of
//! which that has begun is not cut.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use super::arguments::Arguments;
use super::chance::Chance;
use super::site::{FORCED, Site};
use super::table::Finding;

/// The head of the log, and a frame of it: its own head and a page.
const LOG_HEAD: u64 = 32;
const FRAME: u64 = 24 + 4_096;

/// Where the index of a log says of how many frames the writing back has begun
/// (<https://www.sqlite.org/walformat.html>, "The WAL-Index File Format").
const WRITTEN_BACK: std::ops::Range<usize> = 128..132;

/// By how much the span that moments are drawn from shrinks after a kill that came too late.
const SHRINK: f64 = 0.7;

/// How many times a run is tried again that had left no log.
const TRIES: usize = 20;

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("power-lost");
    let mut finding = Finding::default();
    let (mut cut, mut noisy, mut lost_commits) = (0, 0, 0);
    for run in 0..arguments.times(4, 60) {
        if arguments.is_late() {
            break;
        }
        let mut site = Site::open(arguments, &mut chance).await;
        // Every other one loses a file that was only just begun.
        if run % 2 == 0 {
            site.expect(&FORCED, 0).await;
            assert!(!site.log().exists(), "the log is emptied into the file at the end of a pass");
            site.farm.publish();
        }
        let on_disk = site.stored();
        leave_a_log(&site, &mut chance).await;
        let before = site.stored().len();
        match chance.below(3) {
            0 => cut += shorten(&site.log(), &mut chance),
            1 => noisy += scribble(&site.log(), &mut chance),
            _ => {
                cut += shorten(&site.log(), &mut chance);
                noisy += scribble(&site.log(), &mut chance);
            }
        }
        if chance.once_in(2) {
            fs::remove_file(site.shared()).unwrap();
        }
        finding.runs += 1;
        site.check_integrity();
        finding.lost += site.missing(&on_disk);
        lost_commits += usize::from(site.stored().len() < before);
        site.let_claims_run_out();
        site.conclude(&FORCED, &mut finding).await;
    }
    finding.notes.push(format!(
        "the log cut {cut} times, overwritten {noisy} times; {lost_commits} times entries went with it, as \
         synchronous = NORMAL allows, and came again"
    ));
    finding
}

/// Kills runs at random moments until one has left a log behind.
async fn leave_a_log(site: &Site, chance: &mut Chance) {
    let mut span: Option<Duration> = None;
    for _ in 0..TRIES {
        site.let_claims_run_out();
        // Each begins a log of its own: one that is gone on with counts as waited for.
        site.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        let began = Instant::now();
        let run = site.start(&FORCED);
        site.farm.until_hit(0, site.farm.hits(0) + 1).await;
        // As long as it took to begin; less after each time that this was too long.
        let span = span.insert(span.map_or(began.elapsed(), |span| span.mul_f64(SHRINK)));
        tokio::time::sleep(span.mul_f64(chance.part())).await;
        run.signal("KILL");
        run.wait().await;
        let is_left = fs::metadata(site.log()).is_ok_and(|log| log.len() > LOG_HEAD);
        if is_left && !is_waited_for(&site.shared()) {
            return;
        }
    }
    panic!("{TRIES} runs were killed, and none left a log");
}

/// Whether a log is on the disk as a whole, because some of it is being written back; by its index.
fn is_waited_for(index: &Path) -> bool {
    let index = fs::read(index).unwrap();
    index.get(WRITTEN_BACK).unwrap().iter().any(|byte| *byte != 0)
}

/// Cuts the log, in the middle of a frame or between two.
fn shorten(log: &Path, chance: &mut Chance) -> usize {
    let whole = fs::metadata(log).unwrap().len();
    let at = part_of(whole, chance);
    let at =
        if chance.once_in(3) { at.saturating_sub(LOG_HEAD) / FRAME * FRAME + LOG_HEAD } else { at };
    OpenOptions::new().write(true).open(log).unwrap().set_len(at.min(whole)).unwrap();
    1
}

/// Writes noise over the end of the log.
fn scribble(log: &Path, chance: &mut Chance) -> usize {
    let whole = fs::metadata(log).unwrap().len();
    let at = part_of(whole, chance);
    let noise: Vec<u8> = (at..whole).map(|_| u8::try_from(chance.below(256)).unwrap()).collect();
    let mut log = OpenOptions::new().write(true).open(log).unwrap();
    log.seek(SeekFrom::Start(at)).unwrap();
    log.write_all(&noise).unwrap();
    1
}

fn part_of(whole: u64, chance: &mut Chance) -> u64 {
    u64::try_from(chance.below(usize::try_from(whole).unwrap() + 1)).unwrap()
}
