//! Finds the link to the original that stands in a copy's boilerplate.

use super::line::Line;
use super::rules::{Rule, RuleId, Rules, Subject};
use crate::text::fold::fold;

/// A source that may be any address or link of its line.
const ANY: &str = "*";

/// How many links of a text, counted from its end, are looked at: boilerplate stands there.
const MAX_ANCHORS: usize = 64;

/// The longest address that is taken for a link, in bytes.
const ADDRESS_MAX_BYTES: usize = 2_000;

/// How many lines at the beginning and at the end of a text may name its original in words of their
/// own. Within the text such words are the author's.
const CREDIT_LINES: usize = 3;

/// The longest line that names an original, in bytes.
const CREDIT_MAX_BYTES: usize = 400;

/// How lines begin that name the original of the text they stand under, folded. Each speaks of this
/// very text, so that "the study was originally published in …" is none.
const CREDITS: [&str; 66] = [
    // English
    "read the original article",
    "read the original story",
    "read the original post",
    "read the original on",
    "read the original at",
    "read original article",
    "read full article at",
    "read the full story at",
    "read the full article at",
    "view the original article",
    "view original article",
    "original article:",
    "original story:",
    "original post:",
    "this article was originally published",
    "this article originally appeared",
    "this article first appeared",
    "this story was originally published",
    "this story originally appeared",
    "this story first appeared",
    "this post was originally published",
    "this post originally appeared",
    "this post first appeared",
    "originally published at",
    "originally published on",
    "originally published by",
    "originally posted on",
    "originally appeared on",
    // French, German, Dutch
    "lire l'article original",
    "lire l'article complet sur",
    "article original :",
    "cet article a été publié à l'origine",
    "cet article est paru à l'origine",
    "zum originalartikel",
    "zum original-artikel",
    "originalartikel lesen",
    "originalartikel:",
    "dieser artikel erschien zuerst",
    "dieser beitrag erschien zuerst",
    "lees het originele artikel",
    "dit artikel verscheen eerder op",
    "dit artikel verscheen oorspronkelijk",
    // Spanish, Portuguese, Italian
    "leer el artículo original",
    "lee el artículo original",
    "artículo original:",
    "este artículo se publicó originalmente",
    "este artículo fue publicado originalmente",
    "leia a matéria original",
    "leia o artigo original",
    "artigo original:",
    "este artigo foi publicado originalmente",
    "leggi l'articolo originale",
    "articolo originale:",
    "questo articolo è stato pubblicato originariamente",
    // Indonesian, Turkish, Polish, Russian, Ukrainian
    "baca artikel asli",
    "baca artikel aslinya",
    "artikel asli:",
    "artikel ini pertama kali diterbitkan di",
    "haberin orijinali",
    "przeczytaj oryginalny artykuł",
    "читать оригинал статьи",
    "оригинал статьи:",
    "читати оригінал",
    // Japanese, Chinese, Korean
    "元記事:",
    "原文链接:",
    "원문 기사:",
];

/// A link of an HTML text: what it says and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) text: String,
    pub(super) href: String,
}

/// The link to the original: that of the first removed line whose rule says it names one.
///
/// The footers of search feeds name the entry before its title and the feed after it. A link
/// that follows the title, but not directly, is therefore the feed's, and the search ends.
pub(super) fn link(
    lines: &[Line<'_>],
    fates: &[Option<RuleId>],
    anchors: &[Anchor],
    subject: &Subject,
    rules: &Rules,
) -> Option<String> {
    let mut after_title = 0_usize;
    for (line, fate) in lines.iter().zip(fates) {
        let Some(rule) = fate.and_then(|id| rules.list.get(id.0)) else {
            after_title = 0;
            continue;
        };
        if after_title > 0 {
            after_title += 1;
        } else if subject.title.is(line.text) {
            after_title = 1;
        }
        let Some(wanted) = &rule.source else { continue };
        if after_title > 2 && is_address(line.text) {
            return None;
        }
        let found = linked(line.text, wanted, anchors).or_else(|| named(line.text, rule));
        if found.is_some() {
            return found;
        }
    }
    credited(lines, anchors)
}

/// The link of a line at the end, else at the beginning, that names the original in so many words,
/// whether it is boilerplate or not.
fn credited(lines: &[Line<'_>], anchors: &[Anchor]) -> Option<String> {
    let ends = lines.iter().rev().take(CREDIT_LINES).chain(lines.iter().take(CREDIT_LINES));
    ends.filter(|line| line.text.len() <= CREDIT_MAX_BYTES && is_credit(line)).find_map(|line| {
        linked(line.text, ANY, anchors).or_else(|| address_in(line.text).map(str::to_owned))
    })
}

fn is_credit(line: &Line<'_>) -> bool {
    let Some(folded) = line.folded(CREDIT_MAX_BYTES) else { return false };
    // Full-width colons are colons. Most lines differ from a credit in the first letter.
    let begins = |credit: &str| {
        let mut letters = folded.lower.chars().map(|c| if c == '：' { ':' } else { c });
        credit.chars().all(|expected| letters.next() == Some(expected))
    };
    CREDITS.iter().any(|credit| begins(credit))
}

/// Whether a line is an address and nothing else.
fn is_address(line: &str) -> bool {
    address_in(line).is_some_and(|address| address.len() == line.len())
}

/// Where the last link in a line leads; for a wanted text, the link that says it.
fn linked(line: &str, wanted: &str, anchors: &[Anchor]) -> Option<String> {
    let folded = fold(line);
    anchors
        .iter()
        .rev()
        .take(MAX_ANCHORS)
        .find(|anchor| {
            let text = fold(&anchor.text);
            let stands_here = !text.is_empty() && folded.contains(&text);
            stands_here && (wanted == ANY || text == wanted)
        })
        .and_then(|anchor| address_in(&anchor.href))
        .map(str::to_owned)
}

/// The address written out in a line.
fn named(line: &str, rule: &Rule) -> Option<String> {
    let any = rule.source.as_deref() == Some(ANY);
    if any { address_in(line).map(str::to_owned) } else { None }
}

/// The first web address in a text, without the punctuation that ends a sentence.
fn address_in(text: &str) -> Option<&str> {
    let start = ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme)).min()?;
    let from = text.get(start..)?;
    let address = from.split(|c: char| c.is_whitespace() || "<>\"“”".contains(c)).next()?;
    let address = address.trim_end_matches(['.', ',', ';', ':', '!', ')', ']', '\'', '’']);
    (address.len() <= ADDRESS_MAX_BYTES).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<&str>) {
        let credited = |lines: &[String], anchors| credited(&Line::all(lines), anchors);
        let text = |line: &str| -> Vec<String> {
            (0..9)
                .map(|number| format!("Paragraph {number} of a text about a bakery and its oven."))
                .chain([line.to_owned()])
                .collect()
        };
        assert_eq!(credited(&text(line), &[]).as_deref(), expected, "{line}");
        let linked = line.replace("https://paper.example/a", "The Ridge Review");
        let anchor = Anchor {
            text: "The Ridge Review".to_owned(),
            href: "https://paper.example/a".to_owned(),
        };
        assert_eq!(credited(&text(&linked), &[anchor]).as_deref(), expected, "{linked}");
    }

    #[test]
    fn a_line_names_the_original_in_many_languages() {
        for line in [
            "Read the original article at https://paper.example/a.",
            "Originally published at https://paper.example/a on 3 May.",
            "This story first appeared on https://paper.example/a",
            "Lire l’article original : https://paper.example/a",
            "Dieser Artikel erschien zuerst bei https://paper.example/a",
            "Lees het originele artikel: https://paper.example/a",
            "Este artículo se publicó originalmente en https://paper.example/a",
            "Leia a matéria original em https://paper.example/a",
            "Leggi l’articolo originale su https://paper.example/a",
            "Baca artikel aslinya di https://paper.example/a",
            "Haberin orijinali: https://paper.example/a",
            "Przeczytaj oryginalny artykuł: https://paper.example/a",
            "Оригинал статьи: https://paper.example/a",
            "元記事：https://paper.example/a",
            "原文链接： https://paper.example/a",
        ] {
            check(line, Some("https://paper.example/a"));
        }
    }

    #[test]
    fn what_an_author_says_of_another_text_names_no_original() {
        for line in [
            "The study was originally published in https://paper.example/a",
            "He told https://paper.example/a that he would read the original article.",
            "The original article of the treaty is at https://paper.example/a",
            "Read more: https://paper.example/a",
        ] {
            check(line, None);
        }
        check("Originally published at a time when bread was dear.", None);
        let inside: Vec<String> = (0..20)
            .map(|number| match number {
                9 => "Originally published at https://paper.example/a".to_owned(),
                _ => "A paragraph of a text about a bakery and its oven.".to_owned(),
            })
            .collect();
        assert_eq!(credited(&Line::all(&inside), &[]), None);
    }
}
