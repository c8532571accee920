//! Writes what came of each fault as a line of a table.

use std::fmt::Write as _;
use std::time::Duration;

/// What came of a fault.
#[derive(Debug, Clone, Default)]
pub(crate) struct Finding {
    /// How often it was provoked.
    pub(crate) runs: usize,
    /// How many entries were stored once or published, and are not in the file.
    pub(crate) lost: usize,
    /// How many articles too many there are: of one text, or of none.
    pub(crate) doubled: usize,
    /// How often the file did not hold the truth again.
    pub(crate) unrecovered: usize,
    /// The longest way back to the truth.
    pub(crate) recovered: Option<Recovered>,
    /// What else is worth knowing.
    pub(crate) notes: Vec<String>,
    /// What could not be done here, and why.
    pub(crate) skipped: Vec<String>,
}

/// How long it took until the file held the truth again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Recovered {
    pub(crate) passes: usize,
    pub(crate) took: Duration,
}

/// A fault of the table; one without a finding came to grief.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) fault: &'static str,
    pub(crate) finding: Option<Finding>,
}

impl Finding {
    /// Counts one way back to the truth, or that there was none.
    pub(crate) fn add(&mut self, recovered: Option<Recovered>) {
        let Some(recovered) = recovered else {
            self.unrecovered += 1;
            return;
        };
        let longest = self.recovered.get_or_insert(recovered);
        longest.passes = longest.passes.max(recovered.passes);
        longest.took = longest.took.max(recovered.took);
    }

    fn recovered_in(&self) -> String {
        match self.recovered {
            _ if self.unrecovered > 0 => format!("NOT, {} times", self.unrecovered),
            None if self.runs == 0 => "skipped".to_owned(),
            None => "NOT".to_owned(),
            Some(Recovered { passes, took }) => {
                let passes = match passes {
                    0 => "by itself".to_owned(),
                    1 => "1 pass".to_owned(),
                    more => format!("{more} passes"),
                };
                format!("{passes}, {:.1} s", took.as_secs_f64())
            }
        }
    }
}

impl Row {
    /// Whether nothing was lost, doubled or left as it was.
    pub(crate) fn is_well(&self) -> bool {
        self.finding.as_ref().is_some_and(|finding| {
            let is_back = finding.recovered.is_some() || finding.runs == 0;
            finding.lost + finding.doubled + finding.unrecovered == 0 && is_back
        })
    }
}

/// The table, and below it what else is known of each fault.
pub(crate) fn written(rows: &[Row]) -> String {
    let mut table = format!(
        "{:<14} | {:>4} | {:>4} | {:>7} | recovered in\n{:-<15}+------+------+---------+-------------\n",
        "fault", "runs", "lost", "doubled", ""
    );
    for Row { fault, finding } in rows {
        match finding {
            None => writeln!(table, "{fault:<14} | came to grief; see above"),
            Some(finding) => {
                let Finding { runs, lost, doubled, .. } = finding;
                let back = finding.recovered_in();
                writeln!(table, "{fault:<14} | {runs:>4} | {lost:>4} | {doubled:>7} | {back}")
            }
        }
        .unwrap();
    }
    for Row { fault, finding } in rows {
        let Some(finding) = finding else { continue };
        for note in &finding.notes {
            writeln!(table, "{fault}: {note}").unwrap();
        }
        for skipped in &finding.skipped {
            writeln!(table, "{fault}: skipped: {skipped}").unwrap();
        }
    }
    table
}
