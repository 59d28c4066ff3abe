//! What the web servers of a machine answer: files, Apache's own pages, and the PHP page of the course.

use crate::practice::world::{Instance, InstanceState, Region};

/// What a TCP port says to an HTTP request that has reached the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpAnswer {
    /// Nothing listens there.
    Refused,
    /// A status and a body.
    Answer {
        /// 200, 404, 500.
        status: u16,
        /// The page.
        body: String,
    },
}

/// Where Apache finds its pages.
pub const WEB_ROOT: &str = "/var/www/html";

fn answer(status: u16, body: impl Into<String>) -> HttpAnswer {
    HttpAnswer::Answer { status, body: body.into() }
}

fn error_page(status: u16, title: &str, text: &str) -> HttpAnswer {
    answer(
        status,
        format!(
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {title}</title>\n</head><body>\n<h1>{title}</h1>\n<p>{text}</p>\n</body></html>\n"
        ),
    )
}

/// The metadata that a page may ask for.
const METADATA: &[&str] = &[
    "ami-id",
    "hostname",
    "instance-id",
    "instance-type",
    "local-hostname",
    "local-ipv4",
    "mac",
    "placement/availability-zone",
    "placement/region",
    "public-ipv4",
    "security-groups",
];

impl Region {
    /// What an instance answers to `GET path` on a port. Whether the request can reach it is another question.
    pub fn http_answer(&self, instance: &str, port: u16, path: &str) -> HttpAnswer {
        let running = |found: &&Instance| found.state == InstanceState::Running;
        let Some(found) = self.instances.get(instance).filter(running) else { return HttpAnswer::Refused };
        let service = self.serving(instance).into_iter().find(|(_, ports)| ports.contains(&port)).map(|(name, _)| name);
        let root = match service {
            Some("httpd") => WEB_ROOT,
            Some("nginx") => "/usr/share/nginx/html",
            Some("openvpnas") => {
                return answer(200, "<html><head><title>OpenVPN Access Server</title></head></html>\n");
            }
            // sshd closes a connection that does not speak its protocol.
            Some(_) => return answer(400, ""),
            None => return HttpAnswer::Refused,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = crate::practice::shell::absolute("/", path).trim_end_matches('/').to_owned()
            + if path.ends_with('/') { "/" } else { "" };
        let file = format!("{root}{path}");
        let files = &found.software.files;
        if path.ends_with('/') || path.is_empty() {
            let folder = file.trim_end_matches('/');
            let indexes =
                if service == Some("httpd") { ["index.html", "index.php"] } else { ["index.html", "index.htm"] };
            let index = indexes.iter().map(|name| format!("{folder}/{name}")).find(|name| files.contains_key(name));
            return match index {
                Some(index) => self.page(found, service, &index),
                None if folder == root && service == Some("nginx") => {
                    answer(200, "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n</html>\n")
                }
                None if folder == root => {
                    error_page(403, "Forbidden", "Test Page: It works! (no index page in /var/www/html)")
                }
                None if self.is_folder(found, folder) => {
                    error_page(403, "Forbidden", "You don't have permission to access this resource.")
                }
                None => not_found(),
            };
        }
        if files.contains_key(&file) {
            return self.page(found, service, &file);
        }
        if self.is_folder(found, &file) {
            return error_page(301, "Moved Permanently", "The document has moved.");
        }
        not_found()
    }

    fn is_folder(&self, instance: &Instance, path: &str) -> bool {
        super::files::is_directory(&instance.software, path)
    }

    fn page(&self, instance: &Instance, service: Option<&str>, file: &str) -> HttpAnswer {
        let software = &instance.software;
        let text = software.files.get(file).cloned().unwrap_or_default();
        let handled = file.ends_with(".php") && service == Some("httpd") && software.packages.contains("php-fpm");
        if !handled {
            return answer(200, text);
        }
        if !self.service(&instance.id, "php-fpm").is_some_and(|unit| unit.active) {
            let text = "The server is temporarily unable to service your request due to maintenance downtime or capacity problems. Please try again later.";
            return error_page(503, "Service Unavailable", text);
        }
        self.php(instance, &text)
    }

    /// The PHP that is understood: text outside of it, `echo` of literals and of the host's name, and the page of the course that shows
    /// metadata by IMDSv2.
    fn php(&self, instance: &Instance, text: &str) -> HttpAnswer {
        if text.contains("169.254.169.254") {
            return self.metadata_page(instance, text);
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some((plain, code)) = rest.split_once("<?") {
            out.push_str(plain);
            let (code, more) = code.split_once("?>").unwrap_or((code, ""));
            let code = code
                .strip_prefix("php")
                .map(|code| code.to_owned())
                .or(code.strip_prefix('=').map(|code| format!("echo {code}")));
            let lines = code.iter().flat_map(|code| code.split(';')).map(str::trim).filter(|line| !line.is_empty());
            for line in lines {
                match line.strip_prefix("echo").and_then(|what| self.php_value(instance, what.trim())) {
                    Some(value) => out.push_str(&value),
                    None => {
                        return answer(
                            500,
                            crate::practice::shell::not_simulated(&format!("the PHP of this page ({line})")),
                        );
                    }
                }
            }
            rest = more;
        }
        out.push_str(rest);
        answer(200, out)
    }

    fn php_value(&self, instance: &Instance, expression: &str) -> Option<String> {
        let parts = expression.split(" . ").map(|part| {
            let part = part.trim().trim_start_matches('(').trim_end_matches(')');
            match part {
                "gethostname(" | "php_uname('n'" | "gethostname" => Some(self.host_name(instance)),
                quoted => {
                    let inner = quoted.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
                    (!inner.contains(['$', '"', '\''])).then(|| inner.replace("\\n", "\n"))
                }
            }
        });
        parts.collect()
    }

    fn metadata_page(&self, instance: &Instance, text: &str) -> HttpAnswer {
        let quoted = text.split(['\'', '"']).skip(1).step_by(2);
        let asked: Vec<&str> = quoted.filter(|word| METADATA.contains(word)).collect();
        if asked.is_empty() {
            return answer(500, crate::practice::shell::not_simulated("the PHP of this page"));
        }
        let with_token = text.contains("/latest/api/token");
        let reads = instance.metadata.enabled && (with_token || !instance.metadata.tokens_required);
        let mut out = String::new();
        let mut id = String::new();
        for key in asked {
            let value = if reads { self.metadata(instance, key).unwrap_or_default() } else { String::new() };
            if key == "instance-id" {
                id.clone_from(&value);
            }
            out.push_str(&format!("{key}: {value}<br>\n"));
        }
        let fails = text.contains("http_response_code") && id.is_empty();
        answer(if fails { 500 } else { 200 }, out)
    }

    /// `ip-10-1-11-5.ap-northeast-2.compute.internal`
    pub(super) fn host_name(&self, instance: &Instance) -> String {
        let address = self.private_address(instance).to_string().replace('.', "-");
        let domain = if self.name() == "us-east-1" {
            "ec2.internal".to_owned()
        } else {
            format!("{}.compute.internal", self.name())
        };
        format!("ip-{address}.{domain}")
    }

    pub(super) fn private_address(&self, instance: &Instance) -> std::net::Ipv4Addr {
        let interface = instance.interfaces.first().and_then(|id| self.interfaces.get(id));
        interface.map_or(std::net::Ipv4Addr::UNSPECIFIED, |interface| interface.private_ip)
    }

    /// A value of the instance's metadata: none is 404.
    pub(super) fn metadata(&self, instance: &Instance, key: &str) -> Option<String> {
        let interface = instance.interfaces.first().and_then(|id| self.interfaces.get(id));
        Some(match key {
            "ami-id" => instance.image.clone(),
            "ami-launch-index" => instance.launch_index.to_string(),
            "hostname" | "local-hostname" => self.host_name(instance),
            "instance-id" => instance.id.clone(),
            "instance-life-cycle" => "on-demand".to_owned(),
            "instance-type" => instance.instance_type.clone(),
            "local-ipv4" => self.private_address(instance).to_string(),
            "mac" => interface?.mac.clone(),
            "placement/availability-zone" => instance.zone.clone(),
            "placement/availability-zone-id" => self.zones().into_iter().find(|zone| zone.name == instance.zone)?.id,
            "placement/region" => self.name().to_owned(),
            "public-ipv4" => self.public_address(interface?)?.to_string(),
            "reservation-id" => instance.reservation.clone(),
            "security-groups" => {
                let names = interface?.groups.iter().filter_map(|id| self.security_groups.get(id));
                names.map(|group| group.name.clone()).collect::<Vec<_>>().join("\n")
            }
            _ => {
                let tag = key.strip_prefix("tags/instance").filter(|_| instance.metadata.tags)?;
                let tags = self.tags.get(&instance.id)?;
                match tag.trim_matches('/') {
                    "" => tags.keys().cloned().collect::<Vec<_>>().join("\n"),
                    name => tags.get(name)?.clone(),
                }
            }
        })
    }
}

fn not_found() -> HttpAnswer {
    error_page(404, "Not Found", "The requested URL was not found on this server.")
}
