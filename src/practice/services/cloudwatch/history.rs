//! DescribeAlarmHistory.

use serde_json::{Value, json};

use super::{Call, cut, data, invalid, optional_moment, page, time, with_next};
use crate::practice::services::ApiError;

const KINDS: [&str; 3] = ["ConfigurationUpdate", "StateUpdate", "Action"];

/// DescribeAlarmHistory
pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let (name, kinds) = (members.text("AlarmName")?, members.texts("AlarmTypes")?);
    let kind = members.text("HistoryItemType")?;
    if let Some(kind) = kind.filter(|kind| !KINDS.contains(kind)) {
        return Err(invalid(format!("The value {kind} for parameter HistoryItemType is not supported.")));
    }
    let (start, end) = (optional_moment(members, "StartDate")?, optional_moment(members, "EndDate")?);
    let ascending = data::scan(members)?;
    let page = page(members, 100)?;
    let metric_alarms = kinds.is_empty() || kinds.contains(&"MetricAlarm");
    let mut found: Vec<_> = call
        .region
        .alarm_history()
        .filter(|_| metric_alarms)
        .filter(|item| name.is_none_or(|name| item.alarm == name))
        .filter(|item| kind.is_none_or(|kind| item.kind.as_str() == kind))
        .filter(|item| start.is_none_or(|start| item.at >= start) && end.is_none_or(|end| item.at <= end))
        .collect();
    if !ascending {
        found.reverse();
    }
    let (found, next) = cut(found, page);
    let items: Vec<Value> = found
        .iter()
        .map(|item| {
            json!({
                "AlarmName": item.alarm,
                "AlarmType": "MetricAlarm",
                "Timestamp": time(item.at),
                "HistoryItemType": item.kind.as_str(),
                "HistorySummary": item.summary,
                "HistoryData": item.data,
            })
        })
        .collect();
    Ok(with_next(json!({ "AlarmHistoryItems": items }), next))
}
