//! Promises of several processes on one file: each feed is polled by one of them at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use tokio::net::TcpListener;
use tokio::task::{JoinSet, yield_now};

use super::super::harness::{Gate, Ingest, Output, Publisher, eventually, stories};
use super::{FORCED, articles, claims, hang, hits, path, several};

const MANY: usize = 40;
const AT_ONCE: usize = 4;

fn busy_program() -> Ingest {
    Ingest::new()
        .with("INGEST_HTTP__PER_HOST_AT_ONCE", "16")
        .with("INGEST_POLLING__FEEDS_AT_ONCE", &AT_ONCE.to_string())
}

#[tokio::test]
async fn a_pass_beside_the_daemon_leaves_its_feeds_alone() {
    let (ingest, publisher) = (busy_program(), Publisher::start().await);
    several(&ingest, &publisher, MANY).await;
    let gates: Vec<Gate> = (0..AT_ONCE).map(|feed| hang(&publisher, feed)).collect();
    let daemon = ingest.daemon(&[]);
    for feed in 0..AT_ONCE {
        publisher.until_hit(&path(feed), 1).await;
    }
    let output = ingest.run(&["--once"]).await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert_eq!(hits(&publisher, MANY), [1; MANY], "the pass took what the daemon had not");
    assert_eq!(articles(&ingest), 2 * i64::try_from(MANY - AT_ONCE).unwrap());
    gates.iter().for_each(Gate::open);
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    check_each_once(&ingest, &publisher);
}

#[tokio::test]
async fn a_daemon_and_two_passes_share_the_feeds() {
    let (ingest, publisher) = (busy_program(), Publisher::start().await);
    several(&ingest, &publisher, MANY).await;
    let daemon = ingest.daemon(&[]);
    let (one, other) = tokio::join!(ingest.run(&["--once"]), ingest.run(&["--once"]));
    assert_eq!((one.code, other.code), (0, 0), "{one:?} {other:?}");
    for feed in 0..MANY {
        publisher.until_hit(&path(feed), 1).await;
    }
    daemon.signal("TERM");
    let output = daemon.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    check_each_once(&ingest, &publisher);
}

fn check_each_once(ingest: &Ingest, publisher: &Publisher) {
    assert_eq!(hits(publisher, MANY), [1; MANY]);
    let polls: Vec<i64> = ingest.column("SELECT count(*) FROM polls GROUP BY feed_id");
    assert_eq!(polls, [1; MANY]);
    assert_eq!((articles(ingest), claims(ingest)), (2 * i64::try_from(MANY).unwrap(), 0));
}

#[tokio::test]
async fn a_feed_under_way_is_not_polled_by_force() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 2).await;
    let gate = hang(&publisher, 1);
    let first = ingest.daemon(&FORCED);
    publisher.until_hit("/0", 1).await;
    publisher.until_hit("/1", 1).await;
    assert_eq!(ingest.run(&FORCED).await.code, 0);
    assert_eq!(publisher.hits("/1"), 1);
    gate.open();
    assert_eq!(first.wait().await.code, 0);
    assert_eq!((articles(&ingest), claims(&ingest)), (4, 0));
}

#[tokio::test]
async fn a_forced_pass_polls_each_feed_once_whatever_another_does() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    several(&ingest, &publisher, 2).await;
    let gate = hang(&publisher, 1);
    let first = ingest.daemon(&["--once", "--force", "--json"]);
    publisher.until_hit("/1", 1).await;
    // Until the first pass has stored the other feed, the second has nothing to poll.
    let polled_by_another = async {
        while publisher.hits("/0") < 2 {
            assert_eq!(ingest.run(&FORCED).await.code, 0);
        }
    };
    eventually("a poll by another pass", polled_by_another).await;
    let by_others = publisher.hits("/0") - 1;
    gate.open();
    let output = first.wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("\"polled\":2"), "one pass, two feeds: {}", output.stderr);
    assert_eq!(publisher.hits("/0"), 1 + by_others);
}

/// Counts, for each path, who is being answered at this moment, and the most there ever were.
#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<usize, (usize, usize)>>);

async fn answer(State(counts): State<Arc<Counts>>, Path(feed): Path<usize>) -> String {
    {
        let mut counts = counts.0.lock().unwrap();
        let (now, most) = counts.entry(feed).or_default();
        *now += 1;
        *most = (*most).max(*now);
    }
    for _ in 0..50 {
        yield_now().await;
    }
    counts.0.lock().unwrap().entry(feed).or_default().0 -= 1;
    stories(feed..feed + 1)
}

#[tokio::test]
async fn passes_by_force_never_poll_a_feed_at_the_same_moment() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let counts = Arc::new(Counts::default());
    let routes = Router::new().route("/{feed}", axum::routing::get(answer));
    let server = routes.with_state(Arc::clone(&counts));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, server).await.unwrap() });
    let ingest = busy_program();
    let urls: Vec<String> = (0..MANY).map(|feed| format!("{root}/{feed}")).collect();
    ingest.add(&urls.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let run = || ingest.run(&FORCED);
    let outputs: [Output; 3] = tokio::join!(run(), run(), run()).into();
    for output in outputs {
        assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    }
    let counts = counts.0.lock().unwrap();
    let most: Vec<usize> = (0..MANY).map(|feed| counts[&feed].1).collect();
    assert_eq!(most, [1; MANY]);
    assert_eq!((articles(&ingest), claims(&ingest)), (i64::try_from(MANY).unwrap(), 0));
}
