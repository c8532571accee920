//! Promises of the judge: each verdict, each absorption, each veto.

mod headlines;
mod soundness;
mod witnesses;

use super::*;
use crate::model::{
    CanonicalUrl, Choice, ChoiceReason, EntryKey, HoldReason, NearArticle, OwnAddress,
    StoredSighting, TextSource, TitledArticle,
};
use crate::text::shingles::mixed;
use crate::text::sketch::Sketch;

/// An invented text of `count` words; texts of different seeds have nothing in common.
pub(super) fn story(seed: u64, count: u64) -> String {
    const WORDS: [&str; 32] = [
        "harbour",
        "council",
        "ferry",
        "plans",
        "new",
        "winter",
        "bridge",
        "the",
        "a",
        "market",
        "opens",
        "after",
        "rain",
        "with",
        "local",
        "teachers",
        "said",
        "museum",
        "of",
        "glass",
        "was",
        "closed",
        "for",
        "repairs",
        "until",
        "spring",
        "orchestra",
        "and",
        "visitors",
        "may",
        "still",
        "walk",
    ];
    let words = (0..count).map(|position| {
        let pick = usize::try_from(mixed(seed * 1_000_003 + position) % 32).unwrap();
        WORDS[pick].to_owned() + if position % 12 == 11 { ".\n" } else { " " }
    });
    words.collect()
}

/// An article under `number`; its text, if any, is known by the short name `sha256`.
pub(super) fn article(number: i64, sha256: Option<&str>) -> StoredArticle {
    StoredArticle {
        id: ArticleId(number),
        url: Some(format!("https://paper{number}.example/story")),
        standing: Standing::Feed,
        copied: false,
        title: String::new(),
        published_at: None,
        body_sha256: sha256.map(str::to_owned),
        words: if sha256.is_some() { 100 } else { 0 },
    }
}

fn with_standing(standing: Standing, article: StoredArticle) -> StoredArticle {
    StoredArticle { standing, ..article }
}

fn candidate(text: Text) -> Candidate {
    Candidate {
        entry_key: EntryKey("entry".to_owned()),
        entry_sha256: String::new(),
        title: String::new(),
        author: None,
        language: None,
        published_at: None,
        link: None,
        target: None,
        url: Some(CanonicalUrl::from_canonical("https://news.example/story".to_owned())),
        url_keys: Vec::new(),
        standing: Standing::Feed,
        headline: None,
        source_link: None,
        copied: false,
        own: None,
        text,
        removed: Vec::new(),
        rules_version: String::new(),
        received: Vec::new(),
        choice: Choice { reason: ChoiceReason::FeedIsFull, next_try_at: None, uncut_rule: None },
    }
}

/// A candidate with a text of `words` words, known by the short name `sha256`.
pub(super) fn usable(sha256: &str, words: usize) -> Candidate {
    let fingerprint = Fingerprint {
        sha256: sha256.to_owned(),
        near: Vec::new(),
        sketch: Sketch::default(),
        words,
    };
    let body = story(1, 100);
    candidate(Text::Usable { body, fingerprint, source: TextSource::Feed })
}

fn unusable() -> Candidate {
    candidate(Text::Unusable { reason: HoldReason::Short, summary: String::new() })
}

fn copied(candidate: Candidate) -> Candidate {
    Candidate { copied: true, ..candidate }
}

fn standing(standing: Standing, candidate: Candidate) -> Candidate {
    Candidate { standing, ..candidate }
}

fn entry_of(article: StoredArticle) -> Known {
    Known { same_entry: Some(StoredSighting { article, is_decided: false }), ..Known::default() }
}

fn url_of(same_url: Vec<StoredArticle>) -> Known {
    Known { same_url, ..Known::default() }
}

fn text_of(article: StoredArticle) -> Known {
    Known { same_text: Some(holder(article)), ..Known::default() }
}

fn holder(article: StoredArticle) -> TextHolder {
    TextHolder { article, titles: Vec::new() }
}

/// An article with these texts, its own first, as it is proposed.
pub(super) fn proposed(texts: &[&str], article: StoredArticle) -> NearArticle {
    let words = texts.first().map_or(0, |own| own.split_whitespace().count());
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    NearArticle { article: StoredArticle { words, ..article }, texts }
}

fn near_to(texts: &[&str], article: StoredArticle) -> Known {
    Known { near: vec![proposed(texts, article)], ..Known::default() }
}

/// A candidate that really has `body`.
fn bringing(by: Standing, body: &str) -> Candidate {
    let words = body.split_whitespace().count();
    let fingerprint =
        Fingerprint { sha256: "b".to_owned(), near: Vec::new(), sketch: Sketch::default(), words };
    let body = body.to_owned();
    standing(by, candidate(Text::Usable { body, fingerprint, source: TextSource::Feed }))
}

/// Compares a judgement, said in words like `same-url 2, takes text, absorbs 1 3`.
fn check(promise: &str, candidate: &Candidate, known: &Known, expected: &str) {
    let judgement = judge(candidate, known);
    let mut found = judgement.verdict.as_str().to_owned();
    if let Some(id) = judgement.article {
        found = format!("{found} {}", id.0);
    }
    if judgement.takes_text {
        found += ", takes text";
    }
    if !judgement.absorbs.is_empty() {
        let absorbed: Vec<String> = judgement.absorbs.iter().map(|id| id.0.to_string()).collect();
        found = format!("{found}, absorbs {}", absorbed.join(" "));
    }
    assert_eq!(found, expected, "{promise}");
}

#[test]
fn what_nobody_brought_before_is_new_or_held() {
    check("a text", &usable("x", 100), &Known::default(), "new");
    check("no text", &unusable(), &Known::default(), "held");
}

#[test]
fn an_original_that_says_something_else_counts_for_nothing() {
    let belied = |known: Known| Known { belied: Some(ArticleId(9)), ..known };
    let own =
        OwnAddress { url: None, url_keys: Vec::new(), standing: Standing::Feed, copied: false };
    let claims = standing(Standing::Publisher, copied(usable("x", 100)));
    let claims = Candidate { own: Some(own), ..claims }.by_itself();
    check("by itself", &claims, &belied(Known::default()), "new");
    let evidence = judge(&claims, &belied(Known::default())).evidence;
    assert_eq!(
        (evidence.reason, evidence.article),
        (Some(Reason::OriginalDiffers), Some(ArticleId(9)))
    );
    let known = belied(text_of(with_standing(Standing::Copy, article(1, Some("x")))));
    check("its words are another's", &claims, &known, "same-text 1");
    assert!(!judge(&claims, &known).takes_url, "the address that it names is not the article's");
    let known = belied(entry_of(article(1, Some("a"))));
    check("it was read before", &claims, &known, "revised 1, takes text");
}

#[test]
fn the_same_entry_is_unchanged_or_revised() {
    use Standing::{Copy, Feed, Publisher};
    let text = |by| with_standing(by, article(1, Some("a")));
    let held = |by| with_standing(by, article(1, None));
    for (promise, brought, stored, expected) in [
        ("the same text", usable("a", 100), text(Feed), "unchanged 1"),
        ("a lost text", unusable(), text(Feed), "unchanged 1"),
        ("still held", unusable(), held(Feed), "unchanged 1"),
        ("another text", usable("b", 100), text(Feed), "revised 1, takes text"),
        ("a shortened text", usable("b", 50), text(Feed), "revised 1, takes text"),
        ("the first text", usable("b", 50), held(Publisher), "revised 1, takes text"),
        ("a lesser witness", usable("b", 100), text(Publisher), "revised 1, takes text"),
        ("a better witness", usable("b", 100), text(Copy), "revised 1, takes text"),
        ("a copy of the original's", copied(usable("b", 100)), text(Feed), "revised 1"),
    ] {
        check(promise, &brought, &entry_of(stored), expected);
    }
}

#[test]
fn the_same_address_is_the_same_article() {
    use Standing::{Copy, Publisher};
    let text = || vec![article(1, Some("a"))];
    let held = || vec![article(1, None)];
    for (promise, brought, stored, expected) in [
        ("another text", usable("b", 100), text(), "same-url 1, takes text"),
        ("the same text", usable("a", 100), text(), "same-url 1"),
        ("a lost text", unusable(), text(), "same-url 1"),
        ("still held", unusable(), held(), "same-url 1"),
        ("the first text", usable("b", 48), held(), "same-url 1, takes text"),
        ("a teaser", usable("b", 59), text(), "same-url 1"),
        ("just no teaser", usable("b", 60), text(), "same-url 1, takes text"),
        ("a lesser witness", standing(Copy, usable("b", 100)), text(), "same-url 1"),
        ("a well known teaser", standing(Publisher, usable("b", 50)), text(), "same-url 1"),
    ] {
        check(promise, &brought, &url_of(stored), expected);
    }
}

#[test]
fn of_the_articles_of_an_address_the_oldest_with_a_text_remains() {
    let (a, b, held) = (|n| article(n, Some("a")), |n| article(n, Some("b")), |n| article(n, None));
    for (promise, stored, expected) in [
        ("a text before age", vec![held(1), a(2), held(3)], "same-url 2, takes text, absorbs 1 3"),
        ("two texts stay two", vec![b(2), a(1)], "same-url 1, takes text"),
        ("the oldest held one", vec![held(2), held(1)], "same-url 1, takes text, absorbs 2"),
    ] {
        check(promise, &usable("c", 100), &url_of(stored), expected);
    }
}

#[test]
fn the_same_text_is_the_same_article() {
    let known = text_of(article(1, Some("a")));
    check("same text", &usable("a", 100), &known, "same-text 1");
    check("no text", &unusable(), &known, "held");
}

#[test]
fn two_texts_become_one_only_when_the_text_that_remains_is_both() {
    let (a, b) = (|| article(1, Some("a")), || article(2, Some("b")));
    let revised = Known { same_text: Some(holder(b())), ..entry_of(a()) };
    let moved = Known { same_url: vec![b()], ..entry_of(a()) };
    let mended = Known { same_text: Some(holder(b())), ..url_of(vec![a()]) };
    let lesser = standing(Standing::Copy, usable("b", 100));
    let copy = copied(usable("b", 100));
    for (promise, brought, known, expected) in [
        ("an entry", &usable("b", 100), &revised, "revised 1, takes text, absorbs 2"),
        ("an entry that keeps its text", &copy, &revised, "revised 1"),
        (
            "an entry at the address of a third text",
            &usable("c", 99),
            &moved,
            "revised 1, takes text",
        ),
        ("an address", &usable("b", 100), &mended, "same-url 1, takes text, absorbs 2"),
        ("an address that keeps its text", &lesser, &mended, "same-url 1"),
        ("an address with a teaser", &usable("b", 20), &mended, "same-url 1"),
    ] {
        check(promise, brought, known, expected);
    }
}

#[test]
fn held_articles_join_the_one_that_has_the_text() {
    let (text, held) = (|| article(2, Some("b")), |n| article(n, None));
    let known = |entry: Option<StoredArticle>, same_url, same_text| Known {
        same_entry: entry.map(|article| StoredSighting { article, is_decided: false }),
        same_url,
        same_text: Option::map(same_text, holder),
        ..Known::default()
    };
    let same = usable("b", 100);
    for (promise, brought, known, expected) in [
        (
            "an entry, by its text",
            &same,
            known(Some(held(1)), vec![], Some(text())),
            "same-text 2, absorbs 1",
        ),
        (
            "an entry, by its address",
            &unusable(),
            known(Some(held(1)), vec![text(), held(3)], None),
            "same-url 2, absorbs 1 3",
        ),
        (
            "an address, by its text",
            &same,
            known(None, vec![held(1)], Some(text())),
            "same-text 2, absorbs 1",
        ),
        (
            "an address, by its entry",
            &same,
            known(Some(text()), vec![held(1), text()], Some(text())),
            "unchanged 2, absorbs 1",
        ),
        (
            "an address, by its entry, while neither has a text",
            &unusable(),
            known(Some(held(2)), vec![held(1)], None),
            "unchanged 2, absorbs 1",
        ),
    ] {
        check(promise, brought, &known, expected);
    }
}

#[test]
fn a_much_different_copy_is_kept_beside_its_article() {
    let (whole, variant) = (story(1, 300), story(2, 90) + &story(3, 110));
    let stored = |texts: &[&str]| near_to(texts, article(1, Some("a")));
    let local = story(1, 220) + &story(2, 90);
    for (promise, body, expected) in [
        ("a light edit", story(1, 290), false),
        ("a heavy edit", local.clone(), true),
        ("a much longer text", story(1, 440), true),
    ] {
        let judgement = judge(&bringing(Standing::Feed, &body), &stored(&[&whole]));
        assert_eq!(judgement.verdict, Verdict::NearText, "{promise}");
        assert_eq!(judgement.keeps_variant, expected, "{promise}");
    }
    let of_a_variant = story(3, 100) + &story(2, 90);
    let of_a_variant = bringing(Standing::Feed, &of_a_variant);
    check("a copy of a variant", &of_a_variant, &stored(&[&whole]), "new");
    let copy = bringing(Standing::Feed, &(story(2, 90) + &story(3, 100)));
    check("a copy of a kept variant", &copy, &stored(&[&whole, &variant]), "near-text 1");
}

const HEADLINE: &str = "Night ferry sails again after the storm";

#[test]
fn what_a_person_decided_stands() {
    let apart = vec![ArticleId(2)];
    let (text, held) = (|n| article(n, Some("b")), |n| article(n, None));
    let known =
        Known { same_text: Some(holder(text(2))), apart: apart.clone(), ..Known::default() };
    check("another text's article", &usable("b", 100), &known, "new");
    let known = Known { same_url: vec![text(2)], apart: apart.clone(), ..entry_of(held(1)) };
    check("a split entry at the old address", &unusable(), &known, "unchanged 1");
    let decided = |article| Some(StoredSighting { article, is_decided: true });
    let known = Known {
        same_entry: decided(held(1)),
        same_text: Some(holder(text(2))),
        ..Known::default()
    };
    check("an entry put somewhere", &unusable(), &known, "unchanged 1");
}

#[test]
fn what_was_deleted_does_not_come_back() {
    let deleted = || Known { deleted: true, ..Known::default() };
    check("a deleted text", &usable("b", 100), &deleted(), "deleted");
    check("a deleted headline", &unusable(), &deleted(), "deleted");
    let again = Known { deleted: true, ..url_of(vec![article(1, Some("a"))]) };
    check("one that is there again", &usable("a", 100), &again, "same-url 1");
}
