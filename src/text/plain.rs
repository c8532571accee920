//! Finds how far a text is words with one plain space between two, as most text is: printable ASCII many
//! bytes at a time.

/// How many bytes are looked at at once.
const BLOCK: usize = 16;

/// How many bytes of a text, from its beginning, are words with one plain space between two. Printable
/// ASCII belongs to words; `belongs` says which other characters do.
pub(super) fn words(text: &str, mut belongs: impl FnMut(char) -> bool) -> usize {
    let mut at = 0;
    let mut characters = text.chars();
    let mut space = None;
    // What is not plain is gone through a character at a time; so is the rest of its block.
    let mut blocks_from = 0;
    loop {
        if at >= blocks_from {
            let passed = plain(characters.as_str());
            blocks_from = at + passed + BLOCK;
            if let Some((over, rest)) = characters.as_str().split_at_checked(passed)
                && !over.is_empty()
            {
                at += passed;
                space = over.ends_with(' ').then(|| at - 1);
                characters = rest.chars();
            }
        }
        let Some(c) = characters.next() else { return space.unwrap_or(at) };
        if c.is_ascii_graphic() || c != ' ' && belongs(c) {
            space = None;
        } else if c == ' ' && space.is_none() && at > 0 {
            space = Some(at);
        } else {
            return space.unwrap_or(at);
        }
        at += c.len_utf8();
    }
}

/// How many bytes at the beginning of a text are certainly plain, the first of them no space: so many
/// whole blocks.
fn plain(text: &str) -> usize {
    let mut is_after_space = true;
    let (blocks, _) = text.as_bytes().as_chunks::<BLOCK>();
    let is_plain = |block: &&[u8; BLOCK]| {
        let is_plain = is_plain(block, is_after_space);
        is_after_space = block.ends_with(b" ");
        is_plain
    };
    blocks.iter().take_while(is_plain).count() * BLOCK
}

/// Whether a block is printable ASCII without two spaces side by side. Without a way out in the middle, so
/// that all its bytes are looked at together.
fn is_plain(block: &[u8; BLOCK], is_after_space: bool) -> bool {
    let are_printable = block.iter().fold(true, |all, byte| all & (b' '..=b'~').contains(byte));
    let is_space = |byte: &u8| *byte == b' ';
    let pairs = block.iter().zip(block.iter().skip(1));
    let are_doubled = pairs.fold(false, |any, (one, next)| any | is_space(one) & is_space(next));
    are_printable && !are_doubled && !(is_after_space && block.starts_with(b" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, a character at a time.
    fn plainly(text: &str) -> usize {
        let mut end = 0;
        for (at, c) in text.char_indices() {
            if c == ' ' {
                if at == 0 || at > end {
                    return end;
                }
            } else if c.is_ascii_graphic() || c.is_alphabetic() {
                end = at + c.len_utf8();
            } else {
                return end;
            }
        }
        end
    }

    proptest! {
        #[test]
        fn words_end_where_they_end_a_character_at_a_time(
            text in "([a-z]{1,20}|[ !~]|[a-z ]{1,40}|\\PC|\t|é){0,40}",
        ) {
            prop_assert_eq!(words(&text, char::is_alphabetic), plainly(&text));
        }

        #[test]
        fn what_is_passed_over_is_plain(text in "([a-z]{1,20}|[ !~]|\\PC|\t){0,40}") {
            for (at, _) in text.char_indices() {
                let rest = text.get(at..).unwrap();
                let passed = rest.get(..plain(rest)).unwrap();
                prop_assert!(passed.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
                prop_assert!(!passed.starts_with(' ') && !passed.contains("  "));
            }
        }
    }

    #[test]
    fn as_much_is_passed_over_as_fills_blocks() {
        let text = "The ferry to the island leaves at nine";
        assert_eq!(plain(text), 32);
        assert_eq!(plain(text.get(4..).unwrap()), 32);
        assert_eq!(plain(text.get(3..).unwrap()), 0);
        assert_eq!(plain(&format!("{text}\u{2019}s, and {text}")), 32);
    }
}
