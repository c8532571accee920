//! Gives each entry of a document the key it is known by from poll to poll.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use crate::model::{Entry, EntryKey};

/// The longest id or link that serves as a key, in bytes; a longer one is hashed.
const KEY_MAX_BYTES: usize = 2048;

/// How many hex digits tell entries apart that share a key.
const SHORT_HASH: usize = 12;

/// Sets the keys and hashes of all entries, and marks links that several of them share.
///
/// The key is the id, else the link, else a hash of title and date. Feeds repeat ids, some in
/// every entry: then link and title become a part of the key, so that nothing is dropped. Entries
/// that are equal in all a reader sees collapse into one.
pub(super) fn assign(entries: &mut Vec<Entry>) {
    let mut bearers: HashMap<EntryKey, usize> = HashMap::new();
    for entry in entries.iter_mut() {
        entry.key = key(entry);
        entry.sha256 = hash_of(entry);
    }
    let mut seen = HashSet::new();
    entries.retain(|entry| seen.insert(entry.sha256.clone()));
    // Two ids for one link and one title are two versions of one piece; two titles are two pieces.
    let mut titles: HashMap<String, HashSet<Option<String>>> = HashMap::new();
    for entry in entries.iter() {
        *bearers.entry(entry.key.clone()).or_default() += 1;
        let link = entry.link.clone().unwrap_or_default();
        titles.entry(link).or_default().insert(entry.title.clone());
    }
    let mut taken = HashSet::new();
    for entry in entries.iter_mut() {
        let titles = entry.link.as_deref().and_then(|link| titles.get(link));
        entry.link_is_shared = titles.is_some_and(|titles| titles.len() > 1);
        if bearers.get(&entry.key).is_some_and(|count| *count > 1) {
            let apart = short(&[entry.link.as_deref(), entry.title.as_deref()]);
            entry.key.0 = format!("{} {apart}", entry.key.0);
            if !taken.insert(entry.key.clone()) {
                // Id, link and title are the same; what is left to tell them apart is the rest.
                entry.key.0 = format!("{} {}", entry.key.0, short(&[Some(&entry.sha256)]));
            }
            entry.sha256 = hash_of(entry);
        }
    }
}

fn key(entry: &Entry) -> EntryKey {
    let given = [&entry.id, &entry.link]
        .into_iter()
        .filter_map(|text| text.as_deref().map(str::trim))
        .find(|text| !text.is_empty());
    EntryKey(match given {
        Some(text) if text.len() <= KEY_MAX_BYTES => text.to_owned(),
        Some(text) => format!("sha256:{}", digest(&[Some(text)])),
        None => {
            let date = entry.published.or(entry.updated).map(|date| date.to_rfc3339());
            // Without a date, entries of one title differ in what they say.
            let summary = entry.summary.as_deref().filter(|_| date.is_none());
            let parts = [entry.title.as_deref(), date.as_deref(), summary];
            format!("sha256:{}", digest(&parts))
        }
    })
}

/// A hash of everything a reader sees of the entry.
fn hash_of(entry: &Entry) -> String {
    let published = entry.published.map(|date| date.to_rfc3339());
    let mut parts = vec![
        Some(entry.key.0.as_str()),
        entry.title.as_deref(),
        entry.link.as_deref(),
        entry.summary.as_deref(),
        published.as_deref(),
    ];
    parts.extend(entry.content.iter().map(|content| Some(content.value.as_str())));
    parts.push(None);
    for author in &entry.authors {
        parts.extend([author.name.as_deref(), author.email.as_deref(), author.uri.as_deref()]);
    }
    digest(&parts)
}

fn short(parts: &[Option<&str>]) -> String {
    let mut hash = digest(parts);
    hash.truncate(SHORT_HASH);
    hash
}

/// SHA-256 of the parts, lower-case hex; each is preceded by its length, so that no two lists of
/// parts are hashed alike.
fn digest(parts: &[Option<&str>]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        match part {
            Some(text) => {
                hasher.update((text.len() as u64 + 1).to_le_bytes());
                hasher.update(text.as_bytes());
            }
            None => hasher.update(0_u64.to_le_bytes()),
        }
    }
    base16ct::lower::encode_string(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Content;

    fn entry(id: &str, link: &str, title: &str) -> Entry {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Entry {
            key: EntryKey(String::new()),
            id: some(id),
            title: some(title),
            title_written: None,
            link: some(link),
            links: vec![],
            summary: None,
            content: vec![],
            authors: vec![],
            published: None,
            updated: None,
            tags: vec![],
            enclosures: vec![],
            comments: None,
            language: None,
            source: None,
            link_is_shared: false,
            sha256: String::new(),
        }
    }

    fn keys(mut entries: Vec<Entry>) -> Vec<String> {
        assign(&mut entries);
        entries.into_iter().map(|entry| entry.key.0).collect()
    }

    #[test]
    fn the_key_is_the_id_else_the_link_else_a_hash() {
        let keys = keys(vec![
            entry("id", "l", "t"),
            entry("", "link", "t"),
            entry(" ", "link2", "t"),
            entry("", "", "title"),
            entry(&"x".repeat(3000), "l", "t"),
        ]);
        assert_eq!(keys[..3], ["id", "link", "link2"]);
        for key in &keys[3..] {
            assert!(key.starts_with("sha256:") && key.len() == 71, "{key}");
        }
    }

    #[test]
    fn entries_that_share_an_id_all_stay() {
        let entries = || vec![entry("0", "a", "t"), entry("0", "b", "t"), entry("1", "c", "t")];
        let first = keys(entries());
        assert_eq!((first.len(), first[2].as_str()), (3, "1"));
        assert!(first[0].starts_with("0 ") && first[1].starts_with("0 ") && first[0] != first[1]);
        assert_eq!(first, keys(entries()), "the same document has the same keys");
        let reversed = keys(entries().into_iter().rev().collect());
        assert!(reversed.contains(&first[0]), "the order does not matter");
    }

    #[test]
    fn twins_collapse_and_near_twins_do_not() {
        let mut other = entry("0", "a", "t");
        other.summary = Some("more".to_owned());
        assert_eq!(keys(vec![entry("0", "a", "t"), entry("0", "a", "t")]), ["0"]);
        assert_eq!(keys(vec![entry("0", "a", "t"), other]).len(), 2);
    }

    #[test]
    fn links_of_entries_with_several_titles_are_marked() {
        let mut entries = vec![
            entry("1", "a", "x"),
            entry("2", "a", "y"),
            entry("3", "b", "z"),
            entry("4", "", ""),
        ];
        entries.extend([entry("5", "", ""), entry("6", "b", "z")]);
        assign(&mut entries);
        let shared: Vec<bool> = entries.iter().map(|entry| entry.link_is_shared).collect();
        assert_eq!(shared, [true, true, false, false, false, false]);
    }

    #[test]
    fn the_hash_follows_what_a_reader_sees() {
        let hash = |change: fn(&mut Entry)| {
            let mut entries = vec![entry("1", "a", "x")];
            change(&mut entries[0]);
            assign(&mut entries);
            entries[0].sha256.clone()
        };
        let unchanged = hash(|_| {});
        assert_eq!(unchanged, hash(|entry| entry.tags.clear()));
        let changes: [fn(&mut Entry); 4] = [
            |entry| entry.title = Some("y".to_owned()),
            |entry| entry.title = None,
            |entry| entry.summary = Some(String::new()),
            |entry| entry.content = vec![Content { value: String::new(), media_type: None }],
        ];
        for change in changes {
            assert_ne!(unchanged, hash(change));
        }
    }

    proptest! {
        #[test]
        fn keys_are_unique_and_nothing_but_twins_is_dropped(
            parts in prop::collection::vec(("[ab]?", "[ab]?", "[ab]?"), 0..12)
        ) {
            let entries = parts.iter().map(|(id, link, title)| entry(id, link, title)).collect();
            let key = |id: &String, link: &String| if id.is_empty() { link.clone() } else { id.clone() };
            let distinct: HashSet<_> =
                parts.iter().map(|(id, link, title)| (key(id, link), link, title)).collect();
            let keys = keys(entries);
            prop_assert_eq!(keys.len(), distinct.len());
            prop_assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
        }
    }
}
