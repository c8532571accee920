//! Says in plain sentences what verdicts rest on.

use crate::cli::output::{counted, plain};
use crate::model::{ArticleId, Comparison, Evidence, Reason};
use crate::store::{ArticleDetails, Brief, SightingDetails};

/// Why a sighting is what it is: one of this article, or this article by itself.
pub(super) fn of_sighting(
    sighting: &SightingDetails,
    article: &ArticleDetails,
    compared_with: Option<&Brief>,
) -> String {
    let is_own = matches!(sighting.verdict.as_str(), "new" | "held");
    let Evidence { reason, .. } = &sighting.evidence;
    let Some(reason) = *reason else {
        return match sighting.verdict.as_str() {
            "new" => "nobody had brought it before, and nothing known was like it".to_owned(),
            "held" => "nobody had brought it before, and it has no usable text".to_owned(),
            _ => "it was an article by itself at first, until both were found to be one".to_owned(),
        };
    };
    let found = sentence(reason, &sighting.evidence, article.id, compared_with);
    match (is_own, keeps_apart(reason)) {
        (true, true) => format!("it is no other article: {found}"),
        (false, true) => format!(
            "it was an article by itself at first ({found}), until both were found to be one"
        ),
        _ => found,
    }
}

/// Whether a reason is one against being an article.
fn keeps_apart(reason: Reason) -> bool {
    match reason {
        Reason::DecidedApart
        | Reason::TooLittleShared
        | Reason::NotContained
        | Reason::LeadsDiffer
        | Reason::SharedFrame
        | Reason::FilledInAnew
        | Reason::RecurringHeadline
        | Reason::OriginalDiffers => true,
        Reason::SameEntry
        | Reason::SameAddress
        | Reason::SameWords
        | Reason::Contained
        | Reason::Excerpt
        | Reason::ShortReworded
        | Reason::SameHeadline
        | Reason::Decided
        | Reason::SharedText
        | Reason::Deleted => false,
    }
}

fn sentence(
    reason: Reason,
    evidence: &Evidence,
    article: ArticleId,
    compared_with: Option<&Brief>,
) -> String {
    let other = named(evidence.article, article, compared_with);
    let found = of_rule(reason, &other);
    let measured = evidence.comparison.as_ref().map(measures);
    measured.map_or(found.clone(), |measured| format!("{found}: {measured}"))
}

fn of_rule(reason: Reason, other: &str) -> String {
    let most_like = |but: &str| format!("{other} is most like it, but {but}");
    match reason {
        Reason::SameEntry => "it is the same entry of the same feed".to_owned(),
        Reason::SameAddress => format!("its address is known to be that of {other}"),
        Reason::SameWords => format!("it has exactly the words of {other}"),
        Reason::Contained => format!(
            "most of the shorter text stands in the other, that of {other}, and they begin alike"
        ),
        Reason::Excerpt => format!(
            "whole passages were taken out or put in beside the text of {other}, and the rest is \
             untouched"
        ),
        Reason::ShortReworded => format!(
            "it is the short text of {other}, reworded in places, without a number among what differs"
        ),
        Reason::SameHeadline => format!(
            "it has the headline of {other}, of the same publisher within three days, and one of \
             the two had no text"
        ),
        Reason::Decided => "a person said that it is this article".to_owned(),
        Reason::DecidedApart => format!("a person said that it is not {other}"),
        Reason::TooLittleShared => most_like("they share too little, a quotation at most"),
        Reason::NotContained => most_like("too much of the shorter text is not in the other"),
        Reason::LeadsDiffer => most_like("the two begin with different stories"),
        Reason::SharedFrame => {
            most_like("each begins with words of its own before a frame they share")
        }
        Reason::FilledInAnew => most_like(
            "other numbers and names stand in the same places, as in a template filled in anew",
        ),
        Reason::RecurringHeadline => {
            format!("{other} has its headline, but that headline comes back day after day")
        }
        Reason::OriginalDiffers => {
            format!("it names {other} as its original, but has nothing of its text")
        }
        Reason::SharedText => {
            "its words stood under several headlines of one publisher, so they are no article's"
                .to_owned()
        }
        Reason::Deleted => "the article was deleted".to_owned(),
    }
}

/// The article compared with: this one, another, or one that is gone.
fn named(other: Option<ArticleId>, article: ArticleId, brief: Option<&Brief>) -> String {
    match (other, brief) {
        (Some(other), _) if other == article => "this article".to_owned(),
        (_, Some(Brief { id, title, .. })) => format!("article {} “{}”", id.0, plain(title)),
        (Some(other), None) => format!("article {} (part of another now, or deleted)", other.0),
        (None, None) => "an article".to_owned(),
    }
}

fn measures(found: &Comparison) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let mut measures = format!(
        "{} of {} shared ({})",
        found.shared,
        counted(found.runs as u64, "run of words", "runs of words"),
        percent(found.containment),
    );
    if found.lead > 0.0 {
        measures = format!("{measures}, {} of a beginning", percent(found.lead));
    }
    for (conflicts, one, many) in [
        (found.conflicting_numbers, "number differs", "numbers differ"),
        (found.conflicting_names, "name differs", "names differ"),
    ] {
        if conflicts > 0 {
            measures = format!("{measures}, {}", counted(conflicts as u64, one, many));
        }
    }
    measures
}

/// Why an article has no text, by the word stored.
pub(in crate::cli) fn of_holding(reason: &str) -> String {
    let known = match reason {
        "empty" => "the feed gives no text, or nothing is left after cleaning",
        "short" => "fewer words than identify an article",
        "page-failed" => "its page could not be fetched",
        "page-refused" => "its site asks robots to leave the page alone (robots.txt)",
        "page-unreadable" => "its page is none that an article can be read from",
        "link-pending" => "its link is still wrapped, so there is no page to ask",
        "shared-text" => "its words stood under several headlines of one publisher",
        other => other,
    };
    known.to_owned()
}
