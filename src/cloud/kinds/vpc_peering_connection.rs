//! VPC peering connection between the course's two regions.
//!
//! One connection is seen in both regions: it is asked for in the region of its role, accepted in the other one, and has
//! tags of its own in each. Found by recorded id, else by the two VPCs that it joins, whichever of them asked, else by
//! tag `Name`. Observed beside the declared fields: `status` (the other region's word, which hears of an acceptance
//! first), `accept_in` (the region whose owner must accept), `name_tag` and `peer_name_tag`. What never came about
//! (`failed`, `rejected`, `expired`) cannot be deleted and goes by itself: it is shown, and made again.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{VpcPeeringConnection as LivePeering, VpcPeeringConnectionVpcInfo as Side};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Need, Pace, across, readable};
use crate::lab::world::{Desired, Difference, Health, Mend, Observed, Sight, World};
use crate::problem::Problem;

use super::support::{self, PROJECT, Seen, done, read_all, send};

/// The kind's name in the course files.
pub const KIND: &str = "vpc-peering-connection";

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("vpc", FieldType::Ref("vpc"), ("요청하는 VPC", "requester VPC")).when_ready(),
    Field::new("peer_vpc", FieldType::Ref("vpc"), ("수락하는 VPC", "accepter VPC")).when_ready().across(),
    Field::new("status", FieldType::Word(&[ACTIVE]), ("상태", "status")).optional().in_place(),
    Field::new("name_tag", FieldType::Text, ("요청한 리전의 이름 태그", "name tag in the requester's Region"))
        .optional()
        .in_place(),
    Field::new("peer_name_tag", FieldType::Text, ("수락한 리전의 이름 태그", "name tag in the accepter's Region"))
        .optional()
        .in_place(),
];

const ACTIVE: &str = "active";
const PENDING: &str = "pending-acceptance";
const DELETED: &str = "deleted";
/// States of a connection that never came about.
const OVER: [&str; 3] = ["failed", "rejected", "expired"];
/// What a connection answers that is not visible yet, or not yet to be answered.
const SOON: &[&str] = &["InvalidVpcPeeringConnectionID.NotFound", "InvalidStateTransition~initiating-request"];

/// The kind.
#[derive(Debug)]
pub struct VpcPeeringConnection;

/// The other of the two roles.
pub const fn other(role: Role) -> Role {
    match role {
        Role::Home => Role::Peer,
        Role::Peer => Role::Home,
    }
}

/// The VPC on the other side.
fn peer_vpc<'a>(desired: &Desired, env: &Env<'a>) -> Option<&'a Desired> {
    let key = across(desired, "peer_vpc", "vpc", env)?;
    env.desired.iter().find(|other| other.key == key)
}

fn accept(desired: &Desired, region: &str) -> Call {
    let mut call = support::ec2_call("AcceptVpcPeeringConnection", Effect::Change, desired)
        .arg("VpcPeeringConnectionId", Arg::id(&desired.key))
        .done_if(&["InvalidStateTransition~from active", "InvalidStateTransition~from provisioning"])
        .again_if(SOON);
    region.clone_into(&mut call.region);
    call
}

fn tag(desired: &Desired, region: &str, tags: Arg) -> Call {
    let mut call = support::ec2_call("CreateTags", Effect::Change, desired)
        .arg("Resources", Arg::List(vec![Arg::id(&desired.key)]))
        .arg("Tags", tags)
        .again_if(SOON);
    region.clone_into(&mut call.region);
    call
}

/// Only a name: what somebody else made stays theirs.
fn only_name(name: &str) -> Arg {
    Arg::List(vec![Arg::map([("Key", Arg::text("Name")), ("Value", Arg::text(name))])])
}

impl Kind for VpcPeeringConnection {
    fn name(&self) -> &'static str {
        KIND
    }

    fn title(&self) -> Text {
        Text::new("피어링 연결", "peering connection")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let own = desired.reference("vpc", "vpc");
        own.into_iter().chain(across(desired, "peer_vpc", "vpc", env)).map(|key| Need { key, ready: true }).collect()
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let (Some(vpc), Some(peer)) = (desired.reference("vpc", "vpc"), peer_vpc(desired, env)) else {
            return Vec::new();
        };
        let mut calls = vec![
            support::ec2_call("CreateVpcPeeringConnection", Effect::Create, desired)
                .arg("VpcId", Arg::id(&vpc))
                .arg("PeerVpcId", Arg::id(&peer.key))
                .arg("PeerRegion", Arg::text(&peer.region))
                .arg("TagSpecifications", support::tags(desired, env, &[KIND]))
                .gives("VpcPeeringConnection.VpcPeeringConnectionId")
                .again_if(&["InvalidVpcID.NotFound"]),
        ];
        if desired.text("status") == Some(ACTIVE) {
            calls.push(accept(desired, &peer.region));
        }
        if desired.text("peer_name_tag").is_some() && peer.region != desired.region {
            calls.push(tag(desired, &peer.region, support::tag_list(desired, env)));
        }
        calls
    }

    /// Which side asked does not matter: the connection is the same.
    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = Vec::new();
        let mut differs = |field: &str, wanted: &str, found: String, mend: Mend| {
            out.push(Difference {
                key: desired.key.clone(),
                field: field.to_owned(),
                wanted: wanted.to_owned(),
                found,
                mend,
            });
        };
        for (field, key) in
            [("vpc", desired.reference("vpc", "vpc")), ("peer_vpc", across(desired, "peer_vpc", "vpc", env))]
        {
            let wanted = key.as_ref().and_then(|key| env.world.get(key)).map(|vpc| vpc.id.as_str());
            let found = observed.text(field).unwrap_or_default();
            if wanted != Some(found) {
                let name = desired.text(field).unwrap_or_default();
                differs(field, name, readable(&found.into(), env.world), Mend::Replace);
            }
        }
        let status = observed.text("status").unwrap_or_default();
        if desired.text("status") == Some(ACTIVE) && status != ACTIVE && status != "provisioning" {
            // What was refused is asked for anew; only an open request can be accepted.
            let mend = if status == PENDING || status == "initiating-request" { Mend::InPlace } else { Mend::Replace };
            differs("status", ACTIVE, status.to_owned(), mend);
        }
        for field in ["name_tag", "peer_name_tag"] {
            let Some(wanted) = desired.text(field) else { continue };
            let found = observed.text(field).unwrap_or_default();
            if found != wanted {
                differs(field, wanted, found.to_owned(), Mend::InPlace);
            }
        }
        out
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], env: &Env<'_>) -> Vec<Call> {
        let peer = peer_vpc(desired, env).map_or(desired.region.as_str(), |peer| peer.region.as_str());
        let call = |difference: &Difference| {
            let name = desired.text(&difference.field).unwrap_or_default();
            // Ours gets all of our tags in the other region too: the clean-up there looks for them.
            let tags = || match observed.is_tagged_ours() && name == desired.key.name {
                true => support::tag_list(desired, env),
                false => only_name(name),
            };
            match difference.field.as_str() {
                "status" => Some(accept(desired, observed.text("accept_in").filter(|r| !r.is_empty()).unwrap_or(peer))),
                "name_tag" => Some(tag(desired, &desired.region, tags())),
                "peer_name_tag" => Some(tag(desired, peer, tags())),
                _ => None,
            }
        };
        differences.iter().filter_map(call).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteVpcPeeringConnection", observed, step)
                .arg("VpcPeeringConnectionId", Arg::text(&observed.id))
                .done_if(&[
                    "InvalidVpcPeeringConnectionID.NotFound",
                    "InvalidStateTransition~from deleting",
                    "InvalidStateTransition~from deleted",
                ])
                .again_if(&["InvalidStateTransition~initiating-request", "InvalidStateTransition~provisioning"]),
        ]
    }

    fn is_over(&self, observed: &Observed) -> bool {
        OVER.contains(&observed.state.as_str())
    }

    fn pace(&self) -> Pace {
        Pace::seconds(10, 2, 180, 15)
    }

    fn rank(&self) -> u8 {
        25
    }
}

/// What one region shows of a connection.
fn status(live: &LivePeering) -> &str {
    live.status().and_then(|status| status.code()).map_or("", |code| code.as_str())
}

fn vpc_id(side: Option<&Side>) -> &str {
    side.and_then(|side| side.vpc_id()).unwrap_or_default()
}

fn region_of(side: Option<&Side>) -> &str {
    side.and_then(|side| side.region()).unwrap_or_default()
}

async fn list(clients: &Clients, role: Role) -> Result<Vec<LivePeering>, Problem> {
    let request = clients.ec2(role).describe_vpc_peering_connections();
    let all: Vec<LivePeering> = read_all!(clients, role, "DescribeVpcPeeringConnections", request);
    Ok(all)
}

/// A connection as both regions show it.
struct Both<'a> {
    near: Option<&'a LivePeering>,
    far: Option<&'a LivePeering>,
}

impl Both<'_> {
    /// One state of two views, and how far the whole is; `None` when both regions have seen the last of it.
    fn state(&self) -> Option<(String, Health)> {
        let near = self.near.map(status).filter(|state| *state != DELETED);
        let far = self.far.map(status).filter(|state| *state != DELETED);
        let any = near.or(far)?;
        let gone = |view: Option<&LivePeering>| view.is_some_and(|live| status(live) == DELETED);
        if gone(self.near) || gone(self.far) || [near, far].contains(&Some("deleting")) {
            return Some(("deleting".to_owned(), Health::Deleting));
        }
        if let Some(over) = [near, far].into_iter().flatten().find(|state| OVER.contains(state)) {
            return Some((over.to_owned(), Health::Failed));
        }
        let word = far.unwrap_or(any);
        Some(match (near, far) {
            (Some(near), Some(far)) if near == far && matches!(near, ACTIVE | PENDING) => {
                (near.to_owned(), Health::Ready)
            }
            // The other region knows already, this one hears of it in a moment.
            (Some(_), Some(ACTIVE)) => ("provisioning".to_owned(), Health::Pending),
            _ => (word.to_owned(), Health::Pending),
        })
    }

    fn seen(&self, region: &str, vpc: Option<&str>) -> Option<Seen> {
        let live = self.near.or(self.far)?;
        let (state, health) = self.state()?;
        let sides = [live.requester_vpc_info(), live.accepter_vpc_info()];
        // This side is the one with the declared VPC; while that is not known, the one in this region.
        let is_mine = |side: &Option<&Side>| match vpc {
            Some(vpc) if sides.iter().any(|side| vpc_id(*side) == vpc) => vpc_id(*side) == vpc,
            _ => region_of(*side) == region,
        };
        let mine = sides.iter().position(is_mine).unwrap_or(0);
        let name = |view: Option<&LivePeering>| {
            view.and_then(|live| support::tag_map(live.tags()).remove("Name")).unwrap_or_default()
        };
        let reason = live.status().and_then(|status| status.message()).unwrap_or_default();
        Some(
            Seen::new(live.vpc_peering_connection_id(), &state, live.tags())
                .health(health)
                .reason(if health == Health::Failed { reason } else { "" })
                .with("vpc", Some(vpc_id(sides[mine])))
                .with("peer_vpc", Some(vpc_id(sides[1 - mine])))
                .with("status", Some(state))
                .with("accept_in", Some(region_of(live.accepter_vpc_info())))
                .with("name_tag", Some(name(self.near)))
                .with("peer_name_tag", Some(name(self.far))),
        )
    }
}

/// Which of them is wanted. What lives counts before what never came about.
fn pick(want: &Want, seen: &[Seen], pair: Option<(&str, &str)>, region: &str) -> Sight {
    let key = &want.desired.key;
    let joins =
        |one: &Seen| pair.is_some_and(|(vpc, peer)| one.text("vpc") == Some(vpc) && one.text("peer_vpc") == Some(peer));
    let recorded = |one: &Seen| want.recorded.as_ref() == Some(&one.id);
    let named = |one: &Seen| pair.is_none() && one.name() == Some(key.name.as_str()) && one.is_ours();
    let over = |one: &Seen| one.health == Health::Failed;
    let leaving = |one: &Seen| one.health == Health::Deleting;
    let lives = |one: &Seen| !over(one) && !leaving(one);
    let tiers: [&dyn Fn(&Seen) -> bool; 6] = [
        &|one| recorded(one) && !over(one),
        &|one| lives(one) && joins(one),
        &|one| lives(one) && named(one),
        &|one| over(one) && recorded(one) && (joins(one) || pair.is_none()),
        &|one| over(one) && joins(one),
        &|one| leaving(one) && joins(one),
    ];
    for tier in tiers {
        let found: Vec<&Seen> = seen.iter().filter(|one| tier(one)).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Sight::Found(Box::new(one.taken_for(key, region))),
            // Several that never came about are all the same.
            [one, ..] if over(one) || leaving(one) => return Sight::Found(Box::new(one.taken_for(key, region))),
            many => return Sight::Ambiguous(many.iter().map(|one| one.id.clone()).collect()),
        }
    }
    Sight::Absent
}

impl Live for VpcPeeringConnection {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let region = clients.region(role);
            let two = clients.region(other(role)) != region;
            let far = async { if two { list(clients, other(role)).await } else { Ok(Vec::new()) } };
            let (near, far) = tokio::try_join!(list(clients, role), far)?;
            let mut all: BTreeMap<&str, Both<'_>> = BTreeMap::new();
            for live in &near {
                let far = if two { None } else { Some(live) };
                all.insert(live.vpc_peering_connection_id().unwrap_or_default(), Both { near: Some(live), far });
            }
            for live in &far {
                let id = live.vpc_peering_connection_id().unwrap_or_default();
                all.entry(id).or_insert(Both { near: None, far: None }).far = Some(live);
            }
            let sight = |want: &Want| {
                let vpc = support::id_of(want, "vpc", "vpc", world);
                let name = want.desired.text("peer_vpc").unwrap_or_default();
                let peer = [role, other(role)]
                    .into_iter()
                    .find_map(|role| world.get(&Key { kind: "vpc".into(), name: name.to_owned(), role }));
                let seen: Vec<Seen> = all.values().filter_map(|both| both.seen(region, vpc)).collect();
                pick(want, &seen, vpc.zip(peer.map(|peer| peer.id.as_str())), region)
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            let id = || support::text(call, "VpcPeeringConnectionId");
            match call.0.operation.as_str() {
                "CreateVpcPeeringConnection" => {
                    let request = ec2
                        .create_vpc_peering_connection()
                        .vpc_id(support::text(call, "VpcId")?)
                        .peer_vpc_id(support::text(call, "PeerVpcId")?)
                        .peer_region(support::text(call, "PeerRegion")?)
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.vpc_peering_connection().and_then(|live| live.vpc_peering_connection_id())))
                }
                "AcceptVpcPeeringConnection" => {
                    done!(call, ec2.accept_vpc_peering_connection().vpc_peering_connection_id(id()?))
                }
                "CreateTags" => {
                    let request = ec2
                        .create_tags()
                        .set_resources(Some(support::texts(call, "Resources")))
                        .set_tags(Some(support::plain_tags(call)));
                    done!(call, request)
                }
                "DeleteVpcPeeringConnection" => {
                    done!(call, ec2.delete_vpc_peering_connection().vpc_peering_connection_id(id()?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let region = clients.region(role);
            let all = list(clients, role).await?;
            let in_our_vpcs = |live: &LivePeering| {
                [live.requester_vpc_info(), live.accepter_vpc_info()]
                    .into_iter()
                    .any(|side| vpcs.iter().any(|vpc| vpc == vpc_id(side)))
            };
            let ours = |live: &LivePeering| support::tag_map(live.tags()).get("Project").is_some_and(|p| p == PROJECT);
            Ok(all
                .iter()
                .filter(|live| ours(live) || in_our_vpcs(live))
                .filter_map(|live| Both { near: Some(live), far: None }.seen(region, None))
                .filter(|seen| seen.health != Health::Failed)
                .map(|seen| seen.left_over(KIND, role, region))
                .collect())
        })
    }
}
