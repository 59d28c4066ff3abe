//! Where things are kept. Everything of awslab lives in one folder: `AWSLAB_HOME`, else the XDG state folder.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::problem::{Problem, ProblemKind};

/// `AWSLAB_HOME`, else `$XDG_STATE_HOME/awslab`.
pub fn home() -> Result<PathBuf, Problem> {
    if let Some(home) = std::env::var_os("AWSLAB_HOME").filter(|home| !home.is_empty()) {
        return std::path::absolute(PathBuf::from(home)).map_err(|error| nowhere(&error.to_string()));
    }
    let strategy = etcetera::choose_base_strategy().map_err(|error| nowhere(&error.to_string()))?;
    Ok(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("awslab"))
}

/// The log files' folder.
pub fn logs(home: &Path) -> PathBuf {
    home.join("log")
}

/// The learner's own keymap.
pub fn keymap(home: &Path) -> PathBuf {
    home.join("keymap.toml")
}

/// Opens a file of lines to append to it. A last line that was cut off, because the program was killed while it wrote, is
/// ended first, so that the next one is whole.
///
/// # Errors
/// When it cannot be opened, read or written.
pub fn append_lines(path: &Path) -> std::io::Result<std::fs::File> {
    use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
    let mut file = std::fs::File::options().create(true).read(true).append(true).open(path)?;
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

fn nowhere(detail: &str) -> Problem {
    Problem::new(
        ProblemKind::Config,
        "상태를 저장할 폴더를 정할 수 없습니다",
        "There is no folder to keep awslab's state in",
    )
    .because(detail, detail)
    .hint("AWSLAB_HOME에 폴더를 지정해 주세요", "Set AWSLAB_HOME to a folder")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_line_that_was_cut_off_is_ended_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        for (before, after) in [("", "new\n"), ("whole\n", "whole\nnew\n"), ("whole\ncu", "whole\ncu\nnew\n")] {
            std::fs::write(&path, before).unwrap();
            writeln!(append_lines(&path).unwrap(), "new").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
        }
    }
}
