//! The SDK clients of both regions.
//!
//! Promises: the practice cloud's clients are made without reading a file or the environment; a client is made when
//! it is first used; every client records its calls.
//! Leaves to others: which backend to use (`engine`), retrying beyond the SDK's three attempts (`engine`).

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};

use crate::course::model::Role;
use crate::i18n::Text;
use crate::lab::facts::Backend;

use super::traffic::{Record, Recorder};

/// The SDK clients of both regions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    home: Arc<Side>,
    peer: Arc<Side>,
    keys: Arc<PathBuf>,
    /// What asks for pages as the learner's own computer would; `None` where there is nothing to ask.
    pub(super) web: Option<SharedHttpConnector>,
}

/// One region's clients.
#[derive(Debug)]
struct Side {
    region: String,
    config: SdkConfig,
    record: Record,
    ec2: OnceLock<aws_sdk_ec2::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    autoscaling: OnceLock<aws_sdk_autoscaling::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    elbv2: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    rds: OnceLock<aws_sdk_rds::Client>,
    acm: OnceLock<aws_sdk_acm::Client>,
    route53: OnceLock<aws_sdk_route53::Client>,
}

/// What AWS, or an endpoint like it, is reached with.
#[derive(Debug, Clone, Default)]
pub struct Connect {
    /// `--profile`; `None` leaves it to the SDK (`AWS_PROFILE`, else `default`).
    pub profile: Option<String>,
    /// The home region.
    pub home: String,
    /// Whether the learner said so; a profile's region is not asked.
    pub home_said: bool,
    /// The peer region: another one.
    pub peer: String,
}

/// The result of [`Clients::connect`].
#[derive(Debug, Clone)]
pub struct Connected {
    /// The clients.
    pub clients: Clients,
    /// AWS, or an endpoint by its URL.
    pub backend: Backend,
    /// What the learner should know once (a profile's region that is not used).
    pub notes: Vec<Text>,
}

impl Clients {
    /// Clients of the practice cloud behind `http`. Key files are kept under `keys`.
    pub fn practice(http: SharedHttpClient, home: &str, peer: &str, keys: &Path, recorder: Recorder) -> Self {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(home.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIAPRACTICE00000000",
                "practice",
                None,
                None,
                "practice",
            )))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(retries())
            .timeout_config(timeouts())
            .build();
        Self::from_config(config, home, peer, keys, recorder)
    }

    /// Clients of AWS, or of what `AWS_ENDPOINT_URL` names. Reads the SDK's environment and the profile files; contacts
    /// nothing.
    pub async fn connect(connect: Connect, keys: &Path, recorder: Recorder) -> Connected {
        let Connect { home, peer, home_said, .. } = &connect;
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(home.clone()))
            .retry_config(retries())
            .timeout_config(timeouts());
        let mut profile_region = ProfileFileRegionProvider::builder();
        if let Some(profile) = &connect.profile {
            loader = loader.profile_name(profile);
            profile_region = profile_region.profile_name(profile);
        }
        if let Ok(name) = AppName::new("awslab") {
            loader = loader.app_name(name);
        }
        let config = loader.load().await;

        let mut notes = Vec::new();
        if !home_said {
            let of_profile = profile_region.build().region().await;
            if let Some(other) = of_profile.filter(|region| region.as_ref() != home.as_str()) {
                notes.push(Text::new(
                    format!("프로필의 리전은 {other}이지만 실습은 {home}에서 합니다. 바꾸려면 --region을 쓰세요."),
                    format!("Your profile's region is {other}, but the lab uses {home}. Pass --region to change that."),
                ));
            }
        }
        let backend = match config.endpoint_url() {
            Some(url) => Backend::Endpoint(url.to_owned()),
            None => Backend::Aws,
        };
        let mut clients = Self::from_config(config, home, peer, keys, recorder);
        if backend == Backend::Aws {
            clients = clients.with_web(super::web::connector());
        }
        Connected { clients, backend, notes }
    }

    fn from_config(config: SdkConfig, home: &str, peer: &str, keys: &Path, recorder: Recorder) -> Self {
        let side = |region: &str| {
            Arc::new(Side {
                region: region.to_owned(),
                config: config.to_builder().region(Region::new(region.to_owned())).build(),
                record: Record(Arc::clone(&recorder)),
                ec2: OnceLock::new(),
                ssm: OnceLock::new(),
                sts: OnceLock::new(),
                autoscaling: OnceLock::new(),
                cloudwatch: OnceLock::new(),
                elbv2: OnceLock::new(),
                iam: OnceLock::new(),
                rds: OnceLock::new(),
                acm: OnceLock::new(),
                route53: OnceLock::new(),
            })
        };
        Self { home: side(home), peer: side(peer), keys: Arc::new(keys.to_owned()), web: None }
    }

    /// The same clients with a way to ask for pages as the learner's own computer would.
    #[must_use]
    pub fn with_web(mut self, web: SharedHttpConnector) -> Self {
        self.web = Some(web);
        self
    }

    /// The same clients with key files under another directory: `<home>/keys/<scope>`, once the scope is known.
    #[must_use]
    pub fn with_keys(mut self, keys: &Path) -> Self {
        self.keys = Arc::new(keys.to_owned());
        self
    }

    /// Where key files are kept.
    pub fn keys(&self) -> &Path {
        &self.keys
    }

    /// The region of a role.
    pub fn region(&self, role: Role) -> &str {
        &self.side(role).region
    }

    /// The role of a region.
    pub fn role(&self, region: &str) -> Option<Role> {
        [Role::Home, Role::Peer].into_iter().find(|role| self.region(*role) == region)
    }

    fn side(&self, role: Role) -> &Side {
        match role {
            Role::Home => &self.home,
            Role::Peer => &self.peer,
        }
    }

    /// EC2 in the region of a role.
    pub fn ec2(&self, role: Role) -> &aws_sdk_ec2::Client {
        let side = self.side(role);
        side.ec2.get_or_init(|| {
            let config = aws_sdk_ec2::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_ec2::Client::from_conf(config)
        })
    }

    /// Systems Manager in the region of a role.
    pub fn ssm(&self, role: Role) -> &aws_sdk_ssm::Client {
        let side = self.side(role);
        side.ssm.get_or_init(|| {
            let config = aws_sdk_ssm::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_ssm::Client::from_conf(config)
        })
    }

    /// Security Token Service in the region of a role.
    pub fn sts(&self, role: Role) -> &aws_sdk_sts::Client {
        let side = self.side(role);
        side.sts.get_or_init(|| {
            let config = aws_sdk_sts::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_sts::Client::from_conf(config)
        })
    }

    /// EC2 Auto Scaling in the region of a role.
    pub fn autoscaling(&self, role: Role) -> &aws_sdk_autoscaling::Client {
        let side = self.side(role);
        side.autoscaling.get_or_init(|| {
            let config =
                aws_sdk_autoscaling::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_autoscaling::Client::from_conf(config)
        })
    }

    /// CloudWatch in the region of a role.
    pub fn cloudwatch(&self, role: Role) -> &aws_sdk_cloudwatch::Client {
        let side = self.side(role);
        side.cloudwatch.get_or_init(|| {
            let config =
                aws_sdk_cloudwatch::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_cloudwatch::Client::from_conf(config)
        })
    }

    /// Elastic Load Balancing in the region of a role.
    pub fn elbv2(&self, role: Role) -> &aws_sdk_elasticloadbalancingv2::Client {
        let side = self.side(role);
        side.elbv2.get_or_init(|| {
            let config = aws_sdk_elasticloadbalancingv2::config::Builder::from(&side.config)
                .interceptor(side.record.clone())
                .build();
            aws_sdk_elasticloadbalancingv2::Client::from_conf(config)
        })
    }

    /// IAM, which is one for all regions, as it is reached in the region of a role.
    pub fn iam(&self, role: Role) -> &aws_sdk_iam::Client {
        let side = self.side(role);
        side.iam.get_or_init(|| {
            let config = aws_sdk_iam::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_iam::Client::from_conf(config)
        })
    }

    /// RDS in the region of a role.
    pub fn rds(&self, role: Role) -> &aws_sdk_rds::Client {
        let side = self.side(role);
        side.rds.get_or_init(|| {
            let config = aws_sdk_rds::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_rds::Client::from_conf(config)
        })
    }

    /// Certificate Manager in the region of a role.
    pub fn acm(&self, role: Role) -> &aws_sdk_acm::Client {
        let side = self.side(role);
        side.acm.get_or_init(|| {
            let config = aws_sdk_acm::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_acm::Client::from_conf(config)
        })
    }

    /// Route 53, which is one for all regions, as it is reached in the region of a role.
    pub fn route53(&self, role: Role) -> &aws_sdk_route53::Client {
        let side = self.side(role);
        side.route53.get_or_init(|| {
            let config = aws_sdk_route53::config::Builder::from(&side.config).interceptor(side.record.clone()).build();
            aws_sdk_route53::Client::from_conf(config)
        })
    }
}

/// Three attempts; the engine retries above that, visibly.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// The SDK has no time limit of its own for a whole operation.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_timeout(Duration::from_secs(30)).build()
}
