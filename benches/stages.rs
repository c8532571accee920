//! Times the small steps of an entry's road, each beside the least that any program has to do for it.
//!
//! `cargo bench --bench stages`. The reading of feeds, of pages and the cleaning of text stand in
//! `reading` and `text`, the store in `admitting`.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use ingest::config::links::LinksFile;
use ingest::model::{
    ArticleId, Candidate, Choice, ChoiceReason, EntryKey, Known, NearArticle, Standing,
    StoredArticle, Text, TextSource,
};
use ingest::pipeline::canonicalize::{self, Trackers};
use ingest::pipeline::clean::{self, Context, Rules};
use ingest::pipeline::resolve::unwrap::{self, Wrappers};
use ingest::pipeline::{fingerprint, judge};
use ingest::text::tokens::tokens;
use sha2::{Digest as _, Sha256};
use url::Url;

fn main() {
    divan::main();
}

/// A thousand links as feeds have them: most plain, some with trackers, some wrapped.
fn links() -> Vec<String> {
    let link = |number: usize| match number % 10 {
        0 => format!(
            "https://www.google.com/url?rct=j&sa=t&url=https%3A%2F%2Fgazette.example%2Fferry%2F{number}%3Futm_source%3Dalerts&ct=ga"
        ),
        1 => format!("https://feedproxy.google.com/~r/gazette/~3/{number}/ferry"),
        2..=4 => format!(
            "https://www.gazette.example/2026/04/ferry-{number}/?utm_source=rss&utm_medium=feed&id={number}#top"
        ),
        _ => format!("https://www.gazette.example/2026/04/ferry-{number}/"),
    };
    (0..1_000).map(link).collect()
}

/// An article of 450 words. `lead` is its own, the rest is what all share whose `story` is the same.
fn article(story: usize, lead: usize) -> String {
    let word = |place: usize| {
        let seed = if place < 60 { lead } else { story };
        format!("w{} ", (seed * 7_919 + place * 104_729) % 20_011)
    };
    (0..450).map(|place| word(place) + if place % 45 == 44 { "\n" } else { "" }).collect()
}

fn candidate(body: String) -> Candidate {
    let fingerprint = fingerprint::of(&tokens(&body), fingerprint::ARTICLE).expect("it is long");
    Candidate {
        entry_key: EntryKey("1".to_owned()),
        entry_sha256: String::new(),
        title: "The ferry crossed before dawn".to_owned(),
        author: None,
        language: None,
        published_at: None,
        link: None,
        target: None,
        headline: None,
        url: None,
        url_keys: Vec::new(),
        standing: Standing::Feed,
        source_link: None,
        copied: false,
        own: None,
        text: Text::Usable { body, fingerprint, source: TextSource::Feed },
        removed: Vec::new(),
        rules_version: String::new(),
        received: Vec::new(),
        choice: Choice { reason: ChoiceReason::FeedIsFull, next_try_at: None, uncut_rule: None },
    }
}

/// What the store proposes for a new article: four that share a passage with it.
fn known() -> Known {
    let near = |number: usize| {
        let body = article(number + 100, 1);
        NearArticle {
            article: StoredArticle {
                id: ArticleId(1),
                url: None,
                title: "The ferry crossed".to_owned(),
                words: 450,
                body_sha256: Some(String::new()),
                standing: Standing::Feed,
                copied: false,
                published_at: None,
            },
            texts: vec![body],
        }
    };
    Known { near: (0..4).map(near).collect(), ..Known::default() }
}

/// The floor of both steps on links.
#[divan::bench]
fn links_parse_only(bencher: Bencher<'_, '_>) {
    let links = links();
    bencher
        .counter(ItemsCount::new(links.len()))
        .bench(|| links.iter().filter(|link| Url::parse(link).is_ok()).count());
}

#[divan::bench]
fn links_unwrap(bencher: Bencher<'_, '_>) {
    let (links, table) = (links(), Wrappers::compile(&LinksFile::built_in()).expect("it is sound"));
    bencher
        .counter(ItemsCount::new(links.len()))
        .bench(|| links.iter().map(|link| unwrap::unwrap(link, &table).rules.len()).sum::<usize>());
}

#[divan::bench]
fn links_canonicalize(bencher: Bencher<'_, '_>) {
    let (links, table) = (links(), Trackers::compile(&LinksFile::built_in()).expect("it is sound"));
    let keyed = |link: &String| canonicalize::url(link, &table).map(|url| canonicalize::key(&url));
    bencher.counter(ItemsCount::new(links.len())).bench(|| links.iter().flat_map(keyed).count());
}

/// The floor of the fingerprint, and of looking at a text at all.
#[divan::bench]
fn body_sha256_only(bencher: Bencher<'_, '_>) {
    let body = article(1, 1);
    bencher.counter(BytesCount::of_str(&body)).bench(|| Sha256::digest(black_box(&body)));
}

#[divan::bench]
fn body_fingerprint(bencher: Bencher<'_, '_>) {
    let body = article(1, 1);
    bencher
        .counter(BytesCount::of_str(&body))
        .bench(|| fingerprint::of(&tokens(black_box(&body)), fingerprint::ARTICLE));
}

/// A new article beside four others: five texts are read.
#[divan::bench]
fn judge_four_near(bencher: Bencher<'_, '_>) {
    let (candidate, known) = (candidate(article(1, 1)), known());
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| judge::judge(black_box(&candidate), black_box(&known)));
}

/// The floor of the judge: the tokens of the same five texts.
#[divan::bench]
fn judge_tokens_only(bencher: Bencher<'_, '_>) {
    let texts: Vec<String> = (0..5).map(|number| article(number + 100, 1)).collect();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| texts.iter().map(|text| tokens(text).list().len()).sum::<usize>());
}

fn markup() -> String {
    let text = article(1, 1);
    let paragraphs: Vec<String> = text.lines().map(|line| format!("<p>{line}</p>")).collect();
    paragraphs.join("\n") + "<p>Let's block ads! (Why?)</p>"
}

#[divan::bench]
fn html_clean(bencher: Bencher<'_, '_>) {
    let (html, rules) = (markup(), Rules::built_in());
    let context = Context { title: "The ferry", ..Context::default() };
    bencher
        .counter(BytesCount::of_str(&html))
        .bench(|| clean::html(black_box(&html), &context, &rules));
}

/// The floor of cleaning HTML.
#[divan::bench]
fn html_parse_only(bencher: Bencher<'_, '_>) {
    let html = markup();
    bencher
        .counter(BytesCount::of_str(&html))
        .bench(|| scraper::Html::parse_fragment(black_box(&html)).tree.nodes().count());
}
