//! The practice cloud as the SDK's HTTP client: requests are answered in-process, signed and serialised as for AWS.
//!
//! Promises: the SDK's read time-out is kept, also when an answer is slow or lost; waiting is tokio's, so paused time works.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::Semaphore;

use super::cloud::{Cloud, Exchange};
use super::web::{Broken, From};

/// Requests are answered one at a time; a second thread keeps the first from waiting for its hand-over.
const THREADS: usize = 2;

/// An HTTP client for the SDK that the practice cloud answers.
pub fn http_client(cloud: Cloud) -> SharedHttpClient {
    SharedHttpClient::new(PracticeClient { cloud, gate: Arc::new(Semaphore::new(THREADS)) })
}

/// What asks for pages as the learner's own computer would, from an address of the internet (`None`: the one of
/// [`super::web::LEARNER`]): the same requests, but to the names and addresses of what the practice cloud serves.
pub fn visitor(cloud: Cloud, from: Option<Ipv4Addr>) -> SharedHttpConnector {
    let client = PracticeClient { cloud, gate: Arc::new(Semaphore::new(THREADS)) };
    SharedHttpConnector::new(Visitor { client, from })
}

#[derive(Debug)]
struct Visitor {
    client: PracticeClient,
    from: Option<Ipv4Addr>,
}

impl HttpConnector for Visitor {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Some(from) = self.from {
            request.add_extension(From(from));
        }
        HttpConnectorFuture::new(self.client.clone().answer(request, false))
    }
}

#[derive(Debug, Clone)]
struct PracticeClient {
    cloud: Cloud,
    /// Keeps hundreds of calls in flight from becoming hundreds of threads.
    gate: Arc<Semaphore>,
}

impl HttpClient for PracticeClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(PracticeConnector { client: self.clone(), read_timeout: settings.read_timeout() })
    }
}

#[derive(Debug)]
struct PracticeConnector {
    client: PracticeClient,
    read_timeout: Option<Duration>,
}

impl HttpConnector for PracticeConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, read_timeout) = (self.client.clone(), self.read_timeout);
        HttpConnectorFuture::new(async move {
            let answer = client.answer(request, read_timeout.is_some());
            match read_timeout {
                None => answer.await,
                Some(limit) => match tokio::time::timeout(limit, answer).await {
                    Ok(answer) => answer,
                    Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
                },
            }
        })
    }
}

impl PracticeClient {
    /// `patient` when somebody ends the waiting for a lost answer; otherwise the connection breaks.
    async fn answer(self, request: HttpRequest, patient: bool) -> Result<HttpResponse, ConnectorError> {
        let user = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(error);
        let (head, body) = request.try_into_http1x().map_err(|error| user(error.into()))?.into_parts();
        let body: Bytes = body.collect().await.map_err(user)?.to_bytes();
        let request = http::Request::from_parts(head, body);
        let permit = self.gate.acquire_owned().await.map_err(|error| ConnectorError::other(error.into(), None))?;
        let cloud = self.cloud;
        // The file may be busy or slow: never on the thread that draws.
        let task = tokio::task::spawn_blocking(move || {
            let exchange = cloud.exchange(&request);
            drop(permit);
            exchange
        });
        let Exchange { wait, response } = task.await.map_err(|error| ConnectorError::other(error.into(), None))?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        match response {
            Ok(response) => HttpResponse::try_from(response.map(SdkBody::from))
                .map_err(|error| ConnectorError::other(error.into(), None)),
            Err(Broken::Lost) if patient => std::future::pending().await,
            // Practice time is what passes on the way, and nobody has to sit through it.
            Err(Broken::Silence) => Err(ConnectorError::timeout(Broken::Silence.to_string().into())),
            Err(broken) => {
                let kind = match broken {
                    Broken::Lost => ErrorKind::ConnectionReset,
                    Broken::Refused => ErrorKind::ConnectionRefused,
                    Broken::Tls(_) => ErrorKind::InvalidData,
                    Broken::NoName | Broken::Silence => ErrorKind::Other,
                };
                Err(ConnectorError::io(std::io::Error::new(kind, broken.to_string()).into()))
            }
        }
    }
}
