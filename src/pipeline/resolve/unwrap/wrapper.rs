//! Takes the target out of one layer, where and how its row of the table says.

use url::Url;

use crate::config::links::{AssumedScheme, WrapperRow};

use super::path::{Captured, PathPattern};
use super::{WrappersError, decode, path_patterns, target};

/// A compiled row of the table.
#[derive(Debug)]
pub(super) struct Wrapper {
    pub(super) row: WrapperRow,
    pub(super) paths: Vec<PathPattern>,
    base: Option<Url>,
}

impl Wrapper {
    /// Reads a row; it must name the target's place exactly once.
    pub(super) fn compile(row: &WrapperRow) -> Result<Self, WrappersError> {
        let paths = path_patterns(&row.paths, &row.hosts, &row.id)?;
        let in_path = paths.iter().filter(|path| path.has_target()).count();
        let places = [!row.params.is_empty(), row.in_query, in_path > 0];
        let in_every_path = in_path == 0 || in_path == paths.len();
        let base = row.base.as_deref().map(Url::parse).transpose().ok().flatten();
        let base_is_read = base.is_some() == row.base.is_some();
        if places.iter().filter(|place| **place).count() != 1 || !in_every_path || !base_is_read {
            return Err(WrappersError::Place { id: row.id.clone() });
        }
        Ok(Self { row: row.clone(), paths, base })
    }

    /// The first acceptable target that stands where the row says.
    pub(super) fn target(&self, url: &Url, captured: &Captured) -> Option<Url> {
        if let Some(written) = &captured.target {
            return self.read(written, captured.host.as_deref());
        }
        let query = url.query()?;
        if self.row.in_query {
            return self.read(query, None);
        }
        self.row.params.iter().find_map(|param| {
            let mut values = query.split('&').filter_map(|pair| named(pair, param));
            values.find_map(|written| self.read(written, None))
        })
    }

    fn read(&self, written: &str, host: Option<&str>) -> Option<Url> {
        let written = written.strip_prefix(self.row.marker.as_str())?;
        let mut text = decode::decode(written, self.row.encoding, &self.row.json_keys)?;
        if self.row.signed {
            without_signature(&mut text);
        }
        if let Some(host) = host {
            text = format!("{host}/{text}");
        }
        let mut url = if let Some(base) = self.base.as_ref().filter(|_| text.starts_with('/')) {
            target::read(base.join(&text).ok()?.as_str())?
        } else {
            target::read(&self.with_scheme(text))?
        };
        let path = url.path().to_ascii_lowercase();
        if self.row.no_endings.iter().any(|ending| path.ends_with(ending.as_str())) {
            return None;
        }
        if !self.row.drop_params.is_empty() {
            drop_params(&mut url, &self.row.drop_params);
        }
        Some(url)
    }

    fn with_scheme(&self, text: String) -> String {
        if target::has_scheme(&text) {
            return text;
        }
        if text.starts_with("//") {
            return format!("https:{text}");
        }
        match self.row.scheme {
            Some(AssumedScheme::Http) => format!("http://{text}"),
            Some(AssumedScheme::Https) => format!("https://{text}"),
            None => text,
        }
    }
}

/// The value of a `name=value` pair of this name. Feeds that escape twice leave `amp;` before it.
fn named<'a>(pair: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = pair.split_once('=')?;
    let key = key.strip_prefix("amp;").unwrap_or(key);
    (key.eq_ignore_ascii_case(name) && !value.is_empty()).then_some(value)
}

/// Cuts `:signature` off the end; a colon before the last slash belongs to the address.
fn without_signature(text: &mut String) {
    if let Some((address, signature)) = text.rsplit_once(':')
        && !signature.contains('/')
    {
        text.truncate(address.len());
    }
}

fn drop_params(url: &mut Url, names: &[String]) {
    let Some(query) = url.query() else {
        return;
    };
    let is_dropped = |pair: &&str| names.iter().any(|name| pair.split('=').next() == Some(name));
    let kept: Vec<_> = query.split('&').filter(|pair| !is_dropped(pair)).collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
}
