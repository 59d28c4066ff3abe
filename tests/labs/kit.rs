//! `awslab labs test` and `labs new`, as an author runs them.

use std::path::Path;
use std::process::{Command, Output};

fn awslab(home: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_awslab"))
        .args(words)
        .current_dir(home)
        .env("AWSLAB_HOME", home.join("state"))
        .env("AWSLAB_LANG", "en")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn green(home: &Path, words: &[&str]) -> String {
    let output = awslab(home, words);
    assert!(output.status.success(), "awslab {}:\n{}", words.join(" "), text(&output));
    text(&output)
}

/// Every chapter inside the program: unsolved, solved, by hand, mistakes, down to zero, pages.
#[test]
fn every_chapter_passes_its_trials() {
    let home = tempfile::tempdir().unwrap();
    let said = green(home.path(), &["labs", "test"]);
    let mistakes = said.lines().filter(|line| line.starts_with("✓") && line.contains(": mistake ")).count();
    assert!(mistakes >= 60, "{mistakes} mistakes:\n{said}");
    assert!(!home.path().join("state/practice.db").exists(), "the author's own practice cloud was touched");
}

#[test]
fn a_new_chapter_begins_green() {
    let home = tempfile::tempdir().unwrap();
    green(home.path(), &["labs", "new", "harbour"]);
    let said = green(home.path(), &["--labs", "labs", "labs", "test"]);
    for line in ["1 harbour: starts unsolved", "1 harbour: is solved by its calls", "1 harbour: cleans to zero"] {
        assert!(said.contains(&format!("✓ {line}")), "{said}");
    }
    assert!(said.contains("✓ harbour.first.vpc: mistake another-range"), "{said}");
    // The second chapter gets the next number, and no name is taken twice.
    green(home.path(), &["labs", "new", "tower"]);
    assert!(home.path().join("labs/02-tower/guide.ko.md").exists());
    let again = awslab(home.path(), &["labs", "new", "tower"]);
    assert_eq!(again.status.code(), Some(2), "{}", text(&again));
    let odd = awslab(home.path(), &["labs", "new", "Two Words"]);
    assert_eq!(odd.status.code(), Some(2), "{}", text(&odd));
    green(home.path(), &["--labs", "labs", "labs", "lint"]);
    green(home.path(), &["--labs", "labs", "run", "harbour", "--yes", "--speed", "1000"]);
}

/// What is wrong with a chapter is told with its place, and the exit code is 1.
#[test]
fn a_check_that_misses_a_mistake_is_told() {
    let home = tempfile::tempdir().unwrap();
    green(home.path(), &["labs", "new", "harbour"]);
    let file = home.path().join("labs/01-harbour/mistakes.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    for (from, to, told) in [
        // Another check than the one that fails.
        ("check = \"vpc-range\"", "check = \"vpc-there\"", "The check `vpc-there` does not catch it"),
        // A word that the text does not say.
        ("says = [\"my-harbour-vpc\", \"10.91", "says = [\"router\", \"10.91", "does not say `router`"),
        // It cannot be mended in place.
        ("mend = \"hand\"", "mend = \"run\"", "Write `mend = \"hand\"`"),
        // No mistake at all.
        ("cidr = \"10.91.0.0/16\"", "cidr = \"10.90.0.0/16\"", "The check `vpc-range` does not catch it"),
    ] {
        std::fs::write(&file, good.replace(from, to)).unwrap();
        let output = awslab(home.path(), &["--labs", "labs", "labs", "test"]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains(told), "{told} is not in:\n{}", text(&output));
        assert!(text(&output).contains("01-harbour/mistakes.toml:"), "{}", text(&output));
    }
    // The linter finds what cannot be read, with a place and the nearest word.
    for (from, to, told) in [
        ("step = \"harbour.first.vpc\"", "step = \"harbour.first.vcp\"", "did you mean `harbour.first.vpc`"),
        ("check = \"vpc-range\"", "check = \"vpc-rang\"", "did you mean `vpc-range`"),
        ("resource = \"vpc my-harbour-vpc\"", "resource = \"vpc my-harbor-vpc\"", "did you mean `my-harbour-vpc`"),
        ("with = { cidr", "with = { cird", "did you mean `cidr`"),
        (
            "missing = \"vpc my-harbour-vpc\"",
            "missing = \"vpc my-harbour-vpc\"\nextra = { kind = \"vpc\" }",
            "exactly one way",
        ),
    ] {
        std::fs::write(&file, good.replace(from, to)).unwrap();
        let output = awslab(home.path(), &["--labs", "labs", "labs", "lint"]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains(told), "{told} is not in:\n{}", text(&output));
        assert!(text(&output).contains("mistakes.toml:"), "{}", text(&output));
    }
    // A chapter that is solved before anything was made, and a page that is cut off.
    std::fs::write(&file, &good).unwrap();
    let guide = home.path().join("labs/01-harbour/guide.en.md");
    let page = std::fs::read_to_string(&guide).unwrap();
    std::fs::write(
        &guide,
        page.replace("awslab run harbour.first.vpc", &format!("awslab run harbour.first.vpc # {}", "x".repeat(60))),
    )
    .unwrap();
    let output = awslab(home.path(), &["--labs", "labs", "labs", "test"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
}

/// docs/authoring.md is a worked example: this does what it says, in its order.
#[test]
fn the_worked_example_of_the_author_works() {
    let home = tempfile::tempdir().unwrap();
    let document = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/authoring.md")).unwrap();
    let (mut appended, mut ran) = (0, 0);
    let mut lines = document.lines();
    let mut file: Option<String> = None;
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("Append to `") {
            file = Some(rest.split('`').next().unwrap().to_owned());
        }
        let Some(fence) = line.strip_prefix("```") else { continue };
        let (fence, end) = match fence.strip_prefix('`') {
            Some(fence) => (fence, "````"),
            None => (fence, "```"),
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        match fence {
            "toml" | "markdown" => {
                let Some(file) = file.take() else { continue };
                let path = home.path().join(&file);
                let before = std::fs::read_to_string(&path).unwrap();
                std::fs::write(&path, format!("{before}\n{}\n", block.join("\n"))).unwrap();
                appended += 1;
            }
            "sh" => {
                for command in block.iter().filter_map(|line| line.strip_prefix("awslab ")) {
                    let words: Vec<&str> = command.split('#').next().unwrap().split_whitespace().collect();
                    green(home.path(), &words);
                    ran += 1;
                }
            }
            _ => {}
        }
    }
    assert!(appended >= 4 && ran >= 4, "{appended} pieces, {ran} commands");
}
