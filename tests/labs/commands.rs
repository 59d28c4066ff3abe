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

/// What the lab guides show beside commands of `awslab` and of the AWS CLI, as it begins, and where it is run.
const OTHERS: [(&str, Run); 12] = [
    ("ssh-keygen -t ed25519 -f my-ec2-keypair", Run::Here("ssh-keygen -q -N '' -t ed25519 -f my-ec2-keypair")),
    ("chmod 600", Run::Here("touch key; chmod 600 key")),
    // `-G` reads the command line as ssh does, says what would be done, and connects to nothing.
    ("ssh -J ec2-user@", Run::Here("ssh -G -J ec2-user@192.0.2.1 ec2-user@10.1.11.4")),
    ("ssh -J", Run::Here("ssh -G -J ec2-user@192.0.2.1 ec2-user@10.1.11.4")),
    ("ssh -i ", Run::Here("ssh -G -i key ec2-user@192.0.2.1")),
    ("ssh-add ", Run::Here("ssh-keygen -q -N '' -t ed25519 -f k; eval $(ssh-agent); ssh-add k; ssh-agent -k")),
    ("curl -s https://checkip.amazonaws.com", Run::On("curl -s https://checkip.amazonaws.com")),
    ("ping -c 3", Run::Beyond("ping -c 3 {}")),
    ("curl -i http://", Run::On("curl -i http://{address}/")),
    (
        "systemd-run --unit=lab-stress --collect stress -c $(nproc) -t 900",
        Run::On("systemd-run --unit=lab-stress --collect stress -c $(nproc) -t 900"),
    ),
    ("systemctl stop lab-stress", Run::On("systemctl stop lab-stress")),
    ("stress -c 1", Run::On("stress -c 1")),
];

/// Where a command is run.
#[derive(Clone, Copy)]
enum Run {
    /// Now, by bash, in an empty folder.
    Here(&'static str),
    /// On a practice instance, by the tests of `world::host`.
    On(&'static str),
    /// From one practice region to the other, by the tests of peering.
    Beyond(&'static str),
}

/// Programs that a guide may tell people to type.
const PROGRAMS: [&str; 14] = [
    "ssh",
    "ssh-add",
    "ssh-keygen",
    "scp",
    "chmod",
    "curl",
    "ping",
    "dig",
    "nslookup",
    "mysql",
    "stress",
    "systemctl",
    "systemd-run",
    "sudo",
];

/// The guides of the labs, in Korean and in English.
fn guides() -> Vec<(String, String)> {
    texts().into_iter().filter(|(name, _)| name.starts_with("labs/0") && name.contains("guide.")).collect()
}

#[test]
fn every_other_command_is_run_somewhere() {
    let mut seen = BTreeSet::new();
    for (name, text) in guides() {
        for command in PROGRAMS.iter().flat_map(|program| commands(&text, program)) {
            let known = OTHERS.iter().position(|(begin, _)| command.starts_with(begin));
            seen.insert(known.unwrap_or_else(|| panic!("{name}: nothing runs {command}")));
        }
    }
    let stale: Vec<&str> = (0..OTHERS.len()).filter(|at| !seen.contains(at)).map(|at| OTHERS[at].0).collect();
    assert!(stale.is_empty(), "no guide shows {stale:?}");
    for (begin, run) in OTHERS {
        let (file, text) = match run {
            Run::Here(line) => {
                let folder = tempfile::tempdir().unwrap();
                let output = Command::new("bash").args(["-euc", line]).current_dir(folder.path()).output().unwrap();
                assert!(output.status.success(), "{begin}: {}", String::from_utf8_lossy(&output.stderr));
                continue;
            }
            Run::On(text) => ("src/practice/world/host/tests.rs", text),
            Run::Beyond(text) => ("src/practice/services/ec2/tests/beyond.rs", text),
        };
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(source.contains(text), "{begin}: {file} does not run {text}");
    }
}

fn type_in(home: &Path, words: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_awslab"))
        .args(words)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("AWSLAB_HOME", home)
        .env("AWSLAB_LANG", "en")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&said));
}

/// What the lab guides tell people to type, typed in the order of the guides by somebody who agrees to everything: it takes as long
/// as sixty commands take, because it is what each page promises.
#[test]
fn every_awslab_command_of_the_labs_does_what_it_says() {
    let home = tempfile::tempdir().unwrap();
    let mut typed: BTreeSet<String> = BTreeSet::new();
    let shown = |lang: &str| -> Vec<String> {
        let of_lang = guides().into_iter().filter(|(name, _)| name.ends_with(&format!("guide.{lang}.md")));
        let texts: Vec<String> = of_lang.map(|(_, text)| text).collect();
        let pages = texts.iter().flat_map(|text| text.split("\n# "));
        // A page may show first what its step, run by its last hint, makes possible.
        pages
            .flat_map(|page| {
                let mut shown = commands(page, "awslab");
                shown.sort_by_key(|command| !command.starts_with("awslab run"));
                shown
            })
            .collect()
    };
    let (ko, en) = (shown("ko"), shown("en"));
    let all = |commands: &[String]| commands.iter().cloned().collect::<BTreeSet<String>>();
    assert_eq!(all(&ko), all(&en), "both languages show the same commands");
    // The pictures' tools are run in tests/tools, the monitor in tests/pty; AWS is not there.
    let elsewhere = |command: &str| {
        ["awslab tool ", "awslab monitor ", "awslab quiz", "awslab --aws"].iter().any(|one| command.starts_with(one))
    };
    for command in en.into_iter().filter(|command| !elsewhere(command)) {
        if !typed.insert(command.clone()) {
            continue;
        }
        let mut words: Vec<&str> = command.split_whitespace().skip(1).collect();
        match words[0] {
            "run" => words.extend(["--yes", "--speed", "1000"]),
            "load" | "cleanup" => words.push("--yes"),
            _ => {}
        }
        type_in(home.path(), &words);
        // Taken off load shows after a while, as the page says.
        if words[0] == "load" {
            type_in(home.path(), &["practice", "clock", "--advance", "45m"]);
        }
    }
    assert!(typed.len() > 50, "{typed:?}");
}
