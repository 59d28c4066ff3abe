//! Machines from their first boot on, in a VPC of their own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::practice::services::testing::{self, pick};
use crate::practice::services::{ApiError, ec2, iam};
use crate::practice::shell::Env;
use crate::practice::world::World;
use crate::practice::world::iam::SSM_CORE;

const SEOUL: &str = "ap-northeast-2";

/// The user data of the course.
const USER_DATA: &str = r#"#!/bin/bash
set -euxo pipefail
for i in 1 2 3 4 5; do dnf install -y httpd php php-fpm stress && break; sleep 15; done
mkdir -p /var/www/html/ec2meta-webpage
cat >/var/www/html/ec2meta-webpage/index.php <<'PHP'
<?php
function imds(string $m, string $path, array $h): string {
  $c = stream_context_create(['http' => ['method' => $m, 'header' => $h, 'timeout' => 1, 'ignore_errors' => true]]);
  $r = @file_get_contents("http://169.254.169.254$path", false, $c);
  return $r === false ? '' : $r;
}
$t = imds('PUT', '/latest/api/token', ['X-aws-ec2-metadata-token-ttl-seconds: 60', 'Content-Length: 0']);
$h = ["X-aws-ec2-metadata-token: $t"];
$m = [];
foreach (['instance-id','ami-id','instance-type','local-ipv4','placement/availability-zone'] as $k)
  $m[$k] = imds('GET', "/latest/meta-data/$k", $h);
http_response_code($m['instance-id'] === '' ? 500 : 200);   // health check fails if IMDS fails
header('Cache-Control: no-store');
foreach ($m as $k => $v) echo htmlspecialchars("$k: $v") . "<br>\n";
PHP
echo ok >/var/www/html/index.html
echo 'Listen 8080' >/etc/httpd/conf.d/lab8080.conf
systemctl enable --now php-fpm httpd
"#;

pub(crate) struct Bench {
    pub(crate) world: World,
    public: String,
    private: String,
    private_table: String,
    group: String,
    vpc: String,
}

impl Bench {
    /// A VPC with a public and a private subnet; no NAT gateway yet.
    pub(crate) fn new() -> Self {
        let world = World::new(11, "100000000001", 1_790_000_000_000);
        let empty = String::new;
        let mut bench =
            Self { world, public: empty(), private: empty(), private_table: empty(), group: empty(), vpc: empty() };
        let vpc = pick(&bench.ec2("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]), "vpcId");
        let zone = ("AvailabilityZone", "ap-northeast-2a");
        bench.public =
            pick(&bench.ec2("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.1.0/24"), zone]), "subnetId");
        bench.private =
            pick(&bench.ec2("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.11.0/24"), zone]), "subnetId");
        let gateway = pick(&bench.ec2("CreateInternetGateway", &[]), "internetGatewayId");
        bench.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
        let table = pick(&bench.ec2("CreateRouteTable", &[("VpcId", &vpc)]), "routeTableId");
        bench.ec2("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &bench.public.clone())]);
        bench.ec2(
            "CreateRoute",
            &[("RouteTableId", &table), ("DestinationCidrBlock", "0.0.0.0/0"), ("GatewayId", &gateway)],
        );
        bench.private_table = pick(&bench.ec2("CreateRouteTable", &[("VpcId", &vpc)]), "routeTableId");
        bench.ec2(
            "AssociateRouteTable",
            &[("RouteTableId", &bench.private_table.clone()), ("SubnetId", &bench.private.clone())],
        );
        bench.group = pick(
            &bench.ec2("CreateSecurityGroup", &[("VpcId", &vpc), ("GroupName", "web"), ("GroupDescription", "web")]),
            "groupId",
        );
        bench.vpc = vpc;
        bench
    }

    pub(crate) fn try_call(
        &mut self,
        service: &str,
        operation: &str,
        pairs: &[(&str, &str)],
    ) -> Result<String, ApiError> {
        let handle = if service == "iam" { iam::handle } else { ec2::handle };
        testing::call(&mut self.world, handle, (SEOUL, operation), pairs)
    }

    pub(crate) fn ec2(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.try_call("ec2", operation, pairs).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    /// A NAT gateway with the private subnet's route to it; works after about two minutes.
    pub(crate) fn open_nat(&mut self) -> String {
        let address = pick(&self.ec2("AllocateAddress", &[("Domain", "vpc")]), "allocationId");
        let public = self.public.clone();
        let nat =
            pick(&self.ec2("CreateNatGateway", &[("SubnetId", &public), ("AllocationId", &address)]), "natGatewayId");
        let table = self.private_table.clone();
        self.ec2(
            "CreateRoute",
            &[("RouteTableId", &table), ("DestinationCidrBlock", "0.0.0.0/0"), ("NatGatewayId", &nat)],
        );
        nat
    }

    /// An instance in the private subnet with user data.
    pub(crate) fn instance(&mut self, user_data: &str, more: &[(&str, &str)]) -> String {
        let parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
        let image = crate::practice::world::catalogue::image_of_parameter(SEOUL, parameter).unwrap().id;
        let data = STANDARD.encode(user_data);
        let (subnet, group) = (self.private.clone(), self.group.clone());
        let mut pairs = vec![
            ("ImageId", image.as_str()),
            ("InstanceType", "t3.micro"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", subnet.as_str()),
            ("SecurityGroupId.1", group.as_str()),
        ];
        if !user_data.is_empty() {
            pairs.push(("UserData", &data));
        }
        pairs.extend_from_slice(more);
        pick(&self.ec2("RunInstances", &pairs), "instanceId")
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    pub(crate) fn region(&mut self) -> &mut Region {
        self.world.region_mut(SEOUL)
    }

    fn address(&self, instance: &str) -> String {
        let region = self.world.region(SEOUL).unwrap();
        region.private_address(&region.instances[instance]).to_string()
    }

    fn log(&mut self, instance: &str) -> String {
        self.region().instances[instance].software.log.clone()
    }

    fn page(&mut self, instance: &str, port: u16, path: &str) -> (u16, String) {
        match self.region().http_answer(instance, port, path) {
            HttpAnswer::Refused => (0, String::new()),
            HttpAnswer::Answer { status, body } => (status, body),
        }
    }

    /// Runs a line in a shell to its end; output, code and how long it took in seconds.
    pub(crate) fn shell(&mut self, instance: &str, line: &str) -> (String, i32, i64) {
        let began = self.world.now();
        let id = self.begin(instance, line);
        for _ in 0..100_000 {
            let view = self.region().shell_view(id).unwrap();
            if let Some(finished) = view.finished {
                return (view.printed, finished.output.code, (finished.at - began) / 1000);
            }
            let next = self.world.next_event().expect("something is due");
            self.world.advance(next);
        }
        panic!("{line} does not end")
    }

    fn begin(&mut self, instance: &str, line: &str) -> u64 {
        let env = Env::root("/root");
        let begun = self.world.with_beyond(SEOUL, |region, beyond| region.begin_shell(beyond, instance, line, env));
        begun.flatten().expect("a machine that is up")
    }

    fn out(&mut self, instance: &str, line: &str) -> String {
        self.shell(instance, line).0
    }
}

use crate::practice::world::Region;

#[test]
fn user_data_installs_and_serves_the_page_when_nat_is_there() {
    let mut bench = Bench::new();
    bench.open_nat();
    bench.wait(200);
    let id = bench.instance(USER_DATA, &[]);
    assert_eq!(bench.page(&id, 80, "/"), (0, String::new()), "nothing answers before the boot");
    bench.wait(90);
    let log = bench.log(&id);
    assert!(log.contains("Complete!") && log.contains("+ systemctl enable --now php-fpm httpd"), "{log}");
    assert!(log.contains("finished at") && !log.contains("WARNING"), "{log}");
    assert_eq!(bench.page(&id, 80, "/"), (200, "ok\n".into()));
    assert_eq!(bench.page(&id, 8080, "/index.html").0, 200);
    assert_eq!(bench.page(&id, 81, "/").0, 0);
    assert_eq!(bench.page(&id, 80, "/none").0, 404);
    let (status, body) = bench.page(&id, 80, "/ec2meta-webpage/index.php");
    assert_eq!(status, 200);
    let address = bench.address(&id);
    for line in [
        format!("instance-id: {id}<br>"),
        format!("local-ipv4: {address}<br>"),
        "placement/availability-zone: ap-northeast-2a<br>".into(),
    ] {
        assert!(body.contains(&line), "{body}");
    }
    bench.ec2("ModifyInstanceMetadataOptions", &[("InstanceId", &id), ("HttpEndpoint", "disabled")]);
    assert_eq!(bench.page(&id, 80, "/ec2meta-webpage/index.php").0, 500, "the page fails without metadata");
    bench.ec2("RebootInstances", &[("InstanceId.1", &id)]);
    assert_eq!(bench.page(&id, 80, "/").0, 0);
    bench.wait(30);
    assert_eq!(bench.page(&id, 80, "/").0, 200, "enabled services come back");
    assert_eq!(bench.log(&id), log, "user data runs once");
}

#[test]
fn without_a_way_out_dnf_times_out_and_the_script_stops() {
    let mut bench = Bench::new();
    let id = bench.instance(USER_DATA, &[]);
    bench.wait(60);
    assert!(!bench.log(&id).contains("Timeout"), "still trying");
    bench.wait(900);
    let log = bench.log(&id);
    assert_eq!(log.matches("Error: Failed to download metadata").count(), 5, "{log}");
    assert!(log.contains("bash: /etc/httpd/conf.d/lab8080.conf: No such file or directory"), "{log}");
    assert!(
        !log.contains("+ systemctl") && log.contains("Failed to run module scripts-user"),
        "set -e stops it: {log}"
    );
    assert_eq!(bench.page(&id, 80, "/").0, 0);
    assert!(bench.out(&id, "systemctl status httpd").contains("could not be found"));
}

#[test]
fn a_nat_gateway_that_comes_in_time_saves_the_script() {
    let mut bench = Bench::new();
    let id = bench.instance(USER_DATA, &[]);
    bench.open_nat();
    bench.wait(400);
    let log = bench.log(&id);
    assert!(log.contains("Complete!") && log.contains("finished at"), "{log}");
    assert_eq!(bench.page(&id, 80, "/").0, 200);
}

#[test]
fn each_egress_rule_counts_for_dnf() {
    let mut bench = Bench::new();
    bench.open_nat();
    bench.wait(200);
    let id = bench.instance("", &[]);
    bench.wait(60);
    let group = bench.group.clone();
    bench.ec2(
        "RevokeSecurityGroupEgress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ],
    );
    let (text, code, took) = bench.shell(&id, "dnf install -y stress");
    assert_eq!((code, took), (1, 120), "{text}");
    bench.ec2(
        "AuthorizeSecurityGroupEgress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ],
    );
    assert_eq!(bench.shell(&id, "dnf install -y stress").1, 0);
    assert_eq!(bench.out(&id, "dnf install stress -y | tail -1"), "Complete!\n");
    assert!(bench.out(&id, "dnf install -y emacs").contains("is not simulated"));
}

/// A machine in a VPC with NAT where stress is installed.
fn with_stress() -> (Bench, String) {
    let mut bench = Bench::new();
    bench.open_nat();
    bench.wait(200);
    let id = bench.instance("", &[]);
    bench.wait(60);
    assert!(bench.out(&id, "stress -c 1 -t 1").contains("command not found"));
    assert_eq!(bench.shell(&id, "dnf -y -q install stress").1, 0);
    (bench, id)
}

#[test]
fn stress_keeps_processors_busy_in_every_way_to_start_it() {
    let (mut bench, id) = with_stress();
    bench.wait(60);
    assert!(bench.region().busy_now(&id) < 0.2);
    let (text, code, _) = bench.shell(&id, "systemd-run --unit=lab-stress --collect stress -c $(nproc) -t 900");
    assert_eq!((text.as_str(), code), ("Running as unit: lab-stress.service\n", 0));
    assert!(bench.region().busy_now(&id) > 0.95);
    assert_eq!(bench.out(&id, "systemctl is-active lab-stress"), "active\n");
    assert_eq!(bench.shell(&id, "systemd-run --unit=lab-stress stress -c 2 -t 9").1, 1, "it runs already");
    bench.wait(300);
    assert!(
        bench.out(&id, "uptime").contains("load average: 2.0")
            || bench.out(&id, "uptime").contains("load average: 1.9"),
        "{}",
        bench.out(&id, "uptime")
    );
    assert!(bench.out(&id, "top -bn1 | grep stress | wc -l").starts_with('2'));
    assert_eq!(bench.shell(&id, "systemctl stop lab-stress").1, 0);
    assert!(bench.region().busy_now(&id) < 0.2);
    assert_eq!(bench.shell(&id, "systemctl stop lab-stress").1, 5);

    let (text, code, took) = bench.shell(&id, "stress -c 1 -t 30; echo after");
    assert_eq!((code, took), (0, 30));
    assert!(text.contains("dispatching hogs: 1 cpu") && text.ends_with("after\n"), "{text}");

    bench.shell(&id, "nohup stress -c 2 -t 50 >/dev/null 2>&1 &");
    assert!(bench.region().busy_now(&id) > 0.95);
    assert_eq!(bench.shell(&id, "pkill stress").1, 0);
    assert!(bench.region().busy_now(&id) < 0.2);
    assert_eq!(bench.shell(&id, "pkill stress").1, 1);

    bench.shell(&id, "for i in $(seq $(nproc)); do systemd-run --unit=lab-burn$i --collect timeout 100 sh -c 'while :; do :; done'; done");
    assert!(bench.region().busy_now(&id) > 0.95);
    bench.wait(101);
    assert!(bench.region().busy_now(&id) < 0.2);
    let (_, code, took) = bench.shell(&id, "timeout 5 stress -c 2");
    assert_eq!((code, took), (124, 5));
    assert!(bench.region().busy_now(&id) < 0.2);
}

#[test]
fn another_shell_can_kill_what_one_waits_for() {
    let (mut bench, id) = with_stress();
    let first = bench.begin(&id, "stress -c 2; echo $?");
    bench.wait(1_000);
    assert!(bench.region().shell_view(first).unwrap().finished.is_none());
    assert_eq!(bench.shell(&id, "pkill stress").1, 0);
    bench.wait(1);
    let view = bench.region().shell_view(first).unwrap();
    assert_eq!(view.printed, "143\n");
    assert!(view.finished.is_some());
    let second = bench.begin(&id, "sleep 900; echo no");
    bench.region().interrupt_shell(second);
    assert_eq!(bench.region().shell_view(second).unwrap().finished.unwrap().output.code, 130);
}

#[test]
fn commands_answer_from_the_world() {
    let (mut bench, id) = with_stress();
    let address = bench.address(&id);
    assert_eq!(
        bench.out(&id, "hostname"),
        format!("ip-{}.ap-northeast-2.compute.internal\n", address.replace('.', "-"))
    );
    assert_eq!(bench.out(&id, "whoami; nproc; pwd"), "root\n2\n/root\n");
    assert!(bench.out(&id, "ip a").contains(&format!("inet {address}/24")));
    let public = bench.world.region(SEOUL).unwrap().nat_gateways.values().next().unwrap().public_ip.unwrap();
    assert_eq!(bench.out(&id, "curl -s https://checkip.amazonaws.com"), format!("{public}\n"));
    assert!(bench.out(&id, "curl -s http://example.com").contains("is not simulated"));
    assert_eq!(bench.out(&id, "curl -s http://localhost; echo $?"), "7\n");
    assert_eq!(
        bench.out(&id, "curl -s -o /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/instance-id"),
        "401"
    );
    let token =
        "T=$(curl -s -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')";
    let get = "curl -s -H \"X-aws-ec2-metadata-token: $T\" http://169.254.169.254/latest/meta-data";
    assert_eq!(bench.out(&id, &format!("{token}; {get}/instance-id")), id);
    assert!(bench.out(&id, &format!("{token}; sleep 61; {get}/instance-id")).contains("401"), "the token has run out");
    assert!(bench.out(&id, &format!("{token}; {get}/public-ipv4")).contains("404"));
    assert_eq!(bench.shell(&id, "curl -m 3 -s http://10.1.1.77").2, 3);
    assert_eq!(
        bench.out(&id, "curl http://nowhere.example.invalid"),
        "curl: (6) Could not resolve host: nowhere.example.invalid\n"
    );
    assert!(bench.out(&id, "getent hosts checkip.amazonaws.com").starts_with("198.51.100."));
    assert!(bench.out(&id, "dig +short nowhere.lab.invalid").is_empty());
    assert!(
        bench
            .out(&id, &format!("dig +short ip-{}.ap-northeast-2.compute.internal", address.replace('.', "-")))
            .contains(&address)
    );
    assert!(bench.out(&id, "cat /etc/os-release").contains("Amazon Linux 2023"));
    assert!(bench.out(&id, "cat /var/log/cloud-init-output.log").contains("Cloud-init"));
    for line in ["vim x", "docker ps", "top", "ping 10.1.1.1", "dnf search x", "systemctl mask x", "python3 -c 1"] {
        let (text, code, _) = bench.shell(&id, line);
        assert!(text.starts_with("awslab practice: ") && code == 127, "{line}: {text}");
    }
    assert_eq!(bench.shell(&id, "stress -c 1 -t 3; free -m; df -h; ps aux; uname -r; date +%Y").1, 0);
}

#[test]
fn a_file_system_grows_when_it_is_told_to_or_at_a_boot() {
    let (mut bench, id) = with_stress();
    let volume = bench.region().instances[&id].devices[0].volume.clone();
    bench.ec2("ModifyVolume", &[("VolumeId", &volume), ("Size", "20")]);
    bench.wait(10);
    assert!(bench.out(&id, "df -h").contains("8.0G"));
    let seen = bench.out(&id, "lsblk");
    assert!(seen.contains("   20G  0 disk") && seen.contains("    8G  0 part /"), "{seen}");
    assert_eq!(bench.out(&id, "xfs_growfs -d /"), "data size unchanged, skipping\n", "the partition comes first");
    assert_eq!(
        bench.out(&id, "sudo growpart /dev/nvme0n1 1"),
        "CHANGED: partition=1 start=24576 old: size=16752607 end=16777182 new: size=41918431 end=41943006\n"
    );
    assert_eq!(bench.shell(&id, "growpart /dev/nvme0n1 1").1, 1);
    assert!(bench.out(&id, "df -h").contains("8.0G"));
    assert_eq!(bench.out(&id, "sudo xfs_growfs -d /"), "data blocks changed from 2094076 to 5239804\n");
    assert!(bench.out(&id, "df -h").contains("20.0G"));
    bench.wait(600);
    bench.ec2("ModifyVolume", &[("VolumeId", &volume), ("Size", "30")]);
    bench.wait(10);
    bench.ec2("RebootInstances", &[("InstanceId.1", &id)]);
    bench.wait(60);
    assert!(bench.out(&id, "df -h").contains("30.0G"));
}

#[test]
fn neighbours_reach_each_other_as_their_groups_say() {
    let (mut bench, one) = with_stress();
    let two = bench.instance(
        "#!/bin/bash\ndnf install -y httpd\necho two > /var/www/html/index.html\nsystemctl enable --now httpd",
        &[],
    );
    bench.wait(60);
    let address = bench.address(&two);
    let (text, code, took) = bench.shell(&one, &format!("ping -c 2 {address}"));
    assert_eq!((code, took), (1, 11), "{text}");
    assert!(text.contains("2 packets transmitted, 0 received, 100% packet loss"));
    assert_eq!(bench.shell(&one, &format!("timeout 3 bash -c '</dev/tcp/{address}/80'")).1, 124);
    let group = bench.group.clone();
    let all = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.1.0.0/16"),
    ];
    bench.ec2("AuthorizeSecurityGroupIngress", &all);
    assert!(bench.out(&one, &format!("ping -c 2 {address}")).contains("2 received, 0% packet loss"));
    assert_eq!(bench.shell(&one, &format!("timeout 3 bash -c '</dev/tcp/{address}/80'")).1, 0);
    assert_eq!(bench.out(&one, &format!("curl -s http://{address}/")), "two\n");
    let whole = bench.out(&one, &format!("curl -i http://{address}/"));
    assert!(whole.starts_with("HTTP/1.1 200") && whole.ends_with("two\n"), "{whole}");
    assert_eq!(bench.out(&one, &format!("curl -s http://{address}:81/; echo $?")), "7\n", "nothing listens there");
    bench.shell(&two, "systemctl stop httpd");
    assert_eq!(bench.shell(&one, &format!("curl -s http://{address}/")).1, 7);
    bench.ec2("StopInstances", &[("InstanceId.1", &two)]);
    assert_eq!(bench.shell(&one, &format!("curl -s -m 2 http://{address}/")).1, 28);
}

#[test]
fn a_machine_made_from_an_image_has_its_software_at_once() {
    let mut bench = Bench::new();
    let nat = bench.open_nat();
    bench.wait(200);
    let golden = bench.instance(USER_DATA, &[]);
    bench.wait(120);
    let image = pick(
        &bench.ec2("CreateImage", &[("InstanceId", &golden), ("Name", "golden"), ("NoReboot", "true")]),
        "imageId",
    );
    bench.wait(700);
    bench.ec2("DeleteNatGateway", &[("NatGatewayId", &nat)]);
    let (subnet, group) = (bench.private.clone(), bench.group.clone());
    let pairs = [
        ("ImageId", image.as_str()),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", subnet.as_str()),
        ("SecurityGroupId.1", group.as_str()),
    ];
    let child = pick(&bench.ec2("RunInstances", &pairs), "instanceId");
    bench.wait(3);
    assert_eq!(bench.page(&child, 80, "/").0, 0);
    bench.wait(45);
    let (status, body) = bench.page(&child, 80, "/ec2meta-webpage/index.php");
    assert_eq!(status, 200);
    assert!(body.contains(&child) && !body.contains(&golden), "{body}");
}

/// Makes the profile of the course; usable after some seconds.
pub(crate) fn make_profile(bench: &mut Bench) {
    let trust =
        r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let (role, profile) = (("RoleName", "my-lab-ssm-role"), ("InstanceProfileName", "my-lab-ssm-profile"));
    for (operation, pairs) in [
        ("CreateRole", vec![role, ("AssumeRolePolicyDocument", trust)]),
        ("AttachRolePolicy", vec![role, ("PolicyArn", SSM_CORE)]),
        ("CreateInstanceProfile", vec![profile]),
        ("AddRoleToInstanceProfile", vec![role, profile]),
    ] {
        bench.try_call("iam", operation, &pairs).unwrap();
    }
}

#[test]
fn the_agent_registers_when_it_may_and_can() {
    let mut bench = Bench::new();
    make_profile(&mut bench);
    let profile = ("IamInstanceProfile.Name", "my-lab-ssm-profile");
    bench.wait(15);
    let with = bench.instance("", &[profile]);
    let without = bench.instance("", &[]);
    let online = |bench: &mut Bench, id: &str| {
        let world = &bench.world;
        world.region(SEOUL).unwrap().ping(world.global(), id).map(|ping| ping.online)
    };
    bench.wait(200);
    assert_eq!((online(&mut bench, &with), online(&mut bench, &without)), (None, None), "there is no way out yet");
    let nat = bench.open_nat();
    bench.wait(200);
    assert_eq!((online(&mut bench, &with), online(&mut bench, &without)), (Some(true), None));
    bench.ec2("AssociateIamInstanceProfile", &[("InstanceId", &without), profile]);
    bench.wait(1_800);
    assert_eq!(online(&mut bench, &without), Some(true), "a profile that comes later is noticed");
    bench.ec2("DeleteNatGateway", &[("NatGatewayId", &nat)]);
    assert_eq!(online(&mut bench, &with), Some(false));
    bench.ec2("StopInstances", &[("InstanceId.1", &without)]);
    bench.wait(300);
    assert_eq!(online(&mut bench, &without), Some(false));
}

#[test]
fn one_leap_and_many_steps_are_the_same() {
    let build = || {
        let mut bench = Bench::new();
        make_profile(&mut bench);
        bench.wait(20);
        bench.open_nat();
        bench.instance(USER_DATA, &[("IamInstanceProfile.Name", "my-lab-ssm-profile")]);
        bench.instance("#!/bin/bash\nsleep 40; dnf install -y stress && stress -c 1 -t 100\nstress -c 2 -t 500 &", &[]);
        bench
    };
    let (mut leap, mut steps) = (build(), build());
    leap.wait(900);
    for _ in 0..900 {
        steps.wait(1);
    }
    let bytes = |world: &World| {
        let mut out = Vec::new();
        ciborium::into_writer(world, &mut out).unwrap();
        out
    };
    assert!(bytes(&leap.world) == bytes(&steps.world));
}
