//! The AWS services on a world: which service and operation a request means, and how its answer and errors look.
//!
//! Promises: what is not simulated (a service, an operation, a parameter) answers with `NotSimulated` and changes nothing.
//! Leaves to others: where the world is kept ([`super::world`] is plain data), when time passes, faults.

pub mod acm;
pub mod autoscaling;
pub mod cloudwatch;
pub mod ec2;
pub mod elbv2;
pub mod iam;
mod pages;
pub mod rds;
pub mod route53;
pub mod route53domains;
pub mod secretsmanager;
pub mod servicequotas;
pub mod ssm;
pub mod sts;
#[cfg(test)]
pub(crate) mod testing;
mod xml_answer;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::wire::members::MemberError;
use super::wire::query::{ParamError, Params};
use super::wire::xml::Element;
use super::wire::{cbor, json};
use super::world::{World, catalogue};

/// The error code of everything that is not simulated.
pub const NOT_SIMULATED: &str = "NotSimulated";

/// The signing names of the services that are simulated, at least in part.
const SERVICES: [&str; 13] = [
    "acm",
    "autoscaling",
    "ec2",
    "elasticloadbalancing",
    "iam",
    "monitoring",
    "rds",
    "route53",
    "route53domains",
    "secretsmanager",
    "servicequotas",
    "ssm",
    "sts",
];

/// A request to an operation, taken apart.
#[derive(Debug)]
pub struct Request<'a> {
    /// The operation: `DescribeVpcs`.
    pub operation: &'a str,
    /// The region it was sent to: `ap-northeast-2`.
    pub region: &'a str,
    /// Its parameters, for the form protocols (empty otherwise).
    pub params: &'a Params,
    /// Its parameters, for the JSON and CBOR protocols (`Null` otherwise).
    pub json: &'a Value,
    /// The path, for REST-XML: `/2013-04-01/hostedzone/Z1`.
    pub path: &'a str,
    /// The body, for REST-XML.
    pub body: &'a str,
    /// The id of this request, for the answer.
    pub request_id: String,
}

/// An error as AWS answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status: 400 unless AWS uses another.
    pub status: u16,
    /// The wire code: `InvalidVpcID.NotFound`.
    pub code: String,
    /// The sentence.
    pub message: String,
}

impl ApiError {
    /// A client error (400).
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.into(), message: message.into() }
    }

    /// With another HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// `what` is not simulated: "the operation CreateFleet of ec2".
    pub fn not_simulated(what: impl std::fmt::Display) -> Self {
        Self::new(NOT_SIMULATED, format!("The practice cloud does not simulate {what} yet. Nothing was changed."))
    }

    /// Not simulated: an operation.
    pub fn unknown_operation(service: &str, operation: &str) -> Self {
        Self::not_simulated(format_args!("the operation {operation} of {service}"))
    }
}

impl From<ParamError> for ApiError {
    fn from(error: ParamError) -> Self {
        let code = match &error {
            ParamError::Missing(_) => "MissingParameter",
            ParamError::Invalid { .. } => "InvalidParameterValue",
        };
        Self::new(code, error.to_string())
    }
}

impl From<MemberError> for ApiError {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Unread(_) => Self::not_simulated(error),
            MemberError::Missing(_) | MemberError::Type { .. } => Self::new("ValidationException", error.to_string()),
        }
    }
}

/// How a service writes its requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML out, errors as `<Response><Errors>`.
    Ec2Query,
    /// Form in, XML out, errors as `<ErrorResponse><Error>`.
    AwsQuery,
    /// JSON 1.1 with `X-Amz-Target`.
    Json,
    /// Smithy RPC v2: CBOR in, CBOR out, the operation in the path.
    Cbor,
    /// XML in, XML out, the operation in method and path.
    RestXml,
}

/// A request that came over HTTP, understood as far as its service, region and operation.
#[derive(Debug)]
pub struct Incoming {
    /// The signing name: `ec2`.
    pub service: String,
    /// The region: `ap-northeast-2`.
    pub region: String,
    /// The operation: `DescribeVpcs`.
    pub operation: String,
    /// The access key it was signed with; empty when unsigned.
    pub access_key: String,
    protocol: Protocol,
    params: Params,
    json: Value,
    path: String,
    body: String,
    request_id: String,
}

/// The answer of an operation.
#[derive(Debug, Clone)]
pub enum Answer {
    /// For the form protocols and REST-XML.
    Xml(Element),
    /// For REST-XML: something was made (201).
    Created {
        /// The answer.
        body: Element,
        /// Where what was made can be asked for.
        location: String,
    },
    /// For the JSON protocols.
    Json(Value),
}

impl Incoming {
    /// Takes an HTTP request apart. An error is already the whole HTTP answer.
    pub fn parse(request: &http::Request<Bytes>, request_id: String) -> Result<Self, http::Response<Bytes>> {
        let scope = Scope::of(request);
        let target = header_text(request, "x-amz-target");
        let protocol = match scope.service.as_str() {
            "ec2" => Protocol::Ec2Query,
            "route53" => Protocol::RestXml,
            _ if header_text(request, "smithy-protocol") == Some("rpc-v2-cbor") => Protocol::Cbor,
            _ if target.is_some() || speaks_rest_json(&scope.service, request) => Protocol::Json,
            _ => Protocol::AwsQuery,
        };
        let fail = |error: &ApiError| error_response(protocol, &request_id, error);
        let body = request.body();
        let (mut params, mut json, mut operation) = (Params::default(), Value::Null, String::new());
        let path = request.uri().path().to_owned();
        let mut text = String::new();
        if protocol == Protocol::Json {
            json = json::parse(body).map_err(|error| fail(&ApiError::new("SerializationException", error)))?;
            operation = target.unwrap_or_default().rsplit('.').next().unwrap_or_default().to_string();
        } else if protocol == Protocol::Cbor {
            json = cbor::parse(body).map_err(|error| fail(&ApiError::new("SerializationException", error)))?;
            operation = path.rsplit('/').next().unwrap_or_default().to_owned();
        } else if protocol == Protocol::RestXml {
            params = Params::parse(request.uri().query().unwrap_or_default())
                .map_err(|error| fail(&ApiError::new("MalformedInput", error.to_string())))?;
            text = String::from_utf8_lossy(body).into_owned();
            operation = route53::operation(request.method(), &path).unwrap_or_default().to_owned();
        } else {
            let query = request.uri().query().unwrap_or_default();
            let form = if body.is_empty() { query } else { str::from_utf8(body).unwrap_or_default() };
            params = Params::parse(form).map_err(|error| fail(&ApiError::new("MalformedInput", error.to_string())))?;
            params.accept("Version");
            if let Some(action) = params.text("Action") {
                operation = action.to_string();
            }
        }
        if scope.service.is_empty() {
            return Err(fail(
                &ApiError::new(
                    "MissingAuthenticationToken",
                    "The request names no service: it is not signed and its Host is no AWS host.",
                )
                .status(403),
            ));
        }
        if !SERVICES.contains(&scope.service.as_str()) {
            return Err(fail(&ApiError::not_simulated(format_args!("the service {}", scope.service))));
        }
        if operation.is_empty() {
            let what = format!("the request {} {} of {}", request.method(), request.uri().path(), scope.service);
            return Err(fail(&ApiError::not_simulated(what)));
        }
        let Scope { service, region, access_key } = scope;
        Ok(Self { service, region, operation, access_key, protocol, params, json, path, body: text, request_id })
    }

    /// Whether the operation only looks. Everything else may change the world.
    pub fn is_read(&self) -> bool {
        ["Describe", "Get", "List", "Search"].iter().any(|prefix| self.operation.starts_with(prefix))
    }

    /// The IAM actions it needs: `ec2:CreateVpc`, and `ec2:CreateTags` when it tags what it makes, `iam:PassRole` when it gives a role on.
    pub fn actions(&self) -> Vec<String> {
        let service = if self.service == "monitoring" { "cloudwatch" } else { self.service.as_str() };
        let mut actions = vec![format!("{service}:{}", self.operation)];
        if self.service == "ec2" && self.params.iter().any(|(name, _)| name.starts_with("TagSpecification.")) {
            actions.push("ec2:CreateTags".into());
        }
        // Who gives a role to an instance must be allowed to pass it on.
        if self.service == "ec2" && self.params.iter().any(|(name, _)| name.starts_with("IamInstanceProfile.")) {
            actions.push("iam:PassRole".into());
        }
        actions
    }

    /// Whether the caller only asks if it would be allowed (EC2's `DryRun`).
    fn is_dry_run(&self) -> Result<bool, ApiError> {
        Ok(self.protocol == Protocol::Ec2Query && self.params.bool("DryRun")?.unwrap_or(false))
    }

    /// Runs the operation. On an error the world may be half changed: the caller throws it away.
    pub fn run(&self, world: &mut World) -> Result<Answer, ApiError> {
        let dry = self.is_dry_run()?;
        let global = matches!(self.service.as_str(), "iam" | "route53" | "route53domains");
        if !global && !catalogue::REGIONS.contains(&self.region.as_str()) {
            return Err(ApiError::not_simulated(format_args!("the region {}", self.region)));
        }
        let request = Request {
            operation: &self.operation,
            region: &self.region,
            params: &self.params,
            json: &self.json,
            path: &self.path,
            body: &self.body,
            request_id: self.request_id.clone(),
        };
        let answer = match self.service.as_str() {
            "ec2" => Answer::Xml(ec2::handle(world, &request)?),
            "sts" => Answer::Xml(sts::handle(world, &request)?),
            "ssm" => Answer::Json(ssm::handle(world, &request)?),
            "acm" => Answer::Json(acm::handle(world, &request)?),
            "autoscaling" => Answer::Xml(autoscaling::handle(world, &request)?),
            "elasticloadbalancing" => Answer::Xml(elbv2::handle(world, &request)?),
            "iam" => Answer::Xml(iam::handle(world, &request)?),
            "monitoring" => Answer::Json(cloudwatch::handle(world, &request)?),
            "rds" => Answer::Xml(rds::handle(world, &request)?),
            "route53" => route53::handle(world, &request)?,
            "route53domains" => Answer::Json(route53domains::handle(world, &request)?),
            "secretsmanager" => Answer::Json(secretsmanager::handle(world, &request)?),
            "servicequotas" => Answer::Json(servicequotas::handle(world, &request)?),
            other => return Err(ApiError::not_simulated(format_args!("the service {other}"))),
        };
        if let Some(name) = self.params.unread().first() {
            return Err(ApiError::not_simulated(format_args!("the parameter {name} of {}", self.operation)));
        }
        if dry {
            let message = "Request would have succeeded, but DryRun flag is set.";
            return Err(ApiError::new("DryRunOperation", message).status(412));
        }
        world.settle();
        Ok(answer)
    }

    /// The HTTP answer to an outcome.
    pub fn response(&self, outcome: &Result<Answer, ApiError>) -> http::Response<Bytes> {
        match outcome {
            Ok(Answer::Xml(element)) => {
                http_response(200, "text/xml;charset=UTF-8", &self.request_id, element.render())
            }
            Ok(Answer::Created { body, location }) => {
                let mut response = http_response(201, "text/xml;charset=UTF-8", &self.request_id, body.render());
                if let Ok(location) = HeaderValue::from_str(location) {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                response
            }
            Ok(Answer::Json(value)) if self.protocol == Protocol::Cbor => {
                http_response(200, cbor::CONTENT_TYPE, &self.request_id, cbor::render(value))
            }
            Ok(Answer::Json(value)) => http_response(200, json::CONTENT_TYPE, &self.request_id, json::render(value)),
            Err(error) => error_response(self.protocol, &self.request_id, error),
        }
    }
}

/// Whether a service that is not simulated is one of those that speak JSON under paths of their own (Lambda, EKS), so that
/// the refusal is one that its client can read.
fn speaks_rest_json(service: &str, request: &http::Request<Bytes>) -> bool {
    let form = header_text(request, "content-type").is_some_and(|kind| kind.starts_with("application/x-www-form"));
    let xml = ["s3", "s3control", "s3express", "cloudfront"].contains(&service);
    !service.is_empty() && !SERVICES.contains(&service) && !xml && !form && request.uri().path() != "/"
}

/// What the signature or the host says about where a request goes.
#[derive(Debug, Default)]
struct Scope {
    service: String,
    region: String,
    access_key: String,
}

impl Scope {
    /// From `Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261122/ap-northeast-2/ec2/aws4_request, ...`, or else from
    /// `Host: ec2.ap-northeast-2.amazonaws.com`.
    fn of(request: &http::Request<Bytes>) -> Self {
        let credential = header_text(request, "authorization")
            .and_then(|text| text.split_once("Credential="))
            .and_then(|(_, rest)| rest.split([',', ' ']).next());
        if let Some([key, _, region, service, ..]) =
            credential.map(|text| text.split('/').collect::<Vec<_>>()).as_deref()
        {
            return Self { service: (*service).into(), region: (*region).into(), access_key: (*key).into() };
        }
        let host = request.uri().host().or_else(|| header_text(request, "host")).unwrap_or_default();
        match host.split('.').collect::<Vec<_>>().as_slice() {
            [service, region, "amazonaws", "com"] => {
                Self { service: (*service).into(), region: (*region).into(), ..Self::default() }
            }
            [service, "amazonaws", "com"] => {
                Self { service: (*service).into(), region: "us-east-1".into(), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}

fn header_text<'a>(request: &'a http::Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// An error in the words of a protocol.
pub fn error_response(protocol: Protocol, request_id: &str, error: &ApiError) -> http::Response<Bytes> {
    let detail = |element: Element| element.leaf("Code", &error.code).leaf("Message", &error.message);
    let (content_type, body) = match protocol {
        Protocol::Ec2Query => {
            let errors = Element::new("Errors").child(detail(Element::new("Error")));
            ("text/xml;charset=UTF-8", Element::new("Response").child(errors).leaf("RequestID", request_id).render())
        }
        Protocol::Cbor => {
            let body = cbor::render(&json::error(cloudwatch::shape(&error.code), &error.message));
            return with_code(http_response(error.status, cbor::CONTENT_TYPE, request_id, body), protocol, &error.code);
        }
        Protocol::AwsQuery | Protocol::RestXml => {
            let kind = if error.status < 500 { "Sender" } else { "Receiver" };
            let one = detail(Element::new("Error").leaf("Type", kind));
            ("text/xml", Element::new("ErrorResponse").child(one).leaf("RequestId", request_id).render())
        }
        Protocol::Json => (json::CONTENT_TYPE, json::error(&error.code, &error.message).to_string()),
    };
    with_code(http_response(error.status, content_type, request_id, body), protocol, &error.code)
}

/// The headers by which some protocols tell the error's code.
fn with_code(mut response: http::Response<Bytes>, protocol: Protocol, code: &str) -> http::Response<Bytes> {
    if matches!(protocol, Protocol::Json | Protocol::Cbor)
        && let Ok(value) = HeaderValue::from_str(code)
    {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    if protocol == Protocol::Cbor {
        let fault = if response.status().is_server_error() { "Receiver" } else { "Sender" };
        if let Ok(value) = HeaderValue::from_str(&format!("{code};{fault}")) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
    }
    response
}

fn http_response(
    status: u16,
    content_type: &'static str,
    request_id: &str,
    body: impl Into<Bytes>,
) -> http::Response<Bytes> {
    let mut response = http::Response::new(body.into());
    if content_type == cbor::CONTENT_TYPE {
        response.headers_mut().insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
