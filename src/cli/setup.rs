//! Reads the files and the environment that decide how the program runs.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use super::Usage;
use super::arguments::Arguments;
use crate::app::Decided;
use crate::config::{Config, DeclaredFeed, declared_feeds};
use crate::pipeline::clean::Rules;

/// Where the configuration is looked for when nobody names it.
const DEFAULT_FILE: &str = "config/ingest.toml";

/// What to do about a feeds file that cannot be read.
const FEEDS_REMEDY: &str = "create it, or set feeds.file to another one (\"\" for none)";

/// Reads the configuration, the environment and the feeds file.
pub(super) fn decided(arguments: &Arguments) -> Result<Decided> {
    let file = config_file(arguments)?;
    let config = config_of(file.as_deref(), arguments)?;
    let feeds = match beside(file.as_deref(), &config.feeds.file) {
        Some(path) => Some(feeds(&path)?),
        None => None,
    };
    let rules = match beside(file.as_deref(), &config.text.boilerplate_file) {
        Some(path) => own_rules(&path)?,
        None => Rules::built_in(),
    };
    Ok(Decided { config, feeds, rules: Arc::new(rules) })
}

/// The built-in rules and those of a file.
///
/// # Errors
/// When the file cannot be read or its rules are refused.
pub(super) fn own_rules(path: &Path) -> Result<Rules> {
    let text =
        read(path, "create it, or set text.boilerplate_file to another one (\"\" for none)")?;
    let rules = Rules::built_in_and(&path.display().to_string(), &text);
    rules.map_err(|fault| Usage(fault.to_string()).into())
}

/// Reads the configuration and the environment, for what concerns no feed.
pub(super) fn config(arguments: &Arguments) -> Result<Config> {
    config_of(config_file(arguments)?.as_deref(), arguments)
}

fn config_of(file: Option<&Path>, arguments: &Arguments) -> Result<Config> {
    let text = file.map(|file| read(file, "name another with --config")).transpose()?;
    let name = file.map(|file| file.display().to_string());
    let mut config = Config::load(name.as_deref().zip(text.as_deref()), variables())?;
    if let Some(database) = &arguments.database {
        config.storage.database.clone_from(database);
    }
    Ok(config)
}

fn feeds(path: &Path) -> Result<Vec<DeclaredFeed>> {
    let text = read(path, FEEDS_REMEDY)?;
    let beside = |name: &str| fs::read_to_string(path.with_file_name(name));
    Ok(declared_feeds(&path.display().to_string(), &text, &beside)?)
}

fn config_file(arguments: &Arguments) -> Result<Option<PathBuf>> {
    match &arguments.config {
        Some(file) => Ok(Some(file.clone())),
        None => match fs::exists(DEFAULT_FILE) {
            Ok(true) => Ok(Some(PathBuf::from(DEFAULT_FILE))),
            Ok(false) => Ok(None),
            Err(error) => {
                Err(unreadable(Path::new(DEFAULT_FILE), &error, "name another with --config"))
            }
        },
    }
}

/// A file that the configuration names, relative to its own folder; `None` if it names none, or if
/// there is no configuration file, and so no folder for it to lie in.
fn beside(config_file: Option<&Path>, name: &str) -> Option<PathBuf> {
    let named = Path::new(name);
    if name.is_empty() {
        return None;
    }
    if named.is_absolute() {
        return Some(named.to_owned());
    }
    Some(config_file?.parent()?.join(named))
}

fn read(path: &Path, remedy: &str) -> Result<String> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error, remedy))
}

fn unreadable(path: &Path, error: &io::Error, remedy: &str) -> anyhow::Error {
    Usage(format!("cannot read {}: {error}; {remedy}", path.display())).into()
}

/// Variables that are no text cannot be ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
