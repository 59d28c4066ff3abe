//! The living picture of the architecture: VPCs, zones, subnets, gateways, instances, and where packets leave.
//!
//! Promises: a pure function of what the course wants, what was seen and what is under way; complete at 78x16 and
//! better with more room; with less, details go in a fixed order and nothing ever overlaps.
//!
//! Three stages, one file each: `network` (what there is and in which state) -> `layout` (a [`Scene`] of boxes and
//! lines with places, in the `scene`'s vocabulary) -> `paint` (the scene on cells). Another picture needs only another
//! layout.

mod layout;
mod names;
mod network;
mod paint;
mod scene;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::course::model::Key;
use crate::lab::phase::Phase;
use crate::lab::report::Survey;
use crate::lab::world::Desired;

use super::Look;

pub use scene::{Node, Scene, Shape};

/// What the picture is drawn from.
pub struct Picture<'a> {
    /// The course's desired state.
    pub desired: &'a [Desired],
    /// The newest look at the cloud.
    pub survey: Option<&'a Survey>,
    /// The newest phase of a resource in the newest run or cleanup.
    pub phase: &'a dyn Fn(&Key) -> Option<&'a Phase>,
    /// The step whose resources stand out.
    pub step: &'a str,
    /// Cloud time, milliseconds since the Unix epoch.
    pub now: i64,
    /// Any running time in milliseconds, for spinners.
    pub tick: u64,
}

impl Picture<'_> {
    /// Where everything goes in an area.
    pub fn scene(&self, area: Rect, look: &Look) -> Scene {
        let roomy = area.width >= 2 * layout::BESIDE || area.height >= 32;
        layout::arrange(&network::read(self, roomy), area, self.tick, look)
    }

    /// Draws the picture. Returns the scene, so that a click can be traced to its resource.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, look: &Look) -> Scene {
        let scene = self.scene(area, look);
        paint::paint(&scene, buffer, look);
        scene
    }
}
