//! Printing and asking.

use std::io::{BufRead, IsTerminal, Write};

use serde_json::Value;

use crate::engine::Engine;
use crate::i18n::{Lang, Text};
use crate::lab::facts::Backend;
use crate::problem::{Problem, ProblemKind};

use super::Consent;

/// Prints a line. A reader that has gone away is no failure.
pub(super) fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.as_ref());
    let _ = out.flush();
}

/// Prints a JSON value on one line.
pub(super) fn json(value: &Value) {
    line(value.to_string());
}

/// Whether a person can be asked.
pub(super) fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Makes sure that a change is wanted, in the account that is meant. `false` when the learner says no.
pub(super) fn agreed(engine: &Engine, consent: &Consent, lang: Lang, question: &Text) -> Result<bool, Problem> {
    let facts = engine.facts();
    let practice = facts.scope.backend == Backend::Practice;
    if !practice && facts.caller.ends_with(":root") {
        return Err(Problem::new(
            ProblemKind::Denied,
            "루트 사용자로는 실행하지 않습니다",
            "awslab does not run as the root user",
        )
        .because(facts.caller.clone(), facts.caller.clone())
        .hint(
            "IAM 사용자나 IAM Identity Center의 자격 증명을 쓰세요. 필요한 권한은 awslab policy로 볼 수 있습니다",
            "Use an IAM user or IAM Identity Center; awslab policy shows the permissions that are needed",
        ));
    }
    if let Some(account) = &consent.account
        && *account != facts.scope.account
    {
        return Err(Problem::new(
            ProblemKind::Usage,
            format!("--account {account}이지만, 자격 증명은 {} 계정의 것입니다", facts.scope.account),
            format!("--account says {account}, but the credentials belong to {}", facts.scope.account),
        )
        .hint("프로필을 확인해 주세요", "Check the profile"));
    }
    if consent.yes {
        if !practice && consent.account.is_none() {
            return Err(Problem::new(
                ProblemKind::Usage,
                "--aws와 --yes를 함께 쓰려면 --account도 필요합니다",
                "--aws with --yes also needs --account",
            )
            .hint(
                format!("그 계정이 맞다면 --account {} 옵션을 더해 주세요", facts.scope.account),
                format!("Add --account {}, once you have made sure that this is the account", facts.scope.account),
            ));
        }
        return Ok(true);
    }
    confirmed(false, lang, question, practice)
}

/// Makes sure that something is wanted, wherever it happens. `false` when the learner says no.
pub(super) fn confirmed(yes: bool, lang: Lang, question: &Text, yes_by_default: bool) -> Result<bool, Problem> {
    if yes {
        return Ok(true);
    }
    if !is_terminal() {
        return Err(Problem::new(
            ProblemKind::Usage,
            "터미널이 아니므로 물을 수 없습니다",
            "There is no terminal to ask on",
        )
        .hint("묻지 않고 실행하려면 --yes를 더해 주세요", "Add --yes to run without being asked"));
    }
    ask(question.get(lang), yes_by_default)
}

fn ask(question: &str, yes_by_default: bool) -> Result<bool, Problem> {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "{question} {} ", if yes_by_default { "[Y/n]" } else { "[y/N]" });
    let _ = out.flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(match answer.trim().to_lowercase().as_str() {
        // The end of the input is no consent.
        "" => yes_by_default && answer.ends_with('\n'),
        "y" | "yes" | "예" | "네" => true,
        _ => false,
    })
}

/// Money: four places below a dollar.
pub(super) fn usd(amount: f64) -> String {
    if amount == 0.0 {
        "$0.00".to_owned()
    } else if amount < 1.0 {
        format!("${amount:.4}")
    } else {
        format!("${amount:.2}")
    }
}

/// A time of the cloud: `2026-11-22T21:46:13Z`.
pub(super) fn time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}
