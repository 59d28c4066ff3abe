//! `awslab tool naming`, `awslab tool naming rds`.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::naming::{Named, RESOURCES, Renaming};
use crate::problem::Problem;
use crate::view::text::pad;

use super::{Answer, pick, words};

#[derive(Debug, Clone, Args)]
pub(super) struct NamingArgs {
    /// Only resources with this in their kind or name: rds, 보안, my-vpc
    what: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn answer(args: &NamingArgs, lang: Lang) -> Result<Answer, Problem> {
    let wanted = args.what.as_deref().unwrap_or_default().to_lowercase();
    let fits =
        |one: &&Named| [one.kind.0, one.kind.1, one.example].iter().any(|text| text.to_lowercase().contains(&wanted));
    let found: Vec<&Named> = RESOURCES.iter().filter(fits).collect();
    if found.is_empty() {
        let kinds: Vec<&str> = RESOURCES.iter().map(|one| pick(lang, one.kind)).collect();
        return Err(words(args.what.as_deref().unwrap_or_default(), &kinds));
    }
    let mut lines = Vec::new();
    for renaming in Renaming::ALL {
        let of: Vec<&&Named> = found.iter().filter(|one| one.renaming == renaming).collect();
        if of.is_empty() {
            continue;
        }
        lines.push(pick(lang, renaming.words()).to_owned());
        for one in of {
            lines.push(format!("  {}  {}", pad(pick(lang, one.kind), 22), pick(lang, one.why)));
        }
    }
    let object = json!({
        "resources": found.iter().map(|one| json!({
            "kind": one.kind.1,
            "example": one.example,
            "renaming": one.renaming.name(),
            "why": { "ko": one.why.0, "en": one.why.1 },
        })).collect::<Vec<_>>(),
    });
    Ok(Answer { ok: true, lines, json: object })
}
