//! Splits a text into the tokens that every fingerprint is made of.
//!
//! # The recipe
//!
//! 1. HTML character references that survived are resolved once: the numeric ones, `amp`, `lt`,
//!    `gt`, `quot`, `apos`, and the names of spaces, dashes, quotation marks and dots.
//! 2. The text is brought to Unicode normal form NFKC.
//! 3. Invisible characters (soft hyphens, zero-width spaces and joiners, direction marks, variation
//!    selectors) vanish.
//! 4. A token is a longest run of letters, digits and the marks that follow them, each character
//!    in lower case by itself (a final sigma stays `σ`). Marks that follow nothing are dropped.
//! 5. A comma or full stop between two ASCII digits vanishes: `1,000` is `1000`.
//! 6. In scripts that write no spaces (Han, Kana, Thai, Lao, Burmese, Khmer) every character is a
//!    token of its own.
//!
//! Everything else separates. The tokens joined by one space are the *hash text*. Quotation marks,
//! dashes, character references, white space and capitals therefore never change it.
//!
//! # Compatibility
//!
//! Fingerprints made of these tokens are stored for ever. A change to the recipe is a change of the
//! schema: every stored fingerprint has to be made again.
//!
//! # Rejected
//!
//! Word segmentation for Han and Thai: measured, it buys no recall and costs three to a hundred times
//! the time.

mod references;
mod splitter;
mod words;

/// A token of a text: what comparing needs to know of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// XXH3 (64 bits, no seed) of the token's lower-case letters in UTF-8.
    pub hash: u64,
    /// Whether a digit is in it.
    pub is_number: bool,
    /// Whether its first letter was a capital.
    pub starts_uppercase: bool,
    /// Whether it is one character of a script that writes no spaces.
    pub no_space_script: bool,
}

/// The tokens of a text in order, and their hash text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    hash_text: String,
    list: Vec<Token>,
}

impl Tokens {
    /// The tokens joined by one space.
    pub fn hash_text(&self) -> &str {
        &self.hash_text
    }

    /// The tokens in the order of the text.
    pub fn list(&self) -> &[Token] {
        &self.list
    }
}

/// Splits a text into its tokens.
pub fn tokens(text: &str) -> Tokens {
    splitter::split(&references::resolved(text))
}

/// The tokens of a text alone: in less time, where nobody asks for the hash text.
pub fn list(text: &str) -> Vec<Token> {
    splitter::list(&references::resolved(text))
}

/// The hash text: the tokens of a text joined by one space.
///
/// ```
/// use ingest::text::tokens::hash_text;
///
/// assert_eq!(hash_text("“Rates” rose\nby 1,000&nbsp;%."), "rates rose by 1000");
/// ```
pub fn hash_text(text: &str) -> String {
    tokens(text).hash_text
}

/// The same text with spaces around each character of a script that writes none, so that whoever cuts
/// it at spaces finds one token a character.
///
/// ```
/// use ingest::text::tokens::set_apart;
///
/// assert_eq!(set_apart("3月のlive").split_whitespace().collect::<Vec<_>>(), ["3", "月", "の", "live"]);
/// ```
pub fn set_apart(text: &str) -> String {
    set_apart_by(text, ' ')
}

/// The same with another mark in place of the spaces.
pub fn set_apart_by(text: &str, mark: char) -> String {
    // A text in such a script has few other characters; of three bytes each takes nine.
    let mut apart = String::with_capacity(3 * text.len());
    let mut joined = 0;
    for (at, character) in text.char_indices().filter(|(_, character)| writes_no_spaces(*character))
    {
        apart.push_str(text.get(joined..at).unwrap_or_default());
        apart.push(mark);
        apart.push(character);
        apart.push(mark);
        joined = at + character.len_utf8();
    }
    apart.push_str(text.get(joined..).unwrap_or_default());
    apart
}

/// Whether a character is of a script that writes no spaces: Han, Kana, Thai, Lao, Burmese and Khmer,
/// with their extensions.
///
/// Hangul, Arabic, Hebrew and the Indic scripts write spaces. Source: the Unicode block list.
pub fn writes_no_spaces(character: char) -> bool {
    matches!(character,
        '\u{0e00}'..='\u{0eff}'         // Thai, Lao
        | '\u{1000}'..='\u{109f}'       // Burmese
        | '\u{1780}'..='\u{17ff}'       // Khmer
        | '\u{3005}'..='\u{3007}'       // the ideographic iteration mark and zero
        | '\u{3040}'..='\u{30ff}'       // Hiragana, Katakana
        | '\u{31f0}'..='\u{31ff}'       // Katakana for Ainu
        | '\u{3400}'..='\u{4dbf}'       // Han, extension A
        | '\u{4e00}'..='\u{9fff}'       // Han
        | '\u{a9e0}'..='\u{a9ff}'       // Burmese, extension B
        | '\u{aa60}'..='\u{aa7f}'       // Burmese, extension A
        | '\u{f900}'..='\u{faff}'       // Han, compatibility
        | '\u{1b000}'..='\u{1b16f}'     // Kana supplement and extensions
        | '\u{20000}'..='\u{323af}'     // Han, extensions B to H
    )
}

/// Whether a text has a character of such a script.
pub fn has_script_without_spaces(text: &str) -> bool {
    /// In UTF-8 every character from U+0800 on begins with this byte or a larger one, and no other
    /// byte is as large; the first of these scripts begins at U+0E00.
    const THREE_BYTES: u8 = 0xe0;
    let starts = text.bytes().enumerate().filter(|(_, byte)| *byte >= THREE_BYTES);
    starts.filter_map(|(start, _)| text.get(start..)?.chars().next()).any(writes_no_spaces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use unicode_normalization::UnicodeNormalization as _;
    use xxhash_rust::xxh3::xxh3_64;

    use super::super::kind::{Kind, Role};
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(hash_text(text), expected, "hash text of {text:?}");
    }

    #[test]
    fn typography_never_changes_the_hash_text() {
        for text in [
            "the mayor's \"plan\" - approved",
            "The mayor’s “plan” — approved…",
            "The mayor&rsquo;s &ldquo;plan&rdquo; &mdash; approved&hellip;",
            "The mayor&#8217;s &#x201C;plan&#X201d; &#8212; approved",
            "The mayor&#146;s &quot;plan&quot;&nbsp;–\tapproved!",
            "«The\u{a0}mayor´s plan»,\n\n approved",
            "\u{feff}The may\u{ad}or's pl\u{200b}an ❤\u{fe0f} approved",
        ] {
            check(text, "the mayor s plan approved");
        }
    }

    #[test]
    fn tokens_follow_the_recipe() {
        for (text, expected) in [
            ("", ""),
            (" \n—“”… ", ""),
            ("1,000 = 1.000 = 1000", "1000 1000 1000"),
            ("1,234,567.89", "123456789"),
            ("1, 2. 3,", "1 2 3"),
            ("1,,000 and v2.x", "1 000 and v2 x"),
            ("5, 6", "5 6"),
            ("ｆｕｌｌ１，０００ﬁ", "full1000fi"),
            ("ÉCOLE E\u{301}cole école", "école école école"),
            ("ΟΔΟΣ", "οδοσ"),
            ("हिन्दी में", "हिन्दी में"),
            ("한국어 문장", "한국어 문장"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("中文，3月。", "中 文 3 月"),
            ("人々・カメラ", "人 々 カ メ ラ"),
            ("ｶﾞｽ", "ガ ス"),
            ("ที่นี่", "ท ี ่ น ี ่"),
            ("ខ្មែរ", "ខ ្ ម ែ រ"),
            ("AT&T; R&amp;D &amp;quot; &bogus; &#xFFFFFFFF; &", "at t r d quot bogus xffffffff"),
            ("x\u{301}y \u{301}y", "x\u{301}y y"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn a_token_knows_its_kind() {
        let kinds = |text: &str| -> Vec<(bool, bool, bool)> {
            tokens(text)
                .list()
                .iter()
                .map(|token| (token.is_number, token.starts_uppercase, token.no_space_script))
                .collect()
        };
        for (text, expected) in [
            ("Oslo", (false, true, false)),
            ("oSLO", (false, false, false)),
            ("B52", (true, true, false)),
            ("1,000", (true, false, false)),
            ("Éire", (false, true, false)),
            ("雨", (false, false, true)),
            ("๓", (true, false, true)),
        ] {
            assert_eq!(kinds(text), [expected], "kinds of {text:?}");
        }
    }

    #[test]
    fn equal_words_have_equal_hashes_whatever_their_case() {
        let read = tokens("Harbour harbour HARBOUR port");
        let hashes: Vec<u64> = read.list().iter().map(|token| token.hash).collect();
        assert!(matches!(hashes.as_slice(), [a, b, c, d] if a == b && b == c && c != d));
    }

    /// The recipe, word for word and character by character.
    fn by_the_recipe(text: &str) -> String {
        let mut words = vec![String::new()];
        let mut characters =
            references::resolved(text).nfkc().collect::<Vec<_>>().into_iter().peekable();
        let mut after_digit = false;
        while let Some(character) = characters.next() {
            let groups_digits = after_digit
                && matches!(character, ',' | '.')
                && characters.peek().is_some_and(char::is_ascii_digit);
            after_digit = character.is_ascii_digit();
            let is_open = words.last().is_some_and(|word| !word.is_empty());
            match Kind::of(character).role() {
                _ if groups_digits => {}
                Role::Vanishes => {}
                Role::Continues => words.last_mut().unwrap().extend(character.to_lowercase()),
                Role::Marks if is_open => {
                    words.last_mut().unwrap().extend(character.to_lowercase());
                }
                Role::StandsAlone => {
                    words.push(character.to_lowercase().collect());
                    words.push(String::new());
                }
                Role::Marks | Role::Separates => words.push(String::new()),
            }
        }
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }

    /// Characters about which the normaliser and the recipe have something to say.
    fn characters() -> impl Strategy<Value = char> {
        prop_oneof![
            prop::sample::select(vec![
                'a', 'Z', 'e', '1', ',', '.', ' ', '&', '\u{301}', '\u{308}', '\u{323}', '…', '½',
                'ﬁ', '\u{a0}', 'É', 'ǆ', 'Σ', 'ß', 'İ', '１', '，', 'ｶ', 'ﾞ', 'か', '\u{3099}',
                'ᄀ', 'ᅡ', 'ᆨ', '각', 'ि', '्', 'ก', '่', '\u{200d}', '\u{ad}', '𝐀', '中', '\u{fe0f}',
                '\u{345}', 'ᾳ', '\u{1e9b}', '\u{f71}', '\u{f73}',
            ]),
            any::<char>(),
            proptest::char::range('\u{300}', '\u{36f}'),
        ]
    }

    proptest! {
        #[test]
        fn scripts_without_spaces_are_seen_wherever_they_stand(
            text in prop::collection::vec(prop_oneof![any::<char>(), characters()], 0..24),
        ) {
            let text: String = text.into_iter().collect();
            prop_assert_eq!(has_script_without_spaces(&text), text.chars().any(writes_no_spaces));
        }

        #[test]
        fn the_shortcuts_follow_the_recipe(text in prop::collection::vec(characters(), 0..24)) {
            let text: String = text.into_iter().collect();
            prop_assert_eq!(hash_text(&text), by_the_recipe(&text));
            prop_assert_eq!(list(&text), tokens(&text).list);
        }

        #[test]
        fn any_text_has_a_hash_text_of_single_spaced_tokens(text in any::<String>()) {
            let read = tokens(&text);
            prop_assert_eq!(&list(&text), &read.list);
            let words: Vec<&str> = read.hash_text().split(' ').filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(words.len(), read.list().len());
            prop_assert_eq!(words.join(" "), read.hash_text());
            for (word, token) in words.iter().zip(read.list()) {
                prop_assert_eq!(xxh3_64(word.as_bytes()), token.hash);
            }
        }

        #[test]
        fn what_stands_between_words_never_matters(
            words in prop::collection::vec("[a-zA-Zéß中]{1,8}", 1..20),
            separators in prop::collection::vec(
                prop::sample::select(vec![
                    " ", "\n", "&nbsp;", " — ", " “", "” ", "…", "&#8211;", "&quot; ", "\u{2009}", ", ", "´",
                ]),
                20,
            ),
        ) {
            let set: String = words.iter().zip(&separators).flat_map(|(word, separator)| {
                [word.as_str(), separator]
            }).collect();
            prop_assert_eq!(hash_text(&set), hash_text(&words.join(" ")));
        }

        #[test]
        fn the_hash_text_is_its_own_hash_text(text in "[ -~äöüßéñ中文日本ไทยа-яА-Я–—“”’…\u{ad}\n]{0,200}") {
            let once = hash_text(&text);
            prop_assert_eq!(hash_text(&once), once);
        }
    }
}
