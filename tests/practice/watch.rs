//! The monitor's polling on the practice cloud: a group comes alive, and what is seen of it is what happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use awslab::cloud::{Clients, watch};
use awslab::course::model::Role;
use awslab::lab::watch::series::MINUTE;
use awslab::lab::watch::snapshot::AlarmState;
use awslab::lab::watch::{History, Look, Metric, SeriesKey};
use awslab::practice::{Cloud, Options, connector};

use super::fixed;

const GROUP: &str = "watched";

struct Stage {
    cloud: Cloud,
    clients: Clients,
    requests: Arc<AtomicUsize>,
}

fn stage() -> Stage {
    // Practice time must not depend on how long this computer takes until a test pauses it.
    let cloud = Cloud::in_memory(Options { speed: Some(0.01), ..fixed() }).unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    let clients = Clients::practice(
        connector::http_client(cloud.clone()),
        "ap-northeast-2",
        "ap-northeast-1",
        std::path::Path::new("/nowhere"),
        Arc::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        }),
    );
    Stage { cloud, clients, requests }
}

/// A launch template with detailed monitoring, and a group of one to three in the default VPC that keeps CPU at 70 %.
async fn make_group(stage: &Stage) {
    make_group_that_runs(stage, "").await;
}

/// The same, of instances that run a script when they start.
async fn make_group_that_runs(stage: &Stage, script: &str) {
    const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let image = stage.clients.ssm(Role::Home).get_parameter().name(IMAGE).send().await.unwrap();
    let image = image.parameter().unwrap().value().unwrap().to_owned();
    let ec2 = stage.clients.ec2(Role::Home);
    let monitoring = aws_sdk_ec2::types::LaunchTemplatesMonitoringRequest::builder().enabled(true).build();
    let data = aws_sdk_ec2::types::RequestLaunchTemplateData::builder()
        .image_id(image)
        .instance_type(aws_sdk_ec2::types::InstanceType::T3Micro)
        .monitoring(monitoring)
        .set_user_data((!script.is_empty()).then(|| base64(script)))
        .build();
    ec2.create_launch_template().launch_template_name("watched-lt").launch_template_data(data).send().await.unwrap();
    let subnets = ec2.describe_subnets().send().await.unwrap();
    let subnets: Vec<&str> = subnets.subnets().iter().take(2).filter_map(|subnet| subnet.subnet_id()).collect();
    let scaling = stage.clients.autoscaling(Role::Home);
    let template = aws_sdk_autoscaling::types::LaunchTemplateSpecification::builder()
        .launch_template_name("watched-lt")
        .version("$Latest")
        .build();
    scaling
        .create_auto_scaling_group()
        .auto_scaling_group_name(GROUP)
        .launch_template(template)
        .min_size(1)
        .max_size(3)
        .vpc_zone_identifier(subnets.join(","))
        .send()
        .await
        .unwrap();
    let metric = aws_sdk_autoscaling::types::PredefinedMetricSpecification::builder()
        .predefined_metric_type(aws_sdk_autoscaling::types::MetricType::AsgAverageCpuUtilization)
        .build();
    let tracking = aws_sdk_autoscaling::types::TargetTrackingConfiguration::builder()
        .predefined_metric_specification(metric)
        .target_value(70.0)
        .build();
    scaling
        .put_scaling_policy()
        .auto_scaling_group_name(GROUP)
        .policy_name("cpu70")
        .policy_type("TargetTrackingScaling")
        .target_tracking_configuration(tracking)
        .send()
        .await
        .unwrap();
}

/// A refresh a quarter of a minute of practice time; at most six requests each.
async fn watch_for(stage: &Stage, history: &mut History, minutes: u64) {
    for _ in 0..minutes * 4 {
        let now = stage.cloud.now();
        let look = Look::next(history, now, Metric::Cpu);
        let before = stage.requests.load(Ordering::Relaxed);
        let snapshot = watch::look(&stage.clients, &look, now).await.unwrap();
        let sent = stage.requests.load(Ordering::Relaxed) - before;
        assert_eq!(snapshot.calls.len(), sent, "{look:?}");
        assert!(sent <= 6, "{look:?}");
        assert_eq!(snapshot.problems, [], "{look:?}");
        history.note(&look, snapshot.at);
        history.merge(&snapshot);
        stage.cloud.advance(Duration::from_secs(15)).unwrap();
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// What the monitor said of an alarm before a point came, and what the alarm then did.
struct Forecast {
    left: Option<u32>,
    newest: i64,
    state: AlarmState,
}

/// Instances that are under load for a quarter of an hour from their start: the group grows and shrinks
/// again. Whatever the monitor says of the next point is what happens when that point comes, and nothing else ever does.
#[tokio::test]
async fn what_comes_next_is_what_happens() {
    let stage = stage();
    stage.cloud.pause().unwrap();
    let script =
        "#!/bin/bash\ndnf install -y stress\nsystemd-run --unit=lab-stress --collect stress -c $(nproc) -t 900\n";
    make_group_that_runs(&stage, script).await;
    let mut history = History::new(GROUP);
    watch_for(&stage, &mut history, 3).await;
    let (mut came, mut rang) = (0, 0);
    let mut before: std::collections::BTreeMap<String, Forecast> = std::collections::BTreeMap::new();
    for _ in 0..75 {
        watch_for(&stage, &mut history, 1).await;
        let moment = history.moment(None);
        for alarm in &history.alarms {
            let filling = moment.filling(alarm);
            let newest = history.series_of(alarm).and_then(|series| series.before(history.at));
            let Some((newest, value)) = newest else { continue };
            let now = Forecast { left: filling.left, newest, state: alarm.state };
            if let Some(before) = before.insert(alarm.name.clone(), now) {
                let name = format!("{} at {}", alarm.name, history.at);
                let points = (newest - before.newest) / MINUTE;
                assert!((0..=2).contains(&points), "{name}: {points} points in a minute");
                let breaches = match alarm.threshold {
                    high if high > 60.0 => f64::from(value) > high,
                    low => f64::from(value) < low,
                };
                let rings = before.state != AlarmState::Alarm && alarm.state == AlarmState::Alarm;
                rang += usize::from(rings);
                came += usize::from(points > 0);
                // It goes off only when it was said that so few points are missing, and the points that came breach.
                assert!(!rings || before.left.is_some_and(|left| i64::from(left) <= points), "{name}: rang early");
                assert!(!rings || breaches, "{name}: rang although {value}");
                // What is full goes off within the minute.
                assert!(
                    before.left != Some(0) || alarm.state == AlarmState::Alarm || !breaches,
                    "{name}: did not ring"
                );
                assert_eq!(filling.breaching == 0, filling.points.iter().all(|point| *point != Some(true)));
            }
        }
    }
    assert!(came > 100, "{came} points were looked at");
    assert!(rang >= 2, "both alarms went off: {rang}");
    // To two or to three: which, depends on the second of the minute that the first instance starts in, because the load of the
    // first one ends about when the second one counts.
    let grown = history.sizes.iter().map(|(_, sizes)| sizes.desired).max();
    assert!(grown.is_some_and(|grown| grown >= 2), "{grown:?}");
    assert_eq!(history.moment(None).sizes().desired, 1);
}

#[tokio::test]
async fn a_group_comes_alive() {
    let stage = stage();
    stage.cloud.pause().unwrap();
    assert_eq!(watch::groups(&stage.clients).await.unwrap(), []);
    make_group(&stage).await;
    let lines = watch::groups(&stage.clients).await.unwrap();
    assert_eq!((lines.len(), lines[0].name.as_str(), lines[0].sizes), (1, GROUP, [1, 1, 3]));

    let mut history = History::new(GROUP);
    watch_for(&stage, &mut history, 12).await;
    let moment = history.moment(None);
    let sizes = moment.sizes();
    assert_eq!((sizes.min, sizes.desired, sizes.max, sizes.in_service), (1, 1, 3, 1));
    assert_eq!(moment.count(), 1);
    let row = moment.ids().first().and_then(|id| moment.row(id)).unwrap();
    assert_eq!((row.state.lifecycle.as_str(), row.past.kind.as_str()), ("InService", "t3.micro"));
    assert!(row.cpu.is_some(), "the instance has CPU points");
    assert!(row.launched.is_some_and(|at| at < history.at - 10 * MINUTE));
    // The group began with one instance on its way, and the desired capacity is older than the first look.
    let states: Vec<&str> = row.past.states.iter().map(|(_, state)| state.lifecycle.as_str()).collect();
    assert_eq!(states, ["Pending", "InService"]);
    let cpu = &history.series[&SeriesKey::Group(Metric::Cpu)];
    let points = cpu.points(0, history.at).count();
    assert!((6..=12).contains(&points), "{points} points in twelve minutes");
    assert_eq!(cpu.period, 60);
    assert_eq!(history.alarms.len(), 2);
    assert_eq!(history.policies[0].target, Some(70.0));
    let high = history.alarms.iter().find(|alarm| alarm.name.contains("AlarmHigh")).unwrap();
    assert_eq!((high.state, high.threshold, high.evaluation_periods), (AlarmState::Ok, 70.0, 3));
    assert_eq!(history.key_of(high), Some(SeriesKey::Group(Metric::Cpu)));
    assert_eq!(moment.filling(high).points, [Some(false); 3]);
    assert!(!history.turns.is_empty());
    assert!(history.activities.iter().any(|activity| activity.launches() && activity.status == "Successful"));

    assert!((history.traffic.cost() - 0.0).abs() < f64::EPSILON, "a small group is polled for nothing");
    let nobody = Look { group: "none".into(), ..Look::default() };
    let missing = watch::look(&stage.clients, &nobody, stage.cloud.now()).await.unwrap();
    assert!(missing.missing && missing.problems.is_empty());
}
