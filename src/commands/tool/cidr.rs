//! `awslab tool cidr 10.10.1.2/26`.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::Fault;
use crate::lesson::cidr::{Block, Fit};
use crate::problem::Problem;

use super::{Answer, pick, say, table};

#[derive(Debug, Clone, Args)]
pub(super) struct CidrArgs {
    /// An address and a prefix length
    #[arg(default_value = "10.10.1.2/26")]
    block: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn answer(args: &CidrArgs, lang: Lang) -> Result<Answer, Problem> {
    let block = Block::parse(args.block.trim()).map_err(|fault: Fault| fault.problem())?;
    let kept: Vec<_> = block
        .reserved()
        .into_iter()
        .map(|(address, purpose)| json!({ "address": address, "for": pick(lang, purpose.words()) }))
        .collect();
    let usable = block.usable_range();
    let object = json!({
        "input": block.to_string(),
        "block": block.net().to_string(),
        "host_bits_set": block.has_host_bits(),
        "network_bits": block.prefix(),
        "host_bits": block.host_bits(),
        "mask": block.mask(),
        "wildcard": block.wildcard(),
        "first": block.first(),
        "last": block.last(),
        "addresses": block.size(),
        "hosts": block.classic_hosts(),
        "aws": {
            "ok": block.fit() == Fit::Fits,
            "usable": block.usable(),
            "first": usable.map(|(first, _)| first),
            "last": usable.map(|(_, last)| last),
            "reserved": kept,
        },
    });
    let bits: String = block.bits().iter().enumerate().fold(String::new(), |mut text, (at, bit)| {
        if at > 0 && at.is_multiple_of(8) {
            text.push('.');
        }
        text.push(if *bit { '1' } else { '0' });
        text
    });
    let mut rows = vec![
        (say(lang, "블록", "Block"), block.net().to_string()),
        (say(lang, "비트", "Bits"), bits),
        (say(lang, "네트워크 / 호스트", "Network / host"), format!("{} / {}", block.prefix(), block.host_bits())),
        (say(lang, "서브넷 마스크", "Subnet mask"), block.mask().to_string()),
        (say(lang, "와일드카드", "Wildcard"), block.wildcard().to_string()),
        (say(lang, "범위", "Range"), format!("{} - {}", block.first(), block.last())),
        (say(lang, "주소 수", "Addresses"), block.size().to_string()),
        (say(lang, "일반 호스트 수", "Hosts elsewhere"), block.classic_hosts().to_string()),
        (say(lang, "대역", "Kind of range"), pick(lang, block.realm().words()).to_owned()),
        ("AWS", pick(lang, block.fit().words()).to_owned()),
    ];
    if let Some((first, last)) = usable {
        rows.push((say(lang, "쓸 수 있는 주소", "Usable in AWS"), format!("{} ({first} - {last})", block.usable())));
        for (address, purpose) in block.reserved() {
            rows.push((
                say(lang, "AWS가 쓰는 주소", "Kept by AWS"),
                format!("{address:<15} {}", pick(lang, purpose.words())),
            ));
        }
    }
    if block.has_host_bits() {
        let note = match lang {
            Lang::Ko => format!(
                "{}에는 호스트 비트가 있습니다. 블록으로 쓰면 EC2가 {} 블록으로 고쳐 적습니다",
                block.address(),
                block.net()
            ),
            Lang::En => format!("{} has host bits; as a block, EC2 writes {} instead", block.address(), block.net()),
        };
        rows.push((say(lang, "호스트 비트", "Host bits"), note));
        if let Some(purpose) = block.purpose(block.address()) {
            rows.push((say(lang, "입력한 주소", "This address"), pick(lang, purpose.words()).to_owned()));
        }
    }
    Ok(Answer { ok: true, lines: table(&rows), json: object })
}
