//! `awslab tool plan 10.1.0.0/16 my-public-subnet-a=10.1.1.0/24 ...`.

use clap::Args;
use ipnet::Ipv4Net;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::cidr::Block;
use crate::lesson::plan::{Plan, Row, size};
use crate::problem::Problem;

use super::{Answer, both, say, table};

#[derive(Debug, Clone, Args)]
pub(super) struct PlanArgs {
    /// The VPC's block [default: the course's VPC with its six subnets]
    vpc: Option<String>,
    /// Subnets, with a name or without: my-public-subnet-a=10.1.1.0/24, 10.1.2.0/24
    subnet: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A block, and what is to be said about its host bits.
fn read(text: &str) -> Result<Block, Problem> {
    let block = text.split_once('=').map_or(text, |(_, block)| block);
    let start = text.len() - block.len();
    Block::parse(block).map_err(|fault| fault.within(text, start).problem())
}

fn plan(args: &PlanArgs) -> Result<(Plan, Vec<(String, Ipv4Net)>), Problem> {
    let Some(vpc) = &args.vpc else { return Ok((Plan::course(), Vec::new())) };
    let mut corrected = Vec::new();
    let mut net = |text: &str| -> Result<Ipv4Net, Problem> {
        let block = read(text)?;
        if block.has_host_bits() {
            corrected.push((block.to_string(), block.net()));
        }
        Ok(block.net())
    };
    let mut plan = Plan::new(net(vpc)?);
    for text in &args.subnet {
        let name = text.split_once('=').map_or(text.as_str(), |(name, _)| name);
        plan.rows.push(Row { name: name.to_owned(), net: net(text)? });
    }
    Ok((plan, corrected))
}

pub(super) fn answer(args: &PlanArgs, lang: Lang) -> Result<Answer, Problem> {
    let (plan, corrected) = plan(args)?;
    let troubles = plan.troubles();
    let usable = |net: Ipv4Net| Block::new(net.network(), net.prefix_len()).usable();
    let rows: Vec<_> = plan
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let ok = !troubles.iter().any(|trouble| trouble.concerns(at));
            json!({ "name": row.name, "block": row.net.to_string(), "usable": usable(row.net), "ok": ok })
        })
        .collect();
    let told: Vec<_> =
        troubles.iter().map(|trouble| json!({ "code": trouble.code(), "text": both(&plan.told(*trouble)) })).collect();
    let free = plan.free();
    let object = json!({
        "ok": troubles.is_empty(),
        "vpc": plan.vpc.to_string(),
        "addresses": size(plan.vpc),
        "free": plan.free_addresses(),
        "subnets": rows,
        "problems": told,
        "free_blocks": free.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    let mut lines = table(&[
        ("VPC", format!("{}  {}", plan.vpc, size(plan.vpc))),
        (say(lang, "빈 주소", "Free"), plan.free_addresses().to_string()),
    ]);
    let shown: Vec<(&str, String)> = plan
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let wrong = troubles.iter().any(|trouble| trouble.concerns(at));
            let mark = if wrong { "✗" } else { "✓" };
            (row.name.as_str(), format!("{mark} {:<18} {:>6}", row.net.to_string(), usable(row.net)))
        })
        .collect();
    lines.extend(table(&shown));
    for trouble in &troubles {
        lines.push(format!("! {} ({})", plan.told(*trouble).get(lang), trouble.code()));
    }
    for (given, net) in &corrected {
        lines.push(match lang {
            Lang::Ko => format!("{given}에는 호스트 비트가 있어 {net} 블록으로 계산했습니다"),
            Lang::En => format!("{given} has host bits; it was taken as {net}"),
        });
    }
    for net in &free {
        lines.push(format!("{}  {:<18} {:>6}", say(lang, "빈 곳", "free"), net.to_string(), size(*net)));
    }
    Ok(Answer { ok: troubles.is_empty(), lines, json: object })
}
