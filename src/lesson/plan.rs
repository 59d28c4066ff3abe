//! A plan of subnets in a VPC: what overlaps, what lies outside, what AWS refuses, what is still free.
//!
//! Promises: a plan may be wrong (that is what it shows); every mistake is named by the rows it concerns. The arithmetic of
//! one block is [`super::cidr`]'s.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::i18n::Text;

use super::cidr::{Block, Fit};

/// A subnet that is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its block; always without host bits.
    pub net: Ipv4Net,
}

/// Subnets in a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The VPC's block.
    pub vpc: Ipv4Net,
    /// The subnets, in the learner's order.
    pub rows: Vec<Row>,
}

/// What is wrong with a plan. Rows by their number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The VPC's own block is not one that AWS takes.
    Vpc(Fit),
    /// Two rows share addresses.
    Overlap(usize, usize),
    /// A row has addresses that the VPC does not have.
    Outside(usize),
    /// A row is larger or smaller than AWS takes.
    Size(usize, Fit),
}

impl Trouble {
    /// Whether it concerns a row.
    pub const fn concerns(self, row: usize) -> bool {
        match self {
            Self::Vpc(_) => false,
            Self::Overlap(one, other) => one == row || other == row,
            Self::Outside(of) | Self::Size(of, _) => of == row,
        }
    }

    /// The code with which EC2 refuses it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vpc(_) => "InvalidVpc.Range",
            Self::Overlap(..) => "InvalidSubnet.Conflict",
            Self::Outside(_) | Self::Size(..) => "InvalidSubnet.Range",
        }
    }
}

/// A cell of the map of a VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Nobody's.
    Free,
    /// Some of it, or all, belongs to one row.
    One(usize),
    /// Two rows claim the same address in it.
    Clash,
    /// Several rows share the cell without sharing an address.
    Several,
}

impl Plan {
    /// A plan without subnets.
    pub fn new(vpc: Ipv4Net) -> Self {
        Self { vpc: vpc.trunc(), rows: Vec::new() }
    }

    /// The plan of the course: my-vpc and its six subnets.
    pub fn course() -> Self {
        let net = |third: u8, prefix: u8| Ipv4Net::new_assert(Ipv4Addr::new(10, 1, third, 0), prefix);
        let rows = [
            ("my-public-subnet-a", 1),
            ("my-public-subnet-c", 2),
            ("my-private-subnet-app-a", 11),
            ("my-private-subnet-app-c", 12),
            ("my-private-subnet-db-a", 21),
            ("my-private-subnet-db-c", 22),
        ];
        let rows = rows.map(|(name, third)| Row { name: name.to_owned(), net: net(third, 24) }).to_vec();
        Self { vpc: net(0, 16), rows }
    }

    /// A plan that parts a block: one half, and a quarter of the other.
    pub fn parting(vpc: Ipv4Net) -> Self {
        let mut plan = Self::new(vpc);
        let prefix = plan.vpc.prefix_len();
        for by in [1, 2] {
            if prefix + by <= 28 {
                plan.add(prefix + by);
            }
        }
        plan
    }

    /// Everything that is wrong, the VPC first, then by rows.
    pub fn troubles(&self) -> Vec<Trouble> {
        let fit = |net: Ipv4Net| Fit::of(net.prefix_len());
        let mut found = Vec::new();
        if fit(self.vpc) != Fit::Fits {
            found.push(Trouble::Vpc(fit(self.vpc)));
        }
        for (at, row) in self.rows.iter().enumerate() {
            if fit(row.net) != Fit::Fits {
                found.push(Trouble::Size(at, fit(row.net)));
            }
            if !self.vpc.contains(&row.net) {
                found.push(Trouble::Outside(at));
            }
            let earlier = self.rows.iter().enumerate().take(at);
            found.extend(
                earlier.filter(|(_, other)| overlap(other.net, row.net)).map(|(one, _)| Trouble::Overlap(one, at)),
            );
        }
        found
    }

    /// What is wrong, in words.
    pub fn told(&self, trouble: Trouble) -> Text {
        let name = |at: usize| self.rows.get(at).map_or("", |row| row.name.as_str());
        let net = |at: usize| self.rows.get(at).map_or_else(String::new, |row| row.net.to_string());
        let size = |fit: Fit| {
            if fit == Fit::TooLarge {
                ("/16보다 큽니다", "larger than /16")
            } else {
                ("/28보다 작습니다", "smaller than /28")
            }
        };
        match trouble {
            Trouble::Vpc(fit) => {
                let (ko, en) = size(fit);
                Text::new(format!("VPC {}: {ko}", self.vpc), format!("VPC {}: {en}", self.vpc))
            }
            Trouble::Overlap(one, other) => {
                let both = self.rows.get(one).zip(self.rows.get(other));
                let (from, to) = both.map_or((Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED), |(one, other)| {
                    (one.net.network().max(other.net.network()), one.net.broadcast().min(other.net.broadcast()))
                });
                let (one, other) = (name(one), name(other));
                Text::new(
                    format!("{one} · {other}: {from} - {to} 주소가 겹칩니다"),
                    format!("{one} and {other} both claim {from} - {to}"),
                )
            }
            Trouble::Outside(at) => Text::new(
                format!("{}: {} 블록은 VPC {} 밖에 있습니다", name(at), net(at), self.vpc),
                format!("{}: {} lies outside the VPC {}", name(at), net(at), self.vpc),
            ),
            Trouble::Size(at, fit) => {
                let (ko, en) = size(fit);
                Text::new(
                    format!("{}: {} 블록은 {ko}", name(at), net(at)),
                    format!("{}: {} is {en}", name(at), net(at)),
                )
            }
        }
    }

    /// The largest blocks that are still free, in order of their addresses. Together with the rows inside the VPC they are
    /// the VPC.
    pub fn free(&self) -> Vec<Ipv4Net> {
        let mut found = Vec::new();
        let used: Vec<Ipv4Net> = self.rows.iter().map(|row| row.net).collect();
        free_in(self.vpc, &used, &mut found);
        found
    }

    /// How many addresses are free.
    pub fn free_addresses(&self) -> u64 {
        self.free().into_iter().map(size).sum()
    }

    /// The first free block of a size.
    pub fn first_free(&self, prefix: u8) -> Option<Ipv4Net> {
        let gap = self.free().into_iter().find(|gap| gap.prefix_len() <= prefix)?;
        Ipv4Net::new(gap.network(), prefix).ok()
    }

    /// Adds a subnet of a size at the first free place. `false` when there is no room.
    pub fn add(&mut self, prefix: u8) -> bool {
        let Some(net) = self.first_free(prefix) else { return false };
        let mut number = self.rows.len() + 1;
        while self.rows.iter().any(|row| row.name == format!("subnet-{number}")) {
            number += 1;
        }
        self.rows.push(Row { name: format!("subnet-{number}"), net });
        true
    }

    /// Gives a row another size; its block becomes the one of that size around its first address.
    pub fn resize(&mut self, row: usize, prefix: u8) {
        if let Some(row) = self.rows.get_mut(row)
            && let Ok(net) = Ipv4Net::new(row.net.network(), prefix)
        {
            row.net = net.trunc();
        }
    }

    /// Moves a row to the next block of its size, above or below.
    pub fn shift(&mut self, row: usize, above: bool) {
        if let Some(row) = self.rows.get_mut(row)
            && let Some(next) = Block::new(row.net.network(), row.net.prefix_len()).neighbour(above)
        {
            row.net = next.net();
        }
    }

    /// Puts a row where an address is.
    pub fn place(&mut self, row: usize, at: Ipv4Addr) {
        if let Some(row) = self.rows.get_mut(row)
            && let Ok(net) = Ipv4Net::new(at, row.net.prefix_len())
        {
            row.net = net.trunc();
        }
    }

    /// The VPC as this many cells of the same size. Fewer when it has fewer addresses.
    pub fn cells(&self, count: u32) -> Vec<Cell> {
        let (start, each) = (u64::from(self.vpc.network().to_bits()), self.cell_size(count));
        let cells = size(self.vpc) / each;
        (0..cells)
            .map(|cell| {
                let (from, to) = (start + cell * each, start + (cell + 1) * each - 1);
                let inside: Vec<(usize, u64, u64)> = self
                    .rows
                    .iter()
                    .enumerate()
                    .map(|(at, row)| {
                        (
                            at,
                            u64::from(row.net.network().to_bits()).max(from),
                            u64::from(row.net.broadcast().to_bits()).min(to),
                        )
                    })
                    .filter(|(_, first, last)| first <= last)
                    .collect();
                let clash = inside.iter().enumerate().any(|(at, (_, first, last))| {
                    inside
                        .iter()
                        .take(at)
                        .any(|(_, other_first, other_last)| first <= other_last && other_first <= last)
                });
                match inside.as_slice() {
                    [] => Cell::Free,
                    [(only, ..)] => Cell::One(*only),
                    _ if clash => Cell::Clash,
                    _ => Cell::Several,
                }
            })
            .collect()
    }

    /// How many addresses a cell of [`Plan::cells`] stands for.
    pub fn cell_size(&self, count: u32) -> u64 {
        (size(self.vpc) / u64::from(count.max(1))).max(1)
    }

    /// The first address of a cell.
    pub fn cell_start(&self, count: u32, cell: usize) -> Ipv4Addr {
        let offset = self.cell_size(count).saturating_mul(u64::try_from(cell).unwrap_or(0));
        let at = u64::from(self.vpc.network().to_bits()) + offset;
        Ipv4Addr::from_bits(u32::try_from(at).unwrap_or(u32::MAX))
    }
}

/// How many addresses a block has.
pub fn size(net: Ipv4Net) -> u64 {
    1 << (32 - u32::from(net.prefix_len()))
}

/// Whether two blocks share an address; of two blocks one then contains the other.
pub fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

fn free_in(block: Ipv4Net, used: &[Ipv4Net], found: &mut Vec<Ipv4Net>) {
    if used.iter().any(|net| net.contains(&block)) {
        return;
    }
    let inside: Vec<Ipv4Net> = used.iter().filter(|net| block.contains(*net)).copied().collect();
    if inside.is_empty() {
        found.push(block);
        return;
    }
    if let Ok(halves) = block.subnets(block.prefix_len() + 1) {
        for half in halves {
            free_in(half, &inside, found);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn net(text: &str) -> Ipv4Net {
        text.parse().unwrap()
    }

    fn plan(vpc: &str, rows: &[&str]) -> Plan {
        let rows = rows.iter().map(|row| Row { name: (*row).to_owned(), net: net(row) }).collect();
        Plan { vpc: net(vpc), rows }
    }

    #[test]
    fn the_plan_of_the_course_is_right() {
        let plan = Plan::course();
        assert_eq!(plan.troubles(), []);
        assert_eq!(plan.free_addresses(), 65_536 - 6 * 256);
        assert_eq!(plan.first_free(24), Some(net("10.1.0.0/24")));
        assert_eq!(plan.first_free(18), Some(net("10.1.64.0/18")));
        let cells = plan.cells(256);
        assert_eq!(cells.len(), 256);
        assert_eq!((cells[0], cells[1], cells[22]), (Cell::Free, Cell::One(0), Cell::One(5)));
    }

    #[test]
    fn mistakes_name_their_rows() {
        let wrong = plan("10.1.0.0/16", &["10.1.0.0/24", "10.1.0.128/25", "10.2.0.0/24", "10.1.9.0/29"]);
        assert_eq!(wrong.troubles(), [Trouble::Overlap(0, 1), Trouble::Outside(2), Trouble::Size(3, Fit::TooSmall)]);
        let told = wrong.told(Trouble::Overlap(0, 1));
        assert!(told.en.contains("10.1.0.128 - 10.1.0.255"), "{}", told.en);
        assert_eq!(wrong.cells(256)[0], Cell::Clash);
        assert_eq!(plan("10.0.0.0/8", &[]).troubles(), [Trouble::Vpc(Fit::TooLarge)]);
    }

    #[test]
    fn rows_are_moved_and_resized() {
        let mut plan = Plan::course();
        plan.shift(0, true);
        assert_eq!(plan.troubles(), [Trouble::Overlap(0, 1)]);
        plan.shift(0, false);
        plan.resize(0, 23);
        assert_eq!(plan.rows[0].net, net("10.1.0.0/23"));
        assert_eq!(plan.troubles(), []);
        assert!(plan.add(20));
        assert_eq!(plan.rows[6].net, net("10.1.32.0/20"));
        plan.place(6, Ipv4Addr::new(10, 1, 200, 7));
        assert_eq!(plan.rows[6].net, net("10.1.192.0/20"));
        assert!(!Plan::parting(net("10.0.0.0/28")).add(27));
    }

    fn any_net() -> impl Strategy<Value = Ipv4Net> {
        (any::<u16>(), 15u8..=30).prop_map(|(low, prefix)| {
            Ipv4Net::new(Ipv4Addr::from_bits(0x0a01_0000 | u32::from(low)), prefix).unwrap().trunc()
        })
    }

    proptest! {
        #[test]
        fn free_and_used_are_the_vpc(nets in prop::collection::vec(any_net(), 0..8)) {
            let vpc = net("10.1.0.0/16");
            let rows = nets.iter().map(|net| Row { name: String::new(), net: *net }).collect();
            let plan = Plan { vpc, rows };
            let free = plan.free();
            for (at, one) in free.iter().enumerate() {
                prop_assert!(vpc.contains(one));
                prop_assert!(nets.iter().all(|net| !overlap(*net, *one)));
                prop_assert!(free.iter().take(at).all(|other| !overlap(*other, *one)));
            }
            let inside: Vec<Ipv4Net> =
                nets.iter().filter(|net| overlap(**net, vpc)).map(|net| if net.contains(&vpc) { vpc } else { *net }).collect();
            let used: u64 = Ipv4Net::aggregate(&inside).into_iter().map(size).sum();
            prop_assert_eq!(plan.free_addresses() + used, size(vpc));
        }

        #[test]
        fn overlaps_are_found_as_by_addresses(one in any_net(), other in any_net()) {
            let shared = one.network().max(other.network()) <= one.broadcast().min(other.broadcast());
            prop_assert_eq!(overlap(one, other), shared);
        }

        #[test]
        fn what_is_added_fits(nets in prop::collection::vec(any_net(), 0..6), prefix in 16u8..=28) {
            let rows = nets.iter().map(|net| Row { name: String::new(), net: *net }).collect();
            let mut plan = Plan { vpc: net("10.1.0.0/16"), rows };
            let before = plan.troubles();
            if plan.add(prefix) {
                prop_assert_eq!(plan.troubles(), before);
            }
        }
    }
}
