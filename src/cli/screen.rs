//! Lays text out for whoever looks at stdout: how wide, and whether in colours.

use std::env;
use std::ffi::OsStr;
use std::io::{IsTerminal as _, stdout};

use terminal_size::{Width, terminal_size_of};
use textwrap::{Options, WrapAlgorithm, wrap};

/// How wide lines grow where no terminal says, as of the help.
const DEFAULT_WIDTH: usize = 100;

/// The narrowest that lines are made; a terminal below breaks them itself.
const MIN_WIDTH: usize = 40;

const RESET: &str = "\u{1b}[0m";

/// What stdout leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Screen {
    width: usize,
    is_coloured: bool,
}

/// What a piece of text is, for which it has a look of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A heading.
    Heading,
    /// What was looked for.
    Found,
    /// What stands beside the matter.
    Aside,
    /// What is well.
    Good,
    /// What is not.
    Bad,
}

impl Screen {
    /// That of this process.
    pub(super) fn of_stdout() -> Self {
        let columns = terminal_size_of(stdout()).map(|(Width(columns), _)| columns);
        Self::of(stdout().is_terminal(), columns, env::var_os("NO_COLOR").as_deref())
    }

    fn of(is_terminal: bool, columns: Option<u16>, no_color: Option<&OsStr>) -> Self {
        let width = columns.filter(|_| is_terminal).map_or(DEFAULT_WIDTH, usize::from);
        let is_coloured = is_terminal && no_color.is_none_or(OsStr::is_empty);
        Self { width: width.max(MIN_WIDTH), is_coloured }
    }

    /// Whether there are colours.
    pub(super) fn is_coloured(self) -> bool {
        self.is_coloured
    }

    /// A text in its look: each word by itself, so that a line may be broken anywhere. What was found
    /// stands in brackets where there are no colours.
    pub(super) fn painted(self, look: Look, text: &str) -> String {
        if !self.is_coloured {
            return if look == Look::Found { format!("[{text}]") } else { text.to_owned() };
        }
        let code = match look {
            Look::Heading => "\u{1b}[1m",
            Look::Found => "\u{1b}[1;33m",
            Look::Aside => "\u{1b}[2m",
            Look::Good => "\u{1b}[32m",
            Look::Bad => "\u{1b}[31m",
        };
        let words = text.split(' ').map(|word| match word {
            "" => String::new(),
            word => format!("{code}{word}{RESET}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// The lines of a paragraph, the first behind `first` and the others behind `rest`.
    pub(super) fn wrapped(self, first: &str, rest: &str, text: &str) -> Vec<String> {
        let options = Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        wrap(text, options).into_iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_width_are_those_of_the_terminal() {
        for (is_terminal, columns, no_color, expected) in [
            (true, Some(72), None, (72, true)),
            (true, Some(72), Some(""), (72, true)),
            (true, Some(72), Some("1"), (72, false)),
            (true, Some(12), None, (MIN_WIDTH, true)),
            (true, None, None, (DEFAULT_WIDTH, true)),
            (false, Some(72), None, (DEFAULT_WIDTH, false)),
        ] {
            let screen = Screen::of(is_terminal, columns, no_color.map(OsStr::new));
            assert_eq!((screen.width, screen.is_coloured), expected, "{is_terminal} {columns:?}");
        }
    }

    #[test]
    fn lines_are_broken_by_what_is_seen_of_them() {
        let coloured = Screen { width: 20, is_coloured: true };
        let found = coloured.painted(Look::Found, "night ferry");
        assert_eq!(
            coloured.wrapped("> ", "  ", &format!("the old {found} sails")),
            ["> the old \u{1b}[1;33mnight\u{1b}[0m", "  \u{1b}[1;33mferry\u{1b}[0m sails"]
        );
        let plain = Screen { width: 20, is_coloured: false };
        assert_eq!(plain.painted(Look::Found, "night ferry"), "[night ferry]");
        assert_eq!(plain.painted(Look::Aside, "old"), "old");
        assert_eq!(
            plain.wrapped("", "", "東京の朝は早い。港の船が出る。"),
            ["東京の朝は早い。港の", "船が出る。"],
            "characters that take two columns count as two"
        );
        assert_eq!(plain.wrapped("id  ", "    ", ""), ["id"]);
    }
}
