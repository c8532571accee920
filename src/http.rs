//! Asks other machines: the only place that opens a socket outward.
//!
//! Every request is a GET of an http(s) address that the guard has let through (one service is also
//! asked with POST, see [`Service`]), waits for its host's turn, is answered within a deadline and is read up to a cap on *decoded* bytes.
//! Redirects are followed by hand, so that each hop passes the same guard. No cookie is kept,
//! no Referer is sent, and what an operator gave to get in goes to the feed's own origin only.

mod body;
mod error;
mod guard;
mod pool;
mod robots;
mod service;
mod turns;

pub use error::HttpError;
pub use service::Service;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, LOCATION};
use tokio::time::timeout;
use url::{Origin, Url};

use crate::config::{FeedAccess, HttpConfig};
use crate::model::Validators;
use body::{ACCEPTED_ENCODINGS, Cap};
use guard::Guard;
use pool::Pool;
use robots::Sites;
use turns::Turns;

pub use reqwest::header;

/// What we can read as a feed, the most specific first.
const FEED_TYPES: &str = "application/rss+xml, application/atom+xml, application/feed+json, \
    application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1";

/// What we can read as a page.
const PAGE_TYPES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";

/// How much of a redirector's answer is read: enough for any meta refresh.
const HOP_MAX_BYTES: u64 = 64 << 10;

/// How long a connection is kept that nobody uses, beyond the gap between two requests to a host: the
/// feed's redirect, page or sister follows then, if any does. Each takes some 50 KiB, and the pool
/// looks for those to close as often as they are kept, so some live twice as long.
const CONNECTION_KEPT: Duration = Duration::from_millis(500);

/// How long one is kept at most, after which many servers close it.
const CONNECTION_KEPT_MAX: Duration = Duration::from_secs(5);

/// The outbound client. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Client {
    direct: Pool,
    /// The connections through each proxy that a feed names.
    by_proxy: HashMap<String, Pool>,
    guard: Guard,
    turns: Turns,
    sites: Sites,
    service: Option<Service>,
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
    /// Where the address has moved for good: the end of the permanent redirects that the chain
    /// begins with.
    pub moved_to: Option<Url>,
}

impl Response {
    /// A header as text, where it is present and plain ASCII.
    #[must_use]
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the server gave to ask again with.
    #[must_use]
    pub fn validators(&self) -> Validators {
        let bytes = |name| self.headers.get(name).map(|value| value.as_bytes().to_vec());
        Validators { etag: bytes(header::ETAG), last_modified: bytes(header::LAST_MODIFIED) }
    }
}

impl Client {
    /// Builds the client; `proxies` are those that feeds name.
    ///
    /// # Errors
    /// When TLS cannot be set up, as on a machine without CA certificates, or a proxy's address is
    /// malformed.
    pub fn new<'a>(
        settings: &HttpConfig,
        user_agent: &str,
        proxies: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, HttpError> {
        // Ring is the only provider compiled in; a second call finds it installed already.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let guard = Guard::new(settings.allow_private_networks);
        let gap = Duration::from_millis(settings.per_host_gap_ms);
        let kept = CONNECTION_KEPT.saturating_add(gap).min(CONNECTION_KEPT_MAX);
        let connect_timeout = Duration::from_millis(settings.connect_timeout_ms);
        let idle_timeout = Duration::from_millis(settings.idle_timeout_ms);
        let user_agent = user_agent.to_owned();
        let builder = move || {
            reqwest::Client::builder()
                .user_agent(user_agent.clone())
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .connect_timeout(connect_timeout)
                .read_timeout(idle_timeout)
                .pool_idle_timeout(kept)
                .pool_max_idle_per_host(1)
        };
        let mut by_proxy = HashMap::new();
        for name in proxies {
            // The proxy is the operator's choice, and it looks names up itself.
            let proxy = reqwest::Proxy::all(name).map_err(HttpError::Setup)?;
            let builder = builder.clone();
            let through = Pool::new(move || builder().proxy(proxy.clone()).build());
            by_proxy.insert(name.to_owned(), through.map_err(HttpError::Setup)?);
        }
        let resolver = Arc::new(guard.clone());
        let direct = Pool::new(move || builder().dns_resolver(Arc::clone(&resolver)).build());
        let turns = Turns::new(
            usize::try_from(settings.per_host_at_once).unwrap_or(usize::MAX),
            Duration::from_millis(settings.per_host_gap_ms),
        );
        Ok(Self {
            direct: direct.map_err(HttpError::Setup)?,
            by_proxy,
            guard,
            turns,
            sites: Sites::default(),
            service: None,
            settings: settings.clone(),
        })
    }

    /// Asks for a feed, conditionally where validators are known, following redirects. What is
    /// needed to get in is sent to the origin of `home` only, wherever the feed has moved since.
    ///
    /// # Errors
    /// When no answer came, or one that breaks a limit. A status that is no success is an answer.
    pub async fn feed(
        &self,
        url: &Url,
        home: &Url,
        validators: &Validators,
        access: &FeedAccess,
    ) -> Result<Response, HttpError> {
        let headers = accept_changed(FEED_TYPES, validators);
        let cap = Cap::Refuse(self.settings.feed_max_bytes);
        let pool = access.proxy.as_ref().and_then(|proxy| self.by_proxy.get(proxy));
        let pool = pool.unwrap_or(&self.direct);
        let home = Some(home.origin());
        let way = Way { pool, headers, cap, access, home, form: None };
        self.follow(url, &way).await
    }

    /// Whether the site of an article's page lets robots ask for it.
    pub async fn may_ask(&self, page: &Url) -> bool {
        let ask = async |file: Url| {
            let way = self.way(Cap::Cut(robots::FILE_MAX_BYTES));
            match self.follow(&file, &way).await {
                Ok(Response { status: 200..=299, body, .. }) => robots::Answer::File(body),
                Ok(Response { status: 400..=499, .. }) | Err(HttpError::Redirect(_)) => {
                    robots::Answer::None
                }
                Ok(_) | Err(_) => robots::Answer::Unreachable,
            }
        };
        !self.settings.robots_txt || self.sites.allow(page, ask).await
    }

    /// Asks once, for a person, for what may be a feed or a page that names one.
    ///
    /// # Errors
    /// As [`Client::feed`].
    pub async fn look(&self, url: &Url) -> Result<Response, HttpError> {
        let cap = Cap::Refuse(self.settings.feed_max_bytes);
        self.follow(url, &Way { headers: accept(FEED_TYPES), ..self.way(cap) }).await
    }

    /// Asks for an article's page, conditionally where validators are known, following redirects.
    ///
    /// # Errors
    /// As [`Client::feed`].
    pub async fn page(&self, url: &Url, validators: &Validators) -> Result<Response, HttpError> {
        let way = self.way(Cap::Refuse(self.settings.page_max_bytes));
        let headers = accept_changed(PAGE_TYPES, validators);
        self.follow(url, &Way { headers, ..way }).await
    }

    /// The largest page that is read, in bytes.
    #[must_use]
    pub fn page_max_bytes(&self) -> u64 {
        self.settings.page_max_bytes
    }

    /// Asks a redirector one question and follows nothing: the answer's `Location` or page says
    /// where the link leads.
    ///
    /// # Errors
    /// As [`Client::feed`].
    pub async fn hop(&self, url: &Url) -> Result<Response, HttpError> {
        self.ask(url, &self.way(Cap::Cut(HOP_MAX_BYTES))).await
    }

    /// The way pages are asked for.
    fn way(&self, cap: Cap) -> Way<'_> {
        let (headers, access) = (accept(PAGE_TYPES), FeedAccess::none());
        Way { pool: &self.direct, headers, cap, access, home: None, form: None }
    }

    async fn follow(&self, url: &Url, way: &Way<'_>) -> Result<Response, HttpError> {
        let mut url = url.clone();
        let mut moved_to = None;
        let mut is_permanent = true;
        let mut seen = Vec::new();
        loop {
            let response = self.ask(&url, way).await?;
            let Some(next) = redirect(&response)? else {
                return Ok(Response { moved_to, ..response });
            };
            is_permanent &= matches!(response.status, 301 | 308);
            if is_permanent {
                moved_to = Some(next.clone());
            }
            seen.push(url);
            if seen.contains(&next) {
                return Err(HttpError::Redirect(format!("it redirects in a circle at {next}")));
            }
            if seen.len() as u64 > self.settings.redirects_max {
                let most = self.settings.redirects_max;
                return Err(HttpError::Redirect(format!("it redirects more than {most} times")));
            }
            url = next;
        }
    }

    /// Asks once. What the operator gave to get in goes only where it was meant for.
    async fn ask(&self, url: &Url, way: &Way<'_>) -> Result<Response, HttpError> {
        self.guard.check_literal(url)?;
        let _turn = self.turns.wait(url).await;
        let client = way.pool.client();
        let mut headers = way.headers.clone();
        let mut request = match &way.form {
            None => client.get(url.clone()),
            Some(form) => client.post(url.clone()).body(form.clone()),
        };
        if way.home == Some(url.origin()) {
            headers.extend(way.access.headers.iter().filter_map(given));
            if let Some((user, password)) = &way.access.login {
                request = request.basic_auth(user, Some(password));
            }
        }
        let limit = Duration::from_millis(self.settings.request_timeout_ms);
        timeout(limit, read(request.headers(headers), url, way.cap))
            .await
            .unwrap_or(Err(HttpError::TimedOut { seconds: limit.as_secs_f64() }))
    }
}

/// How something is asked for.
struct Way<'a> {
    pool: &'a Pool,
    headers: HeaderMap,
    cap: Cap,
    access: &'a FeedAccess,
    /// The only origin that `access` is for.
    home: Option<Origin>,
    /// What is posted; only [`Service`] does.
    form: Option<String>,
}

/// A header as the operator gave it; the configuration was checked when it was read.
fn given((name, value): &(String, String)) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, value.parse().ok()?))
}

async fn read(
    request: reqwest::RequestBuilder,
    url: &Url,
    cap: Cap,
) -> Result<Response, HttpError> {
    let answer = request.send().await.map_err(|error| HttpError::of(error, url))?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = body::read(answer, cap, url).await?;
    Ok(Response { status, url: url.clone(), headers, body, moved_to: None })
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

/// Headers that ask for these types, if they changed since the validators were given.
fn accept_changed(types: &'static str, validators: &Validators) -> HeaderMap {
    let mut headers = accept(types);
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
    headers
}

fn accept(types: &'static str) -> HeaderMap {
    HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static(types)),
        (ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED_ENCODINGS)),
    ])
}
