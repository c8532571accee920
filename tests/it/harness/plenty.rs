//! Invents as many stories as a test needs: no two alike, none by a publisher.

use std::ops::Range;

use super::documents::{Item, rss};

const WORDS: &str = "\
    harbour lantern orchard council ferry granite willow bakery signal meadow archive kettle \
    bridge copper valley choir engine pepper museum tunnel glacier saddle market candle \
    river library anchor violin quarry stable garden bicycle thunder carpet mirror station \
    painter velvet compass theatre island blanket chimney sparrow festival notebook \
    lighthouse workshop";

const PARAGRAPHS: u64 = 3;
const SENTENCES: u64 = 4;
const SENTENCE_WORDS: u64 = 12;

/// The story of this number, with its full text; its address is never asked.
fn story(number: usize) -> Item {
    let title = sentence(number, 0);
    Item::new(title.trim_end_matches('.'))
        .link(&format!("https://gazette.example/stories/{number}"))
        .id(&format!("story-{number}"))
        .text(&story_text(number))
}

/// The text of the story with this number, one paragraph a line.
pub(crate) fn story_text(number: usize) -> String {
    let paragraph = |paragraph: u64| {
        let sentences = (1..=SENTENCES)
            .map(|n| sentence(number, paragraph * SENTENCES + n))
            .collect::<Vec<_>>();
        sentences.join(" ")
    };
    (0..PARAGRAPHS).map(paragraph).collect::<Vec<_>>().join("\n")
}

/// An RSS document with the stories of these numbers.
pub(crate) fn stories(numbers: Range<usize>) -> String {
    rss("The Gazette", &numbers.map(story).collect::<Vec<_>>())
}

fn sentence(number: usize, place: u64) -> String {
    let known: Vec<&str> = WORDS.split(' ').collect();
    let words: Vec<&str> = (0..SENTENCE_WORDS)
        .map(|word| {
            let place = place * SENTENCE_WORDS + word;
            let chosen = mixed(number as u64 * 1_000 + place) % known.len() as u64;
            known[usize::try_from(chosen).unwrap()]
        })
        .collect();
    format!("The {}.", words.join(" "))
}

/// `SplitMix64`: neighbouring numbers lead to words that have nothing in common.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
