//! Alarms: put, evaluated, told.

use super::*;

const POLICY: &str =
    "arn:aws:autoscaling:ap-northeast-2:100000000001:scalingPolicy:u:autoScalingGroupName/g:policyName/p";

#[test]
fn an_alarm_goes_off_after_three_points_and_comes_back() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", true);
    bench.ok("PutMetricAlarm", &high(&id));
    let new = bench.alarm("high");
    assert_eq!(new["StateValue"], "INSUFFICIENT_DATA");
    assert_eq!(new["StateReason"], "Unchecked: Initial alarm creation");
    bench.until_minute(6);
    let quiet = bench.alarm("high");
    assert_eq!(quiet["StateValue"], "OK");
    let reason = quiet["StateReason"].as_str().unwrap();
    assert!(reason.starts_with("Threshold Crossed: "), "{reason}");
    assert!(reason.ends_with("not greater than the threshold (70.0)."), "{reason}");
    bench.until_minute(10);
    bench.region().start_load(&id, "stress", 2.0, None);
    let mut second = 600;
    while bench.alarm("high")["StateValue"] == "OK" {
        second += 1;
        bench.until(second);
    }
    // The third full minute begins at 12:00 and can be seen 90 seconds later; the alarm looks once a minute.
    assert!((810..=870).contains(&second), "{second}");
    let alarm = bench.alarm("high");
    assert_eq!(
        alarm["StateReason"],
        "Threshold Crossed: 3 datapoints [100.0 (21/09/26 14:27:00), 100.0 (21/09/26 14:26:00), 100.0 (21/09/26 14:25:00)] were greater than the threshold (70.0)."
    );
    let data: Value = serde_json::from_str(alarm["StateReasonData"].as_str().unwrap()).unwrap();
    assert_eq!(data["recentDatapoints"], json!([100.0, 100.0, 100.0]));
    assert_eq!(data["startDate"], "2026-09-21T14:25:00.000+0000");
    assert_eq!((&data["period"], &data["statistic"]), (&json!(60), &json!("Average")));
    bench.region().stop_load(&id, "stress");
    bench.until(second + 180);
    assert_eq!(bench.alarm("high")["StateValue"], "OK");
    let history = bench.ok("DescribeAlarmHistory", &json!({ "AlarmName": "high", "ScanBy": "TimestampAscending" }));
    let items = history["AlarmHistoryItems"].as_array().unwrap();
    let told: Vec<&str> = items.iter().map(|item| item["HistorySummary"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "Alarm \"high\" created",
            "Alarm updated from INSUFFICIENT_DATA to OK",
            "Alarm updated from OK to ALARM",
            "Alarm updated from ALARM to OK"
        ]
    );
}

/// AWS's special case: with points of five minutes a single one is enough, once it is three periods old.
#[test]
fn one_point_of_five_minutes_sets_off_an_alarm_by_the_minute() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", false);
    bench.until_minute(10);
    bench.region().start_load(&id, "stress", 2.0, None);
    bench.until_minute(16);
    bench.ok("PutMetricAlarm", &high(&id));
    // The point of minute 10 can be seen at 16, and is three periods old two minutes later.
    bench.until(18 * 60 - 1);
    assert_ne!(bench.alarm("high")["StateValue"], "ALARM");
    bench.until(19 * 60);
    let alarm = bench.alarm("high");
    assert_eq!(alarm["StateValue"], "ALARM");
    assert!(alarm["StateReason"].as_str().unwrap().starts_with("Threshold Crossed: 1 datapoint [100.0 ("), "{alarm}");
}

#[test]
fn without_data_an_alarm_has_insufficient_data_or_what_it_treats_it_as() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", true);
    for (name, missing) in [("a", "missing"), ("b", "breaching"), ("c", "notBreaching"), ("d", "ignore")] {
        let mut request = high(&id);
        (request["AlarmName"], request["TreatMissingData"]) = (name.into(), missing.into());
        bench.ok("PutMetricAlarm", &request);
    }
    bench.until_minute(8);
    for name in ["a", "b", "c", "d"] {
        assert_eq!(bench.alarm(name)["StateValue"], "OK", "{name}");
    }
    bench.ec2("StopInstances", &[("InstanceId.1", &id)]);
    bench.until_minute(20);
    let states = ["a", "b", "c", "d"].map(|name| bench.alarm(name)["StateValue"].as_str().unwrap().to_owned());
    assert_eq!(states, ["INSUFFICIENT_DATA", "ALARM", "OK", "OK"]);
    assert_eq!(bench.alarm("a")["StateReason"], "Insufficient Data: 3 datapoints were unknown.");
    let filled = bench.alarm("b")["StateReason"].as_str().unwrap().to_owned();
    assert!(filled.ends_with("treated as [Breaching]."), "{filled}");
}

#[test]
fn alarms_are_put_described_and_deleted() {
    let mut bench = Bench::new(1);
    for name in ["a-1", "a-2", "b-1"] {
        let mut request = high("i-1");
        (request["AlarmName"], request["AlarmActions"]) = (name.into(), json!([POLICY]));
        request["Tags"] = json!([{ "Key": "k", "Value": name }]);
        bench.ok("PutMetricAlarm", &request);
    }
    let names = |answer: &Value| {
        let alarms = answer["MetricAlarms"].as_array().unwrap().clone();
        alarms.iter().map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&bench.ok("DescribeAlarms", &json!({ "AlarmNamePrefix": "a-" }))), ["a-1", "a-2"]);
    let page = bench.ok("DescribeAlarms", &json!({ "MaxRecords": 2 }));
    let rest = bench.ok("DescribeAlarms", &json!({ "MaxRecords": 2, "NextToken": page["NextToken"] }));
    assert_eq!((names(&page).len(), names(&rest), rest.get("NextToken")), (2, vec!["b-1".to_owned()], None));
    assert!(names(&bench.ok("DescribeAlarms", &json!({ "ActionPrefix": "arn:aws:sns" }))).is_empty());
    assert!(names(&bench.ok("DescribeAlarms", &json!({ "AlarmTypes": ["CompositeAlarm"] }))).is_empty());
    let dimensions = json!([{ "Name": "InstanceId", "Value": "i-1" }]);
    let of = json!({ "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": dimensions });
    assert_eq!(names(&bench.ok("DescribeAlarmsForMetric", &of)).len(), 3);
    let arn = bench.alarm("a-1")["AlarmArn"].clone();
    assert_eq!(arn, "arn:aws:cloudwatch:ap-northeast-2:100000000001:alarm:a-1");
    bench.ok("TagResource", &json!({ "ResourceARN": arn, "Tags": [{ "Key": "x", "Value": "y" }] }));
    bench.ok("UntagResource", &json!({ "ResourceARN": arn, "TagKeys": ["k"] }));
    let tags = bench.ok("ListTagsForResource", &json!({ "ResourceARN": arn }));
    assert_eq!(tags, json!({ "Tags": [{ "Key": "x", "Value": "y" }] }));
    bench.ok("DisableAlarmActions", &json!({ "AlarmNames": ["a-1", "none"] }));
    assert_eq!(bench.alarm("a-1")["ActionsEnabled"], false);
    for name in ["a-1", "a-2"] {
        bench.ok("SetAlarmState", &json!({ "AlarmName": name, "StateValue": "ALARM", "StateReason": "by hand" }));
    }
    assert_eq!(names(&bench.ok("DescribeAlarms", &json!({ "StateValue": "ALARM" }))), ["a-1", "a-2"]);
    let acted = bench.ok("DescribeAlarmHistory", &json!({ "HistoryItemType": "Action" }));
    // Only the one whose actions are enabled.
    assert_eq!(acted["AlarmHistoryItems"].as_array().unwrap().len(), 1);
    assert_eq!(acted["AlarmHistoryItems"][0]["AlarmName"], "a-2");
    assert_eq!(acted["AlarmHistoryItems"][0]["HistorySummary"], format!("Successfully executed action {POLICY}"));
    // Without data they fall back at the next look.
    bench.until_minute(2);
    assert_eq!(bench.alarm("a-2")["StateValue"], "INSUFFICIENT_DATA");
    bench.ok("DeleteAlarms", &json!({ "AlarmNames": ["a-1", "a-2", "b-1", "none"] }));
    assert_eq!(bench.ok("DescribeAlarms", &json!({})), json!({ "MetricAlarms": [], "CompositeAlarms": [] }));
    assert_eq!(bench.code("ListTagsForResource", &json!({ "ResourceARN": arn })), "ResourceNotFoundException");
    let nobody = json!({ "AlarmName": "a", "StateValue": "OK", "StateReason": "" });
    assert_eq!(bench.code("SetAlarmState", &nobody), "ResourceNotFound");
    // Nothing looks any more.
    bench.until_minute(10);
    assert_eq!(bench.world.next_event(), None);
}

#[test]
fn what_an_alarm_cannot_be() {
    let mut bench = Bench::new(1);
    let mut put = |name: &str, value: Value| {
        let mut request = high("i-1");
        request[name] = value;
        bench.code("PutMetricAlarm", &request)
    };
    assert_eq!(put("Period", 45.into()), "InvalidParameterValue");
    assert_eq!(put("Period", 10.into()), "NotSimulated");
    assert_eq!(put("EvaluationPeriods", 1441.into()), "ValidationError");
    assert_eq!(put("EvaluationPeriods", Value::Null), "ValidationError");
    assert_eq!(put("DatapointsToAlarm", 4.into()), "ValidationError");
    assert_eq!(put("ComparisonOperator", "GreaterThanUpperThreshold".into()), "NotSimulated");
    assert_eq!(put("ComparisonOperator", "More".into()), "ValidationError");
    assert_eq!(put("Threshold", Value::Null), "ValidationError");
    assert_eq!(put("TreatMissingData", "no".into()), "ValidationError");
    assert_eq!(put("ExtendedStatistic", "p90".into()), "ValidationError");
    assert_eq!(put("AlarmActions", json!(["arn:aws:sns:ap-northeast-2:100000000001:topic"])), "NotSimulated");
    assert_eq!(put("OKActions", json!([POLICY])), "NotSimulated");
    assert_eq!(put("AlarmActions", json!(["topic"])), "ValidationError");
    assert_eq!(put("Metrics", json!([])), "NotSimulated");
    assert_eq!(put("EvaluationInterval", 10.into()), "NotSimulated");
    assert_eq!(bench.code("PutMetricData", &json!({})), "NotSimulated");
    assert_eq!(bench.code("DescribeAlarms", &Value::Null), "NotSimulated");
    assert_eq!(bench.ok("DescribeAlarms", &json!({})), json!({ "MetricAlarms": [], "CompositeAlarms": [] }));
}

#[test]
fn an_alarm_of_m_out_of_n_says_so() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", true);
    let mut request = high(&id);
    (request["DatapointsToAlarm"], request["EvaluationPeriods"]) = (2.into(), 3.into());
    bench.ok("PutMetricAlarm", &request);
    bench.until_minute(10);
    bench.region().start_load(&id, "stress", 2.0, None);
    bench.until_minute(14);
    let reason = bench.alarm("high")["StateReason"].as_str().unwrap().to_owned();
    assert!(reason.contains(" out of the last 3 datapoints [100.0 ("), "{reason}");
    let end = "were greater than the threshold (70.0) (minimum 2 datapoints for OK -> ALARM transition).";
    assert!(reason.ends_with(end), "{reason}");
}
