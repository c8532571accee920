//! Reads an address that a person gives, to find what was seen there.

use crate::pipeline::canonicalize::{self, Trackers};
use crate::pipeline::resolve::{self, Means};
use crate::store::{Asked, StoreError};

/// An address as the pipeline would follow it, but offline.
pub(super) async fn asked(
    address: &str,
    means: Means<'_>,
    trackers: &Trackers,
) -> Result<Asked, StoreError> {
    let target = resolve::link(address, Means { http: None, ..means }).await?.target;
    let mut asked = Asked { spellings: vec![address.to_owned()], ..Asked::default() };
    for address in [address, &target] {
        if let Ok(url) = canonicalize::url(address, trackers) {
            asked.keys.push(canonicalize::key(&url));
            asked.spellings.push(url.as_str().to_owned());
        }
    }
    asked.spellings.push(target);
    asked.keys.dedup();
    asked.spellings.sort_unstable();
    asked.spellings.dedup();
    Ok(asked)
}
