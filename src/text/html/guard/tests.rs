use proptest::prelude::*;

use super::*;

fn check(unit: &str, count: usize, expected: Result<(), TooComplex>) {
    assert_eq!(super::check(&unit.repeat(count)), expected, "{count} times {unit}");
}

#[test]
fn elements_that_stay_open_count() {
    for unit in [
        "<div>",
        "<DIV CLASS='a>b'>",
        "<span>",
        "<b>",
        "<ul><li>",
        "<li><dd>",
        "<optgroup>",
        "<rt>",
        "<svg><g>",
        "<svg><td>",
        "<form><div></form>",
        "<div></div/><div>",
    ] {
        check(unit, MAX_DEPTH + 1, Err(TooComplex::Depth));
    }
}

#[test]
fn end_tags_that_the_parser_ignores_close_nothing() {
    for unit in [
        "<!--><div>",
        "<!--x--!><div>",
        "<div><object></div></object>",
        "<div><select></div></select>",
        "<div><noscript></div></noscript>",
        "<div><script><!--<script></script></div>--></script>",
        "<div><svg><![CDATA[></div>]]></svg>",
        "<span><div></span></div>",
        "<svg><title>",
    ] {
        check(unit, MAX_DEPTH + 1, Err(TooComplex::Depth));
    }
}

#[test]
fn elements_side_by_side_do_not_nest() {
    for unit in [
        "<div></div>",
        "<p>x",
        "<li>x",
        "<dt>a<dd>b",
        "<tr><td>x",
        "<option>x",
        "<br>",
        "<img src=x>",
        "<a href=x>x",
        "<ul><li>x</ul>",
        "<svg><path/><g></g></svg>",
        "<svg/>",
        "<script>'<div>'</script>",
        "<!-- <div> -->",
        "<b>x</b>",
        "1 < 2 </ x> <? y> <!z>",
    ] {
        check(unit, 20_000, Ok(()));
    }
}

#[test]
fn attributes_are_counted_by_tag() {
    let tag = |count| format!("<a {}>", "x=' >' y ".repeat(count / 2));
    check(&tag(MAX_ATTRIBUTES), 3, Ok(()));
    let more = MAX_ATTRIBUTES + 2;
    check(&tag(more), 1, Err(TooComplex::Attributes(more)));
}

#[test]
fn formatting_that_fills_the_memory_is_refused() {
    let open: Vec<String> = (0..400).map(|n| format!("<font size={n}>")).collect();
    let open = open.concat();
    let page = format!("<p>{open}</p>{}", "<p>x</p>".repeat(20_000));
    assert_eq!(super::check(&page), Err(TooComplex::Formatting));
}

#[test]
fn more_elements_than_are_read_are_refused() {
    check("<br>", MAX_TAGS, Ok(()));
    check("<br>", MAX_TAGS + 1, Err(TooComplex::Elements));
    let deep = "<div>".repeat(MAX_DEPTH - 1) + &"<p>x</p>".repeat(100_000);
    assert_eq!(super::check(&deep), Err(TooComplex::Elements));
}

#[test]
fn more_bytes_than_are_read_are_refused() {
    let page = "x".repeat(MAX_BYTES + 1);
    assert_eq!(super::check(&page), Err(TooComplex::Bytes(MAX_BYTES + 1)));
}

#[test]
fn a_finished_tree_that_is_deep_is_refused() {
    let tree = |depth| Html::parse_document(&"<div>".repeat(depth));
    assert_eq!(depth_of(&tree(2 * MAX_DEPTH - 10)), Ok(()));
    assert_eq!(depth_of(&tree(2 * MAX_DEPTH + 10)), Err(TooComplex::Depth));
}

/// Tags whose rules differ, as raw material for pages that might deceive the estimate.
fn piece() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "div",
        "span",
        "p",
        "b",
        "a",
        "font",
        "li",
        "ul",
        "dd",
        "td",
        "table",
        "svg",
        "math",
        "mi",
        "foreignObject",
        "title",
        "button",
        "object",
        "select",
        "option",
        "form",
        "rt",
        "template",
        "h1",
        "script",
        "noscript",
        "caption",
        "br",
        "textarea",
    ]);
    let shape = prop::sample::select(vec!["<@>", "<@ x/>", "</@>", "<!-->", "-->", "<![CDATA["]);
    (name, shape).prop_map(|(name, shape)| shape.replace('@', name))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn what_passes_is_not_deep(unit in prop::collection::vec(piece(), 1..6)) {
        let page = unit.concat().repeat(1500);
        if super::check(&page).is_ok() {
            prop_assert_eq!(depth_of(&Html::parse_document(&page)), Ok(()));
        }
    }

    #[test]
    fn no_text_makes_a_panic(text in "(<|>|/|!|--|'|=|[a-z]|\\PC){0,80}") {
        prop_assert_eq!(super::check(&text), Ok(()));
    }
}
