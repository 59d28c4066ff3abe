//! What is said once the terminal is given back.

use crate::i18n::Lang;
use crate::screens::Ctx;
use crate::store::Load;
use crate::view::format::per_hour;

/// What still runs, what it costs and how to remove it, and the loads with their ends; nothing when nothing runs.
pub(super) fn farewell(ctx: &Ctx, loads: &[Load]) -> Option<String> {
    let texts: Vec<String> = standing(ctx).into_iter().chain(loads.iter().map(|load| load_line(ctx, load))).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn load_line(ctx: &Ctx, load: &Load) -> String {
    let option = if ctx.is_practice() { "" } else { " --aws" };
    let ends = jiff::Timestamp::from_millisecond(load.ends).map(|at| at.strftime("%H:%M:%S UTC").to_string());
    let (instance, group, ends) = (&load.instance, &load.group, ends.unwrap_or_default());
    match ctx.lang() {
        Lang::Ko => format!(
            "{group}의 {instance}에서 부하가 계속 돕니다. {ends}에 저절로 끝납니다.\n  멈추기:      awslab{option} load stop {group}"
        ),
        Lang::En => format!(
            "Load still runs on {instance} of {group}; it ends by itself at {ends}.\n  stop it: awslab{option} load stop {group}"
        ),
    }
}

fn standing(ctx: &Ctx) -> Option<String> {
    let (count, cost) = ctx.standing()?;
    if count == 0 {
        return None;
    }
    let cost = per_hour(cost);
    let option = if ctx.is_practice() { "" } else { " --aws" };
    let place = match (ctx.is_practice(), ctx.lang()) {
        (true, Lang::Ko) => "연습 클라우드",
        (true, Lang::En) => "the practice cloud",
        (false, _) => "AWS",
    };
    Some(match ctx.lang() {
        Lang::Ko => format!(
            "{place}에 리소스 {count}개가 켜져 있습니다 ({cost}).\n  이어서 하기: awslab{option} resume\n  지우기:      awslab{option} cleanup"
        ),
        Lang::En => format!(
            "{count} resources are still there on {place} ({cost}).\n  go on:  awslab{option} resume\n  remove: awslab{option} cleanup"
        ),
    })
}
