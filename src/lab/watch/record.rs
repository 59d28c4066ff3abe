//! Recordings: one snapshot a line, as JSON. What `awslab monitor --json` prints is a recording too.

use serde_json::{Value, json};

use crate::problem::{Problem, ProblemKind};

use super::history::History;
use super::snapshot::Snapshot;

/// The format's version.
const SCHEMA: u64 = 1;

/// A snapshot as one line, without the line's end. `summary` is for scripts: replaying ignores it.
pub fn line(snapshot: &Snapshot, summary: Option<Value>) -> String {
    let mut line = json!({ "schema": SCHEMA });
    if let (Some(line), Ok(Value::Object(snapshot))) = (line.as_object_mut(), serde_json::to_value(snapshot)) {
        line.extend(snapshot);
        line.extend(summary.map(|summary| ("summary".to_owned(), summary)));
    }
    line.to_string()
}

/// What scripts want of a moment: sizes, health, CPU, alarms with what comes next, and what the polling costs.
pub fn summary(history: &History, cost_per_hour: f64) -> Value {
    let moment = history.moment(None);
    let sizes = moment.sizes();
    let [healthy, targets] = moment.healthy();
    let cpu = history.series.get(&super::SeriesKey::default()).and_then(|series| series.at(history.at));
    let alarms: Vec<Value> = moment
        .fillings()
        .iter()
        .map(|(alarm, filling)| {
            json!({
                "name": alarm.name,
                "state": filling.state,
                "breaching": filling.breaching,
                "needed": filling.needed,
                "next": filling.next.en,
            })
        })
        .collect();
    json!({
        "min": sizes.min, "desired": sizes.desired, "max": sizes.max,
        "in_service": sizes.in_service, "pending": sizes.pending, "terminating": sizes.leaving,
        "healthy_targets": healthy, "targets": targets,
        "cpu": cpu,
        "alarms": alarms,
        "cost_per_hour": cost_per_hour,
        "calls": history.traffic.newest,
        "polling_cost": history.traffic.cost(),
    })
}

/// Reads a recording. Empty lines are skipped, and so are lines that were cut off (the program was killed).
///
/// # Errors
/// A line that is no snapshot, with its number.
pub fn read(name: &str, text: &str) -> Result<Vec<Snapshot>, Problem> {
    let mut snapshots = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |why: String| {
            Problem::new(
                ProblemKind::Usage,
                "awslab monitor의 기록이 아닙니다",
                "This is no recording of awslab monitor",
            )
            .because(why.clone(), why)
            .hint(
                "awslab monitor --record 파일로 만든 파일을 쓰세요",
                "Use a file made with awslab monitor --record FILE",
            )
            .from(format!("{name}:{number}"))
        };
        let value: Value = match serde_json::from_str(line) {
            Ok(value) => value,
            // Cut off: the program was killed while it wrote this line.
            Err(error) if error.is_eof() => continue,
            Err(error) => return Err(wrong(error.to_string())),
        };
        if value.get("schema").and_then(Value::as_u64) != Some(SCHEMA) {
            return Err(wrong(format!("\"schema\": {SCHEMA} is missing")));
        }
        snapshots.push(serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?);
    }
    if snapshots.is_empty() {
        return Err(Problem::new(ProblemKind::Usage, "기록이 비어 있습니다", "The recording is empty").from(name));
    }
    Ok(snapshots)
}
