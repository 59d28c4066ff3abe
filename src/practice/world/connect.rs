//! EC2 Instance Connect Endpoints: a door into a VPC for SSH, with a network interface that holds on to its subnet and groups.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::options::Duration;
use super::{Event, InterfaceAttachment, InterfaceKind, NetworkInterface, Region, Subnet};

/// The state of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum ConnectState {
    CreateInProgress,
    CreateComplete,
    DeleteInProgress,
}

impl ConnectState {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateInProgress => "create-in-progress",
            Self::CreateComplete => "create-complete",
            Self::DeleteInProgress => "delete-in-progress",
        }
    }
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct ConnectEndpoint {
    /// `eice-...`
    pub id: String,
    pub vpc: String,
    pub subnet: String,
    pub zone: String,
    pub state: ConnectState,
    pub interface: String,
    pub groups: Vec<String>,
    pub preserve_client_ip: bool,
    pub dns_name: String,
    pub created: i64,
}

impl Region {
    /// Begins an endpoint in a subnet, at an address that is free there.
    pub fn begin_connect_endpoint(
        &mut self,
        subnet: &Subnet,
        private_ip: Ipv4Addr,
        groups: Vec<String>,
        preserve_client_ip: bool,
    ) -> String {
        let id = self.id("eice");
        let attachment = InterfaceAttachment {
            id: self.id("eni-attach"),
            instance: None,
            device_index: 1,
            attached_at: self.now,
            delete_on_termination: false,
        };
        let interface = NetworkInterface {
            id: self.id("eni"),
            kind: InterfaceKind::ConnectEndpoint,
            vpc: subnet.vpc.clone(),
            subnet: subnet.id.clone(),
            zone: subnet.zone.clone(),
            description: format!("EC2 Instance Connect Endpoint {id}"),
            private_ip,
            mac: self.new_mac(),
            groups: groups.clone(),
            source_dest_check: true,
            attachment: Some(attachment),
            wants_public_ip: false,
            public_ip: None,
        };
        let [a, b, c, d, ..] = self.random.draw().to_le_bytes();
        let endpoint = ConnectEndpoint {
            id: id.clone(),
            vpc: subnet.vpc.clone(),
            subnet: subnet.id.clone(),
            zone: subnet.zone.clone(),
            state: ConnectState::CreateInProgress,
            interface: interface.id.clone(),
            groups,
            preserve_client_ip,
            dns_name: format!(
                "{id}.{a:02x}{b:02x}{c:02x}{d:02x}.ec2-instance-connect-endpoint.{}.amazonaws.com",
                self.name()
            ),
            created: self.now,
        };
        self.interfaces.insert(interface.id.clone(), interface);
        self.connect_endpoints.insert(id.clone(), endpoint);
        self.hide_for_a_while(&id);
        self.schedule(Duration::CONNECT_ENDPOINT, Event::ConnectEndpoint(id.clone()));
        id
    }

    /// Begins the end of an endpoint; one that is already going stays as it is.
    pub fn end_connect_endpoint(&mut self, id: &str) {
        let Some(endpoint) = self.connect_endpoints.get_mut(id) else { return };
        if endpoint.state != ConnectState::DeleteInProgress {
            endpoint.state = ConnectState::DeleteInProgress;
            self.schedule(Duration::CONNECT_ENDPOINT, Event::ConnectEndpoint(id.to_owned()));
        }
    }

    pub(super) fn connect_endpoint_due(&mut self, id: &str) {
        let Some(endpoint) = self.connect_endpoints.get_mut(id) else { return };
        match endpoint.state {
            ConnectState::CreateInProgress => endpoint.state = ConnectState::CreateComplete,
            ConnectState::CreateComplete => {}
            ConnectState::DeleteInProgress => {
                let interface = endpoint.interface.clone();
                self.connect_endpoints.remove(id);
                self.forget(id);
                self.remove_interface(&interface);
            }
        }
    }
}
