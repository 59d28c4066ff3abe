//! The quotas of AWS that the course can meet, and what is said when one is reached.

use crate::problem::{Problem, ProblemKind};

/// A quota of AWS that the course can meet.
struct Quota {
    /// The error that says that it is reached.
    error: &'static str,
    /// Its code in Service Quotas; empty when it has none.
    code: &'static str,
    /// What it counts, in both languages.
    ko: &'static str,
    en: &'static str,
}

const fn quota(error: &'static str, code: &'static str, ko: &'static str, en: &'static str) -> Quota {
    Quota { error, code, ko, en }
}

const VCPUS: (&str, &str) =
    ("온디맨드 Standard 인스턴스의 vCPU(새 계정은 5)", "vCPUs of On-Demand Standard instances (5 in new accounts)");

const QUOTAS: &[Quota] = &[
    quota(
        "VpcLimitExceeded",
        "L-F678F1CE",
        "리전당 VPC(기본 5, 기본 VPC 포함)",
        "VPCs per Region (default 5, the default VPC included)",
    ),
    quota("SubnetLimitExceeded", "L-407747CB", "VPC당 서브넷(기본 200)", "subnets per VPC (default 200)"),
    quota(
        "InternetGatewayLimitExceeded",
        "L-A4707A72",
        "리전당 인터넷 게이트웨이(기본 5)",
        "internet gateways per Region (default 5)",
    ),
    quota(
        "NatGatewayLimitExceeded",
        "L-FE5A380F",
        "가용 영역당 NAT 게이트웨이(기본 5)",
        "NAT gateways per Availability Zone (default 5)",
    ),
    quota(
        "RouteTableLimitExceeded",
        "L-589F43AA",
        "VPC당 라우팅 테이블(기본 200)",
        "route tables per VPC (default 200)",
    ),
    quota("RouteLimitExceeded", "L-93826ACB", "라우팅 테이블당 경로(기본 50)", "routes per route table (default 50)"),
    quota(
        "NetworkAclLimitExceeded",
        "L-B4A6D682",
        "VPC당 네트워크 ACL(기본 200)",
        "network ACLs per VPC (default 200)",
    ),
    quota(
        "SecurityGroupLimitExceeded",
        "L-E79EC296",
        "리전당 보안 그룹(기본 2500)",
        "security groups per Region (default 2500)",
    ),
    quota(
        "RulesPerSecurityGroupLimitExceeded",
        "L-0EA8095F",
        "보안 그룹당 규칙(기본 60)",
        "rules per security group (default 60)",
    ),
    quota(
        "SecurityGroupsPerInterfaceLimitExceeded",
        "L-2AFB9258",
        "네트워크 인터페이스당 보안 그룹(기본 5)",
        "security groups per network interface (default 5)",
    ),
    quota(
        "NetworkInterfaceLimitExceeded",
        "L-DF5E4CA3",
        "리전당 네트워크 인터페이스(기본 5000)",
        "network interfaces per Region (default 5000)",
    ),
    quota("AddressLimitExceeded", "L-0263D0A3", "리전당 탄력적 IP(기본 5)", "Elastic IPs per Region (default 5)"),
    quota("VcpuLimitExceeded", "L-1216C47A", VCPUS.0, VCPUS.1),
    quota("InstanceLimitExceeded", "L-1216C47A", VCPUS.0, VCPUS.1),
    quota("KeyPairLimitExceeded", "", "리전당 키 페어(기본 5000)", "key pairs per Region (default 5000)"),
    quota(
        "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
        "L-7E9ECCDB",
        "VPC당 활성 피어링 연결(기본 50)",
        "active peering connections per VPC (default 50)",
    ),
    quota(
        "OutstandingVpcPeeringConnectionLimitExceeded",
        "L-DC9F7029",
        "수락을 기다리는 피어링 요청(기본 25)",
        "peering requests that wait for an answer (default 25)",
    ),
    quota(
        "MaxTemplateLimitExceeded",
        "",
        "리전당 시작 템플릿(기본 5000)",
        "launch templates per Region (default 5000)",
    ),
    quota(
        "TooManyLoadBalancers",
        "L-53DA6B97",
        "리전당 Application Load Balancer(기본 50)",
        "Application Load Balancers per Region (default 50)",
    ),
    quota(
        "TooManyTargetGroups",
        "L-B22855CB",
        "리전당 대상 그룹(기본 3000)",
        "target groups per Region (default 3000)",
    ),
    quota(
        "TooManyListeners",
        "L-B6DF7632",
        "로드 밸런서당 리스너(기본 50)",
        "listeners per load balancer (default 50)",
    ),
    quota("TooManyRules", "L-7EED9B64", "로드 밸런서당 규칙(기본 100)", "rules per load balancer (default 100)"),
    quota("InstanceQuotaExceeded", "L-7B6409FD", "리전당 DB 인스턴스(기본 40)", "DB instances per Region (default 40)"),
    quota(
        "DBSubnetGroupQuotaExceeded",
        "L-48C6BF61",
        "리전당 DB 서브넷 그룹(기본 50)",
        "DB subnet groups per Region (default 50)",
    ),
    quota("TooManyHostedZones", "L-4EA4796A", "계정당 호스팅 영역(기본 500)", "hosted zones per account (default 500)"),
];

/// What is shown for an error that says that a quota is reached.
pub(super) fn problem(code: &str, region: &str) -> Problem {
    let known = QUOTAS.iter().find(|quota| quota.error == code);
    let (quota, ko, en) = known.map_or(("", code, code), |quota| (quota.code, quota.ko, quota.en));
    let problem =
        Problem::new(ProblemKind::Quota, format!("할당량에 닿았습니다: {ko}"), format!("A quota is reached: {en}"))
            .hint(format!("{region}에서 쓰지 않는 것을 지우세요"), format!("Delete what you do not use in {region}"));
    if quota.is_empty() {
        return problem;
    }
    problem.hint(
        format!("또는 Service Quotas 콘솔에서 {quota} 증가를 요청하세요"),
        format!("Or ask for more of {quota} in the Service Quotas console"),
    )
}

/// Is it the error of a quota that is named here?
pub(super) fn is_named(code: &str) -> bool {
    QUOTAS.iter().any(|quota| quota.error == code)
}
