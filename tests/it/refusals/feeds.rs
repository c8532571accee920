//! Promises of feeds that are none, are too much, or never end.

use super::super::harness::{Ingest, Manner, Publisher, Reply, Rude, escaped, stories};
use super::check_told;

const MAX_BYTES: usize = 100_000;

/// An answer's head of a feed; what follows lasts until the connection is closed.
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n";

fn bounded() -> Ingest {
    Ingest::new()
        .with("INGEST_HTTP__FEED_MAX_BYTES", &MAX_BYTES.to_string())
        .with("INGEST_HTTP__REDIRECTS_MAX", "5")
}

/// Polls the feed at `url` beside a good one: it fails with these words, and costs only itself.
async fn check(ingest: Ingest, url: &str, words: &[&str]) {
    let publisher = Publisher::start().await;
    publisher.set("/good", Reply::feed(stories(0..2)));
    ingest.add(&[url, &publisher.url("/good")]).await;
    let output = ingest.run(&["--once"]).await;
    check_told(&output, 1, &[&format!("ingest: {url}: ")]);
    check_told(&output, 1, words);
    let good: (i64, Option<String>) = ingest
        .rows(&format!("SELECT failures, last_error FROM feeds WHERE url != '{url}'"))
        .remove(0);
    assert_eq!(good, (0, None));
    let bad: (i64, String, bool) = ingest
        .rows(&format!(
            "SELECT failures, last_error, next_poll_at > last_poll_at FROM feeds WHERE url = '{url}'"
        ))
        .remove(0);
    assert_eq!((bad.0, bad.2), (1, true), "it is asked again, later");
    assert!(words.iter().all(|word| bad.1.contains(word)), "{}", bad.1);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 2);
}

/// Polls a feed that a well-behaved server answers so.
async fn check_reply(reply: Reply, words: &[&str]) {
    let publisher = Publisher::start().await;
    publisher.set("/bad", reply);
    check(bounded(), &publisher.url("/bad"), words).await;
}

#[tokio::test]
async fn a_page_names_the_feeds_it_advertises() {
    let publisher = Publisher::start().await;
    let page = "<!DOCTYPE html><html><head><title>The Gazette</title>\
        <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feeds/all.xml\">\
        <link rel=\"alternate\" type=\"application/atom+xml\" href=\"atom?a=1&amp;b=2\">\
        <link rel=\"stylesheet\" href=\"/style.css\"></head><body><p>News</p></body></html>";
    publisher.set("/site/", Reply::page(page));
    let (rss, atom) = (publisher.url("/feeds/all.xml"), publisher.url("/site/atom?a=1&b=2"));
    check(bounded(), &publisher.url("/site/"), &["a web page, not to a feed", &rss, &atom]).await;
    assert_eq!(publisher.requests().len(), 1, "nothing that it names is asked for unbidden");
}

#[tokio::test]
async fn what_is_no_feed_is_named() {
    for (reply, words) in [
        (Reply::page("<html><body>Nothing here"), &["web page", "look for a feed link"][..]),
        (Reply::feed(""), &["the document is empty", "look for it on its site"]),
        (Reply::feed(" \n\u{feff}\n"), &["the document is empty"]),
        (Reply::feed("<<<rss&&&]]>"), &["the feed is damaged", "tell its publisher"]),
        (Reply::ok("application/pdf", "%PDF-1.7 \u{0}\u{1}"), &["no RSS, Atom or JSON feed"]),
        (Reply::ok("application/json", "{\"error\": 7}"), &["no RSS, Atom or JSON feed"]),
        (Reply::ok("application/json", "[1, 2]"), &["no RSS, Atom or JSON feed", "browser"]),
        (Reply::feed("<sitemapindex/>"), &["no RSS, Atom or JSON feed"]),
    ] {
        check_reply(reply, words).await;
    }
}

#[tokio::test]
async fn a_truncated_feed_gives_the_entries_that_came_whole() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let whole = stories(0..4);
    publisher.set("/feed", Reply::feed(&whole[..whole.len() * 3 / 5]));
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles WHERE body IS NOT NULL"), 2);
    publisher.set("/feed", Reply::feed(whole));
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 4);
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM revisions"), 0, "none was half an entry");
}

#[tokio::test]
async fn a_status_that_is_no_success_is_told_in_words() {
    for (status, words) in [
        (204, "no content"),
        (304, "nothing was known"),
        (401, "it wants a password"),
        (403, "it refuses us"),
        (404, "there is no such feed"),
        (410, "the feed is gone for good"),
        (418, "it refuses the request"),
        (429, "we ask too often"),
        (500, "the server has a fault"),
        (503, "it is unavailable for now"),
    ] {
        check_reply(Reply::status(status), &[&format!("it answers {status}: "), words]).await;
    }
}

#[tokio::test]
async fn a_feed_that_goes_bad_keeps_its_articles_and_is_asked_again() {
    let (ingest, publisher) = (bounded(), Publisher::start().await);
    let good = Reply::feed(stories(0..3)).etag("\"one\"");
    publisher.set("/feed", good.clone());
    ingest.add(&[&publisher.url("/feed")]).await;
    ingest.poll().await;
    let table = "SELECT * FROM articles ORDER BY id";
    let before = ingest.dump(table);
    for reply in [Reply::status(410), Reply::status(404), Reply::feed(""), Reply::page("<html>")] {
        publisher.set("/feed", reply);
        assert_eq!(ingest.run(&["--once", "--force"]).await.code, 1);
        assert_eq!(ingest.dump(table), before);
    }
    assert_eq!(ingest.value::<Option<String>>("SELECT paused_at FROM feeds"), None);
    publisher.set("/feed", good);
    ingest.poll().await;
    assert_eq!(publisher.hits("/feed"), 6);
    assert_eq!(ingest.dump(table), before);
}

#[tokio::test]
async fn a_feed_larger_than_the_limit_is_refused() {
    let words = ["the answer is larger than 100000 bytes"];
    let large = stories(0..MAX_BYTES / 500);
    assert!(large.len() > MAX_BYTES);
    check_reply(Reply::feed(large), &words).await;
    let endless = Rude::start(Manner::Floods(format!("{HEAD}\r\n").into_bytes())).await;
    check(bounded(), &endless.url("/feed"), &words).await;
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_refused() {
    let bomb = gzip_of_blanks(64 << 20);
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    let reply = Reply::feed(bomb.clone()).header("content-encoding", "gzip");
    check_reply(reply, &["the answer is larger than 100000 bytes"]).await;
    let small = gzip_of_blanks(20_000);
    let reply = Reply::feed(small).header("content-encoding", "gzip");
    check_reply(reply, &["the document is empty"]).await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left() {
    for said in ["", HEAD, "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n<rss version=\"2.0\">"] {
        let silent = Rude::start(Manner::FallsSilent(said.into())).await;
        let ingest = bounded().with("INGEST_HTTP__IDLE_TIMEOUT_MS", "200");
        check(ingest, &silent.url("/feed"), &["127.0.0.1 does not answer in time"]).await;
    }
}

#[tokio::test]
async fn a_server_that_drips_is_left() {
    let drips = Rude::start(Manner::Drips(format!("{HEAD}\r\n<rss>").into_bytes())).await;
    let ingest = bounded().with("INGEST_HTTP__REQUEST_TIMEOUT_MS", "300");
    check(ingest, &drips.url("/feed"), &["no whole answer within 0.3 s"]).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_document() {
    let document = stories(0..2);
    let length = document.len() + 1;
    for said in [
        String::new(),
        "HTTP/1.1 200".to_owned(),
        "SSH-2.0-OpenSSH\r\n".to_owned(),
        format!("{HEAD}content-length: {length}\r\n\r\n{document}"),
        format!("{HEAD}transfer-encoding: chunked\r\n\r\n{:x}\r\n{document}\r\n", document.len()),
    ] {
        let rude = Rude::start(Manner::Says(said.into_bytes())).await;
        check(bounded(), &rude.url("/feed"), &["127.0.0.1 broke off"]).await;
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_unpacked_is_refused() {
    for (encoding, body) in [
        ("gzip", &b"\x1f\x8b\x08\x00 and then nothing of the kind"[..]),
        ("zstd", b"<rss/>"),
        ("br", b"\xff\xff\xff\xff"),
        ("deflate", b"\x78\x9c broken"),
        ("lzma", b"<rss/>"),
        ("gzip, gzip, gzip", b"<rss/>"),
    ] {
        let mut said = format!("{HEAD}content-encoding: {encoding}\r\n\r\n").into_bytes();
        said.extend_from_slice(body);
        let rude = Rude::start(Manner::Says(said)).await;
        check(bounded(), &rude.url("/feed"), &["127.0.0.1 cannot be decompressed"]).await;
    }
}

#[tokio::test]
async fn plain_text_that_is_said_to_be_gzip_is_read() {
    let said = format!("{HEAD}content-encoding: gzip\r\n\r\n{}", stories(0..2));
    let rude = Rude::start(Manner::Says(said.into_bytes())).await;
    let ingest = Ingest::new();
    ingest.run(&["feeds", "add", &rude.url("/feed")]).await;
    ingest.poll().await;
    assert_eq!(ingest.value::<i64>("SELECT count(*) FROM articles"), 2);
}

#[tokio::test]
async fn headers_that_never_end_are_left() {
    let rude = Rude::start(Manner::NeverEndsHeaders).await;
    check(bounded(), &rude.url("/feed"), &["127.0.0.1"]).await;
}

#[tokio::test]
async fn redirects_that_lead_nowhere_are_refused() {
    let publisher = Publisher::start().await;
    publisher.set("/circle", Reply::redirect(302, "/other"));
    publisher.set("/other", Reply::redirect(307, "/circle"));
    publisher.set("/itself", Reply::redirect(301, "/itself"));
    for hop in 0..9 {
        publisher.set(&format!("/hop{hop}"), Reply::redirect(303, &format!("hop{}", hop + 1)));
    }
    publisher.set("/ftp", Reply::redirect(302, "ftp://files.example/feed.xml"));
    publisher.set("/file", Reply::redirect(302, "file:///feed.xml"));
    publisher.set("/nonsense", Reply::redirect(302, "http://[::"));
    publisher.set("/silence", Reply::status(302));
    for (path, words) in [
        ("/circle", &["it redirects in a circle at", "/circle"][..]),
        ("/itself", &["it redirects in a circle at", "/itself"]),
        ("/hop0", &["it redirects more than 5 times"]),
        ("/ftp", &["`ftp://files.example/feed.xml`, which is no web address"]),
        ("/file", &["`file:///feed.xml`, which is no web address"]),
        ("/nonsense", &["`http://[::`, which is no web address"]),
        ("/silence", &["it answers 302 without saying where to"]),
    ] {
        check(bounded(), &publisher.url(path), words).await;
    }
    assert_eq!(publisher.hits("/hop5"), 1);
    assert_eq!(publisher.hits("/hop6"), 0);
}

#[tokio::test]
async fn a_feed_nested_without_end_does_not_kill_the_program() {
    let media = |inner: &str| {
        format!(
            "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><item>{inner}"
        )
    };
    let groups = media(&"<media:group>".repeat(25 * 1_024 / "<media:group>".len()));
    assert!(groups.len() < 26 * 1_024);
    let closed = media(&("<a>".repeat(3_000) + &"</a>".repeat(3_000)));
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    for (path, document) in [("/groups", groups), ("/closed", closed)] {
        publisher.set(path, Reply::feed(document));
        ingest.add(&[&publisher.url(path)]).await;
    }
    ingest.poll().await;
    assert!(ingest.column::<i64>("SELECT repaired FROM polls").iter().all(|count| *count > 0));
    check_reply(Reply::ok("application/json", "{\"items\":".repeat(9_000)), &["damaged"]).await;
}

#[tokio::test]
async fn markup_nested_without_end_in_an_entry_does_not_kill_the_program() {
    let (ingest, publisher) = (Ingest::new(), Publisher::start().await);
    let deep = escaped(&"<div><b>".repeat(100_000));
    let item = format!(
        "<item><title>Deep</title><link>{}</link><description>{deep}</description></item></channel>",
        publisher.url("/page")
    );
    publisher.set("/feed", Reply::feed(stories(0..2).replace("</channel>", &item)));
    publisher.set("/page", Reply::page("<html><body>".to_owned() + &"<table><td>".repeat(100_000)));
    ingest.add(&[&publisher.url("/feed")]).await;
    let output = ingest.run(&["--once"]).await;
    check_told(&output, 0, &[]);
    assert_eq!(publisher.hits("/page"), 1);
    let held: Vec<bool> = ingest.column("SELECT body IS NULL FROM articles ORDER BY body IS NULL");
    assert_eq!(held, [false, false, true]);
}

/// Blanks, compressed to less than a hundredth (RFC 1951, fixed codes; RFC 1952).
fn gzip_of_blanks(length: usize) -> Vec<u8> {
    const REPEATED: usize = 258;
    let mut bits = Bits::default();
    bits.push(0b110, 3); // the last block, fixed codes
    bits.push(0x30 + u32::from(b' '), 8);
    for _ in 0..length / REPEATED {
        bits.push(0xc5, 8); // 258 bytes …
        bits.push(0, 5); // … from one byte before
    }
    bits.push(0, 7);
    let unpacked = u32::try_from(1 + length / REPEATED * REPEATED).unwrap();
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    gzip.extend(bits.bytes);
    gzip.extend(crc_of_blanks(unpacked).to_le_bytes());
    gzip.extend(unpacked.to_le_bytes());
    gzip
}

fn crc_of_blanks(length: u32) -> u32 {
    let step = |crc: u32, _| {
        (0..8).fold(crc ^ u32::from(b' '), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    };
    !(0..length).fold(!0, step)
}

/// Bits in the order of RFC 1951: codes from their highest bit on, bytes from their lowest.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u8,
}

impl Bits {
    fn push(&mut self, code: u32, length: u32) {
        for place in (0..length).rev() {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let bit = u8::from(code >> place & 1 == 1);
            *self.bytes.last_mut().unwrap() |= bit << self.used;
            self.used = (self.used + 1) % 8;
        }
    }
}
