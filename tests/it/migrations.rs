//! Keeps migrations as they were merged: files of every version are somewhere, and each was brought
//! there by these very statements.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

const SUMS: &str = "migrations/SHA256SUMS";

#[test]
fn a_merged_migration_is_never_edited() {
    let faults = faults(&listed(), &found());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_is_a_numbered_step() {
    for (place, name) in (1..).zip(found().keys()) {
        let number = format!("sqlite/{place:04}_");
        assert!(name.starts_with(&number), "{name} is the {place}. migration");
    }
}

#[test]
fn an_edited_missing_or_unlisted_migration_would_be_found() {
    let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, sum)| ((*name).to_owned(), (*sum).to_owned())).collect()
    };
    let merged = of(&[("1.sql", "a"), ("2.sql", "b")]);
    assert!(faults(&merged, &merged).is_empty());
    for (found, word) in [
        (of(&[("1.sql", "a"), ("2.sql", "x")]), "2.sql was edited"),
        (of(&[("1.sql", "a")]), "2.sql is gone"),
        (of(&[("1.sql", "a"), ("2.sql", "b"), ("3.sql", "c")]), "c  3.sql"),
    ] {
        let faults = faults(&merged, &found);
        assert!(faults.len() == 1 && faults[0].contains(word), "{faults:?}");
    }
}

/// What is wrong with the migrations that were found, beside those that are listed.
fn faults(listed: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, sum) in listed {
        match found.get(name) {
            Some(other) if other == sum => {}
            Some(_) => faults.push(format!(
                "{name} was edited, but files out there ran it as it was; take the edit back and \
                 write a new migration"
            )),
            None => faults.push(format!("{name} is gone, but files out there ran it")),
        }
    }
    for (name, sum) in found.iter().filter(|(name, _)| !listed.contains_key(*name)) {
        faults
            .push(format!("{name} is new; add this line to {SUMS} once it is done: {sum}  {name}"));
    }
    faults
}

/// The sums in the list, by file, as `sha256sum` writes them.
fn listed() -> BTreeMap<String, String> {
    let list = fs::read_to_string(root().join(SUMS)).unwrap();
    let lines = list.lines().map(|line| line.split_once("  ").unwrap());
    lines.map(|(sum, name)| (name.to_owned(), sum.to_owned())).collect()
}

/// The sums of the files, by name.
fn found() -> BTreeMap<String, String> {
    let folder = root().join("migrations/sqlite");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found: BTreeMap<_, _> = files
        .map(|file| {
            let name = format!("sqlite/{}", file.file_name().unwrap().to_str().unwrap());
            (name, sha256(&fs::read(file).unwrap()))
        })
        .collect();
    assert!(!found.is_empty());
    found
}

fn sha256(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
