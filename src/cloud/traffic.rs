//! Records every API call. Promises: one [`ApiCall`] for every attempt, also for one that got no answer.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::date_time::Format;
use aws_types::region::Region;
use aws_types::request_id::RequestId;

use crate::lab::traffic::ApiCall;

/// Where records go. Called from the task that made the call; it must not block.
pub type Recorder = Arc<dyn Fn(ApiCall) + Send + Sync>;

/// The interceptor that every client carries.
#[derive(Clone)]
pub(super) struct Record(pub Recorder);

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record")
    }
}

#[derive(Debug, Clone, Copy)]
struct Started(Instant);

impl Storable for Started {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Record {
    fn name(&self) -> &'static str {
        "awslab call record"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Started(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(metadata) = config.load::<Metadata>() else { return Ok(()) };
        let response = context.response();
        let elapsed = config.load::<Started>().map(|started| started.0.elapsed()).unwrap_or_default();
        (self.0)(ApiCall {
            service: metadata.service().to_owned(),
            operation: metadata.name().to_owned(),
            region: config.load::<Region>().map(ToString::to_string).unwrap_or_default(),
            millis: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            status: response.map(|response| response.status().as_u16()),
            code: response.and_then(error_code),
            request_id: response.and_then(|response| response.request_id().map(str::to_owned)),
            skew: response.and_then(|response| skew(response, SystemTime::now())),
        });
        Ok(())
    }
}

/// The error code in the body of an error response: `<Code>` of the XML protocols, `__type` of the JSON ones.
fn error_code(response: &HttpResponse) -> Option<String> {
    if response.status().as_u16() < 400 {
        return None;
    }
    let body = std::str::from_utf8(response.body().bytes()?).ok()?;
    let between = |start: &str, end: &str| Some(body.split_once(start)?.1.split_once(end)?.0.to_owned());
    if let Some(code) = between("<Code>", "</Code>") {
        return Some(code);
    }
    let kind = serde_json::from_str::<serde_json::Value>(body).ok()?.get("__type")?.as_str()?.to_owned();
    Some(kind.rsplit('#').next().unwrap_or(&kind).to_owned())
}

/// How far the cloud's clock is ahead of this machine's.
fn skew(response: &HttpResponse, here: SystemTime) -> Option<i64> {
    let there = DateTime::from_str(response.headers().get("date")?, Format::HttpDate).ok()?;
    there.to_millis().ok()?.checked_sub(DateTime::from(here).to_millis().ok()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use std::time::Duration;

    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn the_clocks_are_compared_by_the_date_of_the_answer() {
        let here = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let answer = |date: &str| {
            let mut response = HttpResponse::new(200.try_into().unwrap(), SdkBody::empty());
            response.headers_mut().insert("date", date.to_owned());
            response
        };
        assert_eq!(skew(&answer("Wed, 18 Nov 2026 11:11:40 GMT"), here), Some(300_000));
        assert_eq!(skew(&answer("Wed, 18 Nov 2026 11:06:10 GMT"), here), Some(-30_000));
        assert_eq!(skew(&answer("yesterday"), here), None);
    }
}
