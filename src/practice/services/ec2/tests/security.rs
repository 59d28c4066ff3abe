//! Security groups and key pairs.

use super::*;

fn group(bench: &mut Bench, vpc: &str, name: &str) -> String {
    let answer =
        bench.ok("CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", "A group"), ("VpcId", vpc)]);
    pick(&answer, "groupId")
}

fn ssh_from<'a>(group: &'a str, cidr: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "22"),
        ("IpPermissions.1.ToPort", "22"),
        ("IpPermissions.1.IpRanges.1.CidrIp", cidr),
    ]
}

fn ssh_from_group<'a>(group: &'a str, source: &'a str) -> [(&'a str, &'a str); 5] {
    let mut pairs = ssh_from(group, source);
    pairs[4].0 = "IpPermissions.1.Groups.1.GroupId";
    pairs
}

#[test]
fn names_are_unique_in_a_vpc_whatever_their_case() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    group(&mut bench, &vpc, "my-sg");
    let again = [("GroupName", "MY-SG"), ("GroupDescription", "x"), ("VpcId", vpc.as_str())];
    let error = bench.error("CreateSecurityGroup", &again);
    assert_eq!(error.code, "InvalidGroup.Duplicate");
    assert_eq!(error.message, format!("The security group 'MY-SG' already exists for VPC '{vpc}'"));
    for (name, description) in [("sg-mine", "x"), ("default", "x"), ("ok", "설명")] {
        let pairs = [("GroupName", name), ("GroupDescription", description), ("VpcId", vpc.as_str())];
        assert_eq!(bench.code("CreateSecurityGroup", &pairs), "InvalidParameterValue", "{name}");
    }
    assert_eq!(bench.code("CreateSecurityGroup", &[("GroupName", "x"), ("VpcId", &vpc)]), "MissingParameter");
}

#[test]
fn rules_are_added_once_found_and_revoked() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let id = group(&mut bench, &vpc, "bastion");
    let rule = ssh_from(&id, "203.0.113.7/32");
    let answer = bench.ok("AuthorizeSecurityGroupIngress", &rule);
    let rule_id = pick(&answer, "securityGroupRuleId");
    let error = bench.error("AuthorizeSecurityGroupIngress", &rule);
    assert_eq!(error.code, "InvalidPermission.Duplicate");
    assert_eq!(
        error.message,
        "the specified rule \"peer: 203.0.113.7/32, TCP, from port: 22, to port: 22, ALLOW\" already exists"
    );
    let rules = bench.ok("DescribeSecurityGroupRules", &[("Filter.1.Name", "group-id"), ("Filter.1.Value.1", &id)]);
    let mut egress = all(&rules, "isEgress");
    egress.sort();
    assert_eq!(egress, ["false", "true"]);
    let shown = bench.ok("DescribeSecurityGroups", &[("GroupId.1", &id)]);
    assert_eq!(all(&shown, "cidrIp"), ["203.0.113.7/32", "0.0.0.0/0"]);
    assert_eq!(pick(&shown, "fromPort"), "22");
    bench.ok(
        "UpdateSecurityGroupRuleDescriptionsIngress",
        &[
            ("GroupId", &id),
            ("SecurityGroupRuleDescription.1.SecurityGroupRuleId", &rule_id),
            ("SecurityGroupRuleDescription.1.Description", "lab:my-ip"),
        ],
    );
    bench.ok(
        "ModifySecurityGroupRules",
        &[
            ("GroupId", &id),
            ("SecurityGroupRule.1.SecurityGroupRuleId", &rule_id),
            ("SecurityGroupRule.1.SecurityGroupRule.IpProtocol", "tcp"),
            ("SecurityGroupRule.1.SecurityGroupRule.FromPort", "22"),
            ("SecurityGroupRule.1.SecurityGroupRule.ToPort", "22"),
            ("SecurityGroupRule.1.SecurityGroupRule.CidrIpv4", "203.0.113.8/32"),
            ("SecurityGroupRule.1.SecurityGroupRule.Description", "lab:my-ip"),
        ],
    );
    let one = bench.ok("DescribeSecurityGroupRules", &[("SecurityGroupRuleId.1", &rule_id)]);
    assert_eq!((pick(&one, "cidrIpv4"), pick(&one, "description")), ("203.0.113.8/32".into(), "lab:my-ip".into()));
    assert_eq!(bench.code("RevokeSecurityGroupIngress", &rule), "InvalidPermission.NotFound");
    bench.ok("RevokeSecurityGroupIngress", &[("GroupId", &id), ("SecurityGroupRuleId.1", &rule_id)]);
    assert_eq!(
        bench.code("RevokeSecurityGroupIngress", &[("GroupId", &id), ("SecurityGroupRuleId.1", &rule_id)]),
        "InvalidSecurityGroupRuleId.NotFound"
    );
    let all_out = [
        ("GroupId", id.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ];
    bench.ok("RevokeSecurityGroupEgress", &all_out);
    bench.ok("AuthorizeSecurityGroupEgress", &all_out);
    let flat = [
        ("GroupId", id.as_str()),
        ("IpProtocol", "tcp"),
        ("FromPort", "80"),
        ("ToPort", "80"),
        ("CidrIp", "0.0.0.0/0"),
    ];
    bench.ok("AuthorizeSecurityGroupIngress", &flat);
    let backwards = [
        ("GroupId", id.as_str()),
        ("IpProtocol", "tcp"),
        ("FromPort", "81"),
        ("ToPort", "80"),
        ("CidrIp", "0.0.0.0/0"),
    ];
    assert_eq!(bench.code("AuthorizeSecurityGroupIngress", &backwards), "InvalidParameterValue");
}

#[test]
fn a_batch_with_one_known_rule_fails_as_a_whole() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let id = group(&mut bench, &vpc, "g");
    bench.ok("AuthorizeSecurityGroupIngress", &ssh_from(&id, "10.0.0.0/8"));
    let mut batch = ssh_from(&id, "192.168.0.0/16").to_vec();
    batch.push(("IpPermissions.1.IpRanges.2.CidrIp", "10.0.0.0/8"));
    assert_eq!(bench.code("AuthorizeSecurityGroupIngress", &batch), "InvalidPermission.Duplicate");
    assert_eq!(all(&bench.ok("DescribeSecurityGroups", &[("GroupId.1", &id)]), "cidrIp").len(), 2);
}

#[test]
fn groups_that_name_one_another_block_their_deletion() {
    let mut bench = Bench::new();
    let (vpc, other) = (bench.vpc(), bench.vpc());
    let (bastion, private) = (group(&mut bench, &vpc, "bastion"), group(&mut bench, &vpc, "private"));
    let far = group(&mut bench, &other, "far");
    assert_eq!(bench.code("AuthorizeSecurityGroupIngress", &ssh_from_group(&private, &far)), "InvalidGroup.NotFound");
    bench.ok("AuthorizeSecurityGroupIngress", &ssh_from_group(&private, &bastion));
    let error = bench.error("DeleteSecurityGroup", &[("GroupId", &bastion)]);
    assert_eq!(
        (error.code.as_str(), error.message),
        ("DependencyViolation", format!("resource {bastion} has a dependent object"))
    );
    let error = bench.error("DeleteVpc", &[("VpcId", &vpc)]);
    assert_eq!(error.code, "DependencyViolation");
    bench.ok("RevokeSecurityGroupIngress", &ssh_from_group(&private, &bastion));
    bench.ok("DeleteSecurityGroup", &[("GroupId", &bastion)]);
    bench.ok("DeleteSecurityGroup", &[("GroupId", &private)]);
    bench.ok("DeleteVpc", &[("VpcId", &vpc)]);
    let default = bench.ok(
        "DescribeSecurityGroups",
        &[
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", &other),
            ("Filter.2.Name", "group-name"),
            ("Filter.2.Value.1", "default"),
        ],
    );
    assert_eq!(bench.code("DeleteSecurityGroup", &[("GroupId", &pick(&default, "groupId"))]), "CannotDelete");
    assert_eq!(bench.code("DeleteSecurityGroup", &[("GroupId", "sg-0")]), "InvalidGroup.NotFound");
    assert_eq!(bench.code("DeleteSecurityGroup", &[("GroupId", "web")]), "InvalidGroupId.Malformed");
}

#[test]
fn rules_have_a_quota_for_each_direction() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let id = group(&mut bench, &vpc, "g");
    for n in 0..60 {
        bench.ok("AuthorizeSecurityGroupIngress", &ssh_from(&id, &format!("10.0.{n}.0/24")));
    }
    assert_eq!(
        bench.code("AuthorizeSecurityGroupIngress", &ssh_from(&id, "10.1.0.0/24")),
        "RulesPerSecurityGroupLimitExceeded"
    );
}

const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti foo@bar.com";

fn import<'a>(name: &'a str, material: &'a str) -> [(&'a str, &'a str); 2] {
    [("KeyName", name), ("PublicKeyMaterial", material)]
}

#[test]
fn an_imported_key_has_the_fingerprint_of_openssh() {
    use base64::Engine as _;
    let mut bench = Bench::new();
    let material = base64::engine::general_purpose::STANDARD.encode(PUBLIC);
    let answer = bench.ok("ImportKeyPair", &import("my-key", &material));
    // `ssh-keygen -lf` says SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ for this key; AWS keeps the padding.
    assert_eq!(pick(&answer, "keyFingerprint"), "UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ=");
    assert_eq!(bench.code("ImportKeyPair", &import("my-key", &material)), "InvalidKeyPair.Duplicate");
    assert_eq!(bench.code("ImportKeyPair", &import("other", "bm90IGEga2V5")), "InvalidKey.Format");
    let shown = bench.ok("DescribeKeyPairs", &[("KeyName.1", "my-key"), ("IncludePublicKey", "true")]);
    assert_eq!((pick(&shown, "keyType"), pick(&shown, "publicKey")), ("ed25519".into(), PUBLIC.into()));
    bench.ok("DeleteKeyPair", &[("KeyName", "my-key")]);
    bench.ok("DeleteKeyPair", &[("KeyName", "my-key")]);
    assert_eq!(bench.code("DescribeKeyPairs", &[("KeyName.1", "my-key")]), "InvalidKeyPair.NotFound");
}

#[test]
fn a_made_key_is_given_once_and_fits_its_fingerprint() {
    let mut bench = Bench::new();
    let answer = bench.ok("CreateKeyPair", &[("KeyName", "k"), ("KeyType", "ed25519")]);
    let material = pick(&answer, "keyMaterial");
    let key = ssh_key::PrivateKey::from_openssh(quick_xml::escape::unescape(&material).unwrap().as_bytes()).unwrap();
    let shown = bench.ok("DescribeKeyPairs", &[("IncludePublicKey", "true")]);
    let public = ssh_key::PublicKey::from_openssh(&pick(&shown, "publicKey")).unwrap();
    assert_eq!(public.key_data(), key.public_key().key_data());
    assert_eq!(pick(&shown, "keyFingerprint"), pick(&answer, "keyFingerprint"));
    let mut stored = Vec::new();
    ciborium::into_writer(&bench.world, &mut stored).unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains("PRIVATE KEY"));
}

/// Made by ssh-keygen for this test; the fingerprint is what AWS's documentation computes:
/// `ssh-keygen -ef id.pub -m PKCS8 | openssl pkey -pubin -outform DER | openssl md5 -c`.
const RSA_PUBLIC: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCqlev2823tWH1Tg3QgpZT7I3RSLVMnZVp+Jld30vKnU4UiSgu7qOyjtzUTc66ftL70RPDd9c7556VQibl2Fx2pUFZgpAcKQ4rfrRo39xIPjd9L//PuRbhuIDjydUPd6GDUEcpJAidQLwBiPZsCEBq9HyvzO/BGrTiC2ZPBPa3XpWWxLT6nAYd+ueNlEbGqeqSSbv/mtWFO37pFECSJrM7c/e9V8u2jCRONNIzLxDHvdPwStWKu5EfXp3VRHhOWrB28g0Q0J+qcYjaCn5w4Kop7mw7kmMr1MSl33jEy3D9rtyG6D3QPrlKF8CcZptzG+ziXmsTNoUuYVDamC+vfcq7R me@here";
const RSA_FINGERPRINT: &str = "3e:33:5f:b7:e1:ab:fb:d9:c1:64:74:bc:f7:b7:e9:1c";

#[test]
fn an_imported_rsa_key_has_the_md5_of_its_public_half() {
    use base64::Engine as _;
    let mut bench = Bench::new();
    let material = base64::engine::general_purpose::STANDARD.encode(RSA_PUBLIC);
    let answer = bench.ok("ImportKeyPair", &import("my-rsa", &material));
    assert_eq!(pick(&answer, "keyFingerprint"), RSA_FINGERPRINT);
    assert_eq!(pick(&bench.ok("DescribeKeyPairs", &[]), "keyType"), "rsa");
}

#[test]
fn a_made_rsa_key_has_the_sha1_of_its_private_half() {
    use rsa::pkcs1::DecodeRsaPrivateKey as _;
    use rsa::pkcs8::EncodePrivateKey as _;
    use sha1::Digest as _;
    let mut bench = Bench::new();
    let answer = bench.ok("CreateKeyPair", &[("KeyName", "k")]);
    let material = quick_xml::escape::unescape(&pick(&answer, "keyMaterial")).unwrap().into_owned();
    assert!(material.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    let key = rsa::RsaPrivateKey::from_pkcs1_pem(&material).unwrap();
    key.validate().unwrap();
    let digest = sha1::Sha1::digest(key.to_pkcs8_der().unwrap().as_bytes());
    assert_eq!(pick(&answer, "keyFingerprint").replace(':', ""), format!("{digest:x}"));
}
