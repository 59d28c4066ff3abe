//! The journey of a URL that is typed into a browser: which stages it goes through, what every cache saves, and how many
//! round trips and milliseconds that makes.
//!
//! Promises: the sums come from the stages, and a stage's cost from its round trips and the distance of the other end;
//! computing takes no time beside the server's own. TLS is 1.3 in full ([`super::tls`]). A cache of names gives an
//! address, never a page: only the HTTP cache saves the page.

use super::tls::Handshake;

/// Where the other end of a round trip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Far {
    /// Nowhere: it happens in the computer.
    Here,
    /// In the same local network.
    Lan,
    /// The resolver of the access provider.
    Resolver,
    /// The name servers that the resolver asks.
    NameServers,
    /// The web server.
    Server,
}

/// The milliseconds of a round trip on the local network.
pub const LAN_MS: u32 = 1;
/// The milliseconds to the resolver and back.
pub const RESOLVER_MS: u32 = 10;
/// The milliseconds from the resolver to a name server and back.
pub const NAME_SERVER_MS: u32 = 30;
/// The milliseconds in which the server makes the page.
pub const SERVER_MS: u32 = 20;

/// What is known beforehand, and so saves a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The site is on the browser's HSTS list.
    Hsts,
    /// The browser tries HTTPS first for every site.
    HttpsFirst,
    /// A fresh copy of the page is in the HTTP cache.
    Page,
    /// A connection to the site is still open.
    Connection,
    /// The browser knows the address.
    BrowserDns,
    /// The operating system knows the address, or the hosts file has it.
    SystemDns,
    /// The computer has an address and knows its router and resolver (DHCP).
    Lease,
    /// The computer knows the router's MAC address (ARP).
    Arp,
    /// The resolver has the answer.
    ResolverDns,
}

impl Known {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 9] = [
        Self::Hsts,
        Self::HttpsFirst,
        Self::Page,
        Self::Connection,
        Self::BrowserDns,
        Self::SystemDns,
        Self::Lease,
        Self::Arp,
        Self::ResolverDns,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hsts => "hsts",
            Self::HttpsFirst => "https-first",
            Self::Page => "page",
            Self::Connection => "connection",
            Self::BrowserDns => "browser-dns",
            Self::SystemDns => "system-dns",
            Self::Lease => "dhcp",
            Self::Arp => "arp",
            Self::ResolverDns => "resolver-dns",
        }
    }

    /// By its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// What is known, and how far the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Journey {
    known: u16,
    /// Milliseconds to the server and back.
    pub rtt: u32,
}

/// A stage of the journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The browser takes the URL apart.
    Parse,
    /// Is the site on the HSTS list?
    Hsts,
    /// Without that: does the browser try HTTPS first?
    HttpsFirst,
    /// Is the page in the HTTP cache?
    Page,
    /// Is a connection open?
    Connection,
    /// Does the browser know the address?
    BrowserDns,
    /// Does the operating system know it?
    SystemDns,
    /// Does the computer have an address, a router, a resolver?
    Dhcp,
    /// Does it know the router's MAC address?
    Arp,
    /// The question to the resolver.
    Resolver,
    /// The resolver asks root, TLD and authoritative servers.
    Recursion,
    /// Plain HTTP first: connect, ask, be sent to HTTPS.
    Redirect,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
    /// Request and response.
    Http,
}

/// A stage as it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub stage: Stage,
    /// What is known beforehand and decides it, if anything.
    pub known: Option<(Known, bool)>,
    /// Whether the journey gets there at all.
    pub reached: bool,
    /// Its round trips.
    pub trips: u32,
    /// To whom.
    pub far: Far,
    /// Its milliseconds.
    pub ms: u32,
}

impl Default for Journey {
    /// A computer that is online and a modern browser that has never seen the site, 100 ms away.
    fn default() -> Self {
        Self { known: Known::HttpsFirst.bit() | Known::Lease.bit() | Known::Arp.bit(), rtt: 100 }
    }
}

impl Journey {
    /// The default, at another distance.
    pub fn at(rtt: u32) -> Self {
        Self { rtt, ..Self::default() }
    }

    /// Whether it is known.
    pub const fn knows(&self, known: Known) -> bool {
        self.known & known.bit() != 0
    }

    /// Switches it on or off.
    pub const fn set(&mut self, known: Known, on: bool) {
        if on {
            self.known |= known.bit();
        } else {
            self.known &= !known.bit();
        }
    }

    /// Every stage, also those that it does not get to.
    pub fn steps(&self) -> Vec<Step> {
        let tls = Handshake::Tls13.sum();
        let page = self.knows(Known::Page);
        let open = self.knows(Known::Connection);
        let named = self.knows(Known::BrowserDns) || self.knows(Known::SystemDns);
        // Where the journey goes on to, once it is past a stage.
        let to_net = !page;
        let to_connect = to_net && !open;
        let to_dns = to_connect && !named;
        let to_http_first = !self.knows(Known::Hsts) && !self.knows(Known::HttpsFirst);
        let asked = |known: Known| Some((known, self.knows(known)));
        let step = |stage, known: Option<(Known, bool)>, reached: bool, trips: u32, far: Far| {
            let trips = if reached && !known.is_some_and(|(_, on)| on) { trips } else { 0 };
            Step { stage, known, reached, trips, far, ms: self.cost(stage, reached, trips, far) }
        };
        vec![
            step(Stage::Parse, None, true, 0, Far::Here),
            step(Stage::Hsts, asked(Known::Hsts), true, 0, Far::Here),
            step(Stage::HttpsFirst, asked(Known::HttpsFirst), !self.knows(Known::Hsts), 0, Far::Here),
            step(Stage::Page, asked(Known::Page), true, 0, Far::Here),
            step(Stage::Connection, asked(Known::Connection), to_net, 0, Far::Here),
            step(Stage::BrowserDns, asked(Known::BrowserDns), to_connect, 0, Far::Here),
            step(Stage::SystemDns, asked(Known::SystemDns), to_connect && !self.knows(Known::BrowserDns), 0, Far::Here),
            // Discover and offer, request and acknowledgement.
            step(Stage::Dhcp, asked(Known::Lease), to_net, 2, Far::Lan),
            step(Stage::Arp, asked(Known::Arp), to_net, 1, Far::Lan),
            step(Stage::Resolver, None, to_dns, 1, Far::Resolver),
            step(Stage::Recursion, asked(Known::ResolverDns), to_dns, 3, Far::NameServers),
            step(Stage::Redirect, None, to_connect && to_http_first, 2, Far::Server),
            step(Stage::Tcp, None, to_connect, tls.tcp, Far::Server),
            step(Stage::Tls, None, to_connect, tls.tls, Far::Server),
            step(Stage::Http, None, to_net, 1, Far::Server),
        ]
    }

    fn cost(&self, stage: Stage, reached: bool, trips: u32, far: Far) -> u32 {
        let each = match far {
            Far::Here => 0,
            Far::Lan => LAN_MS,
            Far::Resolver => RESOLVER_MS,
            Far::NameServers => NAME_SERVER_MS,
            Far::Server => self.rtt,
        };
        let own = if stage == Stage::Http && reached { SERVER_MS } else { 0 };
        trips * each + own
    }

    /// All round trips and all milliseconds until the page is there.
    pub fn sum(&self) -> (u32, u32) {
        self.steps().iter().fold((0, 0), |(trips, ms), step| (trips + step.trips, ms + step.ms))
    }
}

impl Stage {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Hsts => "hsts",
            Self::HttpsFirst => "https-first",
            Self::Page => "http-cache",
            Self::Connection => "connection",
            Self::BrowserDns => "browser-dns",
            Self::SystemDns => "system-dns",
            Self::Dhcp => "dhcp",
            Self::Arp => "arp",
            Self::Resolver => "resolver",
            Self::Recursion => "recursion",
            Self::Redirect => "redirect",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Http => "http",
        }
    }

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Parse => ("URL 해석", "Parse the URL"),
            Self::Hsts => ("HSTS 목록", "HSTS list"),
            Self::HttpsFirst => ("HTTPS 먼저", "HTTPS first"),
            Self::Page => ("HTTP 캐시", "HTTP cache"),
            Self::Connection => ("열린 연결", "Open connection"),
            Self::BrowserDns => ("브라우저 DNS 캐시", "Browser's DNS cache"),
            Self::SystemDns => ("OS 캐시와 hosts", "OS cache and hosts"),
            Self::Dhcp => ("DHCP 임대", "DHCP lease"),
            Self::Arp => ("ARP (라우터 MAC)", "ARP (router's MAC)"),
            Self::Resolver => ("DNS 리졸버에 질의", "Ask the resolver"),
            Self::Recursion => ("루트 > TLD > 권한 서버", "Root > TLD > authority"),
            Self::Redirect => ("http로 갔다가 301", "http first, then a 301"),
            Self::Tcp => ("TCP 연결", "TCP"),
            Self::Tls => ("TLS 1.3", "TLS 1.3"),
            Self::Http => ("HTTP 요청과 응답", "HTTP request, response"),
        }
    }
}

impl Step {
    /// What happened there, Korean and English.
    pub const fn said(&self) -> (&'static str, &'static str) {
        if !self.reached {
            return ("건너뜀", "skipped");
        }
        let on = match self.known {
            Some((_, on)) => on,
            None => false,
        };
        match (self.stage, on) {
            (Stage::Parse, _) => ("주소인지 검색어인지 가립니다", "an address, or words to search"),
            (Stage::Hsts, true) => ("있음: 반드시 https", "listed: https and nothing else"),
            (Stage::Hsts, false) => ("없음", "not listed"),
            (Stage::HttpsFirst, true) => ("https부터 시도", "https is tried first"),
            (Stage::HttpsFirst, false) => ("http로 나감: 엿볼 수 있음", "plain http: others can read it"),
            (Stage::Page, true) => ("새것 그대로: 화면을 바로 보여 줌", "fresh: the page is shown at once"),
            (Stage::Page, false) => ("없음", "nothing"),
            (Stage::Connection, true) => ("있음: 이름도 연결도 필요 없음", "open: no name, no handshake"),
            (Stage::Connection, false) => ("없음", "none"),
            (Stage::BrowserDns | Stage::SystemDns, true) => {
                ("IP 주소를 앎 (화면이 아님)", "the address (not the page)")
            }
            (Stage::BrowserDns | Stage::SystemDns, false) => ("모름", "unknown"),
            (Stage::Dhcp, true) => ("내 주소, 라우터, 리졸버를 앎", "address, router, resolver known"),
            (Stage::Dhcp, false) => ("주소를 빌려 옴", "an address is leased"),
            (Stage::Arp, true) => ("앎", "known"),
            (Stage::Arp, false) => ("누가 라우터인지 외쳐 물음", "asks everybody for the router"),
            (Stage::Resolver, _) => ("VPC에서는 +2 주소", "in a VPC: the +2 address"),
            (Stage::Recursion, true) => ("리졸버가 이미 앎", "the resolver has it"),
            (Stage::Recursion, false) => ("세 곳에 차례로 물음", "three are asked in turn"),
            (Stage::Redirect, _) => ("TCP와 요청을 한 번 더", "TCP and a request more"),
            (Stage::Tcp, _) => ("SYN, SYN-ACK", "SYN, SYN-ACK"),
            (Stage::Tls, _) => ("키 교환, 인증서 검사", "keys, certificate"),
            (Stage::Http, _) => ("페이지를 받음 (서버 20 ms)", "the page (server 20 ms)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(known: &[Known]) -> Journey {
        let mut journey = Journey::default();
        for one in known {
            journey.set(*one, true);
        }
        journey
    }

    #[test]
    fn a_first_visit_and_what_each_cache_saves() {
        let first = Journey::default();
        // Resolver, three servers, TCP, TLS, HTTP.
        assert_eq!(first.sum(), (7, 10 + 90 + 100 + 100 + 100 + 20));
        assert_eq!(with(&[Known::ResolverDns]).sum(), (4, 10 + 320));
        assert_eq!(with(&[Known::SystemDns]).sum(), (3, 320));
        assert_eq!(with(&[Known::BrowserDns]).sum(), (3, 320));
        assert_eq!(with(&[Known::Connection]).sum(), (1, 120));
        assert_eq!(with(&[Known::Page]).sum(), (0, 0));
        assert_eq!(with(&[Known::Hsts]).sum(), first.sum(), "HSTS is for safety, not for speed");
    }

    #[test]
    fn plain_http_costs_a_connection_and_a_redirect() {
        let mut old = Journey::default();
        old.set(Known::HttpsFirst, false);
        assert_eq!(old.sum(), (9, 620));
        old.set(Known::Hsts, true);
        assert_eq!(old.sum(), Journey::default().sum());
    }

    #[test]
    fn a_computer_that_just_came_online_asks_its_own_network_first() {
        let mut journey = Journey::default();
        journey.set(Known::Lease, false);
        journey.set(Known::Arp, false);
        assert_eq!(journey.sum(), (10, 423));
    }

    #[test]
    fn knowing_more_never_costs_more_and_the_server_counts_by_its_distance() {
        for bits in 0..1_u16 << Known::ALL.len() {
            let journey = Journey { known: bits, rtt: 50 };
            for known in Known::ALL {
                let mut more = journey;
                more.set(known, true);
                assert!(more.sum().1 <= journey.sum().1 && more.sum().0 <= journey.sum().0, "{known:?} {bits:b}");
            }
            let to_server: u32 = journey.steps().iter().filter(|s| s.far == Far::Server).map(|s| s.trips).sum();
            let farther = Journey { rtt: 150, ..journey };
            assert_eq!(farther.sum().1 - journey.sum().1, 100 * to_server);
        }
    }
}
