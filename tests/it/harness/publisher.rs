//! Serves what a test says, on a loopback address and a port of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request as HttpRequest, Response, header};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::eventually;

/// A server whose routes may change at any time. It is gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Publisher {
    root: String,
    seen: Arc<Seen>,
    _server: JoinSet<()>,
}

/// What a route answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    gate: Option<Gate>,
    honours_validators: bool,
}

/// What somebody asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With the query, as in `/feed?x=1`.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

/// Holds answers back until it is opened, so that a test can act in the middle of a pass.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<watch::Sender<bool>>);

#[derive(Debug, Default)]
struct Seen {
    routes: Mutex<HashMap<String, Reply>>,
    requests: watch::Sender<Vec<Request>>,
}

impl Publisher {
    /// Starts a server on 127.0.0.1.
    pub(crate) async fn start() -> Self {
        Self::at("127.0.0.1").await
    }

    /// Starts a server on another loopback address, such as 127.0.0.2: another host.
    pub(crate) async fn at(host: &str) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&seen));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { root, seen, _server: server }
    }

    /// The address of `path` here: `http://127.0.0.1:4711/feed`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// From now on `path` (with its query, if it has one) answers so. Other paths answer 404.
    pub(crate) fn set(&self, path: &str, reply: Reply) {
        self.seen.routes.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// How often `path` (with its query) was asked for, counted before it is answered.
    pub(crate) fn hits(&self, path: &str) -> usize {
        hits(&self.seen.requests.borrow(), path)
    }

    /// Everything that was asked for, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.requests.borrow().clone()
    }

    /// What was asked for at `path`, in order.
    pub(crate) fn requests_of(&self, path: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path == path).collect()
    }

    /// Waits until `path` was asked for at least `count` times since the start.
    pub(crate) async fn until_hit(&self, path: &str, count: usize) {
        let mut requests = self.seen.requests.subscribe();
        let reached = requests.wait_for(|requests| hits(requests, path) >= count);
        drop(eventually(&format!("request {count} of {path}"), reached).await.unwrap());
    }
}

impl Reply {
    /// An empty answer.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// 200 with a body of a media type.
    pub(crate) fn ok(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let reply = Self { status: 200, body: body.into(), ..Self::default() };
        reply.header("content-type", content_type)
    }

    /// 200 with an RSS or Atom document.
    pub(crate) fn feed(document: impl Into<Vec<u8>>) -> Self {
        Self::ok("application/xml", document)
    }

    /// 200 with a page of HTML.
    pub(crate) fn page(html: impl Into<Vec<u8>>) -> Self {
        Self::ok("text/html; charset=utf-8", html)
    }

    /// A redirect: 301, 302, 307 or 308.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("location", to)
    }

    /// Adds a header; its value may be any bytes HTTP allows.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sends this `ETag`, and answers 304 to whoever sends it back byte for byte.
    pub(crate) fn etag(self, etag: impl AsRef<[u8]>) -> Self {
        Self { honours_validators: true, ..self.header("etag", etag) }
    }

    /// Holds the answer back until the gate is opened.
    pub(crate) fn behind(self, gate: &Gate) -> Self {
        Self { gate: Some(gate.clone()), ..self }
    }

    fn is_known_to(&self, headers: &HeaderMap) -> bool {
        let etag = self.headers.iter().find(|(name, _)| name == "etag").map(|(_, value)| value);
        let sent = headers.get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes);
        self.honours_validators && sent.is_some() && sent == etag.map(Vec::as_slice)
    }
}

impl Gate {
    /// A closed gate.
    pub(crate) fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets everybody pass, now and from now on.
    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }
}

async fn answer(State(seen): State<Arc<Seen>>, request: HttpRequest<Body>) -> Response<Body> {
    let path = request.uri().path_and_query().unwrap().to_string();
    let (method, headers) = (request.method().to_string(), request.headers().clone());
    let reply = seen.routes.lock().unwrap().get(&path).cloned();
    let reply = reply.unwrap_or_else(|| Reply::status(404));
    let is_known = reply.is_known_to(&headers);
    seen.requests.send_modify(|requests| requests.push(Request { method, path, headers }));
    if let Some(gate) = &reply.gate {
        gate.0.subscribe().wait_for(|is_open| *is_open).await.unwrap();
    }
    let mut response = Response::new(Body::empty());
    for (name, value) in &reply.headers {
        let name: HeaderName = name.parse().unwrap();
        response.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
    }
    let status = if is_known { 304 } else { reply.status };
    *response.status_mut() = status.try_into().unwrap();
    if !is_known {
        *response.body_mut() = Body::from(reply.body);
    }
    response
}

fn hits(requests: &[Request], path: &str) -> usize {
    requests.iter().filter(|request| request.path == path).count()
}
