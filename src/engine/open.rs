//! Opens a session: state, clients, facts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use crate::cloud::clients::Connect;
use crate::cloud::facts::Ask;
use crate::cloud::traffic::Recorder;
use crate::cloud::{self, Clients, kinds};
use crate::course::model::{Course, Role};
use crate::i18n::Text;
use crate::lab::desire::desire;
use crate::lab::facts::Backend;
use crate::lab::traffic::ApiCall;
use crate::practice::{self, StorageError};
use crate::problem::{Problem, ProblemKind};
use crate::store::Store;

use super::clock::{Clock, Wall};
use super::{Inner, Setup, TRAFFIC, Target, Traffic, domain, guard};

/// A cloud that was reached.
struct Reached {
    clients: Clients,
    backend: Backend,
    clock: Arc<dyn Clock>,
    practice: Option<practice::Cloud>,
    notes: Vec<Text>,
}

pub(super) async fn open(setup: Setup, course: Arc<Course>) -> Result<Inner, Problem> {
    let store = Store::open(&setup.home)?;
    let traffic: Traffic = Arc::new(Mutex::new(VecDeque::new()));
    let reached = reach(&setup, recorder(&traffic)).await?;
    let ask = Ask { my_ip: setup.my_ip.clone(), types: instance_types(&course), run: String::new() };
    let found = cloud::facts::find(&reached.clients, reached.backend.clone(), ask).await?;
    let mut facts = found.facts;
    let scope = facts.scope.id();
    keep_zones(&store, &scope, &mut facts.zones)?;
    facts.run = match store.current_run(&scope)?.filter(|run| !run.is_empty()) {
        Some(run) => run,
        None => new_run(reached.clock.now()),
    };
    let registered = reached.practice.as_ref().map(|_| practice::world::dns::PRACTICE_DOMAIN);
    let domain = domain::choose(&store, &scope, setup.domain.as_deref(), registered)?;
    let course = Arc::new(course.tailored(domain.domain.as_deref()));
    let kinds = kinds::registry();
    let mut clients = reached.clients.with_keys(&setup.home.join("keys").join(folder(&scope)));
    if let Some(cloud) = &reached.practice {
        let me = facts.my_ip.as_deref().and_then(|ip| ip.parse().ok());
        clients = clients.with_web(practice::connector::visitor(cloud.clone(), me));
    }
    let desired = desire(&course, &facts, kinds);
    let home = std::env::var("AWSLAB_HOME").ok();
    let terminal = terminal(&setup, &facts.scope.backend, home.as_deref(), &program());
    Ok(Inner {
        desired,
        domain,
        kinds,
        clients,
        store,
        scope,
        clock: reached.clock,
        home: setup.home,
        read_only: setup.read_only,
        hook: None,
        held: Mutex::default(),
        terminal,
        seen: Mutex::new(None),
        traffic,
        practice: reached.practice,
        notes: reached.notes.into_iter().chain(found.notes).collect(),
        course,
        facts,
    })
}

/// The first of the ports that a learner is told to serve the practice cloud at, and how many there are. Each practice cloud has its
/// own of them: on a shared machine a command must not get to somebody else's.
const PORTS: (u16, u16) = (14_566, 8_192);

/// The port of the practice cloud in this folder: always the same one.
fn port(home: &std::path::Path) -> u16 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(home.to_string_lossy().as_bytes());
    PORTS.0 + u16::from_be_bytes([digest[0], digest[1]]) % PORTS.1
}

/// The zones that things stand in already, whatever zones there are today: an outage must not make awslab want another
/// network. What is chosen now counts as long as nothing stands.
fn keep_zones(
    store: &Store,
    scope: &str,
    zones: &mut BTreeMap<String, BTreeMap<String, String>>,
) -> Result<(), Problem> {
    let name = format!("zones/{scope}");
    let kept = store.setting(&name)?.and_then(|text| serde_json::from_str::<BTreeMap<_, _>>(&text).ok());
    let stands = store.ledger(scope)?.iter().any(|entry| entry.gone.is_none());
    if let Some(kept) = kept.filter(|_| stands) {
        zones.extend(kept);
        return Ok(());
    }
    let text = serde_json::to_string(zones).map_err(|error| Problem::internal(error.to_string()))?;
    if store.setting(&name)?.as_deref() == Some(text.as_str()) { Ok(()) } else { store.set_setting(&name, &text) }
}

/// What a learner types first in a terminal of their own, so that the AWS CLI talks to this session's cloud. `home` is
/// `AWSLAB_HOME`, when it is set; `program` is how a shell finds this program.
pub fn terminal(setup: &Setup, backend: &Backend, home: Option<&str>, program: &str) -> Vec<String> {
    let mut lines = Vec::new();
    match backend {
        Backend::Practice => {
            let home = home.map(|home| format!("AWSLAB_HOME={} ", crate::lab::cli::word(home))).unwrap_or_default();
            let port = port(&setup.home);
            lines.push(format!("{home}{program} practice serve --port {port}"));
            lines.push(format!("export AWS_ENDPOINT_URL=http://127.0.0.1:{port} AWS_PAGER="));
            lines.push("export AWS_ACCESS_KEY_ID=practice AWS_SECRET_ACCESS_KEY=practice".to_owned());
        }
        Backend::Endpoint(url) => lines.push(format!("export AWS_ENDPOINT_URL={}", crate::lab::cli::word(url))),
        Backend::Aws => {}
    }
    lines
        .extend(setup.profile.as_ref().map(|profile| format!("export AWS_PROFILE={}", crate::lab::cli::word(profile))));
    lines
}

/// How a shell finds this program: by its name, or where it was never installed by its path.
fn program() -> String {
    const NAME: &str = "awslab";
    let paths = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&paths).any(|folder| folder.join(NAME).is_file()) {
        return NAME.to_owned();
    }
    let own = std::env::current_exe().ok().filter(|path| path.file_name().is_some_and(|name| name == NAME));
    own.map_or_else(|| NAME.to_owned(), |path| crate::lab::cli::word(&path.display().to_string()))
}

async fn reach(setup: &Setup, recorder: Recorder) -> Result<Reached, Problem> {
    let keys = setup.home.join("keys");
    let (home, peer) = setup.regions()?;
    match setup.target {
        Target::Practice => {
            // The one line that plugs the practice cloud in.
            let cloud = setup.cloud.clone().map_or_else(|| practice(setup), Ok)?;
            let http = practice::connector::http_client(cloud.clone());
            Ok(Reached {
                clients: Clients::practice(http, &home, &peer, &keys, recorder),
                backend: Backend::Practice,
                clock: Arc::new(cloud.clone()),
                practice: Some(cloud),
                notes: Vec::new(),
            })
        }
        Target::Aws => {
            let home_said = setup.says_home();
            let connect = Connect { profile: setup.profile.clone(), home, home_said, peer };
            let connected = Clients::connect(connect, &keys, recorder).await;
            Ok(Reached {
                clients: connected.clients,
                backend: connected.backend,
                clock: Arc::new(Wall),
                practice: None,
                notes: connected.notes,
            })
        }
    }
}

fn practice(setup: &Setup) -> Result<practice::Cloud, Problem> {
    let path = setup.home.join("practice.db");
    let options = practice::Options { speed: setup.speed, ..practice::Options::default() };
    let cloud = practice::Cloud::open(&path, options).map_err(|error| storage_problem(&error))?;
    // Here and not within the first request, which has a time limit and keeps nothing.
    cloud.catch_up().map_err(|error| storage_problem(&error))?;
    Ok(cloud)
}

/// What a learner is told when the practice world cannot be read or kept.
pub fn storage_problem(error: &StorageError) -> Problem {
    let problem = match error {
        StorageError::Damaged { .. } => Problem::new(
            ProblemKind::Store,
            "연습 클라우드 파일이 손상되었습니다",
            "The practice cloud's file is damaged",
        )
        .hint(
            "`awslab practice reset`은 이 파일을 옆으로 옮겨 두고 새로 시작합니다",
            "`awslab practice reset` moves the file aside and starts anew",
        ),
        StorageError::OtherFormat { .. } => Problem::new(
            ProblemKind::Store,
            "연습 클라우드 파일이 다른 버전의 awslab에서 만들어졌습니다",
            "The practice cloud's file belongs to another version of awslab",
        )
        .hint(
            "그 버전을 쓰거나, `awslab practice reset`으로 파일을 옆으로 옮기고 새로 시작하세요",
            "Use that version, or move the file aside and start anew with `awslab practice reset`",
        ),
        StorageError::Full { .. } => Problem::new(ProblemKind::Store, "디스크가 가득 찼습니다", "The disk is full")
            .hint(
                "공간을 비우고 다시 시도하세요. 잃어버린 것은 없습니다",
                "Free some space and try again; nothing was lost",
            ),
        StorageError::Busy { .. } => Problem::new(
            ProblemKind::Store,
            "다른 프로세스가 연습 클라우드를 너무 오래 붙잡고 있습니다",
            "Another process has held the practice cloud for too long",
        )
        .hint("다른 awslab을 확인하고 다시 시도하세요", "Look for another awslab and try again"),
        StorageError::Unusable { .. } => Problem::new(
            ProblemKind::Store,
            "연습 클라우드 파일을 열 수 없습니다",
            "The practice cloud's file cannot be opened",
        )
        .hint(
            "경로와 권한을 확인하거나, AWSLAB_HOME으로 다른 디렉터리를 주세요",
            "Check the path and its permissions, or give another directory with AWSLAB_HOME",
        ),
    };
    problem.from(error.to_string())
}

impl Clock for practice::Cloud {
    fn now(&self) -> i64 {
        Self::now(self)
    }

    fn speed(&self) -> f64 {
        let clock = self.clock();
        if clock.paused { 0.0 } else { clock.speed }
    }
}

fn recorder(traffic: &Traffic) -> Recorder {
    let traffic = Arc::clone(traffic);
    Arc::new(move |call: ApiCall| {
        tracing::debug!(
            service = call.service,
            operation = call.operation,
            region = call.region,
            status = call.status,
            code = call.code,
            millis = call.millis,
            request_id = call.request_id,
            "api call"
        );
        let mut kept = guard(&traffic);
        if kept.len() >= TRAFFIC {
            kept.pop_front();
        }
        kept.push_back(call);
    })
}

/// A new run's id: when it began, for people, and a little chance against another machine's.
fn new_run(now: i64) -> String {
    use std::hash::{BuildHasher, Hasher};
    let chance = std::collections::hash_map::RandomState::new().build_hasher().finish();
    let when = jiff::Timestamp::from_millisecond(now).map(|at| at.strftime("%Y%m%d-%H%M%S").to_string());
    format!("{}-{:04x}", when.unwrap_or_default(), chance & 0xffff)
}

/// A scope's name as a folder's: each cloud and account has keys of its own.
fn folder(scope: &str) -> String {
    scope.chars().map(|c| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' }).collect()
}

/// What the course needs to know of the regions it uses: the instance types it launches, by region role.
fn instance_types(course: &Course) -> BTreeMap<Role, BTreeSet<String>> {
    let mut types: BTreeMap<Role, BTreeSet<String>> = [(Role::Home, BTreeSet::new())].into();
    for declaration in course.steps().flat_map(|step| &step.resources) {
        let of_role = types.entry(declaration.key.role).or_default();
        if declaration.key.kind == "instance" {
            of_role.extend(declaration.fields.get("type").and_then(|kind| kind.as_text()).map(str::to_owned));
        }
    }
    types
}
