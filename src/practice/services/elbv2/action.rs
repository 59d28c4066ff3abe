//! What a listener or rule does with a request: forward, redirect, fixed-response.

use super::Call;
use super::errors::{configuration, groups_not_found, invalid};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::balancing::{Action, Redirect};

/// A rule forwards to at most so many target groups.
const MOST_GROUPS: usize = 5;

impl Call<'_> {
    /// The one action of a list, checked, for a listener of this load balancer on this port; none: the request names none.
    pub(super) fn action(
        &self,
        list: &str,
        balancer: &str,
        (tls, port): (bool, u16),
    ) -> Result<Option<Action>, ApiError> {
        let views = self.params.structs(list);
        let Some(view) = views.first() else { return Ok(None) };
        if views.len() > 1 {
            // Two actions need an authenticating one first.
            return Err(ApiError::not_simulated("more than one action in a rule"));
        }
        view.accept("Order");
        let action = match view.required("Type")? {
            "forward" => self.forward(view)?,
            "redirect" => Action::Redirect(redirect(view, tls, port)?),
            "fixed-response" => fixed(view)?,
            other @ ("authenticate-oidc" | "authenticate-cognito" | "jwt-validation") => {
                return Err(ApiError::not_simulated(format_args!("actions of type {other}")));
            }
            other => {
                return Err(invalid(format!(
                    "1 validation error detected: Value '{other}' at 'actions.1.member.type' failed to satisfy constraint: Member must satisfy enum value set: [forward, redirect, fixed-response]"
                )));
            }
        };
        self.check_groups(&action, balancer)?;
        Ok(Some(action))
    }

    fn forward(&self, view: &View<'_>) -> Result<Action, ApiError> {
        let config = view.sub("ForwardConfig");
        let mut groups = Vec::new();
        for one in config.structs("TargetGroups") {
            let arn = one.required("TargetGroupArn")?;
            let weight = one.int("Weight")?.unwrap_or(1);
            let weight = u32::try_from(weight).ok().filter(|weight| *weight <= 999).ok_or_else(|| {
                invalid(format!("Target group weight '{weight}' must be between 0 and 999 inclusive"))
            })?;
            if groups.iter().any(|(known, _)| known == arn) {
                return Err(invalid(format!("Target group '{arn}' was specified more than once")));
            }
            groups.push((arn.to_owned(), weight));
        }
        match (view.text("TargetGroupArn"), groups.as_slice()) {
            (Some(arn), []) => groups.push((arn.to_owned(), 1)),
            (Some(arn), [(only, _)]) if arn == only => {}
            (Some(_), _) => {
                return Err(invalid("You can specify a target group ARN or a forward configuration, not both"));
            }
            (None, []) => return Err(invalid("A target group ARN must be specified")),
            (None, _) => {}
        }
        if groups.len() > MOST_GROUPS {
            return Err(ApiError::new(
                "TooManyUniqueTargetGroupsPerLoadBalancer",
                format!("A rule can forward to at most {MOST_GROUPS} target groups"),
            ));
        }
        let stickiness = config.sub("TargetGroupStickinessConfig");
        let seconds = stickiness.int("DurationSeconds")?;
        if seconds.is_some_and(|seconds| !(1..=604_800).contains(&seconds)) {
            return Err(invalid("Target group stickiness duration must be between 1 and 604800 inclusive"));
        }
        let sticky = match stickiness.bool("Enabled")?.unwrap_or(false) {
            true => {
                let missing = || invalid("A stickiness duration must be specified when stickiness is enabled");
                Some(seconds.ok_or_else(missing)?)
            }
            false => None,
        };
        Ok(Action::Forward { groups, sticky })
    }

    /// The groups exist, are in the load balancer's VPC and serve no other load balancer.
    fn check_groups(&self, action: &Action, balancer: &str) -> Result<(), ApiError> {
        let vpc = &self.balancer(balancer)?.vpc;
        for arn in action.groups() {
            let group = self.group(arn).map_err(|error| match error.code.as_str() {
                "TargetGroupNotFound" => groups_not_found(),
                _ => error,
            })?;
            if group.vpc != *vpc {
                return Err(configuration(format!(
                    "The load balancer '{balancer}' and the target group '{arn}' must be in the same VPC"
                )));
            }
            if self.region.balancer_of_group(arn).is_some_and(|other| other != balancer) {
                return Err(ApiError::new(
                    "TargetGroupAssociationLimit",
                    format!("The following target groups cannot be associated with more than one load balancer: {arn}"),
                ));
            }
        }
        Ok(())
    }
}

fn redirect(view: &View<'_>, tls: bool, port: u16) -> Result<Redirect, ApiError> {
    let config = view.sub("RedirectConfig");
    let part = |name: &str, plain: &str| config.text(name).unwrap_or(plain).to_owned();
    let permanent = match config.text("StatusCode") {
        Some("HTTP_301") => true,
        Some("HTTP_302") => false,
        Some(other) => {
            return Err(invalid(format!(
                "1 validation error detected: Value '{other}' at 'actions.1.member.redirectConfig.statusCode' failed to satisfy constraint: Member must satisfy enum value set: [HTTP_301, HTTP_302]"
            )));
        }
        None => return Err(invalid("A status code must be specified for a redirect")),
    };
    let redirect = Redirect {
        protocol: part("Protocol", "#{protocol}"),
        port: part("Port", "#{port}"),
        host: part("Host", "#{host}"),
        path: part("Path", "/#{path}"),
        query: part("Query", "#{query}"),
        permanent,
    };
    let own = if tls { "HTTPS" } else { "HTTP" };
    if !["HTTP", "HTTPS", "#{protocol}"].contains(&redirect.protocol.as_str()) {
        return Err(invalid("The redirect protocol must be one of 'HTTP, HTTPS, #{protocol}'"));
    }
    if redirect.port != "#{port}" && !redirect.port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err(invalid("The redirect port must be '#{port}' or in the range 1-65535 inclusive"));
    }
    if !redirect.path.starts_with('/') {
        return Err(invalid("The redirect path must begin with '/'"));
    }
    let same_protocol = redirect.protocol == "#{protocol}" || redirect.protocol == own;
    let same_port = redirect.port == "#{port}" || redirect.port == port.to_string();
    let rest = redirect.host == "#{host}" && redirect.path == "/#{path}" && redirect.query == "#{query}";
    if same_protocol && same_port && rest {
        return Err(ApiError::new(
            "InvalidLoadBalancerAction",
            "The redirect configuration is not valid because it creates a loop.",
        ));
    }
    Ok(redirect)
}

fn fixed(view: &View<'_>) -> Result<Action, ApiError> {
    let config = view.sub("FixedResponseConfig");
    let status = config.required("StatusCode")?;
    let status: u16 = status
        .parse()
        .ok()
        .filter(|code| matches!(code, 200..=299 | 400..=599))
        .ok_or_else(|| invalid(format!("The fixed-response status code '{status}' must be 2XX, 4XX or 5XX")))?;
    let types = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
    let content_type = config.text("ContentType").filter(|text| !text.is_empty());
    if content_type.is_some_and(|asked| !types.contains(&asked)) {
        return Err(ApiError::new(
            "InvalidLoadBalancerAction",
            "The ContentType must be one of:'text/html', 'application/json', 'application/javascript', 'text/css', 'text/plain'",
        ));
    }
    let body = config.text("MessageBody");
    if body.is_some_and(|body| body.len() > 1024) {
        return Err(invalid("The fixed-response message body cannot be longer than 1024 characters"));
    }
    Ok(Action::Fixed { status, content_type: content_type.map(str::to_owned), body: body.map(str::to_owned) })
}

/// An action as the member of a list.
pub(super) fn item(action: &Action) -> Element {
    let one = Element::new("member");
    match action {
        Action::Forward { groups, sticky } => {
            let tuples = groups
                .iter()
                .map(|(arn, weight)| Element::new("member").leaf("TargetGroupArn", arn).leaf("Weight", weight));
            let stickiness = Element::new("TargetGroupStickinessConfig")
                .leaf("Enabled", sticky.is_some())
                .leaf_opt("DurationSeconds", *sticky);
            let only = match groups.as_slice() {
                [(arn, _)] => Some(arn),
                _ => None,
            };
            let config = Element::new("ForwardConfig").members("TargetGroups", tuples).child(stickiness);
            one.leaf("Type", "forward").leaf_opt("TargetGroupArn", only).child(config)
        }
        Action::Redirect(redirect) => {
            let config = Element::new("RedirectConfig")
                .leaf("Protocol", &redirect.protocol)
                .leaf("Port", &redirect.port)
                .leaf("Host", &redirect.host)
                .leaf("Path", &redirect.path)
                .leaf("Query", &redirect.query)
                .leaf("StatusCode", if redirect.permanent { "HTTP_301" } else { "HTTP_302" });
            one.leaf("Type", "redirect").child(config)
        }
        Action::Fixed { status, content_type, body } => {
            let config = Element::new("FixedResponseConfig")
                .leaf_opt("MessageBody", body.as_ref())
                .leaf("StatusCode", status)
                .leaf_opt("ContentType", content_type.as_ref());
            one.leaf("Type", "fixed-response").child(config)
        }
    }
}
