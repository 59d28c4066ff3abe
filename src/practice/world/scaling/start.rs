//! Starting instances: where, what is said of it, and what comes after failures.

use std::collections::{BTreeMap, BTreeSet};

use super::activity::{Begin, at, join};
use super::{ActivityStatus, Due, Member, TemplateChoice};
use crate::practice::services::ec2::{TemplateLaunch, launch_from_template};
use crate::practice::world::{Event, Global, Region};
use crate::scaling::choose::{to_start, uneven};
use crate::scaling::lifecycle::State;

/// The first wait after a failed launch; it doubles.
const RETRY_MS: i64 = 30_000;
/// The longest wait after failed launches.
const RETRY_MOST_MS: i64 = 900_000;
/// How long a zone that could not give an instance is left alone.
const AVOID_MS: i64 = 600_000;
/// EC2's errors that another zone may not have.
const ZONAL: [&str; 5] = [
    "InsufficientInstanceCapacity",
    "Unsupported",
    "InsufficientFreeAddressesInSubnet",
    "InvalidSubnetID.NotFound",
    "InvalidSubnet",
];

impl Region {
    pub(super) fn start_missing(&mut self, global: &Global, name: &str) {
        let Some(why) = self.why(name) else { return };
        for _ in why.from..why.to {
            let Some(group) = self.scaling.groups.get_mut(name) else { return };
            let what = if group.control.replacements > 0 {
                group.control.replacements -= 1;
                "an instance was launched in response to an unhealthy instance needing to be replaced.".to_owned()
            } else {
                format!(
                    "an instance was started in response to a difference between desired and actual capacity, increasing the capacity from {} to {}.",
                    why.from, why.to
                )
            };
            let cause = join([why.reason.clone(), at(self.now, &what)]);
            if !self.start_one(global, name, &cause, why.alarm.as_deref(), None) {
                return;
            }
        }
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.control.replacements = 0;
        }
    }

    pub(super) fn start_for_balance(&mut self, global: &Global, name: &str) {
        let Some(group) = self.scaling.groups.get(name) else { return };
        let places = self.places(group);
        let Some((_, fewest)) = uneven(&places) else { return };
        let what = format!(
            "instances were launched to balance instances in zones {fewest} with other zones resulting in more than desired number of instances in the group."
        );
        let (cause, zone) = (at(self.now, &what), fewest.to_owned());
        let started = self.start_one(global, name, &cause, None, Some(&zone));
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.control.surplus = started;
        }
    }

    /// Starts an instance, in another zone when one cannot give it; `false` when none can.
    fn start_one(&mut self, global: &Global, name: &str, cause: &str, alarm: Option<&str>, only: Option<&str>) -> bool {
        loop {
            let Some(group) = self.scaling.groups.get(name) else { return false };
            let mut places = self.places(group);
            places.retain(|place| only.is_none_or(|zone| place.zone == zone));
            let others = places.len() > 1;
            let Some(subnet) = to_start(&places).map(str::to_owned) else { return self.start_failed(name) };
            let targets = group.target_groups.iter().all(|arn| self.has_target_group(arn));
            let started = if targets {
                self.start_in(global, name, &subnet, cause, alarm)
            } else {
                let message = "One or more target groups not found. Validating load balancer configuration failed.";
                Err((String::new(), message.to_owned()))
            };
            let Err((code, message)) = started else {
                if let Some(group) = self.scaling.groups.get_mut(name) {
                    (group.control.failures, group.control.retry) = (0, 0);
                }
                return true;
            };
            let zone = self.subnets.get(&subnet).map(|subnet| subnet.zone.clone()).unwrap_or_default();
            let details = self.activity_details(&subnet, &zone, alarm);
            let activity = self.begin_activity(Begin {
                group: name,
                description: "Launching a new EC2 instance".to_owned(),
                cause: cause.to_owned(),
                details,
                status: ActivityStatus::InProgress,
            });
            self.end_activity(&activity, ActivityStatus::Failed, Some(message));
            let until = self.now + AVOID_MS;
            if ZONAL.contains(&code.as_str())
                && let Some(group) = self.scaling.groups.get_mut(name)
            {
                group.control.avoid.insert(subnet, until);
                // Then zones may be made even again.
                self.schedule_at(until, Event::Scaling(Due::Look(name.to_owned())));
                if others {
                    continue;
                }
            }
            return self.start_failed(name);
        }
    }

    /// Nothing could be started: the next try comes later each time, and in every zone.
    fn start_failed(&mut self, name: &str) -> bool {
        let now = self.now;
        if let Some(group) = self.scaling.groups.get_mut(name) {
            let all = group.subnets.iter().all(|subnet| group.control.avoid.contains_key(subnet));
            if all {
                group.control.avoid.clear();
            }
            let wait = RETRY_MS.saturating_mul(1_i64 << group.control.failures.min(10)).min(RETRY_MOST_MS);
            group.control.failures += 1;
            group.control.retry = now + wait;
        }
        false
    }

    /// Starts an instance in a subnet; the error is EC2's code and sentence.
    fn start_in(
        &mut self,
        global: &Global,
        name: &str,
        subnet: &str,
        cause: &str,
        alarm: Option<&str>,
    ) -> Result<(), (String, String)> {
        let Some(group) = self.scaling.groups.get(name) else { return Ok(()) };
        let mut tags: BTreeMap<String, String> = group
            .tags
            .iter()
            .filter(|(_, tag)| tag.propagate)
            .map(|(key, tag)| (key.clone(), tag.value.clone()))
            .collect();
        tags.insert("aws:autoscaling:groupName".to_owned(), name.to_owned());
        let (template, protected) = (group.template.clone(), group.protect_new);
        let version = template.version.clone().unwrap_or_else(|| "$Default".to_owned());
        let token = self.random.uuid();
        let launch =
            TemplateLaunch { template: &template.id, version: &version, subnet, tags: &tags, client_token: &token };
        let id = launch_from_template(self, global, &launch).map_err(|error| {
            let end = if error.message.ends_with('.') { "" } else { "." };
            (error.code, format!("{}{end} Launching EC2 instance failed.", error.message))
        })?;
        let number = self.templates.by_id.get(&template.id).and_then(|found| found.resolve(&version));
        let now = self.now;
        let (zone, kind) = self
            .instances
            .get(&id)
            .map(|instance| (instance.zone.clone(), instance.instance_type.clone()))
            .unwrap_or_default();
        let details = self.activity_details(subnet, &zone, alarm);
        let activity = self.begin_activity(Begin {
            group: name,
            description: format!("Launching a new EC2 instance: {id}"),
            cause: cause.to_owned(),
            details,
            status: ActivityStatus::PreInService,
        });
        self.progress_activity(&activity, ActivityStatus::PreInService, 30);
        let member = Member {
            id: id.clone(),
            instance_type: kind,
            subnet: subnet.to_owned(),
            zone,
            state: State::Pending,
            healthy: true,
            protected,
            template: Some(TemplateChoice { version: number.map(|number| number.to_string()), ..template }),
            launched: now,
            in_service: None,
            registered: BTreeSet::new(),
            activity: Some(activity),
            turn: 0,
            due: false,
            doubted: false,
            waits: Vec::new(),
            waiting_since: now,
        };
        self.add_member(name, member);
        Ok(())
    }
}
