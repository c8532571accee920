//! **rude servers**: some of the feeds hang, drip, flood, break off or reset, and later do not.

use super::arguments::Arguments;
use super::harness::{Manner, Reply, Rude};
use super::site::{FORCED, Site};
use super::table::Finding;

/// An answer's head of a feed whose length is not said.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n\r\n";

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("rude-servers");
    let mut finding = Finding::default();
    let broken = b"HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n<rss><channel><item>".to_vec();
    let manners = [
        Manner::Resets,
        Manner::FallsSilent(Vec::new()),
        Manner::FallsSilent(HEAD.to_vec()),
        Manner::Drips(HEAD.to_vec()),
        Manner::Floods(HEAD.to_vec()),
        Manner::NeverEndsHeaders,
        Manner::Says(broken),
    ];
    let mut servers = Vec::new();
    for manner in &manners {
        servers.push(Rude::start(manner.clone()).await);
    }
    for _ in 0..arguments.times(1, 5) {
        let mut site = Site::open(arguments, &mut chance).await;
        site.set("INGEST_HTTP__IDLE_TIMEOUT_MS", "300");
        site.set("INGEST_HTTP__REQUEST_TIMEOUT_MS", "1500");
        site.set("INGEST_HTTP__FEED_MAX_BYTES", "2000000");
        site.set("INGEST_POLLING__FEEDS_AT_ONCE", "16");
        site.expect(&FORCED, 0).await;
        site.farm.publish();
        for (feed, server) in servers.iter().enumerate() {
            site.farm.answer(feed, |_| Reply::redirect(302, &server.url("/")));
        }
        // That it ends at all is the promise; whoever waits here gives up after two minutes.
        let output = site.expect(&FORCED, 1).await;
        let url_of = |feed: usize| format!("ingest: {}: ", site.farm.urls[feed]);
        for feed in 0..site.farm.urls.len() {
            let is_named = output.stderr.contains(&url_of(feed));
            assert_eq!(is_named, feed < servers.len(), "{}: {}", url_of(feed), output.stderr);
        }
        // Others are unaffected: all that is missing is what the rude ones published since.
        let missing = site.account().lost;
        let published = site.farm.truth.len() / 2 / site.farm.urls.len() * servers.len();
        assert_eq!(missing, published, "{}", output.stderr);
        (0..servers.len()).for_each(|feed| site.farm.serve(feed));
        finding.runs += servers.len();
        site.conclude(&FORCED, &mut finding).await;
    }
    finding.notes.push(
        "each manner is one run; every pass came to its end, the feeds beside were read".to_owned(),
    );
    finding
}
