//! Promises of the guard: strangers' addresses do not make us ask our own network.

use super::super::harness::{Ingest, Publisher, Reply, stories};
use super::check_told;

/// Polls the feed at `url` as strangers' feeds are polled: without leave for private networks.
async fn check(url: &str, words: &[&str]) {
    let ingest = Ingest::new().with("INGEST_HTTP__ALLOW_PRIVATE_NETWORKS", "false");
    ingest.add(&[url]).await;
    let output = ingest.run(&["--once"]).await;
    check_told(&output, 1, &["set `http.allow_private_networks = true` if it is yours to ask"]);
    check_told(&output, 1, words);
    assert_eq!(ingest.value::<i64>("SELECT failures FROM feeds"), 1);
}

#[tokio::test]
async fn private_addresses_are_not_asked_however_they_are_written() {
    let publisher = Publisher::start().await;
    publisher.set("/feed", Reply::feed(stories(0..1)));
    let port = publisher.url("").rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]"] {
        check(&format!("http://{host}:{port}/feed"), &["a loopback address"]).await;
    }
    check(&format!("http://localhost:{port}/feed"), &["localhost is ", "a loopback address"]).await;
    check(&format!("http://0:{port}/feed"), &["an unspecified address"]).await;
    for (host, kind) in [
        ("10.0.0.1", "a private address"),
        ("192.168.1.1", "a private address"),
        ("[fd00::1]", "a private address"),
        ("169.254.169.254", "a link-local address"),
        ("100.64.0.1", "a shared (CGNAT) address"),
        ("[64:ff9b::a00:1]", "a private address"),
    ] {
        check(&format!("http://{host}/latest/meta-data/"), &[kind]).await;
    }
    assert_eq!(publisher.requests().len(), 0, "nobody was asked");
}

#[tokio::test]
async fn a_name_of_this_machine_is_asked_with_leave() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    publisher.set("/feed", Reply::feed(stories(0..1)));
    let url = publisher.url("/feed").replace("127.0.0.1", "localhost");
    ingest.add(&[&url]).await;
    ingest.poll().await;
    assert_eq!(publisher.hits("/feed"), 1);
}
