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

    /// The change in words: `원하는 1 → 2 · 최대 1 → 3`.
    pub fn words(&self, group: &Group) -> Text {
        let before = Self::of(group);
        let mut parts: Vec<Text> = Vec::new();
        for (size, ko, en) in
            [(Size::Min, "최소", "min"), (Size::Desired, "원하는", "desired"), (Size::Max, "최대", "max")]
        {
            let (from, to) = (before.get(size), self.get(size));
            if from != to {
                parts.push(Text::new(format!("{ko} {from} → {to}"), format!("{en} {from} → {to}")));
            }
        }
        let join = |of: fn(&Text) -> &str| parts.iter().map(of).collect::<Vec<_>>().join(" · ");
        Text::new(join(|text| &text.ko), join(|text| &text.en))
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
        assert_eq!(Resize::of(&group).by(Size::Max, 1).words(&group).en, "max 3 → 4");
    }
}
