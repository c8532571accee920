//! What splitting and folding ask of a character, looked up in one table.

use std::iter::once;
use std::sync::LazyLock;

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::tokens::writes_no_spaces;

/// What a character does to the token that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It is a letter or digit.
    Continues,
    /// It belongs to the letter before it.
    Marks,
    /// It is a token of its own.
    StandsAlone,
    /// It changes how a word is set, never which word it is.
    Vanishes,
    /// It ends a token.
    Separates,
}

impl Role {
    fn of(character: char) -> Self {
        if character.is_ascii() {
            return if character.is_ascii_alphanumeric() {
                Self::Continues
            } else {
                Self::Separates
            };
        }
        let is_mark = is_combining_mark(character);
        if is_invisible(character) {
            Self::Vanishes
        } else if !is_mark && !character.is_alphanumeric() {
            Self::Separates
        } else if writes_no_spaces(character) {
            Self::StandsAlone
        } else if is_mark {
            Self::Marks
        } else {
            Self::Continues
        }
    }
}

/// A role and five answers in one byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind(u8);

impl Kind {
    const ROLE: u8 = 0b111;
    const IS_UPPERCASE: u8 = 1 << 3;
    const IS_NUMERIC: u8 = 1 << 4;
    const HAS_LOWERCASE: u8 = 1 << 5;
    const JOINS: u8 = 1 << 6;
    const IS_NORMAL: u8 = 1 << 7;

    /// The kind of a character: of the first plane, where nearly all text is, from a table of 64 KiB.
    pub(super) fn of(character: char) -> Self {
        static TABLE: LazyLock<Vec<Kind>> = LazyLock::new(|| {
            let kind = |code| char::from_u32(code).map_or(Kind(0), Kind::computed);
            (0..=0xffff).map(kind).collect()
        });
        let place = usize::try_from(u32::from(character)).unwrap_or(usize::MAX);
        TABLE.get(place).copied().unwrap_or_else(|| Self::computed(character))
    }

    fn computed(character: char) -> Self {
        let is_normal = is_nfkc_quick(once(character)) == IsNormalized::Yes;
        let is_set = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
        let role = match Role::of(character) {
            Role::Continues => 0,
            Role::Marks => 1,
            Role::StandsAlone => 2,
            Role::Vanishes => 3,
            Role::Separates => 4,
        };
        Self(
            role | is_set(Self::IS_UPPERCASE, character.is_uppercase())
                | is_set(Self::IS_NUMERIC, character.is_numeric())
                | is_set(Self::HAS_LOWERCASE, !character.to_lowercase().eq(once(character)))
                | is_set(Self::JOINS, !is_normal || canonical_combining_class(character) != 0)
                | is_set(Self::IS_NORMAL, is_normal),
        )
    }

    pub(super) fn role(self) -> Role {
        match self.0 & Self::ROLE {
            0 => Role::Continues,
            1 => Role::Marks,
            2 => Role::StandsAlone,
            3 => Role::Vanishes,
            _ => Role::Separates,
        }
    }

    pub(super) fn is_uppercase(self) -> bool {
        self.0 & Self::IS_UPPERCASE != 0
    }

    pub(super) fn is_numeric(self) -> bool {
        self.0 & Self::IS_NUMERIC != 0
    }

    /// Whether its lower case is another character.
    pub(super) fn has_lowercase(self) -> bool {
        self.0 & Self::HAS_LOWERCASE != 0
    }

    /// Whether normalisation may join it to what stands before it, or sort it among that.
    pub(super) fn joins(self) -> bool {
        self.0 & Self::JOINS != 0
    }

    /// Whether a text of such characters is in NFC, whatever their order.
    pub(super) fn is_composed(self) -> bool {
        self.is_normal() && !self.joins()
    }

    /// Whether NFKC leaves it as it is, whatever stands around it, if it stands in its place.
    pub(super) fn is_normal(self) -> bool {
        self.0 & Self::IS_NORMAL != 0
    }
}

/// Characters that change how a word is set, never which word it is.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00ad}'                      // soft hyphen
        | '\u{200b}'..='\u{200f}'       // zero-width space and joiners, direction marks
        | '\u{202a}'..='\u{202e}'       // direction embeddings
        | '\u{2060}'..='\u{2064}'       // word joiner, invisible operators
        | '\u{2066}'..='\u{2069}'       // direction isolates
        | '\u{fe00}'..='\u{fe0f}'       // variation selectors
        | '\u{feff}'                    // zero-width no-break space, byte order mark
        | '\u{e0100}'..='\u{e01ef}'     // variation selectors, supplement
    )
}
