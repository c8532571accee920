//! **killed**: the program is killed at random moments, in passes and as a daemon.
//!
//! The moments are spread over the whole pass: its start, where a new file is made or an older one
//! taken over, its feeds, and its end, where articles are indexed. Before each run a generation of
//! entries is published, so that there is work to do; after some runs everything begins anew with
//! another file and other feeds.

use std::time::{Duration, Instant};

use super::arguments::Arguments;
use super::chance::Chance;
use super::site::{DUE, FORCED, Site};
use super::table::Finding;

/// How many kills one file survives before the next begins. Documents grow by a generation each time.
const KILLS_A_FILE: usize = 8;

/// The schema before the present one, from which a pass may begin.
const SCHEMA_BEFORE: usize = 7;

/// By how much the span that moments are drawn from shrinks after a kill that came too late, and grows
/// after one that did not, so that it stays as long as the runs are.
const SHRINK: f64 = 0.9;
const GROW: f64 = 1.04;

/// Where in a run a kill fell, as the file tells.
#[derive(Debug, Default)]
struct Moments {
    before_the_first_feed: usize,
    among_the_feeds: usize,
    after_the_last_feed: usize,
    in_daemons: usize,
    too_late: usize,
    /// How often what was killed had to take an older file over.
    taken_over: usize,
}

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("killed");
    let mut finding = Finding::default();
    let mut moments = Moments::default();
    // How long a run takes from nothing, and in a file that is there.
    let mut spans = [undisturbed(arguments, chance.clone()).await; 2];
    while finding.runs < arguments.runs && !arguments.is_late() {
        let mut site = Site::open_outside(arguments, &mut chance).await;
        let at_most = KILLS_A_FILE.min(arguments.runs - finding.runs);
        let mut older = Some(chance.below(KILLS_A_FILE + 2));
        for kill in 0..at_most {
            let is_whole = site.farm.is_own() && site.schema() == SCHEMA_BEFORE + 1;
            if is_whole && older.take_if(|older| *older <= kill).is_some() {
                site.ingest.go_back_to_schema(SCHEMA_BEFORE);
                moments.taken_over += 1;
            }
            let span = &mut spans[usize::from(kill > 0)];
            if !killed_once(&site, span, &mut chance, &mut finding, &mut moments).await {
                break;
            }
            site.farm.publish();
        }
        site.let_claims_run_out();
        site.conclude(&FORCED, &mut finding).await;
    }
    let Moments { before_the_first_feed: start, among_the_feeds: feeds, .. } = moments;
    let Moments { after_the_last_feed: end, in_daemons, too_late, taken_over, .. } = moments;
    finding.notes.push(format!(
        "{start} before the first feed was stored, {feeds} among the feeds, {end} after the last; \
         {in_daemons} of a daemon, {taken_over} with an older file to take over; {too_late} runs more had ended before"
    ));
    if finding.runs < arguments.runs && arguments.is_late() {
        finding.notes.push(format!("{} kills were asked for; the time was over", arguments.runs));
    }
    finding
}

/// How long a pass takes that nobody disturbs, which proves that the farm's truth is the program's, too.
async fn undisturbed(arguments: &Arguments, mut chance: Chance) -> Duration {
    let site = Site::open_outside(arguments, &mut chance).await;
    let began = Instant::now();
    site.expect(&FORCED, 0).await;
    let took = began.elapsed();
    assert_eq!(site.account(), super::site::Account::default(), "undisturbed, it is the truth");
    took
}

/// Runs and kills until a kill comes in time. Answers whether there may be more to do with this file.
async fn killed_once(
    site: &Site,
    span: &mut Duration,
    chance: &mut Chance,
    finding: &mut Finding,
    moments: &mut Moments,
) -> bool {
    let is_daemon = chance.once_in(4);
    // A farm that publishes no more is read to its end, by as many runs as that takes.
    let is_own = site.farm.is_own();
    site.let_claims_run_out();
    if is_own {
        site.let_feeds_be_due();
    }
    let arguments: &[&str] = match is_daemon {
        true => &[],
        false if is_own => &FORCED,
        false => &DUE,
    };
    let polls_before = site.polls();
    let run = site.start(arguments);
    // The moment of the fault, not a wait for anything.
    tokio::time::sleep(span.mul_f64(chance.part())).await;
    // What any reader could see before the kill must be there after it.
    let (seen, polls) = (site.stored(), site.polls());
    run.signal("KILL");
    let output = run.wait().await;
    if output.code != -1 {
        assert_eq!(output.code, 0, "{}", output.stderr);
        moments.too_late += 1;
        *span = span.mul_f64(SHRINK);
        return is_own;
    }
    finding.runs += 1;
    *span = span.mul_f64(GROW);
    moments.in_daemons += usize::from(is_daemon);
    *match polls - polls_before {
        0 => &mut moments.before_the_first_feed,
        polled if polled < site.farm.urls.len() => &mut moments.among_the_feeds,
        _ => &mut moments.after_the_last_feed,
    } += 1;
    site.check_integrity();
    finding.lost += site.missing(&seen);
    true
}
