//! Where everything goes.
//!
//! The same network is laid out with all details first, then with fewer and fewer ([`LADDER`]), until it fits.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::view::Look;
use crate::view::mark::{ARROW, Mark, spinner};
use crate::view::text::{line_width, truncate_line};
use crate::view::theme::Role;
use crate::view::widgets::gauge::times;

use super::names::{FORMS, form_for, short};
use super::network::{Inside, Network, Part, Subnet, Vpc, Way};
use super::scene::{Scene, Shape};

/// What is shown.
#[derive(Debug, Clone, Copy)]
struct Detail {
    /// A line that says what the marks mean.
    legend: bool,
    /// Rows above the VPC: 2 with a wire, 1 only the word, 0 none.
    internet: u16,
    /// The zones' names.
    zones: bool,
    /// Subnets as boxes; otherwise as lines.
    boxes: bool,
    /// An empty row between tiers of subnets.
    gaps: bool,
    /// Second lines for addresses that the first has no room for.
    more: bool,
    /// The security groups of an instance.
    tags: bool,
    /// Route tables, security groups and key pairs as tags.
    shelf: Shelf,
    /// What stands in the subnets.
    inside: bool,
    /// Load balancers and Auto Scaling groups that are not there yet.
    planned: bool,
}

/// What the tags below the subnets tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shelf {
    /// Nothing.
    None,
    /// One line of security groups.
    Groups,
    /// Names.
    Names,
    /// Names, and what security groups let in.
    Rules,
}

const ALL: Detail = Detail {
    legend: true,
    internet: 2,
    zones: true,
    boxes: true,
    gaps: true,
    more: true,
    tags: true,
    shelf: Shelf::Rules,
    inside: true,
    planned: true,
};

/// All that is drawn without what is not there yet.
const STANDING: Detail = Detail { gaps: false, tags: false, internet: 1, legend: false, planned: false, ..ALL };

/// From most to least; what goes first is what the learner misses least.
const LADDER: &[Detail] = &[
    ALL,
    Detail { gaps: false, ..ALL },
    Detail { gaps: false, shelf: Shelf::Names, ..ALL },
    Detail { gaps: false, shelf: Shelf::Names, tags: false, ..ALL },
    Detail { gaps: false, shelf: Shelf::Names, tags: false, internet: 1, ..ALL },
    Detail { gaps: false, shelf: Shelf::Names, tags: false, internet: 1, legend: false, ..ALL },
    Detail { shelf: Shelf::Names, ..STANDING },
    Detail { shelf: Shelf::Groups, ..STANDING },
    Detail { shelf: Shelf::Groups, more: false, ..STANDING },
    Detail { shelf: Shelf::None, ..STANDING },
    Detail { shelf: Shelf::None, more: false, ..STANDING },
    Detail { shelf: Shelf::None, more: false, boxes: false, ..STANDING },
    Detail { shelf: Shelf::None, more: false, boxes: false, internet: 0, zones: false, ..STANDING },
    Detail { shelf: Shelf::None, more: false, boxes: false, internet: 0, zones: false, inside: false, ..STANDING },
];

/// A column narrower than this cannot hold a box with a name; zones then follow each other downwards.
const LEAST_COLUMN: u16 = 24;

/// With this much width for each, VPCs stand side by side; otherwise one below the other.
pub const BESIDE: u16 = 56;

/// How much height a VPC asks for, beside the others: its lines in the shortest form that shows everything.
fn weight(vpc: &Vpc) -> u16 {
    let deepest = |zone: usize| vpc.subnets.iter().filter(move |subnet| subnet.zone == zone);
    let tiers = (0..vpc.zones.len()).map(|zone| deepest(zone).count()).max().unwrap_or(0);
    let tall = |tier: usize| {
        (0..vpc.zones.len())
            .filter_map(|zone| deepest(zone).nth(tier))
            .map(|subnet| 1 + count(subnet.inside.len()))
            .max()
            .unwrap_or(0)
    };
    3 + (0..tiers).map(tall).sum::<u16>()
}

/// A place for each VPC.
fn places(network: &Network, area: Rect) -> Vec<Rect> {
    let many = count(network.vpcs.len()).max(1);
    if area.width / many >= BESIDE {
        let width = area.width / many;
        return (0..many)
            .map(|at| Rect { x: area.x + width * at, width: width - u16::from(many > 1), ..area })
            .collect();
    }
    let weights: Vec<u16> = network.vpcs.iter().map(weight).collect();
    let all = u32::from(weights.iter().sum::<u16>().max(1));
    let mut y = area.y;
    let mut left = area.height;
    let mut out = Vec::new();
    for (at, weight) in weights.iter().enumerate() {
        let share = u32::from(area.height) * u32::from(*weight) / all;
        let height = if at + 1 == weights.len() { left } else { u16::try_from(share).unwrap_or(left).min(left) };
        out.push(Rect { y, height, ..area });
        y += height;
        left -= height;
    }
    out
}

/// The room below which where a subnet's packets leave is not told any more: a mark, an arrow, some letters.
const SHORTEST_NOTE: usize = 10;

/// Lays the network out in an area.
pub fn arrange(network: &Network, area: Rect, tick: u64, look: &Look) -> Scene {
    let mut scene = Scene::default();
    for ((at, vpc), place) in (0u16..).zip(&network.vpcs).zip(places(network, area)) {
        let keys: &[Part] = if at == 0 { &network.keys } else { &[] };
        let fitting = LADDER.iter().find_map(|detail| {
            let mut drawing = Drawing { detail: *detail, tick, look, scene: scene.clone(), keys };
            drawing.vpc(vpc, place).then_some(drawing.scene)
        });
        scene = fitting.unwrap_or_else(|| {
            let mut drawing = Drawing { detail: ALL, tick, look, scene: scene.clone(), keys };
            drawing.summary(vpc, place);
            drawing.scene
        });
    }
    scene
}

struct Drawing<'a> {
    detail: Detail,
    tick: u64,
    look: &'a Look,
    scene: Scene,
    keys: &'a [Part],
}

/// One column of one tier: a subnet with its lines, measured.
struct Cell<'a> {
    subnet: &'a Subnet,
    lines: Vec<(Option<&'a Part>, Line<'static>)>,
}

impl<'a> Drawing<'a> {
    /// Lays a VPC out; whether it fits.
    fn vpc(&mut self, vpc: &'a Vpc, area: Rect) -> bool {
        if area.width < 30 || area.height < 4 {
            return false;
        }
        let above = if vpc.gate.is_some() { self.detail.internet } else { 0 };
        let room = area.width - 4;
        let (columns, width, step) = columns(vpc, room);
        let title_form = self.title_form(vpc, width);
        // A block that has no room beside its name gets its own line, as long as there are second lines at all.
        let blocks = title_form == FORMS && self.detail.boxes && self.detail.more;
        let tiers = self.tiers(vpc, columns, width, blocks);
        let shelf = self.shelf(vpc, usize::from(room));
        let heights: Vec<u16> = tiers.iter().map(|tier| self.height(tier)).collect();

        let gaps = if self.detail.gaps { count(tiers.len().saturating_sub(1)) } else { 0 };
        let zones = u16::from(self.detail.zones && columns > 1);
        let space = u16::from(self.detail.gaps && !shelf.is_empty());
        let inner = zones + heights.iter().sum::<u16>() + gaps + space + count(shelf.len());
        let tall = above + 2 + inner + u16::from(self.detail.legend);
        if tall > area.height {
            return false;
        }

        let frame = Rect { y: area.y + above, height: inner + 2, ..area };
        let parent = self.frame(vpc, area, frame, above);
        let mut y = frame.y + 1;
        if zones == 1 {
            for (at, zone) in (0u16..).zip(&vpc.zones) {
                let line = Line::from(self.look.span(Role::Dim, zone.clone()));
                self.text(None, parent, Rect::new(frame.x + 2 + at * step, y, width, 1), line);
            }
            y += 1;
        }
        let note_form = self.note_form(vpc, width);
        for (tier, height) in tiers.iter().zip(&heights) {
            for (at, cell) in (0u16..).zip(tier) {
                let Some(cell) = cell else { continue };
                let place = Rect::new(frame.x + 2 + at * step, y, width, *height);
                self.subnet(cell, place, parent, title_form, note_form);
            }
            y += height + u16::from(self.detail.gaps);
        }
        if self.detail.gaps && shelf.is_empty() {
            y = y.saturating_sub(1);
        }
        for line in shelf {
            self.text(None, parent, Rect::new(frame.x + 2, y, room, 1), line);
            y += 1;
        }
        if self.detail.legend {
            let line = self.legend();
            let place = Rect::new(area.x + 2, frame.bottom(), area.width - 2, 1);
            self.scene.add(None, None, place, Shape::Text(line));
        }
        true
    }

    /// The VPC's box, its door and what lies before it.
    fn frame(&mut self, vpc: &Vpc, area: Rect, frame: Rect, above: u16) -> usize {
        let titles = [self.title(&vpc.part, 0, Some(&vpc.cidr)), self.title(&vpc.part, 0, None)];
        let door = vpc.gate.as_ref().map(|gate| {
            let mut line = self.title(gate, 0, None);
            line.spans.insert(0, Span::raw(" "));
            line.spans.push(Span::raw(" "));
            (gate, line)
        });
        let door_width = door.as_ref().map_or(0, |(_, line)| count(line_width(line)) + 2);
        // A title, two cells of line, the door, two cells of line.
        let fits = |title: &Line<'_>| count(line_width(title)) + 4 + 2 + door_width + 2 < frame.width;
        let [full, name] = titles;
        let title = if fits(&full) || door.is_none() { full } else { name };
        let after_title = frame.x + 1 + count(line_width(&title)) + 2 + 2;
        let note = self.peering(vpc, frame.width.saturating_sub(6));
        let shape = Shape::Box { title, note, mark: vpc.part.mark };
        let parent = self.scene.add(Some(&vpc.part.key), None, frame, shape);
        let Some((gate, line)) = door else { return parent };
        let latest = (frame.right() - 2).saturating_sub(door_width);
        if after_title > latest {
            return parent;
        }
        let x = (frame.x + (frame.width - door_width) / 2).clamp(after_title, latest);
        let middle = x + door_width / 2;
        if above > 0 {
            let word = self.look.label("diagram.internet");
            let width = count(crate::view::text::width(word));
            let place = Rect::new(middle.saturating_sub(width / 2).max(area.x), area.y, width, 1);
            self.scene.add(None, None, place, Shape::Text(Line::from(self.look.span(Role::Strong, word))));
        }
        if above > 1 {
            self.scene.add(None, None, Rect::new(middle, area.y + 1, 1, 1), Shape::Wire(gate.mark));
        }
        let place = Rect::new(x, frame.y, door_width, 1);
        self.scene.add(Some(&gate.key), Some(parent), place, Shape::Door(line, gate.mark));
        parent
    }

    /// The peering connection of a VPC, in its lower line.
    fn peering(&self, vpc: &Vpc, room: u16) -> Line<'static> {
        let Some(peering) = vpc.peerings.first() else { return Line::default() };
        let line = |form: usize, state: bool| {
            let mut line = self.title(&peering.part, form, None);
            let to = format!(" {ARROW} {}", short(&peering.to, form));
            line.spans.push(self.look.span(Self::name_role(&peering.part), to));
            if let Some(state) = peering.state.as_ref().filter(|_| state) {
                line.spans.push(self.look.span(Role::Dim, format!(" ({state})")));
            }
            line
        };
        let forms = [(0, true), (1, true), (1, false)].map(|(form, state)| line(form, state));
        forms.into_iter().find(|line| line_width(line) <= usize::from(room)).unwrap_or_default()
    }

    fn text(&mut self, part: Option<&Part>, parent: usize, area: Rect, line: Line<'static>) {
        self.scene.add(part.map(|part| &part.key), Some(parent), area, Shape::Text(line));
    }

    /// Subnets in rows: the n-th of every zone side by side; or all below each other, when there is one column.
    fn tiers(&self, vpc: &'a Vpc, columns: usize, width: u16, blocks: bool) -> Vec<Vec<Option<Cell<'a>>>> {
        let cell = |subnet: &'a Subnet| {
            let mut lines = self.lines(subnet, width);
            if blocks {
                lines.insert(0, (Some(&subnet.part), Line::from(self.look.span(Role::Dim, subnet.cidr.clone()))));
            }
            Cell { subnet, lines }
        };
        if columns == 1 {
            let mut order: Vec<&Subnet> = vpc.subnets.iter().collect();
            order.sort_by_key(|subnet| subnet.zone);
            return order.into_iter().map(|subnet| vec![Some(cell(subnet))]).collect();
        }
        let mut zones: Vec<Vec<&Subnet>> = vec![Vec::new(); columns];
        for subnet in &vpc.subnets {
            if let Some(zone) = zones.get_mut(subnet.zone) {
                zone.push(subnet);
            }
        }
        let deepest = zones.iter().map(Vec::len).max().unwrap_or(0);
        (0..deepest).map(|at| zones.iter().map(|zone| zone.get(at).map(|subnet| cell(subnet))).collect()).collect()
    }

    fn height(&self, tier: &[Option<Cell<'_>>]) -> u16 {
        let lines = tier.iter().flatten().map(|cell| cell.lines.len()).max().unwrap_or(0);
        count(lines) + if self.detail.boxes { 2 } else { 1 }
    }

    fn subnet(&mut self, cell: &Cell<'_>, area: Rect, parent: usize, title_form: usize, note_form: usize) {
        let subnet = cell.subnet;
        let cidr = (title_form < FORMS).then_some(subnet.cidr.as_str());
        let title = self.title(&subnet.part, title_form.min(FORMS - 1), cidr);
        let note = subnet.way.as_ref().map(|way| self.note(way, note_form)).unwrap_or_default();
        let (inside, x, y) = if self.detail.boxes {
            let shape = Shape::Box { title, note, mark: subnet.part.mark };
            (self.scene.add(Some(&subnet.part.key), Some(parent), area, shape), area.x + 2, area.y + 1)
        } else {
            let mut line = title;
            // A way that has no room for its whole name is told by the name's beginning.
            let room = usize::from(area.width).saturating_sub(line_width(&line) + 2);
            if !note.spans.is_empty() && room >= SHORTEST_NOTE.min(line_width(&note)) {
                line.spans.push(Span::raw("  "));
                line.spans.extend(truncate_line(note, room).spans);
            }
            self.text(Some(&subnet.part), parent, Rect { height: 1, ..area }, line);
            (parent, area.x + 2, area.y + 1)
        };
        let width = area.width - if self.detail.boxes { 4 } else { 2 };
        for (y, (part, line)) in (y..).zip(&cell.lines) {
            self.text(*part, inside, Rect::new(x, y, width, 1), line.clone());
        }
    }

    fn name_role(part: &Part) -> Role {
        match (part.focus, part.mark) {
            (true, _) => Role::Accent,
            (false, Mark::NotStarted) => Role::Dim,
            (false, _) => Role::Text,
        }
    }

    fn mark(&self, mark: Mark) -> Span<'static> {
        if mark == Mark::Waiting { self.look.span(mark.role(), spinner(self.tick)) } else { self.look.mark(mark) }
    }

    /// Mark, name and block.
    fn title(&self, part: &Part, form: usize, cidr: Option<&str>) -> Line<'static> {
        let name = self.look.span(Self::name_role(part), short(&part.key.name, form));
        let mut spans = vec![self.mark(part.mark), Span::raw(" "), name];
        if let Some(cidr) = cidr {
            spans.push(self.look.span(Role::Dim, format!(" {cidr}")));
        }
        Line::from(spans)
    }

    /// The form of all subnets' titles: the last one leaves the block out.
    fn title_form(&self, vpc: &Vpc, width: u16) -> usize {
        // Without a box of its own, a subnet tells where its packets leave on the same line.
        let notes = vpc.subnets.iter().filter_map(|subnet| subnet.way.as_ref()).map(|way| self.note(way, FORMS));
        let beside = notes.map(|note| line_width(&note) + 2).max().unwrap_or(0);
        let room = usize::from(width).saturating_sub(if self.detail.boxes { 4 } else { beside });
        let form = |form: usize| {
            vpc.subnets.iter().map(|subnet| self.title(&subnet.part, form, Some(&subnet.cidr))).collect::<Vec<_>>()
        };
        let found = form_for(room, form);
        if form(found).iter().all(|line| line_width(line) <= room) { found } else { FORMS }
    }

    /// Where a subnet's packets leave: `● my-public-route → my-igw`. The last form leaves the table out.
    fn note(&self, way: &Way, form: usize) -> Line<'static> {
        let role = if way.focus {
            Role::Accent
        } else if way.mark == Mark::NotStarted {
            Role::Dim
        } else {
            Role::Text
        };
        let name = |name: &str| short(name, form.min(FORMS - 1));
        let mut text = String::new();
        if form < FORMS || way.target.is_empty() {
            text.push_str(&name(&way.table));
        }
        if !way.target.is_empty() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(ARROW);
            text.push(' ');
            text.push_str(&name(&way.target));
        }
        Line::from(vec![self.mark(way.mark), Span::raw(" "), self.look.span(role, text)])
    }

    fn note_form(&self, vpc: &Vpc, width: u16) -> usize {
        if !self.detail.boxes {
            return FORMS;
        }
        let room = usize::from(width) - 4;
        let notes = |form: usize| {
            vpc.subnets
                .iter()
                .filter_map(|subnet| subnet.way.as_ref())
                .map(|way| self.note(way, form))
                .collect::<Vec<_>>()
        };
        (0..=FORMS).find(|form| notes(*form).iter().all(|line| line_width(line) <= room)).unwrap_or(FORMS)
    }

    /// What stands in a subnet, as lines.
    fn lines(&self, subnet: &'a Subnet, width: u16) -> Vec<(Option<&'a Part>, Line<'static>)> {
        if !self.detail.inside {
            return Vec::new();
        }
        let room = usize::from(width) - if self.detail.boxes { 4 } else { 2 };
        let shown = |inside: &&'a Inside| self.detail.planned || !inside.spread || inside.part.counts();
        subnet.inside.iter().filter(shown).flat_map(|inside| self.inside(inside, room)).collect()
    }

    fn inside(&self, inside: &'a Inside, room: usize) -> Vec<(Option<&'a Part>, Line<'static>)> {
        let part = &inside.part;
        // The state counts more than the whole name; the name counts more than what is usual.
        let tails = self.tails(part);
        let with = |form: usize, tail: &[Span<'static>]| {
            let mut line = self.title(part, form, None);
            line.spans.extend(tail.iter().cloned());
            line
        };
        let fits =
            |tail: &Vec<Span<'static>>, forms: usize| (0..forms).any(|form| line_width(&with(form, tail)) <= room);
        let tail = [2, FORMS].into_iter().find_map(|forms| tails.iter().find(|tail| fits(tail, forms)));
        let tail = tail.cloned().unwrap_or_default();
        let head = |form: usize| with(form, &tail);
        let form = form_for(room, |form| vec![head(form)]);
        let mut lines = Vec::new();
        let addresses = self.addresses(inside);
        let whole = addresses.first().filter(|line| !line.spans.is_empty());
        // On the first line when it fits beside some form of the name, else below it, else only the one that counts.
        let beside = |address: &Line<'static>| {
            (form..2).find(|form| line_width(&head(*form)) + 2 + line_width(address) <= room).map(|form| {
                let mut line = head(form);
                line.spans.push(Span::raw("  "));
                line.spans.extend(address.spans.clone());
                line
            })
        };
        match whole.and_then(beside) {
            Some(line) => lines.push((Some(part), line)),
            None if self.detail.more => {
                lines.push((Some(part), head(form)));
                if let Some(address) =
                    addresses.iter().find(|line| !line.spans.is_empty() && line_width(line) + 2 <= room)
                {
                    let mut line = Line::from(Span::raw("  "));
                    line.spans.extend(address.spans.clone());
                    lines.push((Some(part), line));
                }
            }
            None => {
                let line = addresses.get(1..).unwrap_or_default().iter().find_map(beside);
                lines.push((Some(part), line.unwrap_or_else(|| head(form))));
            }
        }
        if self.detail.tags && !inside.groups.is_empty() {
            let text = format!("  {}", inside.groups.join(", "));
            lines.push((Some(part), Line::from(self.look.span(Role::Dim, text))));
        }
        lines
    }

    /// What follows a name, from most to least: how long it has been waited for, or the word of a state that needs
    /// attention.
    fn tails(&self, part: &Part) -> Vec<Vec<Span<'static>>> {
        let space = || Span::raw(" ");
        match (part.wait, part.mark) {
            (Some((waited, usual)), _) => [usual, 0]
                .into_iter()
                .map(|usual| std::iter::once(space()).chain(times(waited, usual, self.look)).collect())
                .collect(),
            (None, Mark::Failed | Mark::Drifted | Mark::Deleting) => vec![vec![space(), self.look.word(part.mark)]],
            _ => Vec::new(),
        }
    }

    /// Both addresses; then the public or, without one, the private one alone.
    fn addresses(&self, inside: &Inside) -> Vec<Line<'static>> {
        // An Auto Scaling group may have the name of an instance: it says what it is, and how many it has here.
        if inside.part.key.kind == "auto-scaling-group" {
            let count = inside.count.unwrap_or(0);
            let text = match count {
                0 => self.look.label("diagram.asg").to_owned(),
                some => self.look.fill("diagram.asg-n", &[("n", &some.to_string())]),
            };
            return vec![Line::from(self.look.span(Role::Dim, text))];
        }
        let mut both = Vec::new();
        if let Some(private) = &inside.private {
            both.push(self.look.span(Role::Dim, private.clone()));
        }
        let public = inside.public.as_ref().map(|public| {
            let word = if inside.address.is_some() { "EIP " } else { "" };
            self.look.span(Role::Text, format!("{word}{public}"))
        });
        if let Some(public) = &public {
            if !both.is_empty() {
                both.push(self.look.span(Role::Dim, " / "));
            }
            both.push(public.clone());
        }
        let one = public.or_else(|| inside.private.clone().map(|ip| self.look.span(Role::Dim, ip)));
        vec![Line::from(both), one.map(Line::from).unwrap_or_default()]
    }

    /// Route tables, security groups and key pairs as small tags, some to a line.
    fn shelf(&self, vpc: &Vpc, room: usize) -> Vec<Line<'static>> {
        if self.detail.shelf == Shelf::None {
            return Vec::new();
        }
        let plain = |parts: &[Part]| parts.iter().map(|part| self.title(part, 0, None)).collect::<Vec<_>>();
        let groups_word = self.look.label("diagram.groups");
        let groups = vpc.groups.iter().map(|(part, lets_in)| {
            let name = self.title(part, 0, None);
            let rules = self.look.span(Role::Dim, format!(" ({})", lets_in.join(", ")));
            let mut whole = name.clone();
            whole.spans.push(rules);
            let fits = crate::view::text::width(groups_word) + 2 + line_width(&whole) <= room;
            if self.detail.shelf == Shelf::Rules && !lets_in.is_empty() && fits { whole } else { name }
        });
        let mut kinds = vec![(groups_word, groups.collect::<Vec<_>>())];
        if self.detail.shelf != Shelf::Groups {
            kinds.insert(0, (self.look.label("diagram.tables"), plain(&vpc.tables)));
            kinds.push((self.look.label("diagram.targets"), plain(&vpc.targets)));
            kinds.push((self.look.label("diagram.keys"), plain(self.keys)));
        }
        kinds.retain(|(_, tags)| !tags.is_empty());
        let indent = kinds.iter().map(|(word, _)| crate::view::text::width(word)).max().unwrap_or(0) + 2;
        let mut lines: Vec<Line<'static>> = Vec::new();
        for (word, tags) in kinds {
            let mut line = Line::from(self.look.span(Role::Dim, crate::view::text::pad(word, indent)));
            let mut used = indent;
            for tag in tags {
                let size = line_width(&tag);
                if self.detail.shelf != Shelf::Groups && used > indent && used + 2 + size > room {
                    lines.push(std::mem::take(&mut line));
                    line.spans.push(Span::raw(" ".repeat(indent)));
                    used = indent;
                }
                if used > indent {
                    line.spans.push(Span::raw("  "));
                    used += 2;
                }
                used += size;
                line.spans.extend(tag.spans);
            }
            lines.push(crate::view::text::truncate_line(line, room));
        }
        lines
    }

    /// What the marks mean: all that are in the picture.
    fn legend(&self) -> Line<'static> {
        let shown = |mark: Mark| {
            let sign = self.mark(mark);
            self.scene.nodes.iter().any(|node| match &node.shape {
                Shape::Box { title, note, .. } => {
                    title.spans.first() == Some(&sign) || note.spans.first() == Some(&sign)
                }
                Shape::Text(line) => line.spans.contains(&sign),
                Shape::Door(_, door) => *door == mark,
                Shape::Wire(_) => false,
            })
        };
        let mut spans = Vec::new();
        for mark in Mark::ALL.into_iter().filter(|mark| shown(*mark)) {
            if !spans.is_empty() {
                spans.push(Span::raw("   "));
            }
            spans.push(self.mark(mark));
            spans.push(self.look.span(Role::Dim, format!(" {}", mark.word(self.look.lang))));
        }
        Line::from(spans)
    }

    /// One line, when there is room for nothing more: the VPC, and how many of its parts are in which state.
    fn summary(&mut self, vpc: &Vpc, area: Rect) {
        if area.is_empty() {
            return;
        }
        let insides = vpc.subnets.iter().flat_map(|subnet| subnet.inside.iter().map(|inside| inside.part.mark));
        let marks: Vec<Mark> = vpc
            .subnets
            .iter()
            .map(|subnet| subnet.part.mark)
            .chain(vpc.gate.iter().map(|gate| gate.mark))
            .chain(insides)
            .collect();
        let mut line = self.title(&vpc.part, 0, None);
        for mark in Mark::ALL {
            let count = marks.iter().filter(|one| **one == mark).count();
            if count > 0 {
                line.spans.extend([Span::raw("  "), self.mark(mark), Span::raw(format!(" {count}"))]);
            }
        }
        let line = crate::view::text::truncate_line(line, usize::from(area.width));
        self.scene.add(Some(&vpc.part.key), None, Rect { height: 1, ..area }, Shape::Text(line));
    }
}

/// How many columns, how wide each, and from where to where the next begins. The last ends at the end of the room
/// when there are two.
fn columns(vpc: &Vpc, room: u16) -> (usize, u16, u16) {
    let zones = count(vpc.zones.len()).max(1);
    let width = (room + 1) / zones - 1;
    let gap = if zones == 2 { room - 2 * width } else { 1 };
    if zones > 1 && width >= LEAST_COLUMN { (usize::from(zones), width, width + gap) } else { (1, room, room) }
}

fn count(size: usize) -> u16 {
    u16::try_from(size).unwrap_or(u16::MAX)
}
