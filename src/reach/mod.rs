//! The way of a packet: route table, network ACL, security group, public address, NAT, peering; both directions.
//!
//! Promises: a pure answer to "does this packet arrive, does its reply come back, and which rule decided", from a
//! [`Network`] that the caller fills: the practice cloud from its world, the checks from what was observed.
//! Knows nothing of AWS's API and nothing of the other rooms.
