//! Trying what stands: the way of a packet, hop by hop, and the shell on the private host.

use ratatui::text::{Line, Span};

use crate::course::model::{Condition, Key, Step};
use crate::i18n::Text;
use crate::lab::reach;
use crate::reach::Leg;
use crate::screens::{Ask, Ctx, Effect};
use crate::view::mark::{ARROW, Mark};
use crate::view::text::wrap_spans;
use crate::view::theme::Role;

const BASTION: &str = "my-bastion-host";
const PRIVATE: &str = "my-private-ec2";

/// The ways of a step's checks, hop by hop, as computed from what was observed.
pub(super) fn lines(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let (Some(survey), Some(facts)) = (&ctx.survey, &ctx.facts) else {
        let text = ctx.say("아직 둘러보지 않았습니다.", "Nothing was looked at yet.");
        return vec![Line::from(look.span(Role::Dim, text))];
    };
    let mut lines = Vec::new();
    for check in &step.checks {
        let Condition::Reach(reach) = &check.condition else { continue };
        let way = reach::way(&survey.world, facts, reach);
        let holds = way.answered == reach.arrives;
        let mark = if way.lines.is_empty() {
            Mark::NotStarted
        } else if holds {
            Mark::Checked
        } else {
            Mark::Failed
        };
        let head = [look.mark(mark), Span::raw(" ")];
        let title = look.span(Role::Strong, ctx.t(&check.title).to_owned());
        lines.extend(wrap_spans(&[title], room, &head, &[Span::raw("  ")]));
        if way.lines.is_empty() {
            let text = ctx.say("길의 끝이 아직 없습니다.", "An end of the way does not exist yet.");
            lines.push(Line::from(vec![Span::raw("  "), look.span(Role::Dim, text)]));
        }
        let mut leg = None;
        for hop in &way.lines {
            if leg != Some(hop.leg) {
                leg = Some(hop.leg);
                let word = match hop.leg {
                    Leg::Out => ctx.say("가는 길", "there"),
                    Leg::Back => ctx.say("오는 길", "back"),
                };
                let ends = format!("{word}  {} {ARROW} {}", hop.from, hop.to);
                lines.push(Line::from(vec![Span::raw("  "), look.span(Role::Dim, ends)]));
            }
            let mark = if hop.passes { Mark::Ready } else { Mark::Failed };
            let first = [Span::raw("    "), look.mark(mark), Span::raw(" ")];
            let text = Span::raw(ctx.t(&hop.text).to_owned());
            lines.extend(wrap_spans(&[text], room, &first, &[Span::raw("      ")]));
        }
        lines.push(Line::default());
    }
    if let Some(command) = ssh_line(ctx) {
        let word = if ctx.is_practice() {
            ctx.say("AWS에서는 이 명령으로 들어갑니다:", "On AWS this command gets you in:")
        } else {
            ctx.say("s를 누르면 이 명령으로 들어갑니다:", "s opens a shell with this command:")
        };
        lines.push(Line::from(look.span(Role::Dim, word)));
        lines.extend(wrap_spans(&[look.span(Role::Code, command)], room, &[Span::raw("  ")], &[Span::raw("    ")]));
    }
    lines
}

/// The bastion's public and the private host's private address, once both are there.
pub(super) fn hosts(ctx: &Ctx) -> Option<(String, String)> {
    let world = &ctx.survey.as_ref()?.world;
    let bastion = world.get(&Key::home("instance", BASTION))?;
    let private = world.get(&Key::home("instance", PRIVATE))?;
    Some((bastion.text("public_ip")?.to_owned(), private.text("private_ip")?.to_owned()))
}

/// The command that gets to the private host.
pub(super) fn ssh_line(ctx: &Ctx) -> Option<String> {
    let (bastion, private) = hosts(ctx)?;
    Some(format!("ssh -J ec2-user@{bastion} ec2-user@{private}"))
}

/// Opens a shell on the private host.
pub(super) fn shell(ctx: &Ctx) -> Vec<Ask> {
    let key = ctx.desired.iter().find(|desired| desired.key.kind == "key-pair").map(|desired| desired.key.name.clone());
    match (hosts(ctx), key) {
        (Some((bastion, private)), Some(key)) => vec![Ask::Do(Effect::Ssh { key, bastion, private })],
        _ => vec![Ask::Say(Text::new("아직 두 서버가 모두 있지 않습니다", "The two hosts are not both there yet"))],
    }
}
