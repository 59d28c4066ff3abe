//! Commands in the texts of the course and of the documents are real: what begins with `awslab` is understood by the program and
//! names things that exist; what begins with `aws` is understood by the AWS CLI, and runs against the practice cloud where it is complete.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use awslab::cli::Cli;
use awslab::course::model::Course;
use clap::Parser as _;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown text that people read.
fn texts() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> =
        ["README.md", "README.ko.md", "CONTRIBUTING.md", "labs/README.md"].map(|name| root().join(name)).into();
    let below =
        |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    paths.extend(below(&root().join("docs")));
    paths
        .extend(below(&root().join("labs")).into_iter().filter(|path| path.is_dir()).flat_map(|folder| below(&folder)));
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.strip_prefix(root()).unwrap().display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The commands in a text that begin with a word: lines of code blocks, and code within sentences.
fn commands(text: &str, program: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let mark = ["````", "```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {
                let line = line.trim().trim_start_matches("$ ");
                let command = line.split(" #").next().unwrap_or_default().trim();
                if command.starts_with(&format!("{program} ")) {
                    found.push(command.to_owned());
                }
            }
            (None, None) => {
                for (_, code) in line.split('`').enumerate().filter(|(at, _)| at % 2 == 1) {
                    if code.starts_with(&format!("{program} ")) {
                        found.push(code.replace("\\|", "|"));
                    }
                }
            }
        }
    }
    found
}

/// A word of a synopsis as somebody would write it; nothing when it may be left out.
fn filled(word: &str) -> Option<&str> {
    Some(match word {
        "TARGET..." | "TARGET" | "대상..." | "대상" | "vpc..." => "vpc",
        "CHAPTER" | "장" => "3",
        "STEP" | "단계" => "vpc.network.vpc",
        "SHELL" | "셸" => "bash",
        "INSTANCE" | "인스턴스" => "my-private-ec2",
        "DIR" | "폴더" => "labs",
        "NAME" | "이름" => "harbour",
        "ADDRESS" | "주소" => "203.0.113.7",
        other if other.starts_with('[') || other.ends_with(']') => return None,
        "..." => return None,
        other => other,
    })
}

/// Whether all that a command line names is there.
fn targets(course: &Course, words: &[String]) -> Result<(), String> {
    let Some(at) = words.iter().position(|word| ["run", "check", "plan", "policy", "cleanup"].contains(&word.as_str()))
    else {
        return Ok(());
    };
    for word in words[at + 1..].iter().take_while(|word| !word.starts_with('-')) {
        if course.target(word).is_none() {
            return Err(format!("there is no {word}"));
        }
    }
    Ok(())
}

#[test]
fn every_awslab_command_is_understood() {
    let course = awslab::course::load(None, awslab::cloud::kinds::registry()).unwrap();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (name, text) in texts() {
        for command in commands(&text, "awslab") {
            // Not a command line, but the beginning of what the program says.
            if command.starts_with("awslab practice:") || command.starts_with("awslab tool ...") {
                continue;
            }
            // A list of commands that are written out elsewhere, each with what it needs.
            let listed = command.contains('|');
            for one in alternatives(&command) {
                let words: Vec<String> = one.split_whitespace().filter_map(filled).map(str::to_owned).collect();
                // A text may tell how to write what it then runs.
                let told = |word: &String| {
                    text.contains(&format!("id = \"{word}\"")) || text.contains(&format!("labs new {word}"))
                };
                let foreign = words.iter().any(told);
                let parsed = Cli::try_parse_from(&words).map(|_| ()).or_else(|error| match error.kind() {
                    // The name of a group of commands.
                    clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Ok(()),
                    clap::error::ErrorKind::MissingRequiredArgument if listed => Ok(()),
                    _ => Err(error.to_string()),
                });
                let whole = parsed.and_then(|()| if foreign { Ok(()) } else { targets(&course, &words) });
                if let Err(why) = whole {
                    wrong.push(format!("{name}: {command}: {}", why.lines().next().unwrap_or_default()));
                }
                seen.insert(one);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() > 40, "{seen:?}");
}

/// `practice serve|reset` are two commands.
fn alternatives(command: &str) -> Vec<String> {
    let Some(word) = command.split_whitespace().find(|word| word.contains('|') && !word.starts_with('[')) else {
        return vec![command.to_owned()];
    };
    word.split('|').map(|one| command.replace(word, one)).collect()
}

#[test]
fn every_aws_command_is_understood_by_the_aws_cli() {
    let Some(venv) = crate::support::python_tools("every_aws_command_is_understood_by_the_aws_cli") else { return };
    let mut seen = BTreeSet::new();
    for (name, text) in texts() {
        // Examples of how awslab itself is called have `aws` in them too.
        for command in commands(&text, "aws").into_iter().filter(|command| !command.contains("...")) {
            if !seen.insert(command.clone()) {
                continue;
            }
            let placeholder = |word: &str| word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            let words: Vec<String> = command
                .split_whitespace()
                .skip(1)
                .map(|word| {
                    if placeholder(word) {
                        "i-0123456789abcdef0".to_owned()
                    } else {
                        word.trim_matches('\'').to_owned()
                    }
                })
                .collect();
            // With a skeleton of the answer the CLI checks every argument and asks nobody.
            let output = Command::new(venv.join("bin/aws"))
                .args(&words)
                .args(["--generate-cli-skeleton", "output", "--region", "ap-northeast-2"])
                .env("AWS_ACCESS_KEY_ID", "test")
                .env("AWS_SECRET_ACCESS_KEY", "test")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{name}: {command}\n{said}");
        }
    }
}
