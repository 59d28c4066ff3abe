//! Hops and their decisions in both languages.
//!
//! Names come first and are followed by a noun, so that no Korean particle depends on how a name ends.

use crate::i18n::Text;
use crate::lab::world::World;
use crate::reach::{Decision, Direction, End, Hop, Near, Network, Pass, Peer, PortRange, Protocol, Rule, Stop, Target};

/// One hop in a line.
pub fn hop_text(world: &World, net: &Network, hop: &Hop) -> Text {
    match &hop.decision {
        Decision::Pass(pass) => pass_text(world, net, pass),
        Decision::Stop(stop) => stop_text(world, net, stop),
    }
}

/// A rule of a security group: `tcp 22 <- my-bastion-host-sg`.
pub(super) fn rule_text(world: &World, rule: &Rule) -> Text {
    let peer = match &rule.peer {
        Peer::Cidr(cidr) => cidr.to_string(),
        Peer::Group(group) => world.name_of(group).to_owned(),
    };
    let what = match (rule.protocol, rule.ports) {
        (None, _) => Text::new("모든 트래픽", "all traffic"),
        (Some(protocol), None) => Text::same(protocol.word()),
        (Some(protocol), Some(ports)) => Text::same(format!("{} {ports}", protocol.word())),
    };
    Text::new(format!("{} <- {peer}", what.ko), format!("{} from {peer}", what.en))
}

/// The same for a rule that lets out.
fn outbound_text(world: &World, rule: &Rule) -> Text {
    let text = rule_text(world, rule);
    Text::new(text.ko.replace(" <- ", " -> "), text.en.replace(" from ", " to "))
}

fn directed(direction: Direction) -> Text {
    match direction {
        Direction::In => Text::new("인바운드", "inbound"),
        Direction::Out => Text::new("아웃바운드", "outbound"),
    }
}

fn ports_text(ports: Option<PortRange>) -> Text {
    match ports {
        Some(ports) => {
            let word = if ports.from == ports.to { "port" } else { "ports" };
            Text::new(format!("포트 {ports}"), format!("{word} {ports}"))
        }
        None => Text::same("ICMP"),
    }
}

fn packet_text(protocol: Protocol, port: u16) -> String {
    match protocol {
        Protocol::Icmp => "icmp".to_owned(),
        protocol => format!("{} {port}", protocol.word()),
    }
}

fn end_text(world: &World, end: &End) -> Text {
    match end {
        End::Host(id) => Text::same(world.name_of(id)),
        End::Outside(address) => Text::new(format!("인터넷의 {address}"), format!("{address} on the internet")),
        End::Address(address) => Text::same(address.to_string()),
    }
}

fn target_name(world: &World, target: &Target) -> String {
    world.name_of(target.id()).to_owned()
}

/// A table by name; a main table is said to be one, because that is usually the mistake.
fn table_text(world: &World, table: Option<&String>, main: bool) -> Text {
    let name = table.map(|id| world.name_of(id).to_owned()).unwrap_or_default();
    let name = name.as_str();
    match (name.is_empty(), main) {
        (true, _) => Text::new("기본 라우팅 테이블", "the main route table"),
        (false, true) => Text::new(format!("기본 라우팅 테이블 {name}"), format!("the main route table {name}")),
        (false, false) => Text::new(format!("라우팅 테이블 {name}"), format!("route table {name}")),
    }
}

fn pass_text(world: &World, net: &Network, pass: &Pass) -> Text {
    match pass {
        Pass::Group { direction, host, group, rule } => {
            let (group, host, way) = (world.name_of(group), world.name_of(host), directed(*direction));
            let rule = if *direction == Direction::In { rule_text(world, rule) } else { outbound_text(world, rule) };
            Text::new(
                format!("보안 그룹 {group} ({host}): {} 규칙 [{}] 허용", way.ko, rule.ko),
                format!("security group {group} of {host}: {} rule [{}] allows it", way.en, rule.en),
            )
        }
        Pass::Tracked { direction, host } => {
            let (host, way) = (world.name_of(host), directed(*direction));
            Text::new(
                format!("보안 그룹 ({host}): {} 응답 허용, 상태 저장이므로 규칙이 필요 없음", way.ko),
                format!("security groups of {host}: stateful, an {} reply needs no rule", way.en),
            )
        }
        Pass::Acl { direction, subnet, acl: _, rule, ports } => {
            let (subnet, way, ports) = (world.name_of(subnet), directed(*direction), ports_text(*ports));
            Text::new(
                format!("네트워크 ACL ({subnet}): {} 규칙 {rule} 허용, {}", way.ko, ports.ko),
                format!("network ACL of {subnet}: {} rule {rule} allows {}", way.en, ports.en),
            )
        }
        Pass::SameSubnet { subnet } => {
            let subnet = world.name_of(subnet);
            Text::new(
                format!("같은 서브넷 {subnet}: 라우팅 테이블과 네트워크 ACL을 거치지 않음"),
                format!("same subnet {subnet}: no route table, no network ACL"),
            )
        }
        Pass::Route { table, main, destination, target } => {
            let (table, target) = (table_text(world, table.as_ref(), *main), target_name(world, target));
            Text::new(
                format!("{}: {destination} -> {target}", table.ko),
                format!("{}: {destination} -> {target}", table.en),
            )
        }
        Pass::InternetGateway { gateway, from, to } => {
            let gateway = world.name_of(gateway);
            Text::new(
                format!("인터넷 게이트웨이 {gateway}: 주소 {from} -> {to}"),
                format!("internet gateway {gateway}: address {from} -> {to}"),
            )
        }
        Pass::Nat { gateway, from, to } => {
            let public = net.nat_gateways.get(gateway).and_then(|nat| nat.public_ip);
            let gateway = world.name_of(gateway);
            let public = public.map(|ip| format!(" (EIP {ip})")).unwrap_or_default();
            Text::new(
                format!("NAT 게이트웨이 {gateway}{public}: 주소 {from} -> {to}"),
                format!("NAT gateway {gateway}{public}: address {from} -> {to}"),
            )
        }
        Pass::Peering { peering } => {
            let peering = world.name_of(peering);
            Text::new(format!("피어링 연결 {peering} 통과"), format!("peering connection {peering}: crossed"))
        }
        Pass::Arrives { at, seen } => {
            let at = end_text(world, at);
            Text::new(format!("도착: {}, 보낸 주소 {seen}", at.ko), format!("arrives at {}, seen as {seen}", at.en))
        }
    }
}

/// What stopped a packet: a sentence without its full stop.
pub fn stop_text(world: &World, net: &Network, stop: &Stop) -> Text {
    match stop {
        Stop::NoHost { end } => {
            let end = end_text(world, end);
            Text::new(
                format!("{} 주소를 가진 호스트가 없습니다", end.ko),
                format!("no host has the address {}", end.en),
            )
        }
        Stop::HostDown { host, state } => {
            let host = world.name_of(host);
            Text::new(
                format!("{host} 인스턴스가 실행 중이 아닙니다 ({state})"),
                format!("instance {host} is not running ({state})"),
            )
        }
        Stop::Refused { host, port } => {
            let host = world.name_of(host);
            Text::new(
                format!("{host} 인스턴스의 {port} 포트에서 듣는 프로그램이 없어 연결이 거부됩니다"),
                format!("instance {host} refuses the connection: nothing listens on port {port}"),
            )
        }
        Stop::NoPublicAddress { host, gateway } => {
            let private = net.hosts.get(host).map(|host| host.private_ip.to_string()).unwrap_or_default();
            let host = world.name_of(host);
            match gateway {
                None => Text::new(
                    format!("{host} 인스턴스에는 퍼블릭 주소가 없습니다. 인터넷에서는 {private} 주소로 갈 수 없습니다"),
                    format!("instance {host} has no public address; the internet has no way to {private}"),
                ),
                Some(gateway) => {
                    let gateway = world.name_of(gateway);
                    Text::new(
                        format!(
                            "경로는 인터넷 게이트웨이 {gateway} 쪽이지만 {host} 인스턴스에 퍼블릭 주소가 없어서 나갈 수 없습니다"
                        ),
                        format!(
                            "the route leads to internet gateway {gateway}, but instance {host} has no public address to leave with"
                        ),
                    )
                }
            }
        }
        Stop::Group { direction, host, groups, protocol, port, near } => {
            group_text(world, *direction, host, groups, &packet_text(*protocol, *port), near)
        }
        Stop::Acl { direction, subnet, rule, ports, .. } => {
            let (subnet, way, ports) = (world.name_of(subnet), directed(*direction), ports_text(*ports));
            let rule = rule.map_or_else(|| "*".to_owned(), |number| number.to_string());
            Text::new(
                format!("{subnet} 서브넷 네트워크 ACL의 {} 규칙 {rule}에서 거부됩니다 ({})", way.ko, ports.ko),
                format!("the network ACL of subnet {subnet} denies it: {} rule {rule} ({})", way.en, ports.en),
            )
        }
        Stop::NoRoute { table, main, subnet } => {
            let (table, subnet) = (table_text(world, table.as_ref(), *main), world.name_of(subnet));
            Text::new(
                format!("{subnet} 서브넷의 {}에 이 목적지로 가는 경로가 없습니다", table.ko),
                format!("{} of subnet {subnet} has no route to the destination", table.en),
            )
        }
        Stop::Blackhole { table, destination, target } => {
            let (table, target) = (table_text(world, table.as_ref(), false), target_name(world, target));
            Text::new(
                format!("{}의 경로 {destination} -> {target}: 대상이 없어진 블랙홀입니다", table.ko),
                format!("the route {destination} -> {target} of {} is a blackhole: its target is gone", table.en),
            )
        }
        Stop::NoInternetGateway { vpc, gateway } => {
            let vpc = world.name_of(vpc);
            match gateway {
                None => Text::new(
                    format!("{vpc} VPC에 연결된 인터넷 게이트웨이가 없습니다"),
                    format!("VPC {vpc} has no internet gateway attached"),
                ),
                Some(gateway) => {
                    let gateway = world.name_of(gateway);
                    Text::new(
                        format!("인터넷 게이트웨이 {gateway}: {vpc} VPC에 연결되어 있지 않습니다"),
                        format!("internet gateway {gateway} is not attached to VPC {vpc}"),
                    )
                }
            }
        }
        Stop::NatNotAvailable { gateway, state } => {
            let gateway = world.name_of(gateway);
            Text::new(
                format!("{gateway} NAT 게이트웨이를 아직 쓸 수 없습니다 ({state})"),
                format!("NAT gateway {gateway} is not available ({state})"),
            )
        }
        Stop::NatInPrivateSubnet { gateway, subnet, table } => {
            let (gateway, subnet) = (world.name_of(gateway), world.name_of(subnet));
            let table = table_text(world, table.as_ref(), false);
            Text::new(
                format!(
                    "{gateway} NAT 게이트웨이가 프라이빗 서브넷 {subnet}에 있습니다. {}에는 인터넷 게이트웨이로 가는 경로가 없습니다",
                    table.ko
                ),
                format!(
                    "NAT gateway {gateway} stands in the private subnet {subnet}: {} has no way to an internet gateway",
                    table.en
                ),
            )
        }
        Stop::NatRefuses { gateway } => {
            let gateway = world.name_of(gateway);
            Text::new(
                format!("{gateway} NAT 게이트웨이는 밖에서 시작한 연결을 받지 않습니다"),
                format!("NAT gateway {gateway} takes no connection that begins outside"),
            )
        }
        Stop::PrivateAddress => {
            Text::new("인터넷에는 프라이빗 주소로 가는 길이 없습니다", "the internet has no way to a private address")
        }
        Stop::PeeringNotActive { peering } => {
            let peering = world.name_of(peering);
            Text::new(
                format!("{peering} 피어링 연결이 활성 상태가 아닙니다"),
                format!("peering connection {peering} is not active"),
            )
        }
        Stop::NotTransitive { peering } => {
            let peering = world.name_of(peering);
            Text::new(
                format!("{peering} 피어링 연결은 상대 VPC의 주소로만 이어집니다"),
                format!("peering connection {peering} leads only to the addresses of the other VPC"),
            )
        }
        Stop::ReplyElsewhere { host, table, target } => {
            let (host, table) = (host_text(world, host), table_text(world, table.as_ref(), false));
            let target = target_name(world, target);
            Text::new(
                format!(
                    "{}의 응답은 {}에 따라 {target} 쪽으로 다른 주소를 달고 나가므로 버려집니다",
                    host.ko, table.ko
                ),
                format!(
                    "the reply of {} leaves by {target} ({}) with another address and is dropped",
                    host.en, table.en
                ),
            )
        }
        Stop::NotFollowed { target } => Text::new(
            format!("{target} 다음의 길은 여기서 계산하지 않습니다"),
            format!("the way beyond {target} is not computed here"),
        ),
    }
}

/// What a host is, with its name: an instance, or a load balancer.
fn host_text(world: &World, host: &str) -> Text {
    let name = world.name_of(host);
    match world.by_id(host).map(|observed| observed.key.kind.as_str()) {
        Some("load-balancer") => Text::new(format!("{name} 로드 밸런서"), format!("load balancer {name}")),
        _ => Text::new(format!("{name} 인스턴스"), format!("instance {name}")),
    }
}

fn group_text(world: &World, direction: Direction, host: &str, groups: &[String], packet: &str, near: &Near) -> Text {
    let host = host_text(world, host);
    let groups = groups.iter().map(|id| world.name_of(id)).collect::<Vec<_>>().join(", ");
    let way = directed(direction);
    let shown = |rule: &Rule| match direction {
        Direction::In => rule_text(world, rule),
        Direction::Out => outbound_text(world, rule),
    };
    let near = match near {
        Near::None => Text::default(),
        Near::OtherPeer(rule) => {
            let rule = shown(rule);
            let (ko, en) = match direction {
                Direction::In => ("보낸 쪽이 다릅니다", "but the source is another"),
                Direction::Out => ("받는 쪽이 다릅니다", "but the destination is another"),
            };
            Text::new(format!(": [{}] 규칙은 있지만 {ko}", rule.ko), format!(": there is [{}], {en}", rule.en))
        }
        Near::OtherPort(rule) => {
            let rule = shown(rule);
            Text::new(
                format!(": [{}] 규칙은 있지만 포트나 프로토콜이 다릅니다", rule.ko),
                format!(": there is [{}], but with another port or protocol", rule.en),
            )
        }
    };
    Text::new(
        format!("{}의 보안 그룹 {groups}에 {packet} 트래픽을 허용하는 {} 규칙이 없습니다{}", host.ko, way.ko, near.ko),
        format!("security group {groups} of {} has no {} rule for {packet}{}", host.en, way.en, near.en),
    )
}

/// How to mend a stop: a sentence without its full stop.
pub fn mend_text(world: &World, stop: &Stop) -> Text {
    match stop {
        Stop::NoHost { .. } => Text::new(
            "인스턴스가 있는지, 주소가 맞는지 확인하세요",
            "Look whether the instance exists and has that address",
        ),
        Stop::HostDown { .. } => Text::new(
            "인스턴스가 running 상태가 될 때까지 기다리거나 시작하세요",
            "Wait until the instance is running, or start it",
        ),
        Stop::Refused { port, .. } => Text::new(
            format!("인스턴스에서 {port} 포트의 서비스를 시작하세요"),
            format!("Start the service of port {port} on the instance"),
        ),
        Stop::NoPublicAddress { gateway: None, .. } => Text::new(
            "탄력적 IP를 연결하거나, 배스천 호스트를 거쳐 접속하세요",
            "Associate an Elastic IP, or connect through the bastion host",
        ),
        Stop::NoPublicAddress { .. } => Text::new(
            "탄력적 IP를 연결하거나, NAT 게이트웨이로 가는 라우팅 테이블에 서브넷을 연결하세요",
            "Associate an Elastic IP, or associate the subnet with the route table that leads to the NAT gateway",
        ),
        Stop::Group { direction: Direction::In, groups, protocol, port, .. } => {
            let (group, packet) = (first_name(world, groups), packet_text(*protocol, *port));
            Text::new(
                format!("{group} 보안 그룹의 인바운드 규칙에 {packet} 허용 규칙을 넣으세요"),
                format!("Add an inbound rule for {packet} to security group {group}"),
            )
        }
        Stop::Group { groups, protocol, port, .. } => {
            let (group, packet) = (first_name(world, groups), packet_text(*protocol, *port));
            Text::new(
                format!("{group} 보안 그룹의 아웃바운드 규칙에 {packet} 허용 규칙을 넣으세요"),
                format!("Add an outbound rule for {packet} to security group {group}"),
            )
        }
        Stop::Acl { direction, acl, rule: Some(rule), ports, .. } => {
            let (acl, way, ports) = (world.name_of(acl), directed(*direction), ports_text(*ports));
            Text::new(
                format!(
                    "네트워크 ACL {acl}의 {} 규칙 {rule}(거부)을 지우거나, {rule}보다 작은 번호로 {} 허용 규칙을 넣으세요. 번호가 가장 작은, 맞는 규칙이 정합니다",
                    way.ko, ports.ko
                ),
                format!(
                    "Delete {} rule {rule} of network ACL {acl}, which denies it, or allow {} with a number below {rule}: the lowest number that matches decides",
                    way.en, ports.en
                ),
            )
        }
        Stop::Acl { direction, acl, rule: None, ports, .. } => {
            let (acl, way, ports) = (world.name_of(acl), directed(*direction), ports_text(*ports));
            Text::new(
                format!(
                    "네트워크 ACL {acl}에 {} {} 허용 규칙을 넣으세요. 상태를 저장하지 않으므로 요청에도 응답에도 규칙이 있어야 합니다",
                    way.ko, ports.ko
                ),
                format!(
                    "Add an {} rule for {} to network ACL {acl}: it is stateless, so the packet and its reply each need a rule",
                    way.en, ports.en
                ),
            )
        }
        Stop::NoRoute { main: true, subnet, .. } => {
            let subnet = world.name_of(subnet);
            Text::new(
                format!("{subnet} 서브넷을 알맞은 라우팅 테이블에 명시적으로 연결하세요"),
                format!("Associate subnet {subnet} with the right route table"),
            )
        }
        Stop::NoRoute { .. } => Text::new("라우팅 테이블에 경로를 추가하세요", "Add a route to the table"),
        Stop::Blackhole { .. } => Text::new(
            "경로를 살아 있는 대상으로 바꾸거나 지우고 다시 만드세요",
            "Point the route at a target that exists, or delete it and make it again",
        ),
        Stop::NoInternetGateway { vpc, .. } => {
            let vpc = world.name_of(vpc);
            Text::new(
                format!("인터넷 게이트웨이를 {vpc} VPC에 연결하세요"),
                format!("Attach the internet gateway to VPC {vpc}"),
            )
        }
        Stop::NatNotAvailable { .. } => Text::new(
            "available 상태가 될 때까지 기다리세요. failed 상태이면 지우고 다시 만드세요",
            "Wait until it is available; when it has failed, delete it and make it again",
        ),
        Stop::NatInPrivateSubnet { .. } => Text::new(
            "NAT 게이트웨이를 지우고 퍼블릭 서브넷에 다시 만드세요",
            "Delete the NAT gateway and make it again in a public subnet",
        ),
        Stop::NatRefuses { .. } => Text::new(
            "밖에서 들어오려면 배스천 호스트처럼 퍼블릭 주소를 가진 호스트가 필요합니다",
            "To come in from outside, a host with a public address is needed, such as the bastion host",
        ),
        Stop::PrivateAddress => Text::new(
            "VPC 안의 호스트를 거치거나, 피어링 또는 VPN 경로를 추가하세요",
            "Go through a host within the VPC, or add a route by peering or VPN",
        ),
        Stop::PeeringNotActive { .. } => Text::new("피어링 요청을 수락하세요", "Accept the peering request"),
        Stop::NotTransitive { .. } => Text::new(
            "피어링은 전이되지 않습니다. 자기 VPC의 게이트웨이를 쓰세요",
            "Peering is not transitive: use a gateway of the VPC itself",
        ),
        Stop::ReplyElsewhere { .. } => Text::new(
            "퍼블릭 주소를 쓰는 인스턴스는 인터넷 게이트웨이로 가는 퍼블릭 서브넷에 두세요",
            "Put an instance with a public address into a public subnet, whose route leads to the internet gateway",
        ),
        Stop::NotFollowed { .. } => {
            Text::new("과정의 라우팅 테이블과 비교해 보세요", "Compare the route tables with those of the course")
        }
    }
}

fn first_name<'a>(world: &'a World, groups: &'a [String]) -> &'a str {
    groups.first().map_or("", |id| world.name_of(id))
}
