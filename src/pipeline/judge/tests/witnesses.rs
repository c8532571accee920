//! Whose text and whose address are the article's.

use super::*;

#[test]
fn nearly_the_same_text_is_the_same_article() {
    use Standing::{Copy, Feed, Publisher};
    let (cut, whole, longer) = (story(1, 100), story(1, 300), story(1, 340));
    let stored = |by| near_to(&[&whole], with_standing(by, article(1, Some("a"))));
    for (promise, brought, by, expected) in [
        ("a cut copy", bringing(Feed, &cut), Feed, "near-text 1"),
        ("a longer copy", bringing(Feed, &longer), Feed, "near-text 1"),
        ("a better witness", bringing(Publisher, &longer), Copy, "near-text 1, takes text"),
        ("a better witness of a teaser", bringing(Publisher, &cut), Copy, "near-text 1"),
    ] {
        let known = stored(by);
        check(promise, &brought, &known, expected);
        assert_eq!(judge(&brought, &known).similarity(), Some(1.0), "{promise}");
    }
    check("a stranger", &bringing(Feed, &story(2, 300)), &stored(Feed), "new");
    check("no text", &unusable(), &stored(Feed), "held");
    let held = Known { same_url: vec![article(2, None)], ..stored(Feed) };
    check("a held address", &bringing(Feed, &cut), &held, "near-text 1, absorbs 2");
}

#[test]
fn an_original_text_comes_before_a_copied_one() {
    use Standing::{Feed, Publisher};
    for (promise, brought, stored, expected) in [
        ("an original beside an original", (false, Feed), (false, Feed), true),
        ("an original beside a well addressed copy", (false, Feed), (true, Publisher), true),
        ("a well addressed copy beside an original", (true, Publisher), (false, Feed), false),
        ("a copy beside a copy", (true, Feed), (true, Feed), true),
    ] {
        let (copied, by) = brought;
        let candidate = Candidate { copied, ..standing(by, usable("b", 100)) };
        let (copied, by) = stored;
        let stored = StoredArticle { copied, ..with_standing(by, article(1, Some("a"))) };
        for known in [entry_of(stored.clone()), url_of(vec![stored])] {
            assert_eq!(judge(&candidate, &known).takes_text, expected, "{promise}");
        }
    }
}

#[test]
fn the_better_witness_gives_the_address() {
    use Standing::{Copy, Feed, Publisher};
    let at = |url: Option<&str>, by| Candidate {
        url: url.map(|url| CanonicalUrl::from_canonical(url.to_owned())),
        ..standing(by, unusable())
    };
    let theirs = "https://paper1.example/story";
    let ours = "https://news.example/story";
    for (candidate, stored_url, stored_standing, expected) in [
        (at(Some(ours), Publisher), Some(theirs), Feed, true),
        (at(Some(ours), Feed), Some(theirs), Copy, true),
        (at(Some(ours), Feed), Some(theirs), Feed, false),
        (at(Some(ours), Copy), Some(theirs), Publisher, false),
        (at(Some(theirs), Publisher), Some(theirs), Copy, true),
        (at(Some(ours), Copy), None, Publisher, true),
        (at(None, Publisher), Some(theirs), Copy, false),
        (at(None, Publisher), None, Copy, false),
    ] {
        let url = stored_url.map(str::to_owned);
        let stored = StoredArticle { url, standing: stored_standing, ..article(1, None) };
        let takes_url = judge(&candidate, &url_of(vec![stored])).takes_url;
        assert_eq!(takes_url, expected, "{:?} beside {stored_url:?}", candidate.url);
    }
}

#[test]
fn of_equal_witnesses_the_one_that_came_out_earlier_gives_the_address_and_the_text() {
    let at = |hour: u32| Some(format!("2026-04-07T{hour:02}:00:00Z").parse().unwrap());
    let whole = story(1, 300);
    let longer = story(1, 340);
    for (brought, stored, is_earlier) in [
        (at(6), at(9), true),
        (at(9), at(6), false),
        (at(9), at(9), false),
        (None, at(9), false),
        (at(6), None, false),
        (Some(DateTime::UNIX_EPOCH), at(9), false),
    ] {
        let candidate = Candidate { published_at: brought, ..bringing(Standing::Feed, &longer) };
        let stored = StoredArticle { published_at: stored, ..article(1, Some("a")) };
        let judgement = judge(&candidate, &near_to(&[&whole], stored));
        assert_eq!(judgement.verdict, Verdict::NearText);
        assert_eq!((judgement.takes_text, judgement.takes_url), (is_earlier, is_earlier));
    }
}
