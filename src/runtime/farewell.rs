//! What is said once the terminal is given back.

use crate::i18n::Lang;
use crate::screens::Ctx;
use crate::view::format::per_hour;

/// What still runs, what it costs and how to remove it; nothing when nothing runs.
pub(super) fn farewell(ctx: &Ctx) -> Option<String> {
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
