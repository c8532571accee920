//! Matches the path of a link against a pattern, and takes the target out of it.
//!
//! A pattern is a path whose segments are literal, or
//! - `*`: one segment, whatever it says,
//! - `**`: any number of segments; only first or last,
//! - `{time}`: 14 digits and at most three characters more (`20240101120000id_`),
//! - `{host}`: a segment that is the target's host,
//! - `{target}`, or a literal and then `{target}`: a segment that is the target,
//! - `{rest}`: everything from here on, the query included; only last.
//!
//! One slash at the end of either side makes no difference.

use url::Url;

/// A compiled path pattern.
#[derive(Debug)]
pub(super) struct PathPattern {
    anywhere: bool,
    pieces: Vec<Piece>,
    open: bool,
}

/// What a pattern took out of a path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Captured {
    /// The target, or its path where `host` is present; `None` if the pattern names none.
    pub(super) target: Option<String>,
    /// The target's host.
    pub(super) host: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Any,
    Time,
    Host,
    Target { after: String },
    Rest,
}

impl PathPattern {
    /// Reads a pattern; `None` when it is not of the module's grammar.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let mut segments: Vec<&str> = pattern.strip_prefix('/')?.split('/').collect();
        if segments.last() == Some(&"") {
            segments.pop();
        }
        let anywhere = segments.first() == Some(&"**");
        if anywhere {
            segments.remove(0);
        }
        let open = segments.last() == Some(&"**");
        if open {
            segments.pop();
        }
        let pieces: Vec<_> = segments.into_iter().map(Piece::parse).collect::<Option<_>>()?;
        let rest = pieces.iter().position(|piece| *piece == Piece::Rest);
        if rest.is_some_and(|at| open || at + 1 != pieces.len()) {
            return None;
        }
        if pieces.iter().filter(|piece| piece.is_target()).count() > 1 {
            return None;
        }
        Some(Self { anywhere, pieces, open })
    }

    /// Whether a match yields a target.
    pub(super) fn has_target(&self) -> bool {
        self.pieces.iter().any(Piece::is_target)
    }

    /// What the pattern takes out of a link's path; `None` when they do not match.
    pub(super) fn capture(&self, url: &Url) -> Option<Captured> {
        let path = url.path().strip_prefix('/')?;
        let mut from = path;
        loop {
            if let Some(captured) = self.capture_from(from, url.query()) {
                return Some(captured);
            }
            if !self.anywhere {
                return None;
            }
            from = from.split_once('/')?.1;
        }
    }

    fn capture_from(&self, path: &str, query: Option<&str>) -> Option<Captured> {
        let mut captured = Captured::default();
        let mut left = Some(path);
        for piece in &self.pieces {
            let here = left?;
            if *piece == Piece::Rest {
                if here.is_empty() {
                    return None;
                }
                captured.target =
                    Some(query.map_or_else(|| here.to_owned(), |query| format!("{here}?{query}")));
                return Some(captured);
            }
            let (segment, after) = match here.split_once('/') {
                Some((segment, after)) => (segment, Some(after)),
                None => (here, None),
            };
            piece.take(segment, &mut captured)?;
            left = after;
        }
        (self.open || left.is_none_or(str::is_empty)).then_some(captured)
    }
}

impl Piece {
    fn parse(segment: &str) -> Option<Self> {
        match segment {
            "*" => Some(Self::Any),
            "{time}" => Some(Self::Time),
            "{host}" => Some(Self::Host),
            "{rest}" => Some(Self::Rest),
            "" => None,
            _ => match segment.strip_suffix("{target}") {
                Some(after) => Some(Self::Target { after: after.to_owned() }),
                None if segment.contains(['*', '{', '}', '?', '#']) => None,
                None => Some(Self::Literal(segment.to_owned())),
            },
        }
    }

    fn is_target(&self) -> bool {
        matches!(self, Self::Target { .. } | Self::Rest)
    }

    /// Matches one segment; `None` when it is another.
    fn take(&self, segment: &str, captured: &mut Captured) -> Option<()> {
        let matches = match self {
            Self::Literal(literal) => segment == literal,
            Self::Any => !segment.is_empty(),
            Self::Time => is_archive_time(segment),
            Self::Host => {
                captured.host = Some(segment.to_owned());
                segment.contains('.')
            }
            Self::Target { after } => {
                let target = segment.strip_prefix(after.as_str())?;
                captured.target = Some(target.to_owned());
                !target.is_empty()
            }
            Self::Rest => false,
        };
        matches.then_some(())
    }
}

/// The Wayback Machine's time stamp, with `*` or a flag such as `id_` behind it.
fn is_archive_time(segment: &str) -> bool {
    let digits = segment.bytes().take_while(u8::is_ascii_digit).count();
    digits == 14 && segment.len() <= digits + 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str, expected: Option<(Option<&str>, Option<&str>)>) {
        let url = Url::parse(&format!("https://wrapper.example{path}")).unwrap();
        let captured = PathPattern::parse(pattern).unwrap().capture(&url);
        let found = captured.as_ref().map(|c| (c.host.as_deref(), c.target.as_deref()));
        assert_eq!(found, expected, "{pattern} on {path}");
    }

    #[test]
    fn a_pattern_takes_the_target_where_it_stands() {
        check("/url", "/url", Some((None, None)));
        check("/url", "/url/", Some((None, None)));
        check("/url/", "/url?x=1", Some((None, None)));
        check("/url", "/url/more", None);
        check("/url", "/URL", None);
        check("/", "/", Some((None, None)));
        check("/", "/x", None);
        check("/feed/{rest}", "/feed/a.example/b?c=1", Some((None, Some("a.example/b?c=1"))));
        check("/feed/{rest}", "/feed/", None);
        check("/feed/{rest}", "/feed", None);
        check(
            "/L0/{target}/**",
            "/L0/https%3A%2F%2Fa.example/1/2",
            Some((None, Some("https%3A%2F%2Fa.example"))),
        );
        check("/**/RU={target}/**", "/_x=1/RV=2/RU=abc/RK=2", Some((None, Some("abc"))));
        check("/**/RU={target}/**", "/RU=abc", Some((None, Some("abc"))));
        check("/**/RU={target}/**", "/_x=1/RU=/RK=2", None);
        check("/**/RU={target}/**", "/search", None);
        check("/{host}/s/{rest}", "/a.example/s/b/c", Some((Some("a.example"), Some("b/c"))));
        check("/{host}/s/{rest}", "/example/s/b/c", None);
        check(
            "/web/{time}/{rest}",
            "/web/20240101120000if_/http://a.example/",
            Some((None, Some("http://a.example/"))),
        );
        check("/web/{time}/{rest}", "/web/2024/http://a.example/", None);
        check("/*/x", "/a/x", Some((None, None)));
        check("/*/x", "//x", None);
    }

    #[test]
    fn a_pattern_outside_the_grammar_is_refused() {
        for pattern in
            ["", "url", "/a//b", "/{rest}/b", "/{target}/{rest}", "/a{x}", "/{rest}/**", "/a/**/b"]
        {
            assert!(PathPattern::parse(pattern).is_none(), "{pattern}");
        }
    }
}
