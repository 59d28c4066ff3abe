//! Listeners and their certificates.

use std::collections::BTreeMap;

use super::errors::invalid;
use super::limits::check_policy;
use super::page::paginate;
use super::{Call, action};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::balancing::{Listener, Tls};

/// The security policy of a listener that names none.
const OLD_POLICY: &str = "ELBSecurityPolicy-2016-08";

fn item(listener: &Listener) -> Element {
    let tls = listener.tls.as_ref();
    let certificates = tls.map(|tls| {
        let default = Element::new("member").leaf("CertificateArn", &tls.certificate);
        Element::new("Certificates").child(default)
    });
    Element::new("member")
        .leaf("ListenerArn", &listener.arn)
        .leaf("LoadBalancerArn", &listener.balancer)
        .leaf("Port", listener.port)
        .leaf("Protocol", if tls.is_some() { "HTTPS" } else { "HTTP" })
        .child_opt(certificates)
        .leaf_opt("SslPolicy", tls.map(|tls| &tls.policy))
        .members("DefaultActions", [action::item(&listener.default)])
        .child_opt(tls.map(|_| Element::new("MutualAuthentication").leaf("Mode", "off")))
}

impl Call<'_> {
    fn listener_port(&self) -> Result<Option<u16>, ApiError> {
        let Some(port) = self.params.int("Port")? else { return Ok(None) };
        let fine = u16::try_from(port).ok().filter(|port| *port > 0);
        fine.map(Some).ok_or_else(|| invalid(format!("Port '{port}' must be between 1 and 65535 inclusive")))
    }

    /// Whether the request asks for HTTPS; none: it names no protocol.
    fn asks_tls(&self) -> Result<Option<bool>, ApiError> {
        match self.params.text("Protocol") {
            None => Ok(None),
            Some("HTTP") => Ok(Some(false)),
            Some("HTTPS") => Ok(Some(true)),
            Some(other) => Err(invalid(format!("Listener protocol '{other}' must be one of 'HTTP, HTTPS'"))),
        }
    }

    /// The certificates of the request, each of which is issued in this region.
    fn certificates(&self) -> Result<Vec<String>, ApiError> {
        let mut arns = Vec::new();
        for view in self.params.structs("Certificates") {
            let arn = view.required("CertificateArn")?;
            if view.bool("IsDefault")?.is_some() {
                return Err(invalid("IsDefault cannot be specified for a certificate of a request"));
            }
            if !self.region.certificates.usable(arn) {
                return Err(ApiError::new("CertificateNotFound", format!("Certificate '{arn}' not found")));
            }
            arns.push(arn.to_owned());
        }
        Ok(arns)
    }

    /// What an HTTPS listener has more, from the request and from what it had.
    fn tls(&self, wanted: bool, known: Option<&Tls>) -> Result<Option<Tls>, ApiError> {
        let certificates = self.certificates()?;
        let policy = self.params.text("SslPolicy");
        let mode = self.params.sub("MutualAuthentication").text("Mode").unwrap_or("off");
        if mode != "off" {
            return Err(ApiError::not_simulated(format_args!("mutual authentication in the mode {mode}")));
        }
        if !wanted {
            if !certificates.is_empty() || policy.is_some() {
                return Err(invalid("Certificates and a security policy can be specified for HTTPS listeners only"));
            }
            return Ok(None);
        }
        if let Some(policy) = policy {
            check_policy(policy)?;
        }
        let certificate = match (certificates.as_slice(), known) {
            ([one], _) => one.clone(),
            ([], Some(known)) => known.certificate.clone(),
            ([], None) => return Err(invalid("A certificate must be specified for HTTPS listeners")),
            _ => return Err(invalid("Up to one certificate can be specified in a listener, but '2' were specified")),
        };
        let policy = policy.unwrap_or_else(|| known.map_or(OLD_POLICY, |known| &known.policy)).to_owned();
        let more = known.map(|known| known.more.clone()).unwrap_or_default();
        Ok(Some(Tls { policy, certificate, more }))
    }

    fn port_is_free(&self, balancer: &str, port: u16, own: &str) -> Result<(), ApiError> {
        let taken = |one: &Listener| one.balancer == balancer && one.port == port && one.arn != own;
        if self.region.balancing.listeners.values().any(taken) {
            return Err(ApiError::new(
                "DuplicateListener",
                format!("A listener already exists on this port for this load balancer '{balancer}'"),
            ));
        }
        Ok(())
    }
}

/// CreateListener: once more with the same settings gives the same listener.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let balancer = call.params.required("LoadBalancerArn")?;
    call.balancer(balancer)?;
    let port = call.listener_port()?.ok_or_else(|| invalid("A listener port must be specified"))?;
    let wanted = call.asks_tls()?.ok_or_else(|| invalid("A listener protocol must be specified"))?;
    let tags = call.tags()?;
    let tls = call.tls(wanted, None)?;
    let default = call.action("DefaultActions", balancer, (wanted, port))?;
    let default = default.ok_or_else(|| invalid("A default action must be specified"))?;
    let same =
        |one: &&Listener| one.balancer == balancer && one.port == port && one.default == default && one.tls == tls;
    if let Some(known) = call.region.balancing.listeners.values().find(same) {
        return Ok(call.result().members("Listeners", [item(known)]));
    }
    call.port_is_free(balancer, port, "")?;
    let count = call.region.balancing.listeners.values().filter(|one| one.balancer == balancer).count();
    if count >= call.region.options().limits.listeners_per_balancer {
        return Err(ApiError::new("TooManyListeners", "The maximum number of listeners has been reached"));
    }
    let label = call.balancer(balancer)?.label().to_owned();
    let (prefix, id) = (call.arn_prefix(), call.region.balancing_id());
    let arn = format!("{prefix}listener/{label}/{id}");
    let listener = Listener {
        arn: arn.clone(),
        balancer: balancer.to_owned(),
        port,
        tls,
        default,
        default_rule: format!("{prefix}listener-rule/{label}/{id}/{}", call.region.balancing_id()),
        rules: BTreeMap::new(),
        attributes: BTreeMap::new(),
    };
    let made = item(&listener);
    call.region.balancing.listeners.insert(arn.clone(), listener);
    call.tag(&arn, tags);
    Ok(call.result().members("Listeners", [made]))
}

/// ModifyListener
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("ListenerArn")?;
    let known = call.listener(arn)?.clone();
    let port = call.listener_port()?.unwrap_or(known.port);
    let wanted = call.asks_tls()?.unwrap_or(known.tls.is_some());
    let tls = call.tls(wanted, known.tls.as_ref())?;
    let default = call.action("DefaultActions", &known.balancer, (wanted, port))?.unwrap_or(known.default);
    call.port_is_free(&known.balancer, port, arn)?;
    let listener = Listener { port, tls, default, ..known };
    let changed = item(&listener);
    call.region.balancing.listeners.insert(arn.to_owned(), listener);
    Ok(call.result().members("Listeners", [changed]))
}

/// DeleteListener
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("ListenerArn")?;
    call.listener(arn)?;
    call.region.delete_listener(arn);
    Ok(call.result())
}

/// DescribeListeners: of a load balancer, or by ARN.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arns = call.params.list("ListenerArns");
    let balancer = call.params.text("LoadBalancerArn").filter(|arn| !arn.is_empty());
    let listeners: Vec<&Listener> = match (balancer, arns.is_empty()) {
        (None, true) => return Err(invalid("You must specify either listener ARNs or a load balancer ARN")),
        (Some(_), false) => {
            return Err(invalid("You can specify listener ARNs or a load balancer ARN, not both"));
        }
        (Some(balancer), true) => {
            call.balancer(balancer)?;
            call.region.balancing.listeners.values().filter(|one| one.balancer == balancer).collect()
        }
        (None, false) => arns.iter().map(|arn| call.listener(arn)).collect::<Result<_, _>>()?,
    };
    let page = paginate(call, listeners.into_iter().map(|one| (one.arn.clone(), one)).collect())?;
    Ok(call.result().members("Listeners", page.items.into_iter().map(item)).leaf_opt("NextMarker", page.next))
}

fn certificate(arn: &str, default: bool) -> Element {
    Element::new("member").leaf("CertificateArn", arn).leaf("IsDefault", default)
}

/// DescribeListenerCertificates: the default one first.
pub(super) fn describe_certificates(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let listener = call.listener(call.params.required("ListenerArn")?)?;
    let mut all = Vec::new();
    if let Some(tls) = &listener.tls {
        all.push(("0".to_owned(), certificate(&tls.certificate, true)));
        all.extend(tls.more.iter().map(|arn| (arn.clone(), certificate(arn, false))));
    }
    let page = paginate(call, all)?;
    Ok(call.result().members("Certificates", page.items).leaf_opt("NextMarker", page.next))
}

/// AddListenerCertificates: one that is there already is a success.
pub(super) fn add_certificates(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("ListenerArn")?;
    let added = call.certificates()?;
    let most = call.region.options().limits.certificates_per_balancer;
    let mut tls = https(call, arn)?;
    for certificate in &added {
        if tls.certificate != *certificate && !tls.more.contains(certificate) {
            tls.more.push(certificate.clone());
        }
    }
    if tls.more.len() > most {
        return Err(ApiError::new("TooManyCertificates", "The maximum number of certificates has been reached"));
    }
    let shown: Vec<Element> = added.iter().map(|arn| certificate(arn, false)).collect();
    put_tls(call, arn, tls);
    Ok(call.result().members("Certificates", shown))
}

/// RemoveListenerCertificates: not the default one.
pub(super) fn remove_certificates(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("ListenerArn")?;
    let mut tls = https(call, arn)?;
    for view in call.params.structs("Certificates") {
        let certificate = view.required("CertificateArn")?;
        if tls.certificate == certificate {
            return Err(ApiError::new(
                "OperationNotPermitted",
                format!("Default certificate '{certificate}' cannot be removed"),
            ));
        }
        tls.more.retain(|one| one != certificate);
    }
    put_tls(call, arn, tls);
    Ok(call.result())
}

fn https(call: &Call<'_>, arn: &str) -> Result<Tls, ApiError> {
    let none = || invalid("Certificates can be specified for HTTPS listeners only");
    call.listener(arn)?.tls.clone().ok_or_else(none)
}

fn put_tls(call: &mut Call<'_>, arn: &str, tls: Tls) {
    if let Some(listener) = call.region.balancing.listeners.get_mut(arn) {
        listener.tls = Some(tls);
    }
}
