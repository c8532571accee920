//! Asks the one service that takes more than a GET: Google News, for what its tokens stand for.
//!
//! The service is named once, when the client is built. Nothing that a feed or a page says can make
//! the client post elsewhere, or send the service's cookie elsewhere: what is no address of its
//! origin is refused before the request.

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderValue};
use url::Url;

use super::{Cap, Client, HttpError, PAGE_TYPES, Response, Way, accept};

/// How much of a page of the service is read: what is wanted stands at the end of 0.6 to 1 MB.
const PAGE_MAX_BYTES: u64 = 4 << 20;

/// How much of an answer to a POST is read; a batch of five takes about 2 KB.
const ANSWER_MAX_BYTES: u64 = 1 << 20;

/// A service that is asked with a page first and a form then.
#[derive(Debug, Clone)]
pub struct Service {
    /// Where it lives; only its origin counts.
    pub base: Url,
    /// The path of the only address that is posted to.
    pub post_path: &'static str,
    /// What it is told of consent, so that it does not ask for it.
    pub cookie: &'static str,
}

impl Client {
    /// Lets this client ask a service.
    #[must_use]
    pub fn with_service(self, service: Service) -> Self {
        Self { service: Some(service), ..self }
    }

    /// Asks the service for a page, and follows nothing.
    ///
    /// # Errors
    /// As [`Client::feed`]; and when the address is none of the service's.
    pub async fn service_page(&self, url: &Url) -> Result<Response, HttpError> {
        let service = self.service_of(url)?;
        let mut way = self.way(Cap::Refuse(PAGE_MAX_BYTES));
        way.headers.insert(COOKIE, HeaderValue::from_static(service.cookie));
        self.ask(url, &way).await
    }

    /// Posts a form to the service's one address for that.
    ///
    /// # Errors
    /// As [`Client::feed`]; and when there is no service.
    pub async fn service_post(&self, form: String) -> Result<Response, HttpError> {
        let Some(service) = &self.service else { return Err(no_service()) };
        let url = service.base.join(service.post_path).map_err(|_| no_service())?;
        let service = self.service_of(&url)?;
        let mut headers = accept(PAGE_TYPES);
        headers.insert(COOKIE, HeaderValue::from_static(service.cookie));
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded;charset=UTF-8");
        headers.insert(CONTENT_TYPE, form_type);
        let way = self.way(Cap::Refuse(ANSWER_MAX_BYTES));
        self.ask(&url, &Way { headers, form: Some(form), ..way }).await
    }

    fn service_of(&self, url: &Url) -> Result<&Service, HttpError> {
        let service = self.service.as_ref().filter(|service| service.base.origin() == url.origin());
        service.ok_or_else(no_service)
    }
}

fn no_service() -> HttpError {
    HttpError::Redirect("it is no address of the service that may be asked so".to_owned())
}
