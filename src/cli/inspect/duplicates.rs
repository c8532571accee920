//! Judges documents in order, each against those before it, in a store in memory.
//!
//! Each document takes the road of an entry from its text on: cleaned, fingerprinted, judged and
//! admitted by the store itself, so what is shown is what a feed would have come to.

use std::collections::HashMap;
use std::io::{BufRead as _, BufWriter, Write as _, stdin, stdout};

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::unanswered;
use crate::config::links::LinksFile;
use crate::model::{
    ArticleId, Candidate, Choice, ChoiceReason, EntryKey, Standing, Text, TextSource, Verdict,
};
use crate::pipeline::canonicalize::{self, Trackers};
use crate::pipeline::clean::{self, Context, Rules};
use crate::pipeline::{fingerprint, judge, parse};
use crate::store::{
    Admission, Admitted, Claim, Delivery, NextPoll, Outcome, Reading, SqliteStore, Store, Wanted,
};
use crate::text::tokens::tokens;

/// How many documents are admitted in one transaction.
const DOCUMENTS_AT_ONCE: usize = 256;

/// The feed that all documents belong to; an address that cannot exist (RFC 6761).
const FEED: &str = "http://documents.invalid/";

const WORKER: &str = "inspect";

#[derive(Debug, Deserialize)]
struct Question {
    id: Value,
    #[serde(default)]
    title: String,
    text: String,
    url: Option<String>,
    published: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a Value,
    verdict: Verdict,
    of: Option<&'a Value>,
    similarity: Option<f64>,
}

/// Reads documents from stdin, one JSON object a line, and answers one a line, in order.
pub(super) async fn run() -> anyhow::Result<()> {
    let mut bench = Bench::new().await?;
    let mut output = BufWriter::new(stdout().lock());
    let mut lines = stdin().lock().lines();
    loop {
        let some: Vec<String> = lines
            .by_ref()
            .filter(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty()))
            .take(DOCUMENTS_AT_ONCE)
            .collect::<Result<_, _>>()
            .context("reading JSON lines from stdin")?;
        if some.is_empty() {
            break;
        }
        for answer in bench.answer(&some).await? {
            serde_json::to_writer(&mut output, &answer)?;
            output.write_all(b"\n")?;
        }
    }
    output.flush()?;
    Ok(())
}

/// A store in memory and what is needed to fill it.
struct Bench {
    store: SqliteStore,
    rules: Rules,
    trackers: Trackers,
    /// The document that first brought each article.
    first: HashMap<Option<ArticleId>, Value>,
    documents: usize,
}

impl Bench {
    async fn new() -> anyhow::Result<Self> {
        let store = SqliteStore::in_memory()?;
        store.add_feeds(vec![FEED.parse()?], DateTime::UNIX_EPOCH).await?;
        let trackers = Trackers::compile(&LinksFile::built_in())?;
        Ok(Self { store, rules: Rules::built_in(), trackers, first: HashMap::new(), documents: 0 })
    }

    /// Answers each line in its place; those that are no question say so.
    async fn answer(&mut self, lines: &[String]) -> anyhow::Result<Vec<Value>> {
        let questions: Vec<_> =
            lines.iter().map(|line| serde_json::from_str::<Question>(line)).collect();
        let good: Vec<&Question> = questions.iter().flatten().collect();
        let mut admitted = self.admit(&good).await?.into_iter();
        let mut answers = Vec::with_capacity(lines.len());
        for (line, question) in lines.iter().zip(questions) {
            answers.push(match question {
                Ok(question) => {
                    self.told(&question, admitted.next().context("admitting a document")?)?
                }
                Err(error) => unanswered(line, &error.into()),
            });
        }
        Ok(answers)
    }

    fn told(&mut self, question: &Question, admitted: Admitted) -> anyhow::Result<Value> {
        let first = self.first.entry(admitted.article).or_insert_with(|| question.id.clone());
        let of = (*first != question.id).then_some(&*first);
        let Admitted { verdict, similarity, .. } = admitted;
        Ok(serde_json::to_value(Answer { id: &question.id, verdict, of, similarity })?)
    }

    async fn admit(&mut self, questions: &[&Question]) -> anyhow::Result<Vec<Admitted>> {
        let candidates = questions.iter().map(|question| self.candidate(question)).collect();
        // The feed is always due; time stands still here.
        let now = DateTime::UNIX_EPOCH;
        let claim = Claim {
            worker: WORKER.to_owned(),
            now,
            until: now + TimeDelta::days(1),
            at_most: 1,
            urls: None,
            wanted: Wanted::Due,
        };
        let feed =
            self.store.claim(claim).await?.pop().context("claiming the feed of documents")?;
        let delivery = Delivery { entries: questions.len(), candidates, ..Delivery::default() };
        let reading = Reading {
            feed: feed.id,
            worker: WORKER.to_owned(),
            now,
            duration_ms: 0,
            http_status: None,
            whereabouts: feed.whereabouts,
            near_since: now,
            next_poll: NextPoll { at: now, reason: "always".to_owned() },
            outcome: Outcome::Changed(Box::new(delivery)),
        };
        match self.store.admit(reading, judge::judge).await? {
            Admission::Stored(admitted) => Ok(admitted),
            Admission::ClaimLost => anyhow::bail!("the store in memory lost a claim"),
        }
    }

    fn candidate(&mut self, question: &Question) -> Candidate {
        self.documents += 1;
        let context =
            Context { title: &question.title, feed_title: None, url: question.url.as_deref() };
        let cleaned = clean::text(&question.text, &context, &self.rules);
        let url = question.url.as_ref();
        let url = url.and_then(|url| canonicalize::url(url, &self.trackers).ok());
        Candidate {
            entry_key: EntryKey(self.documents.to_string()),
            entry_sha256: String::new(),
            title: question.title.clone(),
            author: None,
            language: None,
            published_at: published(question),
            link: question.url.clone(),
            target: question.url.clone(),
            headline: None,
            url_keys: url.iter().map(canonicalize::key).collect(),
            url,
            standing: Standing::Feed,
            copied: cleaned.source_link.is_some(),
            own: None,
            source_link: cleaned.source_link,
            text: match fingerprint::of(&tokens(&cleaned.body), fingerprint::BRIEF) {
                Ok(fingerprint) => {
                    Text::Usable { body: cleaned.body, fingerprint, source: TextSource::Feed }
                }
                Err(reason) => Text::Unusable { reason, summary: cleaned.body },
            },
            removed: cleaned.removed,
            rules_version: self.rules.version().to_owned(),
            received: Vec::new(),
            choice: Choice {
                reason: ChoiceReason::FeedIsFull,
                next_try_at: None,
                uncut_rule: None,
            },
        }
    }
}

fn published(question: &Question) -> Option<DateTime<Utc>> {
    question.published.as_deref().and_then(parse::date::read)
}
