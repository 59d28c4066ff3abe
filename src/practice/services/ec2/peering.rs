//! VPC peering connections: asked for in one region, answered in the other, seen in both.

use ipnet::Ipv4Net;

use super::Call;
use super::common::{maybe, one, time};
use super::errors::{self, invalid_combination, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::{ApiError, Request};
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::peering::{Peering, PeeringState, Side};
use crate::practice::world::{Duration, Global, Region, World, catalogue};

fn state_element(region: &Region, peering: &Peering) -> Element {
    let state = peering.state(region.now());
    let message = message(region, peering);
    Element::new("status").leaf("code", state.as_str()).leaf("message", message)
}

fn message(region: &Region, peering: &Peering) -> String {
    let account = region.account();
    match peering.state(region.now()) {
        PeeringState::InitiatingRequest => format!("Initiating Request to {account}"),
        PeeringState::PendingAcceptance => format!("Pending Acceptance by {account}"),
        PeeringState::Provisioning => "Provisioning".to_owned(),
        PeeringState::Active => "Active".to_owned(),
        PeeringState::Failed => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        PeeringState::Rejected => format!("Rejected by {account}"),
        PeeringState::Expired => "Expired".to_owned(),
        PeeringState::Deleting => format!("Deleting by {account}"),
        PeeringState::Deleted => format!("Deleted by {account}"),
    }
}

fn side(region: &Region, name: &str, side: &Side, with_block: bool, with_options: bool) -> Element {
    let block = side.cidr.filter(|_| with_block);
    let set = block.map(|block| Element::new("cidrBlockSet").child(Element::item().leaf("cidrBlock", block)));
    let options = Element::new("peeringOptions")
        .leaf("allowDnsResolutionFromRemoteVpc", side.dns)
        .leaf("allowEgressFromLocalClassicLinkToRemoteVpc", false)
        .leaf("allowEgressFromLocalVpcToRemoteClassicLink", false);
    Element::new(name)
        .leaf_opt("cidrBlock", block)
        .child_opt(set)
        .leaf("ownerId", region.account())
        .child_opt(with_options.then_some(options))
        .leaf("vpcId", &side.vpc)
        .leaf("region", &side.region)
}

fn item(region: &Region, peering: &Peering, name: &str) -> Element {
    let state = peering.state(region.now());
    let accepted = peering.accepted.is_some();
    let waits = matches!(state, PeeringState::InitiatingRequest | PeeringState::PendingAcceptance);
    Element::new(name)
        .leaf("vpcPeeringConnectionId", &peering.id)
        .child(side(region, "requesterVpcInfo", &peering.requester, true, accepted))
        .child(side(region, "accepterVpcInfo", &peering.accepter, accepted, accepted))
        .child(state_element(region, peering))
        .leaf_opt("expirationTime", waits.then(|| time(peering.expires())))
        .child(tags::set(region, &peering.id))
}

/// The connection that a request names, as far as this region knows of it.
pub(super) fn known<'g>(region: &Region, global: &'g Global, id: &str) -> Result<&'g Peering, ApiError> {
    if !id.starts_with("pcx-") {
        return Err(super::common::malformed("InvalidVpcPeeringConnectionId.Malformed", id, "pcx-"));
    }
    global
        .peerings
        .get(id)
        .filter(|peering| peering.is_seen_in(region.name(), region.now()))
        .ok_or_else(|| errors::PEERING.not_found(id))
}

/// The block of the VPC that a CreateVpcPeeringConnection request wants to be tied to.
fn peer_block(world: &World, request: &Request<'_>) -> Option<Ipv4Net> {
    let region = request.params.text("PeerRegion").unwrap_or(request.region);
    Some(world.region(region)?.vpcs.get(request.params.text("PeerVpcId")?)?.cidr)
}

/// Answers the operations that change a connection, which both regions share.
pub(super) fn handle(world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    let peer = peer_block(world, request);
    let (region, global) = world.parts(request.region);
    let call = &mut Call {
        region,
        global,
        params: request.params,
        operation: request.operation,
        request_id: &request.request_id,
    };
    let (answer, peering) = match request.operation {
        "CreateVpcPeeringConnection" => create(call, peer),
        "AcceptVpcPeeringConnection" => accept(call),
        "RejectVpcPeeringConnection" => reject(call),
        "DeleteVpcPeeringConnection" => delete(call),
        _ => modify(call),
    }?;
    for name in [&peering.requester.region, &peering.accepter.region] {
        // A request to a VPC that nobody has must not call its region into being.
        if world.region(name).is_some() {
            world.region_mut(name).changed();
        }
    }
    let now = world.now();
    let global = world.global_mut();
    global.peerings.retain(|_, old| !old.is_forgotten(now));
    global.peerings.insert(peering.id.clone(), peering);
    global.changed();
    Ok(answer)
}

type Changed = Result<(Element, Peering), ApiError>;

/// The live connections of a VPC.
pub(super) fn live<'g>(region: &Region, global: &'g Global, vpc: &str) -> impl Iterator<Item = &'g Peering> {
    let (name, vpc, now) = (region.name().to_owned(), vpc.to_owned(), region.now());
    global.peerings.values().filter(move |one| one.joins(&name, &vpc) && one.state(now).is_live())
}

/// CreateVpcPeeringConnection: overlapping blocks and VPCs of another region that do not exist are found out on the way.
fn create(call: &mut Call<'_>, peer: Option<Ipv4Net>) -> Changed {
    let params = call.params;
    let vpc = params.required("VpcId")?;
    let peer_vpc = params.text("PeerVpcId").ok_or_else(|| missing("peerVpcId"))?;
    let peer_region = params.text("PeerRegion").unwrap_or(call.region.name()).to_owned();
    let tags = call.tags_for("vpc-peering-connection")?;
    let requester = Side {
        region: call.region.name().to_owned(),
        vpc: vpc.to_owned(),
        cidr: Some(call.vpc(vpc)?.cidr),
        dns: false,
    };
    if params.text("PeerOwnerId").is_some_and(|owner| owner != call.region.account()) {
        return Err(ApiError::not_simulated("peering with another account"));
    }
    if !catalogue::REGIONS.contains(&peer_region.as_str()) {
        return Err(invalid_value(format!("Invalid value '{peer_region}' for PeerRegion")));
    }
    if peer.is_none() && peer_region == call.region.name() {
        return Err(errors::VPC.not_found(peer_vpc));
    }
    let now = call.region.now();
    let between = |one: &&Peering| one.joins(&peer_region, peer_vpc) && one.accepted.is_some();
    if let Some(there) = live(call.region, call.global, vpc).find(between) {
        return Err(ApiError::new(
            "VpcPeeringConnectionAlreadyExists",
            format!("The VPC peering connection {} already exists between {vpc} and {peer_vpc}", there.id),
        ));
    }
    let waiting = |one: &&Peering| one.requester.region == requester.region && one.accepted.is_none();
    let outstanding = call.global.peerings.values().filter(|one| one.state(now).is_live()).filter(waiting).count();
    if outstanding >= call.region.options().limits.outstanding_peerings {
        return Err(limit(
            "OutstandingVpcPeeringConnectionLimitExceeded",
            "outstanding VPC peering connection requests",
        ));
    }
    let id = call.region.id("pcx");
    let far = peer_region != call.region.name();
    let arrives = if far { call.region.moment(Duration::PEERING_REQUEST) } else { now + 500 };
    let accepter = Side { region: peer_region, vpc: peer_vpc.to_owned(), cidr: peer, dns: false };
    let peering =
        Peering { id, requester, accepter, created: now, arrives, accepted: None, rejected: None, deleted: None };
    call.tag(&peering.id, tags);
    Ok((call.answer().child(item(call.region, &peering, "vpcPeeringConnection")), peering))
}

fn wrong_transition(peering: &Peering, now: i64, to: &str) -> ApiError {
    let from = peering.state(now).as_str();
    ApiError::new(
        "InvalidStateTransition",
        format!("Invalid state transition for {}, attempted to transition from {from} to {to}", peering.id),
    )
}

/// The request that is to be answered here.
fn to_answer(call: &Call<'_>, verb: &str, to: &str) -> Result<Peering, ApiError> {
    let id = call.params.required("VpcPeeringConnectionId")?;
    let peering = known(call.region, call.global, id)?;
    let (here, there) = (call.region.name(), &peering.accepter.region);
    if here != there {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "Incorrect region ( {here} ) specified for this request. VPC peering connection {id} must be {verb} in region {there}"
            ),
        ));
    }
    if peering.state(call.region.now()) != PeeringState::PendingAcceptance {
        return Err(wrong_transition(peering, call.region.now(), to));
    }
    Ok(peering.clone())
}

/// AcceptVpcPeeringConnection: in the accepter's region, once.
fn accept(call: &mut Call<'_>) -> Changed {
    let mut peering = to_answer(call, "accepted", "active")?;
    let now = call.region.now();
    let tied = |side: &Side| {
        call.global
            .peerings
            .values()
            .filter(|one| one.joins(&side.region, &side.vpc) && one.accepted.is_some() && one.state(now).is_live())
            .collect::<Vec<_>>()
    };
    let (ours, theirs) = (tied(&peering.accepter), tied(&peering.requester));
    if let Some(there) = ours.iter().find(|one| one.joins(&peering.requester.region, &peering.requester.vpc)) {
        return Err(ApiError::new(
            "VpcPeeringConnectionAlreadyExists",
            format!("The VPC peering connection {} already exists between the two VPCs", there.id),
        ));
    }
    let most = call.region.options().limits.peerings_per_vpc;
    if ours.len() >= most || theirs.len() >= most {
        return Err(limit("ActiveVpcPeeringConnectionPerVpcLimitExceeded", "active VPC peering connections per VPC"));
    }
    peering.accepted = Some((now, call.region.moment(Duration::PEERING_PROVISION)));
    Ok((call.answer().child(item(call.region, &peering, "vpcPeeringConnection")), peering))
}

/// RejectVpcPeeringConnection
fn reject(call: &mut Call<'_>) -> Changed {
    let mut peering = to_answer(call, "rejected", "rejected")?;
    peering.rejected = Some(call.region.now());
    Ok((call.done(), peering))
}

/// DeleteVpcPeeringConnection: from either side; one that has come to nothing cannot be deleted.
fn delete(call: &mut Call<'_>) -> Changed {
    let id = call.params.required("VpcPeeringConnectionId")?;
    let mut peering = known(call.region, call.global, id)?.clone();
    let now = call.region.now();
    match peering.state(now) {
        PeeringState::Failed | PeeringState::Rejected | PeeringState::Expired => {
            return Err(wrong_transition(&peering, now, "deleted"));
        }
        PeeringState::Deleting | PeeringState::Deleted => {}
        PeeringState::InitiatingRequest | PeeringState::PendingAcceptance => peering.deleted = Some((now, now)),
        PeeringState::Provisioning | PeeringState::Active => {
            peering.deleted = Some((now, call.region.moment(Duration::PEERING_DELETE)));
        }
    }
    Ok((call.done(), peering))
}

fn options(view: &View<'_>) -> Result<Option<bool>, ApiError> {
    Ok(view.bool("AllowDnsResolutionFromRemoteVpc")?)
}

/// ModifyVpcPeeringConnectionOptions: each side in its own region, while the connection is active.
fn modify(call: &mut Call<'_>) -> Changed {
    let params = call.params;
    let id = params.required("VpcPeeringConnectionId")?;
    let mut peering = known(call.region, call.global, id)?.clone();
    let here = call.region.name().to_owned();
    let requester = options(&params.sub("RequesterPeeringConnectionOptions"))?;
    let accepter = options(&params.sub("AccepterPeeringConnectionOptions"))?;
    if requester.is_none() && accepter.is_none() {
        return Err(missing("RequesterPeeringConnectionOptions"));
    }
    if !peering.is_active(call.region.now()) {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!("Peering {id} is not active. Peering options can be added only to active peerings."),
        ));
    }
    let mut answer = call.answer();
    for (asked, side, name) in [
        (requester, &mut peering.requester, "requesterPeeringConnectionOptions"),
        (accepter, &mut peering.accepter, "accepterPeeringConnectionOptions"),
    ] {
        let Some(on) = asked else { continue };
        if side.region != here {
            return Err(invalid_combination(format!(
                "The options of the VPC {} of peering {id} must be changed in region {}",
                side.vpc, side.region
            )));
        }
        if on && !call.region.vpcs.get(&side.vpc).is_some_and(|vpc| vpc.dns_hostnames) {
            return Err(ApiError::new(
                "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled",
                format!(
                    "To enable DNS hostname resolution for the VPC peering connection, DNS hostname support must be enabled for VPC {}.",
                    side.vpc
                ),
            ));
        }
        side.dns = on;
        answer = answer.child(
            Element::new(name)
                .leaf("allowDnsResolutionFromRemoteVpc", on)
                .leaf("allowEgressFromLocalClassicLinkToRemoteVpc", false)
                .leaf("allowEgressFromLocalVpcToRemoteClassicLink", false),
        );
    }
    Ok((answer, peering))
}

const FILTERS: &[&str] = &[
    "accepter-vpc-info.cidr-block",
    "accepter-vpc-info.owner-id",
    "accepter-vpc-info.vpc-id",
    "expiration-time",
    "requester-vpc-info.cidr-block",
    "requester-vpc-info.owner-id",
    "requester-vpc-info.vpc-id",
    "status-code",
    "status-message",
    "vpc-peering-connection-id",
];

fn fact(region: &Region, peering: &Peering, name: &str) -> Vec<String> {
    match name {
        "accepter-vpc-info.cidr-block" => maybe(peering.accepter.cidr.filter(|_| peering.accepted.is_some())),
        "accepter-vpc-info.owner-id" | "requester-vpc-info.owner-id" => one(region.account()),
        "accepter-vpc-info.vpc-id" => one(&peering.accepter.vpc),
        "expiration-time" => one(time(peering.expires())),
        "requester-vpc-info.cidr-block" => maybe(peering.requester.cidr),
        "requester-vpc-info.vpc-id" => one(&peering.requester.vpc),
        "status-code" => one(peering.state(region.now()).as_str()),
        "status-message" => one(message(region, peering)),
        "vpc-peering-connection-id" => one(&peering.id),
        _ => Vec::new(),
    }
}

/// DescribeVpcPeeringConnections
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "VpcPeeringConnectionId", noun: &errors::PEERING, filters: FILTERS, smallest: 5 };
    let seen = |peering: &Peering| peering.is_seen_in(call.region.name(), call.region.now());
    let all = call.global.peerings.iter().filter(|(_, peering)| seen(peering));
    let page = choose(call, &choice, all, fact)?;
    let items = page.items.iter().map(|peering| item(call.region, peering, "item"));
    Ok(call.answer().list("vpcPeeringConnectionSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
