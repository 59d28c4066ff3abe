//! The loader and the linter never panic, whatever the files hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn survives(files: &[(&str, &str)]) {
    let library = Library::from_texts(files);
    let lint = lint_library(&library, &Contract);
    match load_library(&library, &Contract) {
        Ok(_) => {}
        Err(problems) => assert!(!problems.is_empty() && problems.len() <= lint.len()),
    }
}

/// A place in a text, moved back to a border of characters.
fn border(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(chapter in proptest::collection::vec(any::<u8>(), 0..400), guide in ".{0,300}") {
        let chapter = String::from_utf8_lossy(&chapter);
        survives(&[
            ("course.toml", "title = { ko = \"가\", en = \"a\" }"),
            ("glossary.toml", &guide),
            ("03-vpc/chapter.toml", &chapter),
            ("03-vpc/guide.ko.md", &guide),
            ("03-vpc/guide.en.md", &chapter),
        ]);
    }

    #[test]
    fn a_damaged_course_never_panics(file in 0usize..5, from in 0usize..40_000, length in 0usize..80, new in "[\\PC\n\"`={}\\[\\]#.]{0,20}") {
        let library = Library::embedded();
        let mut texts: Vec<(String, String)> =
            library.files.iter().map(|file| (file.path.clone(), file.text.to_string())).collect();
        let text = &mut texts[file].1;
        let from = border(text, from % (text.len() + 1));
        let to = border(text, from + length);
        text.replace_range(from..to.max(from), &new);
        survives(&texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
    }
}
