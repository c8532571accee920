//! Proves a rule file by its own examples.

use super::Context;
use super::file::{File, Kind, Place, Rule as Written};
use super::line::Line;
use super::matcher::Matcher;
use super::rules::{Fault, RuleId, Rules, RulesError, Subject, expression};

/// Compiles every regular expression alone, so that the wrong one can be named.
pub(super) fn expressions(file: &File) -> Result<(), RulesError> {
    for written in &file.rules {
        if matches!(written.kind, Kind::Re | Kind::ReCase) {
            for pattern in &written.patterns {
                expression(pattern)
                    .map_err(|fault| RulesError::Rule { rule: written.id.clone(), fault })?;
            }
        }
    }
    Ok(())
}

/// Checks that every rule, from a number on, recognises its examples and none of its
/// counter-examples.
pub(super) fn examples(file: &File, rules: &Rules, from: usize) -> Result<(), RulesError> {
    for (number, written) in file.rules.iter().enumerate().skip(from) {
        let context = Context {
            title: &file.meta.sample_title,
            feed_title: Some(&file.meta.sample_feed_title),
            url: None,
        };
        let subject = match written.hosts.first() {
            Some(host) => {
                let url = format!("https://{host}/");
                Subject::of(&Context { url: Some(&url), ..context })
            }
            None => Subject::of(&context),
        };
        check_rule(RuleId(number), written, &subject, rules)
            .map_err(|fault| RulesError::Rule { rule: written.id.clone(), fault })?;
    }
    Ok(())
}

fn check_rule(
    id: RuleId,
    written: &Written,
    subject: &Subject,
    rules: &Rules,
) -> Result<(), Fault> {
    for line in &written.examples {
        if pattern_matching(line, id, written, subject, rules).is_none() {
            return Err(Fault::Example(line.clone()));
        }
    }
    for line in &written.counter {
        if let Some(pattern) = pattern_matching(line, id, written, subject, rules) {
            let pattern = written.patterns.get(pattern).cloned().unwrap_or_default();
            return Err(Fault::Counter { pattern, line: line.clone() });
        }
    }
    Ok(())
}

/// Which pattern of a rule recognises a line (or, for a span, lines), counted from 0.
fn pattern_matching(
    text: &str,
    id: RuleId,
    written: &Written,
    subject: &Subject,
    rules: &Rules,
) -> Option<usize> {
    if matches!(written.kind, Kind::Span | Kind::SpanUntil) {
        let lines: Vec<Line<'_>> =
            text.lines().enumerate().map(|(place, line)| Line::new(place, line)).collect();
        let mut found = false;
        rules.spans.outside(lines.iter().collect(), subject, |_, rule| found |= rule == id);
        return found.then_some(0);
    }
    let line = Line::new(0, text);
    let candidates = matcher_of(written, rules).candidates(&line, subject, &rules.list);
    candidates.iter().find(|candidate| candidate.rule == id).map(|candidate| candidate.pattern)
}

fn matcher_of<'a>(written: &Written, rules: &'a Rules) -> &'a Matcher {
    match written.at {
        Place::Tail => &rules.tail,
        Place::Head => &rules.head,
        Place::Any => &rules.any,
        Place::Whole => &rules.whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [meta]
        version = "1"
        sample_title = "Bread Is on Sale Again"
        sample_feed_title = "Hill Gazette"
        [limits]
        tail_score = 3
        head_score = 2
        cut_share = 0.6
        cut_sentences = 3
        [html]
        remove = ["script"]
        link_only_hosts = []
        [[rule]]
        id = "more"
        family = "more"
        lang = "en"
        at = "tail"
        weight = 3
        match = "re"
        pats = ['read on', 'go on .+']
        examples = ["Read on", "Go on reading"]
        counter = ["Read on, she said"]
    "#;

    #[test]
    fn a_faulty_file_is_refused_with_rule_pattern_and_line() {
        let check = |from: &str, to: &str, message: &str| {
            assert!(FILE.contains(from), "{from}");
            let error = Rules::parse(&FILE.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        };
        check(
            "\"Read on\", \"Go",
            "\"Read in\", \"Go",
            "`more`: no pattern matches the example `Read in`",
        );
        check(
            r#"["Read on, she said"]"#,
            r#"["Go on now"]"#,
            "`more`: the pattern `go on .+` matches the counter-example `Go on now`",
        );
        check(
            "'read on'",
            "'read (on'",
            "`more`: the pattern `read (on` is not a regular expression",
        );
        check("weight = 3", "weight = 4", "its weight is 4");
        check("weight = 3", "weight = 3\nwait = 3", "unknown field `wait`");
        check("weight = 3", "weight = 3\nrequires = \"page.\"", "it requires `page.`");
        check("weight = 3", "weight = 3\nglue = \"soft\"", "what has weight");
        check("at = \"tail\"", "at = \"end\"", "unknown variant `end`");
        check("at = \"tail\"", "at = \"head\"\nrequires = \"more\"", "only a rule for the tail");
        check("match = \"re\"", "match = \"template\"", "the pattern `read on` has unknown blanks");
        check("match = \"re\"", "match = \"span\"", "a span may stand anywhere");
        check("'go on .+'", "''", "it has an empty pattern");
        check("['read on', 'go on .+']", "[]", "it has no pattern");
        check("[\"Read on\", \"Go on reading\"]", "[]", "it has no example");
        check("\"script\"", "\"script[\"", "`script[` in [html] is not a selector");
        let rule = FILE.split_once("[[rule]]").map(|(_, rule)| rule).unwrap();
        check("[[rule]]", &format!("[[rule]]{rule}[[rule]]"), "two rules are named `more`");
    }

    #[test]
    fn every_expression_and_template_has_an_example_of_its_own() {
        let text = include_str!("../../../config/boilerplate.toml");
        let file: File = toml::from_str(text).unwrap();
        let rules = Rules::built_in();
        let context = Context {
            title: &file.meta.sample_title,
            feed_title: Some(&file.meta.sample_feed_title),
            url: None,
        };
        let subject = Subject::of(&context);
        for (number, written) in file.rules.iter().enumerate() {
            if !matches!(written.kind, Kind::Re | Kind::ReCase | Kind::Template) {
                continue;
            }
            let matcher = matcher_of(written, &rules);
            let shown: Vec<usize> = written
                .examples
                .iter()
                .flat_map(|line| matcher.candidates(&Line::new(0, line), &subject, &rules.list))
                .filter(|found| found.rule == RuleId(number))
                .map(|found| found.pattern)
                .collect();
            for (number, pattern) in written.patterns.iter().enumerate() {
                assert!(shown.contains(&number), "{}: {pattern}", written.id);
            }
        }
    }

    #[test]
    fn a_sound_file_is_taken() {
        assert_eq!(Rules::parse(FILE).unwrap().version(), "1");
    }

    const OWN: &str = "[[rule]]\nid = \"own.mug\"\nfamily = \"own\"\nlang = \"en\"\nat = \"tail\"\n\
        weight = 3\nmatch = \"exact\"\npats = [\"Buy our mug\"]\nexamples = [\"Buy our mug\"]\n";

    #[test]
    fn an_own_rule_is_added_to_the_others() {
        let rules = Rules::built_in_and("own.toml", OWN).unwrap();
        let context = Context { title: "Bread", ..Context::default() };
        let text = "The bread was sold out by noon.\nBuy our mug\nvia IFTTT";
        let cleaned = crate::pipeline::clean::text(text, &context, &rules);
        assert_eq!(cleaned.body, "The bread was sold out by noon.");
        assert_eq!(rules.count(), Rules::built_in().count() + 1);
        assert!(rules.version().starts_with(&format!("{}+", Rules::built_in().version())));
        assert!(Rules::built_in_and("own.toml", "").is_ok());
    }

    #[test]
    fn a_faulty_own_file_is_refused_with_its_line() {
        let check = |from: &str, to: &str, message: &str| {
            let own = format!("# mine\n\n{}", OWN.replace(from, to));
            let error = Rules::built_in_and("own.toml", &own).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        };
        check(
            "examples = [\"Buy",
            "examples = [\"Sell",
            "own.toml:4: rule `own.mug`: no pattern matches the example `Sell our mug`",
        );
        check("weight = 3", "weight = x", "own.toml:8: ");
        check("own.mug", "ifttt.feed", "own.toml:4: two rules are named `ifttt.feed`");
        check(
            "weight = 3",
            "weight = 3\nrequires = \"nobody.\"",
            "own.toml:4: rule `own.mug`: it requires",
        );
    }
}
