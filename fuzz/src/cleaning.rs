//! Cleaning: lines are taken away, never reordered, joined or rewritten, and what is clean stays.

use std::sync::LazyLock;

use ingest::pipeline::clean::{self, Cleaned, Context, Rules};

static RULES: LazyLock<Rules> = LazyLock::new(Rules::built_in);

/// The first line is the entry's title, the second its feed's; the rest is the text.
pub fn hold(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let mut parts = given.splitn(3, '\n');
    let mut next = || parts.next().unwrap_or_default();
    let (title, feed_title, text) = (next(), next(), next());
    let url = Some("https://gazette.example/bakery");
    let context = Context { title, feed_title: Some(feed_title), url };

    let cleaned = clean::text(text, &context, &RULES);
    let lines: Vec<String> = text
        .split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_is_a_part_of(&cleaned, &lines);
    assert_is_clean(&cleaned, &context);

    let cleaned = clean::html(text, &context, &RULES);
    assert_eq!(cleaned, clean::html(text, &context, &RULES), "cleaned twice");
    assert_is_clean(&cleaned, &context);
}

/// The body and what was removed are the lines of the text, each in the order they had.
fn assert_is_a_part_of(cleaned: &Cleaned, lines: &[String]) {
    let body: Vec<&str> = cleaned.body.lines().collect();
    let removed: Vec<&str> = cleaned.removed.iter().map(|it| it.line.as_str()).collect();
    assert!(stand_in_order(&body, lines), "{cleaned:?} of {lines:?}");
    assert!(stand_in_order(&removed, lines), "{cleaned:?} of {lines:?}");
    let mut together = [body, removed].concat();
    // Lines on which nothing is visible are no lines.
    let is_visible = |line: &&str| !line.chars().all(ingest::text::fold::is_invisible);
    let mut all: Vec<&str> = lines.iter().map(String::as_str).filter(is_visible).collect();
    together.sort_unstable();
    all.sort_unstable();
    assert_eq!(together, all, "a line was lost or made");
}

fn stand_in_order(lines: &[&str], among: &[String]) -> bool {
    let mut rest = among.iter();
    lines.iter().all(|line| rest.any(|other| other == line))
}

/// Cleaning it once more changes nothing.
fn assert_is_clean(cleaned: &Cleaned, context: &Context<'_>) {
    let twice = clean::text(&cleaned.body, context, &RULES);
    assert_eq!(twice.body, cleaned.body, "cleaned twice");
    assert_eq!(twice.removed, [], "cleaned twice");
    for removed in &cleaned.removed {
        assert!(!removed.rule.is_empty());
    }
    if let Some(link) = &cleaned.source_link {
        assert!(!link.trim().is_empty() && !link.contains(char::is_whitespace), "{link:?}");
    }
}
