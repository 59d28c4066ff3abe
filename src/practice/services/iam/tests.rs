//! Roles and instance profiles by their operations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::practice::services::testing;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

struct Bench(World);

impl Bench {
    fn call(&mut self, operation: &str, pairs: &[(&str, &str)]) -> Result<String, ApiError> {
        testing::call(&mut self.0, handle, ("us-east-1", operation), pairs)
    }

    fn code(&mut self, operation: &str, pairs: &[(&str, &str)]) -> (String, u16) {
        let error = self.call(operation, pairs).expect_err("an error");
        (error.code, error.status)
    }
}

#[test]
fn a_profile_from_its_making_to_its_end() {
    let mut bench = Bench(World::new(1, "100000000001", 1_790_000_000_000));
    let (role, profile) = (("RoleName", "my-lab-ssm-role"), ("InstanceProfileName", "my-lab-ssm-profile"));
    let policy = ("PolicyArn", crate::practice::world::iam::SSM_CORE);
    bench
        .call(
            "CreateRole",
            &[
                role,
                ("AssumeRolePolicyDocument", TRUST),
                ("Tags.member.1.Key", "Project"),
                ("Tags.member.1.Value", "aws-lab"),
            ],
        )
        .unwrap();
    let shown = bench.call("GetRole", &[role]).unwrap();
    assert!(shown.contains("%22ec2.amazonaws.com%22") && shown.contains("<Key>Project</Key>"), "{shown}");
    assert_eq!(
        bench.code("CreateRole", &[role, ("AssumeRolePolicyDocument", TRUST)]),
        ("EntityAlreadyExists".into(), 409)
    );
    bench.call("AttachRolePolicy", &[role, policy]).unwrap();
    assert!(bench.call("ListAttachedRolePolicies", &[role]).unwrap().contains("AmazonSSMManagedInstanceCore"));
    let shown = bench.call("GetPolicy", &[policy]).unwrap();
    assert!(shown.contains("<AttachmentCount>1</AttachmentCount>"), "{shown}");
    assert_eq!(bench.code("GetPolicy", &[("PolicyArn", "arn:aws:iam::100000000001:policy/x")]).0, "NoSuchEntity");
    assert_eq!(
        bench.code("AttachRolePolicy", &[role, ("PolicyArn", "arn:aws:iam::aws:policy/Nope")]).0,
        "NotSimulated"
    );
    assert_eq!(
        bench.code("AttachRolePolicy", &[role, ("PolicyArn", "arn:aws:iam::100000000001:policy/x")]).0,
        "NoSuchEntity"
    );
    bench.call("CreateInstanceProfile", &[profile]).unwrap();
    bench.call("AddRoleToInstanceProfile", &[profile, role]).unwrap();
    assert_eq!(bench.code("AddRoleToInstanceProfile", &[profile, role]), ("LimitExceeded".into(), 409));
    assert!(bench.call("GetInstanceProfile", &[profile]).unwrap().contains("<RoleName>my-lab-ssm-role</RoleName>"));
    assert!(bench.call("ListInstanceProfilesForRole", &[role]).unwrap().contains("my-lab-ssm-profile"));
    assert_eq!(bench.code("DeleteRole", &[role]), ("DeleteConflict".into(), 409));
    assert_eq!(bench.code("DeleteInstanceProfile", &[profile]), ("DeleteConflict".into(), 409));
    bench.call("RemoveRoleFromInstanceProfile", &[profile, role]).unwrap();
    assert_eq!(bench.code("RemoveRoleFromInstanceProfile", &[profile, role]), ("NoSuchEntity".into(), 404));
    bench.call("DeleteInstanceProfile", &[profile]).unwrap();
    assert_eq!(bench.code("DeleteRole", &[role]).0, "DeleteConflict");
    bench.call("DetachRolePolicy", &[role, policy]).unwrap();
    bench.call("DeleteRole", &[role]).unwrap();
    assert_eq!(bench.code("GetRole", &[role]), ("NoSuchEntity".into(), 404));
    assert_eq!(bench.code("GetInstanceProfile", &[profile]), ("NoSuchEntity".into(), 404));
}

#[test]
fn trust_policies_are_checked() {
    let mut bench = Bench(World::new(1, "100000000001", 1_790_000_000_000));
    for wrong in ["{", "{}", r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#] {
        let pairs = [("RoleName", "r"), ("AssumeRolePolicyDocument", wrong)];
        assert_eq!(bench.code("CreateRole", &pairs).0, "MalformedPolicyDocument", "{wrong}");
    }
    assert_eq!(
        bench.code("CreateRole", &[("RoleName", "r r"), ("AssumeRolePolicyDocument", TRUST)]).0,
        "ValidationError"
    );
}

#[test]
fn lists_come_in_pages() {
    let mut bench = Bench(World::new(1, "100000000001", 1_790_000_000_000));
    for name in ["a", "b", "c"] {
        bench.call("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).unwrap();
    }
    let first = bench.call("ListRoles", &[("MaxItems", "2")]).unwrap();
    assert!(first.contains("<IsTruncated>true</IsTruncated><Marker>b</Marker>"), "{first}");
    let rest = bench.call("ListRoles", &[("MaxItems", "2"), ("Marker", "b")]).unwrap();
    assert!(rest.contains("<RoleName>c</RoleName>") && rest.contains("<IsTruncated>false"), "{rest}");
}

#[test]
fn service_linked_roles_exist_once() {
    let mut bench = Bench(World::new(1, "100000000001", 1_790_000_000_000));
    let pairs = [("AWSServiceName", "autoscaling.amazonaws.com")];
    assert!(bench.call("CreateServiceLinkedRole", &pairs).unwrap().contains("AWSServiceRoleForAutoScaling"));
    assert_eq!(bench.code("CreateServiceLinkedRole", &pairs), ("InvalidInput".into(), 400));
    assert_eq!(bench.code("DeleteRole", &[("RoleName", "AWSServiceRoleForAutoScaling")]).0, "UnmodifiableEntity");
}
