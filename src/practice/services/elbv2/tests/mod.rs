//! Load balancing by its operations, on a world that EC2's operations built.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod errors;
mod health;
mod life;
mod traffic;

use crate::practice::services::testing::{self, all, pick};
use crate::practice::services::{ApiError, ec2};
use crate::practice::world::host::{Unit, WEB_ROOT};
use crate::practice::world::{Region, World, catalogue};

const START: i64 = 1_790_000_000_000;
const SEOUL: &str = "ap-northeast-2";

/// A world and a way to call it.
struct Bench {
    world: World,
}

type Pairs<'p> = &'p [(&'p str, &'p str)];

impl Bench {
    fn new() -> Self {
        Self { world: World::new(42, "100000000001", START) }
    }

    /// Calls an operation of EC2 or of load balancing; an error changes nothing, as in the practice cloud.
    fn call(&mut self, operation: &str, pairs: Pairs<'_>) -> Result<String, ApiError> {
        let mut call = |handle: testing::Handle<_>| testing::call(&mut self.world, handle, (SEOUL, operation), pairs);
        match call(super::handle) {
            Err(error) if error.code == "NotSimulated" && error.message.contains("operation") => call(ec2::handle),
            answer => answer,
        }
    }

    fn ok(&mut self, operation: &str, pairs: Pairs<'_>) -> String {
        self.call(operation, pairs).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn code(&mut self, operation: &str, pairs: Pairs<'_>) -> String {
        self.call(operation, pairs).expect_err("an error").code
    }

    fn make(&mut self, operation: &str, pairs: Pairs<'_>, id: &str) -> String {
        pick(&self.ok(operation, pairs), id)
    }

    fn wait(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    fn region(&mut self) -> &mut Region {
        self.world.region_mut(SEOUL)
    }

    fn group(&mut self, vpc: &str, name: &str) -> String {
        self.make("CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", name), ("VpcId", vpc)], "groupId")
    }

    fn rule(&mut self, operation: &str, group: &str, port: &str, source: &str) {
        let (name, of) =
            if source.starts_with("sg-") { ("Groups.1.GroupId", source) } else { ("IpRanges.1.CidrIp", source) };
        let peer = format!("IpPermissions.1.{name}");
        let pairs = [
            ("GroupId", group),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", port),
            ("IpPermissions.1.ToPort", port),
            (peer.as_str(), of),
        ];
        self.ok(operation, &pairs);
    }

    fn instance(&mut self, subnet: &str, group: &str) -> String {
        let image = catalogue::images(SEOUL).remove(0).id;
        let pairs = [
            ("ImageId", image.as_str()),
            ("InstanceType", "t3.micro"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", subnet),
            ("SecurityGroupId.1", group),
        ];
        self.make("RunInstances", &pairs, "instanceId")
    }

    /// Changes a machine's software as a request would.
    fn serve(&mut self, instance: &str, active: bool, pages: &[&str]) {
        let region = self.region();
        let software = &mut region.instances.get_mut(instance).unwrap().software;
        software.services.insert("httpd".to_owned(), Unit { active, enabled: true });
        for page in pages {
            software.files.insert(format!("{WEB_ROOT}{page}"), format!("page of {instance}"));
        }
        region.changed();
        self.world.settle();
    }
}

/// The course's chapter 6 up to the load balancer: two public and two private subnets, a web server in each private one.
struct Lab {
    bench: Bench,
    vpc: String,
    gateway: String,
    public: [String; 2],
    outer: String,
    inner: String,
    servers: [String; 2],
    targets: String,
    balancer: String,
    listener: String,
}

const PAGE: &str = "/ec2meta-webpage/index.php";

/// The network and the servers.
fn network() -> Lab {
    let mut bench = Bench::new();
    let vpc = bench.make("CreateVpc", &[("CidrBlock", "10.1.0.0/16")], "vpcId");
    let gateway = bench.make("CreateInternetGateway", &[], "internetGatewayId");
    bench.ok("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
    let table = bench.make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
    let everywhere = ("DestinationCidrBlock", "0.0.0.0/0");
    bench.ok("CreateRoute", &[("RouteTableId", &table), everywhere, ("GatewayId", &gateway)]);
    let mut subnet = |cidr: &str, zone: &str| {
        bench.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", cidr), ("AvailabilityZone", zone)], "subnetId")
    };
    let (a, c) = ("ap-northeast-2a", "ap-northeast-2c");
    let public = [subnet("10.1.1.0/26", a), subnet("10.1.1.64/26", c)];
    let private = [subnet("10.1.11.0/26", a), subnet("10.1.11.64/26", c)];
    for one in &public {
        bench.ok("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", one)]);
    }
    let (outer, inner) = (bench.group(&vpc, "my-asg-alb-sg"), bench.group(&vpc, "my-asg-ec2-sg"));
    bench.rule("AuthorizeSecurityGroupIngress", &outer, "80", "0.0.0.0/0");
    bench.rule("AuthorizeSecurityGroupIngress", &inner, "80", &outer);
    let servers = [bench.instance(&private[0], &inner), bench.instance(&private[1], &inner)];
    bench.wait(60);
    for server in &servers {
        bench.serve(server, true, &[PAGE]);
    }
    let (targets, balancer, listener) = Default::default();
    Lab { bench, vpc, gateway, public, outer, inner, servers, targets, balancer, listener }
}

/// With target group, load balancer and listener; nothing is registered.
fn lab() -> Lab {
    let mut lab = network();
    lab.make_targets(&[]);
    lab.make_balancer();
    lab.bench.wait(200);
    lab.listen();
    lab
}

impl Lab {
    fn make_targets(&mut self, more: Pairs<'_>) {
        let vpc = self.vpc.clone();
        let mut pairs = vec![
            ("Name", "my-asg-ec2-tg"),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("VpcId", vpc.as_str()),
            ("HealthCheckPath", PAGE),
        ];
        pairs.extend_from_slice(more);
        self.targets = self.bench.make("CreateTargetGroup", &pairs, "TargetGroupArn");
    }

    fn make_balancer(&mut self) {
        let [a, c] = self.public.clone();
        let group = self.outer.clone();
        let pairs = [
            ("Name", "my-asg-alb"),
            ("Subnets.member.1", a.as_str()),
            ("Subnets.member.2", c.as_str()),
            ("SecurityGroups.member.1", group.as_str()),
        ];
        self.balancer = self.bench.make("CreateLoadBalancer", &pairs, "LoadBalancerArn");
    }

    fn listen(&mut self) {
        let pairs = [
            ("LoadBalancerArn", self.balancer.as_str()),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", self.targets.as_str()),
        ];
        self.listener = self.bench.make("CreateListener", &pairs, "ListenerArn");
    }

    fn target(&mut self, operation: &str, server: usize) {
        let (arn, id) = (self.targets.clone(), self.servers[server].clone());
        self.bench.ok(operation, &[("TargetGroupArn", &arn), ("Targets.member.1.Id", &id)]);
    }

    /// State, reason and description of a server.
    fn health(&mut self, server: usize) -> (String, String, String) {
        let (arn, id) = (self.targets.clone(), self.servers[server].clone());
        let shown = self.bench.ok("DescribeTargetHealth", &[("TargetGroupArn", &arn), ("Targets.member.1.Id", &id)]);
        let part = |name| all(&shown, name).into_iter().next().unwrap_or_default();
        (part("State"), part("Reason"), part("Description"))
    }

    fn state(&mut self, server: usize) -> String {
        self.health(server).0
    }
}
