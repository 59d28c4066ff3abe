//! What asking a load balancer for a page found, against what the course wants.
//!
//! Promises: says what was found, what decided it as far as the observed world shows, and the mend, in both languages.
//! Leaves to others: the request (`cloud::web`).

use std::collections::BTreeMap;

use crate::course::model::Http;
use crate::i18n::Text;

use super::check::Verdict;
use super::facts::Facts;
use super::reach;
use super::world::{Health, Observed, World};

/// What came of asking for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// Nobody can ask from here: load balancers of this endpoint have no address on the internet.
    NotLooked,
    /// An answer.
    Answer {
        /// 200, 301, 404, 503.
        status: u16,
        /// Where a redirect leads.
        location: Option<String>,
    },
    /// The name is not known.
    NoName,
    /// Nothing listens on the port.
    Refused,
    /// Nothing came back in time.
    Silence,
    /// TLS failed.
    Tls(TlsFault),
    /// Anything else; says what.
    Broken(String),
}

/// Why TLS failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate is for other names: these, when they are told.
    WrongName(Vec<String>),
    /// Nobody whom this computer trusts vouches for the certificate.
    Untrusted,
    /// The certificate is not valid any more, or not yet.
    Expired,
    /// The port does not speak TLS.
    NotTls,
    /// Anything else; says what.
    Other(String),
}

/// What was asked for, and what came of it.
pub type Visits = BTreeMap<Http, Visit>;

/// The whole address: `http://my-alb-1.ap-northeast-2.elb.amazonaws.com/index.php`.
pub fn address(page: &Http, balancer: &Observed) -> String {
    let (scheme, usual) = if page.tls { ("https", 443) } else { ("http", 80) };
    let port = if page.port == usual { String::new() } else { format!(":{}", page.port) };
    format!("{scheme}://{}{port}{}", host(page, balancer), page.path)
}

/// The name that is asked.
fn host<'a>(page: &'a Http, balancer: &'a Observed) -> &'a str {
    page.host.as_deref().or_else(|| balancer.text("dns")).unwrap_or_default()
}

/// Judges what came of asking for a page. `ok` without `decided`: nobody could look.
pub fn judge(world: &World, facts: &Facts, page: &Http, visit: Option<&Visit>) -> Verdict {
    let Some(balancer) = world.get(&page.balancer) else { return Verdict::default() };
    let url = address(page, balancer);
    let location = page.location.as_ref().map(|location| location.replace("{host}", host(page, balancer)));
    let found = match visit {
        None | Some(Visit::NotLooked) => {
            let why = Text::new(
                format!("확인하지 않았습니다. 이 엔드포인트의 로드 밸런서에는 열어 볼 주소가 없습니다: {url}"),
                format!("Not looked at: load balancers of this endpoint have no address to visit ({url})."),
            );
            return Verdict { ok: true, pending: false, decided: false, why };
        }
        Some(Visit::Answer { status, location: led })
            if *status == page.status && (location.is_none() || location == *led) =>
        {
            let to = led.as_ref().map(|led| format!(" -> {led}")).unwrap_or_default();
            return Verdict {
                ok: true,
                pending: false,
                decided: true,
                why: Text::same(format!("{url}: {status}{to}")),
            };
        }
        Some(Visit::Answer { status, location: led }) => answered(world, page, *status, led.as_deref(), &location),
        Some(other) => unanswered(world, facts, page, balancer, other),
    };
    // A name takes a while to be known, and a node to be there.
    let named = page.host.as_ref().is_none_or(|host| record(world, host).is_some());
    let pending = balancer.health == Health::Pending || visit == Some(&Visit::NoName) && named;
    Verdict { ok: false, pending, decided: true, why: found }
}

/// The record of this name, as far as it was looked for.
fn record<'a>(world: &'a World, host: &str) -> Option<&'a Observed> {
    world.found().find(|one| one.key.kind == "record" && one.key.name.eq_ignore_ascii_case(host))
}

/// Another answer than the wanted one.
fn answered(world: &World, page: &Http, status: u16, led: Option<&str>, location: &Option<String>) -> Text {
    let wanted = page.status;
    if let Some(led) = led {
        return match location {
            Some(location) => Text::new(
                format!(
                    "{status} 리디렉션이 {led} 쪽으로 갑니다. {wanted}로 {location} 쪽이어야 합니다. 리스너의 기본 동작을 고치세요."
                ),
                format!(
                    "A redirect ({status}) to {led}. It should be {wanted} to {location}: mend the listener's default action."
                ),
            ),
            None => Text::new(
                format!(
                    "{status} 리디렉션이 {led} 쪽으로 보냅니다. {wanted}이어야 합니다. 리스너가 대상 그룹으로 전달하게 고치세요."
                ),
                format!(
                    "A redirect ({status}) to {led}, and not {wanted}. Let the listener forward to the target group."
                ),
            ),
        };
    }
    if let Some(location) = location {
        return Text::new(
            format!(
                "{status}로 바로 답합니다. {location} 쪽으로 보내는 {wanted} 리디렉션이어야 합니다. 리스너의 기본 동작을 리디렉션으로 바꾸세요."
            ),
            format!(
                "It answers {status} at once. It should be a redirect ({wanted}) to {location}: make the listener's default action one."
            ),
        );
    }
    let path = &page.path;
    let (ko, en) = match status {
        400 if !page.tls => (
            "HTTPS를 듣는 포트에 HTTP로 물었습니다. 리스너의 프로토콜을 보세요".to_owned(),
            "this port speaks HTTPS; look at the protocol of its listener".to_owned(),
        ),
        404 => (
            format!("답한 서버에 {path} 페이지가 없습니다. 서버의 설치 기록과 리스너가 보내는 대상 그룹을 보세요"),
            format!(
                "the server that answered has no page {path}; look at its installation log and at the target group of the listener"
            ),
        ),
        502 => (
            "대상이 연결을 거부하거나 HTTP로 답하지 않습니다. 서버의 웹 서버가 켜져 있는지 보세요".to_owned(),
            "the target refuses or does not speak HTTP; see that its web server runs".to_owned(),
        ),
        503 => (
            "대상 그룹에 요청을 받을 대상이 없습니다. 대상을 등록하세요".to_owned(),
            "the target group has no target to take the request; register one".to_owned(),
        ),
        504 => (
            "대상이 제시간에 답하지 않습니다. 대상의 보안 그룹이 로드 밸런서의 보안 그룹을 허용하는지 보세요"
                .to_owned(),
            "the target does not answer in time; see that its security group lets the load balancer's in".to_owned(),
        ),
        _ => ("서버의 기록을 보세요".to_owned(), "look at the server's log".to_owned()),
    };
    let targets = targets(world);
    Text::new(
        format!("{status}로 답합니다 ({wanted}이어야 합니다): {ko}.{}", targets.ko),
        format!("It answers {status}, and not {wanted}: {en}.{}", targets.en),
    )
}

/// No answer at all.
fn unanswered(world: &World, facts: &Facts, page: &Http, balancer: &Observed, visit: &Visit) -> Text {
    let (name, port, group) = (&page.balancer.name, page.port, balancer.health == Health::Pending);
    match visit {
        Visit::NoName if page.host.is_some() => unknown_name(world, page.host.as_deref().unwrap_or_default()),
        Visit::NoName if group => Text::new(
            format!("로드 밸런서 {name}의 이름을 아직 찾을 수 없습니다. 활성이 될 때까지 기다리세요."),
            format!("The name of the load balancer {name} is not known yet. Wait until it is active."),
        ),
        Visit::NoName => Text::new(
            format!("로드 밸런서 {name}의 이름을 아직 찾을 수 없습니다. 새 이름이 퍼지는 데 1분쯤 걸립니다."),
            format!("The name of the load balancer {name} is not known yet. A new name takes about a minute."),
        ),
        Visit::Refused if page.tls && unissued(world).is_some() => {
            let (name, state) = unissued(world).map_or(("", ""), |one| (one.key.name.as_str(), one.state.as_str()));
            Text::new(
                format!(
                    "연결이 거부됩니다. {port}번 포트를 듣는 리스너가 없고, 인증서 {name}의 상태는 {state}입니다. 리스너는 발급된(ISSUED) 인증서만 쓸 수 있습니다. 검증용 CNAME부터 보세요."
                ),
                format!(
                    "The connection is refused: nothing listens on port {port}, and the certificate {name} is {state}. A listener can only show a certificate that is ISSUED: look at the CNAME that proves it."
                ),
            )
        }
        Visit::Refused => Text::new(
            format!(
                "연결이 거부됩니다. 로드 밸런서 {name}에 {port}번 포트를 듣는 리스너가 없습니다. 리스너를 만드세요."
            ),
            format!("The connection is refused: the load balancer {name} has no listener on port {port}. Make one."),
        ),
        Visit::Tls(fault) => tls(fault, host(page, balancer), port),
        Visit::Broken(why) => Text::new(
            format!("연결이 끊어졌습니다: {why}. 잠시 뒤에 다시 확인하세요."),
            format!("The connection broke: {why}. Check again in a moment."),
        ),
        Visit::NotLooked | Visit::Answer { .. } | Visit::Silence => silence(world, facts, name, balancer, port),
    }
}

/// A certificate that is not issued.
fn unissued(world: &World) -> Option<&Observed> {
    world.found().find(|one| one.key.kind == "certificate" && one.health != Health::Ready)
}

/// Why a name of the learner's domain is not known.
fn unknown_name(world: &World, host: &str) -> Text {
    if record(world, host).is_some() {
        return Text::new(
            format!(
                "{host} 이름을 아직 찾을 수 없습니다. 새 레코드가 퍼지는 데 1분쯤 걸리고, 없다는 답을 이 컴퓨터가 몇 분 기억하기도 합니다."
            ),
            format!(
                "The name {host} is not known yet. A new record takes about a minute, and this computer may remember for some minutes that there was none."
            ),
        );
    }
    Text::new(
        format!(
            "{host} 이름을 찾을 수 없습니다. 호스팅 영역에 이 이름의 레코드가 없습니다. 로드 밸런서를 가리키는 별칭 A 레코드를 만드세요."
        ),
        format!(
            "The name {host} is not known: the hosted zone has no record of that name. Make an alias A record that points to the load balancer."
        ),
    )
}

/// Why TLS fails, and the mend.
fn tls(fault: &TlsFault, host: &str, port: u16) -> Text {
    match fault {
        TlsFault::WrongName(names) => {
            let names = if names.is_empty() { "?".to_owned() } else { names.join(", ") };
            Text::new(
                format!(
                    "인증서가 {host} 이름에 맞지 않습니다. 인증서에 든 이름: {names}. {port}번 리스너에 이 이름이 든 인증서를 거세요."
                ),
                format!(
                    "The certificate does not fit the name {host}. It is for: {names}. Let the listener on port {port} show a certificate with this name."
                ),
            )
        }
        TlsFault::Untrusted => Text::new(
            "인증서를 보증하는 기관을 이 컴퓨터가 모릅니다. ACM이 발급한 인증서인지, 사이에 회사 프록시가 있는지 보세요.",
            "This computer does not know who vouches for the certificate. See that ACM issued it, and that no company proxy stands between.",
        ),
        TlsFault::Expired => Text::new(
            "인증서의 기한이 맞지 않습니다. 지났다면 검증용 CNAME을 다시 써서 갱신되게 하고, 이 컴퓨터의 시계도 보세요.",
            "The certificate is not valid at this time. If it has expired, put the CNAME that proves it back, so that it is renewed; also look at this computer's clock.",
        ),
        TlsFault::NotTls => Text::new(
            format!("{port}번 포트가 HTTPS로 말하지 않습니다. 리스너를 지우고 프로토콜 HTTPS로 다시 만드세요."),
            format!("Port {port} does not speak HTTPS. Delete its listener and make it again with the protocol HTTPS."),
        ),
        TlsFault::Other(why) => Text::new(
            format!("TLS 연결이 되지 않습니다: {why}. 리스너의 프로토콜과 인증서의 이름을 보세요."),
            format!("TLS fails: {why}. Look at the protocol of the listener and at the names of its certificate."),
        ),
    }
}

/// Why nothing comes back.
fn silence(world: &World, facts: &Facts, name: &str, balancer: &Observed, port: u16) -> Text {
    if balancer.text("scheme") == Some("internal") {
        return Text::new(
            format!(
                "답이 없습니다. 로드 밸런서 {name}은 내부용(internal)이라 인터넷에서 갈 수 없습니다. 지우고 internet-facing으로 다시 만드세요."
            ),
            format!(
                "No answer: the load balancer {name} is internal, and the internet has no way to it. Delete it and make it again as internet-facing."
            ),
        );
    }
    match reach::to_balancer(world, facts, balancer, port) {
        Some((what, mend)) => Text::new(
            format!("답이 없습니다. {}. {}.", what.ko, mend.ko),
            format!("No answer: {}. {}.", what.en, mend.en),
        ),
        None => Text::new(
            format!(
                "답이 없습니다. 로드 밸런서 {name}의 보안 그룹이 {port}번 포트를 허용하는지, 서브넷이 인터넷 게이트웨이로 이어지는지 보세요."
            ),
            format!(
                "No answer. See that the security group of the load balancer {name} allows port {port}, and that its subnets lead to the internet gateway."
            ),
        ),
    }
}

/// The known targets that get no requests, with AWS's reason: ` my-tg my-server: unhealthy (Target.Timeout).`
fn targets(world: &World) -> Text {
    let targets = world.found().filter(|one| one.key.kind == "target" && one.health != Health::Ready);
    let told: Vec<String> = targets
        .map(|one| {
            let reason = if one.reason.is_empty() { String::new() } else { format!(" ({})", one.reason) };
            format!("{}: {}{reason}", one.key.name, one.state)
        })
        .collect();
    if told.is_empty() {
        return Text::default();
    }
    let told = told.join("; ");
    Text::new(format!(" 대상 {told}."), format!(" Target {told}."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeMap;

    use super::*;
    use crate::course::model::{Key, Value};
    use crate::lab::facts::{Backend, Scope};

    fn facts() -> Facts {
        Facts {
            scope: Scope {
                backend: Backend::Practice,
                account: "1".into(),
                home: "ap-northeast-2".into(),
                peer: "ap-northeast-1".into(),
            },
            caller: String::new(),
            zones: BTreeMap::new(),
            my_ip: None,
            run: "test".into(),
        }
    }

    fn observed(kind: &str, name: &str, state: &str, health: Health) -> Observed {
        Observed {
            key: Key::home(kind, name),
            id: name.into(),
            region: "ap-northeast-2".into(),
            fields: [("dns".to_owned(), Value::from("alb.ap-northeast-2.elb.amazonaws.com"))].into(),
            state: state.into(),
            health,
            reason: String::new(),
            tags: BTreeMap::new(),
        }
    }

    /// What is said of a visit to `https://app.lab.example/`, and whether it passes by itself.
    fn said(world: &World, visit: Visit) -> (Text, bool) {
        let page = Http {
            balancer: Key::home("load-balancer", "alb"),
            tls: true,
            port: 443,
            path: "/".into(),
            status: 200,
            location: None,
            host: Some("app.lab.example".into()),
        };
        assert_eq!(address(&page, world.get(&page.balancer).unwrap()), "https://app.lab.example/");
        let verdict = judge(world, &facts(), &page, Some(&visit));
        assert!(!verdict.ok);
        (verdict.why, verdict.pending)
    }

    #[test]
    fn what_is_wrong_with_https_is_named_with_the_mend() {
        let mut world = World::default();
        world.put(observed("load-balancer", "alb", "active", Health::Ready));
        let (why, pending) = said(&world, Visit::NoName);
        assert!(why.en.contains("no record of that name") && why.ko.contains("별칭 A 레코드를 만드세요") && !pending);
        let (why, _) = said(&world, Visit::Refused);
        assert!(why.en.contains("no listener on port 443"), "{}", why.en);

        world.put(observed("certificate", "lab.example", "PENDING_VALIDATION", Health::Pending));
        world.put(observed("record", "app.lab.example", "exists", Health::Ready));
        let (why, pending) = said(&world, Visit::NoName);
        assert!(why.en.contains("not known yet") && pending, "{}", why.en);
        let (why, _) = said(&world, Visit::Refused);
        for text in [&why.ko, &why.en] {
            assert!(
                text.contains("lab.example") && text.contains("PENDING_VALIDATION") && text.contains("443"),
                "{text}"
            );
        }

        let names = vec!["old.lab.example".to_owned()];
        let (why, pending) = said(&world, Visit::Tls(TlsFault::WrongName(names)));
        for text in [&why.ko, &why.en] {
            assert!(text.contains("app.lab.example") && text.contains("old.lab.example"), "{text}");
        }
        assert!(!pending);
        for (fault, en, ko) in [
            (TlsFault::Untrusted, "vouches", "보증"),
            (TlsFault::Expired, "clock", "시계"),
            (TlsFault::NotTls, "protocol HTTPS", "HTTPS로 말하지"),
            (TlsFault::Other("HandshakeFailure".into()), "HandshakeFailure", "HandshakeFailure"),
        ] {
            let (why, _) = said(&world, Visit::Tls(fault));
            assert!(why.en.contains(en) && why.ko.contains(ko), "{why:?}");
        }
    }
}
