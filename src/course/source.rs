//! Where course files come from: embedded in the binary, or a directory given by `--labs`.
//!
//! Promises: every file that a course needs, by its path relative to `labs/`, as UTF-8 text; or a problem that
//! names the file. Leaves to others: what is in the files.

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

use crate::problem::{Problem, ProblemKind};

use super::model::Place;

/// A file, by its place in [`Library::files`].
pub(super) type FileId = usize;

/// A course file.
#[derive(Debug)]
pub(super) struct File {
    /// The path relative to `labs/`, with `/`.
    pub path: String,
    /// Its text.
    pub text: Cow<'static, str>,
    /// Where its lines start, in bytes; found when first asked for, because most files never are.
    lines: OnceLock<Vec<usize>>,
}

impl File {
    fn new(path: String, text: Cow<'static, str>) -> Self {
        Self { path, text, lines: OnceLock::new() }
    }

    /// The line and column of a byte.
    pub(super) fn place(&self, byte: usize) -> Place {
        let lines = self.lines.get_or_init(|| {
            let starts = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(starts).collect()
        });
        let line = lines.partition_point(|start| *start <= byte).max(1);
        let start = lines.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(start..byte).map_or(1, |before| before.chars().count() + 1);
        Place { file: self.path.clone(), line, column }
    }
}

/// A chapter's folder.
#[derive(Debug)]
pub(super) struct Folder {
    /// `03-vpc`.
    pub name: String,
    /// `chapter.toml`.
    pub chapter: FileId,
    /// `guide.ko.md` and `guide.en.md`.
    pub guides: [FileId; 2],
    /// `mistakes.toml`, when there is one.
    pub mistakes: Option<FileId>,
}

/// All files of a course.
#[derive(Debug)]
pub(super) struct Library {
    /// The files.
    pub files: Vec<File>,
    /// `course.toml`.
    pub course: FileId,
    /// `glossary.toml`.
    pub glossary: FileId,
    /// The chapters, by folder name.
    pub folders: Vec<Folder>,
}

/// The files of a chapter's folder.
const CHAPTER_FILES: [&str; 3] = ["chapter.toml", "guide.ko.md", "guide.en.md"];

/// The file that a chapter may have besides.
const MISTAKES: &str = "mistakes.toml";

macro_rules! embed {
    ($($folder:literal),* $(,)?) => {
        /// The course inside the binary: path and text.
        static EMBEDDED: &[(&str, &str)] = &[
            embed!(@ "course.toml"),
            embed!(@ "glossary.toml"),
            $(
                embed!(@ $folder, "/chapter.toml"),
                embed!(@ $folder, "/guide.ko.md"),
                embed!(@ $folder, "/guide.en.md"),
            )*
        ];
    };
    (@ $($part:literal),*) => {
        (concat!($($part),*), include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/labs/", $($part),*)))
    };
}

// One line a chapter. A test compares this list with the folders of `labs/`.
embed!["01-architecture", "02-network", "03-vpc", "04-service", "05-autoscaling", "06-asg-lab"];

macro_rules! embed_mistakes {
    ($($folder:literal),* $(,)?) => {
        /// The seeded mistakes inside the binary: path and text.
        static EMBEDDED_MISTAKES: &[(&str, &str)] = &[$(embed!(@ $folder, "/mistakes.toml")),*];
    };
}

// One line a chapter that has them; the same test compares.
embed_mistakes!["03-vpc", "04-service", "06-asg-lab"];

impl Library {
    /// The course inside the binary.
    pub(super) fn embedded() -> Self {
        let all = EMBEDDED.iter().chain(EMBEDDED_MISTAKES);
        let files = all.map(|(path, text)| File::new((*path).to_owned(), Cow::Borrowed(*text))).collect();
        Self::sort(files)
    }

    /// The course in a directory.
    pub(super) fn read(dir: &Path) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut files = Vec::new();
        let mut paths = vec!["course.toml".to_owned(), "glossary.toml".to_owned()];
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => return Err(vec![unreadable(&dir.display().to_string(), &error)]),
        };
        let mut folders: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| number_of(name).is_some())
            .collect();
        folders.sort_unstable();
        for folder in &folders {
            paths.extend(CHAPTER_FILES.iter().map(|file| format!("{folder}/{file}")));
            let mistakes = format!("{folder}/{MISTAKES}");
            if dir.join(&mistakes).exists() {
                paths.push(mistakes);
            }
        }
        for path in paths {
            match std::fs::read_to_string(dir.join(&path)) {
                Ok(text) => files.push(File::new(path, Cow::Owned(text))),
                Err(error) => problems.push(unreadable(&path, &error)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self::sort(files))
    }

    /// A course from texts, for tests. Files that are missing are empty.
    #[cfg(test)]
    pub(super) fn from_texts(texts: &[(&str, &str)]) -> Self {
        Self::sort(
            texts.iter().map(|(path, text)| File::new((*path).to_owned(), Cow::Owned((*text).to_owned()))).collect(),
        )
    }

    fn sort(mut files: Vec<File>) -> Self {
        let find = |files: &mut Vec<File>, path: &str| match files.iter().position(|file| file.path == path) {
            Some(at) => at,
            None => {
                files.push(File::new(path.to_owned(), Cow::Borrowed("")));
                files.len() - 1
            }
        };
        let course = find(&mut files, "course.toml");
        let glossary = find(&mut files, "glossary.toml");
        let mut names: Vec<String> =
            files.iter().filter_map(|file| file.path.split_once('/')).map(|(folder, _)| folder.to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        let folders = names
            .into_iter()
            .map(|name| {
                let [chapter, ko, en] = CHAPTER_FILES.map(|file| find(&mut files, &format!("{name}/{file}")));
                let mistakes = files.iter().position(|file| file.path == format!("{name}/{MISTAKES}"));
                Folder { name, chapter, guides: [ko, en], mistakes }
            })
            .collect();
        Self { files, course, glossary, folders }
    }
}

/// The chapter number of a folder's name: `03-vpc` is 3.
pub(super) fn number_of(folder: &str) -> Option<u32> {
    let (number, name) = folder.split_once('-')?;
    (number.len() == 2 && !name.is_empty()).then(|| number.parse().ok()).flatten()
}

fn unreadable(path: &str, error: &std::io::Error) -> Problem {
    let missing = error.kind() == std::io::ErrorKind::NotFound;
    let problem = if missing {
        Problem::new(ProblemKind::Course, format!("{path} 파일이 없습니다"), format!("{path} is not there"))
    } else {
        Problem::new(ProblemKind::Course, format!("{path} 파일을 읽을 수 없습니다"), format!("{path} cannot be read"))
            .because(error.to_string(), error.to_string())
    };
    problem
        .hint(
            "labs에는 course.toml, glossary.toml이 있고, 장 폴더(예: 03-vpc)마다 chapter.toml, guide.ko.md, guide.en.md가 있어야 합니다",
            "labs needs course.toml and glossary.toml, and each chapter folder (such as 03-vpc) needs chapter.toml, guide.ko.md and guide.en.md",
        )
        .from(path)
}
