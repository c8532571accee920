//! Promises about headlines: those without a text, and words that stand under several.

use super::*;

fn titled(article: StoredArticle, at: &str) -> TitledArticle {
    TitledArticle { article, at: at.parse().unwrap(), is_listed_beside: false }
}

fn under(title: &str, articles: Vec<TitledArticle>) -> (Candidate, Known) {
    let candidate = Candidate {
        title: title.to_owned(),
        published_at: Some("2026-04-07T12:00:00Z".parse().unwrap()),
        ..unusable()
    };
    let now = "2026-04-20T12:00:00Z".parse().unwrap();
    (candidate, Known { now, same_title: articles, ..Known::default() })
}

#[test]
fn a_headline_without_a_text_joins_its_publishers_article_within_three_days() {
    let (with, without) = (|n| article(n, Some("a")), |n| article(n, None));
    let beside = |n, at| TitledArticle { is_listed_beside: true, ..titled(with(n), at) };
    for (promise, title, articles, expected) in [
        ("minutes", HEADLINE, vec![titled(with(1), "2026-04-07T12:05:00Z")], "same-title 1"),
        ("two days", HEADLINE, vec![titled(with(1), "2026-04-05T12:00:00Z")], "same-title 1"),
        ("four days", HEADLINE, vec![titled(with(1), "2026-04-03T11:00:00Z")], "held"),
        (
            "two headlines",
            HEADLINE,
            vec![titled(without(1), "2026-04-07T11:00:00Z")],
            "same-title 1",
        ),
        (
            "a text before a headline",
            HEADLINE,
            vec![
                titled(without(1), "2026-04-07T12:00:00Z"),
                titled(with(2), "2026-04-07T09:00:00Z"),
            ],
            "same-title 2, absorbs 1",
        ),
        ("two entries of one feed", HEADLINE, vec![beside(1, "2026-04-07T12:00:00Z")], "held"),
        (
            "a headline that came back",
            HEADLINE,
            vec![titled(with(1), "2026-04-06T12:00:00Z"), titled(with(2), "2026-04-05T12:00:00Z")],
            "held",
        ),
        (
            "the same half day of one that comes back",
            HEADLINE,
            vec![titled(with(1), "2026-04-07T08:00:00Z"), titled(with(2), "2026-04-06T08:00:00Z")],
            "same-title 1",
        ),
        (
            "yesterday's briefing",
            "Morning briefing: what you need to know",
            vec![titled(with(1), "2026-04-06T12:00:00Z")],
            "held",
        ),
        (
            "today's briefing",
            "Morning briefing: what you need to know",
            vec![titled(with(1), "2026-04-07T11:30:00Z")],
            "same-title 1",
        ),
    ] {
        let (candidate, known) = under(title, articles);
        check(promise, &candidate, &known, expected);
    }
}

#[test]
fn a_text_joins_the_headline_that_was_held_and_never_another_text() {
    let (_, known) = under(HEADLINE, vec![titled(article(1, None), "2026-04-07T12:05:00Z")]);
    let published_at = Some("2026-04-07T12:00:00Z".parse().unwrap());
    let text = || Candidate { published_at, ..usable("b", 100) };
    check("a held headline", &text(), &known, "same-title 1, takes text");
    let known = Known { same_text: Some(holder(article(2, Some("b")))), ..known };
    check("a copy of a held headline", &text(), &known, "same-text 2, absorbs 1");
    let (_, known) = under(HEADLINE, vec![titled(article(1, Some("a")), "2026-04-07T12:05:00Z")]);
    check("another text", &text(), &known, "new");
}

#[test]
fn words_under_several_headlines_of_one_publisher_are_no_text() {
    let holder = |title: &str, more: &[&str]| {
        let url = Some("https://news.example/other".to_owned());
        let article = StoredArticle { url, title: title.to_owned(), ..article(1, Some("a")) };
        let titles = [title].iter().chain(more).map(|title| (*title).to_owned()).collect();
        Known { same_text: Some(TextHolder { article, titles }), ..Known::default() }
    };
    let brought = |words| Candidate { title: HEADLINE.to_owned(), ..usable("a", words) };
    let other = "Council votes on the glass museum";
    let third = "Orchestra plays in the market hall";
    for (promise, words, known, expected) in [
        ("a notice under two", 70, holder(other, &[]), "held"),
        ("a longer text under two", 120, holder(other, &[]), "same-text 1"),
        ("a longer text under three", 120, holder(other, &[third]), "held"),
        ("a long text under three", 400, holder(other, &[third]), "same-text 1"),
        (
            "an edited headline",
            70,
            holder("Night ferry sails again after storm", &[]),
            "same-text 1",
        ),
    ] {
        check(promise, &brought(words), &known, expected);
        let disowned = judge(&brought(words), &known).disowned;
        assert_eq!(disowned.is_some(), expected == "held", "{promise}");
    }
    let remembered = Known { text_is_shared: true, ..Known::default() };
    check("known words", &brought(70), &remembered, "held");
    let entry = Known { text_is_shared: true, ..entry_of(article(3, None)) };
    check("known words of a known entry", &brought(70), &entry, "unchanged 3");
}
