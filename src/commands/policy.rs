//! `awslab policy`: the least IAM policy that some steps need, as JSON.

use crate::config::Config;
use crate::lab::policy;
use crate::problem::Problem;

use super::{open, out, target};

/// Runs the command.
pub async fn run(config: &Config, targets: &[String]) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let steps = target::steps(engine.course(), targets)?;
    let place = policy::Place {
        course: engine.course(),
        kinds: engine.kinds(),
        facts: engine.facts(),
        desired: engine.desired(),
    };
    let document = policy::policy(&place, &steps);
    out::line(serde_json::to_string_pretty(&document).map_err(|error| Problem::internal(error.to_string()))?);
    Ok(0)
}
