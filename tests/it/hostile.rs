//! Keeps the promises of the fuzz targets over their seeds and what is near them, without libFuzzer.
//!
//! A seed may be a finding: what once broke a promise stays beside the others under a name that says
//! what it was.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "there it is a crate of its own")]
mod promises;

use promises::TARGETS;

/// How many neighbours of its seeds each target is asked about. A page is slow to read.
const NEIGHBOURS: u32 = 48;

#[test]
fn every_target_has_seeds_and_a_program() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let folders = fs::read_dir(fuzz().join("seeds")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<BTreeSet<_>>(), names);
    let manifest: toml::Table =
        fs::read_to_string(fuzz().join("Cargo.toml")).unwrap().parse().unwrap();
    let programs = manifest["bin"].as_array().unwrap().iter();
    let programs = programs.map(|program| program["name"].as_str().unwrap().to_owned());
    assert_eq!(programs.collect::<BTreeSet<_>>(), names);
    for name in names {
        let program = fuzz().join(format!("fuzz_targets/{name}.rs"));
        let text = fs::read_to_string(program).unwrap();
        assert!(text.contains(&format!("promises::{name}::hold(bytes)")), "{name}");
        assert!(seeds(&name).len() >= 5, "{name} has too few seeds");
    }
}

/// One test for each target, so that they run beside each other.
macro_rules! promises_are_kept {
    ($($test:ident: $target:ident,)*) => {
        $(#[test]
        fn $test() {
            keep(stringify!($target), promises::$target::hold);
        })*

        #[test]
        fn no_target_is_left_out() {
            let tested = [$(stringify!($target)),*];
            assert_eq!(tested, TARGETS.map(|(name, _)| name));
        }
    };
}

promises_are_kept! {
    texts_near_the_seeds_are_cleaned_as_promised: cleaning,
    configurations_near_the_seeds_are_read_as_promised: configuration,
    dates_near_the_seeds_are_read_as_promised: dates,
    texts_near_the_seeds_are_fingerprinted_as_promised: fingerprints,
    links_near_the_seeds_are_followed_as_promised: links,
    lists_near_the_seeds_are_taken_over_as_promised: lists,
    pages_near_the_seeds_are_read_as_promised: pages,
    feeds_near_the_seeds_are_read_as_promised: reading,
    tokens_near_the_seeds_are_read_as_promised: tokens,
}

/// Hands a promise the seeds and their neighbours.
fn keep(name: &str, hold: fn(&[u8])) {
    let seeds = seeds(name);
    for (file, seed) in &seeds {
        let kept = std::panic::catch_unwind(|| hold(seed));
        assert!(kept.is_ok(), "the seed {} breaks its promise", file.display());
    }
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(|(_, seed)| seed).collect();
    let config =
        ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(NEIGHBOURS) };
    let neighbours = TestRunner::new(config).run(&neighbour(seeds), |bytes| {
        hold(&bytes);
        Ok(())
    });
    if let Err(error) = neighbours {
        panic!("{name}: {error}");
    }
}

/// A seed with a few pieces of it or of another seed put elsewhere, and a few bytes changed.
fn neighbour(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let place = || any::<prop::sample::Index>();
    let pieces = prop::collection::vec((place(), place(), 0_usize..40, place(), 0_usize..20), 0..4);
    let strays = prop::collection::vec((place(), any::<u8>()), 0..3);
    (place(), pieces, strays).prop_map(move |(seed, pieces, strays)| {
        let mut bytes = place_of(&seeds, seed).clone();
        for (from, start, length, to, gone) in pieces {
            let from = place_of(&seeds, from);
            let start = start.index(from.len() + 1);
            let piece = from[start..from.len().min(start + length)].to_vec();
            let to = to.index(bytes.len() + 1);
            bytes.splice(to..bytes.len().min(to + gone), piece);
        }
        for (at, stray) in strays.into_iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
            let at = at.index(bytes.len());
            bytes[at] = stray;
        }
        bytes
    })
}

fn place_of(seeds: &[Vec<u8>], index: prop::sample::Index) -> &Vec<u8> {
    &seeds[index.index(seeds.len())]
}

/// The seeds of a target, in the order of their names.
fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = fuzz().join("seeds").join(name);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}
