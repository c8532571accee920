//! Looks at an address for a person, before it becomes a feed. Nothing is stored.

use url::Url;

use crate::config::Config;
use crate::http::{Client, HttpError, Response, header};
use crate::model::{FeedUrl, Validators};
use crate::pipeline::parse::{self, AdvertisedFeed, ParseError};
use crate::text::decode;
use crate::threads::on_core;

/// Asks for single addresses, with the same manners and the same guard as the polls.
#[derive(Debug)]
pub struct Lookout {
    http: Client,
}

/// What stands at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A feed, with its own title.
    Feed(Option<String>),
    /// A page for people, and the feeds it advertises.
    Page(Vec<AdvertisedFeed>),
    /// Nothing of use, and why.
    Trouble(String),
}

impl Lookout {
    /// Builds the client.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: &Config) -> Result<Self, HttpError> {
        Ok(Self { http: Client::new(&config.http, &config.user_agent(), [])? })
    }

    /// What stands at an address that is meant to be a feed.
    pub async fn at_feed(&self, url: &FeedUrl) -> Seen {
        seen(self.http.look(&parsed(url)).await).await
    }

    /// What stands at an address that is meant to be a page.
    pub async fn at_page(&self, url: &FeedUrl) -> Seen {
        seen(self.http.page(&parsed(url), &Validators::default()).await).await
    }
}

fn parsed(url: &FeedUrl) -> Url {
    Url::parse(url.as_str()).expect("a feed's address is a URL")
}

async fn seen(answer: Result<Response, HttpError>) -> Seen {
    match answer {
        Err(error) => Seen::Trouble(error.to_string()),
        Ok(response) if !matches!(response.status, 200 | 203) => {
            Seen::Trouble(format!("it answers {}", response.status))
        }
        Ok(response) => on_core(move || sorted(&response)).await,
    }
}

fn sorted(response: &Response) -> Seen {
    let content_type = response.header(header::CONTENT_TYPE);
    let url = response.url.as_str();
    let limits = parse::Limits { entries_max: 1, ..parse::Limits::default() };
    match parse::document(&response.body, content_type, url, &limits) {
        Ok(feed) => Seen::Feed(feed.title),
        // A page may begin with anything; what it advertises makes it one.
        Err(error) => {
            let feeds = parse::advertised(&decode::page(&response.body, content_type), url);
            let is_page = matches!(error, ParseError::HtmlPage { .. }) || !feeds.is_empty();
            if is_page { Seen::Page(feeds) } else { Seen::Trouble(error.to_string()) }
        }
    }
}
