//! EC2 by its operations, one file a kind of resource.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod acl;
mod address;
mod attach;
mod beyond;
mod compute;
mod faults;
mod images;
mod network;
mod peering;
mod profile;
mod security;
mod tags;
mod template;
mod time;

use super::handle;
use crate::practice::services::testing::{self, all, pick};
use crate::practice::services::{ApiError, Request};
use crate::practice::wire::query::Params;
use crate::practice::world::World;
use crate::practice::world::catalogue;

const START: i64 = 1_790_000_000_000;
const SEOUL: &str = "ap-northeast-2";

/// A world and a way to call it.
#[derive(Clone)]
struct Bench {
    world: World,
    region: &'static str,
}

impl Bench {
    fn new() -> Self {
        Self { world: World::new(42, "100000000001", START), region: SEOUL }
    }

    /// Calls an operation with `Name=value` parameters; an error changes nothing, as in the practice cloud.
    fn call(&mut self, operation: &str, pairs: &[(&str, &str)]) -> Result<String, ApiError> {
        testing::call(&mut self.world, handle, (self.region, operation), pairs)
    }

    fn ok(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.call(operation, pairs).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn code(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.error(operation, pairs).code
    }

    fn error(&mut self, operation: &str, pairs: &[(&str, &str)]) -> ApiError {
        self.call(operation, pairs).expect_err("an error")
    }

    /// Lets seconds pass.
    fn wait(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    fn vpc(&mut self) -> String {
        pick(&self.ok("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]), "vpcId")
    }

    fn subnet(&mut self, vpc: &str, cidr: &str) -> String {
        let zone = format!("{}a", self.region);
        let answer = self.ok("CreateSubnet", &[("VpcId", vpc), ("CidrBlock", cidr), ("AvailabilityZone", &zone)]);
        pick(&answer, "subnetId")
    }

    fn attached_gateway(&mut self, vpc: &str) -> String {
        let id = pick(&self.ok("CreateInternetGateway", &[]), "internetGatewayId");
        self.ok("AttachInternetGateway", &[("InternetGatewayId", &id), ("VpcId", vpc)]);
        id
    }

    fn image(&self) -> String {
        let parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
        catalogue::image_of_parameter(self.region, parameter).unwrap().id
    }

    /// Starts a t3.micro in a subnet; `more` adds to the request or replaces parts of it.
    fn try_instance(&mut self, subnet: &str, more: &[(&str, &str)]) -> Result<String, ApiError> {
        let image = self.image();
        let base = [
            ("ImageId", image.as_str()),
            ("InstanceType", "t3.micro"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", subnet),
        ];
        let mut pairs: Vec<(&str, &str)> =
            base.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).collect();
        pairs.extend_from_slice(more);
        self.call("RunInstances", &pairs).map(|answer| pick(&answer, "instanceId"))
    }

    fn instance(&mut self, subnet: &str, more: &[(&str, &str)]) -> String {
        self.try_instance(subnet, more).unwrap()
    }

    fn table(&mut self, vpc: &str) -> String {
        pick(&self.ok("CreateRouteTable", &[("VpcId", vpc)]), "routeTableId")
    }
}
