//! The nodes of a load balancer: network interfaces with addresses, which outlive it for a while.

use std::net::Ipv4Addr;

use super::{Due, LoadBalancer, Node};
use crate::practice::world::{Duration, Event, InterfaceAttachment, InterfaceKind, NetworkInterface, Region, Subnet};

impl Region {
    /// Puts a new load balancer into the region, with a node in each of the subnets, and lets it be provisioned.
    pub fn add_balancer(&mut self, balancer: LoadBalancer, subnets: &[Subnet]) {
        let arn = balancer.arn.clone();
        self.balancing.balancers.insert(arn.clone(), balancer);
        for subnet in subnets {
            self.add_node(&arn, subnet);
        }
        self.schedule(Duration::BALANCER_CREATE, Event::Balancing(Due::Active(arn)));
    }

    /// Gives a load balancer a node in a subnet that has a free address.
    pub fn add_node(&mut self, arn: &str, subnet: &Subnet) {
        let Some(balancer) = self.balancing.balancers.get(arn) else { return };
        let Some(private_ip) = self.first_free_address(subnet) else { return };
        let (description, groups) = (format!("ELB {}", balancer.label()), balancer.groups.clone());
        let public_ip = if balancer.internet_facing { Some(self.new_public_address()) } else { None };
        let attachment = InterfaceAttachment {
            id: self.id("ela-attach"),
            instance: None,
            device_index: 1,
            attached_at: self.now,
            delete_on_termination: false,
        };
        let interface = NetworkInterface {
            id: self.id("eni"),
            kind: InterfaceKind::LoadBalancer,
            vpc: subnet.vpc.clone(),
            subnet: subnet.id.clone(),
            zone: subnet.zone.clone(),
            description,
            private_ip,
            mac: self.new_mac(),
            groups,
            source_dest_check: true,
            attachment: Some(attachment),
            wants_public_ip: false,
            public_ip,
        };
        let node = Node { zone: subnet.zone.clone(), subnet: subnet.id.clone(), interface: interface.id.clone() };
        self.interfaces.insert(interface.id.clone(), interface);
        if let Some(balancer) = self.balancing.balancers.get_mut(arn) {
            balancer.nodes.push(node);
        }
    }

    /// Takes the nodes out of all subnets but these; their interfaces stay for a while.
    pub fn keep_nodes(&mut self, arn: &str, subnets: &[String]) {
        let Some(balancer) = self.balancing.balancers.get_mut(arn) else { return };
        let (kept, lost): (Vec<Node>, Vec<Node>) =
            std::mem::take(&mut balancer.nodes).into_iter().partition(|node| subnets.contains(&node.subnet));
        balancer.nodes = kept;
        self.release(lost);
    }

    /// Deletes a load balancer with its listeners. It is listed for some seconds more, and its interfaces hold addresses, subnets and
    /// security groups for minutes.
    pub fn delete_balancer(&mut self, arn: &str) {
        let Some(balancer) = self.balancing.balancers.get_mut(arn) else { return };
        balancer.deleted = true;
        let nodes = std::mem::take(&mut balancer.nodes);
        let listeners: Vec<String> =
            self.balancing.listeners.values().filter(|one| one.balancer == arn).map(|one| one.arn.clone()).collect();
        for listener in listeners {
            self.delete_listener(&listener);
        }
        self.release(nodes);
        self.schedule(Duration::BALANCER_DELETE, Event::Balancing(Due::Gone(arn.to_owned())));
    }

    /// Deletes a listener with its rules.
    pub fn delete_listener(&mut self, arn: &str) {
        let Some(listener) = self.balancing.listeners.remove(arn) else { return };
        self.forget(arn);
        self.forget(&listener.default_rule);
        for rule in listener.rules.values() {
            self.forget(&rule.arn);
        }
    }

    fn release(&mut self, nodes: Vec<Node>) {
        if !nodes.is_empty() {
            let interfaces = nodes.into_iter().map(|node| node.interface).collect();
            self.schedule(Duration::BALANCER_INTERFACES, Event::Balancing(Due::Released(interfaces)));
        }
    }

    /// What the state of a load balancer's interface is called, and on which ports it listens.
    pub(in crate::practice::world) fn node_state(&self, interface: &str) -> (&'static str, Vec<u16>) {
        let mut all = self.balancing.balancers.values();
        match all.find(|balancer| balancer.nodes.iter().any(|node| node.interface == interface)) {
            Some(balancer) if balancer.active => {
                let listeners = self.balancing.listeners.values().filter(|one| one.balancer == balancer.arn);
                ("running", listeners.map(|one| one.port).collect())
            }
            Some(_) => ("provisioning", Vec::new()),
            None => ("deleting", Vec::new()),
        }
    }

    /// The load balancer with this DNS name, without a final dot and in lower case.
    pub fn balancer_named(&self, dns_name: &str) -> Option<&LoadBalancer> {
        self.balancing.balancers.values().find(|one| !one.deleted && one.dns_name.eq_ignore_ascii_case(dns_name))
    }

    /// The addresses that a load balancer's DNS name resolves to: public ones if it faces the internet, else private ones; without those in
    /// zones that are down, unless all are. None: no such name.
    pub fn balancer_addresses(&self, dns_name: &str) -> Option<Vec<Ipv4Addr>> {
        let balancer = self.balancer_named(dns_name)?;
        let all_down = balancer.nodes.iter().all(|node| self.zone_is_down(&node.zone));
        let nodes = balancer.nodes.iter().filter(|node| all_down || !self.zone_is_down(&node.zone));
        let interfaces = nodes.filter_map(|node| self.interfaces.get(&node.interface));
        let address = |one: &NetworkInterface| {
            if balancer.internet_facing { one.public_ip } else { Some(one.private_ip) }
        };
        Some(interfaces.filter_map(address).collect())
    }

    /// The load balancer whose node has this address, public or private, and the node's interface: (ARN, interface id). A private address
    /// counts within one VPC only.
    pub fn balancer_at(&self, address: Ipv4Addr, vpc: Option<&str>) -> Option<(&str, &str)> {
        let node_at = |interface: &NetworkInterface| {
            interface.public_ip == Some(address)
                || (interface.private_ip == address && vpc == Some(interface.vpc.as_str()))
        };
        self.balancing.balancers.values().find_map(|balancer| {
            let node = balancer.nodes.iter().find(|node| self.interfaces.get(&node.interface).is_some_and(node_at))?;
            Some((balancer.arn.as_str(), node.interface.as_str()))
        })
    }
}
