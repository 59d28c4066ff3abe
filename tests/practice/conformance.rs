//! boto3 and the AWS CLI, unchanged, against the practice cloud over HTTP.
//!
//! A script of `conformance/` runs against a server of its own. It steers practice time by lines on its standard output
//! (`control advance 60`), and the account's quotas and switches, each answered with a line on its standard input, so that every state is looked at when it is due
//! and no test sleeps for it.

use std::process::Stdio;
use std::time::Duration;

use awslab::practice::faults::Faults;
use awslab::practice::serve::Server;
use awslab::practice::world::World;
use awslab::practice::{Cloud, Options};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use super::fixed;
use crate::support::python_tools;

/// Longer than any script needs; a script that hangs is a failure.
const LIMIT: Duration = Duration::from_secs(180);

async fn run(script: &str) {
    let Some(venv) = python_tools(script) else { return };
    let home = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(&home.path().join("practice.db"), Options { speed: Some(1.0), ..fixed() }).unwrap();
    cloud.pause().unwrap();
    let server = Server::bind(cloud.clone(), 0).await.unwrap();
    let endpoint = format!("http://{}", server.address().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/practice/conformance");
    let mut child = Command::new(venv.join("bin/python"))
        .args(["-B", &format!("{folder}/{script}")])
        .env_clear()
        .env("PATH", format!("{}/bin:/usr/bin:/bin", venv.display()))
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .env("AWS_ENDPOINT_URL", &endpoint)
        .env("AWS_REGION", "ap-northeast-2")
        .env("AWS_DEFAULT_REGION", "ap-northeast-2")
        .env("AWS_ACCESS_KEY_ID", "practice")
        .env("AWS_SECRET_ACCESS_KEY", "practice")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_PAGER", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut answers = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let steered = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            match line.strip_prefix("control ") {
                Some(order) => {
                    let answer = obey(&cloud, order);
                    answers.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
                }
                None => println!("{script}: {line}"),
            }
        }
        child.wait().await.unwrap()
    };
    let status = tokio::time::timeout(LIMIT, steered).await.unwrap_or_else(|_| panic!("{script} hangs"));
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(status.success(), "{script} failed: see above");
}

/// `pause`, `run SPEED`, `advance SECONDS`, `faults JSON`, `options JSON` (those that it names; the rest stays), `quotas` (answers with all by name).
fn obey(cloud: &Cloud, order: &str) -> String {
    match order.split_once(' ').unwrap_or((order, "")) {
        ("pause", _) => cloud.pause().unwrap(),
        ("run", speed) => {
            cloud.set_speed(speed.parse().unwrap()).unwrap();
            cloud.resume().unwrap();
        }
        ("advance", seconds) => cloud.advance(Duration::from_secs_f64(seconds.parse().unwrap())).unwrap(),
        ("faults", json) => cloud.set_faults(serde_json::from_str::<Faults>(json).unwrap()).unwrap(),
        ("options", json) => {
            let named: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
            let change = |world: &mut World| {
                let mut options = serde_json::to_value(world.options()).unwrap();
                for (name, value) in named {
                    options[name] = value;
                }
                world.set_options(serde_json::from_value(options).unwrap());
            };
            cloud.edit(change).unwrap();
        }
        ("quotas", _) => {
            return cloud.look(|world| serde_json::to_string(&world.options().limits.named()).unwrap()).unwrap();
        }
        _ => panic!("no such order: {order}"),
    }
    "done".to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_builds_a_network() {
    run("network.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_balances_load() {
    run("balancing.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_runs_instances() {
    run("instances.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_makes_images_templates_volumes_and_peers() {
    run("compute.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_meets_mistakes_and_blockers() {
    run("mistakes.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_meets_faults() {
    run("faults.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_walks_the_course() {
    run("cli.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_looks_at_metrics_and_alarms() {
    run("cloudwatch.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_scales_groups() {
    run("autoscaling.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_has_a_domain_and_a_certificate() {
    run("names.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_runs_a_database() {
    run("databases.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_names_every_operation_and_no_other() {
    run("operations.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moto_and_practice_claim_the_same() {
    run("differential.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_waiter_of_boto3_ends() {
    run("waiters.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_meets_every_blocker() {
    run("blockers.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_meets_every_quota() {
    run("quotas.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_sends_commands_with_a_profile() {
    run("host.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_tells_the_story_of_the_course() {
    run("story.py").await;
}
