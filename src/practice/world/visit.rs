//! A page asked for from outside AWS, by name or by address.
//!
//! Promises: the name is resolved as anybody on the internet resolves it, the packet goes the way that decides
//! ([`super::reachability`]), a certificate must be for the name. Leaves to others: listeners, rules and targets
//! ([`super::balancing`]), what machines answer ([`super::host`]).

use std::net::Ipv4Addr;

use super::balancing::{Delivered, WebAnswer, WebRequest};
use super::host::HttpAnswer;
use super::resolve::is_internet;
use super::{Region, World};
use crate::reach::{End, Protocol};

/// What comes of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visited {
    /// An answer.
    Answer(WebAnswer),
    /// Nothing has the name.
    NoName,
    /// Nothing listens on the port.
    Refused,
    /// No answer comes.
    Silence,
    /// HTTPS to a port that speaks HTTP.
    NoTls,
    /// The certificate is for other names: these; for none, when it is not issued.
    Certificate(Vec<String>),
    /// A host that stands for the rest of the internet: its pages are not simulated.
    Unknown,
}

impl World {
    /// Asks for a page from an address of the internet. The host of the request is a name or an IPv4 address.
    pub fn visit(&mut self, from: Ipv4Addr, request: &WebRequest<'_>) -> Visited {
        let address = match request.host.parse() {
            Ok(address) => Some(address),
            Err(_) => self.resolve("", None, request.host).addresses.first().copied(),
        };
        let Some(address) = address else { return Visited::NoName };
        if is_internet(address) {
            return Visited::Unknown;
        }
        let here = |region: &Region| region.balancer_at(address, None).is_some() || region.at(address).is_some();
        let Some(name) = self.regions().find(|region| here(region)).map(|region| region.name().to_owned()) else {
            return Visited::Silence;
        };
        let from = End::Outside(from);
        let (region, global) = self.parts(&name);
        let visited = match region.balancer_at(address, None).map(|(arn, _)| arn.to_owned()) {
            Some(arn) => {
                let own = region.balancer_named(request.host).is_some();
                let delivered = if own {
                    region.request_by_name(global, &from, request.host, request)
                } else {
                    region.request_through(global, &from, address, request)
                };
                match delivered {
                    Some(Delivered::Answer(_)) if !region.is_certified(&arn, request) => {
                        Visited::Certificate(region.certified(&arn, request.port))
                    }
                    Some(Delivered::Answer(answer)) => Visited::Answer(answer),
                    Some(Delivered::NoTls) => Visited::NoTls,
                    Some(Delivered::Lost(way)) if way.refused() => Visited::Refused,
                    Some(Delivered::Lost(_)) | None => Visited::Silence,
                }
            }
            None => region.visit_instance(global, from, address, request),
        };
        region.changed();
        self.settle();
        visited
    }
}

impl Region {
    /// The instance that has a public address.
    fn at(&self, address: Ipv4Addr) -> Option<&str> {
        let interface = self.interfaces.values().find(|one| self.public_address(one) == Some(address))?;
        interface.attachment.as_ref()?.instance.as_deref()
    }

    fn visit_instance(
        &self,
        global: &super::Global,
        from: End,
        address: Ipv4Addr,
        request: &WebRequest<'_>,
    ) -> Visited {
        let way = self.way(global, from, End::Address(address), Protocol::Tcp, request.port);
        if way.refused() {
            return Visited::Refused;
        }
        let (true, Some(instance)) = (way.answered(), self.at(address)) else { return Visited::Silence };
        if request.tls {
            return Visited::NoTls;
        }
        match self.http_answer(instance, request.port, request.path) {
            HttpAnswer::Refused => Visited::Refused,
            HttpAnswer::Answer { status, body } => Visited::Answer(WebAnswer {
                status,
                location: None,
                content_type: "text/html; charset=UTF-8".to_owned(),
                body,
                target: Some(instance.to_owned()),
            }),
        }
    }

    /// The names that a load balancer's listener has issued certificates for.
    fn certified(&self, balancer: &str, port: u16) -> Vec<String> {
        let mut listeners = self.balancing.listeners.values();
        let listener = listeners.find(|one| one.balancer == balancer && one.port == port);
        let Some(tls) = listener.and_then(|listener| listener.tls.as_ref()) else { return Vec::new() };
        let arns = std::iter::once(&tls.certificate).chain(&tls.more);
        let issued = arns.filter(|arn| self.certificates.usable(arn));
        let certificates = issued.filter_map(|arn| self.certificates.by_arn.get(arn));
        certificates.flat_map(|one| &one.names).map(|name| name.name.clone()).collect()
    }

    /// Whether a browser would trust the answer: HTTPS needs a certificate for the host.
    fn is_certified(&self, balancer: &str, request: &WebRequest<'_>) -> bool {
        !request.tls || self.certified(balancer, request.port).iter().any(|name| covers(name, request.host))
    }
}

/// A wildcard stands for exactly one label.
fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)),
        None => name.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_wildcard_is_one_label() {
        assert!(covers("*.lab.example", "www.lab.example") && covers("lab.example", "lab.example"));
        assert!(!covers("*.lab.example", "lab.example") && !covers("*.lab.example", "a.b.lab.example"));
    }
}
