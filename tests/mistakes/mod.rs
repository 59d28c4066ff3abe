//! Mistakes made behind awslab's back, on the practice cloud: `check` fails and names the wrong thing; what can be mended
//! in place is mended by `run`; and what a learner builds correctly by hand raises no false alarm.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod by_hand;
mod cleanup;
mod hosts;
mod network;
mod peering;
mod watched;
mod web;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use awslab::course::model::{Key, StepKind};
use awslab::engine::{Engine, Setup};
use awslab::lab::report::{CheckReport, CleanupReport, Plan};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

/// A learner's session with a practice cloud of its own, and another way into the same cloud.
pub struct Lab {
    pub engine: Engine,
    pub ec2: Client,
    /// The same for the peer region.
    pub tokyo: Client,
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    home: TempDir,
    steps: Vec<String>,
}

impl Lab {
    /// Nothing built yet.
    pub async fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap(), None).await
    }

    /// The same learner, who has moved: another public address.
    pub async fn moved(self, my_ip: &str) -> Self {
        let Self { engine, home, .. } = self;
        drop(engine);
        Self::open(home, Some(my_ip.to_owned())).await
    }

    async fn open(home: TempDir, my_ip: Option<String>) -> Self {
        let course = awslab::course::load(None, awslab::cloud::kinds::registry()).unwrap();
        let builds = |kind: StepKind| matches!(kind, StepKind::Build | StepKind::Try);
        // The sections of one VPC; 3.4 and 3.5 have tests of their own (`peering`).
        let of_chapter = |id: &str| id.starts_with("vpc.network.") || id.starts_with("vpc.bastion.");
        let steps = course
            .steps()
            .filter(|step| builds(step.kind) && of_chapter(&step.id))
            .map(|step| step.id.clone())
            .collect();
        let setup = Setup { home: home.path().to_owned(), my_ip, ..Setup::default() };
        let engine = Engine::open(setup, Arc::new(course)).await.unwrap();
        let http = awslab::practice::connector::http_client(engine.practice().unwrap().clone());
        let balancing = aws_sdk_elasticloadbalancingv2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http.clone())
            .region(Region::new("ap-northeast-2"))
            .credentials_provider(Credentials::new("AKIA", "secret", None, None, "test"))
            .build();
        let ec2 = |region: &'static str| {
            let config = aws_sdk_ec2::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .http_client(http.clone())
                .region(Region::new(region))
                .credentials_provider(Credentials::new("AKIA", "secret", None, None, "test"));
            Client::from_conf(config.build())
        };
        let (ec2, tokyo) = (ec2("ap-northeast-2"), ec2("ap-northeast-1"));
        let elb = aws_sdk_elasticloadbalancingv2::Client::from_conf(balancing);
        Self { engine, ec2, tokyo, elb, home, steps }
    }

    /// The whole course built by awslab, and checked.
    pub async fn built() -> Self {
        let lab = Self::new().await;
        lab.run().await;
        lab.fits().await;
        lab
    }

    /// Only these steps, and what they need.
    pub async fn built_to(steps: &[&str]) -> Self {
        let mut lab = Self::new().await;
        lab.steps = steps.iter().map(|step| (*step).to_owned()).collect();
        lab.run().await;
        lab.fits().await;
        lab
    }

    /// Another way into the same cloud, in another region.
    pub fn ec2_in(&self, region: &'static str) -> Client {
        let http = awslab::practice::connector::http_client(self.engine.practice().unwrap().clone());
        let config = aws_sdk_ec2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(region))
            .credentials_provider(Credentials::new("AKIA", "secret", None, None, "test"))
            .build();
        Client::from_conf(config)
    }

    pub async fn plan(&self) -> Plan {
        self.engine.plan(&self.steps).await.unwrap()
    }

    /// Plans and runs; everything must succeed.
    pub async fn run(&self) {
        let plan = self.plan().await;
        assert!(plan.ambiguous.is_empty(), "{:?}", plan.ambiguous);
        let (_keep, cancel) = watch::channel(false);
        let (sink, _phases) = mpsc::unbounded_channel();
        let report = self.engine.run(plan, cancel, sink).await;
        assert!(report.done, "failed: {:#?}, skipped: {:?}", report.failed, report.skipped);
    }

    pub async fn check(&self) -> CheckReport {
        self.engine.check(&self.steps).await.unwrap()
    }

    /// Everything is as the course wants it, and nothing is left to call.
    pub async fn fits(&self) {
        let report = self.check().await;
        assert!(report.ok(), "{}", wrong(&report, |text| &text.en));
        let calls: Vec<String> = self.plan().await.calls.iter().map(|planned| planned.call.operation.clone()).collect();
        assert!(calls.is_empty(), "{calls:?}");
    }

    /// `check` fails, and what it says names all of this in both languages.
    pub async fn told(&self, words: &[&str]) {
        let report = self.check().await;
        assert!(!report.ok(), "nothing was found wrong");
        for said in [wrong(&report, |text| &text.ko), wrong(&report, |text| &text.en)] {
            for word in words {
                assert!(said.contains(word), "{word} is not in:\n{said}");
            }
        }
    }

    /// `run` mends it.
    pub async fn mended(&self) {
        self.run().await;
        self.fits().await;
    }

    /// Takes everything down.
    pub async fn cleanup(&self) -> CleanupReport {
        let teardown = self.engine.teardown(&[]).await.unwrap();
        let (_keep, cancel) = watch::channel(false);
        let (sink, _phases) = mpsc::unbounded_channel();
        self.engine.cleanup(teardown, cancel, sink).await.unwrap()
    }

    /// Other steps from now on.
    pub fn look_at(&mut self, steps: &[&str]) {
        self.steps = steps.iter().map(|step| (*step).to_owned()).collect();
    }

    /// The id of a live resource of the course.
    pub async fn id(&self, kind: &str, name: &str) -> String {
        self.id_of(Key::home(kind, name)).await
    }

    /// The id of a live resource by its key.
    pub async fn id_of(&self, key: Key) -> String {
        let survey = self.engine.survey().await.unwrap();
        survey.world.get(&key).unwrap_or_else(|| panic!("no {key}")).id.clone()
    }

    /// Practice time goes by.
    pub fn later(&self, seconds: u64) {
        self.engine.advance(Duration::from_secs(seconds)).unwrap();
    }
}

/// What is wrong, in one language: a line a condition.
fn wrong(report: &CheckReport, lang: fn(&awslab::i18n::Text) -> &String) -> String {
    let failed = report.conditions.iter().filter(|condition| !condition.ok);
    failed.map(|one| format!("{} {}: {}\n", one.step, one.id, lang(&one.detail))).collect()
}

/// The tag `Name` alone, as a learner gives it.
pub fn name(kind: ResourceType, name: &str) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).tags(Tag::builder().key("Name").value(name).build()).build()
}
