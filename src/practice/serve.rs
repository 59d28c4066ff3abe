//! The practice cloud over HTTP on loopback, for the AWS CLI, boto3 and whatever else takes an endpoint URL.
//!
//! A request whose Host is the name or the address of something that the practice cloud serves (a load balancer, an
//! instance) gets its page, so that this is also an HTTP proxy for the learner's browser or `curl`.
//!
//! Promises: only loopback is bound; answers are those of the in-process connector; stopping lets running requests finish.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::cloud::{Cloud, Exchange};
use super::web::Broken;

/// The longest request body; AWS's own limit for user data and the like is far below.
const MAX_BODY: usize = 1 << 20;
/// How long running requests may take to finish when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    cloud: Cloud,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    pub async fn bind(cloud: Cloud, port: u16) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?, cloud })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done, then lets running requests finish.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (closing, closed) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection(stream, self.cloud.clone(), closed.clone()));
                    }
                    // Out of file descriptors, say: let some end first.
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        closing.send_replace(true);
        let finished = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, finished).await.is_err() {
            connections.abort_all();
        }
    }
}

async fn connection(stream: TcpStream, cloud: Cloud, mut closed: watch::Receiver<bool>) {
    let service = service_fn(move |request| answer(cloud.clone(), request));
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = closed.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

/// An answer that gets lost: the connection closes without one.
#[derive(Debug, thiserror::Error)]
#[error("the answer was lost on request")]
struct Lost;

async fn answer(cloud: Cloud, request: http::Request<Incoming>) -> Result<http::Response<Full<Bytes>>, Lost> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(plain(413, "The request body is too long or broke off.\n"));
    };
    let request = http::Request::from_parts(head, body.to_bytes());
    let Ok(Exchange { wait, response }) = tokio::task::spawn_blocking(move || cloud.exchange(&request)).await else {
        return Ok(plain(500, "The practice cloud failed on this request; nothing was changed.\n"));
    };
    tokio::time::sleep(wait).await;
    match response {
        Ok(response) => Ok(response.map(Full::new)),
        Err(Broken::Lost) => Err(Lost),
        // As a proxy tells that it got no further.
        Err(broken) => {
            let status = if broken == Broken::Silence { 504 } else { 502 };
            Ok(plain(status, format!("The practice cloud as a proxy: {broken}.\n")))
        }
    }
}

fn plain(status: u16, text: impl Into<Bytes>) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::new(text.into()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response
}
