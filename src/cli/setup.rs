//! Reads the files and the environment that decide how the program runs.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Usage;
use super::arguments::Arguments;
use crate::app::Decided;
use crate::config::{Config, declared_feeds};

/// Where the configuration is looked for when nobody names it.
const DEFAULT_FILE: &str = "config/ingest.toml";

/// Reads the configuration, the environment and the feeds file.
pub(super) fn decided(arguments: &Arguments) -> Result<Decided> {
    let file = config_file(arguments)?;
    let text = file.as_deref().map(read).transpose()?;
    let name = file.as_ref().map(|file| file.display().to_string());
    let mut config = Config::load(name.as_deref().zip(text.as_deref()), variables())?;
    if let Some(database) = &arguments.database {
        config.storage.database.clone_from(database);
    }
    let feeds = match feeds_file(file.as_deref(), &config) {
        Some(path) => Some(declared_feeds(&path.display().to_string(), &read(&path)?)?),
        None => None,
    };
    Ok(Decided { config, feeds })
}

fn config_file(arguments: &Arguments) -> Result<Option<PathBuf>> {
    match &arguments.config {
        Some(file) => Ok(Some(file.clone())),
        None => match fs::exists(DEFAULT_FILE) {
            Ok(true) => Ok(Some(PathBuf::from(DEFAULT_FILE))),
            Ok(false) => Ok(None),
            Err(error) => Err(unreadable(Path::new(DEFAULT_FILE), &error)),
        },
    }
}

/// Without a configuration file there is no folder for a feeds file to lie in.
fn feeds_file(config_file: Option<&Path>, config: &Config) -> Option<PathBuf> {
    let named = Path::new(&config.feeds.file);
    if config.feeds.file.is_empty() {
        return None;
    }
    if named.is_absolute() {
        return Some(named.to_owned());
    }
    Some(config_file?.parent()?.join(named))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> anyhow::Error {
    Usage(format!("cannot read {}: {error}", path.display())).into()
}

/// Variables that are no text cannot be ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
