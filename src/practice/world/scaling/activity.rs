//! Activities: what a group says of what it does, in AWS's own sentences.

use super::{Activity, ActivityStatus, Member};
use crate::practice::world::Region;

/// How long activities are kept.
const KEPT_MS: i64 = 42 * 24 * 3_600_000;

/// A moment as in causes: `2026-11-22T10:00:07Z`.
pub(super) fn moment(ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// One sentence of a cause.
pub(super) fn at(ms: i64, what: &str) -> String {
    format!("At {} {what}", moment(ms))
}

/// Sentences, as AWS joins them.
pub(super) fn join(sentences: impl IntoIterator<Item = String>) -> String {
    sentences.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join("  ")
}

/// What an activity begins with.
pub(super) struct Begin<'a> {
    pub(super) group: &'a str,
    pub(super) description: String,
    pub(super) cause: String,
    pub(super) details: String,
    pub(super) status: ActivityStatus,
}

impl Region {
    /// Begins an activity and gives its id.
    pub(super) fn begin_activity(&mut self, begin: Begin<'_>) -> String {
        let now = self.now;
        let id = self.random.uuid();
        let group_arn = self.scaling.groups.get(begin.group).map(|group| group.arn.clone()).unwrap_or_default();
        self.scaling.activities.retain(|old| old.start > now - KEPT_MS);
        self.scaling.activities.push(Activity {
            id: id.clone(),
            group: begin.group.to_owned(),
            group_arn,
            description: begin.description,
            cause: begin.cause,
            details: begin.details,
            start: now,
            end: None,
            status: begin.status,
            message: None,
            progress: 0,
        });
        id
    }

    fn activity_mut(&mut self, id: &str) -> Option<&mut Activity> {
        self.scaling.activities.iter_mut().rev().find(|activity| activity.id == id && !activity.status.is_over())
    }

    /// An activity goes on.
    pub(super) fn progress_activity(&mut self, id: &str, status: ActivityStatus, progress: u8) {
        if let Some(activity) = self.activity_mut(id) {
            (activity.status, activity.progress) = (status, progress);
        }
    }

    /// An activity ends; `message` is what went wrong.
    pub(super) fn end_activity(&mut self, id: &str, status: ActivityStatus, message: Option<String>) {
        let now = self.now;
        let Some(activity) = self.activity_mut(id) else { return };
        (activity.status, activity.progress, activity.end) = (status, 100, Some(now));
        if let Some(message) = &message {
            activity.description = format!("{}.  Status Reason: {message}", activity.description);
        }
        activity.message = message;
    }

    /// The details of an activity: where, and which alarm began it.
    pub(super) fn activity_details(&self, subnet: &str, zone: &str, alarm: Option<&str>) -> String {
        let mut fields = Vec::new();
        if !subnet.is_empty() {
            fields.push(format!("\"Subnet ID\":{}", quoted(subnet)));
        }
        if !zone.is_empty() {
            fields.push(format!("\"Availability Zone\":{}", quoted(zone)));
        }
        if let Some(alarm) = alarm.and_then(|name| self.invoking_alarm(name)) {
            fields.push(format!("\"InvokingAlarms\":[{alarm}]"));
        }
        format!("{{{}}}", fields.join(","))
    }

    pub(super) fn member_details(&self, member: &Member, alarm: Option<&str>) -> String {
        self.activity_details(&member.subnet, &member.zone, alarm)
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
