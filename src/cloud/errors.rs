//! SDK errors into what a learner can act on.
//!
//! Promises: every failure of an SDK call becomes a [`CallError`] whose [`Problem`] says what happened, why and what to
//! do next, in both languages; the origin names AWS's code and request id. No request parameter gets into a text but
//! what AWS itself says in its message.
//! Leaves to others: whether a code means "done already" or "again" for a particular call (`lab::call::Call`).

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::i18n::Text;
use crate::problem::{Problem, ProblemKind};

use super::CallError;

mod quota;

/// What was asked when an error came.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The IAM prefix of the service: `ec2`.
    pub service: &'a str,
    /// The operation: `CreateVpc`.
    pub operation: &'a str,
    /// The region.
    pub region: &'a str,
}

/// An SDK error with its code and what is shown for it.
pub fn call_error<E>(asked: Asked<'_>, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let SdkError::ServiceError(service) = error {
        let status = service.raw().status().as_u16();
        // What answers nothing but "not found" does not know the operation: AWS always says what it did not find.
        let silent = if status == 404 { "UnknownOperationException" } else { "" };
        let code = service.err().code().filter(|code| !code.is_empty()).unwrap_or(silent).to_owned();
        let message = service.err().message().unwrap_or_default();
        let mut problem = service_problem(asked, &code, message, error.request_id());
        if service.raw().headers().get(ON_REQUEST).is_some() {
            problem = on_request(problem, class(&code, message));
        }
        // A fault inside AWS says nothing about whether the request had its effect; a refusal does.
        let vague =
            matches!(code.as_str(), "" | "InternalError" | "InternalFailure" | "Unavailable" | "ServiceUnavailable");
        return CallError { code, unknown_outcome: status >= 500 && vague, problem };
    }
    let reasons = chain(error);
    if let Some(problem) = credentials_problem(&reasons) {
        return CallError { code: String::new(), unknown_outcome: false, problem };
    }
    let refused = reasons.iter().any(|reason| {
        reason.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused)
    });
    let (problem, unknown_outcome) = match error {
        SdkError::ConstructionFailure(_) => (Problem::internal(innermost(&reasons)), false),
        SdkError::TimeoutError(_) => (network_problem(asked, &reasons, true), true),
        _ => (network_problem(asked, &reasons, false), !refused),
    };
    CallError { code: String::new(), unknown_outcome, problem }
}

/// The header by which the practice cloud says that a refusal was asked for.
const ON_REQUEST: &str = "x-awslab-on-request";

/// What is said of a refusal that a learner has asked for: that it was, and how to end it; not that AWS has an incident.
fn on_request(mut problem: Problem, class: Class) -> Problem {
    let asked_for = matches!(
        class,
        Class::Service
            | Class::Throttled
            | Class::Capacity
            | Class::Quota
            | Class::FreePlan
            | Class::Denied
            | Class::Expired
            | Class::Skew
    );
    if !asked_for {
        return problem;
    }
    problem.title.ko.push_str(" (연습 장애)");
    problem.title.en.push_str(" (a practice fault)");
    if class == Class::Service {
        problem.hints.clear();
    }
    problem.hints.insert(
        0,
        Text::new(
            "`awslab practice faults`로 켜 둔 장애입니다. 끄려면: awslab practice faults off",
            "It was asked for with `awslab practice faults`; to end it: awslab practice faults off",
        ),
    );
    problem
}

/// The same, when only what is shown matters.
pub fn problem<E>(asked: Asked<'_>, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    call_error(asked, error).problem
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source()).collect()
}

fn innermost(reasons: &[&(dyn Error + 'static)]) -> String {
    reasons.last().map(ToString::to_string).unwrap_or_default()
}

fn network_problem(asked: Asked<'_>, reasons: &[&(dyn Error + 'static)], slow: bool) -> Problem {
    let Asked { operation, region, .. } = asked;
    let problem = if slow {
        Problem::new(
            ProblemKind::Network,
            format!("{operation}의 답이 제시간에 오지 않았습니다"),
            format!("{operation} was not answered in time"),
        )
    } else {
        Problem::new(
            ProblemKind::Network,
            format!("{region}의 AWS에 닿지 못했습니다 ({operation})"),
            format!("AWS in {region} could not be reached ({operation})"),
        )
    };
    let why = innermost(reasons);
    problem
        .because(why.clone(), why)
        .hint(
            "인터넷 연결, VPN, 프록시(HTTPS_PROXY)를 확인하세요",
            "Check the internet connection, VPN and proxy (HTTPS_PROXY)",
        )
        .hint(
            "다시 실행하세요. 이미 만들어진 것은 찾아서 이어 갑니다",
            "Run it again: what was already made is found and carried on from",
        )
}

/// Credentials that could not be loaded, or an SSO session that has expired.
fn credentials_problem(reasons: &[&(dyn Error + 'static)]) -> Option<Problem> {
    let found = reasons.iter().find_map(|reason| reason.downcast_ref::<CredentialsError>())?;
    let why = innermost(reasons);
    if matches!(found, CredentialsError::CredentialsNotLoaded(_)) {
        return Some(
            Problem::new(ProblemKind::Credentials, "AWS 자격 증명이 없습니다", "There are no AWS credentials")
                .because(why.clone(), why)
                .hint(
                    "`aws configure sso` 또는 `aws configure`로 프로필을 만드세요",
                    "Make a profile with `aws configure sso` or `aws configure`",
                )
                .hint(
                    "프로필이 있으면 --profile 이름 또는 AWS_PROFILE로 고르세요",
                    "If you have a profile, choose it with --profile NAME or AWS_PROFILE",
                )
                .hint(
                    "계정 없이 연습하려면 --practice로 실행하세요",
                    "To practise without an account, run with --practice",
                ),
        );
    }
    Some(
        Problem::new(
            ProblemKind::Credentials,
            "AWS 자격 증명을 불러오지 못했습니다",
            "The AWS credentials could not be loaded",
        )
        .because(why.clone(), why)
        .hint("SSO를 쓰면 `aws sso login`으로 다시 로그인하세요", "If you use SSO, sign in again with `aws sso login`")
        .hint("~/.aws/config와 ~/.aws/credentials의 내용을 확인하세요", "Check ~/.aws/config and ~/.aws/credentials"),
    )
}

/// What AWS's error codes mean, as far as the next step differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Expired,
    BadKey,
    Skew,
    Denied,
    Verification,
    Subscription,
    FreePlan,
    Quota,
    Capacity,
    Throttled,
    Duplicate,
    InUse,
    NotFound,
    BadInput,
    Unregistered,
    Service,
    NotSimulated,
    /// The practice cloud cannot keep its world.
    Unkept,
    Other,
}

fn class(code: &str, message: &str) -> Class {
    match code {
        "ExpiredToken" | "ExpiredTokenException" => Class::Expired,
        "AuthFailure" | "InvalidClientTokenId" | "UnrecognizedClientException" | "MissingAuthenticationToken" => {
            Class::BadKey
        }
        "RequestExpired" | "RequestTimeTooSkewed" => Class::Skew,
        "SignatureDoesNotMatch" if message.contains("expired") || message.contains("not yet") => Class::Skew,
        "SignatureDoesNotMatch" => Class::BadKey,
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" => Class::Denied,
        "PendingVerification" | "Blocked" | "AccountDisabled" => Class::Verification,
        "OptInRequired" => Class::Subscription,
        "FreeTierRestrictionError" => Class::FreePlan,
        "InvalidParameterCombination" if message.contains("Free Tier") => Class::FreePlan,
        _ if quota::is_named(code) => Class::Quota,
        "StorageQuotaExceeded"
        | "SnapshotQuotaExceeded"
        | "DBSubnetQuotaExceededFault"
        | "LimitExceededException"
        | "TooManyTargets"
        | "TooManyCertificates"
        | "LimitExceeded" => Class::Quota,
        "RequestLimitExceeded"
        | "PriorRequestNotComplete"
        | "ResourceContention"
        | "SnapshotCreationPerVolumeRateExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "EC2ThrottledException"
        | "SlowDown" => Class::Throttled,
        "InsufficientInstanceCapacity"
        | "InsufficientDBInstanceCapacity"
        | "InsufficientAddressCapacity"
        | "InsufficientVolumeCapacity"
        | "Unsupported"
        | "InsufficientFreeAddressesInSubnet"
        | "NotAvailableInZone" => Class::Capacity,
        "InvalidSubnet.Conflict" | "RouteAlreadyExists" | "Resource.AlreadyAssociated" => Class::Duplicate,
        "AlreadyExists"
        | "EntityAlreadyExists"
        | "DuplicateLoadBalancerName"
        | "DuplicateTargetGroupName"
        | "DuplicateListener"
        | "DBInstanceAlreadyExists"
        | "DBSubnetGroupAlreadyExists"
        | "HostedZoneAlreadyExists"
        | "PriorityInUse"
        | "VpcPeeringConnectionAlreadyExists"
        | "InvalidLaunchTemplateName.AlreadyExistsException" => Class::Duplicate,
        "ResourceInUse"
        | "ResourceInUseException"
        | "InvalidDBInstanceState"
        | "InvalidDBSubnetGroupStateFault"
        | "ScalingActivityInProgress"
        | "HostedZoneNotEmpty"
        | "IncorrectModificationState"
        | "VolumeInUse"
        | "DeleteConflict" => Class::InUse,
        "DependencyViolation" | "CannotDelete" | "OperationNotPermitted" | "IncorrectInstanceState" => Class::InUse,
        "NatGatewayNotFound" | "Gateway.NotAttached" | "ParameterNotFound" => Class::NotFound,
        "LoadBalancerNotFound"
        | "TargetGroupNotFound"
        | "ListenerNotFound"
        | "CertificateNotFound"
        | "DBInstanceNotFound"
        | "DBSubnetGroupNotFoundFault"
        | "NoSuchHostedZone"
        | "ResourceNotFoundException"
        | "NoSuchEntity"
        | "InvocationDoesNotExist"
        | "InvalidCommandId"
        | "InvalidLaunchTemplateName.NotFoundException" => Class::NotFound,
        // Auto Scaling has no code of its own for a group that is not there.
        "ValidationError" if message.contains("not found") => Class::NotFound,
        // Systems Manager's word for an instance that its agent has not registered.
        "InvalidInstanceId" => Class::Unregistered,
        "InternalError" | "InternalFailure" | "Unavailable" | "ServiceUnavailable" => Class::Service,
        "MissingParameter"
        | "InvalidSubnet.Range"
        | "InvalidVpcRange"
        | "InvalidVpc.Range"
        | "ValidationError"
        | "ValidationException"
        | "InvalidChangeBatch"
        | "InvalidConfigurationRequest"
        | "InvalidDomainName"
        | "InvalidInput"
        | "InvalidStateTransition"
        | "InvalidVPCNetworkStateFault"
        | "DBSubnetGroupDoesNotCoverEnoughAZs" => Class::BadInput,
        "PracticeStorageError" => Class::Unkept,
        // The practice cloud's own code; an operation that it lacks answers with AWS's for an unknown action.
        "NotSimulated" | "InvalidAction" | "UnknownOperationException" => Class::NotSimulated,
        _ if code.ends_with(".Duplicate") => Class::Duplicate,
        _ if code.ends_with("LimitExceeded") => Class::Quota,
        _ if code.ends_with(".InUse") => Class::InUse,
        _ if code.ends_with(".NotFound") => Class::NotFound,
        _ if code.ends_with(".Malformed") || code.starts_with("InvalidParameter") => Class::BadInput,
        _ => Class::Other,
    }
}

fn service_problem(asked: Asked<'_>, code: &str, message: &str, request: Option<&str>) -> Problem {
    let Asked { service, operation, region } = asked;
    let action = format!("{service}:{operation}");
    let problem = match class(code, message) {
        Class::Expired => Problem::new(ProblemKind::Credentials, "AWS 로그인이 만료되었습니다", "The AWS session has expired")
            .hint("`aws sso login`으로 다시 로그인하거나 새 임시 자격 증명을 받으세요", "Sign in again with `aws sso login`, or get new temporary credentials")
            .hint("그 다음 다시 실행하면 이어서 진행합니다", "Then run again: it carries on from here"),
        Class::BadKey => Problem::new(ProblemKind::Credentials, "AWS가 이 자격 증명을 받아들이지 않습니다", "AWS does not accept these credentials")
            .hint("`aws sts get-caller-identity`로 프로필을 확인하세요", "Check the profile with `aws sts get-caller-identity`")
            .hint("액세스 키가 삭제되거나 비활성화되지 않았는지 확인하세요", "See whether the access key was deleted or made inactive")
            .hint("컴퓨터 시계가 5분 이상 틀리면 서명이 거부됩니다", "A clock that is more than five minutes wrong makes signatures invalid"),
        Class::Skew => Problem::new(ProblemKind::Credentials, "컴퓨터의 시계가 맞지 않습니다", "This computer's clock is wrong")
            .hint("시간 자동 설정(NTP)을 켠 뒤 다시 실행하세요", "Turn on automatic time (NTP), then run again"),
        Class::Denied => Problem::new(
            ProblemKind::Denied,
            format!("{action} 권한이 없습니다"),
            format!("You are not allowed to do {action}"),
        )
        .hint(
            format!("IAM 사용자나 역할에 {action} 작업을 허용하세요. `awslab policy 대상`이 필요한 정책을 보여 줍니다"),
            format!("Allow {action} for your IAM user or role; `awslab policy TARGET` prints the policy that is needed"),
        )
        .hint(
            "\"explicit deny\"가 보이면 조직 정책(SCP)이나 거부 규칙이 막는 것이니 관리자에게 문의하세요",
            "If the message says \"explicit deny\", an organisation policy or a deny rule stops it: ask your administrator",
        ),
        Class::Verification => Problem::new(ProblemKind::AccountNotReady, "AWS 계정이 아직 준비되지 않았습니다", "The AWS account is not ready yet")
            .hint("새 계정은 확인에 몇 분에서 24시간이 걸립니다. 메일을 확인하세요", "A new account is verified within minutes to 24 hours; look at your mail")
            .hint("https://console.aws.amazon.com/support 에서 계정 상태를 확인하세요", "See the account's state at https://console.aws.amazon.com/support"),
        Class::Subscription => Problem::new(ProblemKind::AccountNotReady, "먼저 구독이나 사용 동의가 필요합니다", "A subscription or opt-in is needed first")
            .hint("메시지의 주소를 열어 직접 동의한 뒤 다시 실행하세요", "Open the address in the message, accept there, then run again"),
        Class::FreePlan => Problem::new(ProblemKind::FreePlan, "무료 플랜에서는 쓸 수 없는 설정입니다", "The Free plan refuses this setting")
            .hint("t3.micro처럼 무료 플랜에 포함된 유형을 쓰세요", "Use a type that the Free plan includes, such as t3.micro")
            .hint("또는 계정을 유료 플랜으로 바꾸세요", "Or upgrade the account to the Paid plan"),
        Class::Quota => quota::problem(code, region),
        Class::Capacity => Problem::new(ProblemKind::Capacity, "AWS에 지금 이곳에 남은 용량이 없습니다", "AWS has no capacity for this here now")
            .hint("몇 분 뒤 다시 실행하세요", "Run again in a few minutes")
            .hint("계속되면 다른 인스턴스 유형이나 가용 영역을 고르세요", "If it goes on, choose another instance type or Availability Zone"),
        Class::Throttled => Problem::new(ProblemKind::Throttled, "AWS가 요청을 천천히 보내라고 합니다", "AWS asks to slow down")
            .hint("잠시 뒤 다시 실행하세요. 같은 계정의 다른 도구가 요청을 많이 보내는지도 보세요", "Run again in a moment; see whether another tool floods the same account"),
        Class::Duplicate => Problem::new(ProblemKind::Duplicate, "같은 것이 이미 있습니다", "Something like it exists already")
            .hint("`awslab check 대상`으로 무엇이 다른지 확인하세요", "See what differs with `awslab check TARGET`")
            .hint("실습의 것이 아니면 이름을 바꾸거나 지운 뒤 다시 실행하세요", "If it is not the lab's, rename or delete it, then run again"),
        Class::InUse => Problem::new(ProblemKind::InUse, "다른 리소스가 쓰고 있습니다", "Something else is still using it")
            .hint("`awslab cleanup --dry-run`이 무엇이 막는지 보여 줍니다", "`awslab cleanup --dry-run` shows what blocks it")
            .hint("지워지는 중인 것이라면 몇 분 뒤 저절로 풀립니다", "If that is being deleted, it passes by itself within minutes"),
        Class::NotFound => Problem::new(ProblemKind::NotFound, "찾는 리소스가 없습니다", "The resource is not there")
            .hint("`awslab check 대상`으로 무엇이 없어졌는지 확인하세요", "See what has gone with `awslab check TARGET`")
            .hint("다시 실행하면 없어진 것을 다시 만듭니다", "Running again makes what is missing"),
        Class::Unregistered => Problem::new(
            ProblemKind::NotFound,
            "이 인스턴스는 Systems Manager에 등록되어 있지 않습니다",
            "Systems Manager does not know this instance",
        )
        .hint(
            "인스턴스 프로파일에 AmazonSSMManagedInstanceCore 정책이 있는지, NAT 게이트웨이로 나갈 수 있는지 보세요",
            "See that its instance profile has AmazonSSMManagedInstanceCore, and that it gets out through the NAT gateway",
        )
        .hint(
            "켜진 지 얼마 안 되었다면 1-2분 뒤에 다시 실행하세요",
            "If it has just started, run again in one or two minutes",
        ),
        Class::BadInput => Problem::new(
            ProblemKind::BadInput,
            format!("AWS가 {operation}의 값을 거부했습니다"),
            format!("AWS refused a value of {operation}"),
        )
        .hint("AWS의 메시지가 어느 값인지 알려 줍니다. --labs로 쓴 강의 파일이면 그 값을 고치세요", "AWS's message names the value; if you use --labs, correct it in the course file"),
        Class::Service => Problem::new(ProblemKind::Network, "AWS 쪽의 오류입니다", "A fault on AWS's side")
            .hint("잠시 뒤 다시 실행하세요", "Run again in a moment")
            .hint("https://health.aws.amazon.com 에서 장애가 있는지 확인하세요", "See https://health.aws.amazon.com for an incident"),
        Class::NotSimulated => Problem::new(
            ProblemKind::NotSimulated,
            format!("이 클라우드가 흉내 내지 않는 작업입니다: {operation}"),
            format!("This cloud does not simulate {operation}"),
        )
        .hint("AWS에서는 됩니다. --aws로 실행해 보세요", "It works on AWS: try it with --aws"),
        Class::Unkept => Problem::new(
            ProblemKind::Store,
            "연습 클라우드가 더는 적어 둘 수 없습니다",
            "The practice cloud can write nothing more down",
        )
        .hint(
            "디스크가 가득 찼다면 공간을 비우고 다시 실행하세요. 적어 둔 것은 그대로 있고, 거기서 이어서 합니다",
            "If the disk is full, free some space and run again: what was written down is intact, and it goes on from there",
        )
        .hint("`awslab doctor`가 상태 폴더를 살펴봅니다", "`awslab doctor` looks at the state folder"),
        Class::Other => Problem::new(
            ProblemKind::BadInput,
            format!("{operation} 호출이 실패했습니다: {code}"),
            format!("{operation} failed: {code}"),
        )
        .hint("AWS의 메시지를 읽고 고친 뒤 다시 실행하세요", "Read AWS's message, fix the cause, then run again"),
    };
    let source = match request {
        Some(id) => format!("{action} {region}: {code}, request {id}"),
        None => format!("{action} {region}: {code}"),
    };
    problem.because(message, message).from(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    const ASKED: Asked<'_> = Asked { service: "ec2", operation: "CreateVpc", region: "ap-northeast-2" };

    fn of(code: &str, message: &str) -> Problem {
        service_problem(ASKED, code, message, Some("req-1"))
    }

    #[test]
    fn each_class_has_its_kind() {
        for (code, message, kind) in [
            ("ExpiredToken", "", ProblemKind::Credentials),
            ("AuthFailure", "", ProblemKind::Credentials),
            ("RequestExpired", "", ProblemKind::Credentials),
            ("UnauthorizedOperation", "", ProblemKind::Denied),
            ("PendingVerification", "", ProblemKind::AccountNotReady),
            ("OptInRequired", "", ProblemKind::AccountNotReady),
            ("InvalidParameterCombination", "is not eligible for Free Tier", ProblemKind::FreePlan),
            ("InvalidParameterCombination", "network interfaces and subnet", ProblemKind::BadInput),
            ("AddressLimitExceeded", "", ProblemKind::Quota),
            ("InsufficientInstanceCapacity", "", ProblemKind::Capacity),
            ("RequestLimitExceeded", "", ProblemKind::Throttled),
            ("InvalidGroup.Duplicate", "", ProblemKind::Duplicate),
            ("DependencyViolation", "", ProblemKind::InUse),
            ("InvalidIPAddress.InUse", "", ProblemKind::InUse),
            ("InvalidVpcID.NotFound", "", ProblemKind::NotFound),
            ("InvalidAMIID.Malformed", "", ProblemKind::BadInput),
            ("InternalError", "", ProblemKind::Network),
            ("NotSimulated", "", ProblemKind::NotSimulated),
            ("TooManyLoadBalancers", "", ProblemKind::Quota),
            ("AlreadyExists", "", ProblemKind::Duplicate),
            ("EntityAlreadyExists", "", ProblemKind::Duplicate),
            ("ResourceInUse", "", ProblemKind::InUse),
            ("TargetGroupNotFound", "", ProblemKind::NotFound),
            ("ValidationError", "AutoScalingGroup name not found", ProblemKind::NotFound),
            ("ValidationError", "Desired capacity:2 must be between", ProblemKind::BadInput),
            ("ResourceContention", "", ProblemKind::Throttled),
            ("InvalidInstanceId", "", ProblemKind::NotFound),
            ("TooManyHostedZones", "", ProblemKind::Quota),
            ("TooManyRules", "", ProblemKind::Quota),
            ("SnapshotLimitExceeded", "", ProblemKind::Quota),
            ("HostedZoneNotEmpty", "", ProblemKind::InUse),
            ("HostedZoneAlreadyExists", "", ProblemKind::Duplicate),
            ("VpcPeeringConnectionAlreadyExists", "", ProblemKind::Duplicate),
            ("InvalidStateTransition", "", ProblemKind::BadInput),
            ("InvalidConfigurationRequest", "", ProblemKind::BadInput),
        ] {
            assert_eq!(of(code, message).kind, kind, "{code}");
        }
    }

    #[test]
    fn every_problem_names_a_next_step_in_both_languages() {
        for code in
            ["ExpiredToken", "AccessDenied", "VpcLimitExceeded", "KeyPairLimitExceeded", "Weird", "DependencyViolation"]
        {
            let problem = of(code, "because");
            assert!(!problem.hints.is_empty(), "{code}");
            for text in problem.hints.iter().chain([&problem.title]) {
                assert!(!text.ko.is_empty() && !text.en.is_empty(), "{code}");
            }
        }
    }

    #[test]
    fn denied_names_the_action_and_quota_its_code() {
        assert!(of("UnauthorizedOperation", "").title.en.contains("ec2:CreateVpc"));
        assert!(of("AddressLimitExceeded", "").render(Lang::En).contains("L-0263D0A3"));
        assert!(of("AddressLimitExceeded", "").render(Lang::Ko).contains("탄력적 IP"));
        assert!(of("InstanceQuotaExceeded", "").render(Lang::En).contains("L-7B6409FD"));
        assert!(!of("KeyPairLimitExceeded", "").render(Lang::En).contains("Service Quotas"));
    }

    #[test]
    fn a_fault_that_was_asked_for_is_not_told_as_an_incident() {
        let of = |code: &str| on_request(of(code, "because"), class(code, ""));
        let service = of("InternalError").render(Lang::En);
        assert!(service.contains("awslab practice faults off") && !service.contains("health.aws"), "{service}");
        let denied = of("UnauthorizedOperation");
        assert!(denied.hints[0].ko.contains("awslab practice faults off") && denied.hints.len() > 1);
        assert!(!of("InvalidParameterValue").render(Lang::En).contains("practice faults"));
    }

    #[test]
    fn the_origin_has_code_and_request() {
        assert_eq!(
            of("VpcLimitExceeded", "").source.as_deref(),
            Some("ec2:CreateVpc ap-northeast-2: VpcLimitExceeded, request req-1")
        );
    }
}
