//! `awslab doctor`: is everything here that the labs need?
//!
//! Promises: nothing is changed in the cloud; every line that is not good says what to do.
//! Leaves to others: opening the session (`engine`), which finds identity, region and zones.

mod terminal;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::course::model::Course;
use crate::engine::{Engine, Setup};
use crate::i18n::{Lang, Text};
use crate::lab::facts::{Backend, Facts};
use crate::lab::report::Elsewhere;
use crate::problem::{Problem, ProblemKind};
use crate::view::format::per_hour;

/// A clock that is further off than this is worth a word, in milliseconds.
const SKEW_WARN: i64 = 30_000;
/// AWS refuses signatures that are further off than this, in milliseconds.
const SKEW_FAIL: i64 = 300_000;

/// `awslab doctor`
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a finding is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Warn,
    Bad,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warn => "warn",
            Self::Bad => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    id: &'static str,
    state: State,
    title: Text,
    detail: Text,
    hint: Option<Text>,
}

impl Finding {
    fn new(id: &'static str, title: (&str, &str), detail: Text) -> Self {
        Self { id, state: State::Good, title: Text::new(title.0, title.1), detail, hint: None }
    }

    fn but(mut self, state: State, hint: (&str, &str)) -> Self {
        self.state = state;
        self.hint = Some(Text::new(hint.0, hint.1));
        self
    }
}

/// Runs it: 0 when nothing failed, 1 otherwise. Warnings do not count.
///
/// # Errors
/// When the report cannot be written, or the command line names what cannot be. What is wrong with the session is a finding.
pub async fn run(args: &DoctorArgs, setup: Setup, course: Arc<Course>, lang: Lang) -> Result<u8, Problem> {
    let home = setup.home.clone();
    let mut findings = Vec::new();
    match Engine::open(setup, course).await {
        Ok(engine) => session(&engine, &mut findings),
        // What is wrong with the command line is no finding.
        Err(problem) if problem.kind == ProblemKind::Usage => return Err(problem),
        Err(problem) => findings.push(Finding {
            id: "identity",
            state: State::Bad,
            title: Text::new("신원", "identity"),
            detail: joined(&problem),
            hint: problem.hints.first().cloned(),
        }),
    }
    findings.push(state_folder(&home));
    findings.push(ssh_client());
    findings.extend(terminal::findings(&terminal::measure()));
    let text = if args.json { as_json(&findings, lang) } else { as_text(&findings, lang) };
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(u8::from(findings.iter().any(|finding| finding.state == State::Bad)))
}

fn joined(problem: &Problem) -> Text {
    let join = |title: &str, detail: &str| {
        if detail.is_empty() { title.to_owned() } else { format!("{title}. {detail}") }
    };
    Text::new(join(&problem.title.ko, &problem.detail.ko), join(&problem.title.en, &problem.detail.en))
}

fn session(engine: &Engine, findings: &mut Vec<Finding>) {
    let facts = engine.facts();
    findings.push(backend(facts));
    findings.push(identity(facts));
    findings.push(region(facts));
    let skew = engine.traffic().iter().rev().find_map(|call| call.skew);
    match facts.scope.backend {
        Backend::Practice => {}
        Backend::Aws | Backend::Endpoint(_) => findings.push(clock(skew)),
    }
    findings.push(my_ip(facts));
    let elsewhere = engine.elsewhere().unwrap_or_default();
    findings.extend(elsewhere.iter().map(|place| stands_elsewhere(place, &facts.scope.backend)));
    for note in engine.notes() {
        findings.push(Finding { state: State::Warn, ..Finding::new("note", ("알림", "note"), note.clone()) });
    }
}

/// What stands where nothing but this line would tell of it.
fn stands_elsewhere(place: &Elsewhere, backend: &Backend) -> Finding {
    let text = place.text(backend, &per_hour(place.cost_per_hour));
    Finding { state: State::Warn, ..Finding::new("elsewhere", ("다른 리전", "elsewhere"), text) }
}

fn backend(facts: &Facts) -> Finding {
    let detail = match &facts.scope.backend {
        Backend::Practice => Text::new(
            "연습 클라우드: 이 프로그램 안에서만 돌고 비용이 없습니다",
            "the practice cloud: inside this program, free of charge",
        ),
        Backend::Aws => Text::new("AWS: 만드는 리소스에 요금이 붙습니다", "AWS: what you make costs money"),
        Backend::Endpoint(url) => Text::new(format!("엔드포인트 {url}"), format!("the endpoint {url}")),
    };
    Finding::new("backend", ("실행 장소", "backend"), detail)
}

fn identity(facts: &Facts) -> Finding {
    let finding = Finding::new(
        "identity",
        ("신원", "identity"),
        Text::new(
            format!("계정 {}, {}", facts.scope.account, facts.caller),
            format!("account {}, {}", facts.scope.account, facts.caller),
        ),
    );
    if facts.caller.ends_with(":root") {
        return finding.but(
            State::Warn,
            (
                "루트 사용자 대신 IAM 사용자나 IAM Identity Center로 로그인하세요",
                "Sign in as an IAM user or through IAM Identity Center, not as the root user",
            ),
        );
    }
    finding
}

fn region(facts: &Facts) -> Finding {
    let zones = |region: &str| {
        let names: Vec<&str> =
            facts.zones.get(region).into_iter().flat_map(|zones| zones.values()).map(String::as_str).collect();
        names.join(", ")
    };
    let (home, peer) = (&facts.scope.home, &facts.scope.peer);
    let found = zones(home);
    let finding = Finding::new(
        "region",
        ("리전", "region"),
        Text::new(
            format!("{home} (가용 영역 {found}), 두 번째 리전 {peer}"),
            format!("{home} (zones {found}), second region {peer}"),
        ),
    );
    if facts.zones.get(home).is_none_or(|zones| zones.len() < 2) {
        return finding.but(
            State::Bad,
            (
                "가용 영역이 둘 이상인 리전을 --region으로 고르세요",
                "Choose a region with two zones or more, with --region",
            ),
        );
    }
    finding
}

fn clock(skew: Option<i64>) -> Finding {
    let title = ("시계", "clock");
    let Some(skew) = skew else {
        return Finding::new("clock", title, Text::new("응답에 시각이 없습니다", "the answers carry no date"))
            .but(State::Warn, ("컴퓨터의 시각이 맞는지 확인하세요", "See that this computer's time is right"));
    };
    let seconds = skew.abs() / 1_000;
    let finding = Finding::new(
        "clock",
        title,
        match skew {
            _ if seconds <= 1 => Text::new("클라우드의 시각과 같습니다", "the same as the cloud's"),
            skew if skew > 0 => {
                Text::new(format!("클라우드보다 {seconds}초 느립니다"), format!("{seconds} s behind the cloud's"))
            }
            _ => Text::new(format!("클라우드보다 {seconds}초 빠릅니다"), format!("{seconds} s ahead of the cloud's")),
        },
    );
    let hint = (
        "시각 동기화(NTP)를 켜세요. 5분 넘게 어긋나면 AWS가 요청을 거부합니다",
        "Turn on time synchronisation (NTP): AWS refuses requests that are more than 5 minutes off",
    );
    match skew.abs() {
        off if off >= SKEW_FAIL => finding.but(State::Bad, hint),
        off if off >= SKEW_WARN => finding.but(State::Warn, hint),
        _ => finding,
    }
}

fn my_ip(facts: &Facts) -> Finding {
    let title = ("내 IP", "my IP");
    match &facts.my_ip {
        Some(ip) => Finding::new("my-ip", title, Text::same(ip)),
        None => Finding::new("my-ip", title, Text::new("알 수 없습니다", "not known")).but(
            State::Warn,
            (
                "3.3의 보안 그룹에 필요합니다. --my-ip로 알려 주세요",
                "Section 3.3 needs it for a security group: give it with --my-ip",
            ),
        ),
    }
}

fn state_folder(home: &Path) -> Finding {
    let finding = Finding::new("state", ("상태 폴더", "state folder"), Text::same(home.display().to_string()));
    let probe = home.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::create_dir_all(home)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => finding,
        Err(error) => Finding { detail: Text::same(format!("{}: {error}", home.display())), ..finding }.but(
            State::Bad,
            ("쓸 수 있는 폴더를 AWSLAB_HOME으로 알려 주세요", "Name a folder that can be written in AWSLAB_HOME"),
        ),
    }
}

fn ssh_client() -> Finding {
    let title = ("ssh", "ssh");
    let version = std::process::Command::new("ssh").arg("-V").output().ok().filter(|out| out.status.success());
    match version {
        Some(out) => {
            let version = String::from_utf8_lossy(&out.stderr).trim().to_owned();
            Finding::new("ssh", title, Text::same(version))
        }
        None => Finding::new("ssh", title, Text::new("없습니다", "there is none")).but(
            State::Warn,
            (
                "AWS에서 3.3의 프라이빗 인스턴스에 접속할 때 필요합니다. OpenSSH 클라이언트를 설치하세요",
                "On AWS, section 3.3 opens a shell on the private host with it: install an OpenSSH client",
            ),
        ),
    }
}

fn as_json(findings: &[Finding], lang: Lang) -> String {
    let checks: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "id": finding.id,
                "state": finding.state.word(),
                "title": finding.title.get(lang),
                "detail": finding.detail.get(lang),
                "hint": finding.hint.as_ref().map(|hint| hint.get(lang)),
            })
        })
        .collect();
    let ok = findings.iter().all(|finding| finding.state != State::Bad);
    format!("{:#}\n", json!({"schema": 1, "ok": ok, "checks": checks}))
}

fn as_text(findings: &[Finding], lang: Lang) -> String {
    use crate::view::text::{pad, width};

    let widest = findings.iter().map(|finding| width(finding.title.get(lang))).max().unwrap_or_default();
    let mut out = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Good => "ok  ",
            State::Warn => "warn",
            State::Bad => "FAIL",
        };
        let title = pad(finding.title.get(lang), widest);
        out.push_str(&format!("{mark}  {title}  {}\n", finding.detail.get(lang)));
        if let Some(hint) = &finding.hint {
            out.push_str(&format!("      {}  -> {}\n", " ".repeat(widest), hint.get(lang)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use std::collections::BTreeMap;

    use super::*;
    use crate::lab::facts::Scope;

    fn facts(caller: &str, zones: &[&str]) -> Facts {
        let scope = Scope {
            backend: Backend::Aws,
            account: "123456789012".into(),
            home: "ap-northeast-2".into(),
            peer: "ap-northeast-1".into(),
        };
        let letters = zones.iter().map(|zone| (zone[zone.len() - 1..].to_owned(), (*zone).to_owned())).collect();
        Facts {
            zones: BTreeMap::from([(scope.home.clone(), letters)]),
            scope,
            caller: caller.into(),
            my_ip: None,
            run: "run".into(),
        }
    }

    #[test]
    fn a_clock_that_is_off_is_told_before_aws_refuses() {
        for (skew, state, word) in [
            (Some(400), State::Good, "same"),
            (Some(-20_000), State::Good, "20 s ahead"),
            (Some(60_000), State::Warn, "60 s behind"),
            (Some(-301_000), State::Bad, "301 s ahead"),
            (None, State::Warn, "no date"),
        ] {
            let finding = clock(skew);
            assert_eq!(finding.state, state, "{skew:?}");
            assert!(finding.detail.en.contains(word), "{skew:?}: {}", finding.detail.en);
            assert_eq!(finding.hint.is_some(), state != State::Good);
        }
    }

    #[test]
    fn the_root_user_and_a_region_with_one_zone_are_told() {
        let good = facts("arn:aws:iam::123456789012:user/kim", &["ap-northeast-2a", "ap-northeast-2c"]);
        assert_eq!((identity(&good).state, region(&good).state), (State::Good, State::Good));
        assert!(region(&good).detail.ko.contains("ap-northeast-2a, ap-northeast-2c"));
        let bad = facts("arn:aws:iam::123456789012:root", &["ap-northeast-2a"]);
        assert_eq!((identity(&bad).state, region(&bad).state), (State::Warn, State::Bad));
        assert_eq!(my_ip(&bad).state, State::Warn);
    }

    #[test]
    fn json_and_text_say_the_same() {
        let findings = [clock(Some(0)), clock(Some(-301_000))];
        let value: serde_json::Value = serde_json::from_str(&as_json(&findings, Lang::En)).unwrap();
        assert_eq!(value["schema"], 1);
        assert_eq!(value["ok"], false);
        assert_eq!(value["checks"][1]["state"], "fail");
        let text = as_text(&findings, Lang::Ko);
        assert!(text.lines().next().unwrap().starts_with("ok    시계  "));
        assert!(text.contains("FAIL") && text.contains("NTP"));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(state_folder(dir.path()).state, State::Good);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let file = dir.path().join("file");
        std::fs::write(&file, b"").unwrap();
        assert_eq!(state_folder(&file).state, State::Bad);
    }
}
