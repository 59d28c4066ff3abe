#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::net::Ipv4Addr;

use super::*;

const ME: &str = "203.0.113.7";

fn ip(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

fn rule(protocol: &str, port: u16, peer: &str) -> Rule {
    Rule {
        protocol: Protocol::parse(protocol),
        ports: (port != 0).then(|| PortRange::one(port)),
        peer: match peer.parse() {
            Ok(cidr) => Peer::Cidr(cidr),
            Err(_) => Peer::Group(peer.into()),
        },
    }
}

fn route(destination: &str, target: &str) -> Route {
    Route { destination: destination.parse().unwrap(), target: Target::from_id(target), blackhole: false }
}

fn host(subnet: &str, private: &str, public: Option<&str>, group: &str) -> Host {
    Host {
        subnet: subnet.into(),
        private_ip: ip(private),
        public_ip: public.map(ip),
        groups: vec![group.into()],
        state: "running".into(),
        listens: None,
        ephemeral: PortRange::LINUX,
    }
}

/// The course's network: a bastion in a public subnet, a private host behind a NAT gateway.
fn course() -> Network {
    let mut n = Network::default();
    n.vpcs.insert(
        "vpc-1".into(),
        Vpc { cidrs: vec!["10.1.0.0/16".parse().unwrap()], main_table: Some("rtb-main".into()) },
    );
    let subnet = |cidr: &str, table: &str| Subnet {
        vpc: "vpc-1".into(),
        cidr: cidr.parse().unwrap(),
        table: Some(table.into()),
        acl: None,
    };
    n.subnets.insert("public".into(), subnet("10.1.1.0/24", "rtb-public"));
    n.subnets.insert("private".into(), subnet("10.1.11.0/24", "rtb-private"));
    n.tables.insert("rtb-main".into(), RouteTable { vpc: "vpc-1".into(), routes: vec![] });
    n.tables.insert(
        "rtb-public".into(),
        RouteTable { vpc: "vpc-1".into(), routes: vec![route("10.1.0.0/16", "local"), route("0.0.0.0/0", "igw-1")] },
    );
    n.tables
        .insert("rtb-private".into(), RouteTable { vpc: "vpc-1".into(), routes: vec![route("0.0.0.0/0", "nat-1")] });
    n.internet_gateways.insert("igw-1".into(), InternetGateway { vpc: Some("vpc-1".into()) });
    n.nat_gateways.insert(
        "nat-1".into(),
        NatGateway {
            subnet: "public".into(),
            private_ip: Some(ip("10.1.1.50")),
            public_ip: Some(ip("3.3.3.3")),
            state: "available".into(),
        },
    );
    let all = || vec![rule("all", 0, "0.0.0.0/0")];
    n.groups
        .insert("sg-bastion".into(), SecurityGroup { ingress: vec![rule("tcp", 22, "203.0.113.7/32")], egress: all() });
    n.groups.insert("sg-private".into(), SecurityGroup { ingress: vec![rule("tcp", 22, "sg-bastion")], egress: all() });
    n.hosts.insert("bastion".into(), host("public", "10.1.1.10", Some("4.4.4.4"), "sg-bastion"));
    n.hosts.insert("app".into(), host("private", "10.1.11.20", None, "sg-private"));
    n
}

fn go(n: &Network, from: End, to: End, protocol: &str, port: u16) -> Trace {
    trace(n, &Packet { from, to, protocol: Protocol::parse(protocol).unwrap(), port })
}

fn me() -> End {
    End::Outside(ip(ME))
}

fn web() -> End {
    End::Outside(ip("198.51.100.80"))
}

fn at(id: &str) -> End {
    End::Host(id.into())
}

fn stop_of(t: &Trace) -> (Leg, Stop) {
    let (leg, stop) = t.stopped().unwrap_or_else(|| panic!("it was not stopped: {t:#?}"));
    (leg, stop.clone())
}

#[test]
fn me_to_the_bastion_and_back() {
    let t = go(&course(), me(), at("bastion"), "tcp", 22);
    assert!(t.answered(), "{t:#?}");
    assert_eq!(t.seen_as(), Some(ip(ME)));
    let passes: Vec<&Pass> = t
        .hops()
        .filter_map(|(_, hop)| match &hop.decision {
            Decision::Pass(pass) => Some(pass),
            Decision::Stop(_) => None,
        })
        .collect();
    assert_eq!(passes[0], &Pass::InternetGateway { gateway: "igw-1".into(), from: ip("4.4.4.4"), to: ip("10.1.1.10") });
    assert!(
        matches!(passes[2], Pass::Group { direction: Direction::In, rule, .. } if rule.ports == Some(PortRange::one(22)))
    );
    assert!(matches!(passes[4], Pass::Tracked { direction: Direction::Out, .. }));
    // The reply carries the elastic IP again when it gets home.
    assert!(matches!(passes.last(), Some(Pass::Arrives { at: End::Outside(_), seen }) if *seen == ip("4.4.4.4")));
}

#[test]
fn somebody_else_is_not_let_in() {
    let (leg, stop) = stop_of(&go(&course(), web(), at("bastion"), "tcp", 22));
    assert_eq!(leg, Leg::Packet);
    assert!(
        matches!(stop, Stop::Group { near: Near::OtherPeer(rule), .. } if rule.peer == Peer::Cidr("203.0.113.7/32".parse().unwrap()))
    );
}

#[test]
fn another_port_is_not_let_in() {
    let (_, stop) = stop_of(&go(&course(), me(), at("bastion"), "tcp", 80));
    assert!(matches!(stop, Stop::Group { port: 80, near: Near::OtherPort(_), .. }));
}

#[test]
fn the_private_host_has_no_public_address() {
    let t = go(&course(), me(), at("app"), "tcp", 22);
    assert_eq!(stop_of(&t), (Leg::Packet, Stop::NoPublicAddress { host: "app".into(), gateway: None }));
    assert!(t.reply.is_empty());
}

#[test]
fn the_bastion_reaches_the_private_host_by_group() {
    let t = go(&course(), at("bastion"), at("app"), "tcp", 22);
    assert!(t.answered(), "{t:#?}");
    assert!(t.packet.iter().any(|hop| matches!(&hop.decision,
        Decision::Pass(Pass::Group { direction: Direction::In, group, rule, .. })
            if group == "sg-private" && rule.peer == Peer::Group("sg-bastion".into()))));
}

#[test]
fn a_host_without_the_group_is_refused() {
    let mut n = course();
    n.groups.insert("sg-other".into(), SecurityGroup { ingress: vec![], egress: vec![rule("all", 0, "0.0.0.0/0")] });
    n.hosts.insert("other".into(), host("public", "10.1.1.11", None, "sg-other"));
    let (_, stop) = stop_of(&go(&n, at("other"), at("app"), "tcp", 22));
    assert!(matches!(stop, Stop::Group { direction: Direction::In, near: Near::OtherPeer(_), .. }));
}

#[test]
fn the_private_host_goes_out_by_nat_and_the_reply_comes_back() {
    let t = go(&course(), at("app"), web(), "tcp", 443);
    assert!(t.answered(), "{t:#?}");
    assert_eq!(t.seen_as(), Some(ip("3.3.3.3")));
    let back: Vec<&Hop> = t.reply.iter().filter(|h| matches!(h.decision, Decision::Pass(Pass::Nat { .. }))).collect();
    assert!(matches!(back[0].decision, Decision::Pass(Pass::Nat { to, .. }) if to == ip("10.1.11.20")));
}

#[test]
fn the_bastion_goes_out_with_its_own_elastic_ip() {
    let t = go(&course(), at("bastion"), web(), "tcp", 443);
    assert!(t.answered());
    assert_eq!(t.seen_as(), Some(ip("4.4.4.4")));
}

#[test]
fn nothing_begins_at_a_nat_gateway_from_outside() {
    let (_, stop) = stop_of(&go(&course(), web(), End::Address(ip("3.3.3.3")), "tcp", 22));
    assert_eq!(stop, Stop::NatRefuses { gateway: "nat-1".into() });
}

#[test]
fn private_addresses_do_not_exist_on_the_internet() {
    assert_eq!(stop_of(&go(&course(), me(), End::Address(ip("10.1.11.20")), "tcp", 22)).1, Stop::PrivateAddress);
    let (_, stop) = stop_of(&go(&course(), at("app"), End::Address(ip("192.168.10.5")), "icmp", 0));
    assert_eq!(stop, Stop::PrivateAddress);
}

/// Every way to break the private host's way out, and what is named.
#[test]
fn broken_ways_out_are_named() {
    type Break = fn(&mut Network);
    let table: Vec<(&str, Break, Stop)> = vec![
        (
            "no route",
            |n| n.tables.get_mut("rtb-private").unwrap().routes.clear(),
            Stop::NoRoute { table: Some("rtb-private".into()), main: false, subnet: "private".into() },
        ),
        (
            "subnet left on the main table",
            |n| n.subnets.get_mut("private").unwrap().table = None,
            Stop::NoRoute { table: Some("rtb-main".into()), main: true, subnet: "private".into() },
        ),
        (
            "blackhole",
            |n| n.tables.get_mut("rtb-private").unwrap().routes[0].blackhole = true,
            Stop::Blackhole {
                table: Some("rtb-private".into()),
                destination: "0.0.0.0/0".parse().unwrap(),
                target: Target::NatGateway("nat-1".into()),
            },
        ),
        (
            "NAT deleted",
            |n| n.nat_gateways.clear(),
            Stop::Blackhole {
                table: Some("rtb-private".into()),
                destination: "0.0.0.0/0".parse().unwrap(),
                target: Target::NatGateway("nat-1".into()),
            },
        ),
        (
            "NAT pending",
            |n| n.nat_gateways.get_mut("nat-1").unwrap().state = "pending".into(),
            Stop::NatNotAvailable { gateway: "nat-1".into(), state: "pending".into() },
        ),
        (
            "NAT in a private subnet",
            |n| {
                n.subnets.insert(
                    "private-2".into(),
                    Subnet {
                        vpc: "vpc-1".into(),
                        cidr: "10.1.12.0/24".parse().unwrap(),
                        table: Some("rtb-private".into()),
                        acl: None,
                    },
                );
                n.nat_gateways.get_mut("nat-1").unwrap().subnet = "private-2".into();
            },
            Stop::NatInPrivateSubnet {
                gateway: "nat-1".into(),
                subnet: "private-2".into(),
                table: Some("rtb-private".into()),
            },
        ),
        (
            "private subnet routed to the internet gateway",
            |n| n.subnets.get_mut("private").unwrap().table = Some("rtb-public".into()),
            Stop::NoPublicAddress { host: "app".into(), gateway: Some("igw-1".into()) },
        ),
        (
            "gateway detached",
            |n| n.internet_gateways.get_mut("igw-1").unwrap().vpc = None,
            Stop::NoInternetGateway { vpc: "vpc-1".into(), gateway: Some("igw-1".into()) },
        ),
        (
            "host stopped",
            |n| n.hosts.get_mut("app").unwrap().state = "stopped".into(),
            Stop::HostDown { host: "app".into(), state: "stopped".into() },
        ),
        (
            "no egress rule",
            |n| n.groups.get_mut("sg-private").unwrap().egress.clear(),
            Stop::Group {
                direction: Direction::Out,
                host: "app".into(),
                groups: vec!["sg-private".into()],
                protocol: Protocol::Tcp,
                port: 443,
                near: Near::None,
            },
        ),
        (
            "leads to what is not followed",
            |n| n.tables.get_mut("rtb-private").unwrap().routes = vec![route("0.0.0.0/0", "eni-1")],
            Stop::NotFollowed { target: "eni-1".into() },
        ),
    ];
    for (name, mend, wanted) in table {
        let mut n = course();
        mend(&mut n);
        let t = go(&n, at("app"), web(), "tcp", 443);
        assert_eq!(stop_of(&t), (Leg::Packet, wanted), "{name}");
        assert!(!t.arrives() && !t.answered(), "{name}");
    }
}

#[test]
fn the_longest_prefix_wins() {
    let mut n = course();
    n.tables.get_mut("rtb-private").unwrap().routes.push(route("198.51.100.0/24", "igw-1"));
    let (_, stop) = stop_of(&go(&n, at("app"), web(), "tcp", 443));
    assert!(matches!(stop, Stop::NoPublicAddress { gateway: Some(_), .. }));
    // Another address still takes the default route.
    assert!(go(&n, at("app"), End::Outside(ip("192.0.2.1")), "tcp", 443).answered());
}

#[test]
fn an_elastic_ip_in_a_private_subnet_gets_packets_but_answers_elsewhere() {
    let mut n = course();
    n.hosts.get_mut("app").unwrap().public_ip = Some(ip("5.5.5.5"));
    n.groups.get_mut("sg-private").unwrap().ingress.push(rule("tcp", 22, "203.0.113.7/32"));
    let t = go(&n, me(), at("app"), "tcp", 22);
    assert!(t.arrives() && !t.answered());
    let (leg, stop) = stop_of(&t);
    assert_eq!(leg, Leg::Reply);
    assert!(matches!(stop, Stop::ReplyElsewhere { target: Target::NatGateway(_), .. }));
}

#[test]
fn an_instance_that_is_pending_does_not_answer() {
    let mut n = course();
    n.hosts.get_mut("bastion").unwrap().state = "pending".into();
    let (_, stop) = stop_of(&go(&n, me(), at("bastion"), "tcp", 22));
    assert_eq!(stop, Stop::HostDown { host: "bastion".into(), state: "pending".into() });
    assert_eq!(stop_of(&go(&n, me(), at("nobody"), "tcp", 22)).1, Stop::NoHost { end: at("nobody") });
}

#[test]
fn a_port_without_a_listener_refuses_and_the_refusal_needs_a_way_back() {
    let mut n = course();
    n.hosts.get_mut("bastion").unwrap().listens = Some([22].into());
    n.groups.get_mut("sg-bastion").unwrap().ingress.push(rule("tcp", 80, "203.0.113.7/32"));
    assert!(go(&n, me(), at("bastion"), "tcp", 22).answered());
    let refused = go(&n, me(), at("bastion"), "tcp", 80);
    assert!(refused.refused() && !refused.arrives() && refused.reply.is_empty());
    assert_eq!(stop_of(&refused), (Leg::Packet, Stop::Refused { host: "bastion".into(), port: 80 }));
    // A security group that lets nothing in is silent, whoever listens.
    assert!(!go(&n, me(), at("bastion"), "tcp", 443).refused());
    // Nobody hears a refusal that a network ACL keeps in.
    n.acls.insert("acl-1".into(), Acl { ingress: vec![acl_rule(100, true, "tcp", None, "0.0.0.0/0")], egress: vec![] });
    n.subnets.get_mut("public").unwrap().acl = Some("acl-1".into());
    let silent = go(&n, me(), at("bastion"), "tcp", 80);
    assert!(silent.arrives() && !silent.answered() && !silent.refused());
}

#[test]
fn a_load_balancer_takes_lower_ports_than_linux_for_its_own_connections() {
    let mut n = course();
    let any = "0.0.0.0/0";
    n.subnets.get_mut("private").unwrap().acl = Some("acl-1".into());
    let egress = vec![acl_rule(100, true, "tcp", Some((32_768, 60_999)), any)];
    n.acls.insert("acl-1".into(), Acl { ingress: vec![acl_rule(100, true, "tcp", Some((22, 22)), any)], egress });
    assert!(go(&n, at("bastion"), at("app"), "tcp", 22).answered());
    n.hosts.get_mut("bastion").unwrap().ephemeral = PortRange::ANY_EPHEMERAL;
    assert!(!go(&n, at("bastion"), at("app"), "tcp", 22).answered());
}

fn acl_rule(number: u16, allow: bool, protocol: &str, ports: Option<(u16, u16)>, cidr: &str) -> AclRule {
    AclRule {
        number,
        allow,
        protocol: Protocol::parse(protocol),
        ports: ports.map(|(from, to)| PortRange { from, to }),
        cidr: cidr.parse().unwrap(),
    }
}

/// The bastion's subnet with a network ACL of its own.
fn guarded(ingress: Vec<AclRule>, egress: Vec<AclRule>) -> Network {
    let mut n = course();
    n.acls.insert("acl-1".into(), Acl { ingress, egress });
    n.subnets.get_mut("public").unwrap().acl = Some("acl-1".into());
    n
}

#[test]
fn a_network_acl_is_stateless() {
    let any = "0.0.0.0/0";
    let ssh_in = || vec![acl_rule(100, true, "tcp", Some((22, 22)), any)];
    type Case = (&'static str, Vec<AclRule>, Vec<AclRule>, Option<(Leg, Direction, Option<u16>)>);
    let table: Vec<Case> = vec![
        ("both ways", ssh_in(), vec![acl_rule(100, true, "tcp", Some((1024, 65535)), any)], None),
        ("no way back", ssh_in(), vec![], Some((Leg::Reply, Direction::Out, None))),
        (
            "only the service port back",
            ssh_in(),
            vec![acl_rule(100, true, "tcp", Some((22, 22)), any)],
            Some((Leg::Reply, Direction::Out, None)),
        ),
        (
            "half of the ephemeral ports back",
            ssh_in(),
            vec![acl_rule(100, true, "tcp", Some((1024, 40000)), any)],
            Some((Leg::Reply, Direction::Out, None)),
        ),
        (
            "the ephemeral ports in two rules",
            ssh_in(),
            vec![
                acl_rule(110, true, "tcp", Some((40001, 65535)), any),
                acl_rule(100, true, "tcp", Some((1024, 40000)), any),
            ],
            None,
        ),
        (
            "a deny in the middle of them",
            ssh_in(),
            vec![acl_rule(90, false, "tcp", Some((3389, 3389)), any), acl_rule(100, true, "all", None, any)],
            Some((Leg::Reply, Direction::Out, Some(90))),
        ),
        (
            "a deny before the allow",
            vec![acl_rule(90, false, "all", None, "203.0.113.0/24"), acl_rule(100, true, "all", None, any)],
            vec![acl_rule(100, true, "all", None, any)],
            Some((Leg::Packet, Direction::In, Some(90))),
        ),
        (
            "a deny after the allow",
            vec![acl_rule(110, false, "all", None, any), acl_rule(100, true, "all", None, any)],
            vec![acl_rule(100, true, "all", None, any)],
            None,
        ),
        (
            "the wrong protocol",
            vec![acl_rule(100, true, "udp", None, any)],
            vec![acl_rule(100, true, "all", None, any)],
            Some((Leg::Packet, Direction::In, None)),
        ),
    ];
    for (name, ingress, egress, wanted) in table {
        let t = go(&guarded(ingress, egress), me(), at("bastion"), "tcp", 22);
        match wanted {
            None => assert!(t.answered(), "{name}: {t:#?}"),
            Some((leg, direction, number)) => match stop_of(&t) {
                (found, Stop::Acl { direction: d, rule, .. }) => {
                    assert_eq!((found, d, rule), (leg, direction, number), "{name}");
                }
                other => panic!("{name}: {other:?}"),
            },
        }
    }
}

#[test]
fn the_nat_gateways_subnet_needs_the_ephemeral_ports_too() {
    let any = "0.0.0.0/0";
    // 443 in from the private host and out to the internet, but no way in for the replies.
    let n =
        guarded(vec![acl_rule(100, true, "tcp", Some((443, 443)), any)], vec![acl_rule(100, true, "all", None, any)]);
    let (leg, stop) = stop_of(&go(&n, at("app"), web(), "tcp", 443));
    assert_eq!(leg, Leg::Reply);
    assert!(matches!(stop, Stop::Acl { direction: Direction::In, ports: Some(PortRange::ANY_EPHEMERAL), .. }));
    // From the NAT gateway to a Linux host the narrower range is enough.
    let n = guarded(
        vec![acl_rule(100, true, "all", None, any)],
        vec![
            acl_rule(90, true, "tcp", Some((32768, 60999)), "10.1.0.0/16"),
            acl_rule(100, true, "tcp", Some((443, 443)), any),
        ],
    );
    assert!(go(&n, at("app"), web(), "tcp", 443).answered());
}

#[test]
fn ping_has_no_ports() {
    let mut n = course();
    n.groups.get_mut("sg-private").unwrap().ingress.push(rule("icmp", 0, "10.1.0.0/16"));
    assert!(go(&n, at("bastion"), at("app"), "icmp", 0).answered());
    let n = guarded(
        vec![acl_rule(100, true, "icmp", None, "0.0.0.0/0")],
        vec![acl_rule(100, true, "tcp", None, "0.0.0.0/0")],
    );
    let (leg, stop) = stop_of(&go(&n, me(), at("bastion"), "icmp", 0));
    // The group lets only ssh in, after the ACL has let the ping pass.
    assert!(leg == Leg::Packet && matches!(stop, Stop::Group { .. }));
}

#[test]
fn within_a_subnet_neither_acl_nor_route_is_asked() {
    let mut n = guarded(vec![], vec![]);
    n.groups.get_mut("sg-bastion").unwrap().ingress.push(rule("tcp", 22, "sg-bastion"));
    n.hosts.insert("twin".into(), host("public", "10.1.1.11", None, "sg-bastion"));
    let t = go(&n, at("bastion"), at("twin"), "tcp", 22);
    assert!(t.answered(), "{t:#?}");
    assert!(t.hops().all(|(_, hop)| !matches!(hop.decision, Decision::Pass(Pass::Acl { .. } | Pass::Route { .. }))));
}

#[test]
fn a_group_as_source_means_private_addresses() {
    // The bastion calls the twin by its elastic IP: the packet goes round by the internet gateway and is not the group's.
    let mut n = course();
    n.groups.get_mut("sg-bastion").unwrap().ingress = vec![rule("tcp", 22, "sg-bastion")];
    n.hosts.insert("twin".into(), host("public", "10.1.1.11", Some("6.6.6.6"), "sg-bastion"));
    assert!(go(&n, at("bastion"), at("twin"), "tcp", 22).answered());
    let (_, stop) = stop_of(&go(&n, at("bastion"), End::Address(ip("6.6.6.6")), "tcp", 22));
    assert!(matches!(stop, Stop::Group { direction: Direction::In, near: Near::OtherPeer(_), .. }));
}

/// Tokyo, peered with the course's VPC.
fn peered() -> Network {
    let mut n = course();
    n.vpcs.insert("vpc-2".into(), Vpc { cidrs: vec!["192.168.10.0/24".parse().unwrap()], main_table: None });
    n.subnets.insert(
        "tokyo".into(),
        Subnet {
            vpc: "vpc-2".into(),
            cidr: "192.168.10.128/28".parse().unwrap(),
            table: Some("rtb-tokyo".into()),
            acl: None,
        },
    );
    n.tables
        .insert("rtb-tokyo".into(), RouteTable { vpc: "vpc-2".into(), routes: vec![route("10.1.0.0/16", "pcx-1")] });
    n.tables.get_mut("rtb-private").unwrap().routes.push(route("192.168.10.0/24", "pcx-1"));
    n.peerings
        .insert("pcx-1".into(), Peering { vpcs: ["vpc-2".into(), "vpc-1".into()], active: true, same_region: false });
    n.groups.insert(
        "sg-tokyo".into(),
        SecurityGroup { ingress: vec![rule("icmp", 0, "10.1.0.0/16")], egress: vec![rule("all", 0, "0.0.0.0/0")] },
    );
    n.hosts.insert("tokyo-host".into(), host("tokyo", "192.168.10.142", None, "sg-tokyo"));
    n
}

#[test]
fn a_peering_connection_leads_to_the_other_vpc() {
    let t = go(&peered(), at("app"), at("tokyo-host"), "icmp", 0);
    assert!(t.answered(), "{t:#?}");
    assert_eq!(t.seen_as(), Some(ip("10.1.11.20")));
}

#[test]
fn a_peering_connection_needs_a_route_on_both_sides() {
    let mut n = peered();
    n.tables.get_mut("rtb-tokyo").unwrap().routes.clear();
    let (leg, stop) = stop_of(&go(&n, at("app"), at("tokyo-host"), "icmp", 0));
    assert_eq!(leg, Leg::Reply);
    assert!(matches!(stop, Stop::NoRoute { table: Some(table), .. } if table == "rtb-tokyo"));
}

#[test]
fn a_peering_connection_is_not_transitive_and_must_be_active() {
    let mut n = peered();
    n.tables.get_mut("rtb-tokyo").unwrap().routes.push(route("0.0.0.0/0", "pcx-1"));
    let (_, stop) = stop_of(&go(&n, at("tokyo-host"), web(), "tcp", 443));
    assert_eq!(stop, Stop::NotTransitive { peering: "pcx-1".into() });
    n.peerings.get_mut("pcx-1").unwrap().active = false;
    let (_, stop) = stop_of(&go(&n, at("app"), at("tokyo-host"), "icmp", 0));
    assert_eq!(stop, Stop::PeeringNotActive { peering: "pcx-1".into() });
}

#[test]
fn groups_are_not_known_across_regions() {
    let mut n = peered();
    n.groups.get_mut("sg-tokyo").unwrap().ingress = vec![rule("icmp", 0, "sg-private")];
    assert!(!go(&n, at("app"), at("tokyo-host"), "icmp", 0).arrives());
    n.peerings.get_mut("pcx-1").unwrap().same_region = true;
    assert!(go(&n, at("app"), at("tokyo-host"), "icmp", 0).arrives());
}

#[test]
fn the_hops_carry_the_addresses_of_their_moment() {
    let t = go(&course(), at("app"), web(), "tcp", 443);
    let seen: Vec<Ipv4Addr> = t.packet.iter().map(|hop| hop.from).collect();
    let mut distinct = seen.clone();
    distinct.dedup();
    assert_eq!(distinct, [ip("10.1.11.20"), ip("10.1.1.50"), ip("3.3.3.3")]);
    assert!(t.packet.iter().all(|hop| hop.to == ip("198.51.100.80")));
}
