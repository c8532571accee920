//! Says why no answer came, in words for whoever reads the log.

use std::error::Error;

use url::Url;

use super::guard::NotAllowed;

/// Why no usable answer came.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be set up at all.
    #[error("cannot set up TLS; are CA certificates installed (package ca-certificates)?")]
    Setup(#[source] reqwest::Error),
    /// The address is one that strangers must not make us ask.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// No answer could be had, or it broke off.
    #[error("{what} ({reason})")]
    Failed {
        /// What was being tried.
        what: String,
        /// The innermost reason.
        reason: String,
        /// Where it came from.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The answer took too long.
    #[error("no whole answer within {seconds} s")]
    TimedOut {
        /// The limit that passed, in seconds.
        seconds: f64,
    },
    /// The answer is larger than we read.
    #[error("the answer is larger than {max_bytes} bytes, the most that is read")]
    TooLarge {
        /// The limit, in decoded bytes.
        max_bytes: u64,
    },
    /// The redirects lead nowhere.
    #[error("{0}")]
    Redirect(String),
}

impl HttpError {
    /// Sorts an error of the library below by what a person would do about it.
    pub(super) fn of(error: reqwest::Error, url: &Url) -> Self {
        let host = url.host_str().unwrap_or("the server");
        let mut reason = String::new();
        let mut cause: Option<&dyn Error> = Some(&error);
        while let Some(current) = cause {
            if let Some(refused) = current.downcast_ref::<NotAllowed>() {
                return Self::NotAllowed(refused.clone());
            }
            reason = current.to_string();
            cause = current.source();
        }
        let unknown_host = "failed to lookup address information: ";
        let what = if let Some(dns) = reason.strip_prefix(unknown_host) {
            reason = dns.to_string();
            format!("cannot find the host {host}; is its name right, and the network up?")
        } else if error.is_timeout() {
            format!("{host} does not answer in time")
        } else if error.is_connect() {
            format!("cannot connect to {host}")
        } else {
            format!("the answer of {host} broke off")
        };
        Self::Failed { what, reason, source: error.into() }
    }

    /// Sorts an error met while a body came in.
    pub(super) fn of_body(error: std::io::Error, url: &Url) -> Self {
        match error.downcast::<reqwest::Error>() {
            Ok(error) => Self::of(error, url),
            Err(error) => {
                let host = url.host_str().unwrap_or("the server");
                let what = format!("the answer of {host} cannot be decompressed");
                Self::Failed { what, reason: error.to_string(), source: error.into() }
            }
        }
    }
}
