//! Asks a site which pages robots should leave alone, and remembers the answer for a day.
//!
//! RFC 9309: a file that is not there (4xx) allows everything, one that cannot be had (5xx, no
//! answer) forbids everything for now. Only pages ask: a feed is published for programs to read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use robotxt::Robots;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;

/// The name sites may address us by; the User-Agent begins with it.
const NAME: &str = "ingest";

/// How long an answer holds (RFC 9309 §2.4).
const REMEMBERED: Duration = Duration::from_secs(24 * 3_600);

/// How long it holds that no answer could be had.
const UNREACHABLE_REMEMBERED: Duration = Duration::from_secs(3_600);

/// How many sites are remembered; the rest is asked again.
const SITES_MAX: usize = 10_000;

/// How much of a file is read (RFC 9309 §2.5).
pub(super) const FILE_MAX_BYTES: u64 = 512 << 10;

/// What a site's file said.
#[derive(Debug)]
pub(super) enum Answer {
    /// The file.
    File(Vec<u8>),
    /// There is none: everything is allowed.
    None,
    /// It could not be had: nothing is allowed for now.
    Unreachable,
}

/// The sites asked so far.
#[derive(Debug, Default)]
pub(super) struct Sites {
    /// Guards the table of sites; held for look-ups only.
    known: Mutex<HashMap<String, Arc<Site>>>,
}

#[derive(Debug)]
struct Site {
    asked_at: Instant,
    /// Set once the file was asked for; whoever comes meanwhile waits for the same answer.
    rules: OnceCell<Option<Robots>>,
}

impl Sites {
    /// Whether the site of `page` lets us ask for it; `ask` gets its file, at most once a day.
    pub(super) async fn allow<F: Future<Output = Answer>>(
        &self,
        page: &Url,
        ask: impl FnOnce(Url) -> F,
    ) -> bool {
        let Ok(file) = page.join("/robots.txt") else { return false };
        let site = self.site(file.as_str());
        let rules = site
            .rules
            .get_or_init(|| async {
                match ask(file).await {
                    Answer::File(text) => Some(Robots::parse(&text, NAME)),
                    Answer::None => Some(Robots::allow_all()),
                    Answer::Unreachable => None,
                }
            })
            .await;
        rules.as_ref().is_some_and(|rules| rules.is_url_allowed(page))
    }

    fn site(&self, file: &str) -> Arc<Site> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(site) = known.get(file).filter(|site| site.holds(now)) {
            return Arc::clone(site);
        }
        if known.len() >= SITES_MAX {
            known.retain(|_, site| site.holds(now));
        }
        if known.len() >= SITES_MAX {
            known.clear();
        }
        let site = Arc::new(Site { asked_at: now, rules: OnceCell::new() });
        known.insert(file.to_owned(), Arc::clone(&site));
        site
    }
}

impl Site {
    fn holds(&self, now: Instant) -> bool {
        let limit = match self.rules.get() {
            Some(None) => UNREACHABLE_REMEMBERED,
            Some(Some(_)) | None => REMEMBERED,
        };
        now.duration_since(self.asked_at) < limit
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    async fn check(file: Answer, page: &str, allowed: bool) {
        let page = Url::parse(page).unwrap();
        let answer = Sites::default().allow(&page, |_| async { file }).await;
        assert_eq!(answer, allowed, "{page}");
    }

    #[tokio::test]
    async fn a_sites_wishes_are_honoured() {
        let file = || {
            let text = "User-agent: *\nDisallow: /private/\n\nUser-agent: ingest\nDisallow: /not-for-ingest\n";
            Answer::File(text.into())
        };
        check(file(), "https://paper.example/story", true).await;
        check(file(), "https://paper.example/not-for-ingest/1", false).await;
        check(Answer::None, "https://paper.example/story", true).await;
        check(Answer::Unreachable, "https://paper.example/story", false).await;
        check(
            Answer::File(b"User-agent: *\nDisallow: /\n".to_vec()),
            "https://paper.example/",
            false,
        )
        .await;
        check(Answer::File(vec![0xff; 4_096]), "https://paper.example/story", true).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_site_is_asked_once_a_day() {
        let sites = Sites::default();
        let page = Url::parse("https://paper.example/story").unwrap();
        let asked = AtomicUsize::new(0);
        let ask = |_: Url| async {
            asked.fetch_add(1, Ordering::Relaxed);
            Answer::None
        };
        for (hours, expected) in [(0, 1), (23, 1), (2, 2)] {
            tokio::time::advance(Duration::from_secs(hours * 3_600)).await;
            assert!(sites.allow(&page, ask).await);
            assert_eq!(asked.load(Ordering::Relaxed), expected);
        }
    }
}
