//! Decides which lines of a text are boilerplate.
//!
//! Boxes of several lines and lines that go wherever they stand go first, then the run of
//! recognised lines at the end, then the one at the beginning. All families are looked at
//! together, because they stack: a blog's footer under a feed service's under a publisher's.
//!
//! A run ends at the first line that nobody knows; nothing beyond it goes, whatever stands there,
//! because articles speak of boilerplate too. Cuts are repeated until nothing is left to cut, so
//! that a text that was cleaned once is clean.

use super::file::Glue;
use super::line::Line;
use super::matcher::Candidate;
use super::rules::{Rule, RuleId, Rules, Subject};

/// In a list of links, how many headlines stand at most above the line that betrays it.
const LIST_LINES_ABOVE: usize = 8;

/// And how many lines at most below it.
const LIST_LINES_BELOW: usize = 5;

/// The longest headline of such a list, in characters.
const HEADLINE_MAX_CHARS: usize = 220;

/// Among how many of the last lines an anchor is looked for that nothing was cut at.
const ANCHOR_LINES: usize = 40;

/// The longest anchor, in characters; paragraphs are passed over.
const ANCHOR_MAX_CHARS: usize = 120;

/// A removed line that is shorter is not taken for a sentence of the article.
const SENTENCE_MIN_CHARS: usize = 80;

/// What ends a sentence.
const SENTENCE_ENDS: [char; 6] = ['.', '!', '?', '。', '！', '？'];

/// Says for each line which rule takes it out; `None` keeps it.
pub(super) fn fates(lines: &[Line<'_>], subject: &Subject, rules: &Rules) -> Vec<Option<RuleId>> {
    let mut fates = vec![None; lines.len()];
    let mut remove = |index: usize, rule: RuleId| {
        if let Some(fate) = fates.get_mut(index) {
            *fate = Some(rule);
        }
    };
    let mut kept: Vec<&Line<'_>> = lines.iter().collect();
    if let Some(rule) = link_list(&kept, subject, rules) {
        return vec![Some(rule); lines.len()];
    }
    // Before the lines inside a box go, and again for boxes that they stood in the middle of.
    kept = rules.spans.outside(kept, subject, &mut remove);
    let before = kept.len();
    kept.retain(|line| {
        let found = rules.any.candidates(line, subject, &rules.list);
        found.first().inspect(|best| remove(line.place, best.rule)).is_none()
    });
    if kept.len() < before {
        kept = rules.spans.outside(kept, subject, &mut remove);
    }
    while cut_tail(&mut kept, subject, rules, &mut remove) {}
    while cut_head(&mut kept, subject, rules, &mut remove) {}
    if let Some(rule) = link_list(&kept, subject, rules) {
        for line in kept {
            remove(line.place, rule);
        }
    }
    if is_implausible(lines, &fates, rules) { vec![None; lines.len()] } else { fates }
}

/// The rule whose anchor, a line heavy enough to cut alone, stands among the last lines that were
/// kept.
pub(super) fn uncut(
    lines: &[Line<'_>],
    fates: &[Option<RuleId>],
    subject: &Subject,
    rules: &Rules,
) -> Option<RuleId> {
    let kept = lines.iter().zip(fates).rev().filter(|(_, fate)| fate.is_none());
    let kept = kept.take(ANCHOR_LINES);
    kept.filter(|(line, _)| line.text.chars().nth(ANCHOR_MAX_CHARS).is_none()).find_map(
        |(line, _)| {
            let anchor = line.in_tail(subject, rules).iter().find(|found| {
                let is_free = rules.list.get(found.rule.0).is_some_and(|rule| rule.requires == 0);
                is_free && found.weight >= rules.limits.tail_score
            });
            anchor.map(|found| found.rule)
        },
    )
}

/// Takes out the run of recognised lines at the end, if it weighs enough.
fn cut_tail(
    lines: &mut Vec<&Line<'_>>,
    subject: &Subject,
    rules: &Rules,
    remove: &mut dyn FnMut(usize, RuleId),
) -> bool {
    let mut run: Vec<Vec<Candidate>> = Vec::new();
    for line in lines.iter().rev() {
        let found = line.in_tail(subject, rules);
        if found.is_empty() {
            break;
        }
        run.push(found.to_vec());
    }
    meet_requirements(&mut run, &rules.list);
    while run.last().is_some_and(|line| is_soft(line)) {
        run.pop();
    }
    let best: Vec<Candidate> = run.iter().filter_map(|line| line.first().copied()).collect();
    if weight_of(&best) < rules.limits.tail_score {
        return false;
    }
    for (candidate, line) in best.iter().zip(lines.drain(lines.len() - best.len()..).rev()) {
        remove(line.place, candidate.rule);
    }
    !best.is_empty()
}

/// Takes out the run of recognised lines at the beginning, if it weighs enough.
fn cut_head(
    lines: &mut Vec<&Line<'_>>,
    subject: &Subject,
    rules: &Rules,
    remove: &mut dyn FnMut(usize, RuleId),
) -> bool {
    let recognised = |line: &&Line<'_>| line.in_head(subject, rules).first().copied();
    let best: Vec<Candidate> = lines.iter().map_while(recognised).collect();
    if weight_of(&best) < rules.limits.head_score {
        return false;
    }
    for (candidate, line) in best.iter().zip(lines.drain(..best.len())) {
        remove(line.place, candidate.rule);
    }
    !best.is_empty()
}

/// Drops candidates whose company is missing from a run, and shortens the run to the lines that
/// are still recognised. The run begins with the text's last line.
///
/// Each round either ends it or takes the last line that met some requirement, so there are no
/// more rounds than requirements in the file.
fn meet_requirements(run: &mut Vec<Vec<Candidate>>, rules: &[Rule]) {
    loop {
        let satisfied: Vec<u64> = run.iter().map(|line| satisfied_by(line, rules)).collect();
        let (mut once, mut twice) = (0_u64, 0_u64);
        for bits in &satisfied {
            twice |= once & bits;
            once |= bits;
        }
        let (mut changed, mut above) = (false, 0_u64);
        for (line, own) in run.iter_mut().zip(&satisfied).rev() {
            // A line is no company for itself.
            let beside = twice | (once & !own);
            let before = line.len();
            line.retain(|found| {
                rules.get(found.rule.0).is_some_and(|rule| {
                    let company = if rule.below { above } else { beside };
                    rule.requires & !company == 0
                })
            });
            changed |= line.len() != before;
            above |= own;
        }
        if !changed {
            return;
        }
        if let Some(unknown) = run.iter().position(Vec::is_empty) {
            run.truncate(unknown);
        }
    }
}

fn satisfied_by(line: &[Candidate], rules: &[Rule]) -> u64 {
    line.iter()
        .filter_map(|found| rules.get(found.rule.0))
        .fold(0, |bits, rule| bits | rule.satisfies)
}

/// Whether a line may not begin a run: its heaviest candidates are all soft glue.
fn is_soft(line: &[Candidate]) -> bool {
    line.first().is_some_and(|best| {
        let heaviest = line.iter().take_while(|found| found.weight == best.weight);
        heaviest.into_iter().all(|found| found.glue == Some(Glue::Soft))
    })
}

fn weight_of(best: &[Candidate]) -> u32 {
    best.iter().fold(0, |sum, found| sum.saturating_add(found.weight))
}

/// The rule by which a text is a list of links to articles elsewhere, and no article.
fn link_list(lines: &[&Line<'_>], subject: &Subject, rules: &Rules) -> Option<RuleId> {
    if lines.len() > LIST_LINES_ABOVE + LIST_LINES_BELOW + 1 {
        return None;
    }
    let is_headline = |line: &str| {
        line.chars().nth(HEADLINE_MAX_CHARS).is_none() && !line.ends_with(SENTENCE_ENDS)
    };
    for (above, line) in lines.iter().enumerate().take(LIST_LINES_ABOVE + 1) {
        if let Some(found) = rules.whole.candidates(line, subject, &rules.list).first() {
            return (lines.len() - above <= LIST_LINES_BELOW + 1).then_some(found.rule);
        }
        if !is_headline(line.text) {
            return None;
        }
    }
    None
}

/// Whether so much prose would go that the rules must be wrong.
///
/// Only patterns that leave room for unseen text can swallow prose: a known phrase and the
/// entry's own title cannot.
fn is_implausible(lines: &[Line<'_>], fates: &[Option<RuleId>], rules: &Rules) -> bool {
    let (mut all, mut cut, mut sentences) = (0_usize, 0_usize, 0_usize);
    for (line, fate) in lines.iter().zip(fates) {
        let chars = line.text.chars().count();
        all += chars;
        let Some(rule) = fate.and_then(|id| rules.list.get(id.0)) else {
            continue;
        };
        cut += chars;
        let is_sentence = chars >= SENTENCE_MIN_CHARS && line.text.ends_with(SENTENCE_ENDS);
        sentences += usize::from(is_sentence && rule.is_open);
    }
    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    let share = cut as f64 / all.max(1) as f64;
    share > rules.limits.cut_share && sentences >= rules.limits.cut_sentences
}
