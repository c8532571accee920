//! A place with a disk, or with name servers, of its own: a mount namespace that an unprivileged user
//! may make, where the system allows it.
//!
//! A process keeps the namespace, and the program is started inside by `nsenter`. Its files are reached
//! from outside through `/proc`; SQLite would follow that link wrongly, so files are copied out to be
//! looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::harness::eventually;

/// The folder in which the disk of a chamber is mounted, and the program's file on it.
const DISK: &str = "disk";
pub(crate) const DATABASE: &str = "disk/ingest.sqlite";

/// Mounts a disk of `$1` bytes.
const MOUNT_DISK: &str = "mkdir -p disk && mount -t tmpfs -o size=\"$1\" none disk";

/// Puts files of ours in the place of those that say where names are looked up.
const MOUNT_NAMES: &str =
    "mount --bind hosts /etc/hosts && mount --bind resolv.conf /etc/resolv.conf";

/// A namespace and who keeps it; both are gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Chamber {
    keeper: Child,
    folder: PathBuf,
}

impl Chamber {
    /// A chamber whose folder has a disk of so many bytes; or why there can be none.
    pub(crate) async fn with_disk(folder: &Path, bytes: u64) -> Result<Self, String> {
        Self::open(folder, MOUNT_DISK, &bytes.to_string()).await
    }

    /// A chamber where names are looked up in `hosts` and `resolv.conf` of the folder.
    pub(crate) async fn with_names(folder: &Path) -> Result<Self, String> {
        Self::open(folder, MOUNT_NAMES, "").await
    }

    async fn open(folder: &Path, script: &str, argument: &str) -> Result<Self, String> {
        let script = format!("{script} && echo ready && exec cat");
        let mut keeper = Command::new("unshare")
            .args(["-r", "-m", "sh", "-c", &script, "sh", argument])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("unshare cannot be started: {error}"))?;
        let mut lines = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let line = eventually("a namespace", lines.next_line()).await.unwrap();
        if line.as_deref() == Some("ready") {
            return Ok(Self { keeper, folder: folder.to_owned() });
        }
        let output = keeper.wait_with_output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("no user namespaces here ({})", said.trim().lines().next().unwrap_or_default()))
    }

    /// The words by which a program is started inside, in the same folder.
    pub(crate) fn enter(&self) -> Vec<String> {
        let keeper = self.keeper.id().unwrap().to_string();
        ["nsenter", "-t", &keeper, "-U", "-m", "--preserve-credentials", "--wd"]
            .map(str::to_owned)
            .to_vec()
    }

    /// Mounts the disk anew: `size=…`, `ro`, `rw`.
    pub(crate) async fn remount(&self, options: &str) {
        // With the source named, no options of before are taken over: among them are owners whom
        // the namespace does not know.
        let words = self.enter();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args([
            "mount",
            "-o",
            &format!("remount,{options}"),
            "none",
            DISK,
        ]);
        let output = eventually("a mount", command.output()).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Copies the file and its log out, and says where they are. Only while nobody writes.
    pub(crate) fn copy_out(&self) -> PathBuf {
        let copy = self.folder.join("copy.sqlite");
        for end in ["", "-wal", "-shm"] {
            let copy = self.folder.join(format!("copy.sqlite{end}"));
            drop(fs::remove_file(&copy));
            if end != "-shm" {
                // The log may not be there, nor may the file.
                drop(fs::copy(self.inside(end), copy));
            }
        }
        copy
    }

    /// Puts what was copied out and changed back into its place.
    pub(crate) fn copy_in(&self) {
        for end in ["-wal", "-shm"] {
            drop(fs::remove_file(self.inside(end)));
        }
        fs::copy(self.folder.join("copy.sqlite"), self.inside("")).unwrap();
    }

    /// Where the file, or one beside it, is seen from outside.
    fn inside(&self, end: &str) -> PathBuf {
        let folder = self.folder.strip_prefix("/").unwrap();
        let root = format!("/proc/{}/root", self.keeper.id().unwrap());
        Path::new(&root).join(folder).join(format!("{DATABASE}{end}"))
    }
}
