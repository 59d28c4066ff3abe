//! `awslab labs new`: the skeleton of a chapter.
//!
//! Promises: what it writes lints clean and passes `labs test`; a file that is there already is never overwritten.

use std::path::{Path, PathBuf};

use crate::i18n::Lang;
use crate::problem::{Problem, ProblemKind};

use super::{out, unusable};

/// The skeleton; `NAME` is the chapter's id, `NUMBER` its number.
const CHAPTER: [(&str, &str); 4] = [
    ("chapter.toml", include_str!("../../../assets/chapter/chapter.toml")),
    ("guide.ko.md", include_str!("../../../assets/chapter/guide.ko.md")),
    ("guide.en.md", include_str!("../../../assets/chapter/guide.en.md")),
    ("mistakes.toml", include_str!("../../../assets/chapter/mistakes.toml")),
];

/// What a folder of chapters needs besides.
const COURSE: [(&str, &str); 2] = [
    ("course.toml", include_str!("../../../assets/chapter/course.toml")),
    ("glossary.toml", include_str!("../../../assets/chapter/glossary.toml")),
];

/// Where chapters are begun without `--labs`.
const HERE: &str = "labs";

/// Runs the command.
pub(super) fn run(name: &str, labs: Option<&Path>, lang: Lang) -> Result<u8, Problem> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) || name.len() > 20 {
        return Err(Problem::new(
            ProblemKind::Usage,
            format!("장의 이름으로 쓸 수 없습니다: {name}"),
            format!("A chapter cannot be called {name}"),
        )
        .hint(
            "영어 소문자로 시작해 소문자, 숫자, `-`로 20자까지 쓰세요. 예: harbour",
            "Begin with a letter of a-z; up to 20 of a-z, 0-9 and `-`, such as harbour",
        ));
    }
    let labs = labs.unwrap_or(Path::new(HERE));
    let (number, taken) = next_number(labs, name)?;
    if let Some(folder) = taken {
        return Err(Problem::new(
            ProblemKind::Usage,
            format!("{} 폴더가 이미 있습니다", folder.display()),
            format!("{} is there already", folder.display()),
        )
        .hint("다른 이름을 쓰세요", "Choose another name"));
    }
    let folder = labs.join(format!("{number:02}-{name}"));
    std::fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
    for (file, text) in COURSE {
        write_new(&labs.join(file), text)?;
    }
    for (file, text) in CHAPTER {
        let text = text.replace("NUMBER", &number.to_string()).replace("NAME", name);
        write_new(&folder.join(file), &text)?;
    }
    let (folder, labs) = (folder.display(), labs.display());
    let ko = format!(
        "{folder} 폴더를 만들었습니다.\n다음에는:\n  awslab --labs {labs} labs lint\n  awslab --labs {labs} labs test {name}\n  awslab --labs {labs}"
    );
    let en = format!(
        "Made {folder}.\nWhat comes next:\n  awslab --labs {labs} labs lint\n  awslab --labs {labs} labs test {name}\n  awslab --labs {labs}"
    );
    out::line(if lang == Lang::Ko { ko } else { en });
    Ok(0)
}

/// The number after the highest one, and the folder that has the name already.
fn next_number(labs: &Path, name: &str) -> Result<(u32, Option<PathBuf>), Problem> {
    let entries = match std::fs::read_dir(labs) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((1, None)),
        Err(error) => return Err(unusable(labs, &error)),
    };
    let (mut highest, mut taken) = (0, None);
    for entry in entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
        let folder = entry.file_name().to_string_lossy().into_owned();
        let Some((number, rest)) = folder.split_once('-') else { continue };
        let Ok(number) = number.parse::<u32>() else { continue };
        highest = highest.max(number);
        if rest == name {
            taken = Some(entry.path());
        }
    }
    Ok((highest + 1, taken))
}

fn write_new(path: &Path, text: &str) -> Result<(), Problem> {
    use std::io::Write as _;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    match file.and_then(|mut file| file.write_all(text.as_bytes())) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(unusable(path, &error)),
        Ok(()) => Ok(()),
    }
}
