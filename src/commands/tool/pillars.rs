//! `awslab tool pillars`, `awslab tool pillars --take multi-az,alarms`.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::pillars::{LAYERS, MEASURES, Pillar, SERVICES, count};
use crate::problem::Problem;
use crate::view::text::pad;

use super::{Answer, chosen, pick, say};

#[derive(Debug, Clone, Args)]
pub(super) struct PillarsArgs {
    /// Measures that are taken [default: all]: code, golden-ami, alarms, private, least-privilege, multi-az, auto-scaling, cdn, cache, right-size
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    take: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn answer(args: &PillarsArgs, lang: Lang) -> Result<Answer, Problem> {
    let ids = MEASURES.map(|measure| measure.id);
    let mut taken = [args.take.is_empty(); MEASURES.len()];
    for name in &args.take {
        taken[chosen(name.trim(), &ids)?] = true;
    }
    let measures = || MEASURES.iter().zip(taken).filter(|(_, taken)| *taken).map(|(measure, _)| measure);
    let mut lines = Vec::new();
    for pillar in Pillar::ALL {
        let (serves, costs) = count(pillar, measures());
        let name = pad(pick(lang, pillar.words()), 23);
        let names: Vec<&str> =
            measures().filter(|one| one.serves.contains(&pillar)).map(|one| pick(lang, one.words)).collect();
        lines.push(format!("{name} +{serves} -{costs}  {}", names.join(", ")).trim_end().to_owned());
        for question in pillar.questions() {
            lines.push(format!("  ? {}", pick(lang, question)));
        }
    }
    let heads = SERVICES.map(|one| pad(one, 8)).concat();
    lines.push(format!("{}{}", pad(say(lang, "공동 책임", "Shared responsibility"), 25), heads.trim_end()));
    for layer in LAYERS.iter().rev() {
        let who = layer.who.map(|who| pad(pick(lang, who.words()), 8)).concat();
        lines.push(format!("  {}{}", pad(pick(lang, layer.words), 23), who).trim_end().to_owned());
    }
    let object = json!({
        "pillars": Pillar::ALL.map(|pillar| {
            let (serves, costs) = count(pillar, measures());
            json!({
                "name": pillar.name(),
                "serves": serves,
                "costs": costs,
                "measures": measures().filter(|one| one.serves.contains(&pillar)).map(|one| one.id).collect::<Vec<_>>(),
                "questions": pillar.questions().map(|(ko, en)| json!({ "ko": ko, "en": en })),
            })
        }),
        "responsibility": LAYERS.iter().map(|layer| json!({
            "layer": layer.id,
            "who": SERVICES.iter().zip(layer.who).map(|(service, who)| ((*service).to_owned(), who.name().into()))
                .collect::<serde_json::Map<String, serde_json::Value>>(),
        })).collect::<Vec<_>>(),
    });
    Ok(Answer { ok: true, lines, json: object })
}
