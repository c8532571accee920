//! What keeps the file sound: copies of it, check-ups, and giving back room.
//!
//! All of it takes the file as it is, of whatever version: a copy is wanted just before a newer
//! program migrates it.

use std::path::PathBuf;

use serde::Serialize;

use super::StoreError;

/// Told how many pages of how many are done; answers whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something lies where the copy should.
    #[error("{} is there already; name another file, or say --force to replace it", .0.display())]
    Exists(PathBuf),
    /// What lies there is the database, or no file at all.
    #[error("{} is the database itself or no file; name another file", .0.display())]
    Unfit(PathBuf),
    /// Another process copies to the same place.
    #[error("{} is being written by another backup; wait for it", .0.display())]
    UnderWay(PathBuf),
    /// The copy cannot be written.
    #[error("writing {}; check its folder, the permissions and the free space", path.display())]
    Unwritable {
        /// The file that could not be written.
        path: PathBuf,
        /// What the system or the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Somebody asked to stop.
    #[error("stopped before the copy was whole; nothing was written")]
    Stopped,
    /// The file itself cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How thoroughly a file is examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Without reading the file through.
    Quick,
    /// With every page and every index.
    Thorough,
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// All is well.
    Ok,
    /// It works, and somebody should look at it.
    Warn,
    /// Something is broken or will be soon.
    Fail,
}

impl Grade {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How serious it is.
    pub grade: Grade,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// How large the file was and is, the log of writes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Vacuumed {
    /// Before, in bytes.
    pub bytes_before: u64,
    /// After, in bytes.
    pub bytes_after: u64,
}
