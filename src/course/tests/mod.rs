//! Tests of the loader and the linter, with a schema of their own: this room knows no AWS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod broken;
mod noise;
mod voice;

use std::collections::BTreeMap;

use super::schema::{Field, FieldType, Schema};
use super::*;

/// The kinds that the embedded course uses, as the contract has them.
struct Contract;

const fn field(name: &'static str, kind: FieldType) -> Field {
    Field::new(name, kind, ("항목", "field"))
}

static KINDS: &[(&str, &[Field])] = &[
    (
        "vpc",
        &[
            field("cidr", FieldType::Cidr),
            field("dns_support", FieldType::Bool).optional(),
            field("dns_hostnames", FieldType::Bool).optional(),
        ],
    ),
    (
        "subnet",
        &[
            field("vpc", FieldType::Ref("vpc")),
            field("cidr", FieldType::Cidr),
            field("zone", FieldType::Zone),
            field("public_ip_on_launch", FieldType::Bool).optional(),
        ],
    ),
    ("internet-gateway", &[field("vpc", FieldType::Ref("vpc"))]),
    ("route-table", &[field("vpc", FieldType::Ref("vpc"))]),
    (
        "route",
        &[
            field("table", FieldType::Ref("route-table")),
            field("destination", FieldType::Cidr),
            field("target", FieldType::RefOf(&["internet-gateway", "nat-gateway"])),
        ],
    ),
    (
        "route-table-association",
        &[field("table", FieldType::Ref("route-table")), field("subnet", FieldType::Ref("subnet"))],
    ),
    ("elastic-ip", &[]),
    ("nat-gateway", &[field("subnet", FieldType::Ref("subnet")), field("address", FieldType::Ref("elastic-ip"))]),
    ("security-group", &[field("vpc", FieldType::Ref("vpc")), field("description", FieldType::Text)]),
    (
        "security-group-rule",
        &[
            field("group", FieldType::Ref("security-group")),
            field("protocol", FieldType::Word(&["tcp", "udp", "icmp", "all"])),
            field("port", FieldType::Int).optional(),
            field("to_port", FieldType::Int).optional(),
            field("source", FieldType::Source),
        ],
    ),
    ("key-pair", &[]),
    ("image", &[field("parameter", FieldType::Text)]),
    (
        "instance",
        &[
            field("image", FieldType::Ref("image")),
            field("type", FieldType::Text),
            field("subnet", FieldType::Ref("subnet")),
            field("groups", FieldType::Refs("security-group")),
            field("key", FieldType::Ref("key-pair")).optional(),
            field("disk", FieldType::Int).optional(),
            field("user_data", FieldType::Text).optional(),
            field("profile", FieldType::Ref("instance-profile")).optional(),
            field("monitoring", FieldType::Bool).optional(),
        ],
    ),
    (
        "elastic-ip-association",
        &[field("address", FieldType::Ref("elastic-ip")), field("instance", FieldType::Ref("instance")).when_ready()],
    ),
    ("iam-role", &[field("service", FieldType::Text).optional(), field("policies", FieldType::Texts)]),
    ("instance-profile", &[field("role", FieldType::Ref("iam-role"))]),
    (
        "own-image",
        &[
            field("instance", FieldType::Ref("instance")),
            field("no_reboot", FieldType::Bool).optional(),
            field("description", FieldType::Text).optional(),
        ],
    ),
    (
        "launch-template",
        &[
            field("image", FieldType::Ref("own-image")),
            field("type", FieldType::Text),
            field("groups", FieldType::Refs("security-group")),
            field("key", FieldType::Ref("key-pair")).optional(),
            field("profile", FieldType::Ref("instance-profile")).optional(),
            field("monitoring", FieldType::Bool).optional(),
        ],
    ),
    (
        "target-group",
        &[
            field("vpc", FieldType::Ref("vpc")),
            field("protocol", FieldType::Word(&["HTTP"])),
            field("port", FieldType::Int),
            field("health_path", FieldType::Text),
            field("health_port", FieldType::Text).optional(),
            field("matcher", FieldType::Text).optional(),
            field("deregistration_delay", FieldType::Int).optional(),
        ],
    ),
    (
        "load-balancer",
        &[
            field("subnets", FieldType::Refs("subnet")),
            field("groups", FieldType::Refs("security-group")),
            field("scheme", FieldType::Word(&["internet-facing", "internal"])).optional(),
        ],
    ),
    (
        "listener",
        &[
            field("balancer", FieldType::Ref("load-balancer")),
            field("protocol", FieldType::Word(&["HTTP"])),
            field("port", FieldType::Int),
            field("target", FieldType::Ref("target-group")),
        ],
    ),
    ("target", &[field("target_group", FieldType::Ref("target-group")), field("instance", FieldType::Ref("instance"))]),
    (
        "auto-scaling-group",
        &[
            field("template", FieldType::Ref("launch-template")),
            field("subnets", FieldType::Refs("subnet")),
            field("target_groups", FieldType::Refs("target-group")).optional(),
            field("min", FieldType::Int),
            field("max", FieldType::Int),
            field("desired", FieldType::Int).optional(),
            field("health_check", FieldType::Word(&["EC2", "ELB"])).optional(),
            field("grace", FieldType::Int).optional(),
            field("node_name", FieldType::Text).optional(),
        ],
    ),
    (
        "scaling-policy",
        &[
            field("group", FieldType::Ref("auto-scaling-group")),
            field("metric", FieldType::Word(&["ASGAverageCPUUtilization"])),
            field("target", FieldType::Int),
            field("warmup", FieldType::Int).optional(),
        ],
    ),
    ("metrics-collection", &[field("group", FieldType::Ref("auto-scaling-group"))]),
];

impl Schema for Contract {
    fn fields(&self, kind: &str) -> Option<&'static [Field]> {
        KINDS.iter().find(|(name, _)| *name == kind).map(|(_, fields)| *fields)
    }

    fn kinds(&self) -> Vec<&'static str> {
        KINDS.iter().map(|(name, _)| *name).collect()
    }
}

/// A small course that no author edits, so that what is said of its faults does not move with the texts of `labs/`.
const FIXTURE: [(&str, &str); 5] = [
    ("course.toml", include_str!("fixture/course.toml")),
    ("glossary.toml", include_str!("fixture/glossary.toml")),
    ("03-net/chapter.toml", include_str!("fixture/03-net/chapter.toml")),
    ("03-net/guide.ko.md", include_str!("fixture/03-net/guide.ko.md")),
    ("03-net/guide.en.md", include_str!("fixture/03-net/guide.en.md")),
];

/// The small course with one text replaced in one file.
fn altered(path: &str, from: &str, to: &str) -> Library {
    let alter = |file: &str, text: &str| {
        assert!(file != path || text.contains(from), "{path} has no {from:?}");
        if file == path { text.replacen(from, to, 1) } else { text.to_owned() }
    };
    let texts = FIXTURE.map(|(file, text)| (file, alter(file, text)));
    Library::from_texts(&texts.iter().map(|(file, text)| (*file, text.as_str())).collect::<Vec<_>>())
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.to_string()).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn the_small_course_of_the_tests_has_no_fault() {
    let problems = lint_library(&Library::from_texts(&FIXTURE), &Contract);
    assert!(problems.is_empty(), "{}", shown(&problems));
}

#[test]
fn every_folder_of_labs_is_embedded() {
    let library = Library::embedded();
    let read = Library::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("labs")).expect("labs/");
    // The order of files is that of faults; the seeded mistakes inside the binary come last.
    let texts = |library: &Library| {
        library.files.iter().map(|f| (f.path.clone(), f.text.to_string())).collect::<BTreeMap<_, _>>()
    };
    let (embedded, on_disk) = (texts(&library), texts(&read));
    assert_eq!(embedded.keys().collect::<Vec<_>>(), on_disk.keys().collect::<Vec<_>>());
    for (path, text) in &embedded {
        assert!(on_disk.get(path) == Some(text), "{path} differs");
    }
}
