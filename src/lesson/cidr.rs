//! A block of addresses: mask, range, what AWS keeps of it, and what is wrong with one that was typed.
//!
//! Promises: the arithmetic is `ipnet`'s; sizes are exact from /0 to /32. Leaves to others: several blocks at once
//! ([`super::plan`]).

use std::net::Ipv4Addr;
use std::ops::Range;

use ipnet::Ipv4Net;

use super::Fault;

/// The prefixes that a VPC and a subnet may have.
pub const AWS_PREFIXES: std::ops::RangeInclusive<u8> = 16..=28;

/// A block as it was typed: an address, which may lie inside the block, and a prefix length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    given: Ipv4Net,
}

/// What an address of a subnet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first address: it names the subnet.
    Network,
    /// The VPC's router.
    Router,
    /// Kept for DNS.
    Dns,
    /// Kept for the future.
    Future,
    /// The last address: broadcast, which a VPC does not have.
    Broadcast,
    /// For a network interface.
    Usable,
}

impl Purpose {
    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Network => ("네트워크 주소", "network address"),
            Self::Router => ("VPC 라우터", "VPC router"),
            Self::Dns => ("DNS용", "for DNS"),
            Self::Future => ("앞날을 위해 비워 둠", "kept for the future"),
            Self::Broadcast => ("브로드캐스트 (VPC에는 없음)", "broadcast (a VPC has none)"),
            Self::Usable => ("인스턴스에 쓸 수 있음", "usable for an instance"),
        }
    }
}

/// Where in the address space a block lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// In one of the three private ranges of RFC 1918.
    Private,
    /// Private, but the range that Docker takes by default.
    Docker,
    /// For special use (this host, loopback, link-local, multicast): no VPC may have it.
    Special,
    /// Partly in one of the others, partly not.
    Mixed,
    /// Addresses of the internet.
    Public,
}

impl Realm {
    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Private => ("사설 대역(RFC 1918): VPC에 알맞습니다", "private (RFC 1918): right for a VPC"),
            Self::Docker => {
                ("사설 대역이지만 Docker의 기본 대역과 겹칩니다", "private, but Docker takes 172.17.0.0/16 by default")
            }
            Self::Special => ("특수 용도: VPC에 쓸 수 없습니다", "for special use: no VPC may have it"),
            Self::Mixed => ("사설 대역을 벗어나는 주소가 섞여 있습니다", "partly outside the private ranges"),
            Self::Public => (
                "퍼블릭 대역: 이 주소의 진짜 주인과 통신할 수 없게 됩니다",
                "public: the addresses' real owners could not be reached",
            ),
        }
    }
}

/// How AWS takes a block as a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// A VPC or a subnet may have it.
    Fits,
    /// Larger than /16.
    TooLarge,
    /// Smaller than /28.
    TooSmall,
}

impl Fit {
    /// Of a prefix length.
    pub fn of(prefix: u8) -> Self {
        if prefix < *AWS_PREFIXES.start() {
            Self::TooLarge
        } else if prefix > *AWS_PREFIXES.end() {
            Self::TooSmall
        } else {
            Self::Fits
        }
    }

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Fits => ("만들 수 있습니다 (/16부터 /28까지)", "accepted (/16 to /28)"),
            Self::TooLarge => ("너무 큽니다: /16이 가장 큰 블록입니다", "too large: /16 is the largest block"),
            Self::TooSmall => ("너무 작습니다: /28이 가장 작은 블록입니다", "too small: /28 is the smallest block"),
        }
    }
}

impl Block {
    /// An address and a prefix length, which is held to 32.
    pub const fn new(address: Ipv4Addr, prefix: u8) -> Self {
        let prefix = if prefix > 32 { 32 } else { prefix };
        Self { given: Ipv4Net::new_assert(address, prefix) }
    }

    /// Reads `10.10.1.2/26`.
    ///
    /// # Errors
    /// The place of the first mistake, with what is wrong there.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let octets = parse_address(text, address)?;
        if !text.contains('/') {
            return Err(Fault::new(
                text,
                text.len()..text.len(),
                "프리픽스 길이가 없습니다",
                "The prefix length is missing",
            )
            .mend(
                format!("주소 하나는 {text}/32, 256개는 {text}/24처럼 씁니다"),
                format!("One address is {text}/32, 256 of them {text}/24"),
            ));
        }
        let at = address.len() + 1..text.len();
        let prefix = parse_prefix(text, prefix, at)?;
        Ok(Self::new(Ipv4Addr::from(octets), prefix))
    }

    /// The address as it was typed.
    pub const fn address(self) -> Ipv4Addr {
        self.given.addr()
    }

    /// The prefix length: how many bits name the network.
    pub const fn prefix(self) -> u8 {
        self.given.prefix_len()
    }

    /// How many bits are left for hosts.
    pub const fn host_bits(self) -> u8 {
        32 - self.given.prefix_len()
    }

    /// The block itself, with all host bits zero: what EC2 makes of it.
    pub fn net(self) -> Ipv4Net {
        self.given.trunc()
    }

    /// Whether the typed address has host bits: then it is an address inside the block, not the block's own.
    pub fn has_host_bits(self) -> bool {
        self.given != self.net()
    }

    /// `255.255.255.192`.
    pub fn mask(self) -> Ipv4Addr {
        self.given.netmask()
    }

    /// `0.0.0.63`.
    pub fn wildcard(self) -> Ipv4Addr {
        self.given.hostmask()
    }

    /// The first address.
    pub fn first(self) -> Ipv4Addr {
        self.given.network()
    }

    /// The last address.
    pub fn last(self) -> Ipv4Addr {
        self.given.broadcast()
    }

    /// How many addresses.
    pub const fn size(self) -> u64 {
        1 << self.host_bits()
    }

    /// How many hosts an ordinary network of this size has: without the first and the last address; /31 (a link) has two
    /// and /32 one.
    pub const fn classic_hosts(self) -> u64 {
        match self.host_bits() {
            0 => 1,
            1 => 2,
            _ => self.size() - 2,
        }
    }

    /// How AWS takes it.
    pub fn fit(self) -> Fit {
        Fit::of(self.prefix())
    }

    /// How many addresses of a subnet of this size are for instances; 0 where AWS has no such subnet.
    pub fn usable(self) -> u64 {
        if self.fit() == Fit::Fits { self.size() - 5 } else { 0 }
    }

    /// The first and the last address that an instance may get.
    pub fn usable_range(self) -> Option<(Ipv4Addr, Ipv4Addr)> {
        (self.fit() == Fit::Fits).then(|| (self.nth(4), Ipv4Addr::from_bits(self.last().to_bits() - 1)))
    }

    /// The five addresses that AWS keeps in a subnet of this size; none where AWS has no such subnet.
    pub fn reserved(self) -> Vec<(Ipv4Addr, Purpose)> {
        if self.fit() != Fit::Fits {
            return Vec::new();
        }
        vec![
            (self.nth(0), Purpose::Network),
            (self.nth(1), Purpose::Router),
            (self.nth(2), Purpose::Dns),
            (self.nth(3), Purpose::Future),
            (self.last(), Purpose::Broadcast),
        ]
    }

    /// What an address of the block is for, when the block is a subnet of AWS.
    pub fn purpose(self, address: Ipv4Addr) -> Option<Purpose> {
        if self.fit() != Fit::Fits || !self.net().contains(&address) {
            return None;
        }
        let kept = self.reserved().into_iter().find(|(kept, _)| *kept == address);
        Some(kept.map_or(Purpose::Usable, |(_, purpose)| purpose))
    }

    /// Where in the address space it lies.
    pub fn realm(self) -> Realm {
        let net = self.net();
        let inside = |blocks: &[Ipv4Net]| blocks.iter().any(|block| block.contains(&net));
        let touches = |blocks: &[Ipv4Net]| blocks.iter().any(|block| net.contains(block));
        let (private, special) = (blocks(&PRIVATE), blocks(&SPECIAL));
        let docker = blocks(&DOCKER);
        if inside(&docker) || (inside(&private) && touches(&docker)) {
            Realm::Docker
        } else if inside(&private) {
            Realm::Private
        } else if inside(&special) {
            Realm::Special
        } else if touches(&private) || touches(&special) {
            Realm::Mixed
        } else {
            Realm::Public
        }
    }

    /// The 32 bits of the typed address, the highest first.
    pub fn bits(self) -> [bool; 32] {
        let bits = self.address().to_bits();
        std::array::from_fn(|at| bits >> (31 - at) & 1 == 1)
    }

    /// With one bit of the address turned over; bit 0 is the highest.
    #[must_use]
    pub fn flipped(self, bit: u8) -> Self {
        let mask = 1_u32.checked_shl(31_u32.saturating_sub(u32::from(bit))).unwrap_or(0);
        Self::new(Ipv4Addr::from_bits(self.address().to_bits() ^ mask), self.prefix())
    }

    /// With another prefix length, held to 0 to 32.
    #[must_use]
    pub fn resized(self, prefix: u8) -> Self {
        Self::new(self.address(), prefix)
    }

    /// The neighbouring block of the same size, above (`true`) or below. `None` at the end of the address space.
    #[must_use]
    pub fn neighbour(self, above: bool) -> Option<Self> {
        let size = u32::try_from(self.size()).ok()?;
        let bits = self.address().to_bits();
        let moved = if above { bits.checked_add(size)? } else { bits.checked_sub(size)? };
        Some(Self::new(Ipv4Addr::from_bits(moved), self.prefix()))
    }

    fn nth(self, at: u32) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.first().to_bits().saturating_add(at))
    }
}

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.given.fmt(f)
    }
}

type Raw = ([u8; 4], u8);
const PRIVATE: [Raw; 3] = [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16)];
const DOCKER: [Raw; 1] = [([172, 17, 0, 0], 16)];
const SPECIAL: [Raw; 4] = [([0, 0, 0, 0], 8), ([127, 0, 0, 0], 8), ([169, 254, 0, 0], 16), ([224, 0, 0, 0], 4)];

fn blocks(raw: &[Raw]) -> Vec<Ipv4Net> {
    raw.iter().filter_map(|(octets, prefix)| Ipv4Net::new(Ipv4Addr::from(*octets), *prefix).ok()).collect()
}

/// The four numbers of an address that is the beginning of `text`.
fn parse_address(text: &str, address: &str) -> Result<[u8; 4], Fault> {
    if address.contains(':') {
        return Err(Fault::new(text, 0..address.len(), "IPv6 주소입니다", "This is an IPv6 address")
            .mend("여기서는 10.10.1.2/26 같은 IPv4만 다룹니다", "Only IPv4 is worked out here, as in 10.10.1.2/26"));
    }
    let mut octets = [0; 4];
    let mut start = 0;
    let mut count = 0;
    for part in address.split('.') {
        let at = start..start + part.len();
        start = at.end + 1;
        if let Some(slot) = octets.get_mut(count) {
            *slot = parse_octet(text, part, at, count)?;
        }
        count += 1;
    }
    if count != 4 {
        return Err(Fault::new(
            text,
            0..address.len(),
            format!("주소는 숫자 4개인데 {count}개입니다"),
            format!(
                "An address is four numbers; {} here",
                if count == 1 { "there is one".to_owned() } else { format!("there are {count}") }
            ),
        )
        .mend("10.10.1.2처럼 점 3개로 나눠 쓰세요", "Write four numbers with dots between: 10.10.1.2"));
    }
    Ok(octets)
}

fn parse_octet(text: &str, part: &str, at: Range<usize>, count: usize) -> Result<u8, Fault> {
    let nth = ["첫", "두", "세", "네"].get(count).copied().unwrap_or("다음");
    if part.is_empty() {
        return Err(Fault::new(
            text,
            at,
            format!("{nth} 번째 숫자가 비어 있습니다"),
            format!("Number {} of the address is missing", count + 1),
        )
        .mend("10.10.1.2처럼 숫자 4개를 쓰세요", "Write four numbers: 10.10.1.2"));
    }
    if let Some(bad) = part.char_indices().find(|(_, sign)| !sign.is_ascii_digit()) {
        let from = at.start + bad.0;
        return Err(Fault::new(
            text,
            from..from + bad.1.len_utf8(),
            format!("주소에 쓸 수 없는 글자입니다: `{}`", bad.1),
            format!("`{}` cannot stand in an address", bad.1),
        )
        .mend("0부터 255까지의 숫자만 씁니다", "Only numbers from 0 to 255"));
    }
    if part.len() > 1 && part.starts_with('0') {
        let short = part.trim_start_matches('0');
        let short = if short.is_empty() { "0" } else { short };
        return Err(Fault::new(
            text,
            at,
            "0으로 시작하는 숫자는 8진수로 읽는 프로그램이 있어 받지 않습니다",
            "A number with a leading zero is refused: some programs read it as octal",
        )
        .mend(format!("이렇게 쓰세요: {short}"), format!("Write {short}")));
    }
    part.parse::<u8>().map_err(|_| {
        Fault::new(
            text,
            at,
            format!("{nth} 번째 숫자 {part}: 8비트로 쓸 수 있는 가장 큰 수는 255입니다"),
            format!("Number {} of the address is {part}: eight bits hold 255 at most", count + 1),
        )
        .mend("0부터 255까지의 숫자로 고치세요", "Use a number from 0 to 255")
    })
}

fn parse_prefix(text: &str, prefix: &str, at: Range<usize>) -> Result<u8, Fault> {
    if let Ok(mask) = prefix.parse::<Ipv4Addr>()
        && let Ok(length) = ipnet::ipv4_mask_to_prefix(mask)
    {
        return Err(Fault::new(text, at, "서브넷 마스크입니다", "This is a subnet mask")
            .mend(format!("같은 뜻을 이렇게 씁니다: /{length}"), format!("Write /{length}, which means the same")));
    }
    let digits = !prefix.is_empty() && prefix.chars().all(|sign| sign.is_ascii_digit());
    if !digits || (prefix.len() > 1 && prefix.starts_with('0')) {
        return Err(Fault::new(
            text,
            at,
            "`/` 뒤에는 프리픽스 길이가 와야 합니다",
            "After the `/` comes the prefix length",
        )
        .mend("0부터 32까지의 숫자입니다: /26", "It is a number from 0 to 32: /26"));
    }
    match prefix.parse::<u8>() {
        Ok(length) if length <= 32 => Ok(length),
        _ => Err(Fault::new(
            text,
            at,
            format!("IPv4 주소는 32비트라서 /{prefix} 길이는 없습니다"),
            format!("An IPv4 address has 32 bits: there is no /{prefix}"),
        )
        .mend("0부터 32까지, AWS에서는 16부터 28까지 씁니다", "Use 0 to 32; AWS takes 16 to 28")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn block(text: &str) -> Block {
        Block::parse(text).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    #[test]
    fn the_block_of_the_notes() {
        let block = block("10.10.1.2/26");
        assert_eq!(block.mask(), Ipv4Addr::new(255, 255, 255, 192));
        assert_eq!(block.wildcard(), Ipv4Addr::new(0, 0, 0, 63));
        assert_eq!(block.net().to_string(), "10.10.1.0/26");
        assert_eq!(block.last(), Ipv4Addr::new(10, 10, 1, 63));
        assert_eq!((block.size(), block.classic_hosts(), block.usable()), (64, 62, 59));
        let (first, last) = block.usable_range().unwrap();
        assert_eq!((first, last), (Ipv4Addr::new(10, 10, 1, 4), Ipv4Addr::new(10, 10, 1, 62)));
        assert!(block.has_host_bits());
        assert_eq!(block.purpose(block.address()), Some(Purpose::Dns));
    }

    #[test]
    fn usable_addresses_of_a_subnet() {
        let table = [(28, 11), (27, 27), (26, 59), (25, 123), (24, 251), (20, 4091), (16, 65_531), (15, 0), (29, 0)];
        for (prefix, usable) in table {
            assert_eq!(block("10.0.0.0/24").resized(prefix).usable(), usable, "/{prefix}");
        }
        assert_eq!(block("10.0.0.0/31").classic_hosts(), 2);
        assert_eq!(block("10.0.0.0/32").classic_hosts(), 1);
        assert_eq!(block("0.0.0.0/0").size(), 1 << 32);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, marked) in [
            ("10.10.1.300/26", "300"),
            ("10.10.1.2/33", "33"),
            ("10.10.1.2/", ""),
            ("10.10.1/26", "10.10.1"),
            ("10.10.1.2.3/26", "10.10.1.2.3"),
            ("10.1o.1.2/26", "o"),
            ("10.010.1.2/26", "010"),
            ("10..1.2/26", ""),
            ("10.10.1.2/255.255.255.192", "255.255.255.192"),
            ("10.10.1.2/2a", "2a"),
            ("10.10.1.2/-1", "-1"),
            ("10.10.1.2", ""),
            ("::1/64", "::1"),
            ("", ""),
        ] {
            let fault = Block::parse(text).unwrap_err();
            assert_eq!(fault.input.get(fault.at.clone()), Some(marked), "{text}: {fault:?}");
            assert!(!fault.what.ko.is_empty() && !fault.mend.en.is_empty(), "{text}");
        }
        assert!(Block::parse("10.10.1.2/255.255.255.192").unwrap_err().mend.en.contains("/26"));
    }

    #[test]
    fn realms() {
        for (text, realm) in [
            ("10.1.0.0/16", Realm::Private),
            ("172.16.0.0/16", Realm::Private),
            ("172.17.4.0/24", Realm::Docker),
            ("172.16.0.0/12", Realm::Docker),
            ("192.168.10.0/24", Realm::Private),
            ("127.0.0.1/32", Realm::Special),
            ("192.0.0.0/8", Realm::Mixed),
            ("8.8.8.0/24", Realm::Public),
        ] {
            assert_eq!(block(text).realm(), realm, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bits: u32, prefix in 0u8..=32) {
            let made = Block::new(Ipv4Addr::from_bits(bits), prefix);
            prop_assert_eq!(Block::parse(&made.to_string()), Ok(made));
        }

        #[test]
        fn a_block_is_as_its_bits_say(bits: u32, prefix in 0u8..=32) {
            let block = Block::new(Ipv4Addr::from_bits(bits), prefix);
            let span = u64::from(block.last().to_bits()) - u64::from(block.first().to_bits()) + 1;
            prop_assert_eq!(span, block.size());
            prop_assert_eq!(block.mask().to_bits(), !block.wildcard().to_bits());
            prop_assert_eq!(block.first().to_bits(), bits & block.mask().to_bits());
            prop_assert_eq!(block.mask().to_bits().count_ones(), u32::from(prefix));
            prop_assert!(block.net().contains(&block.address()));
        }

        #[test]
        fn reserved_and_usable_make_the_subnet(bits: u32, prefix in 16u8..=28) {
            let block = Block::new(Ipv4Addr::from_bits(bits), prefix);
            let kept = block.reserved();
            prop_assert_eq!(kept.len() as u64 + block.usable(), block.size());
            let (first, last) = block.usable_range().unwrap();
            prop_assert_eq!(u64::from(last.to_bits() - first.to_bits()) + 1, block.usable());
            prop_assert!(kept.iter().all(|(at, _)| *at < first || *at > last));
        }

        #[test]
        fn any_text_is_read_or_refused_at_a_place_in_it(text in "[0-9./:a가 -]{0,24}") {
            if let Err(fault) = Block::parse(&text) {
                prop_assert!(text.get(fault.at.clone()).is_some(), "{:?}", fault);
            }
        }

        #[test]
        fn flipping_twice_and_stepping_back_change_nothing(bits: u32, prefix in 1u8..=32, bit in 0u8..32) {
            let block = Block::new(Ipv4Addr::from_bits(bits), prefix);
            prop_assert_eq!(block.flipped(bit).flipped(bit), block);
            if let Some(next) = block.neighbour(true) {
                prop_assert_eq!(next.neighbour(false), Some(block));
                prop_assert!(!next.net().contains(&block.net()));
            }
        }
    }
}
