//! Plays Google News, as far as its article links go: pages with signatures, and the question that
//! is answered with addresses.
//!
//! The shapes of pages, questions and answers are those seen in public captures; every token, handle
//! and signature is made up here. A page is as long as a real one, with what matters at its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request as HttpRequest, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{escaped, eventually};

/// The size of a real page, most of it script.
const PAGE_BYTES: usize = 597_000;

/// The beginning of every handle seen: a key's number.
const KEY: [u8; 5] = [0x01, 0x4f, 0xf2, 0xa8, 0xb3];

/// A server that answers like Google News. It is gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Google {
    root: String,
    state: Arc<Service>,
    _server: JoinSet<()>,
}

/// How a token is answered.
#[derive(Debug, Clone, Default)]
pub(crate) enum Treatment {
    /// A page with a signature, and the address for it.
    #[default]
    Good,
    /// The page redirects to the publisher at once.
    Redirects,
    /// The page redirects to itself for ever.
    Circles,
    /// The page answers with a status and nothing else.
    Status(u16),
    /// The page has no signature.
    Unsigned,
    /// Time stamp and signature stand in two elements.
    Split,
    /// So many signatures are refused before one is taken.
    Refuses(usize),
    /// The answer leaves the token out.
    LeavesOut,
    /// The answer has two addresses for the token.
    Contradicts,
    /// The answer is an error of this number.
    Error(u32),
    /// The answer names this instead of the address.
    Says(String),
}

/// How the whole service behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It answers.
    #[default]
    Well,
    /// It redirects pages to its page for too many requests.
    Sorry,
    /// It answers pages with 429.
    TooMany,
    /// It redirects pages to its question for consent, whatever cookie comes.
    Consent,
    /// It answers questions with 429, and pages well.
    TooManyQuestions,
    /// It cuts its answers into chunks.
    Chunked,
}

#[derive(Debug, Default)]
struct Service {
    root: Mutex<String>,
    tokens: Mutex<HashMap<String, Held>>,
    mood: Mutex<Mood>,
    told: watch::Sender<Told>,
}

#[derive(Debug, Clone)]
struct Held {
    url: String,
    treatment: Treatment,
    pages: usize,
    signature: Option<String>,
}

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// The token of every page that was asked for, in order.
    pub(crate) pages: Vec<String>,
    /// The tokens of every question, in order.
    pub(crate) questions: Vec<Vec<String>>,
    /// What did not look as it should.
    pub(crate) faults: Vec<String>,
}

impl Google {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.4", 0)).await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Service::default());
        state.root.lock().unwrap().clone_from(&root);
        let app = Router::new().fallback(answer).with_state(Arc::clone(&state));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { root, state, _server: server }
    }

    /// Where it is asked.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// A link of Google News to `url`, as a feed gives it.
    pub(crate) fn link(&self, url: &str, treatment: Treatment) -> String {
        self.link_with_handle(&handle(url, url.len()), url, treatment)
    }

    /// The same with a handle of one's own.
    pub(crate) fn link_with_handle(&self, handle: &str, url: &str, treatment: Treatment) -> String {
        let token = token(handle);
        let held = Held { url: url.to_owned(), treatment, pages: 0, signature: None };
        self.state.tokens.lock().unwrap().insert(token.clone(), held);
        format!("https://news.google.com/rss/articles/{token}?oc=5")
    }

    /// From now on it behaves so.
    pub(crate) fn behave(&self, mood: Mood) {
        *self.state.mood.lock().unwrap() = mood;
    }

    /// What was asked for until now.
    pub(crate) fn told(&self) -> Told {
        self.state.told.borrow().clone()
    }

    /// Waits until a page has been asked for.
    pub(crate) async fn until_asked(&self) {
        let mut told = self.state.told.subscribe();
        let asked = told.wait_for(|told| !told.pages.is_empty());
        drop(eventually("the first page", asked).await.unwrap());
    }
}

/// A handle of an address: the key's number, sixteen bytes, and as many as the address has.
pub(crate) fn handle(url: &str, bytes: usize) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in url.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    });
    let bytes: Vec<u8> = KEY.into_iter().chain(noise.take(16 + bytes)).collect();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The token around a handle: field 1 is 19, field 4 the handle.
pub(crate) fn token(handle: &str) -> String {
    let mut message = vec![0x08, 19, 0x22];
    let mut length = handle.len();
    while length >= 0x80 {
        message.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    message.push(u8::try_from(length).unwrap());
    message.extend(handle.bytes());
    BASE64_URL_SAFE_NO_PAD.encode(message)
}

async fn answer(State(state): State<Arc<Service>>, request: HttpRequest<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let (method, headers) = (request.method().to_string(), request.headers().clone());
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    match path.strip_prefix("/rss/articles/") {
        Some(token) if method == "GET" => state.page(token, &query, &headers),
        None if method == "POST" && path == "/_/DotsSplashUi/data/batchexecute" => {
            state.question(&body, &headers)
        }
        _ => {
            state.fault(format!("{method} {path}"));
            with(404, String::new())
        }
    }
}

impl Service {
    fn page(&self, token: &str, query: &str, headers: &HeaderMap) -> Response<Body> {
        self.told.send_modify(|told| told.pages.push(token.to_owned()));
        let cookie = headers.get("cookie").map(|value| value.to_str().unwrap());
        if cookie != Some("SOCS=CAI") || headers.contains_key("referer") {
            self.fault(format!("cookie {cookie:?}"));
        }
        let continued = format!("https://news.google.com/rss/articles/{token}");
        match *self.mood.lock().unwrap() {
            Mood::Sorry => {
                return to(&format!(
                    "https://www.google.com/sorry/index?continue={continued}&q=EgQ"
                ));
            }
            Mood::TooMany => return with(429, "unusual traffic".to_owned()),
            Mood::Consent => {
                return to(&format!("https://consent.google.com/m?continue={continued}&gl=DE&m=0"));
            }
            Mood::Well | Mood::TooManyQuestions | Mood::Chunked => {}
        }
        if !query.contains("hl=en-US&gl=US&ceid=US%3Aen") {
            return to(&format!("/rss/articles/{token}?hl=en-US&gl=US&ceid=US%3Aen"));
        }
        let mut tokens = self.tokens.lock().unwrap();
        let Some(held) = tokens.get_mut(token) else { return with(400, String::new()) };
        held.pages += 1;
        let signature = format!("AbMadeUp{:04}_-", held.pages);
        let ts = 1_791_400_000 + held.pages;
        let signed = format!(
            "<div jscontroller=\"x\" data-n-a-id=\"{token}\" data-n-a-ts=\"{ts}\" \
             data-n-a-sg=\"{signature}\" data-n-dnlg=\"false\"></div>"
        );
        held.signature = Some(signature.clone());
        match &held.treatment {
            Treatment::Redirects => to(&held.url),
            Treatment::Circles => to(&format!("/rss/articles/{token}?hl=en-US&gl=US&ceid=US%3Aen")),
            Treatment::Status(status) => with(*status, String::new()),
            Treatment::Unsigned => with(200, page("<p>Nothing here</p>")),
            Treatment::Split => with(
                200,
                page(&format!("<b data-n-a-ts=\"{ts}\"></b><b data-n-a-sg=\"{signature}\"></b>")),
            ),
            _ => with(200, page(&signed)),
        }
    }

    fn question(&self, body: &[u8], headers: &HeaderMap) -> Response<Body> {
        let kind = headers.get("content-type").map(|value| value.to_str().unwrap());
        if kind != Some("application/x-www-form-urlencoded;charset=UTF-8") {
            self.fault(format!("content-type {kind:?}"));
        }
        let mood = *self.mood.lock().unwrap();
        if mood == Mood::TooManyQuestions {
            return with(429, "<html>unusual traffic</html>".to_owned());
        }
        let Some(asked) = questions(body) else {
            let refused = ")]}'\n\n[[\"er\",null,null,null,null,400,null,null,null,3],[\"di\",10]]";
            self.fault("malformed question".to_owned());
            return with(400, refused.to_owned());
        };
        let tokens = asked.iter().map(|(_, token, ..)| token.clone()).collect();
        self.told.send_modify(|told| told.questions.push(tokens));
        let mut rows: Vec<Value> = Vec::new();
        for (tag, token, ts, sg) in asked {
            rows.extend(self.rows(&tag, &token, ts, &sg));
        }
        // Google answers in an order of its own.
        let middle = rows.len() / 2;
        rows.rotate_left(middle);
        rows.reverse();
        let tail = json!([["di", 19], ["af.httprm", 19, "-3242244762421421808", 35]]);
        if mood == Mood::Chunked {
            let chunks = rows.iter().map(|row| format!("99\n{}\n", json!([row])));
            return with(
                200,
                format!(")]}}'\n\n{}38\n{tail}\n25\n[[\"e\",4]]\n", chunks.collect::<String>()),
            );
        }
        rows.extend(tail.as_array().unwrap().clone());
        with(200, format!(")]}}'\n\n{}", Value::Array(rows)))
    }

    fn rows(&self, tag: &str, token: &str, ts: u64, sg: &str) -> Vec<Value> {
        let mut tokens = self.tokens.lock().unwrap();
        let Some(held) = tokens.get_mut(token) else { return vec![error(tag, 5)] };
        let is_good =
            held.signature.take().as_deref() == Some(sg) && ts == 1_791_400_000 + held.pages as u64;
        match &held.treatment {
            _ if !is_good => vec![error(tag, 3)],
            Treatment::Refuses(times) if held.pages <= *times => vec![error(tag, 3)],
            Treatment::LeavesOut => Vec::new(),
            Treatment::Error(code) => vec![error(tag, *code)],
            Treatment::Says(address) => vec![row(tag, address)],
            Treatment::Contradicts => {
                vec![row(tag, &held.url), row(tag, "https://other.example/x")]
            }
            _ => vec![row(tag, &held.url)],
        }
    }

    fn fault(&self, fault: String) {
        self.told.send_modify(|told| told.faults.push(fault));
    }
}

/// Tag, token, time stamp and signature of every question in a form.
fn questions(body: &[u8]) -> Option<Vec<(String, String, u64, String)>> {
    let (name, value) = url::form_urlencoded::parse(body).next()?;
    let value: Value = serde_json::from_str(&value).ok().filter(|_| name == "f.req")?;
    let rpcs = value.as_array()?.first()?.as_array()?;
    let one = |rpc: &Value| {
        let asked: Value = serde_json::from_str(rpc.get(1)?.as_str()?).ok()?;
        let is_known = rpc.get(0)? == "Fbv4je" && asked.get(0)? == "garturlreq";
        let tag = rpc.get(3)?.as_str()?.to_owned();
        let text = |place: usize| asked.get(place)?.as_str().map(str::to_owned);
        is_known.then_some((tag, text(2)?, asked.get(3)?.as_u64()?, text(4)?))
    };
    rpcs.iter().map(one).collect()
}

/// An answer row; Google escapes `=` and `&` inside the inner string, and adds an AMP address.
fn row(tag: &str, address: &str) -> Value {
    let inner = json!(["garturlres", address, 1, format!("{address}amp/")]).to_string();
    let inner = inner.replace('=', "\\u003d").replace('&', "\\u0026");
    json!(["wrb.fr", "Fbv4je", inner, null, null, null, tag])
}

fn error(tag: &str, code: u32) -> Value {
    json!(["wrb.fr", "Fbv4je", null, null, null, [code], tag])
}

/// A page of the usual length, with decoys before what matters.
fn page(end: &str) -> String {
    let script = "window.WIZ_global_data={};".repeat(PAGE_BYTES / 26);
    format!(
        "<!doctype html><html lang=\"en-US\"><head><base href=\"https://news.google.com/\"><script>\
         {script}'<b data-n-a-ts=\"1\" data-n-a-sg=\"decoy\">'</script></head><body>\
         <!-- <b data-n-a-ts=\"1\" data-n-a-sg=\"decoy\"> --><p>{}</p><c-wiz>{end}</c-wiz></body></html>",
        escaped("<b data-n-a-ts=\"1\" data-n-a-sg=\"decoy\">")
    )
}

fn with(status: u16, body: String) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "text/html");
    response.body(Body::from(body)).unwrap()
}

fn to(location: &str) -> Response<Body> {
    Response::builder().status(302).header("location", location).body(Body::empty()).unwrap()
}
