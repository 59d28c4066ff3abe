//! `awslab password`: the password that awslab made up for a database, to whoever asks for it.

use crate::config::Config;
use crate::lab::access::password_file;
use crate::problem::{Problem, ProblemKind};

use super::{open, out};

/// Runs the command.
pub async fn run(config: &Config, database: &str) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let known = !database.is_empty() && database.chars().all(plain);
    let file = password_file(engine.keys(), database);
    match std::fs::read_to_string(&file) {
        Ok(password) if known => {
            out::line(password.trim_end());
            Ok(0)
        }
        Err(error) if known && error.kind() != std::io::ErrorKind::NotFound => Err(Problem::new(
            ProblemKind::Store,
            format!("암호 파일을 읽을 수 없습니다: {}", file.display()),
            format!("The password file cannot be read: {}", file.display()),
        )
        .because(error.to_string(), error.to_string())),
        _ => Err(Problem::new(
            ProblemKind::NotFound,
            format!("awslab이 만든 {database}의 암호가 없습니다"),
            format!("awslab has no password of {database}"),
        )
        .hint(
            "4.4가 데이터베이스를 만들 때 암호도 만듭니다. 지금 있는 데이터베이스는 awslab status에 나옵니다",
            "4.4 makes one with the database; awslab status lists the databases that stand",
        )),
    }
}
