//! The picture of the architecture at its stages and sizes.

use awslab::course::model::Key;
use awslab::i18n::Lang;
use awslab::lab::phase::Phase;
use awslab::lab::report::Survey;
use awslab::lab::world::Desired;
use awslab::view::Look;
use awslab::view::diagram::{Picture, Scene, Shape};
use awslab::view::text::{line_width, plain};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::support::stage;

struct Stage {
    desired: Vec<Desired>,
    survey: Survey,
    phases: Vec<Phase>,
    step: &'static str,
}

impl Stage {
    fn new(stands: fn(&Desired) -> bool, step: &'static str) -> Self {
        let desired = stage::desired(&stage::course());
        let survey = stage::survey(&desired, stands);
        Self { desired, survey, phases: Vec::new(), step }
    }

    fn draw(&self, area: Rect, lang: Lang) -> (Buffer, Scene) {
        let mut buffer = Buffer::empty(area);
        let phase = |key: &Key| self.phases.iter().find(|phase| phase.key == *key);
        let picture = Picture {
            desired: &self.desired,
            survey: Some(&self.survey),
            phase: &phase,
            step: self.step,
            now: stage::NOW + 1,
            tick: 200,
        };
        let scene = picture.draw(area, &mut buffer, &Look::new(lang));
        (buffer, scene)
    }
}

fn stages() -> Vec<(&'static str, Stage)> {
    let mut waiting = Stage::new(stage::before_nat, "vpc.network.nat");
    waiting.phases.push(stage::nat_waiting());
    let mut spoilt = Stage::new(stage::all, "vpc.bastion.reach");
    spoilt.survey = stage::spoilt(&spoilt.desired);
    vec![
        ("planned", Stage::new(stage::nothing, "vpc.goal.architecture")),
        ("waiting", waiting),
        ("network", Stage::new(stage::network, "vpc.network.associations")),
        ("complete", Stage::new(stage::all, "vpc.bastion.private")),
        ("spoilt", spoilt),
    ]
}

#[test]
fn pictures_at_every_stage() {
    for (name, stage) in stages() {
        for (width, height) in [(78, 16), (58, 24), (100, 32)] {
            let (buffer, _) = stage.draw(Rect::new(0, 0, width, height), Lang::Ko);
            insta::assert_snapshot!(format!("diagram-{name}-{width}x{height}"), super::picture(&buffer));
        }
    }
}

#[test]
fn english_picture() {
    let (_, stage) = stages().remove(3);
    let (buffer, _) = stage.draw(Rect::new(0, 0, 78, 16), Lang::En);
    insta::assert_snapshot!("diagram-complete-en", super::picture(&buffer));
}

/// At every size: everything inside the area and inside its box, nothing over anything else.
#[test]
fn nothing_overlaps_and_nothing_is_outside_at_any_size() {
    for (name, stage) in stages() {
        for lang in [Lang::Ko, Lang::En] {
            for width in (4..=180).step_by(7) {
                for height in (1..=40).step_by(3) {
                    let area = Rect::new(3, 2, width, height);
                    let mut buffer = Buffer::empty(Rect::new(0, 0, width + 6, height + 4));
                    let phase = |key: &Key| stage.phases.iter().find(|phase| phase.key == *key);
                    let picture = Picture {
                        desired: &stage.desired,
                        survey: Some(&stage.survey),
                        phase: &phase,
                        step: stage.step,
                        now: stage::NOW,
                        tick: 0,
                    };
                    let scene = picture.draw(area, &mut buffer, &Look::new(lang));
                    assert!(!scene.nodes.is_empty(), "{name} {width}x{height}");
                    hold(&scene, area, &format!("{name} {width}x{height}"));
                }
            }
        }
    }
}

fn hold(scene: &Scene, area: Rect, what: &str) {
    for (at, node) in scene.nodes.iter().enumerate() {
        assert_eq!(node.area.intersection(area), node.area, "{what}: outside: {node:?}");
        if let Some(parent) = node.parent.and_then(|parent| scene.nodes.get(parent)) {
            let on_edge = matches!(node.shape, Shape::Door(..)) && node.area.y == parent.area.y;
            let inside = node.area.x > parent.area.x
                && node.area.right() < parent.area.right()
                && (on_edge || node.area.y > parent.area.y && node.area.bottom() < parent.area.bottom());
            assert!(inside, "{what}: not in its box: {node:?} in {parent:?}");
        }
        for other in scene.nodes.iter().skip(at + 1).filter(|other| other.parent == node.parent) {
            assert!(!node.area.intersects(other.area), "{what}: {node:?} over {other:?}");
        }
    }
}

/// What a learner at 80x24 must be able to read.
#[test]
fn the_tab_at_80x24_is_complete() {
    let (_, stage) = stages().remove(3);
    let (buffer, scene) = stage.draw(Rect::new(0, 0, 78, 16), Lang::Ko);
    let text = plain(&buffer).join("\n");
    for wanted in [
        "10.1.0.0/16",
        "my-igw",
        "ap-northeast-2a",
        "ap-northeast-2c",
        "10.1.1.0/24",
        "10.1.2.0/24",
        "10.1.11.0/24",
        "10.1.12.0/24",
        "10.1.21.0/24",
        "10.1.22.0/24",
        "natgateway",
        "bastion-host",
        "private-ec2",
        "10.1.11.",
        "EIP 3.35.100.",
        "my-bastion-host-sg",
        "my-private-ec2-sg",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
    for node in &scene.nodes {
        if let Shape::Text(line) = &node.shape {
            assert!(line_width(line) <= usize::from(node.area.width), "cut: {line}");
        }
    }
}

/// Chapter 6, all of it, as its steps show it.
fn scaled(stands: fn(&Desired) -> bool) -> Stage {
    let course = stage::course();
    let desired = awslab::lab::desire::desire(
        &course,
        &stage::facts(awslab::lab::facts::Backend::Practice),
        awslab::cloud::kinds::registry(),
    );
    let mut survey = stage::survey(&desired, stands);
    let group = Key::home("auto-scaling-group", "my-asg-ec2");
    if let Some(mut live) = survey.world.get(&group).cloned() {
        let member = |zone: &str| awslab::course::model::Value::Map([("zone".to_owned(), zone.into())].into());
        let members = ["ap-northeast-2a", "ap-northeast-2c", "ap-northeast-2c"].map(member);
        live.fields.insert("instances".into(), awslab::course::model::Value::List(members.into()));
        survey.world.put(live);
    }
    Stage { desired, survey, phases: Vec::new(), step: "asg-lab.group.create" }
}

#[test]
fn chapter_6_shows_its_balancer_its_group_and_all_names_at_80x24() {
    let network = |one: &Desired| one.step.starts_with("vpc.network");
    let all = |one: &Desired| one.step.starts_with("vpc.network") || one.step.starts_with("asg-lab.");
    for (name, stands) in [("planned", network as fn(&Desired) -> bool), ("complete", all)] {
        for (lang, width, height) in [(Lang::Ko, 78, 19), (Lang::En, 78, 19), (Lang::Ko, 78, 16), (Lang::En, 100, 32)] {
            let stage = scaled(stands);
            let area = Rect::new(0, 0, width, height);
            let (buffer, scene) = stage.draw(area, lang);
            insta::assert_snapshot!(
                format!("diagram-asg-{name}-{}-{width}x{height}", lang.code()),
                super::picture(&buffer)
            );
            hold(&scene, area, name);
            let text = plain(&buffer).join("\n");
            for wanted in ["asg-alb", "asg-ec2-tg", "asg-ec2", "natgateway", "my-asg-alb-sg", "my-asg-ec2-sg", "app-c"]
            {
                assert!(height < 19 || text.contains(wanted), "{wanted} is missing:\n{text}");
            }
            // What chapter 3 makes beyond the network is not asked for here.
            assert!(!text.contains("bastion"), "{text}");
        }
    }
}

#[test]
fn a_click_finds_the_resource() {
    let (_, stage) = stages().remove(3);
    let (buffer, scene) = stage.draw(Rect::new(0, 0, 78, 16), Lang::Ko);
    let lines = plain(&buffer);
    let y = lines.iter().position(|line| line.contains("natgateway")).unwrap_or(0);
    let key = scene.at(10, u16::try_from(y).unwrap_or(0));
    assert_eq!(key, Some(&Key::home("nat-gateway", "my-natgateway")));
}
