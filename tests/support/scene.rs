//! An app with a model at some stage, without a runtime: for pictures of screens.

use std::collections::BTreeSet;
use std::sync::Arc;

use awslab::app::{App, Message, Session, Start};
use awslab::cloud::kinds::registry;
use awslab::course::model::{Condition, Declaration, Key, Reach, Step};
use awslab::i18n::{Lang, Text};
use awslab::input::{Action, Code, Input, Keymap};
use awslab::lab::check::{Probes, Verdict};
use awslab::lab::facts::{Backend, Facts};
use awslab::lab::manual::Asked;
use awslab::lab::report::{CallRecord, StepState, Survey};
use awslab::lab::teardown::{Standing, teardown};
use awslab::lab::watch::Snapshot;
use awslab::lab::watch::snapshot::GroupLine;
use awslab::lab::web::{Visit, Visits};
use awslab::problem::Problem;
use awslab::screens::{Effect, Query};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::support::stage::{self, NOW};

/// An app and the numbers of its open questions.
pub struct Scene {
    /// The app.
    pub app: App,
    /// What was asked of the outside so far.
    pub asked: Vec<Effect>,
    /// What a look at the cloud finds.
    pub survey: Survey,
    /// What a refresh of the monitor finds; nothing comes back while it is `None`.
    pub seen: Option<Result<Snapshot, Problem>>,
    /// The Auto Scaling groups.
    pub groups: Vec<GroupLine>,
    /// Whether what stands was made by hand: only what a row says was adopted is in the ledger.
    pub by_hand: bool,
    /// What stands beside the course.
    pub strays: Vec<awslab::lab::world::Observed>,
}

/// The facts of the fixtures.
pub fn facts(backend: Backend) -> Facts {
    stage::facts(backend)
}

impl Scene {
    /// An open session on the practice cloud, with this much standing.
    pub fn new(lang: Lang, survey: Survey) -> Self {
        Self::on(Backend::Practice, lang, survey)
    }

    /// An open session on a cloud.
    pub fn on(backend: Backend, lang: Lang, survey: Survey) -> Self {
        let course = Arc::new(stage::course());
        let (app, asked) = App::new(Start {
            course: Arc::clone(&course),
            kinds: registry(),
            backend: backend.clone(),
            lang,
            keymap: Keymap::built_in().expect("the built-in keymap is right"),
            color: true,
            ascii: false,
            read_only: false,
            resume: None,
            monitor: None,
        });
        let stands = |step: &Step| {
            let has = |found: &Declaration| survey.rows.iter().any(|row| row.key == found.key);
            step.resources.iter().any(|found| found.key.kind != "image")
                && step.resources.iter().all(|found| found.key.kind == "image" || has(found))
        };
        let done = course.steps().filter(|step| stands(step)).map(|step| (step.id.clone(), StepState::Done));
        let progress = done.collect();
        let mut scene = Self { app, asked, survey, seen: None, groups: Vec::new(), by_hand: false, strays: Vec::new() };
        let clock = (backend == Backend::Practice).then_some(awslab::screens::ctx::Clock { speed: 30.0 });
        scene.tell(Message::Opened(Ok(Box::new(Session {
            course: Arc::clone(&course),
            domain: Some("lab.example".into()),
            domain_asked: true,
            facts: facts(backend.clone()),
            desired: stage::desired(&course),
            progress,
            answers: Default::default(),
            quiz_seed: 0,
            ways: std::collections::BTreeMap::new(),
            terminal: awslab::engine::terminal(&awslab::engine::Setup::default(), &backend, None, "awslab"),
            last_step: None,
            clock,
            now: NOW,
            lang: None,
            utc_offset: 9 * 3600,
            keys: "/home/learner/.local/state/awslab/keys".into(),
            notes: Vec::new(),
        }))));
        scene.tell(Message::Time(NOW + 1, 200));
        scene
    }

    /// Tells the app something, and answers the looks that it asks for.
    pub fn tell(&mut self, message: Message) {
        let mut todo = self.app.update(message);
        while let Some(effect) = todo.pop() {
            if let Effect::Query(number, query) = &effect
                && let Some(answer) = self.answer(*number, query)
            {
                todo.extend(self.app.update(answer));
            }
            self.asked.push(effect);
        }
    }

    fn answer(&self, number: u64, query: &Query) -> Option<Message> {
        let facts = facts(self.app.ctx.backend.clone());
        let scene = awslab::lab::plan::Scene {
            facts: &facts,
            desired: &self.app.ctx.desired,
            world: &self.survey.world,
            kinds: registry(),
            course: &self.app.ctx.course,
        };
        let checked = |step: &String| {
            let judge = |_: &Reach| Verdict {
                ok: true,
                pending: false,
                decided: true,
                why: Text::new("보안 그룹 my-private-ec2-sg가 허용했습니다", "allowed by my-private-ec2-sg"),
            };
            // Every page answers as the course wants.
            let pages = scene.course.step(step).into_iter().flat_map(|step| &step.checks);
            let visits: Visits = pages
                .filter_map(|check| match &check.condition {
                    Condition::Http(page) => {
                        Some((page.clone(), Visit::Answer { status: page.status, location: None }))
                    }
                    _ => None,
                })
                .collect();
            awslab::lab::check::check(
                &scene,
                std::slice::from_ref(step),
                Probes { reach: &judge, asked: &Asked { visits, ..Asked::default() } },
            )
        };
        Some(match query {
            Query::Survey => Message::Survey(number, Ok(Box::new(self.survey.clone()))),
            Query::Plan(step) => {
                let ledger = self.survey.rows.iter().map(|row| (row.key.clone(), row.id.clone())).collect();
                let plan = awslab::lab::plan::plan(&scene, std::slice::from_ref(step), &ledger, &BTreeSet::new());
                Message::Plan(number, step.clone(), Ok(Box::new(plan)))
            }
            Query::Check(step) | Query::Subscribe(step) => Message::Check(number, step.clone(), Ok(checked(step))),
            Query::Hand(step, _) => {
                let own = self.survey.rows.iter().filter(|row| row.adopted || !self.by_hand);
                let ledger = own.map(|row| (row.key.clone(), (row.id.clone(), row.adopted))).collect();
                let ids = self.survey.rows.iter().map(|row| (row.key.clone(), row.id.clone())).collect();
                let plan = awslab::lab::plan::plan(&scene, std::slice::from_ref(step), &ids, &BTreeSet::new());
                let report = checked(step);
                let known = awslab::lab::hand::Known {
                    report: &report,
                    plan: &plan,
                    strays: &self.strays,
                    elsewhere: &[],
                    ledger: &ledger,
                };
                let of = scene.course.step(step).expect("a step of the course");
                Message::Hand(number, step.clone(), Ok(Box::new(awslab::lab::hand::hand(&scene, of, &known, NOW))))
            }
            Query::Teardown(steps) => {
                let standing: Vec<Standing> = self
                    .survey
                    .rows
                    .iter()
                    .filter_map(|row| {
                        let observed = self.survey.world.get(&row.key)?.clone();
                        Some(Standing { row: row.clone(), observed })
                    })
                    .collect();
                Message::Teardown(number, Ok(Box::new(teardown(&scene, &standing, steps))))
            }
            Query::Groups => Message::Groups(number, Ok(self.groups.clone())),
            Query::Watch(look) => {
                return Some(Message::Watched(number, look.clone(), self.seen.clone()?.map(Box::new)));
            }
            Query::Calls(_) => Message::Calls(number, Ok(calls(&self.survey))),
        })
    }

    /// Opens a step from the home screen, through the palette.
    pub fn open_step(&mut self, number: &str) {
        self.act(Action::Palette);
        self.type_text(number);
        self.act(Action::Accept);
    }

    /// Presses the key of an action.
    pub fn act(&mut self, action: Action) {
        let key = self.app.ctx.keymap.keys(action).last().expect("every action has a key");
        self.tell(Message::Input(Input::Key(key)));
    }

    /// Presses a key.
    pub fn press(&mut self, code: Code) {
        self.tell(Message::Input(Input::Key(awslab::input::Key::plain(code))));
    }

    /// Types letters.
    pub fn type_text(&mut self, text: &str) {
        for sign in text.chars() {
            let key = awslab::input::Key { code: Code::Char(sign), ctrl: false, alt: false };
            self.tell(Message::Input(Input::Key(key)));
        }
    }

    /// What is seen in a terminal of this size.
    pub fn draw(&mut self, columns: u16, rows: u16) -> Buffer {
        self.tell(Message::Input(Input::Resize(columns, rows)));
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        self.app.view(area, &mut buffer);
        buffer
    }
}

/// Calls that could have made what stands, newest first, and one that was refused.
fn calls(survey: &Survey) -> Vec<CallRecord> {
    let mut calls: Vec<CallRecord> = (0i64..)
        .zip(&survey.rows)
        .filter(|(_, row)| !row.key.kind.contains("association"))
        .map(|(number, row)| {
            let operation = operation(&row.key);
            CallRecord {
                number,
                time: NOW - 600_000 + number * 1500,
                step: row.step.clone(),
                key: row.key.clone(),
                service: "ec2".into(),
                operation: operation.into(),
                region: row.region.clone(),
                cli: format!("aws ec2 {} \\\n  --region {} \\\n  --tag-specifications 'ResourceType={},Tags=[{{Key=Name,Value={}}},{{Key=Project,Value=aws-lab}}]'",
                    kebab(operation), row.region, row.key.kind, row.key.name),
                millis: Some(38 + u64::try_from(number).unwrap_or(0) * 17 % 90),
                error: String::new(),
                id: Some(row.id.clone()),
            }
        })
        .collect();
    if let Some(last) = calls.last_mut() {
        last.error = "UnauthorizedOperation".into();
        last.id = None;
    }
    calls.reverse();
    calls
}

fn operation(key: &Key) -> &'static str {
    match key.kind.as_str() {
        "vpc" => "CreateVpc",
        "subnet" => "CreateSubnet",
        "internet-gateway" => "CreateInternetGateway",
        "route-table" => "CreateRouteTable",
        "route" => "CreateRoute",
        "elastic-ip" => "AllocateAddress",
        "nat-gateway" => "CreateNatGateway",
        "security-group" => "CreateSecurityGroup",
        "security-group-rule" => "AuthorizeSecurityGroupIngress",
        "key-pair" => "ImportKeyPair",
        _ => "RunInstances",
    }
}

fn kebab(operation: &str) -> String {
    let mut out = String::new();
    for (at, sign) in operation.chars().enumerate() {
        if sign.is_ascii_uppercase() && at > 0 {
            out.push('-');
        }
        out.push(sign.to_ascii_lowercase());
    }
    out
}
