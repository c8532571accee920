//! Fingerprints: one text has one, another spelling of it has the same, and likeness is mutual.

use ingest::model::HoldReason;
use ingest::pipeline::fingerprint::{self, ARTICLE, BRIEF};
use ingest::text::shingles::{self, BODY_SHINGLE};
use ingest::text::tokens::{hash_text, tokens};
use ingest::text::word_diff;
use unicode_normalization::UnicodeNormalization as _;

use super::assert_is_sha256;

/// The most near fingerprints of one text: as many of the whole as of its lead.
const NEAR_MAX: usize = 16;

/// A line of three dashes parts two texts.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (left, right) = text.split_once("\n---\n").unwrap_or((&text, ""));
    for body in [left, right] {
        assert_has_a_fingerprint_or_a_reason(body);
        assert_is_spelt_as_it_likes(body);
    }
    assert_are_alike_mutually(left, right);
}

fn assert_has_a_fingerprint_or_a_reason(body: &str) {
    let tokens = tokens(body);
    let sha256 = fingerprint::body_sha256(body);
    if let Some(sha256) = &sha256 {
        assert_is_sha256(sha256);
    }
    let of_article = fingerprint::of(&tokens, ARTICLE);
    assert_eq!(of_article, fingerprint::of(&tokens, ARTICLE), "made twice");
    match (&of_article, fingerprint::of(&tokens, BRIEF)) {
        (Ok(found), Ok(of_brief)) => assert_eq!(*found, of_brief),
        (Ok(_), Err(reason)) => panic!("long enough for an article, but no brief: {reason:?}"),
        (Err(HoldReason::Empty), of_brief) => {
            assert_eq!((sha256.as_ref(), of_brief), (None, Err(HoldReason::Empty)));
        }
        (Err(reason), _) => assert_eq!((*reason, sha256.is_some()), (HoldReason::Short, true)),
    }
    if let Ok(found) = of_article {
        assert_eq!(Some(found.sha256), sha256);
        assert!(found.near.is_sorted_by(|one, other| one < other));
        assert!((1..=NEAR_MAX).contains(&found.near.len()));
        // Positive in every database.
        assert!(found.near.iter().all(|number| i32::try_from(*number).is_ok()));
    }
}

/// White space, quotation marks and capitals never change what a text is.
fn assert_is_spelt_as_it_likes(body: &str) {
    let said = hash_text(body);
    let spaced: String = body.chars().map(|c| if c.is_whitespace() { '\n' } else { c }).collect();
    assert_eq!(hash_text(&spaced), said, "other white space in {body:?}");
    assert_eq!(hash_text(&format!("\u{201c} {body} \u{201d} —\n")), said, "in quotes: {body:?}");
    if body.is_ascii() && !body.contains('&') {
        assert_eq!(hash_text(&body.to_ascii_uppercase()), said, "in capitals: {body:?}");
    }
    let normal: String = body.nfkc().collect();
    if !body.contains('&') && !normal.contains('&') {
        assert_eq!(hash_text(&normal), said, "in normal form: {body:?}");
    }
    // A mark that an invisible character or a capital kept apart joins its letter the second time.
    assert_eq!(hash_text(&said), said.nfkc().collect::<String>(), "of a hash text");
}

fn assert_are_alike_mutually(left: &str, right: &str) {
    let of = |text: &str| shingles::distinct(tokens(text).list(), BODY_SHINGLE);
    let (one, other) = (of(left), of(right));
    let shared = shingles::shared_count(&one, &other);
    assert_eq!(shared, shingles::shared_count(&other, &one));
    assert!(shared <= one.len().min(other.len()));
    assert_eq!(shingles::shared_count(&one, &one), one.len(), "a text is most like itself");
    if hash_text(left) == hash_text(right) {
        assert_eq!(one, other, "one text has two sets of shingles");
        let near = |body| fingerprint::of(&tokens(body), BRIEF).map(|found| found.near);
        assert_eq!(near(left), near(right));
    }
    let diff = word_diff::between(left, right);
    let same = left.split_whitespace().eq(right.split_whitespace());
    assert_eq!(diff.parts.iter().all(|part| matches!(part, word_diff::Part::Same(_))), same);
}
