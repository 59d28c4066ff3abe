//! CloudWatch by its operations, on machines of the practice world.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod alarms;
mod points;

use serde_json::{Value, json};

use super::handle;
use crate::practice::services::{ApiError, ec2, testing};
use crate::practice::world::{Region, World, catalogue};

/// The start of five minutes.
const START: i64 = 1_790_000_100_000;
const MINUTE: i64 = 60_000;
const SEOUL: &str = "ap-northeast-2";

#[derive(Clone)]
struct Bench {
    world: World,
}

impl Bench {
    fn new(seed: u64) -> Self {
        assert_eq!(START % (5 * MINUTE), 0);
        Self { world: World::new(seed, "100000000001", START) }
    }

    fn region(&mut self) -> &mut Region {
        self.world.region_mut(SEOUL)
    }

    fn call(&mut self, operation: &str, json: &Value) -> Result<Value, ApiError> {
        testing::call_json(&mut self.world, handle, (SEOUL, operation), json)
    }

    fn ok(&mut self, operation: &str, json: &Value) -> Value {
        self.call(operation, json).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn code(&mut self, operation: &str, json: &Value) -> String {
        self.call(operation, json).expect_err("an error").code
    }

    /// Runs an instance in the default VPC until it is up and its boot is over.
    fn instance(&mut self, kind: &str, detailed: bool) -> String {
        let id = self.launch(kind, detailed);
        self.until_minute(4);
        id
    }

    fn launch(&mut self, kind: &str, detailed: bool) -> String {
        let name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
        let image = catalogue::image_of_parameter(SEOUL, name).unwrap().id;
        let detailed = if detailed { "true" } else { "false" };
        let pairs = [
            ("ImageId", image.as_str()),
            ("InstanceType", kind),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("Monitoring.Enabled", detailed),
        ];
        let xml = self.ec2("RunInstances", &pairs);
        testing::pick(&xml, "instanceId")
    }

    fn ec2(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        testing::call(&mut self.world, ec2::handle, (SEOUL, operation), pairs).unwrap()
    }

    /// Lets time pass until seconds after the start.
    fn until(&mut self, seconds: i64) {
        self.world.advance(START + seconds * 1000);
    }

    fn until_minute(&mut self, minutes: i64) {
        self.until(minutes * 60);
    }

    fn alarm(&mut self, name: &str) -> Value {
        self.ok("DescribeAlarms", &json!({ "AlarmNames": [name] }))["MetricAlarms"][0].clone()
    }

    /// Average points of a metric from the start on: the minute, and the value.
    fn points(&mut self, space: &str, name: &str, dimensions: &[(&str, &str)], period: i64) -> Vec<(i64, f64)> {
        self.of(space, name, dimensions, period, "Average")
    }

    fn of(&mut self, space: &str, name: &str, dimensions: &[(&str, &str)], period: i64, stat: &str) -> Vec<(i64, f64)> {
        let dimensions: Vec<Value> =
            dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
        let metric = json!({ "Namespace": space, "MetricName": name, "Dimensions": dimensions });
        let query = json!({ "Id": "q", "MetricStat": { "Metric": metric, "Period": period, "Stat": stat } });
        let answer = self.ok("GetMetricData", &data(&[query]));
        let result = &answer["MetricDataResults"][0];
        assert_eq!(result["StatusCode"], "Complete");
        series(result)
    }

    fn cpu(&mut self, id: &str) -> Vec<(i64, f64)> {
        self.points("AWS/EC2", "CPUUtilization", &[("InstanceId", id)], 60)
    }
}

fn seconds(minute: i64) -> f64 {
    (START + minute * MINUTE) as f64 / 1000.0
}

/// A request for the first day.
fn data(queries: &[Value]) -> Value {
    json!({
        "MetricDataQueries": queries, "StartTime": seconds(0), "EndTime": seconds(1440), "ScanBy": "TimestampAscending",
    })
}

fn series(result: &Value) -> Vec<(i64, f64)> {
    let times = result["Timestamps"].as_array().unwrap().iter();
    let minutes = times.map(|at| (at["$time"].as_i64().unwrap() - START) / MINUTE);
    let values = result["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap());
    minutes.zip(values).collect()
}

fn high(id: &str) -> Value {
    json!({
        "AlarmName": "high", "Namespace": "AWS/EC2", "MetricName": "CPUUtilization",
        "Dimensions": [{ "Name": "InstanceId", "Value": id }], "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 3, "Threshold": 70.0, "ComparisonOperator": "GreaterThanThreshold",
    })
}
