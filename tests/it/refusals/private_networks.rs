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
async fn a_proxy_of_the_environment_is_not_asked() {
    let (publisher, proxy) = (Publisher::start().await, Publisher::at("127.0.0.2").await);
    publisher.set("/feed", Reply::feed(stories(0..1)));
    let mut ingest = Ingest::new();
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"]
    {
        ingest = ingest.with(name, &proxy.url(""));
    }
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!((publisher.hits("/feed"), proxy.requests().len()), (1, 0));
}

/// The harness refuses and notes it, before anything leaves the machine.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_test_that_reached_beyond_loopback_would_fail() {
    let ingest = Ingest::new();
    // An address of documentation, and a name that nobody can have (RFC 5737, RFC 2606).
    ingest.add(&["http://192.0.2.1/feed", "http://[2001:db8::1]/feed", "http://no.example/"]).await;
    assert_eq!(ingest.run(&["--once"]).await.code, 1);
    let mut tried = ingest.tried_beyond_loopback();
    tried.sort();
    tried.dedup();
    assert_eq!(tried, ["192.0.2.1", "2001:db8::1", "no.example"]);
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
