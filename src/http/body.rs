//! Reads a body to its end: decompressed as it streams in, up to a cap and a ratio.
//!
//! Decompression is done here rather than by the HTTP library, because only here both sizes are
//! known: a few kilobytes that unfold into the cap's megabytes are an attack, and are refused while
//! they unfold.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use futures_util::TryStreamExt as _;
use reqwest::header::CONTENT_ENCODING;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio_util::io::StreamReader;
use url::Url;

use super::HttpError;

/// What we can decompress, as we say it to servers.
pub(super) const ACCEPTED_ENCODINGS: &str = "gzip, br, zstd, deflate";

/// How many times larger than what came over the wire a body may be. Feeds reach 30, logs of one
/// repeated line about 100; deflate's limit, and the aim of a bomb, is 1032.
const RATIO_MAX: u64 = 200;

/// A body this small cannot hurt, whatever its ratio.
const RATIO_COUNTS_FROM_BYTES: u64 = 1 << 20;

/// How many encodings may lie upon each other; servers that compress twice by mistake exist.
const ENCODINGS_MAX: usize = 2;

/// What happens to a body that is larger than its cap.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cap {
    /// The answer is refused: half a document would be taken for a whole one.
    Refuse(u64),
    /// The first bytes are enough.
    Cut(u64),
}

type Body = Box<dyn AsyncBufRead + Send + Unpin>;

/// Reads the body of an answer.
pub(super) async fn read(
    answer: reqwest::Response,
    cap: Cap,
    url: &Url,
) -> Result<Vec<u8>, HttpError> {
    let failed = |error| HttpError::of_body(error, url);
    let encodings = encodings(&answer).map_err(failed)?;
    let received = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&received);
    let bytes = answer.bytes_stream().map_err(io::Error::other).inspect_ok(move |chunk| {
        counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    });
    let mut body: Body = Box::new(BufReader::new(StreamReader::new(Box::pin(bytes))));
    for encoding in encodings.iter().rev() {
        body = decoded(body, encoding).await.map_err(failed)?;
    }
    // Feeds are also kept as compressed files, and compressed once more than is said.
    if body.fill_buf().await.map_err(failed)?.starts_with(&GZIP_MAGIC) {
        body = gzip(body);
    }
    let (Cap::Refuse(max_bytes) | Cap::Cut(max_bytes)) = cap;
    let mut read = Vec::new();
    let mut limited = body.take(max_bytes + 1);
    while limited.read_buf(&mut read).await.map_err(failed)? > 0 {
        let (unfolded, came) = (read.len() as u64, received.load(Ordering::Relaxed));
        if unfolded > RATIO_COUNTS_FROM_BYTES && unfolded > came.saturating_mul(RATIO_MAX) {
            let message = format!("it unfolds to more than {RATIO_MAX} times its size");
            return Err(failed(io::Error::other(message)));
        }
    }
    if read.len() as u64 > max_bytes {
        match cap {
            Cap::Refuse(max_bytes) => return Err(HttpError::TooLarge { max_bytes }),
            Cap::Cut(max_bytes) => read.truncate(usize::try_from(max_bytes).unwrap_or(usize::MAX)),
        }
    }
    Ok(read)
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

fn encodings(answer: &reqwest::Response) -> io::Result<Vec<String>> {
    let mut encodings = Vec::new();
    for value in answer.headers().get_all(CONTENT_ENCODING) {
        let names = value.to_str().unwrap_or_default().split(',');
        encodings.extend(names.map(|name| name.trim().to_ascii_lowercase()));
    }
    encodings.retain(|name| !matches!(name.as_str(), "" | "identity" | "none"));
    let known =
        |name: &String| matches!(name.as_str(), "gzip" | "x-gzip" | "br" | "zstd" | "deflate");
    if encodings.len() <= ENCODINGS_MAX && encodings.iter().all(known) {
        return Ok(encodings);
    }
    let message = format!("`{}` is not one of {ACCEPTED_ENCODINGS}", encodings.join(", "));
    Err(io::Error::other(message))
}

async fn decoded(mut body: Body, encoding: &str) -> io::Result<Body> {
    let start = body.fill_buf().await?;
    Ok(match encoding {
        // Some servers name gzip and send plain text.
        "gzip" | "x-gzip" if !start.starts_with(&GZIP_MAGIC) => body,
        "gzip" | "x-gzip" => gzip(body),
        "br" => buffered(BrotliDecoder::new(body)),
        "zstd" => buffered(ZstdDecoder::new(body)),
        // The name means zlib (RFC 9110 §8.4.1.2); some servers send the bare stream.
        _ if is_zlib(start) => buffered(ZlibDecoder::new(body)),
        _ => buffered(DeflateDecoder::new(body)),
    })
}

fn gzip(body: Body) -> Body {
    let mut decoder = GzipDecoder::new(body);
    decoder.multiple_members(true);
    buffered(decoder)
}

fn buffered(decoder: impl AsyncRead + Send + Unpin + 'static) -> Body {
    Box::new(BufReader::new(decoder))
}

/// Whether bytes begin with a zlib header (RFC 1950 §2.2).
fn is_zlib(start: &[u8]) -> bool {
    match start {
        [method, flags, ..] => {
            method & 0x0f == 8 && (u16::from(*method) * 256 + u16::from(*flags)) % 31 == 0
        }
        _ => false,
    }
}
