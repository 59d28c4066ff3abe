//! The real SDK clients on the in-process connector.

use std::time::{Duration, Instant};

use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sts::error::ProvideErrorMetadata;
use awslab::practice::faults::Faults;
use awslab::practice::{Cloud, connector};

use super::fixed;

fn sts(cloud: &Cloud, retries: u32, read_timeout: Option<Duration>) -> aws_sdk_sts::Client {
    let mut timeouts = TimeoutConfig::builder();
    timeouts.set_read_timeout(read_timeout);
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-2"))
        .credentials_provider(Credentials::for_tests())
        .http_client(connector::http_client(cloud.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(retries))
        .timeout_config(timeouts.build())
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

async fn code(client: &aws_sdk_sts::Client) -> String {
    client.get_caller_identity().send().await.unwrap_err().code().unwrap_or("none").to_string()
}

#[tokio::test]
async fn knows_the_caller() {
    let cloud = Cloud::in_memory(fixed()).unwrap();
    let identity = sts(&cloud, 1, None).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("100000000001"));
    assert_eq!(identity.arn(), Some("arn:aws:iam::100000000001:user/learner"));
}

#[tokio::test(start_paused = true)]
async fn faults_reach_the_sdk() {
    let cloud = Cloud::in_memory(fixed()).unwrap();
    cloud.set_faults(Faults { expired: true, ..Faults::default() }).unwrap();
    assert_eq!(code(&sts(&cloud, 1, None)).await, "ExpiredToken");
    cloud.set_faults(Faults { throttle: 1.0, ..Faults::default() }).unwrap();
    assert_eq!(code(&sts(&cloud, 3, None)).await, "Throttling");
    // Half of the requests throttled: with the SDK's retries most calls succeed.
    cloud.set_faults(Faults { throttle: 0.5, ..Faults::default() }).unwrap();
    let client = sts(&cloud, 8, None);
    for _ in 0..5 {
        client.get_caller_identity().send().await.unwrap();
    }
    cloud.set_faults(Faults { error: 1.0, ..Faults::default() }).unwrap();
    assert_eq!(code(&sts(&cloud, 1, None)).await, "InternalFailure");
    cloud.set_faults(Faults::default()).unwrap();
    client.get_caller_identity().send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn slow_and_lost_answers_meet_the_read_timeout() {
    let cloud = Cloud::in_memory(fixed()).unwrap();
    cloud.set_faults(Faults { latency_ms: 2_000, ..Faults::default() }).unwrap();
    let started = tokio::time::Instant::now();
    sts(&cloud, 1, Some(Duration::from_secs(3))).get_caller_identity().send().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(2));
    let error = sts(&cloud, 1, Some(Duration::from_secs(1))).get_caller_identity().send().await.unwrap_err();
    assert!(format!("{error:?}").to_lowercase().contains("timeout"), "{error:?}");

    cloud.set_faults(Faults { lose: 1.0, ..Faults::default() }).unwrap();
    let started = tokio::time::Instant::now();
    let error = sts(&cloud, 1, Some(Duration::from_secs(20))).get_caller_identity().send().await.unwrap_err();
    assert!(format!("{error:?}").to_lowercase().contains("timeout"), "{error:?}");
    assert!(started.elapsed() >= Duration::from_secs(20));
    let real = Instant::now();
    let error = sts(&cloud, 1, None).get_caller_identity().send().await.unwrap_err();
    assert!(format!("{error:?}").contains("connection closed"), "{error:?}");
    assert!(real.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn names_the_amazon_linux_images() {
    const DEFAULT: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let cloud = Cloud::in_memory(fixed()).unwrap();
    let client = |region: &'static str| {
        let config = aws_sdk_ssm::Config::builder()
            .behavior_version(aws_sdk_ssm::config::BehaviorVersion::latest())
            .region(aws_sdk_ssm::config::Region::new(region))
            .credentials_provider(Credentials::for_tests())
            .http_client(connector::http_client(cloud.clone()))
            .build();
        aws_sdk_ssm::Client::from_conf(config)
    };
    let seoul = client("ap-northeast-2").get_parameter().name(DEFAULT).send().await.unwrap().parameter.unwrap();
    assert!(seoul.value().unwrap().starts_with("ami-"));
    assert_eq!(seoul.last_modified_date().unwrap().to_string(), "2026-10-27T01:12:31Z");
    let tokyo = client("ap-northeast-1").get_parameter().name(DEFAULT).send().await.unwrap().parameter.unwrap();
    assert_ne!(tokyo.value(), seoul.value());
    let error = client("ap-northeast-2").get_parameter().name("/mine").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_parameter_not_found(), "{error:?}");
    let both = client("ap-northeast-2").get_parameters().names(DEFAULT).names("/mine").send().await.unwrap();
    assert_eq!((both.parameters().len(), both.invalid_parameters()), (1, &["/mine".to_string()][..]));
    let error = client("ap-northeast-2").delete_parameter().name("/mine").send().await.unwrap_err();
    assert_eq!(error.code(), Some("NotSimulated"));
}
