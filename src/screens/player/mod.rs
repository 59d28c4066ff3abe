//! Pictures of concept pages that a learner can operate. One file a picture; a line in [`open`].
//!
//! Promises: what they show is worked out by the same rules as in the practice cloud (`scaling`, `reach`) or by a
//! model of `lesson`; every picture says what to try, and all of it works by keyboard and by mouse.

mod cidr;
mod evolution;
mod kit;
mod lifecycle;
mod naming;
mod packet;
mod pillars;
mod planner;
mod policies;
mod tls;
mod transfer;
mod url;

use crate::course::model::{Picture, Step};

use super::Screen;

/// The picture of a step, when it has one to operate.
pub fn open(step: &Step) -> Option<Box<dyn Screen>> {
    Some(match step.picture? {
        Picture::Policies => Box::new(policies::Policies::default()),
        Picture::Lifecycle => Box::new(lifecycle::Life::default()),
        Picture::Cidr => Box::new(cidr::Calculator::default()),
        Picture::Subnets => Box::new(planner::Planner::default()),
        Picture::Packet => Box::new(packet::Packets::default()),
        Picture::Url => Box::new(url::Url::default()),
        Picture::Tls => Box::new(tls::Tls::default()),
        Picture::Evolution => Box::new(evolution::Evolution::default()),
        Picture::Transfer => Box::new(transfer::Calculator::default()),
        Picture::Naming => Box::new(naming::Naming::default()),
        Picture::Pillars => Box::new(pillars::Pillars::default()),
    })
}
