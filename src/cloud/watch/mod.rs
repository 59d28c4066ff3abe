//! A refresh of the monitor: the requests of a [`Look`], at once, and what they say.
//!
//! Promises: exactly the requests that the look counts, each of one page; one that fails costs only its part
//! ([`Snapshot::problems`] says why), but for the group itself. Leaves to others: what to ask and when
//! (`lab::watch::look`, the screen), and what it means (`lab::watch`).

mod metrics;
mod read;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::course::model::Role;
use crate::lab::watch::snapshot::{CallMade, GroupLine, Samples, Trouble};
use crate::lab::watch::{Look, Snapshot};
use crate::problem::{Problem, ProblemKind};

use super::Clients;
use super::errors::{self, Asked};

/// The role of the region that is watched.
const ROLE: Role = Role::Home;
/// How many groups are listed at most.
const MOST_GROUPS: usize = 500;

/// What a request found, or why it failed.
type Answer<T> = Result<T, Box<Trouble>>;

/// A failed request.
fn trouble<E>(clients: &Clients, service: &str, operation: &str, error: &SdkError<E, HttpResponse>) -> Box<Trouble>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let asked = Asked { service, operation, region: clients.region(ROLE) };
    Box::new(Trouble { action: format!("{service}:{operation}"), problem: errors::problem(asked, error) })
}

/// The Auto Scaling groups of the home region, by name.
///
/// # Errors
/// When they cannot be listed.
pub async fn groups(clients: &Clients) -> Result<Vec<GroupLine>, Problem> {
    let mut lines = Vec::new();
    let mut token = None;
    loop {
        let page = clients
            .autoscaling(ROLE)
            .describe_auto_scaling_groups()
            .max_records(100)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| trouble(clients, "autoscaling", "DescribeAutoScalingGroups", &error).problem)?;
        lines.extend(page.auto_scaling_groups().iter().map(read::group_line));
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() || lines.len() >= MOST_GROUPS {
            break;
        }
    }
    lines.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(lines)
}

/// Sends the requests of a look. `now` is cloud time, milliseconds since the Unix epoch.
///
/// # Errors
/// When the group itself cannot be read.
pub async fn look(clients: &Clients, look: &Look, now: i64) -> Result<Snapshot, Problem> {
    let mut snapshot = Snapshot { at: now, ..Snapshot::default() };
    let statistics =
        futures_util::future::join_all(look.statistics.iter().map(|ask| metrics::statistics(clients, ask)));
    let (group, activities, policies, alarms, targets, balancers, hosts, turns, loads, statistics, data) = tokio::join!(
        read::group(clients, &look.group),
        read::activities(clients, &look.group),
        when(look.policies, read::policies(clients, &look.group)),
        when(!look.alarms.is_empty(), read::alarms(clients, &look.alarms)),
        maybe(look.targets.as_deref().map(|arn| read::targets(clients, arn))),
        when(!look.balancers.is_empty(), read::balancers(clients, &look.balancers)),
        when(!look.hosts.is_empty(), read::hosts(clients, &look.hosts)),
        when(look.turns, read::turns(clients, &look.alarms)),
        when(look.loads, read::loads(clients, &look.group, now)),
        statistics,
        when(!look.data.is_empty(), metrics::data(clients, &look.data)),
    );
    let mut sent = |operation: &str, metrics: usize| {
        snapshot
            .calls
            .push(CallMade { operation: operation.to_owned(), metrics: u32::try_from(metrics).unwrap_or(u32::MAX) });
    };
    for (asked, operation) in [
        (true, "DescribeAutoScalingGroups"),
        (true, "DescribeScalingActivities"),
        (policies.is_some(), "DescribePolicies"),
        (alarms.is_some(), "DescribeAlarms"),
        (targets.is_some(), "DescribeTargetHealth"),
        (balancers.is_some(), "DescribeTargetGroups"),
        (hosts.is_some(), "DescribeInstances"),
        (turns.is_some(), "DescribeAlarmHistory"),
        (loads.is_some(), "ListCommands"),
    ] {
        if asked {
            sent(operation, 0);
        }
    }
    (0..statistics.len()).for_each(|_| sent("GetMetricStatistics", 0));
    if data.is_some() {
        sent("GetMetricData", look.data.len());
    }

    let mut problems = Vec::new();
    snapshot.group = group.map_err(|trouble| trouble.problem)?;
    snapshot.missing = snapshot.group.is_none();
    // A group that is not there has no activities either; AWS says so as an error.
    if !snapshot.missing {
        snapshot.activities = take(Some(activities), &mut problems);
    }
    snapshot.policies = take(policies, &mut problems);
    snapshot.alarms = take(alarms, &mut problems);
    snapshot.targets.extend(take(targets, &mut problems));
    snapshot.balancers = take(balancers, &mut problems).unwrap_or_default();
    snapshot.hosts = take(hosts, &mut problems).unwrap_or_default();
    snapshot.turns = take(turns, &mut problems);
    snapshot.loads = take(loads, &mut problems);
    for answer in statistics {
        snapshot.samples.extend(take(Some(answer), &mut problems));
    }
    let data: Vec<Samples> = take(data, &mut problems).unwrap_or_default();
    snapshot.samples.extend(data);
    // A cloud without Run Command has no loads to tell of.
    problems.retain(|trouble| trouble.problem.kind != ProblemKind::NotSimulated || !trouble.action.starts_with("ssm:"));
    // The same permission may be missing for several requests.
    problems.dedup_by(|a, b| a.action == b.action);
    if snapshot.missing {
        problems.clear();
    }
    snapshot.problems = problems;
    Ok(snapshot)
}

async fn when<T>(asked: bool, answer: impl Future<Output = Answer<T>>) -> Option<Answer<T>> {
    if asked { Some(answer.await) } else { None }
}

async fn maybe<T>(answer: Option<impl Future<Output = Answer<T>>>) -> Option<Answer<T>> {
    match answer {
        Some(answer) => Some(answer.await),
        None => None,
    }
}

fn take<T>(answer: Option<Answer<T>>, problems: &mut Vec<Trouble>) -> Option<T> {
    match answer? {
        Ok(found) => Some(found),
        Err(trouble) => {
            problems.push(*trouble);
            None
        }
    }
}
