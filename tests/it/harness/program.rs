//! Runs the built program in a folder of its own and reads the file it writes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, OpenFlags, Row};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::waiting::eventually_or_tell;
use super::{eventually, loopback};

/// What a run tried to reach beyond loopback, in the program's working directory.
const NOTES: &str = "tried-beyond-loopback";

/// The program with a folder, a configuration and a database of its own.
#[derive(Debug)]
pub(crate) struct Ingest {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// How a run of the program ended, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// The exit code; -1 if a signal ended it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running daemon, which is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    lines: Arc<watch::Sender<Vec<String>>>,
    readers: JoinSet<()>,
}

impl Ingest {
    /// A fresh folder; loopback may be asked, and hosts need no pause between requests.
    pub(crate) fn new() -> Self {
        let ingest = Self { folder: TempDir::new().unwrap(), variables: Vec::new() };
        fs::create_dir(ingest.path("config")).unwrap();
        ingest.write("config/ingest.toml", "");
        ingest.write("config/feeds.toml", "");
        ingest
            .with("INGEST_HTTP__ALLOW_PRIVATE_NETWORKS", "true")
            .with("INGEST_HTTP__PER_HOST_GAP_MS", "0")
    }

    /// Sets an environment variable of every run; a later one of the same name wins.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What it tried to reach beyond loopback until now; forgotten once it is told.
    pub(crate) fn tried_beyond_loopback(&self) -> Vec<String> {
        let notes = self.path(NOTES);
        let tried = loopback::tried(&notes);
        drop(fs::remove_file(notes));
        tried
    }

    /// Where `name` lies in the program's working directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beneath the working directory: `config/ingest.toml`, `config/feeds.toml` …
    pub(crate) fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path("ingest.sqlite")
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_stdin(arguments, "").await
    }

    /// Runs the program to its end, with `stdin` piped into it.
    pub(crate) async fn run_with_stdin(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let written = async move {
            // A program that does not read its input closes the pipe; what it says then matters.
            drop(pipe.write_all(stdin.as_bytes()).await);
        };
        let ended = async { tokio::join!(written, child.wait_with_output()).1 };
        let output = eventually(&format!("the end of {arguments:?}"), ended).await.unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a line as a person types it at a shell, where the program is found by its name.
    pub(crate) async fn shell(&self, line: &str) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_ingest"));
        let mut paths = vec![program.parent().unwrap().to_owned()];
        paths.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let mut command = self.kept_on_loopback(Command::new("sh"));
        command.args(["-c", line]).env("PATH", env::join_paths(paths).unwrap());
        let ended = command.stdin(Stdio::null()).output();
        let output = eventually(&format!("the end of {line}"), ended).await.unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs the program and hangs up after the first line of its output, as `head -1` does.
    pub(crate) async fn run_and_hang_up(&self, arguments: &[&str]) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = eventually("the first line", lines.next_line()).await.unwrap();
        drop(lines);
        let ended = child.wait_with_output();
        let output = eventually(&format!("the end of {arguments:?}"), ended).await.unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: line.unwrap_or_default(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Adds feeds to the database, without asking for them.
    pub(crate) async fn add(&self, urls: &[&str]) {
        let output = self.run(&[&["feeds", "add", "--no-check"], urls].concat()).await;
        assert_eq!(output.code, 0, "{output:?}");
    }

    /// Polls every feed, due or not, and expects that none fails.
    pub(crate) async fn poll(&self) {
        let output = self.run(&["--once", "--force"]).await;
        assert_eq!(output.code, 0, "{output:?}");
    }

    /// Polls one feed, due or not, and expects that it does not fail.
    pub(crate) async fn poll_only(&self, url: &str) {
        let output = self.run(&["--once", "--force", "--feed", url]).await;
        assert_eq!(output.code, 0, "{output:?}");
    }

    /// Lets the time come of every page that is to be asked for again, and runs a pass.
    pub(crate) async fn ask_again_for_pages(&self) -> Output {
        let come = "UPDATE text_choices SET next_try_at = '2001-01-01T00:00:00Z'";
        self.execute(&format!("{come} WHERE next_try_at IS NOT NULL"));
        let output = self.run(&["--once", "--json"]).await;
        assert_eq!(output.code, 0, "{output:?}");
        output
    }

    /// Starts the daemon, with further arguments (none for most).
    pub(crate) fn daemon(&self, arguments: &[&str]) -> Daemon {
        Self::start(self.command(arguments))
    }

    /// Starts a command that was made ready by [`Self::surrounded`], and reads what it says.
    pub(crate) fn start(mut command: Command) -> Daemon {
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let lines = Arc::new(watch::Sender::new(Vec::new()));
        let mut readers = JoinSet::new();
        readers.spawn(collect(child.stderr.take().unwrap(), Arc::clone(&lines)));
        readers.spawn(collect(child.stdout.take().unwrap(), Arc::clone(&lines)));
        Daemon { child, lines, readers }
    }

    /// A connection of our own to the database file, for reading.
    pub(crate) fn connection(&self) -> Connection {
        open(&self.database())
    }

    /// Changes the database file from outside, while the program does not run.
    pub(crate) fn execute(&self, statements: &str) {
        Connection::open(self.database()).unwrap().execute_batch(statements).unwrap();
    }

    /// Lets the file have been in use some days ago, as one of that age was: else a clock that makes
    /// things in it old is not believed.
    pub(crate) fn was_in_use(&self) {
        self.execute(
            "INSERT INTO polls (feed_id, started_at, duration_ms, outcome)
             SELECT min(id), strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-3 days'), 1, 'not-modified'
             FROM feeds",
        );
    }

    /// Puts in the place of the database file one of an earlier schema with the same rows, as far as
    /// it has room for them.
    pub(crate) fn go_back_to_schema(&self, version: usize) {
        let old = self.path("old.sqlite");
        let db = Connection::open(&old).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let mut migrations: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        migrations.sort();
        for migration in &migrations[..version] {
            db.execute_batch(&fs::read_to_string(migration).unwrap()).unwrap();
        }
        let header = "PRAGMA application_id = 1768843123; PRAGMA foreign_keys = OFF";
        db.execute_batch(&format!("{header}; PRAGMA user_version = {version}")).unwrap();
        db.execute("ATTACH ?1 AS now", [self.database().to_str().unwrap()]).unwrap();
        let copies: Vec<String> = db
            .prepare(
                "SELECT 'INSERT INTO main.' || t.name || ' (' || group_concat(c.name) || ') SELECT '
                        || group_concat(c.name) || ' FROM now.' || t.name
                 FROM main.sqlite_schema AS t
                 JOIN pragma_table_info(t.name, 'main') AS c
                 JOIN pragma_table_info(t.name, 'now') AS n ON n.name = c.name
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'search%'
                 GROUP BY t.name",
            )
            .and_then(|mut copies| copies.query_map([], |row| row.get(0))?.collect())
            .unwrap();
        assert!(!copies.is_empty());
        db.execute_batch(&copies.join(";")).unwrap();
        db.execute_batch("INSERT INTO search (search) VALUES ('rebuild')").unwrap();
        drop(db);
        fs::rename(old, self.database()).unwrap();
    }

    /// The rows of a query as tuples: `rows::<(String, i64)>("SELECT title, words FROM articles")`.
    pub(crate) fn rows<T>(&self, query: &str) -> Vec<T>
    where
        T: for<'a> TryFrom<&'a Row<'a>, Error = rusqlite::Error>,
    {
        let db = self.connection();
        let mut statement = db.prepare(query).unwrap();
        let rows = statement.query_map([], |row| T::try_from(row)).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    }

    /// The first column of a query.
    pub(crate) fn column<T: FromSql>(&self, query: &str) -> Vec<T> {
        let db = self.connection();
        let mut statement = db.prepare(query).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    }

    /// The one value of a query, as in `value::<i64>("SELECT count(*) FROM articles")`.
    pub(crate) fn value<T: FromSql>(&self, query: &str) -> T {
        let mut column = self.column(query);
        assert_eq!(column.len(), 1, "{query} has one row");
        column.remove(0)
    }

    /// Every row of a query, each written out, for comparing a table with itself.
    pub(crate) fn dump(&self, query: &str) -> Vec<String> {
        let db = self.connection();
        let mut statement = db.prepare(query).unwrap();
        let width = statement.column_count();
        let written = statement.query_map([], |row| {
            let values: rusqlite::Result<Vec<Value>> = (0..width).map(|i| row.get(i)).collect();
            Ok(format!("{:?}", values?))
        });
        written.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    /// The program ready to be started, with its output piped and nothing of our surroundings.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.kept_on_loopback(Command::new(env!("CARGO_BIN_EXE_ingest")));
        command.args(arguments);
        command
    }

    /// A command with the surroundings of every run that can reach nothing beyond loopback.
    fn kept_on_loopback(&self, command: Command) -> Command {
        let mut command = self.surrounded(command);
        command.envs(loopback::kept_on_it(&self.path(NOTES)));
        command
    }

    /// A command with the surroundings of every run: the folder, the variables, its output piped.
    pub(crate) fn surrounded(&self, mut command: Command) -> Command {
        for (name, _) in env::vars_os() {
            let upper = name.to_string_lossy().to_uppercase();
            if upper.starts_with("INGEST_") || upper.ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.folder.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// No test reaches beyond loopback.
impl Drop for Ingest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let tried = self.tried_beyond_loopback();
            assert!(tried.is_empty(), "it tried to reach {tried:?}, which is not on this machine");
        }
    }
}

impl Daemon {
    /// Waits for a line (of stderr or stdout, past ones too) that contains `text`; answers it.
    pub(crate) async fn until_line(&self, text: &str) -> String {
        let mut lines = self.lines.subscribe();
        let found = |lines: &[String]| lines.iter().find(|line| line.contains(text)).cloned();
        let waited = lines.wait_for(|lines| found(lines).is_some());
        let waited = eventually(&format!("a line with {text:?}"), waited).await.unwrap();
        found(&waited).unwrap()
    }

    /// What it said until now.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    /// Hangs up: nobody reads any more what it says.
    pub(crate) async fn hang_up(&mut self) {
        self.readers.shutdown().await;
    }

    /// Sends a signal by its name without SIG: `TERM`, `INT`, `HUP`, `KILL`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().expect("it is still running").to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &process]).status();
        assert!(sent.unwrap().success(), "SIG{name} was sent");
    }

    /// Waits for its end, and answers how that was; all it said is in `stderr`.
    pub(crate) async fn wait(mut self) -> Output {
        let lines = &self.lines;
        let what = || format!("the daemon's end; it said:\n{}", lines.borrow().join("\n"));
        let status = eventually_or_tell(what, self.child.wait()).await.unwrap();
        let code = status.code().unwrap_or(-1);
        let readers = std::mem::take(&mut self.readers);
        eventually("its last line", readers.join_all()).await;
        Output { code, stdout: String::new(), stderr: self.lines().join("\n") }
    }
}

async fn collect(pipe: impl AsyncRead + Unpin, lines: Arc<watch::Sender<Vec<String>>>) {
    let mut pipe = BufReader::new(pipe).lines();
    while let Some(line) = pipe.next_line().await.unwrap() {
        lines.send_modify(|lines| lines.push(line));
    }
}

fn open(database: &Path) -> Connection {
    Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}
