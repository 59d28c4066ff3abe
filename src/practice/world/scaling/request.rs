//! What requests do to groups, once the service has checked them.

use std::collections::BTreeSet;

use super::activity::{at, join};
use super::{ActivityStatus, Group, GroupTag, Member};
use crate::practice::world::{Ending, Region};
use crate::scaling::lifecycle::State;

/// Changes of what a group is held between; none: as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// MinSize.
    pub min: Option<u32>,
    /// MaxSize.
    pub max: Option<u32>,
    /// DesiredCapacity.
    pub desired: Option<u32>,
}

impl Region {
    /// Puts a new group into the region: it wants `group.desired` and has nothing.
    pub fn create_group(&mut self, mut group: Group) {
        let (name, wanted) = (group.name.clone(), group.desired);
        group.desired = 0;
        self.scaling.groups.insert(name.clone(), group);
        self.set_desired(&name, wanted, "a user request created an AutoScalingGroup", None);
        self.stir();
    }

    /// Changes a group's bounds and what it wants; what it wants is moved between the bounds.
    pub fn resize_group(&mut self, name: &str, sizes: Sizes) {
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        group.min = sizes.min.unwrap_or(group.min);
        group.max = sizes.max.unwrap_or(group.max);
        let wanted = sizes.desired.unwrap_or(group.desired).clamp(group.min, group.max.max(group.min));
        let what = format!(
            "a user request update of AutoScalingGroup constraints to min: {}, max: {}, desired: {wanted}",
            group.min, group.max
        );
        self.set_desired(name, wanted, &what, None);
    }

    /// The controller tries again at once, whatever it waited for: the group was changed.
    pub fn retry_group(&mut self, name: &str) {
        if let Some(group) = self.scaling.groups.get_mut(name) {
            (group.control.look, group.control.retry, group.control.failures) = (None, 0, 0);
            group.control.avoid.clear();
            self.stir();
        }
    }

    /// Ends a group with everything in it, without hooks and without draining.
    pub fn delete_group(&mut self, name: &str) {
        let now = self.now;
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        let before = group.desired;
        group.deleting = true;
        (group.min, group.max, group.desired) = (0, 0, 0);
        group.control.look = None;
        let actual = group.actual();
        let ids: Vec<String> = group.members.keys().cloned().collect();
        let asked =
            format!("a user request force deleted AutoScalingGroup changing the desired capacity from {before} to 0.");
        for id in ids {
            let what = format!(
                "an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from {actual} to 0."
            );
            let chosen = format!("instance {id} was selected for termination.");
            let cause = join([at(now, &asked), at(now, &what), at(now, &chosen)]);
            self.end_member_at_once(name, &id, cause, None);
            // One that was draining or held up goes now.
            self.terminate(&id, &Ending::User);
        }
        self.stir();
    }

    /// Removes a group that has no instances, with its policies and their alarms.
    pub fn forget_group(&mut self, name: &str) {
        let Some(group) = self.scaling.groups.remove(name) else { return };
        for policy in group.policies.values() {
            self.remove_alarms_of(policy);
        }
        self.tell_metrics(name);
        self.stir();
    }

    /// Ends one instance of a group by request; with `fewer` the group wants one less. Gives the activity's id.
    pub fn end_by_request(&mut self, name: &str, id: &str, fewer: bool) -> Option<String> {
        let group = self.scaling.groups.get_mut(name)?;
        let counts = group.members.get(id)?.state.counts();
        let from = group.actual();
        let to = from.saturating_sub(u32::from(counts));
        let what = format!(
            "instance {id} was taken out of service in response to a user request, shrinking the capacity from {from} to {to}."
        );
        if fewer {
            group.desired = group.desired.saturating_sub(1);
        }
        let cause = at(self.now, &what);
        self.end_member(name, id, cause, None);
        self.scaling.groups.get(name)?.members.get(id)?.activity.clone()
    }

    /// Takes an instance out of service by request, into standby or out of the group (`leave`). Gives the activity's id; none when its state
    /// does not allow it.
    pub fn set_aside_by_request(&mut self, name: &str, id: &str, leave: bool, fewer: bool) -> Option<String> {
        let group = self.scaling.groups.get(name)?;
        let counts = group.members.get(id)?.state.counts();
        let from = group.actual();
        let to = from.saturating_sub(u32::from(counts));
        let how = if leave { "detached" } else { "moved to standby" };
        let what = if fewer {
            format!(
                "instance {id} was {how} in response to a user request, shrinking the capacity from {from} to {to}."
            )
        } else {
            format!("instance {id} was {how} in response to a user request.")
        };
        let activity = self.set_aside(name, id, leave, at(self.now, &what))?;
        if fewer
            && counts
            && let Some(group) = self.scaling.groups.get_mut(name)
        {
            group.desired = group.desired.saturating_sub(1);
        }
        Some(activity)
    }

    /// Brings an instance back from standby by request; the group wants one more. Gives the activity's id.
    pub fn bring_back_by_request(&mut self, name: &str, id: &str) -> Option<String> {
        let from = self.scaling.groups.get(name)?.actual();
        let what = format!(
            "instance {id} was moved out of standby in response to a user request, increasing the capacity from {from} to {}.",
            from + 1
        );
        let activity = self.bring_back(name, id, at(self.now, &what))?;
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.desired = group.desired.max(group.actual());
        }
        Some(activity)
    }

    /// Takes a running instance into a group by request; the group wants one more.
    pub fn attach_by_request(&mut self, name: &str, id: &str) {
        let now = self.now;
        let Some(instance) = self.instances.get(id) else { return };
        let (kind, subnet, zone) = (instance.instance_type.clone(), instance.subnet.clone(), instance.zone.clone());
        let launched = instance.launched;
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        let (from, protected) = (group.actual(), group.protect_new);
        group.desired += 1;
        let what = format!(
            "an instance was attached in response to a user request, increasing the capacity from {from} to {}.",
            from + 1
        );
        let details = self.activity_details(&subnet, &zone, None);
        let activity = self.begin_activity(super::activity::Begin {
            group: name,
            description: format!("Attaching an existing EC2 instance: {id}"),
            cause: at(now, &what),
            details,
            status: ActivityStatus::PreInService,
        });
        self.progress_activity(&activity, ActivityStatus::PreInService, 50);
        self.tags.entry(id.to_owned()).or_default().insert("aws:autoscaling:groupName".to_owned(), name.to_owned());
        self.add_member(
            name,
            Member {
                id: id.to_owned(),
                instance_type: kind,
                subnet,
                zone,
                state: State::Pending,
                healthy: true,
                protected,
                template: None,
                launched,
                in_service: None,
                registered: BTreeSet::new(),
                activity: Some(activity),
                turn: 0,
                due: false,
                doubted: false,
                waits: Vec::new(),
                waiting_since: now,
            },
        );
    }

    /// Makes a group's instances members of these target groups too.
    pub fn attach_target_groups(&mut self, name: &str, arns: &[&str]) {
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        for arn in arns {
            if !group.target_groups.iter().any(|one| one == arn) {
                group.target_groups.push((*arn).to_owned());
            }
        }
        self.join_all_targets(name);
    }

    /// Registers every instance in service where it is missing.
    pub fn join_all_targets(&mut self, name: &str) {
        let ids: Vec<String> =
            self.scaling.groups.get(name).map(|group| group.members.keys().cloned().collect()).unwrap_or_default();
        for id in ids {
            self.join_targets(name, &id);
        }
    }

    /// Takes a group's instances out of these target groups.
    pub fn detach_target_groups(&mut self, name: &str, arns: &[&str]) {
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        group.target_groups.retain(|one| !arns.contains(&one.as_str()));
        let mut leaving = Vec::new();
        for member in group.members.values_mut() {
            for arn in arns {
                if member.registered.remove(*arn) {
                    leaving.push((member.id.clone(), (*arn).to_owned()));
                }
            }
        }
        for (id, arn) in leaving {
            self.leave_target(&arn, &id);
        }
    }

    /// Sets a tag of a group.
    pub fn tag_group(&mut self, name: &str, key: &str, tag: GroupTag) {
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.tags.insert(key.to_owned(), tag);
        }
    }
}
