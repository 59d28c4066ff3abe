//! Making resources, each with what AWS makes along with it.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::options::Duration;
use super::{
    AclAssociation, AclEntry, Event, InternetGateway, NetworkAcl, Progress, Region, Route, RouteTable,
    RouteTableAssociation, Rule, RuleSource, SecurityGroup, Subnet, Target, Vpc, Zone,
};

impl Region {
    /// The default VPC of a new account.
    pub(super) fn make_default_vpc(&mut self) {
        let cidr = net(Ipv4Addr::new(172, 31, 0, 0), 16);
        let vpc = self.make_vpc(cidr);
        if let Some(made) = self.vpcs.get_mut(&vpc) {
            made.is_default = true;
            made.dns_hostnames = true;
            made.state = Progress::Done;
        }
        let gateway = self.id("igw");
        self.internet_gateways.insert(gateway.clone(), InternetGateway { id: gateway.clone(), vpc: Some(vpc.clone()) });
        let everywhere = Ipv4Net::default();
        if let Some(table) = self.route_tables.values_mut().find(|table| table.vpc == vpc) {
            table.routes.push(Route { destination: everywhere, target: Target::InternetGateway(gateway) });
        }
        for (index, zone) in (0_u8..).zip(self.zones()) {
            let cidr = net(Ipv4Addr::new(172, 31, 16 * index, 0), 20);
            let subnet = self.make_subnet(&vpc, cidr, &zone);
            if let Some(made) = self.subnets.get_mut(&subnet) {
                made.default_for_zone = true;
                made.map_public_ip_on_launch = true;
                made.state = Progress::Done;
            }
        }
        // Nobody saw it come up.
        self.queue.clear();
        self.hidden.clear();
    }

    /// Makes a VPC with what AWS makes along: main route table, default network ACL, default security group.
    pub fn make_vpc(&mut self, cidr: Ipv4Net) -> String {
        let id = self.id("vpc");
        let cidr_association = self.id("vpc-cidr-assoc");
        let vpc = Vpc {
            id: id.clone(),
            cidr,
            cidr_association,
            state: Progress::Pending,
            is_default: false,
            dns_support: true,
            dns_hostnames: false,
        };
        self.vpcs.insert(id.clone(), vpc);
        let table = self.make_route_table(&id, cidr);
        let association = RouteTableAssociation { id: self.id("rtbassoc"), subnet: None, state: Progress::Done };
        if let Some(table) = self.route_tables.get_mut(&table) {
            table.associations.push(association);
        }
        let acl = self.make_network_acl(&id, true);
        if let Some(acl) = self.network_acls.get_mut(&acl) {
            acl.entries.insert(0, AclEntry::all(100, true, true));
            acl.entries.insert(2, AclEntry::all(100, false, true));
        }
        let group = self.make_security_group(&id, "default", "default VPC security group");
        let rule = Rule {
            id: self.id("sgr"),
            egress: false,
            protocol: "-1".to_owned(),
            ports: None,
            source: RuleSource::Group(group.clone()),
            description: None,
        };
        if let Some(group) = self.security_groups.get_mut(&group) {
            group.rules.insert(0, rule);
        }
        self.hide_for_a_while(&id);
        self.schedule(Duration::NETWORK, Event::VpcAvailable(id.clone()));
        id
    }

    /// Makes a subnet, tied to the VPC's default network ACL.
    pub fn make_subnet(&mut self, vpc: &str, cidr: Ipv4Net, zone: &Zone) -> String {
        let id = self.id("subnet");
        let subnet = Subnet {
            id: id.clone(),
            vpc: vpc.to_owned(),
            cidr,
            zone: zone.name.clone(),
            zone_id: zone.id.clone(),
            state: Progress::Pending,
            default_for_zone: false,
            map_public_ip_on_launch: false,
        };
        self.subnets.insert(id.clone(), subnet);
        let association = AclAssociation { id: self.id("aclassoc"), subnet: id.clone() };
        if let Some(acl) = self.network_acls.values_mut().find(|acl| acl.vpc == vpc && acl.is_default) {
            acl.associations.push(association);
        }
        self.hide_for_a_while(&id);
        self.schedule(Duration::NETWORK, Event::SubnetAvailable(id.clone()));
        id
    }

    /// Makes a route table with its local route.
    pub fn make_route_table(&mut self, vpc: &str, cidr: Ipv4Net) -> String {
        let id = self.id("rtb");
        let table = RouteTable {
            id: id.clone(),
            vpc: vpc.to_owned(),
            routes: vec![Route { destination: cidr, target: Target::Local }],
            associations: Vec::new(),
        };
        self.route_tables.insert(id.clone(), table);
        id
    }

    /// Makes a network ACL that denies everything.
    pub fn make_network_acl(&mut self, vpc: &str, is_default: bool) -> String {
        let id = self.id("acl");
        let entries = vec![AclEntry::all(AclEntry::LAST, true, false), AclEntry::all(AclEntry::LAST, false, false)];
        let acl = NetworkAcl { id: id.clone(), vpc: vpc.to_owned(), is_default, entries, associations: Vec::new() };
        self.network_acls.insert(id.clone(), acl);
        id
    }

    /// Makes a security group that lets everything out and nothing in.
    pub fn make_security_group(&mut self, vpc: &str, name: &str, description: &str) -> String {
        let id = self.id("sg");
        let rule = Rule {
            id: self.id("sgr"),
            egress: true,
            protocol: "-1".to_owned(),
            ports: None,
            source: RuleSource::Ipv4(Ipv4Net::default()),
            description: None,
        };
        let group = SecurityGroup {
            id: id.clone(),
            vpc: vpc.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            rules: vec![rule],
        };
        self.security_groups.insert(id.clone(), group);
        id
    }
}

/// A block whose length is known to be right.
fn net(address: Ipv4Addr, length: u8) -> Ipv4Net {
    Ipv4Net::new(address, length).unwrap_or_default()
}
