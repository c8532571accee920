//! Shows what damaged markup is taken for.

use std::fmt::Write as _;
use std::time::Instant;

use proptest::prelude::*;

use super::*;

/// The tokens in one line, and how many repairs they needed.
fn cut(document: &str) -> (String, u64) {
    let mut tokens = Tokens::of(document, 3);
    let mut line = String::new();
    let mut innermost = "";
    while let Some(token) = tokens.next(innermost) {
        match token {
            Token::Start(tag) => {
                innermost = tag.name;
                write!(line, "<{}", tag.name).unwrap();
                for (name, value) in tag.attributes {
                    write!(line, " {name}={value}").unwrap();
                }
                line.push_str(if tag.is_empty { "/>" } else { ">" });
            }
            Token::End(name) => write!(line, "</{name}>").unwrap(),
            Token::Text(text) => write!(line, "({text})").unwrap(),
            Token::Cdata(text) => write!(line, "[{text}]").unwrap(),
        }
    }
    (line, tokens.repairs())
}

fn check(document: &str, expected: &str, repairs: u64) {
    assert_eq!(cut(document), (expected.to_owned(), repairs), "{document}");
}

#[test]
fn sound_documents_need_no_repair() {
    check(
        "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e 'x]'>]><!-- <b> --><a x='1'>t &e;</a >",
        "<a x=1>(t x])</a>",
        0,
    );
    check("<a><![CDATA[<b> &amp; ]] >]]></a>", "<a>[<b> &amp; ]] >]</a>", 0);
    check("<n:a-b.c/>", "<n:a-b.c/>", 0);
    check("<?php a > b ?>x", "(x)", 0);
    check("", "", 0);
}

#[test]
fn what_cannot_be_markup_is_text() {
    check("1 < 2 <3 <", "(1 < 2 <3 <)", 3);
    check("<t>a <b and c</t>", "<t>(a )(<b and c)</t>", 1);
    check("x </ y", "(x </ y)", 1);
    check("<!bang>", "(<!bang>)", 1);
}

#[test]
fn what_is_not_closed_ends_somewhere() {
    check("<a><!-- x <b>y</a>", "<a><b>(y)</a>", 1);
    check("<a b='1' <c>", "<a b=1><c>", 1);
    check("<a><b x='1", "<a>", 2);
    check("</a<b>", "</a><b>", 1);
    check("<?xml version='1.0'><a>", "<a>", 0);
    check("<?x <a>", "<a>", 1);
}

#[test]
fn a_cdata_section_that_is_not_closed_ends_with_its_parent() {
    check("<d><![CDATA[x</d><e>y</e>", "<d>[x]</d><e>(y)</e>", 1);
    check("<d><![CDATA[x</d><d><![CDATA[y]]></d>", "<d>[x]</d><d>[y]</d>", 1);
    check("<d><![CDATA[x", "<d>[x]", 1);
    check("<d><![CDATA[a <![CDATA[b]]> c]]></d>", "<d>[a <![CDATA[b]( c]]>)</d>", 0);
}

#[test]
fn attributes_beyond_the_limit_are_cut() {
    check("<a b='1' c='2' d='3' e='4'>", "<a b=1 c=2 d=3>", 1);
}

#[test]
fn time_is_linear_in_documents_made_to_hurt() {
    let began = Instant::now();
    for unit in [
        "<!--",
        "<![CDATA[",
        "<",
        "&",
        "<a b=\"",
        "<a b='x>",
        "<?x ",
        "<!DOCTYPE a [",
        "</",
        "<a ",
        "]]>",
        "<a b=\"x>'",
        "<a><![CDATA[<![CDATA[",
    ] {
        cut(&unit.repeat(1_000_000 / unit.len()));
    }
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

proptest! {
    #[test]
    fn nothing_makes_a_panic(document in "(<|>|/|!|\\?|--|\\[CDATA\\[|\\]|\"|'|=|&|;|a|é| ){0,60}") {
        cut(&document);
    }

    #[test]
    fn text_without_markup_is_one_token(text in "[a-z é\n]{1,40}") {
        prop_assert_eq!(cut(&text), (format!("({text})"), 0));
    }
}
