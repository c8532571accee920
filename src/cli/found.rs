//! Prints what was found under the number or the address that a person gave.

use serde::Serialize;

use super::output::{data, json, moment, plain};
use super::{Ending, Usage};
use crate::app::Found;
use crate::store::Burial;

/// Prints the articles, each as `lines` says, or what is left of those that were deleted.
pub(super) fn print<T: Serialize>(
    found: &Found<T>,
    asked: &str,
    as_json: bool,
    lines: impl Fn(&T) -> Vec<String>,
) -> anyhow::Result<Ending> {
    match found {
        Found::Articles(articles) => {
            for (place, article) in articles.iter().enumerate() {
                if as_json {
                    json(article)?;
                    continue;
                }
                if place > 0 {
                    data("")?;
                }
                for line in lines(article) {
                    data(&line)?;
                }
            }
        }
        Found::Deleted(burials) if as_json => {
            json(&serde_json::json!({ "deleted": burials }))?;
        }
        Found::Deleted(burials) => {
            for line in deleted(burials) {
                data(&line)?;
            }
        }
        Found::Unknown => return Err(Usage(unknown(asked)).into()),
    }
    Ok(Ending::Done)
}

fn unknown(asked: &str) -> String {
    format!(
        "nothing was seen at {asked}; try the article's own address, the link as a feed gives it, \
         or the number of an article (`SELECT id, title, url FROM latest LIMIT 20` shows the newest)"
    )
}

fn deleted(burials: &[Burial]) -> Vec<String> {
    let mut lines = vec!["deleted; entries that bring it again are dropped".to_owned()];
    for burial in burials {
        let what = if burial.kind == "url" { "address" } else { "entry" };
        let key = plain(&burial.key);
        lines.push(format!("  {what:<11}{key}, deleted {}", moment(burial.deleted_at)));
    }
    lines.push("to let it come back, delete its rows of the table tombstones".to_owned());
    lines
}
