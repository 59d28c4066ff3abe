//! Changes of a group's sizes, as the call that makes them.

use crate::course::model::Key;
use crate::i18n::Text;
use crate::lab::call::{Arg, Call, Effect, Service};

use super::snapshot::Group;

/// The sizes that a group is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resize {
    /// `MinSize`.
    pub min: u32,
    /// `DesiredCapacity`.
    pub desired: u32,
    /// `MaxSize`.
    pub max: u32,
}

/// Which of the sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Smallest.
    Min,
    /// Wanted.
    Desired,
    /// Largest.
    Max,
}

impl Size {
    /// All, in the order of the screen.
    pub const ALL: [Self; 3] = [Self::Min, Self::Desired, Self::Max];
}

impl Resize {
    /// The sizes as they are.
    pub const fn of(group: &Group) -> Self {
        Self { min: group.min, desired: group.desired, max: group.max }
    }

    /// One of the sizes.
    pub const fn get(&self, size: Size) -> u32 {
        match size {
            Size::Min => self.min,
            Size::Desired => self.desired,
            Size::Max => self.max,
        }
    }

    /// Changes one of the sizes by some; the others follow, so that min is never above desired nor that above max.
    #[must_use]
    pub fn by(mut self, size: Size, by: i32) -> Self {
        match size {
            Size::Min => {
                self.min = self.min.saturating_add_signed(by);
                self.desired = self.desired.max(self.min);
                self.max = self.max.max(self.desired);
            }
            Size::Desired => {
                self.desired = self.desired.saturating_add_signed(by);
                self.min = self.min.min(self.desired);
                self.max = self.max.max(self.desired);
            }
            Size::Max => {
                self.max = self.max.saturating_add_signed(by);
                self.desired = self.desired.min(self.max);
                self.min = self.min.min(self.desired);
            }
        }
        self
    }

    /// The call that makes the change, with only what differs; `None` when nothing does.
    pub fn call(&self, group: &Group, region: &str) -> Option<Call> {
        let before = Self::of(group);
        if before == *self {
            return None;
        }
        let key = Key::home("auto-scaling-group", &group.name);
        let mut call = Call::new(Service::Autoscaling, "UpdateAutoScalingGroup", Effect::Change, &key, "", region)
            .arg("AutoScalingGroupName", Arg::text(&group.name));
        for (size, name) in [(Size::Min, "MinSize"), (Size::Max, "MaxSize"), (Size::Desired, "DesiredCapacity")] {
            if before.get(size) != self.get(size) {
                call = call.arg(name, Arg::Int(i64::from(self.get(size))));
            }
        }
        Some(call.again_if(&["ScalingActivityInProgress", "ResourceContention"]))
    }

    /// The change in words: `원하는 수 1 → 2 · 최대 1 → 3`, and what it starts or ends at what price. `price` gives an
    /// instance type's hour in USD.
    pub fn words(&self, group: &Group, price: impl Fn(&str) -> Option<f64>) -> Text {
        let before = Self::of(group);
        let mut parts: Vec<Text> = Vec::new();
        for (size, ko, en) in
            [(Size::Min, "최소", "min"), (Size::Desired, "원하는 수", "desired"), (Size::Max, "최대", "max")]
        {
            let (from, to) = (before.get(size), self.get(size));
            if from != to {
                parts.push(Text::new(format!("{ko} {from} → {to}"), format!("{en} {from} → {to}")));
            }
        }
        let join = |of: fn(&Text) -> &str| parts.iter().map(of).collect::<Vec<_>>().join(" · ");
        let (ko, en) = self.effect(group, price);
        Text::new(format!("{}{ko}", join(|text| &text.ko)), format!("{}{en}", join(|text| &text.en)))
    }

    /// What the change of the desired capacity does to servers and to the price of an hour; empty when it stays.
    fn effect(&self, group: &Group, price: impl Fn(&str) -> Option<f64>) -> (String, String) {
        let (from, to) = (group.desired, self.desired);
        let count = from.abs_diff(to);
        if count == 0 {
            return (String::new(), String::new());
        }
        let kind = group.instances.first().map(|member| member.kind.as_str());
        let cost = kind.and_then(price).map(|hour| hour * f64::from(count));
        let sign = if to > from { "+" } else { "-" };
        let (ko_cost, en_cost) = cost.map_or_else(Default::default, |cost| {
            (format!("   EC2 비용 {sign}${cost:.3}/h"), format!("   EC2 cost {sign}${cost:.3}/h"))
        });
        let plural = if count == 1 { "" } else { "s" };
        match to > from {
            true => (
                format!("   서버 {count}대를 더 시작합니다{ko_cost}"),
                format!("   starts {count} more server{plural}{en_cost}"),
            ),
            false => {
                (format!("   서버 {count}대를 끝냅니다{ko_cost}"), format!("   ends {count} server{plural}{en_cost}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn group() -> Group {
        Group { name: "my-asg-ec2".into(), min: 1, desired: 1, max: 3, ..Group::default() }
    }

    #[test]
    fn sizes_stay_in_order() {
        let sizes = Resize::of(&group());
        assert_eq!(sizes.by(Size::Desired, 4), Resize { min: 1, desired: 5, max: 5 });
        assert_eq!(sizes.by(Size::Max, -3), Resize { min: 0, desired: 0, max: 0 });
        assert_eq!(sizes.by(Size::Min, 2), Resize { min: 3, desired: 3, max: 3 });
        assert_eq!(sizes.by(Size::Min, -9), Resize { min: 0, desired: 1, max: 3 });
    }

    #[test]
    fn a_call_has_only_what_differs() {
        let group = group();
        assert_eq!(Resize::of(&group).call(&group, "ap-northeast-2"), None);
        let call = Resize::of(&group).by(Size::Desired, 1).call(&group, "ap-northeast-2").unwrap();
        assert_eq!(call.iam_action(), "autoscaling:UpdateAutoScalingGroup");
        let names: Vec<&str> = call.args.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["AutoScalingGroupName", "DesiredCapacity"]);
        let price = |_: &str| Some(0.013);
        assert_eq!(Resize::of(&group).by(Size::Max, 1).words(&group, price).en, "max 3 → 4");
    }

    #[test]
    fn words_tell_what_is_started_and_ended_and_at_what_price() {
        let mut group = group();
        group.instances.push(crate::lab::watch::snapshot::Member { kind: "t3.micro".into(), ..Default::default() });
        let price = |kind: &str| (kind == "t3.micro").then_some(0.013);
        let words = |by| Resize::of(&group).by(Size::Desired, by).words(&group, price);
        assert_eq!(words(2).en, "desired 1 → 3   starts 2 more servers   EC2 cost +$0.026/h");
        assert_eq!(words(-1).ko, "최소 1 → 0 · 원하는 수 1 → 0   서버 1대를 끝냅니다   EC2 비용 -$0.013/h");
        // Of a type without a price only the servers are told.
        assert_eq!(
            Resize::of(&group).by(Size::Desired, 1).words(&group, |_| None).en,
            "desired 1 → 2   starts 1 more server"
        );
    }
}
