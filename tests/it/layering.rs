//! Reads `src` and keeps the house in order: no import climbs, no module stands without a floor, no
//! step of the pipeline knows another.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, as ARCHITECTURE.md draws them. A module's floor is that of its longest prefix here.
pub(crate) const FLOORS: &[(&str, u8)] = &[
    ("config", 0),
    ("model", 0),
    ("text", 0),
    ("threads", 1),
    ("http", 1),
    ("store", 1),
    ("schedule", 2),
    ("pipeline::canonicalize", 2),
    ("pipeline::clean", 2),
    ("pipeline::extract", 2),
    ("pipeline::fetch", 2),
    ("pipeline::fingerprint", 2),
    ("pipeline::judge", 2),
    ("pipeline::page", 2),
    ("pipeline::parse", 2),
    ("pipeline::propose", 2),
    ("pipeline::resolve", 2),
    ("pipeline::stub", 2),
    // What happens to a feed, to its entry, and what is told of it: the spine and its two ribs.
    ("pipeline", 3),
    ("scheduler", 4),
    ("app", 5),
    ("cli", 6),
    ("main", 6),
    ("telemetry", 6),
    ("lib", 6),
];

/// The steps that are functions of their arguments: no I/O, no async, no clock.
const PURE_STEPS: &[&str] = &[
    "pipeline::canonicalize",
    "pipeline::clean",
    "pipeline::extract",
    "pipeline::fingerprint",
    "pipeline::judge",
    "pipeline::parse",
    "pipeline::propose",
    "pipeline::stub",
    "schedule",
];

/// Floors whose modules do not know each other.
const STRANGERS: &[(&str, &str)] = &[("http", "store")];

const SPINE_LINES_MAX: usize = 200;

#[test]
fn no_import_climbs_and_no_step_knows_another() {
    let faults: Vec<String> = modules()
        .iter()
        .flat_map(|module| module.imports.iter().filter_map(|path| fault(&module.name, path)))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_module_has_a_floor() {
    let modules = modules();
    assert!(modules.len() > 30, "only {} modules were found", modules.len());
    for module in modules {
        assert!(place(&module.name).is_some(), "src/{} has no floor", module.name);
    }
}

#[test]
fn the_spine_reads_in_one_sitting() {
    let lines = fs::read_to_string(source().join("pipeline.rs")).unwrap().lines().count();
    assert!(lines < SPINE_LINES_MAX, "src/pipeline.rs has {lines} lines");
}

#[test]
fn only_the_store_speaks_sql_and_only_http_opens_sockets() {
    for (words, home) in
        [(&["rusqlite::"][..], "store"), (&["reqwest::", "TcpStream", "lookup_host"][..], "http")]
    {
        for file in files(&source()) {
            let name = module_name(&file);
            let text = fs::read_to_string(&file).unwrap();
            for word in words {
                let is_home = name == home || name.starts_with(&format!("{home}::"));
                assert!(is_home || !text.contains(word), "{word} in {}", file.display());
            }
        }
    }
}

#[test]
fn words_and_pure_steps_touch_nothing_outside() {
    let pure = ["config", "model", "text"].into_iter().chain(PURE_STEPS.iter().copied());
    let pure: Vec<&str> = pure.collect();
    let outside = [
        "std::fs",
        "std::net",
        "std::thread",
        "tokio",
        "reqwest",
        "async fn",
        ".await",
        "Utc::now",
    ];
    let mut read = 0;
    for file in files(&source()) {
        let name = module_name(&file);
        let is_a_test = name.split("::").any(|part| part == "tests");
        let Some((place, _)) = place(&name).filter(|it| pure.contains(&it.0) && !is_a_test) else {
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        for word in outside {
            assert!(!code(&text).contains(word), "{word} in {}, which is {place}", file.display());
        }
        read += 1;
    }
    assert!(read > 50, "only {read} files were read");
}

#[test]
fn a_climbing_import_would_be_found() {
    for (module, import, is_fault) in [
        ("model::feed", "store", true),
        ("http::guard", "store::sqlite", true),
        ("store::sqlite", "http", true),
        ("pipeline::clean", "pipeline::parse::date", true),
        ("pipeline::clean::rules", "pipeline::clean::file", false),
        ("pipeline::clean", "text::fold", false),
        ("pipeline::judge", "pipeline", true),
        ("pipeline::entry::body", "pipeline::clean", false),
        ("schedule", "pipeline::report", true),
        ("scheduler", "app", true),
        ("cli::once", "app", false),
        ("pipeline::clean", "nowhere", true),
    ] {
        assert_eq!(fault(module, import).is_some(), is_fault, "{module} uses {import}");
    }
}

#[test]
fn imports_are_read_whole() {
    let text = "use crate::{config::Config, model::{self, Entry}};\n\
                use super::super::page;\nfn f() { crate::store::open(); }\n\
                // use crate::cli;\n";
    let found: Vec<String> = imports("pipeline::entry::body", text).into_iter().collect();
    assert_eq!(found, ["config::Config", "model", "model::Entry", "pipeline::page", "store::open"]);
}

struct Module {
    name: String,
    imports: BTreeSet<String>,
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn modules() -> Vec<Module> {
    let read = |file: PathBuf| {
        let name = module_name(&file);
        let imports = imports(&name, &fs::read_to_string(&file).unwrap());
        Module { name, imports }
    };
    files(&source()).into_iter().map(read).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn module_name(file: &Path) -> String {
    let inside = file.strip_prefix(source()).unwrap().with_extension("");
    let parts: Vec<_> = inside.iter().map(|part| part.to_str().unwrap()).collect();
    parts.join("::")
}

/// The registered place a module or an import lies in, and its floor.
fn place(path: &str) -> Option<(&'static str, u8)> {
    FLOORS
        .iter()
        .filter(|(place, _)| path == *place || path.starts_with(&format!("{place}::")))
        .max_by_key(|(place, _)| place.len())
        .copied()
}

fn fault(module: &str, import: &str) -> Option<String> {
    let (home, floor) = place(module)?;
    if home == "lib" || home == "main" {
        return None;
    }
    let Some((target, target_floor)) = place(import) else {
        return Some(format!("{module} uses {import}, which has no floor"));
    };
    let climbs = target_floor > floor;
    let meets_a_step = floor == 2 && target_floor == 2 && home != target;
    let meets_a_stranger = STRANGERS
        .iter()
        .any(|(one, other)| [(home, target), (target, home)].contains(&(*one, *other)));
    (climbs || meets_a_step || meets_a_stranger)
        .then(|| format!("{module} (floor {floor}) uses {import} (floor {target_floor})"))
}

/// A file's text without its comments and its unit tests, which stand last in a file and climb to
/// their own file first.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    code.join("\n")
}

/// Every path into this crate that a module names, relative to the crate's root.
fn imports(module: &str, text: &str) -> BTreeSet<String> {
    let code = code(text);
    let parents: Vec<&str> = module.split("::").collect();
    let mut found = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        if !code[..start]
            .ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '$')
        {
            expand("", &code[start + "crate::".len()..], &mut found);
        }
    }
    for (start, _) in code.match_indices("super::") {
        if code[..start].ends_with("super::") || code[..start].ends_with("(in ") {
            continue;
        }
        let mut rest = &code[start..];
        let mut climbed = 0;
        while let Some(inner) = rest.strip_prefix("super::") {
            rest = inner;
            climbed += 1;
        }
        let Some(kept) = parents.len().checked_sub(climbed).filter(|kept| *kept > 0) else {
            continue;
        };
        expand(&format!("{}::", parents[..kept].join("::")), rest, &mut found);
    }
    found.into_iter().filter(|path| *path != module).collect()
}

/// Adds the paths of a use tree such as `a::{self, b::C}`.
fn expand(prefix: &str, tree: &str, found: &mut BTreeSet<String>) {
    let end =
        tree.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(tree.len());
    let (path, rest) = tree.split_at(end);
    if !rest.starts_with('{') || !path.is_empty() && !path.ends_with("::") {
        let path = format!("{prefix}{path}");
        let path = path.trim_end_matches("::self").trim_end_matches("self").trim_end_matches("::");
        if !path.is_empty() {
            found.insert(path.to_owned());
        }
        return;
    }
    let (mut depth, mut item) = (0, 1);
    for (place, character) in rest.char_indices() {
        match character {
            '{' => depth += 1,
            '}' | ',' if depth == 1 => {
                let part = rest[item..place].trim();
                if !part.is_empty() {
                    expand(&format!("{prefix}{path}"), part, found);
                }
                item = place + 1;
                if character == '}' {
                    return;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
}
