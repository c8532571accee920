//! Asks other machines: the only place that opens a socket outward.
//!
//! Every request is a GET of an http(s) address that the guard has let through, waits for its
//! host's turn, is answered within a deadline and is read up to a cap on *decoded* bytes.
//! Redirects are followed by hand, so that each hop passes the same guard. No cookie is kept,
//! no Referer is sent, and credentials in an address stay with the host they were written for.

mod error;
mod guard;
mod turns;

pub use error::HttpError;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, LOCATION};
use tokio::time::timeout;
use url::Url;

use crate::config::HttpConfig;
use crate::model::Validators;
use guard::Guard;
use turns::Turns;

pub use reqwest::header;

/// What we can read as a feed, the most specific first.
const FEED_TYPES: &str = "application/rss+xml, application/atom+xml, application/feed+json, \
    application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1";

/// What we can read as a page.
const PAGE_TYPES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";

/// How much of a redirector's answer is read: enough for any meta refresh.
const HOP_MAX_BYTES: u64 = 64 << 10;

/// The outbound client. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Client {
    inner: reqwest::Client,
    guard: Guard,
    turns: Turns,
    settings: HttpConfig,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Response {
    /// The status code of the last hop.
    pub status: u16,
    /// The address that answered.
    pub url: Url,
    /// The headers of the last hop.
    pub headers: HeaderMap,
    /// The decoded body; empty where the status says there is none.
    pub body: Vec<u8>,
}

impl Response {
    /// A header as text, where it is present and plain ASCII.
    #[must_use]
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Client {
    /// Builds the client.
    ///
    /// # Errors
    /// When TLS cannot be set up, as on a machine without CA certificates.
    pub fn new(settings: &HttpConfig, user_agent: &str) -> Result<Self, HttpError> {
        // Ring is the only provider compiled in; a second call finds it installed already.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let guard = Guard::new(settings.allow_private_networks);
        let inner = reqwest::Client::builder()
            .user_agent(user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .read_timeout(Duration::from_millis(settings.idle_timeout_ms))
            .pool_idle_timeout(Duration::from_secs(15))
            .pool_max_idle_per_host(1)
            .dns_resolver(Arc::new(guard.clone()))
            .build()
            .map_err(HttpError::Setup)?;
        let turns = Turns::new(
            usize::try_from(settings.per_host_at_once).unwrap_or(usize::MAX),
            Duration::from_millis(settings.per_host_gap_ms),
        );
        Ok(Self { inner, guard, turns, settings: settings.clone() })
    }

    /// Asks for a feed, conditionally where validators are known, following redirects.
    ///
    /// # Errors
    /// When no answer came, or one that breaks a limit. A status that is no success is an answer.
    pub async fn feed(&self, url: &Url, validators: &Validators) -> Result<Response, HttpError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(FEED_TYPES));
        let conditions = [
            (header::IF_NONE_MATCH, &validators.etag),
            (header::IF_MODIFIED_SINCE, &validators.last_modified),
        ];
        for (name, value) in conditions {
            // What a server sent as a header value is a header value; anything else is not sent.
            if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_bytes) {
                headers.insert(name, value);
            }
        }
        self.follow(url, &headers, self.settings.feed_max_bytes).await
    }

    /// Asks for an article's page, following redirects.
    ///
    /// # Errors
    /// As [`Client::feed`].
    pub async fn page(&self, url: &Url) -> Result<Response, HttpError> {
        self.follow(url, &accept(PAGE_TYPES), self.settings.page_max_bytes).await
    }

    /// Asks a redirector one question and follows nothing: the answer's `Location` or page says
    /// where the link leads.
    ///
    /// # Errors
    /// As [`Client::feed`].
    pub async fn hop(&self, url: &Url) -> Result<Response, HttpError> {
        self.ask(url, &accept(PAGE_TYPES), Cap::Cut(HOP_MAX_BYTES)).await
    }

    async fn follow(
        &self,
        url: &Url,
        headers: &HeaderMap,
        max_bytes: u64,
    ) -> Result<Response, HttpError> {
        let mut url = url.clone();
        let mut seen = Vec::new();
        loop {
            let response = self.ask(&url, headers, Cap::Refuse(max_bytes)).await?;
            let Some(next) = redirect(&response)? else { return Ok(response) };
            seen.push(url);
            if seen.contains(&next) {
                return Err(HttpError::Redirect(format!("it redirects in a circle at {next}")));
            }
            if seen.len() as u64 > self.settings.redirects_max {
                let message =
                    format!("it redirects more than {} times", self.settings.redirects_max);
                return Err(HttpError::Redirect(message));
            }
            url = next;
        }
    }

    async fn ask(&self, url: &Url, headers: &HeaderMap, cap: Cap) -> Result<Response, HttpError> {
        self.guard.check_literal(url)?;
        let _turn = self.turns.wait(url).await;
        let limit = Duration::from_millis(self.settings.request_timeout_ms);
        timeout(limit, self.read(url, headers, cap))
            .await
            .unwrap_or(Err(HttpError::TimedOut { seconds: limit.as_secs_f64() }))
    }

    async fn read(&self, url: &Url, headers: &HeaderMap, cap: Cap) -> Result<Response, HttpError> {
        let request = self.inner.get(url.clone()).headers(headers.clone());
        let mut answer = request.send().await.map_err(|error| HttpError::of(error, url))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| HttpError::of(error, url))? {
            let (Cap::Refuse(max_bytes) | Cap::Cut(max_bytes)) = cap;
            if (body.len() + chunk.len()) as u64 <= max_bytes {
                body.extend_from_slice(&chunk);
                continue;
            }
            match cap {
                Cap::Refuse(max_bytes) => return Err(HttpError::TooLarge { max_bytes }),
                Cap::Cut(_) => break,
            }
        }
        Ok(Response {
            status: answer.status().as_u16(),
            url: url.clone(),
            headers: std::mem::take(answer.headers_mut()),
            body,
        })
    }
}

/// What happens to a body that is larger than its cap.
#[derive(Debug, Clone, Copy)]
enum Cap {
    /// The answer is refused: half a document would be taken for a whole one.
    Refuse(u64),
    /// The first bytes are enough.
    Cut(u64),
}

/// Where an answer redirects to, if it does.
///
/// # Errors
/// When it redirects to nothing that can be asked.
pub fn redirect(response: &Response) -> Result<Option<Url>, HttpError> {
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers.get(LOCATION) else {
        let message = format!("it answers {} without saying where to", response.status);
        return Err(HttpError::Redirect(message));
    };
    let location = String::from_utf8_lossy(location.as_bytes());
    let unusable =
        || HttpError::Redirect(format!("it redirects to `{location}`, which is no web address"));
    let mut next = response.url.join(&location).map_err(|_| unusable())?;
    if !matches!(next.scheme(), "http" | "https") {
        return Err(unusable());
    }
    // Credentials are the operator's to give, never a stranger's.
    if !next.username().is_empty() || next.password().is_some() {
        next.set_username("").and_then(|()| next.set_password(None)).map_err(|()| unusable())?;
    }
    next.set_fragment(None);
    Ok(Some(next))
}

fn accept(types: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(types))])
}
