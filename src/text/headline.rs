//! Reduces headlines to what two feeds that carry one article both say.

use xxhash_rust::xxh3::xxh3_64;

use super::domain::registrable_domain;
use super::fold::letters_and_digits;
use super::shingles::mostly_without_spaces;
use super::title::without_publisher;
use super::tokens::tokens;

/// A headline of fewer words tells nothing: "Photo of the day", "Sport".
const WORDS_MIN: usize = 4;

/// The same in characters, for scripts that write no spaces.
const CHARACTERS_MIN: usize = 10;

/// A name shorter than this, in letters and digits, is looked for in full only.
const NAME_PART_MIN_CHARS: usize = 4;

/// A headline without the name of its publisher at the end.
///
/// The name goes only if it is one of `names` or that of the `host`, since headlines have dashes of
/// their own.
///
/// ```
/// # use ingest::text::headline::bare;
/// let headline = "Fed holds rates - what it means - The Gazette";
/// assert_eq!(bare(headline, "www.gazette.example", &[]), "Fed holds rates - what it means");
/// assert_eq!(bare("Fed holds rates - what it means", "www.gazette.example", &[]),
///            "Fed holds rates - what it means");
/// ```
#[must_use]
pub fn bare<'title>(title: &'title str, host: &str, names: &[&str]) -> &'title str {
    let without = without_publisher(title);
    let Some(name) = title.get(without.len()..).map(letters_and_digits) else { return title };
    if is_named(&name, host, names) { without } else { title }
}

fn is_named(name: &str, host: &str, names: &[&str]) -> bool {
    if name.is_empty() {
        return false;
    }
    if names.iter().any(|known| letters_and_digits(known) == name) {
        return true;
    }
    let domain = registrable_domain(host).and_then(|domain| domain.split('.').next());
    let label = domain.map(letters_and_digits);
    label.is_some_and(|label| {
        label == name
            || label.chars().count() >= NAME_PART_MIN_CHARS && name.contains(&label)
            || name.chars().count() >= NAME_PART_MIN_CHARS && label.contains(name)
    })
}

/// What identifies a headline of a publisher: xxh3-64 over the publisher's domain and the tokens of
/// the bare headline. `None` for a headline too short to tell anything.
#[must_use]
pub fn key(title: &str, host: &str, names: &[&str]) -> Option<i64> {
    let words = tokens(bare(title, host, names));
    let list = words.list();
    let least = if mostly_without_spaces(list) { CHARACTERS_MIN } else { WORDS_MIN };
    if list.len() < least {
        return None;
    }
    let domain = registrable_domain(host).unwrap_or(host).to_ascii_lowercase();
    Some(xxh3_64(format!("{domain}\n{}", words.hash_text()).as_bytes()).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_publishers_own_name_goes() {
        for (title, host, names, expected) in [
            ("Ferry sails - The Gazette", "www.gazette.example", &[][..], "Ferry sails"),
            ("Ferry sails | Harbour Post", "hp.example", &["Harbour Post"], "Ferry sails"),
            ("Ferry sails - gazette.example", "gazette.example", &[], "Ferry sails"),
            (
                "Ferry sails - for the last time",
                "gazette.example",
                &[],
                "Ferry sails - for the last time",
            ),
            ("Ferry sails", "gazette.example", &[], "Ferry sails"),
            ("Ferry sails - AB", "x.example", &[], "Ferry sails - AB"),
            ("", "", &[], ""),
        ] {
            assert_eq!(bare(title, host, names), expected, "{title:?}");
        }
    }

    #[test]
    fn one_headline_of_one_publisher_has_one_key() {
        let key = |title, host| key(title, host, &["The Gazette"]);
        let own = key("Night ferry sails again after storm", "gazette.example");
        assert!(own.is_some());
        assert_eq!(
            own,
            key("Night Ferry Sails Again, After Storm - The Gazette", "www.gazette.example")
        );
        assert_ne!(own, key("Night ferry sails again after storm", "post.example"));
        assert_ne!(own, key("Night ferry sails again after the storm", "gazette.example"));
        assert_eq!(key("Ferry sails again", "gazette.example"), None);
        assert!(key("夜のフェリーが再び出航", "gazette.example").is_some());
        assert_eq!(key("夜のフェリー", "gazette.example"), None);
    }
}
