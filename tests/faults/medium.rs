//! **read-only**: the disk is mounted read-only, as Linux does to one that shows errors.

use std::fs;
use std::path::Path;

use super::arguments::Arguments;
use super::chamber::{Chamber, DATABASE};
use super::site::{DUE, FORCED, Site};
use super::table::Finding;

const BYTES: u64 = 256 << 20;

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("read-only");
    let mut finding = Finding::default();
    for run in 0..arguments.times(2, 8) {
        let mut site = Site::open(arguments, &mut chance).await;
        match Chamber::with_disk(site.ingest.path("").as_path(), BYTES).await {
            Ok(chamber) => {
                site.set("INGEST_STORAGE__DATABASE", DATABASE);
                site.chamber = Some(chamber);
            }
            Err(why) if run == 0 => {
                finding
                    .skipped
                    .push(format!("a disk of its own: {why}; the modes of file and folder served"));
            }
            Err(_) => {}
        }
        site.expect(&FORCED, 0).await;
        site.farm.publish();
        site.let_feeds_be_due();
        // Every other time a killed pass has left its log, which readers must not pass over.
        let has_log = run % 2 == 1;
        if has_log {
            let hits = site.farm.hits(0);
            let run = site.start(&DUE);
            site.farm.until_hit(0, hits + 1).await;
            run.signal("KILL");
            run.wait().await;
        }
        let before = site.stored();
        if !become_read_only(&site, true).await {
            finding
                .skipped
                .push("everything: whoever runs this may write read-only files".to_owned());
            return finding;
        }
        check_refused(&site).await;
        check_readable(&site).await;
        become_read_only(&site, false).await;
        finding.runs += 1;
        finding.lost += site.missing(&before);
        site.let_claims_run_out();
        site.conclude(&DUE, &mut finding).await;
    }
    finding
}

/// Answers whether it is so now.
async fn become_read_only(site: &Site, read_only: bool) -> bool {
    if let Some(chamber) = &site.chamber {
        chamber.remount(if read_only { "ro" } else { "rw" }).await;
        return true;
    }
    let set = |path: &Path| {
        let Ok(found) = fs::metadata(path) else { return };
        let mut permissions = found.permissions();
        permissions.set_readonly(read_only);
        fs::set_permissions(path, permissions).unwrap();
    };
    // The folder first where it is to be writable, and last where not.
    let (file, folder) = (site.ingest.database(), site.ingest.path(""));
    if !read_only {
        set(&folder);
    }
    for path in [&file, &site.log(), &site.shared()] {
        set(path);
    }
    if read_only {
        set(&folder);
    }
    let is_writable = fs::OpenOptions::new().append(true).open(file).is_ok();
    is_writable != read_only
}

/// Whoever would write says what is wrong, and what to do.
async fn check_refused(site: &Site) {
    for arguments in [&DUE[..], &[], &["feeds", "list"]] {
        let output = site.expect(arguments, 3).await;
        for words in
            ["ingest.sqlite cannot be opened for writing", "permissions", "mounted read-only"]
        {
            assert!(output.stderr.contains(words), "{}", output.stderr);
        }
    }
}

/// Whoever only looks can do so.
async fn check_readable(site: &Site) {
    site.expect(&["stats"], 0).await;
    let output = site.expect(&["search", "the"], 0).await;
    assert!(!output.stderr.is_empty());
    site.expect(&["show", "1"], 0).await;
    let output = site.expect(&["export", "--format", "jsonl"], 0).await;
    assert!(output.stderr.contains("\"id\":1"), "{}", output.stderr);
}
