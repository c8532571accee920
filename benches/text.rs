//! Times the reading of article pages beside the bare parse of the same pages and beside the extractors
//! alone, and the cleaning of plain text.
//!
//! `cargo bench --bench text`; with `INGEST_BENCH_PAGES=FOLDER` on the `*.html` files of a folder
//! instead of an invented page.

use std::fmt::Write as _;
use std::{env, fs};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use ingest::pipeline::clean::{self, Context, Rules};
use ingest::pipeline::entry::on_page;
use ingest::text::html::essence;
use ingest::text::html::selection::Selection;

fn main() {
    divan::main();
}

const PARAGRAPH: &str = "The ferry crossed the sound before dawn, and the baker's lamp was the only \
    light on the quay. Nobody on board spoke of the storm, though all of them had heard it. ";

/// The pages of a folder, or one of about 100 KB that we invented.
fn pages() -> Vec<String> {
    let Ok(folder) = env::var("INGEST_BENCH_PAGES") else { return vec![invented()] };
    let files = fs::read_dir(&folder).expect("the folder can be read").map_while(Result::ok);
    let files =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "html"));
    let pages: Vec<String> = files
        .filter_map(|path| fs::read(path).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    assert!(!pages.is_empty(), "there is no *.html in {folder}; unpack what is packed");
    pages
}

fn invented() -> String {
    let mut page =
        "<!DOCTYPE html><html lang=en><head><title>The ferry | Gazette</title>".to_owned();
    page.push_str(
        &"<script>window.ads = window.ads || []; ads.push({ slot: 1 });</script>".repeat(300),
    );
    page.push_str("</head><body><nav><ul>");
    for number in 0..150 {
        write!(page, "<li class='menu item'><a href='/section/{number}'>Section {number}</a></li>")
            .expect("a string takes all");
    }
    page.push_str("</ul></nav><article><h1>The ferry</h1>");
    for number in 0..30 {
        write!(page, "<p class=story>{}</p>", PARAGRAPH.repeat(1 + number % 3))
            .expect("a string takes all");
    }
    page.push_str("</article><aside>");
    for number in 0..150 {
        write!(page, "<div class=teaser><a href='/story/{number}'><img src='/{number}.jpg'><h3>Story {number}</h3></a></div>").expect("a string takes all");
    }
    page + "</aside><footer>Contact the Gazette</footer></body></html>"
}

#[divan::bench]
fn bare_parse(bencher: Bencher<'_, '_>) {
    let pages = pages();
    bencher.counter(ItemsCount::new(pages.len())).bench(|| {
        pages
            .iter()
            .map(|page| scraper::Html::parse_document(page).tree.nodes().count())
            .sum::<usize>()
    });
}

/// What finding the main part of a page takes, as it is asked for in `page_to_body`.
#[divan::bench]
fn extractor_alone(bencher: Bencher<'_, '_>) {
    let (pages, options) = (pages(), trafilatura_options());
    bencher.counter(ItemsCount::new(pages.len())).bench(|| {
        let find = |page: &String| trafilatura::extract(&essence::of(page), &options);
        pages.iter().flat_map(find).count()
    });
}

/// The same with the second extractor, which says what of it is the article's.
#[divan::bench]
fn both_extractors_alone(bencher: Bencher<'_, '_>) {
    let (pages, options) = (pages(), trafilatura_options());
    bencher.counter(ItemsCount::new(pages.len())).bench(|| {
        let find = |page: &String| {
            let page = essence::of(page);
            let first = trafilatura::extract(&page, &options).is_ok();
            first && libreadability::Parser::new().parse(&page, None).is_ok()
        };
        pages.iter().filter(|page| find(page)).count()
    });
}

fn trafilatura_options() -> trafilatura::Options {
    trafilatura::Options::default()
        .with_fallback(true)
        .with_exclude_comments(true)
        .with_html_date_mode(trafilatura::HtmlDateMode::Disabled)
}

#[divan::bench]
fn page_to_body(bencher: Bencher<'_, '_>) {
    let (pages, rules, selection) = (pages(), Rules::built_in(), Selection::default());
    bencher.counter(ItemsCount::new(pages.len())).bench(|| {
        let read = |page: &String| {
            let page = essence::of(page);
            on_page::read(&page, "https://gazette.example/ferry", "The ferry", &selection, &rules)
        };
        pages.iter().flat_map(read).count()
    });
}

#[divan::bench]
fn page_to_essence(bencher: Bencher<'_, '_>) {
    let pages = pages();
    bencher
        .counter(ItemsCount::new(pages.len()))
        .bench(|| pages.iter().map(|page| essence::of(page).len()).sum::<usize>());
}

/// A thousand articles of plain text, each with a footer to be cut.
#[divan::bench]
fn clean_plain_text(bencher: Bencher<'_, '_>) {
    let footer = "\"ferry\" - Google News\nApril 07, 2026 at 04:54PM\nhttps://ift.tt/abc123\nBagikan Berita Ini\nPost a Comment";
    let text = format!("{}\n{footer}", vec![PARAGRAPH.repeat(2); 12].join("\n"));
    let (rules, context) =
        (Rules::built_in(), Context { title: "The ferry", ..Context::default() });
    bencher.counter(BytesCount::new(text.len() * 1_000)).bench(|| {
        (0..1_000).map(|_| clean::text(&text, &context, &rules).body.len()).sum::<usize>()
    });
}
