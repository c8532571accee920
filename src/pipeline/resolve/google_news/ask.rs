//! Asks Google what opaque tokens stand for: a page for each, then one question for all of them.
//!
//! Every request passes the breaker in the store first, so that restarts, cron and other processes
//! share one budget. A sign of a block ends the round at once; tokens that were not asked for are no
//! failures. A token whose signature is refused gets one new page, and is given up for now then.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use url::Url;
use xxhash_rust::xxh3::xxh3_64;

use super::page::{self, Page, Signature};
use super::rpc::{self, Question, Said};
use super::{address_bytes, is_publisher};
use crate::http::{self, Client, Response};
use crate::model::{BreakerEvent, Passage};
use crate::store::{Store, StoreError};

/// How many tokens one question asks for. More would save little: each needs a page of its own, and
/// signatures should be used soon.
pub const TOKENS_AT_ONCE: usize = 5;

/// How many pages of Google's own a request for a token's page may be sent on to.
const DETOURS_MAX: usize = 3;

/// The longest address believed, in bytes.
const ADDRESS_MAX_BYTES: usize = 8_192;

/// What asking needs.
#[derive(Debug, Clone, Copy)]
pub struct Google<'a> {
    /// Who asks.
    pub http: &'a Client,
    /// Where the budget and the breaker are kept.
    pub store: &'a dyn Store,
    /// Where Google News lives.
    pub base: &'a Url,
    /// How many requests an hour may have.
    pub budget: u32,
    /// The shortest time between two requests.
    pub gap: Duration,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Ends the round between two requests.
    pub stop: &'a CancellationToken,
}

/// A token and the handle inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The last segment of the link's path.
    pub token: String,
    /// What identifies the address.
    pub handle: String,
}

/// What came of asking for one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The publisher's address.
    Address(String),
    /// Google did not tell; why.
    Failed(String),
    /// Google was not asked: a stop, the budget, or the breaker came first.
    NotAsked,
}

/// Why there is no signature to ask with.
enum NoPage {
    Closed,
    Answer(Answer),
}

/// A token on its way through a round.
struct Asked<'a> {
    token: &'a Token,
    answer: Answer,
    signature: Option<Signature>,
}

/// Asks for at most [`TOKENS_AT_ONCE`] tokens; the answers are in the order of the tokens.
///
/// # Errors
/// When the store fails. Whatever Google does is an answer.
pub async fn addresses(tokens: &[Token], google: Google<'_>) -> Result<Vec<Answer>, StoreError> {
    let mut round = Round { google, asked_at: None };
    let mut asked: Vec<Asked<'_>> = tokens
        .iter()
        .map(|token| Asked { token, answer: Answer::NotAsked, signature: None })
        .collect();
    for one in asked.iter_mut().take(TOKENS_AT_ONCE) {
        match round.signature(one.token).await? {
            Ok((signature, passage)) => {
                one.signature = Some(signature);
                if passage == Passage::Probe {
                    break;
                }
            }
            Err(NoPage::Answer(answer)) => one.answer = answer,
            Err(NoPage::Closed) => break,
        }
    }
    let refused = round.question(asked.iter_mut().collect()).await?;
    for one in refused {
        one.answer = Answer::Failed("it refuses its own signature".to_owned());
        match round.signature(one.token).await? {
            Ok((signature, _)) => one.signature = Some(signature),
            Err(NoPage::Answer(answer)) => one.answer = answer,
            Err(NoPage::Closed) => break,
        }
        if !round.question(vec![one]).await?.is_empty() {
            round.tell(BreakerEvent::Failed("it refuses its own signatures".to_owned())).await?;
        }
    }
    Ok(asked.into_iter().map(|one| one.answer).collect())
}

/// Requests in a row, a gap apart.
struct Round<'a> {
    google: Google<'a>,
    asked_at: Option<Instant>,
}

impl Round<'_> {
    /// Asks for the page of a token until it has a signature.
    async fn signature(
        &mut self,
        token: &Token,
    ) -> Result<Result<(Signature, Passage), NoPage>, StoreError> {
        let path = format!("/rss/articles/{}?hl=en-US&gl=US&ceid=US%3Aen", token.token);
        let Ok(mut url) = self.google.base.join(&path) else { return Ok(Err(NoPage::Closed)) };
        for _ in 0..=DETOURS_MAX {
            self.pause(&token.handle).await;
            let passage = if self.google.stop.is_cancelled() {
                return Ok(Err(NoPage::Closed));
            } else {
                self.tell(BreakerEvent::Request { budget: self.google.budget }).await?
            };
            if matches!(passage, Passage::Closed { .. }) {
                return Ok(Err(NoPage::Closed));
            }
            let page = match self.google.http.service_page(&url).await {
                Ok(response) => page::read(&response, &token.token),
                Err(error) => Page::Silent(error.to_string()),
            };
            match page {
                Page::Signed(signature) => return Ok(Ok((signature, passage))),
                Page::Elsewhere(next) => url = next,
                Page::Answer(address) => {
                    self.tell(BreakerEvent::Answered).await?;
                    return Ok(Err(NoPage::Answer(checked(&address, token))));
                }
                Page::Blocked(how) => {
                    self.tell(BreakerEvent::Blocked(how)).await?;
                    return Ok(Err(NoPage::Closed));
                }
                Page::Silent(why) => {
                    self.tell(BreakerEvent::Failed(why.clone())).await?;
                    return Ok(Err(NoPage::Answer(Answer::Failed(why))));
                }
            }
        }
        let why = "it sends from one page to the next".to_owned();
        self.tell(BreakerEvent::Failed(why.clone())).await?;
        Ok(Err(NoPage::Answer(Answer::Failed(why))))
    }

    /// Asks for the addresses of all that have a signature; answers those whose it was refused.
    async fn question<'a, 'b>(
        &mut self,
        asked: Vec<&'b mut Asked<'a>>,
    ) -> Result<Vec<&'b mut Asked<'a>>, StoreError> {
        let mut tags = (1_u32..).map(|number| number.to_string());
        let mut questions = Vec::new();
        let mut waiting = VecDeque::new();
        for one in asked {
            if let (Some(signature), Some(tag)) = (one.signature.take(), tags.next()) {
                questions.push(Question { tag, token: &one.token.token, signature });
                waiting.push_back(one);
            }
        }
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let tags: Vec<&str> = questions.iter().map(|question| question.tag.as_str()).collect();
        let said = match self.google.http.service_post(rpc::form(&questions)).await {
            Ok(response) if response.status == 200 => {
                let body = String::from_utf8_lossy(&response.body);
                rpc::read(&body, &tags)
            }
            Ok(response) if is_block(&response) => {
                let how = "it answers the question with a block".to_owned();
                self.tell(BreakerEvent::Blocked(how)).await?;
                return Ok(Vec::new());
            }
            Ok(response) => {
                vec![Said::Nothing(format!("it answers {}", response.status)); tags.len()]
            }
            Err(error) => vec![Said::Nothing(error.to_string()); tags.len()],
        };
        let mut refused = Vec::new();
        for (one, said) in waiting.into_iter().zip(said) {
            match said {
                Said::Address(address) => {
                    one.answer = checked(&address, one.token);
                    self.tell(BreakerEvent::Answered).await?;
                }
                Said::BadSignature => refused.push(one),
                Said::Nothing(why) => {
                    one.answer = Answer::Failed(why.clone());
                    self.tell(BreakerEvent::Failed(why)).await?;
                }
            }
        }
        Ok(refused)
    }

    /// Waits until the next request may start, or a stop is asked for.
    async fn pause(&mut self, handle: &str) {
        if let Some(asked_at) = self.asked_at {
            tokio::select! {
                () = sleep_until(asked_at + pause(self.google.gap, handle)) => {}
                () = self.google.stop.cancelled() => {}
            }
        }
        self.asked_at = Some(Instant::now());
    }

    async fn tell(&self, event: BreakerEvent) -> Result<Passage, StoreError> {
        let service = self.google.base.host_str().unwrap_or_default();
        self.google.store.service_event(service, event, self.google.now).await
    }
}

/// The time between two requests: the gap and up to half of it, the same for the same handle.
fn pause(gap: Duration, handle: &str) -> Duration {
    let share = u32::try_from(xxh3_64(handle.as_bytes()) % 1_000).unwrap_or_default();
    gap + gap / 2_000 * share
}

fn is_block(response: &Response) -> bool {
    let elsewhere = || http::redirect(response).ok().flatten();
    response.status == 429 || elsewhere().is_some_and(|url| !is_publisher(&url))
}

/// Whether what Google says is the address of a publisher.
fn checked(address: &str, token: &Token) -> Answer {
    let failed = |why: &str| Answer::Failed(format!("its answer is {why}"));
    if address.len() > ADDRESS_MAX_BYTES || address.chars().any(char::is_control) {
        return failed("no address");
    }
    let Ok(url) = Url::parse(address) else { return failed("no address") };
    if !is_publisher(&url) {
        return failed("not the address of a publisher");
    }
    // The handle is an encryption that keeps the length. A disagreement would be news to us, not
    // proof of a wrong answer.
    if let Some(expected) = address_bytes(&token.handle)
        && expected != address.len()
    {
        warn!(handle = token.handle, address, expected, "address of another length than expected");
    }
    Answer::Address(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_but_never_between_two_runs() {
        let gap = Duration::from_secs(2);
        let pauses: Vec<Duration> =
            ["AU_yqLa", "AU_yqLb", "AU_yqLc"].iter().map(|handle| pause(gap, handle)).collect();
        assert!(pauses.iter().all(|pause| (gap..gap * 3 / 2).contains(pause)), "{pauses:?}");
        assert_ne!(pauses[0], pauses[1]);
        assert_eq!(pauses[2], pause(gap, "AU_yqLc"));
        assert_eq!(pause(Duration::ZERO, "AU_yqLa"), Duration::ZERO);
    }

    #[test]
    fn only_a_publishers_address_is_believed() {
        let token = Token { token: "CBMi".to_owned(), handle: "AU_yqL".to_owned() };
        for (address, good) in [
            ("https://paper.example/a?", true),
            ("http://127.0.0.1:8080/a", true),
            ("https://paper.example/a.amp.html", true),
            ("https://news.google.com/articles/CBMi", false),
            ("https://www.google.co.uk/url?q=x", false),
            ("https://name:secret@paper.example/", false),
            ("javascript:alert(1)", false),
            ("/a/b", false),
            ("https://paper.example/a\r\nSet-Cookie: x", false),
            ("", false),
        ] {
            let believed = matches!(checked(address, &token), Answer::Address(_));
            assert_eq!(believed, good, "{address}");
        }
        let long = format!("https://paper.example/{}", "a".repeat(ADDRESS_MAX_BYTES));
        assert!(matches!(checked(&long, &token), Answer::Failed(_)));
    }
}
