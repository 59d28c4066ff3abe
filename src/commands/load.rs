//! `awslab load`: put load on an instance of an Auto Scaling group, take it off, see what runs.

use clap::Subcommand;
use serde_json::json;

use crate::config::Config;
use crate::engine::{Engine, LoadAction};
use crate::i18n::{Lang, Text};
use crate::lab::cli::command;
use crate::problem::Problem;

use super::run::follow;
use super::{Consent, open, out};

/// What `awslab load` does.
#[derive(Debug, Clone, Subcommand)]
pub enum LoadCommand {
    /// Load every vCPU of one instance that is in service, with a time limit
    Start {
        /// The group; the only one, or the lab's, when it is not named
        group: Option<String>,
        /// For how long at most
        #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=60))]
        minutes: u32,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// The account that must be meant; with --aws and --yes it must be given
        #[arg(long, value_name = "ID")]
        account: Option<String>,
    },
    /// Take the load off every instance of the group
    Stop {
        /// The group; the only one, or the lab's, when it is not named
        group: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// The account that must be meant; with --aws and --yes it must be given
        #[arg(long, value_name = "ID")]
        account: Option<String>,
    },
    /// Show the loads that still run, and when each ends
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub async fn run(config: &Config, what: &LoadCommand) -> Result<u8, Problem> {
    let engine = open(config).await?;
    match what {
        LoadCommand::Start { group, minutes, yes, account } => {
            let consent = Consent { yes: *yes, account: account.clone() };
            change(config, &engine, group.as_deref(), LoadAction::Start(*minutes), &consent).await
        }
        LoadCommand::Stop { group, yes, account } => {
            let consent = Consent { yes: *yes, account: account.clone() };
            change(config, &engine, group.as_deref(), LoadAction::Stop, &consent).await
        }
        LoadCommand::Status { json } => status(&engine, config.lang, *json),
    }
}

async fn change(
    config: &Config,
    engine: &Engine,
    group: Option<&str>,
    action: LoadAction,
    consent: &Consent,
) -> Result<u8, Problem> {
    let lang = config.lang;
    let plan = engine.load_plan(group, action).await?;
    for planned in &plan.calls {
        out::line(command(&planned.call));
    }
    let name = plan.calls.first().map(|planned| planned.call.key.name.clone()).unwrap_or_default();
    let question = match action {
        LoadAction::Start(minutes) => Text::new(
            format!("{name}의 인스턴스 하나에 최대 {minutes}분 동안 부하를 줄까요?"),
            format!("Load one instance of {name} for at most {minutes} min?"),
        ),
        LoadAction::Stop => Text::new(format!("{name}의 부하를 멈출까요?"), format!("Take the load off {name}?")),
    };
    if !out::agreed(engine, consent, lang, &question)? {
        return Ok(0);
    }
    let report = follow(lang, false, async |cancel, sink| engine.run(plan, cancel, sink).await).await;
    if report.cancelled {
        return Ok(130);
    }
    if !report.done {
        return Ok(1);
    }
    status(engine, lang, false)
}

fn status(engine: &Engine, lang: Lang, as_json: bool) -> Result<u8, Problem> {
    let loads = engine.loads()?;
    if as_json {
        let rows: Vec<_> = loads
            .iter()
            .map(|load| {
                json!({
                    "group": load.group, "instance": load.instance, "region": load.region, "command": load.command,
                    "started": out::time(load.started), "ends": out::time(load.ends),
                })
            })
            .collect();
        out::json(&json!({ "schema": 1, "loads": rows }));
        return Ok(0);
    }
    match running(engine, lang) {
        Some(text) => out::line(text),
        None => out::line(if lang == Lang::Ko { "돌고 있는 부하가 없습니다" } else { "No load runs" }),
    }
    Ok(0)
}

/// What is said of loads that still run; nothing when none does.
pub(crate) fn running(engine: &Engine, lang: Lang) -> Option<String> {
    let loads = engine.loads().ok().filter(|loads| !loads.is_empty())?;
    let flag = if engine.practice().is_some() { "" } else { "--aws " };
    let lines = loads.iter().map(|load| {
        let (group, instance, ends) = (&load.group, &load.instance, out::time(load.ends));
        match lang {
            Lang::Ko => format!(
                "{group}의 {instance}에서 부하가 돌고 있습니다. {ends}에 저절로 끝납니다. 멈추려면: awslab {flag}load stop {group}"
            ),
            Lang::En => format!(
                "Load runs on {instance} of {group}. It ends by itself at {ends}. To stop it: awslab {flag}load stop {group}"
            ),
        }
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}
