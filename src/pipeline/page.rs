//! Fetches an article's page.

use url::Url;

use crate::http::{Client, HttpError, header};
use crate::model::Validators;

/// A page as it came, not yet read.
#[derive(Debug)]
pub(super) struct FetchedPage {
    /// Its bytes, decompressed.
    pub(super) bytes: Vec<u8>,
    /// Its declared media type and charset.
    pub(super) content_type: Option<String>,
    /// The address that answered, after redirects.
    pub(super) url: Url,
    /// What to ask again with.
    pub(super) validators: Validators,
}

/// Why there is no page to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    /// No answer came.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The site wants robots to stay away from it.
    #[error("the site's robots.txt asks robots to leave it alone")]
    Robots,
    /// The server answers without the page.
    #[error("it answers {0}")]
    Status(u16),
    /// What came is no page: a picture, a document, a film.
    #[error("it is {0}, not a page")]
    NotHtml(String),
}

/// What came of asking for a page.
#[derive(Debug)]
pub(super) enum Asked {
    /// The page.
    Page(FetchedPage),
    /// It is as it was when the validators were given.
    NotModified,
}

/// Asks for the page at `url`, conditionally if there are validators of an earlier time.
///
/// # Errors
/// When there is no page to read.
pub(super) async fn article(
    http: &Client,
    url: &Url,
    validators: &Validators,
) -> Result<Asked, PageError> {
    if !http.may_ask(url).await {
        return Err(PageError::Robots);
    }
    let response = http.page(url, validators).await?;
    if response.status == 304 && !validators.is_empty() {
        return Ok(Asked::NotModified);
    }
    if response.status != 200 {
        return Err(PageError::Status(response.status));
    }
    let content_type = response.header(header::CONTENT_TYPE).map(str::to_owned);
    if let Some(media_type) = &content_type
        && !is_html(media_type)
    {
        return Err(PageError::NotHtml(media_type.clone()));
    }
    let validators = response.validators();
    let page = FetchedPage { bytes: response.body, content_type, url: response.url, validators };
    Ok(Asked::Page(page))
}

/// A server that names no type may well send HTML; one that names another does not.
fn is_html(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.is_empty()
        || ["text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"]
            .iter()
            .any(|html| media_type.eq_ignore_ascii_case(html))
}
