//! Copies, examines and shrinks the file for a person, and says what came of it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::arguments::{Arguments, BackupOptions, DoctorOptions, VacuumOptions};
use super::output::{self, counted, data, is_watched, plain, say};
use super::{Ending, Usage, setup};
use crate::app::{self, Room};
use crate::store::{BackupError, Depth, Finding, Grade};

pub(super) async fn backup(
    options: &BackupOptions,
    arguments: &Arguments,
) -> anyhow::Result<Ending> {
    let storage = setup::config(arguments)?.storage;
    let bar = progress(is_watched() && !arguments.is_quiet());
    let told = bar.clone();
    let copied = app::back_up(&storage, options.copy.clone(), options.force, move |done, all| {
        told.set_length(all);
        told.set_position(done);
    })
    .await;
    bar.finish_and_clear();
    let bytes = copied.map_err(|error| match error.downcast_ref() {
        Some(BackupError::Exists(_) | BackupError::Unfit(_)) => Usage(error.to_string()).into(),
        _ => error,
    })?;
    let copy = options.copy.display().to_string();
    if options.json {
        output::json(&json!({ "file": copy, "bytes": bytes }))?;
    } else if !arguments.is_quiet() {
        say(&format!("{} copied to {copy}: {}", storage.database, megabytes(bytes)));
    }
    Ok(Ending::Done)
}

/// A bar at a terminal, nothing anywhere else.
fn progress(is_watched: bool) -> ProgressBar {
    let target =
        if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:20} {percent} %, {elapsed}, {eta} left")
        .expect("the template is well-formed");
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

pub(super) async fn doctor(
    options: &DoctorOptions,
    arguments: &Arguments,
) -> anyhow::Result<Ending> {
    let storage = setup::config(arguments)?.storage;
    let depth = if options.quick { Depth::Quick } else { Depth::Thorough };
    let findings = app::examine(&storage, depth).await?;
    let worst = findings.iter().map(|finding| finding.grade).max().unwrap_or(Grade::Ok);
    if options.json {
        output::json(&json!({ "grade": worst, "checks": findings }))?;
    } else {
        for line in findings.iter().flat_map(table_lines) {
            data(&line)?;
        }
        let count = |grade| findings.iter().filter(|finding| finding.grade == grade).count() as u64;
        if !arguments.is_quiet() {
            let warnings = counted(count(Grade::Warn), "warning", "warnings");
            say(&format!("{warnings}, {}", counted(count(Grade::Fail), "failure", "failures")));
        }
    }
    Ok(if worst == Grade::Fail { Ending::ChecksFailed } else { Ending::Done })
}

fn table_lines(finding: &Finding) -> Vec<String> {
    let Finding { check, grade, found, remedy } = finding;
    let mut lines = vec![format!("{:<6}{check:<14}{}", grade.as_str(), plain(found))];
    lines.extend(remedy.as_ref().map(|remedy| format!("{:<20}-> {remedy}", "")));
    lines
}

pub(super) async fn vacuum(
    options: &VacuumOptions,
    arguments: &Arguments,
) -> anyhow::Result<Ending> {
    let storage = setup::config(arguments)?.storage;
    let room = if options.in_passing { Room::InPassing } else { Room::Whole };
    let vacuumed = app::vacuum(&storage, room).await?;
    if options.json {
        output::json(&vacuumed)?;
    } else if !arguments.is_quiet() {
        let (before, after) = (megabytes(vacuumed.bytes_before), megabytes(vacuumed.bytes_after));
        say(&format!("{}: {before} before, {after} after", storage.database));
    }
    Ok(Ending::Done)
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20)
}
