//! The life of an instance in its group: into service, through hooks, into standby, out of the group, to its end.

use super::activity::{Begin, at};
use super::{ActivityStatus, Due, Group, Hook, Member, MemberStep, Transition, Wait};
use crate::practice::world::{Duration, Ending, Event, Region};
use crate::scaling::lifecycle::State;

/// From one state to the next, when there is nothing to wait for.
const STEP: Duration = Duration { typical_ms: 2000, spread_ms: 1000 };

impl Region {
    pub(super) fn member_mut(&mut self, group: &str, id: &str) -> Option<&mut Member> {
        self.scaling.groups.get_mut(group)?.members.get_mut(id)
    }

    fn member(&self, group: &str, id: &str) -> Option<&Member> {
        self.scaling.groups.get(group)?.members.get(id)
    }

    /// Takes an instance in.
    pub(super) fn add_member(&mut self, name: &str, member: Member) {
        let id = member.id.clone();
        self.record_joined(name, &id);
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.members.insert(id, member);
        }
        self.stir();
    }

    /// Forgets an instance that has left.
    fn remove_member(&mut self, name: &str, id: &str) {
        self.record_left(name, id);
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.members.remove(id);
            group.control.surplus &= group.members.values().any(|one| one.state.is_pending());
        }
        self.stir();
    }

    /// Puts an instance into a new state, if it may follow. What was meant for the old one is void.
    fn turn(&mut self, name: &str, id: &str, state: State) -> bool {
        let Some(member) = self.member_mut(name, id) else { return false };
        if !member.state.may_become(state) {
            return false;
        }
        member.state = state;
        member.turn += 1;
        (member.due, member.doubted) = (false, false);
        self.stir();
        true
    }

    pub(super) fn schedule_member(&mut self, name: &str, id: &str, wait: Duration, step: MemberStep) {
        if let Some(turn) = self.member(name, id).map(|member| member.turn) {
            let due = Due::Member { group: name.to_owned(), instance: id.to_owned(), turn, step };
            self.schedule(wait, Event::Scaling(due));
        }
    }

    fn schedule_member_at(&mut self, name: &str, id: &str, moment: i64, step: MemberStep) {
        if let Some(turn) = self.member(name, id).map(|member| member.turn) {
            let due = Due::Member { group: name.to_owned(), instance: id.to_owned(), turn, step };
            self.schedule_at(moment, Event::Scaling(due));
        }
    }

    /// The next step of an instance's life is due.
    pub(super) fn member_due(&mut self, name: &str, id: &str, turn: u32, step: MemberStep) {
        if self.member(name, id).is_none_or(|member| member.turn != turn) {
            return;
        }
        match step {
            MemberStep::Enter => self.enter(name, id),
            MemberStep::Proceed => self.proceed(name, id),
            MemberStep::Drained => self.drained(name, id),
            MemberStep::HookOver => self.hook_over(name, id),
            MemberStep::Doubt => self.check_health(name, id),
            // What settles after every event looks again.
            MemberStep::Grace => {}
        }
    }

    fn hooks_for(group: &Group, transition: Transition) -> Vec<Hook> {
        group.hooks.values().filter(|hook| hook.transition == transition).cloned().collect()
    }

    /// It runs: holds for hooks, or goes into service.
    fn enter(&mut self, name: &str, id: &str) {
        if !self.hold(name, id, Transition::Launching) {
            self.serve_now(name, id);
        }
    }

    /// Lets hooks hold an instance up; `false` when there is none.
    fn hold(&mut self, name: &str, id: &str, transition: Transition) -> bool {
        let hooks = self.scaling.groups.get(name).map(|group| Self::hooks_for(group, transition)).unwrap_or_default();
        let state = match transition {
            Transition::Launching => State::PendingWait,
            Transition::Terminating => State::TerminatingWait,
        };
        if hooks.is_empty() || !self.turn(name, id, state) {
            return false;
        }
        let now = self.now;
        let mut waits = Vec::new();
        for hook in hooks {
            let until = now + hook.heartbeat * 1000;
            waits.push(Wait { hook: hook.name, token: self.random.uuid(), until, result: None });
            self.schedule_member_at(name, id, until, MemberStep::HookOver);
        }
        if let Some(member) = self.member_mut(name, id) {
            (member.waits, member.waiting_since) = (waits, now);
        }
        self.progress_member(name, id, ActivityStatus::MidLifecycleAction, 60);
        true
    }

    fn progress_member(&mut self, name: &str, id: &str, status: ActivityStatus, progress: u8) {
        if let Some(activity) = self.member(name, id).and_then(|member| member.activity.clone()) {
            self.progress_activity(&activity, status, progress);
        }
    }

    fn finish_member(&mut self, name: &str, id: &str, status: ActivityStatus, message: Option<String>) {
        if let Some(activity) = self.member_mut(name, id).and_then(|member| member.activity.take()) {
            self.end_activity(&activity, status, message);
        }
    }

    /// The time of a hook is over, unless it was given more.
    fn hook_over(&mut self, name: &str, id: &str) {
        let now = self.now;
        let Some(group) = self.scaling.groups.get(name) else { return };
        let Some(member) = group.members.get(id) else { return };
        let over = member.waits.iter().filter(|wait| wait.result.is_none() && wait.until <= now);
        let over: Vec<(String, bool)> =
            over.map(|wait| (wait.hook.clone(), group.hooks.get(&wait.hook).is_none_or(|hook| hook.go_on))).collect();
        for (hook, go_on) in over {
            self.complete_hook(name, id, &hook, go_on, "Heartbeat Timeout");
        }
    }

    /// A hook is done with an instance.
    pub fn complete_hook(&mut self, name: &str, id: &str, hook: &str, go_on: bool, how: &str) {
        let Some(member) = self.member_mut(name, id) else { return };
        let Some(wait) = member.waits.iter_mut().find(|wait| wait.hook == hook) else { return };
        wait.result = Some(go_on);
        let token = wait.token.clone();
        let all = member.waits.iter().all(|wait| wait.result.is_some());
        match member.state {
            State::PendingWait if !go_on => {
                let message = format!(
                    "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {token} was abandoned: {how}"
                );
                self.finish_member(name, id, ActivityStatus::Cancelled, Some(message));
                let what = "an instance was taken out of service in response to a launch failure.";
                let cause = at(self.now, what);
                self.end_member_at_once(name, id, cause, None);
            }
            State::PendingWait if all => self.unhold(name, id, State::PendingProceed),
            // Abandoning an end ends it the sooner; the end stays.
            State::TerminatingWait if all || !go_on => self.unhold(name, id, State::TerminatingProceed),
            _ => {}
        }
    }

    fn unhold(&mut self, name: &str, id: &str, state: State) {
        if self.turn(name, id, state) {
            if let Some(member) = self.member_mut(name, id) {
                member.waits.clear();
            }
            self.schedule_member(name, id, STEP, MemberStep::Proceed);
        }
    }

    /// A hook's time begins anew; `false` when the instance does not wait for it.
    pub fn heartbeat(&mut self, name: &str, id: &str, hook: &str) -> bool {
        let now = self.now;
        let Some(group) = self.scaling.groups.get_mut(name) else { return false };
        let Some(found) = group.hooks.get(hook) else { return false };
        let Some(member) = group.members.get_mut(id) else { return false };
        let most = member.waiting_since + found.global_timeout() * 1000;
        let Some(wait) = member.waits.iter_mut().find(|wait| wait.hook == hook && wait.result.is_none()) else {
            return false;
        };
        wait.until = (now + found.heartbeat * 1000).min(most);
        let until = wait.until;
        self.schedule_member_at(name, id, until, MemberStep::HookOver);
        true
    }

    fn proceed(&mut self, name: &str, id: &str) {
        match self.member(name, id).map(|member| member.state) {
            Some(State::PendingProceed) => self.serve_now(name, id),
            Some(State::TerminatingProceed) => self.terminate(id, &Ending::User),
            _ => {}
        }
    }

    /// Registers an instance with the group's targets, and lets it serve.
    fn serve_now(&mut self, name: &str, id: &str) {
        if !self.turn(name, id, State::InService) {
            return;
        }
        let now = self.now;
        self.join_targets(name, id);
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        let grace = now + group.grace * 1000;
        if let Some(member) = group.members.get_mut(id) {
            member.in_service = Some(now);
        }
        self.finish_member(name, id, ActivityStatus::Successful, None);
        self.schedule_member_at(name, id, grace, MemberStep::Grace);
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.control.surplus &= group.members.values().any(|one| one.state.is_pending());
        }
        self.cool_down(name);
    }

    /// Registers an instance with the target groups of its group that it is not yet a member of.
    pub(super) fn join_targets(&mut self, name: &str, id: &str) {
        let Some(group) = self.scaling.groups.get(name) else { return };
        let Some(member) = group.members.get(id) else { return };
        if member.state != State::InService || group.is_suspended("AddToLoadBalancer") {
            return;
        }
        let missing: Vec<String> =
            group.target_groups.iter().filter(|arn| !member.registered.contains(*arn)).cloned().collect();
        for arn in missing {
            if self.join_target(&arn, id)
                && let Some(member) = self.member_mut(name, id)
            {
                member.registered.insert(arn);
            }
        }
    }

    /// Takes an instance out of its target groups; the moment when the last has drained it.
    fn leave_targets(&mut self, name: &str, id: &str) -> i64 {
        let registered =
            self.member_mut(name, id).map(|member| std::mem::take(&mut member.registered)).unwrap_or_default();
        let drained = registered.iter().filter_map(|arn| self.leave_target(arn, id)).max();
        drained.unwrap_or(self.now).max(self.now)
    }

    /// Begins the end of an instance: draining, hooks, termination.
    pub(super) fn end_member(&mut self, name: &str, id: &str, cause: String, alarm: Option<&str>) {
        if !self.begin_end(name, id, cause, alarm) {
            return;
        }
        let drained = self.leave_targets(name, id);
        // What no longer runs has nobody to drain.
        let runs = self.instances.get(id).is_some_and(|instance| !instance.state.is_ending());
        if drained > self.now && runs {
            self.progress_member(name, id, ActivityStatus::WaitingForConnectionDraining, 30);
            self.schedule_member_at(name, id, drained, MemberStep::Drained);
        } else if runs {
            self.drained(name, id);
        }
    }

    /// Ends an instance without hooks and without waiting for draining.
    pub(super) fn end_member_at_once(&mut self, name: &str, id: &str, cause: String, alarm: Option<&str>) {
        if self.begin_end(name, id, cause, alarm) {
            self.leave_targets(name, id);
            self.terminate(id, &Ending::User);
        }
    }

    fn begin_end(&mut self, name: &str, id: &str, cause: String, alarm: Option<&str>) -> bool {
        let Some(member) = self.member(name, id) else { return false };
        let pending = member.state.is_pending();
        let details = self.member_details(member, alarm);
        if !self.turn(name, id, State::Terminating) {
            return false;
        }
        let reason = self.instances.get(id).and_then(|instance| instance.reason.clone());
        let message = match reason {
            Some((_, words)) if pending => Some(format!(
                "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: {words}"
            )),
            _ => None,
        };
        self.finish_member(name, id, ActivityStatus::Cancelled, message);
        let activity = self.begin_activity(Begin {
            group: name,
            description: format!("Terminating EC2 instance: {id}"),
            cause,
            details,
            status: ActivityStatus::InProgress,
        });
        if let Some(member) = self.member_mut(name, id) {
            (member.activity, member.waits) = (Some(activity), Vec::new());
        }
        true
    }

    /// Nobody is connected any more.
    fn drained(&mut self, name: &str, id: &str) {
        match self.member(name, id).map(|member| member.state) {
            Some(State::Terminating) => self.let_go(name, id),
            Some(State::EnteringStandby) => {
                self.turn(name, id, State::Standby);
                self.finish_member(name, id, ActivityStatus::Successful, None);
            }
            Some(State::Detaching) => {
                self.turn(name, id, State::Detached);
                self.finish_member(name, id, ActivityStatus::Successful, None);
                if let Some(tags) = self.tags.get_mut(id) {
                    tags.remove("aws:autoscaling:groupName");
                }
                self.remove_member(name, id);
            }
            _ => {}
        }
    }

    /// Terminates an instance that has drained, unless hooks hold it up.
    fn let_go(&mut self, name: &str, id: &str) {
        if !self.hold(name, id, Transition::Terminating) {
            self.progress_member(name, id, ActivityStatus::InProgress, 50);
            self.terminate(id, &Ending::User);
            self.stir();
        }
    }

    /// Its end is complete.
    pub(super) fn member_gone(&mut self, name: &str, id: &str) {
        self.leave_targets(name, id);
        self.finish_member(name, id, ActivityStatus::Successful, None);
        self.remove_member(name, id);
        self.cool_down(name);
    }

    /// Takes an instance out of service, to look at it or for good (`leave`); gives the activity's id.
    pub(super) fn set_aside(&mut self, name: &str, id: &str, leave: bool, cause: String) -> Option<String> {
        let state = if leave { State::Detaching } else { State::EnteringStandby };
        let details = self.member_details(self.member(name, id)?, None);
        if !self.turn(name, id, state) {
            return None;
        }
        let description = if leave {
            format!("Detaching EC2 instance: {id}")
        } else {
            format!("Moving EC2 instance to Standby: {id}")
        };
        let status = ActivityStatus::InProgress;
        let activity = self.begin_activity(Begin { group: name, description, cause, details, status });
        self.progress_activity(&activity, status, 50);
        if let Some(member) = self.member_mut(name, id) {
            (member.activity, member.in_service) = (Some(activity.clone()), None);
        }
        let drained = self.leave_targets(name, id);
        if drained > self.now {
            self.progress_activity(&activity, ActivityStatus::WaitingForConnectionDraining, 50);
            self.schedule_member_at(name, id, drained, MemberStep::Drained);
        } else {
            self.schedule_member(name, id, STEP, MemberStep::Drained);
        }
        Some(activity)
    }

    /// Brings an instance back from standby; gives the activity's id.
    pub(super) fn bring_back(&mut self, name: &str, id: &str, cause: String) -> Option<String> {
        let details = self.member_details(self.member(name, id)?, None);
        if !self.turn(name, id, State::Pending) {
            return None;
        }
        let description = format!("Moving EC2 instance out of Standby: {id}");
        let status = ActivityStatus::PreInService;
        let activity = self.begin_activity(Begin { group: name, description, cause, details, status });
        self.progress_activity(&activity, status, 30);
        if let Some(member) = self.member_mut(name, id) {
            member.activity = Some(activity.clone());
        }
        Some(activity)
    }

    /// Something that a simple policy began is done: the cooldown begins now.
    fn cool_down(&mut self, name: &str) {
        let now = self.now;
        if let Some(group) = self.scaling.groups.get_mut(name)
            && let Some(seconds) = group.control.cooling
        {
            group.control.cooldown_until = now + seconds * 1000;
            if group.actual() == group.desired && group.members.values().all(|one| one.state == State::InService) {
                group.control.cooling = None;
            }
        }
    }
}
