//! What a feed's server may answer: conditions, redirects, compressed bodies.

use tokio::io::AsyncReadExt as _;

use crate::harness::{Ingest, Item, Publisher, Reply, Request, rss};
use crate::stories::{COMET, FERRY, Story};

fn document(stories: &[Story]) -> String {
    let item = |story: &Story| Item::new(story.title).id(story.slug).text(story.body);
    rss("The Gazette", &stories.iter().map(item).collect::<Vec<_>>())
}

/// One feed at `/feed`, asked once for each answer.
struct Feed {
    publisher: Publisher,
    ingest: Ingest,
}

impl Feed {
    async fn new() -> Self {
        let feed = Self { publisher: Publisher::start().await, ingest: Ingest::new() };
        feed.ingest.add(&[&feed.publisher.url("/feed")]).await;
        feed
    }

    /// Polls once, and answers with what conditions: `If-None-Match` and `If-Modified-Since`.
    async fn asked(&self, reply: Reply) -> [Option<String>; 2] {
        self.publisher.set("/feed", reply);
        self.ingest.poll().await;
        let request = self.publisher.requests_of("/feed").pop().unwrap();
        assert_eq!(request.method, "GET");
        ["if-none-match", "if-modified-since"].map(|name| header(&request, name))
    }

    fn check_titles(&self, stories: &[Story]) {
        let titles = self.ingest.column::<String>("SELECT title FROM articles ORDER BY id");
        let expected: Vec<_> = stories.iter().map(|story| story.title).collect();
        assert_eq!(titles, expected);
    }
}

/// A text in one of the packings that we say we take.
async fn packed(encoding: &str, text: &str) -> Vec<u8> {
    use async_compression::tokio::bufread::{
        BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
    };
    let mut packed = Vec::new();
    let text = text.as_bytes();
    match encoding {
        "gzip" => GzipEncoder::new(text).read_to_end(&mut packed).await,
        "br" => BrotliEncoder::new(text).read_to_end(&mut packed).await,
        "zstd" => ZstdEncoder::new(text).read_to_end(&mut packed).await,
        "deflate" => ZlibEncoder::new(text).read_to_end(&mut packed).await,
        _ => DeflateEncoder::new(text).read_to_end(&mut packed).await,
    }
    .unwrap();
    packed
}

#[tokio::test]
async fn every_packing_that_is_asked_for_is_read() {
    for encoding in ["gzip", "br", "zstd", "deflate", "deflate without a header"] {
        let feed = Feed::new().await;
        let said = encoding.split(' ').next().unwrap();
        let body = packed(encoding, &document(&[FERRY])).await;
        feed.asked(Reply::feed(body).header("content-encoding", said)).await;
        feed.check_titles(&[FERRY]);
    }
}

#[tokio::test]
async fn a_feed_kept_as_a_packed_file_is_read() {
    let feed = Feed::new().await;
    feed.asked(Reply::ok("application/gzip", packed("gzip", &document(&[FERRY])).await)).await;
    feed.check_titles(&[FERRY]);
}

#[tokio::test]
async fn a_bomb_is_refused_while_it_unfolds() {
    let feed = Feed::new().await;
    let zeros = "0".repeat(12 << 20);
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        let bomb = Reply::feed(packed(encoding, &zeros).await).header("content-encoding", encoding);
        feed.publisher.set("/feed", bomb);
        let output = feed.ingest.run(&["--once", "--force"]).await;
        assert!(output.stderr.contains("more than 200 times its size"), "{encoding}: {output:?}");
    }
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers.get(name).map(sent)
}

/// Bytes as a person may read them.
fn sent(value: impl AsRef<[u8]>) -> String {
    value.as_ref().escape_ascii().to_string()
}

/// What a server may say besides a date; it is sent back as it came.
const ODD_DATE: &str = "Tue,  7-Apr-26 16:54:00 CEST (about)";

#[tokio::test]
async fn validators_are_sent_back_byte_for_byte() {
    for etag in [&b"\"a1\""[..], b"W/\"a,b c\"", b"without-quotes", b"\"caf\xe9\"", b"\"a\"-gzip"] {
        let feed = Feed::new().await;
        let first = Reply::feed(document(&[FERRY])).header("last-modified", ODD_DATE);
        assert_eq!(feed.asked(first.header("etag", etag)).await, [None, None]);
        let again = feed.asked(Reply::status(304)).await;
        assert_eq!(again, [Some(sent(etag)), Some(sent(ODD_DATE))]);
        feed.check_titles(&[FERRY]);
    }
}

#[tokio::test]
async fn a_server_that_sends_no_validator_is_asked_without_conditions() {
    let feed = Feed::new().await;
    for _ in 0..3 {
        assert_eq!(feed.asked(Reply::feed(document(&[FERRY]))).await, [None, None]);
    }
}

#[tokio::test]
async fn an_unchanged_feed_keeps_its_validators() {
    let feed = Feed::new().await;
    let first = Reply::feed(document(&[FERRY])).header("last-modified", ODD_DATE);
    feed.asked(first.header("etag", "\"a\"")).await;
    for _ in 0..3 {
        assert_eq!(
            feed.asked(Reply::status(304)).await,
            [Some(sent("\"a\"")), Some(sent(ODD_DATE))]
        );
    }
    let outcomes = feed.ingest.column::<String>("SELECT outcome FROM polls ORDER BY id");
    assert_eq!(outcomes, ["changed", "not-modified", "not-modified", "not-modified"]);
}

#[tokio::test]
async fn a_new_validator_on_an_unchanged_feed_replaces_the_old_one() {
    let feed = Feed::new().await;
    let first = Reply::feed(document(&[FERRY])).header("last-modified", ODD_DATE);
    feed.asked(first.header("etag", "\"a\"")).await;
    feed.asked(Reply::status(304).header("etag", "\"b\"")).await;
    assert_eq!(feed.asked(Reply::status(304)).await, [Some(sent("\"b\"")), Some(sent(ODD_DATE))]);
}

#[tokio::test]
async fn a_new_document_replaces_both_validators() {
    let feed = Feed::new().await;
    let first = Reply::feed(document(&[FERRY])).header("last-modified", ODD_DATE);
    feed.asked(first.header("etag", "\"a\"")).await;
    feed.asked(Reply::feed(document(&[COMET])).header("etag", "\"b\"")).await;
    assert_eq!(feed.asked(Reply::status(304)).await, [Some(sent("\"b\"")), None]);
    feed.check_titles(&[FERRY, COMET]);
}

#[tokio::test]
async fn a_document_that_cannot_be_read_leaves_the_validators_alone() {
    let feed = Feed::new().await;
    feed.asked(Reply::feed(document(&[FERRY])).header("etag", "\"a\"")).await;
    let page = Reply::page("<!DOCTYPE html><p>We are moving house.").header("etag", "\"b\"");
    feed.publisher.set("/feed", page);
    assert_eq!(feed.ingest.run(&["--once", "--force"]).await.code, 1);
    let conditions = feed.asked(Reply::feed(document(&[FERRY, COMET]))).await;
    assert_eq!(conditions, [Some(sent("\"a\"")), None]);
}

#[tokio::test]
async fn a_server_that_knows_its_etag_sends_the_document_once() {
    let feed = Feed::new().await;
    for _ in 0..3 {
        feed.asked(Reply::feed(document(&[FERRY])).etag("\"a\"")).await;
    }
    let bytes = feed.ingest.column::<bool>("SELECT bytes > 0 FROM polls ORDER BY id");
    assert_eq!(bytes, [true, false, false]);
    feed.check_titles(&[FERRY]);
}

#[tokio::test]
async fn a_moved_feed_is_followed() {
    for status in [301, 302, 307, 308] {
        let feed = Feed::new().await;
        let elsewhere = Publisher::at("127.0.0.2").await;
        elsewhere.set("/new", Reply::feed(document(&[FERRY])).header("etag", "\"there\""));
        feed.asked(Reply::redirect(status, &elsewhere.url("/new"))).await;
        feed.check_titles(&[FERRY]);
        feed.ingest.poll().await;
        let again = elsewhere.requests_of("/new").pop().unwrap();
        assert_eq!(header(&again, "if-none-match"), Some(sent("\"there\"")));
    }
}

#[tokio::test]
async fn a_compressed_document_is_read() {
    let feed = Feed::new().await;
    let packed = gzipped(document(&[FERRY]).as_bytes());
    feed.asked(Reply::feed(packed).header("content-encoding", "gzip")).await;
    feed.check_titles(&[FERRY]);
    let request = feed.publisher.requests_of("/feed").remove(0);
    let accepted = header(&request, "accept-encoding").unwrap();
    assert!(accepted.contains("gzip"), "{accepted}");
}

/// A gzip file (RFC 1952) whose one deflate block is stored as it is.
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(bytes);
    packed.extend(crc32(bytes).to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    packed
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}
