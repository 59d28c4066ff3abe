//! The same steps against moto server, another implementation of AWS: by the program as a learner starts it, and judged by
//! boto3.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::python_tools;

const ACCOUNT: &str = "123456789012";

/// A moto server of its own, and commands that meet nothing else.
struct Moto {
    server: Child,
    url: String,
    venv: PathBuf,
    home: TempDir,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Moto {
    /// `None` without the Python tools; the reason was printed.
    fn start(test: &str) -> Option<Self> {
        let venv = python_tools(test)?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let home = tempfile::tempdir().unwrap();
        let server = Command::new(venv.join("bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            // It writes its recording where it stands.
            .current_dir(home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { server, url: format!("http://127.0.0.1:{port}"), venv, home };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "moto server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(moto)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = std::env::join_paths([self.venv.join("bin"), "/usr/bin".into(), "/bin".into()]).unwrap();
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("AWSLAB_HOME", self.home.path().join("awslab"))
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_PAGER", "")
            .current_dir(self.home.path());
        command
    }

    /// Runs awslab; it must end with 0.
    fn awslab(&self, args: &[&str]) -> String {
        let output = self.command(env!("CARGO_BIN_EXE_awslab")).args(["--aws", "--lang", "en"]).args(args).output();
        succeeded(&format!("awslab {}", args.join(" ")), &output.unwrap())
    }

    /// Runs one of the scripts beside this file; it must end with 0.
    fn python(&self, script: &str, args: &[&str]) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto").join(script);
        let output = self.command(self.venv.join("bin/python")).arg(path).args(args).output().unwrap();
        succeeded(script, &output)
    }

    /// The API operations that moto received while `work` ran.
    fn operations(&self, work: impl FnOnce()) -> Vec<String> {
        self.python("recorder.py", &["start"]);
        work();
        self.python("recorder.py", &["stop"]).lines().map(str::to_owned).collect()
    }
}

fn succeeded(what: &str, output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let problems = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {}\n{out}\n{problems}", output.status);
    out
}

#[test]
fn the_course_is_built_checked_kept_and_cleaned_up() {
    let Some(moto) = Moto::start("moto") else { return };
    let before = moto.python("snapshot.py", &[]);
    let run = ["run", "vpc.network", "vpc.bastion", "--yes", "--account", ACCOUNT];

    moto.awslab(&run);
    moto.python("expect.py", &["bastion"]);

    let again = moto.operations(|| {
        moto.awslab(&run);
    });
    assert!(again.iter().any(|operation| operation == "DescribeVpcs"), "{again:?}");
    let changes: Vec<&String> =
        again.iter().filter(|name| !name.starts_with("Describe") && !name.starts_with("Get")).collect();
    assert!(changes.is_empty(), "{changes:?}");

    moto.awslab(&["check", "vpc.network", "vpc.bastion"]);

    moto.awslab(&["cleanup", "--yes", "--account", ACCOUNT]);
    let after = moto.python("snapshot.py", &[]);
    assert_eq!(before, after);
}

#[test]
fn the_auto_scaling_lab_is_built_kept_and_cleaned_up_as_far_as_moto_goes() {
    let Some(moto) = Moto::start("moto") else { return };
    let before = moto.python("snapshot.py", &[]);
    let sections = ["asg-lab.sg", "asg-lab.ami", "asg-lab.template", "asg-lab.alb", "asg-lab.group"];
    let run: Vec<&str> = ["run"].into_iter().chain(sections).chain(["--yes", "--account", ACCOUNT]).collect();
    moto.awslab(&run);
    moto.python("expect_asg.py", &[]);

    let again = moto.operations(|| {
        moto.awslab(&run);
    });
    let reads = ["Describe", "Get", "List"];
    let changes: Vec<&String> = again.iter().filter(|name| !reads.iter().any(|read| name.starts_with(read))).collect();
    assert!(changes.is_empty(), "{changes:?}");

    // No physics: it says so, puts no load on anything, and does not wait.
    let drill = moto.operations(|| {
        let mut command = moto.command(env!("CARGO_BIN_EXE_awslab"));
        let args = ["--aws", "--lang", "en", "run", "asg-lab.scale-out.out", "--yes", "--account", ACCOUNT];
        let output = command.args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("makes no alarms"), "{said}");
    });
    assert!(!drill.iter().any(|name| name == "SendCommand"), "{drill:?}");

    // The monitor shows what there is, says what moto lacks, and goes on.
    let mut monitor = moto
        .command(env!("CARGO_BIN_EXE_awslab"))
        .args(["--aws", "--lang", "en", "monitor", "my-asg-ec2", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(monitor.stdout.take().unwrap()).lines();
    let mut looks = lines.map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap()).take(8);
    let first = looks.next().unwrap();
    let lacking = looks.find(|look| look["problems"].to_string().contains("GetMetricStatistics"));
    monitor.kill().unwrap();
    monitor.wait().unwrap();
    assert_eq!(first["policies"][0]["alarms"], serde_json::json!([]));
    let lacking = lacking.expect("says that there are no metrics");
    assert_eq!(lacking["summary"]["in_service"], 1);

    moto.awslab(&["cleanup", "--yes", "--account", ACCOUNT]);
    assert_eq!(before, moto.python("snapshot.py", &[]));
}

/// Chapter 4 with a hosted zone that stood before, and without a domain.
#[test]
fn the_small_service_is_built_kept_and_cleaned_up_as_far_as_moto_goes() {
    let Some(moto) = Moto::start("moto") else { return };
    moto.python("expect_service.py", &["zone"]);
    let before = moto.python("snapshot.py", &[]);
    let build = |domain: &str| {
        let run = ["run", "service.dns", "service.sg", "service.resources", "--domain", domain, "--yes"];
        moto.awslab(&[&run[..], &["--account", ACCOUNT]].concat())
    };
    let said = build("none");
    assert!(said.contains("left out without a domain"), "{said}");
    moto.python("expect_service.py", &["without"]);
    build("lab.example");
    moto.python("expect_service.py", &["with"]);

    let again = moto.operations(|| {
        build("lab.example");
    });
    let reads = ["Describe", "Get", "List"];
    let changes: Vec<&String> = again.iter().filter(|name| !reads.iter().any(|read| name.starts_with(read))).collect();
    assert!(changes.is_empty(), "{changes:?}");

    moto.awslab(&["cleanup", "--yes", "--account", ACCOUNT]);
    assert_eq!(before, moto.python("snapshot.py", &[]));
}

#[test]
fn two_regions_are_joined_and_what_only_a_person_can_do_is_left_out() {
    let Some(moto) = Moto::start("moto-peering") else { return };
    let before = moto.python("snapshot.py", &[]);
    let run = ["run", "vpc", "--yes", "--account", ACCOUNT];
    let said = moto.awslab(&run);
    for line in ["vpc.openvpn.subscribe", "skipped. Waiting for it: vpc.openvpn.server", "vpc.openvpn.connect"] {
        assert!(said.contains(line), "{line} is not in:\n{said}");
    }
    moto.python("expect_peering.py", &[]);

    let again = moto.operations(|| {
        moto.awslab(&run);
    });
    let reads = ["Describe", "Get", "List"];
    let changes: Vec<&String> = again.iter().filter(|name| !reads.iter().any(|read| name.starts_with(read))).collect();
    assert!(changes.is_empty(), "{changes:?}");
    let checked = moto.awslab(&["check", "vpc"]);
    assert!(checked.contains("Waits for 3.4.2"), "{checked}");

    moto.awslab(&["cleanup", "--yes", "--account", ACCOUNT]);
    assert_eq!(before, moto.python("snapshot.py", &[]));
}

#[test]
fn the_printed_script_builds_the_same_network() {
    let Some(moto) = Moto::start("moto") else { return };
    let script = moto.home.path().join("network.sh");
    std::fs::write(&script, moto.awslab(&["plan", "vpc.network", "--cli"])).unwrap();
    let output = moto.command("/bin/bash").arg(&script).output().unwrap();
    succeeded("the script", &output);
    moto.python("expect.py", &[]);
    // awslab finds what the script has built, and has nothing to add.
    moto.awslab(&["check", "vpc.network"]);
    let changes = moto.operations(|| {
        moto.awslab(&["run", "vpc.network", "--yes", "--account", ACCOUNT]);
    });
    assert!(changes.iter().all(|name| name.starts_with("Describe") || name.starts_with("Get")), "{changes:?}");
}

/// The script names every command's region, and waits in Seoul for what Tokyo has asked for.
#[test]
fn the_printed_script_joins_two_regions() {
    let Some(moto) = Moto::start("moto-peering-script") else { return };
    let script = moto.home.path().join("peering.sh");
    // Without the role of 3.4.7: moto server has none of AWS's managed policies.
    let parts = ["vpc.openvpn.group", "vpc.openvpn.allow", "vpc.peering"];
    let plan: Vec<&str> = ["plan"].into_iter().chain(parts).chain(["--cli"]).collect();
    std::fs::write(&script, moto.awslab(&plan)).unwrap();
    let output = moto.command("/bin/bash").arg(&script).current_dir(moto.home.path()).output().unwrap();
    succeeded("the script", &output);
    moto.python("expect_peering.py", &[]);
    moto.awslab(&["check", "vpc.openvpn.group", "vpc.openvpn.allow", "vpc.peering"]);
}

#[test]
fn another_account_than_the_confirmed_one_is_refused() {
    let Some(moto) = Moto::start("moto") else { return };
    let before = moto.python("snapshot.py", &[]);
    let mut command = moto.command(env!("CARGO_BIN_EXE_awslab"));
    let output = command.args(["--aws", "run", "vpc.network", "--yes", "--account", "999999999999"]).output().unwrap();
    assert!(!output.status.success());
    assert_eq!(before, moto.python("snapshot.py", &[]));
}

/// The lines of `docs/moto.md` that a reader types after the exports, in order.
fn documented() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/moto.md")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("awslab ") || line.starts_with("aws "));
    lines.map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

/// Chapters 3, 4 and 6 at once, without a domain and then with one, by the very lines of the document.
#[test]
fn as_the_document_says() {
    let Some(moto) = Moto::start("moto-document") else { return };
    let empty = moto.python("snapshot.py", &[]);
    let (mut runs, mut cleaned) = (Vec::new(), false);
    for line in documented() {
        // `--aws` is said by whoever runs it here.
        let words: Vec<&str> = line.iter().skip(1).map(String::as_str).filter(|word| *word != "--aws").collect();
        if line[0] == "aws" {
            let output = moto.command(moto.venv.join("bin/aws")).args(&words).output().unwrap();
            succeeded(&line.join(" "), &output);
            continue;
        }
        let said = moto.awslab(&words);
        if words.contains(&"run") {
            runs.push(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            assert_eq!(said.contains("left out without a domain"), runs.len() == 1, "{said}");
            moto.python("expect_peering.py", &[]);
            moto.python("expect_service.py", &[if runs.len() == 1 { "without" } else { "with" }]);
            moto.python("expect_asg.py", &[]);
        }
        if words.contains(&"cleanup") {
            cleaned = true;
            assert!(said.contains("0 left"), "{said}");
            assert!(said.contains("ap-northeast-2, ap-northeast-1"), "{said}");
        } else if words.contains(&"check") {
            assert!(said.contains("Not looked at"), "{said}");
            let run: Vec<&str> = runs.last().unwrap().iter().map(String::as_str).collect();
            let again = moto.operations(|| {
                moto.awslab(&run);
            });
            let reads = ["Describe", "Get", "List"];
            let changes: Vec<_> =
                again.iter().filter(|name| !reads.iter().any(|read| name.starts_with(read))).collect();
            assert!(changes.is_empty(), "{changes:?}");
        }
    }
    assert!(runs.len() == 2 && cleaned, "{runs:?}");
    // The zone was made by hand, and stays; everything else is as it was.
    moto.python("expect_service.py", &["forget"]);
    assert_eq!(empty, moto.python("snapshot.py", &[]));
}
