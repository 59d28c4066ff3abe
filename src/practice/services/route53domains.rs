//! Route 53 Domains: the domains that a practice account has registered, and whose name servers they name.
//!
//! Promises: pointing a domain at another zone's servers delegates it to that zone. Not simulated: registering, moving and renewing domains,
//! contacts.

use serde_json::{Value, json};

use super::{ApiError, Request};
use crate::practice::wire::members::Members;
use crate::practice::world::World;
use crate::practice::world::dns::{Domain, normal};

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let now = world.now();
    let global = world.global_mut();
    let members = Members::new(request.json);
    let answer = match request.operation {
        "ListDomains" => {
            // An account has one domain from its first day and cannot register others.
            members.int("MaxItems")?;
            let all = global.dns.domains.iter().map(|(name, domain)| {
                json!({
                    "DomainName": name,
                    "AutoRenew": domain.auto_renew,
                    "TransferLock": true,
                    "Expiry": { "$time": domain.expires },
                })
            });
            json!({ "Domains": all.collect::<Vec<_>>() })
        }
        "GetDomainDetail" => {
            let (name, domain) = named(&global.dns.domains, &members)?;
            json!({
                "DomainName": name,
                "Nameservers": domain.name_servers.iter().map(|name| json!({ "Name": name })).collect::<Vec<_>>(),
                "AutoRenew": domain.auto_renew,
                "AdminPrivacy": true,
                "RegistrantPrivacy": true,
                "TechPrivacy": true,
                "RegistrarName": "Amazon Registrar, Inc.",
                "WhoIsServer": "whois.registrar.amazon",
                "RegistrarUrl": "https://registrar.amazon.com",
                "CreationDate": { "$time": domain.created },
                "ExpirationDate": { "$time": domain.expires },
                "StatusList": ["clientTransferProhibited"],
            })
        }
        "UpdateDomainNameservers" => {
            let name = named(&global.dns.domains, &members)?.0.to_owned();
            let mut servers = Vec::new();
            for server in members.objects("Nameservers")? {
                servers.push(normal(server.required("Name")?).trim_end_matches('.').to_owned());
                server.finish()?;
            }
            if servers.is_empty() {
                return Err(invalid("At least one name server is needed."));
            }
            if let Some(domain) = global.dns.domains.get_mut(&name) {
                domain.name_servers = servers;
            }
            let id = global.dns.submit(now, None).id;
            global.changed();
            json!({ "OperationId": id })
        }
        other => return Err(ApiError::unknown_operation("route53domains", other)),
    };
    members.finish()?;
    Ok(answer)
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", message)
}

fn named<'d>(
    domains: &'d std::collections::BTreeMap<String, Domain>,
    members: &Members<'_>,
) -> Result<(&'d str, &'d Domain), ApiError> {
    let name = members.required("DomainName")?.trim_end_matches('.').to_ascii_lowercase();
    let found = domains.get_key_value(&name).map(|(name, domain)| (name.as_str(), domain));
    found.ok_or_else(|| invalid(format!("Domain {name} not found in account")))
}
