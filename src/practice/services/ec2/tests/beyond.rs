//! From an instance's shell through a peering connection into the other region.

use proptest::prelude::*;

use super::*;
use crate::practice::shell::Env;
use crate::practice::world::host::ShellView;

const TOKYO: &str = "ap-northeast-1";

/// One end of the connection.
#[derive(Clone)]
struct Side {
    region: &'static str,
    host: String,
    address: String,
    table: String,
    group: String,
    /// The block of the other end.
    other: &'static str,
}

/// A host in Seoul and a host in Tokyo, with routes both ways and rules for ICMP (and for SSH into Tokyo).
#[derive(Clone)]
struct Peers {
    bench: Bench,
    peering: String,
    seoul: Side,
    tokyo: Side,
}

fn icmp(side: &Side) -> [(&str, &str); 5] {
    [
        ("GroupId", &side.group),
        ("IpPermissions.1.IpProtocol", "icmp"),
        ("IpPermissions.1.FromPort", "-1"),
        ("IpPermissions.1.ToPort", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", side.other),
    ]
}

fn side(bench: &mut Bench, vpc: &str, cidr: &str, other: &'static str) -> Side {
    let (subnet, table) = (bench.subnet(vpc, cidr), bench.table(vpc));
    bench.ok("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)]);
    let named = [("GroupName", "g"), ("GroupDescription", "x"), ("VpcId", vpc)];
    let group = pick(&bench.ok("CreateSecurityGroup", &named), "groupId");
    let host = bench.instance(&subnet, &[("SecurityGroupId.1", &group)]);
    let address = pick(&bench.ok("DescribeInstances", &[("InstanceId.1", &host)]), "privateIpAddress");
    let side = Side { region: bench.region, host, address, table, group, other };
    bench.ok("AuthorizeSecurityGroupIngress", &icmp(&side));
    side
}

impl Peers {
    fn new() -> Self {
        let mut bench = Bench::new();
        let vpc = bench.vpc();
        let seoul = side(&mut bench, &vpc, "10.1.11.0/24", "192.168.10.0/24");
        bench.region = TOKYO;
        let peer = pick(&bench.ok("CreateVpc", &[("CidrBlock", "192.168.10.0/24")]), "vpcId");
        let tokyo = side(&mut bench, &peer, "192.168.10.128/28", "10.1.0.0/16");
        let ssh = [
            ("GroupId", tokyo.group.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "22"),
            ("IpPermissions.1.ToPort", "23"),
            ("IpPermissions.1.IpRanges.1.CidrIp", tokyo.other),
        ];
        bench.ok("AuthorizeSecurityGroupIngress", &ssh);
        let asked = [("VpcId", peer.as_str()), ("PeerVpcId", &vpc), ("PeerRegion", SEOUL)];
        let peering = pick(&bench.ok("CreateVpcPeeringConnection", &asked), "vpcPeeringConnectionId");
        bench.wait(10);
        bench.region = SEOUL;
        bench.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]);
        let mut peers = Self { bench, peering, seoul, tokyo };
        for side in [peers.seoul.clone(), peers.tokyo.clone()] {
            let id = peers.peering.clone();
            let route = [("RouteTableId", side.table.as_str()), ("DestinationCidrBlock", side.other)];
            peers.at(&side, "CreateRoute", &[route[0], route[1], ("VpcPeeringConnectionId", &id)]);
        }
        peers.bench.wait(90);
        peers
    }

    fn at(&mut self, side: &Side, operation: &str, pairs: &[(&str, &str)]) {
        self.bench.region = side.region;
        self.bench.ok(operation, pairs);
    }

    fn begin(&mut self, side: &Side, line: &str) -> u64 {
        let begun = self.bench.world.with_beyond(side.region, |region, beyond| {
            region.begin_shell(beyond, &side.host, line, Env::root("/root"))
        });
        begun.flatten().expect("a machine that is up")
    }

    fn view(&self, side: &Side, id: u64) -> ShellView {
        self.bench.world.region(side.region).unwrap().shell_view(id).unwrap()
    }

    /// What a line prints, and its code.
    fn shell(&mut self, side: &Side, line: &str) -> (String, i32) {
        let id = self.begin(side, line);
        for _ in 0..1000 {
            if let Some(finished) = self.view(side, id).finished {
                return (self.view(side, id).printed, finished.output.code);
            }
            let next = self.bench.world.next_event().expect("something is due");
            self.bench.world.advance(next);
        }
        panic!("{line} does not end")
    }

    /// The share of pings that are lost, and the code.
    fn ping(&mut self, from: &Side, to: &Side) -> (String, i32) {
        let (printed, code) = self.shell(from, &format!("ping -c 3 -W 1 {}", to.address));
        let lost = printed.split_once(" received, ").unwrap().1.split_once(" packet loss").unwrap().0;
        (lost.to_owned(), code)
    }
}

#[test]
fn a_shell_reaches_the_peer_region() {
    let mut peers = Peers::new();
    let (seoul, tokyo) = (peers.seoul.clone(), peers.tokyo.clone());
    let (printed, code) = peers.shell(&seoul, &format!("ping -c 3 {}", tokyo.address));
    assert!(code == 0 && printed.contains("3 packets transmitted, 3 received, 0% packet loss"), "{printed}");
    let time: f64 = printed.split_once("time=").unwrap().1.split_once(" ms").unwrap().0.parse().unwrap();
    assert!((30.0..36.0).contains(&time), "as far as Tokyo is: {time}");
    assert_eq!(peers.ping(&tokyo, &seoul), ("0%".into(), 0));
    // Its ports: SSH answers, on 23 nothing listens, the rest is silence. What answers HTTP is the machine over there.
    let port = |port: u16| format!("timeout 3 bash -c '</dev/tcp/{}/{port}'", tokyo.address);
    assert_eq!(peers.shell(&seoul, &port(22)).1, 0);
    assert!(peers.shell(&seoul, &port(23)).0.contains("Connection refused"));
    assert_eq!(peers.shell(&seoul, &port(80)).1, 124);
    let curl = format!("curl -s -m 3 -o /dev/null -w '%{{http_code}} %{{remote_ip}}' http://{}:22/", tokyo.address);
    assert_eq!(peers.shell(&seoul, &curl), (format!("400 {}", tokyo.address), 0), "sshd does not speak HTTP");
    // Seoul lets nothing but ICMP in.
    assert_eq!(peers.shell(&tokyo, &format!("curl -s -m 3 http://{}/", seoul.address)).1, 28);
}

#[test]
fn what_either_side_lacks_loses_every_packet() {
    let whole = Peers::new();
    let (seoul, tokyo) = (&whole.seoul, &whole.tokyo);
    let lost = ("100%".to_owned(), 1);
    for side in [seoul, tokyo] {
        let mut peers = whole.clone();
        peers.at(side, "DeleteRoute", &[("RouteTableId", &side.table), ("DestinationCidrBlock", side.other)]);
        assert_eq!(
            (peers.ping(seoul, tokyo), peers.ping(tokyo, seoul)),
            (lost.clone(), lost.clone()),
            "{}",
            side.region
        );
    }
    // A rule counts where the packet comes in: its answer needs none.
    for (there, back) in [(seoul, tokyo), (tokyo, seoul)] {
        let mut peers = whole.clone();
        peers.at(there, "RevokeSecurityGroupIngress", &icmp(there));
        assert_eq!((peers.ping(back, there), peers.ping(there, back)), (lost.clone(), ("0%".into(), 0)));
    }
    let mut peers = whole.clone();
    peers.at(seoul, "DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &whole.peering)]);
    assert_eq!(peers.ping(seoul, tokyo), lost);
    let mut peers = whole.clone();
    peers.at(tokyo, "TerminateInstances", &[("InstanceId.1", &tokyo.host)]);
    assert_eq!(peers.ping(seoul, tokyo), lost);
}

/// Somebody in one region asks the other again and again, while that starts.
fn watching(from: impl Fn(&Peers) -> (Side, Side)) -> (Peers, Side, u64) {
    let mut peers = Peers::new();
    let (here, there) = from(&peers);
    peers.at(&there, "StopInstances", &[("InstanceId.1", &there.host)]);
    peers.bench.wait(150);
    peers.at(&there, "StartInstances", &[("InstanceId.1", &there.host)]);
    let ping = format!("ping -c 1 -W 1 {} >/dev/null", there.address);
    let id = peers.begin(&here, &format!("for i in $(seq 30); do {ping} && echo up || echo down; sleep 4; done"));
    (peers, here, id)
}

fn there(peers: &Peers) -> (Side, Side) {
    (peers.seoul.clone(), peers.tokyo.clone())
}

fn back(peers: &Peers) -> (Side, Side) {
    (peers.tokyo.clone(), peers.seoul.clone())
}

#[test]
fn in_one_leap_a_shell_sees_the_other_region_come_up() {
    for from in [there, back] {
        let (mut peers, here, id) = watching(from);
        peers.bench.wait(600);
        let view = peers.view(&here, id);
        assert!(view.finished.is_some());
        let seen: Vec<&str> = view.printed.lines().collect();
        let first = seen.iter().position(|line| *line == "up").unwrap();
        assert!(first > 0 && seen[first..].iter().all(|line| *line == "up"), "{}: {seen:?}", here.region);
    }
}

fn bytes(world: &World) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(world, &mut out).unwrap();
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn one_leap_between_regions_is_the_same_as_many_steps(
        forth in any::<bool>(),
        steps in prop::collection::vec(prop_oneof![0_i64..20, 0_i64..3_000, 0_i64..60_000], 0..40),
    ) {
        let (peers, ..) = watching(if forth { there } else { back });
        let mut stepped = peers.bench.world;
        let mut leapt = stepped.clone();
        let mut now = stepped.now();
        for step in steps {
            now += step;
            stepped.advance(now);
        }
        leapt.advance(now);
        prop_assert_eq!(bytes(&stepped), bytes(&leapt));
    }
}
