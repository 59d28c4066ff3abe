//! Data points: when they are seen, and what is in them.

use proptest::prelude::*;

use super::*;
use crate::practice::world::watch::{GROUP_METRICS, GroupCounts, Handled, Health};

#[test]
fn points_by_the_minute_are_seen_after_90_seconds() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", true);
    bench.until(10 * 60 + 20);
    bench.region().start_load(&id, "stress", 2.0, None);
    bench.until(11 * 60 + 29);
    assert_eq!(bench.cpu(&id).last().unwrap().0, 9);
    bench.until(11 * 60 + 30);
    let (minute, value) = bench.cpu(&id).pop().unwrap();
    // Busy from second 20 on: two thirds, and some idle noise in the rest.
    assert!(minute == 10 && (66.6..68.0).contains(&value), "{minute} {value}");
    bench.until(12 * 60 + 30);
    let (minute, value) = bench.cpu(&id).pop().unwrap();
    assert!(minute == 11 && (value - 100.0).abs() < 1e-9, "{minute} {value}");
}

#[test]
fn points_of_five_minutes_are_seen_after_six() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", false);
    bench.until_minute(11);
    bench.region().start_load(&id, "stress", 2.0, None);
    bench.until(16 * 60 - 1);
    assert_eq!(bench.cpu(&id).iter().map(|(minute, _)| *minute).collect::<Vec<_>>(), [0, 5]);
    bench.until(16 * 60);
    let all = bench.cpu(&id);
    // Asked for by the minute there is still one point of five: four busy minutes of them.
    assert_eq!(all.iter().map(|(minute, _)| *minute).collect::<Vec<_>>(), [0, 5, 10]);
    assert!((80.0..80.5).contains(&all[2].1), "{all:?}");
    // Switched to detailed: by the minute from then on.
    bench.ec2("MonitorInstances", &[("InstanceId.1", &id)]);
    bench.until_minute(25);
    let minutes: Vec<i64> = bench.cpu(&id).iter().map(|(minute, _)| *minute).collect();
    assert_eq!(minutes, [0, 5, 10, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
}

#[test]
fn a_group_is_the_average_of_those_that_were_in_it() {
    let mut bench = Bench::new(1);
    let ids = [bench.launch("t3.micro", true), bench.launch("t3.micro", true), bench.launch("t3.micro", true)];
    bench.until_minute(4);
    for id in &ids[..2] {
        bench.region().record_joined("asg", id);
    }
    bench.until_minute(10);
    for id in &ids {
        bench.region().start_load(id, "stress", 2.0, None);
    }
    bench.region().stop_load(&ids[1], "stress");
    bench.until_minute(15);
    bench.region().record_left("asg", &ids[0]);
    bench.ec2("TerminateInstances", &[("InstanceId.1", &ids[0])]);
    bench.until_minute(20);
    let dimension = [("AutoScalingGroupName", "asg")];
    let average = bench.points("AWS/EC2", "CPUUtilization", &dimension, 60);
    let at = |minute| average.iter().find(|(at, _)| *at == minute).unwrap().1;
    // One busy, one idle; the third was never in the group. Then only the idle one; what was told before stays.
    assert!((50.0..51.1).contains(&at(12)), "{}", at(12));
    assert!(at(16) <= 2.0, "{}", at(16));
    let most = bench.of("AWS/EC2", "CPUUtilization", &dimension, 60, "Maximum");
    assert!((most.iter().find(|(at, _)| *at == 12).unwrap().1 - 100.0).abs() < 1e-9);
    let count = bench.of("AWS/EC2", "CPUUtilization", &dimension, 300, "SampleCount");
    assert_eq!(count.iter().find(|(at, _)| *at == 10).unwrap().1.to_bits(), 10_f64.to_bits());
    let own = bench.cpu(&ids[0]);
    assert_eq!(own.last().unwrap().0, 14);
}

#[test]
fn counts_of_a_group_only_while_they_are_collected() {
    let mut bench = Bench::new(1);
    let counts = GroupCounts { min: 1, max: 3, desired: 1, in_service: 1, total: 1, ..GroupCounts::default() };
    bench.region().record_group("asg", Some(counts));
    bench.until_minute(5);
    bench.region().record_collection("asg", GROUP_METRICS);
    bench.until(8 * 60 + 10);
    bench.region().record_group("asg", Some(GroupCounts { desired: 2, pending: 1, total: 2, ..counts }));
    bench.until_minute(11);
    bench.region().record_collection("asg", []);
    bench.until_minute(20);
    let dimension = [("AutoScalingGroupName", "asg")];
    let desired = bench.points("AWS/AutoScaling", "GroupDesiredCapacity", &dimension, 60);
    assert_eq!(desired, [(5, 1.0), (6, 1.0), (7, 1.0), (8, 1.0), (9, 2.0), (10, 2.0)]);
    let listed = bench.ok("ListMetrics", &json!({ "Namespace": "AWS/AutoScaling" }));
    assert_eq!(listed["Metrics"].as_array().unwrap().len(), GROUP_METRICS.len());
}

#[test]
fn requests_and_health_of_a_load_balancer() {
    let mut bench = Bench::new(1);
    let (balancer, group) = ("app/a/0123456789abcdef", "targetgroup/t/0123456789abcdef");
    bench.region().record_health(balancer, group, Some(Health { healthy: 0, unhealthy: 2 }));
    bench.until(130);
    bench.region().record_health(balancer, group, Some(Health { healthy: 1, unhealthy: 1 }));
    let request = Handled {
        balancer,
        target_group: Some(group),
        status: 200,
        by_target: true,
        connection_error: false,
        seconds: 0.1,
        bytes: 500,
    };
    for seconds in [0.1, 0.2, 0.6] {
        bench.region().record_request(&Handled { seconds, ..request.clone() });
    }
    bench.region().record_request(&Handled { status: 503, by_target: false, target_group: None, ..request });
    bench.until_minute(6);
    let (own, both) = ([("LoadBalancer", balancer)], [("LoadBalancer", balancer), ("TargetGroup", group)]);
    let space = "AWS/ApplicationELB";
    assert_eq!(bench.of(space, "RequestCount", &own, 60, "Sum"), [(2, 4.0)]);
    assert_eq!(bench.of(space, "RequestCount", &both, 60, "Sum"), [(2, 3.0)]);
    assert_eq!(bench.of(space, "HTTPCode_Target_2XX_Count", &both, 60, "Sum"), [(2, 3.0)]);
    assert_eq!(bench.of(space, "HTTPCode_ELB_5XX_Count", &own, 60, "Sum"), [(2, 1.0)]);
    assert_eq!(bench.of(space, "HTTPCode_Target_5XX_Count", &both, 60, "Sum"), []);
    // By target: there were two of them when the minute began.
    assert_eq!(bench.of(space, "RequestCountPerTarget", &both[1..], 60, "Sum"), [(2, 1.5)]);
    assert_eq!(bench.of(space, "RequestCountPerTarget", &both, 60, "Sum"), [(2, 1.5)]);
    let time = bench.points(space, "TargetResponseTime", &both, 60);
    assert!(time.len() == 1 && (time[0].1 - 0.3).abs() < 1e-9);
    let healthy = bench.of(space, "HealthyHostCount", &both, 60, "Maximum");
    assert_eq!(healthy, [(0, 0.0), (1, 0.0), (2, 0.0), (3, 1.0), (4, 1.0)]);
    let listed = bench.ok("ListMetrics", &json!({ "Dimensions": [{ "Name": "TargetGroup" }] }));
    let names: Vec<&str> =
        listed["Metrics"].as_array().unwrap().iter().map(|metric| metric["MetricName"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "HTTPCode_Target_2XX_Count",
            "HealthyHostCount",
            "RequestCount",
            "RequestCountPerTarget",
            "RequestCountPerTarget",
            "TargetResponseTime",
            "UnHealthyHostCount"
        ]
    );
}

#[test]
fn what_does_not_exist_is_an_empty_series() {
    let mut bench = Bench::new(1);
    assert_eq!(bench.points("AWS/EC2", "CpuUtilization", &[("InstanceId", "i-1")], 60), []);
    assert_eq!(bench.points("Nothing", "At all", &[], 60), []);
    let request = json!({
        "Namespace": "AWS/EC2", "MetricName": "X", "StartTime": seconds(0), "EndTime": seconds(5), "Period": 60,
        "Statistics": ["Sum"],
    });
    assert_eq!(bench.ok("GetMetricStatistics", &request), json!({ "Label": "X", "Datapoints": [] }));
    let id = bench.launch("t3.micro", true);
    bench.until_minute(1);
    assert_eq!(bench.ok("ListMetrics", &json!({ "MetricName": "CPUUtilization" })), json!({ "Metrics": [] }));
    bench.until_minute(4);
    let listed = bench.ok("ListMetrics", &json!({ "MetricName": "CPUUtilization" }));
    assert_eq!(listed["Metrics"][0]["Dimensions"], json!([{ "Name": "InstanceId", "Value": id }]));
}

#[test]
fn what_is_long_gone_is_only_listed_for_two_weeks() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", true);
    bench.ec2("TerminateInstances", &[("InstanceId.1", &id)]);
    let mut listed = |minute, request: Value| {
        bench.until_minute(minute);
        bench.ok("ListMetrics", &request)["Metrics"].as_array().unwrap().len()
    };
    let recent = json!({ "MetricName": "NetworkIn", "RecentlyActive": "PT3H" });
    let all = json!({ "MetricName": "NetworkIn" });
    assert_eq!((listed(170, recent.clone()), listed(200, recent), listed(200, all.clone())), (1, 0, 1));
    assert_eq!((listed(14 * 1440 - 10, all.clone()), listed(14 * 1440 + 10, all)), (1, 0));
}

#[test]
fn statistics_of_one_metric() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t2.micro", true);
    bench.until_minute(10);
    bench.region().start_load(&id, "stress", 1.0, Some(START + 12 * MINUTE));
    bench.until_minute(20);
    let mut request = json!({
        "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": [{ "Name": "InstanceId", "Value": id }],
        "StartTime": seconds(10), "EndTime": seconds(15), "Period": 300,
        "Statistics": ["Average", "Maximum", "Minimum", "SampleCount"],
    });
    let answer = bench.ok("GetMetricStatistics", &request);
    let point = &answer["Datapoints"][0];
    assert!((40.0..41.3).contains(&point["Average"].as_f64().unwrap()), "{point}");
    let rest = (&point["Maximum"], &point["SampleCount"], &point["Unit"]);
    assert_eq!(rest, (&json!(100.0), &json!(5.0), &json!("Percent")));
    assert_eq!(answer["Datapoints"].as_array().unwrap().len(), 1);
    request.as_object_mut().unwrap().remove("Statistics");
    assert_eq!(bench.code("GetMetricStatistics", &request), "MissingParameter");
    request["ExtendedStatistics"] = json!(["p50", "p90"]);
    let found = bench.ok("GetMetricStatistics", &request)["Datapoints"][0]["ExtendedStatistics"].clone();
    assert!(found["p50"].as_f64().unwrap() < 2.1 && found["p90"] == json!(100.0), "{found}");
    request["Period"] = json!(90);
    assert_eq!(bench.code("GetMetricStatistics", &request), "InvalidParameterValue");
    (request["Period"], request["EndTime"]) = (json!(60), json!(seconds(10 + 1441)));
    assert_eq!(bench.code("GetMetricStatistics", &request), "InvalidParameterCombination");
    request["EndTime"] = json!(seconds(10));
    assert_eq!(bench.code("GetMetricStatistics", &request), "InvalidParameterCombination");
}

#[test]
fn pages_and_order_and_expressions() {
    let mut bench = Bench::new(1);
    let (one, two) = (bench.launch("t3.micro", true), bench.launch("t3.micro", true));
    bench.until_minute(10);
    bench.region().start_load(&one, "stress", 2.0, None);
    bench.until_minute(16);
    let query = |id: &str, instance: &str| {
        let dimensions = json!([{ "Name": "InstanceId", "Value": instance }]);
        let metric = json!({ "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": dimensions });
        json!({ "Id": id, "Label": format!("cpu {id}"), "MetricStat": { "Metric": metric, "Period": 60, "Stat": "Average" } })
    };
    let queries = [
        query("a", &one),
        query("b", &two),
        json!({ "Id": "sum", "Expression": "SUM(METRICS())" }),
        json!({ "Id": "top", "Expression": "MAX([a, b])" }),
    ];
    let answer = bench.ok("GetMetricData", &data(&queries));
    let results = answer["MetricDataResults"].as_array().unwrap();
    let [a, b, sum, top] = [0, 1, 2, 3].map(|at: usize| series(&results[at]));
    assert!(a.len() > 10);
    let b_at = |minute: i64| b.iter().find(|(at, _)| *at == minute).map_or(0.0, |(_, value)| *value);
    for (at, (minute, value)) in a.iter().enumerate() {
        assert!((sum[at].1 - value - b_at(*minute)).abs() < 1e-9 && sum[at].0 == *minute);
        assert_eq!(top[at].1.to_bits(), value.max(b_at(*minute)).to_bits());
    }
    // In pages of seven points, newest first, the same comes back.
    let mut request = data(&queries[..2]);
    (request["MaxDatapoints"], request["ScanBy"]) = (7.into(), "TimestampDescending".into());
    let (mut told, mut pages) = (Vec::new(), 0);
    loop {
        let page = bench.ok("GetMetricData", &request);
        pages += 1;
        for result in page["MetricDataResults"].as_array().unwrap() {
            let points = series(result).into_iter();
            told.extend(points.map(|(minute, value)| (result["Id"].clone(), minute, value.to_bits())));
        }
        match page.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => break,
        }
    }
    let whole: Vec<_> = [("a", &a), ("b", &b)]
        .into_iter()
        .flat_map(|(id, series)| series.iter().rev().map(move |(minute, value)| (json!(id), *minute, value.to_bits())))
        .collect();
    assert_eq!((told, pages), (whole, (a.len() + b.len()).div_ceil(7)));
    request["NextToken"] = "mine".into();
    assert_eq!(bench.code("GetMetricData", &request), "InvalidNextToken");
    for refused in ["a + b", "SEARCH('x', 'Sum', 60)", "SUM([a, c])", "FILL(a, 0)"] {
        let queries = [query("a", &one), json!({ "Id": "e", "Expression": refused })];
        assert_eq!(bench.code("GetMetricData", &data(&queries)), "NotSimulated", "{refused}");
    }
    assert_eq!(bench.code("GetMetricData", &data(&[query("A", &one)])), "ValidationError");
    assert_eq!(bench.code("GetMetricData", &data(&[query("a", &one), query("a", &two)])), "ValidationError");
    let mut unread = data(&[query("a", &one)]);
    unread["MetricDataQueries"][0]["AccountId"] = "1".into();
    assert_eq!(bench.code("GetMetricData", &unread), "NotSimulated");
}

#[test]
fn status_checks_fail_where_the_zone_has_failed() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", false);
    let zone = bench.region().instances[&id].zone.clone();
    for (minute, down) in [(10, true), (15, false)] {
        bench.until_minute(minute);
        let mut options = bench.world.options().clone();
        options.zones_down = down.then(|| zone.clone()).into_iter().collect();
        bench.world.set_options(options);
    }
    bench.until_minute(20);
    let failed = bench.of("AWS/EC2", "StatusCheckFailed", &[("InstanceId", &id)], 60, "Maximum");
    let minutes: Vec<i64> = failed.iter().filter(|(_, value)| *value > 0.0).map(|(minute, _)| *minute).collect();
    assert_eq!((minutes, failed.last().unwrap().0), (vec![10, 11, 12, 13, 14], 18));
}

#[test]
fn credits_are_told_every_five_minutes() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t2.micro", true);
    bench.until_minute(10);
    bench.region().start_load(&id, "stress", 1.0, None);
    bench.until_minute(30);
    let dimension = [("InstanceId", id.as_str())];
    let usage = bench.of("AWS/EC2", "CPUCreditUsage", &dimension, 300, "Sum");
    let at = |series: &[(i64, f64)], minute| series.iter().find(|(at, _)| *at == minute).unwrap().1;
    assert!((at(&usage, 10) - 5.0).abs() < 1e-9 && at(&usage, 5).abs() < 1e-9, "{usage:?}");
    let balance = bench.points("AWS/EC2", "CPUCreditBalance", &dimension, 300);
    // Five spent, half a credit earned.
    assert!((at(&balance, 5) - at(&balance, 10) - 4.5).abs() < 1e-9, "{balance:?}");
    assert_eq!(balance.last().unwrap().0, 20);
    assert_eq!(bench.points("AWS/EC2", "CPUCreditBalance", &[("InstanceId", "i-1")], 300), []);
}

/// A month after the last of it nothing is kept; what still is, is.
#[test]
fn facts_that_nobody_can_see_any_more_are_forgotten() {
    let mut bench = Bench::new(1);
    let id = bench.instance("t3.micro", true);
    bench.region().record_group("gone", Some(GroupCounts::default()));
    bench.region().record_group("here", Some(GroupCounts::default()));
    bench.region().record_joined("gone", &id);
    bench.region().record_left("gone", &id);
    bench.region().record_group("gone", None);
    bench.ec2("TerminateInstances", &[("InstanceId.1", &id)]);
    bench.until_minute(30 * 1440);
    assert!(bench.region().trace(&id).is_some());
    // The next machine's start sweeps.
    let other = bench.launch("t3.micro", true);
    bench.until_minute(30 * 1440 + 5);
    assert!(bench.region().trace(&id).is_none() && bench.region().trace(&other).is_some());
    let told = serde_json::to_string(&bench.region().watch).unwrap();
    assert!(told.contains("here") && !told.contains("gone"), "{told}");
}

fn bytes(world: &World) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(world, &mut out).unwrap();
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Loads that begin and end, a machine that stops, alarms on them: one leap is the same as many steps, and so is what is told.
    #[test]
    fn one_leap_is_the_same_as_many_steps(
        seed in any::<u64>(),
        cores in 0.1_f64..3.0,
        length in 1_i64..3_000_000,
        steps in prop::collection::vec(0_i64..400_000, 0..30),
    ) {
        let mut start = Bench::new(seed);
        let (one, two) = (start.launch("t2.micro", true), start.launch("t3.micro", false));
        start.until_minute(3);
        for id in [&one, &two] {
            start.region().record_joined("asg", id);
            start.region().start_load(id, "stress", cores, Some(START + 3 * MINUTE + length));
        }
        start.ok("PutMetricAlarm", &high(&one));
        let mut low = high(&two);
        (low["AlarmName"], low["ComparisonOperator"]) = ("low".into(), "LessThanThreshold".into());
        start.ok("PutMetricAlarm", &low);
        start.ec2("StopInstances", &[("InstanceId.1", &two)]);
        let (mut stepped, mut leapt) = (start.clone(), start);
        let mut now = stepped.world.now();
        for step in steps {
            now += step;
            stepped.world.advance(now);
            let _ = stepped.points("AWS/EC2", "CPUUtilization", &[("AutoScalingGroupName", "asg")], 60);
        }
        leapt.world.advance(now);
        prop_assert_eq!(bytes(&stepped.world), bytes(&leapt.world));
        prop_assert_eq!(stepped.cpu(&one), leapt.cpu(&one));
    }
}
