//! Asks for a page as the learner's own computer would.
//!
//! Promises: one GET without following redirects, with a time limit; how it failed is told apart as far as the connection
//! tells. Leaves to others: what the answer means ([`crate::lab::web`]).

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::lab::web::{TlsFault, Visit};

use super::Clients;

/// For how long a connection is waited for.
const CONNECT: Duration = Duration::from_secs(5);
/// For how long an answer is.
const ANSWER: Duration = Duration::from_secs(15);

/// The connector for the internet.
pub(super) fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    let builder = Connector::builder().connector_settings(settings).sleep_impl(TokioSleep::new());
    SharedHttpConnector::new(builder.tls_provider(provider).build())
}

impl Clients {
    /// Asks for a page.
    pub async fn visit(&self, url: &str) -> Visit {
        let Some(web) = &self.web else { return Visit::NotLooked };
        let Ok(request) = HttpRequest::get(url) else { return Visit::Broken(format!("{url} is no address")) };
        match tokio::time::timeout(ANSWER, web.call(request)).await {
            Err(_) => Visit::Silence,
            Ok(Ok(response)) => Visit::Answer {
                status: response.status().as_u16(),
                location: response.headers().get("location").map(str::to_owned),
            },
            Ok(Err(error)) => failure(&error),
        }
    }
}

/// What a connection's failure says.
fn failure(error: &ConnectorError) -> Visit {
    if error.is_timeout() {
        return Visit::Silence;
    }
    let mut said = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = next {
        match one.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
            Some(ErrorKind::ConnectionRefused) => return Visit::Refused,
            Some(ErrorKind::TimedOut) => return Visit::Silence,
            _ => said.push(one.to_string()),
        }
        next = one.source();
    }
    let whole = said.join(": ");
    let last = said.pop().unwrap_or_default();
    if whole.contains("failed to lookup address") || whole.contains("dns error") {
        Visit::NoName
    } else if ["certificate", "TLS", "corrupt message", "fatal alert"].iter().any(|word| whole.contains(word)) {
        Visit::Tls(tls_fault(&whole, last))
    } else {
        Visit::Broken(last)
    }
}

/// What rustls says; its own types do not come through the connector.
fn tls_fault(whole: &str, last: String) -> TlsFault {
    if whole.contains("not valid for name") || whole.contains("NotValidForName") {
        // `certificate not valid for name "a"; certificate is only valid for DnsName("b") or DnsName("c")`
        let names = whole.split_once("only valid for").map(|(_, names)| names).unwrap_or_default();
        TlsFault::WrongName(names.split('"').skip(1).step_by(2).map(str::to_owned).collect())
    } else if whole.contains("UnknownIssuer") {
        TlsFault::Untrusted
    } else if ["expired", "Expired", "not valid yet", "NotValidYet"].iter().any(|word| whole.contains(word)) {
        TlsFault::Expired
    } else if whole.contains("corrupt message") {
        TlsFault::NotTls
    } else {
        TlsFault::Other(last)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn a_closed_port_refuses_and_a_name_that_is_not_there_is_not_found() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let ask = async |url: String| connector().call(HttpRequest::get(url).unwrap()).await;
        let error = ask(format!("http://127.0.0.1:{port}/")).await.unwrap_err();
        assert_eq!(failure(&error), Visit::Refused);
    }

    #[test]
    fn failures_are_told_apart() {
        let io = |kind, text: &str| ConnectorError::io(std::io::Error::new(kind, text.to_owned()).into());
        for (error, visit) in [
            (ConnectorError::timeout("slow".into()), Visit::Silence),
            (io(ErrorKind::ConnectionRefused, "no"), Visit::Refused),
            (io(ErrorKind::Other, "failed to lookup address information"), Visit::NoName),
            (
                io(ErrorKind::InvalidData, "invalid peer certificate: NotValidForName"),
                Visit::Tls(TlsFault::WrongName(Vec::new())),
            ),
            (
                io(
                    ErrorKind::InvalidData,
                    "invalid peer certificate: certificate not valid for name \"app.lab.example\"; certificate is only valid for DnsName(\"lab.example\") or DnsName(\"*.lab.example\")",
                ),
                Visit::Tls(TlsFault::WrongName(vec!["lab.example".into(), "*.lab.example".into()])),
            ),
            (io(ErrorKind::InvalidData, "invalid peer certificate: UnknownIssuer"), Visit::Tls(TlsFault::Untrusted)),
            (
                io(
                    ErrorKind::InvalidData,
                    "invalid peer certificate: certificate expired: verification time 2 (UNIX), but certificate is not valid after 1 (1 seconds ago)",
                ),
                Visit::Tls(TlsFault::Expired),
            ),
            (
                io(ErrorKind::InvalidData, "received corrupt message of type InvalidContentType"),
                Visit::Tls(TlsFault::NotTls),
            ),
            (
                io(ErrorKind::InvalidData, "received fatal alert: the peer does not support TLS 1.3"),
                Visit::Tls(TlsFault::Other("received fatal alert: the peer does not support TLS 1.3".into())),
            ),
            (io(ErrorKind::ConnectionReset, "reset by peer"), Visit::Broken("reset by peer".into())),
        ] {
            assert_eq!(failure(&error), visit);
        }
    }
}
