//! `awslab tool packet`: a packet and its reply through a network ACL and a security group.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::packet::{Example, List, Play, Trip};
use crate::problem::Problem;
use crate::reach::Leg;

use super::{Answer, both, chosen, pick, say};

#[derive(Debug, Clone, Args)]
pub(super) struct PacketArgs {
    /// What is sent: http, https, ssh, update, app [default: that of the example]
    packet: Option<String>,
    /// The rules to begin with: no-way-back, new-group, right, deny-first, outbound
    #[arg(long, value_name = "NAME", default_value = "no-way-back")]
    example: String,
    /// The NACL's inbound rules, instead of the example's: "100 allow tcp 80 0.0.0.0/0"
    #[arg(long, value_name = "RULE")]
    nacl_in: Vec<String>,
    /// The NACL's outbound rules
    #[arg(long, value_name = "RULE")]
    nacl_out: Vec<String>,
    /// The security group's inbound rules: "tcp 80 0.0.0.0/0"
    #[arg(long, value_name = "RULE")]
    sg_in: Vec<String>,
    /// The security group's outbound rules
    #[arg(long, value_name = "RULE")]
    sg_out: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const fn list_words(list: List) -> (&'static str, (&'static str, &'static str)) {
    match list {
        List::AclIn => ("nacl_in", ("NACL 인바운드", "NACL inbound")),
        List::AclOut => ("nacl_out", ("NACL 아웃바운드", "NACL outbound")),
        List::GroupIn => ("sg_in", ("SG 인바운드", "SG inbound")),
        List::GroupOut => ("sg_out", ("SG 아웃바운드", "SG outbound")),
    }
}

fn play(args: &PacketArgs) -> Result<Play, Problem> {
    let example = Example::ALL[chosen(&args.example, &Example::ALL.map(Example::name))?];
    let mut play = example.play();
    if let Some(packet) = &args.packet {
        play.trip = Trip::ALL[chosen(packet, &Trip::ALL.map(Trip::name))?];
    }
    for (list, rules) in List::ALL.into_iter().zip([&args.nacl_in, &args.nacl_out, &args.sg_in, &args.sg_out]) {
        if rules.is_empty() {
            continue;
        }
        while play.length(list) > 0 {
            play.remove(list, 0);
        }
        for rule in rules {
            play.put(list, None, rule.trim()).map_err(|fault| fault.problem())?;
        }
    }
    Ok(play)
}

pub(super) fn answer(args: &PacketArgs, lang: Lang) -> Result<Answer, Problem> {
    let play = play(args)?;
    let (trace, told, mend) = (play.trace(), play.told(), play.mend());
    let rules = |list: List| (0..play.length(list)).filter_map(|at| play.written(list, at)).collect::<Vec<_>>();
    let mut object = json!({
        "ok": trace.answered(),
        "packet": play.trip.name(),
        "arrives": trace.arrives(),
        "answered": trace.answered(),
        "hops": told.iter().map(|hop| json!({
            "leg": if hop.leg == Leg::Packet { "packet" } else { "reply" },
            "passes": hop.passes,
            "text": both(&hop.text),
        })).collect::<Vec<_>>(),
        "mend": mend.as_ref().map(both),
    });
    for list in List::ALL {
        object[list_words(list).0] = json!(rules(list));
    }
    let mut lines = Vec::new();
    for list in List::ALL {
        let none = if list.is_acl() { "*" } else { "-" };
        let shown = rules(list);
        let shown = if shown.is_empty() { none.to_owned() } else { shown.join("; ") };
        lines.push(format!("{}  {shown}", crate::view::text::pad(pick(lang, list_words(list).1), 15)));
    }
    lines.push(pick(lang, play.trip.words()).to_owned());
    for hop in &told {
        let leg = match hop.leg {
            Leg::Packet => say(lang, "요청", "sent"),
            Leg::Reply => say(lang, "응답", "back"),
        };
        let mark = if hop.passes { "✓" } else { "✗" };
        lines.push(format!("  {leg} {mark} {}", hop.text.get(lang)));
    }
    lines.push(
        match (trace.arrives(), trace.answered()) {
            (_, true) => say(lang, "응답까지 왔습니다", "Answered"),
            (true, false) => say(lang, "닿았지만 응답이 돌아오지 못합니다", "It arrives, but the reply is lost"),
            (false, _) => say(lang, "닿지 못합니다", "It does not arrive"),
        }
        .to_owned(),
    );
    if let Some(mend) = mend {
        lines.push(format!("{}: {}", say(lang, "고치기", "Mend"), mend.get(lang)));
    }
    Ok(Answer { ok: trace.answered(), lines, json: object })
}
