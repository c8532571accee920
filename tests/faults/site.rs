//! The program with a file of its own, beside a farm: runs it, and compares its file with the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::process::Command;

use super::arguments::Arguments;
use super::chamber::Chamber;
use super::chance::Chance;
use super::farm::{Extent, Farm};
use super::harness::{Daemon, Gate, Ingest, Output};
use super::table::{Finding, Recovered};

/// A pass over every feed, due or not.
pub(crate) const FORCED: [&str; 2] = ["--once", "--force"];

/// A pass over the feeds that are due.
pub(crate) const DUE: [&str; 1] = ["--once"];

/// How many passes the way back to the truth may take.
const PASSES_AT_MOST: usize = 5;

/// Claims of a process that was killed run out by themselves after two minutes. Nobody wants to wait
/// for that, so we make it so.
const CLAIMS_RUN_OUT: &str =
    "UPDATE feeds SET claimed_until = '2020-01-01T00:00:00Z' WHERE claimed_until IS NOT NULL;";

/// Hours pass until every feed is due.
const DUE_AGAIN: &str = "UPDATE feeds SET next_poll_at = '2020-01-01T00:00:00Z';";

/// Small extents for a few runs, larger ones for many.
const SMALL: Extent = Extent { feeds: 10, at_a_time: 4 };
const LARGE: Extent = Extent { feeds: 48, at_a_time: 6 };

/// The program, its file, and what it reads.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) ingest: Ingest,
    pub(crate) farm: Farm,
    /// Further variables of every run.
    pub(crate) variables: Vec<(String, String)>,
    /// Where the program runs, if not among us.
    pub(crate) chamber: Option<Chamber>,
}

/// What is missing, and what is there too often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
}

impl Site {
    /// A site with a farm of our own, of which the program knows every feed.
    pub(crate) async fn open(arguments: &Arguments, chance: &mut Chance) -> Self {
        Self::with(if arguments.is_long { LARGE } else { SMALL }, chance).await
    }

    /// The same with the larger extent in any case: where an empty file and a full one must differ.
    pub(crate) async fn open_large(chance: &mut Chance) -> Self {
        Self::with(LARGE, chance).await
    }

    async fn with(extent: Extent, chance: &mut Chance) -> Self {
        let chance = Chance::new(u64::try_from(chance.below(1 << 40)).unwrap(), "farm");
        Self::beside(Farm::open(extent, chance).await)
    }

    /// The same, or beside somebody else's farm if one is named.
    pub(crate) async fn open_outside(arguments: &Arguments, chance: &mut Chance) -> Self {
        match &arguments.outside {
            Some((feeds, truth)) => Self::beside(Farm::of_files(feeds, truth)),
            None => Self::open(arguments, chance).await,
        }
    }

    fn beside(farm: Farm) -> Self {
        let ingest = Ingest::new()
            .with("INGEST_HTTP__PER_HOST_AT_ONCE", "16")
            .with("INGEST_POLLING__FEEDS_AT_ONCE", "4");
        let site = Self { ingest, farm, variables: Vec::new(), chamber: None };
        site.declare(&site.farm.urls);
        site
    }

    /// Makes these the declared feeds.
    pub(crate) fn declare(&self, urls: &[String]) {
        let rows = urls.iter().map(|url| format!("[[feed]]\nurl = \"{url}\"\n"));
        self.ingest.write("config/feeds.toml", &rows.collect::<String>());
    }

    /// Sets a variable of every run from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the program.
    pub(crate) fn start(&self, arguments: &[&str]) -> Daemon {
        self.start_by(&[], arguments)
    }

    /// Starts the program by another one.
    pub(crate) fn start_by(&self, launcher: &[&str], arguments: &[&str]) -> Daemon {
        let mut words: Vec<String> = launcher.iter().map(|&word| word.to_owned()).collect();
        words.extend(self.chamber.iter().flat_map(Chamber::enter));
        words.push(env!("CARGO_BIN_EXE_ingest").to_owned());
        let mut command = self.ingest.surrounded(Command::new(&words[0]));
        command.args(&words[1..]).args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ingest::start(command)
    }

    /// Starts it, and waits until it has asked for its first feed, which answers once the gate is opened.
    pub(crate) async fn start_at_the_gate(&self, arguments: &[&str]) -> (Gate, Daemon) {
        let (gate, hits) = (Gate::closed(), self.farm.hits(0));
        self.farm.answer(0, |reply| reply.behind(&gate));
        let program = self.start(arguments);
        self.farm.until_hit(0, hits + 1).await;
        (gate, program)
    }

    /// Runs the program to its end; all it says is in `stderr`.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.start(arguments).wait().await
    }

    /// Runs it, and expects this exit code.
    pub(crate) async fn expect(&self, arguments: &[&str], code: i32) -> Output {
        let output = self.run(arguments).await;
        assert_eq!(output.code, code, "{arguments:?}: {}", output.stderr);
        output
    }

    /// Where the file can be looked at.
    fn file(&self) -> PathBuf {
        match &self.chamber {
            Some(chamber) => chamber.copy_out(),
            None => self.ingest.database(),
        }
    }

    /// A connection that reads the file as it is, and changes nothing: what stands in the log of a
    /// process that was killed stays there for the next one. `None` while there is no file.
    pub(crate) fn look(&self) -> Option<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(self.file(), flags).ok()?;
        let is_made: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'sightings'", [], |row| {
                row.get(0)
            })
            .ok()?;
        (is_made == 1).then_some(db)
    }

    /// The links of the entries that are in the file, each with its article.
    pub(crate) fn stored(&self) -> Vec<(String, i64)> {
        self.look().map_or_else(Vec::new, |db| entries(&db))
    }

    /// How many of these are no longer in the file.
    pub(crate) fn missing(&self, before: &[(String, i64)]) -> usize {
        missing_among(before, self.stored())
    }

    /// How many of these are not in a file that lies elsewhere.
    pub(crate) fn missing_in(file: &Path, before: &[(String, i64)]) -> usize {
        missing_among(before, entries(&Connection::open(file).unwrap()))
    }

    /// The version of the file's schema.
    pub(crate) fn schema(&self) -> usize {
        let Some(db) = self.look() else { return 0 };
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        usize::try_from(version).unwrap()
    }

    /// How many polls there have been.
    pub(crate) fn polls(&self) -> usize {
        self.count("polls")
    }

    fn count(&self, table: &str) -> usize {
        let Some(db) = self.look() else { return 0 };
        let query = format!("SELECT count(*) FROM {table}");
        let count: i64 = db.query_row(&query, [], |row| row.get(0)).unwrap();
        usize::try_from(count).unwrap()
    }

    /// Proves that SQLite finds the file sound, without changing it.
    pub(crate) fn check_integrity(&self) {
        let Some(db) = self.look() else { return };
        let found: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(found, "ok");
    }

    /// Changes the file from outside, and leaves what stands in its log there.
    pub(crate) fn execute(&self, statements: &str) {
        if self.look().is_none() {
            return;
        }
        let db = Connection::open(self.file()).unwrap();
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, self.chamber.is_none())
            .unwrap();
        db.execute_batch(statements).unwrap();
        drop(db);
        if let Some(chamber) = &self.chamber {
            chamber.copy_in();
        }
    }

    /// Lets two minutes pass, as far as claims go.
    pub(crate) fn let_claims_run_out(&self) {
        self.execute(CLAIMS_RUN_OUT);
    }

    /// Lets hours pass, until every feed is due.
    pub(crate) fn let_feeds_be_due(&self) {
        self.execute(DUE_AGAIN);
    }

    /// Compares the file with the truth.
    pub(crate) fn account(&self) -> Account {
        let mut account = Account::default();
        let mut articles_of: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        let mut stories_of: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (link, article) in self.stored() {
            let Some((link, story)) = self.farm.truth.get_key_value(&link) else {
                account.doubled += 1;
                continue;
            };
            if !seen.insert(link) {
                account.doubled += 1;
            }
            articles_of.entry(story).or_default().insert(article);
            stories_of.entry(article).or_default().insert(story);
        }
        account.lost += self.farm.truth.len() - seen.len();
        account.lost += stories_of.values().map(|stories| stories.len() - 1).sum::<usize>();
        account.doubled += articles_of.values().map(|articles| articles.len() - 1).sum::<usize>();
        // Articles that no entry belongs to.
        let articles = self.count("articles");
        account.doubled += articles.saturating_sub(stories_of.len());
        account.lost += stories_of.len().saturating_sub(articles);
        account
    }

    /// Runs passes until the file holds the truth; `None` if it never does.
    pub(crate) async fn recover(&self, arguments: &[&str]) -> Option<Recovered> {
        let began = Instant::now();
        for passes in 1..=PASSES_AT_MOST {
            let output = self.run(arguments).await;
            if output.code == 0 && self.account() == Account::default() {
                let took = began.elapsed();
                self.check_integrity();
                let doctor = self.run(&["doctor"]).await;
                assert_eq!(doctor.code, 0, "{}", doctor.stderr);
                return Some(Recovered { passes, took });
            }
            eprintln!("not the truth yet: {:?}, {:?}", self.account(), output);
            if output.code == 1 {
                // Feeds that failed are asked again hours later.
                self.let_feeds_be_due();
            }
        }
        None
    }

    /// Runs passes until the file holds the truth, and adds what is to be said of it to a finding.
    pub(crate) async fn conclude(&self, arguments: &[&str], finding: &mut Finding) {
        let recovered = self.recover(arguments).await;
        let account = self.account();
        finding.lost += account.lost;
        finding.doubled += account.doubled;
        finding.add(recovered);
    }

    /// The log beside the file.
    pub(crate) fn log(&self) -> PathBuf {
        self.ingest.path("ingest.sqlite-wal")
    }

    /// The file beside it that readers and writers share.
    pub(crate) fn shared(&self) -> PathBuf {
        self.ingest.path("ingest.sqlite-shm")
    }

    /// How much room the file takes, with its log.
    pub(crate) fn bytes(&self) -> u64 {
        let files = [self.ingest.database(), self.log(), self.shared()];
        files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum()
    }
}

/// The links of the entries that are in a file, each with its article.
fn entries(db: &Connection) -> Vec<(String, i64)> {
    let mut statement =
        db.prepare("SELECT coalesce(link, ''), coalesce(article_id, 0) FROM sightings").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

fn missing_among(before: &[(String, i64)], now: Vec<(String, i64)>) -> usize {
    let now: BTreeSet<String> = now.into_iter().map(|(link, _)| link).collect();
    before.iter().filter(|(link, _)| !now.contains(link)).count()
}
