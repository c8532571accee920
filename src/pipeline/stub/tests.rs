use proptest::prelude::*;

use super::*;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// What a text of a feed or an extractor is held for, if it could be used otherwise.
fn check(title: &str, text: &str, expected: Option<HoldReason>) {
    let titles = [title.to_owned()];
    let lines: Vec<&str> = text.lines().collect();
    let sample =
        Sample { titles: &titles, lines: &lines, words: word_count(&tokens(text)), page: None };
    assert_eq!(reason(&sample, true), expected, "{title}: {text}");
}

/// What a page is held for from which no usable text came.
fn check_page(page: &Surroundings<'_>, expected: Option<HoldReason>) {
    let sample = Sample { page: Some(*page), ..Sample::default() };
    assert_eq!(reason(&sample, false), expected, "{page:?}");
}

const BARE: Surroundings<'_> = Surroundings {
    lines: &[],
    without_scripts: &[],
    is_mount_empty: false,
    asks_password: false,
    is_paid: false,
};

#[test]
fn the_table_is_read_and_its_examples_hold() {
    let stubs = Stubs::read(BUILT_IN).unwrap();
    assert_eq!(stubs.list.len(), 6);
    assert!(stubs.list.iter().all(|stub| stub.words_max <= WORDS_MAX));
}

#[test]
fn a_table_whose_example_does_not_hold_is_refused() {
    let row = "[[stub]]\nreason = \"login\"\nwords_max = 9\nphrases_min = 1\ntitles = []\nphrases = [\"log in\"]\n";
    let wrong = format!("{row}examples = [{{ title = \"\", text = \"Please log in\" }}]");
    assert!(Stubs::read(&wrong).unwrap_err().contains("Please log in"));
    let right = format!("{row}examples = [{{ title = \"\", text = \"Log in\" }}]");
    assert!(Stubs::read(&right).is_ok());
}

#[test]
fn what_stands_in_an_articles_place_is_named() {
    check("Just a moment...", "gazette.example\nPlease wait.", Some(HoldReason::Challenge));
    check(
        "Gazette",
        "Checking your browser before accessing gazette.example.\nThis process is automatic.",
        Some(HoldReason::Challenge),
    );
    check(
        "Gazette",
        "We use cookies. By clicking Accept, you help us.\nReject all",
        Some(HoldReason::Consent),
    );
    check(
        "Heron lands",
        "A heron landed.\nThis article is for subscribers only.",
        Some(HoldReason::Paywall),
    );
    check(
        "Reiher gelandet",
        "Ein Reiher.\nDieser Artikel ist nur für Abonnenten.",
        Some(HoldReason::Paywall),
    );
    check(
        "Un héron",
        "Un héron.\nIl vous reste 62.4% de cet article à lire.",
        Some(HoldReason::Paywall),
    );
    check("Sign in | Gazette", "Email address\nPassword", Some(HoldReason::Login));
    check("404 - Page not found", "Try the search.", Some(HoldReason::NotFound));
    check("Gazette", "ページが見つかりません", None);
    check("ページが見つかりません | 新聞", "トップページへ", Some(HoldReason::NotFound));
    check(
        "Gazette",
        "You need to enable JavaScript to run this app.",
        Some(HoldReason::ScriptOnly),
    );
}

#[test]
fn articles_about_such_things_stay_articles() {
    let about = "The regulator fined the site on Monday because its banner said \"we use cookies\" and nothing else. ";
    check("Cookies: a fine", &about.repeat(3), None);
    check(
        "Paywall falls",
        "Readers will no longer be told that this article is for subscribers only, the editor said.",
        None,
    );
    check(
        "Captchas",
        "A page that says verify you are human is answered by machines in a second, a study found.",
        None,
    );
    check(
        "What 404 means",
        "A reader who meets \"page not found\" has usually followed a link that was right once.",
        None,
    );
    check(
        "Il vous reste trois jours",
        "Il vous reste trois jours pour voir l'exposition du musée de la ville.",
        None,
    );
    check(
        "Log in to the past",
        "The archive was opened on Monday, and its catalogue can be read by everybody at home.",
        None,
    );
    let long = "The reporter read every line of the notice aloud. ".repeat(60);
    check("Just a moment...", &long, None);
    check("Consent", &format!("{long}\nAccept all\nReject all\nWe use cookies"), None);
}

#[test]
fn a_page_without_a_text_says_why() {
    let shown = lines("Gazette\nVerify you are human");
    check_page(&Surroundings { lines: &shown, ..BARE }, Some(HoldReason::Challenge));
    let shown = lines("Gazette\nReject all");
    check_page(&Surroundings { lines: &shown, ..BARE }, Some(HoldReason::Consent));
    let told = lines("You need to enable JavaScript to run this app.");
    check_page(&Surroundings { without_scripts: &told, ..BARE }, Some(HoldReason::ScriptOnly));
    check_page(&Surroundings { is_mount_empty: true, ..BARE }, Some(HoldReason::ScriptOnly));
    check_page(&Surroundings { asks_password: true, ..BARE }, Some(HoldReason::Login));
    check_page(&Surroundings { is_paid: true, ..BARE }, Some(HoldReason::Paywall));
    check_page(&BARE, None);
    let menu = lines(&"A menu entry\n".repeat(80));
    let page = Surroundings { lines: &menu, asks_password: true, is_mount_empty: true, ..BARE };
    check_page(&page, None);
}

#[test]
fn a_barrier_below_a_short_text_counts_and_below_a_long_one_does_not() {
    let shown = lines("A heron landed on the town hall.\nSubscribe to continue reading");
    let page = Some(Surroundings { lines: &shown, ..BARE });
    let lines = ["A heron landed on the town hall."];
    let sample = |words| Sample { titles: &[], lines: &lines, words, page };
    assert_eq!(reason(&sample(60), true), Some(HoldReason::Paywall));
    assert_eq!(reason(&sample(400), true), None);
}

proptest! {
    #[test]
    fn no_place_where_a_sentence_may_begin_is_passed_over(line in "[a-cé .!?。！？|•·:×©*“”\u{3000}]{0,24}") {
        let starts: Vec<usize> = sentence_starts(&line).collect();
        for (at, character) in line.char_indices() {
            let (before, _) = line.split_at(at);
            if is_sentence_end(before) && !character.is_whitespace() {
                prop_assert!(starts.contains(&at), "{at} in {line:?}");
            }
        }
    }
}
