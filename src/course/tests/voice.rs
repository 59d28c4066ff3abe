//! The program speaks with the course's words: one glossary, one tone, in the sources' Korean too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};

use super::*;

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a directory").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests" && name != "lint") {
            files(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs" || ext == "toml") {
            out.push(path);
        }
    }
}

#[test]
fn sources_use_the_glossary_and_the_same_tone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("src"), &mut paths);
    files(&root.join("assets"), &mut paths);
    paths.push(root.join("README.ko.md"));
    let faults = Faults::default();
    let library = Library::embedded();
    let tree = tree::read(&library, &faults).expect("the course");
    let mut avoid: Vec<(&str, &str)> = tree
        .terms
        .iter()
        .flat_map(|term| term.avoid[0].iter().map(|word| (word.value.as_str(), term.word.ko.value.as_str())))
        .collect();
    avoid.push(("십시오", "세요"));
    let mut found = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a text file");
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, words) in program.lines().enumerate().filter(|(_, line)| !line.is_ascii()) {
            for (wrong, right) in avoid.iter().filter(|(wrong, _)| words.contains(wrong)) {
                let path = path.strip_prefix(root).unwrap_or(&path).display();
                found.push(format!("{path}:{}: `{wrong}`: write `{right}`", line + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
