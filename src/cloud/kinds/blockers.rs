//! What stands between a resource and its deletion, found by looking: "why can't I delete this?"
//!
//! Promises: read-only; every blocker is a sentence that names it, and says whether it goes by itself.

use aws_sdk_ec2::types::{Filter, NetworkInterface, SecurityGroup, Tag};

use crate::cloud::Clients;
use crate::course::model::Role;
use crate::i18n::Text;
use crate::lab::report::Blocker;
use crate::problem::Problem;

use super::support::{filter, read, read_all};

fn name_of(tags: &[Tag]) -> String {
    tags.iter().find(|tag| tag.key() == Some("Name")).and_then(|tag| tag.value()).unwrap_or_default().to_owned()
}

fn blocker(kind: &str, id: Option<&str>, name: String, why: Text) -> Blocker {
    let id = id.unwrap_or_default().to_owned();
    let called = if name.is_empty() { id.clone() } else { format!("{name} ({id})") };
    Blocker { kind: kind.to_owned(), why: why.fill(&[("it", &called)]), id, name, passes: false }
}

async fn list_interfaces(clients: &Clients, role: Role, by: Filter) -> Result<Vec<NetworkInterface>, Problem> {
    let request = clients.ec2(role).describe_network_interfaces().filters(by);
    Ok(read_all!(clients, role, "DescribeNetworkInterfaces", request))
}

/// The network interfaces that pass the filter, each with what it belongs to.
pub async fn interfaces(clients: &Clients, role: Role, by: Filter) -> Result<Vec<Blocker>, Problem> {
    Ok(list_interfaces(clients, role, by).await?.iter().map(interface).collect())
}

fn interface(interface: &NetworkInterface) -> Blocker {
    let name = name_of(interface.tag_set());
    let attachment = interface.attachment();
    let instance = attachment.and_then(|attachment| attachment.instance_id());
    let kind = interface.interface_type().map_or("interface", |kind| kind.as_str());
    let description = interface.description().unwrap_or_default();
    let service = interface.requester_managed().unwrap_or_default() || kind == "nat_gateway";
    let why = match (kind, instance) {
        (_, Some(instance)) => Text::new(
            format!(
                "인스턴스 {instance}의 네트워크 인터페이스가 남아 있습니다: {{it}}. 인스턴스가 종료되면 사라집니다."
            ),
            format!(
                "The network interface {{it}} of instance {instance} is still there. It goes when the instance is terminated."
            ),
        ),
        ("nat_gateway", _) => Text::new(
            format!(
                "NAT 게이트웨이의 네트워크 인터페이스가 남아 있습니다: {{it}} ({description}). NAT 게이트웨이가 완전히 삭제되면 사라집니다."
            ),
            format!(
                "The NAT gateway's network interface {{it}} is still there ({description}). It goes when the NAT gateway is fully deleted."
            ),
        ),
        _ if service => Text::new(
            format!(
                "AWS 서비스가 관리하는 네트워크 인터페이스가 남아 있습니다: {{it}} ({description}). 그 서비스의 리소스를 지우면 사라집니다."
            ),
            format!(
                "The network interface {{it}} is managed by an AWS service ({description}). It goes when that service's resource is deleted."
            ),
        ),
        _ => Text::new(
            format!("네트워크 인터페이스가 남아 있습니다: {{it}} ({description}). 직접 지워야 합니다."),
            format!("The network interface {{it}} is still there ({description}). You have to delete it."),
        ),
    };
    let mut out = blocker("network-interface", interface.network_interface_id(), name, why);
    out.passes = service || instance.is_some();
    out
}

/// The network interfaces that pass the filter and hold a public address.
pub async fn public_addresses(clients: &Clients, role: Role, by: Filter) -> Result<Vec<Blocker>, Problem> {
    let interfaces = list_interfaces(clients, role, by).await?;
    let mapped = interfaces.iter().filter_map(|interface| {
        let address = interface.association()?.public_ip()?;
        let owner = interface.attachment().and_then(|attachment| attachment.instance_id());
        let owner = owner.or(interface.description()).unwrap_or_default();
        let why = Text::new(
            format!("퍼블릭 IP {address}: 아직 {{it}}에 연결되어 있습니다 ({owner}). 주소를 해제하거나 그 리소스를 지워야 합니다."),
            format!("Public address {address} is still mapped to {{it}} ({owner}). Disassociate it or delete that resource."),
        );
        let mut out = blocker("network-interface", interface.network_interface_id(), name_of(interface.tag_set()), why);
        out.passes = interface.interface_type().is_some_and(|kind| kind.as_str() == "nat_gateway");
        Some(out)
    });
    Ok(mapped.collect())
}

/// The security groups whose inbound or outbound rules name the group.
pub async fn referring_groups(clients: &Clients, role: Role, group: &str) -> Result<Vec<Blocker>, Problem> {
    let mut out: Vec<Blocker> = Vec::new();
    for by in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
        let request = clients.ec2(role).describe_security_groups().filters(filter(by, [group]));
        let groups: Vec<SecurityGroup> = read_all!(clients, role, "DescribeSecurityGroups", request);
        for other in groups.iter().filter(|other| other.group_id() != Some(group)) {
            if out.iter().any(|known| Some(known.id.as_str()) == other.group_id()) {
                continue;
            }
            let name = other.group_name().unwrap_or_default().to_owned();
            let why = Text::new(
                "보안 그룹 {it}의 규칙이 이 그룹을 가리킵니다. 그 규칙을 먼저 지워야 합니다.",
                "A rule of security group {it} names this group. Remove that rule first.",
            );
            out.push(blocker("security-group-rule", other.group_id(), name, why));
        }
    }
    Ok(out)
}

/// What a VPC still holds. Its default group, default network ACL and main route table go with it.
pub async fn of_vpc(clients: &Clients, role: Role, vpc: &str) -> Result<Vec<Blocker>, Problem> {
    let ec2 = clients.ec2(role);
    let by_vpc = || filter("vpc-id", [vpc]);
    let mut out = Vec::new();

    let subnets: Vec<aws_sdk_ec2::types::Subnet> =
        read_all!(clients, role, "DescribeSubnets", ec2.describe_subnets().filters(by_vpc()));
    out.extend(subnets.iter().map(|subnet| {
        let why = Text::new("이 VPC에 서브넷이 남아 있습니다: {it}.", "Subnet {it} is in this VPC.");
        blocker("subnet", subnet.subnet_id(), name_of(subnet.tags()), why)
    }));

    let attached = filter("attachment.vpc-id", [vpc]);
    let gateways: Vec<aws_sdk_ec2::types::InternetGateway> =
        read_all!(clients, role, "DescribeInternetGateways", ec2.describe_internet_gateways().filters(attached));
    out.extend(gateways.iter().map(|gateway| {
        let why = Text::new("인터넷 게이트웨이가 연결되어 있습니다: {it}.", "Internet gateway {it} is attached.");
        blocker("internet-gateway", gateway.internet_gateway_id(), name_of(gateway.tags()), why)
    }));

    let tables: Vec<aws_sdk_ec2::types::RouteTable> =
        read_all!(clients, role, "DescribeRouteTables", ec2.describe_route_tables().filters(by_vpc()));
    let is_main = |table: &&aws_sdk_ec2::types::RouteTable| {
        table.associations().iter().any(|association| association.main().unwrap_or_default())
    };
    out.extend(tables.iter().filter(|table| !is_main(table)).map(|table| {
        let why = Text::new("이 VPC에 라우팅 테이블이 남아 있습니다: {it}.", "Route table {it} is in this VPC.");
        blocker("route-table", table.route_table_id(), name_of(table.tags()), why)
    }));

    let groups: Vec<SecurityGroup> =
        read_all!(clients, role, "DescribeSecurityGroups", ec2.describe_security_groups().filters(by_vpc()));
    out.extend(groups.iter().filter(|group| group.group_name() != Some("default")).map(|group| {
        let why = Text::new("이 VPC에 보안 그룹이 남아 있습니다: {it}.", "Security group {it} is in this VPC.");
        blocker("security-group", group.group_id(), group.group_name().unwrap_or_default().to_owned(), why)
    }));

    let peerings = clients.ec2(role).describe_vpc_peering_connections();
    let peerings: Vec<aws_sdk_ec2::types::VpcPeeringConnection> =
        read_all!(clients, role, "DescribeVpcPeeringConnections", peerings);
    let blocks = |peering: &&aws_sdk_ec2::types::VpcPeeringConnection| {
        let state = peering.status().and_then(|status| status.code()).map_or("", |code| code.as_str());
        let sides = [peering.requester_vpc_info(), peering.accepter_vpc_info()];
        matches!(state, "pending-acceptance" | "provisioning" | "active")
            && sides.iter().flatten().any(|side| side.vpc_id() == Some(vpc))
    };
    out.extend(peerings.iter().filter(blocks).map(|peering| {
        let why = Text::new(
            "피어링 연결이 이 VPC를 잇고 있습니다: {it}. 피어링 연결을 먼저 지워야 합니다.",
            "Peering connection {it} joins this VPC. Delete the peering connection first.",
        );
        let id = peering.vpc_peering_connection_id();
        blocker("vpc-peering-connection", id, name_of(peering.tags()), why)
    }));

    out.extend(interfaces(clients, role, by_vpc()).await?);
    Ok(out)
}

/// What an Elastic IP address is mapped to.
pub async fn of_address(clients: &Clients, role: Role, allocation: &str) -> Result<Vec<Blocker>, Problem> {
    let request = clients.ec2(role).describe_addresses().filters(filter("allocation-id", [allocation]));
    let answer = read!(clients, role, "DescribeAddresses", request);
    let mapped = answer.addresses().iter().filter(|address| address.association_id().is_some()).map(|address| {
        let holder = address.instance_id().filter(|id| !id.is_empty()).or(address.network_interface_id());
        let why = Text::new(
            "주소가 {it}에 연결되어 있습니다. 연결을 해제하거나, NAT 게이트웨이라면 완전히 삭제될 때까지 기다려야 합니다.",
            "The address is mapped to {it}. Disassociate it, or, for a NAT gateway, wait until it is fully deleted.",
        );
        let mut out = blocker("elastic-ip-association", holder, String::new(), why);
        out.passes = address.instance_id().is_none_or(str::is_empty);
        out
    });
    Ok(mapped.collect())
}

/// The subnets that a route table is associated with.
pub async fn of_table(clients: &Clients, role: Role, table: &str) -> Result<Vec<Blocker>, Problem> {
    let request = clients.ec2(role).describe_route_tables().filters(filter("route-table-id", [table]));
    let tables: Vec<aws_sdk_ec2::types::RouteTable> = read_all!(clients, role, "DescribeRouteTables", request);
    let associated = tables.iter().flat_map(|table| table.associations()).filter_map(|association| {
        let subnet = association.subnet_id()?;
        let why = Text::new(
            format!("이 테이블에 서브넷이 연결되어 있습니다: {subnet} ({{it}}). 연결을 먼저 끊어야 합니다."),
            format!("Subnet {subnet} is associated with this table ({{it}}). Disassociate it first."),
        );
        Some(blocker("route-table-association", association.route_table_association_id(), String::new(), why))
    });
    Ok(associated.collect())
}
