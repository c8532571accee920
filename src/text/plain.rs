//! Passes over plain text many bytes at a time: printable ASCII with one space between two words, as
//! most text is.

/// How many bytes are looked at at once.
const BLOCK: usize = 16;

/// Passes over what is plain for one who goes through a text from its beginning to its end.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// What stands before this place is no longer asked about: it was found not to be plain.
    asked_from: usize,
}

impl Plain {
    /// How many bytes from a place on are certainly plain, the first of them no space: so many whole
    /// blocks.
    ///
    /// What is not plain is gone through a character at a time, so of the rest of its block nothing is
    /// said.
    pub(super) fn passed(&mut self, text: &str, at: usize) -> usize {
        if at < self.asked_from {
            return 0;
        }
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let mut is_after_space = true;
        let (blocks, _) = rest.as_chunks::<BLOCK>();
        let is_plain = |block: &&[u8; BLOCK]| {
            let is_plain = is_plain(block, is_after_space);
            is_after_space = block.ends_with(b" ");
            is_plain
        };
        let passed = blocks.iter().take_while(is_plain).count() * BLOCK;
        self.asked_from = at + passed + BLOCK;
        passed
    }
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

    proptest! {
        #[test]
        fn what_is_passed_over_is_plain(text in "([a-z]{1,20}|[ !~]|\\PC|\t){0,40}") {
            let mut plain = Plain::default();
            for (at, _) in text.char_indices() {
                let passed = text.get(at..at + plain.passed(&text, at)).unwrap();
                prop_assert!(passed.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
                prop_assert!(!passed.starts_with(' ') && !passed.contains("  "));
            }
        }
    }

    #[test]
    fn as_much_is_passed_over_as_fills_blocks() {
        let text = "The ferry to the island leaves at nine";
        assert_eq!(Plain::default().passed(text, 0), 32);
        assert_eq!(Plain::default().passed(text, 4), 32);
        assert_eq!(Plain::default().passed(text, 3), 0);
        let mut plain = Plain::default();
        let behind = format!("{text}\u{2019}s, and {text}");
        assert_eq!(plain.passed(&behind, 0), 32);
        assert_eq!(plain.passed(&behind, 47), 0);
        assert_eq!(plain.passed(&behind, 48), 32);
    }
}
