//! Proves a file of own boilerplate rules, and proposes rules from the texts that are stored.

use super::arguments::{Arguments, BoilerplateCommand};
use super::output::{counted, data, say};
use super::{Ending, setup};
use crate::app::App;
use crate::model::ArticleId;
use crate::pipeline::clean::Rules;
use crate::pipeline::propose::{Learner, Proposal};
use crate::text::domain::host_of;

/// How many texts are read from the store in one go.
const TEXTS_AT_ONCE: usize = 500;

pub(super) async fn run(
    command: &BoilerplateCommand,
    arguments: &Arguments,
) -> anyhow::Result<Ending> {
    match command {
        BoilerplateCommand::Check { file } => {
            let rules = match file {
                Some(file) => setup::own_rules(file)?.count(),
                None => setup::decided(arguments)?.rules.count(),
            };
            let own = rules - Rules::built_in().count();
            let own = counted(own as u64, "own rule", "own rules");
            data(&format!("{own}; the examples of each hold"))?;
        }
        BoilerplateCommand::Propose { host } => {
            let app = App::open(setup::decided(arguments)?).await?;
            propose(&app, host.as_deref()).await?;
        }
    }
    Ok(Ending::Done)
}

async fn propose(app: &App, host: Option<&str>) -> anyhow::Result<()> {
    for uncut in app.store().uncut_rules().await? {
        let texts = counted(uncut.texts, "text", "texts");
        data(&format!(
            "# The anchor of `{}` stands near the end of {texts}, with a line below it that no rule \
             knows; for instance in article {}.",
            uncut.rule, uncut.article.0
        ))?;
    }
    let mut proposals = learned(app, host).await?;
    for proposal in app.compare_copies().await? {
        let is_asked = host.is_none_or(|host| host == proposal.host);
        let is_same =
            |other: &Proposal| (&other.host, &other.pattern) == (&proposal.host, &proposal.pattern);
        if is_asked && !proposals.iter().any(is_same) {
            proposals.push(proposal);
        }
    }
    // Stable, so that what is frequent comes first of each host.
    proposals.sort_by(|one, other| one.host.cmp(&other.host));
    let mut number = 0;
    for (at, proposal) in proposals.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| proposals.get(before));
        let is_of_same = before.is_some_and(|before: &Proposal| before.host == proposal.host);
        number = if is_of_same { number + 1 } else { 1 };
        data(&format!("\n{}", proposal.rule(number).trim_end()))?;
    }
    if proposals.is_empty() {
        say(
            "no line is frequent enough at the end of one host's texts, of which 50 are the least, or \
             stands below three articles at one host and not at another",
        );
    }
    Ok(())
}

async fn learned(app: &App, only: Option<&str>) -> anyhow::Result<Vec<Proposal>> {
    let mut learner = Learner::default();
    let mut before = ArticleId(i64::MAX);
    loop {
        let texts = app.store().texts_before(before, TEXTS_AT_ONCE).await?;
        let Some(last) = texts.last() else { break };
        before = last.article;
        for text in &texts {
            let mut hosts: Vec<String> = text.urls.iter().filter_map(|url| host_of(url)).collect();
            hosts.sort_unstable();
            hosts.dedup();
            for host in hosts.iter().filter(|host| only.is_none_or(|only| only == host.as_str())) {
                learner.learn(host, &text.title, &text.body);
            }
        }
    }
    Ok(learner.proposals())
}
