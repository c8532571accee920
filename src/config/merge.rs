//! Lays a configuration file and the environment over the defaults, noting every fault.

use std::collections::HashMap;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::faults::{Fault, Origin, line_of, nearest};

/// Environment variables of ours start so; section and key are parted by two underscores.
const PREFIX: &str = "INGEST_";

/// The defaults with everything the operator said laid over them.
pub(super) struct Merged {
    pub(super) table: Table,
    /// Where each overridden `section.key` was said.
    pub(super) origins: HashMap<String, Origin>,
    pub(super) faults: Vec<Fault>,
}

/// Lays `file` (name and text) and then `environment` over `defaults`.
pub(super) fn over_defaults(
    defaults: &impl Serialize,
    file: Option<(&str, &str)>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Merged {
    let table = Table::try_from(defaults).expect("the defaults are a table of plain values");
    let mut merged = Merged { table, origins: HashMap::new(), faults: Vec::new() };
    if let Some((name, text)) = file {
        merged.lay_file(name, text);
    }
    let mut variables: Vec<(String, String)> = environment.into_iter().collect();
    variables.sort();
    for (variable, value) in variables {
        merged.lay_variable(&variable, &value);
    }
    merged
}

impl Merged {
    fn lay_file(&mut self, name: &str, text: &str) {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            let origin = Origin::File { name: name.to_owned(), line };
            self.faults.push(Fault::new(origin, error.message()));
        }
        for (section, value) in document.get_ref() {
            let line = line_of(text, section.span().start);
            let origin = Origin::File { name: name.to_owned(), line };
            match value.get_ref() {
                DeValue::Table(keys) => {
                    self.lay_section(name, text, section.get_ref(), keys, origin);
                }
                _ => self.faults.push(Fault::new(
                    origin,
                    format!("`{}` must stand in a section, such as [http]", section.get_ref()),
                )),
            }
        }
    }

    fn lay_section(
        &mut self,
        name: &str,
        text: &str,
        section: &str,
        keys: &DeTable<'_>,
        origin: Origin,
    ) {
        if !self.table.contains_key(section) {
            let message = unknown("section", section, section, self.table.keys());
            self.faults.push(Fault::new(origin, message));
            return;
        }
        for (key, value) in keys {
            let line = line_of(text, key.span().start);
            let origin = Origin::File { name: name.to_owned(), line };
            self.lay_value(section, key.get_ref(), plain(value), origin);
        }
    }

    fn lay_variable(&mut self, variable: &str, text: &str) {
        let Some((section, key)) =
            variable.strip_prefix(PREFIX).and_then(|rest| rest.split_once("__"))
        else {
            return;
        };
        let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
        let origin = Origin::Variable(variable.to_owned());
        let value = match self.default_of(&section, &key) {
            Some(Value::Integer(_)) => text.trim().parse().map(Value::Integer).ok(),
            Some(Value::Boolean(_)) => text.trim().parse().map(Value::Boolean).ok(),
            Some(Value::Array(_)) => Some(Value::Array(words(text))),
            _ => Some(Value::String(text.to_owned())),
        };
        match (value, self.default_of(&section, &key)) {
            (None, Some(default)) => self.faults.push(Fault::new(
                origin,
                format!("`{section}.{key}` must be {}, not `{text}`", type_of(default)),
            )),
            (value, _) => self.lay_value(&section, &key, value, origin),
        }
    }

    fn lay_value(&mut self, section: &str, key: &str, value: Option<Value>, origin: Origin) {
        let path = format!("{section}.{key}");
        let Some(Value::Table(keys)) = self.table.get_mut(section) else {
            let message = unknown("section", section, section, self.table.keys());
            self.faults.push(Fault::new(origin, message));
            return;
        };
        let Some(default) = keys.get(key) else {
            let message = unknown("key", &path, key, keys.keys());
            self.faults.push(Fault::new(origin, message));
            return;
        };
        match value {
            Some(Value::Integer(number)) if default.is_integer() && number < 0 => {
                self.faults.push(Fault::new(origin, format!("`{path}` must not be negative")));
            }
            Some(value) if value.same_type(default) && only_strings(&value) => {
                keys.insert(key.to_owned(), value);
                self.origins.insert(path, origin);
            }
            value => {
                let found = match &value {
                    Some(Value::Array(_)) if default.is_array() => "one that holds other things",
                    Some(Value::Boolean(_)) => "a boolean",
                    Some(value) => type_of(value),
                    None => "a number too large",
                };
                let message = format!("`{path}` must be {}, not {found}", type_of(default));
                self.faults.push(Fault::new(origin, message));
            }
        }
    }

    fn default_of(&self, section: &str, key: &str) -> Option<&Value> {
        self.table.get(section)?.get(key)
    }
}

/// The plain value of a parsed one; `None` for an integer beyond 64 bits.
fn plain(value: &Spanned<DeValue<'_>>) -> Option<Value> {
    Some(match value.get_ref() {
        DeValue::Integer(number) => {
            Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
        }
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Float(_) => Value::Float(0.0),
        DeValue::Datetime(moment) => Value::Datetime(*moment),
        DeValue::Array(items) => Value::Array(items.iter().map(plain).collect::<Option<_>>()?),
        DeValue::Table(_) => Value::Table(Table::new()),
    })
}

/// The items of a list in an environment variable, parted by commas.
fn words(list: &str) -> Vec<Value> {
    let items = list.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| Value::String(item.to_owned())).collect()
}

/// Every array of the configuration is one of strings.
fn only_strings(value: &Value) -> bool {
    value.as_array().is_none_or(|items| items.iter().all(Value::is_str))
}

fn unknown<'a>(
    kind: &str,
    path: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a String>,
) -> String {
    match nearest(word, known) {
        Some(meant) => format!("unknown {kind} `{path}`; did you mean `{meant}`?"),
        None => format!("unknown {kind} `{path}`"),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Boolean(_) => "a boolean (true or false)",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "an array of strings",
        Value::Table(_) => "a table",
    }
}
