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

fn nowhere(detail: &str) -> Problem {
    Problem::new(
        ProblemKind::Config,
        "상태를 저장할 폴더를 정할 수 없습니다",
        "There is no folder to keep awslab's state in",
    )
    .because(detail, detail)
    .hint("AWSLAB_HOME에 폴더를 지정해 주세요", "Set AWSLAB_HOME to a folder")
}
