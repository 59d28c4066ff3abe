//! The binary itself, as a child process: the contract of the command line, and a real `kill -9`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::*;

fn awslab(home: &Path, speed: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awslab"));
    command.env("AWSLAB_HOME", home).env_remove("AWSLAB_LANG").args(["--lang", "en", "--speed", speed]);
    command.stdin(Stdio::null());
    command
}

fn out(home: &Path, args: &[&str]) -> Output {
    awslab(home, "3000").args(args).output().unwrap()
}

fn json(home: &Path, args: &[&str]) -> (i32, Value) {
    let output = out(home, args);
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}: {text}"));
    (output.status.code().unwrap(), value)
}

#[test]
fn killed_for_real_it_goes_on_with_one_of_each() {
    let home = tempfile::tempdir().unwrap();
    for calls in [1, 4, 9] {
        let mut child = awslab(home.path(), "3000")
            .args(["run", "vpc.network", "--yes", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        for line in lines.map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap();
            seen += usize::from(line["phase"] == "calling");
            if seen == calls {
                break;
            }
        }
        // SIGKILL on Unix.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(out(home.path(), &["run", "vpc.network", "--yes"]).status.success());
    let (code, check) = json(home.path(), &["check", "vpc.network", "--json"]);
    assert_eq!((code, &check["ok"], &check["schema"]), (0, &Value::from(true), &Value::from(1)), "{check:#}");
    let (_, planned) = json(home.path(), &["cleanup", "--dry-run", "--json"]);
    let (_, status) = json(home.path(), &["status", "--json"]);
    assert_eq!(planned["would_delete"].as_array().unwrap().len(), status["resources"].as_array().unwrap().len());
    let (code, cleaned) = json(home.path(), &["cleanup", "--yes", "--json"]);
    assert_eq!((code, &cleaned["left"]), (0, &Value::from(Vec::<Value>::new())), "{cleaned:#}");
}

#[test]
fn the_contract_of_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let (code, list) = json(home.path(), &["list", "--json"]);
    assert_eq!(code, 0);
    let chapter = &list["chapters"][2];
    assert_eq!((&chapter["id"], &chapter["number"]), (&Value::from("vpc"), &Value::from(3)));
    assert_eq!(chapter["sections"][1]["steps"][0]["id"], "vpc.network.vpc");
    assert_eq!(chapter["sections"][1]["steps"][0]["state"], "not-started");

    let (code, plan) = json(home.path(), &["plan", "3.2.1", "--json"]);
    assert_eq!(code, 0);
    let call = &plan["calls"][0];
    assert_eq!(call["operation"], "CreateVpc");
    assert_eq!(call["iam_action"], "ec2:CreateVpc");
    assert_eq!(call["region"], "ap-northeast-2");
    assert!(call["cli"].as_str().unwrap().starts_with("aws ec2 create-vpc "));
    assert_eq!(plan["calls"][1]["after"][0], 0);

    // Nothing was run, so the check fails, and says what is missing.
    let (code, check) = json(home.path(), &["check", "3.2.1", "--json"]);
    assert_eq!((code, &check["ok"]), (1, &Value::from(false)));
    assert!(check["conditions"].as_array().unwrap().iter().any(|c| c["detail"].as_str().unwrap().contains("my-vpc")));

    // Usage: an unknown target, and no terminal to ask on.
    let wrong = out(home.path(), &["plan", "vpc.netwrk"]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said.contains("vpc.network"), "{said}");
    let asked = out(home.path(), &["run", "vpc.network.vpc"]);
    assert_eq!(asked.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&asked.stderr).contains("--yes"));

    let ran = out(home.path(), &["run", "vpc.network.vpc", "--yes", "--json"]);
    assert_eq!(ran.status.code(), Some(0));
    for line in String::from_utf8(ran.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        for field in ["schema", "time", "step", "resource", "phase"] {
            assert!(!line[field].is_null(), "{field} in {line}");
        }
    }
    let (_, status) = json(home.path(), &["status", "--json"]);
    assert_eq!((&status["backend"], &status["account"]), (&Value::from("practice"), &Value::from("100000000001")));
    assert_eq!(status["resources"][0]["name"], "my-vpc");
    let logs = home.path().join("log");
    assert!(std::fs::read_dir(logs).unwrap().count() > 0, "there is a log");
}

#[test]
fn interrupted_it_says_what_still_stands() {
    let home = tempfile::tempdir().unwrap();
    let mut child =
        awslab(home.path(), "1").args(["run", "vpc.network", "--yes"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("my-natgateway ") && line.contains("pending")));
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(rest.iter().any(|line| line.contains("Stopped") && line.contains("awslab cleanup")), "{rest:#?}");
}

/// A child that is ended with the test.
struct Served(std::process::Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn on_aws_the_account_must_be_named_and_right() {
    let (served, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut child = Served(
        awslab(served.path(), "3000")
            .args(["practice", "serve", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let first = BufReader::new(child.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let url = first.strip_prefix("listening on ").unwrap().to_owned();
    let on_aws = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awslab"));
        command.env("AWSLAB_HOME", home.path()).env("AWS_ENDPOINT_URL", &url).env("AWS_REGION", "ap-northeast-2");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "not-a-secret-but-kept-like-one");
        command.env("AWS_EC2_METADATA_DISABLED", "true").args(["--aws", "--lang", "en"]).stdin(Stdio::null());
        command.args(args).output().unwrap()
    };
    let step = ["run", "vpc.network.vpc", "--yes"];
    assert_eq!(on_aws(&step).status.code(), Some(2), "no account named");
    let wrong = on_aws(&[&step[..], &["--account", "999999999999"]].concat());
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("100000000001"));
    let (_, status) = {
        let output = on_aws(&["status", "--json"]);
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap())
    };
    assert_eq!(status["backend"], url.as_str());
    assert_eq!(status["resources"].as_array().unwrap().len(), 0, "nothing was made");
    assert_eq!(on_aws(&[&step[..], &["--account", "100000000001"]].concat()).status.code(), Some(0));
    assert_eq!(on_aws(&["cleanup", "--yes", "--account", "100000000001"]).status.code(), Some(0));

    // Nothing secret lies in the log or the database.
    let secret = b"not-a-secret-but-kept-like-one";
    let files = std::fs::read_dir(home.path().join("log")).unwrap().map(|file| file.unwrap().path());
    for file in files.chain([home.path().join("awslab.db"), home.path().join("awslab.db-wal")]) {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", file.display());
    }
}

/// Every file below a folder whose bytes hold these.
fn holding(folder: &Path, needle: &str) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            if entry.is_dir() {
                open.push(entry);
            } else if std::fs::read(&entry).unwrap().windows(needle.len()).any(|part| part == needle.as_bytes()) {
                found.push(entry.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

/// The password goes from its own file into the request, and to whoever asks for it by name: into no output, plan, script,
/// report, database, recording of calls and log, even when the log keeps everything that the SDK says.
#[test]
fn a_password_is_shown_only_to_whoever_asks() {
    let home = tempfile::tempdir().unwrap();
    let said =
        |output: &Output| String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    assert!(out(home.path(), &["run", "service.resources.subnet-group", "service.sg", "--yes"]).status.success());
    let run = awslab(home.path(), "3000")
        .env("AWSLAB_LOG", "trace")
        .args(["run", "service.resources.database", "--yes", "--json"])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", said(&run));
    let asked = out(home.path(), &["password", "my-alchemine-app-rds"]);
    let password = String::from_utf8(asked.stdout).unwrap().trim().to_owned();
    assert!(password.len() >= 16, "{password}");

    let mut shown = vec![said(&run)];
    for args in [
        &["status", "--json"][..],
        &["status"],
        &["check", "service.resources.database", "--json"],
        &["plan", "service.resources.database", "--json"],
        &["plan", "service.resources.database", "--cli"],
        &["policy", "service"],
        &["cleanup", "--dry-run", "--json"],
    ] {
        shown.push(said(&out(home.path(), args)));
    }
    for text in shown {
        assert!(!text.contains(&password), "{text}");
    }
    assert_eq!(holding(home.path(), &password), ["my-alchemine-app-rds.password"]);
    // The log was kept, or nothing was proven of it.
    assert!(!holding(&home.path().join("log"), "CreateDBInstance").is_empty());
}

/// Two regions that are one, regions that are none, and values that are none are refused before anything is opened.
#[test]
fn what_cannot_be_meant_is_said_in_the_learners_words() {
    let home = tempfile::tempdir().unwrap();
    for (words, said) in [
        (&["--peer-region", "ap-northeast-2", "status"][..], "--peer-region ap-northeast-1"),
        (&["--region", "mars-1", "status"], "There is no region mars-1"),
        (&["--region", "mars-1", "doctor"], "There is no region mars-1"),
        (&["--speed", "1e9", "status"], "--speed 60"),
        (&["--domain", "not_a_domain!", "status"], "example.com"),
        (&["practice", "clock", "--advance", "-5m"], "2h30m"),
        (&["practice", "clock", "--advance", "abc"], "abc is no length of time"),
        (&["--read-only", "--speed", "60", "status"], "--read-only"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awslab"));
        command.env("AWSLAB_HOME", home.path()).env("AWSLAB_LANG", "en").stdin(Stdio::null());
        let output = command.args(words).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {text}");
        assert!(text.contains(said), "{words:?}: {text}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_awslab"));
    command.env("AWSLAB_HOME", home.path()).args(["--speed", "abc", "--lang", "ko", "status"]);
    let text = String::from_utf8_lossy(&command.output().unwrap().stderr).into_owned();
    assert!(text.contains("사이의 수여야 합니다"), "{text}");
}

/// What was made with another region is told, and a plain cleanup takes it down, too.
#[test]
fn what_stands_in_another_region_is_not_forgotten() {
    let home = tempfile::tempdir().unwrap();
    assert!(out(home.path(), &["--region", "us-east-1", "run", "3.2.1", "--yes"]).status.success());
    let text = |args: &[&str]| String::from_utf8(out(home.path(), args).stdout).unwrap();
    let command = "awslab --region us-east-1 cleanup";
    assert!(
        text(&["status"]).contains(&format!("1 more resource stands in us-east-1 ($0.00/h). To take down: {command}"))
    );
    assert!(text(&["doctor"]).contains(command));
    let (_, status) = json(home.path(), &["status", "--json"]);
    assert_eq!((&status["elsewhere"][0]["count"], status["resources"].as_array().unwrap().len()), (&Value::from(1), 0));
    // Whoever names a region means that one, and hears of the other.
    assert!(text(&["--region", "ap-northeast-2", "cleanup", "--yes"]).contains(command));
    let cleaned = text(&["cleanup", "--yes"]);
    assert!(cleaned.contains("my-vpc") && cleaned.contains("0 left") && cleaned.contains("us-east-1"), "{cleaned}");
    assert!(!cleaned.contains(command), "{cleaned}");
    let (_, status) = json(home.path(), &["--region", "us-east-1", "status", "--json"]);
    assert_eq!(
        (&status["elsewhere"], &status["resources"]),
        (&Value::from(Vec::<Value>::new()), &Value::from(Vec::<Value>::new()))
    );
}

#[test]
fn a_fault_that_was_asked_for_is_named_and_what_is_read_only_needs_no_cloud() {
    let home = tempfile::tempdir().unwrap();
    for words in [["check", "1"], ["run", "1"], ["plan", "1"]] {
        let output = out(home.path(), &words);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("awslab quiz 1"), "{words:?}");
    }
    assert!(out(home.path(), &["practice", "faults", "--error", "1"]).status.success());
    let list = out(home.path(), &["list"]);
    assert!(list.status.success() && String::from_utf8_lossy(&list.stdout).contains("vpc.network.vpc"));
    let said = String::from_utf8_lossy(&list.stderr).into_owned();
    assert!(said.contains("awslab practice faults off") && !said.contains("health.aws"), "{said}");
    assert_eq!(out(home.path(), &["status"]).status.code(), Some(1));
}
