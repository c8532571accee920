//! Promises of the cleaning step, on invented posts.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static RULES: LazyLock<Rules> = LazyLock::new(Rules::built_in);

const TITLE: &str = "Night Bakers of the Upper Valley Win Back Their Oven - The Hill Gazette";

const BODY: &str = "OBERTAL, Nordland—For Mira Sandell, like for most bakers of the upper valley, \
the way back to work leads through a cellar.\n\
Forty of them have signed the lease, the owner says.\n\
“The oven was never cold,” she said.\n\
—Jon Ek and Ada Lind contributed to this article.\n\
Write to Rut Holm at rut.holm@hillgazette.example";

fn context() -> Context<'static> {
    Context { title: TITLE, ..Context::default() }
}

/// Checks what is left of a plain text.
fn check(title: &str, dirty: &str, body: &str) -> Cleaned {
    let context = Context { title, ..Context::default() };
    let cleaned = text(dirty, &context, &RULES);
    assert_eq!(cleaned.body, body, "{dirty:?}");
    cleaned
}

/// Checks what is left of HTML.
fn check_html(title: &str, dirty: &str, body: &str) -> Cleaned {
    let context = Context { title, ..Context::default() };
    let cleaned = html(dirty, &context, &RULES);
    assert_eq!(cleaned.body, body, "{dirty:?}");
    cleaned
}

#[test]
fn the_rules_that_come_with_the_program_prove_their_examples() {
    let rules = Rules::parse(include_str!("../../../config/boilerplate.toml")).unwrap();
    assert_eq!(rules.version(), Rules::built_in().version());
}

#[test]
fn a_paragraph_of_nothing_visible_is_none() {
    let (html, text) =
        ("<p>Warm.</p><p>&#8203;&#8203;</p><p>&shy;</p>Ash.", "Warm.\n\u{200b}\nAsh.");
    check_html("Oven", html, "Warm.\nAsh.");
    check("Oven", text, "Warm.\nAsh.");
    let found = ["Warm.", "\u{feff}", "Ash."].map(str::to_owned).to_vec();
    assert_eq!(lines(found, &context(), &RULES).body, "Warm.\nAsh.");
}

#[test]
fn rules_are_shared_between_threads() {
    fn is_shared<T: Send + Sync + 'static>(_: &T) {}
    is_shared(&*RULES);
}

#[test]
fn a_post_of_a_search_feed_on_a_themed_blog_is_the_article_again() {
    let (before, after) = BODY.split_once("\n“The").unwrap();
    let dirty = format!(
        "{before}\nSHARE YOUR THOUGHTS\nWould you bake at night? Join the conversation below.\n\
         “The{after}\n\
         \"oven\" - Google News\nMay 12, 2023 at 05:41PM\nhttps://ift.tt/Bk7xQ2w\n{TITLE}\n\
         \"oven\" - Google News\nhttps://ift.tt/Zz1Feed\nhttps://ift.tt/Zz2Feed\n\
         Bagikan Berita Ini\n0 Response to \"{TITLE}\"\nPost a Comment\n"
    );
    let cleaned = check(TITLE, &dirty, BODY);
    assert_eq!(cleaned.source_link.as_deref(), Some("https://ift.tt/Bk7xQ2w"));
    let rules: Vec<&str> = cleaned.removed.iter().map(|removed| removed.rule.as_str()).collect();
    let expected = [
        "wsj.thoughts",
        "wsj.thoughts",
        "ifttt.feed",
        "ifttt.date",
        "ifttt.link",
        "glue.title",
        "ifttt.feed",
        "ifttt.link",
        "ifttt.link",
        "theme.share",
        "theme.response",
        "blogger.comments",
    ];
    assert_eq!(rules, expected);
    assert_eq!(cleaned.removed[3].line, "May 12, 2023 at 05:41PM");
    // The feed's title often comes without the publisher, the post's never does.
    check("Night Bakers of the Upper Valley Win Back Their Oven", &dirty, BODY);
}

#[test]
fn footers_of_feeds_go() {
    let body = "The oven is warm.\nThe baker is asleep.";
    let title = "Night Bakers & Their Oven";
    let cases = [
        "Let's block ads! (Why?)",
        "The post Night Bakers &amp; Their Oven appeared first on Daily Example.",
        "The post Night Bakers & Their Oven appeared first on Daily Example",
        "Der Beitrag Night Bakers & Their Oven erschien zuerst auf Daily Example.",
        "from Daily Example https://ift.tt/Bk7xQ2w\nvia IFTTT",
        "from Daily Example\nhttps://ift.tt/Bk7xQ2w\nvia IFTTT",
        "submitted by /u/miller to r/bread\n[link] [comments]",
        "\"oven\" - Google News\nMay 12, 2023 at 05:41PM\nhttps://ift.tt/Bk7xQ2w\n\
         Night Bakers &amp; Their Oven - Daily Example\n\"oven\" - Google News\n\
         https://ift.tt/Zz1Feed\nBagikan Berita Ini\n0 Response to \"Night Bakers &amp; Their Oven\"\n\
         Post a Comment",
        "Posted by Mira at 9:41 PM\nEmail ThisBlogThis!Share to XShare to Facebook\nLabels: bread\n\
         No comments:\nPost a Comment\nNewer Post Older Post Home\nSubscribe to: Post Comments (Atom)",
        "Labels:\nbread,\nsalt\nSubscribe to: Post Comments (Atom)",
        "Share this:\nFacebook\nLike this:\nLoading...",
    ];
    for footer in cases {
        check(title, &format!("{body}\n{footer}"), body);
        let escaped = footer.replace("& ", "&amp; ");
        let paragraphs = format!("<p>{}</p>", escaped.replace('\n', "</p><p>"));
        let dirty = format!("<p>The oven is warm.</p><p>The baker is asleep.</p>{paragraphs}");
        check_html(title, &dirty, body);
    }
}

#[test]
fn articles_that_speak_of_boilerplate_stay_whole() {
    let cases = [
        ("Bread", "Half a loaf for the road,\nhalf for the table,\nand the crumbs,\nShare"),
        (
            "The Last Line",
            "She wrote it under every letter.\nRead more of it, and weep.\nThe Last Line",
        ),
        (
            "Short Links",
            "They look like this:\nhttps://ift.tt/Bk7xQ2w\nNobody knows where they lead.",
        ),
        ("Sunrises", "Three to see:\nMay 12, 2023 at 05:41AM\nMay 13, 2023 at 05:39AM"),
        ("The Mill", "The post beside the mill appeared first on a drawing.\nIt is gone."),
        ("Where to Bake", "He listed the networks he had left:\nFacebook\nTwitter\nReddit"),
        ("Letters", "From the south\nfrom Rome\nfrom Turin\nfrom Genoa"),
        ("A Visit", "Post a Comment\nwas the name of the song.\nIt had no words."),
        ("Sources", "The oven is described here.\nhttps://example.org/oven"),
        ("Bread", "Bread - Butter\nBoth are made at night."),
    ];
    for (title, body) in cases {
        let cleaned = check(title, body, body);
        assert_eq!((cleaned.removed, cleaned.source_link), (vec![], None), "{title}");
    }
}

#[test]
fn a_line_before_the_footer_stays_unless_it_is_known() {
    let body = "The road goes on\nfrom here to the sea";
    check("Road", &format!("{body}\n\"road\" - Google News\nhttps://ift.tt/Bk7xQ2w"), body);
    let body = "The list was short.\nflour\nsalt";
    check("List", &format!("{body}\nLabels: bread\nSubscribe to: Post Comments (Atom)"), body);
    let body = "See for yourself:\nhttps://example.org/oven";
    check("Oven", &format!("{body}\nvia IFTTT"), body);
}

#[test]
fn boxes_in_the_middle_go_and_what_stands_around_them_stays() {
    let body = "The oven is warm.\nRegister\nThe baker is asleep.";
    let check = |inside: &str| {
        check("Oven", &body.replace("Register\n", &format!("Register\n{inside}\n")), body);
    };
    check("SHARE YOUR THOUGHTS\nWould you bake? Join the conversation below.");
    check("SHARE YOUR THOUGHTS\nADVERTISEMENT\nWould you bake? Join the conversation below.");
    check("Register now for FREE unlimited access to Reuters.com\nRegister");
    check("Register now for FREE unlimited access to Reuters.com");
    check("skip past newsletter promotion\nHill News\nEvery day\nafter newsletter promotion");
    check("Baca juga: Roti Terakhir\nAdvertisement 2");
    check("À lire aussi Le dernier pain quitte le four");
}

#[test]
fn credits_stay_as_sentences_and_go_as_labels() {
    let check = |line: &str, stays: bool| {
        let dirty = format!("The oven is warm.\n{line}");
        let body = if stays { dirty.as_str() } else { "The oven is warm." };
        check("Oven", &dirty, body);
    };
    check("Jon Ek contributed to this article.", true);
    check("Reporting by Jon Ek; Editing by Ada Lind", true);
    check("Editor: Jon Ek", false);
    check("Editor: why not tomorrow", true);
    check("(责编：陈晓麦)", false);
    check("The oven is […]", true);
}

#[test]
fn the_title_goes_where_it_is_repeated_at_the_beginning() {
    check(TITLE, &format!("{TITLE}\nPosted by Mira at 9:41 PM\n{BODY}"), BODY);
    check(TITLE, &format!("Skip to content\n3 min read\n{BODY}"), BODY);
    check(TITLE, &format!("Share\n{BODY}"), &format!("Share\n{BODY}"));
}

#[test]
fn lists_of_links_have_no_text() {
    let google = r##"<a href="https://news.google.com/rss/articles/CBMiAbc?oc=5" target="_blank">Night Bakers Win</a>&nbsp;&nbsp;<font color="#6f6f6f">The Hill Gazette</font>"##;
    let cleaned = check_html(TITLE, google, "");
    assert_eq!(cleaned.removed[0].rule, RULE_ONLY_LINKS);
    check_html(TITLE, &format!("<ol><li>{google}</li><li>{google}</li></ol>"), "");
    check_html("Map", r#"<a href="https://news.ycombinator.com/item?id=1">Comments</a>"#, "");
    check_html("Map", r#"<p>See <a href="https://news.google.com/x">this</a></p>"#, "See this");
    check(
        "Oven",
        "Oven Won  Hill Gazette\nOven Lost  Sea Gazette\nView full coverage on Google News",
        "",
    );
    check("Oven", "[unable to retrieve full-text content]", "");
}

#[test]
fn known_elements_go_before_lines_are_read() {
    let dirty = "<p>The oven is warm.</p><div class='sharedaddy'><h3>Share</h3></div>\
        <p class='share-of-bread'>The baker is asleep.</p><div class='feedflare'>x</div>";
    check_html("Oven", dirty, "The oven is warm.\nThe baker is asleep.");
}

#[test]
fn html_that_is_too_complex_has_no_text_and_says_so() {
    let cleaned = check_html("Oven", &"<div>".repeat(20_000), "");
    assert_eq!(cleaned.removed.len(), 1);
    assert_eq!(cleaned.removed[0].rule, RULE_TOO_COMPLEX);
}

#[test]
fn the_original_is_found_where_the_copy_names_it() {
    let check = |dirty: &str, expected: Option<&str>| {
        let cleaned = html(&format!("<p>The oven is warm.</p>{dirty}"), &context(), &RULES);
        assert_eq!(cleaned.source_link.as_deref(), expected, "{dirty}");
    };
    let link = "https://ift.tt/Bk7xQ2w";
    check("<p>from Daily Example https://ift.tt/Bk7xQ2w</p><p>via IFTTT</p>", Some(link));
    check("<p>from Daily Example <a href='https://ift.tt/Bk7xQ2w'>https://ift.tt/B…</a></p>", None);
    check("<p>via Daily Example, https://ift.tt/Bk7xQ2w</p>", Some(link));
    check(
        "<p>This article was first published on <a href='https://a.example/'>The Ridge Review</a>. \
         Read the <a href='https://a.example/oven'>original article</a>.</p>",
        Some("https://a.example/oven"),
    );
    check("<p>Source: https://a.example/oven.</p>", Some("https://a.example/oven"));
    check(
        "<p>submitted by <a href='https://r.example/u'>/u/miller</a> \
         <a href='https://a.example/oven'>[link]</a> <a href='https://r.example/c'>[comments]</a></p>",
        Some("https://a.example/oven"),
    );
    check(&format!("<p>{TITLE}</p><p>https://ift.tt/Bk7xQ2w</p><p>via IFTTT</p>"), Some(link));
    check(
        &format!("<p>{TITLE}</p><p>\"oven\" - Google News</p><p>https://ift.tt/Zz1Feed</p>"),
        None,
    );
    check("<p>https://ift.tt/Bk7xQ2w</p><p>is all it says.</p>", None);
}

#[test]
fn rules_for_a_host_speak_of_no_other() {
    let rules = Rules::parse(
        &include_str!("../../../config/boilerplate.toml")
            .replace("id = \"share.row\"", "id = \"share.row\"\nhosts = [\"gazette.example\"]"),
    )
    .unwrap();
    let check = |url: Option<&str>, goes: bool| {
        let context = Context { title: "Oven", url, ..Context::default() };
        let cleaned = text("The oven is warm.\nFacebook Twitter Email", &context, &rules);
        assert_eq!(!cleaned.removed.is_empty(), goes, "{url:?}");
    };
    check(Some("https://gazette.example/a"), true);
    check(Some("https://www.gazette.example/a"), true);
    check(Some("https://notgazette.example/a"), false);
    check(None, false);
}

#[test]
fn a_cut_that_would_swallow_prose_is_not_made() {
    let prose =
        "© 2024 was the year in which the bakers of the upper valley signed the lease again.";
    let dirty = format!("The oven is warm.\n{prose}\n{prose}\n{prose}");
    check("Oven", &dirty, &dirty);
    check("Oven", &format!("{BODY}\n{prose}"), BODY);
}

/// Lines of every kind: examples of the rules, titles, and words that mean nothing.
fn any_line() -> impl Strategy<Value = String> {
    static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let file: toml::Table = include_str!("../../../config/boilerplate.toml").parse().unwrap();
        let rules = file["rule"].as_array().unwrap();
        let listed = |rule: &toml::Value, key: &str| {
            rule.get(key).and_then(|lines| lines.as_array().cloned()).unwrap_or_default()
        };
        rules
            .iter()
            .flat_map(|rule| ["examples", "counter"].map(|key| listed(rule, key)).concat())
            .flat_map(|line| line.as_str().unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    });
    prop_oneof![
        6 => proptest::sample::select(EXAMPLES.clone()),
        1 => Just(TITLE.to_owned()),
        1 => "[a-zA-Z ]{1,30}[.!?]?",
        1 => "\\PC{0,40}",
    ]
}

/// Whether these lines stand among those, in the same order.
fn stand_in_order(lines: &[&str], among: &[String]) -> bool {
    let mut rest = among.iter();
    lines.iter().all(|line| rest.any(|other| other == line))
}

/// The built-in rules in other orders: from the last to the first, and from the middle on.
static OTHER_ORDERS: LazyLock<[Rules; 2]> = LazyLock::new(|| {
    let text = include_str!("../../../config/boilerplate.toml");
    let reordered = |order: fn(&mut Vec<toml::Value>)| {
        let mut file: toml::Table = text.parse().unwrap();
        order(file["rule"].as_array_mut().unwrap());
        Rules::parse(&file.to_string()).unwrap()
    };
    [reordered(|rules| rules.reverse()), reordered(|rules| rules.rotate_left(40))]
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_order_of_the_rules_does_not_matter(dirty in prop::collection::vec(any_line(), 0..24)) {
        let expected = lines(paragraphs(&dirty.join("\n")), &context(), &RULES).body;
        for rules in OTHER_ORDERS.iter() {
            let once = lines(paragraphs(&dirty.join("\n")), &context(), rules).body;
            prop_assert_eq!(&once, &expected);
            prop_assert_eq!(text(&once, &context(), rules).body, once);
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(lines in prop::collection::vec(any_line(), 0..24)) {
        let once = text(&lines.join("\n"), &context(), &RULES);
        let twice = text(&once.body, &context(), &RULES);
        prop_assert_eq!(&twice.body, &once.body);
        prop_assert_eq!(twice.removed, vec![]);
    }

    #[test]
    fn lines_are_removed_and_never_changed(dirty in prop::collection::vec(any_line(), 0..24)) {
        let given = paragraphs(&dirty.join("\n"));
        let cleaned = lines(given.clone(), &context(), &RULES);
        let removed: Vec<&str> = cleaned.removed.iter().map(|removed| removed.line.as_str()).collect();
        let kept: Vec<&str> = cleaned.body.lines().collect();
        prop_assert!(stand_in_order(&kept, &given));
        prop_assert!(stand_in_order(&removed, &given));
        let mut together = [kept, removed].concat();
        let mut all: Vec<&str> = given.iter().map(String::as_str).collect();
        together.sort_unstable();
        all.sort_unstable();
        prop_assert_eq!(together, all);
    }

    #[test]
    fn nothing_from_outside_makes_it_fail(dirty in any::<String>(), title in any::<String>()) {
        let context = Context { title: &title, feed_title: Some(&title), url: Some(&dirty) };
        let plain = text(&dirty, &context, &RULES);
        prop_assert!(plain.body.chars().count() <= dirty.chars().count());
        let _body = html(&dirty, &context, &RULES).body;
    }
}
