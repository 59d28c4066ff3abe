//! What a picture is made of, with places but without ink.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::course::model::Key;
use crate::view::mark::Mark;

/// A picture: nodes in the order in which they are painted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    /// The nodes; parents before their children.
    pub nodes: Vec<Node>,
}

/// A box, a line of text or a wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The resource that it stands for.
    pub key: Option<Key>,
    /// The box that it lies in.
    pub parent: Option<usize>,
    /// Its place.
    pub area: Rect,
    /// What it is.
    pub shape: Shape,
}

/// What a node looks like.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A box with a title in its upper line and a note in its lower line; dashed while it is only planned.
    Box {
        /// In the upper line.
        title: Line<'static>,
        /// In the lower line.
        note: Line<'static>,
        /// Its state.
        mark: Mark,
    },
    /// A door in the upper line of its parent box: `┤ ● my-igw ├`.
    Door(Line<'static>, Mark),
    /// One line of text.
    Text(Line<'static>),
    /// A wire from top to bottom; dashed while it is only planned.
    Wire(Mark),
}

impl Scene {
    /// Adds a node and returns its number.
    pub fn add(&mut self, key: Option<&Key>, parent: Option<usize>, area: Rect, shape: Shape) -> usize {
        self.nodes.push(Node { key: key.cloned(), parent, area, shape });
        self.nodes.len() - 1
    }

    /// The resource at a place: that of the last painted node there.
    pub fn at(&self, x: u16, y: u16) -> Option<&Key> {
        let place = ratatui::layout::Position { x, y };
        self.nodes.iter().rev().find(|node| node.key.is_some() && node.area.contains(place))?.key.as_ref()
    }
}
