//! The learner's domain: asked for once, kept for each cloud and account.

use crate::problem::{Problem, ProblemKind};
use crate::store::Store;

/// What says that there is none.
pub(super) const NONE: &str = "none";

/// The learner's domain, and whether they were asked for it or need not be.
pub(super) struct Choice {
    pub(super) domain: Option<String>,
    pub(super) asked: bool,
}

fn setting(scope: &str) -> String {
    format!("domain/{scope}")
}

/// The learner's domain: what was said now (and is kept), else what was kept, else the one that is `registered` in a cloud
/// where everybody has one.
pub(super) fn choose(
    store: &Store,
    scope: &str,
    said: Option<&str>,
    registered: Option<&str>,
) -> Result<Choice, Problem> {
    if let Some(said) = said {
        keep(store, scope, said)?;
    }
    let kept = store.setting(&setting(scope))?;
    let asked = kept.is_some() || registered.is_some();
    let domain = match kept {
        Some(kept) if kept == NONE => None,
        Some(kept) => Some(kept),
        None => registered.map(str::to_owned),
    };
    Ok(Choice { domain, asked })
}

/// Keeps it.
pub(super) fn keep(store: &Store, scope: &str, said: &str) -> Result<(), Problem> {
    let name = said.trim().trim_end_matches('.').to_ascii_lowercase();
    if name != NONE && !is_domain(&name) {
        return Err(Problem::new(
            ProblemKind::Usage,
            format!("도메인 이름이 아닙니다: {said}"),
            format!("This is no domain name: {said}"),
        )
        .hint(
            "example.com처럼 적어 주세요. 도메인 없이 하려면 none이라고 적습니다",
            "Write it like example.com; write none to go on without a domain",
        ));
    }
    store.set_setting(&setting(scope), &name)
}

/// At least two labels of letters, digits and hyphens.
fn is_domain(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_two_labels_of_plain_letters() {
        for good in ["lab.example", "my-lab.co.kr", "xn--9n2bp8q.kr"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in ["", "lab", "http://lab.example", "lab..example", "-a.kr", "a b.kr", "lab.example/"] {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
