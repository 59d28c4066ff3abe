//! `awslab tool evolution`, `awslab tool evolution 4 --kill db-primary`.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::evolution::{Deed, Stage, Victim, stages, victim_name};
use crate::problem::{Problem, ProblemKind};
use crate::view::text::pad;

use super::{Answer, pick, say, words};

#[derive(Debug, Clone, Args)]
pub(super) struct EvolutionArgs {
    /// A stage, 1 to 11 [default: all]
    stage: Option<String>,
    /// What is lost: a part, zone-a, zone-c or region; without a stage, where it stands
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    kill: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The victims of a stage with these names.
fn victims(stage: &Stage, names: &[String], strict: bool) -> Result<Vec<Victim>, Problem> {
    let known: Vec<(String, Victim)> = stage.victims().into_iter().map(|one| (victim_name(one), one)).collect();
    let mut found = Vec::new();
    for name in names {
        match known.iter().find(|(other, _)| other == name) {
            Some((_, victim)) => found.push(*victim),
            None if strict => {
                let all: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                return Err(words(name, &all));
            }
            None => {}
        }
    }
    Ok(found)
}

pub(super) fn answer(args: &EvolutionArgs, lang: Lang) -> Result<Answer, Problem> {
    let all = stages();
    let shown: Vec<&Stage> = match &args.stage {
        None => all.iter().collect(),
        Some(number) => {
            let at = number.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let stage = at.and_then(|at| all.get(at)).ok_or_else(|| {
                Problem::new(
                    ProblemKind::Usage,
                    format!("그런 단계는 없습니다: `{number}`"),
                    format!("There is no stage `{number}`"),
                )
                .hint("1부터 11까지입니다", "It is 1 to 11")
            })?;
            vec![stage]
        }
    };
    // A name that stands in no stage at all is a mistake.
    for name in &args.kill {
        let known = |stage: &&Stage| victims(stage, std::slice::from_ref(name), true).is_ok();
        if !shown.iter().any(known) {
            let mut names: Vec<String> = shown.iter().flat_map(|stage| stage.victims()).map(victim_name).collect();
            names.sort();
            names.dedup();
            return Err(words(name, &names.iter().map(String::as_str).collect::<Vec<_>>()));
        }
    }
    let mut lines = Vec::new();
    let mut objects = Vec::new();
    for stage in shown {
        let victims = victims(stage, &args.kill, false)?;
        let parts: Vec<&str> = stage.parts.iter().map(|part| pick(lang, part.words)).collect();
        lines.push(format!("{:>2} {}  {}", stage.number, pad(pick(lang, stage.words), 20), parts.join(", ")));
        if args.stage.is_some() {
            lines.push(format!("   {}", pick(lang, stage.why)));
            let names: Vec<String> = stage.victims().into_iter().map(victim_name).collect();
            lines.push(format!("   --kill: {}", names.join(", ")));
        }
        let mut effects = Vec::new();
        for deed in Deed::ALL {
            let effect = stage.effect(deed, &victims);
            if !args.kill.is_empty() {
                lines.push(format!("   {} {}", pad(pick(lang, deed.words()), 8), effect.told(lang)));
            }
            effects.push(json!({
                "deed": deed.name(),
                "now": effect.now,
                "then": effect.then,
                "within_seconds": effect.within.map(|(from, to)| [from, to]),
                "person": effect.person,
                "cached_only": effect.stale,
            }));
        }
        let lost = stage.loses_data(&victims);
        if lost {
            let text = say(lang, "마지막 백업 뒤의 데이터를 잃습니다", "what is newer than the last backup is lost");
            lines.push(format!("   {text}"));
        }
        objects.push(json!({
            "number": stage.number,
            "name": pick(lang, stage.words),
            "parts": stage.parts.iter().map(|part| part.id).collect::<Vec<_>>(),
            "killed": victims.iter().map(|one| victim_name(*one)).collect::<Vec<_>>(),
            "effects": effects,
            "loses_data": lost,
        }));
    }
    Ok(Answer { ok: true, lines, json: json!({ "stages": objects }) })
}
