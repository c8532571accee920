//! Reads lists of feeds with an address a line, plain or as newsboat keeps them.

/// A feed as a list names it; its address may be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Where in the list it stands.
    pub place: String,
    /// What it gives as the address.
    pub address: String,
    /// What it calls the feed.
    pub title: Option<String>,
    /// Where it puts the feed.
    pub category: Option<String>,
    /// Why it is no feed to us, although the reader whose list it is reads it.
    pub foreign: Option<&'static str>,
    /// Where on the feed's pages that reader looks for the article: a CSS selector.
    pub select: Option<String>,
}

/// What stands in newsboat's lists beside feeds, by how it begins.
const FOREIGN: [(&str, &str); 4] = [
    ("query:", "it is a view of other feeds; ask the database instead (docs/QUERIES.md)"),
    (
        "exec:",
        "it is a command, and no command is run; let it write a file that a web server shows",
    ),
    ("filter:", "it is a command, and no command is run; import the address at its end instead"),
    ("file:", "it is a file; let a web server show it"),
];

/// The feeds of a list: `URL`, `URL "title" tag…`, or newsboat's `URL "~title" tag…`, without
/// empty lines and comments. The first tag is the category.
pub fn read(text: &str) -> Vec<Listing> {
    let mut feeds = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = words(line).into_iter();
        let Some(address) = words.next() else { continue };
        let mut words: Vec<Word> = words.collect();
        let title = words
            .iter()
            .position(|word| word.text.starts_with('~'))
            .or_else(|| words.first().filter(|word| word.is_quoted).map(|_| 0))
            .map(|at| words.remove(at).text)
            .map(|title| title.strip_prefix('~').map(str::to_owned).unwrap_or(title));
        // `!` and a tag of newsboat's own hide a feed from its lists.
        let category = words.into_iter().map(|word| word.text).find(|tag| !tag.starts_with('!'));
        let foreign = FOREIGN.iter().find(|(start, _)| address.text.starts_with(start));
        feeds.push(Listing {
            place: format!("line {}", number + 1),
            foreign: foreign.map(|(_, why)| *why),
            select: None,
            address: address.text,
            title: title.filter(|title| !title.is_empty()),
            category: category.filter(|tag| !tag.is_empty()),
        });
    }
    feeds
}

#[derive(Debug, Default)]
struct Word {
    text: String,
    is_quoted: bool,
}

/// The words of a line; a quoted one may hold spaces, and a backslash takes the next character as
/// it is. Quotes inside a word belong to it, and keep its spaces.
fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut characters = line.chars().peekable();
    while let Some(first) = characters.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut word = Word { is_quoted: first == '"', ..Word::default() };
        let mut is_open = word.is_quoted;
        if !word.is_quoted {
            word.text.push(first);
        }
        while let Some(character) = characters.next() {
            match character {
                '"' if word.is_quoted => break,
                '\\' if word.is_quoted => word.text.extend(characters.next()),
                '"' => {
                    is_open = !is_open;
                    word.text.push('"');
                }
                c if c.is_whitespace() && !is_open => break,
                c => word.text.push(c),
            }
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, address: &str, title: Option<&str>, category: Option<&str>) {
        let expected = Listing {
            place: "line 1".to_owned(),
            address: address.to_owned(),
            title: title.map(str::to_owned),
            category: category.map(str::to_owned),
            foreign: None,
            select: None,
        };
        assert_eq!(read(line), [expected], "{line}");
    }

    #[test]
    fn a_line_names_a_feed_its_title_and_its_tag() {
        let url = "https://a.example/feed";
        check("\u{feff}https://a.example/feed  ", url, None, None);
        check("https://a.example/feed news", url, None, Some("news"));
        check(
            "https://a.example/feed \"The Gazette\" news local",
            url,
            Some("The Gazette"),
            Some("news"),
        );
        check(
            "https://a.example/feed \"two words\" \"~The \\\"G\\\"\"",
            url,
            Some("The \"G\""),
            Some("two words"),
        );
        check("\"https://a.example/feed\" ! ~Gazette", url, Some("Gazette"), None);
        check("https://a.example/feed \"unclosed", url, Some("unclosed"), None);
        check("google-news:\"two words\" x", "google-news:\"two words\"", None, Some("x"));
        check("\"google-news:two words\"", "google-news:two words", None, None);
    }

    #[test]
    fn what_is_no_feed_in_newsboats_lists_says_why() {
        for (line, address, word) in [
            (
                "\"query:Unread:unread = \\\"yes\\\"\" x",
                "query:Unread:unread = \"yes\"",
                "view of other feeds",
            ),
            ("exec:~/bin/feed.sh \"~Mine\"", "exec:~/bin/feed.sh", "no command is run"),
            (
                "\"filter:~/bin/f.sh:https://a.example/\"",
                "filter:~/bin/f.sh:https://a.example/",
                "at its end",
            ),
            ("file:///home/me/feed.xml", "file:///home/me/feed.xml", "it is a file"),
        ] {
            let feeds = read(line);
            assert_eq!(feeds[0].address, address);
            assert!(feeds[0].foreign.is_some_and(|why| why.contains(word)), "{line}");
        }
    }

    #[test]
    fn empty_lines_and_comments_are_nothing_but_count() {
        let feeds = read("# feeds\n\n  # more\r\nhttps://a.example/\r\n");
        assert_eq!((feeds.len(), feeds[0].place.as_str()), (1, "line 4"));
        assert_eq!(feeds[0].address, "https://a.example/");
    }
}
