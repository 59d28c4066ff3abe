//! Holds the house to its plan (`docs/architecture.md`): who may import whom, what a pure room may not touch, how long
//! a file may be, and that every text of the course exists in both languages.
//!
//! The scanner is simple on purpose: it drops comments and strings, then looks at paths. It sees `use crate::a`,
//! `crate::{a, b}`, `awslab::a` and `super::super::a`; macros that build paths it does not see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

/// Who may import whom. A room that is not here fails the test, so that a new room gets its rule.
/// `i18n` and `problem` are the common vocabulary; `config`, `paths` and `logging` belong to the binary's side.
const RULES: &[(&str, &[&str])] = &[
    ("i18n", &[]),
    ("problem", &["i18n"]),
    ("reach", &[]),
    ("scaling", &[]),
    ("course", &["i18n", "problem"]),
    ("lab", &["course", "reach", "scaling", "i18n", "problem"]),
    // Addresses, handshakes, journeys: the packet player has the words of `lab::reach`.
    ("lesson", &["lab", "reach", "i18n", "problem"]),
    ("cloud", &["lab", "course", "i18n", "problem"]),
    ("practice", &["reach", "scaling"]),
    ("store", &["lab", "course", "i18n", "problem"]),
    ("engine", &["cloud", "store", "lab", "course", "practice", "i18n", "problem", "paths"]),
    ("input", &["i18n", "problem"]),
    ("view", &["lab", "scaling", "course", "input", "i18n", "problem"]),
    ("screens", &["lab", "scaling", "lesson", "reach", "course", "input", "view", "i18n", "problem"]),
    ("app", &["screens", "lab", "course", "input", "view", "i18n", "problem"]),
    ("term", &["i18n", "problem", "input"]),
    (
        "runtime",
        &[
            "app", "screens", "term", "cloud", "store", "lab", "course", "engine", "input", "view", "i18n", "problem",
            "config", "paths", "logging",
        ],
    ),
    ("paths", &["i18n", "problem"]),
    // What a command is run with: the command line and the environment, put together.
    ("config", &["cli", "engine", "cloud", "course", "i18n", "problem", "paths"]),
    ("logging", &["i18n", "problem", "paths"]),
    ("cli", &["i18n", "problem", "engine", "lab", "course", "commands", "config", "paths"]),
    (
        "commands",
        &[
            "cli", "engine", "cloud", "practice", "store", "lab", "course", "reach", "lesson", "term", "runtime",
            "view", "input", "i18n", "problem", "config", "paths", "logging",
        ],
    ),
];

/// Words that a pure room must not have: no runtime, no SDK, no files, no clock, no environment.
const IMPURE: &[&str] = &[
    "tokio",
    "aws_",
    "std::fs",
    "std::env",
    "std::process",
    "std::net::Tcp",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "rusqlite",
];

/// The pure rooms.
const PURE: &[&str] = &["app", "screens", "view", "input", "lab", "lesson", "reach", "scaling"];

/// Longest file in `src`, in lines.
const LONGEST: usize = 800;

/// Where a file begins to want a second look.
const LONG: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            walk(&entry, found);
        } else {
            found.push(entry);
        }
    }
}

/// All files under some folders, relative to the root, sorted.
fn files(folders: &[&str], extensions: &[&str]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for folder in folders {
        walk(&root().join(folder), &mut paths);
    }
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted)))
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn sources() -> Vec<(String, String)> {
    files(&["src"], &["rs"])
}

/// The module path of a file of `src`: `src/lab/reach/text.rs` is `lab::reach::text`.
fn module(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The source without comments and with empty string literals.
fn strip(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    while let Some(&c) = chars.get(at) {
        if starts(at, "//") {
            while chars.get(at).is_some_and(|c| *c != '\n') {
                at += 1;
            }
        } else if starts(at, "/*") {
            let mut depth = 0;
            loop {
                if starts(at, "/*") {
                    depth += 1;
                    at += 2;
                } else if starts(at, "*/") {
                    depth -= 1;
                    at += 2;
                } else {
                    at += 1;
                }
                if depth == 0 || at >= chars.len() {
                    break;
                }
            }
        } else if c == 'r' && (starts(at, "r\"") || starts(at, "r#")) && raw_hashes(&chars, at).is_some() {
            let hashes = raw_hashes(&chars, at).unwrap();
            let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            at += 2 + hashes;
            while at < chars.len() && !starts(at, &end) {
                at += 1;
            }
            at += 1 + hashes;
            out.push_str("\"\"");
        } else if c == '"' {
            at += 1;
            while chars.get(at).is_some_and(|c| *c != '"') {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
            out.push_str("\"\"");
        } else if c == '\'' && (starts(at + 1, "\\") || chars.get(at + 2) == Some(&'\'')) {
            at += if chars.get(at + 1) == Some(&'\\') { 3 } else { 2 };
            while chars.get(at).is_some_and(|c| *c != '\'') {
                at += 1;
            }
            at += 1;
        } else {
            out.push(c);
            at += 1;
        }
    }
    out
}

/// How many `#` a raw string at this place has, if it is one.
fn raw_hashes(chars: &[char], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).and_then(|i| chars.get(i));
    if before.is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        return None;
    }
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    (chars.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}

/// The top-level modules of the crate that a stripped source names.
fn imports(stripped: &str, module: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for root in ["crate::", "awslab::"] {
        for (at, _) in stripped.match_indices(root) {
            let whole = !stripped[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if whole {
                heads(&stripped[at + root.len()..], &mut found);
            }
        }
    }
    let mut rest = stripped;
    while let Some(at) = rest.find("super::") {
        let mut ups = 0;
        let mut path = &rest[at..];
        while let Some(next) = path.strip_prefix("super::") {
            ups += 1;
            path = next;
        }
        if ups >= module.len() {
            heads(path, &mut found);
        }
        rest = path;
    }
    found
}

/// The first segments of a path or of a group of paths: `a::b` is `a`; `{a::b, c}` is `a` and `c`.
fn heads(path: &str, found: &mut BTreeSet<String>) {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else {
        found.insert(word(path));
        return;
    };
    let mut depth = 0_i32;
    let mut fresh = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && depth == 0 && !c.is_whitespace() => {
                found.insert(word(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
}

#[test]
fn rooms_import_only_whom_they_may() {
    let sources = sources();
    let rooms: BTreeSet<String> = sources
        .iter()
        .map(|(file, _)| module(file))
        .filter(|module| !["lib", "main"].contains(&module[0].as_str()))
        .map(|module| module[0].clone())
        .collect();
    let rules: BTreeMap<&str, &[&str]> = RULES.iter().copied().collect();
    let mut wrong = Vec::new();
    for room in &rooms {
        if !rules.contains_key(room.as_str()) {
            wrong.push(format!(
                "src/{room} is a new room: give it a rule in tests/architecture.rs and docs/architecture.md"
            ));
        }
    }
    for (file, source) in &sources {
        let module = module(file);
        let Some(allowed) = rules.get(module[0].as_str()) else { continue };
        for import in imports(&strip(source), &module) {
            if rooms.contains(&import) && import != module[0] && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{file} imports {import}; {} may import {allowed:?}", module[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn only_cloud_names_the_sdk() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(file, _)| !file.starts_with("src/cloud/"))
        .filter(|(_, source)| {
            let stripped = strip(source);
            stripped.contains("aws_sdk_") || stripped.contains("aws_config")
        })
        .map(|(file, _)| file)
        .collect();
    assert!(wrong.is_empty(), "aws_sdk_* and aws_config belong to src/cloud: {wrong:?}");
}

#[test]
fn the_practice_cloud_is_plugged_in_at_one_place() {
    let plugs: Vec<String> = sources()
        .into_iter()
        .filter(|(file, source)| !file.starts_with("src/practice/") && strip(source).contains("connector::"))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(plugs, ["src/engine/open.rs"], "who gives the SDK the practice cloud's HTTP client");
}

#[test]
fn pure_rooms_stay_pure() {
    let mut wrong = Vec::new();
    for (file, source) in sources() {
        let room = module(&file)[0].clone();
        if !PURE.contains(&room.as_str()) || is_test(&file) {
            continue;
        }
        let stripped = strip(before_tests(&source));
        for word in IMPURE {
            if stripped.contains(word) {
                wrong.push(format!("{file} has {word}; {room} is pure"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

/// The source up to its inline test module.
fn before_tests(source: &str) -> &str {
    source.find("#[cfg(test)]\nmod tests {").map_or(source, |at| &source[..at])
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let mut wrong = Vec::new();
    for (file, source) in sources() {
        let lines = source.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{file}: {lines} lines; split it along a seam that has a name (at most {LONGEST})"));
        } else if lines > LONG {
            println!("{file}: {lines} lines");
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_promises() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(file, source)| !is_test(file) && !source.trim_start().starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert!(wrong.is_empty(), "no module docs at the head of {wrong:?}");
}

#[test]
fn the_project_stands_alone() {
    let outside = concat!("..", "/shared");
    let extensions = ["rs", "toml", "md", "py", "sh", "json", "svg", "txt"];
    let mut all = files(&["src", "tests", "labs", "assets", "docs", "benches", "tools", ".ci"], &extensions);
    for file in ["README.md", "README.ko.md", "CONTRIBUTING.md", "Cargo.toml", "tests/run", ".ci/run"] {
        if let Ok(text) = fs::read_to_string(root().join(file)) {
            all.push((file.to_owned(), text));
        }
    }
    let wrong: Vec<&String> = all.iter().filter(|(_, text)| text.contains(outside)).map(|(file, _)| file).collect();
    assert!(wrong.is_empty(), "these mention {outside}: {wrong:?}");
}

#[test]
fn hangul_is_composed() {
    let mut all = files(&["src", "labs", "assets", "docs"], &["rs", "toml", "md"]);
    all.push(("README.ko.md".into(), fs::read_to_string(root().join("README.ko.md")).unwrap_or_default()));
    let decomposed = |text: &str| {
        text.lines().position(|line| {
            line.chars().any(|c| ('\u{1100}'..='\u{11ff}').contains(&c)) && !line.nfc().eq(line.chars())
        })
    };
    let wrong: Vec<String> =
        all.iter().filter_map(|(file, text)| decomposed(text).map(|line| format!("{file}:{}", line + 1))).collect();
    assert!(wrong.is_empty(), "not NFC: {wrong:?}");
}

/// The keys of a TOML table, dotted.
fn keys(prefix: &str, table: &toml::Table, found: &mut BTreeSet<String>) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => keys(&name, inner, found),
            _ => {
                found.insert(name);
            }
        }
    }
}

#[test]
fn every_label_exists_in_both_languages() {
    let [ko, en] = ["ko", "en"].map(|lang| {
        let text = fs::read_to_string(root().join(format!("assets/ui.{lang}.toml"))).unwrap();
        let mut found = BTreeSet::new();
        keys("", &toml::from_str(&text).unwrap(), &mut found);
        found
    });
    assert!(!ko.is_empty());
    let only: Vec<&String> = ko.symmetric_difference(&en).collect();
    assert!(only.is_empty(), "labels in one language only: {only:?}");
}

#[test]
fn every_chapter_has_both_guides() {
    let mut chapters = 0;
    for entry in fs::read_dir(root().join("labs")).unwrap() {
        let dir = entry.unwrap().path();
        if !dir.is_dir() {
            continue;
        }
        chapters += 1;
        let headings = ["ko", "en"].map(|lang| {
            let path = dir.join(format!("guide.{lang}.md"));
            let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            text.lines().filter(|line| line.starts_with("# ") || line.starts_with("## ")).count()
        });
        assert!(headings[0] > 0, "{} has no headings", dir.display());
        assert_eq!(headings[0], headings[1], "{}: the guides have different headings", dir.display());
    }
    assert!(chapters > 0);
}

/// The scanner itself must be able to see a fault.
mod scanner {
    use super::{before_tests, imports, module, strip};

    fn seen(file: &str, source: &str) -> Vec<String> {
        imports(&strip(source), &module(file)).into_iter().collect()
    }

    #[test]
    fn sees_every_way_to_write_a_path() {
        assert_eq!(seen("src/view/a.rs", "use crate::engine::Engine;"), ["engine"]);
        assert_eq!(
            seen("src/view/a.rs", "use crate::{engine::{Engine, Survey}, lab::kind, i18n};"),
            ["engine", "i18n", "lab"]
        );
        assert_eq!(seen("src/view/a.rs", "fn f() { crate::cloud::go() }"), ["cloud"]);
        assert_eq!(seen("src/view/a.rs", "fn f(x: &awslab::store::Store) {}"), ["store"]);
        assert_eq!(seen("src/view/mod.rs", "use super::engine::Engine;"), ["engine"]);
        assert_eq!(seen("src/view/a.rs", "use super::super::engine::Engine;"), ["engine"]);
        assert!(seen("src/view/a.rs", "use super::text::width;").is_empty());
        assert!(seen("src/view/a.rs", "use my_crate::engine;").is_empty());
    }

    #[test]
    fn does_not_see_comments_and_strings() {
        let source = "//! [`crate::engine`]\n/* crate::cloud /* crate::store */ */\nlet a = \"crate::app \\\" crate::term\";\
            let b = r#\"crate::practice \" \"#; let c = '\"'; let d = '\\''; fn f<'a>(x: &'a str) { crate::lab::x() }";
        assert_eq!(seen("src/view/a.rs", source), ["lab"]);
    }

    #[test]
    fn leaves_inline_tests_out() {
        assert_eq!(before_tests("code\n#[cfg(test)]\nmod tests {\n x }"), "code\n");
        assert_eq!(before_tests("#[cfg(test)]\nmod tests;\ncode"), "#[cfg(test)]\nmod tests;\ncode");
    }
}
