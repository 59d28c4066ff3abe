//! A step that is done by hand, across processes: somebody else makes what it needs, the program that only watches notices,
//! names what is wrong, takes over what is right, is killed in between, and deletes all of it in the end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, Tag, TagSpecification};
use awslab::practice::{Cloud, Options};
use tempfile::TempDir;

use super::{PATIENCE, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_awslab");

/// The learner's other terminal: this process, with its own handle on the cloud that the program's process has too.
struct Elsewhere {
    cloud: Cloud,
    ec2: Client,
}

impl Elsewhere {
    fn of(home: &Path) -> Self {
        let cloud = Cloud::open(&home.join("practice.db"), Options::default()).unwrap();
        let config = aws_sdk_ec2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(awslab::practice::connector::http_client(cloud.clone()))
            .region(Region::new("ap-northeast-2"))
            .credentials_provider(Credentials::new("AKIA", "secret", None, None, "test"));
        Self { ec2: Client::from_conf(config.build()), cloud }
    }

    async fn vpc(&self, cidr: &str) -> String {
        let request = self.ec2.create_vpc().cidr_block(cidr).tag_specifications(name(ResourceType::Vpc, "my-vpc"));
        request.send().await.unwrap().vpc.unwrap().vpc_id.unwrap()
    }

    async fn the_vpc(&self) -> String {
        let found = self.ec2.describe_vpcs().send().await.unwrap().vpcs.unwrap();
        let ours = |vpc: &&aws_sdk_ec2::types::Vpc| vpc.cidr_block.as_deref() == Some("10.1.0.0/16");
        found.iter().find(ours).unwrap().vpc_id.clone().unwrap()
    }

    async fn subnet(&self, vpc: &str, called: &str, cidr: &str, zone: char) -> String {
        let request = self.ec2.create_subnet().vpc_id(vpc).cidr_block(cidr);
        let request = request.availability_zone(format!("ap-northeast-2{zone}"));
        let request = request.tag_specifications(name(ResourceType::Subnet, called));
        request.send().await.unwrap().subnet.unwrap().subnet_id.unwrap()
    }
}

fn name(kind: ResourceType, name: &str) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).tags(Tag::builder().key("Name").value(name).build()).build()
}

fn awslab(home: &Path, lang: &str, words: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(words).env_clear().env("AWSLAB_HOME", home).env("AWSLAB_LANG", lang).env("TZ", "UTC");
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

fn printed(home: &Path, lang: &str, words: &[&str]) -> String {
    let output = awslab(home, lang, words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Kills the program, as `kill -9` does, and starts it again.
fn killed_and_resumed(terminal: Terminal) -> Terminal {
    terminal.kill("-KILL");
    let Terminal { mut child, home, .. } = terminal;
    assert!(!child.wait().unwrap().success());
    Terminal::at(home, PROGRAM, &["resume"], &[])
}

#[tokio::test]
async fn a_step_by_hand_survives_a_kill_and_is_cleaned_up_with_the_rest() {
    let home = tempfile::tempdir().unwrap();
    printed(home.path(), "en", &["run", "vpc.network.vpc", "--yes", "--speed", "600"]);
    let other = Elsewhere::of(home.path());
    let mut terminal = Terminal::at(home, PROGRAM, &[], &[]);
    terminal.until("VPC 1");
    terminal.press(":");
    terminal.press("3.2.2\r");
    terminal.until(" 3.2.2 ");
    terminal.press("d");
    terminal.until("Watching 0/5");

    // The last ones first, and one of them in the wrong zone.
    let vpc = other.the_vpc().await;
    other.subnet(&vpc, "my-private-subnet-db-c", "10.1.22.0/24", 'c').await;
    other.subnet(&vpc, "my-private-subnet-db-a", "10.1.21.0/24", 'a').await;
    let wrong = other.subnet(&vpc, "my-public-subnet-c", "10.1.2.0/24", 'a').await;
    terminal.until(&wrong);
    let screen = terminal.parser.screen().contents();
    assert!(screen.contains("ap-northeast-2a") && screen.contains("ap-northeast-2c"), "{screen}");
    assert!(screen.contains("Watching"), "{screen}");

    // Killed in the middle: it opens where it was, and still watches, and still says what is wrong.
    let mut terminal = killed_and_resumed(terminal);
    terminal.until(" 3.2.2 ");
    terminal.until("Watching");
    terminal.until(&wrong);
    assert!(!printed(terminal.home.path(), "en", &["status", "--json"]).contains(&wrong), "nothing wrong is adopted");
    let status = printed(terminal.home.path(), "en", &["status"]);
    assert!(status.contains("3 more stand under the course's names"), "{status}");

    other.ec2.delete_subnet().subnet_id(wrong).send().await.unwrap();
    for (called, cidr, zone) in [
        ("my-private-subnet-app-c", "10.1.12.0/24", 'c'),
        ("my-public-subnet-c", "10.1.2.0/24", 'c'),
        ("my-private-subnet-app-a", "10.1.11.0/24", 'a'),
        ("my-public-subnet-a", "10.1.1.0/24", 'a'),
    ] {
        other.subnet(&vpc, called, cidr, zone).await;
    }
    terminal.until("All is right");
    terminal.press("\r");
    terminal.until("Take over what you made");
    terminal.press("\r");
    terminal.until("are in the ledger");

    // What was adopted stays adopted.
    let mut terminal = killed_and_resumed(terminal);
    terminal.until("3.2.");
    let home = terminal.home.path();
    let status: serde_json::Value = serde_json::from_str(&printed(home, "en", &["status", "--json"])).unwrap();
    let rows = status["resources"].as_array().unwrap();
    let by_hand = rows.iter().filter(|row| row["adopted"] == true).count();
    assert_eq!((rows.len(), by_hand), (7, 6), "{status:#}");
    terminal.press("q");
    terminal.ends_sane();

    let said = printed(terminal.home.path(), "en", &["cleanup", "--yes"]);
    assert_eq!(said.matches("(made by hand)").count(), 6, "{said}");
    assert!(said.contains("7 resources") && said.contains("6 by hand"), "{said}");
    assert!(said.lines().last().unwrap().starts_with("0 left"), "{said}");
    let vpcs = other.ec2.describe_vpcs().send().await.unwrap();
    assert!(vpcs.vpcs().iter().all(|vpc| vpc.is_default == Some(true)), "{vpcs:?}");
}

/// `awslab check STEP --watch`, and what it has printed.
struct Watch {
    lines: std::sync::mpsc::Receiver<String>,
    child: std::process::Child,
    said: Vec<String>,
}

impl Watch {
    fn of(home: &Path, lang: &str, step: &str) -> Self {
        let mut child = awslab(home, lang, &["check", step, "--watch"]).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (to, lines) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| to.send(line)));
        Self { lines, child, said: Vec::new() }
    }

    /// Waits until something is said; what comes before it is kept.
    fn until(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line =
                self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("never said {text:?}: {:#?}", self.said));
            let found = line.contains(text);
            self.said.push(line);
            if found {
                return;
            }
        }
    }

    /// Waits for the end: the exit code, and all that was said.
    fn end(mut self) -> (Option<i32>, String) {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.said.push(line);
        }
        (self.child.wait().unwrap().code(), self.said.join("\n"))
    }
}

/// Ids and times as they are in every run.
fn settled(text: &str, ids: &[(&str, &str)]) -> String {
    let text = ids.iter().fold(text.to_owned(), |text, (id, word)| text.replace(id, word));
    let is_time = |word: &str| word.starts_with("20") && word.contains('T') && word.contains('Z');
    let timeless =
        |word: &str| if is_time(word) { word.replacen(|c: char| c.is_ascii(), "", 20) } else { word.to_owned() };
    let looked = |line: &str| line.split(' ').map(timeless).collect::<Vec<_>>().join(" ");
    text.lines().map(looked).collect::<Vec<_>>().join("\n")
}

/// Every word of `check --watch` and of the cleanup after it, in one language.
async fn told(lang: &str) {
    let home: TempDir = tempfile::tempdir().unwrap();
    let other = Elsewhere::of(home.path());
    // Time stands still, but for what is asked for: so each state is seen.
    other.cloud.pause().unwrap();
    let mut watch = Watch::of(home.path(), lang, "vpc.network.vpc");
    watch.until("· ");
    let wrong = other.vpc("10.2.0.0/16").await;
    watch.until("10.2.0.0/16");
    other.cloud.advance(Duration::from_secs(60)).unwrap();
    watch.until(&wrong);
    other.ec2.delete_vpc().vpc_id(&wrong).send().await.unwrap();
    watch.until("· ");
    let vpc = other.vpc("10.1.0.0/16").await;
    watch.until("◌");
    other.cloud.advance(Duration::from_secs(60)).unwrap();
    watch.until("✓");
    let on = AttributeBooleanValue::builder().value(true).build();
    other.ec2.modify_vpc_attribute().vpc_id(&vpc).enable_dns_hostnames(on).send().await.unwrap();
    let (code, said) = watch.end();
    assert_eq!(code, Some(0), "{said}");
    let ids = [(wrong.as_str(), "vpc-WRONG"), (vpc.as_str(), "vpc-RIGHT")];
    insta::assert_snapshot!(format!("watched-{lang}"), settled(&said, &ids));

    let said = printed(home.path(), lang, &["cleanup", "--yes"]);
    insta::assert_snapshot!(format!("cleaned-{lang}"), settled(&said, &ids));
}

#[tokio::test]
async fn watching_and_cleaning_are_told_in_korean() {
    told("ko").await;
}

#[tokio::test]
async fn watching_and_cleaning_are_told_in_english() {
    told("en").await;
}
