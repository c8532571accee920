//! Reads what is wanted from the command line: the small form by default, the long one with `--runs`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::chance::{self, Chance};

/// How often the small form kills the program.
const SMALL_RUNS: usize = 6;

/// How long the loops of the long form go on at most, unless told otherwise.
const AT_MOST: Duration = Duration::from_secs(1_800);

/// What the test runner of the standard library understands, and `cargo test` therefore may say.
const OF_THE_RUNNER: [&str; 8] = [
    "--nocapture",
    "--no-capture",
    "--quiet",
    "-q",
    "--exact",
    "--show-output",
    "--include-ignored",
    "--test",
];

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Wish {
    Run(Arguments),
    /// Only the names, as `cargo test -- --list` wants.
    List,
}

/// How much is done, to what, and from which seed.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    /// How often the program is killed at random.
    pub(crate) runs: usize,
    pub(crate) seed: u64,
    /// Whether this is the long form.
    pub(crate) is_long: bool,
    only: Vec<String>,
    is_exact: bool,
    began: Instant,
    at_most: Duration,
    /// The list of feeds and the truth of a farm that somebody else serves.
    pub(crate) outside: Option<(PathBuf, PathBuf)>,
}

impl Arguments {
    /// Whether this fault is to be provoked.
    pub(crate) fn wants(&self, fault: &str) -> bool {
        let is_named = |name: &String| {
            if self.is_exact { fault == name } else { fault.contains(name.as_str()) }
        };
        self.only.is_empty() || self.only.iter().any(is_named)
    }

    /// The chance of one fault.
    pub(crate) fn chance(&self, fault: &str) -> Chance {
        Chance::new(self.seed, fault)
    }

    /// How often something is done: a few times, or more in the long form.
    pub(crate) fn times(&self, small: usize, long: usize) -> usize {
        if self.is_long { long } else { small }
    }

    /// Whether the time for loops is over.
    pub(crate) fn is_late(&self) -> bool {
        self.began.elapsed() > self.at_most
    }

    /// The command that does the same again, or only one fault of it.
    pub(crate) fn again(&self, fault: Option<&str>) -> String {
        let release = if cfg!(debug_assertions) { "" } else { " --release" };
        let mut command = format!("cargo test{release} --test faults -- --seed {}", self.seed);
        if self.is_long {
            write!(command, " --runs {}", self.runs).unwrap();
        }
        if let Some((feeds, truth)) = &self.outside {
            write!(command, " --feeds {} --truth {}", feeds.display(), truth.display()).unwrap();
        }
        for only in fault.map(str::to_owned).as_ref().map_or(&self.only[..], std::slice::from_ref) {
            write!(command, " --only {only}").unwrap();
        }
        command
    }
}

/// Understands the arguments, or says what is wrong with them.
pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut arguments = Arguments {
        runs: SMALL_RUNS,
        seed: chance::seed(),
        is_long: false,
        only: Vec::new(),
        is_exact: false,
        began: Instant::now(),
        at_most: AT_MOST,
        outside: None,
    };
    let (mut feeds, mut truth) = (None, None);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} wants a value"));
        match word.as_str() {
            "--list" => return Ok(Wish::List),
            "--runs" => {
                arguments.runs = number(&value()?)?;
                arguments.is_long = true;
            }
            "--seed" => arguments.seed = number(&value()?)?,
            "--at-most" => arguments.at_most = Duration::from_secs(number(&value()?)?),
            "--only" => arguments.only.push(value()?),
            "--feeds" => feeds = Some(value()?.into()),
            "--truth" => truth = Some(value()?.into()),
            "--exact" => arguments.is_exact = true,
            "--test-threads" | "--format" | "--color" | "--skip" => drop(value()?),
            known if OF_THE_RUNNER.contains(&known) => {}
            known if known.starts_with("--test-threads=") => {}
            unknown if unknown.starts_with('-') => {
                return Err(format!(
                    "{unknown} is unknown; known are --runs N, --seed N, --only FAULT, --at-most SECONDS, \
                     --feeds FILE with --truth FILE"
                ));
            }
            // `cargo test NAME` says the same name to every test.
            name => arguments.only.push(name.to_owned()),
        }
    }
    arguments.outside = match (feeds, truth) {
        (Some(feeds), Some(truth)) => Some((feeds, truth)),
        (None, None) => None,
        _ => return Err("--feeds FILE and --truth FILE go together".to_owned()),
    };
    Ok(Wish::Run(arguments))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}
