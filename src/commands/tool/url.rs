//! `awslab tool url --known hsts,resolver-dns --rtt 150`.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::url::{Journey, Known};
use crate::problem::Problem;
use crate::view::text::{pad, pad_left};

use super::{Answer, chosen, pick, say, whole_rtt};

#[derive(Debug, Clone, Args)]
pub(super) struct UrlArgs {
    /// What is known beforehand, as well: hsts, https-first, page, connection, browser-dns, system-dns, dhcp, arp, resolver-dns
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    known: Vec<String>,
    /// What is not known, though it is in an ordinary computer: https-first, dhcp, arp
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    unknown: Vec<String>,
    /// The round trip to the server in milliseconds
    #[arg(long, value_name = "MS", default_value = "100")]
    rtt: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn answer(args: &UrlArgs, lang: Lang) -> Result<Answer, Problem> {
    let names = Known::ALL.map(Known::name);
    let mut journey = Journey::at(whole_rtt(&args.rtt)?);
    for (words, on) in [(&args.known, true), (&args.unknown, false)] {
        for word in words {
            journey.set(Known::ALL[chosen(word.trim(), &names)?], on);
        }
    }
    let steps = journey.steps();
    let (trips, ms) = journey.sum();
    let object = json!({
        "rtt_ms": journey.rtt,
        "round_trips": trips,
        "ms": ms,
        "stages": steps.iter().map(|step| json!({
            "stage": step.stage.name(),
            "reached": step.reached,
            "known": step.known.map(|(known, on)| json!({ "what": known.name(), "on": on })),
            "round_trips": step.trips,
            "ms": step.ms,
        })).collect::<Vec<_>>(),
    });
    let mut lines = vec![format!(
        "{} {}{}",
        pad(say(lang, "단계", "stage"), 23),
        pad_left(say(lang, "왕복", "trips"), 6),
        pad_left("ms", 7)
    )];
    for step in &steps {
        let name = pick(lang, step.stage.words());
        let known = match step.known {
            Some((_, true)) => say(lang, "[켬] ", "[on] "),
            Some((_, false)) => say(lang, "[끔] ", "[off] "),
            None => "",
        };
        let line = format!(
            "{} {}{}  {known}{}",
            pad(name, 23),
            pad_left(&step.trips.to_string(), 6),
            pad_left(&step.ms.to_string(), 7),
            pick(lang, step.said())
        );
        lines.push(line);
    }
    lines.push(match lang {
        Lang::Ko => format!("페이지까지 왕복 {trips}번, {ms} ms"),
        Lang::En => format!("The page is there after {trips} round trips, {ms} ms"),
    });
    Ok(Answer { ok: true, lines, json: object })
}
