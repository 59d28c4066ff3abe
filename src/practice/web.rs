//! Pages of what the practice cloud serves, as the learner's own computer asks for them: by a load balancer's name, a name
//! in a delegated zone, an instance's public address.
//!
//! Promises: what is not a request to AWS goes the way that a packet would go: name, security groups, routes, listener,
//! rules, certificate, target. Leaves to others: what machines answer ([`super::world`]), how requests come.

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};

use super::world::World;
use super::world::balancing::{WebAnswer, WebRequest};
use super::world::visit::Visited;

/// The address of the learner's computer unless the request says another ([`From`]): of the block for documentation.
pub const LEARNER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);

/// Where a request comes from: an extension of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct From(pub Ipv4Addr);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The answer got lost on request; what was asked has had its effect.
    #[error("connection closed before message completed (asked for with: awslab practice faults)")]
    Lost,
    /// Nothing has the name.
    #[error("failed to lookup address information: Name or service not known")]
    NoName,
    /// Nothing listens there.
    #[error("Connection refused (os error 111)")]
    Refused,
    /// Nothing comes back.
    #[error("connection timed out")]
    Silence,
    /// No TLS, or not with this name; says why.
    #[error("TLS: {0}")]
    Tls(String),
}

/// A request that is not one to AWS.
#[derive(Debug)]
pub(super) struct Asked {
    from: Ipv4Addr,
    get: bool,
    tls: bool,
    host: String,
    port: u16,
    path: String,
    query: String,
}

impl Asked {
    /// Takes a request apart; nothing when it is one to AWS, or to this program itself.
    pub(super) fn of(request: &http::Request<Bytes>) -> Option<Self> {
        if request.headers().contains_key(header::AUTHORIZATION) || request.headers().contains_key("x-amz-target") {
            return None;
        }
        let uri = request.uri();
        let of_header = || request.headers().get(header::HOST)?.to_str().ok();
        let place = uri.authority().map(http::uri::Authority::as_str).or_else(of_header)?;
        let tls = uri.scheme_str() == Some("https");
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (place, if tls { 443 } else { 80 }),
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.parse::<Ipv4Addr>().ok();
        let here = host == "localhost" || host.starts_with('[') || address.is_some_and(|address| address.is_loopback());
        let served = [".elb.amazonaws.com", ".compute.amazonaws.com", ".compute-1.amazonaws.com"];
        let of_aws = host.ends_with(".amazonaws.com") && !served.iter().any(|end| host.ends_with(end));
        if here || of_aws || !host.contains('.') {
            return None;
        }
        let from = request.extensions().get::<From>().map_or(LEARNER, |from| from.0);
        let (path, query) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
        Some(Self { from, get: request.method() == Method::GET, tls, host, port, path, query })
    }

    /// Sends it to what has the name or the address.
    pub(super) fn send(&self, world: &mut World) -> Result<http::Response<Bytes>, Broken> {
        if !self.get {
            return Ok(text(501, "NotSimulated: the practice cloud answers GET here and nothing else.\n"));
        }
        let Self { tls, port, .. } = *self;
        let request = WebRequest { port, tls, host: &self.host, path: &self.path, query: &self.query };
        match world.visit(self.from, &request) {
            Visited::Answer(answer) => Ok(page(answer)),
            Visited::Unknown => Ok(text(501, "NotSimulated: the practice cloud does not have this page.\n")),
            Visited::NoName => Err(Broken::NoName),
            Visited::Refused => Err(Broken::Refused),
            Visited::Silence => Err(Broken::Silence),
            // In the words of the TLS library that the program has on AWS.
            Visited::NoTls => Err(Broken::Tls("received corrupt message of type InvalidContentType".to_owned())),
            Visited::Certificate(names) if names.is_empty() => {
                Err(Broken::Tls("received fatal alert: HandshakeFailure".to_owned()))
            }
            Visited::Certificate(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("DnsName({name:?})")).collect();
                Err(Broken::Tls(format!(
                    "invalid peer certificate: certificate not valid for name {:?}; certificate is only valid for {}",
                    self.host,
                    names.join(" or ")
                )))
            }
        }
    }
}

fn page(answer: WebAnswer) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, &answer.content_type);
    if let Some(location) = &answer.location {
        put(header::LOCATION, location);
    }
    if answer.target.is_none() {
        put(header::SERVER, "awselb/2.0");
    }
    response
}

fn text(status: u16, body: &'static str) -> http::Response<Bytes> {
    page(WebAnswer {
        status,
        location: None,
        content_type: "text/plain".to_owned(),
        body: body.to_owned(),
        target: Some(String::new()),
    })
}

/// What is answered when the world cannot be kept.
pub(super) fn failed(why: &str) -> http::Response<Bytes> {
    let mut response = text(507, "");
    *response.body_mut() = Bytes::from(format!("The practice cloud could not keep its world: {why}\n"));
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn asked(uri: &str, host: &str, header: Option<&str>) -> Option<Asked> {
        let mut request = http::Request::get(uri).header("host", host);
        if let Some(value) = header {
            request = request.header("authorization", value);
        }
        Asked::of(&request.body(Bytes::new()).unwrap())
    }

    #[test]
    fn only_what_is_not_for_aws_is_a_page() {
        let alb = "my-asg-alb-1.ap-northeast-2.elb.amazonaws.com";
        let found = asked("/ec2meta-webpage/index.php?a=1", alb, None).unwrap();
        assert_eq!((found.host.as_str(), found.port, found.tls), (alb, 80, false));
        assert_eq!((found.path.as_str(), found.query.as_str()), ("/ec2meta-webpage/index.php", "a=1"));
        let found = asked(&format!("https://{alb}/"), "127.0.0.1:4566", None).unwrap();
        assert_eq!((found.host.as_str(), found.port, found.tls), (alb, 443, true));
        assert!(asked("/", "www.lab.example:8080", None).is_some_and(|found| found.port == 8080));
        for (uri, host, header) in [
            ("/", alb, Some("AWS4-HMAC-SHA256 Credential=K/20261122/ap-northeast-2/ec2/aws4_request")),
            ("/", "127.0.0.1:4566", None),
            ("/", "localhost:4566", None),
            ("/", "[::1]:4566", None),
            ("/", "ec2.ap-northeast-2.amazonaws.com", None),
            ("/", "elasticloadbalancing.ap-northeast-2.amazonaws.com", None),
        ] {
            assert!(asked(uri, host, header).is_none(), "{host}");
        }
    }

    #[test]
    fn a_name_that_nothing_has_is_not_found() {
        let mut world = World::new(1, "100000000001", 0);
        let broken = asked("/", "nobody-1.ap-northeast-2.elb.amazonaws.com", None).unwrap().send(&mut world);
        assert_eq!(broken.unwrap_err(), Broken::NoName);
    }
}
