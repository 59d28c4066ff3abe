//! What the documents say is true: the example step of CONTRIBUTING.md, the commands of both READMEs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use awslab::cli::Cli;
use awslab::cloud::kinds;
use awslab::course;
use clap::CommandFactory as _;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The pieces of the example: the file that each is appended to, and the text. `~~~` stands for a fence in a fence.
fn pieces() -> Vec<(String, String)> {
    let text = read("CONTRIBUTING.md");
    text.split("Append to `labs/")
        .skip(1)
        .map(|part| {
            let (file, rest) = part.split_once('`').unwrap();
            let (_, rest) = rest.split_once("\n```").unwrap();
            let (_, rest) = rest.split_once('\n').unwrap();
            let (piece, _) = rest.split_once("\n```\n").unwrap();
            (file.to_owned(), piece.replace("~~~", "```"))
        })
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}

/// The course with these pieces appended.
fn course_with(pieces: &[(String, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("labs"), dir.path());
    for (file, piece) in pieces {
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}\n{piece}\n")).unwrap();
    }
    dir
}

#[test]
fn the_example_step_is_a_step() {
    let pieces = pieces();
    assert_eq!(pieces.len(), 3, "chapter.toml and both guides");
    let labs = course_with(&pieces);
    let problems = course::lint(Some(labs.path()), kinds::registry());
    assert!(problems.is_empty(), "{problems:#?}");
    let course = course::load(Some(labs.path()), kinds::registry()).unwrap();
    assert_eq!(course.target("vpc.peering.near").unwrap()[0].resources.len(), 1);
    // Each piece is needed: the linter sees when one is missing.
    for at in 0..pieces.len() {
        let mut fewer = pieces.clone();
        fewer.remove(at);
        let labs = course_with(&fewer);
        assert!(!course::lint(Some(labs.path()), kinds::registry()).is_empty(), "without {}", pieces[at].0);
    }
}

/// The command words of a README's table: `awslab plan TARGET...` is `plan`.
fn commands(readme: &str) -> BTreeSet<String> {
    readme
        .lines()
        .filter(|line| line.starts_with("| `awslab"))
        .flat_map(|line| {
            line.split('`')
                .skip(1)
                .step_by(2)
                .filter(|code| code.starts_with("awslab "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter_map(|code| code.split_whitespace().nth(1).map(str::to_owned))
        .collect()
}

#[test]
fn both_readmes_name_every_command_and_no_other() {
    let real: BTreeSet<String> =
        Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for readme in ["README.md", "README.ko.md"] {
        assert_eq!(commands(&read(readme)), real, "{readme}");
    }
}

#[test]
fn files_that_documents_name_exist() {
    for document in [
        "README.md",
        "README.ko.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/by-hand.md",
        "docs/moto.md",
        "labs/README.md",
    ] {
        let folder = root().join(document);
        let folder = folder.parent().unwrap();
        let text = read(document);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            assert!(link.contains("://") || folder.join(link).exists(), "{document} links to {link}");
        }
        for code in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "tests/", "assets/", "docs/", "benches/"].iter().any(|head| code.starts_with(head));
            if is_path && !code.contains(['{', '*', ' ', '<']) {
                assert!(root().join(code).exists(), "{document} names {code}");
            }
        }
    }
}

/// The pictures of the monitor are made of this recording (docs/picture): it must be readable, and end after a scale-out.
#[test]
fn the_recording_of_the_monitor_tells_of_a_scale_out() {
    let snapshots = awslab::lab::watch::record::read("docs/story.jsonl", &read("docs/story.jsonl")).unwrap();
    let history = awslab::lab::watch::History::of(&snapshots);
    let moment = history.moment(None);
    assert_eq!((moment.sizes().in_service, moment.healthy()), (2, [2, 2]));
    assert!(moment.activities().iter().any(|one| one.launches() && one.cause.contains("AlarmHigh")));
    assert_eq!(moment.loads().count(), 1);
    for lang in ["ko", "en"] {
        let picture = read(&format!("docs/monitor.{lang}.svg"));
        for word in [history.name.as_str(), "AlarmHigh", "1→2", "2/2"] {
            assert!(picture.contains(word), "docs/monitor.{lang}.svg has no {word}: run docs/picture");
        }
    }
}

/// `FILE: NAME` of docs/practice.md: the file, and the test or the line in it that holds the behaviour of the row.
#[test]
fn the_tests_that_the_practice_document_names_are_there() {
    let text = read("docs/practice.md");
    let named: Vec<(&str, &str)> =
        text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(": ")).collect();
    let named: Vec<_> =
        named.into_iter().filter(|(file, _)| file.starts_with("src/") || file.starts_with("tests/")).collect();
    assert!(named.len() > 40, "{}", named.len());
    for (file, name) in named {
        let source = read(file);
        let there =
            if file.ends_with(".rs") { source.contains(&format!("fn {name}()")) } else { source.contains(name) };
        assert!(there, "{file} has no {name}");
    }
}

#[test]
fn the_course_in_the_binary_loads_and_the_linter_finds_nothing() {
    let course = awslab::course::load(None, awslab::cloud::kinds::registry()).unwrap();
    assert_eq!(course.step("vpc.network.nat").unwrap().number, "3.2.5");
    let problems = awslab::course::lint(Some(&root().join("labs")), awslab::cloud::kinds::registry());
    assert!(problems.is_empty(), "{problems:#?}");
}
