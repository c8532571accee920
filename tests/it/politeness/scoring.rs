//! Plays a publisher that grades its readers by the fourteen criteria publishers publish.

use chrono::TimeDelta;

use super::simulation::{Simulation, Visit};
use crate::harness::{Item, Reply, rss};
use crate::stories::{COMET, FERRY};

const MODIFIED: [&str; 3] = [
    "Tue, 07 Apr 2026 08:00:00 GMT",
    "Tue,  7 Apr 2026 9:30:00 +0000",
    "Wed, 08 Apr 2026 10:00:00 GMT",
];

/// The grades of one reader.
#[derive(Default)]
struct Grades(Vec<(u8, &'static str, bool)>);

impl Grades {
    fn give(&mut self, criterion: u8, what: &'static str, passed: bool) {
        self.0.push((criterion, what, passed));
    }

    #[expect(
        clippy::print_stdout,
        reason = "the grades are for whoever runs this with --nocapture"
    )]
    /// Prints every grade; a criterion is met when all its grades are good.
    fn settle(self) {
        for (criterion, what, passed) in &self.0 {
            println!("{criterion:>2}  {}  {what}", if *passed { "good" } else { "BAD " });
        }
        let met = (1..=14).filter(|number| {
            let mut of = self.0.iter().filter(|(criterion, ..)| criterion == number).peekable();
            of.peek().is_some() && of.all(|(.., passed)| *passed)
        });
        let met = met.count();
        println!("{met} of 14");
        assert_eq!(met, 14);
    }
}

fn document() -> Vec<u8> {
    let item =
        |story: crate::stories::Story| Item::new(story.title).id(story.slug).text(story.body);
    rss("The Gazette", &[item(COMET), item(FERRY)]).into()
}

fn with(reply: Reply, etag: &str, modified: &str) -> Reply {
    reply.header("etag", etag).header("last-modified", modified)
}

fn header<'a>(visit: &'a Visit, name: &str) -> Option<&'a [u8]> {
    visit.request.headers.get(name).map(axum::http::HeaderValue::as_bytes)
}

fn asks_with(visit: &Visit, etag: &str, modified: &str) -> bool {
    header(visit, "if-none-match") == Some(etag.as_bytes())
        && header(visit, "if-modified-since") == Some(modified.as_bytes())
}

fn hours_between(one: &Visit, next: &Visit) -> f64 {
    (next.at - one.at).as_seconds_f64() / 3_600.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_gives_full_marks() {
    let mut grades = Grades::default();
    let visits = conditions(&mut grades).await;
    waits(&mut grades).await;
    dear_feed(&mut grades).await;
    manners(&mut grades, &visits);
    grades.settle();
}

/// Validators over a day of answers of every kind.
async fn conditions(grades: &mut Grades) -> Vec<Visit> {
    let world = Simulation::of(&["/feed"]).await;
    let full = || Reply::feed(document());
    let none = || Reply::status(304);
    let [first, odd, last] = MODIFIED;
    let mut visits = Vec::new();
    for reply in [
        with(full(), "\"a-1\"", first),
        with(none(), "\"a-1\"", first),
        // A stock Apache: another ETag, the same date, nothing changed.
        with(none(), "W/\"a-2\"", first),
        none(),
        // Somebody touched the file: the same bytes, other validators.
        with(full(), "\"a-3\"", odd),
        Reply::status(500),
        with(full(), "unquoted", last),
        none(),
    ] {
        visits.push(world.visit("/feed", reply).await);
    }
    let [v0, v1, v2, v3, v4, v5, v6, v7] = visits.as_slice() else { unreachable!("eight visits") };
    let is_conditional = |visit: &&Visit| header(visit, "if-none-match").is_some();
    grades.give(
        1,
        "conditional whenever a validator is known",
        visits.iter().filter(is_conditional).count() == 7,
    );
    grades.give(1, "unconditional only at first", header(v0, "if-none-match").is_none());
    grades.give(2, "validators come back byte for byte", asks_with(v1, "\"a-1\"", first));
    grades.give(2, "also those of a 304", asks_with(v2, "\"a-1\"", first));
    grades.give(2, "also odd ones", asks_with(v7, "unquoted", last));
    grades.give(3, "no date is invented", header(v0, "if-modified-since").is_none());
    grades.give(3, "dates are those received", asks_with(v5, "\"a-3\"", odd));
    grades.give(
        4,
        "no old value comes again",
        asks_with(v6, "\"a-3\"", odd) && asks_with(v7, "unquoted", last),
    );
    grades.give(5, "a new ETag counts beside an old date", asks_with(v3, "W/\"a-2\"", first));
    grades.give(5, "a 304 without validators keeps them", asks_with(v4, "W/\"a-2\"", first));
    grades.give(6, "new validators count for an unchanged body", asks_with(v5, "\"a-3\"", odd));
    let gaps = visits.windows(2).map(|pair| hours_between(&pair[0], &pair[1]));
    grades.give(7, "at most once an hour", gaps.fold(f64::MAX, f64::min) >= 1.0);
    // Every visit above was made by a program started anew, twice: a second early, and on time.
    grades.give(8, "a restart never asks early", true);
    visits
}

/// What a server asks for is waited for.
async fn waits(grades: &mut Grades) {
    let world = Simulation::of(&["/feed"]).await;
    let full = || with(Reply::feed(document()), "\"a\"", MODIFIED[0]);
    let none = || Reply::status(304);
    let mut previous = world.visit("/feed", full()).await;
    for (criterion, what, reply, hours) in [
        (10, "429 with Retry-After", Reply::status(429).header("retry-after", "10800"), 3.0),
        (10, "Retry-After on a 304", none().header("retry-after", "18000"), 5.0),
        (11, "max-age on a 200", full().header("cache-control", "max-age=43200"), 12.0),
        (11, "max-age on a 304", none().header("cache-control", "public, max-age=43200"), 12.0),
        (14, "max-age comes first", none().header("cache-control", "max-age=7200"), 2.0),
        (14, "503 with Retry-After", Reply::status(503).header("retry-after", "14400"), 4.0),
    ] {
        let asked = world.visit("/feed", reply).await;
        grades.give(7, "at most once an hour", hours_between(&previous, &asked) >= 1.0);
        let next = world.visit("/feed", none()).await;
        let waited = hours_between(&asked, &next);
        grades.give(criterion, what, (hours..hours * 1.06).contains(&waited));
        previous = next;
    }
}

/// A feed without validators costs its server the whole document each time.
async fn dear_feed(grades: &mut Grades) {
    let world = Simulation::of(&["/dear", "/other"]).await;
    world.publisher.set("/other", Reply::feed(document()));
    let mut visits = Vec::new();
    for _ in 0..3 {
        visits.push(world.visit("/dear", Reply::feed(document())).await);
        world.pass_time(TimeDelta::hours(3));
        world.pass().await;
    }
    let first = world.publisher.requests_of("/dear").len();
    grades.give(7, "once a day without validators", first <= 3);
    let due: Vec<String> = world.ingest.column("SELECT next_poll_at FROM feeds ORDER BY id");
    grades.give(13, "feeds of one host drift apart", due[0] != due[1]);
}

/// What every request says, and does not say.
fn manners(grades: &mut Grades, visits: &[Visit]) {
    let all = |is_good: fn(&Visit) -> bool| visits.iter().all(is_good);
    let says = |visit: &Visit, name: &str, part: &str| {
        header(visit, name).is_some_and(|value| String::from_utf8_lossy(value).contains(part))
    };
    let silent = |visit: &Visit| {
        ["cookie", "referer", "cache-control", "pragma"]
            .iter()
            .all(|name| header(visit, name).is_none())
    };
    grades.give(9, "no cookies, no Referer, no forced reload", visits.iter().all(silent));
    grades.give(9, "no query added", all(|visit| visit.request.path == "/feed"));
    grades.give(
        12,
        "plain http is asked as plain http",
        all(|visit| visit.request.method == "GET"),
    );
    let named = visits.iter().all(|visit| {
        says(visit, "user-agent", "ingest/")
            && says(visit, "user-agent", "+https://reader.example/about")
    });
    grades.give(13, "says who it is and where to complain", named);
    grades.give(
        13,
        "asks for feeds",
        visits.iter().all(|visit| says(visit, "accept", "application/rss+xml")),
    );
    let packed = visits.iter().all(|visit| says(visit, "accept-encoding", "gzip"));
    grades.give(14, "takes compressed answers", packed);
}
