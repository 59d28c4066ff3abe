//! Names that give way when room is short: the console's exact name first, then with less and less of what every
//! name of the course has in common.

use ratatui::text::Line;

use crate::view::text::line_width;

/// How many forms [`short`] knows.
pub const FORMS: usize = 4;

/// A name in one of its forms: 0 is the exact name, each further form is no longer than the one before.
pub fn short(name: &str, form: usize) -> String {
    let mut out = name.to_owned();
    if form >= 1 {
        out = strip(&out, "my-");
    }
    if form >= 2 {
        out = out.replace("-subnet-", "-");
        // The wizard's names end with their zone, which the picture shows anyway.
        if let Some((rest, zone)) = out.split_once("-ap-northeast-")
            && zone.len() == 2
        {
            out = rest.to_owned();
        }
    }
    if form >= 3 {
        // `private-app-a` is `app-a`, but `private-ec2` would lose what tells it apart.
        let rest = strip(&out, "private-");
        if rest.contains('-') {
            out = rest;
        }
        out = out
            .strip_suffix("gateway")
            .map(|rest| rest.trim_end_matches('-').to_owned())
            .filter(|rest| rest.len() > 2)
            .unwrap_or(out);
    }
    out
}

fn strip(name: &str, start: &str) -> String {
    name.strip_prefix(start).filter(|rest| !rest.is_empty()).unwrap_or(name).to_owned()
}

/// The first form in which all lines of a sort fit, so that things of one sort are named alike; the last form when none
/// does. `lines` makes the lines of a form.
pub fn form_for(room: usize, lines: impl Fn(usize) -> Vec<Line<'static>>) -> usize {
    (0..FORMS).find(|form| lines(*form).iter().all(|line| line_width(line) <= room)).unwrap_or(FORMS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_they_have_in_common() {
        let forms = |name| (0..FORMS).map(|form| short(name, form)).collect::<Vec<_>>();
        assert_eq!(
            forms("my-private-subnet-app-a"),
            ["my-private-subnet-app-a", "private-subnet-app-a", "private-app-a", "app-a"]
        );
        assert_eq!(forms("my-public-subnet-c"), ["my-public-subnet-c", "public-subnet-c", "public-c", "public-c"]);
        assert_eq!(forms("my-private-ec2"), ["my-private-ec2", "private-ec2", "private-ec2", "private-ec2"]);
        assert_eq!(forms("my-natgateway"), ["my-natgateway", "natgateway", "natgateway", "nat"]);
        assert_eq!(
            forms("my-tokyo-subnet-private1-ap-northeast-1a").pop().as_deref(),
            Some("tokyo-private1"),
            "without its zone"
        );
        assert_eq!(forms("my-"), ["my-", "my-", "my-", "my-"]);
    }
}
